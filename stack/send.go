package stack

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/address"
	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/ip"
)

// Outgoing is a datagram that the upper layer wants sent.
type Outgoing struct {
	Src, Dst netip.Addr // the zero Src: the node chooses
	Proto    ip.Proto
	TTL      ip.TTL // 0: that of the node
	TOS      uint8  // traffic class in IPv6
	DF       bool   // do not fragment: too long is then a [*TooBigError]
	Options  []byte // IPv4, padded to a multiple of 4
	Payload  []byte
}

// The errors of [Node.Send], beside [*TooBigError] and [*wire.FieldError].
var (
	ErrNoRoute   = errors.New("stack: no route to host")
	ErrNoSource  = errors.New("stack: no address of the family to send from")
	ErrQueueFull = errors.New("stack: output queue is full")
	ErrDown      = errors.New("stack: interface is down")
)

// TooBigError says that a datagram that must not be fragmented is over the path
// MTU.
type TooBigError struct {
	Len, MTU int // octets
}

// Error implements error.
func (e *TooBigError) Error() string {
	return fmt.Sprintf("stack: datagram of %d octets is over the path MTU of %d", e.Len, e.MTU)
}

// TooBig returns the MTU: for those who look for it and do not know whose error
// this is.
func (e *TooBigError) TooBig() int { return e.MTU }

// Send sends a datagram of the upper layer. It is queued until [Node.Poll]
// hands it out; a datagram to one of the node's own addresses comes back to the
// upper layer at the next Poll. What o refers to is copied.
func (n *Node) Send(now time.Time, o *Outgoing) error {
	n.begin(now)
	h, local, err := n.wayOut(o.Dst, o.TOS)
	if err != nil {
		return n.noWayOut(family(o.Dst), err)
	}
	src := o.Src
	if !src.IsValid() {
		if src = n.source(o.Dst, h, local); !src.IsValid() {
			return n.noWayOut(family(o.Dst), ErrNoSource)
		}
	}
	_, df := n.mtu(now, o.Dst, h.Iface)
	if err := n.build(o, src, o.DF && df); err != nil {
		return err
	}
	n.counters.Inc(version(n.out), mib.OutRequests)
	return n.sendOut(now, o.Dst, h, local, o.DF && df)
}

// noWayOut counts a request of the upper layer that came to nothing.
func (n *Node) noWayOut(v mib.Version, err error) error {
	n.counters.Inc(v, mib.OutRequests)
	n.counters.Drop(v, mib.NoRouteOut)
	return err
}

// Source returns the address that a datagram to dst is sent from when nothing
// else is said, type of service 0 included. The errors are [ErrNoRoute] and
// [ErrNoSource].
func (n *Node) Source(dst netip.Addr) (netip.Addr, error) {
	h, local, err := n.wayOut(dst, 0)
	if err != nil {
		return netip.Addr{}, err
	}
	src := n.source(dst, h, local)
	if !src.IsValid() {
		return src, ErrNoSource
	}
	return src, nil
}

// SendDatagram sends a whole datagram, IP header included, as it stands, by the
// route to its destination. It is what a prober uses that makes its own
// headers. The datagram is copied, and must be valid; what follows it in d is
// left out.
func (n *Node) SendDatagram(now time.Time, d []byte) error {
	to, h, local, err := n.whole(now, d)
	if err != nil {
		return err
	}
	return n.sendOut(now, to.dst, h, local, to.df)
}

// SendProbe is [Node.SendDatagram] for who looks for the path MTU (RFC 4821
// §7.2): what is known of it does not count, only the MTU of the link, over which
// a datagram is refused with a [*TooBigError] and never cut. One of IPv4 is to
// say don't fragment itself.
func (n *Node) SendProbe(now time.Time, d []byte) error {
	to, h, local, err := n.whole(now, d)
	if err != nil {
		return err
	}
	if local {
		return n.sendOut(now, to.dst, h, local, true)
	}
	return n.sendWithin(to.dst, h, n.ifaces[h.Iface].MTU, true)
}

