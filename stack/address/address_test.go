package address_test

import (
	"fmt"
	"math/bits"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/address"
)

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func TestBook(t *testing.T) {
	conform.Row(t, "E-02")
	var b address.Book
	for _, a := range []string{"10.0.0.1", "2001:db8::1"} {
		if i, k := b.Lookup(addr(a)); i != 0 || k != address.Foreign {
			t.Errorf("an empty book has %s", a)
		}
	}
	b.AddNetwork(prefix("10.0.1.5/24"), 1)
	b.AddNetwork(prefix("10.0.2.5/30"), 2)
	b.AddNetwork(prefix("10.0.3.4/31"), 3)
	b.AddNetwork(prefix("10.0.4.4/32"), 4)
	b.AddNetwork(prefix("2001:db8::5/64"), 5)
	b.AddNetwork(prefix("10.0.1.0/25"), 6) // an own address that is another network's old broadcast
	b.AddNetwork(prefix("10.0.1.6/24"), 7) // the same network again
	for _, c := range []struct {
		a     string
		iface int
		kind  address.Kind
	}{
		{"10.0.1.5", 1, address.Own},
		{"10.0.1.6", 7, address.Own},
		{"10.0.1.255", 1, address.Broadcast},
		{"10.0.1.0", 6, address.Own},
		{"10.0.1.127", 6, address.Broadcast},
		{"10.0.1.4", 0, address.Foreign},
		{"10.0.2.5", 2, address.Own},
		{"10.0.2.4", 2, address.Broadcast},
		{"10.0.2.7", 2, address.Broadcast},
		{"10.0.2.6", 0, address.Foreign},
		{"10.0.3.4", 3, address.Own},
		{"10.0.3.5", 0, address.Foreign},
		{"10.0.4.4", 4, address.Own},
		{"2001:db8::5", 5, address.Own},
		{"2001:db8::", 0, address.Foreign},
		{"2001:db8::ffff:ffff:ffff:ffff", 0, address.Foreign},
		{"255.255.255.255", 0, address.Foreign},
	} {
		i, k := b.Lookup(addr(c.a))
		if k != c.kind || k != address.Foreign && i != c.iface {
			t.Errorf("%s: kind %d of interface %d, want %d of %d", c.a, k, i, c.kind, c.iface)
		}
		if b.IsOwn(addr(c.a)) != (c.kind == address.Own) {
			t.Errorf("%s: own %v", c.a, b.IsOwn(addr(c.a)))
		}
		if want := c.kind == address.Broadcast || c.a == "255.255.255.255"; b.IsBroadcast(addr(c.a)) != want {
			t.Errorf("%s: broadcast %v", c.a, !want)
		}
	}
	// The first entry for an address counts.
	b.Add(addr("10.0.1.5"), 9, address.Own)
	b.Add(addr("10.0.2.7"), 9, address.Broadcast)
	b.Add(addr("2001:db8::5"), 9, address.Own)
	b.Add(addr("2001:db8::6"), 9, address.Broadcast)
	for a, want := range map[string]int{"10.0.1.5": 1, "10.0.2.7": 2, "2001:db8::5": 5} {
		if i, _ := b.Lookup(addr(a)); i != want {
			t.Errorf("%s is of interface %d, want %d", a, i, want)
		}
	}
	if b.IsOwn(addr("2001:db8::6")) || b.IsBroadcast(addr("2001:db8::6")) {
		t.Error("IPv6 has no broadcast addresses")
	}
	wiretest.NoAllocs(t, "look-up", func() { b.Lookup(addr("10.0.2.6")) })
}

// A book with many addresses finds them all and no others.
func TestBookMany(t *testing.T) {
	var b address.Book
	const n = 5000
	for i := range n {
		b.Add(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), i, address.Own)
	}
	for i := range 2 * n {
		got, k := b.Lookup(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}))
		if (k == address.Own) != (i < n) || i < n && got != i {
			t.Fatalf("address %d: %d, kind %d", i, got, k)
		}
	}
}

