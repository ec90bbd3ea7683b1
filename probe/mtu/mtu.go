package mtu

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
)

// Strategy finds one path MTU. Make one with [New].
type Strategy struct {
	prober *probe.Prober
	cfg    Config
	result Result

	stage  func(s *Strategy) // what to do when the volley is settled; nil: done
	round  uint64
	volley []shot
	events []Event
	read   int
	rtt    time.Duration

	lo      int // octets of the largest datagram that passed; 0: none did
	hi      int // … of the smallest that did not, or of more than may be tried
	why     Outcome
	refuser netip.Addr // who says so
	refused int        // octets of the smallest datagram that somebody has refused; 0: nobody has
	loudest int        // … and of the largest
	mute    []int      // octets of echoes that came to nothing, whatever their number
	kind    probe.Kind // that is asked with
	asked   int        // the reduction whose router is asked about
	way     []hop
	piece   int    // octets of the largest fragment of the smallest answer that came in fragments
	rounds  int    // that the way back was asked in
	forth   int    // probes that had left before
	shots   []shot // scratch
	sizes   []int
}

var _ probe.Strategy = (*Strategy)(nil)

// New makes the strategy. The error is a [*wire.FieldError] that names the field
// of c.
func New(p *probe.Prober, c Config) (*Strategy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Strategy{prober: p, cfg: c, hi: c.Max + 1, why: Unsent, kind: c.Kinds[0]}
	s.result = Result{Target: c.First, Src: c.Src, Dst: c.Dst, Probe: c.Kinds[0], Reductions: []Reduction{}}
	shots := make([]shot, len(c.Kinds))
	for i, k := range c.Kinds {
		shots[i] = shot{kind: k, size: Least}
	}
	s.fire(shots...)
	s.stage = (*Strategy).base
	return s, nil
}

// Tick implements [probe.Strategy].
func (s *Strategy) Tick(now time.Time) {
	s.superseded()
	s.send(now)
	for s.stage != nil && s.over() {
		s.stage(s)
		s.send(now)
	}
}

// past is a time that has passed.
var past = time.Unix(0, 1)

// Deadline implements [probe.Strategy]: all that is waited for is the prober's.
func (s *Strategy) Deadline() time.Time {
	if s.stage != nil && (s.short() || s.over()) {
		return past
	}
	return time.Time{}
}

// Done implements [probe.Strategy].
func (s *Strategy) Done() bool { return s.stage == nil }

// NextEvent returns the oldest event that was not read yet. There are no more of
// them than probes.
func (s *Strategy) NextEvent() (Event, bool) {
	if s.read == len(s.events) {
		s.events, s.read = s.events[:0], 0
		return Event{}, false
	}
	s.read++
	return s.events[s.read-1], true
}

// Result returns what is known so far, and all of it when the strategy is done.
// Its slices are the strategy's.
func (s *Strategy) Result() Result { return s.result }

// over reports whether the volley is.
func (s *Strategy) over() bool {
	if s.round == 1 {
		return s.hurry()
	}
	return s.settled()
}

// end is the end.
func (s *Strategy) end() {
	s.stage = nil
	s.volley = s.volley[:0]
	r := &s.result
	r.MTU = s.lo
	// Who limits how many errors it sends is silent, too: of UDP, that shows nothing.
	r.Exact = s.lo > 0 && s.hi == s.lo+1 && (s.kind != probe.UDP || s.why != Silent)
	s.wayBack()
	for i := range r.Reductions {
		switch x := &r.Reductions[i]; {
		case x.Fault != None:
		case s.lo == 0:
			r.MTU = x.Said
		case x.MTU == 0 && s.lo == x.Said:
			x.MTU = x.Said
		}
	}
	slices.SortStableFunc(r.Reductions, func(a, b Reduction) int { return b.Before - a.Before })
}
