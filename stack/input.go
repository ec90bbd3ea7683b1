package stack

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// inbound is the datagram that is being received: everything that the rules ask
// of it, read once.
type inbound struct {
	d        []byte // the datagram, link padding left out
	iface    int
	cast     report.Cast
	v        mib.Version
	src, dst netip.Addr
	proto    ip.Proto // of the upper layer
	ttl      ip.TTL
	tos      uint8
	options  []byte // IPv4
	payload  []byte // of the upper layer
	fragment bool
	first    bool       // payload begins with the upper layer's header
	group    bool       // dst is a broadcast or multicast address
	source   ip.Option4 // the source route option, Type 0 when there is none
	h4       ip.Header4
	h6       ip.Header6
	up       ip.Upper6
}

// receive is where every datagram enters: count, read, judge, and on to
// deliver or to forward.
func (n *Node) receive(now time.Time, d Datagram) {
	in := &n.in
	*in = inbound{d: d.Octets, iface: d.Iface, cast: d.Cast}
	if len(d.Octets) == 0 {
		n.counters.Inc(mib.IPv4, mib.InReceives)
		n.drop(now, in, mib.HeaderShort)
		return
	}
	in.v = version(d.Octets)
	n.count(in, mib.InReceives, 1)
	n.count(in, mib.InOctets, uint64(len(d.Octets)))
	if in.iface != Loopback && (in.iface < 0 || in.iface >= len(n.ifaces) || n.ifaces[in.iface].Down) {
		n.drop(now, in, mib.IfaceDown)
		return
	}
	if in.v == mib.IPv6 {
		n.receive6(now, in)
		return
	}
	n.receive4(now, in)
}

// count counts for the node and for the interface the datagram came in by.
func (n *Node) count(in *inbound, c mib.Counter, k uint64) {
	n.counters.Add(in.v, c, k)
	if in.iface >= 0 && in.iface < len(n.ifaces) {
		n.ifaces[in.iface].counters[in.v][c] += k
	}
}

// drop ends the datagram here.
func (n *Node) drop(now time.Time, in *inbound, why mib.Drop) {
	n.counters.Drop(in.v, why)
	n.note(now, in, Event{Kind: EventDrop, Drop: why, Rule: why.Rule()})
}

// note completes an event about the datagram being received and keeps it.
func (n *Node) note(now time.Time, in *inbound, e Event) {
	if len(n.events.ring) == 0 {
		return
	}
	e.Time, e.Iface, e.Src, e.Dst, e.Proto, e.Len = now, in.iface, in.src, in.dst, in.proto, len(in.d)
	e.Fragment = in.fragment
	n.events.put(e)
}

// headerFault is the reason to drop a datagram whose header does not parse.
func headerFault(err error) mib.Drop {
	var e *wire.ParseError
	if !errors.As(err, &e) {
		return mib.HeaderLength
	}
	switch e.Reason {
	case wire.Truncated:
		return mib.Truncated
	case wire.Short:
		return mib.HeaderShort
	case wire.Version:
		return mib.HeaderVersion
	case wire.Checksum:
		return mib.HeaderChecksum
	case wire.Length:
		if e.Offset == 2 {
			return mib.TotalLength
		}
	}
	return mib.HeaderLength
}

func (n *Node) receive4(now time.Time, in *inbound) {
	h, payload, err := ip.Parse4(in.d)
	if err != nil {
		n.drop(now, in, headerFault(err))
		return
	}
	in.d = in.d[:h.TotalLen]
	in.h4, in.payload = h, payload
	in.src, in.dst, in.proto, in.ttl, in.tos, in.options = h.Src, h.Dst, h.Proto, h.TTL, h.TOS, h.Options
	in.fragment, in.first = h.IsFragment(), h.First()
	who, mine := n.own[in.dst]
	in.group = in.dst.IsMulticast() || in.dst == allOnes4 || who.broadcast
	if why := n.martian4(in); why != mib.None {
		n.drop(now, in, why)
		return
	}
	if len(in.options) > 0 && !n.options4(now, in) {
		return
	}
	switch {
	case in.source.Type != 0 && mine && !who.broadcast:
		n.sourceRoute(now, in)
	case who.broadcast && who.iface != in.iface && in.iface != Loopback:
		n.forward(now, in)
	case mine || in.dst == allOnes4:
		n.deliver(now, in)
	case in.group:
		if !n.joined(in) {
			n.drop(now, in, mib.NotJoined)
			return
		}
		n.deliver(now, in)
	default:
		n.forward(now, in)
	}
}

