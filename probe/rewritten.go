package probe

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/internal/tie"
	"github.com/sonde-net/sonde/wire/quote"
)

// mostSought is how many probes are looked through for the one that a quote is
// of: so much work each error may make that quotes none of them.
const mostSought = 1 << 12

// rewritten tells of an error that quotes a probe under a header that is not the
// probe's: addresses, ports, identifier or checksum were changed on the way, and
// not turned back in what came back. Nothing is credited. Redirects and source
// quenches are left out: a probe that they are about goes on.
func (r *reception) rewritten(c *claim.Claim) {
	p, q := r.p, &c.Quote
	if !p.cfg.Rewritten || c.Advice() || len(p.flights) > mostSought || !q.Has(quote.Addrs|quote.Proto) {
		return
	}
	slot, ok := p.tied(q)
	if !ok || !r.toUs(&p.flights[slot]) {
		return
	}
	sent := p.asSent(&p.flights[slot])
	shown := sent.Shown(q)
	if !shown.Translated() {
		return // it is something else that does not agree
	}
	e := r.begin(slot)
	e.Kind, e.Claim, e.Shown = Rewritten, event.Said(r.from.Is6(), c), &shown
	e.Reached = r.from == p.flights[slot].peer
	e.RTT = r.rtt(&p.flights[slot], e)
	p.counts.Rewritten++
	p.events.Put(e)
}

// tied returns the one flight that a quote is of by what no translator changes. Of
// several, who it was sent to decides.
func (p *Prober) tied(q *quote.Quote) (slot int32, ok bool) {
	most := tie.Least*2 - 1
	for i := range p.flights {
		f := &p.flights[i]
		if f.state != flying || f.kind.Proto(f.dst) != q.Proto || f.rare != nil && f.rare.routed {
			continue
		}
		sent := p.asSent(f)
		n := sent.Bits(q) * 2
		if q.Dst == f.dst {
			n++
		}
		switch {
		case n > most:
			slot, ok, most = int32(i), true, n
		case n == most:
			ok = false // it may be one as well as the other
		}
	}
	return slot, ok
}

// asSent is a flight as it left.
func (p *Prober) asSent(f *flight) (s tie.Sent) {
	s = tie.Sent{
		Kind: f.kind, TOS: f.tos, Src: f.src, Dst: f.dst, SrcPort: f.src16, DstPort: f.dst16, ID: f.id, Seq: f.seq,
		TCPSeq: f.aux, Sum: f.sum, IPID: f.ipid, Size: f.size, Octets: f.cookieIn(int(f.size)),
		IPIDSet: p.cfg.IPID && f.dst.Is4(), SecretPort: p.ownPort(f.src16), SecretID: p.cfg.ID == 0,
		ChosenSum: f.wantSum != 0, WellKnownSum: f.wantSum != 0 && !p.ownPort(f.wantSum),
	}
	switch {
	case f.kind == Timestamp:
		binary.BigEndian.PutUint32(s.Cookie[:], f.aux)
		s.Octets = 4
	case f.kind == Echo || !f.kind.ICMP():
		binary.BigEndian.PutUint64(s.Cookie[:], p.cookie(f))
	default:
		s.Octets = 0
	}
	return s
}

// remarked reports whether a quote has another type of service than was sent.
func (f *flight) remarked(q *quote.Quote) bool { return q.Has(quote.TOS) && q.TOS != f.tos }
