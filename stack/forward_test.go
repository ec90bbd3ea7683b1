package stack_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// isForwarded fails unless s is d, its time to live less by one.
func isForwarded(t *testing.T, s sent, d []byte, iface int, hop netip.Addr) {
	t.Helper()
	want := bytes.Clone(d)
	if d[0]>>4 == 6 {
		ip.DecrementHopLimit6(want)
	} else {
		ip.DecrementTTL4(want)
	}
	if !bytes.Equal(s.octets, want) || s.Iface != iface || s.NextHop != hop {
		t.Fatalf("forwarded %x by %d to %v,\nwant      %x by %d to %v", s.octets, s.Iface, s.NextHop, want, iface, hop)
	}
}

func TestForward(t *testing.T) {
	conform.Row(t, "G-01")
	conform.Row(t, "G-11")
	cfg := gatewayConfig()
	cfg.Routes = []route.Route{
		{Prefix: prefix("10.0.0.0/8"), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.8")}}},
		{Prefix: prefix("10.5.0.0/16"), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.16")}}},
		{Prefix: prefix("10.5.5.5/32"), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.32")}}},
	}
	w := newWorld(t, cfg)
	for dst, via := range map[string]string{
		"10.9.9.9": "10.0.2.8", "10.5.9.9": "10.0.2.16", "10.5.5.5": "10.0.2.32", "10.5.5.4": "10.0.2.16", "10.0.2.100": "10.0.2.100",
	} {
		for _, ttl := range []ip.TTL{2, 255} {
			d := datagram(t, ip.Header4{Src: hostA, Dst: addr(dst), Proto: 99, TTL: ttl, TOS: 0x10, ID: 7, DF: true}, []byte("payload"))
			s := w.one(w.receive(0, append(bytes.Clone(d), 0, 0, 0))) // link padding
			isForwarded(t, s, d, 1, addr(via))
			if s.Origin.Kind != event.Forward || s.Origin.Rule() != "" {
				t.Errorf("origin %+v", s.Origin)
			}
		}
	}
	// Time runs out at 1 and at 0 alike; nothing of the datagram goes on.
	for _, ttl := range []ip.TTL{1, 0} {
		d, err := ip.Header4{Src: hostA, Dst: hostB, Proto: 99, TTL: ttl}.AppendPacket(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := w.receive(0, d)
		w.isError(out, hostA, kind(icmp4.TypeTimeExceeded, icmp4.CodeTTLExceeded))
		if out[0].Origin.Rule() != "G-01" {
			t.Errorf("by rule %q", out[0].Origin.Rule())
		}
	}
	cfg.NoTTLDecrement = true
	w = newWorld(t, cfg)
	d := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, TTL: 1}, nil)
	if s := w.one(w.receive(0, d)); !bytes.Equal(s.octets, d) {
		t.Errorf("in a tunnel: %x", s.octets)
	}
}

// A host forwards nothing and says nothing.
func TestHostForwardsNothing(t *testing.T) {
	conform.Row(t, "H-08")
	cfg := hostConfig()
	cfg.Routes = append(cfg.Routes, route.Route{Prefix: prefix("10.5.0.0/16"), Hops: []route.Hop{{Via: gateway}}})
	w := newWorld(t, cfg)
	for _, d := range [][]byte{
		datagram(t, ip.Header4{Src: gateway, Dst: addr("10.5.1.1"), Proto: 99}, nil), // back by the interface it came in by
		datagram(t, ip.Header4{Src: gateway, Dst: addr("10.5.1.1"), Proto: 99, TTL: 1}, nil),
	} {
		if why := w.none(w.receive(0, d)); why != mib.NotMine {
			t.Errorf("%v", why)
		}
	}
}

// TestNoRoute: 3/0; 3/1 where that is wanted; 3/1 when the neighbour is silent.
func TestNoRoute(t *testing.T) {
	conform.Row(t, "G-02")
	d := datagram(t, ip.Header4{Src: hostA, Dst: addr("192.0.2.1"), Proto: 99, TTL: 1}, nil)
	w := newWorld(t, gatewayConfig())
	w.isError(w.receive(0, d), hostA, unreachable(icmp4.CodeNetUnreachable))
	w.dropped(mib.NoRoute)
	cfg := gatewayConfig()
	cfg.UnreachableHost = true
	w = newWorld(t, cfg)
	w.isError(w.receive(0, d), hostA, unreachable(icmp4.CodeHostUnreachable))

	w = newWorld(t, gatewayConfig())
	lost := w.one(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, []byte("12345678"))))
	w.node.Unresolved(w.now, lost.Iface, lost.octets)
	_, m := w.isError(w.poll(), hostA, unreachable(icmp4.CodeHostUnreachable))
	if q := m.(icmp4.DestUnreachable).Quote; !bytes.Equal(q, lost.octets) {
		t.Errorf("quotes %x", q)
	}
	w.dropped(mib.Unresolved)
	// Of the node's own datagrams the upper layer hears.
	w.up.standing = stack.InFlight
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: ip.ProtoUDP, Payload: udp(1, 2, 3)}); err != nil {
		t.Fatal(err)
	}
	lost = w.one(w.poll())
	w.node.Unresolved(w.now, lost.Iface, lost.octets)
	w.none(w.poll())
	if len(w.up.troubles) != 1 || w.up.troubles[0].Cause != report.HostUnreachable || w.up.troubles[0].Quote.Dst != hostB {
		t.Errorf("troubles %+v", w.up.troubles)
	}
	// What is no datagram is no matter.
	w.node.Unresolved(w.now, 0, nil)
	w.node.Unresolved(w.now, 0, []byte{0x45, 0})
	w.node.Unresolved(w.now, 0, []byte{0x65, 0})
	w.none(w.poll())
}

