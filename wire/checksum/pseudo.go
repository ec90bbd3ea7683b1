package checksum

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Pseudo4 returns the sum of the IPv4 pseudo-header (RFC 768): addresses,
// protocol, and the length of the upper-layer packet in octets. An address that
// is not IPv4 counts as zero.
func Pseudo4(src, dst netip.Addr, proto uint8, length uint16) uint16 {
	return fold(word4(src) + word4(dst) + uint64(proto) + uint64(length))
}

// word4 returns the octets of an IPv4 address as a number, 0 for any other.
func word4(a netip.Addr) uint64 {
	if !a.Is4() {
		return 0
	}
	b := a.As4()
	return uint64(binary.BigEndian.Uint32(b[:]))
}

// Pseudo6 returns the sum of the IPv6 pseudo-header (RFC 8200 §8.1):
// addresses, upper-layer packet length in octets, and upper-layer protocol.
// An IPv4 address counts as its IPv4-mapped IPv6 form, the zero Addr as zero.
func Pseudo6(src, dst netip.Addr, proto uint8, length uint32) uint16 {
	s, d := src.As16(), dst.As16()
	acc, c := bits.Add64(binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(s[8:]), 0)
	acc, c = bits.Add64(acc, binary.BigEndian.Uint64(d[:8]), c)
	acc, c = bits.Add64(acc, binary.BigEndian.Uint64(d[8:]), c)
	acc, c = bits.Add64(acc, uint64(length)+uint64(proto), c)
	acc, _ = bits.Add64(acc, 0, c)
	return fold(acc)
}
