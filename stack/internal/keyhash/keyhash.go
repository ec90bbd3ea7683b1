// Package keyhash hashes addresses with a key, for tables that strangers fill:
// who does not know the key cannot choose addresses that fall together, and the
// same key gives the same table every time. It is no cryptographic hash; it
// protects what cannot be seen from outside.
package keyhash

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// A Key chooses one hash function out of many. Make one with [New].
type Key struct{ a, b, c uint64 }

// New makes the key that belongs to the seed.
func New(seed uint64) Key {
	var k Key
	for _, p := range []*uint64{&k.a, &k.b, &k.c} {
		seed += 0x9e3779b97f4a7c15 // splitmix64, so that neighbouring seeds share nothing
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		*p = z ^ z>>31
	}
	return k
}

// Addr returns the hash of an address without its zone. An IPv4 address hashes
// as its IPv4-mapped IPv6 form, the zero Addr as "::".
func (k Key) Addr(a netip.Addr) uint64 {
	b := a.As16()
	return k.Words(binary.LittleEndian.Uint64(b[0:8]), binary.LittleEndian.Uint64(b[8:16]))
}

// Words returns the hash of two words, one of which may be a hash itself.
func (k Key) Words(x, y uint64) uint64 {
	return fold(fold(x^k.a, y^k.b)^k.c, 0x9e3779b97f4a7c15^k.a)
}

// fold multiplies and puts both halves of the product together, so that every
// bit of the result depends on all bits of both.
func fold(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}