// TestDown: a route by an interface that is down is none.
func TestDown(t *testing.T) {
	conform.Row(t, "G-02")
	cfg := gatewayConfig()
	cfg.Routes = defaultRoutes(1, addr("10.0.2.9"))
	w := newWorld(t, cfg)
	w.node.Receive(w.now, stack.Datagram{Octets: datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, nil)})
	if w.node.Queued(1) != 20 {
		t.Errorf("%d octets wait", w.node.Queued(1))
	}
	w.node.SetDown(1, true)
	if out := w.poll(); len(out) != 0 || w.node.Queued(1) != 0 {
		t.Errorf("%d left, %d wait", len(out), w.node.Queued(1))
	}
	w.dropped(mib.IfaceDown)
	w.isError(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, nil)), hostA, unreachable(icmp4.CodeHostUnreachable))
	w.isError(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: addr("192.0.2.1"), Proto: 99}, nil)), hostA, unreachable(icmp4.CodeNetUnreachable))
	if why := w.none(w.receive(1, echo(t, hostB, gateway, 64, 8))); why != mib.IfaceDownIn {
		t.Errorf("in by it: %v", why)
	}
	for _, i := range []int{2, -2} {
		if why := w.none(w.receive(i, echo(t, hostB, gateway, 64, 8))); why != mib.IfaceDownIn {
			t.Errorf("in by interface %d: %v", i, why)
		}
	}
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99}); !errors.Is(err, stack.ErrDown) {
		t.Errorf("sent: %v", err)
	}
	w.node.SetDown(1, false)
	w.one(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, nil)))
}

// TestMTU: 3/4 with the MTU of the link, at exactly one octet too many, and
// fragments where they are allowed.
func TestMTU(t *testing.T) {
	conform.Row(t, "G-03")
	cfg := gatewayConfig()
	cfg.Interfaces[1] = stack.Interface{Addrs: []netip.Prefix{prefix("10.0.2.1/24")}, MTU: 1000}
	w := newWorld(t, cfg)
	df := func(n int, df bool) []byte {
		return datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, DF: df, ID: 3}, make([]byte, n-20))
	}
	d := df(1000, true)
	isForwarded(t, w.one(w.receive(0, d)), d, 1, hostB)
	_, m := w.isError(w.receive(0, df(1001, true)), hostA, unreachable(icmp4.CodeFragNeeded))
	if u := m.(icmp4.DestUnreachable); u.MTU != 1000 {
		t.Errorf("MTU %d", u.MTU)
	}
	d = df(1000, false)
	isForwarded(t, w.one(w.receive(0, d)), d, 1, hostB)
	out := w.receive(0, df(1001, false))
	if len(out) != 2 || len(out[0].octets) != 996 || len(out[1].octets) != 25 {
		t.Fatalf("%d fragments", len(out))
	}
	for i, s := range out {
		h, _, err := ip.Parse4(s.octets)
		if err != nil || h.ID != 3 || h.TTL != 63 || h.MF != (i == 0) || h.FragOffset != uint16(i)*976 || s.NextHop != hostB {
			t.Errorf("fragment %d: %v, %v", i, h, err)
		}
	}
	c := w.node.Counters().IP[0]
	if c[mib.OutFragReqds] != 2 || c[mib.OutFragOKs] != 1 || c[mib.OutFragFails] != 1 || c[mib.OutFragCreates] != 2 {
		t.Errorf("counted %v", c)
	}
	// A black hole says nothing.
	cfg.Interfaces[1].BlackHole = true
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, df(1001, true))); why != mib.TooBig {
		t.Errorf("black hole: %v", why)
	}
}

