package sweep

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// verdict is what is thought of an arrival.
type verdict uint8

const (
	foreign verdict = iota // no answer to anything that was asked
	forged                 // one, but for the hash
	good
)

// arrival is a datagram that came in.
type arrival struct {
	at       time.Time
	src, dst netip.Addr
	ttl      ip.TTL
	proto    ip.Proto
	payload  []byte
}

// Inject takes an IP datagram that came in, at the time at, which may be some time
// ago. What is an answer is a result; everything else is counted. It takes nothing
// of it with it.
func (s *Sweep) Inject(at time.Time, d []byte) {
	a := arrival{at: at}
	if !a.read(d) {
		s.counts.Foreign++
		return
	}
	switch s.judge(&a) {
	case foreign:
		s.counts.Foreign++
	case forged:
		s.counts.Forged++
	}
}

func (a *arrival) read(d []byte) bool {
	if len(d) > 0 && d[0]>>4 == 6 {
		h, payload, err := ip.Parse6(d)
		if err != nil {
			return false
		}
		u, err := h.Upper(payload)
		a.src, a.dst, a.ttl, a.proto, a.payload = h.Src, h.Dst, h.HopLimit, u.Proto, u.Payload
		return err == nil
	}
	h, payload, err := ip.Parse4(d)
	a.src, a.dst, a.ttl, a.proto, a.payload = h.Src, h.Dst, h.TTL, h.Proto, payload
	return err == nil && !h.IsFragment()
}

func (s *Sweep) judge(a *arrival) verdict {
	six := a.src.Is6()
	if a.dst != s.cfg.Src4 && a.dst != s.cfg.Src6 {
		return foreign
	}
	switch {
	case a.proto == ip.ProtoICMP && !six, a.proto == ip.ProtoICMPv6 && six:
		return s.icmp(a)
	case a.proto == ip.ProtoUDP && s.cfg.Kind == UDP:
		return s.udp(a)
	case a.proto == ip.ProtoTCP && s.cfg.Kind == TCP:
		return s.tcp(a)
	}
	return foreign
}

func (s *Sweep) icmp(a *arrival) verdict {
	m, six := a.payload, a.src.Is6()
	switch {
	case len(m) < icmp4.HeaderLen:
		return foreign
	case claim.Is(six, m[0]):
		return s.fault(a)
	case s.cfg.Kind == Echo && !six && m[0] == uint8(icmp4.TypeEchoReply):
		e, err := icmp4.ParseEcho(m)
		if err != nil {
			return foreign
		}
		return s.echoReply(a, uint8(e.Code), e.ID, e.Seq, e.Data)
	case s.cfg.Kind == Echo && six && m[0] == uint8(icmp6.TypeEchoReply):
		e, err := icmp6.ParseEcho(m, a.src, a.dst)
		if err != nil {
			return foreign
		}
		return s.echoReply(a, uint8(e.Code), e.ID, e.Seq, e.Data)
	case s.cfg.Kind == Timestamp && m[0] == uint8(icmp4.TypeTimestampReply):
		e, err := icmp4.ParseTimestampMessage(m)
		if err != nil {
			return foreign
		}
		x, y, z := s.numbers(a.src)
		if e.Code != 0 || e.ID != x || e.Seq-y >= uint16(s.cfg.Repeat) || uint32(e.Originate) != z {
			return s.forged(a.src)
		}
		return s.answer(a, &Result{Kind: Reply, RTT: s.sinceTurn(a.src, int(e.Seq-y), a.at)})
	}
	return foreign
}

// forged is the verdict on what is from an address that was asked, and shows
// that it is no answer.
func (s *Sweep) forged(from netip.Addr) verdict {
	if s.cfg.Targets.Contains(from) {
		return forged
	}
	return foreign
}

func (s *Sweep) echoReply(a *arrival, code uint8, id, seq uint16, data []byte) verdict {
	x, y, _ := s.numbers(a.src)
	if code != 0 || id != x || len(data) < dataLen {
		return s.forged(a.src)
	}
	i := binary.BigEndian.Uint64(data[8:]) ^ s.tag
	if binary.BigEndian.Uint64(data) != s.cookie(a.src, i) || i >= s.order.Len() {
		return s.forged(a.src)
	}
	turn := uint8(i % s.cfg.each())
	if seq != s.sequence(y, turn) {
		return s.forged(a.src)
	}
	r := Result{Kind: Reply, RTT: s.since(i, a.at)}
	if s.cfg.Hops > 0 {
		r.Hop = turn + 1
	}
	return s.answer(a, &r)
}

// since returns how long before at probe i has left; 0: that is not known any more.
func (s *Sweep) since(i uint64, at time.Time) time.Duration {
	d := s.left[i%uint64(len(s.left))]
	if d.probe != i+1 {
		return 0
	}
	return max(at.Sub(s.origin)-time.Duration(d.at), 0)
}

