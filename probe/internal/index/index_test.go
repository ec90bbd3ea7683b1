package index_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/internal/index"
)

func slots(x *index.Index, hash uint64) (out []int32) {
	c := x.Find(hash)
	for s, ok := x.Next(&c); ok; s, ok = x.Next(&c) {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func TestIndex(t *testing.T) {
	var x index.Index
	const five, six, seven = 5 << 32, 6 << 32, 7 << 32
	if slots(&x, five) != nil || x.Delete(five, 1) || x.Len() != 0 || x.Octets() != 0 {
		t.Error("the zero index is not empty")
	}
	x.Put(five, 0)
	x.Put(five, 7)
	x.Put(six, 7)
	if got := slots(&x, five); !slices.Equal(got, []int32{0, 7}) {
		t.Errorf("slots %d", got)
	}
	if x.Delete(six, 0) || x.Delete(seven, 7) || x.Len() != 3 {
		t.Error("deleted what was not there")
	}
	if !x.Delete(five, 0) || x.Delete(five, 0) || x.Len() != 2 {
		t.Error("not deleted once")
	}
	if got := slots(&x, five); !slices.Equal(got, []int32{7}) {
		t.Errorf("slots %d", got)
	}
	// Hashes that differ in the lower half are one.
	x.Put(five+1, 9)
	if got := slots(&x, five); !slices.Equal(got, []int32{7, 9}) || x.Delete(five, 8) {
		t.Errorf("slots %d", got)
	}
}

// TestOracle does the same to an index and to a map, with hashes that fall
// together and round the end of the table.
func TestOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	hashes := []uint64{0, 1 << 32, 2 << 32, ^uint64(0), ^uint64(1 << 32), 1 << 63}
	for range 60 {
		hashes = append(hashes, rng.Uint64(), rng.Uint64()|0xf<<60)
	}
	var x index.Index
	want := map[uint64]map[int32]bool{}
	n := 0
	for turn := range 40_000 {
		h, s := hashes[rng.IntN(len(hashes))], int32(rng.IntN(3))
		if want[h] == nil {
			want[h] = map[int32]bool{}
		}
		switch {
		case rng.IntN(2) == 0 && !want[h][s] && n < 150:
			x.Put(h, s)
			want[h][s] = true
			n++
		default:
			if got := x.Delete(h, s); got != want[h][s] {
				t.Fatalf("turn %d: deleted %v, want %v", turn, got, want[h][s])
			}
			if want[h][s] {
				n--
			}
			delete(want[h], s)
		}
		if x.Len() != n {
			t.Fatalf("turn %d: %d pairs, want %d", turn, x.Len(), n)
		}
		for _, h := range []uint64{h, hashes[rng.IntN(len(hashes))]} {
			var all []int32
			for s := range want[h] {
				all = append(all, s)
			}
			slices.Sort(all)
			if got := slots(&x, h); !slices.Equal(got, all) {
				t.Fatalf("turn %d: slots of %x: %d, want %d", turn, h, got, all)
			}
		}
	}
}

// TestGrowth checks that at most half of the table is in use, and no less than a
// quarter of what it has grown to.
func TestGrowth(t *testing.T) {
	var x index.Index
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range int32(5000) {
		x.Put(rng.Uint64(), i)
		if n := x.Octets() / 8; 2*x.Len() > n || n > 16 && 4*x.Len() < n {
			t.Fatalf("%d pairs in a table of %d", x.Len(), n)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	var x index.Index
	for i := range int32(1000) {
		x.Put(uint64(i)*0x9e3779b97f4a7c15, i)
	}
	wiretest.NoAllocs(t, "put, find, delete", func() {
		x.Put(42<<32, 7)
		c := x.Find(42 << 32)
		if s, ok := x.Next(&c); !ok || s != 7 {
			t.Error("not found")
		}
		x.Delete(42<<32, 7)
	})
}

func BenchmarkFind(b *testing.B) {
	var x index.Index
	for i := range int32(10_000) {
		x.Put(uint64(i)*0x9e3779b97f4a7c15, i)
	}
	b.ReportAllocs()
	i := uint64(0)
	for b.Loop() {
		c := x.Find(i % 10_000 * 0x9e3779b97f4a7c15)
		if _, ok := x.Next(&c); !ok {
			b.Fatal("not found")
		}
		i++
	}
}
