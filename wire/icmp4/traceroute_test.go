package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var tracerouteRows = []wiretest.Row[icmp4.Traceroute]{
	{
		Name: "forwarded",
		Value: icmp4.Traceroute{
			ID: 0x0102, OutboundHops: 3, ReturnHops: 0xffff, Speed: 1250000, MTU: 1500, Trailing: []byte{},
		},
		Hex:  "1e00 c83b 0102 0000 0003 ffff 001312d0 000005dc",
		Text: "30/0 Traceroute, id 258, 3 hops out, 65535 hops back, 1250000 octets/s, mtu 1500",
	},
	{
		Name: "no route, unused octets in use, octets behind the end",
		Value: icmp4.Traceroute{
			Code: icmp4.CodeNoRoute, ID: 1, Unused: 0x0a0b, OutboundHops: 0x0102, ReturnHops: 0x0304,
			Speed: 0x05060708, MTU: 0x090a0b0c, Trailing: []byte{0xd, 0xe},
		},
		Hex: "1e01 a6ba 0001 0a0b 0102 0304 05060708 090a0b0c 0d0e",
	},
}

func TestTraceroute(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseTraceroute, 20, tracerouteRows)
	limited(t, "icmp4.Traceroute", "Trailing", 65495, func(n int) icmp4.Traceroute {
		return icmp4.Traceroute{Trailing: make([]byte, n)}
	})
	if icmp4.CodeForwarded != 0 {
		t.Error("code 0")
	}
}
