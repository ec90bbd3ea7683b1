package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// probeExt is an extension structure with an interface identification object,
// by index 2.
var probeExt = []byte{0x20, 0x00, 0xdc, 0xf2, 0x00, 0x08, 0x03, 0x02, 0x00, 0x00, 0x00, 0x02}

var probeRows = []wiretest.Row[icmp4.ExtendedEchoRequest]{
	{
		Name:  "local interface by index",
		Value: icmp4.ExtendedEchoRequest{ID: 0x1234, Seq: 0x56, Local: true, Ext: probeExt},
		Hex:   "2a00 6dcb 1234 56 01 2000dcf2 00080302 00000002",
		Text:  "42/0 Extended Echo Request: No Error, id 4660, seq 86, local interface, extensions of 12 octets",
	},
	{
		Name:  "remote interface, reserved bits in use, code that should be zero",
		Value: icmp4.ExtendedEchoRequest{Code: 9, ID: 1, Seq: 255, Reserved: 127, Ext: []byte{1}},
		Hex:   "2a09 d4f6 0001 ff fe 01",
		Text:  "42/9 Extended Echo Request, id 1, seq 255, remote interface, extensions of 1 octets",
	},
	{
		Name:  "one reserved bit",
		Value: icmp4.ExtendedEchoRequest{Reserved: 1, Local: true, Ext: []byte{}},
		Hex:   "2a00 d5fc 0000 00 03",
	},
}

func TestExtendedEchoRequest(t *testing.T) {
	conform.Row(t, "W-14")
	run(t, icmp4.ParseExtendedEchoRequest, 8, probeRows)
	limited(t, "icmp4.ExtendedEchoRequest", "Ext", 65507, func(n int) icmp4.ExtendedEchoRequest {
		return icmp4.ExtendedEchoRequest{Ext: make([]byte, n)}
	})
	refused(t, icmp4.ExtendedEchoRequest{Reserved: 128}, "icmp4.ExtendedEchoRequest", "Reserved", 128, 127)
}

var probeReplyRows = []wiretest.Row[icmp4.ExtendedEchoReply]{
	{
		Name:  "active, IPv4 and IPv6",
		Value: icmp4.ExtendedEchoReply{ID: 0x1234, Seq: 0x56, Active: true, IPv4: true, IPv6: true, Trailing: []byte{}},
		Hex:   "2b00 6cc4 1234 56 07",
		Text:  "43/0 Extended Echo Reply: No Error, id 4660, seq 86, state none, active, ipv4, ipv6",
	},
	{
		Name:  "remote interface, reachable",
		Value: icmp4.ExtendedEchoReply{ID: 1, Seq: 2, State: icmp4.StateReachable, Trailing: []byte{}},
		Hex:   "2b00 d2be 0001 02 40",
		Text:  "43/0 Extended Echo Reply: No Error, id 1, seq 2, state reachable",
	},
	{
		Name:  "active alone",
		Value: icmp4.ExtendedEchoReply{Active: true, Trailing: []byte{}},
		Hex:   "2b00 d4fb 0000 00 04",
		Text:  "43/0 Extended Echo Reply: No Error, id 0, seq 0, state none, active",
	},
	{
		Name:  "IPv4 alone",
		Value: icmp4.ExtendedEchoReply{Code: icmp4.CodeMultipleInterfaces, IPv4: true, Trailing: []byte{}},
		Hex:   "2b04 d4f9 0000 00 02",
		Text:  "43/4 Extended Echo Reply: Multiple Interfaces Satisfy Query, id 0, seq 0, state none, ipv4",
	},
	{
		Name:  "IPv6 alone",
		Value: icmp4.ExtendedEchoReply{Code: icmp4.CodeMalformedQuery, IPv6: true, Trailing: []byte{}},
		Hex:   "2b01 d4fd 0000 00 01",
	},
	{
		Name:  "state beyond the known, reserved bits in use, octets behind the end",
		Value: icmp4.ExtendedEchoReply{Code: 5, State: 7, Reserved: 3, Trailing: []byte{0xff}},
		Hex:   "2b05 d501 0000 00 f8 ff",
		Text:  "43/5 Extended Echo Reply, id 0, seq 0, state state 7",
	},
	{
		Name:  "one reserved bit",
		Value: icmp4.ExtendedEchoReply{State: icmp4.StateIncomplete, Reserved: 1, Trailing: []byte{}},
		Hex:   "2b00 d4d7 0000 00 28",
	},
}

func TestExtendedEchoReply(t *testing.T) {
	conform.Row(t, "W-14")
	run(t, icmp4.ParseExtendedEchoReply, 8, probeReplyRows)
	limited(t, "icmp4.ExtendedEchoReply", "Trailing", 65507, func(n int) icmp4.ExtendedEchoReply {
		return icmp4.ExtendedEchoReply{Trailing: make([]byte, n)}
	})
	refused(t, icmp4.ExtendedEchoReply{State: 8}, "icmp4.ExtendedEchoReply", "State", 8, 7)
	refused(t, icmp4.ExtendedEchoReply{Reserved: 4}, "icmp4.ExtendedEchoReply", "Reserved", 4, 3)
}

func TestExtendedEchoCodes(t *testing.T) {
	conform.Row(t, "W-14")
	for n, c := range []icmp4.Code{
		icmp4.CodeNoError, icmp4.CodeMalformedQuery, icmp4.CodeNoSuchInterface,
		icmp4.CodeNoSuchTableEntry, icmp4.CodeMultipleInterfaces,
	} {
		if int(c) != n || (icmp4.Kind{Type: icmp4.TypeExtendedEchoReply, Code: c}).CodeName() == "" {
			t.Errorf("code %d: constant %d, no name", n, c)
		}
	}
}

func TestNeighborState(t *testing.T) {
	for s, want := range []string{"none", "incomplete", "reachable", "stale", "delay", "probe", "failed", "state 7"} {
		if got := icmp4.NeighborState(s).String(); got != want {
			t.Errorf("state %d: %q, want %q", s, got, want)
		}
	}
	if icmp4.StateStale != 3 || icmp4.StateDelay != 4 || icmp4.StateProbe != 5 || icmp4.StateFailed != 6 {
		t.Error("the states' numbers")
	}
}
