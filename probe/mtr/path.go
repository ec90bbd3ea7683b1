package mtr

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/wire/ip"
)

// EventKind is what has happened.
type EventKind uint8

// The events.
const (
	Changed  EventKind = iota + 1 // another answers at a distance than before
	Finished                      // a round is over
	Asked                         // a probe was handed over; with Config.Probes, as the next two
	Answered                      // somebody has answered it
	Lost                          // nobody has, in time
)

// String returns the kind in a word.
func (k EventKind) String() string {
	switch k {
	case Changed:
		return "changed"
	case Finished:
		return "finished"
	case Asked:
		return "asked"
	case Answered:
		return "answered"
	case Lost:
		return "lost"
	}
	return "unknown"
}

// MarshalText implements encoding.TextMarshaler.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Event is something that happened. Fields that do not apply are zero.
type Event struct {
	Kind  EventKind  `json:"event"`
	Time  time.Time  `json:"time"`
	Round int        `json:"round"` // from 1 on
	Flow  int        `json:"flow"`
	TTL   ip.TTL     `json:"ttl,omitzero"`
	Was   netip.Addr `json:"was,omitzero"` // who answered before; the zero Addr: nobody any more
	Is    netip.Addr `json:"is,omitzero"`  // who does now; the zero Addr: nobody
	// Number is the probe's: how many were before it.
	Number int           `json:"number,omitzero"`
	RTT    time.Duration `json:"rtt_ns,omitzero"`
}

// LogValue implements slog.LogValuer.
func (e Event) LogValue() slog.Value {
	as := []slog.Attr{slog.String("event", e.Kind.String()), slog.Int("round", e.Round), slog.Int("flow", e.Flow)}
	switch e.Kind {
	case Changed:
		as = append(as, slog.Int("ttl", int(e.TTL)), slog.Any("was", e.Was), slog.Any("is", e.Is))
	case Asked, Lost:
		as = append(as, slog.Int("ttl", int(e.TTL)), slog.Int("number", e.Number))
	case Answered:
		as = append(as, slog.Int("ttl", int(e.TTL)), slog.Int("number", e.Number), slog.Any("is", e.Is), slog.Duration("rtt", e.RTT))
	}
	return slog.GroupValue(as...)
}

// The most that is kept.
const (
	maxEvents = 1024
	maxPaths  = 64
)

func (m *Monitor) tell(e Event) {
	if len(m.events) == maxEvents {
		m.events = m.events[1:]
	}
	m.events = append(m.events, e)
}

// Next returns the oldest event that was not read yet. The oldest are forgotten
// when nobody reads them.
func (m *Monitor) Next() (Event, bool) {
	if len(m.events) == 0 {
		return Event{}, false
	}
	e := m.events[0]
	m.events = m.events[1:]
	return e, true
}

// Path is a way that the datagrams of a flow have taken for at least a round.
type Path struct {
	Flow   int          `json:"flow"`
	Hops   []netip.Addr `json:"hops"` // the zero Addr: nobody answers
	First  time.Time    `json:"first"`
	Last   time.Time    `json:"last"`
	Rounds int          `json:"rounds"`
	// Stats is what came of the probes that each hop was asked with, on this way
	// and on others that it is on at the same distance. With nobody it is that of
	// those who do not answer.
	Stats []Stats `json:"stats"`
	// Now says that the flow takes this way as far as is known, and Shared that it
	// is one of several that take turns.
	Now    bool `json:"now,omitzero"`
	Shared bool `json:"shared,omitzero"`
}

// Paths returns the ways that were seen, in the order in which they were first.
// The slice is the monitor's own.
func (m *Monitor) Paths() []Path {
	for k := range m.paths {
		x := &m.paths[k]
		t := &m.flows[x.Flow]
		x.Stats, x.Shared = make([]Stats, len(x.Hops)), false
		for i, a := range x.Hops {
			p := &t.places[i]
			x.Stats[i] = p.host(a).Stats
			x.Shared = x.Shared || p.shared
		}
		x.Now = slices.Equal(x.Hops, t.way())
	}
	return m.paths
}

// way is who answers, as far as anybody does.
func (t *track) way() []netip.Addr {
	if t.reach > 0 {
		return t.last[:t.reach]
	}
	return t.last[:t.heard]
}

// finish ends a round: when nobody has changed his place in it, the way is noted.
func (m *Monitor) finish() {
	f := m.turn()
	t := &m.flows[f]
	m.tell(Event{Kind: Finished, Time: m.now, Round: m.round, Flow: f})
	m.abandon(f)
	way := t.way()
	if t.moved == m.round || len(way) == 0 || slices.ContainsFunc(t.places[:len(way)], func(p place) bool { return p.fork > 0 }) {
		return // it is not known yet
	}
	at := func(hops []netip.Addr) int {
		return slices.IndexFunc(m.paths, func(p Path) bool { return p.Flow == f && slices.Equal(p.Hops, hops) })
	}
	i, was := at(way), at(t.noted)
	if i < 0 && was >= 0 && t.moved < t.notedAt { // more of it has answered meanwhile
		m.paths[was].Hops = slices.Clone(way)
		i = was
	}
	t.noted, t.notedAt = slices.Clone(way), m.round
	if i >= 0 {
		p := &m.paths[i]
		p.Last = m.now
		p.Rounds++
		return
	}
	if len(m.paths) == maxPaths {
		m.paths = m.paths[1:]
	}
	m.paths = append(m.paths, Path{Flow: f, Hops: slices.Clone(way), First: t.from, Last: m.now, Rounds: 1})
}
