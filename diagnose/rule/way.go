package rule

import (
	"net/netip"
	"slices"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// What the rules of this file find.
const (
	ByFlow     Kind = "balanced by flow"
	ByPacket   Kind = "balanced by packet"
	Changed    Kind = "way changed"
	WasAt      Kind = "was at" // evidence: who answered at a hop, and who did later
	Lopsided   Kind = "asymmetric"
	Redirected Kind = "redirected"
	Quenched   Kind = "quenched"
	ClockRight Kind = "clock right"
	ClockOff   Kind = "clock off"   // by less than a second
	ClockWrong Kind = "clock wrong" // by more
	ClockMute  Kind = "clock silent"
	ClockForm  Kind = "clock form" // its stamps are not what the standard says
	ClockDrift Kind = "clock drift"
	LeftOut    Kind = "left out"
	// SomeNotSent is of echoes, some of which did not leave this host.
	SomeNotSent Kind = "some not sent"
	SeveralAt   Kind = "several at" // evidence: who answers at a hop
	TTLBack     Kind = "ttl back"   // evidence
	Bounds      Kind = "bounds"     // evidence: of the offset
)

// Balance finds equal ways: by flow, when traces of different flows meet others
// at the same hop; by packet, when one flow does. Where one flow meets others at
// one time than at another, the way has changed, and what is in two places of it
// tells nothing of flows.
func Balance(f *facts.Facts) (out []Finding) {
	var flow, packet Data
	var e, ep []Evidence
	for i := range f.Path {
		h := &f.Path[i]
		several, mixed := waysAt(f, h)
		if len(several) < 2 {
			continue
		}
		d := Data{Hop: h.TTL, Addrs: several}
		if mixed {
			packet.Hops = append(packet.Hops, h.TTL)
			ep = append(ep, of(SeveralAt, d))
		} else {
			flow.Hops = append(flow.Hops, h.TTL)
			e = append(e, of(SeveralAt, d))
		}
	}
	if len(ep) > 0 {
		out = append(out, found(ByPacket, Note, packet, ep...))
	}
	if len(e) > 0 && len(f.Moved) == 0 {
		out = append(out, found(ByFlow, Note, flow, e...))
	}
	return out
}

// waysAt returns who answers at a hop, the target left out, and whether one trace
// alone has met several of them.
func waysAt(f *facts.Facts, h *facts.Hop) (all []netip.Addr, mixed bool) {
	for i := range f.Traces {
		x := f.Traces[i].At(h.TTL)
		if x == nil {
			continue
		}
		mine := 0
		for _, a := range x.Addrs {
			if a == f.Dst {
				continue
			}
			mine++
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
		mixed = mixed || mine > 1
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return all, mixed
}

// Change finds a way that has changed while it was measured.
func Change(f *facts.Facts) []Finding {
	if len(f.Moved) == 0 {
		return nil
	}
	var d Data
	var e []Evidence
	for _, m := range f.Moved {
		d.Hops = append(d.Hops, m.TTL)
		e = append(e, of(WasAt, Data{Hop: m.TTL, Addr: m.Is, Other: m.Was}))
	}
	slices.Sort(d.Hops)
	slices.SortFunc(e, func(a, b Evidence) int { return a.Hop - b.Hop })
	return only(Changed, Note, d, e...)
}

// leastLopsided is how many hops the ways there and back have to differ: one is
// easily a matter of how gateways count.
const leastLopsided = 2

// Asymmetry finds a way back that is not as long as that there, as the time to
// live of the replies suggests.
func Asymmetry(f *facts.Facts) []Finding {
	there, back := f.Length(), f.Ping.Back
	if len(f.Moved) > 0 || there == 0 || back == 0 || max(there, back)-min(there, back) < leastLopsided {
		return nil
	}
	d := Data{Hop: there, Last: back, Count: f.Ping.TTL}
	return only(Lopsided, Note, d, of(TTLBack, d))
}

// Advice finds redirects, and source quenches.
func Advice(f *facts.Facts) (out []Finding) {
	for i := range f.Ping.Advice {
		s := &f.Ping.Advice[i]
		d := Data{Addr: s.From, Claim: &s.Claim, Count: s.Count, Other: s.Claim.Gateway}
		k, v := Redirected, Note
		if s.From.Is4() && icmp4.Type(s.Claim.Type) == icmp4.TypeSourceQuench {
			k, v = Quenched, Trouble
		}
		out = append(out, found(k, v, d, of(Says, Data{Addr: s.From, Claim: &s.Claim, Count: s.Count, Probe: ptr(probe.Echo)})))
	}
	return out
}

// second is how far off a clock may be before it is called wrong.
const second = 1e9

// Clock says what the target's clock is like.
func Clock(f *facts.Facts) (out []Finding) {
	c := f.Clock
	if c == nil || !f.Reached() || f.Interrupted || c.Err != "" {
		return nil
	}
	if c.Received == 0 {
		return only(ClockMute, Note, Data{Addr: f.Dst, Sent: c.Sent})
	}
	if c.Form != offset.Standard {
		out = append(out, found(ClockForm, Note, Data{Addr: f.Dst, Text: c.Form.String()}))
	}
	if !c.Known {
		return out
	}
	d := Data{Addr: f.Dst, Time: c.Ahead, Within: c.Within, Got: c.Received}
	bounds := of(Bounds, d)
	switch {
	case c.Ahead.Abs() <= c.Within:
		out = append(out, found(ClockRight, Good, d, bounds))
	case c.Ahead.Abs() < second:
		out = append(out, found(ClockOff, Note, d, bounds))
	default:
		out = append(out, found(ClockWrong, Trouble, d, bounds))
	}
	if c.DriftKnown {
		out = append(out, found(ClockDrift, Note, Data{Addr: f.Dst, Percent: c.Drift}))
	}
	return out
}

// Omissions says what was left out, and why.
func Omissions(f *facts.Facts) (out []Finding) {
	for _, o := range f.Left {
		out = append(out, found(LeftOut, Note, Data{Text: o.What + ": " + o.Why}))
	}
	switch p := &f.Ping; {
	case p.Unsent == 0 || !f.Reached():
	case p.Unsent == p.Sent:
		out = append(out, found(LeftOut, Note, Data{Text: "echo: " + p.Why}))
	default:
		out = append(out, found(SomeNotSent, Trouble, Data{Count: p.Unsent, Sent: p.Sent, Text: p.Why}))
	}
	if f.Interrupted && f.Reached() {
		out = append(out, found(Interrupted, Note, Data{Addr: f.Dst}))
	}
	return out
}
