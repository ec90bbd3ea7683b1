package clock

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/probe/stats"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// What a zero Config stands for.
const (
	DefaultCount = 8
	// DefaultInterval is no whole number of milliseconds, so that the stamps are
	// cut at other places of theirs each time.
	DefaultInterval = 100130 * time.Microsecond
	DefaultTimeout  = time.Second
)

// mostCount bounds what is kept.
const mostCount = 1 << 16

// Config is whose clock to compare, and how often. Its zero value works, but for
// the addresses.
type Config struct {
	First    int           // the number of its one target at the prober
	Src, Dst netip.Addr    // IPv4: IPv6 has no timestamps
	By       Way           // 0: ICMP timestamps
	Count    int           // requests; 0: 8
	Interval time.Duration // between them; 0: 100.13 ms
	Timeout  time.Duration // 0: a second
	TTL      ip.TTL        // 0: as the system has it
	TOS      uint8
}

func (c *Config) check() error {
	if c.Count == 0 {
		c.Count = DefaultCount
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	wrong := func(field, want string) error {
		return &wire.FieldError{Type: "clock.Config", Field: field, Want: want}
	}
	switch {
	case c.First < 0:
		return wrong("First", "no less than 0")
	case !c.Src.Is4():
		return wrong("Src", "an IPv4 address")
	case !c.Dst.Is4():
		return wrong("Dst", "an IPv4 address")
	case c.By >= numWays:
		return wrong("By", "one of the four ways")
	case c.Count < 1 || c.Count > mostCount:
		return wrong("Count", "from 1 to 65536")
	case c.Interval < time.Millisecond || c.Interval > time.Hour:
		return wrong("Interval", "from a millisecond to an hour")
	case c.Timeout < 0 || c.Timeout > time.Minute:
		return wrong("Timeout", "at most a minute")
	}
	return nil
}

// Sample is what one request came to. Without a From, nobody answered.
type Sample struct {
	Time      time.Time       `json:"time"` // of sending
	Seq       uint16          `json:"seq"`
	From      netip.Addr      `json:"from,omitzero"`
	RTT       time.Duration   `json:"rtt_ns,omitzero"`
	Originate icmp4.Timestamp `json:"originate,omitzero"`
	Receive   icmp4.Timestamp `json:"receive,omitzero"`
	Transmit  icmp4.Timestamp `json:"transmit,omitzero"`
	Form      offset.Form     `json:"form"`
	Known     bool            `json:"known"` // Ahead and Within are
	Ahead     time.Duration   `json:"ahead_ns,omitzero"`
	Within    time.Duration   `json:"within_ns,omitzero"`
	Claim     probe.Claim     `json:"claim,omitzero"` // an error in place of a reply

	// Fill is what became of the option, where one was sent and something came
	// back. Receive and Transmit are from it, Originate is what was sent in it.
	Fill     Fill  `json:"option,omitzero"`
	Overflow uint8 `json:"overflow,omitzero"` // how many found no room in it
	Hops     []Hop `json:"hops,omitempty"`    // who else has stamped, in their order
}

// LogValue implements [slog.LogValuer].
func (s Sample) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("seq", int(s.Seq)), slog.String("from", s.From.String()), slog.Duration("rtt", s.RTT),
		slog.String("form", s.Form.String()), slog.Duration("ahead", s.Ahead), slog.Duration("within", s.Within))
}

// Result is what all of them came to.
type Result struct {
	Target   int        `json:"target"`
	Src      netip.Addr `json:"src"`
	Dst      netip.Addr `json:"dst"`
	By       Way        `json:"by"`
	Sent     int        `json:"sent"`
	Received int        `json:"received"`
	Errors   int        `json:"errors"`
	// Claim is what the last error said, and From who said so.
	Claim probe.Claim   `json:"claim,omitzero"`
	From  netip.Addr    `json:"from,omitzero"`
	Form  offset.Form   `json:"form"` // of those that are read; when they say nothing, of the last that could not be
	Min   time.Duration `json:"rtt_min_ns,omitzero"`
	Avg   time.Duration `json:"rtt_avg_ns,omitzero"`
	Max   time.Duration `json:"rtt_max_ns,omitzero"`

	Known  bool          `json:"known"` // Ahead and Within are
	Read   int           `json:"read"`  // replies that they rest on: those with stamps of that form
	Ahead  time.Duration `json:"ahead_ns"`
	Within time.Duration `json:"within_ns"`
	// Agreed says that the bounds of all samples overlap.
	Agreed bool `json:"agreed"`

	// Drift is what the clock gains, in parts of a million, when that can be told:
	// when it is more than its uncertainty, DriftWithin, and no offset fits all samples.
	Drift       float64 `json:"drift_ppm"`
	DriftWithin float64 `json:"drift_within_ppm"`
	DriftKnown  bool    `json:"drift_known"`

	// Stamped is how many replies had the target's stamp in their option, and Fill
	// what became of the last one; zero by ICMP timestamps.
	Stamped int  `json:"stamped,omitzero"`
	Fill    Fill `json:"option,omitzero"`
	// Hops are the others who have stamped by [EveryHop], as they came first, and
	// Path is how many of them the last stamped reply shows; nil: none came.
	Hops []Hop `json:"hops,omitempty"`
	Path *Path `json:"path,omitempty"`

	Err string `json:"error,omitzero"` // why nothing could be sent
}

