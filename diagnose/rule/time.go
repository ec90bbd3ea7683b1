package rule

import (
	"time"

	"github.com/sonde-net/sonde/diagnose/facts"
)

// What the rules of this file find.
const (
	RoundTrip Kind = "round trip"
	Step      Kind = "step"       // a link that most of the time is spent on
	StepFirst Kind = "first step" // … the first
	SlowHops  Kind = "slow hop"   // gateways that take their time to answer for themselves
	Jittery   Kind = "jitter"     // times that differ a lot
	Times     Kind = "times"      // evidence: min, avg, max, mdev
	MinAt     Kind = "min at"     // evidence: the shortest time from a hop
	SlowAt    Kind = "slow at"    // evidence: … and that from behind it
)

// Latency says how long the way there and back takes.
func Latency(f *facts.Facts) []Finding {
	p := &f.Ping
	if p.Received == 0 {
		return nil
	}
	d := Data{Min: p.Min, Avg: p.Avg, Max: p.Max, Mdev: p.Mdev, Count: p.Received}
	return only(RoundTrip, Good, d, of(Times, d))
}

// What makes a step: so much time, so much of all of it, and so many times what a
// link takes on the average.
const (
	leastStep = 5 * time.Millisecond
	stepShare = 0.4
	stepTimes = 2
)

// Steps finds links that most of the time is spent on. The time to a hop is the
// shortest that it or anybody behind it has answered in.
func Steps(f *facts.Facts) []Finding {
	n := len(f.Path)
	if n < 2 || !f.Path[n-1].Target || f.Path[n-1].Answered == 0 {
		return nil
	}
	least := floor(f.Path, (*facts.Hop).Min)
	total := least[n-1]
	var out []Finding
	before, at := time.Duration(0), 0
	for i := range f.Path {
		h := &f.Path[i]
		if h.Answered == 0 {
			continue
		}
		step := least[i] - before
		average := total / time.Duration(n) * time.Duration(h.TTL-at)
		if step >= leastStep && float64(step) >= stepShare*float64(total) && step >= stepTimes*average {
			d := Data{Last: h.TTL, Hop: at, Addr: first(h), Time: step, Percent: 100 * float64(step) / float64(total)}
			e := []Evidence{of(MinAt, Data{Hop: h.TTL, Addr: first(h), Time: least[i]})}
			k := StepFirst
			if at > 0 {
				k = Step
				d.Other = first(&f.Path[at-1])
				e = append([]Evidence{of(MinAt, Data{Hop: at, Addr: d.Other, Time: before})}, e...)
			}
			out = append(out, found(k, Note, d, e...))
		}
		before, at = least[i], h.TTL
	}
	return out
}

// What makes a gateway slow at answering: so much longer than from behind it, and
// so many times as long.
const (
	leastSlow = 10 * time.Millisecond
	slowTimes = 2
)

// Slow finds gateways that answer late for themselves, though what is behind them
// does not: they write errors when they find the time, and pass datagrams on
// without.
func Slow(f *facts.Facts) []Finding {
	least := floor(f.Path, (*facts.Hop).Min)
	var d Data
	var e []Evidence
	for i := range f.Path {
		h := &f.Path[i]
		if h.Target || h.Answered == 0 {
			continue
		}
		node := &h.Nodes[0]
		if node.Max-least[i] >= leastSlow && node.Max >= slowTimes*least[i] && behind(f.Path[i+1:], node.Max) {
			d.Hops = append(d.Hops, h.TTL)
			d.Addrs = append(d.Addrs, node.Addr)
			e = append(e, of(SlowAt, Data{Hop: h.TTL, Addr: node.Addr, Min: node.Min, Max: node.Max, Time: next(f.Path[i+1:])}))
		}
	}
	if len(e) == 0 {
		return nil
	}
	return only(SlowHops, Note, d, e...)
}

// behind reports whether somebody behind answers in half of a time, always.
func behind(path []facts.Hop, than time.Duration) bool {
	for i := range path {
		for j := range path[i].Nodes {
			if path[i].Nodes[j].Max*slowTimes <= than {
				return true
			}
		}
	}
	return false
}

// next returns the shortest time from behind.
func next(path []facts.Hop) time.Duration {
	if len(path) == 0 {
		return 0
	}
	return floor(path, (*facts.Hop).Min)[0]
}

// What makes times differ a lot: so much, and so much of the average.
const (
	leastJitter = 10 * time.Millisecond
	jitterShare = 0.15
	jitterCount = 5
)

// Jitter finds round-trip times that differ a lot.
func Jitter(f *facts.Facts) []Finding {
	p := &f.Ping
	if p.Received < jitterCount || p.Mdev < leastJitter || float64(p.Mdev) < jitterShare*float64(p.Avg) {
		return nil
	}
	d := Data{Min: p.Min, Avg: p.Avg, Max: p.Max, Mdev: p.Mdev, Count: p.Received}
	return only(Jittery, Trouble, d, of(Times, d))
}
