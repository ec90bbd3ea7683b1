package forgery

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// Quench finds source quench. There should be none (RFC 6633), so it has no
// threshold.
type Quench struct{ report *finding.Report }

// NewQuench returns the detector.
func NewQuench(r *finding.Report) *Quench { return &Quench{r} }

// Interest implements [finding.Detector].
func (*Quench) Interest() finding.Interest { return finding.Messages }

// Tick implements [finding.Detector].
func (*Quench) Tick(time.Time, bool) {}

// Observe implements [finding.Detector].
func (d *Quench) Observe(s *conversation.Seen) {
	if s.Header.Version != 4 || icmp4.Type(s.Type) != icmp4.TypeSourceQuench || s.Fault&^conversation.Cut != 0 {
		return
	}
	f := d.report.Found(s, finding.SourceQuench, finding.Notice, table.Pair(s.SrcAddr, s.DstAddr, 0))
	if f == nil || !s.HasQuote {
		return
	}
	f.SayText(finding.FactQuoted, about(&s.Quote))
	if s.Relation == conversation.Orphan {
		f.Say(finding.FactUnseen)
		f.Severity = max(f.Severity, finding.Warning)
	}
}
