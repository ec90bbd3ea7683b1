package mtu

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero WalkConfig stands for.
const (
	DefaultHops     = 30
	DefaultWalkPort = 44444 // of tracepath
)

// WalkConfig is a way to walk. Its zero value works, but for the addresses.
type WalkConfig struct {
	First    int // the number of its one target at the prober
	Src, Dst netip.Addr
	DstPort  uint16        // 0: 44444
	Hops     int           // at most; 0: 30
	Size     int           // octets of the first datagram with its IP header; 0: as much as the link takes
	Tries    int           // how often a hop is asked that says nothing; 0: 3
	Wait     time.Duration // for each; 0: a second
}

func (c *WalkConfig) check() error {
	if c.DstPort == 0 {
		c.DstPort = DefaultWalkPort
	}
	if c.Hops == 0 {
		c.Hops = DefaultHops
	}
	if c.Size == 0 {
		c.Size = ip.MaxLen
	}
	if c.Tries == 0 {
		c.Tries = DefaultTries
	}
	if c.Wait == 0 {
		c.Wait = DefaultTimeout
	}
	wrong := func(field, want string) error {
		return &wire.FieldError{Type: "mtu.WalkConfig", Field: field, Want: want}
	}
	switch {
	case c.First < 0:
		return wrong("First", "no less than 0")
	case !c.Dst.IsValid():
		return wrong("Dst", "an IPv4 or IPv6 address")
	case !c.Src.IsValid() || c.Src.Is4() != c.Dst.Is4():
		return wrong("Src", "an address of the same family as Dst")
	case c.Hops < 1 || c.Hops > 255:
		return wrong("Hops", "from 1 to 255")
	case c.Size < headers(c.Dst) || c.Size > ip.MaxLen:
		return wrong("Size", "from that of the headers to 65535 octets")
	case c.Tries < 1 || c.Tries > 10:
		return wrong("Tries", "from 1 to 10")
	case c.Wait < 0 || c.Wait > time.Minute:
		return wrong("Wait", "at most a minute")
	}
	return nil
}

// StepKind is what a [Step] tells.
type StepKind uint8

// The kinds.
const (
	Link     StepKind = iota // the link here takes no more
	Narrower                 // a router passes no more on
	Hop                      // who is there
	Quiet                    // nobody says anything
	Reached                  // the target, by the error that there is for it
	Replied                  // likewise, by an answer of somebody who listens
	Stopped                  // another error: it goes no further
)

// Step is something that was met on the way.
type Step struct {
	Kind  StepKind
	Hop   int           // how far away, the first router being 1
	From  netip.Addr    // who says so
	RTT   time.Duration // of the probe that it is about
	MTU   int           // octets, of a link and of what is narrower
	Back  int           // how many hops the answer has come, if systems begin with 64, 128 or 255
	Claim probe.Claim   // the error
}

// A Walk asks hop by hop with the largest UDP datagram that has passed so far,
// which must not be cut: one probe is under way at a time. It implements
// [probe.Strategy]. Make one with [NewWalk].
type Walk struct {
	prober *probe.Prober
	cfg    WalkConfig
	asked  []asked      // by their tags
	told   []netip.Addr // who has been told of, by their hops; the zero Addr: nobody
	steps  []Step
	read   int

	hop   int
	size  int
	tries int  // that this hop has said nothing to
	ready bool // the next is to be sent
	done  bool
	err   error
}

// asked is a probe that was handed over.
type asked struct{ hop, size int }

var _ probe.Strategy = (*Walk)(nil)

// NewWalk makes the strategy. The error is a [*wire.FieldError] that names the
// field of c.
func NewWalk(p *probe.Prober, c WalkConfig) (*Walk, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Walk{prober: p, cfg: c, told: make([]netip.Addr, c.Hops+1), hop: 1, size: c.Size, ready: true}, nil
}

// Tick implements [probe.Strategy].
func (w *Walk) Tick(now time.Time) {
	for w.ready && !w.done {
		w.ready = false
		q := probe.Probe{
			Target: w.cfg.First, Kind: probe.UDP, Src: w.cfg.Src, Dst: w.cfg.Dst, TTL: ip.TTL(w.hop), Discover: true,
			Size: w.size - headers(w.cfg.Dst), SrcPort: w.prober.Port(w.cfg.First), DstPort: w.cfg.DstPort,
			Tag: uint64(len(w.asked)), Timeout: w.cfg.Wait,
		}
		w.asked = append(w.asked, asked{w.hop, w.size})
		if _, err := w.prober.Send(now, &q); err != nil {
			w.unsent(err)
		}
	}
}

