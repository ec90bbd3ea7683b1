package survey

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// node is a hop of ways that come together here: what is below is the same for
// all of them.
type node struct {
	addr  netip.Addr
	below *node // one hop nearer; nil: this is the first
	rtt   time.Duration
	by    int // the target with which it was asked
}

func (n *node) askedBy(target int) bool { return n.by == target }

// hops returns how many there are up to a node; nil: none.
func (n *node) hops() (hops int) {
	for ; n != nil; n = n.below {
		hops++
	}
	return hops
}

// nodeKey is a router at a distance.
type nodeKey struct {
	ttl  ip.TTL
	addr netip.Addr
}

// walk is a way that is being asked about, hop by hop. Its hops are there for
// others as soon as they are found; what is below comes later.
type walk struct {
	target int
	last   *node // the hop before the target; of a walk forward, the last that has answered
	next   *node // the nearest hop found so far; of a walk forward, the farthest
	silent int   // the last hops that did not answer, of a walk forward
}

// maxSilent is how many hops of a way forward may keep silent until it ends.
const maxSilent = 3

// begin asks about each hop to the first target of a group.
func (s *Survey) begin(g *group, target int) {
	g.members = append(g.members, target)
	s.dests[target].group = g
	g.walk = walk{target: target}
	switch d := s.dests[target].dist; {
	case d == 1:
		s.end(g) // there is nobody between
	case d > 1:
		s.ready.put(ask{purpose: isBetween, target: target, ttl: d - 1})
	default:
		s.ready.put(ask{purpose: isBetween, target: target, ttl: 1})
	}
}

// between takes the answer to: who is at this hop?
func (s *Survey) between(a ask, e *probe.Event) {
	g := s.dests[a.target].group
	if s.dests[a.target].dist == 0 {
		s.forward(g, a, e)
		return
	}
	if e != nil && e.Reached && s.dests[a.target].nearer < s.cfg.MaxTTL {
		// It is nearer than was thought: the way back is longer than the way there.
		// So often, at most: it may be a liar.
		s.closer(g, a)
		return
	}
	n, known := s.node(a, e)
	w := &g.walk
	if w.next == nil {
		w.last = n
		s.dests[a.target].asked = e != nil
	} else {
		w.next.below = n
	}
	w.next = n
	if known || a.ttl == 1 {
		s.end(g)
		return
	}
	s.ready.put(ask{purpose: isBetween, target: a.target, ttl: a.ttl - 1})
}

// node returns the hop that an answer is of, and whether it was known before. One
// that does not answer is a hop of its own.
func (s *Survey) node(a ask, e *probe.Event) (n *node, known bool) {
	if e == nil || !e.Claim.Expired() {
		return &node{by: a.target}, false
	}
	k := nodeKey{a.ttl, e.From}
	if n, ok := s.nodes[k]; ok {
		return n, true
	}
	n = &node{addr: e.From, rtt: e.RTT, by: a.target}
	s.nodes[k] = n
	return n, false
}

// closer takes a whole group to be one hop nearer.
func (s *Survey) closer(g *group, a ask) {
	dist := s.dests[a.target].dist
	if s.groups[g.key] == g {
		delete(s.groups, g.key)
	}
	for _, m := range g.members {
		s.dests[m].nearer++
		s.ready.put(ask{purpose: isNear, target: m, ttl: dist - 1})
	}
}

// forward takes the answer about a hop of a way that does not reach its target.
func (s *Survey) forward(g *group, a ask, e *probe.Event) {
	w := &g.walk
	n, known := s.node(a, e)
	if !known {
		n.below = w.next
	}
	w.next = n
	w.silent++
	if n.addr.IsValid() {
		w.last, w.silent = n, 0
	}
	final := e != nil && !e.Claim.Expired()
	if !final && w.silent < maxSilent && a.ttl < s.cfg.MaxTTL {
		s.ready.put(ask{purpose: isBetween, target: a.target, ttl: a.ttl + 1})
		return
	}
	s.end(g)
}

// end gives a way to the members of its group.
func (s *Survey) end(g *group) {
	g.known = true
	s.settle(g.walk.target, g.walk.last)
	for _, m := range g.members {
		if m != g.walk.target {
			s.follow(g, m)
		}
	}
}

// settle gives a target its way.
func (s *Survey) settle(target int, last *node) {
	s.dests[target].last = last
	s.left--
}

// follow gives a target the way of its group. The first few are asked whether
// their last hop is the same, and the others wait for that.
func (s *Survey) follow(g *group, target int) {
	first := s.dests[g.walk.target].last
	switch {
	case g.divided:
		s.alone(target)
	case first == nil || !first.addr.IsValid() || s.dests[target].dist < 2:
		s.settle(target, first)
	case g.checks > 0:
		g.checks--
		g.checking++
		s.ready.put(ask{purpose: isSame, target: target, ttl: s.dests[target].dist - 1})
	case g.checking > 0:
		g.held = append(g.held, target)
	default:
		s.settle(target, first)
	}
}

// same takes the answer to: is the last hop the same as that of others?
func (s *Survey) same(a ask, e *probe.Event) {
	g := s.dests[a.target].group
	first := s.dests[g.walk.target].last
	g.checking--
	switch {
	case e == nil || !e.Claim.Expired():
		s.settle(a.target, first) // there is no telling
	case e.From == first.addr:
		s.dests[a.target].asked = true
		s.settle(a.target, first)
	default:
		g.divided = true
		s.alone(a.target)
	}
	if g.checking > 0 {
		return
	}
	held := g.held
	g.held = nil
	for _, m := range held {
		s.follow(g, m)
	}
}

// alone asks about each hop to a target whose network has several ways.
func (s *Survey) alone(target int) { s.begin(&group{}, target) }
