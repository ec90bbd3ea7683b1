package path

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// BlackHoleConfig says what an MTU black hole is. Zeros stand for the values in
// brackets.
type BlackHoleConfig struct {
	Tries int // that a large segment or echo request is sent in vain [3]
	Size  int // of the tables [4096]
}

// BlackHole finds ways on which large datagrams vanish that may not be
// fragmented: TCP segments that are sent again and again on a connection on which
// none that was large has ever arrived, and echo requests that get no answer
// while smaller ones do. A connection whose large segments did arrive, and which
// stops all the same, has another fault.
type BlackHole struct {
	c       BlackHoleConfig
	report  *finding.Report
	streams *table.Table[stuck]
	echoes  *table.Table[sizes]
}

type stuck struct {
	seq    uint32
	tries  int
	first  conversation.Ref
	mtu    uint32 // that the sender was told
	toldAt time.Time
}

type sizes struct {
	passed int // octets of the longest that was answered
	lost   int // octets of the shortest large one without an answer
	vain   int
	first  conversation.Ref
	last   time.Time
	most   longest
}

// longest is the requests of the longest length among those without an answer:
// that a shorter one is answered says nothing of them.
type longest struct {
	octets, n int
	first     conversation.Ref
	last      time.Time
}

// NewBlackHole returns the detector.
func NewBlackHole(c BlackHoleConfig, seed uint64, r *finding.Report) *BlackHole {
	c = BlackHoleConfig{finding.Or(c.Tries, 3), finding.Or(c.Size, 4096)}
	return &BlackHole{c, r, table.New[stuck](c.Size, seed), table.New[sizes](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*BlackHole) Interest() finding.Interest {
	return finding.Segments | finding.Requests | finding.Replies | finding.Errors
}

// Tick implements [finding.Detector].
func (*BlackHole) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *BlackHole) Observe(s *conversation.Seen) {
	switch {
	case s.IsError():
		d.told(s)
	case s.Header.Proto == ip.ProtoTCP:
		if s.Retransmit && large(s) {
			d.segment(s)
		}
	case s.Class == conversation.Echo:
		d.echo(s)
	}
}

// large reports whether a datagram is one that a narrow link has to drop.
func large(s *conversation.Seen) bool {
	return s.TotalLen >= conversation.LargeLen && (s.Header.Version == 6 || s.Header.Has(quote.Flags) && s.Header.DF)
}

func direction(s *conversation.Seen) table.Key {
	k := s.FlowKey
	k[4] |= uint64(s.From+1) << 60 //nolint:gosec // one of two
	return k
}

// told takes down that the sender knows.
func (d *BlackHole) told(s *conversation.Seen) {
	tooBig := s.Header.Version == 4 && s.Type == 3 && s.Code == 4 || s.Header.Version == 6 && s.Type == 2
	if !tooBig {
		return
	}
	pair := table.Pair(table.AddrOf(s.Quote.Src), table.AddrOf(s.Quote.Dst), 0)
	d.echoes.Remove(&pair)
	if s.Flow == nil || s.Quote.Proto != ip.ProtoTCP {
		return
	}
	key := direction(s)
	v, _ := d.streams.Put(&key)
	*v = stuck{mtu: s.MTU, toldAt: s.Time}
}

// heed is how long a sender may take until it does as it was told.
const heed = time.Second

func (d *BlackHole) segment(s *conversation.Seen) {
	if s.Flow == nil || !s.Flow.Established() || s.Flow.LargePassed(s.From) {
		return
	}
	if back := 1 - s.From; s.Flow.HasAck[back] && s.Flow.Acked[back] != s.Header.TCPSeq {
		return // who sends the whole window again waits for its first segment
	}
	key := direction(s)
	v, fresh := d.streams.Put(&key)
	if !v.toldAt.IsZero() && (s.Time.Sub(v.toldAt) < heed || v.mtu == 0 || s.TotalLen <= int(v.mtu)) {
		return
	}
	if fresh || v.seq != s.Header.TCPSeq {
		*v = stuck{
			seq: s.Header.TCPSeq, tries: 1, mtu: v.mtu, toldAt: v.toldAt,
			first: conversation.Ref{Number: s.Number, Time: s.Time},
		}
	} else {
		v.tries++
	}
	if v.tries < d.c.Tries {
		return
	}
	f := d.report.Found(s, finding.MTUBlackHole, finding.Alarm, table.Pair(s.SrcAddr, s.DstAddr, 0))
	if f == nil {
		return
	}
	if v.tries == d.c.Tries {
		f.Begin(v.first, v.tries-1)
	}
	f.SayNumber(finding.FactRetransmitted, max(f.Number(finding.FactRetransmitted), float64(v.tries+1)))
	f.SayNumber(finding.FactLength, float64(s.TotalLen))
	if !v.toldAt.IsZero() {
		f.Say(finding.FactIgnored)
		f.SayNumber(finding.FactMTU, float64(v.mtu))
	}
}

func (d *BlackHole) echo(s *conversation.Seen) {
	if s.Role == conversation.Request {
		if !large(s) {
			return
		}
		key := table.Pair(s.SrcAddr, s.DstAddr, 0)
		v, _ := d.echoes.Put(&key)
		if s.TotalLen <= v.passed {
			return
		}
		if v.vain == 0 || s.TotalLen < v.lost {
			v.lost = s.TotalLen
		}
		if v.vain == 0 {
			v.first = conversation.Ref{Number: s.Number, Time: s.Time}
		}
		v.vain++
		v.last = s.Time
		if s.TotalLen > v.most.octets {
			v.most = longest{octets: s.TotalLen, first: conversation.Ref{Number: s.Number, Time: s.Time}}
		}
		if s.TotalLen == v.most.octets {
			v.most.n, v.most.last = v.most.n+1, s.Time
		}
		return
	}
	key := table.Pair(s.DstAddr, s.SrcAddr, 0)
	v := d.echoes.Get(&key)
	if v == nil || s.Asked == 0 {
		return
	}
	v.passed = max(v.passed, s.Asked)
	if s.Asked >= v.most.octets {
		v.vain, v.lost, v.most = 0, 0, longest{}
		return
	}
	if s.Asked >= v.lost {
		v.vain, v.lost, v.first, v.last = v.most.n, v.most.octets, v.most.first, v.most.last
	}
	if v.vain < d.c.Tries || s.Request.Time.Sub(v.last) < heed {
		return
	}
	f := d.report.Late(s.Time, finding.MTUBlackHole, finding.Alarm, key)
	if f == nil {
		return
	}
	f.From, f.To = s.Header.Dst, s.Header.Src
	f.Begin(v.first, v.vain)
	f.SayNumber(finding.FactRetransmitted, float64(v.vain))
	f.SayNumber(finding.FactLength, float64(v.lost))
	f.SayNumber(finding.FactPassed, float64(v.passed))
	v.vain, v.most = 0, longest{}
}