// Options that are to be copied are in every fragment, the others in the first.
func TestFragmentOptions(t *testing.T) {
	conform.Row(t, "G-03")
	cfg := gatewayConfig()
	cfg.Interfaces[1] = stack.Interface{Addrs: []netip.Prefix{prefix("10.0.2.1/24")}, MTU: 100}
	w := newWorld(t, cfg)
	options := []byte{7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0} // record route, router alert, end
	out := w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, Options: options}, make([]byte, 100)))
	if len(out) != 2 {
		t.Fatalf("%d fragments", len(out))
	}
	first, _, _ := ip.Parse4(out[0].octets)
	last, _, _ := ip.Parse4(out[1].octets)
	if want := []byte{7, 7, 8, 10, 0, 2, 1, 0x94, 4, 0, 0, 0}; !bytes.Equal(first.Options, want) {
		t.Errorf("first %x, want %x", first.Options, want)
	}
	if want := []byte{0x94, 4, 0, 0}; !bytes.Equal(last.Options, want) {
		t.Errorf("last %x, want %x", last.Options, want)
	}
}

// TestTOS: routes for a type of service, and 3/11 and 3/12 without one.
func TestTOS(t *testing.T) {
	conform.Row(t, "G-04")
	cfg := gatewayConfig()
	cfg.Routes = []route.Route{
		{Prefix: prefix("10.5.0.0/16"), TOS: 0x10, Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.5")}}},
		{Prefix: prefix("10.6.0.0/16"), TOS: 0x10, Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.6")}}},
		{Prefix: prefix("10.6.0.0/16"), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.7")}}},
		{Prefix: prefix("10.7.0.0/16"), TOS: 0x08, Hops: []route.Hop{{Iface: 1}}},
	}
	for _, c := range []struct {
		dst  string
		tos  uint8
		via  string
		code icmp4.Code
	}{
		{"10.5.1.1", 0x10, "10.0.2.5", 0},
		{"10.5.1.1", 0xd3, "10.0.2.5", 0}, // precedence and ECN do not count
		{"10.5.1.1", 0, "", icmp4.CodeNetTOS},
		{"10.5.1.1", 0x08, "", icmp4.CodeNetTOS},
		{"10.6.1.1", 0x10, "10.0.2.6", 0},
		{"10.6.1.1", 0x08, "10.0.2.7", 0},
		{"10.7.1.1", 0x08, "10.7.1.1", 0},
		{"10.7.1.1", 0, "", icmp4.CodeHostTOS},
	} {
		w := newWorld(t, cfg)
		out := w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: addr(c.dst), Proto: 99, TOS: c.tos}, nil))
		if c.via == "" {
			w.isError(out, hostA, unreachable(c.code))
			w.dropped(mib.NoRouteTOS)
			continue
		}
		if s := w.one(out); s.NextHop != addr(c.via) {
			t.Errorf("%s TOS %#x: by %v", c.dst, c.tos, s.NextHop)
		}
	}
}

// judge is a filter that rejects with a cause, or passes all when it has none.
type judge struct {
	v    stack.Verdict
	seen stack.Forwarding
}

func (j *judge) Judge(f *stack.Forwarding) stack.Verdict {
	j.seen = *f
	return j.v
}

