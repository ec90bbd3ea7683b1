package stack_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestExtensions: MPLS labels and the incoming interface in errors, behind at
// least 128 octets of quote (G-12).
func TestExtensions(t *testing.T) {
	conform.Row(t, "G-12")
	cfg := gatewayConfig()
	cfg.InterfaceInfo = true
	cfg.Interfaces[0].Labels = []stack.Label{{Value: 1000, TC: 5}, {Value: 0xfffff}}
	w := newWorld(t, cfg)
	objects := func(ext []byte) (labels []extension.Label, info *extension.InterfaceInfo) {
		s, err := extension.Parse(ext)
		if err != nil {
			t.Fatal(err)
		}
		for o, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			if o.Class == extension.ClassMPLS {
				for l := range extension.Labels(o) {
					labels = append(labels, l)
				}
				continue
			}
			i, err := extension.ParseInterfaceInfo(o)
			if err != nil {
				t.Fatal(err)
			}
			info = &i
		}
		return labels, info
	}
	for _, n := range []int{0, 100, 1400} {
		d := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, TTL: 1}, make([]byte, n))
		out := w.receive(0, d)
		_, m := w.isError(out, hostA, kind(icmp4.TypeTimeExceeded, 0))
		e := m.(icmp4.TimeExceeded)
		labels, info := objects(e.Ext)
		if len(labels) != 2 || labels[0] != (extension.Label{Label: 1000, TC: 5, TTL: 1}) || labels[1] != (extension.Label{Label: 0xfffff, Bottom: true, TTL: 1}) {
			t.Errorf("%d octets: labels %+v", n, labels)
		}
		if info == nil || info.Index != 1 || string(info.Name) != "lan" || info.Addr != gateway || info.MTU != 1500 || info.Role != extension.RoleIncoming {
			t.Errorf("%d octets: interface %+v", n, info)
		}
		if len(out[0].octets) > report.Limit4 {
			t.Errorf("%d octets: the error has %d", n, len(out[0].octets))
		}
		if len(e.Quote) < 128 && n > 100 {
			t.Errorf("%d octets: quote of %d", n, len(e.Quote))
		}
	}
	d, err := ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: 99, HopLimit: 1}.AppendPacket(nil, make([]byte, 1400))
	if err != nil {
		t.Fatal(err)
	}
	out := w.receive(0, d)
	_, m6 := icmpv6(t, w.one(out).octets)
	if labels, info := objects(m6.(icmp6.TimeExceeded).Ext); len(labels) != 2 || info == nil || len(out[0].octets) > 1280 {
		t.Errorf("IPv6: %v", m6)
	}
	// The other interface has no labels, and redirects cannot carry any.
	_, m := w.isError(w.receive(1, datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: 99, TTL: 1}, nil)), hostB, kind(icmp4.TypeTimeExceeded, 0))
	if labels, info := objects(m.(icmp4.TimeExceeded).Ext); len(labels) != 0 || info == nil || info.Index != 2 {
		t.Errorf("interface 1: %v", m)
	}
	// By which interface a datagram came that nobody takes on the other is not
	// known any more.
	lost := w.one(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99}, nil)))
	w.node.Unresolved(w.now, lost.Iface, lost.octets)
	_, m = w.isError(w.poll(), hostA, unreachable(icmp4.CodeHostUnreachable))
	if e := m.(icmp4.DestUnreachable); e.Ext != nil {
		t.Errorf("unresolved: %v", m)
	}
	// By default there is nothing.
	w = newWorld(t, gatewayConfig())
	_, m = w.isError(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: 99, TTL: 1}, make([]byte, 300))), hostA, kind(icmp4.TypeTimeExceeded, 0))
	if e := m.(icmp4.TimeExceeded); e.Ext != nil || len(e.Quote) != 320 {
		t.Errorf("by default: %v", m)
	}
}

// TestErrorNoSource: an error that nobody could come from, or that has no way
// back, is not sent.
func TestErrorNoSource(t *testing.T) {
	conform.Row(t, "E-10")
	w := newWorld(t, gatewayConfig())
	if why := w.none(w.receive(0, datagram(t, ip.Header4{Src: addr("192.0.2.1"), Dst: hostB, Proto: 99, TTL: 1}, nil))); why != mib.ErrorNoSource {
		t.Errorf("no way back: %v", why)
	}
	if c := w.node.Counters(); c.ICMP[0].OutErrors != 1 || c.ICMP[0].OutMsgs != 1 {
		t.Errorf("counted %+v", c.ICMP[0].OutErrors)
	}
	// Nor is one about fragments that were waited for in vain.
	w = newWorld(t, gatewayConfig())
	w.none(w.receive(0, datagram(t, ip.Header4{Src: addr("192.0.2.1"), Dst: gateway, Proto: 99, MF: true}, make([]byte, 8))))
	w.now = w.node.Deadline()
	if why := w.none(w.poll()); why != mib.ErrorNoSource {
		t.Errorf("no way back after the time for reassembly: %v", why)
	}
	cfg := gatewayConfig()
	cfg.Interfaces[0].Addrs = []netip.Prefix{prefix("10.0.1.1/24")}
	cfg.Routes = defaultRoutes(0, gate6)
	w = newWorld(t, cfg)
	d, err := ip.Header6{Src: addr("2001:db8:9::1"), Dst: hostB6, NextHeader: 99, HopLimit: 1}.AppendPacket(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if why := w.none(w.receive(0, d)); why != mib.ErrorNoSource {
		t.Errorf("no address: %v", why)
	}
}
