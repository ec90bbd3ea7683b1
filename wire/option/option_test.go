package option_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

var (
	gw1 = netip.MustParseAddr("10.0.0.1")
	gw2 = netip.MustParseAddr("10.0.0.2")
	gw3 = netip.MustParseAddr("10.0.0.3")
	src = netip.MustParseAddr("192.0.2.1")
	v6  = netip.MustParseAddr("2001:db8::1")
)

// only returns the option that fills b, as the walk over a header yields it.
func only(t *testing.T, b []byte) ip.Option4 {
	t.Helper()
	for o, err := range ip.Options4(b) {
		if err != nil || o.Len() != len(b) {
			t.Fatalf("%x is no option: %v", b, err)
		}
		return o
	}
	return ip.Option4{}
}

// first is only for a prefix that may not be an option.
func first(b []byte) (ip.Option4, error) {
	for o, err := range ip.Options4(b) {
		return o, err
	}
	return ip.Option4{}, &wire.ParseError{Type: "ip.Option4", Reason: wire.Short}
}

// codec reads an option by parse from its octets.
func codec[M any](parse func(ip.Option4) (M, error), add func(M, []byte) ([]byte, error)) wiretest.Codec[M] {
	return wiretest.Codec[M]{
		Parse: func(b []byte) (m M, err error) {
			o, err := first(b)
			if err != nil {
				// Offsets of the walk count from the beginning of the header.
				pe := *err.(*wire.ParseError)
				pe.Offset = max(0, pe.Offset-ip.MinHeaderLen4)
				return m, &pe
			}
			return parse(o)
		},
		Append: add,
		Min:    3,
	}
}

func TestAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	raw := wiretest.Octets(t, "07 0b 04 00000000 00000000 44 08 05 00 00000000 83 07 08 0a000001 01 01")
	work := bytes.Clone(raw)
	buf := make([]byte, 0, 64)
	wiretest.NoAllocs(t, "check", func() { _ = option.Check(raw) })
	wiretest.NoAllocs(t, "fill in", func() {
		copy(work, raw)
		for o, err := range ip.Options4(work) {
			if err != nil {
				t.Fatal(err)
			}
			switch o.Type {
			case ip.OptRecordRoute:
				_, _, _ = option.Record(o, gw1)
			case ip.OptTimestamp:
				_, _ = option.AddStamp(o, gw1, nil, 1)
			case ip.OptLSRR:
				r, _ := option.ParseRoute(o)
				_, _, _ = option.AppendReturnRoute(buf, r, src)
			}
		}
	})
	wiretest.NoAllocs(t, "build", func() {
		b, _ := option.AppendRecordRoute(buf, 3)
		b, _ = option.AppendSourceRoute(b[:0], ip.OptSSRR, gw1, gw2)
		b, _ = option.AppendTimestamps(b[:0], option.StampsPrespecified, 0, gw1, gw2)
		_ = option.AppendRouterAlert(b, 0)
	})
}

// Whatever the octets, what parses comes back as it was, and filling in stays
// inside the option.
func FuzzOption(f *testing.F) {
	f.Add([]byte("\x07\x0b\x04\x00\x00\x00\x00\x00\x00\x00\x00\x44\x08\x05\x00\x00\x00\x00\x00\x83\x07\x08\x0a\x00\x00\x01\x94\x04\x00\x00"))
	f.Add([]byte("\x44\x0c\x05\xf1\x00\x00\x00\x00\x00\x00\x00\x00\x44\x0c\x05\x03\x0a\x00\x00\x01\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > ip.MaxOptionsLen {
			b = b[:ip.MaxOptionsLen]
		}
		if err := option.Check(b); err != nil {
			pe, _ := err.(*wire.ParseError)
			if pe == nil || pe.Offset < 20 || pe.Offset >= 20+len(b) {
				t.Fatalf("check: %v", err)
			}
		}
		for o, err := range ip.Options4(b) {
			if err != nil {
				return
			}
			at, n := o.Offset-20, o.Len()
			if r, err := option.ParseRoute(o); err == nil {
				got, err := r.AppendBinary(nil)
				if err != nil || !bytes.Equal(got, b[at:at+n]) {
					t.Fatalf("route: %x, %v; want %x", got, err, b[at:at+n])
				}
				for i, a := range r.Addrs() {
					if r.Slot(i) != a {
						t.Fatal("slots")
					}
				}
				if _, _, err := option.AppendReturnRoute(nil, r, src); err != nil && r.Type != ip.OptRecordRoute {
					t.Fatalf("return route: %v", err)
				}
			}
			if s, err := option.ParseTimestamps(o); err == nil {
				got, err := s.AppendBinary(nil)
				if err != nil || !bytes.Equal(got, b[at:at+n]) {
					t.Fatalf("timestamps: %x, %v; want %x", got, err, b[at:at+n])
				}
				for range s.Entries() {
					n++
				}
			}
			before, n := bytes.Clone(b), o.Len()
			_, _, _ = option.Record(o, gw1)
			_, _ = option.AddStamp(o, gw1, nil, 7)
			head := min(at+2, len(b)) // the end of the list has no length octet
			if !bytes.Equal(b[:head], before[:head]) || !bytes.Equal(b[at+n:], before[at+n:]) {
				t.Fatalf("%x was %x", b, before)
			}
			copy(b, before)
		}
	})
}

func BenchmarkFillIn(b *testing.B) {
	raw, _ := option.AppendRecordRoute(nil, 9)
	work := bytes.Clone(raw)
	b.Run("option=recordroute/slots=9", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			copy(work, raw)
			for o := range ip.Options4(work) {
				if _, _, err := option.Record(o, gw1); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
