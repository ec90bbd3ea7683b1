package stack_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// datagram6 makes an IPv6 datagram. A hop limit of 0 stands for 64.
func datagram6(t testing.TB, h ip.Header6, payload []byte) []byte {
	t.Helper()
	if h.HopLimit == 0 {
		h.HopLimit = 64
	}
	b, err := h.AppendPacket(nil, payload)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// isError6 fails unless the only datagram that left is this error to dst.
func (w *world) isError6(out []sent, dst netip.Addr, want icmp6.Kind) (ip.Header6, icmp6.Message) {
	w.Helper()
	h, m := icmpv6(w.T, w.one(out).octets)
	if m.Kind() != want || h.Dst != dst {
		w.Fatalf("sent %v to %v, want %v to %v", m.Kind(), h.Dst, want, dst)
	}
	return h, m
}

func kind6(t icmp6.Type, c icmp6.Code) icmp6.Kind { return icmp6.Kind{Type: t, Code: c} }

func TestEcho6(t *testing.T) {
	conform.Row(t, "H-17")
	for _, n := range []int{0, 7, 1452, 1453, 65527} {
		w := newWorld(t, hostConfig())
		q := icmp6.Echo{ID: 3, Seq: 4, Data: bytes.Repeat([]byte{7}, n)}
		d, err := ip.Enclose6(nil, ip.Header6{HopLimit: 1, TrafficClass: 0xb9, NextHeader: ip.ProtoICMPv6, Src: hostB6, Dst: hostA6}, q)
		if err != nil {
			t.Fatal(err)
		}
		in := [][]byte{d}
		if len(d) > 1500 {
			in = parts(t, d, 1500)
		}
		var out []sent
		for _, p := range in {
			out = append(out, w.receive(0, p)...)
		}
		if len(out) != len(in) {
			t.Fatalf("%d octets: %d datagrams left, want %d", n, len(out), len(in))
		}
		if len(in) > 1 {
			continue
		}
		h, m := icmpv6(t, out[0].octets)
		r, ok := m.(icmp6.Echo)
		if !ok || !r.Reply || r.ID != 3 || r.Seq != 4 || !bytes.Equal(r.Data, q.Data) || h.Src != hostA6 || h.Dst != hostB6 || h.TrafficClass != 0xb9 || h.HopLimit != 64 {
			t.Errorf("%d octets: %v, %v", n, h, m)
		}
		if out[0].Origin.Rule() != "H-17" || out[0].NextHop != gate6 {
			t.Errorf("%+v", out[0].Transmit)
		}
	}
	cfg := hostConfig()
	cfg.NoEcho = true
	w := newWorld(t, cfg)
	if why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Echo{}))); why != mib.EchoOff {
		t.Errorf("off: %v", why)
	}
}

func TestEcho6Multicast(t *testing.T) {
	conform.Row(t, "H-02")
	conform.Row(t, "H-17")
	w := newWorld(t, hostConfig())
	if why := w.none(w.receive(0, message6(t, gate6, addr("ff02::1"), icmp6.Echo{}))); why != mib.EchoBroadcast {
		t.Errorf("%v", why)
	}
	if why := w.none(w.receive(0, message6(t, gate6, addr("ff02::2"), icmp6.Echo{}))); why != mib.NotJoined {
		t.Errorf("all routers: %v", why)
	}
	cfg := hostConfig()
	cfg.AnswerBroadcast = true
	w = newWorld(t, cfg)
	if h, _ := icmpv6(t, w.one(w.receive(0, message6(t, gate6, addr("ff02::1"), icmp6.Echo{}))).octets); h.Src != hostA6 || h.Dst != gate6 {
		t.Errorf("%v", h)
	}
	cfg.Interfaces[0].Addrs = cfg.Interfaces[0].Addrs[:1]
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, message6(t, gate6, addr("ff02::1"), icmp6.Echo{}))); why != mib.ErrorNoSource {
		t.Errorf("without an address: %v", why)
	}
	cfg = hostConfig()
	cfg.Limit = limit.Config{ReplyPrefix: limit.Rate{Every: 1e9, Burst: 1}}
	w = newWorld(t, cfg)
	w.one(w.receive(0, message6(t, gate6, hostA6, icmp6.Echo{})))
	if why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Echo{}))); why != mib.RateEcho {
		t.Errorf("limited: %v", why)
	}
}

