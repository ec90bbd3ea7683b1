package sonde_test

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// tooBig appends to b what a router sends that cannot forward datagram whole.
func tooBig(b, datagram []byte, router netip.Addr, mtu uint16) ([]byte, error) {
	dropped, _, err := ip.Parse4(datagram)
	if err != nil {
		return b, err
	}
	return ip.Enclose4(b,
		ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: router, Dst: dropped.Src},
		icmp4.DestUnreachable{
			Code:  icmp4.CodeFragNeeded,
			MTU:   mtu,
			Quote: datagram[:min(len(datagram), 548)], // 576 octets in all, RFC 1812 §4.3.2.3
		})
}

// report prints what an ICMP packet says, and which datagram it is about.
func report(packet []byte) error {
	h, body, err := ip.Parse4(packet)
	if err != nil {
		return err
	}
	m, err := icmp4.Parse(body) // length and checksum verified
	if err != nil {
		return err
	}
	fmt.Printf("%v: %v\n", h.Src, m)
	if m, ok := m.(icmp4.DestUnreachable); ok {
		q, err := quote.Parse(m.Quote) // however much of it is there
		if err != nil {
			return err
		}
		fmt.Println("about", q)
	}
	return nil
}

func Example() {
	var (
		host   = netip.MustParseAddr("192.0.2.1")
		router = netip.MustParseAddr("198.51.100.1")
		far    = netip.MustParseAddr("203.0.113.7")
	)
	udp, err := transport.UDP{SrcPort: 40000, DstPort: 33434}.AppendPacket(nil, host, far, make([]byte, 1472))
	if err != nil {
		panic(err)
	}
	sent, err := ip.Header4{ID: 17767, DF: true, TTL: 61, Proto: ip.ProtoUDP, Src: host, Dst: far}.AppendPacket(nil, udp)
	if err != nil {
		panic(err)
	}
	answer, err := tooBig(nil, sent, router, 1400)
	if err != nil {
		panic(err)
	}
	if err := report(answer); err != nil {
		panic(err)
	}

	answer[len(answer)-1] ^= 1 // on the way, a bit is lost
	err = report(answer)
	fmt.Println(err, errors.Is(err, wire.Checksum))

	// Output:
	// 198.51.100.1: 3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set, mtu 1400, quotes 548 octets
	// about 192.0.2.1:40000 > 203.0.113.7:33434 UDP, ttl 61, id 17767, df, 1500 octets
	// icmp4.Message: octet 2: checksum does not hold true
}
