package icmp4_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// seeds are the octets of every row of every table.
func seeds(tb testing.TB) [][]byte {
	var all [][]byte
	add := func(hex ...string) {
		for _, h := range hex {
			all = append(all, wiretest.Octets(tb, h))
		}
	}
	add(hexes(echoRows)...)
	add(hexes(unreachableRows)...)
	add(hexes(quenchRows)...)
	add(hexes(redirectRows)...)
	add(hexes(alternateRows)...)
	add(hexes(advertisementRows)...)
	add(hexes(solicitationRows)...)
	add(hexes(exceededRows)...)
	add(hexes(problemRows)...)
	add(hexes(timestampRows)...)
	add(hexes(infoRows)...)
	add(hexes(maskRows)...)
	add(hexes(tracerouteRows)...)
	add(hexes(conversionRows)...)
	add(hexes(mobileRows)...)
	add(hexes(domainRequestRows)...)
	add(hexes(domainReplyRows)...)
	add(hexes(photurisRows)...)
	add(hexes(probeRows)...)
	add(hexes(probeReplyRows)...)
	add(hexes(rawRows)...)
	return all
}

func hexes[M any](rows []wiretest.Row[M]) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Hex)
	}
	return all
}

// Every row, and every change of one octet of it, comes back as it was.
func TestRoundTrip(t *testing.T) {
	conform.Row(t, "W-20")
	conform.Row(t, "W-21")
	for _, s := range seeds(t) {
		roundTrip(t, s)
		for i := range s {
			for _, c := range []byte{0, 1, 2, 0x7f, 0x80, 0xff} {
				b := bytes.Clone(s)
				b[i] = c
				seal(b)
				roundTrip(t, b)
			}
		}
	}
}

func roundTrip(t *testing.T, b []byte) {
	t.Helper()
	m, err := icmp4.Parse(b)
	if err != nil {
		var pe *wire.ParseError
		if !errors.As(err, &pe) || pe.Offset < 0 || pe.Offset > len(b) || pe.Type == "" || pe.Reason == 0 {
			t.Fatalf("% x: error %#v", b, err)
		}
		return
	}
	got, err := m.AppendBinary(nil)
	if err != nil || !bytes.Equal(got, b) || m.Len() != len(b) {
		t.Fatalf("% x: parsed as %#v, appended as % x, %v; Len %d", b, m, got, err, m.Len())
	}
	if m.Kind() != (icmp4.Kind{Type: icmp4.Type(b[0]), Code: icmp4.Code(b[1])}) {
		t.Fatalf("% x: kind %v", b, m.Kind())
	}
	if s := m.String(); s == "" || bytes.ContainsAny([]byte(s), "\n\r\x1b") {
		t.Fatalf("% x: text %q", b, s)
	}
}

// FuzzParse mends the checksum of what it is given, so that the fuzzer reaches
// the bodies.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := bytes.Clone(b)
		seal(b)
		roundTrip(t, b)
		// A checksum that is left as it comes holds or is refused.
		if len(whole) >= 4 && !bytes.Equal(whole[2:4], b[2:4]) {
			if m, err := icmp4.Parse(whole); err == nil && (whole[2] != 0xff || whole[3] != 0xff) {
				t.Fatalf("% x: a bad checksum, and parsed as %#v", whole, m)
			}
		}
	})
}

func FuzzDecodeCut(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, len(s))
		f.Add(s[:len(s)/2], len(s))
	}
	f.Fuzz(func(t *testing.T, b []byte, wireLen int) {
		m, err := icmp4.Decode(b)
		cut, cutErr := icmp4.DecodeCut(b, wireLen)
		if (err == nil) != (cutErr == nil) || (err == nil) != (m != nil) || (cutErr == nil) != (cut != nil) {
			t.Fatalf("% x: %v, %v and cut %v, %v", b, m, err, cut, cutErr)
		}
		if err == nil {
			if m.String() != cut.String() {
				t.Fatalf("% x: %v and cut %v", b, m, cut)
			}
			return
		}
		var want, got *wire.ParseError
		if !errors.As(err, &want) || !errors.As(cutErr, &got) {
			t.Fatalf("% x: %v and cut %v", b, err, cutErr)
		}
		if want.Reason == wire.Short && len(b) < wireLen {
			want.Reason = wire.Truncated
		}
		if *want != *got {
			t.Fatalf("% x of %d: %v, want %v", b, wireLen, got, want)
		}
	})
}
