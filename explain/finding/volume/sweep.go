package volume

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// SweepConfig says what a sweep is. Zeros stand for the values in brackets.
type SweepConfig struct {
	Targets int           // different ones that one host asks within Span [20]
	Silent  int           // percent of them that do not answer [30]
	Span    time.Duration // [1m]
	Size    int           // of the table of sources [2048]; that of targets has 16 times as many
}

// patience is how long a target may take to answer.
const patience = 2 * time.Second

// mostDue is how many sources can be waiting to be judged.
const mostDue = 256

// Sweep finds those who search address ranges. That a monitoring asks many hosts
// makes none of it: they answer.
type Sweep struct {
	c       SweepConfig
	report  *finding.Report
	sources *table.Table[searcher]
	targets *table.Table[target]
	due     []table.Key // sources to be judged
}

type searcher struct {
	finding.Window
	turn     int // of the window, so that targets of the last count anew
	asked    int // targets
	answered int
	judge    time.Time
	waiting  bool // in due, once
	found    bool // in this window
}

type target struct {
	turn     int
	answered bool
}

// NewSweep returns the detector.
func NewSweep(c SweepConfig, seed uint64, r *finding.Report) *Sweep {
	c = SweepConfig{finding.Or(c.Targets, 20), finding.Or(c.Silent, 30), finding.Or(c.Span, time.Minute), finding.Or(c.Size, 2048)}
	return &Sweep{c: c, report: r, sources: table.New[searcher](c.Size, seed), targets: table.New[target](16*c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Sweep) Interest() finding.Interest { return finding.Requests | finding.Replies }

// Observe implements [finding.Detector].
func (d *Sweep) Observe(s *conversation.Seen) {
	if s.Class == conversation.NoClass || s.Class >= conversation.Router {
		return
	}
	if s.Role == conversation.Reply {
		if s.Relation == conversation.Answers {
			d.answered(s)
		}
		return
	}
	if s.Header.Dst.IsMulticast() || s.IsBroadcast() {
		return
	}
	key := table.One(s.SrcAddr, 0)
	v, _ := d.sources.Put(&key)
	if v.Add(s, d.c.Span) {
		*v = searcher{Window: v.Window, turn: v.turn + 1, waiting: v.waiting}
	}
	pair := table.Pair(s.SrcAddr, s.DstAddr, 0)
	t, fresh := d.targets.Put(&pair)
	if fresh || t.turn != v.turn {
		*t = target{turn: v.turn}
		if v.asked++; v.asked == d.c.Targets {
			v.judge = s.Time.Add(patience) // also of who waits since another window
		}
	}
	if v.asked < d.c.Targets {
		return
	}
	switch {
	case v.found:
		if f := d.report.Get(finding.Sweep, key); f != nil {
			f.Add(s)
			d.report.Touch(finding.Sweep)
		}
	case !v.waiting && len(d.due) < mostDue:
		v.waiting = true
		d.due = append(d.due, key)
	}
}

func (d *Sweep) answered(s *conversation.Seen) {
	key := table.One(s.DstAddr, 0)
	pair := table.Pair(s.DstAddr, s.SrcAddr, 0)
	v, t := d.sources.Get(&key), d.targets.Get(&pair)
	if v != nil && t != nil && t.turn == v.turn && !t.answered {
		t.answered = true
		v.answered++
	}
}

// Tick implements [finding.Detector].
func (d *Sweep) Tick(now time.Time, end bool) {
	kept := d.due[:0]
	for _, key := range d.due {
		v := d.sources.Get(&key)
		switch {
		case v == nil || !v.waiting: // forgotten meanwhile
		case !end && now.Before(v.judge):
			kept = append(kept, key)
		case d.judge(now, key, v) || end:
			v.waiting = false
		default:
			// Not yet. It is looked at again as long as the window lasts.
			v.judge = now.Add(patience)
			if v.waiting = v.judge.Sub(v.Start) < d.c.Span+patience; v.waiting {
				kept = append(kept, key)
			}
		}
	}
	d.due = kept
}

func (d *Sweep) judge(now time.Time, key table.Key, v *searcher) bool {
	silent := v.asked - v.answered
	if v.asked < d.c.Targets || silent*100 < v.asked*d.c.Silent {
		return false
	}
	v.found = true
	f := d.report.Late(now, finding.Sweep, finding.Warning, key)
	if f == nil {
		return true
	}
	f.From = table.Addr{key[0], key[1]}.Netip()
	f.Begin(v.First, v.N)
	f.Rate = max(f.Rate, rate(&v.Window, now))
	f.SayNumber(finding.FactTargets, max(f.Number(finding.FactTargets), float64(v.asked)))
	f.SayNumber(finding.FactSilent, max(f.Number(finding.FactSilent), float64(silent)))
	return true
}
