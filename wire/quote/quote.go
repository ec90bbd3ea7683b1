package quote

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// Fields is a set of the fields of a [Quote].
type Fields uint32

// The fields. Each constant has the name of what it stands for; a field that
// the quote does not hold in full is absent.
const (
	TOS Fields = 1 << iota
	FlowLabel
	TotalLen
	ID         // IPv6: only with a fragment header
	Flags      // DF and MF; IPv6: MF, only with a fragment header
	FragOffset // IPv6: only with a fragment header
	TTL
	Proto
	HeaderChecksum
	Src
	Dst
	Header // the whole header, options or extension headers included
	SrcPort
	DstPort
	UDPLen
	TCPSeq
	TCPAck
	TCPFlags
	ICMPType
	ICMPCode
	ICMPID
	ICMPSeq
	Checksum // that of the upper layer

	Addrs = Src | Dst
	Ports = SrcPort | DstPort
)

// A Quote is what an ICMP error lets see of the datagram that it is about. What
// the quote does not hold is zero here; ask [Quote.Has] to tell that from a
// zero that is there.
type Quote struct {
	Src, Dst netip.Addr
	// Options are the octets between the fixed header and the upper layer as
	// far as they are there: the options of IPv4, the extension headers of IPv6.
	Options []byte
	// Payload is what there is of the upper layer: all behind the header, and
	// no more than the total length says. It is empty when the quote ends
	// inside the header.
	Payload []byte
	// Present says which fields are there.
	Present Fields
	// HeaderLen is the length of the header in octets, IPv4 options and IPv6
	// extension headers included. When [Header] is absent, the header is at
	// least that long.
	HeaderLen uint32

	FlowLabel uint32 // IPv6, 20 bits
	TotalLen  uint32 // header and payload of the datagram, in octets, as it says itself
	ID        uint32 // IPv4: 16 bits; IPv6: that of the fragment header
	TCPSeq    uint32
	TCPAck    uint32

	FragOffset     uint16 // in octets
	HeaderChecksum uint16
	SrcPort        uint16 // of TCP, UDP, UDP-Lite, DCCP and SCTP
	DstPort        uint16
	UDPLen         uint16 // header and data, in octets
	Checksum       uint16 // of TCP, UDP, UDP-Lite, DCCP, ICMP and ICMPv6
	ICMPID         uint16 // of the messages that have one
	ICMPSeq        uint16 // likewise; 8 bits in an extended echo

	Version  uint8 // 4 or 6
	TOS      uint8 // type of service or traffic class: DSCP and ECN
	TTL      ip.TTL
	Proto    ip.Proto // the upper layer: behind the extension headers of IPv6
	TCPFlags uint8    // FIN is the lowest bit, CWR the highest
	ICMPType uint8    // of ICMP or ICMPv6, as Proto says
	ICMPCode uint8
	DF, MF   bool
	Sum      Sum // whether HeaderChecksum holds
}

// Sum is the state of an IPv4 header checksum in a quote.
type Sum uint8

// The states. A bad one is no reason to distrust a quote: some routers lower
// the TTL and leave the checksum, some write the length in another byte order.
const (
	// SumAbsent: the quote ends inside the header, or it is IPv6, which has no
	// checksum, or the field is zero and zero is not right.
	SumAbsent Sum = iota
	SumGood       // it holds over the header as it is quoted
	SumBad        // it does not
)

// String returns the state in a word.
func (s Sum) String() string {
	switch s {
	case SumGood:
		return "good"
	case SumBad:
		return "bad"
	}
	return "absent"
}

// Has reports whether all of these fields are there.
func (q Quote) Has(f Fields) bool { return q.Present&f == f }

// Parse reads the quote that fills b, of the version that its first octet says.
// The slices of the Quote alias b.
//
// The error is a [*wire.ParseError] when there is nothing to read:
// [wire.Truncated] when b is empty, [wire.Version] when it is neither IPv4 nor
// IPv6, [wire.Length] when an IPv4 header length is less than a header. All else
// is read as far as it goes, whatever it says.
func Parse(b []byte) (q Quote, err error) {
	err = q.Parse(b)
	return
}

// Parse is the function [Parse] into q, whatever q was: the fastest way to read
// many quotes, because none is copied. A copy of a Quote costs about half as
// much as reading it, so everything here works on one in place.
func (q *Quote) Parse(b []byte) error {
	*q = Quote{}
	if len(b) > 0 && b[0]>>4 == 6 {
		return q.read6(b)
	}
	return q.read4(b)
}

// fault returns the error of octets that are no quote.
func fault(b []byte, version byte) error {
	r := wire.Truncated
	if len(b) > 0 {
		r = wire.Length
		if b[0]>>4 != version {
			r = wire.Version
		}
	}
	return &wire.ParseError{Type: "quote.Quote", Offset: 0, Reason: r}
}

// Flow returns source and destination, with their ports where the upper layer
// has ports and the quote reaches to them, else with ports of 0. It is not ok
// when an address is absent.
func (q Quote) Flow() (src, dst netip.AddrPort, ok bool) {
	if !q.Has(Addrs) {
		return netip.AddrPort{}, netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(q.Src, q.SrcPort), netip.AddrPortFrom(q.Dst, q.DstPort), true
}