// TestForward6: on, packet too big, time exceeded, no route, beyond the scope.
func TestForward6(t *testing.T) {
	conform.Row(t, "H-17")
	conform.Row(t, "G-03")
	cfg := gatewayConfig()
	cfg.Interfaces[1].MTU = 1400
	w := newWorld(t, cfg)
	d := datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, make([]byte, 1360))
	isForwarded(t, w.one(w.receive(0, d)), d, 1, hostB6)
	// Extension headers are none of a gateway's business (RFC 8200 §4).
	d = datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: ip.ProtoDestOpts}, []byte{59, 0, 0xc1, 4, 0, 0, 0, 0})
	isForwarded(t, w.one(w.receive(0, d)), d, 1, hostB6)

	d = datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, make([]byte, 1361))
	h, m := w.isError6(w.receive(0, d), hostA6, kind6(icmp6.TypePacketTooBig, 0))
	if p := m.(icmp6.PacketTooBig); p.MTU != 1400 || !bytes.Equal(p.Quote, d[:1280-48]) || h.Src != gate6 || h.HopLimit != 64 {
		t.Errorf("%v, %v", h, m)
	}
	for _, ttl := range []ip.TTL{1, 0} {
		d, err := ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99, HopLimit: ttl}.AppendPacket(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.isError6(w.receive(0, d), hostA6, kind6(icmp6.TypeTimeExceeded, icmp6.CodeHopLimitExceeded))
	}
	w.isError6(w.receive(0, datagram6(t, ip.Header6{Src: hostA6, Dst: addr("2001:db8:9::1"), NextHeader: 99}, nil)), hostA6, kind6(icmp6.TypeDestUnreachable, icmp6.CodeNoRoute))

	// A link-local source is told so, on its own link; a link-local destination
	// is not.
	near := addr("fe80::9")
	s := w.one(w.receive(0, datagram6(t, ip.Header6{Src: near, Dst: hostB6, NextHeader: 99}, nil)))
	if h, m := icmpv6(t, s.octets); m.Kind() != kind6(icmp6.TypeDestUnreachable, icmp6.CodeBeyondScope) || h.Dst != near || s.NextHop != near || s.Iface != 0 {
		t.Errorf("%v to %v by %+v", m, h.Dst, s.Transmit)
	}
	w.dropped(mib.BeyondScope)
	s = w.one(w.receive(1, message6(t, near, gate6, icmp6.Echo{})))
	if s.NextHop != near || s.Iface != 1 {
		t.Errorf("the reply to a neighbour goes %+v", s.Transmit)
	}
	// No redirect: that is neighbour discovery's.
	w.one(w.receive(0, datagram6(t, ip.Header6{Src: hostA6, Dst: addr("2001:db8:1::77"), NextHeader: 99}, nil)))
}

