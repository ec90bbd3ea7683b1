package cycle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/probe/sweep/cycle"
)

func all(w *cycle.Walk) (out []uint64) {
	for i, ok := w.Next(); ok; i, ok = w.Next() {
		out = append(out, i)
	}
	return out
}

// TestOrder: the shards together have each number once, whatever n and however
// many they are, and the order is each seed's own.
func TestOrder(t *testing.T) {
	for _, n := range []uint64{0, 1, 2, 3, 4, 5, 10, 11, 12, 255, 256, 257, 65535, 65536, 100003} {
		for _, shards := range []uint64{1, 2, 3, 7, 300} {
			seen := make([]bool, n)
			total := uint64(0)
			for shard := range shards {
				for _, i := range all(cycle.New(n, 5).Shard(shard, shards)) {
					if i >= n || seen[i] {
						t.Fatalf("n %d, shard %d of %d: %d a second time", n, shard, shards, i)
					}
					seen[i] = true
					total++
				}
			}
			if total != n {
				t.Errorf("n %d, %d shards: %d numbers", n, shards, total)
			}
		}
	}
	a, b, c := all(cycle.New(1000, 1).Shard(0, 1)), all(cycle.New(1000, 1).Shard(0, 1)), all(cycle.New(1000, 2).Shard(0, 1))
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("the order is not the seed's")
	}
	if o := cycle.New(1000, 1); o.Len() != 1000 {
		t.Error(o.Len())
	}
}

// TestScattered: neighbours are not asked one after the other.
func TestScattered(t *testing.T) {
	for seed := range uint64(20) {
		last, near := uint64(0), 0
		for _, i := range all(cycle.New(1<<16, seed).Shard(0, 1)) {
			if d := int64(i) - int64(last); d > -256 && d < 256 {
				near++
			}
			last = i
		}
		if near > 1<<16/20 {
			t.Errorf("seed %d: %d of 65536 steps are to the same /24", seed, near)
		}
	}
}

// TestShards: the parts of an order are of one length, and each is what it is
// without the others.
func TestShards(t *testing.T) {
	o := cycle.New(1<<16, 9)
	whole := all(o.Shard(0, 1))
	for shard := range uint64(4) {
		part := all(o.Shard(shard, 4))
		if len(part) < 1<<14-8 || len(part) > 1<<14+8 {
			t.Errorf("shard %d has %d", shard, len(part))
		}
		if !slices.Contains(whole[:8], part[0]) {
			t.Errorf("shard %d begins with %d, the whole with %v", shard, part[0], whole[:8])
		}
	}
}

// TestSeek: what was gone through before, and what after, is the whole.
func TestSeek(t *testing.T) {
	for _, shards := range []uint64{1, 3} {
		o := cycle.New(1000, 3)
		whole := all(o.Shard(1%shards, shards))
		for _, k := range []int{0, 1, 100, len(whole) - 1, len(whole)} {
			w := o.Shard(1%shards, shards)
			for range k {
				w.Next()
			}
			at := w.Position()
			for _, from := range []int{0, 50} {
				x := o.Shard(1%shards, shards)
				for range from {
					x.Next()
				}
				x.Seek(at)
				if x.Position() != at {
					t.Errorf("position %d, want %d", x.Position(), at)
				}
				if rest := all(x); !slices.Equal(rest, whole[k:]) {
					t.Fatalf("%d shards, after %d: %d numbers, want %d", shards, k, len(rest), len(whole)-k)
				}
				if x.Position() != x.Size() {
					t.Errorf("the end is at %d of %d", x.Position(), x.Size())
				}
			}
		}
		w := o.Shard(0, shards)
		w.Seek(1 << 60)
		if i, ok := w.Next(); ok {
			t.Errorf("behind the end is %d", i)
		}
	}
}

// TestLarge: the largest orders begin at once, and do not repeat.
func TestLarge(t *testing.T) {
	for _, n := range []uint64{1 << 32, 1<<32 - 1, 1 << 40, cycle.Max} {
		w := cycle.New(n, 1).Shard(0, 1)
		seen := map[uint64]bool{}
		for range 10000 {
			i, ok := w.Next()
			if !ok || i >= n || seen[i] {
				t.Fatalf("n %d: %d, %v", n, i, ok)
			}
			seen[i] = true
		}
		at := w.Position()
		x, _ := w.Next()
		w.Seek(0)
		w.Seek(at)
		if y, _ := w.Next(); x != y {
			t.Errorf("n %d: %d, after seeking %d", n, x, y)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("more than Max were put in order")
		}
	}()
	cycle.New(cycle.Max+1, 1)
}

func BenchmarkNext(b *testing.B) {
	for _, n := range []uint64{1 << 16, 1 << 32, 1 << 40} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			o := cycle.New(n, 1)
			w := o.Shard(0, 1)
			for b.Loop() {
				if _, ok := w.Next(); !ok {
					w = o.Shard(0, 1)
				}
			}
		})
	}
}
