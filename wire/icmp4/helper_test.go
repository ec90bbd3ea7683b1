package icmp4_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// quote is what the errors of the tables quote: an IP header and the eight
// octets of a UDP header behind it.
var quote = []byte{
	0x45, 0x00, 0x00, 0x30, 0x12, 0x34, 0x40, 0x00, 0x01, 0x11, 0xa1, 0xb2, 0xc0, 0x00, 0x02, 0x01,
	0xc6, 0x33, 0x64, 0x02, 0x80, 0x00, 0x82, 0x9a, 0x00, 0x1c, 0xab, 0xcd,
}

// codec is what [wiretest.Run] tests of the family that parse reads; min is the
// length of its fixed part.
func codec[M icmp4.Message](parse func([]byte) (M, error), min int) wiretest.Codec[M] {
	return wiretest.Codec[M]{
		Parse:  parse,
		Append: func(m M, b []byte) ([]byte, error) { return m.AppendBinary(b) },
		String: M.String,
		Seal:   seal,
		Min:    min,
	}
}

// seal fills in the checksum of a message, if there is room for one.
func seal(b []byte) {
	if len(b) < 4 {
		return
	}
	b[2], b[3] = 0, 0
	var sum uint32
	for i, c := range b {
		if i%2 == 0 {
			sum += uint32(c) << 8
		} else {
			sum += uint32(c)
		}
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(b[2:], ^uint16(sum))
}

// sealed returns a message of that length and type, the rest 0xa5 with a true
// checksum.
func sealed(n int, t icmp4.Type) []byte {
	b := bytes.Repeat([]byte{0xa5}, n)
	b[0] = byte(t)
	seal(b)
	return b
}

// run runs the rows, and checks of each that Len and the general Parse agree
// with the family's own.
func run[M icmp4.Message](t *testing.T, parse func([]byte) (M, error), min int, rows []wiretest.Row[M]) {
	t.Helper()
	wiretest.Run(t, codec(parse, min), rows)
	for _, r := range rows {
		b := wiretest.Octets(t, r.Hex)
		m, err := icmp4.Parse(b)
		if err != nil {
			t.Errorf("%s: Parse: %v", r.Name, err)
			continue
		}
		if _, ok := m.(M); !ok {
			t.Errorf("%s: Parse returns a %T", r.Name, m)
		}
		if m.Len() != len(b) {
			t.Errorf("%s: Len %d, want %d", r.Name, m.Len(), len(b))
		}
		if k := (icmp4.Kind{Type: icmp4.Type(b[0]), Code: icmp4.Code(b[1])}); m.Kind() != k {
			t.Errorf("%s: Kind %v, want %v", r.Name, m.Kind(), k)
		}
	}
}

// parseError checks that err is a ParseError of just these fields.
func parseError(t *testing.T, what string, err error, typ string, offset int, reason wire.Reason) {
	t.Helper()
	var pe *wire.ParseError
	if !errors.As(err, &pe) {
		t.Errorf("%s: error %v, want a *wire.ParseError", what, err)
		return
	}
	if want := (wire.ParseError{Type: typ, Offset: offset, Reason: reason}); *pe != want {
		t.Errorf("%s: error %#v, want %#v", what, *pe, want)
	}
}

// refused checks that appending m fails on the field, with that limit or, where
// it is negative, with a want, and leaves the slice alone.
func refused(t *testing.T, m icmp4.Message, typ, field string, value, limit int) {
	t.Helper()
	b := []byte{1, 2, 3, 4}[:3]
	got, err := m.AppendBinary(b)
	var fe *wire.FieldError
	if !errors.As(err, &fe) {
		t.Errorf("%T: error %v, want a *wire.FieldError", m, err)
		return
	}
	if fe.Type != typ || fe.Field != field {
		t.Errorf("%s.%s at fault, want %s.%s", fe.Type, fe.Field, typ, field)
	}
	if limit < 0 {
		if fe.Want == "" {
			t.Errorf("%s.%s: error without a want: %v", typ, field, err)
		}
	} else if fe.Value != value || fe.Limit != limit || fe.Want != "" {
		t.Errorf("%s.%s: %d over %d (%q), want %d over %d", typ, field, fe.Value, fe.Limit, fe.Want, value, limit)
	}
	if !bytes.Equal(got, []byte{1, 2, 3}) || b[:4][3] != 4 {
		t.Errorf("%s.%s: refused, and the slice is now %v, %v", typ, field, got, b[:4])
	}
}

// limited checks the two sides of a variable part's limit: with fills it to n
// octets, and the longest message is to have [icmp4.MaxLen] of them.
func limited[M icmp4.Message](t *testing.T, typ, field string, limit int, with func(n int) M) {
	t.Helper()
	m := with(limit)
	b, err := m.AppendBinary(nil)
	if err != nil {
		t.Errorf("%s.%s of %d octets: %v", typ, field, limit, err)
	} else if len(b) != icmp4.MaxLen || m.Len() != icmp4.MaxLen {
		t.Errorf("%s.%s of %d octets: message of %d, Len %d; want %d", typ, field, limit, len(b), m.Len(), icmp4.MaxLen)
	} else if err := icmp4.Verify(b); err != nil {
		t.Errorf("%s.%s of %d octets: %v", typ, field, limit, err)
	}
	refused(t, with(limit+1), typ, field, limit+1, limit)
}