// whole puts the datagram at the beginning of d into n.out, and finds its way.
func (n *Node) whole(now time.Time, d []byte) (to bound, h route.Hop, local bool, err error) {
	d, to, err = destination(d)
	if err != nil {
		return to, h, false, err
	}
	n.begin(now)
	h, local, err = n.wayOut(to.dst, to.tos)
	if err != nil {
		return to, h, false, n.noWayOut(version(d), err)
	}
	n.out = append(n.out[:0], d...)
	n.counters.Inc(version(d), mib.OutRequests)
	return to, h, local, nil
}

// sendOut sends the datagram in n.out.
func (n *Node) sendOut(now time.Time, dst netip.Addr, h route.Hop, local, df bool) error {
	v := version(n.out)
	if local {
		if !n.loop.Push(n.out, queue.Tag{Hop: dst}) {
			n.counters.Drop(v, mib.QueueFull)
			return ErrQueueFull
		}
		return nil
	}
	mtu, _ := n.mtu(now, dst, h.Iface)
	return n.sendWithin(dst, h, mtu, df)
}

// sendWithin sends the datagram in n.out over a path of that MTU.
func (n *Node) sendWithin(dst netip.Addr, h route.Hop, mtu int, df bool) error {
	if v := version(n.out); df && len(n.out) > mtu {
		n.counters.Inc(v, mib.OutFragReqds)
		n.counters.Drop(v, mib.TooBig)
		return &TooBigError{Len: len(n.out), MTU: mtu}
	}
	return sendError(n.enqueue(dst, h, mtu, event.Origin{Kind: event.Send}))
}

// bound is where a datagram goes, and how.
type bound struct {
	dst netip.Addr
	tos uint8
	df  bool // it may not be fragmented
}

// destination reads how long a datagram is and where it goes.
func destination(d []byte) ([]byte, bound, error) {
	if len(d) > 0 && d[0]>>4 == 6 {
		h, payload, err := ip.Parse6(d)
		return d[:min(len(d), ip.HeaderLen6+len(payload))], bound{dst: h.Dst, tos: h.TrafficClass}, err
	}
	h, payload, err := ip.Decode4(d)
	return d[:min(len(d), h.HeaderLen()+len(payload))], bound{h.Dst, h.TOS, h.DF}, err
}

func sendError(why mib.Drop) error {
	switch why {
	case mib.None:
		return nil
	case mib.QueueFull:
		return ErrQueueFull
	case mib.IfaceDown:
		return ErrDown
	}
	return fmt.Errorf("stack: %v", why)
}

func family(a netip.Addr) mib.Version {
	if a.Is4() {
		return mib.IPv4
	}
	return mib.IPv6
}

// build makes the datagram in n.out.
func (n *Node) build(o *Outgoing, src netip.Addr, df bool) (err error) {
	ttl := o.TTL
	if ttl == 0 {
		ttl = n.cfg.TTL
	}
	if o.Dst.Is4() {
		n.id++
		n.out, err = ip.Header4{
			TOS: o.TOS, ID: n.id, DF: df, TTL: ttl, Proto: o.Proto, Src: src, Dst: o.Dst, Options: o.Options,
		}.AppendPacket(n.out[:0], o.Payload)
		return err
	}
	n.out, err = ip.Header6{
		TrafficClass: o.TOS, NextHeader: o.Proto, HopLimit: ttl, Src: src, Dst: o.Dst,
	}.AppendPacket(n.out[:0], o.Payload)
	return err
}

// wayOut finds the next hop for a datagram of this node's; local: to itself.
func (n *Node) wayOut(dst netip.Addr, tos uint8) (h route.Hop, local bool, err error) {
	if n.book.IsOwn(dst) || dst.IsLoopback() {
		return route.Hop{}, true, nil
	}
	if dst == address.AllOnes4 || dst.IsMulticast() {
		for i := range n.ifaces {
			if n.ifaces[i].addrs.Like(dst).IsValid() {
				return route.Hop{Iface: i}, false, nil
			}
		}
		return route.Hop{}, false, ErrNoRoute
	}
	h, ok := n.hop(dst, tos, 0)
	if !ok {
		return route.Hop{}, false, ErrNoRoute
	}
	return h, false, nil
}

