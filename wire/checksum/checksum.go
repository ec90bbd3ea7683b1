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
)

// Sum adds the octets of b to the sum that initial holds and returns the new
// sum. An odd last octet counts as the high half of a word, as RFC 1071 §1
// has it, so only the last of several parts may be odd.
func Sum(b []byte, initial uint16) uint16 {
	// The sum is the same in either byte order but for a swap of the result
	// (RFC 1071 §2B), so the words are read as the machine reads them fastest:
	// eight octets at once, little-endian, with the carry passed on.
	acc := uint64(bits.ReverseBytes16(initial))
	if len(b) < 8 {
		return bits.ReverseBytes16(fold(acc + sumShort(b)))
	}
	// What is left behind the last whole eight is the upper end of the last
	// eight octets; it does not fill 64 bits, so this does not overflow.
	acc += binary.LittleEndian.Uint64(b[len(b)-8:]) >> (64 - len(b)%8*8)
	if len(b) >= vectorMin {
		b, acc = sumLong(b, acc)
	}
	// A chain of additions that began without a carry cannot end in both a
	// carry and the greatest sum, so adding its carry carries no more.
	var c uint64
	for len(b) >= 64 {
		p := (*[64]byte)(b)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[0:8]), 0)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[8:16]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[16:24]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[24:32]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[32:40]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[40:48]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[48:56]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[56:64]), c)
		acc, _ = bits.Add64(acc, 0, c)
		b = b[64:]
	}
	if len(b) >= 32 {
		p := (*[32]byte)(b)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[0:8]), 0)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[8:16]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[16:24]), c)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[24:32]), c)
		acc, _ = bits.Add64(acc, 0, c)
		b = b[32:]
	}
	if len(b) >= 16 {
		p := (*[16]byte)(b)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[0:8]), 0)
		acc, c = bits.Add64(acc, binary.LittleEndian.Uint64(p[8:16]), c)
		acc, _ = bits.Add64(acc, 0, c)
		b = b[16:]
	}
	if len(b) >= 8 {
		acc = add(acc, binary.LittleEndian.Uint64(b))
	}
	return bits.ReverseBytes16(fold(acc))
}

// sumShort returns the sum of less than eight octets, little-endian.
func sumShort(b []byte) (acc uint64) {
	if len(b) >= 4 {
		acc = uint64(binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		acc += uint64(binary.LittleEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		acc += uint64(b[0])
	}
	return acc
}

// add adds two 64-bit sums.
func add(a, b uint64) uint64 {
	s, c := bits.Add64(a, b, 0)
	s, _ = bits.Add64(s, 0, c)
	return s
}

// fold brings a 64-bit sum down to 16 bits. Added to itself with its halves
// exchanged, a sum holds the sum of its halves in its upper half, the carry
// out of the lower half included.
func fold(acc uint64) uint16 {
	s := uint32((acc + bits.RotateLeft64(acc, 32)) >> 32)
	return uint16((s + bits.RotateLeft32(s, 16)) >> 16)
}

// Words returns the sum of the four 16-bit words of w, for a header that is at
// hand as a number.
func Words(w uint64) uint16 { return fold(w) }

// Of returns the checksum of b: the value for a checksum field that was zero
// while b was summed.
func Of(b []byte) uint16 { return ^Sum(b, 0) }

// ValidHeader is [Valid] for twenty octets, the length of an IPv4 header without
// options, the shortest and most frequent sum there is.
//
// A sum of words folds to 0xffff just when it is a multiple of 0xffff and not
// zero, so that nothing need be folded: 2^16 is 1 modulo 0xffff.
func ValidHeader(h *[20]byte) bool {
	const low = 1<<32 - 1
	a, b := binary.LittleEndian.Uint64(h[0:8]), binary.LittleEndian.Uint64(h[8:16])
	s := a>>32 + a&low + b>>32 + b&low + uint64(binary.LittleEndian.Uint32(h[16:20]))
	return s%0xffff == 0 && s != 0
}

// Valid reports whether b, its checksum field included, sums to 0xffff, which
// is how a receiver checks (RFC 1071 §1). An empty b is not valid.
func Valid(b []byte) bool { return Sum(b, 0) == 0xffff }

// Combine returns the sum of two sums, of parts that each begin at an even
// offset.
func Combine(a, b uint16) uint16 {
	s := uint32(a) + uint32(b)
	return uint16(s>>16 + s&0xffff)
}
