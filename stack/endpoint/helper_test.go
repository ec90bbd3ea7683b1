package endpoint_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/report"
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

// host is a node with an endpoint.
type host struct {
	node *stack.Node
	*endpoint.Endpoint
}

// pair is two hosts on a link without delay.
type pair struct {
	testing.TB
	a, b host
	buf  []byte
	sent [][]byte // every datagram that the link has carried
}

func newHost(tb testing.TB, c endpoint.Config, sc stack.Config, addrs ...netip.Addr) host {
	tb.Helper()
	e, err := endpoint.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	sc.Upper = e
	f := stack.Interface{Name: "eth0", MTU: 1500}
	for _, a := range addrs {
		bits := 24
		if a.Is6() {
			bits = 64
		}
		f.Addrs = append(f.Addrs, netip.PrefixFrom(a, bits))
	}
	sc.Interfaces = []stack.Interface{f}
	n, err := stack.New(sc)
	if err != nil {
		tb.Fatal(err)
	}
	e.Attach(n)
	return host{n, e}
}

func newPair(tb testing.TB, a, b endpoint.Config) *pair {
	tb.Helper()
	return &pair{
		TB: tb, a: newHost(tb, a, stack.Config{QuenchReceived: true}, addrA, a6), b: newHost(tb, b, stack.Config{}, addrB, b6),
		buf: make([]byte, 0, 2048),
	}
}

// run carries datagrams until none is left.
func (p *pair) run(now time.Time) {
	for moved := true; moved; {
		moved = false
		for _, way := range [2][2]*host{{&p.a, &p.b}, {&p.b, &p.a}} {
			way[0].Tick(now)
			d, _, ok := way[0].node.Poll(now, p.buf)
			if ok {
				p.sent = append(p.sent, append([]byte(nil), d...))
				way[1].node.Receive(now, stack.Datagram{Octets: d})
				moved = true
			}
		}
	}
}

// fault delivers an ICMP error about the datagram to the host that has sent it.
func (p *pair) fault(now time.Time, h host, m icmp4.Message) {
	p.Helper()
	d, err := ip.Enclose4(nil, ip.Header4{TTL: 9, Proto: ip.ProtoICMP, Src: far, Dst: addrA}, m)
	if err != nil {
		p.Fatal(err)
	}
	h.node.Receive(now, stack.Datagram{Octets: d})
}

// last is the datagram that went over the link last.
func (p *pair) last() []byte {
	p.Helper()
	if len(p.sent) == 0 {
		p.Fatal("nothing was sent")
	}
	return p.sent[len(p.sent)-1]
}

func open(tb testing.TB, e *endpoint.Endpoint, port uint16) *endpoint.UDP {
	tb.Helper()
	s, err := e.Listen(port)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func openICMP(tb testing.TB, e *endpoint.Endpoint, filter func(*stack.Packet) bool) *endpoint.ICMP {
	tb.Helper()
	s, err := e.OpenICMP(filter)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// wantTrouble checks that the next error is this one.
func wantTrouble(tb testing.TB, t endpoint.Trouble, ok bool, cause report.Cause, s stack.Severity) {
	tb.Helper()
	if !ok || t.Cause != cause || t.Severity != s {
		tb.Errorf("trouble %v: %v, %v; want %v, %v", ok, t.Cause, t.Severity, cause, s)
	}
}