// TestNoErrorAbout6 is RFC 4443 §2.4e.
func TestNoErrorAbout6(t *testing.T) {
	cfg := hostConfig()
	quoted := datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99}, nil)
	option := []byte{59, 0, 0x81, 4, 0, 0, 0, 0} // unknown, discard and report even to groups
	quiet := []byte{59, 0, 0xc1, 4, 0, 0, 0, 0}  // unknown, discard and report to one host alone
	for _, c := range []struct {
		name string
		row  string
		d    []byte
		cast report.Cast
		want icmp6.Kind // zero: none
		why  mib.Drop
	}{
		{"unknown protocol", "H-17", datagram6(t, ip.Header6{Src: gate6, Dst: hostA6, NextHeader: 99}, nil), 0, kind6(icmp6.TypeParameterProblem, icmp6.CodeUnknownNextHeader), 0},
		{"to a group", "E-02", datagram6(t, ip.Header6{Src: gate6, Dst: addr("ff02::1"), NextHeader: 99}, nil), 0, icmp6.Kind{}, mib.ErrorAboutBroadcast},
		{"an option that is reported even to groups", "E-02", datagram6(t, ip.Header6{Src: gate6, Dst: addr("ff02::1"), NextHeader: ip.ProtoDestOpts}, option), report.Multicast, kind6(icmp6.TypeParameterProblem, icmp6.CodeUnknownOption), 0},
		{"an option that is not", "E-02", datagram6(t, ip.Header6{Src: gate6, Dst: addr("ff02::1"), NextHeader: ip.ProtoDestOpts}, quiet), report.Multicast, icmp6.Kind{}, mib.OptionUnknown},
		{"an option that is, to one host", "H-17", datagram6(t, ip.Header6{Src: gate6, Dst: hostA6, NextHeader: ip.ProtoDestOpts}, quiet), 0, kind6(icmp6.TypeParameterProblem, icmp6.CodeUnknownOption), 0},
		{"about an error", "E-01", message6(t, gate6, hostA6, icmp6.DestUnreachable{Quote: quoted}), 0, icmp6.Kind{}, mib.QuoteUnrecognised},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, c.row)
			w := newWorld(t, cfg)
			out := w.receiveCast(0, c.d, c.cast)
			if c.want == (icmp6.Kind{}) {
				if why := w.none(out); why != c.why {
					t.Errorf("%v, want %v", why, c.why)
				}
				return
			}
			w.isError6(out, gate6, c.want)
		})
	}
	w := newWorld(t, gatewayConfig())
	for _, m := range []icmp6.Message{icmp6.DestUnreachable{Quote: quoted}, icmp6.Raw{Type: 99, Body: make([]byte, 8)}} {
		conform.Row(t, "E-01")
		d := message6(t, hostA6, hostB6, m)
		d[7] = 1
		if why := w.none(w.receive(0, d)); why != mib.ErrorAboutError {
			t.Errorf("%v: %v", m, why)
		}
	}
}

// TestChain: extension headers on the way to the upper layer, and what is wrong
// with them.
func TestChain(t *testing.T) {
	pad := func(next byte) []byte { return []byte{next, 0, 1, 4, 0, 0, 0, 0} }
	udp6 := udp(1, 2, 4)
	for _, c := range []struct {
		name    string
		next    ip.Proto
		payload []byte
		code    int // -1: delivered; -2: dropped
		pointer uint32
		why     mib.Drop
	}{
		{"hop by hop, destination options, UDP", ip.ProtoHopByHop, join(pad(60), pad(17), udp6), -1, 0, 0},
		{"router alert", ip.ProtoHopByHop, join([]byte{17, 0, 5, 2, 0, 0, 1, 0}, udp6), -1, 0, 0},
		{"unknown option, to skip", ip.ProtoDestOpts, join([]byte{17, 0, 0x1e, 4, 0, 0, 0, 0}, udp6), -1, 0, 0},
		{"unknown option, to discard", ip.ProtoDestOpts, join([]byte{17, 0, 0x41, 4, 0, 0, 0, 0}, udp6), -2, 0, mib.OptionUnknown},
		{"unknown option, to report", ip.ProtoDestOpts, join([]byte{17, 0, 0x81, 4, 0, 0, 0, 0}, udp6), 2, 42, mib.OptionUnknown},
		{"the second option", ip.ProtoHopByHop, join(pad(60), []byte{17, 0, 1, 0, 0xc1, 2, 0, 0}, udp6), 2, 52, mib.OptionUnknown},
		{"unknown next header", ip.ProtoHopByHop, join(pad(200), udp6), 1, 40, mib.UnknownProtocol},
		{"hop by hop not first", ip.ProtoDestOpts, join(pad(0), pad(17), udp6), 1, 40, mib.ExtensionFault},
		{"nothing follows", ip.ProtoNoNext, nil, -2, 0, mib.NoNextHeader},
		{"nothing follows an option", ip.ProtoDestOpts, pad(59), -2, 0, mib.NoNextHeader},
		{"first fragment without its headers", ip.ProtoFragment, join([]byte{60, 0, 0, 1, 0, 0, 0, 9}, []byte{17, 1, 1, 4, 0, 0, 0, 0}), 3, 0, mib.HeaderChainSplit},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, "H-17")
			w := newWorld(t, hostConfig())
			w.up.protocols[ip.ProtoUDP] = stack.Accepted
			d := datagram6(t, ip.Header6{Src: gate6, Dst: hostA6, NextHeader: c.next}, c.payload)
			out := w.receive(0, d)
			switch c.code {
			case -1:
				w.none(out)
				if len(w.up.packets) != 1 || !bytes.Equal(w.up.packets[0].Payload, udp6) || w.up.packets[0].Proto != ip.ProtoUDP {
					t.Errorf("delivered %+v", w.up.packets)
				}
				return
			case -2:
				if why := w.none(out); why != c.why {
					t.Errorf("%v, want %v", why, c.why)
				}
				return
			}
			_, m := w.isError6(out, gate6, kind6(icmp6.TypeParameterProblem, icmp6.Code(c.code)))
			if p := m.(icmp6.ParameterProblem); c.code != 3 && p.Pointer != c.pointer || !bytes.Equal(p.Quote, d) {
				t.Errorf("pointer %d, want %d", p.Pointer, c.pointer)
			}
			w.dropped(c.why)
		})
	}
}