// TestFilter: each way to refuse has its code, and silence none.
func TestFilter(t *testing.T) {
	conform.Row(t, "G-04")
	d := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TOS: 0x20}, udp(5, 7, 2))
	for cause, code := range map[report.Cause]icmp4.Code{
		report.AdminProhibited: icmp4.CodeAdminProhibited, report.NetProhibited: icmp4.CodeNetProhibited,
		report.HostProhibited: icmp4.CodeHostProhibited, report.HostPrecedence: icmp4.CodeHostPrecedence,
		report.NetUnknown: icmp4.CodeNetUnknown, report.HostUnknown: icmp4.CodeHostUnknown,
	} {
		f := &judge{v: stack.Verdict{Drop: true, Cause: cause}}
		cfg := gatewayConfig()
		cfg.Filter = f
		w := newWorld(t, cfg)
		w.isError(w.receive(0, d), hostA, unreachable(code))
		w.dropped(mib.Filtered)
		if s := f.seen; s.In != 0 || s.Out != 1 || s.Src != hostA || s.Dst != hostB || s.Proto != ip.ProtoUDP || s.TOS != 0x20 || !s.First || !bytes.Equal(s.Payload, udp(5, 7, 2)) {
			t.Errorf("the filter saw %+v", s)
		}
	}
	cfg := gatewayConfig()
	f := &judge{v: stack.Verdict{Drop: true}}
	cfg.Filter = f
	w := newWorld(t, cfg)
	if why := w.none(w.receive(0, d)); why != mib.Filtered {
		t.Errorf("%v", why)
	}
	f.v.Drop = false
	isForwarded(t, w.one(w.receive(0, d)), d, 1, hostB)
	w.one(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, FragOffset: 8}, udp(5, 7, 2))))
	if f.seen.First {
		t.Error("a later fragment has no first octets of a transport")
	}
}

func TestPrecedence(t *testing.T) {
	conform.Row(t, "G-04")
	cfg := gatewayConfig()
	cfg.Interfaces[1].MinPrecedence = 3
	w := newWorld(t, cfg)
	w.isError(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, TOS: 0x5c}, nil)), hostA, unreachable(icmp4.CodePrecedenceCutoff))
	w.dropped(mib.PrecedenceCutoff)
	w.one(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, TOS: 0x60}, nil)))
	w.one(w.receive(1, datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: 99}, nil)))
}

// TestRedirectSent: every condition of G-05, on both sides.
func TestRedirectSent(t *testing.T) {
	better := addr("10.0.1.2")
	lsrr := []byte{0x83, 7, 4, 10, 5, 1, 9, 0}
	base := func() stack.Config {
		c := gatewayConfig()
		c.Interfaces[0].Addrs = append(c.Interfaces[0].Addrs, prefix("10.8.0.1/24"))
		c.Routes = []route.Route{
			{Prefix: prefix("10.5.0.0/16"), Hops: []route.Hop{{Iface: 0, Via: better}}},
			{Prefix: prefix("10.6.0.0/16"), TOS: 0x10, Hops: []route.Hop{{Iface: 0, Via: better}}},
			{Prefix: prefix("10.6.0.0/16"), Hops: []route.Hop{{Iface: 0, Via: better}}},
		}
		return c
	}
	for _, c := range []struct {
		name string
		in   int
		h    ip.Header4
		edit func(*stack.Config)
		code int // -1: none
	}{
		{"a neighbour's better gateway", 0, ip.Header4{Src: hostA, Dst: addr("10.5.1.1")}, nil, 1},
		{"with a route for the TOS", 0, ip.Header4{Src: hostA, Dst: addr("10.6.1.1"), TOS: 0x10}, nil, 3},
		{"with a route for all TOS", 0, ip.Header4{Src: hostA, Dst: addr("10.6.1.1"), TOS: 0x08}, nil, 1},
		{"the neighbour itself", 0, ip.Header4{Src: hostA, Dst: addr("10.0.1.77")}, nil, 1},
		{"switched off", 0, ip.Header4{Src: hostA, Dst: addr("10.5.1.1")}, func(c *stack.Config) { c.NoRedirects = true }, -1},
		{"in by another interface", 1, ip.Header4{Src: hostB, Dst: addr("10.5.1.1")}, nil, -1},
		{"out by another interface", 0, ip.Header4{Src: hostA, Dst: hostB}, nil, -1},
		{"a source from elsewhere", 0, ip.Header4{Src: addr("10.9.9.9"), Dst: addr("10.5.1.1")}, nil, -1},
		{"a source on the interface's other network", 0, ip.Header4{Src: addr("10.8.0.9"), Dst: addr("10.5.1.1")}, nil, -1},
		{"a source route", 0, ip.Header4{Src: hostA, Dst: addr("10.5.1.1"), Options: lsrr}, nil, -1},
		{"a later fragment", 0, ip.Header4{Src: hostA, Dst: addr("10.5.1.1"), FragOffset: 8}, nil, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, "G-05")
			cfg := base()
			if c.edit != nil {
				c.edit(&cfg)
			}
			w := newWorld(t, cfg)
			c.h.Proto = 99
			d := datagram(t, c.h, []byte("12345678"))
			var errs, rest []sent
			for _, s := range w.receive(c.in, d) {
				if s.Origin.Kind == event.Error {
					errs = append(errs, s)
				} else {
					rest = append(rest, s)
				}
			}
			if len(rest) != 1 || rest[0].octets[8] != 63 {
				t.Fatalf("%d forwarded", len(rest))
			}
			if c.code < 0 {
				w.none(errs)
				return
			}
			h, m := w.isError(errs, hostA, kind(icmp4.TypeRedirect, icmp4.Code(c.code)))
			r := m.(icmp4.Redirect)
			want := better
			if c.h.Dst == addr("10.0.1.77") {
				want = c.h.Dst
			}
			if r.Gateway != want || !bytes.Equal(r.Quote, d) || h.Src != gateway || errs[0].Origin.Rule() != "G-05" {
				t.Errorf("%v from %v", r, h.Src)
			}
		})
	}
}

