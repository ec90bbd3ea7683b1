package bench

import (
	"slices"
	"testing"
	"time"
)

// Effort is how long Measure looks.
type Effort struct {
	Rounds int           // how many times each contestant is timed; 1 at least
	Slice  time.Duration // how long each time, about
}

// Times is what a contest gave, by the names of the contestants.
type Times struct {
	NS     map[string][]float64 // nanoseconds for one time, one value a round
	Allocs map[string]float64   // allocations for one time
}

// Measure times the contestants in turn, each round in the opposite order of
// the one before.
func Measure(c Contest, e Effort) Times {
	t := Times{map[string][]float64{}, map[string]float64{}}
	counts := make([]int, len(c.Contestants))
	order := make([]int, len(c.Contestants))
	for i, x := range c.Contestants {
		t.Allocs[x.Name] = testing.AllocsPerRun(20, func() { x.Run(1) })
		counts[i], order[i] = calibrate(x, e.Slice), i
	}
	for range max(1, e.Rounds) {
		for _, i := range order {
			x := c.Contestants[i]
			t.NS[x.Name] = append(t.NS[x.Name], float64(timed(x, counts[i]))/float64(counts[i]))
		}
		slices.Reverse(order)
	}
	return t
}

func timed(x Contestant, n int) time.Duration {
	start := time.Now()
	x.Run(n)
	return time.Since(start)
}

// calibrate returns how many times take about as long as slice.
func calibrate(x Contestant, slice time.Duration) int {
	n := 64
	for {
		d := timed(x, n)
		if d >= slice/4 {
			return max(1, int(float64(n)*float64(slice)/float64(d)))
		}
		n *= 2
	}
}

// Ratio returns the median over the rounds of ours / peer, and the best of ours
// over the best of the peer.
func (t Times) Ratio(ours, peer string) (median, best float64) {
	a, b := t.NS[ours], t.NS[peer]
	r := make([]float64, len(a))
	for i := range a {
		r[i] = a[i] / b[i]
	}
	slices.Sort(r)
	return r[len(r)/2], slices.Min(a) / slices.Min(b)
}
