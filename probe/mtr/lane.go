package mtr

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Lane is the way of one flow, with what is known of it alone.
type Lane struct {
	Flow    int        `json:"flow"`
	Reached bool       `json:"reached"`
	Hops    []LaneStop `json:"hops"`
}

// LaneStop is a hop of a lane.
type LaneStop struct {
	TTL  ip.TTL     `json:"ttl"`
	Addr netip.Addr `json:"addr,omitzero"` // who answered last; the zero Addr: nobody has
	Stats
}

// Lanes returns the ways of the flows that were asked, each with its own losses
// and times.
func (m *Monitor) Lanes() []Lane {
	var out []Lane
	for f := range m.flows {
		t := &m.flows[f]
		if t.rounds == 0 {
			continue
		}
		n := t.heard
		if t.reach > 0 {
			n = t.reach
		}
		l := Lane{Flow: f, Reached: t.there, Hops: make([]LaneStop, n)}
		for i := range l.Hops {
			l.Hops[i] = LaneStop{TTL: m.hops[i].TTL, Addr: t.last[i], Stats: t.shown(i)}
		}
		out = append(out, l)
	}
	return out
}

// Change changes the configuration, defaults and limits as in [New], but for
// target, addresses, flows, and what is kept. Where other hops are asked, or with
// something else, it begins anew. The error is a [*wire.FieldError], and nothing
// was changed.
func (m *Monitor) Change(c Config) error {
	was := m.cfg
	c.First, c.Src, c.Dst, c.Flows, c.History, c.Probes = was.First, was.Src, was.Dst, was.Flows, was.History, was.Probes
	c, err := c.check()
	if err != nil {
		return err
	}
	m.cfg = c
	if c.Kind != was.Kind || c.Port != was.Port || c.SrcPort != was.SrcPort || c.FirstTTL != was.FirstTTL || c.MaxTTL != was.MaxTTL {
		m.Reset()
	}
	return nil
}

// probed tells what came of a probe, where that is wanted.
func (m *Monitor) probed(k EventKind, a *asked, at time.Time, from netip.Addr, rtt time.Duration) {
	if m.cfg.Probes {
		m.tell(Event{Kind: k, Time: at, Round: a.round, Flow: a.flow, TTL: m.hops[a.hop].TTL, Number: a.number, Is: from, RTT: rtt})
	}
}

// giveUp counts as lost what was not answered by the end: it is not waited for any
// more.
func (m *Monitor) giveUp(now time.Time) {
	e := probe.Event{Kind: probe.Timeout, Time: now}
	for _, h := range slices.Sorted(maps.Keys(m.flying)) { // always in the same order
		e.Handle = h
		m.Hear(now, &e)
	}
}
