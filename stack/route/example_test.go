package route_test

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/stack/route"
)

// The longest prefix wins.
func ExampleTable() {
	var t route.Table
	gateway := netip.MustParseAddr("192.0.2.254")
	for prefix, hop := range map[string]route.Hop{
		"0.0.0.0/0":    {Iface: 1, Via: gateway},
		"192.0.2.0/24": {Iface: 1},
		"10.0.0.0/8":   {Iface: 2, Via: netip.MustParseAddr("198.51.100.1")},
	} {
		if err := t.Add(route.Route{Prefix: netip.MustParsePrefix(prefix), Hops: []route.Hop{hop}}); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, dst := range []string{"192.0.2.7", "10.1.2.3", "203.0.113.1"} {
		r, ok := t.Lookup(netip.MustParseAddr(dst))
		fmt.Println(dst, ok, r.Prefix, "interface", r.Hops[0].Iface, "on link:", r.Hops[0].OnLink())
	}
	// Output:
	// 192.0.2.7 true 192.0.2.0/24 interface 1 on link: true
	// 10.1.2.3 true 10.0.0.0/8 interface 2 on link: false
	// 203.0.113.1 true 0.0.0.0/0 interface 1 on link: false
}
