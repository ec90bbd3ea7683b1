// Package tie holds quoted datagrams beside probes that somebody may have translated
// on the way: how much of a probe a quote shows that nobody can guess, and what it
// shows otherwise than it was sent.
package tie

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// Least is how many bits that only those can know who have seen the probe a quote
// has to show as they were sent, to be tied to it under another header.
const Least = 30

// What a field is worth that is quoted as it was sent, in bits.
const (
	worthIPID   = 16
	worthID     = 12 // the low four are counted
	worthPort   = 14 // where the block of ports begins
	worthSum    = 16 // the cookie is under it
	worthChosen = 14 // … but the checksum was chosen, as a port is
	worthSeq    = 32 // of TCP
	worthOctet  = 8  // of the cookie
)

// Sent is a probe as it was sent.
type Sent struct {
	Kind             question.Kind
	TOS              uint8
	Src, Dst         netip.Addr
	SrcPort, DstPort uint16
	ID, Seq          uint16 // of ICMP
	TCPSeq           uint32
	Sum              uint16
	IPID             uint16
	Size             uint16  // octets of data
	Cookie           [8]byte // what the data begins with; of a timestamp the originate …
	Octets           int     // … so many octets of it

	IPIDSet                 bool // IPID is what was sent: IPv4
	SecretPort, SecretID    bool // SrcPort and ID are chosen at random
	ChosenSum, WellKnownSum bool // Sum is one of the ports that are, or any that was asked for
}

// Same reports whether all that a quote shows behind the addresses is as it was sent
// and does not change on the way: not the TTL, type of service, lengths in the byte
// order of others.
func (s *Sent) Same(q *quote.Quote) bool {
	if s.IPIDSet && q.Has(quote.ID) && uint16(q.ID) != s.IPID || q.Has(quote.Checksum) && q.Checksum != s.Sum {
		return false
	}
	header := transport.UDPLen
	switch {
	case s.Kind.ICMP():
		header = icmp4.HeaderLen
		if q.ICMPCode != 0 {
			return false
		}
	case q.SrcPort != s.SrcPort || q.DstPort != s.DstPort:
		return false
	case s.Kind == question.TCP:
		return s.syn(q)
	case q.Has(quote.UDPLen) && int(q.UDPLen) != transport.UDPLen+int(s.Size):
		return false
	}
	_, same := s.data(q, header)
	return same
}

// syn reports whether a quote is of the probe's SYN, whatever its ports.
func (s *Sent) syn(q *quote.Quote) bool {
	return q.TCPSeq == s.TCPSeq && (!q.Has(quote.TCPAck) || q.TCPAck == 0) &&
		(!q.Has(quote.TCPFlags) || transport.TCPFlags(q.TCPFlags) == transport.SYN)
}

// Bits returns how many bits of a probe a quote shows that nobody knows who has not
// seen it; 0: it is of another, or what it shows are ports and identifications
// alone.
func (s *Sent) Bits(q *quote.Quote) (bits int) {
	header := transport.UDPLen
	switch s.Kind {
	case question.TCP:
		if !q.Has(quote.TCPSeq) || !s.syn(q) {
			return 0
		}
		return worthSeq
	case question.Echo:
		header = icmp4.HeaderLen
		if !q.Has(quote.ICMPType|quote.ICMPCode|quote.ICMPID|quote.ICMPSeq) || q.ICMPType != s.request() || q.ICMPCode != 0 || q.ICMPSeq != s.Seq {
			return 0
		}
		if q.ICMPID == s.ID && s.SecretID {
			bits += worthID
		}
	case question.UDP, question.UDPLite:
		if !q.Has(quote.Ports) || q.Has(quote.UDPLen) && int(q.UDPLen) != transport.UDPLen+int(s.Size) {
			return 0
		}
		if q.SrcPort == s.SrcPort && s.SecretPort {
			bits += worthPort
		}
	default:
		return 0
	}
	data, same := s.data(q, header)
	secret := data + s.sum(q)
	if !s.ChosenSum { // it is made of the cookie, and tells no more than that has
		secret = min(secret, s.Octets*worthOctet)
	}
	if !same || secret == 0 {
		return 0
	}
	if s.IPIDSet && q.Has(quote.ID) && uint16(q.ID) == s.IPID {
		bits += worthIPID
	}
	return bits + secret
}

// request is the type of an echo request.
func (s *Sent) request() uint8 {
	if s.Dst.Is6() {
		return uint8(icmp6.TypeEchoRequest)
	}
	return uint8(icmp4.TypeEchoRequest)
}

// data is what the quoted part of the cookie is worth.
func (s *Sent) data(q *quote.Quote, header int) (bits int, same bool) {
	if len(q.Payload) <= header {
		return 0, true
	}
	got := q.Payload[header:]
	n := min(s.Octets, len(got))
	return n * worthOctet, string(got[:n]) == string(s.Cookie[:n])
}

// sum is what the checksum is worth. It is as it was sent, or mended for what else
// has changed.
func (s *Sent) sum(q *quote.Quote) int {
	bits := worthSum
	switch {
	case s.WellKnownSum, s.Octets < 2, !q.Has(quote.Checksum):
		return 0
	case s.ChosenSum && s.Kind != question.Echo && s.SecretPort && q.SrcPort == s.SrcPort:
		return 0 // of one block with the port, which has been counted
	case s.ChosenSum:
		bits = worthChosen
	}
	switch {
	case equal(q.Checksum, s.mended(q)):
		return bits
	case q.Checksum == s.Sum:
		return bits - 1 // of two that would do
	}
	return 0
}

// equal compares checksums, which have two zeros.
func equal(a, b uint16) bool { return a%0xffff == b%0xffff }

// mended returns the checksum of the probe as one makes it who changes addresses,
// ports and identifier to those of the quote (RFC 1624).
func (s *Sent) mended(q *quote.Quote) uint16 {
	sum := s.Sum
	if s.Kind != question.Echo || s.Dst.Is6() {
		sum = mendAddr(mendAddr(sum, s.Src, q.Src), s.Dst, q.Dst)
	}
	if s.Kind == question.Echo {
		return checksum.Update(sum, s.ID, q.ICMPID)
	}
	return checksum.Update(checksum.Update(sum, s.SrcPort, q.SrcPort), s.DstPort, q.DstPort)
}

func mendAddr(sum uint16, old, now netip.Addr) uint16 {
	a, b := old.As16(), now.As16()
	for i := 0; i < len(a); i += 4 {
		sum = checksum.Update32(sum, binary.BigEndian.Uint32(a[i:]), binary.BigEndian.Uint32(b[i:]))
	}
	return sum
}

// Shown is what a quote of the probe shows otherwise than it was sent.
func (s *Sent) Shown(q *quote.Quote) (x event.Shown) {
	if q.Src != s.Src {
		x.Src = q.Src
	}
	if q.Dst != s.Dst {
		x.Dst = q.Dst
	}
	if q.Has(quote.Checksum) {
		x.Checksum = q.Checksum != s.Sum
		none := q.Checksum == 0 && q.Proto == ip.ProtoUDP
		x.Unfit = !none && !equal(q.Checksum, s.mended(q))
	}
	x.IPID = s.IPIDSet && q.Has(quote.ID) && uint16(q.ID) != s.IPID
	x.TOS = q.Has(quote.TOS) && q.TOS != s.TOS
	if s.Kind == question.Echo {
		x.ID = q.ICMPID != s.ID
		return x
	}
	if q.SrcPort != s.SrcPort {
		x.SrcPort = q.SrcPort
	}
	if q.DstPort != s.DstPort {
		x.DstPort = q.DstPort
	}
	return x
}
