package yamlfile_test

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"

	"github.com/sonde-net/sonde/internal/yamlfile"
)

// value returns what stands behind the only key of a text.
func value(t *testing.T, text string) ast.Node {
	t.Helper()
	pairs, ok := yamlfile.Pairs(parse(t, text))
	if !ok || len(pairs) != 1 {
		t.Fatalf("%q: %v, %t", text, pairs, ok)
	}
	return pairs[0].Value
}

// TestScalar: the text of a value, as it is written where it is no string.
func TestScalar(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{"a: word", "word", true},
		{"a: 'a \"word\"'", `a "word"`, true},
		{"a: |\n  two\n  lines\n", "two\nlines\n", true},
		{"a: 0x10", "0x10", true},
		{"a: 1.50", "1.50", true},
		{"a: true", "true", true},
		{"a: .inf", ".inf", true},
		{"a: .nan", ".nan", true},
		{"a: ~", "", false},
		{"a:", "", false},
		{"a: [b]", "", false},
		{"a: {b: c}", "", false},
		{"a:\n  b: c", "", false},
		{"a: &b c", "", false},
		{"a: !!str c", "", false},
	} {
		if got, ok := yamlfile.Scalar(value(t, tt.text)); got != tt.want || ok != tt.ok {
			t.Errorf("%q: %q, %t, want %q, %t", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

// TestGlued: an address of IPv6 within brackets is one word, wherever its colons
// stand, and a key with a value is none.
func TestGlued(t *testing.T) {
	for _, addr := range []string{"2001:db8::1", "2001:db8::1/64", "::1", "fe80::", "::"} {
		for _, text := range []string{"a: [" + addr + "]", "a: [" + addr + ", x]"} {
			s, ok := value(t, text).(*ast.SequenceNode)
			if !ok {
				t.Fatalf("%q", text)
			}
			if got, ok := yamlfile.Scalar(s.Values[0]); got != addr || !ok {
				t.Errorf("%q: %q, %t", text, got, ok)
			}
		}
		pairs, _ := yamlfile.Pairs(value(t, "a: {b: "+addr+"}"))
		if len(pairs) != 1 {
			t.Fatalf("%s: %d pairs", addr, len(pairs))
		}
		if got, ok := yamlfile.Scalar(pairs[0].Value); got != addr || !ok {
			t.Errorf("%s: %q, %t", addr, got, ok)
		}
	}
}

// TestAt: a mapping begins where its first key or its brace does.
func TestAt(t *testing.T) {
	for _, tt := range []struct {
		text      string
		line, col int
	}{
		{"a: word", 1, 4},
		{"a:\n  b: 1\n  c: 2", 2, 3},
		{"a:\n  b: 1", 2, 3},
		{"a: {b: 1, c: 2}", 1, 4},
		{"a: {}", 1, 4},
		{"é: [b]", 1, 4},
	} {
		if got := yamlfile.At(value(t, tt.text)); got != (yamlfile.Pos{Line: tt.line, Col: tt.col}) {
			t.Errorf("%q: %+v", tt.text, got)
		}
	}
}

// TestPairs: of a mapping, and of nothing else.
func TestPairs(t *testing.T) {
	for text, want := range map[string]int{"a: 1": 1, "a: 1\nb: 2": 2, "{a: 1, b: 2, c: 3}": 3, "{}": 0} {
		if p, ok := yamlfile.Pairs(parse(t, text)); !ok || len(p) != want {
			t.Errorf("%q: %d, %t", text, len(p), ok)
		}
	}
	for _, text := range []string{"[a]", "word", "~", "- a: 1"} {
		if p, ok := yamlfile.Pairs(parse(t, text)); ok || p != nil {
			t.Errorf("%q: %v", text, p)
		}
	}
}

// TestShort: forty characters, whatever their octets.
func TestShort(t *testing.T) {
	for n, want := range map[int]string{
		0: "", 40: strings.Repeat("é", 40), 41: strings.Repeat("é", 40) + "…", 1000: strings.Repeat("é", 40) + "…",
	} {
		if got := yamlfile.Short(strings.Repeat("é", n)); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
