package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// byName is an extension structure that identifies an interface by its name.
var byName = octets(`2000 0f4e 000c 0301 6574683000000000`)

var extEchoRequestRows = []wiretest.Row[icmp6.ExtendedEchoRequest]{
	{
		Name:  "local interface by name",
		Value: icmp6.ExtendedEchoRequest{ID: 0x1234, Seq: 0x56, Local: true, Ext: byName},
		Hex:   `a000 9bf0 1234 56 01 2000 0f4e 000c 0301 6574683000000000`,
		Text:  "160/0 Extended Echo Request: No Error, id 4660, seq 86, local interface, extensions of 16 octets",
	},
	{
		Name:  "reserved bits",
		Value: icmp6.ExtendedEchoRequest{Code: 2, ID: 0xff, Reserved: 127, Ext: []byte{}},
		Hex:   `a002 0237 00ff 00 fe`,
		Text:  "160/2 Extended Echo Request, id 255, seq 0, remote interface, extensions of 0 octets",
	},
}

func TestExtendedEchoRequest(t *testing.T) {
	conform.Row(t, "W-14")
	rows(t, "icmp6.ExtendedEchoRequest", 8,
		icmp6.ParseExtendedEchoRequest, icmp6.DecodeExtendedEchoRequest, extEchoRequestRows)
}

func TestExtendedEchoRequestLimits(t *testing.T) {
	const name = "icmp6.ExtendedEchoRequest"
	accepted(t, icmp6.ExtendedEchoRequest{Ext: make([]byte, 65527)}, 65535)
	refused(t, icmp6.ExtendedEchoRequest{Ext: make([]byte, 65528)}, wire.FieldError{Type: name, Field: "Ext", Value: 65528, Limit: 65527})
	refused(t, icmp6.ExtendedEchoRequest{Reserved: 128}, wire.FieldError{Type: name, Field: "Reserved", Value: 128, Limit: 127})
}

var extEchoReplyRows = []wiretest.Row[icmp6.ExtendedEchoReply]{
	{
		Name:  "local interface, up, both protocols",
		Value: icmp6.ExtendedEchoReply{ID: 0x1234, Seq: 0x56, Active: true, IPv4: true, IPv6: true, Trailing: []byte{}},
		Hex:   `a100 9afa 1234 56 07`,
		Text:  "161/0 Extended Echo Reply: No Error, id 4660, seq 86, state none, active, ipv4, ipv6",
	},
	{
		Name:  "neighbour reachable",
		Value: icmp6.ExtendedEchoReply{ID: 0xabcd, Seq: 0xef, State: icmp6.StateReachable, Trailing: []byte{}},
		Hex:   `a100 6827 abcd ef 40`,
		Text:  "161/0 Extended Echo Reply: No Error, id 43981, seq 239, state reachable",
	},
	{
		Name:  "active alone",
		Value: icmp6.ExtendedEchoReply{Active: true, Trailing: []byte{}},
		Hex:   `a100 0332 0000 00 04`,
		Text:  "161/0 Extended Echo Reply: No Error, id 0, seq 0, state none, active",
	},
	{
		Name:  "ipv4 alone",
		Value: icmp6.ExtendedEchoReply{IPv4: true, Trailing: []byte{}},
		Hex:   `a100 0334 0000 00 02`,
		Text:  "161/0 Extended Echo Reply: No Error, id 0, seq 0, state none, ipv4",
	},
	{
		Name:  "ipv6 alone, the greatest state, octets behind",
		Value: icmp6.ExtendedEchoReply{Code: icmp6.CodeMultipleInterfaces, State: 7, IPv6: true, Trailing: []byte{9, 8, 7}},
		Hex:   `a104 f245 0000 00 e1 090807`,
		Text:  "161/4 Extended Echo Reply: Multiple Interfaces Satisfy Query, id 0, seq 0, state state 7, ipv6",
	},
	{
		Name:  "reserved bits",
		Value: icmp6.ExtendedEchoReply{Code: icmp6.CodeNoSuchInterface, Reserved: 3, Trailing: []byte{}},
		Hex:   `a102 031c 0000 00 18`,
		Text:  "161/2 Extended Echo Reply: No Such Interface, id 0, seq 0, state none",
	},
}

func TestExtendedEchoReply(t *testing.T) {
	conform.Row(t, "W-14")
	rows(t, "icmp6.ExtendedEchoReply", 8,
		icmp6.ParseExtendedEchoReply, icmp6.DecodeExtendedEchoReply, extEchoReplyRows)
}

func TestExtendedEchoReplyLimits(t *testing.T) {
	const name = "icmp6.ExtendedEchoReply"
	accepted(t, icmp6.ExtendedEchoReply{Trailing: make([]byte, 65527)}, 65535)
	refused(t, icmp6.ExtendedEchoReply{Trailing: make([]byte, 65528)}, wire.FieldError{Type: name, Field: "Trailing", Value: 65528, Limit: 65527})
	refused(t, icmp6.ExtendedEchoReply{State: 8}, wire.FieldError{Type: name, Field: "State", Value: 8, Limit: 7})
	refused(t, icmp6.ExtendedEchoReply{Reserved: 4}, wire.FieldError{Type: name, Field: "Reserved", Value: 4, Limit: 3})
}

func TestNeighborState(t *testing.T) {
	conform.Row(t, "W-14")
	for s, want := range []string{"none", "incomplete", "reachable", "stale", "delay", "probe", "failed", "state 7"} {
		if got := icmp6.NeighborState(s).String(); got != want {
			t.Errorf("%d: %q, want %q", s, got, want)
		}
	}
}
