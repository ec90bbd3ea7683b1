package ping_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
)

// TestFlood: the next leaves when a reply comes, or after 10 ms.
func TestFlood(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 6, Flood: true}, probe.Config{})
	w.answer = but(echo(3*ms), 3)
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 3 * ms, 6 * ms, 16 * ms, 19 * ms, 22 * ms})
	// Twice the longest is waited for what was lost before.
	if w.elapsed() != 28*ms {
		t.Errorf("over after %v", w.elapsed())
	}
	if p := w.s.Stats(0).Pipe; p != 1 {
		t.Errorf("pipe %d", p)
	}
	// So many are on their way.
	w = newWorld(t, ping.Config{Count: 5, Flood: true, Preload: 2}, probe.Config{})
	w.answer = func(i int, x sent) []back { return echo(time.Duration(i)*ms)(i, x) }
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 0, ms, 2 * ms, 4 * ms})
	if p := w.s.Stats(0).Pipe; p != 2 {
		t.Errorf("pipe %d", p)
	}
	// Nobody answers: a hundred a second.
	w = newWorld(t, ping.Config{Flood: true, Preload: 2}, probe.Config{})
	w.answer = func(int, sent) []back { return nil }
	w.run(999 * ms)
	if len(w.sent) != 101 || w.sent[2].at != 10*ms {
		t.Errorf("%d sent, the third at %v", len(w.sent), w.sent[2].at)
	}
	// With an interval it is kept.
	w = newWorld(t, ping.Config{Count: 3, Flood: true, Interval: 20 * ms}, probe.Config{})
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 20 * ms, 40 * ms})
}

// TestAdaptive: the interval is the round-trip time.
func TestAdaptive(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 4, Adaptive: true}, probe.Config{})
	w.answer = echo(40400 * time.Microsecond)
	w.run(time.Hour)
	// At the first reply 40.4 ms have passed, of 40.
	same(t, "sent", w.times(), []time.Duration{0, 40400 * time.Microsecond, 80 * ms, 120 * ms})
	if w.s.Interval(0) != 40*ms {
		t.Errorf("interval %v", w.s.Interval(0))
	}
	w = newWorld(t, ping.Config{Count: 2, Adaptive: true}, probe.Config{})
	w.answer = echo(40500 * time.Microsecond)
	w.run(time.Hour)
	if w.s.Interval(0) != 41*ms {
		t.Errorf("interval %v", w.s.Interval(0))
	}
	// Less than half a millisecond is as a flood.
	w = newWorld(t, ping.Config{Count: 4, Adaptive: true}, probe.Config{})
	w.answer = echo(300 * time.Microsecond)
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 300 * time.Microsecond, 600 * time.Microsecond, 900 * time.Microsecond})
	// … unless there is a least.
	w = newWorld(t, ping.Config{Count: 3, Adaptive: true, Least: 2 * ms}, probe.Config{})
	w.answer = echo(300 * time.Microsecond)
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 2 * ms, 4 * ms})
	// Nobody answers: the interval as it was.
	w = newWorld(t, ping.Config{Count: 2, Adaptive: true}, probe.Config{})
	w.answer = func(int, sent) []back { return nil }
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, time.Second})
}

// TestSlower: where there is no room, adaptive pinging becomes slower by what
// the round-trip time is.
func TestSlower(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 3, Adaptive: true, Preload: 2}, probe.Config{InFlight: 1, Linger: -1})
	w.answer = echo(20 * ms)
	w.run(time.Hour)
	if w.s.Stats(0).Received != 3 || w.s.Interval(0) < 40*ms {
		t.Errorf("interval %v, %v", w.s.Interval(0), w.times())
	}
}

// targets are n addresses.
func targets(n int) []ping.Target {
	all := make([]ping.Target, n)
	a := them
	for i := range all {
		all[i] = ping.Target{Src: us, Dst: a}
		a = a.Next()
	}
	return all
}

