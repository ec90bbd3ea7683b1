package bench

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/quote"
)

// parseUnreachable parses the message and a quote of n octets: 28 are the least
// that a host sends, 548 fill a datagram of 576 (RFC 1812 §4.3.2.3).
func parseUnreachable(n int) Contest {
	b := unreachableOctets(n, nextHopMTU)
	return Contest{
		Name: fmt.Sprintf("parse unreachable, %d octets of quote", n), Octets: len(b), Pairs: parsePairs,
		Contestants: []Contestant{
			unreachableSonde(b), unreachableSondeUnverified(b), unreachableGVisor(b), unreachableGVisorUnverified(b),
			unreachableXNet(b), unreachableNewPacket(b), unreachableParser(b), unreachableParserVerified(b),
		},
	}
}

// foundUnreachable is where a contestant leaves what it has read. Addresses are
// read as four octets, which all of the libraries can give.
type foundUnreachable struct {
	typ, code        uint8
	mtu              int
	src, dst         [4]byte
	tos, ttl, proto  uint8
	df               bool
	length, id, frag uint16
	sum              uint16
	sport, dport     uint16
	err              error
}

func (f *foundUnreachable) result() any {
	if f.err != nil {
		return f.err
	}
	return Unreachable{f.typ, f.code, f.mtu, Quote{
		netip.AddrFrom4(f.src), netip.AddrFrom4(f.dst), f.tos, f.ttl, f.proto, f.length, f.id, f.df,
		f.frag, f.sum, f.sport, f.dport,
	}}
}

func unreachableSonde(b []byte) Contestant {
	f := new(foundUnreachable)
	return Contestant{Sonde, func(n int) {
		var m icmp4.DestUnreachable
		var q quote.Quote
		for range n {
			if err := m.Parse(b); err != nil {
				f.err = err
				return
			}
			f.typ, f.code, f.mtu = uint8(icmp4.TypeDestUnreachable), uint8(m.Code), int(m.MTU)
			if err := q.Parse(m.Quote); err != nil {
				f.err = err
				return
			}
			f.quote(&q)
		}
	}, f.result}
}

func unreachableSondeUnverified(b []byte) Contestant {
	f := new(foundUnreachable)
	return Contestant{SondeUnverified, func(n int) {
		var m icmp4.DestUnreachable
		var q quote.Quote
		for range n {
			if err := m.Decode(b); err != nil {
				f.err = err
				return
			}
			f.typ, f.code, f.mtu = uint8(icmp4.TypeDestUnreachable), uint8(m.Code), int(m.MTU)
			if err := q.Parse(m.Quote); err != nil {
				f.err = err
				return
			}
			f.quote(&q)
		}
	}, f.result}
}

func (f *foundUnreachable) quote(q *quote.Quote) {
	f.src, f.dst = q.Src.As4(), q.Dst.As4()
	f.tos, f.ttl, f.proto, f.df = q.TOS, uint8(q.TTL), uint8(q.Proto), q.DF
	f.length, f.id, f.frag, f.sum = uint16(q.TotalLen), uint16(q.ID), q.FragOffset, q.HeaderChecksum
	f.sport, f.dport = q.SrcPort, q.DstPort
}

func unreachableGVisor(b []byte) Contestant {
	f := new(foundUnreachable)
	return Contestant{GVisorVerified, func(n int) {
		for range n {
			v := header.ICMPv4(b)
			if checksum.Checksum(v, 0) != 0xffff {
				f.err = errChecksum
				return
			}
			f.view(v)
		}
	}, f.result}
}

func unreachableGVisorUnverified(b []byte) Contestant {
	f := new(foundUnreachable)
	return Contestant{GVisor, func(n int) {
		for range n {
			f.view(header.ICMPv4(b))
		}
	}, f.result}
}

func (f *foundUnreachable) view(v header.ICMPv4) {
	f.typ, f.code, f.mtu = uint8(v.Type()), uint8(v.Code()), int(v.MTU())
	ip := header.IPv4(v.Payload())
	f.src, f.dst = [4]byte(ip.SourceAddressSlice()), [4]byte(ip.DestinationAddressSlice())
	f.tos, _ = ip.TOS()
	f.ttl, f.proto, f.df = ip.TTL(), ip.Protocol(), ip.Flags()&header.IPv4FlagDontFragment != 0
	f.length, f.id, f.frag, f.sum = ip.TotalLength(), ip.ID(), ip.FragmentOffset(), ip.Checksum()
	udp := header.UDP(ip[ip.HeaderLength():])
	f.sport, f.dport = udp.SourcePort(), udp.DestinationPort()
}

func unreachableXNet(b []byte) Contestant {
	f := new(foundUnreachable)
	return Contestant{XNet, func(n int) {
		for range n {
			m, err := icmp.ParseMessage(protoICMP, b)
			if err != nil {
				f.err = err
				return
			}
			f.typ, f.code, f.mtu = uint8(m.Type.(ipv4.ICMPType)), uint8(m.Code), -1
			q := m.Body.(*icmp.DstUnreach).Data
			h, err := ipv4.ParseHeader(q)
			if err != nil {
				f.err = err
				return
			}
			f.src, f.dst = [4]byte(h.Src.To4()), [4]byte(h.Dst.To4())
			f.tos, f.ttl, f.proto, f.df = uint8(h.TOS), uint8(h.TTL), uint8(h.Protocol), h.Flags&ipv4.DontFragment != 0
			f.length, f.id, f.frag, f.sum = uint16(h.TotalLen), uint16(h.ID), uint16(h.FragOff), uint16(h.Checksum)
			f.sport, f.dport = binary.BigEndian.Uint16(q[h.Len:]), binary.BigEndian.Uint16(q[h.Len+2:])
		}
	}, f.result}
}

