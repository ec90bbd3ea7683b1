package wiretest_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
)

// A note is the message of a small format: a one, a sum, a length, a text.
type note struct{ text string }

func parse(b []byte) (note, error) {
	switch {
	case len(b) < 3:
		return note{}, &wire.ParseError{Type: "note", Offset: len(b), Reason: wire.Short}
	case b[0] != 1:
		return note{}, &wire.ParseError{Type: "note", Reason: wire.Mismatch}
	case sum(b) != b[1]:
		return note{}, &wire.ParseError{Type: "note", Offset: 1, Reason: wire.Checksum}
	case int(b[2]) > len(b)-3:
		return note{}, &wire.ParseError{Type: "note", Offset: 2, Reason: wire.Length}
	}
	return note{string(b[3:])}, nil
}

func add(m note, b []byte) ([]byte, error) {
	if len(m.text) > 9 {
		return b, &wire.FieldError{Type: "note", Field: "text", Value: len(m.text), Limit: 9}
	}
	start := len(b)
	b = append(b, 1, 0, 2) // the least length that it claims
	b = append(b, m.text...)
	b[start+1] = sum(b[start:])
	return b, nil
}

func seal(b []byte) {
	if len(b) > 1 {
		b[1] = sum(b)
	}
}

// sum adds up all but the sum.
func sum(b []byte) (s byte) {
	for i, c := range b {
		if i != 1 {
			s += c
		}
	}
	return s
}

func codec() wiretest.Codec[note] {
	return wiretest.Codec[note]{Parse: parse, Append: add, String: func(m note) string { return m.text }, Seal: seal, Min: 5}
}

var row = wiretest.Row[note]{Name: "abc", Value: note{"abc"}, Hex: "01 29 02\n616263", Text: "abc"}

// A recorder is a test that notes what it is told.
type recorder struct {
	testing.TB
	said []string
}

type fatal struct{}

func (*recorder) Helper()                     {}
func (r *recorder) Errorf(f string, a ...any) { r.said = append(r.said, fmt.Sprintf(f, a...)) }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); panic(fatal{}) }

// record returns what f says about a test.
func record(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(fatal{}) {
				panic(p)
			}
		}()
		f(r)
	}()
	return strings.Join(r.said, "\n")
}

func TestCheck(t *testing.T) {
	wiretest.Run(t, codec(), []wiretest.Row[note]{row, {Name: "without text", Value: note{"ab"}, Hex: "01c6026162"}})
}

// Every promise that a codec breaks is noticed.
func TestCheckNotices(t *testing.T) {
	for _, c := range []struct {
		name, want string
		spoil      func(c *wiretest.Codec[note], r *wiretest.Row[note])
	}{
		{"table", "table:", func(_ *wiretest.Codec[note], r *wiretest.Row[note]) { r.Hex = "0" }},
		{"parse", "parse: note: octet 1: checksum", func(_ *wiretest.Codec[note], r *wiretest.Row[note]) { r.Hex = "01 28 02 616263" }},
		{"value", "parse:\n", func(_ *wiretest.Codec[note], r *wiretest.Row[note]) { r.Value.text = "abd" }},
		{"text", "text:", func(_ *wiretest.Codec[note], r *wiretest.Row[note]) { r.Text = "abd" }},
		{"append", "append:\n", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
			c.Append = func(m note, b []byte) ([]byte, error) { return add(note{m.text + "d"}, b) }
		}},
		{"append fails", "append parsed: no", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
			c.Append = func(_ note, b []byte) ([]byte, error) { return b, errors.New("no") }
		}},
		{"parsed is not what was parsed", "append parsed:\n", func(c *wiretest.Codec[note], r *wiretest.Row[note]) {
			c.Parse = func(b []byte) (note, error) { m, err := parse(b); m.text += "d"; return m, err }
		}},
		{"leftovers", "append to leftovers:\n", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
			c.Append = func(m note, b []byte) ([]byte, error) {
				n := len(b)
				b, err := add(m, b)
				if cap(b) > len(b) && b[:len(b)+1][len(b)] == 0xa5 {
					b[n] = 0xa5
				}
				return b, err
			}
		}},
		{"prefix lost", "append behind a prefix: the octets before have changed", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
			c.Append = func(m note, b []byte) ([]byte, error) { return add(m, b[:0]) }
		}},
		{"too short a prefix", "prefix of 5 octets: parsed as", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) { c.Min = 6 }},
		{"prefix comes back otherwise", "append parsed prefix:\n", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
			c.Append = func(m note, b []byte) ([]byte, error) {
				if m.text == "ab" {
					m.text = "ba!"
				}
				return add(m, b)
			}
		}},
		{"another error", "prefix of 0 octets: error *errors.errorString", func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
			c.Parse = func(b []byte) (note, error) {
				m, err := parse(b)
				if err != nil {
					err = errors.New("no")
				}
				return m, err
			}
		}},
		{"an octet behind the end", "prefix of 2 octets: error at octet 3", spoilError(func(e *wire.ParseError) { e.Offset++ })},
		{"an octet before the beginning", "prefix of 0 octets: error at octet -1", spoilError(func(e *wire.ParseError) { e.Offset-- })},
		{"no type", "prefix of 0 octets: error without type or reason", spoilError(func(e *wire.ParseError) { e.Type = "" })},
		{"no reason", "prefix of 0 octets: error without type or reason", spoilError(func(e *wire.ParseError) { e.Reason = 0 })},
	} {
		spoilt, r := codec(), row
		c.spoil(&spoilt, &r)
		said := record(t, func(tb testing.TB) { spoilt.Check(tb, r) })
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: said %q, want %q", c.name, said, c.want)
		}
	}
	if said := record(t, func(tb testing.TB) { codec().Check(tb, row) }); said != "" {
		t.Errorf("nothing wrong: %s", said)
	}
}

