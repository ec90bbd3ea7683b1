package finding

import (
	"cmp"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/internal/table"
)

// Limits of a Report.
const (
	mostOfKind = 64 // findings
)

type reportKey struct {
	kind Kind
	key  table.Key
}

// Report collects findings: one for each kind and what it is about, up to 64 of
// a kind; what comes above is counted. Make one with [NewReport].
type Report struct {
	index   map[reportKey]*Finding
	all     []*Finding
	ofKind  [numKinds]int
	omitted [numKinds]uint64
	fresh   []*Finding
	touched []Kind
}

// NewReport returns an empty report.
func NewReport() *Report { return &Report{index: map[reportKey]*Finding{}} }

// Get returns the finding of that kind about key; nil: there is none.
func (r *Report) Get(k Kind, key table.Key) *Finding { return r.index[reportKey{k, key}] }

// Found enters the packet s into the finding of kind k about key, which it makes
// where there is none. It returns nil when there are too many of the kind. The
// addresses of a new finding are those of s.
func (r *Report) Found(s *conversation.Seen, k Kind, sev Severity, key table.Key) *Finding {
	f := r.Late(s.Time, k, sev, key)
	if f == nil {
		return nil
	}
	if f.Count == 0 && !f.From.IsValid() {
		f.From, f.To = s.Header.Src, s.Header.Dst
	}
	f.Add(s)
	r.Touch(k)
	return f
}

// Late is Found without a packet, for what shows itself by what did not come.
func (r *Report) Late(now time.Time, k Kind, sev Severity, key table.Key) *Finding {
	at := reportKey{k, key}
	f := r.index[at]
	if f == nil {
		if r.ofKind[k] >= mostOfKind {
			r.omitted[k]++
			return nil
		}
		r.ofKind[k]++
		f = &Finding{Kind: k, Severity: sev, Start: now, End: now}
		r.index[at] = f
		r.all = append(r.all, f)
		r.fresh = append(r.fresh, f)
	}
	f.Severity = max(f.Severity, sev)
	return f
}

// Touch says that the packet which is being looked at is part of a finding of
// that kind.
func (r *Report) Touch(k Kind) {
	if !slices.Contains(r.touched, k) {
		r.touched = append(r.touched, k)
	}
}

// Next forgets which findings are new and what the last packet was part of.
func (r *Report) Next() {
	r.fresh, r.touched = r.fresh[:0], r.touched[:0]
}

// Fresh returns the findings that the last packet has made. Valid until Next.
func (r *Report) Fresh() []*Finding { return r.fresh }

// Touched returns the kinds of findings that the last packet is part of. Valid
// until Next.
func (r *Report) Touched() []Kind { return r.touched }

// Omitted returns how many times a kind was found about something new when
// there were too many already.
func (r *Report) Omitted() (n uint64) {
	for _, o := range r.omitted {
		n += o
	}
	return n
}

// Findings returns all of them, the gravest first, then by time.
func (r *Report) Findings() []*Finding {
	all := slices.Clone(r.all)
	slices.SortStableFunc(all, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.Start.Compare(b.Start), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}
