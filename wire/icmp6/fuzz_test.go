package icmp6_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// FuzzParse mends the checksum, so that the fuzzer reaches the body: what parses
// appends to the same octets, and what does not says why. Every family's own
// function is tried on the same octets.
func FuzzParse(f *testing.F) {
	conform.Row(f, "W-20")
	conform.Row(f, "W-21")
	for _, s := range samples(f) {
		f.Add(s.octets, false, uint8(len(s.octets)/2))
	}
	f.Fuzz(func(t *testing.T, b []byte, minus bool, cut uint8) {
		seal(b)
		if minus && len(b) >= 4 && b[2] == 0 && b[3] == 0 {
			b[2], b[3] = 0xff, 0xff
		}
		before := bytes.Clone(b)
		m, err := icmp6.Parse(b, src, dst)
		identity(t, b, m, err)
		for _, parse := range families {
			m, err := parse(b, src, dst)
			identity(t, b, m, err)
		}
		if !bytes.Equal(b, before) {
			t.Errorf("parsing has changed the octets")
		}
		if n := int(cut); n < len(b) {
			_, err := icmp6.DecodeCut(b[:n], len(b))
			if pe, _ := err.(*wire.ParseError); err != nil && (pe == nil || pe.Reason == wire.Short) {
				t.Errorf("cut to %d octets: %v", n, err)
			}
		}
	})
}

// identity checks what parsing b has returned.
func identity(t *testing.T, b []byte, m icmp6.Message, err error) {
	t.Helper()
	if err != nil {
		pe, ok := err.(*wire.ParseError)
		if !ok || pe.Offset < 0 || pe.Offset > len(b) || pe.Type == "" || pe.Reason == 0 {
			t.Errorf("error %#v", err)
		}
		return
	}
	got, err := m.Append(nil, src, dst)
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("%#v appends to\n%x, %v, was\n%x", m, got, err, b)
	}
	if m.Len() != len(b) {
		t.Errorf("Len is %d, want %d", m.Len(), len(b))
	}
	if m.String() == "" {
		t.Error("no text")
	}
}

// anyOf makes a family's Parse function one of any message.
func anyOf[M icmp6.Message](parse func([]byte, netip.Addr, netip.Addr) (M, error)) func([]byte, netip.Addr, netip.Addr) (icmp6.Message, error) {
	return func(b []byte, src, dst netip.Addr) (icmp6.Message, error) { return parse(b, src, dst) }
}

// families are the Parse functions of all families.
var families = []func([]byte, netip.Addr, netip.Addr) (icmp6.Message, error){
	anyOf(icmp6.ParseEcho), anyOf(icmp6.ParseDestUnreachable), anyOf(icmp6.ParsePacketTooBig),
	anyOf(icmp6.ParseTimeExceeded), anyOf(icmp6.ParseParameterProblem), anyOf(icmp6.ParseMLD),
	anyOf(icmp6.ParseMLDv2Query), anyOf(icmp6.ParseMLDv2Report), anyOf(icmp6.ParseRouterSolicitation),
	anyOf(icmp6.ParseRouterAdvertisement), anyOf(icmp6.ParseNeighborSolicitation),
	anyOf(icmp6.ParseNeighborAdvertisement), anyOf(icmp6.ParseRedirect), anyOf(icmp6.ParseExtendedEchoRequest),
	anyOf(icmp6.ParseExtendedEchoReply), anyOf(icmp6.ParseRaw),
}
