package path

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// LoopConfig says what a routing loop is. Zeros stand for the values in
// brackets.
type LoopConfig struct {
	Passes int // times that one datagram passes the same link with less and less to live [3]; a router on a stick makes it two
	Hops   int // that a datagram has left where it was captured, and still it expires [40]; no way is that long
	Turns  int // routers that report again two to four hops later [3]
	Size   int // of the tables [2048]
}

// Loop finds routing loops.
type Loop struct {
	c      LoopConfig
	report *finding.Report
	passes *table.Table[pass]
	traces *table.Table[trace]
}

type pass struct {
	number int
	n      int
	hops   int // the most that the time to live has sunk
}

type trace struct {
	last    time.Time
	routers [maxHop + 1]table.Addr
}

// maxHop is the largest time to live of a probe.
const maxHop = 32

// NewLoop returns the detector.
func NewLoop(c LoopConfig, seed uint64, r *finding.Report) *Loop {
	c = LoopConfig{finding.Or(c.Passes, 3), finding.Or(c.Hops, 40), finding.Or(c.Turns, 3), finding.Or(c.Size, 2048)}
	return &Loop{c, r, table.New[pass](c.Size, seed), table.New[trace](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Loop) Interest() finding.Interest { return finding.Repeats | finding.Errors }

// Tick implements [finding.Detector].
func (*Loop) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Loop) Observe(s *conversation.Seen) {
	switch {
	case s.Relation == conversation.SeenBefore:
		d.again(s)
	case s.IsError() && expired(s):
		d.expired(s)
	}
}

// expired reports whether the error is time exceeded in transit.
func expired(s *conversation.Seen) bool {
	if s.Header.Version == 6 {
		return icmp6.Type(s.Type) == icmp6.TypeTimeExceeded && icmp6.Code(s.Code) == icmp6.CodeHopLimitExceeded
	}
	return icmp4.Type(s.Type) == icmp4.TypeTimeExceeded && icmp4.Code(s.Code) == icmp4.CodeTTLExceeded
}

func (d *Loop) again(s *conversation.Seen) {
	if !s.SameLink || s.Hops <= 0 || s.Flow == nil {
		return
	}
	key := s.FlowKey
	key[4] ^= uint64(s.Request.Number) << 40 //nolint:gosec // not negative
	p, fresh := d.passes.Put(&key)
	if fresh || p.number != s.Request.Number {
		*p = pass{number: s.Request.Number, n: 1}
	}
	if s.Hops <= p.hops {
		return
	}
	p.hops = s.Hops
	if p.n++; p.n < d.c.Passes {
		return
	}
	f := d.report.Found(s, finding.RoutingLoop, finding.Alarm, table.One(s.DstAddr, 0))
	if f == nil {
		return
	}
	f.Begin(s.Request, 0)
	f.SayNumber(finding.FactSameDatagram, max(f.Number(finding.FactSameDatagram), float64(p.n)))
}

func (d *Loop) expired(s *conversation.Seen) {
	if s.Relation != conversation.Caused {
		return
	}
	about := table.One(table.AddrOf(s.Quote.Dst), 0)
	if int(s.SentTTL) >= d.c.Hops {
		if f := d.found(s, about); f != nil {
			f.SayNumber(finding.FactHopsLeft, max(f.Number(finding.FactHopsLeft), float64(s.SentTTL)))
		}
		return
	}
	if s.SentTTL > maxHop {
		return
	}
	key := table.Pair(table.AddrOf(s.Quote.Src), table.AddrOf(s.Quote.Dst), 0)
	t, fresh := d.traces.Put(&key)
	if !fresh && s.Time.Sub(t.last) > time.Minute {
		*t = trace{}
	}
	t.last = s.Time
	t.routers[s.SentTTL] = s.SrcAddr
	if d.turns(t) < d.c.Turns {
		return
	}
	if f := d.found(s, about); f != nil {
		f.Say(finding.FactAlternating)
	}
}

// turns returns how many hops have the router of two to four hops before, with
// another one in between.
func (d *Loop) turns(t *trace) (n int) {
	var zero table.Addr
	for i := 3; i <= maxHop; i++ {
		for k := 2; k <= 4 && k < i; k++ {
			if t.routers[i] != zero && t.routers[i] == t.routers[i-k] &&
				t.routers[i-1] != zero && t.routers[i-1] != t.routers[i] {
				n++
				break
			}
		}
	}
	return n
}

func (d *Loop) found(s *conversation.Seen, about table.Key) *finding.Finding {
	f := d.report.Found(s, finding.RoutingLoop, finding.Alarm, about)
	if f != nil {
		f.Begin(s.Request, 0)
		f.From, f.To = s.Quote.Src, s.Quote.Dst
		f.Involve(s.Header.Src)
		f.SayNumber(finding.FactRouters, float64(len(f.Addresses)))
	}
	return f
}
