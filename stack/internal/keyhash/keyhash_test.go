package keyhash_test

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/internal/keyhash"
)

func addr(i uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], i)
	return netip.AddrFrom4(b)
}

// Neighbouring addresses spread evenly over the low bits, which choose a slot,
// with every key.
func TestSpread(t *testing.T) {
	const slots, each = 256, 64
	for seed := range uint64(16) {
		k := keyhash.New(seed)
		var n [slots]int
		for i := range uint32(slots * each) {
			n[k.Addr(addr(0x0a000000+i))%slots]++
		}
		for s, got := range n {
			if got < each/3 || got > each*3 {
				t.Errorf("seed %d: slot %d holds %d of %d, want about %d", seed, s, got, slots*each, each)
			}
		}
	}
}

// One bit of an address or of the key changes half of the bits of the hash.
func TestAvalanche(t *testing.T) {
	k := keyhash.New(1)
	for _, half := range []int{0, 1} {
		total := 0
		for bit := range 64 {
			for i := range uint64(64) {
				w := [2]uint64{i * 0x0101010101, i}
				before := k.Words(w[0], w[1])
				w[half] ^= 1 << bit
				total += bits.OnesCount64(before ^ k.Words(w[0], w[1]))
			}
		}
		if mean := float64(total) / 64 / 64; mean < 28 || mean > 36 {
			t.Errorf("word %d: one bit changes %.1f bits on average, want about 32", half, mean)
		}
	}
	total := 0
	for i := range uint32(1024) {
		total += bits.OnesCount64(keyhash.New(1).Addr(addr(i)) ^ keyhash.New(2).Addr(addr(i)))
	}
	if mean := float64(total) / 1024; mean < 28 || mean > 36 {
		t.Errorf("the next seed changes %.1f bits on average, want about 32", mean)
	}
}

func TestSame(t *testing.T) {
	k := keyhash.New(7)
	a := netip.MustParseAddr("2001:db8::1")
	if k.Addr(a) != keyhash.New(7).Addr(a) {
		t.Error("the same key and address, and another hash")
	}
	if k.Addr(a) != k.Addr(a.WithZone("eth0")) {
		t.Error("the zone counts")
	}
	if k.Addr(addr(1)) != k.Addr(netip.MustParseAddr("::ffff:0.0.0.1")) {
		t.Error("an IPv4 address differs from its mapped form")
	}
	if k.Addr(netip.Addr{}) != k.Addr(netip.IPv6Unspecified()) {
		t.Error("the zero Addr differs from ::")
	}
	if k.Words(1, 2) == k.Words(2, 1) {
		t.Error("the order of the words does not count")
	}
	wiretest.NoAllocs(t, "hash", func() { _ = k.Addr(a) })
}

func BenchmarkAddr(b *testing.B) {
	k, a := keyhash.New(1), netip.MustParseAddr("2001:db8::1")
	b.ReportAllocs()
	for b.Loop() {
		_ = k.Addr(a)
	}
}