// hop looks a route up for a datagram that originates here, what redirects have
// taught first.
func (n *Node) hop(dst netip.Addr, tos uint8, proto ip.Proto) (route.Hop, bool) {
	if h, ok := n.redirects.Hop(dst); ok {
		return h, true
	}
	r, outcome := n.table.LookupTOS(dst, tos)
	if outcome != route.Found {
		r, ok := n.routers.Best()
		return route.Hop{Iface: r.Iface, Via: r.Addr}, ok && dst.Is4()
	}
	if len(r.Hops) == 1 {
		return r.Hops[0], true
	}
	n.flow = route.Flow{Seed: n.cfg.Seed, Dst: dst, Proto: uint8(proto)}
	return r.Pick(&n.flow), true
}

// source chooses the address to send from: that of the interface that it leaves
// through (RFC 1122 §3.3.4.3), on the next hop's network if there are several.
func (n *Node) source(dst netip.Addr, h route.Hop, local bool) netip.Addr {
	if local {
		return dst
	}
	via := h.Via
	if h.OnLink() {
		via = dst
	}
	return n.ifaces[h.Iface].addrs.For(via)
}

// mtu is what a datagram to dst may measure that leaves by interface i, and
// whether one of that size may say don't fragment.
func (n *Node) mtu(now time.Time, dst netip.Addr, i int) (mtu int, df bool) {
	return n.paths.Get(now, dst, n.ifaces[i].MTU)
}

// enqueue queues n.out for its next hop, in fragments where it must be.
func (n *Node) enqueue(dst netip.Addr, h route.Hop, mtu int, o event.Origin) mib.Drop {
	via := h.Via
	if h.OnLink() {
		via = dst
	}
	group := via.IsMulticast() || via == address.AllOnes4 || o.Kind == event.Send && n.book.IsBroadcast(via)
	why := n.push(h.Iface, queue.Tag{Hop: via, Origin: o, Group: group}, mtu)
	n.counters.Drop(version(n.out), why)
	return why
}

// errorSource chooses the address that an error comes from, and where it leaves:
// the address that the datagram was sent to, when that is this node's; else that
// of the interface the error leaves through (E-10).
func (n *Node) errorSource(in *arrival.Datagram) (netip.Addr, route.Hop) {
	h, ok := n.back(in, in.Src, 0)
	if !ok {
		if n.book.IsOwn(in.Src) {
			return in.Src, h
		}
		return netip.Addr{}, h
	}
	if n.book.IsOwn(in.Dst) {
		return in.Dst, h
	}
	return n.source(in.Src, h, n.book.IsOwn(in.Src)), h
}

// back finds the way to dst for what answers the datagram being received. An
// IPv6 link-local address is on the link that the datagram came in by.
func (n *Node) back(in *arrival.Datagram, dst netip.Addr, tos uint8) (route.Hop, bool) {
	if in.Iface >= 0 && in.V == mib.IPv6 && dst.IsLinkLocalUnicast() {
		return route.Hop{Iface: in.Iface}, true
	}
	return n.hop(dst, tos, in.Proto)
}

// respond sends n.out, a reply to the datagram being received, to dst.
func (n *Node) respond(now time.Time, in *arrival.Datagram, dst netip.Addr, o event.Origin) {
	if n.book.IsOwn(dst) || in.Iface == Loopback && (dst.IsLoopback() || !n.routable(dst)) {
		n.dispatchLocal(dst)
		return
	}
	h, ok := n.back(in, dst, in.TOS)
	if dst == address.AllOnes4 {
		h, ok = route.Hop{Iface: in.Iface}, true
	}
	if !ok {
		n.counters.Drop(in.V, mib.NoRouteOut)
		n.note(now, in, Event{Kind: event.Withheld, Drop: mib.NoRouteOut})
		return
	}
	mtu, _ := n.mtu(now, dst, h.Iface)
	n.enqueue(dst, h, mtu, o)
}

func (n *Node) routable(dst netip.Addr) bool { _, ok := n.hop(dst, 0, 0); return ok }

func (n *Node) dispatchLocal(dst netip.Addr) {
	if !n.loop.Push(n.out, queue.Tag{Hop: dst}) {
		n.counters.Drop(version(n.out), mib.QueueFull)
	}
}

// dispatch sends n.out to dst by h.
func (n *Node) dispatch(now time.Time, dst netip.Addr, h route.Hop, o event.Origin) {
	if n.book.IsOwn(dst) {
		n.dispatchLocal(dst)
		return
	}
	mtu, _ := n.mtu(now, dst, h.Iface)
	n.enqueue(dst, h, mtu, o)
}
