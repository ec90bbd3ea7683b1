package stack_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/redirect"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// endings says where each reason to drop stands on a datagram's way in: before
// forwarding, after delivery, or beside the way.
func arrivalDrop(d mib.Drop) bool {
	switch {
	case d >= mib.HeaderShort && d <= mib.BeyondScope, d == mib.TTLExceeded, d == mib.SourceRouteOff, d == mib.IfaceDownIn:
		return true
	case d == mib.UnknownProtocol, d == mib.EndpointFull:
		return true
	}
	return false
}

// balance checks that every datagram that came in has come to one end, and that
// every one that was to leave has left, waits, or was dropped.
func balance(t *testing.T, n *stack.Node, waiting uint64) {
	t.Helper()
	c := n.Counters()
	for v := range c.IP {
		p, d := &c.IP[v], &c.Drops[v]
		dropped := uint64(0)
		for i, k := range d {
			if arrivalDrop(mib.Drop(i)) {
				dropped += k
			}
		}
		// Fragments: those that are held, dropped, or put together into one.
		if in := p[mib.InDelivers] + p[mib.InForwDatagrams] + dropped + p[mib.ReasmReqds] - p[mib.ReasmOKs]; in != p[mib.InReceives] {
			t.Errorf("version %d: %d received, and %d came to an end: %d delivered, %d forwarded, %d dropped, %d of %d fragments",
				v, p[mib.InReceives], in, p[mib.InDelivers], p[mib.InForwDatagrams], dropped, p[mib.ReasmReqds]-p[mib.ReasmOKs], p[mib.ReasmReqds])
		}
		forw := p[mib.OutForwDatagrams] + p[mib.InNoRoutes] + d[mib.Filtered] + d[mib.PrecedenceCutoff] + d[mib.NATFull] + d[mib.NATUntranslatable]
		if forw != p[mib.InForwDatagrams] {
			t.Errorf("version %d: %d to be forwarded, %d were or have a reason", v, p[mib.InForwDatagrams], forw)
		}
		if p[mib.OutFragReqds] != p[mib.OutFragOKs]+p[mib.OutFragFails] {
			t.Errorf("version %d: %d to be cut, %d were, %d could not", v, p[mib.OutFragReqds], p[mib.OutFragOKs], p[mib.OutFragFails])
		}
		out := p[mib.OutRequests] + p[mib.OutForwDatagrams] + p[mib.OutFragCreates]
		gone := p[mib.OutTransmits] + p[mib.OutDiscards] - d[mib.Unresolved] + p[mib.OutNoRoutes] + p[mib.OutFragOKs] + p[mib.OutFragFails]
		if v == 0 {
			gone += waiting
		}
		if out != gone {
			t.Errorf("version %d: %d to leave, %d left, wait or were dropped: %v", v, out, gone, p)
		}
		var icmpIn uint64
		for _, k := range c.ICMP[v].InPkts {
			icmpIn += k
		}
		if m := c.ICMP[v]; m.InMsgs < icmpIn || m.InMsgs > icmpIn+m.InErrors {
			t.Errorf("version %d: %d messages, %d by type, %d in error", v, m.InMsgs, icmpIn, m.InErrors)
		}
		var icmpOut uint64
		for _, k := range c.ICMP[v].OutPkts {
			icmpOut += k
		}
		if m := c.ICMP[v]; m.OutMsgs != icmpOut+m.OutErrors {
			t.Errorf("version %d: %d messages out, %d by type, %d not sent", v, m.OutMsgs, icmpOut, m.OutErrors)
		}
	}
}

