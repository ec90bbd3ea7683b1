package quote

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire/ip"
)

// upper reads the first octets of the payload. Icmp is the protocol number of
// ICMP in the quote's family; the other family's is any protocol here.
func (q *Quote) upper(icmp ip.Proto) {
	p := q.Payload
	switch q.Proto {
	case icmp:
		q.icmp(p)
	case ip.ProtoUDP:
		q.ports(p)
		if len(p) >= 6 {
			q.UDPLen = binary.BigEndian.Uint16(p[4:6])
			q.Present |= UDPLen
		}
		q.checksum(p, 6)
	case ip.ProtoTCP:
		q.ports(p)
		q.tcp(p)
	case ip.ProtoUDPLite, ip.ProtoDCCP:
		q.ports(p)
		q.checksum(p, 6)
	case ip.ProtoSCTP:
		q.ports(p)
	}
}

func (q *Quote) ports(p []byte) {
	if len(p) >= 2 {
		q.SrcPort = binary.BigEndian.Uint16(p[0:2])
		q.Present |= SrcPort
	}
	if len(p) >= 4 {
		q.DstPort = binary.BigEndian.Uint16(p[2:4])
		q.Present |= DstPort
	}
}

// checksum reads the checksum that begins at an octet of p.
func (q *Quote) checksum(p []byte, at int) {
	if len(p) >= at+2 {
		q.Checksum = binary.BigEndian.Uint16(p[at:])
		q.Present |= Checksum
	}
}

func (q *Quote) tcp(p []byte) {
	if len(p) >= 8 {
		q.TCPSeq = binary.BigEndian.Uint32(p[4:8])
		q.Present |= TCPSeq
	}
	if len(p) >= 12 {
		q.TCPAck = binary.BigEndian.Uint32(p[8:12])
		q.Present |= TCPAck
	}
	if len(p) >= 14 {
		q.TCPFlags = p[13]
		q.Present |= TCPFlags
	}
	q.checksum(p, 16)
}

func (q *Quote) icmp(p []byte) {
	if len(p) >= 1 {
		q.ICMPType = p[0]
		q.Present |= ICMPType
	}
	if len(p) >= 2 {
		q.ICMPCode = p[1]
		q.Present |= ICMPCode
	}
	q.checksum(p, 2)
	if len(p) < 6 {
		return
	}
	seqLen := seqLen4(q.ICMPType)
	if q.Version == 6 {
		seqLen = seqLen6(q.ICMPType)
	}
	if seqLen == 0 {
		return
	}
	q.ICMPID = binary.BigEndian.Uint16(p[4:6])
	q.Present |= ICMPID
	switch {
	case seqLen == 2 && len(p) >= 8:
		q.ICMPSeq = binary.BigEndian.Uint16(p[6:8])
		q.Present |= ICMPSeq
	case seqLen == 1 && len(p) >= 7:
		q.ICMPSeq = uint16(p[6])
		q.Present |= ICMPSeq
	}
}

// seqLen4 returns how many octets the sequence number of an ICMPv4 message has
// that has an identifier before it; 0 for all others.
func seqLen4(t uint8) int {
	switch t {
	case 0, 8, // echo
		13, 14, // timestamp
		15, 16, // information
		17, 18, // address mask
		37, 38: // domain name
		return 2
	case 42, 43: // extended echo
		return 1
	}
	return 0
}

// seqLen6 is seqLen4 for ICMPv6.
func seqLen6(t uint8) int {
	switch t {
	case 128, 129: // echo
		return 2
	case 160, 161: // extended echo
		return 1
	}
	return 0
}
