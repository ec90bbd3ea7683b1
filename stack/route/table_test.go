package route_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/route"
)

// linear is the oracle: a list, searched from end to end.
type linear []route.Route

func (l *linear) add(r route.Route) {
	l.remove(r.Prefix, r.TOS)
	*l = append(*l, r)
}

func (l *linear) remove(p netip.Prefix, tos uint8) bool {
	n := len(*l)
	*l = slices.DeleteFunc(*l, func(r route.Route) bool { return r.Prefix == p && r.TOS == tos })
	return len(*l) < n
}

// lookup prunes by the rules of RFC 1812 §5.2.4.3, one after the other.
func (l linear) lookup(dst netip.Addr, tos uint8) (found *route.Route, o route.Outcome) {
	longest := -1
	for _, r := range l {
		if r.Prefix.Contains(dst) {
			longest = max(longest, r.Prefix.Bits())
		}
	}
	var set []route.Route
	for _, r := range l {
		if r.Prefix.Contains(dst) && r.Prefix.Bits() == longest {
			set = append(set, r)
		}
	}
	if len(set) == 0 {
		return nil, route.NoRoute
	}
	for _, want := range []uint8{tos & 0x1c, 0} {
		for _, r := range set {
			if r.TOS == want {
				return &r, route.Found
			}
		}
	}
	return &set[0], route.NoTOS
}

func (l linear) sorted() []route.Route {
	s := slices.Clone(l)
	slices.SortFunc(s, func(a, b route.Route) int {
		return cmp.Or(
			a.Prefix.Addr().Compare(b.Prefix.Addr()), // IPv4 before IPv6
			cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()),
			cmp.Compare(a.TOS, b.TOS),
		)
	})
	return s
}

// agree checks one look-up in the table against the oracle.
func agree(t *testing.T, table *route.Table, l linear, dst netip.Addr, tos uint8) {
	t.Helper()
	want, o := l.lookup(dst, tos)
	got, p := table.LookupTOS(dst, tos)
	switch {
	case o != p:
		t.Fatalf("%v tos %#x: %v, want %v", dst, tos, p, o)
	case o == route.NoRoute:
		if got != nil {
			t.Fatalf("%v: no route, and %v", dst, got)
		}
		return
	case got.Prefix != want.Prefix, o == route.Found && (got.TOS != want.TOS || !slices.Equal(got.Hops, want.Hops)):
		t.Fatalf("%v tos %#x:\n got %v\nwant %v", dst, tos, got, want)
	}
	if r, ok := table.Lookup(dst); tos == 0 && (ok != (o == route.Found) || ok && r != got || !ok && r != nil) {
		t.Fatalf("%v: Lookup says %v, %v; LookupTOS %v, %v", dst, r, ok, got, o)
	}
}

// same checks All and Len against the oracle.
func same(t *testing.T, table *route.Table, l linear) {
	t.Helper()
	if table.Len() != len(l) {
		t.Fatalf("%d routes, want %d", table.Len(), len(l))
	}
	want := l.sorted()
	i := 0
	for r := range table.All() {
		if i == len(want) {
			t.Fatalf("more than %d routes", i)
		}
		if w := want[i]; r.Prefix != w.Prefix || r.TOS != w.TOS || r.Choice != w.Choice || !reflect.DeepEqual(r.Hops, w.Hops) {
			t.Fatalf("route %d:\n got %v\nwant %v", i, r, w)
		}
		i++
	}
	if i != len(want) {
		t.Fatalf("%d routes, want %d", i, len(want))
	}
}

// last returns the last address of p.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// edges returns the addresses at which an error by one would show.
func edges(p netip.Prefix) []netip.Addr {
	first, last := p.Addr(), last(p)
	return []netip.Addr{first, last, first.Prev(), last.Next()}
}

