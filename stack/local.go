package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
)

// deliver takes a datagram that is for this node: fragments are put together,
// ICMP is the node's own, the rest is the upper layer's. What is for one host
// and came in a frame for all is dropped (RFC 1122 §3.3.6), in IPv6 as well:
// nobody who follows the rules sends it, and its fragments could outlive what
// forbids an error about them (E-03).
func (n *Node) deliver(now time.Time, in *arrival.Datagram) {
	if in.Cast != report.Unicast && !in.Group {
		n.drop(now, in, mib.LinkBroadcast)
		return
	}
	if in.Fragment && !n.reassemble(now, in) {
		return
	}
	switch {
	case in.V == mib.IPv4 && in.Proto == ip.ProtoICMP:
		n.count(in, mib.InDelivers, 1)
		n.icmp4(now, in)
	case in.V == mib.IPv6 && in.Proto == ip.ProtoICMPv6:
		n.count(in, mib.InDelivers, 1)
		n.icmp6(now, in)
	case in.V == mib.IPv6 && in.Proto == ip.ProtoNoNext:
		n.drop(now, in, mib.NoNextHeader) // RFC 8200 §4.7: there is nothing to deliver
	default:
		n.hand(now, in)
	}
}

// hand gives the datagram to the upper layer and reports what it refuses
// (H-03). A protocol that has looked at it and found no listener, or something
// wrong with it, was delivered to.
func (n *Node) hand(now time.Time, in *arrival.Datagram) {
	a := n.offer(now, in)
	if a != NoProtocol && a != Discarded {
		n.count(in, mib.InDelivers, 1)
	}
	switch a {
	case Accepted:
		if n.events.On() {
			n.note(now, in, Event{Kind: event.Deliver})
		}
	case Discarded:
		n.drop(now, in, mib.EndpointFull)
	case Malformed:
		n.drop(now, in, mib.TransportShort)
	case BadChecksum:
		n.drop(now, in, mib.TransportChecksum)
	case NoPort:
		n.refuse(now, in, mib.UnknownPort, report.Report{Cause: report.PortUnreachable})
	default:
		r := report.Report{Cause: report.ProtocolUnreachable}
		if in.V == mib.IPv6 {
			r.Pointer = uint32(in.Up.NextOffset)
		}
		n.refuse(now, in, mib.UnknownProtocol, r)
	}
}

// offer asks the upper layer to take the datagram.
func (n *Node) offer(now time.Time, in *arrival.Datagram) Acceptance {
	if n.cfg.Upper == nil {
		return NoProtocol
	}
	n.packet = Packet{
		Iface: in.Iface, Src: in.Src, Dst: in.Dst, Proto: in.Proto, TTL: in.TTL, TOS: in.TOS,
		Options: in.Options, Payload: in.Payload, Group: in.Group, Largest: in.Largest,
	}
	if in.Largest == 0 {
		n.packet.Largest = len(in.Octets)
	}
	return n.cfg.Upper.Deliver(now, &n.packet)
}

// reassemble adds a fragment, and goes on with the whole datagram when it was
// the last that was missing.
func (n *Node) reassemble(now time.Time, in *arrival.Datagram) bool {
	n.count(in, mib.ReasmReqds, 1)
	var r reassembly.Result
	if in.V == mib.IPv4 {
		r = n.frags.Add4(now, in.Octets)
	} else {
		r = n.frags.Add6(now, in.Octets)
	}
	for range r.Evicted {
		n.counters.Drop(in.V, mib.FragmentMemory)
	}
	for range r.OverShare {
		n.counters.Drop(in.V, mib.FragmentShare)
	}
	switch r.Status {
	case reassembly.Complete:
	case reassembly.Dropped:
		n.refuse(now, in, r.Drop, fragmentFault(in, r.Drop))
		return false
	default:
		return false
	}
	n.count(in, mib.ReasmOKs, 1)
	in.Largest = r.Largest
	if why := in.Whole(r.Datagram); why != mib.None {
		n.drop(now, in, why)
		return false
	}
	if in.V == mib.IPv6 && !n.upper6(now, in) {
		return false
	}
	n.note(now, in, Event{Kind: event.Reassemble, Rule: "H-10"})
	return true
}

// fragmentFault is what is said about a fragment that cannot be one: nothing in
// IPv4, and in IPv6 a parameter problem at the length that is no multiple of 8,
// or at the offset that leads too far (RFC 8200 §4.5).
func fragmentFault(in *arrival.Datagram, why mib.Drop) report.Report {
	const payloadLenAt, offsetAt = 4, 2
	switch {
	case in.V != mib.IPv6:
	case why == mib.FragmentLength:
		return report.Report{Cause: report.BadField, Pointer: payloadLenAt}
	case why == mib.FragmentOversize && !in.First:
		// Nothing stands between the header of a later fragment and its payload.
		return report.Report{Cause: report.BadField, Pointer: uint32(in.Up.Offset - ip.FragmentLen6 + offsetAt)}
	}
	return report.Report{}
}

// expireFragments gives up datagrams whose fragments were waited for in vain,
// and says so when the first fragment arrived (H-10).
func (n *Node) expireFragments(now time.Time) {
	for {
		e, ok := n.frags.Expire(now)
		if !ok {
			return
		}
		in := &n.in
		// Its fragments may have come by several interfaces, so it is of none.
		*in = arrival.Datagram{
			Octets: e.First, Iface: Loopback, V: mib.IPv4, Src: e.Src, Dst: e.Dst, Proto: e.Proto, Fragment: true, First: true, Cut: true,
		}
		if e.Src.Is6() {
			in.V = mib.IPv6
		}
		n.drop(now, in, mib.FragmentTimeout)
		if len(e.First) > 0 {
			n.report(now, in, report.Report{Cause: report.ReassemblyTimeout})
		}
	}
}
