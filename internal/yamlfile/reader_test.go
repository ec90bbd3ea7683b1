package yamlfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"

	"github.com/sonde-net/sonde/internal/yamlfile"
)

// newReader reads a menu of 1 KiB at most, three deep.
func newReader() *yamlfile.Reader {
	return &yamlfile.Reader{File: "m", What: "a menu", MaxSize: 1 << 10, MaxDepth: 3}
}

// parse returns the root of what has to be right.
func parse(t *testing.T, text string) ast.Node {
	t.Helper()
	r := newReader()
	n := r.Parse([]byte(text))
	if n == nil || r.Failed() || r.Err() != nil {
		t.Fatalf("%.40q: %v", text, r.Err())
	}
	return n
}

// TestRefused: what is no document of this size and depth, and where that shows.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "m:1:1: expected a menu, found an empty file"},
		{"# nothing\n", "m:1:1: expected a menu, found an empty file"},
		{"a: 1\n---\nb: 2\n", "m:2:1: expected one document"},
		{"a: 1\na: 2\n", "m:2:1: expected YAML: mapping key \"a\" already defined at [1:1]"},
		{strings.Repeat("#", 1<<10+1), "m:1:1: expected a file of 1 KiB at most"},
		{"a:\n  [[[[", "m:2:6: expected brackets and lists nested 3 deep at most"},
		{"é: [{[{", "m:1:7: expected brackets and lists nested 3 deep at most"},
		{"a: [{\n[{", "m:2:2: expected brackets and lists nested 3 deep at most"},
		{"\n- - - - a", "m:2:1: expected brackets and lists nested 3 deep at most"},
		{"? ? - - a", "m:1:1: expected brackets and lists nested 3 deep at most"},
	} {
		r := newReader()
		n := r.Parse([]byte(tt.text))
		if err := r.Err(); n != nil || !r.Failed() || err == nil || err.Error() != tt.want {
			t.Errorf("%.20q: %v, %v\nwant %s", tt.text, n, r.Err(), tt.want)
		}
	}
}

// TestAllowed: what is just within the limits is read.
func TestAllowed(t *testing.T) {
	for _, text := range []string{
		"#" + strings.Repeat("x", 1<<10-len("#\na: 1")) + "\na: 1",
		"a: [[[1]]]", "- - - 1", "? - - 1", "a: [[[1]], [[2]], ]", "]]]a: 1", "- -\n    - -x- -x- -x",
	} {
		r := newReader()
		if r.Parse([]byte(text)); r.Failed() && !strings.Contains(r.Err().Error(), "expected YAML") {
			t.Errorf("%.20q: %v", text, r.Err())
		}
	}
	if n := parse(t, "a: [[[1]]]"); n.Type() != ast.MappingType {
		t.Errorf("%v", n.Type())
	}
}

// TestErrors: in the order of the file, each to be had by itself, twenty at most.
func TestErrors(t *testing.T) {
	r := newReader()
	if r.Failed() || r.Err() != nil {
		t.Error(r.Err())
	}
	r.Fail(yamlfile.Pos{Line: 2, Col: 1}, "third")
	r.Fail(yamlfile.Pos{Line: 1, Col: 9}, "second")
	r.Fail(yamlfile.Pos{Line: 1, Col: 3}, "first of %d", 4)
	r.Fail(yamlfile.Pos{Line: 2, Col: 1}, "fourth")
	const want = "m:1:3: first of 4\nm:1:9: second\nm:2:1: third\nm:2:1: fourth"
	var all yamlfile.Errors
	if err := r.Err(); err.Error() != want || !errors.As(err, &all) || len(all.Unwrap()) != 4 {
		t.Errorf("%v", err)
	}
	var one *yamlfile.Error
	if !errors.As(r.Err(), &one) || *one != (yamlfile.Error{File: "m", Pos: yamlfile.Pos{Line: 1, Col: 3}, What: "first of 4"}) {
		t.Errorf("%+v", one)
	}
	for range yamlfile.MaxErrors {
		r.Fail(yamlfile.Pos{Line: 1, Col: 1}, "one more")
	}
	if errors.As(r.Err(), &all); len(all) != yamlfile.MaxErrors || all[yamlfile.MaxErrors-1].What != "fourth" {
		t.Errorf("%d: %v", len(all), all)
	}
}

// TestLoad: of a file that is too long no more is read than shows that it is.
func TestLoad(t *testing.T) {
	name := filepath.Join(t.TempDir(), "m.yaml")
	if _, err := yamlfile.Load(name, 10); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := yamlfile.Load(filepath.Dir(name), 10); err == nil {
		t.Error("a directory is a file")
	}
	for size, want := range map[int64]int{0: 0, 9: 9, 10: 10, 11: 11, 1 << 20: 11} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
		if b, err := yamlfile.Load(name, 10); err != nil || len(b) != want {
			t.Errorf("%d: %d octets, %v", size, len(b), err)
		}
	}
}

// FuzzParse: whatever a file says, it has a root or an error with a place.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"a: 1", "a: {b: ::1}", "a: *b\n? - x\n: |\n  y\n", "- &x 1\n- !!int 2", "a: .inf\nb: .nan\nc: ~"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := newReader()
		n := r.Parse(text)
		if (n == nil) != r.Failed() {
			t.Fatalf("%v, %v", n, r.Err())
		}
		var all yamlfile.Errors
		errors.As(r.Err(), &all)
		for _, e := range all {
			if e.Line < 1 || e.Col < 1 || e.What == "" || e.File != "m" {
				t.Errorf("%+v", e)
			}
		}
		visit(n)
	})
}

// visit asks every node below n what can be asked of it.
func visit(n ast.Node) {
	if n == nil {
		return
	}
	yamlfile.At(n)
	yamlfile.Scalar(n)
	pairs, _ := yamlfile.Pairs(n)
	for _, p := range pairs {
		visit(p.Key)
		visit(p.Value)
	}
	if s, ok := n.(*ast.SequenceNode); ok {
		for _, e := range s.Values {
			visit(e)
		}
	}
}
