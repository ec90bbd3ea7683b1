package transport_test

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire/transport"
)

func ExampleUDP_AppendPacket() {
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.7")
	packet, _ := transport.UDP{SrcPort: 40000, DstPort: 33434}.AppendPacket(nil, src, dst, []byte("probe"))

	u, payload, err := transport.ParseUDP(packet, src, dst)
	fmt.Printf("%v, %q %v\n", u, payload, err)

	// An error quotes the first eight octets of it, or fewer.
	s, d, err := transport.ParsePorts(packet[:8])
	fmt.Println(s, d, err)
	// Output:
	// UDP 40000 > 33434, 13 octets, "probe" <nil>
	// 40000 33434 <nil>
}

func ExampleParseTCP() {
	src, dst := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	syn := transport.TCP{SrcPort: 40000, DstPort: 443, Seq: 7, Flags: transport.SYN, Window: 65535}
	segment, _ := syn.AppendPacket(nil, src, dst, nil)

	t, _, err := transport.ParseTCP(segment, src, dst)
	fmt.Println(t, err)

	segment[19]++
	_, _, err = transport.ParseTCP(segment, src, dst)
	fmt.Println(err)
	// Output:
	// TCP 40000 > 443 SYN, seq 7, ack 0, window 65535 <nil>
	// transport.TCP: octet 16: checksum does not hold
}
