package forgery

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// ResetConfig says what an attempt to cut connections is. Zeros stand for the
// values in brackets.
type ResetConfig struct {
	Alive   int // segments from the side that is said to be unreachable, after the error [3]
	Unknown int // errors within a minute that quote TCP of which nothing was seen, to a host whose TCP is seen [3]
	Size    int // of the tables [4096]
}

// Reset finds attempts to cut TCP connections by 3/2 and 3/3, in IPv6 1/4 (RFC
// 5927): about connections that are fine afterwards, with sequence numbers that
// are not in flight, or about nothing that there is. A port that refuses a
// connection is none: nothing comes from it later.
type Reset struct {
	c       ResetConfig
	report  *finding.Report
	hosts   hosts
	watched *table.Table[watched]
	unknown *table.Table[finding.Window]
}

type watched struct {
	error conversation.Ref
	who   table.Key
	alive int
	about string
	known bool // the error is counted already
}

// NewReset returns the detector.
func NewReset(c ResetConfig, seed uint64, r *finding.Report) *Reset {
	c = ResetConfig{finding.Or(c.Alive, 3), finding.Or(c.Unknown, 3), finding.Or(c.Size, 4096)}
	return &Reset{
		c, r, newHosts(c.Size, seed),
		table.New[watched](c.Size, seed), table.New[finding.Window](c.Size, seed),
	}
}

// Interest implements [finding.Detector].
func (*Reset) Interest() finding.Interest { return finding.Errors | finding.Segments | finding.Begins }

// Tick implements [finding.Detector].
func (*Reset) Tick(time.Time, bool) {}

// marked is the bit in [conversation.Flow.Marks] of flows that are watched.
const marked = 1

// Observe implements [finding.Detector].
func (d *Reset) Observe(s *conversation.Seen) {
	if !s.ICMP {
		if s.NewFlow && s.Header.Proto == ip.ProtoTCP {
			d.hosts.note(s)
		}
		if s.Flow != nil && s.Flow.Marks&marked != 0 {
			d.segment(s)
		}
		return
	}
	if !s.IsError() || !hard(s) || s.Quote.Proto != ip.ProtoTCP {
		return
	}
	who := table.Pair(s.SrcAddr, s.DstAddr, 0)
	if s.Flow == nil {
		d.orphan(s, who)
		return
	}
	if !s.Flow.Established() {
		return
	}
	blind := s.Quote.Has(quote.TCPSeq) && !s.Flow.InFlight(s.From, s.Quote.TCPSeq)
	if blind {
		if f := d.report.Found(s, finding.BlindReset, finding.Alarm, who); f != nil {
			f.Say(finding.FactOutOfWindow)
			f.SayText(finding.FactQuoted, about(&s.Quote))
		}
	}
	s.Flow.Marks |= marked
	w, _ := d.watched.Put(&s.FlowKey)
	*w = watched{error: conversation.Ref{Number: s.Number, Time: s.Time}, who: who, about: about(&s.Quote), known: blind}
}

// hard reports whether an error is one that RFC 1122 §4.2.3.9 lets end a
// connection.
func hard(s *conversation.Seen) bool {
	if s.Header.Version == 6 {
		return icmp6.Type(s.Type) == icmp6.TypeDestUnreachable && icmp6.Code(s.Code) == icmp6.CodePortUnreachable
	}
	return icmp4.Type(s.Type) == icmp4.TypeDestUnreachable &&
		(icmp4.Code(s.Code) == icmp4.CodeProtocolUnreachable || icmp4.Code(s.Code) == icmp4.CodePortUnreachable)
}

// orphan counts errors about connections that nothing was seen of.
func (d *Reset) orphan(s *conversation.Seen, who table.Key) {
	if !d.hosts.talks(s.DstAddr, ip.ProtoTCP) {
		return
	}
	key := table.One(s.DstAddr, 0)
	w, _ := d.unknown.Put(&key)
	w.Add(s, time.Minute)
	if w.N < d.c.Unknown {
		return
	}
	if f := d.report.Found(s, finding.BlindReset, finding.Warning, who); f != nil {
		if w.N == d.c.Unknown {
			f.Begin(w.First, w.N-1)
		}
		f.SayNumber(finding.FactNoConversation, max(f.Number(finding.FactNoConversation), float64(w.N)))
		f.SayText(finding.FactQuoted, about(&s.Quote))
	}
}

// inTransit is how long what was sent before an error may still arrive.
const inTransit = 200 * time.Millisecond

// segment looks at one of a connection that was said to be over.
func (d *Reset) segment(s *conversation.Seen) {
	w := d.watched.Get(&s.FlowKey)
	if w == nil || s.Time.Sub(w.error.Time) > time.Minute {
		s.Flow.Marks &^= marked
		return
	}
	// From the side that the error is about: to whom the error went. What is sent
	// again was not heard of either: a firewall that forgot the connection.
	toTold := s.DstAddr == (table.Addr{w.who[2], w.who[3]})
	if !toTold || s.Retransmit || transport.TCPFlags(s.Header.TCPFlags)&transport.RST != 0 || s.Time.Sub(w.error.Time) < inTransit {
		return
	}
	if w.alive++; w.alive < d.c.Alive {
		return
	}
	f := d.report.Late(s.Time, finding.BlindReset, finding.Alarm, w.who)
	if f == nil {
		return
	}
	if !f.From.IsValid() {
		f.From, f.To = table.Addr{w.who[0], w.who[1]}.Netip(), s.Header.Dst
	}
	if w.alive == d.c.Alive {
		more := 1
		if w.known {
			more = 0
		}
		f.Begin(w.error, more)
		f.SayText(finding.FactQuoted, w.about)
	}
	f.SayNumber(finding.FactAlive, max(f.Number(finding.FactAlive), float64(w.alive)))
}
