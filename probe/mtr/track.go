package mtr

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
)

// track is what is known of the way that one flow takes.
type track struct {
	last   []netip.Addr // who answered last at each hop
	reach  int          // the place of the destination + 1; 0: it has not answered
	there  bool         // it is the destination, and nobody who refuses to go on
	at     time.Time    // when whoever is there answered last
	doubt  bool         // it has not for some rounds, and is looked for farther away
	found  int          // the round in which it was, 0: it was not
	heard  int          // the farthest place that has answered + 1
	rounds int
	begun  time.Time // its first round
	moved  int       // the round in which another answered somewhere than before
	from   time.Time // when the first did

	noted   []netip.Addr // the way that was noted last
	notedAt int          // in which round

	since  int // the round that told the place of the destination
	places []place

	dest  Stats // of the destination, wherever it was
	known bool  // it has answered once
	first bool  // it did so in the round since
}

// place is what a flow knows of a hop.
type place struct {
	now   *tally   // whoever is there
	past  []*tally // who was there before
	round int      // of the newest answer

	all    Stats // of everybody
	since  int   // the round from which on it counts
	handed int   // the round in which another was there than before
	turns  int   // how often that was, soon after the time before
	shared bool  // hosts take turns

	// Where the way has changed elsewhere, it is not known who is here until
	// somebody answers: from round fork on, 0 none. So many were lost since.
	fork, lost int
}

// tally is what came of the probes that one host at a place was asked with. With
// the zero Addr it is nobody who answers.
type tally struct {
	addr  netip.Addr
	gone  bool // nobody answers, where somebody did before
	round int  // of its last answer
	Stats
}

// mostTurns is how many changes are told of that follow soon upon each other: then
// it is that hosts take turns, more of them than answer within some rounds.
const mostTurns = 3

// move takes note that the way has changed in a round.
func (t *track) move(round int, at time.Time) {
	if t.moved != round {
		t.from = at
	}
	t.moved = round
}

// flapping is for how many rounds a host that does not answer is still taken to
// be one of those that take turns, and how long one has to stay that is not.
const flapping = 6

// ask counts a probe that was handed over.
func (t *track) ask(a *asked) {
	p := &t.places[a.hop]
	a.at, a.search = p.now, t.reach > 0 && a.hop >= t.reach
	a.at.Sent++
	a.at.Waiting++
	if a.round >= p.since {
		p.all.Sent++
		p.all.Waiting++
	}
	if a.final = t.reach > 0 && a.hop == t.reach-1 && t.known; a.final {
		t.dest.Sent++
		t.dest.Waiting++
	}
}

// farther reports whether an answer to a probe is taken for one from where the
// destination is now. In the first round in which it comes, the silence may just
// have ended.
func (t *track) farther(a *asked) bool {
	return t.doubt && a.search && t.found > 0 && a.round > t.found
}

// void reports whether a probe does not count: it was not sent, was beyond the
// destination, or in search of one that is not so far away.
func (t *track) void(a *asked, e *probe.Event) bool {
	return e.Kind == probe.Unsent || e.Kind == probe.Timeout && a.search || t.beyond(a, e)
}

// settle counts what came of a probe; void: it does not count.
func (t *track) settle(a *asked, e *probe.Event, void bool) {
	p := &t.places[a.hop]
	a.at.settle(e, void)
	if a.round >= p.since {
		p.all.settle(e, void)
	}
	if e.Kind == probe.Timeout && !void && p.fork > 0 && a.round >= p.fork {
		p.lost++
	}
	if !a.final {
		return
	}
	switch answer := e.Kind != probe.Timeout && e.Kind != probe.Unsent; {
	case answer && final(e) && !e.Reached: // somebody refused it: it is lost
		t.dest.Waiting--
	default: // where one on the way answers, the destination was not asked
		t.dest.settle(e, e.Kind == probe.Unsent || answer && !final(e))
	}
}

func (s *Stats) settle(e *probe.Event, void bool) {
	s.Waiting--
	switch {
	case void:
		s.Sent--
	case e.Kind != probe.Timeout:
		s.Add(e.RTT)
	}
}

// learn takes note of who is at a place. It reports whether that is another than
// before, and tells so when he has not answered there for some time, unless hosts
// take turns.
func (m *Monitor) learn(a *asked, e *probe.Event) (other bool) {
	t := &m.flows[a.flow]
	p := &t.places[a.hop]
	if a.round < p.round || a.round < p.since {
		return false // somebody has answered a later probe
	}
	p.round = a.round
	from, was, fresh := e.From, t.last[a.hop], false
	t.last[a.hop] = from
	other = was != from && (was.IsValid() || p.now.gone)
	switch to := p.host(from); {
	case to == p.now:
		if a.round >= p.fork {
			p.fork, p.lost = 0, 0
		}
	case !p.now.addr.IsValid() && !p.now.gone:
		m.hand(a, a.hop, to, 0)
	default:
		fresh = to.round == 0 || a.round-to.round > flapping*len(m.flows)
		m.hand(a, a.hop, to, a.round)
		if soon := p.handed > 0 && a.round-p.handed <= flapping*len(m.flows); soon {
			p.shared = true
			p.turns++
		} else {
			p.turns = 0
		}
		p.handed = a.round
		if fresh && !p.shared {
			t.suspect(a.round)
		}
	}
	p.now.round = a.round
	if other && fresh && p.turns < mostTurns {
		m.tell(Event{Kind: Changed, Time: e.Time, Round: a.round, Flow: a.flow, TTL: m.hops[a.hop].TTL, Was: was, Is: from})
	}
	return other
}

