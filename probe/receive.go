package probe

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/ndp"
	"github.com/sonde-net/sonde/wire/transport"
)

// Receive looks at a datagram that came in. When it is a reply to a probe or an
// error about one, in all that it shows, there is an event to read (P-01);
// anything else is counted. It takes nothing of it with it.
func (p *Prober) Receive(now time.Time, a *Arrival) Verdict {
	p.begin(now)
	p.arrival = *a // a copy, so that what is handed in need not be on the heap
	r := reception{p: p, now: now, a: &p.arrival, from: plain(a.From.Unmap()), to: plain(a.To.Unmap())}
	v := r.judge()
	p.counts.Arrivals[v]++
	p.arrival, p.claim = Arrival{}, claim.Claim{}
	p.draft.Options, p.draft.Message, p.draft.Claim.Ext = nil, nil, nil
	return v
}

// reception is one arrival being looked at.
type reception struct {
	p        *Prober
	now      time.Time
	a        *Arrival
	from, to netip.Addr // without zones
}

func (r *reception) judge() Verdict {
	a := r.a
	v6 := r.from.Is6()
	switch {
	case !r.from.IsValid() || r.to.IsValid() && r.to.Is4() != r.from.Is4():
		return Malformed
	case r.from.IsUnspecified() || r.from.IsMulticast():
		return WrongTarget
	case a.Err != nil:
		return r.fault(a.Err)
	case a.Proto == ip.ProtoUDP:
		return r.udp()
	case a.Proto == ip.ProtoUDPLite:
		return r.udpLite()
	case a.Proto == ip.ProtoTCP:
		return r.tcp()
	case a.Proto == ip.ProtoICMP && !v6, a.Proto == ip.ProtoICMPv6 && v6:
		return r.icmp(v6)
	}
	return Unrelated
}

func (r *reception) icmp(v6 bool) Verdict {
	m := r.a.Payload
	if len(m) < icmp4.HeaderLen {
		return Malformed
	}
	if claim.Is(v6, m[0]) {
		c := &r.p.claim
		if !r.verified(v6) {
			return BadChecksum
		}
		if c.Decode(r.from, m) != nil {
			return Malformed
		}
		return r.fault(c)
	}
	k, ok := question.KindOf(v6, true, m[0])
	if ok && k == Solicit {
		return r.advertised(v6)
	}
	if !ok || !r.p.ownID(binary.BigEndian.Uint16(m[4:])) {
		return Unrelated
	}
	if !r.verified(v6) {
		return BadChecksum
	}
	return r.answer(k, v6)
}

func (r *reception) verified(v6 bool) bool {
	switch {
	case r.a.Verified:
		return true
	case v6:
		return r.to.IsValid() && icmp6.Verify(r.a.Payload, r.from, r.to) == nil
	}
	return icmp4.Verify(r.a.Payload) == nil
}

// answer takes the reply to an ICMP query.
func (r *reception) answer(k Kind, v6 bool) Verdict {
	m := r.a.Payload
	id, seq := binary.BigEndian.Uint16(m[4:]), binary.BigEndian.Uint16(m[6:])
	if k == ExtEcho {
		seq >>= 8
	}
	slot, ok := r.find(k, icmpWord(id, seq))
	if !ok {
		return NotInFlight
	}
	f := &r.p.flights[slot]
	switch {
	case !r.toUs(f):
		return WrongTarget
	case m[1] != 0 && k != ExtEcho:
		return WrongCode
	}
	e := r.begin(slot)
	var data []byte
	switch k {
	case Echo:
		data = m[icmp4.HeaderLen:]
	case Timestamp:
		x, err := icmp4.DecodeTimestampMessage(m)
		if err != nil {
			return Malformed
		}
		if uint32(x.Originate) != f.aux {
			return WrongCookie
		}
		e.Answer = Answer{Originate: x.Originate, Receive: x.Receive, Transmit: x.Transmit}
	case Mask:
		x, err := icmp4.DecodeAddressMask(m)
		if err != nil {
			return Malformed
		}
		e.Answer.Mask = x.Mask
	case ExtEcho:
		e.Answer = event.Extended(m, v6)
	}
	if k == Echo && !r.compare(f, data, e) {
		return WrongCookie
	}
	return r.reply(slot, e)
}

