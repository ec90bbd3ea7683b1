package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxErrors is how many errors of a file are told.
const MaxErrors = 20

// Pos is a place in a file; both count from 1, the column in characters.
type Pos struct{ Line, Col int }

// Error is one thing that is wrong in a file.
type Error struct {
	File string
	Pos
	What string // what was expected there, and what was found
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.What) }

// Errors is everything that is wrong in a file, in its order; [MaxErrors] at most.
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

// Fail notes that something is wrong at a place. Of more than [MaxErrors] the
// first are kept, in the order in which they were noted.
func (r *Reader) Fail(at Pos, format string, args ...any) {
	if len(r.errs) < MaxErrors {
		r.errs = append(r.errs, &Error{File: r.File, Pos: at, What: fmt.Sprintf(format, args...)})
	}
}

// Failed reports whether something was wrong so far.
func (r *Reader) Failed() bool { return len(r.errs) > 0 }

// Err returns what was wrong as [Errors], nil when nothing was.
func (r *Reader) Err() error {
	if !r.Failed() {
		return nil
	}
	slices.SortStableFunc(r.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return r.errs
}
