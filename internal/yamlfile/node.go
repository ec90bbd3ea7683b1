package yamlfile

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// At is where a node begins.
func At(n ast.Node) Pos {
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

func posOf(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{1, 1}
	}
	return Pos{t.Position.Line, t.Position.Column}
}

// Pairs returns the pairs of a mapping; ok is false when the node is none.
func Pairs(n ast.Node) (p []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// Scalar returns what a node says that is no list, no mapping and not null; ok is
// false when it is one of these.
func Scalar(n ast.Node) (s string, ok bool) {
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
	rest, ok := Scalar(n.Value)
	return k.Value + ":" + rest, ok
}

// Short is as much of s as a message shows: 40 characters, and … where there are
// more.
func Short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
