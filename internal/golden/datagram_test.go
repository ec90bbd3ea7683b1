package golden_test

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

var (
	here4, there4, router4 = addr("192.0.2.1"), addr("198.51.100.2"), addr("203.0.113.9")
	here6, there6, router6 = addr("2001:db8:1::1"), addr("2001:db8:2::2"), addr("2001:db8:9::9")
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// head4 is the header of the packets about ICMPv4, but for its length.
func head4() ip.Header4 {
	return ip.Header4{TOS: 0xc0, ID: 0x1234, TTL: 61, Proto: ip.ProtoICMP, Src: router4, Dst: here4}
}

// head6 is the header of the packets about ICMPv6, but for its length.
func head6() ip.Header6 {
	return ip.Header6{TrafficClass: 0x20, FlowLabel: 0xabcde, NextHeader: ip.ProtoICMPv6, HopLimit: 255, Src: router6, Dst: here6}
}

// header4 says what the header of a datagram of that length shows, its checksum
// in the state sum. tshark gives the fragment offset as it stands, in units of
// eight octets.
func header4(h ip.Header4, total, sum int) say {
	return say{
		"ip.version", 4, "ip.hdr_len", h.HeaderLen(), "ip.dsfield", hex8(h.TOS), "ip.len", total,
		"ip.id", hex16(h.ID), "ip.flags.rb", h.Reserved, "ip.flags.df", h.DF, "ip.flags.mf", h.MF,
		"ip.frag_offset", h.FragOffset / 8, "ip.ttl", uint8(h.TTL), "ip.proto", uint8(h.Proto),
		"ip.checksum.status", sum, "ip.src", h.Src, "ip.dst", h.Dst,
	}
}

// header6 says what an IPv6 header shows.
func header6(h ip.Header6, payload int) say {
	return say{
		"ip.version", 6, "ipv6.version", 6, "ipv6.tclass", hex32(h.TrafficClass), "ipv6.flow", hex24(h.FlowLabel),
		"ipv6.plen", payload, "ipv6.nxt", uint8(h.NextHeader), "ipv6.hlim", uint8(h.HopLimit),
		"ipv6.src", h.Src, "ipv6.dst", h.Dst,
	}
}

// A quoted datagram: its first octets, and what is to be seen in them.
type quoted struct {
	octets []byte
	shows  []say
}

// v4 adds an ICMPv4 message, with what it shows beside type, code and checksum,
// and with what the datagram shows that it quotes.
func (c *capture) v4(name string, m icmp4.Message, q quoted, shows ...say) *packet {
	c.t.Helper()
	return c.v4in(name, head4(), m, q, shows...)
}

// v4in is v4 with a header of its own.
func (c *capture) v4in(name string, h ip.Header4, m icmp4.Message, q quoted, shows ...say) *packet {
	c.t.Helper()
	b := c.must(ip.Enclose4(nil, h, m))
	what := []say{header4(h, len(b), sumGood), {
		"icmp.type", uint8(m.Kind().Type), "icmp.code", uint8(m.Kind().Code), "icmp.checksum.status", sumGood,
	}}
	return c.packet(name, b, append(append(what, shows...), q.shows...)...)
}

// v6 is v4 for ICMPv6.
func (c *capture) v6(name string, m icmp6.Message, q quoted, shows ...say) *packet {
	c.t.Helper()
	return c.v6in(name, head6(), m, q, shows...)
}

// v6in is v6 with a header of its own.
func (c *capture) v6in(name string, h ip.Header6, m icmp6.Message, q quoted, shows ...say) *packet {
	c.t.Helper()
	b := c.must(ip.Enclose6(nil, h, m))
	what := []say{header6(h, m.Len()), shows6(m)}
	return c.packet(name, b, append(append(what, shows...), q.shows...)...)
}

func shows6(m icmp6.Message) say {
	return say{"icmpv6.type", uint8(m.Kind().Type), "icmpv6.code", uint8(m.Kind().Code), "icmpv6.checksum.status", sumGood}
}

// udp is a UDP packet between the two hosts, with n octets of data.
func (c *capture) udp(src, dst netip.Addr, n int) ([]byte, say) {
	b := c.must(transport.UDP{SrcPort: 40000, DstPort: 33434}.AppendPacket(nil, src, dst, make([]byte, n)))
	return b, say{"udp.srcport", 40000, "udp.dstport", 33434, "udp.length", 8 + n}
}

// zeros says that tshark sees n octets of data, all zero.
func zeros(n int) say { return say{"data.data", make([]byte, n), "data.len", n} }

// tcp is a TCP header between the two hosts.
func (c *capture) tcp(src, dst netip.Addr) ([]byte, say) {
	b := c.must(transport.TCP{SrcPort: 40001, DstPort: 7777, Seq: 0xdeadbeef, Flags: 0x02, Window: 4096}.AppendPacket(nil, src, dst, nil))
	return b, say{"tcp.srcport", 40001, "tcp.dstport", 7777, "tcp.seq", uint32(0xdeadbeef)}
}

// echo4 is an echo request, as a quote shows it.
func (c *capture) echo4(n int) ([]byte, say) {
	b := c.must(icmp4.Echo{ID: 0x0102, Seq: 0x0304, Data: make([]byte, n)}.AppendBinary(nil))
	return b, say{"icmp.type", 8, "icmp.code", 0, "icmp.checksum.status", sumUnverified, "icmp.ident", 0x0102, "icmp.seq", 0x0304}
}

// echo6 is echo4 for ICMPv6.
func (c *capture) echo6(n int) ([]byte, say) {
	b := c.must(icmp6.Echo{ID: 0x0102, Seq: 0x0304, Data: make([]byte, n)}.Append(nil, here6, there6))
	return b, say{
		"icmpv6.type", 128, "icmpv6.code", 0, "icmpv6.checksum.status", sumUnverified,
		"icmpv6.echo.identifier", hex16(0x0102), "icmpv6.echo.sequence_number", 0x0304,
	}
}

// quote4 is the beginning of a datagram: the header h with payload behind it,
// cut to n octets behind the header.
func (c *capture) quote4(h ip.Header4, payload []byte, n int, shows ...say) quoted {
	b := c.must(h.AppendPacket(nil, payload))
	return quoted{b[:h.HeaderLen()+min(n, len(payload))], append([]say{header4(h, len(b), sumGood)}, shows...)}
}

// quote6 is quote4 for IPv6.
func (c *capture) quote6(h ip.Header6, payload []byte, n int, shows ...say) quoted {
	b := c.must(h.AppendPacket(nil, payload))
	return quoted{b[:40+min(n, len(payload))], append([]say{header6(h, len(payload))}, shows...)}
}

// ours4 is the header of a datagram that an error quotes, as its reporter saw it.
func ours4(p ip.Proto) ip.Header4 {
	return ip.Header4{TOS: 0x10, ID: 0xbeef, DF: true, TTL: 1, Proto: p, Src: here4, Dst: there4}
}

func ours6(p ip.Proto) ip.Header6 {
	return ip.Header6{TrafficClass: 0x10, FlowLabel: 0x12345, NextHeader: p, HopLimit: 1, Src: here6, Dst: there6}
}
