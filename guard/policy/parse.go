package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// What a file may be at most.
const (
	maxSize   = 64 << 10 // octets
	maxDepth  = 16       // of brackets and lists
	maxErrors = 20
	maxList   = 256
	maxWhy    = 80 // octets
)

// Parse reads a policy. The file is its name in errors. The error is an
// [Errors].
func Parse(file string, text []byte) (*Policy, error) {
	r := &reader{file: file}
	p := &Policy{File: file}
	if root := r.parse(text); root != nil {
		r.policy(root, p)
	}
	if len(r.errs) > 0 {
		slices.SortStableFunc(r.errs, func(a, b *Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
		})
		return nil, r.errs
	}
	return p, nil
}

// reader turns a syntax tree into a policy.
type reader struct {
	file string
	errs Errors
}

func (r *reader) failAt(line, col int, format string, args ...any) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, &Error{File: r.file, Line: line, Col: col, What: fmt.Sprintf(format, args...)})
	}
}

func (r *reader) fail(n ast.Node, format string, args ...any) {
	line, col := place(n)
	r.failAt(line, col, format, args...)
}

// place is where a node begins.
func place(n ast.Node) (line, col int) {
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 && !m.IsFlowStyle {
			n = m.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = m.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 1, 1
}

// parse returns the root of the only document, nil when there is none to be had.
func (r *reader) parse(text []byte) ast.Node {
	if len(text) > maxSize {
		r.failAt(1, 1, "expected a file of %d KiB at most", maxSize>>10)
		return nil
	}
	if line, deep := deep(string(text)); deep {
		r.failAt(line, 1, "expected brackets and lists nested %d deep at most", maxDepth)
		return nil
	}
	f, err := parseYAML(text)
	if err != nil {
		line, col, what := 1, 1, err.Error()
		if e, ok := err.(yaml.Error); ok {
			what = e.GetMessage()
			if t := e.GetToken(); t != nil && t.Position != nil {
				line, col = t.Position.Line, t.Position.Column
			}
		}
		r.failAt(line, col, "expected YAML: %s", what)
		return nil
	}
	switch {
	case len(f.Docs) == 0 || f.Docs[0].Body == nil:
		r.failAt(1, 1, "expected a policy, found an empty file")
	case len(f.Docs) > 1:
		line, col := 1, 1
		if t := f.Docs[1].Start; t != nil && t.Position != nil {
			line, col = t.Position.Line, t.Position.Column
		}
		r.failAt(line, col, "expected one document")
	default:
		return f.Docs[0].Body
	}
	return nil
}

// parseYAML makes an error of a panic: the parser is others' code, and what it
// reads may be anything.
func parseYAML(text []byte) (f *ast.File, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("the parser gave up: %v", e)
		}
	}()
	return parser.ParseBytes(text, 0)
}

// deep finds the line where a text is nested deeper than any policy is.
func deep(text string) (int, bool) {
	depth, line := 0, 0
	for l := range strings.Lines(text) {
		line++
		begin := l[:len(l)-len(strings.TrimLeft(l, "-? \t"))]
		if strings.Count(begin, "-")+strings.Count(begin, "?") > maxDepth {
			return line, true
		}
		for i := range len(l) {
			switch l[i] {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > maxDepth {
				return line, true
			}
		}
	}
	return 0, false
}

// keys hands each key of a mapping to what reads it, each once.
func (r *reader) keys(n ast.Node, what string, known map[string]func(ast.Node)) bool {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.fail(n, "%s: expected keys with values", what)
		return false
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		key, ok := scalar(p.Key)
		read := known[key]
		switch {
		case !ok || read == nil:
			r.fail(p.Key, "%s: unknown key %q, expected one of %s", what, short(p.Key.GetToken().Value), names(known))
		case seen[key]:
			r.fail(p.Key, "%s: the key %s stands here twice", what, key)
		default:
			seen[key] = true
			read(p.Value)
		}
	}
	return true
}

func names(known map[string]func(ast.Node)) string {
	all := make([]string, 0, len(known))
	for k := range known {
		all = append(all, k)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// short is as much of s as a message shows.
func short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// scalar returns what a node says that is no list and no mapping.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
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
func glued(n *ast.MappingValueNode) (string, bool) {
	key, value := n.Key.GetToken(), n.Value.GetToken()
	if key == nil || value == nil {
		return "", false
	}
	kl, kc := place(n.Key)
	vl, vc := place(n.Value)
	if kl != vl || vc != kc+len(key.Value)+1 {
		return "", false
	}
	rest, ok := scalar(n.Value)
	return key.Value + ":" + rest, ok
}

// each hands the elements of a list to read; one may stand without brackets.
func (r *reader) each(n ast.Node, what string, read func(ast.Node)) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		if len(n.Values) > maxList {
			r.fail(n, "%s: expected %d elements at most", what, maxList)
			return
		}
		for _, e := range n.Values {
			read(e)
		}
	default:
		read(n)
	}
}

// one reads a scalar by read, which reports whether it is one.
func (r *reader) one(n ast.Node, what, want string, read func(string) bool) {
	s, ok := scalar(n)
	switch {
	case !ok:
		r.fail(n, "%s: expected %s", what, want)
	case !read(s):
		r.fail(n, "%s: expected %s, found %q", what, want, short(s))
	}
}
