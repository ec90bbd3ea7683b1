package icmp4

import (
	"encoding/binary"
	"fmt"
)

const tracerouteLen = 20 // octets

// The codes of [TypeTraceroute] (RFC 1393 §2.3); the registry has none.
const (
	CodeForwarded Code = 0 // the packet was sent on
	CodeNoRoute   Code = 1 // there was no route, the packet was discarded
)

// Traceroute is traceroute 30 (RFC 1393 §2.3), by which a router reported each
// packet that passed it with the traceroute option of IP. Deprecated by RFC
// 6918.
type Traceroute struct {
	Code         Code   // [CodeForwarded] or [CodeNoRoute]
	ID           uint16 // from the option, which the asker filled in; not the IP header's
	Unused       uint16 // octets 6 and 7; kept as they came
	OutboundHops uint16 // routers that the outbound packet has passed
	ReturnHops   uint16 // routers that the return packet has passed
	Speed        uint32 // of the link the packet leaves by, in octets a second; 0: unknown
	MTU          uint32 // of that link, in octets; 0: unknown
	Trailing     []byte // what stands behind; kept as it came

	zero
}

// ParseTraceroute reads a traceroute message that fills b, checksum verified.
func ParseTraceroute(b []byte) (Traceroute, error) { return verified(b, DecodeTraceroute) }

// DecodeTraceroute is [ParseTraceroute] without the checksum.
func DecodeTraceroute(b []byte) (Traceroute, error) {
	if err := check("icmp4.Traceroute", b, tracerouteLen, TypeTraceroute, TypeTraceroute); err != nil {
		return Traceroute{}, err
	}
	return Traceroute{
		Code:         Code(b[1]),
		ID:           binary.BigEndian.Uint16(b[4:6]),
		Unused:       binary.BigEndian.Uint16(b[6:8]),
		OutboundHops: binary.BigEndian.Uint16(b[8:10]),
		ReturnHops:   binary.BigEndian.Uint16(b[10:12]),
		Speed:        binary.BigEndian.Uint32(b[12:16]),
		MTU:          binary.BigEndian.Uint32(b[16:20]),
		Trailing:     b[tracerouteLen:],
		zero:         readZero(b),
	}, nil
}

// Kind implements [Message].
func (m Traceroute) Kind() Kind { return Kind{TypeTraceroute, m.Code} }

// Len implements [Message].
func (m Traceroute) Len() int { return tracerouteLen + len(m.Trailing) }

// AppendBinary implements [Message].
func (m Traceroute) AppendBinary(b []byte) ([]byte, error) {
	if n := len(m.Trailing); n > MaxLen-tracerouteLen {
		return b, tooLong("icmp4.Traceroute", "Trailing", n, MaxLen-tracerouteLen)
	}
	start := len(b)
	b = append(b, byte(TypeTraceroute), byte(m.Code), 0, 0)
	b = binary.BigEndian.AppendUint32(b, twoHalves(m.ID, m.Unused))
	b = binary.BigEndian.AppendUint32(b, twoHalves(m.OutboundHops, m.ReturnHops))
	b = binary.BigEndian.AppendUint32(b, m.Speed)
	b = binary.BigEndian.AppendUint32(b, m.MTU)
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start), nil
}

// String implements [Message].
func (m Traceroute) String() string {
	return fmt.Sprintf("%v, id %d, %d hops out, %d hops back, %d octets/s, mtu %d",
		m.Kind(), m.ID, m.OutboundHops, m.ReturnHops, m.Speed, m.MTU)
}
