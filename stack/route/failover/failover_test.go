package failover_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/stack/route/failover"
	"github.com/sonde-net/sonde/wire"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func via(i int, s string) route.Hop { return route.Hop{Iface: i, Via: netip.MustParseAddr(s)} }

var (
	first  = via(1, "10.0.1.2")
	second = via(2, "10.0.2.2")
	third  = via(3, "10.0.3.2")
	far    = prefix("10.9.0.0/16")
	near   = prefix("10.0.1.0/24")
)

// to is a route to a network.
func to(p netip.Prefix, metric int, hops ...route.Hop) failover.Route {
	return failover.Route{Route: route.Route{Prefix: p, Hops: hops}, Metric: metric}
}

// keeper makes one, and its table.
func keeper(t *testing.T, rs ...failover.Route) (*failover.Keeper, *route.Table) {
	t.Helper()
	table := new(route.Table)
	k, err := failover.New(table, rs)
	if err != nil {
		t.Fatal(err)
	}
	return k, table
}

// all is what a table holds, in a line each.
func all(t *route.Table) string {
	var out []string
	for r := range t.All() {
		out = append(out, r.String())
	}
	return strings.Join(out, "; ")
}

// TestMetric: the best route that is left is in the table, whatever the order in
// which they were written and in which hops go down and come up.
func TestMetric(t *testing.T) {
	a, b, c := to(far, 0, first), to(far, 10, second), to(far, 20, third)
	for _, rs := range [][]failover.Route{{a, b, c}, {c, b, a}, {b, c, a}} {
		k, table := keeper(t, rs...)
		if !failover.Contested(rs) || table.Len() != 1 {
			t.Fatalf("%d routes, contested %v", table.Len(), failover.Contested(rs))
		}
		for i, tt := range []struct {
			hop  route.Hop
			up   bool
			now  string // in the table
			move bool
		}{
			{second, true, "10.9.0.0/16 via 10.0.1.2 iface 1", false}, // it was
			{second, false, "10.9.0.0/16 via 10.0.1.2 iface 1", false},
			{first, false, "10.9.0.0/16 via 10.0.3.2 iface 3", true},
			{first, false, "10.9.0.0/16 via 10.0.3.2 iface 3", false}, // it is
			{second, true, "10.9.0.0/16 via 10.0.2.2 iface 2", true},
			{third, false, "10.9.0.0/16 via 10.0.2.2 iface 2", false},
			{second, false, "", true},
			{third, true, "10.9.0.0/16 via 10.0.3.2 iface 3", true},
			{first, true, "10.9.0.0/16 via 10.0.1.2 iface 1", true},
		} {
			got := k.Set(tt.hop, tt.up)
			if all(table) != tt.now || len(got) == 1 != tt.move {
				t.Fatalf("step %d: %q, %v", i, all(table), got)
			}
			if tt.move && (got[0].Prefix != far || len(got[0].Hops) == 0 != (tt.now == "") || tt.now != "" && !strings.Contains(tt.now, got[0].Hops[0].String())) {
				t.Errorf("step %d: %+v", i, got[0])
			}
		}
	}
}

// TestEqual: of those that are alike the first is taken; a route with several
// hops goes on with those that are left.
func TestEqual(t *testing.T) {
	k, table := keeper(t, to(far, 5, first), to(far, 5, second))
	if got := all(table); got != "10.9.0.0/16 via 10.0.1.2 iface 1" {
		t.Error(got)
	}
	if k.Set(first, false); all(table) != "10.9.0.0/16 via 10.0.2.2 iface 2" {
		t.Error(all(table))
	}
	both := to(far, 0, first, second)
	both.Choice = route.PerPacket
	k, table = keeper(t, both, to(far, 1, third))
	for _, tt := range []struct {
		hop  route.Hop
		up   bool
		want string
	}{
		{first, false, "10.9.0.0/16 via 10.0.2.2 iface 2"},
		{second, false, "10.9.0.0/16 via 10.0.3.2 iface 3"},
		{first, true, "10.9.0.0/16 via 10.0.1.2 iface 1"},
		{second, true, "10.9.0.0/16 via 10.0.1.2 iface 1, via 10.0.2.2 iface 2 per packet"},
	} {
		if got := k.Set(tt.hop, tt.up); len(got) != 1 || all(table) != tt.want {
			t.Errorf("%v %v: %q, %v", tt.hop, tt.up, all(table), got)
		}
	}
	if want := []route.Hop{first, second, third}; !slices.Equal(k.Hops(), want) {
		t.Errorf("%v", k.Hops())
	}
}

// TestNetworks: one hop may move several networks; a type of service is a
// network of its own.
func TestNetworks(t *testing.T) {
	link := route.Hop{Iface: 1}
	low := to(far, 0, first)
	low.TOS = 0x10
	k, table := keeper(t, to(near, 1, second), to(near, 0, link), to(far, 0, first), low)
	if want := "10.0.1.0/24 on link iface 1; 10.9.0.0/16 via 10.0.1.2 iface 1; 10.9.0.0/16 tos 0x10 via 10.0.1.2 iface 1"; all(table) != want {
		t.Fatal(all(table))
	}
	if got := k.Set(first, false); len(got) != 2 || got[0].TOS != 0 || got[1].TOS != 0x10 || table.Len() != 1 {
		t.Errorf("%v, %s", got, all(table))
	}
	if got := k.Set(link, false); len(got) != 1 || got[0].Prefix != near || all(table) != "10.0.1.0/24 via 10.0.2.2 iface 2" {
		t.Errorf("%v, %s", got, all(table))
	}
	if failover.Contested([]failover.Route{to(far, 0, first), low, to(near, 0, second)}) {
		t.Error("nothing is contested")
	}
	if got := k.Set(via(9, "10.7.7.7"), false); len(got) != 0 {
		t.Errorf("a hop of nobody moves %v", got)
	}
}

// TestRefused: what no table takes is refused, though another route is better.
func TestRefused(t *testing.T) {
	bad := to(far, 9)
	var f *wire.FieldError
	if _, err := failover.New(new(route.Table), []failover.Route{to(far, 0, first), bad}); !errors.As(err, &f) || f.Field != "Hops" {
		t.Error(err)
	}
}

// TestCopied: what the caller does with its routes later is nothing to the
// keeper.
func TestCopied(t *testing.T) {
	hops := []route.Hop{first, second}
	k, table := keeper(t, to(far, 0, hops...), to(far, 1, third))
	hops[1] = third
	if k.Set(first, false); all(table) != "10.9.0.0/16 via 10.0.2.2 iface 2" {
		t.Error(all(table))
	}
}
