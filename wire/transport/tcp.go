package transport

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// Sizes of TCP, in octets.
const (
	TCPLen        = 20 // a header without options
	MaxTCPOptions = 40 // all options together
	unitTCP       = 4
)

// TCPFlags are the eight control bits (RFC 9293 §3.1).
type TCPFlags uint8

// The control bits.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

var flagNames = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"}

// String returns the names of the bits that are set, "SYN,ACK", or "none".
func (f TCPFlags) String() string {
	var names []string
	for i, n := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ",")
}

// TCP is a TCP header (RFC 9293 §3.1). The data offset is that of its options.
type TCP struct {
	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Reserved         uint8 // four bits; kept as they came
	Flags            TCPFlags
	Window           uint16
	Checksum         uint16
	Urgent           uint16
	Options          []byte // padding included: a multiple of 4, at most 40; aliases what was parsed
}

// ParseTCP reads the TCP segment that is the payload b of a datagram from src
// to dst, its checksum verified, and returns its payload. The errors are
// [*wire.ParseError]s: those of [DecodeTCP], and [wire.Checksum] when it does
// not hold, or src and dst are not of one family.
func ParseTCP(b []byte, src, dst netip.Addr) (TCP, []byte, error) {
	t, payload, err := DecodeTCP(b)
	if err != nil {
		return TCP{}, nil, err
	}
	sum, ok := pseudo(src, dst, ip.ProtoTCP, len(b))
	if !ok || checksum.Sum(b, sum) != 0xffff {
		return TCP{}, nil, fault("transport.TCP", 16, wire.Checksum)
	}
	return t, payload, nil
}

// DecodeTCP reads the TCP header at the beginning of b and returns what follows
// it. The checksum is not looked at. The errors are [*wire.ParseError]s:
// [wire.Short] when b ends inside the header, [wire.Length] for a data offset
// of less than a header. A quote that holds less still has its ports for
// [ParsePorts], and from eight octets on the sequence number for [ParseSeq].
func DecodeTCP(b []byte) (TCP, []byte, error) {
	if len(b) < TCPLen {
		return TCP{}, nil, fault("transport.TCP", len(b), wire.Short)
	}
	n := int(b[12]>>4) * unitTCP
	switch {
	case n < TCPLen:
		return TCP{}, nil, fault("transport.TCP", 12, wire.Length)
	case n > len(b):
		return TCP{}, nil, fault("transport.TCP", len(b), wire.Short)
	}
	t := TCP{
		SrcPort:  binary.BigEndian.Uint16(b[0:2]),
		DstPort:  binary.BigEndian.Uint16(b[2:4]),
		Seq:      binary.BigEndian.Uint32(b[4:8]),
		Ack:      binary.BigEndian.Uint32(b[8:12]),
		Reserved: b[12] & 0x0f,
		Flags:    TCPFlags(b[13]),
		Window:   binary.BigEndian.Uint16(b[14:16]),
		Checksum: binary.BigEndian.Uint16(b[16:18]),
		Urgent:   binary.BigEndian.Uint16(b[18:20]),
	}
	if n > TCPLen {
		t.Options = b[TCPLen:n:n]
	}
	return t, b[n:], nil
}

// ParseSeq reads the sequence number of a TCP header of which b holds at least
// the first eight octets; fewer are a [wire.Short].
func ParseSeq(b []byte) (uint32, error) {
	if len(b) < 8 {
		return 0, fault("transport.TCP", len(b), wire.Short)
	}
	return binary.BigEndian.Uint32(b[4:8]), nil
}

// HeaderLen returns the length of the header in octets, options included.
func (t TCP) HeaderLen() int { return TCPLen + len(t.Options) }

// AppendBinary appends the header to b, checksum as it stands. A value that
// does not fit is a [*wire.FieldError] and leaves b as it was.
func (t TCP) AppendBinary(b []byte) ([]byte, error) {
	switch {
	case len(t.Options) > MaxTCPOptions:
		return b, &wire.FieldError{Type: "transport.TCP", Field: "Options", Value: len(t.Options), Limit: MaxTCPOptions}
	case len(t.Options)%unitTCP != 0:
		return b, &wire.FieldError{Type: "transport.TCP", Field: "Options", Want: "a multiple of 4 octets"}
	case t.Reserved > 0x0f:
		return b, &wire.FieldError{Type: "transport.TCP", Field: "Reserved", Value: int(t.Reserved), Limit: 0x0f}
	}
	b = append(b, byte(t.SrcPort>>8), byte(t.SrcPort), byte(t.DstPort>>8), byte(t.DstPort),
		byte(t.Seq>>24), byte(t.Seq>>16), byte(t.Seq>>8), byte(t.Seq),
		byte(t.Ack>>24), byte(t.Ack>>16), byte(t.Ack>>8), byte(t.Ack),
		byte(t.HeaderLen()/unitTCP)<<4|t.Reserved, byte(t.Flags), byte(t.Window>>8), byte(t.Window),
		byte(t.Checksum>>8), byte(t.Checksum), byte(t.Urgent>>8), byte(t.Urgent))
	return append(b, t.Options...), nil
}

// AppendPacket appends the header and the payload behind it to b, as the
// payload of a datagram from src to dst, with their checksum in place of
// t.Checksum. The errors are [*wire.FieldError]s and leave b as it was.
func (t TCP) AppendPacket(b []byte, src, dst netip.Addr, payload []byte) ([]byte, error) {
	n := t.HeaderLen() + len(payload)
	if err := checkAddrs("transport.TCP", src, dst); err != nil {
		return b, err
	}
	if limit := maxLen(src); n > limit {
		return b, &wire.FieldError{Type: "transport.TCP", Field: "Payload", Value: len(payload), Limit: limit - t.HeaderLen()}
	}
	t.Checksum = 0
	start := len(b)
	b, err := t.AppendBinary(b)
	if err != nil {
		return b, err
	}
	b = append(b, payload...)
	sum, _ := pseudo(src, dst, ip.ProtoTCP, n)
	binary.BigEndian.PutUint16(b[start+16:], ^checksum.Sum(b[start:], sum))
	return b, nil
}

// String returns the header on one line, for people.
func (t TCP) String() string {
	return fmt.Sprintf("TCP %d > %d %v, seq %d, ack %d, window %d", t.SrcPort, t.DstPort, t.Flags, t.Seq, t.Ack, t.Window)
}
