package ask

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// Querier sends ICMP queries other than echo: timestamp, address mask,
// information, router solicitation, extended echo.
type Querier struct {
	q      *topology.Query
	socket *endpoint.ICMP
	opts   endpoint.Options
	to     netip.Addr
	first  netip.Addr
	id     uint16
	sent   []request
	got    int // of them answered
	next   time.Time
	told   []narration.Item
}

type request struct {
	at       time.Time
	answered bool
}

// Query makes a strategy of a step. Its requests have the identifier id.
func Query(h *lab.Host, t *topology.Topology, q *topology.Query, id uint16) (*Querier, error) {
	to, _ := t.Addr(q.To)
	opts, first, err := Header(t, &q.Header, to)
	if err != nil {
		return nil, err
	}
	s, err := h.Endpoint.OpenICMP(nil)
	if err != nil {
		return nil, err
	}
	return &Querier{q: q, socket: s, opts: opts, to: to, first: first, id: id}, nil
}

// Poll implements [Strategy].
func (x *Querier) Poll(now time.Time) (told []narration.Item, next time.Time, done bool) {
	x.told = nil
	if len(x.sent) == 0 {
		x.next = now
	}
	messages(x.socket, x.answered)
	count := or(x.q.Count, 1)
	for len(x.sent) < count && !now.Before(x.next) {
		x.send(now)
		x.next = now.Add(or(x.q.Interval, defaultInterval))
	}
	if len(x.sent) < count {
		return x.told, x.next, false
	}
	over := x.sent[count-1].at.Add(or(x.q.Timeout, defaultTimeout))
	if x.got < count && now.Before(over) {
		return x.told, over, false
	}
	x.socket.Close()
	x.tell(narration.QueryEnd{Moment: narration.At(now), What: x.q.What, To: x.to, Sent: count, Received: x.got})
	return x.told, time.Time{}, true
}

func (x *Querier) tell(i narration.Item) { x.told = append(x.told, i) }

func (x *Querier) send(now time.Time) {
	seq := uint16(len(x.sent) + 1)
	x.sent = append(x.sent, request{at: now})
	m, err := x.message(now, seq)
	var b []byte
	if err == nil {
		b, err = m.AppendBinary(nil)
	}
	if err == nil {
		err = x.socket.SendTo(now, x.first, b, x.opts)
	}
	if err != nil {
		x.tell(narration.PingError{Moment: narration.At(now), Seq: seq, What: narration.Reason(err)})
	}
}

// message is the request.
func (x *Querier) message(now time.Time, seq uint16) (icmp4.Message, error) {
	switch x.q.What {
	case "timestamp":
		return icmp4.TimestampMessage{ID: x.id, Seq: seq, Originate: icmp4.TimestampOf(now)}, nil
	case "mask":
		return icmp4.AddressMask{ID: x.id, Seq: seq}, nil
	case "information":
		return icmp4.Info{ID: x.id, Seq: seq}, nil
	case "router":
		return icmp4.RouterSolicitation{}, nil
	}
	id := extension.IdentifyName([]byte(x.q.Interface))
	if a, err := netip.ParseAddr(x.q.Interface); err == nil {
		id = extension.IdentifyAddr(a)
	} else if i, err := strconv.ParseUint(x.q.Interface, 10, 32); err == nil {
		id = extension.IdentifyIndex(uint32(i))
	}
	object, err := id.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	ext, err := extension.Structure{Objects: object}.AppendBinary(nil)
	return icmp4.ExtendedEchoRequest{ID: x.id, Seq: uint8(seq), Local: x.q.Local, Ext: ext}, err
}

// answered takes a message that may be a reply. An advertisement answers the
// solicitation before it.
func (x *Querier) answered(a *answer) {
	what, id, seq, ok := "", uint16(0), uint16(0), true
	offset, hasOffset := time.Duration(0), false
	switch m := a.four.(type) {
	case icmp4.TimestampMessage:
		what, id, seq, ok = "timestamp", m.ID, m.Seq, m.Reply
		offset, hasOffset = ahead(&m, a.Time)
	case icmp4.AddressMask:
		what, id, seq, ok = "mask", m.ID, m.Seq, m.Reply
	case icmp4.Info:
		what, id, seq, ok = "information", m.ID, m.Seq, m.Reply
	case icmp4.ExtendedEchoReply:
		what, id, seq = "probe", m.ID, uint16(m.Seq)
	case icmp4.RouterAdvertisement:
		what, id, seq = "router", x.id, uint16(len(x.sent))
	}
	if !ok || what != x.q.What || id != x.id || seq == 0 || int(seq) > len(x.sent) {
		return
	}
	r := &x.sent[seq-1]
	if !r.answered {
		r.answered = true
		x.got++
	}
	x.tell(narration.QueryReply{
		Moment: narration.At(a.Time), What: x.q.What, From: a.Src.Addr(), Seq: seq, Text: a.text,
		RTT: a.Time.Sub(r.at), Offset: offset, HasOffset: hasOffset,
	})
}

// ahead returns how far the other's clock is ahead: half the difference of what
// it seems to take there and back.
func ahead(m *icmp4.TimestampMessage, now time.Time) (time.Duration, bool) {
	if !m.Receive.Standard() || !m.Transmit.Standard() || !m.Originate.Standard() {
		return 0, false
	}
	back := icmp4.TimestampOf(now).Duration()
	there := wrap(m.Receive.Duration()-m.Originate.Duration()) + wrap(m.Transmit.Duration()-back)
	return there / 2, true
}

// wrap takes a difference of times of day to the half day on either side of 0.
func wrap(d time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case d > day/2:
		return d - day
	case d < -day/2:
		return d + day
	}
	return d
}
