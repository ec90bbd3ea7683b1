package diagnose

import (
	"slices"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
)

// parted reports whether traces have met others at the same hop, and none of them
// several: load is divided by flow, or the way has changed between them.
func (q *inquiry) parted() bool {
	var all []facts.Trace
	for _, t := range q.traces {
		all = append(all, traceOf(t))
	}
	for i := range all {
		for j := range all[:i] {
			if len(differences(&all[j], &all[i])) > 0 {
				return true
			}
		}
	}
	return false
}

// again asks each flow once more: one that goes another way than before has shown
// that the way has changed.
func (q *inquiry) again() error {
	type flow struct {
		kind   probe.Kind
		number int
	}
	seen := map[flow]bool{}
	for _, t := range q.traces {
		c := t.Config()
		k := flow{c.Kind, c.Flow}
		if seen[k] {
			continue
		}
		seen[k] = true
		x, err := q.newTrace(0, trace.Config{Kind: c.Kind, Port: c.Port, Flow: c.Flow, Queries: 1})
		if err != nil {
			return err
		}
		q.checks = append(q.checks, x)
	}
	return nil
}

// gatherMoved finds the hops at which one flow has met others at one time than at
// another.
func (q *inquiry) gatherMoved(f *facts.Facts) {
	all := slices.Clone(f.Traces)
	for _, t := range q.checks {
		all = append(all, traceOf(t))
	}
	packet := 256 // the first hop behind which datagrams of one flow take turns
	for i := range all {
		for k := range all[i].Hops {
			if h := &all[i].Hops[k]; len(h.Addrs) > 1 {
				packet = min(packet, h.TTL)
			}
		}
	}
	known := map[int]bool{}
	for i := range all {
		for j := range all[:i] {
			a, b := &all[j], &all[i]
			if a.Probe != b.Probe || a.Port != b.Port || a.Flow != b.Flow {
				continue
			}
			for _, m := range differences(a, b) {
				if !known[m.TTL] && m.TTL < packet {
					known[m.TTL] = true
					f.Moved = append(f.Moved, m)
				}
			}
		}
	}
}

// differences returns the hops at which one alone has answered each of two
// traces, and not the same.
func differences(a, b *facts.Trace) (out []facts.Moved) {
	for i := range a.Hops {
		x := &a.Hops[i]
		y := b.At(x.TTL)
		if y == nil || len(x.Addrs) != 1 || len(y.Addrs) != 1 || x.Addrs[0] == y.Addrs[0] {
			continue
		}
		out = append(out, facts.Moved{TTL: x.TTL, Was: x.Addrs[0], Is: y.Addrs[0]})
	}
	return out
}
