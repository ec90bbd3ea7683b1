package stack

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/address"
	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// answerEcho4 sends the echo reply: identifier, sequence number and all data as
// they came, from the address that was asked (H-01, G-08).
func (n *Node) answerEcho4(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp4.DecodeEcho(in.Payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.NoEcho:
		return mib.EchoOff
	case in.Group && !n.cfg.AnswerBroadcast:
		return mib.EchoBroadcast
	}
	if len(in.Options) > 0 {
		m.Reply = true
		return answer4(n, now, in, m)
	}
	return n.turnEcho4(now, in)
}

// turnEcho4 makes the reply of the request's own octets: type and checksum change
// with each other, and the data is summed once, when it came.
func (n *Node) turnEcho4(now time.Time, in *arrival.Datagram) mib.Drop {
	h, why := n.replyHeader(now, in)
	if why != mib.None {
		return why
	}
	h.TotalLen = uint16(ip.MinHeaderLen4 + len(in.Payload)) // no more than the request's
	out, err := h.AppendBinary(n.out[:0])
	if err != nil {
		return mib.TooBig
	}
	out = append(out, in.Payload...)
	n.out = out
	m := n.out[ip.MinHeaderLen4:]
	was := binary.BigEndian.Uint16(m)
	m[0] = byte(icmp4.TypeEchoReply)
	sum := checksum.Update(binary.BigEndian.Uint16(m[2:]), was, binary.BigEndian.Uint16(m))
	if sum == 0 && allZero(m[4:]) {
		sum = 0xffff // the update gives the other zero, which does not hold where all else is zero
	}
	binary.BigEndian.PutUint16(m[2:], sum)
	n.answered(now, in, h.Dst, m[0])
	return mib.None
}

func allZero(b []byte) bool {
	for _, o := range b {
		if o != 0 {
			return false
		}
	}
	return true
}

// answerTimestamp tells the time of day, as the node's clock has it (H-12). The
// node takes no time: it received the request and sends the reply now.
func (n *Node) answerTimestamp(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp4.DecodeTimestampMessage(in.Payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.NoTimestamp:
		return mib.TimestampOff
	case in.Group && !n.cfg.AnswerBroadcast:
		return mib.TimestampBroadcast
	}
	m.Reply = true
	m.Receive = n.cfg.Clock.Stamp(now, n.began)
	m.Transmit = m.Receive
	return answer4(n, now, in, m)
}

// answerInfo tells a host the number of the network it is on: source and
// destination of the reply are fully specified (RFC 792 p. 18). LEGACY (H-14).
func (n *Node) answerInfo(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp4.DecodeInfo(in.Payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case !n.cfg.Information:
		return mib.InformationOff
	}
	net, ok := n.network4(in)
	if !ok {
		return mib.InformationOff
	}
	m.Reply = true
	// A request from a host number alone is completed with the network's.
	if in.Src.As4()[0] == 0 {
		host, own := in.Src.As4(), net.Masked().Addr().As4()
		for i := range host {
			host[i] |= own[i]
		}
		in.Src = netip.AddrFrom4(host)
		if in.Src == net.Masked().Addr() {
			in.Src = address.AllOnes4
		}
	}
	n.fromHere(in, net)
	return answer4(n, now, in, m)
}

// fromHere makes the reply to a question that was for all of a network come from
// the node's address there (E-10).
func (n *Node) fromHere(in *arrival.Datagram, net netip.Prefix) {
	if !n.book.IsOwn(in.Dst) {
		in.Dst, in.Group = net.Addr(), false
	}
}

// answerMask tells the mask of the network that the request came in by, where
// this node is the authority for it (RFC 950, RFC 1122 §3.2.2.9). LEGACY
// (H-13). A requester that does not know its address is answered by broadcast.
func (n *Node) answerMask(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp4.DecodeAddressMask(in.Payload)
	if err != nil {
		return mib.ICMPShort
	}
	net, ok := n.network4(in)
	if !ok || !n.ifaces[in.Iface].Mask {
		return mib.MaskOff
	}
	m.Reply = true
	if m.Mask, err = icmp4.MaskOf(net); err != nil {
		return mib.MaskOff
	}
	if in.Src.As4()[0] == 0 {
		in.Src = address.AllOnes4
	}
	n.fromHere(in, net)
	return answer4(n, now, in, m)
}

// network4 returns the node's address and network on the interface that the
// datagram came in by: the one that the source is on, or the primary.
func (n *Node) network4(in *arrival.Datagram) (netip.Prefix, bool) {
	if in.Iface < 0 {
		return netip.Prefix{}, false
	}
	s := &n.ifaces[in.Iface].addrs
	if p, ok := s.On(in.Src); ok {
		return p, true
	}
	return s.On(s.First4)
}

// answer4 sends a reply to the datagram being received: from the address that
// it was sent to, or one of the interface for a group (E-10), with its type of
// service (E-09), a fresh time to live (E-11) and the options that go back
// (E-15).
func answer4[M ip.Body4](n *Node, now time.Time, in *arrival.Datagram, m M) mib.Drop {
	h, why := n.replyHeader(now, in)
	if why != mib.None {
		return why
	}
	if len(in.Options) > 0 {
		w := n.writer(now, max(in.Iface, 0))
		w.Own = h.Src
		n.options, h.Dst = w.Reply(n.options[:0], in.Options, in.Src)
		h.Options = n.options
	}
	out, err := ip.Enclose4(n.out[:0], h, m)
	if err != nil {
		return mib.TooBig
	}
	n.out = out
	n.answered(now, in, h.Dst, out[h.HeaderLen()])
	return mib.None
}

// replyHeader is the header of a reply without options, unless it is over the
// limit of replies.
func (n *Node) replyHeader(now time.Time, in *arrival.Datagram) (h ip.Header4, why mib.Drop) {
	if !n.limiter.Reply(now, in.Src) {
		return h, mib.RateEcho
	}
	src := in.Dst
	if in.Group {
		p, ok := n.network4(in)
		if !ok {
			return h, mib.ErrorNoSource
		}
		src = p.Addr()
	}
	n.id++
	return ip.Header4{TOS: in.TOS, ID: n.id, TTL: n.cfg.TTL, Proto: ip.ProtoICMP, Src: src, Dst: in.Src}, mib.None
}

// answered counts the reply in n.out, whose ICMP type is typ, and sends it.
func (n *Node) answered(now time.Time, in *arrival.Datagram, dst netip.Addr, typ uint8) {
	o := event.Origin{Kind: event.Answer, Type: typ}
	n.counters.ICMPOut(in.V, typ)
	n.counters.Inc(in.V, mib.OutRequests)
	if n.events.On() {
		n.note(now, in, Event{Kind: event.Answer, Rule: o.Rule()})
	}
	n.respond(now, in, dst, o)
}
