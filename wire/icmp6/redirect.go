package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// redirectLen is the length of a redirect's fixed part in octets.
const redirectLen = HeaderLen + 2*addrLen

// Redirect is redirect 137 (RFC 4861 §4.5): a better first hop for a
// destination. The packet that caused it stands in a redirected header option.
type Redirect struct {
	Code     Code       // 0; kept as it came
	Reserved uint32     // octets 4 to 7; kept as they came
	Target   netip.Addr // the better first hop; equal to Dst when that is on the link
	Dst      netip.Addr // the destination in question
	Options  []byte     // whole options; read and build them with wire/ndp

	zero
}

// ParseRedirect reads a redirect that fills b, checksum verified.
func ParseRedirect(b []byte, src, dst netip.Addr) (Redirect, error) {
	return verified(b, src, dst, DecodeRedirect)
}

// DecodeRedirect is [ParseRedirect] without the checksum.
func DecodeRedirect(b []byte) (Redirect, error) {
	if err := check("icmp6.Redirect", b, redirectLen, TypeRedirect, TypeRedirect); err != nil {
		return Redirect{}, err
	}
	return Redirect{
		Code: Code(b[1]), Reserved: binary.BigEndian.Uint32(b[4:8]), Target: readAddr(b[8:]), Dst: readAddr(b[24:]),
		Options: b[redirectLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m Redirect) Kind() Kind { return Kind{TypeRedirect, m.Code} }

// Len implements [Message].
func (m Redirect) Len() int { return redirectLen + len(m.Options) }

// Append implements [Message].
func (m Redirect) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if !m.Target.Is6() {
		return b, notIPv6("icmp6.Redirect", "Target")
	}
	if !m.Dst.Is6() {
		return b, notIPv6("icmp6.Redirect", "Dst")
	}
	var addrs [2 * addrLen]byte
	target, to := m.Target.As16(), m.Dst.As16()
	copy(addrs[:addrLen], target[:])
	copy(addrs[addrLen:], to[:])
	return appendRest(b, "icmp6.Redirect", "Options", m.Kind(), m.Reserved, addrs[:], m.Options, m.zero, src, dst)
}

// String implements [Message].
func (m Redirect) String() string {
	return fmt.Sprintf("%v, for %v use %v%s", m.Kind(), m.Dst, m.Target, options(m.Options))
}
