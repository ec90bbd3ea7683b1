package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// Constants of RFC 1256 §5.
const (
	defaultMaxAdvert     = 600 * time.Second
	maxInitialAdverts    = 3
	maxInitialInterval   = 16 * time.Second
	maxResponseDelay     = 2 * time.Second
	maxSolicitations     = 3
	solicitationInterval = 3 * time.Second
	maxSolicitationDelay = time.Second
)

func (a *Advertise) check(field string) error {
	if !a.On {
		return nil
	}
	if a.Max == 0 {
		a.Max = defaultMaxAdvert
	}
	if a.Min == 0 {
		a.Min = a.Max * 3 / 4
	}
	if a.Lifetime == 0 {
		a.Lifetime = 3 * a.Max
	}
	switch {
	case a.Max < 4*time.Second || a.Max > 1800*time.Second:
		return fault(field+".Max", "%v is not between 4s and 30m", a.Max)
	case a.Min < 3*time.Second || a.Min > a.Max:
		return fault(field+".Min", "%v is not between 3s and Max, %v", a.Min, a.Max)
	case a.Lifetime < a.Max || a.Lifetime > 9000*time.Second:
		return fault(field+".Lifetime", "%v is not between Max, %v, and 2h30m", a.Lifetime, a.Max)
	}
	return nil
}

// advertiser is when an interface advertises next.
type advertiser struct {
	due  time.Time // zero: never
	sent int
}

// between returns a random time between a and b.
func (n *Node) between(a, b time.Duration) time.Duration {
	if b <= a {
		return a
	}
	return a + time.Duration(n.rng.Int64N(int64(b-a)))
}

// startRouters sets the first advertisements and solicitations up (RFC 1256
// §4.2, §5.2).
func (n *Node) startRouters(now time.Time) {
	for i := range n.ifaces {
		f := &n.ifaces[i]
		if n.cfg.Forward && f.Advertise.On && f.primary4.IsValid() {
			f.adverts.due = now.Add(n.between(0, maxResponseDelay))
		}
	}
	if !n.cfg.Forward && n.cfg.RouterSolicited {
		n.routers.ask = now.Add(n.between(0, maxSolicitationDelay))
	}
}

func (n *Node) tickRouters(now time.Time) {
	for i := range n.ifaces {
		f := &n.ifaces[i]
		if f.adverts.due.IsZero() || now.Before(f.adverts.due) {
			continue
		}
		n.advertise(now, i, allHosts4)
		next := n.between(f.Advertise.Min, f.Advertise.Max)
		if f.adverts.sent < maxInitialAdverts && next > maxInitialInterval {
			next = maxInitialInterval
		}
		f.adverts.sent++
		f.adverts.due = now.Add(next)
	}
	r := &n.routers
	if !r.ask.IsZero() && !now.Before(r.ask) {
		r.ask = time.Time{}
		if r.asked++; len(r.known) == 0 && r.asked <= maxSolicitations {
			n.solicit(now)
			r.ask = now.Add(solicitationInterval)
		}
	}
	r.expire(now)
}

// advertise sends a router advertisement with the addresses of interface i.
func (n *Node) advertise(now time.Time, i int, dst netip.Addr) {
	f := &n.ifaces[i]
	m := icmp4.RouterAdvertisement{Lifetime: f.Advertise.Lifetime}
	for _, p := range f.Addrs {
		if p.Addr().Is4() {
			m.Entries, _ = icmp4.AppendRouter(m.Entries, icmp4.Router{Addr: p.Addr(), Preference: f.Advertise.Preference})
		}
	}
	n.multicast(now, i, dst, m)
}

// solicit asks for routers on every interface.
func (n *Node) solicit(now time.Time) {
	for i := range n.ifaces {
		if n.ifaces[i].primary4.IsValid() {
			n.multicast(now, i, allRouters4, icmp4.RouterSolicitation{})
		}
	}
}

