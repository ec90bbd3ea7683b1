package ip

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
)

// HeaderLen6 is the length of an IPv6 header without extension headers, in
// octets.
const HeaderLen6 = 40

// MaxFlowLabel is the largest flow label: twenty bits.
const MaxFlowLabel = 1<<20 - 1

// Header6 is an IPv6 header (RFC 8200 §3). The extension headers are part of
// the payload; [Header6.Upper] and [Header6.Extensions] walk them.
//
// Jumbograms (RFC 2675), which have a payload length of 0 and their length in a
// hop-by-hop option, are not supported: a payload length of 0 means here that
// there is no payload.
type Header6 struct {
	TrafficClass uint8  // DSCP and ECN
	FlowLabel    uint32 // at most [MaxFlowLabel]
	PayloadLen   uint16 // extension headers and what follows them, in octets
	NextHeader   Proto  // what the payload begins with
	HopLimit     TTL
	Src, Dst     netip.Addr // IPv6; a zone is not written
}

// Parse6 reads the IPv6 header at the beginning of b and returns the payload
// with it, clipped to the payload length. The payload aliases b.
//
// As in [Parse4], a datagram that announces more octets than b holds is an
// error with the reason [wire.Truncated], and the header and as much of the
// payload as there is are returned all the same. With any other error they are
// zero: [wire.Short] when b ends inside the header, [wire.Version].
func Parse6(b []byte) (Header6, []byte, error) {
	if len(b) < HeaderLen6 || b[0]>>4 != 6 {
		return Header6{}, nil, headerFault6(b)
	}
	word := binary.BigEndian.Uint32(b[0:4])
	h := Header6{
		TrafficClass: uint8(word >> 20),
		FlowLabel:    word & MaxFlowLabel,
		PayloadLen:   binary.BigEndian.Uint16(b[4:6]),
		NextHeader:   Proto(b[6]),
		HopLimit:     TTL(b[7]),
		Src:          netip.AddrFrom16([16]byte(b[8:24])),
		Dst:          netip.AddrFrom16([16]byte(b[24:40])),
	}
	end := HeaderLen6 + int(h.PayloadLen)
	if end > len(b) {
		return h, b[HeaderLen6:], &wire.ParseError{Type: "ip.Header6", Offset: len(b), Reason: wire.Truncated}
	}
	return h, b[HeaderLen6:end:end], nil
}

func headerFault6(b []byte) error {
	if len(b) > 0 && b[0]>>4 != 6 {
		return &wire.ParseError{Type: "ip.Header6", Offset: 0, Reason: wire.Version}
	}
	return &wire.ParseError{Type: "ip.Header6", Offset: len(b), Reason: wire.Short}
}

// AppendBinary appends the header to b, PayloadLen as it stands. A value that
// does not fit is a [*wire.FieldError] and leaves b as it was.
func (h Header6) AppendBinary(b []byte) ([]byte, error) {
	return h.append(b, int(h.PayloadLen))
}

// AppendPacket appends the header and the payload behind it, extension headers
// included, to b, with the payload's length in place of h.PayloadLen. The
// errors are those of [Header6.AppendBinary].
func (h Header6) AppendPacket(b, payload []byte) ([]byte, error) {
	b, err := h.append(b, len(payload))
	if err != nil {
		return b, err
	}
	return append(b, payload...), nil
}

func (h *Header6) append(b []byte, length int) ([]byte, error) {
	switch {
	case h.FlowLabel > MaxFlowLabel:
		return b, &wire.FieldError{Type: "ip.Header6", Field: "FlowLabel", Value: int(h.FlowLabel), Limit: MaxFlowLabel}
	case length > MaxLen:
		return b, &wire.FieldError{Type: "ip.Header6", Field: "PayloadLen", Value: length, Limit: MaxLen}
	case !h.Src.Is6():
		return b, &wire.FieldError{Type: "ip.Header6", Field: "Src", Want: "an IPv6 address"}
	case !h.Dst.Is6():
		return b, &wire.FieldError{Type: "ip.Header6", Field: "Dst", Want: "an IPv6 address"}
	}
	src, dst := h.Src.As16(), h.Dst.As16()
	b = append(b,
		6<<4|h.TrafficClass>>4, h.TrafficClass<<4|byte(h.FlowLabel>>16), byte(h.FlowLabel>>8), byte(h.FlowLabel),
		byte(length>>8), byte(length), byte(h.NextHeader), byte(h.HopLimit))
	b = append(b, src[:]...)
	return append(b, dst[:]...), nil
}

// String returns the header on one line, for people.
func (h Header6) String() string {
	s := fmt.Sprintf("%v > %v %v, hop limit %d, %d octets of payload", h.Src, h.Dst, h.NextHeader, h.HopLimit, h.PayloadLen)
	if h.TrafficClass != 0 {
		s += fmt.Sprintf(", class 0x%02x", h.TrafficClass)
	}
	if h.FlowLabel != 0 {
		s += fmt.Sprintf(", flow 0x%05x", h.FlowLabel)
	}
	return s
}
