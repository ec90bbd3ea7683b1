// Package siphash is SipHash-2-4 (Aumasson and Bernstein, 2012) of words of 64
// bits: a hash that nobody can foretell who does not know the key. Cookies are
// made with it, and tables that strangers could otherwise fill where it hurts.
package siphash

import "math/bits"

// Key chooses one function out of many.
type Key struct{ k0, k1 uint64 }

// New makes a key of two words.
func New(k0, k1 uint64) Key { return Key{k0, k1} }

// Derive makes the key that belongs to a seed; neighbouring seeds have nothing
// in common.
func Derive(seed uint64) Key {
	var w [2]uint64
	for i := range w {
		seed += 0x9e3779b97f4a7c15 // splitmix64
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		w[i] = z ^ z>>31
	}
	return Key{w[0], w[1]}
}

// Sum3 returns the hash of the 24 octets of three words, each with its lowest
// octet first.
func (k Key) Sum3(a, b, c uint64) uint64 {
	v0, v1 := k.k0^0x736f6d6570736575, k.k1^0x646f72616e646f6d
	v2, v3 := k.k0^0x6c7967656e657261, k.k1^0x7465646279746573
	const last = 24 << 56 // the length, and no octets behind the words
	for _, m := range [...]uint64{a, b, c, last} {
		v3 ^= m
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0 ^= m
	}
	v2 ^= 0xff
	for range 4 {
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
	}
	return v0 ^ v1 ^ v2 ^ v3
}

func round(v0, v1, v2, v3 uint64) (a, b, c, d uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
}
