package topology

import (
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sonde-net/sonde/internal/yamlfile"
)

// MaxSize is the longest file that is read, in octets.
const MaxSize = 256 << 10

// maxDepth is how deep brackets may be nested.
const maxDepth = 32

// What is wrong in a file.
type (
	// Pos is a place in a file, Line and Col; both count from 1, the column in
	// characters.
	Pos = yamlfile.Pos
	// Error is one thing that is wrong in a file: File, the place, as a [Pos], and
	// What was expected there.
	Error = yamlfile.Error
	// Errors is everything that is wrong in a file, each an *[Error], in its order;
	// 20 at most. Function errors.As finds it, and the first of them.
	Errors = yamlfile.Errors
)

// Load reads a file. The error is that of reading it, or that of [Parse].
func Load(path string) (*Topology, error) {
	text, err := yamlfile.Load(path, MaxSize)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// Parse reads a topology. The file is its name in errors. The error is an
// [Errors].
func Parse(file string, text []byte) (*Topology, error) {
	d := &decoder{
		Reader: yamlfile.Reader{File: file, What: "a topology", MaxSize: MaxSize, MaxDepth: maxDepth},
		at:     map[any]Pos{},
	}
	t := new(Topology)
	if body := d.Parse(text); body != nil {
		d.value(body, reflect.ValueOf(t).Elem(), &field{})
		if !d.Failed() {
			(&checker{decoder: d, t: t}).check()
		}
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return t, nil
}

// decoder turns a syntax tree into a value.
type decoder struct {
	yamlfile.Reader
	at map[any]Pos // where the value stands that a pointer points to
}

// fail notes an error at a node.
func (d *decoder) fail(n ast.Node, format string, args ...any) {
	d.Fail(yamlfile.At(n), format, args...)
}

// pairs returns the pairs of a mapping, none of null; ok is false when the node is
// neither.
func pairs(n ast.Node) (p []*ast.MappingValueNode, ok bool) {
	if _, null := n.(*ast.NullNode); null {
		return nil, true
	}
	return yamlfile.Pairs(n)
}

// value reads a node into v.
func (d *decoder) value(n ast.Node, v reflect.Value, f *field) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	d.at[v.Addr().Interface()] = yamlfile.At(n)
	s, isScalar := yamlfile.Scalar(n)
	want, known := scalar(s, v, f)
	switch {
	case !known && v.Kind() == reflect.Struct:
		d.structure(n, v, f)
	case !known && f.key != "":
		d.keyed(n, v, f)
	case !known && v.Kind() == reflect.Slice:
		d.list(n, v, f)
	case !isScalar:
		if want == "" {
			want = "text"
		}
		d.fail(n, "%s: expected %s", f.name, want)
	case want != "":
		d.fail(n, "%s: expected %s, found %q", f.name, want, yamlfile.Short(s))
	}
}

func (d *decoder) structure(n ast.Node, v reflect.Value, of *field) {
	kv, ok := pairs(n)
	if !ok {
		d.fail(n, "%s: expected keys with values", of.name)
		return
	}
	known := fields(v.Type())
	for _, p := range kv {
		key, ok := yamlfile.Scalar(p.Key)
		i := 0
		for i < len(known) && known[i].name != key {
			i++
		}
		if !ok || i == len(known) {
			names := make([]string, len(known))
			for j := range known {
				names[j] = known[j].name
			}
			d.fail(p.Key, "unknown key %q, expected one of %s", yamlfile.Short(p.Key.GetToken().Value), strings.Join(names, ", "))
			continue
		}
		d.value(p.Value, v.FieldByIndex(known[i].index), &known[i])
	}
}

// keyed reads a mapping into a list whose elements have their key as a field.
func (d *decoder) keyed(n ast.Node, v reflect.Value, f *field) {
	kv, ok := pairs(n)
	if !ok {
		d.fail(n, "%s: expected names with what they are", f.name)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(kv), len(kv)))
	for i, p := range kv {
		e := v.Index(i)
		d.value(p.Key, e.FieldByName(f.key), &field{name: f.name})
		d.value(p.Value, e, &field{name: yamlfile.Short(p.Key.GetToken().Value)})
		d.at[e.Addr().Interface()] = yamlfile.At(p.Key)
	}
}

// list reads a sequence. Of scalars one may stand without brackets.
func (d *decoder) list(n ast.Node, v reflect.Value, f *field) {
	nodes := []ast.Node{n}
	switch n := n.(type) {
	case *ast.SequenceNode:
		nodes = n.Values
	case *ast.NullNode:
		nodes = nil
	default:
		if _, ok := yamlfile.Scalar(n); !ok {
			d.fail(n, "%s: expected a list", f.name)
			return
		}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(nodes), len(nodes)))
	for i, e := range nodes {
		d.value(e, v.Index(i), f)
	}
}
