package ndp_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ndp"
)

var linkLayerRows = []wiretest.Row[ndp.LinkLayerAddress]{
	{
		Name:  "source, ethernet",
		Value: ndp.LinkLayerAddress{Addr: octets(`02005e00100a`)},
		Hex:   `01 01 02005e00100a`,
		Text:  "source link-layer address 02:00:5e:00:10:0a",
	},
	{
		Name:  "target, ethernet",
		Value: ndp.LinkLayerAddress{Target: true, Addr: octets(`02005e00100a`)},
		Hex:   `02 01 02005e00100a`,
		Text:  "target link-layer address 02:00:5e:00:10:0a",
	},
	{
		Name:  "source, eight octets and their padding",
		Value: ndp.LinkLayerAddress{Addr: octets(`0200 5eff fe00 100a 0000 0000 0000`)},
		Hex:   `01 02 0200 5eff fe00 100a 0000 0000 0000`,
		Text:  "source link-layer address 02:00:5e:ff:fe:00:10:0a:00:00:00:00:00:00",
	},
}

func TestLinkLayerAddress(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.LinkLayerAddress", ndp.ParseLinkLayerAddress, linkLayerRows, -1)
}

func TestLinkLayerAddressLimits(t *testing.T) {
	const name = "ndp.LinkLayerAddress"
	for n, want := range map[int]int{1: 8, 6: 8, 7: 16, 8: 16, 14: 16, 15: 24, 2038: 2040} {
		accepted(t, ndp.LinkLayerAddress{Addr: make([]byte, n)}, want)
	}
	refused(t, ndp.LinkLayerAddress{}, wire.FieldError{Type: name, Field: "Addr", Want: "an address"})
	refused(t, ndp.LinkLayerAddress{Addr: make([]byte, 2039)}, wire.FieldError{Type: name, Field: "Addr", Value: 2039, Limit: 2038})
	// The padding is zeros, whatever stood in the buffer.
	b, err := ndp.LinkLayerAddress{Addr: []byte{1}}.AppendBinary(octets(`ffffffffffffffff`)[:0])
	if err != nil || string(b) != "\x01\x01\x01\x00\x00\x00\x00\x00" {
		t.Errorf("padded: %x, %v", b, err)
	}
}

var redirectedRows = []wiretest.Row[ndp.RedirectedHeader]{
	{
		Name:  "eight octets",
		Value: ndp.RedirectedHeader{Quote: octets(`6000000000083a40`)},
		Hex:   `04 02 000000000000 6000000000083a40`,
		Text:  "redirected header, quotes 8 octets",
	},
	{
		Name:  "none, reserved octets",
		Value: ndp.RedirectedHeader{Reserved: [6]byte{1, 2, 3, 4, 5, 6}, Quote: []byte{}},
		Hex:   `04 01 010203040506`,
		Text:  "redirected header, quotes 0 octets",
	},
}

func TestRedirectedHeader(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.RedirectedHeader", ndp.ParseRedirectedHeader, redirectedRows, -1)
}

func TestRedirectedHeaderLimits(t *testing.T) {
	for n, want := range map[int]int{0: 8, 1: 16, 48: 56, 49: 64, 2025: 2040, 2032: 2040} {
		accepted(t, ndp.RedirectedHeader{Quote: make([]byte, n)}, want)
	}
	refused(t, ndp.RedirectedHeader{Quote: make([]byte, 2033)},
		wire.FieldError{Type: "ndp.RedirectedHeader", Field: "Quote", Value: 2033, Limit: 2032})
}

var mtuRows = []wiretest.Row[ndp.MTU]{
	{Name: "ethernet", Value: ndp.MTU{MTU: 1500}, Hex: `05 01 0000 000005dc`, Text: "mtu 1500"},
	{Name: "every bit", Value: ndp.MTU{Reserved: 0xa1a2, MTU: 0x81828384}, Hex: `05 01 a1a2 81828384`, Text: "mtu 2172814212"},
}

func TestMTU(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.MTU", ndp.ParseMTU, mtuRows, 1)
}

var nonceRows = []wiretest.Row[ndp.Nonce]{
	{Name: "six octets", Value: ndp.Nonce{Value: octets(`010203040506`)}, Hex: `0e 01 010203040506`, Text: "nonce 010203040506"},
	{
		Name: "fourteen octets", Value: ndp.Nonce{Value: octets(`0102030405060708090a0b0c0d0e`)},
		Hex: `0e 02 0102030405060708090a0b0c0d0e`, Text: "nonce 0102030405060708090a0b0c0d0e",
	},
}

func TestNonce(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.Nonce", ndp.ParseNonce, nonceRows, -1)
}

func TestNonceLimits(t *testing.T) {
	for _, n := range []int{0, 5, 7, 8, 13} {
		refused(t, ndp.Nonce{Value: make([]byte, n)}, wire.FieldError{Type: "ndp.Nonce", Field: "Value", Want: "6 octets, or 8, 16, … more"})
	}
	accepted(t, ndp.Nonce{Value: make([]byte, 2038)}, 2040)
	refused(t, ndp.Nonce{Value: make([]byte, 2046)}, wire.FieldError{Type: "ndp.Nonce", Field: "Value", Value: 2046, Limit: 2038})
}
