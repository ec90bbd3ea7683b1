// Package checksum computes the Internet checksum: the sum of 16-bit words in
// ones' complement arithmetic (RFC 1071), its incremental update when a field
// changes (RFC 1624), and the pseudo-headers that carry the IP addresses into
// it (RFC 768, RFC 8200 §8.1).
//
// A sum is a uint16 in host order, not yet complemented, so sums can be
// continued and combined; [Of] gives the complement, which is what stands in a
// header. A buffer whose checksum field is filled in correctly sums to 0xffff,
// and [Valid] says just that.
package checksum

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Sum adds the octets of b to the sum that initial holds and returns the new
// sum. An odd last octet counts as the high half of a word, as RFC 1071 §1
// has it, so only the last of several parts may be odd.
func Sum(b []byte, initial uint16) uint16 {
	// The sum is the same in either byte order but for a swap of the result
	// (RFC 1071 §2B), so the words are read as the machine reads them fastest:
	// eight octets at once, little-endian, with the carry passed on.
	acc := uint64(bits.ReverseBytes16(initial))
	var c uint64
	for len(b) >= 128 {
		p := (*[128]byte)(b)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[0:8]), 0)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[8:16]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[16:24]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[24:32]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[32:40]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[40:48]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[48:56]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[56:64]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[64:72]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[72:80]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[80:88]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[88:96]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[96:104]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[104:112]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[112:120]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[120:128]), c)
		acc, c = bits.Add64(acc, 0, c)
		acc += c
		b = b[128:]
	}
	if len(b) >= 64 {
		p := (*[64]byte)(b)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[0:8]), 0)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[8:16]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[16:24]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[24:32]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[32:40]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[40:48]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[48:56]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[56:64]), c)
		acc, c = bits.Add64(acc, 0, c)
		acc += c
		b = b[64:]
	}
	if len(b) >= 32 {
		p := (*[32]byte)(b)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[0:8]), 0)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[8:16]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[16:24]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[24:32]), c)
		acc, c = bits.Add64(acc, 0, c)
		acc += c
		b = b[32:]
	}
	for len(b) >= 8 {
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(b), 0)
		acc += c
		b = b[8:]
	}
	// At most seven octets are left; they cannot overflow one more word.
	var tail uint64
	if len(b) >= 4 {
		tail = uint64(binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	var last uint64
	if len(b) >= 2 {
		last = uint64(binary.LittleEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		last += uint64(b[0])
	}
	acc, c = bits.Add64(acc, tail+last, 0)
	acc += c
	return bits.ReverseBytes16(fold(acc))
}

// fold brings a 64-bit sum down to 16 bits. Each halving can carry once, so
// each is followed by the carry's return.
func fold(acc uint64) uint16 {
	acc = acc>>32 + acc&0xffffffff
	acc = acc>>32 + acc&0xffffffff
	acc = acc>>16 + acc&0xffff
	acc = acc>>16 + acc&0xffff
	acc = acc>>16 + acc&0xffff
	return uint16(acc)
}

// Of returns the checksum of b: the value for a checksum field that was zero
// while b was summed.
func Of(b []byte) uint16 { return ^Sum(b, 0) }

// Valid reports whether b, its checksum field included, sums to 0xffff, which
// is how a receiver checks (RFC 1071 §1). An empty b is not valid.
func Valid(b []byte) bool { return Sum(b, 0) == 0xffff }

// Combine returns the sum of two sums, of parts that each begin at an even
// offset.
func Combine(a, b uint16) uint16 {
	s := uint32(a) + uint32(b)
	return uint16(s>>16 + s&0xffff)
}

// Update returns the checksum field that stood at check after one 16-bit word
// under it has changed from old to new: HC' = ~(~HC + ~m + m') of RFC 1624 §3,
// the form that gives 0x0000 where RFC 1141's gave 0xffff.
func Update(check, old, new uint16) uint16 {
	s := uint32(^check) + uint32(^old) + uint32(new)
	s = s>>16 + s&0xffff
	return ^uint16(s>>16 + s)
}

// Update32 is [Update] for two neighbouring words at an even offset, an IPv4
// address for one.
func Update32(check uint16, old, new uint32) uint16 {
	return Update(Update(check, uint16(old>>16), uint16(new>>16)), uint16(old), uint16(new))
}

// Pseudo4 returns the sum of the IPv4 pseudo-header (RFC 768): addresses,
// protocol, and the length of the upper-layer packet in octets. An address that
// is not IPv4 counts as zero.
func Pseudo4(src, dst netip.Addr, proto uint8, length uint16) uint16 {
	var b [12]byte
	if src.Is4() {
		a := src.As4()
		copy(b[0:4], a[:])
	}
	if dst.Is4() {
		a := dst.As4()
		copy(b[4:8], a[:])
	}
	b[9] = proto
	binary.BigEndian.PutUint16(b[10:], length)
	return Sum(b[:], 0)
}

// Pseudo6 returns the sum of the IPv6 pseudo-header (RFC 8200 §8.1):
// addresses, upper-layer packet length in octets, and upper-layer protocol.
// An IPv4 address counts as its IPv4-mapped IPv6 form, the zero Addr as zero.
func Pseudo6(src, dst netip.Addr, proto uint8, length uint32) uint16 {
	var b [40]byte
	s, d := src.As16(), dst.As16()
	copy(b[0:16], s[:])
	copy(b[16:32], d[:])
	binary.BigEndian.PutUint32(b[32:], length)
	b[39] = proto
	return Sum(b[:], 0)
}
