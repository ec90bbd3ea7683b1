package mtr

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Monitor watches the way to one address. It is a [probe.Strategy]. Make one with
// [New].
type Monitor struct {
	p   *probe.Prober
	cfg Config

	hops  []*hop // from FirstTTL on
	flows []track

	round  int       // the one under way, from 0 on
	begun  time.Time // when it was; zero: none was
	ttl    int       // the place of the hop that is asked next
	next   time.Time // when
	paused bool
	ended  bool // the last round is over
	end    time.Time
	now    time.Time
	flying map[probe.Handle]*asked
	unsent error
	number int // of probes that were handed over

	events []Event
	paths  []Path
}

// asked is a probe that may still be answered.
type asked struct {
	hop, flow, round int
	reset            int // of the hop
	number           int // how many were asked before
	past             int // in the history of the hop
	at               *tally
	final            bool // it was sent to where the destination was
	search           bool // … or farther, because it keeps silent
}

// firstGap is the time between two probes of the first round, and ahead how many
// hops it goes behind the last one that has answered.
const (
	firstGap = 10 * time.Millisecond
	ahead    = 10
)

// New makes a monitor. The error is a [*wire.FieldError] that says which field of
// the configuration is wrong.
func New(p *probe.Prober, c Config) (*Monitor, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	m := &Monitor{p: p, cfg: c}
	m.clear()
	return m, nil
}

func (m *Monitor) clear() {
	n := int(m.cfg.MaxTTL-m.cfg.FirstTTL) + 1
	m.hops = m.hops[:0]
	for i := range n {
		m.hops = append(m.hops, &hop{Hop: Hop{TTL: m.cfg.FirstTTL + ip.TTL(i)}})
	}
	m.flows = make([]track, m.cfg.Flows)
	for f := range m.flows {
		m.flows[f].last = make([]netip.Addr, n)
		m.flows[f].places = make([]place, n)
		for i := range n {
			m.flows[f].places[i].now = &tally{}
		}
	}
	m.round, m.begun, m.ended = 0, time.Time{}, false
	m.flying = map[probe.Handle]*asked{}
	m.events, m.paths = nil, nil
}

// Reset forgets everything that was found out, and begins anew.
func (m *Monitor) Reset() { m.clear() }

// Pause stops asking; what was asked may still be answered. Resuming begins with
// a new round.
func (m *Monitor) Pause(paused bool) {
	if m.paused && !paused {
		m.begun = time.Time{}
	}
	m.paused = paused
}

// Paused reports whether it has stopped asking.
func (m *Monitor) Paused() bool { return m.paused }

// Round returns how many rounds were begun.
func (m *Monitor) Round() int { return m.round }

// Interval returns the length of a round; SetInterval changes it, from the next
// round on, to no less than 10 ms.
func (m *Monitor) Interval() time.Duration { return m.cfg.Interval }

// SetInterval changes the length of rounds, from the next one on. It is at least
// 10 ms and at most an hour.
func (m *Monitor) SetInterval(d time.Duration) {
	m.cfg.Interval = min(max(d, 10*time.Millisecond), time.Hour)
}

// SetSize changes how many octets of data probes have, where they have some. What
// is too little or too much is refused with a [*wire.FieldError].
func (m *Monitor) SetSize(n int) error {
	c := m.cfg
	c.Size = n
	if n == 0 {
		c.Size = -1
	}
	c, err := c.check()
	if err == nil {
		m.cfg = c
	}
	return err
}

// SetKind changes what is asked with, and begins anew. The error is a
// [*wire.FieldError].
func (m *Monitor) SetKind(k probe.Kind, port uint16) error {
	c := m.cfg
	c.Kind, c.Port = k, port
	if m.cfg.Kind == probe.TCP {
		c.Size = 0
	}
	c, err := c.check()
	if err == nil {
		m.cfg = c
		m.Reset()
	}
	return err
}

