package volume

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// FloodConfig says what a flood of echo requests is. Zeros stand for the values
// in brackets.
type FloodConfig struct {
	Rate  int // requests a second from one to another [200]; ping of iputils sends five at most to whoever is not root
	Total int // requests a second to one, from anybody [1000]
	Size  int // of the tables [8192]
}

// Flood finds echo floods.
type Flood struct {
	c      FloodConfig
	report *finding.Report
	pairs  *table.Table[finding.Window]
	totals *table.Table[total]
}

type total struct {
	finding.Window
	sources int // changes of source, at most
	last    table.Addr
}

// NewFlood returns the detector.
func NewFlood(c FloodConfig, seed uint64, r *finding.Report) *Flood {
	c = FloodConfig{finding.Or(c.Rate, 200), finding.Or(c.Total, 1000), finding.Or(c.Size, 8192)}
	return &Flood{c, r, table.New[finding.Window](c.Size, seed), table.New[total](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Flood) Interest() finding.Interest { return finding.Requests }

// Tick implements [finding.Detector].
func (*Flood) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Flood) Observe(s *conversation.Seen) {
	if s.Class != conversation.Echo {
		return
	}
	key := table.Pair(s.SrcAddr, s.DstAddr, 0)
	w, _ := d.pairs.Put(&key)
	w.Add(s, time.Second)
	if w.N >= d.c.Rate {
		d.found(s, key, w, d.c.Rate)
	}
	all := table.One(s.DstAddr, 0)
	t, _ := d.totals.Put(&all)
	if t.Add(s, time.Second) {
		t.sources = 0
	}
	if t.last != s.SrcAddr {
		t.sources++
		t.last = s.SrcAddr
	}
	if t.N >= d.c.Total && w.N < d.c.Rate && t.sources > 1 {
		if f := d.found(s, all, &t.Window, d.c.Total); f != nil {
			f.Involve(s.Header.Src)
			f.Say(finding.FactSources)
			f.SayNumber(finding.FactSources, max(f.Number(finding.FactSources), float64(len(f.Addresses))))
		}
	}
}

func (d *Flood) found(s *conversation.Seen, key table.Key, w *finding.Window, threshold int) *finding.Finding {
	f := d.report.Found(s, finding.EchoFlood, finding.Alarm, key)
	if f == nil {
		return nil
	}
	if w.N == threshold {
		f.Begin(w.First, threshold-1)
	}
	// What comes within less than a second is still a rate.
	f.Rate = max(f.Rate, float64(w.N))
	return f
}
