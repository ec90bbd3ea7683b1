package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var exceededRows = []wiretest.Row[icmp6.TimeExceeded]{
	{
		Name:  "in transit",
		Value: icmp6.TimeExceeded{Code: icmp6.CodeHopLimitExceeded, Quote: quote},
		Hex: `0300 7d74 00000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000`,
		Text: "3/0 Time Exceeded: hop limit exceeded in transit, quotes 48 octets",
	},
	{
		Name:  "reassembly, unused octets set",
		Value: icmp6.TimeExceeded{Code: icmp6.CodeReassembly, Unused: [3]byte{1, 2, 3}, Quote: []byte{0x60}},
		Hex:   `0301 3f30 00010203 60`,
		Text:  "3/1 Time Exceeded: fragment reassembly time exceeded, quotes 1 octets",
	},
	{
		Name:  "with a label stack",
		Value: icmp6.TimeExceeded{Length: 16, Quote: padded(128), Ext: labels},
		Hex: `0300 6d18 10000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000
			0000000000000000000000000000000000000000000000000000000000000000
			0000000000000000000000000000000000000000000000000000000000000000
			00000000000000000000000000000000 2000 ddf4 0008 0101 00010101`,
		Text: "3/0 Time Exceeded: hop limit exceeded in transit, quotes 128 octets, extensions of 12 octets",
	},
	{
		Name:  "with a label stack, from a router older than RFC 4884",
		Value: icmp6.TimeExceeded{Legacy: true, Quote: padded(128), Ext: labels},
		Hex: `0300 7d18 00000000
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000
			0000000000000000000000000000000000000000000000000000000000000000
			0000000000000000000000000000000000000000000000000000000000000000
			00000000000000000000000000000000 2000 ddf4 0008 0101 00010101`,
		Text: "3/0 Time Exceeded: hop limit exceeded in transit, quotes 128 octets, extensions of 12 octets",
	},
}

func TestTimeExceeded(t *testing.T) {
	conform.Row(t, "W-19")
	conform.Row(t, "W-17")
	conform.Row(t, "W-18")
	rows(t, "icmp6.TimeExceeded", 8, icmp6.ParseTimeExceeded, icmp6.DecodeTimeExceeded, exceededRows)
}

func TestTimeExceededLimit(t *testing.T) {
	accepted(t, icmp6.TimeExceeded{Quote: make([]byte, 65527)}, 65535)
	refused(t, icmp6.TimeExceeded{Quote: make([]byte, 65528)},
		wire.FieldError{Type: "icmp6.TimeExceeded", Field: "Quote", Value: 65528, Limit: 65527})
	accepted(t, icmp6.TimeExceeded{Ext: make([]byte, 65399)}, 65535)
	refused(t, icmp6.TimeExceeded{Ext: make([]byte, 65400)},
		wire.FieldError{Type: "icmp6.TimeExceeded", Field: "Ext", Value: 65400, Limit: 65399})
	refused(t, icmp6.TimeExceeded{Quote: make([]byte, 2041), Ext: labels},
		wire.FieldError{Type: "icmp6.TimeExceeded", Field: "Quote", Value: 2041, Limit: 2040})
}

func TestTimeExceededAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	m := icmp6.TimeExceeded{Quote: quote, Ext: labels}
	b, buf := built(t, m), make([]byte, 0, 256)
	wiretest.NoAllocs(t, "parse", func() { _, _ = icmp6.ParseTimeExceeded(b, src, dst) })
	wiretest.NoAllocs(t, "append", func() { _, _ = m.Append(buf, src, dst) })
}
