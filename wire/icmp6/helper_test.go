package icmp6_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// The packets of the tables go from src to dst.
var (
	src  = netip.MustParseAddr("2001:db8::a")
	dst  = netip.MustParseAddr("2001:db8::b")
	ipv4 = netip.MustParseAddr("192.0.2.1")
)

// octets returns the octets that hex stands for.
func octets(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// sum is the checksum of RFC 4443 §2.3, as slow and plain as the RFC says it.
func sum(b []byte, src, dst netip.Addr) uint16 {
	s, d := src.As16(), dst.As16()
	p := bytes.Join([][]byte{s[:], d[:], binary.BigEndian.AppendUint32(nil, uint32(len(b))), {0, 0, 0, 58}, b, make([]byte, len(b)%2)}, nil)
	var n uint32
	for i := 0; i < len(p); i += 2 {
		n += uint32(binary.BigEndian.Uint16(p[i:]))
		n = n>>16 + n&0xffff
	}
	return ^uint16(n)
}

// seal mends the checksum of b in place.
func seal(b []byte) {
	if len(b) < 4 {
		return
	}
	b[2], b[3] = 0, 0
	binary.BigEndian.PutUint16(b[2:], sum(b, src, dst))
}

// codec is what the tables of one family run through.
func codec[M icmp6.Message](parse func([]byte, netip.Addr, netip.Addr) (M, error), least int) wiretest.Codec[M] {
	return wiretest.Codec[M]{
		Parse:  func(b []byte) (M, error) { return parse(b, src, dst) },
		Append: func(m M, b []byte) ([]byte, error) { return m.Append(b, src, dst) },
		String: func(m M) string { return m.String() },
		Seal:   seal,
		Min:    least,
	}
}

// rows runs one family's table: through its own functions, through Parse and
// Decode, and through what Message asks of it. mark is the name in its errors,
// least the octets that it needs.
func rows[M icmp6.Message](t *testing.T, mark string, least int,
	parse func([]byte, netip.Addr, netip.Addr) (M, error), decode func([]byte) (M, error), table []wiretest.Row[M],
) {
	t.Helper()
	wiretest.Run(t, codec(parse, least), table)
	for _, r := range table {
		b := wiretest.Octets(t, r.Hex)
		if got := r.Value.Len(); got != len(b) {
			t.Errorf("%s: Len is %d, want %d", r.Name, got, len(b))
		}
		if k := r.Value.Kind(); k != (icmp6.Kind{Type: icmp6.Type(b[0]), Code: icmp6.Code(b[1])}) {
			t.Errorf("%s: Kind is %v", r.Name, k)
		}
		for _, c := range []struct {
			src, dst netip.Addr
			field    string
		}{{ipv4, dst, "src"}, {src, ipv4, "dst"}, {netip.Addr{}, dst, "src"}, {src, netip.Addr{}, "dst"}, {ipv4, ipv4, "src"}} {
			before := []byte{1, 2, 3}
			got, err := r.Value.Append(before, c.src, c.dst)
			refusal(t, r.Name, err, wire.FieldError{Type: mark, Field: c.field, Want: "an IPv6 address"})
			if !bytes.Equal(got, before) {
				t.Errorf("%s: refused, and the slice is now %x", r.Name, got)
			}
			_, err = parse(b, c.src, c.dst)
			refusal(t, r.Name, err, wire.FieldError{Type: "icmp6.Message", Field: c.field, Want: "an IPv6 address"})
		}

		b[3] ^= 1
		_, err := parse(b, src, dst)
		fails(t, r.Name+", checksum broken", err, wire.ParseError{Type: "icmp6.Message", Offset: 2, Reason: wire.Checksum})
		if m, err := decode(b); err != nil || m.Len() != len(b) {
			t.Errorf("%s, checksum broken: decoded as %v, %v", r.Name, m, err)
		}
		b[0] ^= 0x40
		_, err = decode(b)
		if mark != "icmp6.Raw" {
			fails(t, r.Name+", another type", err, wire.ParseError{Type: mark, Offset: 0, Reason: wire.Mismatch})
		}
		b[0] ^= 0x40
		long := append(b, make([]byte, 65536-len(b))...)
		_, err = decode(long)
		fails(t, r.Name+", too long", err, wire.ParseError{Type: mark, Offset: 65535, Reason: wire.Length})
		if m, err := decode(long[:65535]); err != nil || m.Len() != 65535 {
			t.Errorf("%s: 65535 octets: %v", r.Name, err)
		}
		for n := range least {
			_, err := decode(b[:n])
			fails(t, r.Name+", cut", err, wire.ParseError{Type: mark, Offset: n, Reason: wire.Short})
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

// refusal checks that err is want.
func refusal(t *testing.T, what string, err error, want wire.FieldError) {
	t.Helper()
	var fe *wire.FieldError
	if !errors.As(err, &fe) || *fe != want {
		t.Errorf("%s: error %v, want %v", what, err, &want)
	}
}

// refused checks that m is not appended, because of the field that want names,
// and that the slice stays.
func refused(t *testing.T, m icmp6.Message, want wire.FieldError) {
	t.Helper()
	b, err := m.Append([]byte{1, 2, 3}, src, dst)
	refusal(t, m.Kind().String(), err, want)
	if !bytes.Equal(b, []byte{1, 2, 3}) {
		t.Errorf("%v: refused, and the slice is now %x", m.Kind(), b)
	}
}

// accepted checks that m, of the longest length that there is, is appended.
func accepted(t *testing.T, m icmp6.Message, n int) {
	t.Helper()
	b, err := m.Append(nil, src, dst)
	if err != nil || len(b) != n || m.Len() != n {
		t.Errorf("%v: %d octets appended, Len %d, error %v, want %d", m.Kind(), len(b), m.Len(), err, n)
	}
	if err := icmp6.Verify(b, src, dst); err != nil {
		t.Errorf("%v: %v", m.Kind(), err)
	}
}

// built returns the octets of m.
func built(tb testing.TB, m icmp6.Message) []byte {
	tb.Helper()
	b, err := m.Append(nil, src, dst)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
