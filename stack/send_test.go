package stack_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

func TestSend(t *testing.T) {
	cfg := hostConfig()
	cfg.TTL = 99
	w := newWorld(t, cfg)
	payload := []byte("payload")
	options := []byte{7, 3, 4, 0}
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99, TOS: 0x10, DF: true, Options: options, Payload: payload}); err != nil {
		t.Fatal(err)
	}
	payload[0] = 'x' // it has been copied
	s := w.one(w.poll())
	h, p, err := ip.Parse4(s.octets)
	if err != nil || h.Src != hostA || h.Dst != hostB || h.TTL != 99 || h.TOS != 0x10 || !h.DF || h.Proto != 99 || !bytes.Equal(h.Options, options) || string(p) != "payload" {
		t.Errorf("%v, %q, %v", h, p, err)
	}
	if s.NextHop != gateway || s.Origin.Kind != event.Send || s.Origin.Rule() != "" {
		t.Errorf("%+v", s.Transmit)
	}
	id := h.ID
	other := addr("10.0.1.99")
	if err := w.node.Send(w.now, &stack.Outgoing{Src: other, Dst: gateway, Proto: 99, TTL: 5}); err != nil {
		t.Fatal(err)
	}
	s = w.one(w.poll())
	if h, _, _ = ip.Parse4(s.octets); h.Src != other || h.TTL != 5 || h.DF || s.NextHop != gateway || h.ID == id {
		t.Errorf("%v by %v", h, s.NextHop)
	}
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB6, Proto: 99, TOS: 3, DF: true, Payload: payload}); err != nil {
		t.Fatal(err)
	}
	s = w.one(w.poll())
	if h, _, err := ip.Parse6(s.octets); err != nil || h.Src != hostA6 || h.HopLimit != 99 || h.TrafficClass != 3 || s.NextHop != gate6 {
		t.Errorf("%v, %v", h, err)
	}
}

func TestSendGroups(t *testing.T) {
	w := newWorld(t, hostConfig())
	for _, dst := range []string{"255.255.255.255", "10.0.1.255", "224.0.0.251", "ff02::fb"} {
		if err := w.node.Send(w.now, &stack.Outgoing{Dst: addr(dst), Proto: 99}); err != nil {
			t.Fatal(err)
		}
		if s := w.one(w.poll()); s.NextHop != addr(dst) {
			t.Errorf("%s goes to %v", dst, s.NextHop)
		}
	}
	c := w.node.Counters()
	if c.IP[0][mib.OutBcastPkts] != 2 || c.IP[0][mib.OutMcastPkts] != 1 || c.IP[0][mib.OutMcastOctets] != 20 || c.IP[1][mib.OutMcastPkts] != 1 {
		t.Errorf("counted %v", c.IP)
	}
	if i := w.node.InterfaceCounters(0); i[0][mib.OutBcastPkts] != 2 || i[0][mib.OutTransmits] != 3 || i[0][mib.OutOctets] != 60 {
		t.Errorf("counted %v", i[0])
	}
	cfg := hostConfig()
	cfg.Interfaces[0].Addrs = cfg.Interfaces[0].Addrs[:1]
	w = newWorld(t, cfg)
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: addr("ff02::1"), Proto: 99}); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("without IPv6: %v", err)
	}
}

func TestSendErrors(t *testing.T) {
	cfg := hostConfig()
	cfg.Routes = nil
	cfg.Interfaces[0].Queue, cfg.Interfaces[0].Rate = 1000, 8
	w := newWorld(t, cfg)
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99}); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("no route: %v", err)
	}
	var fe *wire.FieldError
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: gateway, Proto: 99, Options: []byte{1}}); !errors.As(err, &fe) {
		t.Errorf("options: %v", err)
	}
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: gateway, Proto: 99, Payload: make([]byte, 65516)}); !errors.As(err, &fe) {
		t.Errorf("too long: %v", err)
	}
	fill := &stack.Outgoing{Dst: gateway, Proto: 99, Payload: make([]byte, 480)}
	for range 2 {
		if err := w.node.Send(w.now, fill); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.node.Send(w.now, fill); !errors.Is(err, stack.ErrQueueFull) {
		t.Errorf("full: %v", err)
	}
	c := w.node.Counters().IP[0]
	if c[mib.OutRequests] != 4 || c[mib.OutNoRoutes] != 1 || c[mib.OutDiscards] != 1 {
		t.Errorf("counted %d requests, %d without a route, %d discarded", c[mib.OutRequests], c[mib.OutNoRoutes], c[mib.OutDiscards])
	}
	// To itself, the queue is bounded too.
	full := 0
	for range 1000 {
		if errors.Is(w.node.Send(w.now, &stack.Outgoing{Dst: hostA, Proto: 99, Payload: make([]byte, 1000)}), stack.ErrQueueFull) {
			full++
		}
	}
	if full == 0 || full == 1000 {
		t.Errorf("%d of 1000 found the queue full", full)
	}
}

