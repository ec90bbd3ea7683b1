package report_test

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// A filter says that it has dropped a datagram, where that may be said: not
// about a datagram to everybody.
func ExampleReport_Append() {
	gateway := netip.MustParseAddr("192.0.2.254")
	for _, dst := range []string{"198.51.100.7", "255.255.255.255"} {
		r := report.Report{Cause: report.AdminProhibited}
		dropped := datagram("192.0.2.1", dst)
		if why := report.May(report.About{Octets: dropped}, r.Cause); why != 0 {
			fmt.Println(why)
			continue
		}
		out, err := r.Append(nil, dropped, report.Origin{Src: gateway, Gateway: true})
		if err != nil {
			fmt.Println(err)
			continue
		}
		h, payload, _ := ip.Parse4(out)
		m, _ := icmp4.Parse(payload)
		fmt.Println(h.Src, "to", h.Dst, m)
	}
	// Output:
	// 192.0.2.254 to 192.0.2.1 3/13 Destination Unreachable: Communication Administratively Prohibited, quotes 36 octets
	// about a datagram to a broadcast or multicast address
}

// datagram is one of UDP.
func datagram(from, to string) []byte {
	src, dst := netip.MustParseAddr(from), netip.MustParseAddr(to)
	u, err := transport.UDP{SrcPort: 40000, DstPort: 53}.AppendPacket(nil, src, dst, []byte("question"))
	if err != nil {
		panic(err)
	}
	b, err := ip.Header4{TTL: 63, Proto: ip.ProtoUDP, Src: src, Dst: dst}.AppendPacket(nil, u)
	if err != nil {
		panic(err)
	}
	return b
}
