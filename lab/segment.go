package lab

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
)

// What a topology's zeros stand for.
const (
	MinDelay       = time.Microsecond // the least that a link takes
	defaultResolve = time.Second
	defaultGap     = 10 * time.Millisecond
	defaultMTU     = 1500
)

// segment is a link at work.
type segment struct {
	name    string
	parties []*party
	byAddr  map[netip.Addr]*party
	mtu     int
	resolve time.Duration
	down    bool
}

// party is a node's interface on a segment, or a port.
type party struct {
	name  string
	on    *segment
	host  *Host // nil: a port
	iface int
	port  *Port
	addrs []netip.Prefix
	path  topology.Path
	rate  int64
	dice  *rand.Rand
	last  time.Time // when the latest datagram that was not held back arrives
	down  bool
}

func (s *segment) join(p *party) {
	p.on = s
	s.parties = append(s.parties, p)
	for _, a := range p.addrs {
		s.byAddr[a.Addr()] = p
	}
}

func (s *segment) leave(p *party) {
	for i := range s.parties {
		if s.parties[i] == p {
			s.parties = append(s.parties[:i], s.parties[i+1:]...)
			break
		}
	}
	for _, a := range p.addrs {
		delete(s.byAddr, a.Addr())
	}
}

// cast says how a frame for a next hop is addressed on the segment.
func (s *segment) cast(hop netip.Addr) report.Cast {
	switch {
	case hop.IsMulticast():
		return report.Multicast
	case hop == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return report.Broadcast
	case !hop.Is4() || s.byAddr[hop] != nil:
		return report.Unicast
	}
	for _, p := range s.parties {
		for _, a := range p.addrs {
			if isBroadcast(a, hop) {
				return report.Broadcast
			}
		}
	}
	return report.Unicast
}

// isBroadcast reports whether a is the broadcast address of the IPv4 network.
func isBroadcast(p netip.Prefix, a netip.Addr) bool {
	if !p.Addr().Is4() || p.Bits() > 30 || !p.Contains(a) {
		return false
	}
	b := a.As4()
	for i := p.Bits(); i < 32; i++ {
		if b[i/8]&(0x80>>(i%8)) == 0 {
			return false
		}
	}
	return true
}

// takes is how long a datagram of that many octets is on its way into the link.
func (p *party) takes(octets int) time.Duration {
	if p.rate <= 0 {
		return 0
	}
	return time.Duration(int64(octets) * 8 * int64(time.Second) / p.rate)
}

// transmit puts a datagram on the link of p, for a next hop.
func (n *Network) transmit(p *party, d []byte, hop netip.Addr, o event.Origin) {
	s := p.on
	n.sent++
	r := record.Record{
		Time: n.now, Node: p.name, Seq: n.sent, Link: s.name, Octets: d, Origin: o,
	}
	cast := s.cast(hop)
	r.Group = cast != report.Unicast
	to := s.byAddr[hop]
	switch {
	case len(d) > s.mtu:
		r.Fate = record.TooBig
	case r.Group && (s.down || p.down):
		r.Fate = record.Cut
	case r.Group:
		n.toAll(p, r, cast)
		return
	case s.down || p.down || to == nil || to == p || to.down:
		r.Fate = record.Unresolved
		if s.down {
			r.Fate = record.Cut
		}
		if p.host != nil && !p.host.unaware(route.Hop{Iface: p.iface, Via: hop}) {
			n.schedule(item{at: n.now.Add(s.resolve), kind: unresolved, who: p}, d)
		}
	default:
		n.carry(p, to, r, cast)
		return
	}
	n.records.Put(r)
}

func (n *Network) toAll(p *party, r record.Record, cast report.Cast) {
	for _, to := range p.on.parties {
		if to != p && !to.down {
			n.carry(p, to, r, cast)
		}
	}
}

