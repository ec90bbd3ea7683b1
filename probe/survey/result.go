package survey

import (
	"iter"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Path is the way to a target.
type Path struct {
	Target  netip.Addr    `json:"target"`
	Reached bool          `json:"reached"`
	RTT     time.Duration `json:"rtt_ns,omitzero"`
	Hops    []Hop         `json:"hops"` // up to the target, which is not among them
	// Open says that the target is farther away than the hops go: than the longest way
	// that is asked about, or than routers answer.
	Open bool `json:"open,omitzero"`
	// Claim is what somebody says why it cannot be reached, without its extension;
	// By is who.
	Claim probe.Claim `json:"claim,omitzero"`
	By    netip.Addr  `json:"by,omitzero"`
}

// Hop is a router on a way.
type Hop struct {
	Addr netip.Addr `json:"addr,omitzero"` // the zero Addr: it does not answer
	// RTT is that of the answer that named it; 0 where it was taken over.
	RTT time.Duration `json:"rtt_ns,omitzero"`
	// Inferred says that it was not asked with a probe to this target, but with one
	// to another whose way this one is taken to share.
	Inferred bool `json:"inferred,omitzero"`
}

// Router is what was learnt of one who answers.
type Router struct {
	Addr     netip.Addr `json:"addr"`
	TTL      ip.TTL     `json:"ttl"` // the distance at which it was met first
	Asked    int        `json:"asked"`
	Answered int        `json:"answered"`
	Silent   int        `json:"silent"` // how often it was expected to answer and did not
	// Pace is the time from one question to the next that it answers, as far as it
	// was asked so often; 0: it has answered as often as it was asked.
	Pace time.Duration `json:"pace_ns,omitzero"`
}

// Paths returns the ways, in the order of the targets.
func (s *Survey) Paths() iter.Seq[Path] {
	return func(yield func(Path) bool) {
		for i := range s.dests {
			if !yield(s.path(i)) {
				return
			}
		}
	}
}

func (s *Survey) path(i int) Path {
	d := &s.dests[i]
	p := Path{Target: s.cfg.Targets[i], Reached: d.reached, RTT: d.rtt, Open: d.reached && d.dist == 0}
	if d.refusal != nil {
		p.Claim, p.By = d.refusal.claim, d.refusal.by
	}
	if n := d.last.hops(); n > 0 {
		p.Hops = make([]Hop, 0, n)
	}
	for n := d.last; n != nil; n = n.below {
		h := Hop{Addr: n.addr, Inferred: !n.askedBy(i) && !(n == d.last && d.asked)}
		if !h.Inferred {
			h.RTT = n.rtt
		}
		p.Hops = append(p.Hops, h)
	}
	slices.Reverse(p.Hops)
	return p
}

// Routers returns all that have answered, in the order in which they were met.
func (s *Survey) Routers() iter.Seq[Router] {
	return func(yield func(Router) bool) {
		for _, r := range s.order {
			x := r.Router
			if r.Silent > 0 {
				x.Pace = r.pace
			}
			if !yield(x) {
				return
			}
		}
	}
}