func TestRedirectLimited(t *testing.T) {
	conform.Row(t, "G-05")
	conform.Row(t, "E-12")
	cfg := gatewayConfig()
	cfg.Routes = []route.Route{{Prefix: prefix("10.5.0.0/16"), Hops: []route.Hop{{Iface: 0, Via: addr("10.0.1.2")}}}}
	cfg.Limit = limit.Config{Prefix: limit.Rate{Every: time.Second, Burst: 2}}
	w := newWorld(t, cfg)
	n := 0
	for range 10 {
		n += len(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: addr("10.5.1.1"), Proto: 99}, nil)))
	}
	if n != 12 {
		t.Errorf("%d datagrams left, want 10 and 2 redirects", n)
	}
}

// TestDirectedBroadcast: not forwarded by default (RFC 2644).
func TestDirectedBroadcast(t *testing.T) {
	conform.Row(t, "G-10")
	d := datagram(t, ip.Header4{Src: hostA, Dst: addr("10.0.2.255"), Proto: ip.ProtoUDP}, udp(1, 2, 3))
	w := newWorld(t, gatewayConfig())
	if why := w.none(w.receive(0, d)); why != mib.DirectedBroadcast {
		t.Errorf("%v", why)
	}
	cfg := gatewayConfig()
	cfg.Interfaces[0].DirectedBroadcast = true // the wrong one
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, d)); why != mib.DirectedBroadcast {
		t.Errorf("%v", why)
	}
	cfg.Interfaces[1].DirectedBroadcast = true
	w = newWorld(t, cfg)
	isForwarded(t, w.one(w.receive(0, d)), d, 1, addr("10.0.2.255"))
	if c := w.node.InterfaceCounters(1)[0]; c[mib.OutBcastPkts] != 1 || c[mib.OutMcastPkts] != 0 {
		t.Errorf("counted %v", c)
	}
	if why := w.none(w.receiveCast(0, d, report.Broadcast)); why != mib.LinkBroadcast {
		t.Errorf("from a broadcast frame: %v", why)
	}
	// Its own network's, and everybody's, are delivered and go no further.
	w.up.protocols[ip.ProtoUDP] = stack.Accepted
	for _, dst := range []string{"10.0.1.255", "255.255.255.255", "224.0.0.1", "224.0.0.2"} {
		w.none(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: addr(dst), Proto: ip.ProtoUDP}, udp(1, 2, 3))))
	}
	if len(w.up.packets) != 4 {
		t.Errorf("%d delivered", len(w.up.packets))
	}
	c := w.node.Counters().IP[0]
	if c[mib.InBcastPkts] != 4 || c[mib.InMcastPkts] != 2 || c[mib.InMcastOctets] != 2*31 {
		t.Errorf("counted %d broadcasts, %d multicasts of %d octets", c[mib.InBcastPkts], c[mib.InMcastPkts], c[mib.InMcastOctets])
	}
}