// Config returns the configuration as it is, defaults filled in.
func (m *Monitor) Config() Config { return m.cfg }

// Done implements [probe.Strategy].
func (m *Monitor) Done() bool {
	return m.ended && (len(m.flying) == 0 || !m.now.Before(m.end.Add(m.cfg.Grace)))
}

// Deadline implements [probe.Strategy].
func (m *Monitor) Deadline() time.Time {
	switch {
	case m.ended && len(m.flying) == 0:
		return time.Time{}
	case m.ended:
		return m.end.Add(m.cfg.Grace)
	case m.paused:
		return time.Time{}
	case m.begun.IsZero():
		return time.Unix(0, 0)
	case m.ttl < m.limit():
		return m.next
	}
	return m.begun.Add(m.cfg.Interval)
}

// Tick implements [probe.Strategy].
func (m *Monitor) Tick(now time.Time) {
	m.now = now
	if m.ended && !now.Before(m.end.Add(m.cfg.Grace)) {
		m.giveUp(now)
	}
	for !m.paused && !m.ended {
		switch {
		case m.begun.IsZero():
			m.begin(now)
		case m.ttl < m.limit() && !now.Before(m.next):
			m.ask(now)
		case !now.Before(m.begun.Add(m.cfg.Interval)):
			m.finish()
			if m.cfg.Rounds > 0 && m.round >= m.cfg.Rounds {
				m.ended, m.end = true, now
				return
			}
			m.begin(m.begun.Add(m.cfg.Interval))
			if late := now.Sub(m.begun); late > m.cfg.Interval {
				m.begun, m.next = now, now // rounds that were missed are not made good
			}
		default:
			// The last round ends when everything was answered.
			if m.cfg.Rounds > 0 && m.round == m.cfg.Rounds && len(m.flying) == 0 && m.ttl >= m.limit() && m.flow().reach > 0 {
				m.finish()
				m.ended, m.end = true, now
			}
			return
		}
	}
}

// begin begins a round.
func (m *Monitor) begin(now time.Time) {
	for f := range m.flows {
		if m.begun.IsZero() {
			m.flows[f].at = now // it was not asked in a pause
		}
	}
	m.begun, m.next, m.ttl = now, now, 0
	m.round++
	t := m.flow()
	if t.rounds++; t.rounds == 1 {
		t.begun, t.from = now, now
	}
	t.doubt = t.doubt || now.Sub(t.at) > patience*m.cfg.Interval*time.Duration(len(m.flows))
}

// flow returns the flow of the round under way.
func (m *Monitor) flow() *track { return &m.flows[m.turn()] }

func (m *Monitor) turn() int { return max(m.round-1, 0) % len(m.flows) }

// limit returns the place behind the last hop that the round under way asks.
func (m *Monitor) limit() int {
	t := m.flow()
	switch {
	case t.doubt && t.reach > 0:
		return min(t.reach+m.cfg.Unknown, len(m.hops))
	case t.reach > 0:
		return t.reach
	}
	n := m.cfg.Unknown
	if t.rounds == 1 {
		n = max(n, ahead)
	}
	return min(t.heard+n, len(m.hops))
}

// ask asks the next hop.
func (m *Monitor) ask(now time.Time) {
	i, f := m.ttl, m.turn()
	m.ttl++
	gap := firstGap
	if t := m.flow(); t.rounds > 1 {
		gap = m.cfg.Interval / time.Duration(max(m.limit(), 1))
	}
	m.next = m.next.Add(min(gap, m.cfg.Interval/time.Duration(len(m.hops))*4))
	q := m.cfg.question(m.hops[i].TTL, m.p.Port(f))
	x, err := m.p.Send(now, &q)
	if err != nil {
		m.unsent = err // there is no room: it was not asked
		return
	}
	m.hops[i].Sent++
	m.hops[i].Waiting++
	a := &asked{hop: i, flow: f, round: m.round, reset: m.hops[i].reset, number: m.number}
	a.past = m.hops[i].begin(m.cfg.History)
	m.number++
	m.flows[f].ask(a)
	m.flying[x] = a
	m.probed(Asked, a, now, netip.Addr{}, 0)
}

