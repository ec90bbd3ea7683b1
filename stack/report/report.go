package report

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// The most that an error fills, IP header included, in octets: RFC 1812
// §4.3.2.3, RFC 4443 §2.4c.
const (
	Limit4 = 576
	Limit6 = 1280
)

// Report is what an error says, beside the datagram that it is about. Only the
// fields that the cause's message has are used.
type Report struct {
	Cause   Cause
	MTU     uint32     // of the next link, in octets: TooBig
	Pointer uint32     // octet at fault, from the IP header on: BadField, BadNextHeader, BadOption
	Gateway netip.Addr // the better first hop: RedirectHost, RedirectTOSHost
	// Ext is an RFC 4884 extension structure, added where the message can carry
	// one; borrowed for the call.
	Ext []byte
}

// Origin is who reports. Only Src has to be set.
type Origin struct {
	Src     netip.Addr
	TTL     ip.TTL // 0: 64
	ID      uint16 // IPv4 identification
	Gateway bool   // a gateway speaks, with precedence 6; else a host, with TOS 0 (E-09)
	// Limit is the most octets that the error may fill, IP header included;
	// 0: [Limit4] or [Limit6]. In IPv6 it is never more than [Limit6] (RFC 4443
	// §2.4c). Header and 8 octets are quoted in any case.
	Limit int
	// Quote is how many octets behind the datagram's IP header are quoted at
	// most; 0: as many as fit into Limit; below 8 counts as 8 (RFC 792).
	Quote int
}

// defaultTTL is what E-11's freshly initialised time to live is, unless told
// otherwise.
const defaultTTL = 64

// tosBits are the bits of the type of service that an error from a gateway
// copies, precedence 6 beside them (RFC 1812 §4.3.2.5).
//
// Reading: the bits next to the precedence are delay, throughput and
// reliability; the last two are ECN since RFC 3168, and an error is not
// ECN-capable, so they stay zero.
const (
	tosBits            = 0x1c
	precedenceInternet = 6 << 5
	flowLabelMask      = 0xfffff
	minQuotedPayload   = 8
	icmpHeaderLen      = 8
)

// Append appends the error, as a whole datagram, to b: from o.Src to the source
// of the datagram that it is about. It does not ask whether the error may be
// sent: see [May]. Errors are [*wire.ParseError] when the datagram has no
// readable header and [*wire.FieldError] when a field does not fit or the cause
// has no message in the family; b is then returned as it was.
func (r Report) Append(b, datagram []byte, o Origin) ([]byte, error) {
	if len(datagram) > 0 && datagram[0]>>4 == 6 {
		return r.append6(b, datagram, o)
	}
	return r.append4(b, datagram, o)
}

func (r Report) append4(b, datagram []byte, o Origin) ([]byte, error) {
	k, ok := r.Cause.Kind4()
	if !ok {
		return b, &wire.FieldError{Type: "report.Report", Field: "Cause", Want: "a cause that ICMPv4 reports"}
	}
	if !o.Src.Is4() {
		return b, &wire.FieldError{Type: "report.Origin", Field: "Src", Want: "an IPv4 address"}
	}
	if r.MTU > 0xffff {
		return b, &wire.FieldError{Type: "report.Report", Field: "MTU", Value: int(r.MTU), Limit: 0xffff}
	}
	if r.Pointer > 0xff {
		return b, &wire.FieldError{Type: "report.Report", Field: "Pointer", Value: int(r.Pointer), Limit: 0xff}
	}
	hlen, total, err := extent4(datagram)
	if err != nil {
		return b, err
	}
	ext := r.Ext
	if !extensible4(k.Type) {
		ext = nil
	}
	quote := datagram[:o.quoted(hlen, total, Limit4-ip.MinHeaderLen4, ip.MinHeaderLen4, len(ext), extension.Unit4)]

	h := ip.Header4{
		TOS: o.tos(datagram[1]), ID: o.ID, TTL: o.ttl(), Proto: ip.ProtoICMP,
		Src: o.Src, Dst: netip.AddrFrom4([4]byte(datagram[12:16])),
	}
	switch k.Type {
	case icmp4.TypeRedirect:
		return ip.Enclose4(b, h, icmp4.Redirect{Code: k.Code, Gateway: r.Gateway, Quote: quote})
	case icmp4.TypeSourceQuench:
		return ip.Enclose4(b, h, icmp4.SourceQuench{Code: k.Code, Quote: quote})
	case icmp4.TypeTimeExceeded:
		return ip.Enclose4(b, h, icmp4.TimeExceeded{Code: k.Code, Quote: quote, Ext: ext})
	case icmp4.TypeParameterProblem:
		return ip.Enclose4(b, h, icmp4.ParameterProblem{Code: k.Code, Pointer: uint8(r.Pointer), Quote: quote, Ext: ext})
	}
	m := icmp4.DestUnreachable{Code: k.Code, Quote: quote, Ext: ext}
	if r.Cause == TooBig {
		m.MTU = uint16(r.MTU)
	}
	return ip.Enclose4(b, h, m)
}

