package topology

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// MaxSize is the longest file that is read, in octets.
const MaxSize = 256 << 10

// maxErrors is how many errors of a file are told.
const maxErrors = 20

// Pos is a place in a file; both count from 1, the column in characters.
type Pos struct{ Line, Col int }

// Error is one thing that is wrong in a file.
type Error struct {
	File string
	Pos
	What string // what was found there, and what was expected
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.What) }

// Errors is everything that is wrong in a file, in its order; 20 at most.
type Errors []*Error

// Error implements error: a line each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the errors one by one to [errors.As].
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, x := range e {
		out[i] = x
	}
	return out
}

func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return e
}

// readFull fills b as far as r goes.
func readFull(r io.Reader, b []byte) (int, error) {
	n, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n, err
}