// carry takes a datagram to one party, as the link is minded.
func (n *Network) carry(p, to *party, r record.Record, cast report.Cast) {
	r.To = to.name
	lost, twice := p.chance(p.path.Loss), p.chance(p.path.Duplicate)
	if lost {
		r.Fate = record.Lost
		n.records.Put(r)
		return
	}
	n.copy(p, to, r, cast)
	if twice {
		r.Duplicate = true
		n.copy(p, to, r, cast)
	}
}

func (n *Network) copy(p, to *party, r record.Record, cast report.Cast) {
	r.Late, r.Corrupt = p.chance(p.path.Reorder), p.chance(p.path.Corrupt)
	at := n.now.Add(p.takes(len(r.Octets)) + max(p.path.Delay, MinDelay) + p.jitter())
	if at.Before(p.last) {
		at = p.last
	}
	if r.Late {
		at = at.Add(p.path.Gap)
	} else {
		p.last = at
	}
	x := item{at: at, kind: arrive, who: to, cast: cast}
	if x.octets = n.hold(r.Octets); x.octets == nil {
		r.Fate = record.Crowded
		n.records.Put(r)
		return
	}
	if r.Corrupt && len(x.octets) > 0 {
		bit := p.dice.IntN(8 * len(x.octets))
		x.octets[bit/8] ^= 0x80 >> (bit % 8)
		r.Octets = x.octets
	}
	r.Arrive = at
	n.enter(x)
	n.records.Put(r)
}

// chance throws the dice. What never happens costs none.
func (p *party) chance(s topology.Share) bool { return s > 0 && p.dice.Float64() < float64(s) }

// jitter is what a datagram takes longer than the delay.
func (p *party) jitter() time.Duration {
	return random(p.dice, p.path.Jitter, p.path.Spread == "normal")
}

// random returns a time of 0 to most, or, normal, the absolute value of one
// with the standard deviation most, up to four of them.
func random(dice *rand.Rand, most time.Duration, normal bool) time.Duration {
	switch {
	case most <= 0:
		return 0
	case !normal:
		return time.Duration(dice.Int64N(int64(most) + 1))
	}
	x := dice.NormFloat64()
	if x < 0 {
		x = -x
	}
	return time.Duration(min(x, 4) * float64(most))
}

// limits of what is in flight.
const (
	maxItems  = 1 << 16
	maxOctets = 64 << 20
)

// hold copies a datagram for its time in flight; nil: there is no room.
func (n *Network) hold(d []byte) []byte {
	if len(n.due) >= maxItems || n.octets+len(d) > maxOctets {
		return nil
	}
	var b []byte
	if k := len(n.free); k > 0 {
		b, n.free = n.free[k-1][:0], n.free[:k-1]
	}
	n.octets += len(d)
	return append(b, d...)
}

// schedule enters an item with a copy of its datagram, if there is room.
func (n *Network) schedule(x item, d []byte) {
	if x.octets = n.hold(d); x.octets != nil {
		n.enter(x)
	}
}

func (n *Network) enter(x item) {
	n.turns++
	x.turn = n.turns
	n.due.push(x)
}

// maxFree is how many buffers are kept for the next datagrams.
const maxFree = 1024

// let takes the datagram of a finished item back.
func (n *Network) let(x *item) {
	n.octets -= len(x.octets)
	if len(n.free) < maxFree {
		n.free = append(n.free, x.octets)
	}
}

// perform does what is due.
func (n *Network) perform(x *item) {
	if x.kind == act {
		x.do()
		return
	}
	switch p := x.who; x.kind {
	case release:
		if p.on == nil {
			break // a port that has been closed
		}
		n.transmit(p, x.octets, x.hop, x.origin)
	case unresolved:
		p.host.Node.Unresolved(n.now, p.iface, x.octets)
		n.pump(p.host)
	case arrive:
		switch {
		case p.port != nil:
			p.port.arrived(n.now, x.octets)
		case p.down:
		default:
			p.host.Node.Receive(n.now, stack.Datagram{Iface: p.iface, Octets: x.octets, Cast: x.cast})
			n.pump(p.host)
		}
	}
	n.let(x)
}
