package mtu

import (
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// The way back is asked at most so often for what it takes, with at most [width]
// sizes at once. Where the far end has to learn it first (RFC 1191 §3, RFC 8201
// §4), the first answers that are too large are lost: so a size is sent twice at
// least.
const (
	mostRounds = 4
	leastTries = 2
)

// came takes note of how an answer came that is as large as what it answers.
//
// Reading: a fragment that came shows that a datagram of its size does. It is no
// proof that none that is larger does: whoever cuts may cut smaller than there is
// need. So sizes above it are asked.
func (s *Strategy) came(e *probe.Event) {
	b := &s.result.Back
	switch n := s.header() + e.Size; {
	case e.Largest >= n:
		b.MTU = max(b.MTU, n)
	case e.Largest > 0:
		b.MTU = max(b.MTU, e.Largest)
		if b.Cut == 0 || n < b.Cut {
			b.Cut, s.piece = n, e.Largest
		}
	}
}

// header is how many octets of a datagram are its IP header.
func (s *Strategy) header() int {
	if s.cfg.Dst.Is4() {
		return ip.MinHeaderLen4
	}
	return ip.HeaderLen6
}

// back asks what the way back takes, as far as the answers to what was asked
// already have not shown it. What is larger than what passes in one piece on the
// way there may be cut on it: the target puts it together and answers with as
// much.
func (s *Strategy) back() {
	if s.rounds == 0 {
		s.forth = s.result.Probes
	}
	sizes := s.beyond()
	if len(sizes) == 0 || s.rounds == mostRounds || s.result.Cut {
		s.end()
		return
	}
	s.rounds++
	s.shots = s.shots[:0]
	for _, size := range sizes {
		s.shots = append(s.shots, shot{kind: probe.Echo, size: size, most: max(s.cfg.Tries, leastTries), cut: size > s.lo})
	}
	s.fire(s.shots...)
	s.stage = (*Strategy).backed
}

// beyond returns the sizes to ask next: none when nothing is known of the way
// back, or nothing more is to be had, because it is narrower by an octet than what
// comes in pieces, or takes as much as the link here.
//
// Where nothing has come in pieces yet, it is the next octet and the largest: on a
// path that is the same both ways, the former comes in pieces, on one that is
// wider on the way back, the latter comes whole. A largest fragment is at most 7
// octets smaller than what the way takes (RFC 791 §3.2, RFC 8200 §4.5). Below what
// is not answered, sizes are searched for.
func (s *Strategy) beyond() []int {
	const unit = 8
	b := &s.result.Back
	hi := s.result.LinkMTU + 1
	if b.Cut > 0 {
		hi = b.Cut
	}
	silent := b.Silent > 0 && b.Silent < hi
	if silent {
		hi = b.Silent
	}
	s.sizes = s.sizes[:0]
	switch {
	case b.MTU == 0 || s.kind != probe.Echo || b.MTU+1 >= hi:
	case silent:
		s.sizes = candidates(s.sizes, b.MTU, hi)
	case b.Cut == 0 && b.MTU+1 == hi-1:
		s.sizes = append(s.sizes, hi-1)
	case b.Cut == 0:
		s.sizes = append(s.sizes, b.MTU+1, hi-1)
	case b.MTU < s.piece+unit:
		for size := b.MTU + 1; size < hi && size <= s.piece+unit; size++ {
			s.sizes = append(s.sizes, size)
		}
	default:
		s.sizes = candidates(s.sizes, b.MTU, hi)
	}
	return s.sizes
}

// backed is the stage after that.
func (s *Strategy) backed() {
	b := &s.result.Back
	some := false
	for i := range s.volley {
		x := &s.volley[i]
		switch {
		case x.outcome == Passed:
			some = true
		case b.Silent == 0 || x.size < b.Silent:
			b.Silent = x.size
		}
	}
	if b.Silent <= b.MTU {
		b.Silent = 0 // what is larger has come: it was lost
	}
	if !some {
		s.end()
		return
	}
	s.back()
}

// thereByUDP goes on when it is the answers to large echoes that are missing: what
// the way there takes is asked by datagrams whose answers are small.
func (s *Strategy) thereByUDP() {
	h := s.result.Hole
	s.result.Back.Silent = h.Size
	s.kind = probe.UDP
	s.lo = h.Size
	s.upwards()
	if s.hi-s.lo <= 1 {
		s.end()
		return
	}
	s.ask(s.hi - 1)
}

// upwards has sizes be searched for up to the smallest that somebody has refused, or
// else what the link here takes.
func (s *Strategy) upwards() {
	if s.hi, s.why = s.refused, Unsent; s.hi == 0 {
		s.hi = s.result.LinkMTU + 1
	}
}

// wayBack is what is known of the way back at the end.
func (s *Strategy) wayBack() {
	b := &s.result.Back
	if s.rounds > 0 {
		b.Probes = s.result.Probes - s.forth
	}
	if b.Cut > 0 && b.Silent >= b.Cut {
		b.Silent = 0 // likewise, in fragments
	}
	h := s.result.Hole
	b.Exact = b.MTU > 0 && (b.Cut == b.MTU+1 || h != nil && h.Way == Back && b.Silent == b.MTU+1)
}
