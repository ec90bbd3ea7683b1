package policy

import (
	"bytes"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sonde-net/sonde/internal/yamlfile"
)

// What a file may be at most.
const (
	maxSize  = 64 << 10 // octets
	maxDepth = 16       // of brackets and lists
	maxList  = 256
	maxWhy   = 80 // octets
)

// Parse reads a policy. The file is its name in errors. The error is an
// [Errors].
func Parse(file string, text []byte) (*Policy, error) {
	r := &reader{yamlfile.Reader{File: file, What: "a policy", MaxSize: maxSize, MaxDepth: maxDepth}}
	p := &Policy{File: file}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // of editors that put one first
	if root := r.Parse(text); root != nil {
		r.policy(root, p)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// reader turns a syntax tree into a policy.
type reader struct{ yamlfile.Reader }

func (r *reader) fail(n ast.Node, format string, args ...any) {
	r.Fail(yamlfile.At(n), format, args...)
}

// keys hands each key of a mapping to what reads it, each once.
func (r *reader) keys(n ast.Node, what string, known map[string]func(ast.Node)) bool {
	pairs, ok := yamlfile.Pairs(n)
	if r.dressed(n, what) {
		return false
	}
	if !ok {
		r.fail(n, "%s: expected keys with values", what)
		return false
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		key, ok := yamlfile.Scalar(p.Key)
		read := known[key]
		switch {
		case !ok || read == nil:
			r.fail(p.Key, "%s: unknown key %q, expected one of %s", what, yamlfile.Short(p.Key.GetToken().Value), names(known))
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

// dressed refuses what YAML has and a policy needs not.
func (r *reader) dressed(n ast.Node, what string) bool {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		r.fail(n, "%s: expected a plain value: anchors, aliases and tags are not read", what)
		return true
	}
	return false
}

// one reads a scalar by read, which reports whether it is one.
func (r *reader) one(n ast.Node, what, want string, read func(string) bool) {
	s, ok := yamlfile.Scalar(n)
	switch {
	case r.dressed(n, what):
	case !ok:
		r.fail(n, "%s: expected %s", what, want)
	case !read(s):
		r.fail(n, "%s: expected %s, found %q", what, want, yamlfile.Short(s))
	}
}
