package route_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire"
)

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// ways returns n hops on the link, on the interfaces 0 to n-1.
func ways(n int) []route.Hop {
	h := make([]route.Hop, n)
	for i := range h {
		h[i].Iface = i
	}
	return h
}

// installed returns r as a table returns it.
func installed(t testing.TB, r route.Route) *route.Route {
	t.Helper()
	var table route.Table
	if err := table.Add(r); err != nil {
		t.Fatal(err)
	}
	got, ok := table.Lookup(r.Prefix.Addr())
	if !ok {
		t.Fatalf("%v: added and not found", r)
	}
	return got
}

func TestText(t *testing.T) {
	for _, row := range []struct {
		got, want string
	}{
		{route.Hop{Iface: 3}.String(), "on link iface 3"},
		{route.Hop{Iface: 0, Via: addr("2001:db8::1")}.String(), "via 2001:db8::1 iface 0"},
		{route.PerFlow.String(), "per flow"},
		{route.PerPair.String(), "per pair"},
		{route.PerPacket.String(), "per packet"},
		{route.Choice(3).String(), "choice 3"},
		{route.NoRoute.String(), "no route"},
		{route.NoTOS.String(), "no route for the TOS"},
		{route.Found.String(), "found"},
		{route.Outcome(3).String(), "outcome 3"},
		{
			route.Route{Prefix: prefix("192.0.2.0/24"), Hops: ways(1), Choice: route.PerPair}.String(),
			"192.0.2.0/24 on link iface 0",
		},
		{
			route.Route{
				Prefix: prefix("0.0.0.0/0"), TOS: 0x10, Choice: route.PerPacket,
				Hops: []route.Hop{{Iface: 1, Via: addr("10.0.0.1")}, {Iface: 2}},
			}.String(),
			"0.0.0.0/0 tos 0x10 via 10.0.0.1 iface 1, on link iface 2 per packet",
		},
	} {
		if row.got != row.want {
			t.Errorf("text\n got %q\nwant %q", row.got, row.want)
		}
	}
}

func TestOnLink(t *testing.T) {
	via, link := route.Hop{Via: addr("10.0.0.1")}, route.Hop{}
	if via.OnLink() || !link.OnLink() {
		t.Error("a hop is on link when it has no gateway, and only then")
	}
	for _, row := range []struct {
		hops []route.Hop
		want bool
	}{
		{[]route.Hop{via}, false},
		{[]route.Hop{link}, true},
		{[]route.Hop{via, link}, true},
		{[]route.Hop{via, via}, false},
	} {
		if got := (&route.Route{Hops: row.hops}).OnLink(); got != row.want {
			t.Errorf("%v: on link %v", row.hops, got)
		}
	}
}

