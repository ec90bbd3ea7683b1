package trace

import (
	"time"
)

const (
	// least is how long a probe is waited for in any case, but for Wait: on a short
	// link it is not the gateway who is slow.
	least = 10 * time.Millisecond
	// doubt is how long an overdue probe is waited for on top of that.
	doubt = 2 * time.Millisecond
	// precision is added to a time before it is multiplied.
	precision = time.Millisecond
	// overtaken is how long a probe is waited for that a later one of its hop has
	// overtaken.
	overtaken = 500 * time.Millisecond
	// beyond is how long a probe is waited for when only nearer hops have
	// answered: the next link may be a slow one.
	beyond = time.Second
	// counts is how long a probe counts as one that is under way.
	counts = 250 * time.Millisecond
)

// waitFor returns how long the probe i is waited for, as far as is known now.
func (t *Trace) waitFor(i int) time.Duration {
	here, near := t.c.Here > 0, t.c.Near > 0
	hop := i / t.c.Queries
	if d, ok := t.hops[hop].longest(); ok && here {
		d = t.times(d, t.c.Here, least)
		if t.overtaken(i) {
			d = max(d, min(overtaken, t.c.Wait))
		}
		return d
	}
	if !near {
		return t.c.Wait
	}
	asked := (t.next + t.c.Queries - 1) / t.c.Queries
	for h := hop + 1; h < asked; h++ {
		if d, ok := t.hops[h].longest(); ok {
			return t.times(d, t.c.Near, least)
		}
	}
	for h := hop - 1; h >= 0; h-- {
		if d, ok := t.hops[h].longest(); ok {
			least := beyond
			if h == hop-1 {
				least = max(least, t.neighbour())
			}
			return t.times(d, t.c.Near, least)
		}
	}
	return t.neighbour()
}

// neighbour is how long it takes a system to find out that a neighbour is not
// there, and to say so: three seconds, and a second for the way.
func (t *Trace) neighbour() time.Duration { return t.c.Wait / 5 * 4 }

// times is d so many times, at least least, at most Wait.
func (t *Trace) times(d time.Duration, factor float64, least time.Duration) time.Duration {
	x := float64(d+precision) * factor
	if x >= float64(t.c.Wait) {
		return t.c.Wait
	}
	return min(max(time.Duration(x), least), t.c.Wait)
}

// overtaken reports whether a later probe of the same hop was answered.
func (t *Trace) overtaken(i int) bool {
	for j := i + 1; j%t.c.Queries != 0; j++ {
		if t.results[j].Status == Answered {
			return true
		}
	}
	return false
}

// patience looks anew at how long each probe is waited for.
func (t *Trace) patience() {
	for i := t.head; i < min(t.next, t.end); i++ {
		if t.results[i].Status != Waiting || !t.flying(i) {
			continue
		}
		if d := t.waitFor(i); d != t.asks[i].wait {
			t.asks[i].wait = d
			t.p.SetTimeout(t.asks[i].handle, d)
		}
	}
}

// flying reports whether a probe that waits was handed over, and is not one that
// is still to be asked again.
func (t *Trace) flying(i int) bool {
	for _, j := range t.again {
		if i == j {
			return false
		}
	}
	return true
}

// free is when a probe does not count any more as one that is under way.
func (t *Trace) free(i int) time.Time {
	a := &t.asks[i]
	d := a.wait
	if t.c.Here > 0 || t.c.Near > 0 {
		d = min(d, max(counts, 2*t.slow))
	}
	return a.at.Add(d)
}

// release does not count those any more that have been under way for long.
func (t *Trace) release(now time.Time) {
	if t.c.Here <= 0 && t.c.Near <= 0 {
		return
	}
	for i := t.head; i < min(t.next, t.end); i++ {
		if a := &t.asks[i]; a.counted && i != t.asking && !now.Before(t.free(i)) {
			a.counted = false
			t.under--
		}
	}
}

// Deadline implements [probe.Strategy].
func (t *Trace) Deadline() time.Time {
	at := t.room()
	if d := t.doubtful(); at.IsZero() || !d.IsZero() && d.Before(at) {
		return d
	}
	return at
}

// room is when there is a probe to send without anything else happening.
func (t *Trace) room() (at time.Time) {
	if t.over || t.next >= t.end && (len(t.again) == 0 || t.asking >= 0) {
		return time.Time{}
	}
	if t.under < t.c.Parallel {
		if at = t.open(); at.IsZero() {
			at = time.Unix(0, 0) // now
		}
		return at
	}
	if t.c.Here <= 0 && t.c.Near <= 0 {
		return time.Time{}
	}
	for i := t.head; i < min(t.next, t.end); i++ {
		if !t.asks[i].counted || i == t.asking {
			continue
		}
		if f := t.free(i); at.IsZero() || f.Before(at) {
			at = f
		}
	}
	if o := t.open(); !at.IsZero() && at.Before(o) {
		at = o
	}
	return at
}