// everything is a gateway with every feature on.
func everything(up stack.Upper) stack.Config {
	c := gatewayConfig()
	c.Upper = up
	c.Interfaces[0].MTU, c.Interfaces[1].MTU = 1400, 1300
	c.Interfaces[0].Mask, c.Interfaces[1].Probe = true, true
	c.Interfaces[0].Labels = []stack.Label{{Value: 9}}
	c.Interfaces[1].DirectedBroadcast = true
	c.Interfaces[1].Rate, c.Interfaces[1].Queue, c.Interfaces[1].QuenchAt = 1_000_000, 20_000, 10_000
	c.Interfaces[1].MinPrecedence = 1
	c.Interfaces[0].Advertise = discovery.Advertise{On: true}
	c.InterfaceInfo, c.AnswerBroadcast, c.Probe, c.SourceRouting = true, true, true, true
	c.QuenchReceived, c.Information = true, true
	c.Redirects = stack.RedirectSecure
	c.Routes = []route.Route{
		{Prefix: prefix("10.5.0.0/16"), Hops: []route.Hop{{Iface: 0, Via: addr("10.0.1.2")}, {Iface: 1, Via: addr("10.0.2.2")}}},
		{Prefix: prefix("10.6.0.0/16"), TOS: 0x10, Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.2")}}},
		{Prefix: prefix("2001:db8:5::/48"), Hops: []route.Hop{{Iface: 0, Via: addr("2001:db8:1::2")}}},
	}
	return c
}

// TestBalance throws all kinds of datagrams at a gateway, and the sums are right
// (E-14).
func TestBalance(t *testing.T) {
	conform.Row(t, "E-14")
	up := &upper{protocols: map[ip.Proto]stack.Acceptance{ip.ProtoUDP: stack.Accepted, ip.ProtoTCP: stack.NoPort, 99: stack.Discarded, 98: stack.Malformed}, standing: stack.InFlight}
	n, err := stack.New(everything(up))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	now := epoch
	whole := parts(t, echo(t, hostA, gateway, 64, 3000), 1400)
	long := datagram(t, ip.Header4{TOS: 0x20, Src: hostA, Dst: hostB, Proto: 99}, make([]byte, 1200))
	for k := range 30_000 {
		d, i := chaos(r)
		n.Receive(now, stack.Datagram{Iface: i, Octets: d})
		if k%1000 == 0 {
			for _, f := range whole {
				n.Receive(now, stack.Datagram{Octets: f})
			}
			for range 20 {
				n.Receive(now, stack.Datagram{Octets: long})
			}
		}
		if r.IntN(20) == 0 {
			o := &stack.Outgoing{Dst: []netip.Addr{hostB, hostA6, addr("192.0.2.1"), gateway}[r.IntN(4)], Proto: 17, DF: r.IntN(2) == 0, Payload: make([]byte, r.IntN(3000))}
			_ = n.Send(now, o) // refused ones are counted
		}
		if r.IntN(3) == 0 {
			for {
				if _, _, ok := n.Poll(now, nil); !ok {
					break
				}
			}
		}
		up.packets, up.troubles = nil, nil
		now = now.Add(time.Duration(r.IntN(3)) * time.Millisecond)
	}
	for !n.Deadline().IsZero() && n.Deadline().Before(now.Add(2*time.Minute)) {
		now = later(now, n.Deadline())
		for {
			if _, _, ok := n.Poll(now, nil); !ok {
				break
			}
		}
	}
	if n.Queued(0)+n.Queued(1) != 0 {
		t.Fatalf("%d and %d octets wait", n.Queued(0), n.Queued(1))
	}
	balance(t, n, 0)
	c := n.Counters()
	for _, k := range []mib.Counter{
		mib.InDelivers, mib.InForwDatagrams, mib.OutForwDatagrams, mib.InNoRoutes, mib.InHdrErrors, mib.InAddrErrors, mib.InUnknownProtos,
		mib.ReasmReqds, mib.ReasmOKs, mib.OutFragOKs, mib.OutFragFails, mib.InDiscards, mib.OutDiscards, mib.InMcastPkts, mib.InBcastPkts,
	} {
		if c.IP[0][k] == 0 {
			t.Errorf("%v was never counted", k)
		}
	}
	// Interfaces together have what the node has, but for what it said to itself.
	a, b := n.InterfaceCounters(0), n.InterfaceCounters(1)
	if sum := a[0][mib.InReceives] + b[0][mib.InReceives]; sum > c.IP[0][mib.InReceives] || sum < c.IP[0][mib.InReceives]/2 {
		t.Errorf("%d received by the interfaces, %d by the node", sum, c.IP[0][mib.InReceives])
	}
	names := 0
	for name := range c.All() {
		if strings.HasPrefix(name, "ipSystemStats") || strings.HasPrefix(name, "icmp") {
			names++
		}
	}
	if names < 60 {
		t.Errorf("%d names", names)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestAllocs: nothing is allocated in the steady state.
func TestAllocs(t *testing.T) {
	pass := func(n *stack.Node, i int, d []byte, want int) func() {
		buf := make([]byte, 0, 2048)
		return func() {
			n.Receive(epoch, stack.Datagram{Iface: i, Octets: d})
			for k := range want + 1 {
				if _, _, ok := n.Poll(epoch, buf); ok != (k < want) {
					t.Fatalf("datagram %d: %v", k, ok)
				}
			}
		}
	}
	make4 := func(edit func(*stack.Config)) *stack.Node {
		c := gatewayConfig()
		c.Limit = limit.Config{Prefix: limit.Rate{Every: -1}, Global: limit.Rate{Every: -1}}
		if edit != nil {
			edit(&c)
		}
		n, err := stack.New(c)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	dying := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: 1}, udp(1, 2, 100))
	dying6 := datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: ip.ProtoUDP, HopLimit: 1}, udp(1, 2, 100))
	aboutError := message(t, hostA, hostB, icmp4.TimeExceeded{Quote: dying})
	aboutError[8] = 1
	ip.Seal4(aboutError)
	limited := make4(func(c *stack.Config) { c.Limit = limit.Config{Prefix: limit.Rate{Every: time.Hour, Burst: 1}} })
	pass(limited, 0, dying, 1)()
	busy := make4(func(c *stack.Config) { c.Events = 16 })
	known := &quiet{upper: upper{standing: stack.InFlight}}
	host := hostConfig()
	host.Upper = known
	believer, err := stack.New(host)
	if err != nil {
		t.Fatal(err)
	}
	echo6 := message6(t, hostA6, gate6, icmp6.Echo{Data: make([]byte, 56)})
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"echo answered", pass(make4(nil), 0, echo(t, hostA, gateway, 64, 56), 1)},
		{"echo with options answered", pass(make4(nil), 0, ping(t, hostA, gateway, []byte{7, 7, 4, 0, 0, 0, 0}), 1)},
		{"ICMPv6 echo answered", pass(make4(nil), 0, echo6, 1)},
		{"timestamp answered", pass(make4(nil), 0, message(t, hostA, gateway, icmp4.TimestampMessage{}), 1)},
		{"datagram forwarded", pass(make4(nil), 0, echo(t, hostA, hostB, 64, 36), 1)},
		{"IPv6 datagram forwarded", pass(make4(nil), 0, datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, nil), 1)},
		{"datagram cut and forwarded", pass(make4(func(c *stack.Config) { c.Interfaces[1].MTU = 1280 }), 0, echo(t, hostA, hostB, 64, 1400), 2)},
		{"error generated", pass(make4(nil), 0, dying, 1)},
		{"error with extensions generated", pass(make4(func(c *stack.Config) { c.InterfaceInfo = true }), 0, dying, 1)},
		{"ICMPv6 error generated", pass(make4(nil), 0, dying6, 1)},
		{"redirect generated", pass(make4(nil), 0, echo(t, hostA, addr("10.0.1.77"), 64, 8), 2)},
		{"error refused", pass(make4(nil), 0, aboutError, 0)},
		{"error rate limited", pass(limited, 0, dying, 0)},
		{"with events", pass(busy, 0, dying, 1)},
		{"error believed", pass(believer, 0, message(t, gateway, hostA, icmp4.TimeExceeded{Quote: flying(t, 40)}), 0)},
		{"error not believed", pass(believer, 0, message(t, gateway, hostA, icmp4.TimeExceeded{Quote: dying}), 0)},
		{"martian", pass(make4(nil), 0, echo(t, addr("127.0.0.1"), gateway, 64, 8), 0)},
	} {
		t.Run(c.name, func(t *testing.T) { wiretest.NoAllocs(t, c.name, c.f) })
	}
	if known.troubles == 0 {
		t.Error("nothing was believed")
	}
	first := datagram(t, ip.Header4{ID: 1, Src: hostA, Dst: gateway, Proto: ip.ProtoICMP}, echo(t, hostA, gateway, 64, 2000)[20:])
	fs := parts(t, first, 1500)
	n, buf := make4(nil), make([]byte, 0, 2048)
	wiretest.NoAllocs(t, "echo in fragments answered", func() {
		for _, f := range fs {
			n.Receive(epoch, stack.Datagram{Octets: f})
		}
		for k := range 3 {
			if _, _, ok := n.Poll(epoch, buf); ok != (k < 2) {
				t.Fatalf("fragment %d: %v", k, ok)
			}
		}
	})
}

