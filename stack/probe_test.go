package stack_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// identify builds the extension structure of an extended echo request.
func identify(t *testing.T, ids ...extension.InterfaceID) []byte {
	t.Helper()
	var objects []byte
	for _, id := range ids {
		var err error
		if objects, err = id.AppendBinary(objects); err != nil {
			t.Fatal(err)
		}
	}
	ext, err := extension.Structure{Objects: objects}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return ext
}

// TestProbe: extended echo, off by default, and only about what policy allows
// (H-18).
func TestProbe(t *testing.T) {
	conform.Row(t, "H-18")
	cfg := gatewayConfig()
	cfg.Interfaces = append(cfg.Interfaces, stack.Interface{Name: "secret", Addrs: []netip.Prefix{prefix("10.0.3.1/24")}},
		stack.Interface{Name: "twin"}, stack.Interface{Name: "twin"}, stack.Interface{Name: "off", Down: true, Addrs: []netip.Prefix{prefix("10.0.4.1/24")}})
	for _, i := range []int{0, 1, 3, 4, 5} {
		cfg.Interfaces[i].Probe = true
	}
	q := func(local bool, ids ...extension.InterfaceID) icmp4.ExtendedEchoRequest {
		return icmp4.ExtendedEchoRequest{ID: 5, Seq: 6, Local: local, Ext: identify(t, ids...)}
	}
	name := func(s string) extension.InterfaceID { return extension.IdentifyName([]byte(s)) }
	w := newWorld(t, cfg)
	if why := w.none(w.receive(0, message(t, hostA, gateway, q(true, name("wan"))))); why != mib.ProbeOff {
		t.Errorf("off: %v", why)
	}
	cfg.Probe = true
	for _, c := range []struct {
		name         string
		q            icmp4.ExtendedEchoRequest
		code         icmp4.Code
		up, ip4, ip6 bool
	}{
		{"by name", q(true, name("wan")), icmp4.CodeNoError, true, true, true},
		{"by index", q(true, extension.IdentifyIndex(1)), icmp4.CodeNoError, true, true, true},
		{"by address", q(true, extension.IdentifyAddr(addr("10.0.2.1"))), icmp4.CodeNoError, true, true, true},
		{"by IPv6 address", q(true, extension.IdentifyAddr(gate6)), icmp4.CodeNoError, true, true, true},
		{"one that is down", q(true, name("off")), icmp4.CodeNoError, false, false, false},
		{"one that policy hides", q(true, name("secret")), icmp4.CodeNoSuchInterface, false, false, false},
		{"one that is not there", q(true, extension.IdentifyIndex(99)), icmp4.CodeNoSuchInterface, false, false, false},
		{"two of one name", q(true, name("twin")), icmp4.CodeMultipleInterfaces, false, false, false},
		{"a neighbour", q(false, extension.IdentifyAddr(hostA)), icmp4.CodeNoSuchTableEntry, false, false, false},
		{"a neighbour by name", q(false, name("wan")), icmp4.CodeMalformedQuery, false, false, false},
		{"nothing", q(true), icmp4.CodeMalformedQuery, false, false, false},
		{"two at once", q(true, name("wan"), name("lan")), icmp4.CodeMalformedQuery, false, false, false},
		{"no structure", icmp4.ExtendedEchoRequest{ID: 5, Seq: 6, Local: true}, icmp4.CodeMalformedQuery, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, cfg)
			s := w.one(w.receive(0, message(t, hostA, gateway, c.q)))
			h, m := icmp(t, s.octets)
			r, ok := m.(icmp4.ExtendedEchoReply)
			if !ok || r.ID != 5 || r.Seq != 6 || r.Code != c.code || r.Active != c.up || r.IPv4 != c.ip4 || r.IPv6 != c.ip6 || r.State != 0 {
				t.Errorf("answered %v, %+v", m, m)
			}
			if h.Src != gateway || h.Dst != hostA || s.Origin.Rule() != "H-18" {
				t.Errorf("from %v to %v by %s", h.Src, h.Dst, s.Origin.Rule())
			}
		})
	}
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, message(t, hostA, addr("10.0.1.255"), q(true, name("wan"))))); why != mib.ProbeRefused {
		t.Errorf("to all: %v", why)
	}
	_, m := icmpv6(t, w.one(w.receive(0, message6(t, hostA6, gate6, icmp6.ExtendedEchoRequest{ID: 7, Seq: 8, Local: true, Ext: identify(t, name("lan"))}))).octets)
	if r, ok := m.(icmp6.ExtendedEchoReply); !ok || r.ID != 7 || r.Seq != 8 || !r.Active || !r.IPv4 || !r.IPv6 || r.Code != icmp6.CodeNoError {
		t.Errorf("IPv6: %v", m)
	}
	if why := w.none(w.receive(0, message6(t, hostA6, addr("ff02::1"), icmp6.ExtendedEchoRequest{Local: true, Ext: identify(t, name("lan"))}))); why != mib.ProbeRefused {
		t.Errorf("IPv6 to all: %v", why)
	}
	cfg.Probe = false
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, message6(t, hostA6, gate6, icmp6.ExtendedEchoRequest{Local: true, Ext: identify(t, name("lan"))}))); why != mib.ProbeOff {
		t.Errorf("IPv6 off: %v", why)
	}
}
