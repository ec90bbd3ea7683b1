package survey

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestAsks: the earliest comes first, whatever was put in when.
func TestAsks(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(1, 2))
	var h asks
	var want []int
	for range 2000 {
		if len(want) > 0 && r.IntN(3) == 0 {
			slices.Sort(want)
			if a := h.pop(); a.at.Sub(start) != time.Duration(want[0]) {
				t.Fatalf("%v, want %d", a.at.Sub(start), want[0])
			}
			want = want[1:]
			continue
		}
		n := r.IntN(100)
		h.push(ask{at: start.Add(time.Duration(n))})
		want = append(want, n)
		// Nothing is before what it hangs on.
		for i := 1; i < len(h); i++ {
			if h[i].at.Before(h[(i-1)/2].at) {
				t.Fatalf("%d is before %d", i, (i-1)/2)
			}
		}
	}
}

// TestLine: first come, first served, and the room of those that have gone is used
// again.
func TestLine(t *testing.T) {
	var l line
	in, out, most := 0, 0, 0
	for range 1000 {
		for range 3 {
			l.put(ask{target: in})
			in++
		}
		for range 3 {
			if a := l.take(); a.target != out {
				t.Fatalf("%d, want %d", a.target, out)
			}
			out++
		}
		most = max(most, cap(l.all))
		if l.size() != 0 {
			t.Fatal(l.size())
		}
	}
	if most > 8 {
		t.Errorf("room for %d, and three are there at a time", most)
	}
	l.put(ask{target: 1}, ask{target: 2})
	if l.size() != 2 || l.take().target != 1 || l.size() != 1 || l.take().target != 2 {
		t.Error("two of them")
	}
}
