package icmp6_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// sample is one row of any family's table.
type sample struct {
	name   string
	value  icmp6.Message
	octets []byte
}

// samples are the rows of all tables.
func samples(tb testing.TB) []sample {
	var all []sample
	add(tb, &all, echoRows)
	add(tb, &all, unreachableRows)
	add(tb, &all, tooBigRows)
	add(tb, &all, exceededRows)
	add(tb, &all, paramProblemRows)
	add(tb, &all, extEchoRequestRows)
	add(tb, &all, extEchoReplyRows)
	add(tb, &all, mldRows)
	add(tb, &all, mldv2QueryRows)
	add(tb, &all, mldv2ReportRows)
	add(tb, &all, solicitationRows)
	add(tb, &all, advertisementRows)
	add(tb, &all, neighborSolicitationRows)
	add(tb, &all, neighborAdvertisementRows)
	add(tb, &all, redirectRows)
	add(tb, &all, rawRows)
	return all
}

func add[M icmp6.Message](tb testing.TB, all *[]sample, table []wiretest.Row[M]) {
	for _, r := range table {
		*all = append(*all, sample{fmt.Sprintf("%T: %s", r.Value, r.Name), r.Value, wiretest.Octets(tb, r.Hex)})
	}
}

// Parse and Decode find every message by its type.
func TestParse(t *testing.T) {
	conform.Row(t, "W-01")
	conform.Row(t, "W-19")
	conform.Row(t, "W-21")
	for _, s := range samples(t) {
		for what, parse := range map[string]func() (icmp6.Message, error){
			"Parse":     func() (icmp6.Message, error) { return icmp6.Parse(s.octets, src, dst) },
			"Decode":    func() (icmp6.Message, error) { return icmp6.Decode(s.octets) },
			"DecodeCut": func() (icmp6.Message, error) { return icmp6.DecodeCut(s.octets, len(s.octets)) },
		} {
			m, err := parse()
			if err != nil {
				t.Errorf("%s: %s: %v", s.name, what, err)
				continue
			}
			if !reflect.DeepEqual(m, s.value) {
				t.Errorf("%s: %s:\n got %#v\nwant %#v", s.name, what, m, s.value)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	conform.Row(t, "W-20")
	conform.Row(t, "W-22")
	for n := range 4 {
		_, err := icmp6.Parse(make([]byte, n), src, dst)
		fails(t, "Parse", err, wire.ParseError{Type: "icmp6.Message", Offset: n, Reason: wire.Short})
		m, err := icmp6.Decode(make([]byte, n))
		fails(t, "Decode", err, wire.ParseError{Type: "icmp6.Message", Offset: n, Reason: wire.Short})
		if m != nil {
			t.Errorf("Decode of %d octets: %v beside the error", n, m)
		}
	}
	b := built(t, icmp6.Echo{ID: 7})
	if err := icmp6.Verify(b, src, dst); err != nil {
		t.Error(err)
	}
	m, err := icmp6.Parse(b, src, src)
	fails(t, "another destination", err, wire.ParseError{Type: "icmp6.Message", Offset: 2, Reason: wire.Checksum})
	if m != nil {
		t.Errorf("%v beside the error", m)
	}
	_, err = icmp6.Parse(b, dst, dst)
	fails(t, "another source", err, wire.ParseError{Type: "icmp6.Message", Offset: 2, Reason: wire.Checksum})
	_, err = icmp6.Parse(append(b, 0), src, dst)
	fails(t, "padding behind, which the length in the pseudo-header shows", err,
		wire.ParseError{Type: "icmp6.Message", Offset: 2, Reason: wire.Checksum})
	m, err = icmp6.Decode(octets(`8100 0000 1234`))
	fails(t, "half an echo", err, wire.ParseError{Type: "icmp6.Echo", Offset: 6, Reason: wire.Short})
	if m != nil {
		t.Errorf("%v beside the error", m)
	}
}

// The checksum covers addresses, length and next header: it is that of another,
// plainer sum.
func TestChecksum(t *testing.T) {
	conform.Row(t, "W-02")
	conform.Row(t, "W-22")
	for _, s := range samples(t) {
		for _, c := range [][2]netip.Addr{
			{src, dst},
			{netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("ff02::1")},
			{netip.MustParseAddr("::ffff:192.0.2.1"), netip.IPv6Unspecified()},
		} {
			b, err := s.value.Append(nil, c[0], c[1])
			if err != nil {
				t.Fatal(err)
			}
			got := binary.BigEndian.Uint16(b[2:4])
			b[2], b[3] = 0, 0
			if want := sum(b, c[0], c[1]); got != want {
				t.Errorf("%s: checksum %04x, want %04x", s.name, got, want)
			}
		}
	}
}

// A checksum of 0xffff where a sender writes 0x0000 holds too, and is written
// again as it came, by every family.
func TestBothZeros(t *testing.T) {
	conform.Row(t, "W-21")
	for _, s := range samples(t) {
		b := bytes.Clone(s.octets)
		b[2], b[3] = 0, 0
		// A source address whose last word brings the checksum to zero.
		a := src.As16()
		a[14], a[15] = 0, 0
		binary.BigEndian.PutUint16(a[14:], sum(b, netip.AddrFrom16(a), dst))
		from := netip.AddrFrom16(a)
		for _, field := range []byte{0, 0xff} {
			b[2], b[3] = field, field
			m, err := icmp6.Parse(b, from, dst)
			if err != nil {
				t.Errorf("%s: checksum %02x%02x: %v", s.name, field, field, err)
				continue
			}
			got, err := m.Append(nil, from, dst)
			if err != nil || !bytes.Equal(got, b) {
				t.Errorf("%s: checksum %02x%02x: appended %x, %v", s.name, field, field, got[2:4], err)
			}
			// To another place the checksum is another, and no zero.
			got, err = m.Append(nil, src, dst)
			if err != nil || !bytes.Equal(got, s.octets) {
				t.Errorf("%s: to another place:\n got %x, %v\nwant %x", s.name, got, err, s.octets)
			}
		}
	}
}

// What a capture has cut is told from what its sender made too short.
func TestDecodeCut(t *testing.T) {
	conform.Row(t, "W-03")
	redirect := built(t, icmp6.Redirect{Target: target, Dst: dst, Options: sourceMAC})
	for _, c := range []struct {
		n, wireLen int
		reason     wire.Reason
	}{{39, 48, wire.Truncated}, {39, 40, wire.Truncated}, {39, 39, wire.Short}, {39, 0, wire.Short}} {
		m, err := icmp6.DecodeCut(redirect[:c.n], c.wireLen)
		fails(t, "redirect", err, wire.ParseError{Type: "icmp6.Redirect", Offset: 39, Reason: c.reason})
		if m != nil {
			t.Errorf("%v beside the error", m)
		}
	}
	m, err := icmp6.DecodeCut(redirect[:42], 48)
	if r, ok := m.(icmp6.Redirect); err != nil || !ok || !bytes.Equal(r.Options, sourceMAC[:2]) {
		t.Errorf("redirect with half an option: %v, %v", m, err)
	}
	_, err = icmp6.DecodeCut(redirect[:3], 48)
	fails(t, "no header", err, wire.ParseError{Type: "icmp6.Message", Offset: 3, Reason: wire.Truncated})
	report := built(t, icmp6.MLDv2Report{Records: twoRecords})
	_, err = icmp6.DecodeCut(report[:30], len(report))
	fails(t, "a counted list", err, wire.ParseError{Type: "icmp6.MLDv2Report", Offset: 30, Reason: wire.Truncated})

	// No sender is blamed for what a capture has cut.
	for _, s := range samples(t) {
		for n := range s.octets {
			if _, err := icmp6.DecodeCut(s.octets[:n], len(s.octets)); errors.Is(err, wire.Short) {
				t.Errorf("%s cut to %d octets: %v", s.name, n, err)
			}
		}
	}
}

// A query of 24 octets is of MLDv1, one of 28 or more of MLDv2, and anything
// between is neither (RFC 3810 §8.1).
func TestQueryVersions(t *testing.T) {
	conform.Row(t, "W-19")
	b := built(t, icmp6.MLDv2Query{Group: groupAddr, Trailing: []byte{1}})
	if m, err := icmp6.Decode(b[:24]); err != nil || reflect.TypeOf(m) != reflect.TypeFor[icmp6.MLD]() {
		t.Errorf("24 octets: %T, %v", m, err)
	}
	for n := 25; n < 28; n++ {
		_, err := icmp6.Decode(b[:n])
		fails(t, "between", err, wire.ParseError{Type: "icmp6.MLDv2Query", Offset: n, Reason: wire.Short})
	}
	for n := 28; n < 30; n++ {
		if m, err := icmp6.Decode(b[:n]); err != nil || reflect.TypeOf(m) != reflect.TypeFor[icmp6.MLDv2Query]() {
			t.Errorf("%d octets: %T, %v", n, m, err)
		}
	}
	if m, err := icmp6.DecodeMLD(b); err != nil || len(m.Trailing) != 5 {
		t.Errorf("as MLDv1: %v, %v", m, err)
	}
}

func TestIsError(t *testing.T) {
	conform.Row(t, "W-19")
	for i := range 256 {
		if got, want := icmp6.Type(i).IsError(), i <= 127; got != want {
			t.Errorf("type %d: %v", i, got)
		}
	}
}

func TestKindString(t *testing.T) {
	conform.Row(t, "W-19")
	for want, k := range map[string]icmp6.Kind{
		"1/4 Destination Unreachable: port unreachable": {Type: icmp6.TypeDestUnreachable, Code: icmp6.CodePortUnreachable},
		"128/0 Echo Request":                            {Type: icmp6.TypeEchoRequest},
		"250/251 Unassigned":                            {Type: 250, Code: 251},
	} {
		if got := k.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Parse allocates the message and nothing in proportion to it.
func TestParseAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	for _, s := range samples(t) {
		n := testing.AllocsPerRun(100, func() { _, _ = icmp6.Parse(s.octets, src, dst) })
		if n > 1 {
			t.Errorf("%s: %v allocations, want one", s.name, n)
		}
	}
}
