package trace_test

import (
	"testing"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestLoop gives the gateways of a way, 0 for silence, and where it comes back.
func TestLoop(t *testing.T) {
	for _, x := range []struct {
		name string
		way  []int
		want trace.Loop
	}{
		{"none", []int{1, 2, 3, 4, 5}, trace.Loop{}},
		{"two", []int{1, 2, 3, 2, 3, 2, 3}, trace.Loop{From: 2, To: 5, Period: 2}},
		{"two from the first", []int{1, 2, 1, 2}, trace.Loop{From: 1, To: 4, Period: 2}},
		{"not yet", []int{1, 2, 3, 2, 0}, trace.Loop{}},
		{"three", []int{9, 1, 2, 3, 1, 2, 3}, trace.Loop{From: 2, To: 7, Period: 3}},
		{"one, twice", []int{1, 2, 2, 3}, trace.Loop{}},
		{"one, three times", []int{1, 2, 2, 2, 3}, trace.Loop{From: 2, To: 4, Period: 1}},
		{"silence is no gateway", []int{1, 0, 1, 0, 1, 0, 0, 0}, trace.Loop{}},
		{"nor silence in between", []int{1, 2, 1, 0, 1, 2}, trace.Loop{}},
		{"the destination is none", []int{1, -1, -1, -1}, trace.Loop{}},
	} {
		w := newWorld(t, probe.Config{}, func(q packet) *say {
			if int(q.TTL) > len(x.way) || x.way[q.TTL-1] == 0 {
				return nil
			}
			if x.way[q.TTL-1] < 0 {
				return &say{from: q.Dst, after: ms, reply: true}
			}
			return &say{from: gateway(x.way[q.TTL-1], false), after: ms, typ: 11}
		})
		trc := w.make(trace.Config{MaxTTL: ip.TTL(len(x.way))})
		w.run(trc)
		got, ok := trc.Loop()
		if got != x.want || ok != (x.want != trace.Loop{}) {
			t.Errorf("%s: %+v %v, want %+v", x.name, got, ok, x.want)
		}
	}
}

// TestStopAtLoop: the trace ends with the second round, when that is wanted.
func TestStopAtLoop(t *testing.T) {
	round := func(q packet) *say {
		return &say{from: gateway(1+int(q.TTL)%2, false), after: ms, typ: 11}
	}
	w := newWorld(t, probe.Config{}, round)
	x := w.make(trace.Config{StopAtLoop: true})
	w.run(x)
	equal(t, "length", x.Length(), 4)
	equal(t, "told", len(w.told), 12)
	w = newWorld(t, probe.Config{}, round)
	x = w.make(trace.Config{FirstTTL: 3, StopAtLoop: true, Queries: 1})
	w.run(x)
	equal(t, "length", x.Length(), 6)
	w = newWorld(t, probe.Config{}, round)
	x = w.make(trace.Config{})
	w.run(x)
	equal(t, "length", x.Length(), 30)
}
