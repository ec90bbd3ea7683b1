package multipath

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/rewrite"
	"github.com/sonde-net/sonde/wire/ip"
)

// Trace finds the ways to one address. It is a [probe.Strategy]. Make one with
// [New].
type Trace struct {
	p   *probe.Prober
	cfg Config

	hops   []hop
	flows  int // that were tried
	blind  int // from this hop on, flows say nothing; 0: nowhere
	silent int // hops without any answer before the one under way
	queue  []ask
	flying map[probe.Handle]ask
	sent   int
	done   bool
	enough []int // by how many next ones are known

	seen []rewrite.Seen
}

// ask is a probe that is to be sent.
type ask struct {
	hop    int
	flow   int
	again  bool // it is sent again, to see whether it goes the same way
	tries  int
	silent int // how many of them were given time
	sent   time.Time
}

// hop is what is known of one distance.
type hop struct {
	ttl      ip.TTL
	vertices []vertex
	flows    []int16 // the vertex of each + 1; 0: not known
	again    int     // probes that see whether flows go the same way; -1: that is over
	pacing
}

// vertex is a vertex, and how it is known.
type vertex struct {
	Vertex
	final bool // nothing goes on from here
}

// vertex returns where a flow is at the hop; -1: that is not known.
func (h *hop) vertex(f int) int {
	if f >= len(h.flows) {
		return -1
	}
	return int(h.flows[f]) - 1
}

func (h *hop) final(v int) bool { return h.vertices[v].final }

// New makes a trace. The error is a [*wire.FieldError] that says which field of
// the configuration is wrong.
func New(p *probe.Prober, c Config) (*Trace, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	m := &Trace{p: p, cfg: c, flying: map[probe.Handle]ask{}}
	m.begin()
	return m, nil
}

// begin goes on to the next hop.
func (m *Trace) begin() {
	ttl := m.cfg.FirstTTL + ip.TTL(len(m.hops))
	m.hops = append(m.hops, hop{ttl: ttl})
	m.plan()
}

// Done implements [probe.Strategy].
func (m *Trace) Done() bool { return m.done }

// Deadline implements [probe.Strategy]: it waits for answers, and gives time to
// who does not always answer.
func (m *Trace) Deadline() (first time.Time) {
	if m.done || len(m.flying) >= m.cfg.Parallel {
		return time.Time{}
	}
	for _, a := range m.queue {
		h := &m.hops[a.hop]
		if h.gap == 0 {
			return time.Unix(0, 0)
		}
		if first.IsZero() || h.next.Before(first) {
			first = h.next
		}
	}
	return first
}

// Tick implements [probe.Strategy].
func (m *Trace) Tick(now time.Time) {
	for !m.done && len(m.flying) < m.cfg.Parallel {
		i := slices.IndexFunc(m.queue, func(a ask) bool { return m.hops[a.hop].may(now) })
		if i < 0 {
			return
		}
		a := m.queue[i]
		m.queue = slices.Delete(m.queue, i, i+1)
		h := &m.hops[a.hop]
		a.sent = now
		h.sent(now)
		q := m.cfg.question(h.ttl, m.p.Port(a.flow))
		q.Timeout = h.wait(m.cfg.Wait)
		m.sent++
		x, err := m.p.Send(now, &q)
		if err != nil {
			// The prober has no room: that is no answer either.
			m.answered(now, a, nil)
			continue
		}
		m.flying[x] = a
	}
}

// Hear implements [probe.Strategy].
func (m *Trace) Hear(now time.Time, e *probe.Event) {
	a, ok := m.flying[e.Handle]
	if !ok {
		return
	}
	switch e.Kind {
	case probe.Rewritten:
		m.p.Cancel(e.Handle) // it is answered, and credited to nothing
		fallthrough
	case probe.Reply, probe.Error:
		delete(m.flying, e.Handle)
		m.see(m.hops[a.hop].ttl, e)
		m.answered(now, a, e)
	case probe.Timeout, probe.Unsent:
		delete(m.flying, e.Handle)
		m.answered(now, a, nil)
	}
}

