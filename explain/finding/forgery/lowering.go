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
)

// LoweringConfig says which reports of a small MTU are suspicious. Zeros stand
// for the values in brackets.
type LoweringConfig struct {
	Floor4 int // octets that every link of today carries in IPv4 [576]
	Floor6 int // … in IPv6 [1280] (RFC 8200 §5)
	Size   int // of the table [4096]
}

// Lowering finds 3/4 and packet too big that don't fit what was sent: too low for
// any link, not too small for the datagram quoted, about one that may be
// fragmented, about a flow without large datagrams, or about nothing that was
// seen. A 3/4 without an MTU is from an old router (RFC 1191 §4) and fine.
type Lowering struct {
	c      LoweringConfig
	report *finding.Report
	hosts  hosts
}

// NewLowering returns the detector.
func NewLowering(c LoweringConfig, seed uint64, r *finding.Report) *Lowering {
	c = LoweringConfig{finding.Or(c.Floor4, 576), finding.Or(c.Floor6, 1280), finding.Or(c.Size, 4096)}
	return &Lowering{c, r, newHosts(c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Lowering) Interest() finding.Interest { return finding.Errors | finding.Begins }

// Tick implements [finding.Detector].
func (*Lowering) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Lowering) Observe(s *conversation.Seen) {
	if !s.IsError() {
		if s.NewFlow {
			d.hosts.note(s)
		}
		return
	}
	floor := d.c.Floor4
	if s.Header.Version == 6 {
		if icmp6.Type(s.Type) != icmp6.TypePacketTooBig {
			return
		}
		floor = d.c.Floor6
	} else if icmp4.Type(s.Type) != icmp4.TypeDestUnreachable || icmp4.Code(s.Code) != icmp4.CodeFragNeeded {
		return
	}
	facts := d.judge(s, floor)
	if len(facts) == 0 {
		return
	}
	f := d.report.Found(s, finding.MTULowered, finding.Alarm, table.Pair(s.SrcAddr, s.DstAddr, 0))
	if f == nil {
		return
	}
	for _, name := range facts {
		if name == finding.FactNeverLarge {
			f.SayNumber(name, float64(s.Flow.MaxLen[s.From]))
			continue
		}
		f.Say(name)
	}
	f.SayNumber(finding.FactMTU, float64(s.MTU))
	f.SayText(finding.FactQuoted, about(&s.Quote))
}

// judge returns what is wrong with the report.
func (d *Lowering) judge(s *conversation.Seen, floor int) (facts []finding.FactName) {
	q := &s.Quote
	say := func(wrong bool, name finding.FactName) {
		if wrong {
			facts = append(facts, name)
		}
	}
	say(s.MTU != 0 && int64(s.MTU) < int64(floor), finding.FactTooLow)
	say(q.Has(quote.TotalLen) && s.MTU != 0 && q.TotalLen <= s.MTU, finding.FactFits)
	say(q.Version == 4 && q.Has(quote.Flags) && !q.DF, finding.FactNoDF)
	switch {
	case s.Flow == nil:
		say(d.hosts.talks(s.DstAddr, q.Proto), finding.FactUnseen)
	case s.Relation == conversation.Caused:
	default:
		n := uint32(s.Flow.MaxLen[s.From])
		say(n > 0 && s.MTU != 0 && n <= s.MTU, finding.FactNeverLarge)
		say(q.Proto == ip.ProtoTCP && q.Has(quote.TCPSeq) && !s.Flow.InFlight(s.From, q.TCPSeq), finding.FactOutOfWindow)
	}
	return facts
}