// TestECMP: a flow keeps to its path, flows spread, and packets go in turn where
// that is asked for.
func TestECMP(t *testing.T) {
	conform.Row(t, "G-11")
	hops := []route.Hop{{Iface: 1, Via: addr("10.0.2.11")}, {Iface: 1, Via: addr("10.0.2.12")}, {Iface: 1, Via: addr("10.0.2.13")}}
	cfg := gatewayConfig()
	cfg.Routes = []route.Route{{Prefix: prefix("0.0.0.0/0"), Hops: hops}, {Prefix: prefix("::/0"), Hops: []route.Hop{{Iface: 1, Via: addr("2001:db8:2::11")}, {Iface: 1, Via: addr("2001:db8:2::12")}}}}
	w := newWorld(t, cfg)
	dst := addr("192.0.2.9")
	path := func(d []byte) netip.Addr { return w.one(w.receive(0, d)).NextHop }
	port := func(p uint16) []byte {
		return datagram(t, ip.Header4{Src: hostA, Dst: dst, Proto: ip.ProtoUDP}, udp(p, 33434, 4))
	}
	ping := func(id, seq uint16) []byte {
		return message(t, hostA, dst, icmp4.Echo{ID: id, Seq: seq, Data: []byte{byte(^seq >> 8), byte(^seq)}}) // one checksum for all
	}
	six := func(p uint16) []byte {
		d, err := ip.Header6{HopLimit: 9, NextHeader: ip.ProtoUDP, Src: hostA6, Dst: addr("2001:db8:9::9")}.AppendPacket(nil, udp(p, 9, 4))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	seen := map[netip.Addr]int{}
	for p := range uint16(300) {
		a := path(port(p))
		seen[a]++
		if path(port(p)) != a {
			t.Fatal("a flow changed its path")
		}
	}
	for _, h := range hops {
		if seen[h.Via] < 60 {
			t.Errorf("%v has %d flows of 300", h.Via, seen[h.Via])
		}
	}
	first := path(ping(1, 1))
	for seq := range uint16(20) {
		if path(ping(1, seq)) != first {
			t.Fatal("an echo flow of one checksum and identifier changed its path")
		}
	}
	ids, sixes := map[netip.Addr]bool{}, map[netip.Addr]bool{}
	for id := range uint16(40) {
		ids[path(ping(id, 1))] = true
		sixes[path(six(id))] = true
	}
	if len(ids) != 3 || len(sixes) != 2 {
		t.Errorf("40 identifiers take %d paths, 40 IPv6 flows %d", len(ids), len(sixes))
	}
	// Fragments of a datagram go one way, whatever their octets.
	frags := map[netip.Addr]bool{}
	for _, f := range parts(t, datagram(t, ip.Header4{ID: 1, Src: hostA, Dst: dst, Proto: ip.ProtoUDP}, udp(9, 9, 3000)), 576) {
		frags[path(f)] = true
	}
	if len(frags) != 1 {
		t.Errorf("fragments take %d paths", len(frags))
	}
	// Another seed, another choice.
	cfg.Seed = 99
	other := newWorld(t, cfg)
	same := 0
	for p := range uint16(100) {
		if other.one(other.receive(0, port(p))).NextHop == path(port(p)) {
			same++
		}
	}
	if same > 60 {
		t.Errorf("another seed agrees on %d flows of 100", same)
	}
	cfg.PerPacket = true
	w = newWorld(t, cfg)
	for i := range 9 {
		if got := path(port(1)); got != hops[i%3].Via {
			t.Errorf("datagram %d goes by %v", i, got)
		}
	}
}

// TestQueue: what waits is bounded, leaves at the rate of the link, and what
// does not fit is dropped without a word (RFC 6633).
func TestQueue(t *testing.T) {
	conform.Row(t, "G-06")
	cfg := gatewayConfig()
	cfg.Interfaces[1].Rate, cfg.Interfaces[1].Queue = 8000, 3000 // 1,000 octets a second
	w := newWorld(t, cfg)
	d := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, make([]byte, 980))
	for range 5 {
		w.node.Receive(w.now, stack.Datagram{Octets: d})
	}
	if n := w.node.Counters(); w.node.Queued(1) != 3000 || n.Dropped(mib.QueueFull) != 2 {
		t.Errorf("%d octets wait, %d dropped", w.node.Queued(1), n.Dropped(mib.QueueFull))
	}
	w.one(w.poll())
	for i := range 2 {
		if at := w.node.Deadline(); !at.Equal(epoch.Add(time.Duration(i+1) * time.Second)) {
			t.Fatalf("datagram %d is due at %v", i+1, at.Sub(epoch))
		}
		w.now = w.node.Deadline().Add(-1)
		w.none(w.poll())
		w.now = w.now.Add(1)
		w.one(w.poll())
	}
	if !w.node.Deadline().IsZero() {
		t.Error("something is due, and nothing waits")
	}
	// A datagram that does not fit in all its fragments leaves in none.
	cfg.Interfaces[1] = stack.Interface{Addrs: []netip.Prefix{prefix("10.0.2.1/24")}, MTU: 576, Queue: 1400}
	w = newWorld(t, cfg)
	w.node.Receive(w.now, stack.Datagram{Octets: datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, make([]byte, 1380))})
	if w.node.Queued(1) != 0 {
		t.Errorf("%d octets wait", w.node.Queued(1))
	}
	w.dropped(mib.QueueFull)
	if c := w.node.Counters().IP[0]; c[mib.OutFragReqds] != 0 || c[mib.OutFragCreates] != 0 || c[mib.OutDiscards] != 1 {
		t.Errorf("counted %v", c)
	}
}

