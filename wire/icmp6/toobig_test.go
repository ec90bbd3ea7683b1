package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var tooBigRows = []wiretest.Row[icmp6.PacketTooBig]{
	{
		Name:  "tunnel",
		Value: icmp6.PacketTooBig{MTU: 1480, Quote: quote},
		Hex: `0200 78ac 000005c8
			6000000000081140 20010db8000000000000000000000001
			20010db8000000000000000000000002 d431829a00080000`,
		Text: "2/0 Packet Too Big, mtu 1480, quotes 48 octets",
	},
	{
		Name:  "every bit of the mtu, a code",
		Value: icmp6.PacketTooBig{Code: 1, MTU: 0x81828384, Quote: []byte{}},
		Hex:   `0201 9d2e 81828384`,
		Text:  "2/1 Packet Too Big, mtu 2172814212, quotes 0 octets",
	},
}

func TestPacketTooBig(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.PacketTooBig", 8, icmp6.ParsePacketTooBig, icmp6.DecodePacketTooBig, tooBigRows)
}

// What stands at octet 128 is the quote's, whatever it looks like: this message
// takes no extensions (RFC 4884 §4.6).
func TestPacketTooBigTakesNoExtensions(t *testing.T) {
	conform.Row(t, "W-17")
	m := icmp6.PacketTooBig{MTU: 1280, Quote: append(padded(128), labels...)}
	got, err := icmp6.ParsePacketTooBig(built(t, m), src, dst)
	if err != nil || len(got.Quote) != 128+len(labels) {
		t.Errorf("quote of %d octets, error %v", len(got.Quote), err)
	}
}

func TestPacketTooBigLimit(t *testing.T) {
	accepted(t, icmp6.PacketTooBig{Quote: make([]byte, 65527)}, 65535)
	refused(t, icmp6.PacketTooBig{Quote: make([]byte, 65528)},
		wire.FieldError{Type: "icmp6.PacketTooBig", Field: "Quote", Value: 65528, Limit: 65527})
}

func TestPacketTooBigAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	m := icmp6.PacketTooBig{MTU: 1480, Quote: quote}
	b, buf := built(t, m), make([]byte, 0, 128)
	wiretest.NoAllocs(t, "parse", func() { _, _ = icmp6.ParsePacketTooBig(b, src, dst) })
	wiretest.NoAllocs(t, "append", func() { _, _ = m.Append(buf, src, dst) })
}