// Deadline implements [probe.Strategy].
func (w *Walk) Deadline() time.Time {
	if w.ready && !w.done {
		return past
	}
	return time.Time{}
}

// Done implements [probe.Strategy].
func (w *Walk) Done() bool { return w.done }

// Err returns why a probe could not be sent, when that has ended the walk.
func (w *Walk) Err() error { return w.err }

// MTU returns how many octets the datagrams have that are sent: at the end, those
// that have passed as far as it went.
func (w *Walk) MTU() int { return w.size }

// Next returns the oldest step that was not read yet.
func (w *Walk) Next() (Step, bool) {
	if w.read == len(w.steps) {
		w.steps, w.read = w.steps[:0], 0
		return Step{}, false
	}
	w.read++
	return w.steps[w.read-1], true
}

// unsent goes on when a datagram has not left: with a smaller one, when it was too
// big.
func (w *Walk) unsent(err error) {
	var limit interface{ TooBig() int }
	if !errors.As(err, &limit) {
		w.err, w.done = err, true
		return
	}
	w.narrower(Step{Kind: Link, Hop: w.hop, MTU: limit.TooBig()})
}

// narrower goes on with datagrams that are smaller: as much as is said, or if that
// cannot be, as the next link that there is.
func (w *Walk) narrower(s Step) {
	if least := least(w.cfg.Dst); s.MTU >= w.size || s.MTU < least {
		s.MTU = max(plateau(w.size), least)
	}
	if s.MTU >= w.size {
		s.Kind, s.MTU = Stopped, w.size
	}
	w.tell(s)
	w.size, w.tries, w.ready = s.MTU, 0, true
}

// tell puts out a step, and ends the walk with one that is the last.
func (w *Walk) tell(s Step) {
	w.steps = append(w.steps, s)
	if s.Kind >= Reached {
		w.done = true
	}
}

// on goes on to the next hop.
func (w *Walk) on() {
	w.hop++
	w.tries, w.ready = 0, true
	w.done = w.done || w.hop > w.cfg.Hops
}

// Hear implements [probe.Strategy].
func (w *Walk) Hear(_ time.Time, e *probe.Event) {
	if e.Tag >= uint64(len(w.asked)) || w.done {
		return
	}
	last := e.Tag == uint64(len(w.asked)-1)
	switch e.Kind {
	case probe.Timeout:
		if !last || w.ready {
			return
		}
		if w.tries++; w.tries < w.cfg.Tries {
			w.ready = true
			return
		}
		w.tell(Step{Kind: Quiet, Hop: w.hop})
		w.on()
	case probe.Unsent:
		if last {
			w.unsent(e.Err)
		}
	case probe.Reply, probe.Error, probe.Late:
		w.answered(e)
	}
}

// answered takes what is said of a probe. It may be late: then the hop of the
// probe has been left already, and is told of again only when it is somebody else.
func (w *Walk) answered(e *probe.Event) {
	a := w.asked[e.Tag]
	s := Step{Kind: Stopped, Hop: a.hop, From: e.From, RTT: e.RTT, Back: from(e.TTL), Claim: e.Claim}
	s.Claim.Ext = nil // it is lent
	switch o := outcome(e); {
	case o == Passed && !e.Claim.Present:
		s.Kind = Replied
	case o == Passed:
		s.Kind = Reached
	case o == Expired && e.Claim.Code == 0:
		s.Kind = Hop
	case o == TooBig && a.size > w.size:
		return // it was said of another that was as large
	case o == TooBig:
		s.Kind, s.MTU = Narrower, e.Claim.MTU
		w.narrower(s)
		return
	}
	if s.Kind == Hop {
		if w.told[a.hop] == s.From {
			return
		}
		w.told[a.hop] = s.From
	}
	w.tell(s)
	if s.Kind == Hop && a.hop == w.hop {
		w.on()
	}
}

// from returns how many hops an answer has come that arrives with a time to live,
// the last that there is being that of the one who answers; 0: that is not known.
func from(ttl ip.TTL) int {
	switch {
	case ttl == 0:
		return 0
	case ttl <= 64:
		return 65 - int(ttl)
	case ttl <= 128:
		return 129 - int(ttl)
	}
	return 256 - int(ttl)
}