// TestMillionSources: a million sources, each with a datagram that dies, every
// tenth with a fragment and an error that lowers a path MTU, and the tables keep
// their ceilings.
func TestMillionSources(t *testing.T) {
	for _, row := range []string{"E-12", "H-10", "H-15"} {
		conform.Row(t, row)
	}
	sources := 1_000_000
	if testing.Short() {
		sources = 50_000
	}
	up := &quiet{upper: upper{standing: stack.InFlight}}
	cfg := gatewayConfig()
	cfg.Upper = up
	cfg.Routes = defaultRoutes(1, addr("10.0.2.2"))
	n, err := stack.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dying := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: 1}, udp(1, 2, 8))
	frag := datagram(t, ip.Header4{Src: hostA, Dst: gateway, Proto: ip.ProtoUDP, MF: true}, udp(1, 2, 56))
	tooBig := message(t, hostA, gateway, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1000, Quote: datagram(t, ip.Header4{Src: gateway, Dst: hostB, Proto: ip.ProtoUDP}, udp(1, 2, 1400))[:48]})
	var buf []byte
	before, peak, warm := 0, 0, sources/10
	for i := range sources {
		if i == warm {
			before, _ = n.Memory()
		}
		ds := [][]byte{dying, frag, tooBig}
		if i%10 != 0 {
			ds = ds[:1]
		}
		src := uint32(11<<24 + i)
		// The quoted destination varies with the source.
		binary.BigEndian.PutUint32(tooBig[28+16:], src)
		sealed(tooBig[20:])
		for _, d := range ds {
			binary.BigEndian.PutUint32(d[12:], src)
			ip.Seal4(d)
			n.Receive(epoch, stack.Datagram{Octets: d})
		}
		for ok := true; ok; {
			buf, _, ok = n.Poll(epoch, buf[:0])
		}
		now, ceiling := n.Memory()
		if peak = max(peak, now); peak > ceiling {
			t.Fatalf("%d octets, the ceiling is %d", peak, ceiling)
		}
	}
	now, ceiling := n.Memory()
	if peak != now || peak > before {
		t.Errorf("%d octets after a tenth of the sources, %d at most, %d at the end", before, peak, now)
	}
	if up.troubles != sources/10 {
		t.Errorf("%d of %d reports were believed", up.troubles, sources/10)
	}
	if ceiling > 5<<20 {
		t.Errorf("the ceiling is %d octets", ceiling)
	}
	t.Logf("%d sources: %d octets, the ceiling is %d", sources, peak, ceiling)
	// Redirects, on a host.
	host := hostConfig()
	host.Redirects, host.Upper = stack.RedirectSecure, up
	h, err := stack.New(host)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 * redirect.Max {
		h.Receive(epoch, stack.Datagram{Octets: redirectOf(t, gateway, addr("10.0.1.2"), netip.AddrFrom4([4]byte{11, 0, byte(i >> 8), byte(i)}), 1)})
	}
	kept := 0
	for i := range 10 * redirect.Max {
		if _, ok := h.Redirected(netip.AddrFrom4([4]byte{11, 0, byte(i >> 8), byte(i)})); ok {
			kept++
		}
	}
	if kept != redirect.Max {
		t.Errorf("%d redirects are remembered, want %d", kept, redirect.Max)
	}
}

// quiet is an upper layer that counts and keeps nothing.
type quiet struct {
	upper
	troubles int
}

func (q *quiet) Deliver(time.Time, *stack.Packet) stack.Acceptance { return stack.Accepted }
func (q *quiet) Report(time.Time, *stack.Trouble)                  { q.troubles++ }
