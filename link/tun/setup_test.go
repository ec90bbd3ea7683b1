//go:build linux

package tun_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/tun"
)

// TestNameLimits: a name is as long as the kernel lets it be, and not longer.
func TestNameLimits(t *testing.T) {
	testnet.Enter(t)
	for _, name := range []string{"a", "!x~", strings.Repeat("n", tun.MaxName)} {
		d, err := tun.Open(name, tun.Setup{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d.Name() != name {
			t.Errorf("%s is called %s", name, d.Name())
		}
		d.Close()
	}
	for _, name := range []string{strings.Repeat("n", tun.MaxName+1), ".", "..", "a\x7f", "a\tb", " ", "/"} {
		if d, err := tun.Open(name, tun.Setup{}); err == nil {
			d.Close()
			t.Errorf("%q: no error", name)
		} else if !strings.HasPrefix(err.Error(), "tun: name ") {
			t.Errorf("%q: %v", name, err)
		}
	}
	a, err := tun.Open("", tun.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := tun.Open("", tun.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if a.Name() == "" || a.Name() == b.Name() {
		t.Errorf("the kernel chose %q and %q", a.Name(), b.Name())
	}
}

// TestSetupFails: what the kernel refuses is an error that says what it was
// about, and no device stays.
func TestSetupFails(t *testing.T) {
	testnet.Enter(t)
	net := prefix("10.9.0.1/24")
	for _, tt := range []struct {
		setup tun.Setup
		want  string
	}{
		{tun.Setup{MTU: 1}, "tun: sonde0: mtu 1: "},
		{tun.Setup{MTU: 1 << 20}, "tun: sonde0: mtu 1048576: "},
		{tun.Setup{Addrs: []netip.Prefix{net, net}}, "tun: sonde0: address 10.9.0.1/24: "},
		{tun.Setup{Addrs: []netip.Prefix{net}, Routes: []tun.Route{{To: prefix("10.8.0.1/16")}}}, "tun: sonde0: route to 10.8.0.1/16: "},
		{tun.Setup{Addrs: []netip.Prefix{net}, MTU: 68, Routes: []tun.Route{
			{To: prefix("10.8.0.0/16")}, {To: prefix("10.8.0.0/16")},
		}}, "tun: sonde0: route to 10.8.0.0/16: "},
	} {
		d, err := tun.Open("sonde0", tt.setup)
		if err == nil {
			d.Close()
			t.Errorf("%+v: no error", tt.setup)
		} else if !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.setup, err)
		}
		if out, _ := testnet.Run(t, "ip", "-o", "link"); strings.Contains(out, "sonde0") {
			t.Fatalf("%+v: the device stays:\n%s", tt.setup, out)
		}
	}
}

// TestRoutes6: addresses and routes of IPv6, in service at once.
func TestRoutes6(t *testing.T) {
	testnet.Enter(t)
	d, err := tun.Open("sonde0", tun.Setup{
		Addrs:  []netip.Prefix{prefix("fd00:9::1/64")},
		Routes: []tun.Route{{To: prefix("fd00:8::/48"), Via: netip.MustParseAddr("fd00:9::2")}, {To: prefix("fd00:7::/48")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, _ := testnet.Run(t, "ip", "-6", "route")
	for _, want := range []string{"fd00:8::/48 via fd00:9::2 dev sonde0", "fd00:7::/48 dev sonde0", "fd00:9::/64 dev sonde0"} {
		if !strings.Contains(out, want) {
			t.Errorf("routes lack %q:\n%s", want, out)
		}
	}
	// The kernel has a link-local address beside it, which it may still look for.
	if out, _ := testnet.Run(t, "ip", "-6", "-o", "addr", "show", "sonde0", "scope", "global"); !strings.Contains(out, "fd00:9::1/64") || strings.Contains(out, "tentative") {
		t.Errorf("addresses:\n%s", out)
	}
	if out, _ := testnet.Run(t, "ip", "link", "show", "sonde0"); !strings.Contains(out, "mtu 1500") {
		t.Errorf("link:\n%s", out)
	}
}
