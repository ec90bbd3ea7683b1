package mtu

import (
	"net/netip"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// base is the stage that asks whether the target answers at all.
func (s *Strategy) base() {
	r := &s.result
	unsent := 0
	for i := range s.volley {
		switch x := &s.volley[i]; x.outcome {
		case Passed:
			s.rtt, s.lo = x.rtt, Least
			s.kind = x.kind
			r.Answered, r.Probe, r.BackHops = true, x.kind, behind(x.seen)
			s.ask(s.cfg.Max)
			return
		case Unsent:
			unsent++
			r.Err = x.err.Error()
		case Denied, Expired, TooBig:
			if !r.Refused.Present {
				r.Refused, r.RefusedFrom = x.claim, x.from
			}
		}
	}
	if unsent == len(s.volley) {
		s.end()
		return
	}
	r.Err = ""
	s.ask(s.cfg.Max)
}

// hurry keeps base from waiting for a second way to ask when there is one: the
// first in the order of the kinds is taken at once, any other once what comes
// before it has not been answered in time.
func (s *Strategy) hurry() bool {
	for i := range s.volley {
		if s.volley[i].outcome == Passed {
			if i == 0 {
				return true
			}
			for j := range s.volley {
				s.volley[j].most = s.volley[j].tries
			}
		}
	}
	return s.settled()
}

// behind returns how many hops an answer has come, when it began with one of the
// times to live that systems begin with; 0: that tells nothing.
func behind(ttl ip.TTL) int {
	for _, from := range [...]int{32, 64, 128, 255} {
		if int(ttl) <= from {
			if n := from - int(ttl) + 1; n <= mostHops {
				return n
			}
		}
	}
	return 0
}

// ask asks one size.
func (s *Strategy) ask(size int) {
	s.fire(shot{kind: s.kind, size: size})
	s.stage = (*Strategy).top
}

// top is the stage after the largest datagram.
func (s *Strategy) top() {
	x := &s.volley[0]
	switch x.outcome {
	case Passed:
		s.passed(x.size)
		s.search()
	case Unsent:
		s.fail(x)
		switch below := plateau(x.size); {
		case x.limit >= Least && x.limit < x.size:
			s.hi = x.limit + 1
			s.ask(x.limit)
		case below > Least:
			s.ask(below)
		case s.lo > 0:
			s.search()
		default:
			s.result.Err = x.err.Error()
			s.end()
		}
	default:
		s.answer(x)
	}
}

// passed takes note of a size that the target has answered.
func (s *Strategy) passed(size int) {
	s.lo = max(s.lo, size)
	s.result.Answered = true
	s.result.LinkMTU = max(s.result.LinkMTU, size)
}

// fail takes note of a size that does not pass.
func (s *Strategy) fail(x *shot) {
	if x.size < s.hi {
		s.hi, s.why, s.refuser = x.size, x.outcome, x.from
	}
	if x.outcome != Unsent {
		s.result.LinkMTU = max(s.result.LinkMTU, x.size)
	}
	if x.outcome == TooBig || x.outcome == Denied {
		s.refuse(x.size)
	}
}

// refuse takes note of a size that somebody has refused.
func (s *Strategy) refuse(size int) {
	if s.refused == 0 || size < s.refused {
		s.refused = size
	}
}

// answer goes on after a size that has not passed: by what the router says when
// that can be, and else by search.
func (s *Strategy) answer(x *shot) {
	s.fail(x)
	if x.outcome != TooBig && x.outcome != Denied {
		s.search()
		return
	}
	i := s.report(x)
	if i < 0 || s.result.Reductions[i].Fault != None {
		s.search()
		return
	}
	s.follow(i)
}

// report makes a reduction of what a router says, and returns its index; -1: the
// router has said something before.
func (s *Strategy) report(x *shot) int {
	all := s.result.Reductions
	for i := range all {
		if r := &all[i]; r.Router == x.from {
			if r.Fault == None && x.size <= r.Said {
				r.Fault, r.MTU = TooHigh, 0
			}
			return -1
		}
	}
	r := Reduction{Router: x.from, Before: x.size, Said: x.claim.MTU, Claim: x.claim}
	if q := x.claim.QuoteTTL; q > 0 && q <= x.ttl {
		r.Hop = int(x.ttl-q) + 1
	}
	switch {
	case x.outcome == Denied:
		r.Fault = Refused
	case r.Said == 0:
		r.Fault = Absent
	case r.Said >= x.size:
		r.Fault = NotLower
	case r.Said < least(s.cfg.Dst):
		r.Fault = BelowLeast
	case r.Said < s.lo:
		r.Fault = TooLow
	}
	s.result.Reductions = append(s.result.Reductions, r)
	return len(all)
}

// least is the least MTU of a link, in octets.
func least(dst netip.Addr) int {
	if dst.Is4() {
		return 68
	}
	return 1280
}

// follow tries what the router of a reduction says: that size, one octet more,
// and where the router is.
func (s *Strategy) follow(i int) {
	r := &s.result.Reductions[i]
	s.asked = i
	k := s.kind
	s.shots = append(s.shots[:0], shot{kind: k, size: r.Said})
	if r.Said+1 < r.Before {
		s.shots = append(s.shots, shot{kind: k, size: r.Said + 1, most: 1})
	}
	if r.Hop > 0 {
		s.shots = append(s.shots, shot{kind: k, size: r.Before, ttl: ip.TTL(r.Hop), most: 1})
	}
	s.fire(s.shots...)
	s.stage = (*Strategy).followed
}

// followed is the stage after that.
func (s *Strategy) followed() {
	r := &s.result.Reductions[s.asked]
	x := s.volley[0]
	for i := range s.volley[1:] {
		y := &s.volley[i+1]
		switch {
		case y.ttl != s.cfg.TTL && y.outcome == Expired:
			r.Sure = y.from == r.Router
		case y.ttl != s.cfg.TTL:
		case y.outcome == Passed:
			r.Fault = TooLow
			s.passed(y.size)
		case y.outcome == TooBig || x.outcome == Passed:
			s.hi, s.why = min(s.hi, y.size), TooBig
			s.refuse(y.size)
		}
	}
	if x.outcome != Passed {
		if x.outcome == TooBig && x.from != r.Router {
			r.MTU = x.size // it passed this router
		}
		s.answer(&x)
		return
	}
	s.passed(x.size)
	if r.Fault == None {
		r.MTU = x.size
		s.hi = min(s.hi, r.Said+1)
	}
	s.search()
}

// has reports whether a kind may be asked with.
func (s *Strategy) has(k probe.Kind) bool {
	for _, x := range s.cfg.Kinds {
		if x == k {
			return true
		}
	}
	return false
}
