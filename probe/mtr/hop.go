package mtr

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// MaxHosts is how many hosts of a hop are kept.
const MaxHosts = 64

// Hop is what is known of a distance.
type Hop struct {
	TTL   ip.TTL `json:"ttl"`
	Stats `json:"stats"`
	Hosts []Host `json:"hosts"` // who has answered, the last one first
	// Limited says that hops behind this one lose less than it does: what it lost
	// were answers, which it did not write.
	Limited bool `json:"limited,omitzero"`
	// History is the last times, the oldest first; negative: there was no answer.
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
	round   int           // of the last answer
}

type hop struct {
	Hop
	reset int // how often it began anew
}

// lost stands in a history for what was not answered.
const lost = -1

// remember adds to the history.
func (h *hop) remember(d time.Duration, most int) {
	if len(h.History) >= most {
		h.History = append(h.History[:0], h.History[len(h.History)-most+1:]...)
	}
	h.History = append(h.History, d)
}

// flapping is for how many rounds a host that does not answer is still taken to
// be one of those that take turns.
const flapping = 6

// host notes who has answered, and reports whether it is one who has not for some
// time.
func (h *hop) host(e *probe.Event, a asked) (fresh bool) {
	i := slices.IndexFunc(h.Hosts, func(x Host) bool { return x.Addr == e.From })
	x := Host{Addr: e.From}
	switch {
	case i >= 0:
		x = h.Hosts[i]
		h.Hosts = slices.Delete(h.Hosts, i, i+1)
	case len(h.Hosts) == MaxHosts:
		h.Hosts = h.Hosts[:MaxHosts-1]
	}
	fresh = i < 0 || a.round-x.round > flapping
	x.Count++
	x.Flows |= 1 << a.flow
	x.Last, x.Reached, x.RTT, x.round = e.Time, e.Reached, e.RTT, a.round
	x.Claim.Ext = append(x.Claim.Ext[:0], e.Claim.Ext...)
	ext := x.Claim.Ext
	x.Claim = e.Claim
	x.Claim.Ext = ext
	h.Hosts = slices.Insert(h.Hosts, 0, x)
	return fresh
}

// margin is how many percent more a hop has to lose than those behind it to be
// called limited: less is chance.
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
	least := 100.0 // loss of those behind
	for i := n - 1; i >= 0; i-- {
		out[i] = m.hops[i].Hop
		if loss := out[i].Loss(); out[i].Sent > out[i].Waiting {
			out[i].Limited = loss > least+margin
			least = min(least, loss)
		}
	}
	return out
}

// Reached reports whether the destination answers, in any flow.
func (m *Monitor) Reached() bool {
	return slices.ContainsFunc(m.flows, func(t track) bool { return t.reach > 0 && m.hops[t.reach-1].reached() })
}

func (h *hop) reached() bool {
	return slices.ContainsFunc(h.Hosts, func(x Host) bool { return x.Reached })
}
