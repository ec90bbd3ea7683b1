package siphash_test

import (
	"encoding/binary"
	"math/bits"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/internal/siphash"
)

// words are the octets 0, 1, 2, … 23, as the reference vectors have them.
func words() (k0, k1, a, b, c uint64) {
	var o [24]byte
	for i := range o {
		o[i] = byte(i)
	}
	le := binary.LittleEndian.Uint64
	return le(o[0:]), le(o[8:]), le(o[0:]), le(o[8:]), le(o[16:])
}

// TestVector is entry 24 of the authors' test vectors.
func TestVector(t *testing.T) {
	k0, k1, a, b, c := words()
	var got [8]byte
	binary.LittleEndian.PutUint64(got[:], siphash.New(k0, k1).Sum3(a, b, c))
	if want := [8]byte{0x94, 0xaf, 0x49, 0xf6, 0xc6, 0x50, 0xad, 0xb8}; got != want {
		t.Errorf("%x, want %x", got, want)
	}
}

// TestDerive checks that neighbouring seeds differ in about half of the bits of
// what they hash, and that a seed always makes the same key.
func TestDerive(t *testing.T) {
	if a, b := siphash.Derive(7), siphash.Derive(7); a != b {
		t.Error("one seed, two keys")
	}
	for seed := range uint64(64) {
		x := siphash.Derive(seed).Sum3(1, 2, 3) ^ siphash.Derive(seed+1).Sum3(1, 2, 3)
		if n := bits.OnesCount64(x); n < 14 || n > 50 {
			t.Errorf("seeds %d and %d: %d bits differ", seed, seed+1, n)
		}
		if k := siphash.Derive(seed); k == siphash.New(0, 0) {
			t.Errorf("seed %d: the zero key", seed)
		}
	}
	// The finaliser of splitmix64, by its reference: the first outputs of seed 0.
	if siphash.Derive(0) != siphash.New(0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4) {
		t.Error("the key of seed 0 is not that of splitmix64")
	}
}

func TestNoAllocs(t *testing.T) {
	k := siphash.Derive(1)
	sum := uint64(0)
	wiretest.NoAllocs(t, "Sum3", func() { sum += k.Sum3(1, 2, 3) })
	if sum == 0 {
		t.Error("the sum of sums is zero")
	}
}

func BenchmarkSum3(b *testing.B) {
	k := siphash.Derive(1)
	b.SetBytes(24)
	b.ReportAllocs()
	x := uint64(0)
	for b.Loop() {
		x = k.Sum3(x, 2, 3)
	}
}
