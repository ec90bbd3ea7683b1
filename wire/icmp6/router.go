package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ndp"
)

// raLen is the length of a router advertisement's fixed part in octets.
const raLen = 16

// RouterSolicitation is router solicitation 133 (RFC 4861 §4.1).
type RouterSolicitation struct {
	Code     Code   // 0; kept as it came
	Reserved uint32 // octets 4 to 7; kept as they came
	Options  []byte // whole options; read and build them with wire/ndp

	zero
}

// ParseRouterSolicitation reads a router solicitation that fills b, checksum
// verified.
func ParseRouterSolicitation(b []byte, src, dst netip.Addr) (RouterSolicitation, error) {
	return verified(b, src, dst, DecodeRouterSolicitation)
}

// DecodeRouterSolicitation is [ParseRouterSolicitation] without the checksum.
func DecodeRouterSolicitation(b []byte) (RouterSolicitation, error) {
	if err := check("icmp6.RouterSolicitation", b, HeaderLen, TypeRouterSolicitation, TypeRouterSolicitation); err != nil {
		return RouterSolicitation{}, err
	}
	return RouterSolicitation{
		Code: Code(b[1]), Reserved: binary.BigEndian.Uint32(b[4:8]), Options: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m RouterSolicitation) Kind() Kind { return Kind{TypeRouterSolicitation, m.Code} }

// Len implements [Message].
func (m RouterSolicitation) Len() int { return HeaderLen + len(m.Options) }

// Append implements [Message].
func (m RouterSolicitation) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	return appendRest(b, "icmp6.RouterSolicitation", "Options", m.Kind(), m.Reserved, nil, m.Options, m.zero, src, dst)
}

// String implements [Message].
func (m RouterSolicitation) String() string { return m.Kind().String() + options(m.Options) }

// RouterAdvertisement is router advertisement 134 (RFC 4861 §4.2).
type RouterAdvertisement struct {
	Code     Code  // 0; kept as it came
	HopLimit uint8 // for outgoing packets; 0: unspecified
	Flags    ndp.RouterFlags
	// Lifetime is how long the router serves as a default router, whole seconds
	// up to 65535; 0: it does not.
	Lifetime time.Duration
	// Reachable is how long a neighbour counts as reachable, Retrans the time
	// between two neighbor solicitations: whole milliseconds that fit 32 bits;
	// 0: unspecified.
	Reachable time.Duration
	Retrans   time.Duration
	Options   []byte // whole options; read and build them with wire/ndp

	zero
}

// ParseRouterAdvertisement reads a router advertisement that fills b, checksum
// verified.
func ParseRouterAdvertisement(b []byte, src, dst netip.Addr) (RouterAdvertisement, error) {
	return verified(b, src, dst, DecodeRouterAdvertisement)
}

// DecodeRouterAdvertisement is [ParseRouterAdvertisement] without the checksum.
func DecodeRouterAdvertisement(b []byte) (RouterAdvertisement, error) {
	if err := check("icmp6.RouterAdvertisement", b, raLen, TypeRouterAdvertisement, TypeRouterAdvertisement); err != nil {
		return RouterAdvertisement{}, err
	}
	return RouterAdvertisement{
		Code:      Code(b[1]),
		HopLimit:  b[4],
		Flags:     ndp.RouterFlags(b[5]),
		Lifetime:  time.Duration(binary.BigEndian.Uint16(b[6:8])) * time.Second,
		Reachable: time.Duration(binary.BigEndian.Uint32(b[8:12])) * time.Millisecond,
		Retrans:   time.Duration(binary.BigEndian.Uint32(b[12:16])) * time.Millisecond,
		Options:   b[raLen:],
		zero:      readZero(b),
	}, nil
}

// Kind implements [Message].
func (m RouterAdvertisement) Kind() Kind { return Kind{TypeRouterAdvertisement, m.Code} }

// Len implements [Message].
func (m RouterAdvertisement) Len() int { return raLen + len(m.Options) }

// Append implements [Message]. A time that is negative, too long or not whole
// is a [*wire.FieldError].
func (m RouterAdvertisement) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	const name = "icmp6.RouterAdvertisement"
	if m.Lifetime < 0 || m.Lifetime%time.Second != 0 || m.Lifetime > 65535*time.Second {
		return b, &wire.FieldError{Type: name, Field: "Lifetime", Want: "whole seconds, 0 to 65535"}
	}
	if !millis32(m.Reachable) {
		return b, &wire.FieldError{Type: name, Field: "Reachable", Want: "whole milliseconds that fit 32 bits"}
	}
	if !millis32(m.Retrans) {
		return b, &wire.FieldError{Type: name, Field: "Retrans", Want: "whole milliseconds that fit 32 bits"}
	}
	word := uint32(m.HopLimit)<<24 | uint32(m.Flags)<<16 | uint32(m.Lifetime/time.Second)
	var times [8]byte
	binary.BigEndian.PutUint32(times[0:4], uint32(m.Reachable/time.Millisecond))
	binary.BigEndian.PutUint32(times[4:8], uint32(m.Retrans/time.Millisecond))
	return appendRest(b, name, "Options", m.Kind(), word, times[:], m.Options, m.zero, src, dst)
}

// millis32 reports whether d is whole milliseconds that fit 32 bits.
func millis32(d time.Duration) bool {
	return d >= 0 && d%time.Millisecond == 0 && d/time.Millisecond <= 0xffffffff
}

// String implements [Message].
func (m RouterAdvertisement) String() string {
	return fmt.Sprintf("%v, hop limit %d, flags %v, lifetime %v, reachable %v, retrans %v%s",
		m.Kind(), m.HopLimit, m.Flags, m.Lifetime, m.Reachable, m.Retrans, options(m.Options))
}

// options is the end of the line for a message with options.
func options(opts []byte) string {
	if len(opts) == 0 {
		return ""
	}
	return fmt.Sprintf(", options of %d octets", len(opts))
}
