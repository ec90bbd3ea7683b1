package mtu

import (
	"net/netip"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// mostHops is how far away a target is at most.
const mostHops = 30

// hop is who answered to a small probe that expired there.
type hop struct {
	addr    netip.Addr
	reached bool
}

// locate looks for a black hole: first, with small probes, for who is on the way.
func (s *Strategy) locate() {
	n := mostHops
	if s.result.BackHops > 0 {
		n = min(n, s.result.BackHops+2)
	}
	s.shots = s.shots[:0]
	for ttl := 1; ttl <= n; ttl++ {
		s.shots = append(s.shots, shot{kind: s.kind, size: Least, ttl: ip.TTL(ttl), most: 2})
	}
	s.fire(s.shots...)
	s.stage = (*Strategy).walked
}

// walked is the stage after that: large probes go to everyone who has answered,
// once more and by UDP to the target, and one that may be cut on the way.
func (s *Strategy) walked() {
	size := s.result.Hole.Size
	s.way = s.way[:0]
	s.shots = s.shots[:0]
	for i := range s.volley {
		x := &s.volley[i]
		h := hop{addr: x.from, reached: x.outcome == Passed}
		if x.outcome != Expired && !h.reached {
			h.addr = netip.Addr{}
		}
		s.way = append(s.way, h)
		if h.reached {
			s.result.Hops = i + 1
			break
		}
		if h.addr.IsValid() {
			s.shots = append(s.shots, shot{kind: s.kind, size: size, ttl: x.ttl})
		}
	}
	s.shots = append(s.shots, shot{kind: s.kind, size: size, again: true})
	either := s.kind == probe.Echo && s.result.Hole.Way == Unknown
	if either && s.cfg.Dst.Is4() {
		s.shots = append(s.shots, shot{kind: probe.Echo, size: size, cut: true})
	}
	if either && s.has(probe.UDP) {
		s.shots = append(s.shots, shot{kind: probe.UDP, size: Least}, shot{kind: probe.UDP, size: size})
	}
	s.fire(s.shots...)
	s.stage = (*Strategy).located
}

// located is the last stage of it.
func (s *Strategy) located() {
	h := s.result.Hole
	hidden := h.Size > s.hi
	small := false // UDP is answered
	for i := range s.volley {
		x := &s.volley[i]
		switch {
		case x.again && x.outcome == Passed:
			s.none(x.size) // what went before was lost
			return
		case x.again && (x.outcome == TooBig || x.outcome == Denied):
			s.result.Hole = nil // somebody says so, after all
			again := *x
			if hidden {
				s.report(&again)
				s.back()
				return
			}
			s.hi, s.why, s.refuser = x.size, x.outcome, x.from
			s.answer(&again)
			return
		case x.again:
		case x.cut && x.outcome == Passed && s.result.Back.MTU >= x.size && h.Way == Unknown:
			h.Way = There // an answer as large has come in one piece
		case x.cut:
		case x.kind != s.kind && x.size == Least:
			small = x.outcome == Passed
		case x.kind != s.kind && small:
			h.Way = There
			if x.outcome == Passed {
				h.Way = Back
			}
		case x.outcome == Expired:
			h.After, h.AfterAddr = int(x.ttl), x.from
		case x.outcome == Silent && h.Way == Unknown:
			h.Way = There
		}
	}
	switch {
	case h.Way == Back && s.result.Back.MTU >= h.Size:
		s.none(h.Size) // as large an answer has come in one piece
		return
	case h.Way == Back:
		h.After, h.AfterAddr = 0, netip.Addr{}
		s.thereByUDP()
		return
	}
	for i, y := range s.way {
		if i+1 > h.After && y.addr.IsValid() {
			h.Before, h.BeforeAddr = i+1, y.addr
			break
		}
	}
	if s.cfg.Dst.Is6() && !hidden { // what is larger is cut nowhere, and lost
		s.end()
		return
	}
	s.back()
}

// none goes on when there is no hole: what is that large has passed.
func (s *Strategy) none(size int) {
	s.result.Hole = nil
	s.passed(size)
	s.upwards()
	s.search()
}
