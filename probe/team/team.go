// Package team lets several strategies ask side by side, over one prober: each
// has targets of its own, and hears of those.
//
//	var t team.Team
//	first := t.Reserve(1)
//	s, err := ping.New(p, ping.Config{First: first, …})
//	t.Add(s, first, 1)
package team

import (
	"time"

	"github.com/sonde-net/sonde/probe"
)

// Team is a strategy that consists of others. The zero Team is empty, and done.
type Team struct {
	members []probe.Strategy
	of      []int // of each target: the member + 1; 0: nobody's
}

// Reserve takes n numbers of targets that are nobody's, and returns the first.
func (t *Team) Reserve(n int) (first int) {
	first = len(t.of)
	t.of = append(t.of, make([]int, n)...)
	return first
}

// Add adds a strategy that has the n targets from first on, which were reserved.
func (t *Team) Add(s probe.Strategy, first, n int) {
	t.members = append(t.members, s)
	for i := range n {
		t.of[first+i] = len(t.members)
	}
}

// Hear implements [probe.Strategy]. What is about a target of nobody is for
// nobody.
func (t *Team) Hear(now time.Time, e *probe.Event) {
	if e.Target < len(t.of) && t.of[e.Target] > 0 {
		t.members[t.of[e.Target]-1].Hear(now, e)
	}
}

// Tick implements [probe.Strategy].
func (t *Team) Tick(now time.Time) {
	for _, s := range t.members {
		if !s.Done() {
			s.Tick(now)
		}
	}
}

// Deadline implements [probe.Strategy].
func (t *Team) Deadline() (first time.Time) {
	for _, s := range t.members {
		if s.Done() {
			continue
		}
		if d := s.Deadline(); first.IsZero() || !d.IsZero() && d.Before(first) {
			first = d
		}
	}
	return first
}

// Done implements [probe.Strategy]: when all are.
func (t *Team) Done() bool {
	for _, s := range t.members {
		if !s.Done() {
			return false
		}
	}
	return true
}
