package agenda_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/internal/agenda"
)

func TestOrder(t *testing.T) {
	var a agenda.Agenda
	if _, _, ok := a.Min(); ok || a.Len() != 0 || a.Has(0) {
		t.Error("the zero agenda is not empty")
	}
	for i, at := range []int64{5, 3, 5, 1, 3, -2} {
		a.Put(int32(i), at)
	}
	var order []int32
	for {
		slot, _, ok := a.Min()
		if !ok {
			break
		}
		if !a.Has(slot) {
			t.Errorf("slot %d is not in it", slot)
		}
		a.Remove(slot)
		if a.Has(slot) {
			t.Errorf("slot %d is in it still", slot)
		}
		order = append(order, slot)
	}
	if want := []int32{5, 3, 1, 4, 0, 2}; !slices.Equal(order, want) {
		t.Errorf("order %d, want %d", order, want)
	}
	a.Remove(3)
	a.Remove(1000)
}

func TestMoved(t *testing.T) {
	var a agenda.Agenda
	a.Put(0, 1)
	a.Put(1, 2)
	a.Put(0, 2) // behind the other now
	if a.Len() != 2 {
		t.Errorf("%d slots", a.Len())
	}
	if slot, at, _ := a.Min(); slot != 1 || at != 2 {
		t.Errorf("first slot %d at %d", slot, at)
	}
}

// TestOracle does the same things to an agenda and to a sorted list.
func TestOracle(t *testing.T) {
	type entry struct {
		at   int64
		turn int
		slot int32
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var a agenda.Agenda
	var list []entry
	drop := func(slot int32) {
		list = slices.DeleteFunc(list, func(e entry) bool { return e.slot == slot })
	}
	for turn := range 20_000 {
		slot := int32(rng.IntN(200))
		switch rng.IntN(5) {
		case 0, 1:
			at := rng.Int64N(50)
			drop(slot)
			list = append(list, entry{at, turn, slot})
			a.Put(slot, at)
		case 2:
			drop(slot)
			a.Remove(slot)
		case 3:
			if s, _, ok := a.Min(); ok {
				drop(s)
				a.Remove(s)
			}
		}
		if a.Len() != len(list) {
			t.Fatalf("turn %d: %d slots, want %d", turn, a.Len(), len(list))
		}
		if len(list) == 0 {
			continue
		}
		want := slices.MinFunc(list, func(x, y entry) int {
			return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.turn, y.turn))
		})
		if s, at, ok := a.Min(); !ok || s != want.slot || at != want.at {
			t.Fatalf("turn %d: slot %d at %d, want %d at %d", turn, s, at, want.slot, want.at)
		}
		if has := slices.ContainsFunc(list, func(e entry) bool { return e.slot == slot }); a.Has(slot) != has {
			t.Fatalf("turn %d: slot %d in it: %v", turn, slot, !has)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	var a agenda.Agenda
	for i := range int32(1000) {
		a.Put(i, int64(i))
	}
	held := a.Octets()
	if held < 1000*28 || held > 4*1000*28 {
		t.Errorf("%d octets for 1000 slots", held)
	}
	wiretest.NoAllocs(t, "put and remove", func() {
		slot, at, _ := a.Min()
		a.Remove(slot)
		a.Put(slot, at+1000)
	})
	if a.Octets() != held {
		t.Errorf("%d octets, then %d", held, a.Octets())
	}
}

func BenchmarkPut(b *testing.B) {
	var a agenda.Agenda
	for i := range int32(10_000) {
		a.Put(i, int64(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		slot, at, _ := a.Min()
		a.Put(slot, at+10_000)
	}
}