// The groups that a node is in: all hosts, and all routers when it is one
// (RFC 1112 §7.2, RFC 1256 §3.1).
var (
	allHosts4   = netip.AddrFrom4([4]byte{224, 0, 0, 1})
	allRouters4 = netip.AddrFrom4([4]byte{224, 0, 0, 2})
	allNodes6   = netip.MustParseAddr("ff02::1")
	allRouters6 = netip.MustParseAddr("ff02::2")
)

func (n *Node) joined(in *inbound) bool {
	switch in.dst {
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
// mask or address from 0.0.0.0 or from a host number alone; where that is
// served, 0.0.0.0/8 is let in for it.
func (n *Node) martian4(in *inbound) mib.Drop {
	if in.iface == Loopback {
		return mib.None
	}
	src, dst := in.src.As4()[0], in.dst.As4()[0]
	switch {
	case src == 127, src >= 224, n.own[in.src].broadcast:
		return mib.MartianSource
	case src == 0 && !n.bootQuery(in):
		return mib.MartianSource
	case dst == 127, dst == 0 && !n.bootQuery(in), dst >= 240 && in.dst != allOnes4:
		return mib.MartianDestination
	}
	if who, ok := n.own[in.src]; ok && !who.broadcast && !n.cfg.AcceptOwnSource {
		return mib.OwnSource
	}
	return mib.None
}

// options4 checks the options and finds the source route. A fault is a
// parameter problem with its exact octet (H-11, G-07).
func (n *Node) options4(now time.Time, in *inbound) bool {
	if err := option.Check(in.options); err != nil {
		var e *wire.ParseError
		at := 0
		if errors.As(err, &e) {
			at = e.Offset
		}
		n.drop(now, in, mib.OptionFault)
		n.report(now, in, report.Report{Cause: report.BadField, Pointer: uint32(at)})
		return false
	}
	for o := range ip.Options4(in.options) {
		if o.Type == ip.OptLSRR || o.Type == ip.OptSSRR {
			if r, err := option.ParseRoute(o); err == nil && !r.Full() {
				in.source = o
			}
		}
	}
	return true
}

func (n *Node) receive6(now time.Time, in *inbound) {
	h, payload, err := ip.Parse6(in.d)
	if err != nil {
		n.drop(now, in, headerFault(err))
		return
	}
	in.d = in.d[:ip.HeaderLen6+len(payload)]
	in.h6, in.payload = h, payload
	in.src, in.dst, in.proto, in.ttl, in.tos = h.Src, h.Dst, h.NextHeader, h.HopLimit, h.TrafficClass
	in.first = true
	in.group = in.dst.IsMulticast()
	if in.iface != Loopback {
		switch _, mine := n.own[in.src]; {
		case in.src.IsMulticast(), in.src.IsLoopback(), in.src.Is4In6(), in.src.IsUnspecified():
			n.drop(now, in, mib.MartianSource)
			return
		case in.dst.IsLoopback(), in.dst.IsUnspecified(), in.dst.Is4In6():
			n.drop(now, in, mib.MartianDestination)
			return
		case mine && !n.cfg.AcceptOwnSource:
			n.drop(now, in, mib.OwnSource)
			return
		}
	}
	_, mine := n.own[in.dst]
	switch {
	case mine:
	case in.group:
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
