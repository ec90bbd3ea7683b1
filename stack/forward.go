package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/ip"
)

// forward sends on a datagram that is for someone else, in the order of RFC
// 1812 §5.2.1.2: may it be forwarded, where to, has it time left, how does it
// fit.
func (n *Node) forward(now time.Time, in *inbound) {
	if why := n.mayForward(in); why != mib.None {
		n.drop(now, in, why)
		return
	}
	r, outcome := n.table.LookupTOS(in.dst, in.tos)
	if outcome != route.Found {
		n.noRoute(now, in, r, outcome)
		return
	}
	if in.ttl <= 1 && !n.cfg.NoTTLDecrement {
		n.refuse(now, in, mib.TTLExceeded, report.Report{Cause: report.TTLExceeded})
		return
	}
	h := r.Pick(n.flow(in))
	n.forwardTo(now, in, h)
}

// mayForward finds what a gateway passes on to nobody, whoever it is for.
func (n *Node) mayForward(in *inbound) mib.Drop {
	switch {
	case !n.cfg.Forward:
		return mib.NotMine
	case in.cast != report.Unicast:
		return mib.LinkBroadcast
	case in.v == mib.IPv4 && n.own[in.dst].broadcast && !n.ifaces[n.own[in.dst].iface].DirectedBroadcast:
		return mib.DirectedBroadcast
	case in.src.IsLinkLocalUnicast() || in.dst.IsLinkLocalUnicast():
		return mib.BeyondScope
	}
	return mib.None
}

// noRoute reports a missing route: 3/0, or 3/1 where that is wanted; 3/11 or
// 3/12 when there is a route, but none for the type of service.
func (n *Node) noRoute(now time.Time, in *inbound, r *route.Route, outcome route.Outcome) {
	n.count(in, mib.InForwDatagrams, 1)
	switch {
	case outcome == route.NoTOS && r.OnLink():
		n.refuse(now, in, mib.NoRouteTOS, report.Report{Cause: report.HostTOS})
	case outcome == route.NoTOS:
		n.refuse(now, in, mib.NoRouteTOS, report.Report{Cause: report.NetTOS})
	case n.cfg.UnreachableHost:
		n.refuse(now, in, mib.NoRoute, report.Report{Cause: report.HostUnreachable})
	default:
		n.refuse(now, in, mib.NoRoute, report.Report{Cause: report.NoRoute})
	}
}

// flow is what tells the datagram's flow from others (G-11).
func (n *Node) flow(in *inbound) *route.Flow {
	f := &n.flowOf
	*f = route.Flow{Seed: n.cfg.Seed, Src: in.src, Dst: in.dst, Proto: uint8(in.proto)}
	if in.v == mib.IPv6 {
		f.Label = in.h6.FlowLabel
		if up, err := in.h6.Upper(in.payload); err == nil && !up.IsFragment {
			f.Proto = uint8(up.Proto)
			f.Transport = up.Payload
		}
		return f
	}
	if !in.fragment {
		f.Transport = in.payload
	}
	return f
}

// forwardTo sends the datagram on by h, or says why not.
func (n *Node) forwardTo(now time.Time, in *inbound, h route.Hop) {
	out := &n.ifaces[h.Iface]
	n.count(in, mib.InForwDatagrams, 1)
	if n.cfg.Filter != nil {
		v := n.cfg.Filter.Judge(n.forwarding(in, h.Iface))
		if v.Drop {
			n.refuse(now, in, mib.Filtered, report.Report{Cause: v.Cause})
			return
		}
	}
	if in.tos>>5 < out.MinPrecedence {
		n.refuse(now, in, mib.PrecedenceCutoff, report.Report{Cause: report.PrecedenceCutoff})
		return
	}
	if h.Iface == in.iface {
		n.redirect(now, in, h)
	}
	n.out = append(n.out[:0], in.d...)
	if !n.cfg.NoTTLDecrement {
		if in.v == mib.IPv4 {
			ip.DecrementTTL4(n.out)
		} else {
			ip.DecrementHopLimit6(n.out)
		}
	}
	if len(in.options) > 0 && !n.stamp(now, in, h.Iface) {
		return
	}
	n.counters.Inc(in.v, mib.OutForwDatagrams)
	if len(n.out) > out.MTU && (in.v == mib.IPv6 || in.h4.DF) {
		why := report.Report{Cause: report.TooBig, MTU: uint32(out.MTU)}
		if out.BlackHole {
			why.Cause = 0
		}
		n.counters.Inc(in.v, mib.OutFragReqds)
		n.refuse(now, in, mib.TooBig, why)
		return
	}
	hop := h.Via
	if h.OnLink() {
		hop = in.dst
	}
	queued := out.queue.Octets()
	if why := n.push(h.Iface, hop, out.MTU); why != mib.None {
		n.refuse(now, in, why, report.Report{Cause: n.overflowing(in, out)})
		return
	}
	n.note(now, in, Event{Kind: EventForward, Via: hop, MTU: out.MTU})
	// LEGACY: the queue is past its threshold; the datagram is sent on all the
	// same (RFC 792 p. 10).
	if out.QuenchAt > 0 && queued > out.QuenchAt {
		n.report(now, in, report.Report{Cause: report.Quench})
	}
}