func TestSendDatagram(t *testing.T) {
	w := newWorld(t, hostConfig())
	src := addr("10.0.1.10")
	d := datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99, TTL: 1, ID: 9, DF: true}, make([]byte, 1480))
	if err := w.node.SendDatagram(w.now, d); err != nil {
		t.Fatal(err)
	}
	if s := w.one(w.poll()); !bytes.Equal(s.octets, d) || s.NextHop != gateway {
		t.Errorf("sent %x by %v", s.octets, s.NextHop)
	}
	d = datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99, DF: true}, make([]byte, 1481))
	var big *stack.TooBigError
	if err := w.node.SendDatagram(w.now, d); !errors.As(err, &big) || big.Len != 1501 || big.MTU != 1500 || big.Error() != "stack: datagram of 1501 octets is over the path MTU of 1500" {
		t.Errorf("DF: %v", err)
	}
	d = datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99}, make([]byte, 1481))
	if err := w.node.SendDatagram(w.now, d); err != nil || len(w.poll()) != 2 {
		t.Errorf("in fragments: %v", err)
	}
	d6 := datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, make([]byte, 1461))
	if err := w.node.SendDatagram(w.now, d6); err != nil || len(w.poll()) != 2 {
		t.Errorf("IPv6 in fragments: %v", err)
	}
	for _, d := range [][]byte{
		datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99, Options: []byte{1, 1, 1, 0}}, make([]byte, 9)),
		datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, make([]byte, 9)),
	} {
		if err := w.node.SendDatagram(w.now, append(d, 1, 2, 3)); err != nil {
			t.Fatal(err)
		}
		if s := w.one(w.poll()); !bytes.Equal(s.octets, d) {
			t.Errorf("sent %x for %x", s.octets, d)
		}
	}
	for _, b := range [][]byte{nil, {0x45}, {0x65}, d[:19], d6[:39]} {
		var pe *wire.ParseError
		if err := w.node.SendDatagram(w.now, b); !errors.As(err, &pe) {
			t.Errorf("%x: %v", b, err)
		}
	}
	cfg := hostConfig()
	cfg.Routes = nil
	w = newWorld(t, cfg)
	if err := w.node.SendDatagram(w.now, datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99}, nil)); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("no route: %v", err)
	}
	if c := w.node.Counters().IP[0]; c[mib.OutRequests] != 1 || c[mib.OutNoRoutes] != 1 {
		t.Errorf("counted %v", c)
	}
}

// TestSendProbe: who looks for the path MTU goes by the link's alone, and is
// never cut.
func TestSendProbe(t *testing.T) {
	w := newWorld(t, hostConfig())
	src := addr("10.0.1.10")
	d := datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99, TTL: 9, ID: 9, DF: true}, make([]byte, 1480))
	if err := w.node.SendProbe(w.now, append(d, 1, 2)); err != nil {
		t.Fatal(err)
	}
	sent := w.one(w.poll())
	if !bytes.Equal(sent.octets, d) || sent.NextHop != gateway {
		t.Errorf("sent %x by %v", sent.octets, sent.NextHop)
	}
	w.up.standing = stack.InFlight
	w.none(w.receive(0, message(t, gateway, src, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1000, Quote: d[:28]})))
	if mtu, _ := w.node.PathMTU(w.now, hostB); mtu != 1000 {
		t.Fatalf("path MTU %d", mtu)
	}
	var big *stack.TooBigError
	if err := w.node.SendDatagram(w.now, d); !errors.As(err, &big) || big.TooBig() != 1000 {
		t.Errorf("over the path MTU: %v", err)
	}
	if err := w.node.SendProbe(w.now, d); err != nil || !bytes.Equal(w.one(w.poll()).octets, d) {
		t.Errorf("a probe over the path MTU: %v", err)
	}
	for _, d := range [][]byte{
		datagram(t, ip.Header4{Src: src, Dst: hostB, Proto: 99}, make([]byte, 1481)),
		datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, make([]byte, 1461)),
	} {
		before := w.node.Counters().IP[0][mib.OutFragReqds] + w.node.Counters().IP[1][mib.OutFragReqds]
		if err := w.node.SendProbe(w.now, d); !errors.As(err, &big) || big.TooBig() != 1500 || big.Len != 1501 || len(w.poll()) != 0 {
			t.Errorf("over the link's MTU: %v", err)
		}
		if after := w.node.Counters().IP[0][mib.OutFragReqds] + w.node.Counters().IP[1][mib.OutFragReqds]; after != before+1 {
			t.Errorf("counted %d", after-before)
		}
	}
	if err := w.node.SendProbe(w.now, datagram(t, ip.Header4{Src: src, Dst: src, Proto: 99}, make([]byte, 1481))); err != nil {
		t.Errorf("to itself: %v", err)
	}
	var pe *wire.ParseError
	if err := w.node.SendProbe(w.now, d[:19]); !errors.As(err, &pe) {
		t.Errorf("cut: %v", err)
	}
}