func TestLookup(t *testing.T) {
	conform.Row(t, "G-11")
	var table route.Table
	var l linear
	for i, s := range []string{
		"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "10.1.2.2/31", "128.0.0.0/1",
		"192.0.2.0/24", "192.0.2.64/26", "192.0.2.128/25", "255.255.255.255/32", "0.0.0.0/32",
		"::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::1/128", "2001:db8:1:2::/127",
		"2001:db8:1:2:8000::/65", "2001:db8:1:2::/66", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "fe80::/10",
	} {
		r := route.Route{Prefix: prefix(s), Hops: []route.Hop{{Iface: i}}}
		if err := table.Add(r); err != nil {
			t.Fatal(err)
		}
		l.add(r)
	}
	same(t, &table, l)
	for _, row := range []struct {
		dst, want string
	}{
		{"10.1.2.3", "10.1.2.3/32"},
		{"10.1.2.2", "10.1.2.2/31"},
		{"10.1.2.4", "10.1.2.0/24"},
		{"10.1.3.1", "10.1.0.0/16"},
		{"10.2.0.0", "10.0.0.0/8"},
		{"11.0.0.0", "0.0.0.0/0"},
		{"192.0.2.127", "192.0.2.64/26"},
		{"192.0.2.128", "192.0.2.128/25"},
		{"192.0.3.0", "128.0.0.0/1"},
		{"2001:db8:1:2::", "2001:db8:1:2::/127"},
		{"2001:db8:1:2::1", "2001:db8:1:2::1/128"},
		{"2001:db8:1:2::2", "2001:db8:1:2::/66"},
		{"2001:db8:1:2:4000::", "2001:db8:1:2::/64"},
		{"2001:db8:1:2:ffff::", "2001:db8:1:2:8000::/65"},
		{"2001:db8:2::", "2001:db8::/32"},
		{"fe80::1%eth0", "fe80::/10"},
		{"::ffff:10.1.2.3", "::/0"},
	} {
		r, ok := table.Lookup(addr(row.dst))
		if !ok || r.Prefix != prefix(row.want) {
			t.Errorf("%s: %v, want %s", row.dst, r, row.want)
		}
	}
	for _, r := range l {
		for _, a := range edges(r.Prefix) {
			agree(t, &table, l, a, 0)
		}
	}
}

func TestLookupNothing(t *testing.T) {
	var table route.Table
	check := func(what string) {
		t.Helper()
		for _, a := range []netip.Addr{{}, addr("192.0.2.1"), addr("2001:db8::1"), addr("::")} {
			if r, o := table.LookupTOS(a, 0); r != nil || o != route.NoRoute {
				t.Errorf("%s: %v: %v, %v", what, a, r, o)
			}
			if r, ok := table.Lookup(a); r != nil || ok {
				t.Errorf("%s: %v: %v, %v", what, a, r, ok)
			}
		}
		if table.Remove(prefix("192.0.2.0/24"), 0) || table.Remove(netip.Prefix{}, 0) {
			t.Errorf("%s: removed what was not there", what)
		}
	}
	check("empty")
	// One family does not answer for the other, nor for the zero Addr.
	if err := table.Add(route.Route{Prefix: prefix("::/0"), Hops: ways(1)}); err != nil {
		t.Fatal(err)
	}
	if _, ok := table.Lookup(netip.Addr{}); ok {
		t.Error("the zero Addr has a route")
	}
	if _, ok := table.Lookup(addr("0.0.0.1")); ok {
		t.Error("an IPv6 default route for an IPv4 destination")
	}
	if table.Remove(prefix("0.0.0.0/0"), 0) || !table.Remove(prefix("::/0"), 0) {
		t.Error("the families share a default route")
	}
	check("emptied")
}

