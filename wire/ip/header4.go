package ip

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
)

// Sizes of IPv4, in octets.
const (
	MinHeaderLen4 = 20    // a header without options
	MaxOptionsLen = 40    // all options together
	MaxLen        = 65535 // the longest datagram, header included
)

// Units of the length fields of IPv4, in octets.
const (
	unitHeaderLen4 = 4
	unitFragOffset = 8
)

// Header4 is an IPv4 header (RFC 791 §3.1). The header length is that of its
// options, and the checksum is filled in on the way out.
type Header4 struct {
	TOS        uint8  // precedence and type of service, or DSCP and ECN
	TotalLen   uint16 // header and payload, in octets
	ID         uint16
	Reserved   bool   // the first flag, which must be zero; kept as it came
	DF         bool   // don't fragment
	MF         bool   // more fragments
	FragOffset uint16 // where this fragment's payload belongs, in octets: a multiple of 8
	TTL        TTL
	Proto      Proto
	Src, Dst   netip.Addr // IPv4
	// Options are the octets behind the first twenty, padding included: a
	// multiple of 4, at most 40. In a parsed header they alias what was parsed.
	// Read them with [Options4].
	Options []byte

	zero zero
}

// zero remembers which of the two zeros of ones' complement arithmetic a parsed
// header's checksum field held, so that a header that is passed on is passed on
// as it came. A sender writes 0x0000, a translator that follows RFC 1141 may
// leave 0xffff (RFC 1624 §3), and a receiver accepts both.
type zero struct{ minus bool }

// Parse4 reads the IPv4 header at the beginning of b, its checksum verified,
// and returns the payload with it. The total length says where the payload
// ends: octets of b behind that are padding of the link and no part of it.
// Options and payload alias b.
//
// A datagram that announces more octets than b holds was cut after it was sent.
// The error is then [wire.Truncated], and the header and as much of the payload
// as there is are returned all the same. With any other error they are zero:
// [wire.Short] when b ends inside the header, [wire.Version], [wire.Length]
// when the header length or the total length cannot be true, [wire.Checksum].
func Parse4(b []byte) (Header4, []byte, error) {
	return parse4(b, true)
}

// Decode4 is [Parse4] without the header checksum.
func Decode4(b []byte) (Header4, []byte, error) {
	return parse4(b, false)
}

func parse4(b []byte, verify bool) (Header4, []byte, error) {
	n, err := headerLen4(b)
	if err != nil {
		return Header4{}, nil, err
	}
	total := int(binary.BigEndian.Uint16(b[2:4]))
	if total < n {
		return Header4{}, nil, &wire.ParseError{Type: "ip.Header4", Offset: 2, Reason: wire.Length}
	}
	if verify && !valid4(b, n) {
		return Header4{}, nil, &wire.ParseError{Type: "ip.Header4", Offset: 10, Reason: wire.Checksum}
	}
	if total > len(b) {
		return read4(b, n), b[n:], &wire.ParseError{Type: "ip.Header4", Offset: len(b), Reason: wire.Truncated}
	}
	return read4(b, n), b[n:total:total], nil
}

// valid4 reports whether the checksum of the header of n octets holds.
func valid4(b []byte, n int) bool {
	if n == MinHeaderLen4 {
		return checksum.ValidHeader((*[MinHeaderLen4]byte)(b))
	}
	return checksum.Valid(b[:n])
}

// headerLen4 returns the length of the header at the beginning of b, which
// holds at least that.
func headerLen4(b []byte) (int, error) {
	if len(b) >= MinHeaderLen4 {
		n := int(b[0]&0x0f) * unitHeaderLen4
		if b[0]>>4 == 4 && n >= MinHeaderLen4 && n <= len(b) {
			return n, nil
		}
	}
	return 0, headerFault4(b)
}

func headerFault4(b []byte) error {
	e := &wire.ParseError{Type: "ip.Header4"}
	switch {
	case len(b) == 0:
		e.Reason = wire.Short
	case b[0]>>4 != 4:
		e.Reason = wire.Version
	case int(b[0]&0x0f)*unitHeaderLen4 < MinHeaderLen4:
		e.Reason = wire.Length
	default:
		e.Offset, e.Reason = len(b), wire.Short
	}
	return e
}

