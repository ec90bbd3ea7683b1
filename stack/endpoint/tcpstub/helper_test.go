package tcpstub_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	addrA = netip.MustParseAddr("10.0.1.10")
	addrB = netip.MustParseAddr("10.0.1.20")
	a6    = netip.MustParseAddr("2001:db8::a")
	b6    = netip.MustParseAddr("2001:db8::b")
	far   = netip.MustParseAddr("203.0.113.9")
)

func at(d time.Duration) time.Time { return epoch.Add(d) }

func addrPort(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }

// host is a node with an endpoint that has a stub.
type host struct {
	node *stack.Node
	end  *endpoint.Endpoint
	*tcpstub.Stub
}

// pair is two hosts on a link with a delay, on a clock that is moved by hand.
type pair struct {
	testing.TB
	a, b  host
	now   time.Time
	delay time.Duration
	wire  []frame // on their way, in the order in which they arrive
	// lose says which datagrams do not arrive.
	lose func(d []byte) bool
	sent [][]byte // by a
}

type frame struct {
	at time.Time
	to *host
	d  []byte
}

func newHost(tb testing.TB, c tcpstub.Config, addrs ...netip.Addr) host {
	tb.Helper()
	e, err := endpoint.New(endpoint.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	s, err := tcpstub.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	e.Handle(ip.ProtoTCP, s)
	f := stack.Interface{MTU: 1500, Queue: 1 << 20}
	for _, a := range addrs {
		bits := 24
		if a.Is6() {
			bits = 64
		}
		f.Addrs = append(f.Addrs, netip.PrefixFrom(a, bits))
	}
	n, err := stack.New(stack.Config{Upper: e, QuenchReceived: true, Interfaces: []stack.Interface{f}})
	if err != nil {
		tb.Fatal(err)
	}
	e.Attach(n)
	s.Attach(n)
	return host{n, e, s}
}

func newPair(tb testing.TB, a, b tcpstub.Config) *pair {
	tb.Helper()
	b.Seed = a.Seed + 1
	return &pair{TB: tb, a: newHost(tb, a, addrA, a6), b: newHost(tb, b, addrB, b6), now: epoch, delay: 5 * time.Millisecond}
}

// collect puts what the hosts send on the wire.
func (p *pair) collect() {
	for _, way := range [2][2]*host{{&p.a, &p.b}, {&p.b, &p.a}} {
		way[0].end.Tick(p.now)
		for {
			d, _, ok := way[0].node.Poll(p.now, nil)
			if !ok {
				break
			}
			if way[0] == &p.a {
				p.sent = append(p.sent, d)
			}
			if p.lose == nil || !p.lose(d) {
				p.wire = append(p.wire, frame{p.now.Add(p.delay), way[1], d})
			}
		}
	}
}

// run lets the time pass until then.
func (p *pair) run(until time.Time) {
	p.Helper()
	for range 1_000_000 {
		p.collect()
		next := until
		for _, h := range []*host{&p.a, &p.b} {
			if t := h.end.Deadline(); !t.IsZero() && t.Before(next) {
				next = t
			}
		}
		if len(p.wire) > 0 && p.wire[0].at.Before(next) {
			next = p.wire[0].at
		}
		if next.After(p.now) {
			p.now = next
		}
		for len(p.wire) > 0 && !p.wire[0].at.After(p.now) {
			f := p.wire[0]
			p.wire = p.wire[1:]
			f.to.node.Receive(p.now, stack.Datagram{Octets: f.d})
		}
		if !p.now.Before(until) {
			p.collect()
			return
		}
	}
	p.Fatal("time stands still")
}

// fault delivers an ICMP error to host a.
func (p *pair) fault(m icmp4.Message) {
	p.Helper()
	d, err := ip.Enclose4(nil, ip.Header4{TTL: 9, Proto: ip.ProtoICMP, Src: far, Dst: addrA}, m)
	if err != nil {
		p.Fatal(err)
	}
	p.a.node.Receive(p.now, stack.Datagram{Octets: d})
}

// connected opens a connection from a to b and waits until it stands.
func (p *pair) connected(dst netip.Addr, rate int64) *tcpstub.Conn {
	p.Helper()
	if err := p.b.Listen(80, 0); err != nil {
		p.Fatal(err)
	}
	c, err := p.a.Connect(p.now, addrPort(dst, 80), rate)
	if err != nil {
		p.Fatal(err)
	}
	p.run(p.now.Add(2 * p.delay))
	if c.State() != tcpstub.Established {
		p.Fatalf("%v", c.State())
	}
	return c
}

// peer is the connection of b that belongs to one of a.
func (p *pair) peer() *tcpstub.Conn {
	for c := range p.b.Conns() {
		return c
	}
	p.Fatal("no connection")
	return nil
}