// sinceTurn returns how long before at the given probe of a target has left; with
// -1, which is not known, there is an answer where each target has one.
func (s *Sweep) sinceTurn(target netip.Addr, turn int, at time.Time) time.Duration {
	each := s.cfg.each()
	if turn < 0 && each == 1 {
		turn = 0
	}
	i, ok := s.cfg.Targets.Index(target)
	if !ok || turn < 0 || uint64(turn) >= each {
		return 0
	}
	return s.since(i*each+uint64(turn), at)
}

func (s *Sweep) udp(a *arrival) verdict {
	u, _, err := transport.ParseUDP(a.payload, a.src, a.dst)
	if err != nil || u.SrcPort != s.cfg.Port {
		return foreign
	}
	if x, _, _ := s.numbers(a.src); u.DstPort != port(x) {
		return s.forged(a.src)
	}
	return s.answer(a, &Result{Kind: Reply, RTT: s.sinceTurn(a.src, -1, a.at)})
}

func (s *Sweep) tcp(a *arrival) verdict {
	t, _, err := transport.ParseTCP(a.payload, a.src, a.dst)
	if err != nil || t.SrcPort != s.cfg.Port {
		return foreign
	}
	x, _, z := s.numbers(a.src)
	const open = transport.SYN | transport.ACK
	switch {
	case t.DstPort != port(x) || t.Ack != z+1:
		return s.forged(a.src)
	case t.Flags&open == open:
		return s.answer(a, &Result{Kind: Reply, RTT: s.sinceTurn(a.src, -1, a.at)})
	case t.Flags&transport.RST != 0:
		return s.answer(a, &Result{Kind: Reply, Closed: true, RTT: s.sinceTurn(a.src, -1, a.at)})
	}
	return foreign
}

// answer takes what a target has answered itself.
func (s *Sweep) answer(a *arrival, r *Result) verdict {
	i, ok := s.cfg.Targets.Index(a.src)
	if !ok {
		return foreign
	}
	r.Target, r.From, r.TTL, r.Time = a.src, a.src, a.ttl, a.at
	if s.seen.again(i) {
		r.Duplicate = true
		s.counts.Duplicates++
	} else {
		s.counts.Answered++
	}
	s.results.put(r)
	return good
}

// fault takes an error.
func (s *Sweep) fault(a *arrival) verdict {
	var c claim.Claim
	if c.Read(a.src, a.dst, a.payload) != nil {
		return foreign
	}
	q := &c.Quote
	switch {
	case !q.Has(quote.Addrs|quote.Proto) || q.Src != a.dst || !s.cfg.Targets.Contains(q.Dst):
		return foreign
	case !s.quotes(q):
		return forged
	}
	r := Result{Kind: Error, Target: q.Dst, From: a.src, TTL: a.ttl, Time: a.at, Type: c.Type, Code: c.Code, MTU: c.MTU}
	turn := -1
	switch s.cfg.Kind {
	case Echo, Timestamp:
		_, y, _ := s.numbers(q.Dst)
		turn = int(q.ICMPSeq - y)
	}
	if s.cfg.Hops > 0 {
		r.Hop = uint8(q.ICMPSeq & (1<<hopBits - 1))
		turn = int(r.Hop) - 1
	}
	r.RTT = s.sinceTurn(q.Dst, turn, a.at)
	if c.PortUnreachable() && s.cfg.Kind == UDP && a.src == q.Dst {
		r.Closed = true
		r.Kind = Reply
		return s.answer(a, &r)
	}
	s.counts.Errors++
	s.results.put(&r)
	return good
}

// quotes reports whether a quote is of a probe that was sent.
func (s *Sweep) quotes(q *quote.Quote) bool {
	x, y, z := s.numbers(q.Dst)
	switch s.cfg.Kind {
	case UDP:
		return q.Proto == ip.ProtoUDP && q.Has(quote.Ports) && q.SrcPort == port(x) && q.DstPort == s.cfg.Port
	case TCP:
		return q.Proto == ip.ProtoTCP && q.Has(quote.Ports|quote.TCPSeq) && q.SrcPort == port(x) && q.DstPort == s.cfg.Port && q.TCPSeq == z
	}
	if !q.Has(quote.ICMPType|quote.ICMPID|quote.ICMPSeq) || q.ICMPID != x || q.ICMPCode != 0 {
		return false
	}
	kind := uint8(icmp4.TypeEchoRequest)
	switch {
	case s.cfg.Kind == Timestamp:
		kind = uint8(icmp4.TypeTimestampRequest)
	case q.Version == 6:
		kind = uint8(icmp6.TypeEchoRequest)
	}
	if q.ICMPType != kind {
		return false
	}
	if s.cfg.Hops > 0 {
		hop := q.ICMPSeq & (1<<hopBits - 1)
		return q.ICMPSeq>>hopBits == y>>hopBits && hop > 0 && int(hop) <= s.cfg.Hops
	}
	return q.ICMPSeq-y < uint16(s.cfg.Repeat)
}