// layers reads the fields of gopacket's layers.
func (f *foundUnreachable) layers(m *layers.ICMPv4, ip *layers.IPv4, udp *layers.UDP) {
	f.typ, f.code, f.mtu = m.TypeCode.Type(), m.TypeCode.Code(), int(m.Seq)
	f.src, f.dst = [4]byte(ip.SrcIP), [4]byte(ip.DstIP)
	f.tos, f.ttl, f.proto, f.df = ip.TOS, ip.TTL, uint8(ip.Protocol), ip.Flags&layers.IPv4DontFragment != 0
	f.length, f.id, f.frag, f.sum = ip.Length, ip.Id, ip.FragOffset, ip.Checksum
	f.sport, f.dport = uint16(udp.SrcPort), uint16(udp.DstPort)
}

func unreachableNewPacket(b []byte) Contestant {
	f := new(foundUnreachable)
	return Contestant{NewPacket, func(n int) {
		for range n {
			opts := gopacket.DecodeOptions{NoCopy: true}
			p := gopacket.NewPacket(b, layers.LayerTypeICMPv4, opts)
			m := p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4)
			p = gopacket.NewPacket(m.Payload, layers.LayerTypeIPv4, opts)
			f.layers(m, p.Layer(layers.LayerTypeIPv4).(*layers.IPv4), p.Layer(layers.LayerTypeUDP).(*layers.UDP))
		}
	}, f.result}
}

func unreachableParser(b []byte) Contestant {
	f, m, ip, udp := new(foundUnreachable), new(layers.ICMPv4), new(layers.IPv4), new(layers.UDP)
	outer := gopacket.NewDecodingLayerParser(layers.LayerTypeICMPv4, m, new(gopacket.Payload))
	inner := gopacket.NewDecodingLayerParser(layers.LayerTypeIPv4, ip, udp, new(gopacket.Payload))
	var decoded []gopacket.LayerType
	return Contestant{Parser, func(n int) {
		for range n {
			if f.err = outer.DecodeLayers(b, &decoded); f.err != nil {
				return
			}
			if f.err = inner.DecodeLayers(m.Payload, &decoded); f.err != nil {
				return
			}
			f.layers(m, ip, udp)
		}
	}, f.result}
}

func unreachableParserVerified(b []byte) Contestant {
	f, m, ip, udp := new(foundUnreachable), new(layers.ICMPv4), new(layers.IPv4), new(layers.UDP)
	outer := gopacket.NewDecodingLayerParser(layers.LayerTypeICMPv4, m, new(gopacket.Payload))
	inner := gopacket.NewDecodingLayerParser(layers.LayerTypeIPv4, ip, udp, new(gopacket.Payload))
	var decoded []gopacket.LayerType
	return Contestant{ParserVerified, func(n int) {
		for range n {
			if f.err = outer.DecodeLayers(b, &decoded); f.err != nil {
				return
			}
			if _, r := m.VerifyChecksum(); !r.Valid {
				f.err = errChecksum
				return
			}
			if f.err = inner.DecodeLayers(m.Payload, &decoded); f.err != nil {
				return
			}
			f.layers(m, ip, udp)
		}
	}, f.result}
}

func buildUnreachable() Contest {
	q := quoteOctets()
	return Contest{
		Name: "build unreachable", Octets: 8 + len(q), Pairs: buildPairs,
		Contestants: []Contestant{
			buildUnreachableSonde(q), buildUnreachableGVisor(q),
			buildXNet(ipv4.ICMPTypeDestinationUnreachable, 3, func() icmp.MessageBody {
				return &icmp.DstUnreach{Data: q}
			}),
			serialize(3, 3, 0, 0, q), serializeReused(3, 3, 0, 0, q),
		},
	}
}

func buildUnreachableSonde(q []byte) Contestant {
	f, buf := new(foundOctets), make([]byte, 0, bufLen)
	return Contestant{Sonde, func(n int) {
		for range n {
			m := icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: q}
			f.b, f.err = m.AppendBinary(buf)
		}
	}, f.result}
}

func buildUnreachableGVisor(q []byte) Contestant {
	f, buf := new(foundOctets), make([]byte, bufLen)
	return Contestant{GVisor, func(n int) {
		for range n {
			v := header.ICMPv4(buf[:header.ICMPv4MinimumSize+len(q)])
			v.SetType(header.ICMPv4DstUnreachable)
			v.SetCode(header.ICMPv4PortUnreachable)
			v.SetChecksum(0)
			v.SetIdent(0)
			v.SetMTU(0)
			copy(v.Payload(), q)
			v.SetChecksum(^checksum.Checksum(v, 0))
			f.b = v
		}
	}, f.result}
}
