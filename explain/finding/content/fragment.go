package content

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/ip"
)

// FragmentConfig is how much is remembered. Zeros stand for the values in
// brackets.
type FragmentConfig struct {
	Size int           // datagrams in pieces [1024], each with up to 64 of them
	Age  time.Duration // after which an identification is used again [15s]
}

// Fragment finds fragments that end beyond the longest datagram, overlap, or lie
// inside of one another. A copy of a fragment is none of these: links make them.
type Fragment struct {
	c      FragmentConfig
	report *finding.Report
	pieces *table.Table[pieces]
}

const mostPieces = 64

type piece struct{ start, end uint32 }

type pieces struct {
	first time.Time
	at    [mostPieces]piece
	n     int
	sum   uint32 // octets
	total uint32 // 0: the last is still to come
}

// NewFragment returns the detector.
func NewFragment(c FragmentConfig, seed uint64, r *finding.Report) *Fragment {
	c = FragmentConfig{finding.Or(c.Size, 1024), finding.Or(c.Age, 15*time.Second)}
	return &Fragment{c, r, table.New[pieces](c.Size, seed)}
}

// Interest implements [finding.Detector].
func (*Fragment) Interest() finding.Interest { return finding.Fragments }

// Tick implements [finding.Detector].
func (*Fragment) Tick(time.Time, bool) {}

// maxLen is the longest datagram, in octets.
const maxLen = 65535

// length returns how long, by its length field, the datagram is that a fragment
// belongs to, if nothing comes behind end. That of IPv6 counts neither the header
// nor that of the fragment (RFC 8200 §4.5).
func length(s *conversation.Seen, end uint32) int {
	n := int(end) + int(s.Header.HeaderLen)
	if s.Header.Version == 6 {
		n -= ip.HeaderLen6 + ip.FragmentLen6
	}
	return n
}

// Observe implements [finding.Detector].
func (d *Fragment) Observe(s *conversation.Seen) {
	h := &s.Header
	n := s.TotalLen - int(h.HeaderLen)
	if n <= 0 || s.Fault&conversation.Length != 0 {
		return
	}
	p := piece{uint32(h.FragOffset), uint32(int(h.FragOffset) + n)} //nolint:gosec // a datagram's
	who := table.Pair(s.SrcAddr, s.DstAddr, uint64(h.Proto))
	if length(s, p.end) > maxLen {
		if f := d.report.Found(s, finding.PingOfDeath, finding.Alarm, who); f != nil {
			f.SayNumber(finding.FactEnd, max(f.Number(finding.FactEnd), float64(p.end)))
			f.SayText(finding.FactProtocol, h.Proto.String())
		}
		return
	}
	key := table.Pair(s.SrcAddr, s.DstAddr, uint64(h.ID)|uint64(h.Proto)<<32)
	v, fresh := d.pieces.Put(&key)
	if fresh || s.Time.Sub(v.first) > d.c.Age {
		*v = pieces{first: s.Time}
	}
	if kind := v.clash(p); kind != 0 {
		if f := d.report.Found(s, kind, finding.Alarm, who); f != nil {
			f.SayText(finding.FactProtocol, h.Proto.String())
		}
		return
	}
	if v.add(p, h.MF); v.total > 0 && v.sum >= v.total {
		d.pieces.Remove(&key) // all there: the next with this number is another
	}
}

// clash returns what p has to do with the pieces that are there: 0 is nothing.
func (v *pieces) clash(p piece) finding.Kind {
	var kind finding.Kind
	for _, q := range v.at[:v.n] {
		switch {
		case p == q:
			return 0
		case p.start >= q.end || p.end <= q.start:
		case p.start > q.start && p.end < q.end, q.start > p.start && q.end < p.end:
			return finding.Teardrop
		default:
			kind = finding.OverlappingFragments
		}
	}
	return kind
}

func (v *pieces) add(p piece, more bool) {
	for _, q := range v.at[:v.n] {
		if p == q {
			return
		}
	}
	if v.n < mostPieces {
		v.at[v.n] = p
		v.n++
	}
	v.sum += p.end - p.start
	if !more {
		v.total = p.end
	}
}