func TestRefused(t *testing.T) {
	hop := ways(1)
	v4, v6 := prefix("192.0.2.0/24"), prefix("2001:db8::/32")
	via := func(s string) []route.Hop { return []route.Hop{{}, {Via: addr(s)}} }
	for _, row := range []struct {
		name  string
		r     route.Route
		field string // empty: taken
	}{
		{"zero", route.Route{}, "Prefix"},
		{"zero prefix", route.Route{Hops: hop}, "Prefix"},
		{"bits behind the length", route.Route{Prefix: prefix("192.0.2.1/24"), Hops: hop}, "Prefix"},
		{"bits behind the length, IPv6", route.Route{Prefix: prefix("2001:db8::1/127"), Hops: hop}, "Prefix"},
		{"mapped", route.Route{Prefix: netip.PrefixFrom(addr("::ffff:192.0.2.0"), 120), Hops: hop}, "Prefix"},
		{"all mapped", route.Route{Prefix: netip.PrefixFrom(addr("::ffff:0.0.0.0"), 96), Hops: hop}, "Prefix"},
		{"precedence in the TOS", route.Route{Prefix: v4, TOS: 0x30, Hops: hop}, "TOS"},
		{"ECN in the TOS", route.Route{Prefix: v4, TOS: 0x02, Hops: hop}, "TOS"},
		{"TOS for IPv6", route.Route{Prefix: v6, TOS: 0x10, Hops: hop}, "TOS"},
		{"choice", route.Route{Prefix: v4, Choice: 3, Hops: hop}, "Choice"},
		{"no hops", route.Route{Prefix: v4}, "Hops"},
		{"65 hops", route.Route{Prefix: v4, Hops: ways(65)}, "Hops"},
		{"interface", route.Route{Prefix: v4, Hops: []route.Hop{{Iface: -1}}}, "Hops[0].Iface"},
		{"IPv6 gateway for IPv4", route.Route{Prefix: v4, Hops: via("fe80::1")}, "Hops[1].Via"},
		{"IPv4 gateway for IPv6", route.Route{Prefix: v6, Hops: via("10.0.0.1")}, "Hops[1].Via"},
		{"mapped gateway", route.Route{Prefix: v6, Hops: via("::ffff:10.0.0.1")}, "Hops[1].Via"},
		{"multicast gateway", route.Route{Prefix: v4, Hops: via("224.0.0.2")}, "Hops[1].Via"},
		{"unspecified gateway", route.Route{Prefix: v4, Hops: via("0.0.0.0")}, "Hops[1].Via"},
		{"zone", route.Route{Prefix: v6, Hops: via("fe80::1%eth0")}, "Hops[1].Via"},

		{"default", route.Route{Prefix: prefix("0.0.0.0/0"), Hops: hop}, ""},
		{"default, IPv6", route.Route{Prefix: prefix("::/0"), Hops: hop}, ""},
		{"every TOS bit", route.Route{Prefix: v4, TOS: 0x1c, Choice: route.PerPacket, Hops: via("10.0.0.1")}, ""},
		{"link-local gateway", route.Route{Prefix: v6, Hops: via("fe80::1")}, ""},
		{"64 hops", route.Route{Prefix: v4, Hops: ways(64)}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var table route.Table
			err := table.Add(row.r)
			if row.field == "" {
				if err != nil || table.Len() != 1 {
					t.Fatalf("refused: %v, %d routes", err, table.Len())
				}
				return
			}
			var fe *wire.FieldError
			if !errors.As(err, &fe) || fe.Field != row.field || fe.Type != "route.Route" {
				t.Fatalf("error %v, want one about %s", err, row.field)
			}
			if table.Len() != 0 || table.Nodes() != 0 {
				t.Errorf("refused, and the table holds %d routes, %d nodes", table.Len(), table.Nodes())
			}
		})
	}
	for _, row := range []struct {
		r    route.Route
		want string
	}{
		{route.Route{Prefix: v4, Hops: ways(70)}, "route.Route: field Hops: 70 is over the limit of 64"},
		{route.Route{Prefix: v4, Choice: 7, Hops: hop}, "route.Route: field Choice: 7 is over the limit of 2"},
		{route.Route{Prefix: v4}, "route.Route: field Hops: want at least one hop"},
	} {
		if err := new(route.Table).Add(row.r); err == nil || err.Error() != row.want {
			t.Errorf("error %q, want %q", err, row.want)
		}
	}
}

func TestPickSingle(t *testing.T) {
	for _, c := range []route.Choice{route.PerFlow, route.PerPair, route.PerPacket} {
		hop := route.Hop{Iface: 7, Via: addr("10.0.0.1")}
		r := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Choice: c, Hops: []route.Hop{hop}})
		for i := range 3 {
			if got := r.Pick(&route.Flow{Seed: uint64(i)}); got != hop {
				t.Errorf("%v: picked %v", c, got)
			}
		}
	}
}

