package mtu

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// shot is one of the probes that are under way together; what it becomes decides
// what is asked next.
type shot struct {
	kind    probe.Kind
	size    int
	ttl     ip.TTL
	most    int  // tries
	cut     bool // it may be, on the way
	again   bool // of what is taken to vanish
	tries   int  // that were made
	ready   bool
	outcome Outcome
	from    netip.Addr
	rtt     time.Duration
	seen    ip.TTL // of the answer
	claim   probe.Claim
	largest int // octets of the largest fragment of an answer that came in fragments; 0: it did not
	limit   int // unsent: of the link, where the error says so
	err     error
}

// fire begins a volley.
func (s *Strategy) fire(shots ...shot) {
	s.round++
	s.volley = append(s.volley[:0], shots...)
	for i := range s.volley {
		x := &s.volley[i]
		x.ready = true
		if x.most == 0 {
			x.most = s.cfg.Tries
		}
		if x.ttl == 0 {
			x.ttl = s.cfg.TTL
		}
	}
}

// headers is how many octets of a datagram are no data.
func headers(dst netip.Addr) int {
	if dst.Is4() {
		return ip.MinHeaderLen4 + transport.UDPLen // an ICMP header is as long
	}
	return ip.HeaderLen6 + transport.UDPLen
}

// The tag of a probe: the volley, and which of it.
const tagShift = 16

// send hands over the shots that are ready.
func (s *Strategy) send(now time.Time) {
	for i := range s.volley {
		x := &s.volley[i]
		if !x.ready {
			continue
		}
		x.ready = false
		if s.result.Probes >= s.cfg.Limit {
			s.result.Cut = true
			s.resolve(now, x, Silent)
			continue
		}
		q := probe.Probe{
			Target: s.cfg.First, Kind: x.kind, Src: s.cfg.Src, Dst: s.cfg.Dst, TTL: x.ttl, TOS: s.cfg.TOS,
			Discover: !x.cut, Size: x.size - headers(s.cfg.Dst), Tag: s.round<<tagShift | uint64(i),
			Timeout: s.wait(x.tries),
		}
		if x.kind == probe.UDP {
			q.SrcPort, q.DstPort = s.prober.Port(s.cfg.First), s.cfg.DstPort
		} else {
			q.Checksum = flow
		}
		x.tries++
		s.result.Probes++
		if _, err := s.prober.Send(now, &q); err != nil {
			s.unsent(now, x, err)
		}
	}
}

// flow is the checksum of all echoes, so that they go one way among equal ones.
const flow = 0x792

// wait is how long a probe is waited for that was tried so often before.
func (s *Strategy) wait(tries int) time.Duration {
	if s.rtt == 0 {
		return s.cfg.Timeout
	}
	d := min(s.cfg.Timeout, rtts*s.rtt+slack)
	if len(s.volley) == 1 {
		d *= time.Duration(tries + 1) // what the search begins with: no haste
	}
	return d
}

// A probe is waited for as long as some round trips take, and a router to write
// an error.
const (
	rtts  = 3
	slack = 200 * time.Millisecond
)

func (s *Strategy) resolve(now time.Time, x *shot, o Outcome) {
	x.outcome = o
	switch whole := x.ttl == s.cfg.TTL && !x.cut; {
	case whole && (o == TooBig || o == Denied):
		s.loudest = max(s.loudest, x.size)
	case whole && o == Silent && x.kind == probe.Echo && x.tries >= s.cfg.Tries && !s.result.Cut:
		s.mute = append(s.mute, x.size)
	}
	if x.cut && o == Passed {
		o = Answered
	}
	s.events = append(s.events, Event{
		Time: now, Probe: x.kind, Size: x.size, TTL: int(x.ttl), Tries: x.tries, Outcome: o, From: x.from, RTT: x.rtt, Claim: x.claim,
		Largest: x.largest,
	})
}

func (s *Strategy) unsent(now time.Time, x *shot, err error) {
	s.result.Probes--
	x.err = err
	var limit interface{ TooBig() int }
	if errors.As(err, &limit) {
		x.limit = limit.TooBig()
	}
	s.resolve(now, x, Unsent)
}

// Hear implements [probe.Strategy].
func (s *Strategy) Hear(now time.Time, e *probe.Event) {
	i := int(e.Tag & (1<<tagShift - 1))
	if e.Tag>>tagShift != s.round || i >= len(s.volley) {
		return
	}
	x := &s.volley[i]
	switch {
	case e.Kind == probe.Timeout && x.outcome == pending:
		if x.tries < x.most {
			x.ready = true
			return
		}
		s.resolve(now, x, Silent)
	case e.Kind == probe.Unsent && x.outcome == pending:
		s.unsent(now, x, e.Err)
	case e.Kind == probe.Reply, e.Kind == probe.Error, e.Kind == probe.Late:
		o := outcome(e)
		if x.outcome == Passed || x.outcome != pending && o != Passed {
			return // two errors about one shot, or one that is too late
		}
		if x.cut && o == TooBig && x.tries < x.most {
			x.ready = true // the system knows now how to cut it
			return
		}
		x.ready = false
		if o == Passed && !e.Claim.Present && x.kind == probe.Echo {
			s.came(e)
			if e.Largest < s.header()+e.Size {
				x.largest = e.Largest
			}
		}
		x.from, x.rtt, x.seen, x.claim = e.From, e.RTT, e.TTL, e.Claim
		x.claim.Ext = nil // it is lent
		s.resolve(now, x, o)
	}
}

// outcome is what an answer means.
func outcome(e *probe.Event) Outcome {
	c := &e.Claim
	switch v6 := c.V6; {
	case e.Kind == probe.Reply, !c.Present, e.Reached && portUnreachable(c):
		return Passed
	case v6 && icmp6.Type(c.Type) == icmp6.TypePacketTooBig,
		!v6 && icmp4.Type(c.Type) == icmp4.TypeDestUnreachable && icmp4.Code(c.Code) == icmp4.CodeFragNeeded:
		return TooBig
	case v6 && icmp6.Type(c.Type) == icmp6.TypeTimeExceeded, !v6 && icmp4.Type(c.Type) == icmp4.TypeTimeExceeded:
		return Expired
	}
	return Denied
}

func portUnreachable(c *probe.Claim) bool {
	if c.V6 {
		return icmp6.Type(c.Type) == icmp6.TypeDestUnreachable && icmp6.Code(c.Code) == icmp6.CodePortUnreachable
	}
	return icmp4.Type(c.Type) == icmp4.TypeDestUnreachable && icmp4.Code(c.Code) == icmp4.CodePortUnreachable
}

// settled reports whether every shot of the volley is.
func (s *Strategy) settled() bool {
	for i := range s.volley {
		if s.volley[i].outcome == pending {
			return false
		}
	}
	return true
}

// short reports whether a shot waits to be handed over.
func (s *Strategy) short() bool {
	for i := range s.volley {
		if s.volley[i].ready {
			return true
		}
	}
	return false
}
