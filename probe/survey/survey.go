package survey

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Survey finds the ways to many addresses. It is a [probe.Strategy]. Make one
// with [New].
type Survey struct {
	p   *probe.Prober
	cfg Config

	dests  []dest
	groups map[groupKey]*group
	left   int // targets whose way is not known yet

	ready  line // to be sent as soon as there is room
	later  asks // to be sent at a time, the first of them first
	next   int  // the next target that was not asked yet
	flying map[probe.Handle]ask

	nodes   map[nodeKey]*node
	routers map[netip.Addr]*router
	order   []*router
	at      [256]netip.Addr // who was met last at a distance
	strange [256]int        // questions under way to a distance at which nobody was met yet
	held    [256][]ask      // … that wait for what comes of those
}

// dest is a target.
type dest struct {
	last    *node // the last hop before it
	rtt     time.Duration
	refusal *refusal // nil: nobody says why it cannot be reached
	group   *group
	dist    ip.TTL
	reached bool
	asked   bool   // its last hop was asked with a probe to it
	nearer  ip.TTL // how often it was taken to be one hop nearer
}

// refusal is who says why a target cannot be reached.
type refusal struct {
	claim probe.Claim
	by    netip.Addr
}

// groupKey is of targets that are taken to have one way.
type groupKey struct {
	network netip.Prefix
	dist    ip.TTL
}

// group is targets of one network at one distance.
type group struct {
	key      groupKey
	members  []int
	walk     walk
	known    bool  // its way is
	checks   int   // members that are still to be asked about their last hop
	checking int   // … that are being asked
	held     []int // … that wait for what comes of it
	divided  bool  // not all have the same last hop
}

// far is the time to live by which every target is reached that can be.
const far = DefaultFar

// New makes a survey. The error is a [*wire.FieldError] that says which field of
// the configuration, or of a probe to one of the targets, is wrong.
func New(p *probe.Prober, c Config) (*Survey, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	return &Survey{
		p: p, cfg: c, dests: make([]dest, len(c.Targets)), left: len(c.Targets),
		groups: map[groupKey]*group{}, flying: map[probe.Handle]ask{},
		nodes: map[nodeKey]*node{}, routers: map[netip.Addr]*router{},
	}, nil
}

// Done implements [probe.Strategy].
func (s *Survey) Done() bool {
	return s.left == 0 && len(s.flying) == 0 && s.ready.size() == 0 && len(s.later) == 0
}

// Left returns how many ways are not known yet.
func (s *Survey) Left() int { return s.left }

// Deadline implements [probe.Strategy].
func (s *Survey) Deadline() (first time.Time) {
	if len(s.flying) >= s.cfg.Parallel {
		return time.Time{}
	}
	if s.ready.size() > 0 || s.next < len(s.dests) {
		return time.Unix(0, 0)
	}
	if len(s.later) > 0 {
		first = s.later[0].at
	}
	return first
}

// Tick implements [probe.Strategy].
func (s *Survey) Tick(now time.Time) {
	for len(s.later) > 0 && !s.later[0].at.After(now) {
		s.ready.put(s.later.pop())
	}
	for len(s.flying) < s.cfg.Parallel {
		switch {
		case s.ready.size() > 0:
			s.send(now, s.ready.take())
		case s.next < len(s.dests):
			s.next++
			s.send(now, ask{purpose: isThere, target: s.next - 1, ttl: far})
		default:
			return
		}
	}
}

// send sends a probe, unless a router is expected to answer that has to be given
// time.
func (s *Survey) send(now time.Time, a ask) {
	if a.purpose == isBetween || a.purpose == isSame {
		a.router = s.routers[s.at[a.ttl]]
		switch {
		case a.router == nil && s.strange[a.ttl] >= freeAsks:
			s.held[a.ttl] = append(s.held[a.ttl], a)
			return
		case a.router == nil:
			s.strange[a.ttl]++
		default:
			if at, ok := a.router.may(now); !ok {
				a.at = at
				s.later.push(a)
				return
			}
		}
	}
	q := s.cfg.question(a.target, a.ttl)
	if a.sent = now; a.router != nil {
		q.Timeout = a.router.wait(s.cfg.Wait)
	}
	h, err := s.p.Send(now, &q)
	if err != nil {
		s.answer(now, a, nil)
		return
	}
	s.flying[h] = a
}

