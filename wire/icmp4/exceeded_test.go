package icmp4_test

import (
	"bytes"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// padded returns the quote padded with zeros to n octets.
func padded(n int) []byte { return append(bytes.Clone(quote), make([]byte, n-len(quote))...) }

// mpls is an extension structure with one MPLS label stack of one entry: label
// 16001, bottom of stack, TTL 1.
var mpls = []byte{0x20, 0x00, 0xca, 0x0d, 0x00, 0x08, 0x01, 0x01, 0x03, 0xe8, 0x11, 0x01}

var exceededRows = []wiretest.Row[icmp4.TimeExceeded]{
	{
		Name:  "in transit",
		Value: icmp4.TimeExceeded{Quote: quote},
		Hex:   "0b00 201b 00000000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "11/0 Time Exceeded: Time to Live exceeded in Transit, quotes 28 octets",
	},
	{
		Name:  "reassembly",
		Value: icmp4.TimeExceeded{Code: icmp4.CodeReassembly, Quote: []byte{}},
		Hex:   "0b01 f4fe 00000000",
		Text:  "11/1 Time Exceeded: Fragment Reassembly Time Exceeded, quotes 0 octets",
	},
	{
		Name:  "unused octets in use, length past the end, code that nobody knows",
		Value: icmp4.TimeExceeded{Code: 2, Unused: 0x11, Length: 0xff, Unused2: 0x2233, Quote: []byte{1, 2, 3}},
		Hex:   "0b02 bcc9 11ff2233 010203",
		Text:  "11/2 Time Exceeded, quotes 3 octets",
	},
	{
		Name:  "MPLS label stack",
		Value: icmp4.TimeExceeded{Quote: padded(128), Ext: mpls, Length: 32},
		Hex:   "0b00 1ffb 00200000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 2000ca0d 00080101 03e81101",
		Text:  "11/0 Time Exceeded: Time to Live exceeded in Transit, quotes 128 octets, extensions of 12 octets",
	},
	{
		Name:  "MPLS label stack without length",
		Value: icmp4.TimeExceeded{Quote: padded(128), Ext: mpls, Legacy: true},
		Hex:   "0b00 201b 00000000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 2000ca0d 00080101 03e81101",
	},
}

func TestTimeExceeded(t *testing.T) {
	conform.Row(t, "W-08")
	run(t, icmp4.ParseTimeExceeded, 8, exceededRows)
	limited(t, "icmp4.TimeExceeded", "Quote", 65507, func(n int) icmp4.TimeExceeded {
		return icmp4.TimeExceeded{Quote: make([]byte, n)}
	})
}