func TestLookupTOS(t *testing.T) {
	conform.Row(t, "G-11")
	var table route.Table
	for _, r := range []route.Route{
		{Prefix: prefix("0.0.0.0/0"), Hops: ways(1)},
		{Prefix: prefix("10.0.0.0/8"), TOS: 0x10, Hops: ways(2)},
		{Prefix: prefix("10.0.0.0/8"), TOS: 0x08, Hops: ways(3)},
		{Prefix: prefix("10.1.0.0/16"), Hops: ways(4)},
		{Prefix: prefix("10.1.0.0/16"), TOS: 0x04, Hops: ways(5)},
	} {
		if err := table.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		dst  string
		tos  uint8
		want route.Outcome
		hops int
	}{
		{"192.0.2.1", 0x10, route.Found, 1}, // the default TOS serves
		{"10.2.0.1", 0x10, route.Found, 2},
		{"10.2.0.1", 0x08, route.Found, 3},
		{"10.2.0.1", 0xe3 | 0x08, route.Found, 3}, // precedence and ECN do not count
		{"10.2.0.1", 0x0a, route.Found, 3},
		{"10.2.0.1", 0x00, route.NoTOS, 3}, // and the default route does not save it
		{"10.2.0.1", 0x04, route.NoTOS, 3},
		{"10.2.0.1", 0x18, route.NoTOS, 3},
		{"10.1.0.1", 0x04, route.Found, 5},
		{"10.1.0.1", 0x10, route.Found, 4},
		{"10.1.0.1", 0x00, route.Found, 4},
	} {
		r, o := table.LookupTOS(addr(row.dst), row.tos)
		if o != row.want || len(r.Hops) != row.hops {
			t.Errorf("%s tos %#x: %v, %v; want %v with %d hops", row.dst, row.tos, o, r, row.want, row.hops)
		}
	}
	if r, ok := table.Lookup(addr("10.2.0.1")); ok || r != nil {
		t.Errorf("default TOS: %v", r)
	}
}

