package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// quote is an IPv6 header and a UDP header.
var quote = octets(`
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000`)

// padded returns the quote, padded with zeros to n octets.
func padded(n int) []byte {
	return append(append(make([]byte, 0, n), quote...), make([]byte, n-len(quote))...)
}

// labels is an extension structure with an MPLS label stack of one entry.
var labels = octets(`2000 ddf4 0008 0101 00010101`)

var unreachableRows = []wiretest.Row[icmp6.DestUnreachable]{
	{
		Name:  "port unreachable",
		Value: icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: quote},
		Hex: `0104 7f70 00000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000`,
		Text: "1/4 Destination Unreachable: port unreachable, quotes 48 octets",
	},
	{
		Name:  "no quote, unused octets set, a code without a name",
		Value: icmp6.DestUnreachable{Code: 99, Unused: [3]byte{0xaa, 0xbb, 0xcc}, Quote: []byte{}},
		Hex:   `0163 e65c 00aabbcc`,
		Text:  "1/99 Destination Unreachable, quotes 0 octets",
	},
	{
		Name:  "extension behind a quote whose length is given",
		Value: icmp6.DestUnreachable{Code: icmp6.CodeNoRoute, Length: 17, Quote: padded(136), Ext: labels},
		Hex: `0100 6e10 11000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000
			0000000000000000000000000000000000000000000000000000000000000000
			0000000000000000000000000000000000000000000000000000000000000000
			000000000000000000000000000000000000000000000000 2000 ddf4 0008 0101 00010101`,
		Text: "1/0 Destination Unreachable: no route to destination, quotes 136 octets, extensions of 12 octets",
	},
	{
		Name:  "extension of a router older than RFC 4884",
		Value: icmp6.DestUnreachable{Code: icmp6.CodeProhibited, Legacy: true, Quote: padded(128), Ext: labels},
		Hex: `0101 7f17 00000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000
			0000000000000000000000000000000000000000000000000000000000000000
			0000000000000000000000000000000000000000000000000000000000000000
			00000000000000000000000000000000 2000 ddf4 0008 0101 00010101`,
		Text: "1/1 Destination Unreachable: communication with destination administratively prohibited, " +
			"quotes 128 octets, extensions of 12 octets",
	},
	{
		Name:  "length past the end",
		Value: icmp6.DestUnreachable{Code: icmp6.CodeAddrUnreachable, Length: 255, Quote: quote},
		Hex: `0103 8070 ff000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000`,
		Text: "1/3 Destination Unreachable: address unreachable, quotes 48 octets",
	},
}

func TestDestUnreachable(t *testing.T) {
	conform.Row(t, "W-19")
	conform.Row(t, "W-17")
	conform.Row(t, "W-18")
	rows(t, "icmp6.DestUnreachable", 8, icmp6.ParseDestUnreachable, icmp6.DecodeDestUnreachable, unreachableRows)
}

// A quote before an extension is padded to a whole unit of eight octets, at
// least 128, and the length attribute counts such units.
func TestDestUnreachablePadding(t *testing.T) {
	conform.Row(t, "W-17")
	for _, c := range []struct{ quote, padded int }{{0, 128}, {48, 128}, {128, 128}, {129, 136}, {136, 136}, {2033, 2040}, {2040, 2040}} {
		m := icmp6.DestUnreachable{Quote: make([]byte, c.quote), Ext: labels}
		accepted(t, m, 8+c.padded+len(labels))
		if got := built(t, m)[4]; int(got) != c.padded/8 {
			t.Errorf("quote of %d octets: length attribute %d, want %d", c.quote, got, c.padded/8)
		}
	}
	refused(t, icmp6.DestUnreachable{Quote: make([]byte, 2041), Ext: labels},
		wire.FieldError{Type: "icmp6.DestUnreachable", Field: "Quote", Value: 2041, Limit: 2040})
}

func TestDestUnreachableLimit(t *testing.T) {
	accepted(t, icmp6.DestUnreachable{Quote: make([]byte, 65527)}, 65535)
	accepted(t, icmp6.DestUnreachable{Ext: make([]byte, 65399)}, 65535)
	refused(t, icmp6.DestUnreachable{Ext: make([]byte, 65400)},
		wire.FieldError{Type: "icmp6.DestUnreachable", Field: "Ext", Value: 65400, Limit: 65399})
	refused(t, icmp6.DestUnreachable{Quote: make([]byte, 65528)},
		wire.FieldError{Type: "icmp6.DestUnreachable", Field: "Quote", Value: 65528, Limit: 65527})
}

// The shortest extension structure right behind 128 octets is found, and none
// without a length attribute in 128 or less.
func TestDestUnreachableLegacyBoundary(t *testing.T) {
	conform.Row(t, "W-18")
	header := octets(`2000 dfff`) // no objects
	b := built(t, icmp6.DestUnreachable{Quote: append(padded(128), header...)})
	m, err := icmp6.DecodeDestUnreachable(b)
	if err != nil || !m.Legacy || len(m.Quote) != 128 || len(m.Ext) != 4 {
		t.Errorf("%v, %v", m, err)
	}
	m, err = icmp6.DecodeDestUnreachable(b[:8+128])
	if err != nil || m.Legacy || len(m.Quote) != 128 || m.Ext != nil {
		t.Errorf("128 octets: %v, %v", m, err)
	}
}

func TestDestUnreachableAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	m := icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: quote, Ext: labels}
	b, buf := built(t, m), make([]byte, 0, 256)
	wiretest.NoAllocs(t, "parse", func() { _, _ = icmp6.ParseDestUnreachable(b, src, dst) })
	wiretest.NoAllocs(t, "append", func() { _, _ = m.Append(buf, src, dst) })
}