// TestTrouble6: hard and soft in ICMPv6, and neighbour discovery left to others.
func TestTrouble6(t *testing.T) {
	conform.Row(t, "H-04")
	conform.Row(t, "H-17")
	q := datagram6(t, ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: ip.ProtoTCP}, make([]byte, 20))
	for _, c := range []struct {
		m    icmp6.Message
		want stack.Severity
	}{
		{icmp6.DestUnreachable{Code: icmp6.CodeNoRoute, Quote: q}, stack.Soft},
		{icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: q}, stack.Hard},
		{icmp6.TimeExceeded{Quote: q}, stack.Soft},
		{icmp6.ParameterProblem{Code: icmp6.CodeErroneousHeader, Pointer: 6, Quote: q}, stack.Soft},
		{icmp6.ParameterProblem{Code: icmp6.CodeUnknownNextHeader, Pointer: 6, Quote: q}, stack.Hard},
	} {
		w := newWorld(t, hostConfig())
		w.up.standing = stack.InFlight
		w.none(w.receive(0, message6(t, gate6, hostA6, c.m)))
		if len(w.up.troubles) != 1 || w.up.troubles[0].Severity != c.want || w.up.troubles[0].Quote.Dst != hostB6 || w.up.troubles[0].From != gate6 {
			t.Errorf("%v: %+v", c.m, w.up.troubles)
		}
	}
	w := newWorld(t, hostConfig())
	w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Raw{Type: 135, Body: make([]byte, 20)})))
	if len(w.up.packets) != 1 || w.up.packets[0].Proto != ip.ProtoICMPv6 {
		t.Errorf("neighbour discovery: %+v", w.up.packets)
	}
	bad := message6(t, gate6, hostA6, icmp6.Echo{ID: 1})
	bad[len(bad)-1] ^= 1
	if why := w.none(w.receive(0, bad)); why != mib.ICMPChecksum {
		t.Errorf("bad checksum: %v", why)
	}
	if why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Echo{EchoType: icmp6.EchoType{Reply: true}}))); why != mib.ICMPUnclaimed {
		t.Errorf("a reply that nobody waits for: %v", why)
	}
	w.up.protocols[ip.ProtoICMPv6] = stack.Accepted
	if why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Echo{EchoType: icmp6.EchoType{Reply: true}}))); why != mib.None {
		t.Errorf("a reply that somebody waits for: %v", why)
	}
}
