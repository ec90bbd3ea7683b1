package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/address"
	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// receive is where every datagram enters: count, read, judge, and on to
// deliver or to forward.
func (n *Node) receive(now time.Time, d Datagram) {
	in := &n.in
	in.Reset(d.Octets, d.Iface, d.Cast, mib.IPv4)
	if len(d.Octets) == 0 {
		n.counters.Inc(mib.IPv4, mib.InReceives)
		n.drop(now, in, mib.HeaderShort)
		return
	}
	in.V = version(d.Octets)
	n.count(in, mib.InReceives, 1)
	n.count(in, mib.InOctets, uint64(len(d.Octets)))
	if in.Iface != Loopback && (in.Iface < 0 || in.Iface >= len(n.ifaces) || n.ifaces[in.Iface].Down) {
		n.drop(now, in, mib.IfaceDownIn)
		return
	}
	if in.V == mib.IPv6 {
		n.receive6(now, in)
		return
	}
	n.receive4(now, in)
}

// count counts for the node and for the interface the datagram came in by.
func (n *Node) count(in *arrival.Datagram, c mib.Counter, k uint64) {
	n.counters.Add(in.V, c, k)
	if in.Iface >= 0 && in.Iface < len(n.ifaces) {
		n.ifaces[in.Iface].counters[in.V][c] += k
	}
}

// drop ends the datagram here.
func (n *Node) drop(now time.Time, in *arrival.Datagram, why mib.Drop) {
	n.counters.Drop(in.V, why)
	if n.events.On() {
		n.note(now, in, Event{Kind: event.Drop, Drop: why, Rule: why.Rule()})
	}
}

// note completes an event about the datagram being received and keeps it. Where
// every datagram comes by, ask n.events.On first: making an event takes time.
func (n *Node) note(now time.Time, in *arrival.Datagram, e Event) {
	if !n.events.On() {
		return
	}
	e.Time, e.Iface, e.Src, e.Dst, e.Proto, e.Len = now, in.Iface, in.Src, in.Dst, in.Proto, len(in.Octets)
	e.Fragment = in.Fragment
	n.events.Put(e)
}

func (n *Node) receive4(now time.Time, in *arrival.Datagram) {
	if why := in.Read4(); why != mib.None {
		n.drop(now, in, why)
		return
	}
	at, kind := n.book.Lookup(in.Dst)
	if in.Iface == Loopback && in.Dst.IsLoopback() {
		kind = address.Own
	}
	in.Group = kind == address.Broadcast || in.Dst.IsMulticast() || in.Dst == address.AllOnes4
	if in.Group {
		n.countGroup(in)
	}
	if why := n.martian4(in); why != mib.None {
		n.drop(now, in, why)
		return
	}
	if kind == address.Foreign && !in.Group && in.Dst.As4()[0] != 0 && !n.cfg.Forward {
		n.drop(now, in, mib.NotMine) // whatever else is wrong with it (RFC 1122 §3.2.1.3)
		return
	}
	if len(in.Options) > 0 {
		if f := in.Options4(); f.Drop != mib.None {
			n.refuse(now, in, f.Drop, f.Report)
			return
		}
	}
	if kind != address.Own {
		in.Source = ip.Option4{} // the next stop is someone else
	}
	switch {
	case in.Source.Type != 0:
		n.sourceRoute(now, in)
	case kind == address.Own && n.translateIn(now, in, at):
	case kind == address.Broadcast && at != in.Iface && in.Iface != Loopback:
		n.forward(now, in)
	case kind != address.Foreign || in.Dst == address.AllOnes4 || in.Dst.As4()[0] == 0:
		n.deliver(now, in)
	case in.Group:
		if !n.joined(in) {
			n.drop(now, in, mib.NotJoined)
			return
		}
		n.deliver(now, in)
	default:
		n.forward(now, in)
	}
}

// countGroup counts a datagram to a broadcast or multicast address.
func (n *Node) countGroup(in *arrival.Datagram) {
	if !in.Dst.IsMulticast() {
		n.count(in, mib.InBcastPkts, 1)
		return
	}
	n.count(in, mib.InMcastPkts, 1)
	n.count(in, mib.InMcastOctets, uint64(len(in.Octets)))
}

