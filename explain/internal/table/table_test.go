package table_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/internal/wiretest"
)

func key(n uint64) *table.Key { return &table.Key{n, n * 3, 0, 0, n << 7} }

func TestTheOldestMakesRoom(t *testing.T) {
	tab := table.New[int](3, 1)
	var gone []int
	tab.Evict = func(_ *table.Key, v *int) { gone = append(gone, *v) }
	for n := range uint64(3) {
		v, fresh := tab.Put(key(n))
		if !fresh || *v != 0 {
			t.Fatalf("Put(%d) = %d, %v", n, *v, fresh)
		}
		*v = int(n) + 10
	}
	if v, fresh := tab.Put(key(0)); fresh || *v != 10 {
		t.Fatalf("Put(0) again = %d, %v", *v, fresh)
	}
	if v := tab.Get(key(1)); v == nil || *v != 11 {
		t.Fatal("Get(1)")
	}
	tab.Put(key(7)) // 1 goes: Get is no use
	tab.Put(key(8))
	if !slices.Equal(gone, []int{11, 12}) || tab.Evicted() != 2 || tab.Len() != 3 {
		t.Errorf("gone %v, evicted %d, left %d", gone, tab.Evicted(), tab.Len())
	}
	if tab.Get(key(1)) != nil || tab.Get(key(2)) != nil || tab.Get(key(0)) == nil {
		t.Error("the wrong ones went")
	}
	if k, v := tab.Oldest(); *k != *key(0) || *v != 10 {
		t.Errorf("oldest %v %d", *k, *v)
	}
	var order []table.Key
	tab.All(func(k *table.Key, _ *int) bool { order = append(order, *k); return len(order) < 2 })
	if !slices.Equal(order, []table.Key{*key(8), *key(7)}) {
		t.Errorf("order %v", order)
	}
}

// TestAgainstMap does at random what a map and a list of uses do.
func TestAgainstMap(t *testing.T) {
	for _, limit := range []int{0, 1, 2, 5, 64} {
		tab := table.New[uint64](limit, 7)
		limit = max(limit, 1)
		r := rand.New(rand.NewPCG(1, uint64(limit)))
		var uses []uint64 // the newest last
		values := map[uint64]uint64{}
		for i := range uint64(5000) {
			n := r.Uint64N(uint64(limit) * 3)
			at := slices.Index(uses, n)
			switch r.IntN(4) {
			case 0:
				v := tab.Get(key(n))
				if (v != nil) != (at >= 0) || v != nil && *v != values[n] {
					t.Fatalf("limit %d, step %d: Get(%d)", limit, i, n)
				}
			case 1:
				tab.Remove(key(n))
				if at >= 0 {
					uses = slices.Delete(uses, at, at+1)
				}
			default:
				v, fresh := tab.Put(key(n))
				if fresh != (at < 0) || !fresh && *v != values[n] || fresh && *v != 0 {
					t.Fatalf("limit %d, step %d: Put(%d)", limit, i, n)
				}
				*v, values[n] = i, i
				if at >= 0 {
					uses = slices.Delete(uses, at, at+1)
				}
				if uses = append(uses, n); len(uses) > limit {
					uses = uses[1:]
				}
			}
			if tab.Len() != len(uses) {
				t.Fatalf("limit %d, step %d: %d entries, want %d", limit, i, tab.Len(), len(uses))
			}
			if k, _ := tab.Oldest(); (k == nil) != (len(uses) == 0) || k != nil && *k != *key(uses[0]) {
				t.Fatalf("limit %d, step %d: oldest", limit, i)
			}
		}
	}
}

func TestAddr(t *testing.T) {
	for _, s := range []string{"192.0.2.1", "2001:db8::1", "::1", "0.0.0.0"} {
		a := netip.MustParseAddr(s)
		if got := table.AddrOf(a).Netip(); got != a {
			t.Errorf("%s came back as %s", s, got)
		}
	}
	if table.AddrOf(netip.Addr{}) != (table.Addr{}) || (table.Addr{}).Netip().IsValid() {
		t.Error("the zero Addr")
	}
	a, b := table.Addr{1, 5}, table.Addr{1, 6}
	if !a.Less(b) || b.Less(a) || a.Less(a) || !a.Less(table.Addr{2, 0}) || (table.Addr{2, 0}).Less(a) {
		t.Error("Less")
	}
	if table.Pair(a, b, 9) != (table.Key{1, 5, 1, 6, 9}) || table.One(a, 9) != (table.Key{1, 5, 0, 0, 9}) {
		t.Error("keys")
	}
}

func TestNoAllocs(t *testing.T) {
	tab := table.New[[4]uint64](100, 3)
	for n := range uint64(200) {
		tab.Put(key(n))
	}
	n := uint64(0)
	wiretest.NoAllocs(t, "Put", func() { n++; tab.Put(key(n)); tab.Get(key(n - 50)); tab.Remove(key(n - 20)) })
}

func BenchmarkPut(b *testing.B) {
	tab := table.New[[4]uint64](1<<15, 3)
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		n++
		tab.Put(key(n & 0xfff))
	}
}
