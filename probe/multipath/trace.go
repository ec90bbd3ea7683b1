package multipath

import (
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
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

	rewritten []Rewritten
}

// ask is a probe that is to be sent.
type ask struct {
	hop   int
	flow  int
	again bool // it is sent again, to see whether it goes the same way
}

// hop is what is known of one distance.
type hop struct {
	ttl      ip.TTL
	vertices []vertex
	flows    []flow
	again    int // probes that see whether flows go the same way; -1: that is over
}

// vertex is a vertex, and how it is known.
type vertex struct {
	Vertex
	final bool // nothing goes on from here
}

// flow is what is known of a flow at a hop.
type flow struct {
	at    int16 // the vertex + 1; 0: not known
	tries uint8
}

// vertex returns where a flow is at the hop; -1: that is not known.
func (h *hop) vertex(f int) int {
	if f >= len(h.flows) {
		return -1
	}
	return int(h.flows[f].at) - 1
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

// Deadline implements [probe.Strategy]: it waits for nothing but answers.
func (m *Trace) Deadline() time.Time {
	if !m.done && len(m.flying) < m.cfg.Parallel && len(m.queue) > 0 {
		return time.Unix(0, 0)
	}
	return time.Time{}
}

// Tick implements [probe.Strategy].
func (m *Trace) Tick(now time.Time) {
	for !m.done && len(m.flying) < m.cfg.Parallel && len(m.queue) > 0 {
		a := m.queue[0]
		m.queue = m.queue[1:]
		q := m.cfg.question(m.hops[a.hop].ttl, m.p.Port(a.flow))
		m.sent++
		x, err := m.p.Send(now, &q)
		if err != nil {
			// The prober has no room: that is no answer either.
			m.answered(a, nil)
			continue
		}
		m.flying[x] = a
	}
}

// Hear implements [probe.Strategy].
func (m *Trace) Hear(_ time.Time, e *probe.Event) {
	a, ok := m.flying[e.Handle]
	if !ok {
		return
	}
	switch e.Kind {
	case probe.Reply, probe.Error:
		delete(m.flying, e.Handle)
		m.answered(a, e)
	case probe.Timeout, probe.Unsent:
		delete(m.flying, e.Handle)
		m.answered(a, nil)
	case probe.Rewritten:
		m.noteRewritten(a, e)
	}
}

// maxRewritten is how many rewritten headers are kept.
const maxRewritten = 64

// noteRewritten notes how somebody saw a probe. What differs from flow to flow is
// kept once.
func (m *Trace) noteRewritten(a ask, e *probe.Event) {
	r := Rewritten{TTL: m.hops[a.hop].ttl, From: e.From, Shown: *e.Shown}
	for i := range m.rewritten {
		x := m.rewritten[i]
		x.SrcPort, x.DstPort = r.SrcPort, r.DstPort
		if x == r {
			return
		}
	}
	if len(m.rewritten) < maxRewritten {
		m.rewritten = append(m.rewritten, r)
	}
}

// answered takes what came of a probe; nil: nothing.
func (m *Trace) answered(a ask, e *probe.Event) {
	h := &m.hops[a.hop]
	f := h.flow(a.flow)
	switch {
	case a.again:
		m.compare(a, e)
	case e != nil:
		f.at = int16(h.find(e) + 1)
		h.vertices[f.at-1].Flows++
	case int(f.tries) < m.cfg.Tries:
		f.tries++
		m.queue = append(m.queue, a)
		return
	default:
		f.at = int16(h.find(nil) + 1)
		h.vertices[f.at-1].Flows++
	}
	if len(m.flying) == 0 && len(m.queue) == 0 && !m.done {
		m.plan()
	}
}

// flow returns what is known of a flow, which is nothing at first.
func (h *hop) flow(f int) *flow {
	for len(h.flows) <= f {
		h.flows = append(h.flows, flow{})
	}
	return &h.flows[f]
}

// find returns the vertex that an answer is of, a new one if there was none.
func (h *hop) find(e *probe.Event) int {
	v := Vertex{TTL: h.ttl}
	if e != nil {
		v.Addr, v.Best, v.Reached = e.From, e.RTT, e.Reached
		if !expired(&e.Claim) {
			v.Claim = e.Claim
			v.Claim.Ext = nil
		}
	}
	for i := range h.vertices {
		x := &h.vertices[i]
		if x.Addr == v.Addr && x.Reached == v.Reached {
			if e != nil && e.RTT < x.Best {
				x.Best = e.RTT
			}
			return i
		}
	}
	h.vertices = append(h.vertices, vertex{v, v.Reached || v.Claim.Present})
	return len(h.vertices) - 1
}

// expired reports whether a claim is that the time to live ran out.
func expired(c *probe.Claim) bool {
	if c.V6 {
		return c.Type == uint8(icmp6.TypeTimeExceeded)
	}
	return c.Present && c.Type == uint8(icmp4.TypeTimeExceeded)
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
