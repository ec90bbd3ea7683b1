package lab

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/route/failover"
	"github.com/sonde-net/sonde/wire/ip"
)

// Options say how a network is run. The zero Options work.
type Options struct {
	Seed    uint64    // of everything random; 0: that of the topology
	Start   time.Time // when its time begins; zero: as the topology says
	Records int       // how many records are kept until they are read, the oldest going first; 0: none
	// Upper makes the layer above a host's node instead of an endpoint; where it
	// returns nil, the endpoint stays. The node is in h when the layer is first
	// called. It may be a [endpoint.Ticker].
	Upper func(h *Host) stack.Upper
}

// Epoch is when the time of a network begins for which nobody says so.
var Epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// Network is a laboratory at work. It is not safe for concurrent use.
type Network struct {
	top    *topology.Topology
	seed   uint64
	now    time.Time
	hosts  []*Host
	names  map[string]*Host
	byAddr map[netip.Addr]*Host
	links  []*segment
	byName map[string]*segment
	owners []topology.Named
	ports  int

	due     agenda
	turns   uint64 // of items made
	sent    uint64 // transmissions
	octets  int    // in flight
	free    [][]byte
	scratch []byte
	records record.Ring
}

// Host is a node of the network.
type Host struct {
	Name     string
	Node     *stack.Node
	Endpoint *endpoint.Endpoint // its sockets; nil with [Options.Upper]
	TCP      *tcpstub.Stub      // its connections; nil with [Options.Upper]
	Addrs    []netip.Addr       // those of its first interface first
	Gateway  bool               // it forwards

	ticker   endpoint.Ticker // the layer above the node, when it has something to do by itself
	services []service
	parties  []*party // by interface
	keeper   *failover.Keeper
	ways     []*way // that it watches
	next     time.Time
	delays   []time.Duration // of answers and errors, in turn
	jitter   time.Duration
	turn     int
	wait     time.Duration // of the last one
	dice     *rand.Rand
}

// New makes a network. The topology is one that [topology.Parse] returned, and
// must not be changed any more.
func New(t *topology.Topology, o Options) (*Network, error) {
	n := &Network{
		top: t, seed: o.Seed, now: o.Start,
		names: map[string]*Host{}, byAddr: map[netip.Addr]*Host{}, byName: map[string]*segment{},
		owners:  t.Names,
		records: record.Ring{Limit: o.Records},
		scratch: make([]byte, 0, maxDatagram),
	}
	if n.seed == 0 {
		n.seed = t.Seed
	}
	if n.now.IsZero() {
		n.now = t.Start
	}
	if n.now.IsZero() {
		n.now = Epoch
	}
	for i := range t.Links {
		l := &t.Links[i]
		s := &segment{
			name: l.Name, byAddr: map[netip.Addr]*party{}, down: l.Down,
			mtu: or(l.MTU, defaultMTU), resolve: or(l.Resolve, defaultResolve),
		}
		n.links = append(n.links, s)
		n.byName[l.Name] = s
	}
	for i := range t.Nodes {
		if err := n.addHost(&t.Nodes[i], o); err != nil {
			return nil, fmt.Errorf("lab: node %s: %w", t.Nodes[i].Name, err)
		}
	}
	for i := range t.Links {
		n.cuts(n.links[i], t.Links[i].Cuts)
	}
	for _, h := range n.hosts {
		for _, w := range h.ways { // what is down at first is known
			if !w.open() {
				w.up, w.next = false, false
				h.keeper.Set(w.hop, false)
			}
		}
	}
	for _, h := range n.hosts {
		n.pump(h) // its time begins, and what it does by itself
	}
	return n, nil
}

// maxDatagram is the longest datagram there is, in octets.
const maxDatagram = 65535

// or returns v, or def where v is zero.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// diceFor returns the random source of one part of the network.
func (n *Network) diceFor(parts ...string) *rand.Rand {
	return rand.New(rand.NewPCG(n.seed, n.hash(parts...)))
}

