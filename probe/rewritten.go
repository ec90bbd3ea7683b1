package probe

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// mostSought is how many probes are looked through for the one that a quote is
// of: so much work each error may make that quotes none of them.
const mostSought = 1 << 12

// leastTie is how many bits that only those can know who have seen the probe a
// quote has to show as they were sent, to be tied to it under another header.
const leastTie = 30

// What a field is worth that is quoted as it was sent, in bits.
const (
	tieIPID  = 16
	tieID    = 12 // the low four are counted
	tiePort  = 14 // where the block of ports begins
	tieSum   = 16 // the cookie is under it
	tieFixed = 14 // … but the checksum was chosen, as a port is
	tieSeq   = 32 // of TCP
	tieOctet = 8  // of the cookie
)

// rewritten tells of an error that quotes a probe under a header that is not the
// probe's: addresses, ports, identifier or checksum were changed on the way, and
// not turned back in what came back. Nothing is credited.
func (r *reception) rewritten(c *claim.Claim) {
	p, q := r.p, &c.Quote
	if !p.cfg.Rewritten || len(p.flights) > mostSought || !q.Has(quote.Addrs|quote.Proto) {
		return
	}
	slot, ok := p.tied(q)
	if !ok || !r.toUs(&p.flights[slot]) {
		return
	}
	f := &p.flights[slot]
	shown := p.shown(f, q)
	if !shown.Translated() {
		return // it is something else that does not agree
	}
	e := r.begin(slot)
	e.Kind, e.Claim, e.Shown = Rewritten, said(r.from.Is6(), c), &shown
	e.Reached = r.from == f.peer
	e.RTT = r.rtt(f, e)
	p.counts.Rewritten++
	p.events.Put(e)
}

// tied returns the one flight that a quote is of by what no translator changes. Of
// several, who it was sent to decides.
func (p *Prober) tied(q *quote.Quote) (slot int32, ok bool) {
	most := leastTie*2 - 1
	for i := range p.flights {
		f := &p.flights[i]
		n := p.tie(f, q) * 2
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

// tie returns how many bits of a flight a quote shows that nobody knows who has
// not seen it; 0: it is of another.
func (p *Prober) tie(f *flight, q *quote.Quote) (bits int) {
	if f.state != flying || f.kind.Proto(f.dst) != q.Proto || f.rare != nil && f.rare.routed {
		return 0
	}
	header := transport.UDPLen
	switch f.kind {
	case TCP:
		if !q.Has(quote.TCPSeq) || q.TCPSeq != f.aux || q.Has(quote.TCPAck) && q.TCPAck != 0 ||
			q.Has(quote.TCPFlags) && transport.TCPFlags(q.TCPFlags) != transport.SYN {
			return 0
		}
		return tieSeq
	case Echo:
		header = icmp4.HeaderLen
		request := !f.dst.Is6() && icmp4.Type(q.ICMPType) == icmp4.TypeEchoRequest || f.dst.Is6() && q.ICMPType == icmp6Echo
		if !q.Has(quote.ICMPType|quote.ICMPCode|quote.ICMPID|quote.ICMPSeq) || !request || q.ICMPCode != 0 || q.ICMPSeq != f.seq {
			return 0
		}
		if q.ICMPID == f.id && p.cfg.ID == 0 {
			bits += tieID
		}
	case UDP, UDPLite:
		if !q.Has(quote.Ports) || q.Has(quote.UDPLen) && int(q.UDPLen) != transport.UDPLen+int(f.size) {
			return 0
		}
		if q.SrcPort == f.src16 && p.ownPort(f.src16) {
			bits += tiePort
		}
	default:
		return 0
	}
	data, same := p.tieData(f, q, header)
	if !same {
		return 0
	}
	secret := data + p.tieSum(f, q)
	if secret == 0 {
		return 0 // what it takes are ports and identifications alone
	}
	if p.cfg.IPID && q.Version == 4 && q.Has(quote.ID) && uint16(q.ID) == f.ipid {
		bits += tieIPID
	}
	return bits + secret
}

// icmp6Echo is the type of an echo request of ICMPv6.
const icmp6Echo = 128

// tieData is [Prober.tie] for what is quoted of the cookie.
func (p *Prober) tieData(f *flight, q *quote.Quote, header int) (bits int, same bool) {
	if len(q.Payload) <= header {
		return 0, true
	}
	var want [cookieLen]byte
	binary.BigEndian.PutUint64(want[:], p.cookie(f))
	got := q.Payload[header:]
	n := min(f.cookieIn(int(f.size)), len(got))
	return n * tieOctet, string(got[:n]) == string(want[:n])
}

// tieSum is [Prober.tie] for the checksum. It is as it was sent, or mended for what
// else has changed.
func (p *Prober) tieSum(f *flight, q *quote.Quote) int {
	bits := tieSum
	switch {
	case f.wantSum != 0 && !p.ownPort(f.wantSum), f.cookieIn(int(f.size)) < 2:
		return 0 // everybody knows it
	case f.wantSum != 0:
		bits = tieFixed
	}
	switch {
	case !q.Has(quote.Checksum):
		return 0
	case equalSums(q.Checksum, f.mended(q)):
		return bits
	case q.Checksum == f.sum:
		return bits - 1 // of two that would do
	}
	return 0
}

// equalSums compares checksums, which have two zeros.
func equalSums(a, b uint16) bool { return a%0xffff == b%0xffff }

// mended returns the checksum of the flight as one makes it who changes addresses,
// ports and identifier to those of the quote (RFC 1624).
func (f *flight) mended(q *quote.Quote) uint16 {
	sum := f.sum
	if f.kind != Echo || f.dst.Is6() {
		sum = mendAddr(mendAddr(sum, f.src, q.Src), f.dst, q.Dst)
	}
	if f.kind == Echo {
		return checksum.Update(sum, f.id, q.ICMPID)
	}
	return checksum.Update(checksum.Update(sum, f.src16, q.SrcPort), f.dst16, q.DstPort)
}

func mendAddr(sum uint16, old, now netip.Addr) uint16 {
	a, b := old.As16(), now.As16()
	for i := 0; i < len(a); i += 4 {
		sum = checksum.Update32(sum, binary.BigEndian.Uint32(a[i:]), binary.BigEndian.Uint32(b[i:]))
	}
	return sum
}

// shown is what a quote of the flight shows otherwise than it was sent.
func (p *Prober) shown(f *flight, q *quote.Quote) (s Shown) {
	if q.Src != f.src {
		s.Src = q.Src
	}
	if q.Dst != f.dst {
		s.Dst = q.Dst
	}
	if q.Has(quote.Checksum) {
		s.Checksum = q.Checksum != f.sum
		none := q.Checksum == 0 && q.Proto == ip.ProtoUDP
		s.Unfit = !none && !equalSums(q.Checksum, f.mended(q))
	}
	s.IPID = p.cfg.IPID && q.Version == 4 && q.Has(quote.ID) && uint16(q.ID) != f.ipid
	s.TOS = f.remarked(q)
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

// remarked reports whether a quote has another type of service than was sent.
func (f *flight) remarked(q *quote.Quote) bool { return q.Has(quote.TOS) && q.TOS != f.tos }
