package probe

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/quote"
)

// mostSought is how many probes are looked through for the one that a quote is
// of: so much work each error may make that quotes none of them.
const mostSought = 1 << 12

// rewritten tells of an error that quotes a probe by its cookie, all of it, under
// a header that is not the probe's: addresses, ports, identifier or checksum were
// changed on the way, and not turned back in what came back. Nothing is credited.
func (r *reception) rewritten(c *claim.Claim) {
	p, q := r.p, &c.Quote
	if !p.cfg.Rewritten || len(p.flights) > mostSought || !q.Has(quote.Addrs|quote.Proto) || len(q.Payload) < icmp4.HeaderLen+cookieLen {
		return
	}
	cookie := binary.BigEndian.Uint64(q.Payload[icmp4.HeaderLen:])
	for slot := range p.flights {
		f := &p.flights[slot]
		if f.state != flying || f.kind != Echo && f.kind != UDP && f.kind != UDPLite || f.kind.Proto(f.dst) != q.Proto ||
			f.cookieIn(int(f.size)) < cookieLen || p.cookie(f) != cookie || !r.toUs(f) {
			continue
		}
		shown := f.shown(q)
		shown.IPID = p.cfg.IPID && q.Version == 4 && uint16(q.ID) != f.ipid
		if shown == (Shown{}) {
			return // it is something else that does not agree
		}
		e := r.begin(int32(slot))
		e.Kind, e.Claim, e.Shown = Rewritten, said(r.from.Is6(), c), &shown
		e.RTT = r.rtt(f, &e)
		p.counts.Rewritten++
		p.events.Put(&e)
		return
	}
}

// shown is what a quote of the flight shows otherwise than it was sent.
func (f *flight) shown(q *quote.Quote) (s Shown) {
	if q.Src != f.src {
		s.Src = q.Src
	}
	if q.Dst != f.dst {
		s.Dst = q.Dst
	}
	s.Checksum = q.Checksum != f.sum
	if f.kind == Echo {
		s.ID = q.ICMPID != f.id
		return s
	}
	if q.SrcPort != f.src16 {
		s.SrcPort = q.SrcPort
	}
	if q.DstPort != f.dst16 {
		s.DstPort = q.DstPort
	}
	return s
}