// mostSeen is how many ways in which probes were quoted are kept.
const mostSeen = 256

// see notes how somebody saw a probe. What differs from flow to flow is kept once.
func (m *Trace) see(ttl ip.TTL, e *probe.Event) {
	s, ok := rewrite.Of(ttl, e)
	if !ok || len(m.seen) >= mostSeen || slices.ContainsFunc(m.seen, func(x rewrite.Seen) bool {
		return x.TTL == s.TTL && x.From == s.From && x.Like(&s)
	}) {
		return
	}
	m.seen = append(m.seen, s)
}

// answered takes what came of a probe; nil: nothing.
func (m *Trace) answered(now time.Time, a ask, e *probe.Event) {
	h := &m.hops[a.hop]
	if e == nil && m.retry(now, a) {
		return
	}
	if e != nil && h.pacing.answered(a.sent, e.RTT) {
		m.hurry(a.hop)
	}
	if a.again {
		m.compare(a, e)
	} else {
		v := h.find(e)
		h.vertices[v].Flows++
		h.know(a.flow, v)
	}
	if len(m.flying) == 0 && len(m.queue) == 0 && !m.done {
		m.plan()
	}
}

// hurry has the probes under way to a hop waited for no longer than now is known
// to be enough.
func (m *Trace) hurry(hop int) {
	for _, h := range slices.Sorted(maps.Keys(m.flying)) {
		if m.flying[h].hop == hop {
			m.p.SetTimeout(h, m.hops[hop].wait(m.cfg.Wait))
		}
	}
}

// retry reports whether a probe that was not answered is sent again.
func (m *Trace) retry(now time.Time, a ask) bool {
	h := &m.hops[a.hop]
	a.tries++
	again := a.tries < m.cfg.Tries
	others := h.slow > 0
	if others && !h.mute {
		if h.silent(now, a.sent) {
			a.silent++
		}
		again = again || a.silent < patience && a.tries < mostTries
	}
	if again {
		m.queue = slices.Insert(m.queue, 0, a)
		return true
	}
	if others && !a.again {
		h.giveUp()
	}
	return false
}

// know notes through which vertex a flow comes.
func (h *hop) know(f, v int) {
	for len(h.flows) <= f {
		h.flows = append(h.flows, 0)
	}
	h.flows[f] = int16(v + 1)
}

// find returns the vertex that an answer is of, a new one if there was none.
func (h *hop) find(e *probe.Event) int {
	v := Vertex{TTL: h.ttl}
	if e != nil {
		v.Addr, v.Best, v.Reached = e.From, e.RTT, e.Reached
		if !e.Claim.Expired() {
			v.Claim = e.Claim
			v.Claim.Ext = nil
		}
		v.Shown = e.Shown
	}
	for i := range h.vertices {
		x := &h.vertices[i]
		if x.Addr == v.Addr && x.Reached == v.Reached {
			if e != nil && e.RTT < x.Best {
				x.Best = e.RTT
			}
			x.Shown = cmp.Or(x.Shown, v.Shown)
			return i
		}
	}
	h.vertices = append(h.vertices, vertex{v, v.Reached || v.Claim.Present})
	return len(h.vertices) - 1
}

// compare looks where a flow that was sent again has gone.
func (m *Trace) compare(a ask, e *probe.Event) {
	h := &m.hops[a.hop]
	if e == nil {
		return
	}
	was := h.vertex(a.flow)
	if v := h.find(e); v != was && was >= 0 && h.vertices[was].Addr.IsValid() {
		if m.blind == 0 {
			m.blind = max(a.hop, 1)
		}
		if from, known := m.from(a.hop, a.flow); known && from >= 0 {
			m.hops[a.hop-1].vertices[from].PerPacket = true
		}
	}
}
