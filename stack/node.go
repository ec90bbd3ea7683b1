package stack

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/address"
	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/stack/egress"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/redirect"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/quote"
)

// Node is one host or gateway. It is a machine: time and datagrams come in as
// arguments, datagrams and events go out when they are asked for, and the same
// input gives the same output. A Node is not safe for concurrent use. Make one
// with [New].
type Node struct {
	cfg    Config
	ifaces []iface
	book   address.Book
	// Methods of book and of the node as functions, made once.
	broadcasts, ours func(netip.Addr) bool
	knows            func(*quote.Quote) Standing
	now              time.Time // of the call, for knows
	table            route.Table

	limiter   *limit.Limiter
	frags     *reassembly.Reassembler
	paths     *pmtu.Cache
	redirects redirect.Table
	routers   discovery.Routers
	discovers bool // whether there is anything to do for router discovery

	counters mib.Counters
	events   event.Ring
	rng      *rand.Rand
	id       uint16 // IPv4 identification of the next datagram
	turn     int    // interface that Poll asks first

	loop    queue.Queue      // what the node sends to itself
	in      arrival.Datagram // the datagram being received
	packet  Packet           // … as the upper layer gets it
	flow    route.Flow       // … as the choice among equal hops sees it
	judged  Forwarding       // … as a filter sees it
	trouble Trouble
	out     []byte // a datagram being built
	// translated is the datagram being received, after address translation.
	translated []byte
	options    []byte // its options
	began      time.Time
}

// iface is an interface at work.
type iface struct {
	Interface
	out      egress.Egress
	counters [2]mib.IP
	ext      []byte // the RFC 4884 structure of errors about what arrives here
	addrs    address.Set
	adverts  discovery.Advertiser
}

// Event is something that a node did.
type Event = event.Event

// Datagram is one datagram on its way into a node.
type Datagram struct {
	Iface  int    // it comes in by: an index of Config.Interfaces
	Octets []byte // from the IP header on; what follows the datagram is link padding. Lent for the call
	Cast   report.Cast
}

// Transmit says where a datagram goes that [Node.Poll] has handed out.
type Transmit struct {
	Iface int // it leaves by
	// NextHop is who on that link is to get it: a gateway, the destination
	// itself, or a broadcast or multicast address for all.
	NextHop netip.Addr
	Origin  event.Origin // what made it
}

