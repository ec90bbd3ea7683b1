package bench

import (
	"encoding/binary"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/quote"
)

func parseUnreachable() Contest {
	b := unreachableOctets(4, nextHopMTU)
	return Contest{
		Name: "parse unreachable with its quote", Octets: len(b), Pairs: parsePairs,
		Contestants: []Contestant{
			unreachableSonde(Sonde, b, true), unreachableSonde(SondeUnverified, b, false),
			unreachableGVisor(GVisorVerified, b, true), unreachableGVisor(GVisor, b, false),
			unreachableXNet(b), unreachableNewPacket(b),
			unreachableParser(Parser, b, false), unreachableParser(ParserVerified, b, true),
		},
	}
}

func unreachableSonde(name string, b []byte, verify bool) Contestant {
	var m icmp4.DestUnreachable
	var q quote.Quote
	var err error
	return Contestant{name, func(n int) {
		for range n {
			if verify {
				m, err = icmp4.ParseDestUnreachable(b)
			} else {
				m, err = icmp4.DecodeDestUnreachable(b)
			}
			if err == nil {
				q, err = quote.Parse4(m.Quote)
			}
		}
	}, func() any {
		if err != nil {
			return err
		}
		k := m.Kind()
		return Unreachable{uint8(k.Type), uint8(k.Code), int(m.MTU), Quote{
			q.Src, q.Dst, q.TOS, uint8(q.TTL), uint8(q.Proto), uint16(q.TotalLen), uint16(q.ID), q.DF,
			q.FragOffset, q.HeaderChecksum, q.SrcPort, q.DstPort,
		}}
	}}
}

func unreachableGVisor(name string, b []byte, verify bool) Contestant {
	var m struct {
		typ                                 header.ICMPv4Type
		code                                header.ICMPv4Code
		mtu                                 uint16
		src, dst                            tcpip.Address
		tos, flags, ttl, proto              uint8
		length, id, frag, sum, sport, dport uint16
	}
	var ok bool
	return Contestant{name, func(n int) {
		for range n {
			v := header.ICMPv4(b)
			if verify {
				if ok = checksum.Checksum(v, 0) == 0xffff; !ok {
					return
				}
			}
			m.typ, m.code, m.mtu = v.Type(), v.Code(), v.MTU()
			ip := header.IPv4(v.Payload())
			m.src, m.dst = ip.SourceAddress(), ip.DestinationAddress()
			m.tos, _ = ip.TOS()
			m.flags, m.ttl, m.proto, m.length, m.id = ip.Flags(), ip.TTL(), ip.Protocol(), ip.TotalLength(), ip.ID()
			m.frag, m.sum = ip.FragmentOffset(), ip.Checksum()
			udp := header.UDP(ip[ip.HeaderLength():])
			m.sport, m.dport = udp.SourcePort(), udp.DestinationPort()
		}
	}, func() any {
		if ok != verify {
			return "checksum"
		}
		return Unreachable{uint8(m.typ), uint8(m.code), int(m.mtu), Quote{
			addr(m.src.AsSlice()), addr(m.dst.AsSlice()), m.tos, m.ttl, m.proto, m.length, m.id,
			m.flags&header.IPv4FlagDontFragment != 0, m.frag, m.sum, m.sport, m.dport,
		}}
	}}
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}

func unreachableXNet(b []byte) Contestant {
	var m *icmp.Message
	var h *ipv4.Header
	var sport, dport uint16
	var err error
	return Contestant{XNet, func(n int) {
		for range n {
			if m, err = icmp.ParseMessage(protoICMP, b); err != nil {
				return
			}
			q := m.Body.(*icmp.DstUnreach).Data
			if h, err = ipv4.ParseHeader(q); err != nil {
				return
			}
			sport, dport = binary.BigEndian.Uint16(q[h.Len:]), binary.BigEndian.Uint16(q[h.Len+2:])
		}
	}, func() any {
		if err != nil {
			return err
		}
		return Unreachable{uint8(m.Type.(ipv4.ICMPType)), uint8(m.Code), -1, Quote{
			addr(h.Src), addr(h.Dst), uint8(h.TOS), uint8(h.TTL), uint8(h.Protocol), uint16(h.TotalLen), uint16(h.ID),
			h.Flags&ipv4.DontFragment != 0, uint16(h.FragOff), uint16(h.Checksum), sport, dport,
		}}
	}}
}

