package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/address"
	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/ip"
)

// forward sends on a datagram that is for someone else, in the order of RFC
// 1812 §5.2.1.2: may it be forwarded, where to, has it time left, how does it
// fit.
func (n *Node) forward(now time.Time, in *arrival.Datagram) {
	if why := n.mayForward(in); why != mib.None {
		n.refuse(now, in, why, stays(in, why))
		return
	}
	r, outcome := n.table.LookupTOS(in.Dst, in.TOS)
	if outcome != route.Found {
		n.noRoute(now, in, r, outcome)
		return
	}
	if in.TTL <= 1 && !n.cfg.NoTTLDecrement {
		n.refuse(now, in, mib.TTLExceeded, report.Report{Cause: report.TTLExceeded})
		return
	}
	n.forwardTo(now, in, n.pick(r, in))
}

// pick chooses among the hops of a route for the datagram being received.
func (n *Node) pick(r *route.Route, in *arrival.Datagram) route.Hop {
	if len(r.Hops) == 1 {
		return r.Hops[0]
	}
	return r.Pick(in.Flow(&n.flow, n.cfg.Seed))
}

// mayForward finds what a gateway passes on to nobody, whoever it is for.
func (n *Node) mayForward(in *arrival.Datagram) mib.Drop {
	switch {
	case !n.cfg.Forward:
		return mib.NotMine
	case in.Cast != report.Unicast:
		return mib.LinkBroadcast
	case in.Group && !n.directed(in):
		return mib.DirectedBroadcast
	case in.Src.IsLinkLocalUnicast() || in.Dst.IsLinkLocalUnicast():
		return mib.BeyondScope
	}
	return mib.None
}

// stays is what is said about a datagram that may not be forwarded: nothing,
// but to an IPv6 neighbour whose source address does not reach so far (RFC 4443
// §3.1, RFC 4007 §9).
func stays(in *arrival.Datagram, why mib.Drop) report.Report {
	if why == mib.BeyondScope && in.V == mib.IPv6 && !in.Dst.IsLinkLocalUnicast() {
		return report.Report{Cause: report.BeyondScope}
	}
	return report.Report{}
}

// directed reports whether the datagram is a directed broadcast that may be
// sent on (G-10).
func (n *Node) directed(in *arrival.Datagram) bool {
	i, kind := n.book.Lookup(in.Dst)
	return kind == address.Broadcast && n.ifaces[i].DirectedBroadcast
}

