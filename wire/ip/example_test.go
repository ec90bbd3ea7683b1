package ip_test

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

func ExampleParse4() {
	h := ip.Header4{
		TTL: 64, Proto: ip.ProtoUDP,
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("198.51.100.7"),
	}
	datagram, _ := h.AppendPacket(nil, []byte("payload"))

	// Ethernet pads short frames.
	padded := append(datagram, make([]byte, 19)...)
	h, payload, err := ip.Parse4(padded)
	fmt.Printf("%v\n%q %v\n", h, payload, err)

	// A capture cuts long ones.
	_, payload, err = ip.Parse4(datagram[:24])
	fmt.Printf("%q %v\n", payload, errors.Is(err, wire.Truncated))
	// Output:
	// 192.0.2.1 > 198.51.100.7 UDP, ttl 64, id 0, 27 octets
	// "payload" <nil>
	// "payl" true
}

func ExampleOptions4() {
	options := []byte{
		0x94, 4, 0, 0, // router alert
		0x07, 7, 4, 0, 0, 0, 0, // record route, one slot
		0,
	}
	for o, err := range ip.Options4(options) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("octet %d: %v, %d octets of data, copied: %t\n", o.Offset, o.Type, len(o.Data), o.Type.Copied())
	}
	// Output:
	// octet 20: Router Alert, 2 octets of data, copied: true
	// octet 24: Record Route, 5 octets of data, copied: false
	// octet 31: End of Options List, 0 octets of data, copied: false
}

func ExampleHeader6_Upper() {
	payload := []byte{
		byte(ip.ProtoFragment), 0, 5, 2, 0, 0, 1, 0, // hop-by-hop: router alert
		byte(ip.ProtoICMPv6), 0, 0, 1, 0, 0, 0, 9, // the first fragment
		128, 0, 0, 0, 0, 1, 0, 1, // echo request
	}
	h := ip.Header6{
		NextHeader: ip.ProtoHopByHop, PayloadLen: uint16(len(payload)), HopLimit: 64,
		Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("2001:db8::2"),
	}
	u, err := h.Upper(payload)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v at octet %d, %v\n", u.Proto, u.Offset, u.Fragment)
	// Output:
	// IPv6-ICMP at octet 56, fragment of IPv6-ICMP, id 0x00000009, offset 0, MF
}

func ExampleNewFragmenter4() {
	h := ip.Header4{
		TTL: 64, Proto: ip.ProtoUDP,
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("198.51.100.7"),
	}
	datagram, _ := h.AppendPacket(nil, make([]byte, 3000))

	f, err := ip.NewFragmenter4(datagram, 1500)
	if err != nil {
		fmt.Println(err)
		return
	}
	buf := make([]byte, 0, 1500)
	for {
		fragment, ok := f.Next(buf)
		if !ok {
			break
		}
		h, _, _ := ip.Parse4(fragment)
		fmt.Println(h)
	}
	// Output:
	// 192.0.2.1 > 198.51.100.7 UDP, ttl 64, id 0, 1500 octets, offset 0, MF
	// 192.0.2.1 > 198.51.100.7 UDP, ttl 64, id 0, 1500 octets, offset 1480, MF
	// 192.0.2.1 > 198.51.100.7 UDP, ttl 64, id 0, 60 octets, offset 2960
}
