package probe_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
)

// drain polls all that leaves at a time.
func drain(p *probe.Prober, now time.Time) (targets []int) {
	for {
		_, tx, ok := p.Poll(now, nil)
		if !ok {
			return targets
		}
		targets = append(targets, tx.Target)
	}
}

// TestRate polls at the deadlines: probes leave evenly, in their order.
func TestRate(t *testing.T) {
	conform.Row(t, "P-12")
	p := newProber(t, probe.Config{Rate: 1000, Targets: 100, Timeout: time.Hour})
	for i := range 100 {
		q := ask(probe.Echo, false, 8)
		q.Target = i
		send(t, p, noon, q)
	}
	now := noon
	for i := range 100 {
		if d := p.Deadline(); d.After(now) {
			now = d
		}
		if got := drain(p, now); !slices.Equal(got, []int{i}) {
			t.Fatalf("%v after noon: %d", now.Sub(noon), got)
		}
		if want := noon.Add(time.Duration(i) * ms); !now.Equal(want) {
			t.Fatalf("probe %d leaves %v after noon", i, now.Sub(noon))
		}
		if got := drain(p, now.Add(ms-1)); got != nil && i < 99 {
			t.Fatalf("%d too soon", got)
		}
	}
}

func TestBurst(t *testing.T) {
	p := newProber(t, probe.Config{Rate: 1000, Burst: 5})
	for range 20 {
		send(t, p, noon, ask(probe.Echo, false, 8))
	}
	for _, c := range []struct {
		at   time.Duration
		want int
	}{{0, 5}, {ms - 1, 0}, {ms, 1}, {3 * ms, 2}, {100 * ms, 5}, {100 * ms, 0}, {101 * ms, 1}} {
		if got := drain(p, noon.Add(c.at)); len(got) != c.want {
			t.Errorf("%v: %d leave, want %d", c.at, len(got), c.want)
		}
	}
}

// TestEach keeps a distance between two to one target, though they were handed
// over together, and though one of them was held up by the rate.
func TestEach(t *testing.T) {
	conform.Row(t, "P-12")
	p := newProber(t, probe.Config{Each: 10 * ms, Timeout: time.Hour})
	for range 2 {
		for target := range 3 {
			q := ask(probe.Echo, false, 8)
			q.Target = target
			send(t, p, noon, q)
		}
	}
	if got := drain(p, noon); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("%d", got)
	}
	if d := p.Deadline(); !d.Equal(noon.Add(10 * ms)) {
		t.Errorf("deadline %v", d.Sub(noon))
	}
	if got := drain(p, noon.Add(10*ms-1)); got != nil {
		t.Errorf("%d", got)
	}
	// Polled late: the next goes no sooner than the distance after that.
	if got := drain(p, noon.Add(15*ms)); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("%d", got)
	}
	send(t, p, noon.Add(16*ms), ask(probe.Echo, false, 8))
	if got := drain(p, noon.Add(25*ms-1)); got != nil {
		t.Errorf("%d", got)
	}
	if d := p.Deadline(); !d.Equal(noon.Add(25 * ms)) {
		t.Errorf("deadline %v", d.Sub(noon))
	}
	if got := drain(p, noon.Add(25*ms)); !slices.Equal(got, []int{0}) {
		t.Errorf("%d", got)
	}
	// After a pause nothing is owed.
	send(t, p, noon.Add(time.Second), ask(probe.Echo, false, 8))
	if got := drain(p, noon.Add(time.Second)); !slices.Equal(got, []int{0}) {
		t.Errorf("%d", got)
	}
}

// TestNeverFaster hands over and polls at random, often late, and holds the times
// of what left to the limits (P-12): in no span more than the rate allows, in
// total and to each target.
func TestNeverFaster(t *testing.T) {
	conform.Row(t, "P-12")
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		rate, burst, each := 100+rng.IntN(900), 1+rng.IntN(4), time.Duration(rng.IntN(30))*ms
		p := newProber(t, probe.Config{Rate: rate, Burst: burst, Each: each, Timeout: time.Hour})
		var left []time.Time
		last := map[int]time.Time{}
		now := noon
		for range 3000 {
			if rng.IntN(2) == 0 {
				q := ask(probe.Echo, false, 8)
				q.Target = rng.IntN(5)
				send(t, p, now, q)
			}
			if d := p.Deadline(); rng.IntN(3) > 0 && d.After(now) && d.Before(now.Add(time.Second)) {
				now = d
			} else {
				now = now.Add(time.Duration(rng.IntN(int(4 * ms))))
			}
			for _, target := range drain(p, now) {
				if l, ok := last[target]; ok && now.Sub(l) < each {
					t.Fatalf("seed %d: %v between two to one target, want %v", seed, now.Sub(l), each)
				}
				last[target] = now
				left = append(left, now)
			}
		}
		if len(left) < 100 {
			t.Fatalf("seed %d: %d left", seed, len(left))
		}
		every := time.Second / time.Duration(rate)
		for i := range left {
			for j := i + burst; j < min(i+burst+50, len(left)); j++ {
				if span := left[j].Sub(left[i]); span < time.Duration(j-i-burst+1)*every {
					t.Fatalf("seed %d: %d in %v at %d a second, %d at once", seed, j-i+1, span, rate, burst)
				}
			}
		}
	}
}

// TestWhole sends at the full rate to 10,000 targets for some seconds, each once
// a second: every one in its turn, none twice in a second.
func TestWhole(t *testing.T) {
	conform.Row(t, "P-12")
	w := newWorld(t, 10_000, 1)
	w.run(3 * time.Second)
	c := w.p.Counters()
	if c.Sent != 30_000 || c.Replies != 30_000 || c.Timeouts+c.Late+c.Duplicates+c.Unsent+c.Lost != 0 {
		t.Errorf("%+v", c)
	}
	if w.most > 1 {
		t.Errorf("%d at one time", w.most)
	}
	if n := w.p.Octets(); n > 24<<20 {
		t.Errorf("%d octets", n)
	}
}
