package filter_test

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire/ip"
)

// packet is a frame and what it had on the wire.
type packet struct {
	data   []byte
	length int
}

// addrs are who talks in the golden capture.
var (
	a4 = netip.MustParseAddr("192.0.2.1")
	b4 = netip.MustParseAddr("10.1.2.3")
	c4 = netip.MustParseAddr("10.1.99.7")
	a6 = netip.MustParseAddr("2001:db8::1")
	b6 = netip.MustParseAddr("2001:db8:0:1::2")
	c6 = netip.MustParseAddr("fe80::1")
)

func v4(src, dst netip.Addr, proto ip.Proto, h ip.Header4, payload []byte) []byte {
	h.Src, h.Dst, h.Proto, h.TTL = src, dst, proto, 64
	b, err := h.AppendPacket(nil, payload)
	if err != nil {
		panic(err)
	}
	return b
}

func v6(src, dst netip.Addr, next ip.Proto, payload []byte) []byte {
	b, err := ip.Header6{Src: src, Dst: dst, NextHeader: next, HopLimit: 64}.AppendPacket(nil, payload)
	if err != nil {
		panic(err)
	}
	return b
}

func ports(src, dst uint16, n int) []byte {
	b := binary.BigEndian.AppendUint16(nil, src)
	b = binary.BigEndian.AppendUint16(b, dst)
	return append(b, make([]byte, n)...)
}

// datagrams are the golden capture without a link.
func datagrams() (all [][]byte) {
	icmp := func(t, c byte, n int) []byte { return append([]byte{t, c, 0, 0, 0, 1, 0, 2}, make([]byte, n)...) }
	for t := range byte(20) {
		all = append(all, v4(a4, b4, ip.ProtoICMP, ip.Header4{}, icmp(t, t%4, int(t)*10)))
	}
	all = append(all,
		v4(b4, a4, ip.ProtoICMP, ip.Header4{Options: []byte{1, 1, 1, 0}}, icmp(8, 0, 56)),
		v4(b4, c4, ip.ProtoICMP, ip.Header4{MF: true, ID: 7}, icmp(8, 0, 56)),
		v4(b4, c4, ip.ProtoICMP, ip.Header4{FragOffset: 64, ID: 7}, icmp(8, 0, 56)),
		v4(c4, b4, ip.ProtoUDP, ip.Header4{FragOffset: 64, ID: 9}, ports(53, 53, 20)),
		v4(c4, b4, ip.ProtoUDP, ip.Header4{}, ports(53, 1024, 20)),
		v4(c4, a4, ip.ProtoUDP, ip.Header4{Options: []byte{1, 1, 1, 1, 1, 1, 1, 0}}, ports(1025, 53, 20)),
		v4(a4, c4, ip.ProtoTCP, ip.Header4{}, append(ports(80, 33434, 9), 0x12, 0, 0, 0, 0, 0, 0)),
		v4(c4, a4, ip.ProtoTCP, ip.Header4{}, append(ports(33434, 80, 9), 0x02, 0, 0, 0, 0, 0, 0)),
		v4(c4, a4, 132, ip.Header4{}, ports(80, 80, 20)),
		v4(c4, a4, 47, ip.Header4{}, ports(80, 80, 20)),
		v4(c4, a4, 2, ip.Header4{}, icmp(0x11, 0, 4)),
		v4(c4, a4, 50, ip.Header4{}, icmp(0x11, 0, 4)),
		v4(c4, a4, 51, ip.Header4{}, icmp(0x11, 0, 4)),
	)
	for _, t := range []byte{1, 2, 3, 4, 128, 129, 133, 134, 135, 136, 137, 160} {
		all = append(all, v6(a6, b6, ip.ProtoICMPv6, icmp(t, t%5, int(t)*4)))
	}
	fragment := func(next ip.Proto, off uint16, payload []byte) []byte {
		b, err := ip.Fragment6{Next: next, Offset: off, MF: true, ID: 5}.AppendBinary(nil)
		if err != nil {
			panic(err)
		}
		return append(b, payload...)
	}
	all = append(all,
		v6(b6, a6, ip.ProtoFragment, fragment(ip.ProtoICMPv6, 0, icmp(128, 0, 40))),
		v6(b6, a6, ip.ProtoFragment, fragment(ip.ProtoUDP, 64, icmp(128, 0, 40))),
		v6(b6, c6, 0, append([]byte{58, 0, 5, 2, 0, 0, 1, 0}, icmp(143, 0, 20)...)),
		v6(c6, a6, ip.ProtoUDP, ports(53, 5353, 30)),
		v6(a6, c6, ip.ProtoTCP, append(ports(443, 80, 9), 0x12, 0, 0, 0, 0, 0, 0)),
		v6(a6, a6, 132, ports(7, 7, 8)),
		v6(a6, a6, 59, nil),
	)
	return all
}

// frames puts the datagrams into frames of a link, and cuts some of them.
func frames(link frame.LinkType) (all []packet) {
	add := func(b []byte) { all = append(all, packet{b, len(b)}) }
	for i, d := range datagrams() {
		six := d[0]>>4 == 6
		if link == frame.IPv4 && six || link == frame.IPv6 && !six {
			continue
		}
		t := []byte{8, 0}
		if six {
			t = []byte{0x86, 0xdd}
		}
		mac := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
		switch link {
		case frame.Ethernet:
			add(slices.Concat(mac, t, d))
			add(slices.Concat(mac, []byte{0x81, 0, 0, byte(i)}, t, d))
			add(slices.Concat(mac, []byte{0x88, 0xa8, 0x20, 100, 0x81, 0, 0xf0, byte(i)}, t, d))
		case frame.LinuxCooked:
			add(slices.Concat([]byte{0, byte(i % 5), 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, t, d))
			add(slices.Concat([]byte{0, byte(i % 5), 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, byte(i)}, t, d))
		case frame.Cooked2:
			add(slices.Concat(t, []byte{0, 0, 0, 0, 0, 2, 0, 1, byte(i % 5), 6, 2, 0, 0, 0, 0, 1, 0, 0}, d))
		case frame.Null, frame.Loop:
			f := []byte{2, 0, 0, 0}
			if six {
				f[0] = 10
			}
			if link == frame.Loop {
				slices.Reverse(f)
			}
			add(append(f, d...))
		case frame.PPP, frame.PPPSerial:
			p := []byte{0xff, 3, 0, 0x21}
			if six {
				p[3] = 0x57
			}
			add(append(p, d...))
		case frame.PPPEther:
			p := []byte{0x11, 0, 0, 9, 0, 0, 0, 0x21}
			if six {
				p[7] = 0x57
			}
			add(append(p, d...))
		default:
			add(d)
		}
	}
	if link == frame.Ethernet {
		for _, t := range []byte{6, 0x35} {
			arp := []byte{0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3}
			high := byte(8)
			if t == 0x35 {
				high = 0x80
			}
			add(slices.Concat([]byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 2, high, t}, arp))
		}
		add(append([]byte{1, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 38, 0x42, 0x42, 3}, make([]byte, 35)...))
	}
	for _, p := range all {
		for _, n := range []int{0, 1, 13, 15, 21, 33, 34, 35, 40, 54, 58, 64, 96} {
			if len(p.data) > n {
				all = append(all, packet{p.data[:n], p.length})
			}
		}
	}
	return all
}

// ipHeader has nothing special.
var ipHeader = ip.Header4{}