// TestSourceQuenchSent: LEGACY: above the threshold each datagram that is queued
// or dropped is answered by 4/0, and those that fit go on.
func TestSourceQuenchSent(t *testing.T) {
	conform.Row(t, "G-06")
	d := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, make([]byte, 980))
	run := func(at int) (quenched, forwarded int) {
		cfg := gatewayConfig()
		cfg.Interfaces[1].Rate, cfg.Interfaces[1].Queue, cfg.Interfaces[1].QuenchAt = 8000, 5000, at
		w := newWorld(t, cfg)
		for range 7 {
			w.node.Receive(w.now, stack.Datagram{Octets: d})
		}
		for w.now = w.now.Add(0); ; w.now = w.now.Add(time.Second) {
			for _, s := range w.poll() {
				if s.Iface == 1 {
					forwarded++
					continue
				}
				quenched++
				if _, m := icmp(t, s.octets); m.Kind() != kind(icmp4.TypeSourceQuench, 0) || s.Origin.Rule() != "G-06" {
					t.Errorf("sent %v", m)
				}
			}
			if w.node.Deadline().IsZero() {
				return quenched, forwarded
			}
		}
	}
	if q, f := run(0); q != 0 || f != 5 {
		t.Errorf("by default %d source quenches, %d forwarded", q, f)
	}
	// Two are dropped; of the five that are queued, two find more than 2,000 octets.
	if q, f := run(2000); q != 4 || f != 5 {
		t.Errorf("%d source quenches, %d forwarded; want 4 and 5", q, f)
	}
}

func ExampleNode_Unresolved() {
	n, _ := stack.New(gatewayConfig())
	d, _ := ip.Header4{TTL: 9, Proto: ip.ProtoUDP, Src: hostA, Dst: hostB}.AppendPacket(nil, udp(5, 7, 0))
	n.Receive(epoch, stack.Datagram{Octets: d})
	out, where, _ := n.Poll(epoch, nil)
	// Nobody on the link answers for hostB.
	n.Unresolved(epoch, where.Iface, out)
	out, where, _ = n.Poll(epoch, nil)
	_, p, _ := ip.Parse4(out)
	m, _ := icmp4.Parse(p)
	fmt.Println(m.Kind(), "to", where.NextHop)
	// Output: 3/1 Destination Unreachable: Host Unreachable to 10.0.1.10
}
