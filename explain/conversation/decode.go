package conversation

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// decode reads the datagram into s, which is zero but for it.
func (s *Seen) decode() {
	h, err := quote.Parse(s.Octets)
	if err != nil || !h.Has(quote.Addrs) {
		s.Fault |= NotIP
		if err == nil && s.wireLen() > len(s.Octets) {
			s.Fault = Cut
		}
		return
	}
	s.Header = h
	s.SrcAddr, s.DstAddr = table.AddrOf(h.Src), table.AddrOf(h.Dst)
	s.measure()
	if h.Sum == quote.SumBad {
		s.Fault |= HeaderChecksum
	}
	if s.Fragment = h.FragOffset != 0 || h.MF; s.Fragment {
		return
	}
	switch {
	case h.Proto == ip.ProtoICMP && h.Version == 4, h.Proto == ip.ProtoICMPv6 && h.Version == 6:
		s.message()
	case h.Proto == ip.ProtoTCP:
		s.tcp()
	}
}

func (s *Seen) wireLen() int { return max(s.Length, len(s.Octets)) }

// measure finds out how long the datagram was, and whose fault it is when that
// is not what there is.
func (s *Seen) measure() {
	h := &s.Header
	wire := s.wireLen()
	s.TotalLen = int(h.TotalLen)
	switch {
	case h.Version == 4 && s.TotalLen == 0:
		// Reading: a length of zero is what the capture of a large segment shows
		// that the network card is to cut: the frame's length holds.
		s.TotalLen = wire
	case s.TotalLen < int(h.HeaderLen):
		s.Fault |= Length
		s.TotalLen = wire
	case s.TotalLen > wire:
		s.Fault |= Length
	}
	if min(s.TotalLen, wire) > len(s.Octets) {
		s.Fault |= Cut
	}
}

// hasQuote4 and hasQuote6 are the types whose body is a datagram.
var (
	hasQuote4 = [256]bool{
		icmp4.TypeDestUnreachable: true, icmp4.TypeSourceQuench: true, icmp4.TypeRedirect: true,
		icmp4.TypeTimeExceeded: true, icmp4.TypeParameterProblem: true, icmp4.TypeConversionError: true,
		icmp4.TypeMobileRedirect: true, icmp4.TypePhoturis: true,
	}
	hasQuote6 = [256]bool{
		icmp6.TypeDestUnreachable: true, icmp6.TypePacketTooBig: true, icmp6.TypeTimeExceeded: true,
		icmp6.TypeParameterProblem: true,
	}
)

const headerLen = icmp4.HeaderLen // of every message of both families

// message reads the ICMP message.
func (s *Seen) message() {
	h := &s.Header
	s.Message, s.MessageLen = h.Payload, max(s.TotalLen-int(h.HeaderLen), 0)
	if len(s.Message) < 2 {
		if s.Fault&(Cut|Length) == 0 {
			s.Fault |= Short
		}
		return
	}
	s.ICMP = true
	s.Type, s.Code, s.ID, s.Seq = h.ICMPType, h.ICMPCode, h.ICMPID, h.ICMPSeq
	p := partOf(h.Version, s.Type)
	s.Class, s.Role = p.class, p.role
	if s.MessageLen < headerLen {
		s.Fault |= Short
	} else if len(s.Message) == s.MessageLen && !s.sealed() {
		s.Fault |= Checksum
	}
	if len(s.Message) < headerLen {
		return
	}
	if h.Version == 4 {
		s.details4()
	} else {
		s.details6()
	}
}

// sealed reports whether the checksum of the message holds.
func (s *Seen) sealed() bool {
	if s.Header.Version == 4 {
		return checksum.Valid(s.Message)
	}
	pseudo := checksum.Pseudo6(s.Header.Src, s.Header.Dst, uint8(ip.ProtoICMPv6), uint32(len(s.Message))) //nolint:gosec // a datagram's
	return checksum.Sum(s.Message, pseudo) == 0xffff
}

func (s *Seen) details4() {
	m := s.Message
	switch icmp4.Type(s.Type) { //nolint:exhaustive // the others have none of these
	case icmp4.TypeDestUnreachable:
		if icmp4.Code(s.Code) == icmp4.CodeFragNeeded {
			s.MTU = uint32(binary.BigEndian.Uint16(m[6:8]))
		}
	case icmp4.TypeRedirect:
		s.Gateway = netip.AddrFrom4([4]byte(m[4:8]))
	}
	if hasQuote4[s.Type] {
		s.quote(m[headerLen:])
	}
}

// Octets of neighbour discovery messages (RFC 4861 §4).
const (
	targetEnd   = 24 // target of solicitations, advertisements, redirects
	redirectEnd = 40 // a redirect's options begin
	optRedirect = 4  // the redirected header option
	optHead     = 8  // of it, before the quote
)

func (s *Seen) details6() {
	m := s.Message
	switch icmp6.Type(s.Type) { //nolint:exhaustive // the others have none of these
	case icmp6.TypePacketTooBig:
		s.MTU = binary.BigEndian.Uint32(m[4:8])
	case icmp6.TypeNeighborSolicitation, icmp6.TypeNeighborAdvertisement:
		if len(m) >= targetEnd {
			s.Target = netip.AddrFrom16([16]byte(m[8:targetEnd]))
		}
	case icmp6.TypeRedirect:
		if len(m) >= redirectEnd {
			s.Gateway = netip.AddrFrom16([16]byte(m[8:targetEnd]))
			s.Target = netip.AddrFrom16([16]byte(m[targetEnd:redirectEnd]))
			s.redirected(m[redirectEnd:])
		}
	}
	if hasQuote6[s.Type] {
		s.quote(m[headerLen:])
	}
}

// redirected finds the redirected header among options.
func (s *Seen) redirected(options []byte) {
	for len(options) >= optHead && options[1] != 0 {
		n := min(int(options[1])*8, len(options))
		if options[0] == optRedirect {
			s.quote(options[optHead:n])
			return
		}
		options = options[n:]
	}
}

func (s *Seen) quote(b []byte) {
	q, err := quote.Parse(b)
	if err == nil && q.Has(quote.Addrs) {
		s.Quote, s.HasQuote = q, true
	}
}

const tcpHeaderLen = 20

func (s *Seen) tcp() {
	p := s.Header.Payload
	head := tcpHeaderLen
	if len(p) > 12 {
		head = int(p[12]>>4) * 4
	}
	s.DataLen = max(s.TotalLen-int(s.Header.HeaderLen)-head, 0)
}