// advertised takes a router advertisement, which says not what it answers: any of
// the same family does that comes while it is remembered that somebody was asked.
//
// Reading: RFC 4861 §6.1.2 has it from the link alone, by hop limit and address.
// RFC 1256 has no such rule, so that of an IPv4 one nothing shows where it is from.
func (r *reception) advertised(v6 bool) Verdict {
	m := r.a.Payload
	slot, ok := r.find(Solicit, icmpWord(0, 0))
	if !ok {
		return Unrelated
	}
	f := &r.p.flights[slot]
	switch {
	case !r.verified(v6):
		return BadChecksum
	case !r.toUs(f) && !r.to.IsMulticast() && r.to != broadcast:
		return WrongTarget
	case v6 && (r.a.TTL != onLink || !r.from.IsLinkLocalUnicast()):
		return OffLink
	case v6 && m[1] != 0:
		return WrongCode
	}
	var err error
	if v6 {
		var a icmp6.RouterAdvertisement
		a, err = icmp6.DecodeRouterAdvertisement(m)
		for _, fault := range ndp.Options(a.Options) { // one without length makes all of it void
			err = cmp.Or(err, fault)
		}
	} else {
		_, err = icmp4.DecodeRouterAdvertisement(m)
	}
	if err != nil {
		return Malformed
	}
	e := r.begin(slot)
	e.Message = m
	return r.reply(slot, e)
}

// broadcast is to all on the link.
var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// onLink is the hop limit of what no router has passed on.
const onLink = 255

// find returns the flight to which the sender of the arrival may reply, with the
// word of its key.
func (r *reception) find(k Kind, word uint64) (int32, bool) {
	slot, ok := r.p.find(keyOf(k, word, r.from))
	if !ok && r.p.anyone > 0 {
		slot, ok = r.p.find(keyOf(k, word, netip.Addr{}))
		ok = ok && r.p.flights[slot].dst.Is4() == r.from.Is4()
	}
	return slot, ok
}

// toUs reports whether the arrival was sent to where the probe came from.
func (r *reception) toUs(f *flight) bool {
	return !r.to.IsValid() || r.to == f.src || f.src.IsUnspecified()
}

// compare holds the data of a reply to that of the probe, and reports whether
// the cookie is in it, as much as the probe had.
//
// Reading: a reply that shows less of the cookie than was sent is not credited,
// though all that it shows may agree: one who has seen no probe could send it.
func (r *reception) compare(f *flight, data []byte, e *Event) bool {
	sent := r.p.fill(f)
	n := f.cookieIn(len(sent))
	if len(data) < n || !bytes.Equal(data[:n], sent[:n]) {
		return false
	}
	e.Truncated = len(data) < len(sent)
	for i := n; i < min(len(data), len(sent)); i++ {
		if data[i] != sent[i] {
			e.Altered, e.AlteredAt, e.Want, e.Got = true, i, sent[i], data[i]
			return true
		}
	}
	if len(data) > len(sent) {
		e.Altered, e.AlteredAt, e.Got = true, len(sent), data[len(sent)]
	}
	return true
}

func (r *reception) udp() Verdict {
	own, other, ok := r.ports()
	if !ok {
		return Malformed
	}
	u, data, err := transport.DecodeUDP(r.a.Payload)
	if err != nil {
		return Malformed
	}
	if !r.a.Verified {
		_, data, err = transport.ParseUDP(r.a.Payload, r.from, r.to)
	}
	return r.datagram(UDP, own, other, u.Checksum, data, err)
}

func (r *reception) udpLite() Verdict {
	own, other, ok := r.ports()
	if !ok {
		return Malformed
	}
	u, data, err := transport.DecodeUDPLite(r.a.Payload)
	if err != nil {
		return Malformed
	}
	if !r.a.Verified {
		_, data, err = transport.ParseUDPLite(r.a.Payload, r.from, r.to)
	}
	return r.datagram(UDPLite, own, other, u.Checksum, data, err)
}

