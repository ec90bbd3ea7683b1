package yamlfile

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Reader reads one file, and keeps what is wrong in it.
type Reader struct {
	File     string // its name in errors
	What     string // what it holds: "a topology"
	MaxSize  int    // octets
	MaxDepth int    // how deep brackets, and lists in one line, may be nested

	errs Errors
}

// Load returns the text of a file, of one that has more than most octets the first
// most+1: enough for [Reader.Parse] to refuse it. The error is of [os.Open], or of
// reading.
func Load(path string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(most)+1))
}

// Parse returns the root of the only document; nil when there is none to be had,
// and then it has failed.
func (r *Reader) Parse(text []byte) ast.Node {
	if len(text) > r.MaxSize {
		r.Fail(Pos{1, 1}, "expected a file of %d KiB at most", r.MaxSize>>10)
		return nil
	}
	if at, ok := r.shallow(string(text)); !ok {
		r.Fail(at, "expected brackets and lists nested %d deep at most", r.MaxDepth)
		return nil
	}
	f, err := parse(text)
	if err != nil {
		at, what := Pos{1, 1}, err.Error()
		if e, ok := err.(yaml.Error); ok {
			at, what = posOf(e.GetToken()), e.GetMessage()
		}
		r.Fail(at, "expected YAML: %s", what)
		return nil
	}
	switch {
	case len(f.Docs) == 0 || f.Docs[0].Body == nil:
		r.Fail(Pos{1, 1}, "expected %s, found an empty file", r.What)
	case len(f.Docs) > 1:
		r.Fail(posOf(f.Docs[1].Start), "expected one document")
	default:
		return f.Docs[0].Body
	}
	return nil
}

// parse makes an error of a panic: the parser is others' code, and what it reads
// may be anything.
func parse(text []byte) (f *ast.File, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("the parser gave up: %v", e)
		}
	}()
	return parser.ParseBytes(text, 0)
}

// shallow finds where a text is nested deeper than its kind is, which would take
// the parser long.
func (r *Reader) shallow(text string) (Pos, bool) {
	depth, line := 0, 0
	for l := range strings.Lines(text) {
		line++
		begin := l[:len(l)-len(strings.TrimLeft(l, "-? \t"))]
		if strings.Count(begin, "-")+strings.Count(begin, "?") > r.MaxDepth {
			return Pos{line, 1}, false
		}
		col := 0
		for _, c := range l {
			col++
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > r.MaxDepth {
				return Pos{line, col}, false
			}
		}
	}
	return Pos{}, true
}
