// Package rewrite finds where on a way probes begin to be seen otherwise than they
// were sent: a translator of addresses that does not turn back what errors quote
// (RFC 3022 §4.3 has it do so), or a gateway that changes the type of service.
//
//	var seen []rewrite.Seen
//	if s, ok := rewrite.Of(ttl, &event); ok { // of each error
//		seen = append(seen, s)
//	}
//	for _, c := range rewrite.Changes(seen) {
//		fmt.Println("behind hop", c.After, "and up to hop", c.TTL, c.Src)
//	}
//
// The source of a datagram is changed as it leaves, so that the next hop is the
// first to show it; the destination is changed as it comes in, and who does so may
// show it himself.
package rewrite

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Seen is how somebody on the way has quoted a probe.
type Seen struct {
	TTL      ip.TTL     `json:"ttl"`  // how far away
	From     netip.Addr `json:"from"` // who quotes it
	QuoteTOS uint8      `json:"quote_tos"`
	probe.Shown
}

// Of returns what an error about a probe shows. It is not ok when there is none, or
// when the quoted header did not come with it, as without privileges.
func Of(ttl ip.TTL, e *probe.Event) (Seen, bool) {
	if !e.Claim.Present || e.Claim.QuoteLen == 0 {
		return Seen{}, false
	}
	s := Seen{TTL: ttl, From: e.From, QuoteTOS: e.Claim.QuoteTOS}
	if e.Shown != nil {
		s.Shown = *e.Shown
	}
	return s, true
}

// Like reports whether t shows the same that s does, from whomever. Ports differ
// from flow to flow, so that it counts that they are others; a checksum counts when
// it is wrong.
func (s *Seen) Like(t *Seen) bool { return s.key() == t.key() && s.Unfit == t.Unfit }

type key struct {
	src, dst     netip.Addr
	sport, dport uint16 // 1: another
	id, ipid     bool
	remarked     bool
	tos          uint8 // where it is
}

func (s *Seen) key() key {
	k := key{s.Src, s.Dst, min(s.SrcPort, 1), min(s.DstPort, 1), s.ID, s.IPID, s.TOS, 0}
	if s.TOS {
		k.tos = s.QuoteTOS
	}
	return k
}

// plain reports whether nothing was changed.
func (s *Seen) plain() bool { return s.Like(&Seen{}) }

// Change is where probes begin to be seen in a way in which nobody one hop nearer
// has seen them: translated, or with another type of service.
type Change struct {
	Seen
	After ip.TTL `json:"after_ttl"` // the last hop before that has quoted any; 0: none
}

// Changes returns where probes begin to be seen otherwise than they were sent, the
// nearest first. What is translated and the type of service are told of apart. They
// may be handed in in any order.
func Changes(seen []Seen) []Change {
	var translated, remarked []Seen
	for _, s := range seen {
		x := s
		x.TOS = false
		translated = append(translated, x)
		s.Shown = probe.Shown{TOS: s.TOS}
		remarked = append(remarked, s)
	}
	out := append(changes(translated), changes(remarked)...)
	slices.SortStableFunc(out, func(a, b Change) int { return cmp.Compare(a.TTL, b.TTL) })
	return out
}

// changes is [Changes] for one of the two.
func changes(seen []Seen) (out []Change) {
	slices.SortStableFunc(seen, func(a, b Seen) int {
		switch {
		case a.TTL != b.TTL || a.Unfit == b.Unfit:
			return cmp.Compare(a.TTL, b.TTL)
		case a.Unfit: // it shows what the other does, and more
			return -1
		}
		return 1
	})
	var before []Seen // by the last hop that has quoted any
	for len(seen) > 0 {
		n := 1
		for n < len(seen) && seen[n].TTL == seen[0].TTL {
			n++
		}
		var here []Seen
		for _, s := range seen[:n] {
			if slices.ContainsFunc(here, func(x Seen) bool { return x.shows(&s) }) {
				continue
			}
			here = append(here, s)
			if s.plain() || slices.ContainsFunc(before, func(x Seen) bool { return x.shows(&s) }) {
				continue
			}
			c := Change{Seen: s}
			if len(before) > 0 {
				c.After = before[0].TTL
			}
			out = append(out, c)
		}
		before, seen = here, seen[n:]
	}
	return out
}

// shows reports whether s has all that t has: a quote that ends before the checksum
// does not show that it is wrong.
func (s *Seen) shows(t *Seen) bool { return s.key() == t.key() && (s.Unfit || !t.Unfit) }