// noRoute reports a missing route: 3/0, or 3/1 where that is wanted; 3/11 or
// 3/12 when there is a route, but none for the type of service.
func (n *Node) noRoute(now time.Time, in *arrival.Datagram, r *route.Route, outcome route.Outcome) {
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

// forwardTo sends the datagram on by h, or says why not.
func (n *Node) forwardTo(now time.Time, in *arrival.Datagram, h route.Hop) {
	out := &n.ifaces[h.Iface]
	n.count(in, mib.InForwDatagrams, 1)
	if n.cfg.Filter != nil {
		v := n.cfg.Filter.Judge(n.forwarding(in, h.Iface))
		if v.Drop {
			n.refuse(now, in, mib.Filtered, report.Report{Cause: v.Cause})
			return
		}
	}
	if in.TOS>>5 < out.MinPrecedence {
		n.refuse(now, in, mib.PrecedenceCutoff, report.Report{Cause: report.PrecedenceCutoff})
		return
	}
	if h.Iface == in.Iface && in.Translated == nil {
		n.redirect(now, in, h)
	}
	octets := in.Octets
	if in.Translated != nil {
		octets = in.Translated
	}
	n.out = append(n.out[:0], octets...)
	if !n.cfg.NoTTLDecrement {
		if in.V == mib.IPv4 {
			ip.DecrementTTL4(n.out)
		} else {
			ip.DecrementHopLimit6(n.out)
		}
	}
	if len(in.Options) > 0 && !n.stamp(now, in, h.Iface) {
		return
	}
	if h.Iface != in.Iface && !n.translateOut(now, in, out) {
		return
	}
	n.counters.Inc(in.V, mib.OutForwDatagrams)
	if len(n.out) > out.MTU && (in.V == mib.IPv6 || in.H4.DF) {
		why := report.Report{Cause: report.TooBig, MTU: uint32(out.MTU)}
		if out.BlackHole {
			why.Cause = 0
		}
		n.counters.Inc(in.V, mib.OutFragReqds)
		n.refuse(now, in, mib.TooBig, why)
		return
	}
	hop := h.Via
	if h.OnLink() {
		hop = in.Dst
	}
	if in.Source.Type != 0 && n.book.IsOwn(in.Dst) {
		n.dispatchLocal(in.Dst) // a source route that names two addresses of this node
		return
	}
	queued := out.out.Queue.Octets()
	if why := n.push(h.Iface, queue.Tag{Hop: hop, Origin: event.Origin{Kind: event.Forward}, Group: in.Group}, out.MTU); why != mib.None {
		n.refuse(now, in, why, report.Report{Cause: n.stuck(in, h, why)})
		return
	}
	if n.events.On() {
		n.note(now, in, Event{Kind: event.Forward, Via: hop, MTU: out.MTU})
	}
	// LEGACY: the queue is past its threshold; the datagram is sent on all the
	// same (RFC 792 p. 10).
	if out.QuenchAt > 0 && queued > out.QuenchAt {
		n.report(now, in, report.Report{Cause: report.Quench})
	}
}

// stuck is what is said about a datagram that could not be queued to leave by h.
// A full queue says nothing (RFC 6633), or source quench where that is switched
// on; a route by an interface that is down is none, and a host behind it not to
// be reached (RFC 1812 §4.3.3.1).
func (n *Node) stuck(in *arrival.Datagram, h route.Hop, why mib.Drop) report.Cause {
	switch {
	case why == mib.IfaceDown && h.OnLink():
		return report.HostUnreachable
	case why == mib.IfaceDown:
		return report.NoRoute
	case why == mib.QueueFull && n.ifaces[h.Iface].QuenchAt > 0 && in.V == mib.IPv4:
		return report.Quench
	}
	return 0
}

func (n *Node) forwarding(in *arrival.Datagram, out int) *Forwarding {
	proto, payload, first := in.Transport()
	n.judged = Forwarding{
		In: in.Iface, Out: out, Src: in.Src, Dst: in.Dst, Proto: proto, TOS: in.TOS, First: first, Payload: payload,
	}
	return &n.judged
}

// redirect tells the sender of a better first hop, when the datagram leaves by
// the interface it came in by and sender and next hop are neighbours (G-05).
// The datagram is forwarded all the same.
func (n *Node) redirect(now time.Time, in *arrival.Datagram, h route.Hop) {
	if in.V != mib.IPv4 || n.cfg.NoRedirects || in.SourceRouted() {
		return
	}
	better := h.Via
	if h.OnLink() {
		better = in.Dst
	}
	if !n.ifaces[h.Iface].addrs.Neighbours(in.Src, better) {
		return
	}
	cause := report.RedirectHost
	if r, _ := n.table.LookupTOS(in.Dst, in.TOS); r != nil && r.TOS != 0 {
		cause = report.RedirectTOSHost
	}
	n.report(now, in, report.Report{Cause: cause, Gateway: better})
}

// push queues the datagram in n.out for interface i, in fragments when it is
// over mtu.
func (n *Node) push(i int, tag queue.Tag, mtu int) mib.Drop {
	f := &n.ifaces[i]
	if f.Down {
		return mib.IfaceDown
	}
	return f.out.Push(&n.counters, n.out, tag, mtu)
}

// Unresolved tells the node that nobody on the link answers for the next hop of
// a datagram that [Node.Poll] has handed out: 3/1 to its sender (G-02), or the
// news to the upper layer when that was this node. A redirect to a gateway that
// does not answer is forgotten (RFC 1122 §3.3.1.4).
func (n *Node) Unresolved(now time.Time, i int, datagram []byte) {
	if len(datagram) == 0 {
		return
	}
	in := &n.in
	in.Reset(datagram, i, report.Unicast, version(datagram))
	read := in.Read4
	if in.V == mib.IPv6 {
		read = in.Read6
	}
	if read() != mib.None {
		return
	}
	n.drop(now, in, mib.Unresolved)
	n.redirects.Drop(in.Dst)
	in.Iface = Loopback // it leaves by i; by which it came in is forgotten, and the error does not tell
	n.report(now, in, report.Report{Cause: report.HostUnreachable})
}
