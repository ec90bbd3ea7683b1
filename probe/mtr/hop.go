package mtr

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire/ip"
)

// MaxHosts is how many hosts of a hop are kept.
const MaxHosts = 64

// Hop is what is known of a distance.
type Hop struct {
	TTL ip.TTL `json:"ttl"`
	// Stats are of who is there now; of the destination also from where it was
	// before; of all where hosts take turns, or there are several flows.
	Stats `json:"stats"`
	Hosts []Host `json:"hosts"` // who has answered, the last one first; none: nobody does now
	// Limited says that hops behind this one lose less than it does: what it lost
	// were answers, which it did not write.
	Limited bool `json:"limited,omitzero"`
	// History is what came of the last probes, in the order in which they were
	// asked: times, or [NoAnswer], or [Open].
	History []time.Duration `json:"-"`
}

// Host is somebody who answers at a distance.
type Host struct {
	Addr    netip.Addr    `json:"addr"`
	Count   int           `json:"count"`   // answers
	Flows   uint64        `json:"flows"`   // in which flows, a bit each
	Last    time.Time     `json:"last"`    // when it answered last
	Reached bool          `json:"reached"` // it is the destination
	Claim   probe.Claim   `json:"claim,omitzero"`
	RTT     time.Duration `json:"rtt_ns"` // of the last answer
	// Shown is what it has quoted last otherwise than it was sent, where the prober
	// tells of that ([probe.Config.Rewritten]); nil: nothing.
	Shown *probe.Shown `json:"shown,omitzero"`
}

type hop struct {
	Hop
	reset  int // how often it began anew
	forgot int // of the history
}

// What stands in a history where there is no time.
const (
	NoAnswer time.Duration = -1
	Open     time.Duration = -2 // there may be one yet, or it does not count
)

// begin adds a probe to the history, and returns its number there.
func (h *hop) begin(most int) int {
	if len(h.History) >= most {
		h.forgot += len(h.History) - most + 1
		h.History = append(h.History[:0], h.History[len(h.History)-most+1:]...)
	}
	h.History = append(h.History, Open)
	return h.forgot + len(h.History) - 1
}

// remember writes into the history what came of a probe.
func (h *hop) remember(number int, d time.Duration) {
	if i := number - h.forgot; i >= 0 {
		h.History[i] = d
	}
}

// host notes who has answered.
func (h *hop) host(e *probe.Event, a *asked) {
	i := slices.IndexFunc(h.Hosts, func(x Host) bool { return x.Addr == e.From })
	x := Host{Addr: e.From}
	switch {
	case i >= 0:
		x = h.Hosts[i]
		h.Hosts = slices.Delete(h.Hosts, i, i+1)
	case len(h.Hosts) == MaxHosts:
		h.Hosts = h.Hosts[:MaxHosts-1]
	}
	x.Count++
	x.Flows |= 1 << a.flow
	x.Last, x.Reached, x.RTT, x.Shown = e.Time, e.Reached, e.RTT, e.Shown
	x.Claim.Ext = append(x.Claim.Ext[:0], e.Claim.Ext...)
	ext := x.Claim.Ext
	x.Claim = e.Claim
	x.Claim.Ext = ext
	h.Hosts = slices.Insert(h.Hosts, 0, x)
}

// Rewritten returns where on the way probes begin to be seen otherwise than they were
// sent, by what the hosts of the hops have quoted last.
func Rewritten(hops []Hop) []rewrite.Change {
	var seen []rewrite.Seen
	for i := range hops {
		for k := range hops[i].Hosts {
			x := &hops[i].Hosts[k]
			if s, ok := rewrite.Of(hops[i].TTL, &probe.Event{From: x.Addr, Claim: x.Claim, Shown: x.Shown}); ok {
				seen = append(seen, s)
			}
		}
	}
	return rewrite.Changes(seen)
}

// margin is how many percent more a hop has to lose than those behind it to be
// called limited, and more than one probe: less is chance. So is, for the time of
// a round, that it was asked before them.
const margin = 3

// Hops returns what is known of every hop up to the destination, or as far as
// anybody has answered. The slices are the monitor's own, good until it is called
// again.
func (m *Monitor) Hops() []Hop {
	n := 0
	for f := range m.flows {
		n = max(n, m.flows[f].reach, m.flows[f].heard)
	}
	if n == 0 {
		n = min(m.ttl, 1)
	}
	out := make([]Hop, n)
	changed := slices.ContainsFunc(m.flows, func(t track) bool { return t.from.After(t.begun) })
	for i := range out {
		out[i] = m.hops[i].Hop
		for x := &out[i]; len(x.History) > 0 && x.History[len(x.History)-1] == Open; {
			x.History = x.History[:len(x.History)-1]
		}
		now, gone := m.flows[0].shown(i), true
		for f := range m.flows {
			t := &m.flows[f]
			if f > 0 {
				now = now.with(t.shown(i))
			}
			gone = gone && t.places[i].now.gone
		}
		if all := &out[i].Stats; changed && len(m.flows) > 1 {
			now.Last, now.Jitter, now.smooth = all.Last, all.Jitter, all.smooth
		}
		if changed { // else it is all that was asked
			out[i].Stats = now
		}
		if gone {
			out[i].Hosts = nil
		}
	}
	m.judge(out)
	return out
}

// judge finds the hops that lose more than those behind them. Only what was
// asked at the same time can be compared: where a way has come and gone, that is
// what each of its hops was asked on it; where hosts take turns at a place,
// nothing but the destination, which is asked in every round. A place of which it
// is not known who is there is left out.
func (m *Monitor) judge(hops []Hop) {
	shared := slices.ContainsFunc(m.flows, func(t track) bool {
		return t.there && slices.ContainsFunc(t.places[:t.reach], func(p place) bool { return p.shared })
	})
	least := 100.0 // loss of those behind
	for i := len(hops) - 1; i >= 0; i-- {
		var sum Stats
		end, known := false, true
		for f := range m.flows {
			t := &m.flows[f]
			known = known && t.places[i].fork == 0
			s := &t.places[i].now.Stats
			if shared {
				shown := t.shown(i)
				s = &shown
			}
			end = end || i == t.reach-1 && t.there
			sum.Sent, sum.Received, sum.Waiting = sum.Sent+s.Sent, sum.Received+s.Received, sum.Waiting+s.Waiting
		}
		if sum.Sent == sum.Waiting || !known {
			continue
		}
		loss := sum.Loss()
		more := float64(sum.Lost()) - least/100*float64(sum.Sent-sum.Waiting)
		hops[i].Limited = loss > least+margin && more > 1
		if end || !shared {
			least = min(least, loss)
		}
	}
}

// Reached reports whether the destination answers, in any flow.
func (m *Monitor) Reached() bool {
	return slices.ContainsFunc(m.flows, func(t track) bool { return t.there })
}
