package stack_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/route"
)

// TestConfig: what is wrong is named, and what is at the edge of being wrong is
// not.
func TestConfig(t *testing.T) {
	iface := func(edit func(*stack.Interface)) stack.Config {
		i := stack.Interface{Addrs: []netip.Prefix{prefix("10.0.1.1/24")}}
		edit(&i)
		return stack.Config{Interfaces: []stack.Interface{i}}
	}
	six := prefix("2001:db8::1/64")
	for _, c := range []struct {
		name string
		cfg  stack.Config
		want string // of the error; "": none
	}{
		{"nothing", stack.Config{}, "Interfaces: a node needs at least one"},
		{"an interface without an address", stack.Config{Interfaces: []stack.Interface{{}}}, ""},
		{"no prefix", iface(func(i *stack.Interface) { i.Addrs = append(i.Addrs, netip.Prefix{}) }), "Interfaces[0].Addrs[1]"},
		{"a group", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("224.0.0.1/24") }), "Interfaces[0].Addrs[0]"},
		{"no address", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("0.0.0.0/24") }), "Interfaces[0].Addrs[0]"},
		{"all ones", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("255.255.255.255/32") }), "Interfaces[0].Addrs[0]: 255.255.255.255 is no unicast"},
		{"the network's number", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("10.0.1.0/24") }), "Interfaces[0].Addrs[0]: 10.0.1.0 is a broadcast address of 10.0.1.0/24"},
		{"the last of a network", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("10.0.1.3/30") }), "Interfaces[0].Addrs[0]: 10.0.1.3 is a broadcast address of 10.0.1.0/30"},
		{"the last but one", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("10.0.1.2/30") }), ""},
		{"both of 31 bits", iface(func(i *stack.Interface) { i.Addrs = []netip.Prefix{prefix("10.0.1.2/31"), prefix("10.0.1.5/31")} }), ""},
		{"the first of an IPv6 network", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("2001:db8::/64") }), ""},
		{"an IPv4-mapped address", iface(func(i *stack.Interface) { i.Addrs[0] = prefix("::ffff:10.0.0.1/120") }), "Interfaces[0].Addrs[0]"},
		{"an address twice", stack.Config{Interfaces: []stack.Interface{{Addrs: []netip.Prefix{prefix("10.0.1.1/24")}}, {Addrs: []netip.Prefix{prefix("10.0.1.1/16")}}}}, "already that of Interfaces[0]"},
		{"MTU 68", iface(func(i *stack.Interface) { i.MTU = 68 }), ""},
		{"MTU 67", iface(func(i *stack.Interface) { i.MTU = 67 }), "Interfaces[0].MTU: 67"},
		{"MTU 65535", iface(func(i *stack.Interface) { i.MTU = 65535 }), ""},
		{"MTU 65536", iface(func(i *stack.Interface) { i.MTU = 65536 }), "Interfaces[0].MTU: 65536"},
		{"MTU 1280 with IPv6", iface(func(i *stack.Interface) { i.MTU = 1280; i.Addrs = append(i.Addrs, six) }), ""},
		{"MTU 1279 with IPv6", iface(func(i *stack.Interface) { i.MTU = 1279; i.Addrs = append(i.Addrs, six) }), "Interfaces[0].MTU: 1279"},
		{"rate", iface(func(i *stack.Interface) { i.Rate = -1 }), "Interfaces[0].Rate"},
		{"queue", iface(func(i *stack.Interface) { i.Queue = -1 }), "Interfaces[0].Queue"},
		{"quench", iface(func(i *stack.Interface) { i.QuenchAt = -1 }), "Interfaces[0].QuenchAt"},
		{"precedence 7", iface(func(i *stack.Interface) { i.MinPrecedence = 7 }), ""},
		{"precedence 8", iface(func(i *stack.Interface) { i.MinPrecedence = 8 }), "Interfaces[0].MinPrecedence"},
		{"the last label", iface(func(i *stack.Interface) { i.Labels = []stack.Label{{Value: 1<<20 - 1, TC: 7}} }), ""},
		{"a label too large", iface(func(i *stack.Interface) { i.Labels = []stack.Label{{}, {Value: 1 << 20}} }), "Interfaces[0].Labels[1]"},
		{"a traffic class too large", iface(func(i *stack.Interface) { i.Labels = []stack.Label{{TC: 8}} }), "Interfaces[0].Labels[0]"},
		{"advertisements", iface(func(i *stack.Interface) { i.Advertise = discovery.Advertise{On: true, Max: 1} }), "Interfaces[0].Advertise: Max"},
		{"events", stack.Config{Interfaces: []stack.Interface{{}}, Events: -1}, "Events"},
		{"all of a datagram in errors", stack.Config{Interfaces: []stack.Interface{{}}, ErrorLimit: 65535, ErrorQuote: 0}, ""},
		{"more than a datagram in errors", stack.Config{Interfaces: []stack.Interface{{}}, ErrorLimit: 65536}, "ErrorLimit: 65536"},
		{"less than nothing in errors", stack.Config{Interfaces: []stack.Interface{{}}, ErrorLimit: -1}, "ErrorLimit: -1"},
		{"a quote of less than nothing", stack.Config{Interfaces: []stack.Interface{{}}, ErrorQuote: -1}, "ErrorQuote: -1"},
		{"a route by no interface", stack.Config{Interfaces: []stack.Interface{{}}, Routes: []route.Route{{Prefix: prefix("0.0.0.0/0"), Hops: []route.Hop{{Iface: 1}}}}}, "Routes[0]: there is no interface 1"},
		{"a route by less than none", stack.Config{Interfaces: []stack.Interface{{}}, Routes: []route.Route{{Prefix: prefix("0.0.0.0/0"), Hops: []route.Hop{{Iface: -1}}}}}, "Routes[0]: there is no interface -1"},
		{"a route to nowhere", stack.Config{Interfaces: []stack.Interface{{}}, Routes: []route.Route{{Prefix: prefix("0.0.0.0/0")}}}, "Hops"},
		{"limit", stack.Config{Interfaces: []stack.Interface{{}}, Limit: limit.Config{Len4: 33}}, "Len4"},
		{"reassembly", stack.Config{Interfaces: []stack.Interface{{}}, Reassembly: reassembly.Config{Timeout: -1}}, "Timeout"},
		{"path MTU", stack.Config{Interfaces: []stack.Interface{{}}, PMTU: pmtu.Config{Floor: 67}}, "Floor"},
		{"a name that is too long to tell", func() stack.Config {
			c := iface(func(i *stack.Interface) { i.Name = strings.Repeat("x", 64) })
			c.InterfaceInfo = true
			return c
		}(), "Name"},
	} {
		_, err := stack.New(c.cfg)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// A configuration belongs to the caller: what New fills in, it fills in for
// itself.
func TestConfigKept(t *testing.T) {
	c := hostConfig()
	if _, err := stack.New(c); err != nil || c.Interfaces[0].MTU != 0 || c.TTL != 0 {
		t.Errorf("changed to %+v, %v", c, err)
	}
}

// The oldest events go first, and without a place for them there are none.
func TestEvents(t *testing.T) {
	c := hostConfig()
	n, err := stack.New(c)
	if err != nil {
		t.Fatal(err)
	}
	n.Receive(epoch, stack.Datagram{Octets: echo(t, gateway, hostA, 64, 8)})
	if e, ok := n.NextEvent(); ok {
		t.Errorf("%+v", e)
	}
	c.Events = 2
	if n, err = stack.New(c); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		n.Receive(epoch.Add(time.Duration(i)), stack.Datagram{Octets: echo(t, gateway, hostA, 64, 8)})
	}
	for i := 3; i < 5; i++ {
		if e, ok := n.NextEvent(); !ok || !e.Time.Equal(epoch.Add(time.Duration(i))) || e.Src != gateway || e.Len != 36 {
			t.Errorf("%+v, %v", e, ok)
		}
	}
	if e, ok := n.NextEvent(); ok {
		t.Errorf("%+v", e)
	}
}