// overflowing is what is said about a datagram that a full queue has dropped:
// nothing (RFC 6633), or source quench where that is switched on.
func (n *Node) overflowing(in *inbound, out *iface) report.Cause {
	if out.QuenchAt > 0 && in.v == mib.IPv4 {
		return report.Quench
	}
	return 0
}

func (n *Node) forwarding(in *inbound, out int) *Forwarding {
	n.judged = Forwarding{
		In: in.iface, Out: out, Src: in.src, Dst: in.dst, Proto: in.proto, TOS: in.tos,
		First: in.first, Payload: in.payload,
	}
	if in.v == mib.IPv6 {
		if up, err := in.h6.Upper(in.payload); err == nil {
			n.judged.Proto, n.judged.Payload, n.judged.First = up.Proto, up.Payload, up.First()
		}
	}
	return &n.judged
}

// redirect tells the sender of a better first hop, when the datagram leaves by
// the interface it came in by and sender and next hop are neighbours (G-05).
// The datagram is forwarded all the same.
func (n *Node) redirect(now time.Time, in *inbound, h route.Hop) {
	if in.v != mib.IPv4 || n.cfg.NoRedirects || in.source.Type != 0 || len(n.routedOptions(in)) > 0 {
		return
	}
	better := h.Via
	if h.OnLink() {
		better = in.dst
	}
	if !n.neighbours(h.Iface, in.src, better) {
		return
	}
	cause := report.RedirectHost
	if r, _ := n.table.LookupTOS(in.dst, in.tos); r != nil && r.TOS != 0 {
		cause = report.RedirectTOSHost
	}
	n.report(now, in, report.Report{Cause: cause, Gateway: better})
}

// neighbours reports whether a and b are on the same network of interface i.
func (n *Node) neighbours(i int, a, b netip.Addr) bool {
	for _, p := range n.ifaces[i].Addrs {
		if p.Contains(a) && p.Contains(b) {
			return true
		}
	}
	return false
}

// push queues the datagram in n.out for interface i, in fragments when it is
// over mtu.
func (n *Node) push(i int, hop netip.Addr, mtu int) mib.Drop {
	out := &n.ifaces[i]
	v := version(n.out)
	switch {
	case out.Down:
		return mib.IfaceDown
	case len(n.out) <= mtu:
		if !out.queue.Push(n.out, hop) {
			return mib.QueueFull
		}
		return mib.None
	}
	n.counters.Inc(v, mib.OutFragReqds)
	var fr ip.Fragmenter
	var err error
	if v == mib.IPv4 {
		fr, err = ip.NewFragmenter4(n.out, mtu)
	} else {
		n.id6++
		fr, err = ip.NewFragmenter6(n.out, mtu, n.id6)
	}
	if err != nil {
		return mib.TooBig
	}
	for {
		part, ok := fr.Next(n.part[:0])
		if !ok {
			break
		}
		n.part = part
		if !out.queue.Push(part, hop) {
			return mib.QueueFull
		}
		n.counters.Inc(v, mib.OutFragCreates)
	}
	n.counters.Inc(v, mib.OutFragOKs)
	return mib.None
}

// Unresolved tells the node that nobody on the link answers for the next hop of
// a datagram that [Node.Poll] has handed out: 3/1 to its sender (G-02), or the
// news to the upper layer when that was this node.
func (n *Node) Unresolved(now time.Time, i int, datagram []byte) {
	if len(datagram) == 0 {
		return
	}
	in := &n.in
	*in = inbound{d: datagram, iface: i, v: version(datagram), first: true}
	switch in.v {
	case mib.IPv4:
		h, payload, err := ip.Parse4(datagram)
		if err != nil {
			return
		}
		in.h4, in.payload = h, payload
		in.src, in.dst, in.proto, in.tos = h.Src, h.Dst, h.Proto, h.TOS
	default:
		h, payload, err := ip.Parse6(datagram)
		if err != nil {
			return
		}
		in.h6, in.payload = h, payload
		in.src, in.dst, in.proto, in.tos = h.Src, h.Dst, h.NextHeader, h.TrafficClass
	}
	n.refuse(now, in, mib.Unresolved, report.Report{Cause: report.HostUnreachable})
}
