package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// startRouters begins to advertise, or to ask (G-09).
func (n *Node) startRouters(now time.Time) {
	for i := range n.ifaces {
		if f := &n.ifaces[i]; n.cfg.Forward && f.addrs.First4.IsValid() {
			f.adverts.Start(now, f.Advertise, n.rng)
			n.discovers = n.discovers || f.Advertise.On
		}
	}
	if !n.cfg.Forward && n.cfg.SolicitRouters {
		n.routers.Start(now, n.rng)
		n.discovers = true
	}
}

// tickRouters sends what is due of router discovery.
func (n *Node) tickRouters(now time.Time) {
	for i := range n.ifaces {
		if n.ifaces[i].adverts.Due(now, n.rng) {
			n.advertise(now, i)
		}
	}
	if n.routers.Due(now) {
		for i := range n.ifaces {
			if n.ifaces[i].addrs.First4.IsValid() {
				n.multicast(now, i, allRouters4, icmp4.RouterSolicitation{})
			}
		}
	}
}

// advertise sends a router advertisement with the addresses of interface i.
func (n *Node) advertise(now time.Time, i int) {
	f := &n.ifaces[i]
	m := icmp4.RouterAdvertisement{Lifetime: f.adverts.Lifetime()}
	for _, p := range f.Addrs {
		if p.Addr().Is4() {
			m.Entries, _ = icmp4.AppendRouter(m.Entries, icmp4.Router{Addr: p.Addr(), Preference: f.adverts.Preference()})
		}
	}
	n.multicast(now, i, allHosts4, m)
}

// multicast sends a message of router discovery: time to live 1, so that it
// stays on the link.
func (n *Node) multicast(now time.Time, i int, dst netip.Addr, m icmp4.Message) {
	n.id++
	h := ip.Header4{ID: n.id, TTL: 1, Proto: ip.ProtoICMP, Src: n.ifaces[i].addrs.First4, Dst: dst}
	out, err := ip.Enclose4(n.out[:0], h, m)
	if err != nil {
		return
	}
	n.out = out
	n.counters.ICMPOut(mib.IPv4, uint8(m.Kind().Type))
	n.counters.Inc(mib.IPv4, mib.OutRequests)
	n.events.Put(Event{
		Time: now, Kind: event.Advertise, Iface: i, Src: h.Src, Dst: dst, Proto: h.Proto, Len: len(out), Rule: "G-09",
	})
	n.enqueue(dst, route.Hop{Iface: i}, n.ifaces[i].MTU, event.Origin{Kind: event.Advertise})
}

// solicited answers a router solicitation by an advertisement soon.
func (n *Node) solicited(now time.Time, in *arrival.Datagram) mib.Drop {
	if _, err := icmp4.DecodeRouterSolicitation(in.Payload); err != nil {
		return mib.ICMPShort
	}
	if in.Iface < 0 || !n.ifaces[in.Iface].adverts.Solicited(now, n.rng) {
		return mib.RouterDiscoveryOff
	}
	return mib.None
}

// advertised learns default routers from an advertisement, on a host that asks
// for them.
func (n *Node) advertised(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp4.DecodeRouterAdvertisement(in.Payload)
	if err != nil {
		return mib.ICMPShort
	}
	if n.cfg.Forward || !n.cfg.SolicitRouters || in.Iface < 0 {
		return mib.RouterDiscoveryOff
	}
	onLink := func(a netip.Addr) bool { return n.ifaces[in.Iface].addrs.Neighbours(a, a) }
	if n.routers.Heard(now, in.Iface, m, onLink) > 0 {
		n.note(now, in, Event{Kind: event.Advertise, Via: in.Src, Rule: "G-09"})
	}
	return mib.None
}