// Hear implements [probe.Strategy].
func (s *Survey) Hear(now time.Time, e *probe.Event) {
	a, ok := s.flying[e.Handle]
	if !ok {
		return
	}
	switch e.Kind {
	case probe.Reply, probe.Error:
		delete(s.flying, e.Handle)
		s.answer(now, a, e)
	case probe.Timeout, probe.Unsent:
		delete(s.flying, e.Handle)
		s.answer(now, a, nil)
	}
}

// patience is how often a router that has answered before is asked again.
const patience = 6

// answer takes what came of a probe; nil: nothing.
func (s *Survey) answer(now time.Time, a ask, e *probe.Event) {
	if a.router == nil && (a.purpose == isBetween || a.purpose == isSame) {
		s.strange[a.ttl]--
		s.ready.put(s.held[a.ttl]...)
		s.held[a.ttl] = nil
	}
	if e == nil {
		most := s.cfg.Tries
		if a.router != nil {
			a.router.silent(now, a.sent)
			most = patience
		}
		if a.tries++; a.tries < most {
			s.ready.put(a)
			return
		}
	} else if e.Claim.Expired() {
		s.met(a, e)
	}
	switch a.purpose {
	case isThere:
		s.there(a, e)
	case isNear:
		s.near(a, e)
	case isBetween:
		s.between(a, e)
	case isSame:
		s.same(a, e)
	}
}

// there takes the answer to: is the target there?
func (s *Survey) there(a ask, e *probe.Event) {
	d := &s.dests[a.target]
	if e != nil && e.Reached && e.Kind == probe.Reply {
		d.reached, d.rtt = true, e.RTT
		d.dist = min(distance(e.TTL), s.cfg.MaxTTL)
		s.ready.put(ask{purpose: isNear, target: a.target, ttl: d.dist})
		return
	}
	if e != nil {
		d.refusal = &refusal{e.Claim, e.From}
		d.refusal.claim.Ext = nil
	}
	s.join(a.target, 0)
}

// distance returns how far somebody is, by what is left of a time to live that
// began as one of those that are in use.
func distance(left ip.TTL) ip.TTL {
	for _, begin := range []ip.TTL{32, 64, 128, 255} {
		if left <= begin {
			return begin - left + 1
		}
	}
	return 1
}

// near takes the answer to: does this time to live suffice?
func (s *Survey) near(a ask, e *probe.Event) {
	d := &s.dests[a.target]
	switch {
	case e != nil && e.Reached && e.Kind == probe.Reply:
		s.join(a.target, a.ttl)
	case a.ttl < s.cfg.MaxTTL && (e == nil || e.Claim.Expired()) && a.ttl < d.dist+slack:
		// The way back is shorter than the way there.
		s.ready.put(ask{purpose: isNear, target: a.target, ttl: a.ttl + 1})
	default:
		s.join(a.target, 0)
	}
}

// slack is by how many hops the way there may be longer than the way back.
const slack = 16

// met notes who has answered at a distance.
func (s *Survey) met(a ask, e *probe.Event) {
	r := s.routers[e.From]
	if r == nil {
		r = &router{Router: Router{Addr: e.From, TTL: a.ttl}, pace: firstPace, free: freeAsks}
		s.routers[e.From] = r
		s.order = append(s.order, r)
	}
	if a.router != nil && a.router != r {
		a.router.notAsked()
	}
	r.answered(a.sent, e.RTT, r == a.router)
	s.at[a.ttl] = e.From
}

// join adds a target to its group, the first of which is asked about every hop.
// A distance of 0 is that of a target that cannot be reached: its hops are asked
// forward.
func (s *Survey) join(target int, dist ip.TTL) {
	s.dests[target].dist = dist
	k := groupKey{s.cfg.network(s.cfg.Targets[target]), dist}
	g := s.groups[k]
	if g == nil {
		g = &group{key: k, checks: s.cfg.Check}
		s.groups[k] = g
		s.begin(g, target)
		return
	}
	g.members = append(g.members, target)
	s.dests[target].group = g
	if g.known {
		s.follow(g, target)
	}
}
