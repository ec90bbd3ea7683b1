package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire/ndp"
)

// neighborLen is the length of the fixed part of neighbor solicitation and
// advertisement, in octets.
const neighborLen = HeaderLen + addrLen

// NeighborSolicitation is neighbor solicitation 135 (RFC 4861 §4.3): who has
// this address, or: are you still there.
type NeighborSolicitation struct {
	Code     Code       // 0; kept as it came
	Reserved uint32     // octets 4 to 7; kept as they came
	Target   netip.Addr // the address in question
	Options  []byte     // whole options; read and build them with wire/ndp

	zero
}

// ParseNeighborSolicitation reads a neighbor solicitation that fills b, checksum
// verified.
func ParseNeighborSolicitation(b []byte, src, dst netip.Addr) (NeighborSolicitation, error) {
	return verified(b, src, dst, DecodeNeighborSolicitation)
}

// DecodeNeighborSolicitation is [ParseNeighborSolicitation] without the
// checksum.
func DecodeNeighborSolicitation(b []byte) (NeighborSolicitation, error) {
	if err := check("icmp6.NeighborSolicitation", b, neighborLen, TypeNeighborSolicitation, TypeNeighborSolicitation); err != nil {
		return NeighborSolicitation{}, err
	}
	return NeighborSolicitation{
		Code: Code(b[1]), Reserved: binary.BigEndian.Uint32(b[4:8]), Target: readAddr(b[8:]),
		Options: b[neighborLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m NeighborSolicitation) Kind() Kind { return Kind{TypeNeighborSolicitation, m.Code} }

// Len implements [Message].
func (m NeighborSolicitation) Len() int { return neighborLen + len(m.Options) }

// Append implements [Message].
func (m NeighborSolicitation) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if !m.Target.Is6() {
		return b, notIPv6("icmp6.NeighborSolicitation", "Target")
	}
	target := m.Target.As16()
	return appendRest(b, "icmp6.NeighborSolicitation", "Options", m.Kind(), m.Reserved, target[:], m.Options, m.zero, src, dst)
}

// String implements [Message].
func (m NeighborSolicitation) String() string {
	return fmt.Sprintf("%v, target %v%s", m.Kind(), m.Target, options(m.Options))
}

// NeighborAdvertisement is neighbor advertisement 136 (RFC 4861 §4.4).
type NeighborAdvertisement struct {
	Code     Code // 0; kept as it came
	Flags    ndp.NeighborFlags
	Reserved [3]byte    // octets 5 to 7; kept as they came
	Target   netip.Addr // the address whose link-layer address an option gives
	Options  []byte     // whole options; read and build them with wire/ndp

	zero
}

// ParseNeighborAdvertisement reads a neighbor advertisement that fills b,
// checksum verified.
func ParseNeighborAdvertisement(b []byte, src, dst netip.Addr) (NeighborAdvertisement, error) {
	return verified(b, src, dst, DecodeNeighborAdvertisement)
}

// DecodeNeighborAdvertisement is [ParseNeighborAdvertisement] without the
// checksum.
func DecodeNeighborAdvertisement(b []byte) (NeighborAdvertisement, error) {
	if err := check("icmp6.NeighborAdvertisement", b, neighborLen, TypeNeighborAdvertisement, TypeNeighborAdvertisement); err != nil {
		return NeighborAdvertisement{}, err
	}
	return NeighborAdvertisement{
		Code: Code(b[1]), Flags: ndp.NeighborFlags(b[4]), Reserved: [3]byte(b[5:8]), Target: readAddr(b[8:]),
		Options: b[neighborLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m NeighborAdvertisement) Kind() Kind { return Kind{TypeNeighborAdvertisement, m.Code} }

// Len implements [Message].
func (m NeighborAdvertisement) Len() int { return neighborLen + len(m.Options) }

// Append implements [Message].
func (m NeighborAdvertisement) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if !m.Target.Is6() {
		return b, notIPv6("icmp6.NeighborAdvertisement", "Target")
	}
	word := uint32(m.Flags)<<24 | uint32(m.Reserved[0])<<16 | uint32(m.Reserved[1])<<8 | uint32(m.Reserved[2])
	target := m.Target.As16()
	return appendRest(b, "icmp6.NeighborAdvertisement", "Options", m.Kind(), word, target[:], m.Options, m.zero, src, dst)
}

// String implements [Message].
func (m NeighborAdvertisement) String() string {
	return fmt.Sprintf("%v, target %v, flags %v%s", m.Kind(), m.Target, m.Flags, options(m.Options))
}
