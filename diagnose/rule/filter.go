package rule

import (
	"net/netip"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
)

// What the rules of this file find.
const (
	FilteredBy     Kind = "filtered by"     // a gateway says so
	FilteredBehind Kind = "filtered behind" // nothing comes from behind a hop, though others of other kinds do
	FilteredThere  Kind = "filtered there"  // the target itself is silent, or whatever is right before it
	RefusedThere   Kind = "refused there"   // … or says no
	PortOpen       Kind = "port open"
	PortClosed     Kind = "port closed"
	PortRejected   Kind = "port rejected"
	PortFiltered   Kind = "port filtered"
	SynAck         Kind = "syn ack"      // evidence
	Rst            Kind = "rst"          // evidence
	NoReplies      Kind = "no replies"   // evidence: a kind of probe was not answered by the target
	HopAnswers     Kind = "hop answers"  // evidence: … by a hop
	OthersReach    Kind = "others reach" // evidence: other kinds are answered
)

// Filters finds kinds of probes that the target does not answer, though it
// answers others, and where they end.
func Filters(f *facts.Facts) (out []Finding) {
	if !f.Reached() || f.Interrupted {
		return nil
	}
	for _, k := range [...]probe.Kind{probe.Echo, probe.UDP, probe.TCP} {
		t := f.By(k)
		if t == nil || t.Why != "" || t.Loop != nil {
			continue
		}
		if k == probe.Echo {
			if p := &f.Ping; p.Received > 0 || p.Unsent == p.Sent {
				continue
			}
		}
		if k != probe.Echo && t.Reached && t.Stop == nil {
			continue
		}
		if t.Stop == nil && (k == probe.TCP && f.Ping.Loss() > 0 || lossy(f)) {
			// A SYN ACK that is lost leaves a connection half open, and what comes
			// after it unanswered.
			continue
		}
		out = append(out, filtered(f, t))
	}
	return out
}

// filtered says where a kind of probe ends.
func filtered(f *facts.Facts, t *facts.Trace) Finding {
	d := Data{Probe: ptr(t.Probe), Port: int(t.Port)}
	others := of(OthersReach, Data{Probes: answered(f)})
	if s := t.Stop; s != nil {
		d.Addr, d.Hop, d.Claim = s.From, hopOf(f, s.From), ptr(s.Claim)
		says := of(Says, Data{Addr: s.From, Hop: d.Hop, Claim: d.Claim, Count: s.Count, Probe: d.Probe, Port: d.Port})
		if s.From == f.Dst {
			return found(RefusedThere, Note, d, says, others)
		}
		return found(FilteredBy, Trouble, d, says, others)
	}
	n, from := t.Last()
	next, by := beyond(f, t, n)
	if next == 0 || by == f.Dst {
		d.Addr, d.Hop, d.Other = f.Dst, n, from
		return found(FilteredThere, Note, d, of(NoReplies, d), others)
	}
	d.Hop, d.Other, d.Last, d.Addr = n, from, next, by
	return found(FilteredBehind, Trouble, d, of(NoReplies, d), of(HopAnswers, d), others)
}

// answered are the kinds of probes that the target answers.
func answered(f *facts.Facts) []probe.Kind {
	var all []probe.Kind
	for _, k := range [...]probe.Kind{probe.Echo, probe.UDP, probe.TCP} {
		if t := f.By(k); k == probe.Echo && f.Ping.Received > 0 || k != probe.Echo && t != nil && t.Reached {
			all = append(all, k)
		}
	}
	return all
}

// beyond returns the next hop behind n at which somebody answers other kinds.
func beyond(f *facts.Facts, than *facts.Trace, n int) (ttl int, by netip.Addr) {
	for i := range f.Path {
		h := &f.Path[i]
		if x := than.At(h.TTL); h.TTL > n && h.Answered > 0 && (x == nil || x.Answered == 0) {
			return h.TTL, first(h)
		}
	}
	return 0, by
}

// Ports says what the ports are like that were asked for.
func Ports(f *facts.Facts) (out []Finding) {
	for i := range f.Ports {
		p := &f.Ports[i]
		d := Data{Port: int(p.Port)}
		switch p.State {
		case facts.Open:
			out = append(out, found(PortOpen, Note, d, of(SynAck, d)))
		case facts.Closed:
			out = append(out, found(PortClosed, Note, d, of(Rst, d)))
		case facts.Rejected:
			d.Addr, d.Hop, d.Claim = p.Said.From, hopOf(f, p.Said.From), ptr(p.Said.Claim)
			e := d
			e.Probe, e.Count = ptr(probe.TCP), p.Said.Count
			out = append(out, found(PortRejected, Note, d, of(Says, e)))
		case facts.Filtered:
			d.Probe = ptr(probe.TCP)
			out = append(out, found(PortFiltered, Note, d, of(NoReplies, d)))
		}
	}
	return out
}