// TestMany: targets begin spread over an interval, and have numbers, statistics
// and an end of their own.
func TestMany(t *testing.T) {
	conform.Row(t, "P-12")
	all := targets(3)
	w := newWorld(t, ping.Config{First: 5, Targets: all, Count: 2, Slack: -1}, probe.Config{})
	w.answer = func(_ int, x sent) []back {
		if x.target == 6 {
			return nil
		}
		return echo(time.Duration(x.target)*ms)(0, x)
	}
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 10 * ms, 20 * ms, time.Second, 1010 * ms, 1020 * ms})
	var got []int
	for _, r := range w.results {
		if r.Kind == ping.Reply {
			got = append(got, r.Target*10+r.N)
		}
	}
	same(t, "replies", got, []int{1, 21, 2, 22})
	if w.s.Targets() != 3 || w.s.Stats(1).Received != 0 || w.s.Stats(1).Sent != 2 || w.s.Reached(1) || !w.s.Reached(2) {
		t.Errorf("%+v", w.s.Stats(1))
	}
	if w.s.Stats(0).RTT.Max() != 5*ms || w.s.Stats(2).RTT.Max() != 7*ms || w.elapsed() != 11010*ms {
		t.Errorf("over after %v", w.elapsed())
	}
}

// TestSlack: the probes of many leave together, a little later, at the same rate.
func TestSlack(t *testing.T) {
	w := newWorld(t, ping.Config{Targets: targets(1000), Count: 3}, probe.Config{Events: 1 << 14})
	w.run(time.Hour)
	at := map[time.Duration]int{}
	last := map[int]time.Duration{}
	for _, x := range w.sent {
		at[x.at]++
		if before, ok := last[x.target]; ok && x.at-before != time.Second {
			t.Fatalf("target %d: %v after the one before", x.target, x.at-before)
		}
		last[x.target] = x.at
	}
	for d, n := range at {
		if d%(5*ms) != 0 || n != 5 && d > 0 && d < time.Second {
			t.Errorf("%d at %v", n, d)
		}
	}
	if w.s.Stats(999).Received != 3 {
		t.Errorf("%+v", w.s.Stats(999))
	}
	// A hundredth of a short interval.
	w = newWorld(t, ping.Config{Targets: targets(20), Count: 2, Interval: 100 * ms}, probe.Config{})
	w.run(time.Hour)
	for i, x := range w.sent[:20] {
		if want := (time.Duration(i)*5*ms + ms - 1) / ms * ms; x.at != want {
			t.Errorf("%d: %v, want %v", i, x.at, want)
		}
	}
}

// TestMemory: what a target that is asked for ever takes does not grow, and
// nothing is allocated for a probe.
func TestMemory(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 1, Events: 64})
	if err != nil {
		t.Fatal(err)
	}
	s, err := ping.New(p, ping.Config{Targets: targets(1), Interval: ms, Size: 56, Results: 64})
	if err != nil {
		t.Fatal(err)
	}
	now, buf := start, make([]byte, 0, 128)
	m := make([]byte, 0, 128)
	from, to := netip.Addr{}, netip.Addr{}
	step := func() {
		p.Turn(now, s)
		b, tx, ok := p.Poll(now, buf[:0])
		if !ok {
			t.Fatal("nothing to send")
		}
		from, to = tx.Dst, tx.Src
		m = append(m[:0], b...)
		m[0] = 0
		p.Receive(now.Add(ms/2), &probe.Arrival{From: from, To: to, Proto: 1, TTL: 64, Payload: m, Verified: true})
		p.Turn(now.Add(ms/2), s)
		for _, ok := s.Next(); ok; _, ok = s.Next() {
		}
		now = now.Add(ms)
	}
	for range 5000 {
		step()
	}
	if n := testing.AllocsPerRun(500, step); n != 0 {
		t.Errorf("%v allocations for a probe", n)
	}
	if s.Stats(0).Received != s.Stats(0).Sent || s.Stats(0).Sent < 5000 {
		t.Errorf("%+v", s.Stats(0))
	}
}
