package stack

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// upper6 walks the extension headers of an IPv6 datagram that is for this node
// to the upper layer, and reports what is wrong with them (H-17).
func (n *Node) upper6(now time.Time, in *inbound) bool {
	for e, err := range in.h6.Extensions(in.payload) {
		if err != nil {
			break // Upper says it again, and how far it came
		}
		if (e.Type == ip.ProtoHopByHop || e.Type == ip.ProtoDestOpts) && !n.knownOptions(now, in, e) {
			return false
		}
	}
	up, err := in.h6.Upper(in.payload)
	if err != nil {
		n.extensionFault(now, in, up, err)
		return false
	}
	in.up = up
	in.proto, in.payload, in.first = up.Proto, up.Payload, up.First()
	in.fragment = up.IsFragment && !up.Fragment.Atomic()
	return true
}

// knownOptions drops the datagram for an option that nobody here knows and that
// may not be skipped; what is said about it is in the two highest bits of its
// type (RFC 8200 §4.2).
func (n *Node) knownOptions(now time.Time, in *inbound, e ip.Extension6) bool {
	o, found, err := e.Unrecognized(func(t ip.OptionType6) bool { return t == ip.Opt6RouterAlert })
	if err != nil {
		n.extensionFault(now, in, ip.Upper6{}, err)
		return false
	}
	if !found {
		return true
	}
	r := report.Report{Cause: report.BadOption, Pointer: uint32(o.Offset)}
	if a := o.Type.Action(); a == ip.ActionDiscard || a == ip.ActionReportUnicast && in.group {
		r.Cause = 0
	}
	n.refuse(now, in, mib.OptionUnknown, r)
	return false
}

// extensionFault drops the datagram for its chain of extension headers, with
// the parameter problem that [ip.Header6.Extensions] asks for.
func (n *Node) extensionFault(now time.Time, in *inbound, up ip.Upper6, err error) {
	r := report.Report{Cause: report.BadField}
	var e *wire.ParseError
	if errors.As(err, &e) {
		r.Pointer = uint32(e.Offset)
		switch {
		case e.Reason == wire.Mismatch:
			r.Cause = report.BadNextHeader
		case e.Reason == wire.Value:
			r.Cause = report.TooManyHeaders
		case e.Reason == wire.Short && up.IsFragment:
			r.Cause = report.IncompleteChain
		}
	}
	n.refuse(now, in, mib.ExtensionFault, r)
}

// nextHeaderAt is the octet that names the upper layer, where a parameter
// problem about it points.
func (in *inbound) nextHeaderAt() uint32 { return uint32(in.up.NextOffset) }

// icmp6 does the node's own part with an ICMPv6 message (H-17). Neighbour
// discovery is the link's here, so its messages go to the upper layer alone.
func (n *Node) icmp6(now time.Time, in *inbound) {
	n.counters.ICMPIn(in.v)
	m := in.payload
	if err := icmp6.Verify(m, in.src, in.dst); err != nil {
		n.drop(now, in, icmpFault(err))
		return
	}
	t := icmp6.Type(m[0])
	n.counters.ICMPInType(in.v, m[0])
	why := mib.None
	switch {
	case t == icmp6.TypeEchoRequest:
		why = n.answerEcho6(now, in)
	case t == icmp6.TypeExtendedEchoRequest:
		why = n.answerProbe6(now, in)
	case t.IsError():
		why = n.believe6(now, in)
	case t == icmp6.TypeEchoReply || t == icmp6.TypeExtendedEchoReply:
		if n.offer(now, in) != Accepted {
			why = mib.ICMPUnclaimed
		}
	default:
		n.offer(now, in)
		why = mib.ICMPUnknownType
	}
	if why != mib.None {
		n.drop(now, in, why)
	}
}

// answerEcho6 is [Node.answerEcho4] for ICMPv6 (RFC 4443 §4.2).
func (n *Node) answerEcho6(now time.Time, in *inbound) mib.Drop {
	m, err := icmp6.DecodeEcho(in.payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.NoEcho:
		return mib.EchoOff
	case in.group && !n.cfg.AnswerBroadcast:
		return mib.EchoBroadcast
	}
	m.Reply = true
	return answer6(n, now, in, m)
}

// answer6 is [answer4] for IPv6.
func answer6[M ip.Body6](n *Node, now time.Time, in *inbound, m M) mib.Drop {
	if !n.limiter.Reply(now, in.src) {
		return mib.RateEcho
	}
	src := in.dst
	if in.group {
		src = netip.Addr{}
		if in.iface >= 0 {
			src = n.ifaces[in.iface].primary6
		}
		if !src.IsValid() {
			return mib.ErrorNoSource
		}
	}
	h := ip.Header6{TrafficClass: in.tos, NextHeader: ip.ProtoICMPv6, HopLimit: n.cfg.TTL, Src: src, Dst: in.src}
	out, err := ip.Enclose6(n.out[:0], h, m)
	if err != nil {
		return mib.TooBig
	}
	n.out = out
	n.counters.ICMPOut(mib.IPv6, out[ip.HeaderLen6])
	n.counters.Inc(mib.IPv6, mib.OutRequests)
	n.note(now, in, Event{Kind: EventAnswer, Rule: "H-17"})
	n.respond(now, in, in.src)
	return mib.None
}