// Hear implements [probe.Strategy].
func (m *Monitor) Hear(_ time.Time, e *probe.Event) {
	a, ok := m.flying[e.Handle]
	if ok && e.Kind == probe.Rewritten {
		m.p.Cancel(e.Handle) // it is answered, and credited to nothing
		x := *e
		x.Kind = probe.Error
		e = &x
	}
	if !ok || e.Kind != probe.Reply && e.Kind != probe.Error && e.Kind != probe.Timeout && e.Kind != probe.Unsent {
		return
	}
	delete(m.flying, e.Handle)
	h := m.hops[a.hop]
	if a.reset != h.reset {
		h = nil // it is of a row that is no more
	}
	t := &m.flows[a.flow]
	void := t.void(a, e)
	if e.Kind != probe.Timeout && !void {
		m.answered(a, h, e)
		return
	}
	if a.search && t.found == 0 && t.beyond(a, e) {
		t.found = a.round
	}
	switch {
	case h == nil:
	case void:
		h.Waiting--
		h.Sent--
	default:
		h.Waiting--
		h.remember(a.past, NoAnswer)
	}
	switch {
	case e.Kind == probe.Unsent:
		m.unsent = e.Err
	case e.Kind == probe.Timeout && h != nil:
		m.probed(Lost, a, e.Time, netip.Addr{}, 0)
	}
	t.settle(a, e, void)
}

// final reports whether nobody behind the one who answers can be reached: it is
// the destination, or refuses to go on.
func final(e *probe.Event) bool { return e.Reached || e.Claim.Present && !e.Claim.Expired() }

// beyond reports whether an answer is to a probe beyond the destination, which has
// come nearer meanwhile.
func (t *track) beyond(a *asked, e *probe.Event) bool {
	return (e.Kind == probe.Reply || e.Kind == probe.Error) && final(e) && t.reach > 0 && a.hop >= t.reach && !t.farther(a)
}

// answered takes an answer, of a row h that is nil when it is no more.
func (m *Monitor) answered(a *asked, h *hop, e *probe.Event) {
	t := &m.flows[a.flow]
	if h == nil {
		t.settle(a, e, false)
		return
	}
	end := a.hop + 1
	if m.learn(a, e) {
		t.move(a.round, e.Time)
	}
	switch {
	case a.round < t.since:
		// From before the way changed.
	case final(e) && end != t.reach:
		m.arrive(a, e, end)
	case !final(e) && end >= t.reach:
		if t.there {
			t.suspect(a.round)
		}
		t.reach, t.there = 0, false // it has become longer, if it was known
	case final(e) && t.doubt:
		m.renew(a, end)
	}
	if final(e) && end == t.reach {
		t.at = e.Time
	}
	t.settle(a, e, false)
	h.Waiting--
	t.heard = max(t.heard, end)
	h.Add(e.RTT)
	h.remember(a.past, e.RTT)
	m.probed(Answered, a, e.Time, e.From, e.RTT)
	h.host(e, a)
}

// forget begins anew with hops that are beyond the destination in every flow:
// what was asked there went to the destination, too.
func (m *Monitor) forget() {
	last := 0
	for f := range m.flows {
		if m.flows[f].rounds > 0 && m.flows[f].reach == 0 {
			return
		}
		last = max(last, m.flows[f].reach)
	}
	for _, h := range m.hops[last:] {
		*h = hop{Hop: Hop{TTL: h.TTL}, reset: h.reset + 1}
	}
}

// Unsent returns why a probe could not be sent, the last that could not; nil: all
// could.
func (m *Monitor) Unsent() error { return m.unsent }
