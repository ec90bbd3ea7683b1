package team_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/team"
)

// member is a strategy that notes what happens to it.
type member struct {
	heard    []int
	ticks    int
	deadline time.Time
	done     bool
}

func (m *member) Hear(_ time.Time, e *probe.Event) { m.heard = append(m.heard, e.Target) }
func (m *member) Tick(time.Time)                   { m.ticks++ }
func (m *member) Deadline() time.Time              { return m.deadline }
func (m *member) Done() bool                       { return m.done }

// TestTeam: each hears of its own targets, has its turns until it is done, and
// the team waits for the first.
func TestTeam(t *testing.T) {
	start := time.Unix(1000, 0)
	var all team.Team
	if !all.Done() || !all.Deadline().IsZero() {
		t.Error("an empty team has something to do")
	}
	all.Hear(start, &probe.Event{})
	a, b := &member{}, &member{deadline: start.Add(2)}
	fa, fb, free := all.Reserve(2), all.Reserve(1), all.Reserve(1)
	all.Add(b, fb, 1)
	all.Add(a, fa, 2)
	if fa != 0 || fb != 2 || free != 3 {
		t.Errorf("first targets %d, %d, %d", fa, fb, free)
	}
	for target := range 5 {
		all.Hear(start, &probe.Event{Target: target})
	}
	if !slices.Equal(a.heard, []int{0, 1}) || !slices.Equal(b.heard, []int{2}) {
		t.Errorf("a heard %v, b %v", a.heard, b.heard)
	}
	if d := all.Deadline(); !d.Equal(start.Add(2)) {
		t.Errorf("deadline %v", d)
	}
	a.deadline = start.Add(1)
	if d := all.Deadline(); !d.Equal(start.Add(1)) {
		t.Errorf("deadline %v", d)
	}
	all.Tick(start)
	a.done = true
	all.Tick(start)
	if a.ticks != 1 || b.ticks != 2 {
		t.Errorf("%d and %d ticks", a.ticks, b.ticks)
	}
	if d := all.Deadline(); !d.Equal(start.Add(2)) || all.Done() {
		t.Errorf("one is done: deadline %v", d)
	}
	b.done = true
	if !all.Done() || !all.Deadline().IsZero() {
		t.Error("all are done, and the team is not")
	}
}
