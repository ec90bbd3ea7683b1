package topology

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Parse reads a topology. The file is its name in errors. The error is an
// [Errors].
func Parse(file string, text []byte) (*Topology, error) {
	d := &decoder{file: file, at: map[any]Pos{}}
	t := new(Topology)
	if body := d.parse(text); body != nil {
		d.value(body, reflect.ValueOf(t).Elem(), &field{})
		if len(d.errs) == 0 {
			(&checker{decoder: d, t: t}).check()
		}
	}
	if len(d.errs) > 0 {
		return nil, d.errs.sorted()
	}
	return t, nil
}

// maxDepth is how deep brackets may be nested.
const maxDepth = 32

// decoder turns a syntax tree into a value.
type decoder struct {
	file string
	errs Errors
	at   map[any]Pos // where the value stands that a pointer points to
}

// fail notes an error at a place.
func (d *decoder) fail(p Pos, format string, args ...any) {
	if len(d.errs) < maxErrors {
		d.errs = append(d.errs, &Error{File: d.file, Pos: p, What: fmt.Sprintf(format, args...)})
	}
}

// parse returns the root of the only document, nil when there is none to be
// had.
func (d *decoder) parse(text []byte) ast.Node {
	if p, ok := plain(text); !ok {
		d.fail(p, "expected a file of %d KiB at most, brackets and lists nested %d deep at most", MaxSize>>10, maxDepth)
		return nil
	}
	f, err := parseYAML(text)
	if err != nil {
		p, what := Pos{1, 1}, err.Error()
		if e, ok := err.(yaml.Error); ok {
			what = e.GetMessage()
			if t := e.GetToken(); t != nil {
				p = posOf(t)
			}
		}
		d.fail(p, "expected YAML: %s", what)
		return nil
	}
	switch {
	case len(f.Docs) == 0 || f.Docs[0].Body == nil:
		d.fail(Pos{1, 1}, "expected a topology, found an empty file")
	case len(f.Docs) > 1:
		d.fail(posOf(f.Docs[1].Start), "expected one document")
	default:
		return f.Docs[0].Body
	}
	return nil
}

// parseYAML makes an error of a panic: the parser is others' code, and what it
// reads may be anything.
func parseYAML(text []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser gave up: %v", r)
		}
	}()
	return parser.ParseBytes(text, 0)
}

// plain finds where a text is nested deeper than any topology is, which would
// take the parser long.
func plain(text []byte) (Pos, bool) {
	if len(text) > MaxSize {
		return Pos{1, 1}, false
	}
	depth, line := 0, 0
	for l := range strings.Lines(string(text)) {
		line++
		if n := len(l) - len(strings.TrimLeft(l, "-? \t")); strings.Count(l[:n], "-")+strings.Count(l[:n], "?") > maxDepth {
			return Pos{line, 1}, false
		}
		for i := range len(l) {
			switch l[i] {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > maxDepth {
				return Pos{line, i + 1}, false
			}
		}
	}
	return Pos{}, true
}

func posOf(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{1, 1}
	}
	return Pos{t.Position.Line, t.Position.Column}
}

// pos is where a node begins.
func pos(n ast.Node) Pos {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return posOf(n.Values[0].Key.GetToken())
		}
	case *ast.MappingValueNode:
		return posOf(n.Key.GetToken())
	}
	return posOf(n.GetToken())
}

// pairs returns the pairs of a mapping; ok is false when the node is none.
func pairs(n ast.Node) (p []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	case *ast.NullNode:
		return nil, true
	}
	return nil, false
}

// text returns what a scalar says; ok is false when the node is none.
func text(n ast.Node) (s string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.MappingNode:
		if len(n.Values) == 1 && !n.IsFlowStyle {
			return glued(n.Values[0])
		}
	case *ast.MappingValueNode:
		return glued(n)
	}
	return "", false
}

// glued puts together what the parser takes for a key with a value though no
// space follows the colon: an IPv6 address in brackets within braces.
func glued(n *ast.MappingValueNode) (s string, ok bool) {
	k, v := n.Key.GetToken(), n.Value.GetToken()
	if k == nil || v == nil || posOf(v) != (Pos{posOf(k).Line, posOf(k).Col + len(k.Value) + 1}) {
		return "", false
	}
	rest, ok := text(n.Value)
	return k.Value + ":" + rest, ok
}

// value reads a node into v.
func (d *decoder) value(n ast.Node, v reflect.Value, f *field) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	d.at[v.Addr().Interface()] = pos(n)
	s, isScalar := text(n)
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
		d.fail(pos(n), "%s: expected %s", f.name, want)
	case want != "":
		d.fail(pos(n), "%s: expected %s, found %q", f.name, want, short(s))
	}
}

// short is as much of s as a message shows.
func short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (d *decoder) structure(n ast.Node, v reflect.Value, of *field) {
	kv, ok := pairs(n)
	if !ok {
		d.fail(pos(n), "%s: expected keys with values", of.name)
		return
	}
	known := fields(v.Type())
	for _, p := range kv {
		key, ok := text(p.Key)
		i := 0
		for i < len(known) && known[i].name != key {
			i++
		}
		if !ok || i == len(known) {
			names := make([]string, len(known))
			for j := range known {
				names[j] = known[j].name
			}
			d.fail(pos(p.Key), "unknown key %q, expected one of %s", short(p.Key.GetToken().Value), strings.Join(names, ", "))
			continue
		}
		d.value(p.Value, v.FieldByIndex(known[i].index), &known[i])
	}
}

// keyed reads a mapping into a list whose elements have their key as a field.
func (d *decoder) keyed(n ast.Node, v reflect.Value, f *field) {
	kv, ok := pairs(n)
	if !ok {
		d.fail(pos(n), "%s: expected names with what they are", f.name)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(kv), len(kv)))
	for i, p := range kv {
		e := v.Index(i)
		d.value(p.Key, e.FieldByName(f.key), &field{name: f.name})
		d.value(p.Value, e, &field{name: short(p.Key.GetToken().Value)})
		d.at[e.Addr().Interface()] = pos(p.Key)
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
		if _, ok := text(n); !ok {
			d.fail(pos(n), "%s: expected a list", f.name)
			return
		}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(nodes), len(nodes)))
	for i, e := range nodes {
		d.value(e, v.Index(i), f)
	}
}