// New makes a node. The error says which field of the configuration is wrong.
// The slices of c are kept and must not be changed any more.
func New(c Config) (*Node, error) {
	c.Interfaces = append([]Interface(nil), c.Interfaces...)
	if err := c.check(); err != nil {
		return nil, err
	}
	n := &Node{
		cfg:    c,
		ifaces: make([]iface, len(c.Interfaces)),
		events: event.NewRing(c.Events),
		rng:    rand.New(rand.NewPCG(c.Seed, 0x736f6e6465)),
		out:    make([]byte, 0, maxMTU),
	}
	n.broadcasts, n.ours, n.knows = n.book.IsBroadcast, n.book.IsOwn, n.recognise
	n.id = uint16(n.rng.Uint32())
	c.Limit.Seed, c.Reassembly.Seed, c.PMTU.Seed = n.rng.Uint64(), n.rng.Uint64(), n.rng.Uint64()
	var err error
	if n.limiter, err = limit.New(c.Limit); err != nil {
		return nil, err
	}
	if n.frags, err = reassembly.New(c.Reassembly); err != nil {
		return nil, err
	}
	if n.paths, err = pmtu.New(c.PMTU); err != nil {
		return nil, err
	}
	for i := range n.ifaces {
		if err := n.attach(i); err != nil {
			return nil, err
		}
	}
	for _, r := range c.Routes {
		if c.PerPacket && r.Choice == route.PerFlow {
			r.Choice = route.PerPacket
		}
		if err := n.table.Add(r); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// attach sets interface i up: its addresses, the route to its networks.
func (n *Node) attach(i int) error {
	f := &n.ifaces[i]
	f.Interface = n.cfg.Interfaces[i]
	f.out.Rate, f.out.Queue.Limit = f.Rate, f.Queue
	f.out.Identify(n.rng.Uint32())
	f.addrs = address.NewSet(f.Addrs)
	for _, p := range f.Addrs {
		n.book.AddNetwork(p, i)
		if err := n.table.Add(route.Route{Prefix: p.Masked(), Hops: []route.Hop{{Iface: i}}}); err != nil {
			return err
		}
	}
	var err error
	f.ext, err = n.extension(i)
	return err
}

// Receive takes a datagram that has arrived. It answers nothing itself: what it
// causes waits for [Node.Poll]. A wrong datagram is counted, and dropped with
// an event; it is never an error of the node.
func (n *Node) Receive(now time.Time, d Datagram) {
	n.tick(now)
	n.receive(now, d)
}

// Poll appends the next datagram that is to leave now, if there is one, to b,
// and says where it goes. Call it until it says false, then again after
// [Node.Receive], [Node.Send], or when [Node.Deadline] has come.
func (n *Node) Poll(now time.Time, b []byte) ([]byte, Transmit, bool) {
	n.tick(now)
	n.drainLoop(now)
	for k := range n.ifaces {
		i := (n.turn + k) % len(n.ifaces)
		f := &n.ifaces[i]
		d, tag, ok := f.out.Poll(now, b)
		if !ok {
			continue
		}
		n.transmitted(f, d[len(b):])
		if tag.Group {
			n.countGroupOut(f, d[len(b):], tag.Hop)
		}
		n.turn = i + 1
		return d, Transmit{Iface: i, NextHop: tag.Hop, Origin: tag.Origin}, true
	}
	return b, Transmit{}, false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (n *Node) transmitted(f *iface, d []byte) {
	v := version(d)
	for _, c := range [2]*mib.IP{&n.counters.IP[v], &f.counters[v]} {
		c[mib.OutTransmits]++
		c[mib.OutOctets] += uint64(len(d))
	}
}

// countGroupOut counts a datagram that leaves for a broadcast or multicast
// address.
func (n *Node) countGroupOut(f *iface, d []byte, to netip.Addr) {
	v := version(d)
	for _, c := range [2]*mib.IP{&n.counters.IP[v], &f.counters[v]} {
		if !to.IsMulticast() {
			c[mib.OutBcastPkts]++
			continue
		}
		c[mib.OutMcastPkts]++
		c[mib.OutMcastOctets] += uint64(len(d))
	}
}

func version(d []byte) mib.Version {
	if d[0]>>4 == 6 {
		return mib.IPv6
	}
	return mib.IPv4
}

// loopBurst is how many datagrams to itself a node handles in one call.
const loopBurst = 64

// drainLoop receives what the node has sent to itself.
func (n *Node) drainLoop(now time.Time) {
	for range loopBurst {
		d, _, ok := n.loop.Peek()
		if !ok {
			return
		}
		n.counters.Inc(version(d), mib.OutTransmits)
		n.counters.Add(version(d), mib.OutOctets, uint64(len(d)))
		n.receive(now, Datagram{Iface: Loopback, Octets: d})
		n.loop.Pop()
	}
}

// Deadline returns when the node has something to do though nothing arrives:
// Poll is then to be called. Zero: never. A time that has passed means now.
func (n *Node) Deadline() time.Time {
	t := n.frags.Deadline()
	for i := range n.ifaces {
		f := &n.ifaces[i]
		if free, ok := f.out.Deadline(); ok {
			t = sooner(t, later(free, n.began))
		}
		t = sooner(t, f.adverts.Deadline())
	}
	if n.loop.Len() > 0 {
		t = sooner(t, n.began)
	}
	return sooner(t, n.routers.Deadline())
}

// sooner returns the earlier of two times, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// tick does what is due: fragments that were waited for in vain, router
// advertisements.
func (n *Node) tick(now time.Time) {
	n.begin(now)
	if t := n.frags.Deadline(); !t.IsZero() && !now.Before(t) {
		n.expireFragments(now)
	}
	if n.discovers {
		n.tickRouters(now)
	}
}

// begin notes when the node's time began.
func (n *Node) begin(now time.Time) {
	if n.began.IsZero() {
		n.began = now
		n.startRouters(now)
	}
}

// NextEvent returns the oldest event that was not read yet.
func (n *Node) NextEvent() (Event, bool) { return n.events.Get() }

// Redirected returns the first hop that a redirect has given for dst, if any.
func (n *Node) Redirected(dst netip.Addr) (route.Hop, bool) { return n.redirects.Hop(dst) }

// ForgetRedirects goes back to the routing table for every destination.
func (n *Node) ForgetRedirects() { n.redirects.Forget() }

// Counters returns everything that the node has counted.
func (n *Node) Counters() mib.Counters { return n.counters }

// InterfaceCounters returns what interface i has counted, by IP version, under
// the names of ipIfStatsTable.
func (n *Node) InterfaceCounters(i int) [2]mib.IP { return n.ifaces[i].counters }

// Queued returns how many octets wait for interface i.
func (n *Node) Queued(i int) int { return n.ifaces[i].out.Queue.Octets() }

// Memory returns how many octets the tables take that what arrives can fill:
// those of the rate limiter, of reassembly, of path MTUs and of redirects; and
// how many they take at most, whatever arrives. Beside them there are the queues
// of the interfaces, whose limits are configured.
func (n *Node) Memory() (octets, ceiling int) {
	octets = n.limiter.Octets() + n.frags.Size() + n.paths.Size() + n.redirects.Size()
	return octets, n.limiter.Octets() + n.frags.Limit() + n.paths.Limit() + redirect.Limit
}

// Routes returns the routing table, the connected networks among it. Changes
// take effect with the next datagram.
func (n *Node) Routes() *route.Table { return &n.table }

// PathMTU returns the path MTU to dst that the node goes by, in octets.
func (n *Node) PathMTU(now time.Time, dst netip.Addr) (int, bool) {
	h, ok := n.hop(dst, 0, 0)
	if !ok {
		return 0, false
	}
	mtu, _ := n.mtu(now, dst, h.Iface)
	return mtu, true
}

// SetDown takes interface i down, or up again. What waits for it is dropped.
func (n *Node) SetDown(i int, down bool) {
	f := &n.ifaces[i]
	f.Down = down
	if down {
		f.out.Drain(&n.counters, mib.IfaceDown)
	}
}
