package stack_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

var (
	epoch   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	hostA   = addr("10.0.1.10")
	gateway = addr("10.0.1.1")
	hostB   = addr("10.0.2.100")
	hostA6  = addr("2001:db8:1::10")
	gate6   = addr("2001:db8:1::1")
	hostB6  = addr("2001:db8:2::100")
)

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// A world is a node under test with a clock that stands until it is moved.
type world struct {
	*testing.T
	node *stack.Node
	up   *upper
	now  time.Time
}

// sent is a datagram that the node handed out.
type sent struct {
	stack.Transmit
	octets []byte
}

// gatewayConfig is a gateway between two networks: 10.0.1.1/24 on interface 0,
// 10.0.2.1/24 on interface 1, and IPv6 beside them.
func gatewayConfig() stack.Config {
	return stack.Config{Forward: true, Interfaces: []stack.Interface{
		{Name: "lan", Addrs: []netip.Prefix{prefix("10.0.1.1/24"), prefix("2001:db8:1::1/64")}},
		{Name: "wan", Addrs: []netip.Prefix{prefix("10.0.2.1/24"), prefix("2001:db8:2::1/64")}},
	}}
}

// hostConfig is host 10.0.1.10/24 with the default gateway 10.0.1.1.
func hostConfig() stack.Config {
	return stack.Config{
		Interfaces: []stack.Interface{{Name: "eth0", Addrs: []netip.Prefix{prefix("10.0.1.10/24"), prefix("2001:db8:1::10/64")}}},
		Routes:     defaultRoutes(0, gateway, gate6),
	}
}

// newWorld makes the node. Its upper layer is the stub unless the configuration
// brings one.
func newWorld(t *testing.T, c stack.Config) *world {
	t.Helper()
	w := &world{T: t, up: &upper{protocols: map[ip.Proto]stack.Acceptance{}}, now: epoch}
	if c.Upper == nil {
		c.Upper = w.up
	}
	c.Events = 256
	n, err := stack.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.node = n
	return w
}

// receive lets a datagram arrive on interface i and collects what leaves.
func (w *world) receive(i int, d []byte) []sent {
	w.Helper()
	return w.receiveCast(i, d, report.Unicast)
}

func (w *world) receiveCast(i int, d []byte, c report.Cast) []sent {
	w.Helper()
	w.node.Receive(w.now, stack.Datagram{Iface: i, Octets: d, Cast: c})
	return w.poll()
}

// poll collects what leaves now.
func (w *world) poll() []sent {
	w.Helper()
	var out []sent
	for range 10_000 {
		b, where, ok := w.node.Poll(w.now, nil)
		if !ok {
			return out
		}
		w.check(where, b)
		out = append(out, sent{where, b})
	}
	w.Fatal("the node does not stop to send")
	return nil
}

// check holds everything that a node sends to what must be true of it.
func (w *world) check(where stack.Transmit, b []byte) {
	w.Helper()
	if b[0]>>4 == 6 {
		if _, _, err := ip.Parse6(b); err != nil {
			w.Errorf("sent %x: %v", b, err)
		}
		return
	}
	h, payload, err := ip.Parse4(b)
	if err != nil {
		w.Errorf("sent %x: %v", b, err)
		return
	}
	if h.Proto == ip.ProtoICMP && !h.IsFragment() {
		if _, err := icmp4.Parse(payload); err != nil {
			w.Errorf("sent %x: %v", payload, err)
		}
	}
}

// one is the only datagram that left.
func (w *world) one(out []sent) sent {
	w.Helper()
	if len(out) != 1 {
		w.Fatalf("%d datagrams left, want 1: %s", len(out), w.history())
	}
	return out[0]
}

// none fails when something left, and returns the last reason for silence.
func (w *world) none(out []sent) mib.Drop {
	w.Helper()
	if len(out) != 0 {
		h, m := icmp(w.T, out[0].octets)
		w.Fatalf("%d datagrams left, want none; the first: %v %v", len(out), h, m)
	}
	return w.lastDrop()
}

// history is the events so far, for messages.
func (w *world) history() string {
	s := ""
	for {
		e, ok := w.node.NextEvent()
		if !ok {
			return s
		}
		s += e.LogValue().String() + "\n"
	}
}

// lastDrop reads all events and returns the last reason among them.
func (w *world) lastDrop() mib.Drop {
	d := mib.None
	for {
		e, ok := w.node.NextEvent()
		if !ok {
			return d
		}
		if e.Kind == event.Drop || e.Kind == event.Withheld {
			d = e.Drop
		}
	}
}

