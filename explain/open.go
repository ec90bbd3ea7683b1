package explain

import (
	"encoding/binary"
	"errors"
	"net"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/field"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// EtherTypes (IEEE 802).
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100 // IEEE 802.1Q
	etherQinQ = 0x88a8 // IEEE 802.1ad
	macsLen   = 12
)

// FormOf finds out what octets are. It is a guess where nothing tells for sure: a
// bare message whose checksum does not hold may be of either family.
func FormOf(b []byte) Form {
	switch {
	case len(b) >= ip.MinHeaderLen4 && b[0]>>4 == 4 && b[0]&15 >= 5 && b[9] == uint8(ip.ProtoICMP):
		return IPv4
	case len(b) >= ip.HeaderLen6 && b[0]>>4 == 6 && leadsTo6(ip.Proto(b[6])):
		return IPv6
	case etherType(b) != 0:
		return Ethernet
	case len(b) >= ip.MinHeaderLen4 && b[0] == 0x45 && int(binary.BigEndian.Uint16(b[2:])) >= ip.MinHeaderLen4 && checksum.Valid(b[:ip.MinHeaderLen4]):
		return IPv4 // of another protocol, which is worth saying
	case len(b) < 4 || checksum.Valid(b):
		return ICMPv4
	case b[0] >= 128 && b[0] <= 161:
		return ICMPv6
	case b[0] == 1 || b[0] == 2: // no types of ICMPv4
		return ICMPv6
	case b[0] <= 4 && len(b) > 8 && b[8]>>4 == 6: // the quote is of IPv6
		return ICMPv6
	}
	return ICMPv4
}

// leadsTo6 reports whether a next header is ICMPv6 or may lead to it.
func leadsTo6(p ip.Proto) bool { return p == ip.ProtoICMPv6 || p.IsExtension() }

// etherType returns the EtherType of IP that b has behind its VLAN tags as an
// Ethernet frame whose content begins as its IP header does; 0: none.
func etherType(b []byte) uint16 {
	for off := macsLen; len(b) > off+2; off += 4 {
		switch t := binary.BigEndian.Uint16(b[off:]); {
		case t == etherIPv4 && b[off+2]>>4 == 4, t == etherIPv6 && b[off+2]>>4 == 6:
			return t
		case t != etherVLAN && t != etherQinQ:
			return 0
		}
	}
	return 0
}

// open finds the message in the octets: it sets what explainer says of it.
func (x *explainer) open() error {
	if len(x.octets) == 0 {
		return x.fail(0, "n.empty")
	}
	form := x.how.Form
	if form == Detect {
		form = FormOf(x.octets)
	}
	x.out.Form, x.ttl = form, -1
	switch form {
	case Ethernet:
		return x.openEthernet()
	case IPv4:
		return x.openIP4(0, x.octets)
	case IPv6:
		return x.openIP6(0, x.octets)
	case ICMPv6:
		x.family = catalogue.ICMPv6
	default:
		x.family = catalogue.ICMPv4
	}
	x.out.From, x.out.To = x.how.Src, x.how.Dst
	return x.take(0, x.octets, max(x.how.Length, len(x.octets)), true)
}

// take sets the message.
func (x *explainer) take(at int, b []byte, wireLen int, whole bool) error {
	x.msg, x.at, x.wireLen, x.whole = b, at, wireLen, whole && len(b) >= wireLen
	need := icmp4.HeaderLen
	if x.family == catalogue.ICMPv6 {
		need = 4
	}
	if len(b) < 4 || len(b) < need && len(b) >= wireLen {
		return x.fail(at+len(b), "n.short", field.Dec(need), field.Dec(len(b)))
	}
	if n := wireLen - len(b); n > 0 {
		x.Fault(at+len(b), "e.cut", field.Dec(n))
	}
	return nil
}

func (x *explainer) openEthernet() error {
	b := x.octets
	s := x.Sheet("layer.ethernet", 0, b)
	if len(b) < macsLen+2 {
		return x.fail(len(b), "n.frame")
	}
	s.Put(0, 6, "f.mac.dst", net.HardwareAddr(b[:6]).String(), "")
	s.Put(6, 6, "f.mac.src", net.HardwareAddr(b[6:12]).String(), "")
	off := macsLen
	for {
		t := s.Get(off, 2)
		s.Put(off, 2, "f.ethertype", field.Hex(t, 4), map[uint32]string{etherIPv4: "IPv4", etherIPv6: "IPv6", etherVLAN: "802.1Q", etherQinQ: "802.1ad"}[t])
		switch t {
		case etherIPv4:
			return x.openIP4(off+2, b[off+2:])
		case etherIPv6:
			return x.openIP6(off+2, b[off+2:])
		case etherVLAN, etherQinQ:
			if len(b) < off+6 {
				return x.fail(len(b), "n.frame")
			}
			tag := s.Get(off+2, 2)
			s.Put(off+2, 2, "f.vlan", "VLAN "+field.Dec(tag&0xfff), "")
			off += 4
		default:
			return x.fail(off, "n.ethertype", field.Hex(t, 4))
		}
	}
}