// suspect is when the way has changed: who does not answer from this round on may
// be on it no more.
func (t *track) suspect(round int) {
	for i := range t.places {
		if p := &t.places[i]; p.fork == 0 && p.round < round && p.now.addr.IsValid() {
			p.fork, p.lost = round, 0
		}
	}
}

// patience is how many rounds a destination may keep silent until it is looked
// for farther away.
const patience = 3

// host returns the tally of a host, or of nobody, a new one where it has none.
func (p *place) host(from netip.Addr) *tally {
	if p.now.addr == from {
		return p.now
	}
	if i := slices.IndexFunc(p.past, func(x *tally) bool { return x.addr == from }); i >= 0 {
		return p.past[i]
	}
	return &tally{addr: from}
}

// hand hands a place over to another host: what was asked there in this round
// and later was asked of it; the probe a is one of those. What nobody has
// answered yet is all its own.
func (m *Monitor) hand(a *asked, place int, to *tally, round int) {
	p := &m.flows[a.flow].places[place]
	old := p.now
	p.past = slices.DeleteFunc(p.past, func(x *tally) bool { return x == to })
	if old.addr.IsValid() || old.gone {
		if len(p.past) == MaxHosts {
			p.past = slices.Delete(p.past, 0, 1)
		}
		p.past = append(p.past, old)
	} else {
		p.lost = old.Lost()
	}
	p.now = to
	old.Sent -= p.lost
	to.Sent += p.lost
	move := func(x *asked) {
		if x.flow == a.flow && x.hop == place && x.at == old && x.round >= round {
			old.Sent, old.Waiting = old.Sent-1, old.Waiting-1
			to.Sent, to.Waiting = to.Sent+1, to.Waiting+1
			x.at = to
		}
	}
	move(a)
	for _, x := range m.flying {
		move(x)
	}
	p.fork, p.lost = 0, 0
}

// arrive takes note that the way ends at a place, with the destination or with
// one who refuses to go on. What is farther away belongs to another way.
func (m *Monitor) arrive(a *asked, e *probe.Event, end int) {
	t := &m.flows[a.flow]
	if t.first && a.round == t.since && end < t.reach { // a farther probe was answered first
		t.known, t.dest = false, Stats{}
		for _, x := range m.flying {
			x.final = x.final && x.flow != a.flow
		}
	}
	if end > t.reach && t.there {
		t.suspect(a.round)
	}
	if !e.Reached && end < len(t.last) && t.last[end].IsValid() {
		m.tell(Event{Kind: Changed, Time: e.Time, Round: a.round, Flow: a.flow, TTL: m.hops[end].TTL, Was: t.last[end]})
	}
	if t.known && !(t.first && a.round == t.since) {
		t.move(a.round, e.Time)
	}
	t.reach, t.heard, t.since, t.there, t.first = end, min(t.heard, end), a.round, e.Reached, false
	switch {
	case !e.Reached:
	case !t.known:
		t.known, t.first, t.dest, a.final = true, true, Stats{}, true
		now := t.places[a.hop].now
		mine := now.addr == e.From // and not one who has answered a later probe
		if mine {
			t.dest = now.Stats
			for _, x := range m.flying {
				x.final = x.flow == a.flow && x.at == now || x.final
			}
		}
		if !mine || a.at != now {
			t.dest.Sent, t.dest.Waiting = t.dest.Sent+1, t.dest.Waiting+1
		}
	case !a.final:
		t.dest.Sent, t.dest.Waiting, a.final = t.dest.Sent+1, t.dest.Waiting+1, true
		for _, x := range m.flying { // it is asked once in a round
			if x.final && x.flow == a.flow && x.round == a.round {
				t.dest.Sent, t.dest.Waiting, x.final = t.dest.Sent-1, t.dest.Waiting-1, false
			}
		}
	}
	m.renew(a, end)
}

// renew begins anew with the places from end on.
func (m *Monitor) renew(a *asked, end int) {
	t := &m.flows[a.flow]
	t.doubt, t.found = false, 0
	clear(t.last[end:])
	for i := end; i < len(t.places); i++ {
		p := &t.places[i]
		if p.now.addr.IsValid() || p.now.gone {
			m.hand(a, i, &tally{}, a.round)
		}
		*p = place{now: &tally{gone: i == end && !t.there && len(p.past) > 0}, past: p.past, since: m.round + 1}
	}
	m.forget()
}

// abandon gives up the hosts that were not heard of since the way has changed:
// nobody answers in their place.
func (m *Monitor) abandon(f int) {
	t := &m.flows[f]
	for i := range t.places {
		if p := &t.places[i]; p.fork > 0 && m.round-p.fork >= flapping*len(m.flows) && i != t.reach-1 {
			to := p.host(netip.Addr{})
			to.gone = true
			m.tell(Event{Kind: Changed, Time: m.now, Round: m.round, Flow: f, TTL: m.hops[i].TTL, Was: t.last[i]})
			m.hand(&asked{flow: f, hop: -1}, i, to, p.fork)
			t.last[i] = netip.Addr{}
			t.move(m.round, m.now)
		}
	}
}

// shown is what is known of a hop as it is now: of the destination all, wherever
// it was.
func (t *track) shown(i int) Stats {
	p := &t.places[i]
	switch {
	case i == t.reach-1 && t.there:
		return t.dest
	case p.shared:
		return p.all
	}
	return p.now.Stats
}
