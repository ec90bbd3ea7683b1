package probe

import (
	"net/netip"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// Knows reports whether a quoted header is that of a probe that is known, in all
// that the quote shows: what a node asks its upper layer before it acts on an
// error (RFC 5927).
func (p *Prober) Knows(q *quote.Quote) bool {
	_, v := p.quoted(q)
	return v == Credited
}

// quoted finds the flight whose datagram is quoted.
func (p *Prober) quoted(q *quote.Quote) (int32, Verdict) {
	k, word, v := p.asked(q)
	if v != Credited {
		return 0, v
	}
	final, route := claim.Destination(q)
	slot, ok := p.find(keyOf(k, word, final))
	if !ok && p.anyone > 0 {
		slot, ok = p.find(keyOf(k, word, netip.Addr{}))
	}
	switch {
	case !ok && !k.ICMP() && !p.ownPort(q.SrcPort):
		return 0, Unrelated
	case !ok:
		return 0, NotInFlight
	case !p.same(&p.flights[slot], q, route):
		return 0, WrongQuote
	}
	return slot, Credited
}

// asked reads of a quote what kind of probe it is of, and the word of its key.
func (p *Prober) asked(q *quote.Quote) (k Kind, word uint64, v Verdict) {
	if !q.Has(quote.Addrs | quote.Proto) {
		return 0, 0, ShortQuote
	}
	var need quote.Fields
	switch q.Proto {
	case ip.ProtoUDP, ip.ProtoUDPLite:
		k, need, word = UDP, quote.Ports|quote.Checksum, udpWord(q.SrcPort, q.DstPort, q.Checksum)
		if q.Proto == ip.ProtoUDPLite {
			k = UDPLite
		}
	case ip.ProtoTCP:
		k, need, word = TCP, quote.Ports|quote.TCPSeq, uint64(q.TCPSeq)
	case ip.ProtoICMP, ip.ProtoICMPv6:
		var known bool
		k, known = question.KindOf(q.Version == 6, false, q.ICMPType)
		if !known || k == Solicit || (q.Proto == ip.ProtoICMPv6) != (q.Version == 6) || q.Has(quote.ICMPID) && !p.ownID(q.ICMPID) {
			return 0, 0, Unrelated
		}
		need, word = quote.ICMPType|quote.ICMPCode|quote.ICMPID|quote.ICMPSeq, icmpWord(q.ICMPID, q.ICMPSeq)
	default:
		return 0, 0, Unrelated
	}
	if !q.Has(need) {
		return 0, 0, ShortQuote
	}
	return k, word, Credited
}

// same compares all that a quote shows with what was sent and does not change on
// the way: not the TTL, type of service, lengths in the byte order of others.
func (p *Prober) same(f *flight, q *quote.Quote, route bool) bool {
	if f.kind.Proto(f.dst) != q.Proto || q.Src != f.src {
		return false
	}
	// A source route changes the destination from stop to stop.
	if source := f.rare != nil && f.rare.routed; source != route || !route && q.Dst != f.dst {
		return false
	}
	sent := p.asSent(f)
	return sent.Same(q)
}

// fault takes an error.
func (r *reception) fault(c *claim.Claim) Verdict {
	slot, v := r.p.quoted(&c.Quote)
	if v != Credited {
		r.rewritten(c)
		return v
	}
	f := &r.p.flights[slot]
	if !r.toUs(f) {
		return WrongTarget
	}
	e := r.begin(slot)
	e.Claim = event.Said(r.from.Is6(), c)
	if r.p.cfg.Rewritten && f.remarked(&c.Quote) {
		e.Shown = &Shown{TOS: true}
	}
	counts := &r.p.counts
	e.Reached = r.from == f.peer
	// Nobody listens there: for a datagram, that is the reply.
	if c.PortUnreachable() && !f.kind.ICMP() && f.kind != TCP && (e.Reached || f.anyone) {
		return r.reply(slot, e)
	}
	switch {
	case c.Advice():
		e.Kind = Advice
		counts.Advice++
	case f.answered || f.failed:
		e.Kind = Duplicate
		counts.Duplicates++
	case f.late:
		e.Kind = Late
		counts.Late++
	default:
		e.Kind = Error
		counts.Errors++
	}
	if e.Kind != Advice {
		f.failed = true
	}
	r.tell(slot, e)
	return Credited
}