// extent4 returns the header length and how much of the datagram is there.
func extent4(d []byte) (hlen, total int, err error) {
	if len(d) < ip.MinHeaderLen4 {
		return 0, 0, &wire.ParseError{Type: "report.Report", Offset: len(d), Reason: wire.Short}
	}
	hlen, total = int(d[0]&0xf)*4, int(binary.BigEndian.Uint16(d[2:4]))
	if d[0]>>4 != 4 || hlen < ip.MinHeaderLen4 || hlen > len(d) {
		return 0, 0, &wire.ParseError{Type: "report.Report", Offset: 0, Reason: wire.Version}
	}
	return hlen, max(hlen, min(total, len(d))), nil
}

// extensible4 reports whether RFC 4884 lets messages of this type carry
// extensions.
func extensible4(t icmp4.Type) bool {
	return t == icmp4.TypeDestUnreachable || t == icmp4.TypeTimeExceeded || t == icmp4.TypeParameterProblem
}

// quoted returns how many octets of a datagram are quoted: room is what the
// limit leaves for the ICMP message when it is the default.
func (o Origin) quoted(hlen, total, room, outer, ext, unit int) int {
	if o.Limit > 0 {
		room = o.Limit - outer
	}
	room -= icmpHeaderLen + ext
	n := total
	if o.Quote > 0 {
		n = min(n, hlen+max(o.Quote, minQuotedPayload))
	}
	if ext > 0 {
		room -= room % unit // the quote is padded to whole units
	}
	n = min(n, room)
	return max(n, min(total, hlen+minQuotedPayload))
}

func (o Origin) ttl() ip.TTL {
	if o.TTL == 0 {
		return defaultTTL
	}
	return o.TTL
}

func (o Origin) tos(offending uint8) uint8 {
	if !o.Gateway {
		return 0
	}
	return precedenceInternet | offending&tosBits
}

func (r Report) append6(b, datagram []byte, o Origin) ([]byte, error) {
	k, ok := r.Cause.Kind6()
	if !ok {
		return b, &wire.FieldError{Type: "report.Report", Field: "Cause", Want: "a cause that ICMPv6 reports"}
	}
	if !o.Src.Is6() || o.Src.Is4In6() {
		return b, &wire.FieldError{Type: "report.Origin", Field: "Src", Want: "an IPv6 address"}
	}
	if len(datagram) < ip.HeaderLen6 {
		return b, &wire.ParseError{Type: "report.Report", Offset: len(datagram), Reason: wire.Short}
	}
	ext := r.Ext
	if k.Type != icmp6.TypeDestUnreachable && k.Type != icmp6.TypeTimeExceeded {
		ext = nil
	}
	o.Limit = min(o.Limit, Limit6)
	total := max(ip.HeaderLen6, min(len(datagram), ip.HeaderLen6+int(binary.BigEndian.Uint16(datagram[4:6]))))
	quote := datagram[:o.quoted(ip.HeaderLen6, total, Limit6-ip.HeaderLen6, ip.HeaderLen6, len(ext), extension.Unit6)]

	h := ip.Header6{
		TrafficClass: o.tos(0), NextHeader: ip.ProtoICMPv6, HopLimit: o.ttl(),
		Src: o.Src, Dst: netip.AddrFrom16([16]byte(datagram[8:24])),
	}
	switch k.Type {
	case icmp6.TypePacketTooBig:
		return ip.Enclose6(b, h, icmp6.PacketTooBig{Code: k.Code, MTU: r.MTU, Quote: quote})
	case icmp6.TypeTimeExceeded:
		return ip.Enclose6(b, h, icmp6.TimeExceeded{Code: k.Code, Quote: quote, Ext: ext})
	case icmp6.TypeParameterProblem:
		return ip.Enclose6(b, h, icmp6.ParameterProblem{Code: k.Code, Pointer: r.Pointer, Quote: quote})
	}
	return ip.Enclose6(b, h, icmp6.DestUnreachable{Code: k.Code, Quote: quote, Ext: ext})
}
