package stack_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// natted is a gateway between 10.0.0.0/24, interface 0, and the world by way of
// interface 1, with the address 192.0.2.1.
type natted struct {
	*testing.T
	node *stack.Node
	tr   *nat.Translator
	buf  []byte
}

var (
	natIn     = netip.MustParseAddr("10.0.0.5")
	natIn2    = netip.MustParseAddr("10.0.0.6")
	natOut    = netip.MustParseAddr("192.0.2.1")
	natWorld  = netip.MustParseAddr("198.51.100.7")
	natRouter = netip.MustParseAddr("203.0.113.9")
)

func newNAT(t *testing.T, c nat.Config) *natted {
	t.Helper()
	c.Outside = natOut
	c.Inside = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	tr, err := nat.New(c)
	if err != nil {
		t.Fatal(err)
	}
	n, err := stack.New(stack.Config{
		Forward: true,
		Events:  64,
		Interfaces: []stack.Interface{
			{Name: "lan", Addrs: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}},
			{Name: "wan", Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}, MTU: 1400, NAT: tr},
		},
		Routes: []route.Route{{
			Prefix: netip.MustParsePrefix("0.0.0.0/0"), Hops: []route.Hop{{Iface: 1, Via: netip.MustParseAddr("192.0.2.254")}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &natted{t, n, tr, make([]byte, 0, 2048)}
}

// pass sends d in by interface i and returns what comes out, and where.
func (g *natted) pass(i int, d []byte) ([]byte, int) {
	g.Helper()
	g.node.Receive(epoch, stack.Datagram{Iface: i, Octets: d})
	return g.next()
}

func (g *natted) next() ([]byte, int) {
	out, to, ok := g.node.Poll(epoch, g.buf)
	if !ok {
		return nil, -1
	}
	return bytes.Clone(out), to.Iface
}

func natUDP(tb testing.TB, src, dst netip.AddrPort, ttl ip.TTL, n int) []byte {
	tb.Helper()
	p, err := transport.UDP{SrcPort: src.Port(), DstPort: dst.Port()}.AppendPacket(nil, src.Addr(), dst.Addr(), make([]byte, n))
	if err != nil {
		tb.Fatal(err)
	}
	d, err := ip.Header4{DF: true, TTL: ttl, Proto: ip.ProtoUDP, Src: src.Addr(), Dst: dst.Addr()}.AppendPacket(nil, p)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func ap(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }

// flow returns the ends of a UDP datagram, all checksums verified.
func (g *natted) flow(d []byte) (src, dst netip.AddrPort) {
	g.Helper()
	h, p, err := ip.Parse4(d)
	if err != nil {
		g.Fatal(err)
	}
	u, _, err := transport.ParseUDP(p, h.Src, h.Dst)
	if err != nil {
		g.Fatal(err)
	}
	return ap(h.Src, u.SrcPort), ap(h.Dst, u.DstPort)
}

// fault reads an ICMP error, its checksums verified, and what it is about.
func (g *natted) fault(d []byte) (k icmp4.Kind, src, dst netip.Addr, q quote.Quote) {
	g.Helper()
	h, p, err := ip.Parse4(d)
	if err != nil {
		g.Fatal(err)
	}
	if err := icmp4.Verify(p); err != nil {
		g.Fatal(err)
	}
	if q, err = quote.Parse(p[icmp4.HeaderLen:]); err != nil {
		g.Fatal(err)
	}
	return icmp4.Kind{Type: icmp4.Type(p[0]), Code: icmp4.Code(p[1])}, h.Src, h.Dst, q
}

// wantFault checks kind, ends and subject of an error that leaves by iface.
func (g *natted) wantFault(d []byte, iface, wantIface int, k icmp4.Kind, src, dst netip.Addr, from, to netip.AddrPort) {
	g.Helper()
	if d == nil || iface != wantIface {
		g.Fatalf("nothing, or by interface %d, want %d", iface, wantIface)
	}
	gotK, gotSrc, gotDst, q := g.fault(d)
	qFrom, qTo, _ := q.Flow()
	if gotK != k || gotSrc != src || gotDst != dst || qFrom != from || qTo != to {
		g.Errorf("%v from %v to %v about %v > %v;\nwant %v from %v to %v about %v > %v",
			gotK, gotSrc, gotDst, qFrom, qTo, k, src, dst, from, to)
	}
}

// open sends a datagram out and returns the address and port it left by.
func (g *natted) open(src, dst netip.AddrPort) netip.AddrPort {
	g.Helper()
	d, i := g.pass(0, natUDP(g, src, dst, 64, 4))
	if i != 1 {
		g.Fatal("not forwarded")
	}
	from, to := g.flow(d)
	if from.Addr() != natOut || to != dst || d[8] != 63 {
		g.Fatalf("%v > %v, ttl %d", from, to, d[8])
	}
	return from
}

var (
	exceeded = icmp4.Kind{Type: icmp4.TypeTimeExceeded}
	noHost   = icmp4.Kind{Type: icmp4.TypeDestUnreachable, Code: icmp4.CodeHostUnreachable}
	tooBig   = icmp4.Kind{Type: icmp4.TypeDestUnreachable, Code: icmp4.CodeFragNeeded}
)

// TestNAT is a conversation through a gateway that translates, with errors from
// everywhere about each way of it.
func TestNAT(t *testing.T) {
	conform.Row(t, "G-13")
	g := newNAT(t, nat.Config{})
	in, world := ap(natIn, 40000), ap(natWorld, 53)
	public := g.open(in, world)

	answer := natUDP(t, world, public, 60, 4)
	d, i := g.pass(1, answer)
	if i != 0 {
		t.Fatal("the answer does not come in")
	}
	if src, dst := g.flow(d); src != world || dst != in || d[8] != 59 {
		t.Errorf("answer %v > %v, ttl %d", src, dst, d[8])
	}
	inside := d

	// A router outside, about what has left.
	sent := natUDP(t, public, world, 1, 4)
	e, err := ip.Enclose4(nil, ip.Header4{TTL: 60, Proto: ip.ProtoICMP, Src: natRouter, Dst: natOut}, icmp4.TimeExceeded{Quote: sent})
	if err != nil {
		t.Fatal(err)
	}
	d, i = g.pass(1, e)
	g.wantFault(d, i, 0, exceeded, natRouter, natIn, in, world)

	// The host, about what has come in.
	e, err = ip.Enclose4(nil, ip.Header4{TTL: 60, Proto: ip.ProtoICMP, Src: natIn, Dst: natWorld},
		icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: inside})
	if err != nil {
		t.Fatal(err)
	}
	d, i = g.pass(0, e)
	g.wantFault(d, i, 1, noHost, natOut, natWorld, world, public)

	// The gateway, about either, before and after it was translated.
	d, i = g.pass(0, natUDP(t, in, world, 1, 4))
	g.wantFault(d, i, 0, exceeded, netip.MustParseAddr("10.0.0.1"), natIn, in, world)
	d, i = g.pass(0, natUDP(t, in, world, 64, 1400))
	g.wantFault(d, i, 0, tooBig, netip.MustParseAddr("10.0.0.1"), natIn, in, world)
	d, i = g.pass(1, natUDP(t, world, public, 1, 4))
	g.wantFault(d, i, 1, exceeded, natOut, natWorld, world, public)

	g.node.Unresolved(epoch, 0, inside)
	d, i = g.next()
	g.wantFault(d, i, 1, noHost, natOut, natWorld, world, public)
	g.node.Unresolved(epoch, 1, sent)
	d, i = g.next()
	g.wantFault(d, i, 0, noHost, natOut, natIn, in, world)
}

// TestNATLeavesItself: the gateway answers for itself on its outside address.
func TestNATLeavesItself(t *testing.T) {
	g := newNAT(t, nat.Config{})
	d, i := g.pass(1, echo(t, natWorld, natOut, 60, 8))
	if i != 1 || d[20] != uint8(icmp4.TypeEchoReply) || !bytes.Equal(d[12:16], natOut.AsSlice()) {
		t.Errorf("no echo reply: %x by %d", d, i)
	}
	d, i = g.pass(0, echo(t, natIn, natOut, 60, 8))
	if i != 0 || d[20] != uint8(icmp4.TypeEchoReply) {
		t.Errorf("no echo reply to the inside: %x by %d", d, i)
	}
	d, i = g.pass(1, natUDP(t, ap(natWorld, 1), ap(natOut, 9), 60, 4))
	g.wantFault(d, i, 1, icmp4.Kind{Type: icmp4.TypeDestUnreachable, Code: icmp4.CodeProtocolUnreachable}, natOut, natWorld, ap(natWorld, 1), ap(natOut, 9))
	if g.tr.Len(epoch) != 0 {
		t.Errorf("%d mappings", g.tr.Len(epoch))
	}
}

// TestNATHairpin: two hosts inside, by the outside address; no redirect.
func TestNATHairpin(t *testing.T) {
	g := newNAT(t, nat.Config{})
	a, b := ap(natIn, 40000), ap(natIn2, 50000)
	public := g.open(b, ap(natWorld, 1))
	d, i := g.pass(0, natUDP(t, a, public, 64, 4))
	if i != 0 {
		t.Fatal("not sent back in")
	}
	src, dst := g.flow(d)
	if src.Addr() != natOut || dst != b {
		t.Fatalf("%v > %v", src, dst)
	}
	if _, i := g.next(); i != -1 {
		t.Error("something else was sent: a redirect?")
	}
	d, _ = g.pass(0, natUDP(t, b, src, 64, 4))
	if src, dst = g.flow(d); src != public || dst != a {
		t.Errorf("back: %v > %v", src, dst)
	}
}

// TestNATFull: 3/13 about what finds no room (RFC 5508 REQ-8); silence about
// what cannot be translated.
func TestNATFull(t *testing.T) {
	g := newNAT(t, nat.Config{Mappings: 1})
	g.open(ap(natIn, 40000), ap(natWorld, 53))
	d, i := g.pass(0, natUDP(t, ap(natIn, 40001), ap(natWorld, 53), 64, 4))
	g.wantFault(d, i, 0, icmp4.Kind{Type: icmp4.TypeDestUnreachable, Code: icmp4.CodeAdminProhibited},
		netip.MustParseAddr("10.0.0.1"), natIn, ap(natIn, 40001), ap(natWorld, 53))
	gre, err := ip.Header4{TTL: 9, Proto: ip.ProtoGRE, Src: natIn, Dst: natWorld}.AppendPacket(nil, make([]byte, 20))
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := g.pass(0, gre); d != nil {
		t.Errorf("sent %x", d)
	}
	later := natUDP(t, ap(natWorld, 53), ap(natOut, 1), 64, 4)
	later[6], later[7] = 0, 1
	ip.Seal4(later)
	if d, _ := g.pass(1, later); d != nil {
		t.Errorf("sent %x", d)
	}
	c := g.node.Counters()
	if full, un := c.Dropped(mib.NATFull), c.Dropped(mib.NATUntranslatable); full != 1 || un != 2 {
		t.Errorf("%d full, %d untranslatable, want 1 and 2", full, un)
	}
}

// TestNATElsewhere: what neither comes from nor goes outside is left alone, and
// so is what turns round outside.
func TestNATElsewhere(t *testing.T) {
	g := newNAT(t, nat.Config{})
	src, dst := ap(natRouter, 1), ap(natWorld, 2)
	d, i := g.pass(1, natUDP(t, src, dst, 64, 4))
	if i != 1 {
		t.Fatal("not forwarded")
	}
	if s, e := g.flow(d); s != src || e != dst || g.tr.Len(epoch) != 0 {
		t.Errorf("%v > %v", s, e)
	}
}

func TestNATAllocs(t *testing.T) {
	g := newNAT(t, nat.Config{})
	in, world := ap(natIn, 40000), ap(natWorld, 53)
	public := g.open(in, world)
	out, back := natUDP(t, in, world, 64, 4), natUDP(t, world, public, 64, 4)
	e, err := ip.Enclose4(nil, ip.Header4{TTL: 60, Proto: ip.ProtoICMP, Src: natRouter, Dst: natOut},
		icmp4.TimeExceeded{Quote: natUDP(t, public, world, 1, 4)})
	if err != nil {
		t.Fatal(err)
	}
	wiretest.NoAllocs(t, "a datagram, its answer and an error through a translating gateway", func() {
		for k, d := range [][]byte{out, back, e} {
			g.node.Receive(epoch, stack.Datagram{Iface: min(k, 1), Octets: d})
			if _, _, ok := g.node.Poll(epoch, g.buf); !ok {
				t.Fatal("nothing comes out")
			}
		}
	})
}

// TestSource: the address that Send would choose, and its errors.
func TestSource(t *testing.T) {
	n := newRouter(t, 0)
	for _, tt := range []struct {
		dst, src string
		err      error
	}{
		{"10.0.1.77", "10.0.1.1", nil},
		{"10.0.2.77", "10.0.2.1", nil},
		{"10.0.2.1", "10.0.2.1", nil},
		{"192.0.2.1", "", stack.ErrNoRoute},
		{"2001:db8::1", "", stack.ErrNoRoute},
	} {
		src, err := n.Source(netip.MustParseAddr(tt.dst))
		if !errors.Is(err, tt.err) || tt.src != "" && src != netip.MustParseAddr(tt.src) {
			t.Errorf("to %s: %v, %v", tt.dst, src, err)
		}
	}
	six, err := stack.New(stack.Config{
		Interfaces: []stack.Interface{{Addrs: []netip.Prefix{netip.MustParsePrefix("10.0.1.1/24")}}},
		Routes:     []route.Route{{Prefix: netip.MustParsePrefix("::/0"), Hops: []route.Hop{{}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := six.Source(netip.MustParseAddr("2001:db8::1")); !errors.Is(err, stack.ErrNoSource) {
		t.Errorf("without an address of the family: %v", err)
	}
}

// listener is an upper layer that answers everything alike and keeps what it
// was shown.
type listener struct {
	answer stack.Acceptance
	got    []stack.Packet
}

func (l *listener) Deliver(_ time.Time, p *stack.Packet) stack.Acceptance {
	l.got = append(l.got, *p)
	return l.answer
}
func (l *listener) Recognise(time.Time, *quote.Quote) stack.Standing { return stack.Unrecognised }
func (l *listener) Report(time.Time, *stack.Trouble)                 {}

// TestListenerSeesAll: every whole ICMP message comes to the upper layer,
// whatever the node does about it, with the addresses that it came with.
func TestListenerSeesAll(t *testing.T) {
	l := &listener{answer: stack.Discarded}
	n, err := stack.New(stack.Config{Upper: l, Information: true, Interfaces: []stack.Interface{
		{Addrs: []netip.Prefix{netip.MustParsePrefix("10.0.1.1/24")}, Mask: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	send := func(m icmp4.Message) {
		d, err := ip.Enclose4(nil, ip.Header4{TTL: 9, Proto: ip.ProtoICMP, Src: hostA, Dst: gateway}, m)
		if err != nil {
			t.Fatal(err)
		}
		n.Receive(epoch, stack.Datagram{Octets: d})
	}
	messages := []icmp4.Message{
		icmp4.Echo{ID: 1},
		icmp4.Info{ID: 1},
		icmp4.AddressMask{ID: 1},
		icmp4.TimestampMessage{ID: 1},
		icmp4.DestUnreachable{Quote: echo(t, gateway, hostA, 1, 8)},
		icmp4.RouterAdvertisement{},
		icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}},
		icmp4.Redirect{Gateway: hostA, Quote: echo(t, gateway, hostA, 1, 8)},
	}
	for i, m := range messages {
		send(m)
		if len(l.got) != i+1 || l.got[i].Src != hostA || l.got[i].Dst != gateway {
			t.Fatalf("%v: shown %d messages, the last %+v", m, len(l.got), l.got[len(l.got)-1])
		}
	}
	c := n.Counters()
	if c.Dropped(mib.ICMPUnclaimed) != 1 {
		t.Errorf("%d unclaimed, want the reply alone", c.Dropped(mib.ICMPUnclaimed))
	}
	// E-16: shorter than its type requires, and nothing happens.
	short := echo(t, hostA, gateway, 9, 0)
	short = append(short[:20], 13, 0, 0xf2, 0xff)
	short[3] = 24
	ip.Seal4(short)
	n.Receive(epoch, stack.Datagram{Octets: short})
	if len(l.got) != len(messages) {
		t.Error("a timestamp request of four octets was shown")
	}
}

// TestRefusals: what an upper layer says about a datagram it does not take, and
// what comes of it.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		answer stack.Acceptance
		drop   mib.Drop
		sent   bool
	}{
		{stack.Discarded, mib.EndpointFull, false},
		{stack.Malformed, mib.TransportShort, false},
		{stack.BadChecksum, mib.TransportChecksum, false},
		{stack.NoPort, mib.UnknownPort, true},
		{stack.NoProtocol, mib.UnknownProtocol, true},
	} {
		n, err := stack.New(stack.Config{Upper: &listener{answer: tt.answer}, Interfaces: []stack.Interface{
			{Addrs: []netip.Prefix{netip.MustParsePrefix("10.0.1.1/24")}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		n.Receive(epoch, stack.Datagram{Octets: natUDP(t, ap(hostA, 1), ap(gateway, 2), 9, 4)})
		c := n.Counters()
		if _, _, sent := n.Poll(epoch, nil); sent != tt.sent || c.Dropped(tt.drop) != 1 {
			t.Errorf("answer %d: sent %v, %v counted %d times", tt.answer, sent, tt.drop, c.Dropped(tt.drop))
		}
	}
}