func (r *reception) ports() (own, other uint16, ok bool) {
	other, own, err := transport.ParsePorts(r.a.Payload)
	return own, other, err == nil
}

// datagram takes a datagram of UDP or UDP-Lite; err is what is wrong with it. One
// that brings back the data of a probe has its checksum, too: the ports have
// changed places, as the addresses have. Any other is for the oldest of its flow
// that waits.
func (r *reception) datagram(k Kind, own, other, sum uint16, data []byte, err error) Verdict {
	p := r.p
	peer := r.from
	head, ok := p.findFlow(p.hash(flowKey(k, own, other, peer)), k, own, other, peer)
	if !ok && p.anyone > 0 {
		peer = netip.Addr{}
		head, ok = p.findFlow(p.hash(flowKey(k, own, other, peer)), k, own, other, peer)
	}
	switch {
	case !ok && p.ownPort(own):
		return NotInFlight
	case !ok:
		return Unrelated
	case err != nil:
		return BadChecksum
	case !r.toUs(&p.flights[head]):
		return WrongTarget
	}
	if slot, ok := p.find(keyOf(k, udpWord(own, other, sum), peer)); ok {
		e := r.begin(slot)
		if f := &p.flights[slot]; f.size > 0 && r.compare(f, data, e) && !e.Truncated && !e.Altered {
			return r.reply(slot, e)
		}
	}
	e := r.begin(head)
	e.Guessed = p.flights[head].waiting() && p.flights[head].next != head
	return r.reply(head, e)
}

func (r *reception) tcp() Verdict {
	p := r.p
	var t transport.TCP
	var err error
	if t, _, err = transport.DecodeTCP(r.a.Payload); err != nil {
		return Malformed
	}
	slot, ok := r.find(TCP, uint64(t.Ack-1))
	switch {
	case !ok && p.ownPort(t.DstPort):
		return NotInFlight
	case !ok:
		return Unrelated
	}
	f := &p.flights[slot]
	if !r.a.Verified {
		if _, _, err := transport.ParseTCP(r.a.Payload, r.from, r.to); err != nil {
			return BadChecksum
		}
	}
	switch {
	case !r.toUs(f):
		return WrongTarget
	case t.DstPort != f.src16 || t.SrcPort != f.dst16:
		return NotInFlight
	case t.Flags&transport.ACK == 0 || t.Flags&(transport.SYN|transport.RST) == 0:
		return WrongCode
	}
	e := r.begin(slot)
	e.Answer.Flags = t.Flags
	return r.reply(slot, e)
}

// begin begins the event of an arrival that is about a flight.
func (r *reception) begin(slot int32) *Event {
	a := r.a
	at := a.At
	if at.IsZero() {
		at = r.now
	}
	e := r.p.event(0, slot, at)
	e.From, e.Stamp, e.TTL, e.TOS, e.Size, e.Options = a.From.Unmap(), a.Stamp, a.TTL, a.TOS, len(a.Payload), a.Options
	e.Largest = a.Largest
	return e
}

// reply credits a reply.
func (r *reception) reply(slot int32, e *Event) Verdict {
	f := &r.p.flights[slot]
	e.Reached = true
	c := &r.p.counts
	switch {
	case f.answered:
		e.Kind = Duplicate
		c.Duplicates++
	case f.late:
		e.Kind = Late
		c.Late++
	default:
		e.Kind = Reply
		c.Replies++
	}
	if !f.answered {
		f.answered = true
		t := &r.p.targets[f.target]
		behind := t.heard && int32(f.turn-t.high) < 0
		e.Reordered = behind
		if !behind {
			t.high, t.heard = f.turn, true
		}
	}
	r.tell(slot, e)
	return Credited
}

// tell puts out the event, and ends the waiting.
func (r *reception) tell(slot int32, e *Event) {
	f := &r.p.flights[slot]
	e.RTT = r.rtt(f, e)
	if timed := e.Probe == Timestamp || f.rare != nil && len(f.rare.options) > 0; timed && !e.Claim.Present {
		e.Answer.SentAt = r.p.sentAt(f, e.SentBy)
	}
	r.p.events.Put(e)
	if e.Kind != Advice {
		r.p.finish(slot)
	}
}
