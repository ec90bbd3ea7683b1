package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// answerEcho4 sends the echo reply: identifier, sequence number and all data as
// they came, from the address that was asked (H-01, G-08).
func (n *Node) answerEcho4(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeEcho(in.payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.NoEcho:
		return mib.EchoOff
	case in.group && !n.cfg.AnswerBroadcast:
		return mib.EchoBroadcast
	}
	m.Reply = true
	return answer4(n, now, in, m)
}

// answerTimestamp tells the time of day, as the node's clock has it (H-12). The
// node takes no time: it received the request and sends the reply now.
func (n *Node) answerTimestamp(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeTimestampMessage(in.payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.NoTimestamp:
		return mib.TimestampOff
	case in.group && !n.cfg.AnswerBroadcast:
		return mib.TimestampBroadcast
	}
	m.Reply = true
	m.Receive = n.clock(now)
	m.Transmit = m.Receive
	return answer4(n, now, in, m)
}

// clock is now as the node's clock tells it.
func (n *Node) clock(now time.Time) icmp4.Timestamp {
	c := &n.cfg.Clock
	t := now.Add(c.Offset + time.Duration(float64(now.Sub(n.began))*c.Drift))
	var v icmp4.Timestamp
	switch c.Unit {
	case NonStandard:
		v = icmp4.NonStandard(uint32(t.UnixMicro()))
	case Seconds:
		v = icmp4.Timestamp(t.Unix())
	default:
		v = icmp4.TimestampOf(t)
	}
	if c.Swapped {
		v = v<<24 | v<<8&0xff0000 | v>>8&0xff00 | v>>24
	}
	return v
}

// bootQuery reports whether the datagram is a question of a host that does not
// know its own address or mask yet, and one that this node answers.
func (n *Node) bootQuery(in *inbound) bool {
	if in.iface < 0 || in.proto != ip.ProtoICMP || !in.first || len(in.payload) == 0 {
		return false
	}
	switch icmp4.Type(in.payload[0]) {
	case icmp4.TypeInfoRequest:
		return n.cfg.Information
	case icmp4.TypeMaskRequest:
		return n.ifaces[in.iface].Mask
	}
	return false
}

// answerInfo tells a host the number of the network it is on: source and
// destination of the reply are fully specified (RFC 792 p. 18). LEGACY (H-14).
func (n *Node) answerInfo(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeInfo(in.payload)
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
	if in.src.As4()[0] == 0 {
		host, own := in.src.As4(), net.Masked().Addr().As4()
		for i := range host {
			host[i] |= own[i]
		}
		in.src = netip.AddrFrom4(host)
		if in.src == net.Masked().Addr() {
			in.src = allOnes4
		}
	}
	in.dst = net.Addr()
	return answer4(n, now, in, m)
}

// answerMask tells the mask of the network that the request came in by, where
// this node is the authority for it (RFC 950, RFC 1122 §3.2.2.9). LEGACY
// (H-13). A requester that does not know its address is answered by broadcast.
func (n *Node) answerMask(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeAddressMask(in.payload)
	if err != nil {
		return mib.ICMPShort
	}
	net, ok := n.network4(in)
	if !ok || !n.ifaces[in.iface].Mask {
		return mib.MaskOff
	}
	m.Reply = true
	if m.Mask, err = icmp4.MaskOf(net); err != nil {
		return mib.MaskOff
	}
	if in.src.As4()[0] == 0 {
		in.src = allOnes4
	}
	in.dst = net.Addr()
	return answer4(n, now, in, m)
}

// network4 returns the node's address and network on the interface that the
// datagram came in by: the one that the source is on, or the primary.
func (n *Node) network4(in *inbound) (netip.Prefix, bool) {
	if in.iface < 0 {
		return netip.Prefix{}, false
	}
	var first netip.Prefix
	for _, p := range n.ifaces[in.iface].Addrs {
		if !p.Addr().Is4() {
			continue
		}
		if p.Contains(in.src) {
			return p, true
		}
		if !first.IsValid() {
			first = p
		}
	}
	return first, first.IsValid()
}

// answer4 sends a reply to the datagram being received: from the address that
// it was sent to, or one of the interface for a group (E-10), with its type of
// service (E-09), a fresh time to live (E-11) and the options that go back
// (E-15).
func answer4[M ip.Body4](n *Node, now time.Time, in *inbound, m M) mib.Drop {
	if !n.limiter.Reply(now, in.src) {
		return mib.RateEcho
	}
	src := in.dst
	if in.group {
		p, ok := n.network4(in)
		if !ok {
			return mib.ErrorNoSource
		}
		src = p.Addr()
	}
	n.id++
	h := ip.Header4{TOS: in.tos, ID: n.id, TTL: n.cfg.TTL, Proto: ip.ProtoICMP, Src: src, Dst: in.src}
	if len(in.options) > 0 {
		h.Options, h.Dst = n.replyOptions(now, in, src)
	}
	out, err := ip.Enclose4(n.out[:0], h, m)
	if err != nil {
		return mib.TooBig
	}
	n.out = out
	n.counters.ICMPOut(mib.IPv4, out[h.HeaderLen()])
	n.counters.Inc(mib.IPv4, mib.OutRequests)
	n.note(now, in, Event{Kind: EventAnswer, Rule: "H-01"})
	n.respond(now, in, h.Dst)
	return mib.None
}
