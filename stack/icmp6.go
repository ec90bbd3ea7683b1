package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// icmp6 does the node's own part with an ICMPv6 message (H-17). Neighbour
// discovery is the link's here, so its messages go to the upper layer alone.
func (n *Node) icmp6(now time.Time, in *arrival.Datagram) {
	n.counters.ICMPIn(in.V)
	m := in.Payload
	if err := icmp6.Verify(m, in.Src, in.Dst); err != nil {
		n.drop(now, in, icmpFault(err))
		return
	}
	t := icmp6.Type(m[0])
	n.counters.ICMPInType(in.V, m[0])
	why := mib.None
	reply := false
	switch {
	case t == icmp6.TypeEchoRequest:
		why = n.answerEcho6(now, in)
	case t == icmp6.TypeExtendedEchoRequest:
		why = n.answerProbe6(now, in)
	case t.IsError():
		why = n.believe6(now, in)
	case t == icmp6.TypeEchoReply || t == icmp6.TypeExtendedEchoReply:
		reply = true
		if len(m) < icmp6.HeaderLen {
			why = mib.ICMPShort
		}
	default:
		why = mib.ICMPUnknownType
	}
	if why != mib.ICMPShort && n.offer(now, in) != Accepted && reply {
		why = mib.ICMPUnclaimed
	}
	if why != mib.None {
		n.drop(now, in, why)
	}
}

// answerEcho6 is [Node.answerEcho4] for ICMPv6 (RFC 4443 §4.2).
func (n *Node) answerEcho6(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp6.DecodeEcho(in.Payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.NoEcho:
		return mib.EchoOff
	case in.Group && !n.cfg.AnswerBroadcast:
		return mib.EchoBroadcast
	}
	m.Reply = true
	return answer6(n, now, in, m)
}

// answer6 is [answer4] for IPv6.
func answer6[M ip.Body6](n *Node, now time.Time, in *arrival.Datagram, m M) mib.Drop {
	if !n.limiter.Reply(now, in.Src) {
		return mib.RateEcho
	}
	src := in.Dst
	if in.Group {
		src = netip.Addr{}
		if in.Iface >= 0 {
			src = n.ifaces[in.Iface].addrs.First6
		}
		if !src.IsValid() {
			return mib.ErrorNoSource
		}
	}
	h := ip.Header6{TrafficClass: in.TOS, NextHeader: ip.ProtoICMPv6, HopLimit: n.cfg.TTL, Src: src, Dst: in.Src}
	out, err := ip.Enclose6(n.out[:0], h, m)
	if err != nil {
		return mib.TooBig
	}
	n.out = out
	n.answered(now, in, in.Src, out[ip.HeaderLen6])
	return mib.None
}
