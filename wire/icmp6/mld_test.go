package icmp6_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var groupAddr = netip.MustParseAddr("ff02::fb")

var mldRows = []wiretest.Row[icmp6.MLD]{
	{
		Name:  "general query",
		Value: icmp6.MLD{Type: icmp6.TypeMLDQuery, MaxResponse: 10000, Group: netip.IPv6Unspecified(), Trailing: []byte{}},
		Hex:   `8200 fb15 2710 0000 00000000000000000000000000000000`,
		Text:  "130/0 Multicast Listener Query, all groups, answer within 10s",
	},
	{
		Name:  "report, octets behind",
		Value: icmp6.MLD{Type: icmp6.TypeMLDReport, Group: groupAddr, Trailing: []byte{1, 2, 3}},
		Hex:   `8300 1d23 0000 0000 ff0200000000000000000000000000fb 010203`,
		Text:  "131/0 Multicast Listener Report, group ff02::fb",
	},
	{
		Name:  "done, everything set",
		Value: icmp6.MLD{Type: icmp6.TypeMLDDone, Code: 5, MaxResponse: 0xa1a2, Reserved: 0xb1b2, Group: groupAddr, Trailing: []byte{}},
		Hex:   `8405 cccd a1a2 b1b2 ff0200000000000000000000000000fb`,
		Text:  "132/5 Multicast Listener Done, group ff02::fb",
	},
}

func TestMLD(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.MLD", 24, icmp6.ParseMLD, icmp6.DecodeMLD, mldRows)
}

func TestMLDLimits(t *testing.T) {
	query := icmp6.MLD{Type: icmp6.TypeMLDQuery, Group: groupAddr, Trailing: make([]byte, 65511)}
	accepted(t, query, 65535)
	query.Trailing = make([]byte, 65512)
	refused(t, query, wire.FieldError{Type: "icmp6.MLD", Field: "Trailing", Value: 65512, Limit: 65511})
	refused(t, icmp6.MLD{Type: icmp6.TypeMLDQuery, Group: ipv4}, wire.FieldError{Type: "icmp6.MLD", Field: "Group", Want: "an IPv6 address"})
	refused(t, icmp6.MLD{Type: icmp6.TypeMLDQuery}, wire.FieldError{Type: "icmp6.MLD", Field: "Group", Want: "an IPv6 address"})
	for _, typ := range []icmp6.Type{0, 129, 133, 143} {
		refused(t, icmp6.MLD{Type: typ, Group: groupAddr},
			wire.FieldError{Type: "icmp6.MLD", Field: "Type", Want: "TypeMLDQuery, TypeMLDReport or TypeMLDDone"})
	}
}

func TestMLDMaxResponseDelay(t *testing.T) {
	if got := (icmp6.MLD{MaxResponse: 65535}).MaxResponseDelay(); got != 65535*time.Millisecond {
		t.Errorf("got %v", got)
	}
}
