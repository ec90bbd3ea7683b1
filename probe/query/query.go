// Package query asks one host, or whoever is on the link, the ICMP queries that
// are answered with more than that one is there: address mask, information,
// extended echo, router solicitation (P-11). It is a strategy of package probe.
//
//	s, err := query.New(p, query.Config{Kind: probe.Mask, Src: src, Dst: dst})
//	err = at.Run(ctx, s, func(time.Time) {
//		for e, ok := s.Next(); ok; e, ok = s.Next() { … }
//	})
//
// # What can be believed
//
// A reply of one host shows the identifier and the sequence number of the request,
// which nobody else is to know. An advertisement shows nothing of the solicitation:
// anybody on the link can write one, in IPv4 anybody at all.
package query

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero Config stands for.
const (
	DefaultInterval = time.Second
	DefaultTimeout  = 2 * time.Second
)

// MaxCount is how many requests there can be.
const MaxCount = 1 << 16

// Config is what to ask whom. Kind, Src and Dst have to be there; all other zeros
// work.
type Config struct {
	First int // the number of the target at the prober

	Kind     probe.Kind // Mask, Info, ExtEcho, Solicit or Timestamp
	Src, Dst netip.Addr
	Anyone   bool // Dst is a group: all who answer are told of, until Timeout has passed
	TTL      ip.TTL
	TOS      uint8
	Ext      []byte // ExtEcho: which interface
	Local    bool   // … of the node's own

	Count    int           // requests; 0: 1
	Interval time.Duration // from one to the next; 0: a second
	Timeout  time.Duration // for the answer to each; 0: two seconds
}

// Query asks. It is a [probe.Strategy]. Make one with [New].
type Query struct {
	p    *probe.Prober
	cfg  Config
	sent int
	open int       // requests that nothing came of yet
	next time.Time // when the next request leaves
	last time.Time // when the last one has left; with Anyone
	told []probe.Event
	over bool
}

// New makes a strategy. The error is a [*wire.FieldError] that says which field of
// the configuration, or of its probes, is wrong.
func New(p *probe.Prober, c Config) (*Query, error) {
	wrong := func(field, want string) error {
		return &wire.FieldError{Type: "query.Config", Field: field, Want: want}
	}
	if c.Count == 0 {
		c.Count = 1
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	switch {
	case !c.Kind.ICMP() || c.Kind == probe.Echo:
		return nil, wrong("Kind", "a query of ICMP but echo")
	case c.Count < 0 || c.Count > MaxCount:
		return nil, wrong("Count", "1 to 65,536")
	case c.Interval < 0:
		return nil, wrong("Interval", "no less than 0")
	case c.Timeout < 0:
		return nil, wrong("Timeout", "no less than 0")
	case c.Kind == probe.Solicit && c.Interval < c.Timeout && c.Count > 1:
		return nil, wrong("Interval", "no less than Timeout: of solicitations one is asked at a time")
	}
	s := &Query{p: p, cfg: c}
	q := s.question()
	return s, q.Check(c.First + 1)
}

func (s *Query) question() probe.Probe {
	c := &s.cfg
	return probe.Probe{
		Target: c.First, Kind: c.Kind, Src: c.Src, Dst: c.Dst, Anyone: c.Anyone, TTL: c.TTL, TOS: c.TOS,
		Ext: c.Ext, Local: c.Local, Timeout: c.Timeout,
	}
}

// Done implements [probe.Strategy].
func (s *Query) Done() bool { return s.over }

// Deadline implements [probe.Strategy].
func (s *Query) Deadline() time.Time {
	switch {
	case s.over:
		return time.Time{}
	case s.sent == 0:
		return time.Unix(0, 0)
	case s.sent < s.cfg.Count:
		return s.next
	case s.cfg.Anyone:
		return s.last.Add(s.cfg.Timeout)
	}
	return time.Time{}
}

// Tick implements [probe.Strategy].
func (s *Query) Tick(now time.Time) {
	for s.sent < s.cfg.Count && !now.Before(s.next) {
		if s.sent == 0 {
			s.next = now
		}
		s.sent++
		s.next, s.last = s.next.Add(s.cfg.Interval), now
		q := s.question()
		if _, err := s.p.Send(now, &q); err != nil {
			s.told = append(s.told, probe.Event{Kind: probe.Unsent, Time: now, Target: s.cfg.First, Probe: s.cfg.Kind, Err: err, Why: err.Error()})
			continue
		}
		s.open++
	}
	s.over = s.over || s.sent == s.cfg.Count && s.open == 0 && (!s.cfg.Anyone || !now.Before(s.last.Add(s.cfg.Timeout)))
}

// Hear implements [probe.Strategy].
func (s *Query) Hear(_ time.Time, e *probe.Event) {
	if s.over {
		return
	}
	switch e.Kind {
	case probe.Sent, probe.Rewritten:
		return
	case probe.Reply, probe.Error, probe.Timeout, probe.Unsent:
		s.open--
	}
	x := *e
	x.Message, x.Options, x.Claim.Ext = bytes.Clone(e.Message), bytes.Clone(e.Options), bytes.Clone(e.Claim.Ext)
	s.told = append(s.told, x)
}

// Next returns the oldest event that was not read yet: a reply, an error, a
// timeout, another reply.
func (s *Query) Next() (probe.Event, bool) {
	if len(s.told) == 0 {
		return probe.Event{}, false
	}
	e := s.told[0]
	s.told = s.told[1:]
	return e, true
}