func unreachableLayers(m *layers.ICMPv4, ip *layers.IPv4, udp *layers.UDP) any {
	return Unreachable{m.TypeCode.Type(), m.TypeCode.Code(), int(m.Seq), Quote{
		addr(ip.SrcIP), addr(ip.DstIP), ip.TOS, ip.TTL, uint8(ip.Protocol), ip.Length, ip.Id,
		ip.Flags&layers.IPv4DontFragment != 0, ip.FragOffset, ip.Checksum, uint16(udp.SrcPort), uint16(udp.DstPort),
	}}
}

func unreachableNewPacket(b []byte) Contestant {
	var m *layers.ICMPv4
	var ip *layers.IPv4
	var udp *layers.UDP
	return Contestant{NewPacket, func(n int) {
		for range n {
			opts := gopacket.DecodeOptions{NoCopy: true}
			p := gopacket.NewPacket(b, layers.LayerTypeICMPv4, opts)
			m = p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4)
			p = gopacket.NewPacket(m.Payload, layers.LayerTypeIPv4, opts)
			ip = p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
			udp = p.Layer(layers.LayerTypeUDP).(*layers.UDP)
		}
	}, func() any { return unreachableLayers(m, ip, udp) }}
}

func unreachableParser(name string, b []byte, verify bool) Contestant {
	m, ip, udp := new(layers.ICMPv4), new(layers.IPv4), new(layers.UDP)
	outer := newParser(layers.LayerTypeICMPv4, m, new(gopacket.Payload))
	inner := newParser(layers.LayerTypeIPv4, ip, udp, new(gopacket.Payload))
	var decoded []gopacket.LayerType
	var err error
	return Contestant{name, func(n int) {
		for range n {
			if err = outer.DecodeLayers(b, &decoded); err != nil {
				return
			}
			if verify {
				if err = verifyLayer(m); err != nil {
					return
				}
			}
			if err = inner.DecodeLayers(m.Payload, &decoded); err != nil {
				return
			}
		}
	}, func() any {
		if err != nil {
			return err
		}
		return unreachableLayers(m, ip, udp)
	}}
}

func buildUnreachable() Contest {
	q := quoteOctets()
	return Contest{
		Name: "build unreachable", Octets: 8 + len(q), Pairs: buildPairs,
		Contestants: []Contestant{
			buildUnreachableSonde(q), buildUnreachableGVisor(q),
			buildXNet(icmp.Message{Type: ipv4.ICMPTypeDestinationUnreachable, Code: 3}, func() icmp.MessageBody {
				return &icmp.DstUnreach{Data: q}
			}),
			serialize(Serialize, 3, 3, 0, 0, q),
			serialize(SerializeReused, 3, 3, 0, 0, q),
		},
	}
}

func buildUnreachableSonde(q []byte) Contestant {
	buf := make([]byte, 0, 2048)
	var err error
	return Contestant{Sonde, func(n int) {
		for range n {
			m := icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: q}
			buf, err = m.AppendBinary(buf[:0])
		}
	}, func() any { return built(buf, err) }}
}

func buildUnreachableGVisor(q []byte) Contestant {
	buf := make([]byte, 2048)
	var v header.ICMPv4
	return Contestant{GVisor, func(n int) {
		for range n {
			v = header.ICMPv4(buf[:header.ICMPv4MinimumSize+len(q)])
			v.SetType(header.ICMPv4DstUnreachable)
			v.SetCode(header.ICMPv4PortUnreachable)
			v.SetChecksum(0)
			v.SetIdent(0)
			v.SetMTU(0)
			copy(v.Payload(), q)
			v.SetChecksum(^checksum.Checksum(v, 0))
		}
	}, func() any { return built(v, nil) }}
}
