package transport

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// UDPLen is the length of a UDP or UDP-Lite header in octets.
const UDPLen = 8

// UDP is a UDP header (RFC 768).
type UDP struct {
	SrcPort, DstPort uint16
	Length           uint16 // header and payload, in octets
	Checksum         uint16 // 0: none, which only IPv4 allows
}

// ParseUDP reads the UDP packet that is the payload b of a datagram from src to
// dst, its checksum verified, and returns its payload. Octets behind the length
// that the header announces are no part of it (RFC 9868 puts options there).
// The errors are [*wire.ParseError]s: [wire.Short], [wire.Length] when the
// announced length is less than the header or more than b, [wire.Checksum] when
// it does not hold, or is missing under IPv6 (RFC 8200 §8.1), or src and dst
// are not of one family.
//
// Reading: RFC 6935 lets tunnels send without a checksum under IPv6, to nodes
// that have been told so. This one has not.
func ParseUDP(b []byte, src, dst netip.Addr) (UDP, []byte, error) {
	u, _, err := DecodeUDP(b)
	if err != nil {
		return UDP{}, nil, err
	}
	n := int(u.Length)
	if n < UDPLen || n > len(b) {
		return UDP{}, nil, fault("transport.UDP", 4, wire.Length)
	}
	sum, ok := pseudo(src, dst, ip.ProtoUDP, n)
	if none := u.Checksum == 0 && src.Is4(); !ok || !none && (u.Checksum == 0 || checksum.Sum(b[:n], sum) != 0xffff) {
		return UDP{}, nil, fault("transport.UDP", 6, wire.Checksum)
	}
	return u, b[UDPLen:n:n], nil
}

// DecodeUDP reads the eight octets of a UDP header at the beginning of b, which
// may be cut or stand in a quote, and returns what follows them. Neither length
// nor checksum is looked at. Fewer than eight octets are a [wire.Short].
func DecodeUDP(b []byte) (UDP, []byte, error) {
	if len(b) < UDPLen {
		return UDP{}, nil, fault("transport.UDP", len(b), wire.Short)
	}
	return UDP{
		SrcPort:  binary.BigEndian.Uint16(b[0:2]),
		DstPort:  binary.BigEndian.Uint16(b[2:4]),
		Length:   binary.BigEndian.Uint16(b[4:6]),
		Checksum: binary.BigEndian.Uint16(b[6:8]),
	}, b[UDPLen:], nil
}

// AppendBinary appends the eight octets of the header to b, length and checksum
// as they stand. There is nothing that it refuses.
func (u UDP) AppendBinary(b []byte) ([]byte, error) {
	return append(b, byte(u.SrcPort>>8), byte(u.SrcPort), byte(u.DstPort>>8), byte(u.DstPort),
		byte(u.Length>>8), byte(u.Length), byte(u.Checksum>>8), byte(u.Checksum)), nil
}

// AppendPacket appends the header and the payload behind it to b, as the
// payload of a datagram from src to dst: with the length that they have
// together and their checksum in place of u.Length and u.Checksum. A checksum
// that comes to 0 is written as 0xffff. The errors are [*wire.FieldError]s and
// leave b as it was.
func (u UDP) AppendPacket(b []byte, src, dst netip.Addr, payload []byte) ([]byte, error) {
	n := UDPLen + len(payload)
	if err := checkAddrs("transport.UDP", src, dst); err != nil {
		return b, err
	}
	if limit := maxLen(src); n > limit {
		return b, &wire.FieldError{Type: "transport.UDP", Field: "Length", Value: n, Limit: limit}
	}
	u.Length, u.Checksum = uint16(n), 0
	start := len(b)
	b, _ = u.AppendBinary(b)
	b = append(b, payload...)
	sum, _ := pseudo(src, dst, ip.ProtoUDP, n)
	binary.BigEndian.PutUint16(b[start+6:], never0(^checksum.Sum(b[start:], sum)))
	return b, nil
}

// never0 turns the zero that stands for no checksum into the other one.
func never0(c uint16) uint16 {
	if c == 0 {
		return 0xffff
	}
	return c
}