// The groups that a node is in: all hosts, and all routers when it is one
// (RFC 1112 §7.2, RFC 1256 §3.1).
var (
	allHosts4   = netip.AddrFrom4([4]byte{224, 0, 0, 1})
	allRouters4 = netip.AddrFrom4([4]byte{224, 0, 0, 2})
	allNodes6   = netip.MustParseAddr("ff02::1")
	allRouters6 = netip.MustParseAddr("ff02::2")
)

func (n *Node) joined(in *arrival.Datagram) bool {
	switch in.Dst {
	case allHosts4, allNodes6:
		return true
	case allRouters4, allRouters6:
		return n.cfg.Forward
	}
	return false
}

// martian4 finds addresses that nothing may come from or go to (RFC 1812
// §5.3.7, RFC 1122 §3.2.1.3).
//
// Reading: a host that does not know its address yet may ask for the network's
// mask or address from 0.0.0.0 or from a host number alone, and to such an
// address, which is "this network" (RFC 792 p. 18); where that is served,
// 0.0.0.0/8 is let in for it.
func (n *Node) martian4(in *arrival.Datagram) mib.Drop {
	_, kind := n.book.Lookup(in.Src)
	src, dst := in.Src.As4()[0], in.Dst.As4()[0]
	switch {
	case src >= 224, kind == address.Broadcast, src == 0 && !n.bootQuery(in):
		return mib.MartianSource
	case in.Iface == Loopback: // what else comes from here, or goes to it, may
		return mib.None
	case src == 127:
		return mib.MartianSource
	case dst == 127, dst == 0 && !n.bootQuery(in), dst >= 240 && in.Dst != address.AllOnes4:
		return mib.MartianDestination
	case kind == address.Own && !n.cfg.AcceptOwnSource:
		return mib.OwnSource
	}
	return mib.None
}

// bootQuery reports whether the datagram is a question of a host that does not
// know its own address or mask yet, and one that this node answers.
func (n *Node) bootQuery(in *arrival.Datagram) bool {
	if in.Iface < 0 || in.Proto != ip.ProtoICMP || !in.First || len(in.Payload) == 0 {
		return false
	}
	switch icmp4.Type(in.Payload[0]) {
	case icmp4.TypeInfoRequest:
		return n.cfg.Information
	case icmp4.TypeMaskRequest:
		return n.ifaces[in.Iface].Mask
	case icmp4.TypeRouterSolicitation: // RFC 1256 §4.1 allows it a source of 0
		return n.cfg.Forward && n.ifaces[in.Iface].Advertise.On && in.Src.IsUnspecified()
	}
	return false
}

func (n *Node) receive6(now time.Time, in *arrival.Datagram) {
	if why := in.Read6(); why != mib.None {
		n.drop(now, in, why)
		return
	}
	if in.Group = in.Dst.IsMulticast(); in.Group {
		n.countGroup(in)
	}
	if why := n.martian6(in); why != mib.None {
		n.drop(now, in, why)
		return
	}
	switch {
	case n.book.IsOwn(in.Dst), in.Iface == Loopback && in.Dst.IsLoopback():
	case in.Group:
		if !n.joined(in) {
			n.drop(now, in, mib.NotJoined)
			return
		}
	default:
		// Extension headers but hop-by-hop are none of a gateway's business
		// (RFC 8200 §4).
		n.forward(now, in)
		return
	}
	if n.upper6(now, in) {
		n.deliver(now, in)
	}
}

func (n *Node) martian6(in *arrival.Datagram) mib.Drop {
	switch {
	case in.Src.IsMulticast(), in.Src.Is4In6(), in.Src.IsUnspecified():
		return mib.MartianSource
	case in.Iface == Loopback:
		return mib.None
	case in.Src.IsLoopback():
		return mib.MartianSource
	case in.Dst.IsLoopback(), in.Dst.IsUnspecified(), in.Dst.Is4In6():
		return mib.MartianDestination
	case n.book.IsOwn(in.Src) && !n.cfg.AcceptOwnSource:
		return mib.OwnSource
	}
	return mib.None
}

// upper6 walks the extension headers to the upper layer, and reports what is
// wrong with them (H-17).
func (n *Node) upper6(now time.Time, in *arrival.Datagram) bool {
	f := in.Upper6()
	if f.Drop != mib.None {
		n.refuse(now, in, f.Drop, f.Report)
		return false
	}
	return true
}
