package icmp6_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ndp"
)

var target = netip.MustParseAddr("fe80::1:2")

var neighborSolicitationRows = []wiretest.Row[icmp6.NeighborSolicitation]{
	{
		Name:  "with a source link-layer address",
		Value: icmp6.NeighborSolicitation{Target: target, Options: sourceMAC},
		Hex:   `8700 ad97 00000000 fe800000000000000000000000010002 0101 02005e001001`,
		Text:  "135/0 Neighbor Solicitation, target fe80::1:2, options of 8 octets",
	},
	{
		Name:  "reserved octets, no option",
		Value: icmp6.NeighborSolicitation{Code: 4, Reserved: 0xe1e2e3e4, Target: target, Options: []byte{}},
		Hex:   `8704 58d6 e1e2e3e4 fe800000000000000000000000010002`,
		Text:  "135/4 Neighbor Solicitation, target fe80::1:2",
	},
}

func TestNeighborSolicitation(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.NeighborSolicitation", 24, icmp6.ParseNeighborSolicitation, icmp6.DecodeNeighborSolicitation, neighborSolicitationRows)
}

func TestNeighborSolicitationLimits(t *testing.T) {
	const name = "icmp6.NeighborSolicitation"
	accepted(t, icmp6.NeighborSolicitation{Target: target, Options: make([]byte, 65511)}, 65535)
	refused(t, icmp6.NeighborSolicitation{Target: target, Options: make([]byte, 65512)}, wire.FieldError{Type: name, Field: "Options", Value: 65512, Limit: 65511})
	refused(t, icmp6.NeighborSolicitation{Target: ipv4}, wire.FieldError{Type: name, Field: "Target", Want: "an IPv6 address"})
	refused(t, icmp6.NeighborSolicitation{}, wire.FieldError{Type: name, Field: "Target", Want: "an IPv6 address"})
}

func TestNeighborSolicitationAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	m := icmp6.NeighborSolicitation{Target: target, Options: sourceMAC}
	b, buf := built(t, m), make([]byte, 0, 128)
	wiretest.NoAllocs(t, "parse", func() { _, _ = icmp6.ParseNeighborSolicitation(b, src, dst) })
	wiretest.NoAllocs(t, "append", func() { _, _ = m.Append(buf, src, dst) })
}

var neighborAdvertisementRows = []wiretest.Row[icmp6.NeighborAdvertisement]{
	{
		Name:  "solicited",
		Value: icmp6.NeighborAdvertisement{Flags: ndp.NeighborSolicited | ndp.NeighborOverride, Target: target, Options: sourceMAC},
		Hex:   `8800 4c97 60000000 fe800000000000000000000000010002 0101 02005e001001`,
		Text:  "136/0 Neighbor Advertisement, target fe80::1:2, flags SO, options of 8 octets",
	},
	{
		Name:  "every bit, no option",
		Value: icmp6.NeighborAdvertisement{Code: 6, Flags: 0xff, Reserved: [3]byte{1, 2, 3}, Target: target, Options: []byte{}},
		Hex:   `8806 1c97 ff010203 fe800000000000000000000000010002`,
		Text:  "136/6 Neighbor Advertisement, target fe80::1:2, flags RSO",
	},
}

func TestNeighborAdvertisement(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.NeighborAdvertisement", 24, icmp6.ParseNeighborAdvertisement, icmp6.DecodeNeighborAdvertisement, neighborAdvertisementRows)
}

func TestNeighborAdvertisementLimits(t *testing.T) {
	const name = "icmp6.NeighborAdvertisement"
	accepted(t, icmp6.NeighborAdvertisement{Target: target, Options: make([]byte, 65511)}, 65535)
	refused(t, icmp6.NeighborAdvertisement{Target: target, Options: make([]byte, 65512)}, wire.FieldError{Type: name, Field: "Options", Value: 65512, Limit: 65511})
	refused(t, icmp6.NeighborAdvertisement{Target: ipv4}, wire.FieldError{Type: name, Field: "Target", Want: "an IPv6 address"})
}