// String returns the header on one line, for people.
func (u UDP) String() string {
	return fmt.Sprintf("UDP %d > %d, %d octets", u.SrcPort, u.DstPort, u.Length)
}

// UDPLite is a UDP-Lite header (RFC 3828): that of UDP with the checksum's
// coverage in place of the length.
type UDPLite struct {
	SrcPort, DstPort uint16
	Coverage         uint16 // octets from the header on that the checksum covers; 0: all
	Checksum         uint16 // never 0
}

// ParseUDPLite reads the UDP-Lite packet that is the payload b of a datagram
// from src to dst, its checksum verified, and returns its payload. The errors
// are [*wire.ParseError]s: [wire.Short], [wire.Length] for a coverage of less
// than the header or more than b, [wire.Checksum] when it does not hold or is
// 0, or src and dst are not of one family.
func ParseUDPLite(b []byte, src, dst netip.Addr) (UDPLite, []byte, error) {
	u, payload, err := DecodeUDPLite(b)
	if err != nil {
		return UDPLite{}, nil, err
	}
	n, ok := u.covered(len(b))
	if !ok {
		return UDPLite{}, nil, fault("transport.UDPLite", 4, wire.Length)
	}
	sum, ok := pseudo(src, dst, ip.ProtoUDPLite, len(b))
	if !ok || u.Checksum == 0 || checksum.Sum(b[:n], sum) != 0xffff {
		return UDPLite{}, nil, fault("transport.UDPLite", 6, wire.Checksum)
	}
	return u, payload, nil
}

// covered returns how many octets of a packet of n the checksum covers; ok is
// false when the coverage may not have its value.
func (u UDPLite) covered(n int) (octets int, ok bool) {
	c := int(u.Coverage)
	if c == 0 {
		return n, true
	}
	return c, c >= UDPLen && c <= n
}

// DecodeUDPLite is [DecodeUDP] for UDP-Lite.
func DecodeUDPLite(b []byte) (UDPLite, []byte, error) {
	if len(b) < UDPLen {
		return UDPLite{}, nil, fault("transport.UDPLite", len(b), wire.Short)
	}
	u, rest, _ := DecodeUDP(b)
	return UDPLite{SrcPort: u.SrcPort, DstPort: u.DstPort, Coverage: u.Length, Checksum: u.Checksum}, rest, nil
}

// AppendBinary appends the eight octets of the header to b, coverage and
// checksum as they stand. There is nothing that it refuses.
func (u UDPLite) AppendBinary(b []byte) ([]byte, error) {
	return UDP{u.SrcPort, u.DstPort, u.Coverage, u.Checksum}.AppendBinary(b)
}

// AppendPacket appends the header and the payload behind it to b, as the
// payload of a datagram from src to dst, with their checksum over u.Coverage
// octets in place of u.Checksum. The errors are [*wire.FieldError]s and leave b
// as it was.
func (u UDPLite) AppendPacket(b []byte, src, dst netip.Addr, payload []byte) ([]byte, error) {
	n := UDPLen + len(payload)
	if err := checkAddrs("transport.UDPLite", src, dst); err != nil {
		return b, err
	}
	if limit := maxLen(src); n > limit {
		return b, &wire.FieldError{Type: "transport.UDPLite", Field: "Payload", Value: len(payload), Limit: limit - UDPLen}
	}
	covered, ok := u.covered(n)
	if !ok {
		return b, &wire.FieldError{Type: "transport.UDPLite", Field: "Coverage", Want: "0, or from the header to the whole packet"}
	}
	u.Checksum = 0
	start := len(b)
	b, _ = u.AppendBinary(b)
	b = append(b, payload...)
	sum, _ := pseudo(src, dst, ip.ProtoUDPLite, n)
	binary.BigEndian.PutUint16(b[start+6:], never0(^checksum.Sum(b[start:start+covered], sum)))
	return b, nil
}

// String returns the header on one line, for people.
func (u UDPLite) String() string {
	return fmt.Sprintf("UDPLite %d > %d, coverage %d", u.SrcPort, u.DstPort, u.Coverage)
}