// LogValue implements [slog.LogValuer].
func (r Result) LogValue() slog.Value {
	return slog.GroupValue(slog.String("dst", r.Dst.String()), slog.Int("sent", r.Sent), slog.Int("received", r.Received),
		slog.String("form", r.Form.String()), slog.Bool("known", r.Known), slog.Duration("ahead", r.Ahead), slog.Duration("within", r.Within))
}

// Strategy compares one clock. Make one with [New].
type Strategy struct {
	prober  *probe.Prober
	cfg     Config
	result  Result
	next    time.Time // when the next request is due
	asked   []request
	waiting int
	rtt     stats.RTT
	samples []Sample
	read    int

	readings readings
	hops     []hop
	path     Path
}

// request is what is kept of one.
type request struct {
	waits bool         // it is waited for
	stamp option.Stamp // ours in its option
}

var _ probe.Strategy = (*Strategy)(nil)

// New makes the strategy. The error is a [*wire.FieldError] that names the field
// of c.
func New(p *probe.Prober, c Config) (*Strategy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Strategy{prober: p, cfg: c, result: Result{Target: c.First, Src: c.Src, Dst: c.Dst, By: c.By}, next: time.Unix(0, 1)}, nil
}

// Tick implements [probe.Strategy].
func (s *Strategy) Tick(now time.Time) {
	for s.result.Sent < s.cfg.Count && !now.Before(s.next) {
		tag := uint64(s.result.Sent)
		s.result.Sent++
		s.waiting++
		q := probe.Probe{
			Target: s.cfg.First, Kind: probe.Timestamp, Src: s.cfg.Src, Dst: s.cfg.Dst, TTL: s.cfg.TTL, TOS: s.cfg.TOS,
			Timeout: s.cfg.Timeout, Tag: tag,
		}
		r := request{waits: true}
		if s.cfg.By != Messages {
			r.stamp = option.StampOf(now)
			q.Kind, q.Size, q.Options = probe.Echo, dataLen, s.cfg.options(r.stamp)
		}
		s.asked = append(s.asked, r)
		_, err := s.prober.Send(now, &q)
		if err != nil {
			s.over(tag)
			s.result.Err = err.Error()
		}
		if s.next = s.next.Add(s.cfg.Interval); s.next.Before(now) {
			s.next = now.Add(s.cfg.Interval) // the first, or one that was late
		}
	}
}

// over takes note that a request is no longer waited for.
func (s *Strategy) over(tag uint64) {
	if r := &s.asked[tag]; r.waits {
		r.waits = false
		s.waiting--
	}
}

// Deadline implements [probe.Strategy].
func (s *Strategy) Deadline() time.Time {
	if s.result.Sent < s.cfg.Count {
		return s.next
	}
	return time.Time{}
}

// Done implements [probe.Strategy].
func (s *Strategy) Done() bool { return s.result.Sent == s.cfg.Count && s.waiting == 0 }

// Hear implements [probe.Strategy].
func (s *Strategy) Hear(_ time.Time, e *probe.Event) {
	switch e.Kind {
	case probe.Timeout:
		s.over(e.Tag)
		s.keep(&Sample{Time: e.Time, Seq: e.Seq})
	case probe.Unsent:
		s.over(e.Tag)
		s.result.Err = e.Err.Error()
	case probe.Error:
		s.over(e.Tag)
		s.result.Errors++
		s.result.Claim, s.result.From = e.Claim, e.From
		s.result.Claim.Ext = nil // it is lent
		s.keep(&Sample{Time: e.Time, Seq: e.Seq, From: e.From, RTT: e.RTT, Claim: s.result.Claim})
	case probe.Reply:
		s.over(e.Tag)
		s.reply(e)
	}
}

func (s *Strategy) keep(x *Sample) { s.samples = append(s.samples, *x) }

func (s *Strategy) reply(e *probe.Event) {
	a := &e.Answer
	x := Sample{Time: a.SentAt, Seq: e.Seq, From: e.From, RTT: e.RTT, Originate: a.Originate, Receive: a.Receive, Transmit: a.Transmit}
	s.result.Received++
	s.rtt.Add(e.RTT)
	if s.cfg.By != Messages {
		s.open(&x, e)
	}
	if x.Fill == Stamped || s.cfg.By == Messages {
		if s.readings.add(&x); !x.Known {
			s.result.Form = x.Form
		}
	}
	s.keep(&x)
}

// Next returns the oldest sample that was not read yet.
func (s *Strategy) Next() (Sample, bool) {
	if s.read == len(s.samples) {
		s.samples, s.read = s.samples[:0], 0
		return Sample{}, false
	}
	s.read++
	return s.samples[s.read-1], true
}

// Result returns what is known so far.
func (s *Strategy) Result() Result {
	r := s.result
	r.Min, r.Avg, r.Max = s.rtt.Min(), s.rtt.Avg(), s.rtt.Max()
	if s.result.Stamped > 0 && r.By == EveryHop {
		path := s.path
		r.Path = &path
	}
	for i := range s.hops {
		r.Hops = append(r.Hops, s.hops[i].result())
	}
	form, all := s.readings.best()
	if r.Known = all != nil; !r.Known {
		return r
	}
	r.Form, r.Read = form, all.n
	r.Ahead, r.Within, r.Agreed = all.bounds.offset()
	if r.Drift, r.DriftWithin, r.DriftKnown = all.fit.slope(); r.Agreed {
		r.Drift, r.DriftKnown = 0, false // a clock that gains nothing explains all samples
	}
	return r
}