func TestAddReplaces(t *testing.T) {
	var table route.Table
	hops := ways(2)
	r := route.Route{Prefix: prefix("10.0.0.0/8"), Choice: route.PerPacket, Hops: hops}
	if err := table.Add(r); err != nil {
		t.Fatal(err)
	}
	// The table has a copy of the hops.
	hops[0].Iface = 99
	old, _ := table.Lookup(addr("10.0.0.1"))
	f := udp(1, 1, 1)
	if got := old.Pick(&f).Iface; got != 0 {
		t.Errorf("the caller's slice is the table's: hop %d", got)
	}
	for _, tos := range []uint8{0x1c, 0x04, 0} {
		r := route.Route{Prefix: prefix("10.0.0.0/8"), TOS: tos, Hops: ways(1 + int(tos))}
		if err := table.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if table.Len() != 3 {
		t.Errorf("%d routes, want 3", table.Len())
	}
	if got, _ := table.Lookup(addr("10.0.0.1")); len(got.Hops) != 1 || got.Choice != route.PerFlow {
		t.Errorf("not replaced: %v", got)
	}
	if err := table.Add(route.Route{Prefix: prefix("10.0.0.0/8"), TOS: 0x04, Hops: ways(9)}); err != nil {
		t.Fatal(err)
	}
	var text []string
	for r := range table.All() {
		text = append(text, fmt.Sprintf("%#x %d", r.TOS, len(r.Hops)))
	}
	if want := []string{"0x0 1", "0x4 9", "0x1c 29"}; !slices.Equal(text, want) {
		t.Errorf("routes %q, want %q", text, want)
	}
	// What was looked up before stays readable.
	if old.Pick(&f).Iface != 1 {
		t.Error("the old route has changed")
	}
}

func TestRemove(t *testing.T) {
	var table route.Table
	for _, s := range []string{"10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32", "2001:db8::1/128"} {
		for _, tos := range []uint8{0, 0x10} {
			if err := table.Add(route.Route{Prefix: prefix(s), TOS: tos, Hops: ways(1)}); err != nil && tos == 0 {
				t.Fatal(err)
			}
		}
	}
	nodes := table.Nodes()
	for _, row := range []struct {
		p   string
		tos uint8
	}{
		{"10.0.0.0/9", 0},
		{"10.0.0.0/7", 0},
		{"10.1.2.0/25", 0},
		{"10.1.2.0/23", 0},
		{"10.1.2.3/31", 0},
		{"10.1.2.2/32", 0},
		{"10.0.0.1/8", 0},
		{"10.0.0.0/8", 0x08},
		{"2001:db8::1/127", 0},
		{"2001:db8::/128", 0},
		{"2001:db8::/32", 0},
		{"2001:db8::1/128", 0x10},
	} {
		if p, err := netip.ParsePrefix(row.p); err != nil || table.Remove(p, row.tos) {
			t.Errorf("%s tos %#x: removed", row.p, row.tos)
		}
	}
	if table.Len() != 7 || table.Nodes() != nodes {
		t.Fatalf("%d routes in %d nodes, want 7 in %d", table.Len(), table.Nodes(), nodes)
	}
	if !table.Remove(prefix("10.1.2.3/32"), 0) || table.Remove(prefix("10.1.2.3/32"), 0) {
		t.Error("10.1.2.3/32 is to be removed once")
	}
	if r, o := table.LookupTOS(addr("10.1.2.3"), 0); o != route.NoTOS || r.TOS != 0x10 {
		t.Errorf("the other TOS is gone too: %v %v", r, o)
	}
	if !table.Remove(prefix("10.1.2.3/32"), 0x10) {
		t.Error("10.1.2.3/32 tos 0x10 is to be removed")
	}
	if r, ok := table.Lookup(addr("10.1.2.3")); !ok || r.Prefix != prefix("10.1.2.0/24") {
		t.Errorf("10.1.2.3: %v", r)
	}
	if table.Len() != 5 {
		t.Errorf("%d routes, want 5", table.Len())
	}
}

// A prefix that is alone needs no node, two that part late need one for each
// six bits that they share, and never more.
func TestNodes(t *testing.T) {
	for _, row := range []struct {
		prefixes []string
		want     int
	}{
		{[]string{"2001:db8::1/128"}, 0},
		{[]string{"0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32"}, 0},
		{[]string{"10.0.0.0/8", "8.0.0.0/8"}, 1},  // 000010 10, 000010 00
		{[]string{"10.0.0.0/8", "16.0.0.0/8"}, 0}, // 000010 10, 000100 00
		{[]string{"10.0.0.0/32", "10.0.0.1/32"}, 5},
		{[]string{"::/128", "::1/128"}, 21},
		{[]string{"::/128", "::/127"}, 21},
		{[]string{"::/128", "::/125"}, 20},
		{[]string{"10.0.0.0/32", "10.0.0.1/32", "::/128", "::1/128"}, 26},
	} {
		var table route.Table
		for _, s := range row.prefixes {
			if err := table.Add(route.Route{Prefix: prefix(s), Hops: ways(1)}); err != nil {
				t.Fatal(err)
			}
		}
		if got := table.Nodes(); got != row.want {
			t.Errorf("%v: %d nodes, want %d", row.prefixes, got, row.want)
		}
	}
}

// Two tables that were given the same answer the same, turns included.
func TestSameInputSameOutput(t *testing.T) {
	conform.Row(t, "E-17")
	var runs [2][]route.Hop
	for i := range runs {
		r := rand.New(rand.NewPCG(7, 7))
		var table route.Table
		for j := range 300 {
			in := route.Route{Prefix: random(r), Choice: route.Choice(j % 3), Hops: ways(1 + j%5)}
			if err := table.Add(in); err != nil && !in.Prefix.Addr().Is4In6() {
				t.Fatal(err)
			}
			f := udp(3, uint16(j), 53)
			if got, ok := table.Lookup(random(r).Addr()); ok {
				runs[i] = append(runs[i], got.Pick(&f))
			}
		}
	}
	if len(runs[0]) == 0 || !slices.Equal(runs[0], runs[1]) {
		t.Error("the same routes and datagrams, and other hops")
	}
}

func TestAllStops(t *testing.T) {
	var table route.Table
	for i, s := range []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "::/0", "2001:db8::/32"} {
		if err := table.Add(route.Route{Prefix: prefix(s), Hops: ways(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	for stop := range 6 {
		n := 0
		for range table.All() {
			if n++; n == stop {
				break
			}
		}
		if want := min(max(stop, 1), 5); stop > 0 && n != want {
			t.Errorf("stopped at %d, yielded %d", stop, n)
		}
	}
}

// random returns a prefix near others: few distinct octets, any length.
func random(r *rand.Rand) netip.Prefix {
	var b [16]byte
	for i := range b {
		b[i] = [...]byte{0, 0xff, 0x80, 0x0a, 0x2b}[r.IntN(5)]
	}
	a := netip.AddrFrom16(b)
	if r.IntN(2) == 0 {
		a = netip.AddrFrom4([4]byte(b[:4]))
	}
	n := r.IntN(a.BitLen() + 1)
	if r.IntN(3) > 0 { // short prefixes and whole addresses meet more often
		n = []int{0, 1, 5, 6, 7, 12, 18, 24, 30, 31, 32, a.BitLen()}[r.IntN(12)]
	}
	return netip.PrefixFrom(a, n).Masked()
}

func TestDifferential(t *testing.T) {
	conform.Row(t, "G-11")
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 1))
		var table route.Table
		var l linear
		for i := range 400 {
			p, tos := random(r), uint8(0)
			if p.Addr().Is4() && r.IntN(3) == 0 {
				tos = uint8(r.IntN(8)) << 2
			}
			if r.IntN(4) == 0 {
				if got, want := table.Remove(p, tos), l.remove(p, tos); got != want {
					t.Fatalf("remove %v: %v, want %v", p, got, want)
				}
			} else {
				in := route.Route{Prefix: p, TOS: tos, Hops: []route.Hop{{Iface: i}}}
				if err := table.Add(in); err == nil {
					l.add(in)
				} else if !p.Addr().Is4In6() {
					t.Fatal(err)
				}
			}
			for _, a := range append(edges(random(r)), edges(p)...) {
				agree(t, &table, l, a, uint8(r.Uint32()))
				agree(t, &table, l, a, 0)
			}
		}
		same(t, &table, l)
		// The shape tells nothing of what has come and gone.
		var fresh route.Table
		for _, in := range l {
			if err := fresh.Add(in); err != nil {
				t.Fatal(err)
			}
		}
		if table.Nodes() != fresh.Nodes() {
			t.Fatalf("%d nodes, and %d in a table that never held more", table.Nodes(), fresh.Nodes())
		}
		// Whatever was added can be taken out, and nothing is left behind.
		r.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
		for _, in := range slices.Clone(l) {
			if !table.Remove(in.Prefix, in.TOS) {
				t.Fatalf("%v is not there", in)
			}
			l.remove(in.Prefix, in.TOS)
			for _, a := range edges(in.Prefix) {
				agree(t, &table, l, a, in.TOS)
			}
		}
		if table.Len() != 0 || table.Nodes() != 0 {
			t.Fatalf("emptied, and there are %d routes, %d nodes", table.Len(), table.Nodes())
		}
	}
}

// FuzzTable reads operations from the input: add, remove, look up.
func FuzzTable(f *testing.F) {
	f.Add([]byte{0, 10, 0, 0, 0, 8, 0, 2, 10, 1, 2, 3, 32, 0})
	f.Add([]byte{4, 0x20, 1, 0xd, 0xb8, 64, 0, 6, 0x20, 1, 0xd, 0xb8, 128, 0, 5, 0x20, 1, 0xd, 0xb8, 64, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var table route.Table
		var l linear
		for i := 0; len(b) >= 7 && i < 200; i, b = i+1, b[7:] {
			a := netip.AddrFrom4([4]byte(b[1:5]))
			if b[0]&4 != 0 {
				a = netip.AddrFrom16([16]byte{b[1], b[2], 6: b[3], 7: b[3], 8: b[4], 15: b[4]})
			}
			p, err := a.Prefix(int(b[5]) % (a.BitLen() + 1))
			if err != nil {
				t.Fatal(err)
			}
			switch b[0] & 3 {
			case 0, 3:
				in := route.Route{Prefix: p, TOS: b[6], Hops: []route.Hop{{Iface: i}}}
				if table.Add(in) == nil {
					l.add(in)
				} else if b[6] == 0 {
					t.Fatalf("%v refused", in)
				}
			case 1:
				if got, want := table.Remove(p, b[6]), l.remove(p, b[6]); got != want {
					t.Fatalf("remove %v: %v, want %v", p, got, want)
				}
			}
			for _, a := range append(edges(p), a) {
				agree(t, &table, l, a, b[6])
			}
		}
		same(t, &table, l)
	})
}

func TestLookupNoAllocs(t *testing.T) {
	table, dst := filled(t, 1000, false)
	i := 0
	wiretest.NoAllocs(t, "look-up", func() {
		table.LookupTOS(dst[i%len(dst)], 0x10)
		i++
	})
	table, dst = filled(t, 1000, true)
	wiretest.NoAllocs(t, "look-up of IPv6", func() {
		table.Lookup(dst[i%len(dst)])
		i++
	})
	wiretest.NoAllocs(t, "look-up of nothing", func() { table.Lookup(netip.Addr{}) })
}

// filled returns a table of n routes, lengths as in the Internet's table (most
// of 24 bits, or 48 of IPv6) and a default route, and addresses under them.
func filled(tb testing.TB, n int, v6 bool) (*route.Table, []netip.Addr) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	table := new(route.Table)
	var dst []netip.Addr
	lengths := []int{24, 24, 24, 24, 24, 24, 22, 22, 20, 16}
	if v6 {
		lengths = []int{48, 48, 48, 48, 48, 44, 40, 36, 32, 29}
	}
	for table.Len() < n {
		var b [16]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		a := netip.AddrFrom4([4]byte{1 + b[0]%223, b[1], b[2], b[3]})
		if v6 {
			b[0] = 0x20 | b[0]&0x0f
			a = netip.AddrFrom16(b)
		}
		p, err := a.Prefix(lengths[r.IntN(len(lengths))])
		if table.Len() == 0 {
			p, err = a.Prefix(0)
		}
		if err != nil {
			tb.Fatal(err)
		}
		if err := table.Add(route.Route{Prefix: p, Hops: ways(1)}); err != nil {
			tb.Fatal(err)
		}
		dst = append(dst, a)
	}
	r.Shuffle(len(dst), func(i, j int) { dst[i], dst[j] = dst[j], dst[i] })
	return table, dst
}

func BenchmarkLookup(b *testing.B) {
	for _, v6 := range []bool{false, true} {
		for _, n := range []int{1, 10, 100, 1000, 10_000, 100_000} {
			ip := 4
			if v6 {
				ip = 6
			}
			b.Run(fmt.Sprintf("ip=%d/routes=%d", ip, n), func(b *testing.B) {
				table, dst := filled(b, n, v6)
				b.ReportAllocs()
				i, hops := 0, 0
				for b.Loop() {
					r, _ := table.Lookup(dst[i])
					hops += len(r.Hops)
					if i++; i == len(dst) {
						i = 0
					}
				}
				if hops == 0 {
					b.Error("no hops")
				}
			})
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("routes=%d", n), func(b *testing.B) {
			table, _ := filled(b, n, false)
			r := route.Route{Prefix: prefix("203.0.113.7/32"), Hops: ways(1)}
			b.ReportAllocs()
			for b.Loop() {
				if table.Add(r) != nil || !table.Remove(r.Prefix, 0) {
					b.Fatal("not added")
				}
			}
		})
	}
}