// multicast sends a message of router discovery: time to live 1, so that it
// stays on the link.
func (n *Node) multicast(now time.Time, i int, dst netip.Addr, m icmp4.Message) {
	n.id++
	h := ip.Header4{ID: n.id, TTL: 1, Proto: ip.ProtoICMP, Src: n.ifaces[i].primary4, Dst: dst}
	out, err := ip.Enclose4(n.out[:0], h, m)
	if err != nil {
		return
	}
	n.out = out
	n.counters.ICMPOut(mib.IPv4, uint8(m.Kind().Type))
	n.counters.Inc(mib.IPv4, mib.OutRequests)
	n.counters.Inc(mib.IPv4, mib.OutMcastPkts)
	if len(n.events.ring) > 0 {
		n.events.put(Event{
			Time: now, Kind: EventAdvertise, Iface: i, Src: h.Src, Dst: dst, Proto: h.Proto, Len: len(out), Rule: "G-09",
		})
	}
	n.enqueue(dst, route.Hop{Iface: i}, n.ifaces[i].MTU)
}

// solicited answers a router solicitation by an advertisement soon (G-09).
func (n *Node) solicited(now time.Time, in *inbound) mib.Drop {
	if _, err := icmp4.DecodeRouterSolicitation(in.payload); err != nil {
		return mib.ICMPShort
	}
	if in.iface < 0 || n.ifaces[in.iface].adverts.due.IsZero() {
		return mib.RouterDiscoveryOff
	}
	f := &n.ifaces[in.iface]
	f.adverts.due = sooner(f.adverts.due, now.Add(n.between(0, maxResponseDelay)))
	return mib.None
}

// maxRouters is how many advertised routers a host remembers.
const maxRouters = 16

// routers is what a host has heard from router advertisements.
type routers struct {
	known []router
	ask   time.Time // when to solicit next
	asked int
}

type router struct {
	hop     route.Hop
	pref    int32
	expires time.Time
}

// advertised learns default routers from an advertisement (RFC 1256 §5.1): the
// addresses on a network of the interface, for as long as it says.
func (n *Node) advertised(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeRouterAdvertisement(in.payload)
	switch {
	case err != nil:
		return mib.ICMPShort
	case n.cfg.Forward || !n.cfg.RouterSolicited || in.iface < 0:
		n.offer(now, in)
		return mib.RouterDiscoveryOff
	}
	for e := range m.Routers() {
		if e.Preference != icmp4.NotDefault && n.neighbours(in.iface, e.Addr, e.Addr) {
			n.routers.learn(route.Hop{Iface: in.iface, Via: e.Addr}, e.Preference, now.Add(m.Lifetime))
			n.note(now, in, Event{Kind: EventAdvertise, Via: e.Addr, Rule: "G-09"})
		}
	}
	n.offer(now, in)
	return mib.None
}

func (r *routers) learn(h route.Hop, pref int32, expires time.Time) {
	for i := range r.known {
		if r.known[i].hop == h {
			r.known[i].pref, r.known[i].expires = pref, expires
			return
		}
	}
	if len(r.known) < maxRouters {
		r.known = append(r.known, router{h, pref, expires})
	}
}

func (r *routers) expire(now time.Time) {
	kept := r.known[:0]
	for _, k := range r.known {
		if now.Before(k.expires) {
			kept = append(kept, k)
		}
	}
	r.known = kept
}

// hop returns the default router with the highest preference.
func (r *routers) hop(dst netip.Addr) (h route.Hop, ok bool) {
	best := int32(icmp4.NotDefault)
	for _, k := range r.known {
		if dst.Is4() && (!ok || k.pref > best) {
			h, best, ok = k.hop, k.pref, true
		}
	}
	return h, ok
}

func (r *routers) deadline() time.Time {
	t := r.ask
	for _, k := range r.known {
		t = sooner(t, k.expires)
	}
	return t
}
