package redirect_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/redirect"
	"github.com/sonde-net/sonde/stack/route"
)

func dst(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) }

func hop(i int) route.Hop { return route.Hop{Iface: i, Via: netip.MustParseAddr("192.0.2.1")} }

func TestTable(t *testing.T) {
	conform.Row(t, "H-07")
	var r redirect.Table
	if _, ok := r.Hop(dst(1)); ok || r.Size() != 0 {
		t.Error("an empty table knows something")
	}
	r.Learn(dst(1), hop(1))
	if h, ok := r.Hop(dst(1)); !ok || h != hop(1) {
		t.Errorf("%v, %v", h, ok)
	}
	if _, ok := r.Hop(dst(2)); ok {
		t.Error("another destination is redirected")
	}
	r.Learn(dst(1), hop(2))
	if h, _ := r.Hop(dst(1)); h != hop(2) {
		t.Errorf("learnt again: %v", h)
	}
	r.Forget()
	if _, ok := r.Hop(dst(1)); ok || r.Size() != 0 {
		t.Error("not forgotten")
	}
}

// What is dropped leaves its place to the next, and the others as they are.
func TestDrop(t *testing.T) {
	conform.Row(t, "H-07")
	var r redirect.Table
	if r.Drop(dst(1)) {
		t.Error("dropped from an empty table")
	}
	for i := range redirect.Max {
		r.Learn(dst(i), hop(i))
	}
	if !r.Drop(dst(5)) || r.Drop(dst(5)) || r.Drop(dst(redirect.Max)) {
		t.Error("one can be dropped, once")
	}
	if _, ok := r.Hop(dst(5)); ok {
		t.Error("not dropped")
	}
	r.Learn(dst(redirect.Max), hop(1))
	if _, ok := r.Hop(dst(0)); !ok || r.Size() != redirect.Limit {
		t.Errorf("the oldest is gone though there was room; %d octets", r.Size())
	}
	r.Learn(dst(5), hop(1))
	if _, ok := r.Hop(dst(0)); ok || r.Size() != redirect.Limit {
		t.Errorf("the oldest is still there; %d octets", r.Size())
	}
}

// The oldest goes when the table is full; what is learnt again keeps its age.
func TestFull(t *testing.T) {
	conform.Row(t, "H-07")
	var r redirect.Table
	for i := range redirect.Max {
		r.Learn(dst(i), hop(i))
	}
	if r.Size() != redirect.Limit {
		t.Errorf("%d octets, want %d", r.Size(), redirect.Limit)
	}
	r.Learn(dst(0), hop(7))
	for i := range redirect.Max {
		if _, ok := r.Hop(dst(i)); !ok {
			t.Fatalf("%d is gone though nothing new came", i)
		}
	}
	for i := range 10 {
		r.Learn(dst(redirect.Max+i), hop(1))
		if _, ok := r.Hop(dst(i)); ok {
			t.Errorf("%d, the oldest, is still there", i)
		}
		if _, ok := r.Hop(dst(i + 1)); !ok {
			t.Errorf("%d is gone", i+1)
		}
		if _, ok := r.Hop(dst(redirect.Max + i)); !ok {
			t.Errorf("%d, the newest, is not there", redirect.Max+i)
		}
	}
	for i := range 10_000 {
		r.Learn(dst(i), hop(1))
	}
	if r.Size() != redirect.Limit {
		t.Errorf("%d octets, the limit is %d", r.Size(), redirect.Limit)
	}
}