// reason returns the words for a parse error, and its octet.
func (x *explainer) reason(err error) (octet int, text string) {
	var p *wire.ParseError
	if !errors.As(err, &p) {
		return 0, err.Error()
	}
	return p.Offset, x.Say("r." + field.Dec(uint8(p.Reason)))
}

func (x *explainer) openIP4(at int, b []byte) error {
	h, payload, err := ip.Decode4(b)
	if err != nil && !errors.Is(err, wire.Truncated) {
		o, why := x.reason(err)
		return x.fail(at+o, "n.ip", why)
	}
	x.family, x.out.From, x.out.To, x.ttl = catalogue.ICMPv4, h.Src, h.Dst, int(h.TTL)
	s := x.Sheet("layer.ipv4", at, b[:h.HeaderLen()])
	s.Header4()
	switch {
	case h.Proto != ip.ProtoICMP:
		return x.fail(at+9, "n.proto", h.Proto.String())
	case h.FragOffset != 0:
		return x.fail(at+6, "n.later", field.Dec(h.FragOffset))
	}
	if !checksum.Valid(b[:h.HeaderLen()]) {
		x.Fault(at+10, "e.hsum")
	}
	if h.MF {
		x.Fault(at+6, "e.first")
	}
	return x.take(at+h.HeaderLen(), payload, int(h.TotalLen)-h.HeaderLen(), !h.MF)
}

func (x *explainer) openIP6(at int, b []byte) error {
	h, payload, err := ip.Parse6(b)
	if err != nil && !errors.Is(err, wire.Truncated) {
		o, why := x.reason(err)
		return x.fail(at+o, "n.ip", why)
	}
	x.family, x.out.From, x.out.To, x.ttl = catalogue.ICMPv6, h.Src, h.Dst, int(h.HopLimit)
	u, err := h.Upper(payload)
	if err != nil {
		o, why := x.reason(err)
		return x.fail(at+o, "n.ip", why)
	}
	x.Sheet("layer.ipv6", at, b[:u.Offset]).Header6()
	switch {
	case u.Proto != ip.ProtoICMPv6:
		return x.fail(at+u.NextOffset, "n.proto", u.Proto.String())
	case !u.First():
		return x.fail(at+u.Offset-ip.FragmentLen6+2, "n.later", field.Dec(u.Fragment.Offset))
	}
	more := u.IsFragment && u.Fragment.MF
	if more {
		x.Fault(at+u.Offset-ip.FragmentLen6+2, "e.first")
	}
	return x.take(at+u.Offset, u.Payload, int(h.PayloadLen)+ip.HeaderLen6-u.Offset, !more)
}

// trailer enters the octets behind the datagram.
func (x *explainer) trailer() {
	end := x.at + len(x.msg)
	x.Sheet("layer.trailer", end, x.octets[end:]).Tail(0, "f.padding")
}

// checksum judges the checksum of the message.
func (x *explainer) checksum() {
	x.out.Checksum = Unknown
	if !x.whole {
		return
	}
	var right bool
	if x.family == catalogue.ICMPv4 {
		right = checksum.Valid(x.msg)
	} else {
		if !x.out.From.Is6() || !x.out.To.Is6() {
			return
		}
		right = icmp6.Verify(x.msg, x.out.From, x.out.To) == nil
	}
	if x.out.Checksum = Right; !right {
		x.out.Checksum = Wrong
	}
}

// head enters type, code and checksum.
func (x *explainer) head(s field.Sheet) {
	s.Num(0, 1, "f.type", x.out.Text.Name)
	s.Num(1, 1, "f.code", x.out.Text.CodeName)
	meaning := x.Say("m.sum.unknown")
	switch x.out.Checksum {
	case Right:
		meaning = x.Say("m.sum.right")
	case Wrong:
		meaning = x.Say("m.sum.wrong", field.Hex(uint32(x.expected()), 4))
	}
	s.Put(2, 2, "f.sum", field.Hex(s.Get(2, 2), 4), meaning)
}

// expected is the checksum that would be right.
func (x *explainer) expected() uint16 {
	var initial uint16
	if x.family == catalogue.ICMPv6 {
		initial = checksum.Pseudo6(x.out.From, x.out.To, uint8(ip.ProtoICMPv6), uint32(len(x.msg)))
	}
	// The field counts as zero: what is summed over it is taken out again.
	sum := checksum.Sum(x.msg[:2], initial)
	return ^checksum.Sum(x.msg[4:], sum)
}