func spoilError(spoil func(*wire.ParseError)) func(*wiretest.Codec[note], *wiretest.Row[note]) {
	return func(c *wiretest.Codec[note], _ *wiretest.Row[note]) {
		c.Parse = func(b []byte) (note, error) {
			m, err := parse(b)
			if pe, ok := err.(*wire.ParseError); ok {
				spoil(pe)
			}
			return m, err
		}
	}
}

func TestRefused(t *testing.T) {
	long := note{"far too long"}
	wiretest.Refused(t, codec(), long, "text")
	changing := codec()
	changing.Append = func(m note, b []byte) ([]byte, error) { _, err := add(m, b); return append(b, 0), err }
	for _, c := range []struct {
		want, field string
		codec       wiretest.Codec[note]
		m           note
	}{
		{"error <nil>", "text", codec(), note{"short"}},
		{`field "text" at fault, want "title"`, "title", codec(), long},
		{"the slice is now 01020300", "text", changing, long},
	} {
		if said := record(t, func(tb testing.TB) { wiretest.Refused(tb, c.codec, c.m, c.field) }); !strings.Contains(said, c.want) {
			t.Errorf("said %q, want %q", said, c.want)
		}
	}
}

// TestWant: each says what is wrong, and nothing where nothing is.
func TestWant(t *testing.T) {
	was := []byte{0x77}
	short := &wire.ParseError{Type: "note", Offset: 3, Reason: wire.Short}
	field := &wire.FieldError{Type: "note", Field: "text", Value: 12, Limit: 5}
	parse := func(err error) func(testing.TB) {
		return func(tb testing.TB) { wiretest.WantParseError(tb, "x", err, 3, wire.Short) }
	}
	fails := func(got []byte, err error) func(testing.TB) {
		return func(tb testing.TB) { wiretest.WantFieldError(tb, "x", got, err, "text") }
	}
	limit := func(err error) func(testing.TB) {
		return func(tb testing.TB) { wiretest.WantLimit(tb, "x", err, 12, 5) }
	}
	for _, c := range []struct {
		want  string
		check func(testing.TB)
	}{
		{"", parse(short)},
		{"", parse(fmt.Errorf("y: %w", short))},
		{"x: error <nil>, want a *wire.ParseError", parse(nil)},
		{"want octet 3: ", parse(&wire.ParseError{Type: "note", Offset: 4, Reason: wire.Short})},
		{"want octet 3: ", parse(&wire.ParseError{Type: "note", Offset: 3, Reason: wire.Truncated})},
		{"want octet 3: ", parse(&wire.ParseError{Offset: 3, Reason: wire.Short})},
		{"", fails(was, field)},
		{"x: error <nil>, want a *wire.FieldError", fails(was, nil)},
		{`x: field "title" at fault, want "text"`, fails(was, &wire.FieldError{Type: "note", Field: "title"})},
		{"x: refused, and the slice is now 7700", fails([]byte{0x77, 0}, field)},
		{"", limit(field)},
		{"x: error <nil>, want 12 over the limit of 5", limit(nil)},
		{"want 12 over the limit of 5", limit(&wire.FieldError{Field: "text", Value: 11, Limit: 5})},
		{"want 12 over the limit of 5", limit(&wire.FieldError{Field: "text", Value: 12, Limit: 6})},
		{"want 12 over the limit of 5", limit(&wire.FieldError{Field: "text", Value: 12, Limit: 5, Want: "a word"})},
	} {
		if said := record(t, c.check); (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("said %q, want %q", said, c.want)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	var kept []byte
	wiretest.NoAllocs(t, "nothing", func() { kept = slices.Grow(kept, 0) })
	said := record(t, func(tb testing.TB) {
		wiretest.NoAllocs(tb, "something", func() { kept = bytes.Clone([]byte("abc")) })
	})
	if said != "something: 1 allocations, want none" || len(kept) != 3 {
		t.Errorf("said %q", said)
	}
}