// dropped fails unless the node has counted the reason once.
func (w *world) dropped(want mib.Drop) {
	w.Helper()
	c := w.node.Counters()
	if n := c.Dropped(want); n != 1 {
		w.Errorf("%v: counted %d times, want once; %s", want, n, w.history())
	}
}

// icmp reads a datagram with an ICMPv4 message.
func icmp(t *testing.T, b []byte) (ip.Header4, icmp4.Message) {
	t.Helper()
	h, payload, err := ip.Parse4(b)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	m, err := icmp4.Parse(payload)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	return h, m
}

// icmpv6 reads a datagram with an ICMPv6 message.
func icmpv6(t *testing.T, b []byte) (ip.Header6, icmp6.Message) {
	t.Helper()
	h, payload, err := ip.Parse6(b)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	m, err := icmp6.Parse(payload, h.Src, h.Dst)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	return h, m
}

// isError fails unless the only datagram that left is this error to dst.
func (w *world) isError(out []sent, dst netip.Addr, want icmp4.Kind) (ip.Header4, icmp4.Message) {
	w.Helper()
	h, m := icmp(w.T, w.one(out).octets)
	if m.Kind() != want || h.Dst != dst {
		w.Fatalf("sent %v to %v, want %v to %v", m.Kind(), h.Dst, want, dst)
	}
	return h, m
}

func kind(t icmp4.Type, c icmp4.Code) icmp4.Kind { return icmp4.Kind{Type: t, Code: c} }

func unreachable(c icmp4.Code) icmp4.Kind { return kind(icmp4.TypeDestUnreachable, c) }

// datagram makes an IPv4 datagram. A TTL of 0 stands for 64.
func datagram(t testing.TB, h ip.Header4, payload []byte) []byte {
	t.Helper()
	if h.TTL == 0 {
		h.TTL = 64
	}
	b, err := h.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// message makes an IPv4 datagram with an ICMP message.
func message(t testing.TB, src, dst netip.Addr, m icmp4.Message) []byte {
	t.Helper()
	b, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: src, Dst: dst}, m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// message6 makes an IPv6 datagram with an ICMPv6 message.
func message6(t testing.TB, src, dst netip.Addr, m icmp6.Message) []byte {
	t.Helper()
	b, err := ip.Enclose6(nil, ip.Header6{HopLimit: 64, NextHeader: ip.ProtoICMPv6, Src: src, Dst: dst}, m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// udp is the beginning of a UDP datagram, good enough to be forwarded and
// quoted: the checksum is left out, as IPv4 allows.
func udp(sport, dport uint16, data int) []byte {
	n := 8 + data
	b := make([]byte, n)
	copy(b, []byte{byte(sport >> 8), byte(sport), byte(dport >> 8), byte(dport), byte(n >> 8), byte(n)})
	return b
}

// echo makes a datagram with an echo request of n octets of data.
func echo(tb testing.TB, src, dst netip.Addr, ttl ip.TTL, n int) []byte {
	tb.Helper()
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i)
	}
	b, err := ip.Enclose4(nil, ip.Header4{TTL: ttl, Proto: ip.ProtoICMP, Src: src, Dst: dst}, icmp4.Echo{ID: 7, Seq: 1, Data: data})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// upper is a stub of a transport: it claims the protocols it is told to, knows
// the quotes it is told to, and remembers what it is told.
type upper struct {
	protocols map[ip.Proto]stack.Acceptance // the others: no such protocol
	standing  stack.Standing
	packets   []stack.Packet
	troubles  []stack.Trouble
	asked     int
}

func (u *upper) Deliver(_ time.Time, p *stack.Packet) stack.Acceptance {
	c := *p
	c.Payload = append([]byte(nil), p.Payload...)
	c.Options = append([]byte(nil), p.Options...)
	u.packets = append(u.packets, c)
	if a, ok := u.protocols[p.Proto]; ok {
		return a
	}
	return stack.NoProtocol
}

func (u *upper) Recognise(_ time.Time, _ *quote.Quote) stack.Standing {
	u.asked++
	return u.standing
}

func (u *upper) Report(_ time.Time, e *stack.Trouble) {
	c := *e
	q := *e.Quote
	c.Quote = &q
	u.troubles = append(u.troubles, c)
}
