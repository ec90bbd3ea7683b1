package lab

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/report"
)

// Port is a party on a link that is not in the topology: the kernel behind a
// TUN device, a prober. It is a machine, and runs the network that it is a port
// of; package drive drives it.
type Port struct {
	Addr netip.Prefix // its address, and the network that it is on

	n       *Network
	party   *party
	gateway netip.Addr
	free    time.Time // when the link takes the next datagram
	limit   int       // octets that wait for it
	queue   []arrival // a circle
	first   int
	count   int
	octets  int
	dropped uint64
}

type arrival struct {
	at     time.Time
	octets []byte
}

// The most of ports, and of what waits at one.
const (
	maxPorts     = 1024
	maxArrivals  = 4096
	portOctets   = 4 << 20
	defaultQueue = 256 << 10
)

// Port attaches an outside party with this address to a link. The address must
// be free and on the network of somebody there. The party reaches what is not
// on its network through the first gateway of the link, or that of [Port.Via].
func (n *Network) Port(link string, addr netip.Prefix) (*Port, error) {
	s, ok := n.byName[link]
	switch {
	case !ok:
		return nil, fmt.Errorf("lab: port: there is no link %q", link)
	case !addr.IsValid():
		return nil, fmt.Errorf("lab: port on %s: not an address with a prefix length", link)
	case n.byAddr[addr.Addr()] != nil:
		return nil, fmt.Errorf("lab: port on %s: %v is that of %s", link, addr.Addr(), n.byAddr[addr.Addr()].Name)
	case s.byAddr[addr.Addr()] != nil:
		return nil, fmt.Errorf("lab: port on %s: %v is taken", link, addr.Addr())
	case n.ports == maxPorts:
		return nil, fmt.Errorf("lab: port on %s: there are %d already", link, maxPorts)
	case !s.neighbours(addr):
		return nil, fmt.Errorf("lab: port on %s: nobody there is on %v", link, addr.Masked())
	}
	l := n.top.Link(link)
	p := &Port{Addr: addr, n: n, limit: int(or(l.Queue, defaultQueue))}
	p.party = &party{
		name: addr.Addr().String(), port: p, addrs: []netip.Prefix{addr},
		path: l.Path, rate: int64(l.Rate), dice: n.diceFor("port", link, addr.String()),
	}
	p.party.path.Gap = or(l.Gap, defaultGap)
	s.join(p.party)
	n.ports++
	return p, nil
}

func (s *segment) neighbours(addr netip.Prefix) bool {
	for _, p := range s.parties {
		for _, a := range p.addrs {
			if a.Contains(addr.Addr()) {
				return true
			}
		}
	}
	return false
}

// Via sets the gateway to what is not on the port's network; the zero Addr: the
// first gateway of the link.
func (p *Port) Via(gateway netip.Addr) { p.gateway = gateway }

// Transmit is what the port's path does to what the port sends; that of the
// link, when nothing else was set.
func (p *Port) Transmit(path topology.Path) {
	path.Gap = or(path.Gap, defaultGap)
	p.party.path = path
}

// Close takes the port off its link.
func (p *Port) Close() {
	if p.party.on != nil {
		p.party.on.leave(p.party)
		p.party.on = nil
		p.n.ports--
	}
}

// Inject sends a datagram from the port at now. It is copied. What is in it is
// the sender's affair; a datagram that has no destination to be read vanishes,
// as it does when more waits for the link than its queue holds.
func (p *Port) Inject(now time.Time, d []byte) {
	p.n.Advance(now)
	dst, ok := destination(d)
	if !ok || p.party.on == nil {
		return
	}
	n, hop := p.n, p.hop(dst)
	at := n.now
	if p.party.rate > 0 {
		if at.Before(p.free) {
			at = p.free
		}
		if at.Sub(n.now) > p.party.takes(p.limit) {
			return
		}
		p.free = at.Add(p.party.takes(len(d)))
	}
	o := event.Origin{Kind: event.Send}
	if at.After(n.now) {
		n.schedule(item{at: at, kind: release, who: p.party, hop: hop, origin: o}, d)
		return
	}
	n.transmit(p.party, d, hop, o)
}

// destination reads where a datagram goes.
func destination(d []byte) (netip.Addr, bool) {
	switch {
	case len(d) >= 20 && d[0]>>4 == 4:
		return netip.AddrFrom4([4]byte(d[16:20])), true
	case len(d) >= 40 && d[0]>>4 == 6:
		return netip.AddrFrom16([16]byte(d[24:40])), true
	}
	return netip.Addr{}, false
}

// hop is who on the link is to get a datagram for dst.
func (p *Port) hop(dst netip.Addr) netip.Addr {
	s := p.party.on
	if s.byAddr[dst] != nil || p.Addr.Contains(dst) || s.cast(dst) != report.Unicast {
		return dst
	}
	if p.gateway.IsValid() && p.gateway.Is4() == dst.Is4() {
		return p.gateway
	}
	for _, x := range s.parties {
		if x.host == nil || !x.host.Gateway {
			continue
		}
		for _, a := range x.addrs {
			if a.Addr().Is4() == dst.Is4() {
				return a.Addr()
			}
		}
	}
	return dst
}

// arrived queues what the link brings.
func (p *Port) arrived(now time.Time, d []byte) {
	if p.count == maxArrivals || p.octets+len(d) > portOctets {
		p.dropped++
		return
	}
	if p.count == len(p.queue) {
		next := make([]arrival, max(64, 2*len(p.queue)))
		for i := range p.count {
			next[i] = p.queue[(p.first+i)%len(p.queue)]
		}
		p.queue, p.first = next, 0
	}
	a := &p.queue[(p.first+p.count)%len(p.queue)]
	a.at, a.octets = now, append(a.octets[:0], d...)
	p.count++
	p.octets += len(d)
}

// Next returns the oldest datagram that has come, valid until the next call of
// a method of the network, and when it came.
func (p *Port) Next() (d []byte, at time.Time, ok bool) {
	if p.count == 0 {
		return nil, time.Time{}, false
	}
	a := &p.queue[p.first]
	p.first = (p.first + 1) % len(p.queue)
	p.count--
	p.octets -= len(a.octets)
	return a.octets, a.at, true
}

// Dropped returns how many datagrams came and found no room.
func (p *Port) Dropped() uint64 { return p.dropped }

// Poll makes happen what is due, and appends the oldest datagram that has come
// to b.
func (p *Port) Poll(now time.Time, b []byte) ([]byte, bool) {
	p.n.Advance(now)
	d, _, ok := p.Next()
	return append(b, d...), ok
}

// Deadline returns when Poll is to be called though nothing is injected.
func (p *Port) Deadline() time.Time {
	if p.count > 0 {
		return p.n.now
	}
	return p.n.Deadline()
}
