package volume

import (
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// UnsolicitedConfig says how many replies without a request are too many. Zeros
// stand for the values in brackets.
type UnsolicitedConfig struct {
	Replies int // to one host within ten seconds [20]; less than that were asked for before the capture began
	Sources int // that make the host a victim of smurf [8], 16 at most
	Size    int // of the table [4096]
}

// Unsolicited finds replies that nobody asked for, and victims of smurf among
// those who get them.
type Unsolicited struct {
	c      UnsolicitedConfig
	report *finding.Report
	hosts  *table.Table[told]
}

type told struct {
	finding.Window
	sources [16]table.Addr
	n       int
}

// NewUnsolicited returns the detector.
func NewUnsolicited(c UnsolicitedConfig, seed uint64, r *finding.Report) *Unsolicited {
	c = UnsolicitedConfig{finding.Or(c.Replies, 20), min(finding.Or(c.Sources, 8), 16), finding.Or(c.Size, 4096)}
	return &Unsolicited{c, r, table.New[told](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Unsolicited) Interest() finding.Interest { return finding.Replies }

// Tick implements [finding.Detector].
func (*Unsolicited) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Unsolicited) Observe(s *conversation.Seen) {
	if s.Relation != conversation.Unsolicited || s.Class == conversation.Neighbor || s.Class == conversation.Router {
		return
	}
	key := table.One(s.DstAddr, 0)
	v, _ := d.hosts.Put(&key)
	if v.Add(s, 10*time.Second) {
		v.n = 0
	}
	if v.n < len(v.sources) && !slices.Contains(v.sources[:v.n], s.SrcAddr) {
		v.sources[v.n] = s.SrcAddr
		v.n++
	}
	if v.N < d.c.Replies {
		return
	}
	kind, sev := finding.UnsolicitedReplies, finding.Warning
	if v.n >= d.c.Sources && s.Class == conversation.Echo {
		kind, sev = finding.SmurfVictim, finding.Alarm
	}
	f := d.report.Found(s, kind, sev, key)
	if f == nil {
		return
	}
	if v.N == d.c.Replies {
		f.Begin(v.First, v.N-1)
	}
	f.Rate = max(f.Rate, rate(&v.Window, s.Time))
	f.To = s.Header.Dst
	if v.n > 1 {
		for _, a := range v.sources[:v.n] {
			f.Involve(a.Netip())
		}
		f.SayNumber(finding.FactSources, max(f.Number(finding.FactSources), float64(v.n)))
	}
	f.SayText(finding.FactClasses, s.Class.String())
}
