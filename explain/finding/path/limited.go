package path

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// LimitedConfig says what a hop that limits its errors is. Zeros stand for the
// values in brackets.
type LimitedConfig struct {
	Probes int // to each hop, before it is judged [20]
	Most   int // percent that the hop answers at most [70]
	Beyond int // percent that a hop behind it answers at least [90]
	Size   int // of the table of traces [512]
}

// Limited finds routers that answer some of the probes only, while those to hops
// behind them all come back. Loss on the way would strike these too.
type Limited struct {
	c      LimitedConfig
	report *finding.Report
	traces *table.Table[hops]
}

type hop struct {
	sent, answered int
	router         table.Addr
	first          conversation.Ref
}

type hops struct {
	last time.Time
	at   [maxHop + 1]hop
}

// NewLimited returns the detector.
func NewLimited(c LimitedConfig, seed uint64, r *finding.Report) *Limited {
	c = LimitedConfig{finding.Or(c.Probes, 20), finding.Or(c.Most, 70), finding.Or(c.Beyond, 90), finding.Or(c.Size, 512)}
	return &Limited{c, r, table.New[hops](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Limited) Interest() finding.Interest { return finding.Probes | finding.Errors | finding.Replies }

// Tick implements [finding.Detector].
func (*Limited) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Limited) Observe(s *conversation.Seen) {
	switch {
	case s.IsError():
		if s.Relation == conversation.Caused && s.SentTTL <= maxHop {
			key := table.Pair(table.AddrOf(s.Quote.Src), table.AddrOf(s.Quote.Dst), 0)
			d.answered(s, key, expired(s))
		}
	case s.ICMP && s.Role == conversation.Reply:
		if s.Relation == conversation.Answers && s.SentTTL <= maxHop {
			d.answered(s, table.Pair(s.DstAddr, s.SrcAddr, 0), false)
		}
	case s.Header.TTL <= maxHop:
		key := table.Pair(s.SrcAddr, s.DstAddr, 0)
		t, _ := d.traces.Put(&key)
		if s.Time.Sub(t.last) > time.Minute {
			*t = hops{}
		}
		t.last = s.Time
		h := &t.at[s.Header.TTL]
		if h.sent == 0 {
			h.first = conversation.Ref{Number: s.Number, Time: s.Time}
		}
		h.sent++
	}
}

func (d *Limited) answered(s *conversation.Seen, key table.Key, inTransit bool) {
	t := d.traces.Get(&key)
	if t == nil {
		return
	}
	h := &t.at[s.SentTTL]
	h.answered++
	if inTransit {
		h.router = s.SrcAddr
	}
	if h.sent%d.c.Probes == 0 {
		d.judge(s, key, t)
	}
}

func (d *Limited) judge(s *conversation.Seen, key table.Key, t *hops) {
	good := false // a hop beyond answers
	for i := maxHop; i > 0; i-- {
		h := &t.at[i]
		if h.sent < d.c.Probes {
			continue
		}
		share := h.answered * 100 / h.sent
		if share >= d.c.Beyond {
			good = true
		}
		if !good || share > d.c.Most || h.answered == 0 || h.router == (table.Addr{}) {
			continue
		}
		f := d.report.Late(s.Time, finding.RateLimitedHop, finding.Notice, table.Pair(h.router, table.Addr{key[0], key[1]}, 0))
		if f == nil {
			continue
		}
		f.From, f.To = table.Addr{key[0], key[1]}.Netip(), table.Addr{key[2], key[3]}.Netip()
		f.Involve(h.router.Netip())
		if f.Count == 0 {
			f.Begin(h.first, h.sent)
		}
		f.Count, f.End = uint64(h.sent), s.Time //nolint:gosec // not negative
		f.SayNumber(finding.FactHop, float64(i))
		f.SayNumber(finding.FactShare, float64(share))
	}
}