// read4 reads the header of n octets at the beginning of b.
func read4(b []byte, n int) Header4 {
	frag := binary.BigEndian.Uint16(b[6:8])
	h := Header4{
		TOS:        b[1],
		TotalLen:   binary.BigEndian.Uint16(b[2:4]),
		ID:         binary.BigEndian.Uint16(b[4:6]),
		Reserved:   frag&0x8000 != 0,
		DF:         frag&0x4000 != 0,
		MF:         frag&0x2000 != 0,
		FragOffset: frag << 3,
		TTL:        TTL(b[8]),
		Proto:      Proto(b[9]),
		Src:        netip.AddrFrom4([4]byte(b[12:16])),
		Dst:        netip.AddrFrom4([4]byte(b[16:20])),
		zero:       zero{b[10] == 0xff && b[11] == 0xff},
	}
	if n > MinHeaderLen4 {
		h.Options = b[MinHeaderLen4:n:n]
	}
	return h
}

// HeaderLen returns the length of the header in octets, options included.
func (h Header4) HeaderLen() int { return MinHeaderLen4 + len(h.Options) }

// First reports whether the payload begins with the header of the upper layer:
// whether the datagram is whole, or the first of its fragments.
func (h Header4) First() bool { return h.FragOffset == 0 }

// IsFragment reports whether the datagram is a part of a larger one.
func (h Header4) IsFragment() bool { return h.MF || h.FragOffset != 0 }

// AppendBinary appends the header to b, checksum filled in. TotalLen is written
// as it stands and must cover the header at least. A value that does not fit is
// a [*wire.FieldError] and leaves b as it was.
func (h Header4) AppendBinary(b []byte) ([]byte, error) {
	return h.append(b, int(h.TotalLen))
}

// AppendPacket appends the header and the payload behind it to b, with the
// total length that they have together in place of h.TotalLen. The errors are
// those of [Header4.AppendBinary].
func (h Header4) AppendPacket(b, payload []byte) ([]byte, error) {
	b, err := h.append(b, h.HeaderLen()+len(payload))
	if err != nil {
		return b, err
	}
	return append(b, payload...), nil
}

func (h *Header4) append(b []byte, total int) ([]byte, error) {
	n := h.HeaderLen()
	if err := h.check(n, total); err != nil {
		return b, err
	}
	frag := h.FragOffset >> 3
	if h.Reserved {
		frag |= 0x8000
	}
	if h.DF {
		frag |= 0x4000
	}
	if h.MF {
		frag |= 0x2000
	}
	src, dst, start := h.Src.As4(), h.Dst.As4(), len(b)
	b = append(b,
		4<<4|byte(n/unitHeaderLen4), h.TOS, byte(total>>8), byte(total),
		byte(h.ID>>8), byte(h.ID), byte(frag>>8), byte(frag),
		byte(h.TTL), byte(h.Proto), 0, 0,
		src[0], src[1], src[2], src[3],
		dst[0], dst[1], dst[2], dst[3])
	b = append(b, h.Options...)
	c := checksum.Of(b[start:])
	if c == 0 && h.zero.minus {
		c = 0xffff
	}
	binary.BigEndian.PutUint16(b[start+10:], c)
	return b, nil
}

// check returns the error of a header that cannot be written, n octets long and
// with this total length.
func (h *Header4) check(n, total int) error {
	switch {
	case len(h.Options) > MaxOptionsLen:
		return &wire.FieldError{Type: "ip.Header4", Field: "Options", Value: len(h.Options), Limit: MaxOptionsLen}
	case len(h.Options)%unitHeaderLen4 != 0:
		return &wire.FieldError{Type: "ip.Header4", Field: "Options", Want: "a multiple of 4 octets"}
	case total < n:
		return &wire.FieldError{Type: "ip.Header4", Field: "TotalLen", Want: "at least the length of the header"}
	case total > MaxLen:
		return &wire.FieldError{Type: "ip.Header4", Field: "TotalLen", Value: total, Limit: MaxLen}
	case h.FragOffset%unitFragOffset != 0:
		return &wire.FieldError{Type: "ip.Header4", Field: "FragOffset", Want: "a multiple of 8 octets"}
	case !h.Src.Is4():
		return &wire.FieldError{Type: "ip.Header4", Field: "Src", Want: "an IPv4 address"}
	case !h.Dst.Is4():
		return &wire.FieldError{Type: "ip.Header4", Field: "Dst", Want: "an IPv4 address"}
	}
	return nil
}

// String returns the header on one line, for people.
func (h Header4) String() string {
	s := fmt.Sprintf("%v > %v %v, ttl %d, id %d, %d octets", h.Src, h.Dst, h.Proto, h.TTL, h.ID, h.TotalLen)
	if h.TOS != 0 {
		s += fmt.Sprintf(", tos 0x%02x", h.TOS)
	}
	if h.DF {
		s += ", DF"
	}
	if h.IsFragment() {
		s += fmt.Sprintf(", offset %d", h.FragOffset)
	}
	if h.MF {
		s += ", MF"
	}
	if len(h.Options) > 0 {
		s += fmt.Sprintf(", options of %d octets", len(h.Options))
	}
	return s
}
