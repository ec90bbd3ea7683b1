package ndp_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ndp"
)

func octets(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// appender is any kind of option.
type appender interface {
	AppendBinary([]byte) ([]byte, error)
	String() string
}

// first returns the option that b begins with.
func first(b []byte) (ndp.Option, error) {
	for o, err := range ndp.Options(b) {
		return o, err
	}
	return ndp.Option{}, &wire.ParseError{Type: "nothing", Reason: wire.Short}
}

// codec is what the table of one kind runs through.
func codec[T appender](parse func(ndp.Option) (T, error)) wiretest.Codec[T] {
	return wiretest.Codec[T]{
		Parse: func(b []byte) (T, error) {
			o, err := first(b)
			if err != nil {
				var none T
				return none, err
			}
			return parse(o)
		},
		Append: func(v T, b []byte) ([]byte, error) { return v.AppendBinary(b) },
		String: func(v T) string { return v.String() },
		Min:    8,
	}
}

// kind runs one kind's table, and what every kind has in common: the line of
// the option itself is that of its kind, another type is a mismatch, lengths
// that the kind does not have are refused where the length stands.
func kind[T appender](t *testing.T, name string, parse func(ndp.Option) (T, error), table []wiretest.Row[T], lengths ...int) {
	t.Helper()
	wiretest.Run(t, codec(parse), table)
	for _, r := range table {
		o, err := first(octets(r.Hex))
		if err != nil {
			t.Fatal(err)
		}
		if o.String() != r.Text {
			t.Errorf("%s: the option says %q", r.Name, o)
		}
		o.Offset = 100
		good := o
		o.Type = 200
		_, err = parse(o)
		fails(t, r.Name+", another type", err, wire.ParseError{Type: name, Offset: 100, Reason: wire.Mismatch})
		for n := range 16 {
			o := good
			o.Body = make([]byte, n*8+6)
			ok := false
			for _, l := range lengths {
				ok = ok || l == n+1 || l < 0 && n+1 >= -l
			}
			_, err := parse(o)
			var pe *wire.ParseError
			if !ok {
				fails(t, r.Name+", another length", err, wire.ParseError{Type: name, Offset: 101, Reason: wire.Length})
			} else if errors.As(err, &pe) && pe.Reason == wire.Length {
				t.Errorf("%s: length %d: %v", r.Name, n+1, err)
			}
		}
	}
}

// fails checks that err is want.
func fails(t *testing.T, what string, err error, want wire.ParseError) {
	t.Helper()
	var pe *wire.ParseError
	if !errors.As(err, &pe) || *pe != want {
		t.Errorf("%s: error %v, want %v", what, err, &want)
	}
}

// refused checks that v is not appended, because of the field that want names,
// and that the slice stays.
func refused(t *testing.T, v appender, want wire.FieldError) {
	t.Helper()
	b, err := v.AppendBinary([]byte{1, 2, 3})
	var fe *wire.FieldError
	if !errors.As(err, &fe) || *fe != want {
		t.Errorf("%v: error %v, want %v", v, err, &want)
	}
	if string(b) != "\x01\x02\x03" {
		t.Errorf("%v: refused, and the slice is now %x", v, b)
	}
}

// accepted checks that v is appended as n octets and read again as one option.
func accepted(t *testing.T, v appender, n int) {
	t.Helper()
	b, err := v.AppendBinary(nil)
	if err != nil || len(b) != n {
		t.Errorf("%T: %d octets, %v, want %d", v, len(b), err, n)
		return
	}
	if o, err := first(b); err != nil || o.Len() != n {
		t.Errorf("%T: read as %d octets, %v", v, o.Len(), err)
	}
}