// A look-up is short: the table is half full at most, and its entries stand where
// they belong, or near.
func TestSpread(t *testing.T) {
	var b address.Book
	for n := 1; n <= 4096; n++ {
		b.Add(netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), 0, address.Own)
		slots, used, farthest := b.Spread()
		if want := max(16, 1<<bits.Len(uint(2*n-1))); slots != want || used != n || farthest > 3 {
			t.Fatalf("%d addresses: %d slots, %d used, the farthest entry is %d away; want %d slots", n, slots, used, farthest, want)
		}
	}
}

func TestLast4(t *testing.T) {
	for p, want := range map[string]string{
		"10.0.1.5/24": "10.0.1.255", "10.0.1.5/32": "10.0.1.5", "10.0.1.4/31": "10.0.1.5", "10.0.1.5/0": "255.255.255.255", "10.200.1.5/9": "10.255.255.255",
	} {
		if got := address.Last4(prefix(p)); got != addr(want) {
			t.Errorf("%s: %v, want %s", p, got, want)
		}
	}
}

func TestSet(t *testing.T) {
	conform.Row(t, "E-10")
	s := address.NewSet([]netip.Prefix{
		prefix("2001:db8:1::1/64"), prefix("10.0.1.1/24"), prefix("10.0.2.1/24"), prefix("2001:db8:2::1/64"), prefix("10.0.1.9/25"),
	})
	if s.First4 != addr("10.0.1.1") || s.First6 != addr("2001:db8:1::1") || s.Any() != s.First4 {
		t.Errorf("first %v and %v, any %v", s.First4, s.First6, s.Any())
	}
	if six := address.NewSet([]netip.Prefix{prefix("2001:db8:1::1/64")}); six.Any() != addr("2001:db8:1::1") || six.First4.IsValid() {
		t.Errorf("any %v", six.Any())
	}
	for _, c := range []struct{ peer, on, speak string }{
		{"10.0.1.77", "10.0.1.1", "10.0.1.1"},
		{"10.0.2.77", "10.0.2.1", "10.0.2.1"},
		{"10.0.3.77", "", "10.0.1.1"},
		{"2001:db8:2::77", "2001:db8:2::1", "2001:db8:2::1"},
		{"2001:db8:3::77", "", "2001:db8:1::1"},
	} {
		p, ok := s.On(addr(c.peer))
		if ok != (c.on != "") || ok && p.Addr() != addr(c.on) {
			t.Errorf("%s is on the network of %v", c.peer, p)
		}
		if got := s.For(addr(c.peer)); got != addr(c.speak) {
			t.Errorf("to %s from %v, want %s", c.peer, got, c.speak)
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"10.0.1.7", "10.0.1.8", true},
		{"10.0.1.7", "10.0.1.7", true},
		{"10.0.1.7", "10.0.2.8", false},
		{"10.0.2.8", "10.0.1.7", false},
		{"10.0.3.7", "10.0.3.8", false},
		{"10.0.1.7", "2001:db8:1::7", false},
	} {
		if got := s.Neighbours(addr(c.a), addr(c.b)); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
	var none address.Set
	if none.For(addr("10.0.1.7")).IsValid() || none.Any().IsValid() || none.Like(addr("::1")).IsValid() {
		t.Error("an empty set speaks")
	}
}

func Example() {
	var b address.Book
	b.AddNetwork(netip.MustParsePrefix("192.0.2.1/24"), 0)
	for _, a := range []string{"192.0.2.1", "192.0.2.255", "192.0.2.7"} {
		fmt.Println(a, b.IsOwn(netip.MustParseAddr(a)), b.IsBroadcast(netip.MustParseAddr(a)))
	}
	// Output:
	// 192.0.2.1 true false
	// 192.0.2.255 false true
	// 192.0.2.7 false false
}