// TestSendTOS: a host's own datagrams go by the route of their type of service
// (RFC 1122 §3.3.1.2).
func TestSendTOS(t *testing.T) {
	fast := addr("10.0.1.2")
	cfg := hostConfig()
	cfg.Routes = append(cfg.Routes,
		route.Route{Prefix: prefix("0.0.0.0/0"), TOS: 0x10, Hops: []route.Hop{{Via: fast}}},
		route.Route{Prefix: prefix("192.0.2.0/24"), TOS: 0x08, Hops: []route.Hop{{Via: fast}}})
	w := newWorld(t, cfg)
	for tos, via := range map[uint8]netip.Addr{0: gateway, 0x08: gateway, 0x10: fast, 0xb2: fast} {
		if err := w.node.Send(w.now, &stack.Outgoing{Dst: hostB, Proto: 99, TOS: tos}); err != nil {
			t.Fatal(err)
		}
		s := w.one(w.poll())
		if s.NextHop != via || s.octets[1] != tos {
			t.Errorf("TOS %#x by %v, want %v", tos, s.NextHop, via)
		}
		if err := w.node.SendDatagram(w.now, s.octets); err != nil {
			t.Fatal(err)
		}
		if s := w.one(w.poll()); s.NextHop != via {
			t.Errorf("the whole datagram with TOS %#x by %v, want %v", tos, s.NextHop, via)
		}
	}
	if err := w.node.Send(w.now, &stack.Outgoing{Dst: addr("192.0.2.1"), Proto: 99}); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("no route for the TOS: %v", err)
	}
}

func TestPathMTUNone(t *testing.T) {
	cfg := hostConfig()
	cfg.Routes = nil
	w := newWorld(t, cfg)
	if _, ok := w.node.PathMTU(w.now, hostB); ok {
		t.Error("a path without a route")
	}
	if n, ok := w.node.PathMTU(w.now, gateway); !ok || n != 1500 {
		t.Errorf("%d, %v", n, ok)
	}
	// A route that is added takes effect with the next datagram.
	if err := w.node.Routes().Add(route.Route{Prefix: prefix("10.0.2.0/24"), Hops: []route.Hop{{Via: gateway}}}); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.node.PathMTU(w.now, hostB); !ok {
		t.Error("no path by the new route")
	}
}

// TestNextHopNetwork: the address to send from is on the next hop's network.
func TestNextHopNetwork(t *testing.T) {
	cfg := hostConfig()
	cfg.Interfaces[0].Addrs = append(cfg.Interfaces[0].Addrs, prefix("10.7.0.5/24"))
	cfg.Routes = []route.Route{{Prefix: prefix("10.8.0.0/16"), Hops: []route.Hop{{Via: addr("10.7.0.1")}}}}
	w := newWorld(t, cfg)
	for dst, want := range map[string]string{"10.8.1.1": "10.7.0.5", "10.7.0.9": "10.7.0.5", "10.0.1.9": "10.0.1.10", "10.7.0.5": "10.7.0.5"} {
		if src, err := w.node.Source(addr(dst)); err != nil || src != addr(want) {
			t.Errorf("to %s from %v, %v; want %s", dst, src, err, want)
		}
	}
}