func (n *Network) hash(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

// Topology returns what the network was made from.
func (n *Network) Topology() *topology.Topology { return n.top }

// Now returns how far time has come.
func (n *Network) Now() time.Time { return n.now }

// Hosts returns all nodes, in the order of the file.
func (n *Network) Hosts() []*Host { return n.hosts }

// Host returns the node of that name.
func (n *Network) Host(name string) (*Host, bool) {
	h, ok := n.names[name]
	return h, ok
}

// HostByAddr returns the node that has the address.
func (n *Network) HostByAddr(a netip.Addr) (*Host, bool) {
	h, ok := n.byAddr[a]
	return h, ok
}

// NextRecord returns the oldest record that was not read yet.
func (n *Network) NextRecord() (record.Record, bool) { return n.records.Next() }

// Dropped returns how many records were forgotten unread.
func (n *Network) Dropped() uint64 { return n.records.Dropped() }

// Deadline returns when something is due; zero: nothing is. A time that has
// passed means now.
func (n *Network) Deadline() time.Time {
	n.refresh()
	t, _, _ := n.soonest()
	return t
}

// Advance makes everything happen that is due up to now, in the order of time.
func (n *Network) Advance(now time.Time) {
	n.refresh()
	for {
		t, h, ok := n.soonest()
		if !ok || t.After(now) {
			break
		}
		if t.After(n.now) {
			n.now = t
		}
		if h != nil {
			n.pump(h)
			continue
		}
		x := n.due.pop()
		n.perform(&x)
	}
	if now.After(n.now) {
		n.now = now
	}
}

// Run is the virtual clock: it advances from deadline to deadline until that
// time, and calls each after every one, when it is not nil.
func (n *Network) Run(until time.Time, each func()) {
	for {
		t := n.Deadline()
		if t.IsZero() || t.After(until) {
			break
		}
		if t.Before(n.now) {
			t = n.now
		}
		n.Advance(t)
		if each != nil {
			each()
		}
	}
	n.Advance(until)
}

// refresh asks every node again when it has something to do: callers may have
// given it something.
func (n *Network) refresh() {
	for _, h := range n.hosts {
		h.next = h.deadline()
	}
}

// soonest returns when the next thing is due, and the node whose it is; nil: it
// is on the agenda, which comes first among those of one time.
func (n *Network) soonest() (t time.Time, h *Host, ok bool) {
	if len(n.due) > 0 {
		t, ok = n.due[0].at, true
	}
	for _, x := range n.hosts {
		if !x.next.IsZero() && (!ok || n.clamp(x.next).Before(t)) {
			t, h, ok = n.clamp(x.next), x, true
		}
	}
	return t, h, ok
}

// clamp makes now of a time that has passed.
func (n *Network) clamp(t time.Time) time.Time {
	if t.Before(n.now) {
		return n.now
	}
	return t
}

// rounds is how often a node is polled in vain before time goes on.
const rounds = 1024

// pump takes what leaves a node now, and what it tells.
func (n *Network) pump(h *Host) {
	n.drain(h)
	for range rounds {
		h.work(n.now)
		d, tx, ok := h.Node.Poll(n.now, n.scratch[:0])
		n.drain(h)
		if ok {
			n.leave(h, d, tx)
			continue
		}
		h.next = h.deadline()
		if h.next.IsZero() || h.next.After(n.now) {
			return
		}
	}
	// A node that always has something more lets the others have their turn.
	h.next = n.now.Add(MinDelay)
}

// drain records what a node tells.
func (n *Network) drain(h *Host) {
	for {
		e, ok := h.Node.NextEvent()
		if !ok {
			return
		}
		n.records.Put(record.Record{Time: e.Time, Node: h.Name, Event: e})
	}
}

// leave puts on the link what a node has handed out; its own answers and errors
// after the time that it takes to make them.
func (n *Network) leave(h *Host, d []byte, tx stack.Transmit) {
	p := h.parties[tx.Iface]
	if wait := h.slow(d, tx.Origin); wait > 0 {
		n.schedule(item{at: n.now.Add(wait), kind: release, who: p, hop: tx.NextHop, origin: tx.Origin}, d)
		return
	}
	n.transmit(p, d, tx.NextHop, tx.Origin)
}

// slow is how long a node takes to make the datagram. All fragments of one take
// the same time.
func (h *Host) slow(d []byte, o event.Origin) time.Duration {
	switch {
	case o.Kind != event.Answer && o.Kind != event.Error || len(h.delays) == 0 && h.jitter == 0:
		return 0
	case isLaterFragment(d):
		return h.wait
	}
	h.wait = random(h.dice, h.jitter, false)
	if len(h.delays) > 0 {
		h.wait += h.delays[h.turn]
		if h.turn++; h.turn == len(h.delays) {
			h.turn = 0
		}
	}
	return h.wait
}

// isLaterFragment reports whether a datagram that a node made is a fragment
// behind the first.
func isLaterFragment(d []byte) bool {
	if d[0]>>4 == 4 {
		return (uint16(d[6])<<8|uint16(d[7]))&0x1fff != 0
	}
	return ip.Proto(d[6]) == ip.ProtoFragment && (d[ip.HeaderLen6+2] != 0 || d[ip.HeaderLen6+3]&0xf8 != 0)
}
