package icmp6_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// twoSources is a list of two addresses.
var twoSources = octets(`20010db8000000000000000000000005 20010db8000000000000000000000006`)

var mldv2QueryRows = []wiretest.Row[icmp6.MLDv2Query]{
	{
		Name: "general query",
		Value: icmp6.MLDv2Query{
			MaxResponse: 10000, Group: netip.IPv6Unspecified(), QRV: 2, QQIC: 125,
			Sources: []byte{}, Trailing: []byte{},
		},
		Hex:  `8200 f894 2710 0000 00000000000000000000000000000000 02 7d 0000`,
		Text: "130/0 Multicast Listener Query, all groups, 0 sources, answer within 10s",
	},
	{
		Name: "about two sources, octets behind, a delay in floating point",
		Value: icmp6.MLDv2Query{
			Code: 1, MaxResponse: 0x9234, Reserved: 0xc1c2, Group: groupAddr, Suppress: true,
			Sources: twoSources, Trailing: []byte{0xaa, 0xbb},
		},
		Hex: `8201 bfce 9234 c1c2 ff0200000000000000000000000000fb 08 00 0002
			20010db8000000000000000000000005 20010db8000000000000000000000006 aabb`,
		Text: "130/1 Multicast Listener Query, group ff02::fb, 2 sources, answer within 1m14.56s",
	},
	{
		Name:  "every flag",
		Value: icmp6.MLDv2Query{Group: groupAddr, Flags: 15, QRV: 7, QQIC: 0xff, Sources: []byte{}, Trailing: []byte{}},
		Hex:   `8200 2a24 0000 0000 ff0200000000000000000000000000fb f7 ff 0000`,
		Text:  "130/0 Multicast Listener Query, group ff02::fb, 0 sources, answer within 0s",
	},
}

func TestMLDv2Query(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.MLDv2Query", 28, icmp6.ParseMLDv2Query, icmp6.DecodeMLDv2Query, mldv2QueryRows)
}

// A query that announces more sources than it has is too short, whether it
// breaks off between two of them or within one.
func TestMLDv2QueryShort(t *testing.T) {
	conform.Row(t, "W-20")
	b := built(t, icmp6.MLDv2Query{Group: groupAddr, Sources: twoSources})
	for _, n := range []int{28, 44, 59} {
		_, err := icmp6.DecodeMLDv2Query(b[:n])
		fails(t, "cut", err, wire.ParseError{Type: "icmp6.MLDv2Query", Offset: n, Reason: wire.Short})
	}
	b[26], b[27] = 0xff, 0xff
	_, err := icmp6.DecodeMLDv2Query(b)
	fails(t, "65535 sources", err, wire.ParseError{Type: "icmp6.MLDv2Query", Offset: 60, Reason: wire.Short})
}

func TestMLDv2QueryLimits(t *testing.T) {
	const name = "icmp6.MLDv2Query"
	valid := icmp6.MLDv2Query{Group: groupAddr}
	with := func(change func(*icmp6.MLDv2Query)) icmp6.MLDv2Query { m := valid; change(&m); return m }
	refused(t, with(func(m *icmp6.MLDv2Query) { m.Group = ipv4 }), wire.FieldError{Type: name, Field: "Group", Want: "an IPv6 address"})
	refused(t, with(func(m *icmp6.MLDv2Query) { m.Flags = 16 }), wire.FieldError{Type: name, Field: "Flags", Value: 16, Limit: 15})
	refused(t, with(func(m *icmp6.MLDv2Query) { m.QRV = 8 }), wire.FieldError{Type: name, Field: "QRV", Value: 8, Limit: 7})
	refused(t, with(func(m *icmp6.MLDv2Query) { m.Sources = make([]byte, 31) }),
		wire.FieldError{Type: name, Field: "Sources", Want: "whole addresses of 16 octets"})
	// 4094 sources and three octets fill a packet.
	full := with(func(m *icmp6.MLDv2Query) { m.Sources = make([]byte, 4094*16); m.Trailing = make([]byte, 3) })
	accepted(t, full, 65535)
	if b := built(t, full); b[26] != 0x0f || b[27] != 0xfe {
		t.Errorf("number of sources %x", b[26:28])
	}
	full.Trailing = make([]byte, 4)
	refused(t, full, wire.FieldError{Type: name, Field: "Trailing", Value: 4, Limit: 3})
	full.Sources = make([]byte, 4095*16)
	refused(t, full, wire.FieldError{Type: name, Field: "Sources", Value: 65520, Limit: 65507})
}