func TestPickPerPacket(t *testing.T) {
	conform.Row(t, "G-11")
	in := route.Route{Prefix: prefix("0.0.0.0/0"), Choice: route.PerPacket, Hops: ways(3)}
	r := installed(t, in)
	f := udp(1, 1000, 2000)
	for i, want := range []int{0, 1, 2, 0, 1, 2, 0} {
		if got := r.Pick(&f).Iface; got != want {
			t.Errorf("datagram %d: hop %d, want %d", i, got, want)
		}
	}
	// The turn belongs to the route in the table: it is not copied with it.
	if got := installed(t, *r).Pick(&f).Iface; got != 0 {
		t.Errorf("a route that was added anew begins at hop %d", got)
	}
}

// region is the oracle of Pick: the hop in whose part of the hash space h lies,
// by comparison with each boundary as RFC 2992 has it.
func region(h uint64, n int) int {
	for i := range n - 1 {
		// The least hash of region i+1 is the ceiling of (i+1)·2⁶⁴/n.
		q := ^uint64(0) / uint64(n) * uint64(i+1)
		rest := (^uint64(0)%uint64(n) + 1) * uint64(i+1)
		if end := q + (rest+uint64(n)-1)/uint64(n); h < end {
			return i
		}
	}
	return n - 1
}

func TestPickPerFlow(t *testing.T) {
	conform.Row(t, "G-11")
	for _, n := range []int{2, 3, 5, 16, 64} {
		flow := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Hops: ways(n)})
		pair := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Hops: ways(n), Choice: route.PerPair})
		var seen [64]bool
		for port := range 2000 {
			f := udp(9, uint16(port), 33434)
			got := flow.Pick(&f).Iface
			seen[got] = true
			if want := region(f.Hash(), n); got != want {
				t.Fatalf("%d hops, hash %x: hop %d, want %d", n, f.Hash(), got, want)
			}
			if again := flow.Pick(&f).Iface; again != got {
				t.Fatalf("%d hops: the flow went from hop %d to %d", n, got, again)
			}
			if got, want := pair.Pick(&f).Iface, region(f.PairHash(), n); got != want {
				t.Fatalf("%d hops, pair: hop %d, want %d", n, got, want)
			}
		}
		for i := range n {
			if !seen[i] {
				t.Errorf("%d hops: 2000 flows and none on hop %d", n, i)
			}
		}
	}
}

// A hop that leaves takes at most half of the flows to another hop (RFC 2992);
// under a modulus it would be all but one in N.
func TestPickDisruption(t *testing.T) {
	conform.Row(t, "G-11")
	const n, flows = 8, 20000
	for gone, want := range map[int]float64{0: 0.5, 3: 0.28, 7: 0.5} {
		before := ways(n)
		after := append(append([]route.Hop{}, before[:gone]...), before[gone+1:]...)
		a := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Hops: before})
		b := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Hops: after})
		moved := 0
		for i := range flows {
			f := udp(1, uint16(i), 53)
			if a.Pick(&f) != b.Pick(&f) {
				moved++
			}
		}
		if got := float64(moved) / flows; got < want-0.05 || got > want+0.05 {
			t.Errorf("hop %d gone: %.2f of the flows moved, want about %.2f", gone, got, want)
		}
	}
}

func TestPickNoAllocs(t *testing.T) {
	for _, c := range []route.Choice{route.PerFlow, route.PerPair, route.PerPacket} {
		r := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Choice: c, Hops: ways(5)})
		f := udp(1, 2, 3)
		wiretest.NoAllocs(t, "pick "+c.String(), func() { r.Pick(&f) })
	}
}

func BenchmarkPick(b *testing.B) {
	for _, n := range []int{1, 8} {
		for _, c := range []route.Choice{route.PerFlow, route.PerPair, route.PerPacket} {
			b.Run(fmt.Sprintf("hops=%d/choice=%v", n, c), func(b *testing.B) {
				r := installed(b, route.Route{Prefix: prefix("0.0.0.0/0"), Choice: c, Hops: ways(n)})
				f := udp(1, 2, 3)
				b.ReportAllocs()
				for b.Loop() {
					r.Pick(&f)
				}
			})
		}
	}
}
