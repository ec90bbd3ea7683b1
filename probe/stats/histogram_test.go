package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/probe/stats"
)

func TestHistogramSize(t *testing.T) {
	if n := unsafe.Sizeof(stats.Histogram{}); n > 2048 {
		t.Errorf("a histogram has %d octets", n)
	}
}

// TestBuckets adds one time to an empty histogram, and holds what it says of it
// to the promise: exact up to 16 µs (and to 32, where buckets still have one),
// then within a sixteenth.
func TestBuckets(t *testing.T) {
	check := func(us int64) {
		t.Helper()
		var h stats.Histogram
		h.Add(micro(us))
		got := h.Percentile(50).Microseconds()
		if us < 32 && got != us {
			t.Errorf("%d µs: %d", us, got)
		}
		if off := math.Abs(float64(got - us)); off > float64(us)/16 {
			t.Errorf("%d µs: %d, %v off", us, got, off)
		}
		if h.Count() != 1 {
			t.Errorf("count %d", h.Count())
		}
	}
	for us := range int64(5000) {
		check(us)
	}
	for shift := 12; shift < 35; shift++ {
		for _, d := range []int64{-1, 0, 1} {
			check(int64(1)<<shift + d)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		check(rng.Int64N(1 << 35))
	}
}

// TestBucketEdges finds where one bucket ends and the next begins: two times of
// one bucket have one percentile, two of different buckets two.
func TestBucketEdges(t *testing.T) {
	said := func(us int64) time.Duration {
		var h stats.Histogram
		h.Add(micro(us))
		return h.Percentile(100)
	}
	for _, c := range []struct {
		a, b int64
		same bool
	}{
		{15, 16, false},
		{31, 32, false},
		{32, 33, true},
		{33, 34, false},
		{62, 63, true},
		{63, 64, false},
		{64, 67, true},
		{67, 68, false},
		{1024, 1087, true},
		{1087, 1088, false},
		{2047, 2048, false},
	} {
		if got := said(c.a) == said(c.b); got != c.same {
			t.Errorf("%d and %d µs in one bucket: %v", c.a, c.b, got)
		}
	}
	if said(1<<35-1) != said(1<<40) || said(1<<35-1) != said(math.MaxInt64/1000) {
		t.Error("the last bucket does not take the longest times")
	}
	if said(-1) != 0 {
		t.Error("a negative time is no 0")
	}
}

func TestPercentile(t *testing.T) {
	var h stats.Histogram
	if h.Percentile(50) != 0 || h.Count() != 0 {
		t.Error("the empty histogram has times")
	}
	for us := range int64(10) {
		h.Add(micro(us + 1)) // 1 to 10 µs, each its own bucket
	}
	for _, c := range []struct {
		p    float64
		want int64
	}{{-5, 1}, {0, 1}, {1, 1}, {10, 1}, {10.1, 2}, {50, 5}, {51, 6}, {90, 9}, {99, 10}, {100, 10}, {150, 10}} {
		if got := h.Percentile(c.p); got != micro(c.want) {
			t.Errorf("percentile %v: %v, want %d µs", c.p, got, c.want)
		}
	}
}

// TestPercentileOracle holds percentiles to those of the sorted times.
func TestPercentileOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var h stats.Histogram
	var all []int64
	for range 10_000 {
		us := int64(math.Exp(rng.NormFloat64()+10)) + 1
		all = append(all, us)
		h.Add(micro(us))
	}
	slices.Sort(all)
	for _, p := range []float64{1, 25, 50, 75, 90, 95, 99, 99.9, 100} {
		want := float64(all[int(math.Ceil(p/100*float64(len(all))))-1])
		if got := float64(h.Percentile(p).Microseconds()); math.Abs(got-want) > want/16 {
			t.Errorf("percentile %v: %v µs, want %v", p, got, want)
		}
	}
}

func TestHistogramMerge(t *testing.T) {
	var a, b stats.Histogram
	a.Add(micro(5))
	b.Add(micro(5))
	b.Add(micro(900))
	a.Merge(&b)
	if a.Count() != 3 || a.Percentile(60) != micro(5) || a.Percentile(100) < micro(850) {
		t.Errorf("%d times, %v, %v", a.Count(), a.Percentile(60), a.Percentile(100))
	}
	// Doubling 33 times: the bucket stays at its end instead of beginning anew.
	var c stats.Histogram
	c.Add(micro(1))
	for range 33 {
		c.Merge(&c)
	}
	if c.Count() != math.MaxUint32 {
		t.Errorf("count %d", c.Count())
	}
	c.Add(micro(1))
	if c.Count() != math.MaxUint32 {
		t.Errorf("count %d", c.Count())
	}
}
