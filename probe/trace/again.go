package trace

import "time"

// late takes note that nothing has come in time. Whoever drives the prober may
// have been kept from reading what is there already: so it is waited for a little
// longer.
func (t *Trace) late(now time.Time, i int) {
	if t.results[i].Status == Waiting {
		t.asks[i].doubt = now.Add(doubt)
		t.doubts++
	}
}

// settle gives up what is overdue.
func (t *Trace) settle(now time.Time) {
	if t.doubts == 0 {
		return
	}
	for i := t.head; i < min(t.next, t.end); i++ {
		if d := t.asks[i].doubt; !d.IsZero() && !now.Before(d) {
			t.uncount(i)
			t.results[i].Status = Silent
			if t.worthAgain(i) {
				t.askAgain(i)
			}
		}
	}
}

// doubtful returns when there is something to be given up; zero: never.
func (t *Trace) doubtful() (at time.Time) {
	if t.doubts == 0 {
		return at
	}
	for i := t.head; i < min(t.next, t.end); i++ {
		if d := t.asks[i].doubt; !d.IsZero() && (at.IsZero() || d.Before(at)) {
			at = d
		}
	}
	return at
}

// worthAgain reports whether a probe without an answer may have come to a
// destination that answers only some: it is of the hop where the destination
// has answered first, or of the one before, nobody there was a gateway, and it
// was not asked again before. Of the hop before, one probe tells enough.
func (t *Trace) worthAgain(i int) bool {
	if t.asks[i].tested || t.end == 0 {
		return false
	}
	hop, last := i/t.c.Queries, t.end/t.c.Queries-1
	if last < 0 || !t.hops[last].Reached() || hop < last-1 {
		return false
	}
	for j := hop * t.c.Queries; j < t.end; j++ {
		if r := &t.results[j]; r.Status == Answered && !r.Reached {
			return false
		}
	}
	if hop == last {
		return true
	}
	for j := range t.c.Queries {
		if t.asks[hop*t.c.Queries+j].tested {
			return false
		}
	}
	return true
}

// reconsider asks those again that were given up before the destination was known
// to be here.
func (t *Trace) reconsider() {
	for i := t.told; i < t.end; i++ {
		if t.results[i].Status == Silent && t.worthAgain(i) {
			t.askAgain(i)
			t.head = min(t.head, i)
		}
	}
}

// halfOpen asks those again that wait at the hop where a connection was half
// opened: the destination takes them for strays of it.
func (t *Trace) halfOpen(i int) {
	hop := i / t.c.Queries
	for j := hop * t.c.Queries; j < min((hop+1)*t.c.Queries, t.next); j++ {
		if t.results[j].Status == Waiting && !t.asks[j].tested {
			t.p.Cancel(t.asks[j].handle)
			t.uncount(j)
			t.askAgain(j)
		}
	}
}

func (t *Trace) askAgain(i int) {
	t.asks[i].tested = true
	t.results[i].Status = Waiting
	t.results[i].Again++
	t.again = append(t.again, i)
}
