package volume

import (
	"slices"
	"strings"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// ReconConfig says what reconnaissance is. Zeros stand for the values in
// brackets.
type ReconConfig struct {
	Targets    int // that one host asks for the same rare thing within a minute [4], 16 at most
	Classes    int // of rare requests to one target within a minute [2]
	Interfaces int // of one target that PROBE asks about within a minute [3], 16 at most
	Size       int // of the tables [2048]
}

// Recon finds reconnaissance by timestamp, address mask, information and
// extended echo requests. One host that asks another for its time, however
// often, is a clock being compared.
type Recon struct {
	c       ReconConfig
	report  *finding.Report
	sources *table.Table[asker]
	pairs   *table.Table[asked]
}

type asker struct {
	finding.Window
	targets [4][16]table.Addr
	n       [4]int
}

type asked struct {
	finding.Window
	classes uint8
	ifaces  [16]uint32
	n       int
}

// NewRecon returns the detector.
func NewRecon(c ReconConfig, seed uint64, r *finding.Report) *Recon {
	c = ReconConfig{
		min(finding.Or(c.Targets, 4), 16), finding.Or(c.Classes, 2),
		min(finding.Or(c.Interfaces, 3), 16), finding.Or(c.Size, 2048),
	}
	return &Recon{c, r, table.New[asker](c.Size, seed), table.New[asked](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Recon) Interest() finding.Interest { return finding.Requests }

// Tick implements [finding.Detector].
func (*Recon) Tick(time.Time, bool) {}

var rare = [...]conversation.Class{conversation.Timestamp, conversation.Information, conversation.Mask, conversation.ExtendedEcho}

// Observe implements [finding.Detector].
func (d *Recon) Observe(s *conversation.Seen) {
	class := slices.Index(rare[:], s.Class)
	if class < 0 {
		return
	}
	key := table.One(s.SrcAddr, 0)
	v, _ := d.sources.Put(&key)
	if v.Add(s, time.Minute) {
		v.n = [4]int{}
	}
	if n := v.n[class]; n < 16 && !slices.Contains(v.targets[class][:n], s.DstAddr) {
		v.targets[class][n] = s.DstAddr
		v.n[class]++
	}
	pair := table.Pair(s.SrcAddr, s.DstAddr, 0)
	p, _ := d.pairs.Put(&pair)
	if p.Add(s, time.Minute) {
		p.classes, p.n = 0, 0
	}
	p.classes |= 1 << class
	if s.Class == conversation.ExtendedEcho && len(s.Message) > 8 {
		if h := hash(s.Message[8:]); p.n < 16 && !slices.Contains(p.ifaces[:p.n], h) {
			p.ifaces[p.n] = h
			p.n++
		}
	}
	n := 0
	for c := p.classes; c != 0; c &= c - 1 {
		n++
	}
	if v.n[class] < d.c.Targets && n < d.c.Classes && p.n < d.c.Interfaces {
		return
	}
	d.found(s, key, v, p)
}

func (d *Recon) found(s *conversation.Seen, key table.Key, v *asker, p *asked) {
	known := d.report.Get(finding.Reconnaissance, key) != nil
	f := d.report.Found(s, finding.Reconnaissance, finding.Warning, key)
	if f == nil {
		return
	}
	if !known {
		f.Begin(v.First, v.N-1)
	}
	var names []string
	for i, c := range rare {
		if v.n[i] > 0 {
			names = append(names, c.String())
			for _, a := range v.targets[i][:v.n[i]] {
				f.Involve(a.Netip())
			}
		}
	}
	f.SayText(finding.FactClasses, strings.Join(names, ", "))
	f.SayNumber(finding.FactTargets, float64(len(f.Addresses)))
	if p.n > 0 {
		f.SayNumber(finding.FactUnknowns, float64(p.n))
	}
}

// hash is FNV-1a, to tell interfaces apart.
func hash(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b[:min(len(b), 80)] {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}
