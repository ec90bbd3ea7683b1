package report

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sonde-net/sonde/probe/mtr"
)

// Was is a way that is not taken any more.
type Was struct {
	First, Last time.Time
	Rounds      int
	Hops        []WasHop
}

// WasHop is a hop of it. Sent and lost are of all its flows.
type WasHop struct {
	Addr       netip.Addr // the zero Addr: nobody answered
	Sent, Lost int
	Avg        time.Duration // of the first of them
}

// Past are the ways that are not taken any more, by when they were first. Those
// that take turns are not among them, nor what is another flow's way.
func Past(all []mtr.Path) (out []Was) {
	var hops [][]netip.Addr
	for i := range all {
		p := &all[i]
		if p.Shared || slices.ContainsFunc(all, func(x mtr.Path) bool { return x.Now && slices.Equal(x.Hops, p.Hops) }) {
			continue
		}
		k := slices.IndexFunc(hops, func(x []netip.Addr) bool { return slices.Equal(x, p.Hops) })
		if k < 0 {
			k = len(out)
			hops = append(hops, p.Hops)
			out = append(out, Was{First: p.First, Hops: make([]WasHop, len(p.Hops))})
		}
		w := &out[k]
		w.Rounds += p.Rounds
		if p.Last.After(w.Last) {
			w.Last = p.Last
		}
		for j, a := range p.Hops {
			h, s := &w.Hops[j], &p.Stats[j]
			h.Addr = a
			h.Sent, h.Lost = h.Sent+s.Sent-s.Waiting, h.Lost+s.Lost()
			if h.Avg == 0 {
				h.Avg = s.Avg()
			}
		}
	}
	return out
}

// Loss is how much was lost, in percent.
func (h *WasHop) Loss() float64 {
	if h.Sent == 0 {
		return 0
	}
	return 100 * float64(h.Lost) / float64(h.Sent)
}

// past tells of the ways that are not taken any more, the last few.
func (r *Report) past(say *words) (out []string) {
	const most = 8
	all := Past(r.Paths)
	all = all[max(0, len(all)-cmp.Or(r.MostWays, most)):]
	for i := range all {
		w := &all[i]
		var hops []string
		for k := range w.Hops {
			h := &w.Hops[k]
			s := r.Name(h.Addr)
			if h.Lost > 0 && h.Addr.IsValid() {
				s += fmt.Sprintf(" (%.1f%%)", h.Loss())
			}
			hops = append(hops, s)
		}
		out = append(out,
			fmt.Sprintf(say.past, w.First.Format("15:04:05"), w.Last.Format("15:04:05"), w.Rounds),
			"  "+strings.Join(hops, " → "))
	}
	return out
}

// change tells of a change of the way.
func (r *Report) change(say *words, e *mtr.Event) string {
	name := func(a netip.Addr) string {
		if !a.IsValid() {
			return say.nobody
		}
		return r.Name(a)
	}
	return fmt.Sprintf(say.changed, e.Time.Format("15:04:05"), e.TTL, name(e.Was), name(e.Is))
}
