// Package wiretest runs one table of messages through everything that a codec
// promises: octets to value and back, the line for people, every proper prefix,
// a buffer full of leftovers, an append behind a prefix, no allocation.
package wiretest

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/wire"
)

// A Row is one message: the value, its octets, its line for people.
type Row[M any] struct {
	Name  string
	Value M
	Hex   string // spaces and line ends do not count
	Text  string // what String returns; empty: not compared
}

// A Codec is the pair of functions under test.
type Codec[M any] struct {
	Parse  func(b []byte) (M, error)
	Append func(m M, b []byte) ([]byte, error)
	String func(m M) string // nil: no text
	Seal   func(b []byte)   // mends the checksum of a prefix in place; nil: there is none
	Min    int              // octets below which every prefix must be refused
}

// Octets decodes a row's Hex.
func Octets(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		tb.Fatalf("table: %v", err)
	}
	return b
}

// Run runs every row as a subtest.
func Run[M any](t *testing.T, c Codec[M], rows []Row[M]) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.Name, func(t *testing.T) { c.Check(t, r) })
	}
}

// Check runs one row.
func (c Codec[M]) Check(t testing.TB, r Row[M]) {
	t.Helper()
	want := Octets(t, r.Hex)

	got, err := c.Parse(want)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	if !reflect.DeepEqual(got, r.Value) {
		t.Errorf("parse:\n got %#v\nwant %#v", got, r.Value)
	}
	if c.String != nil && r.Text != "" && c.String(got) != r.Text {
		t.Errorf("text:\n got %q\nwant %q", c.String(got), r.Text)
	}

	c.appends(t, "append", r.Value, nil, want)
	c.appends(t, "append parsed", got, nil, want)
	// A buffer that held something else, with room: every octet must be written.
	c.appends(t, "append to leftovers", r.Value, bytes.Repeat([]byte{0xa5}, len(want)+16)[:0], want)
	c.appends(t, "append behind a prefix", r.Value, append(make([]byte, 0, len(want)+3), 1, 2, 3), want)

	for n := range want {
		prefix := bytes.Clone(want[:n])
		if c.Seal != nil {
			c.Seal(prefix)
		}
		m, err := c.Parse(prefix)
		if err == nil {
			if n < c.Min {
				t.Errorf("prefix of %d octets: parsed as %#v", n, m)
			}
			c.appends(t, "append parsed prefix", m, nil, prefix)
			continue
		}
		var pe *wire.ParseError
		if !errors.As(err, &pe) {
			t.Fatalf("prefix of %d octets: error %T is not a *wire.ParseError", n, err)
		}
		if pe.Offset < 0 || pe.Offset > n {
			t.Errorf("prefix of %d octets: error at octet %d", n, pe.Offset)
		}
		if pe.Type == "" || pe.Reason == 0 {
			t.Errorf("prefix of %d octets: error without type or reason: %#v", n, pe)
		}
	}
}

func (c Codec[M]) appends(t testing.TB, what string, m M, b, want []byte) {
	t.Helper()
	before := bytes.Clone(b)
	got, err := c.Append(m, b)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if !bytes.HasPrefix(got, before) {
		t.Errorf("%s: the octets before have changed", what)
		return
	}
	if !bytes.Equal(got[len(before):], want) {
		t.Errorf("%s:\n got %x\nwant %x", what, got[len(before):], want)
	}
}

// Refused checks that appending m fails on the named field and leaves the slice
// as it was.
func Refused[M any](t testing.TB, c Codec[M], m M, field string) {
	t.Helper()
	b := append(make([]byte, 0, 4096), 1, 2, 3)
	got, err := c.Append(m, b)
	refused(t, "append", got, []byte{1, 2, 3}, err, field)
}

// WantParseError checks octet and reason of a parse error. What says which one.
func WantParseError(t testing.TB, what string, err error, offset int, reason wire.Reason) {
	t.Helper()
	var pe *wire.ParseError
	switch {
	case !errors.As(err, &pe):
		t.Errorf("%s: error %v, want a *wire.ParseError", what, err)
	case pe.Offset != offset || pe.Reason != reason || pe.Type == "":
		t.Errorf("%s: error %q, want octet %d: %v", what, pe, offset, reason)
	}
}

// WantFieldError checks that appending to the one octet 0x77 has failed on the named
// field, and left it as it was.
func WantFieldError(t testing.TB, what string, got []byte, err error, field string) {
	t.Helper()
	refused(t, what, got, []byte{0x77}, err, field)
}

func refused(t testing.TB, what string, got, before []byte, err error, field string) {
	t.Helper()
	var fe *wire.FieldError
	switch {
	case !errors.As(err, &fe):
		t.Errorf("%s: error %v, want a *wire.FieldError", what, err)
	case fe.Field != field:
		t.Errorf("%s: field %q at fault, want %q", what, fe.Field, field)
	case !bytes.Equal(got, before):
		t.Errorf("%s: refused, and the slice is now %x", what, got)
	}
}

// WantLimit checks value and limit of a field error.
func WantLimit(t testing.TB, what string, err error, value, limit int) {
	t.Helper()
	var fe *wire.FieldError
	if !errors.As(err, &fe) || fe.Value != value || fe.Limit != limit || fe.Want != "" {
		t.Errorf("%s: error %v, want %d over the limit of %d", what, err, value, limit)
	}
}

// NoAllocs checks that f allocates nothing.
func NoAllocs(t testing.TB, what string, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s: %v allocations, want none", what, n)
	}
}
