package nat

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// Where fields stand, in octets.
const (
	atIPSum = 10
	atSrc   = 12
	atDst   = 16

	atSrcPort = 0
	atDstPort = 2
	atUDPSum  = 6
	atTCPSum  = 16
	atICMPSum = 2
	atICMPID  = 4
	atFlags   = 13 // of TCP
)

// datagram is an IPv4 datagram, or as much as is quoted of one.
type datagram struct {
	b        []byte // from the IP header on, to the end or as far as it is there
	hlen     int
	src, dst uint32
	id       uint16
	offset   uint16 // of the fragment, in units of eight octets
	more     bool   // fragments
	proto    ip.Proto
}

// read reads a datagram; quoted: one that may be cut behind its header, and
// whose total length may be that of another byte order.
func read(b []byte, quoted bool) (d datagram, ok bool) {
	if len(b) < ip.MinHeaderLen4 || b[0]>>4 != 4 {
		return d, false
	}
	hlen, total := int(b[0]&0xf)*4, int(binary.BigEndian.Uint16(b[2:4]))
	switch {
	case hlen < ip.MinHeaderLen4 || hlen > len(b):
		return d, false
	case !quoted && (total < hlen || total > len(b)):
		return d, false
	case total >= hlen && total < len(b):
		b = b[:total]
	}
	flags := binary.BigEndian.Uint16(b[6:8])
	return datagram{
		b: b, hlen: hlen,
		src: binary.BigEndian.Uint32(b[atSrc:]), dst: binary.BigEndian.Uint32(b[atDst:]),
		id: binary.BigEndian.Uint16(b[4:6]), offset: flags & 0x1fff, more: flags&0x2000 != 0,
		proto: ip.Proto(b[9]),
	}, true
}

func (d *datagram) name() datagramID { return datagramID{d.src, d.dst, d.id, d.proto} }

// isError reports whether the datagram begins with an ICMP error about another.
// A redirect is one that no gateway passes on.
func (d *datagram) isError() bool {
	if d.proto != ip.ProtoICMP || d.offset != 0 || len(d.b) <= d.hlen {
		return false
	}
	switch icmp4.Type(d.b[d.hlen]) {
	case icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem:
		return true
	}
	return false
}

// side is the inside or the outside end of a datagram.
type side struct {
	addr int // offset of the address in the IP header
	port int // offset of the port behind it
}

var (
	source      = side{atSrc, atSrcPort}
	destination = side{atDst, atDstPort}
)

// key returns where the port or identifier of the given end stands in the
// datagram, and its value; false: it has none, or none that belongs to this end.
// The identifier is that of the sender of a query and of the receiver of a
// reply.
func (d *datagram) key(s side) (at int, port uint16, ok bool) {
	p := d.b[d.hlen:]
	switch d.proto {
	case ip.ProtoTCP, ip.ProtoUDP:
		at = s.port
	case ip.ProtoICMP:
		if len(p) == 0 || !(s == source && isQuery(p[0]) || s == destination && isReply(p[0])) {
			return 0, 0, false
		}
		at = atICMPID
	default:
		return 0, 0, false
	}
	if len(p) < at+2 {
		return 0, 0, false
	}
	return d.hlen + at, binary.BigEndian.Uint16(p[at:]), true
}

func isQuery(t uint8) bool {
	switch icmp4.Type(t) {
	case icmp4.TypeEchoRequest, icmp4.TypeTimestampRequest, icmp4.TypeInfoRequest, icmp4.TypeMaskRequest, icmp4.TypeExtendedEchoRequest:
		return true
	}
	return false
}

func isReply(t uint8) bool {
	switch icmp4.Type(t) {
	case icmp4.TypeEchoReply, icmp4.TypeTimestampReply, icmp4.TypeInfoReply, icmp4.TypeMaskReply, icmp4.TypeExtendedEchoReply:
		return true
	}
	return false
}

// sum returns where the checksum of the upper layer stands, 0 when it is not
// there or there is none, and whether the addresses are under it.
func (d *datagram) sum() (at int, pseudo bool) {
	switch d.proto {
	case ip.ProtoTCP:
		at, pseudo = atTCPSum, true
	case ip.ProtoUDP:
		at, pseudo = atUDPSum, true
	case ip.ProtoICMP:
		at = atICMPSum
	}
	at += d.hlen
	if len(d.b) < at+2 || d.proto == ip.ProtoUDP && d.b[at] == 0 && d.b[at+1] == 0 {
		return 0, false
	}
	return at, pseudo
}

// rewrite changes address and port of one end of the datagram, and mends the
// checksums over them. port is where the port stands; 0: there is none to
// change. outer is where, in front of d.b, the checksum stands that is over all
// of it: that of the error that quotes it; nil: there is none.
func (d *datagram) rewrite(s side, addr uint32, portAt int, port uint16, outer []byte) {
	sumAt, pseudo := 0, false
	if portAt != 0 {
		sumAt, pseudo = d.sum()
	}
	for i, word := range [2]uint16{uint16(addr >> 16), uint16(addr)} {
		at := s.addr + 2*i
		old := d.set(at, word, outer)
		d.mend(atIPSum, old, word, outer)
		if pseudo {
			d.mend(sumAt, old, word, outer)
		}
	}
	if portAt != 0 {
		old := d.set(portAt, port, outer)
		if sumAt != 0 {
			d.mend(sumAt, old, port, outer)
		}
	}
	if sumAt != 0 && d.proto == ip.ProtoUDP && d.b[sumAt] == 0 && d.b[sumAt+1] == 0 {
		d.set(sumAt, 0xffff, outer) // 0 would say that there is none (RFC 768)
	}
}

// set writes a word, which is at an even place of whatever is summed, and
// returns the one before.
func (d *datagram) set(at int, word uint16, outer []byte) (old uint16) {
	old = binary.BigEndian.Uint16(d.b[at:])
	binary.BigEndian.PutUint16(d.b[at:], word)
	if outer != nil {
		binary.BigEndian.PutUint16(outer, checksum.Update(binary.BigEndian.Uint16(outer), old, word))
	}
	return old
}

// mend brings the checksum at the given place up to date after a word under it
// has changed.
func (d *datagram) mend(at int, old, word uint16, outer []byte) {
	d.set(at, checksum.Update(binary.BigEndian.Uint16(d.b[at:]), old, word), outer)
}
