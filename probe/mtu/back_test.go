package mtu_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

// TestWayBack: what the way back takes, to the octet where answers show it, and how
// many probes it costs.
func TestWayBack(t *testing.T) {
	conform.Row(t, "P-10")
	for _, x := range []struct {
		name  string
		mtus  []int
		home  home
		want  mtu.WayBack // in IPv4
		six   mtu.WayBack // where it is another in IPv6
		total int         // probes at most
	}{
		{"the same, 1500", []int{1500, 1500}, home{mtu: 1500}, mtu.WayBack{MTU: 1500}, mtu.WayBack{}, 3},
		{
			"the same, 1400",
			[]int{1500, 1400, 1500},
			home{mtu: 1400},
			mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 2},
			mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 3},
			12,
		},
		{
			"the same, 1499",
			[]int{1500, 1499},
			home{mtu: 1499},
			mtu.WayBack{MTU: 1499, Exact: true, Cut: 1500, Probes: 1},
			mtu.WayBack{MTU: 1499, Exact: true, Cut: 1500, Probes: 2},
			12,
		},
		{"wider back", []int{1500, 1400, 1500}, home{mtu: 1500}, mtu.WayBack{MTU: 1500, Probes: 2}, mtu.WayBack{}, 8},
		{"wider back by one", []int{1500, 1499, 1500}, home{mtu: 1500}, mtu.WayBack{MTU: 1500, Probes: 1}, mtu.WayBack{}, 6},
		{"narrower back", []int{1500, 1500}, home{mtu: 1400}, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 8}, mtu.WayBack{}, 12},
		{
			"narrower back, a multiple of 8",
			[]int{1500, 1500},
			home{mtu: 1404},
			mtu.WayBack{MTU: 1404, Exact: true, Cut: 1405, Probes: 8},
			mtu.WayBack{},
			12,
		},
		{
			"narrower back, one less than that",
			[]int{1500, 1500},
			home{mtu: 1403},
			mtu.WayBack{MTU: 1403, Exact: true, Cut: 1404, Probes: 8},
			mtu.WayBack{},
			12,
		},
		{
			"the target learns",
			[]int{1500, 1500},
			home{mtu: 1400, df: true},
			mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 8},
			mtu.WayBack{},
			12,
		},
		{
			"narrower there, and more so back",
			[]int{1500, 1400},
			home{mtu: 1333},
			mtu.WayBack{MTU: 1333, Exact: true, Cut: 1334, Probes: 8},
			mtu.WayBack{},
			16,
		},
		{
			"narrower there, and less so back",
			[]int{1500, 1400},
			home{mtu: 1450},
			mtu.WayBack{MTU: 1450, Exact: true, Cut: 1451, Probes: 10},
			mtu.WayBack{MTU: 1450, Exact: true, Cut: 1451, Probes: 11},
			18,
		},
		{
			"cut in the middle",
			[]int{1500, 1500},
			home{mtu: 1400, halves: true},
			mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 27},
			mtu.WayBack{},
			30,
		},
		{
			"wider back, and answers that are too large vanish",
			[]int{1500, 1300},
			home{mtu: 1400, df: true, hole: true},
			mtu.WayBack{MTU: 1400, Silent: 1401, Probes: 49},
			mtu.WayBack{},
			55,
		},
		{
			"the largest is not answered",
			[]int{1500, 1400},
			home{mtu: 1400, deaf: 1500},
			mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 4},
			mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 5},
			12,
		},
		{
			"the target does not put together",
			[]int{1500, 1400},
			home{mtu: 1500, whole: true},
			mtu.WayBack{MTU: 1400, Silent: 1401, Probes: 6},
			mtu.WayBack{},
			12,
		},
		{
			"the system is told how to cut",
			[]int{1500, 1400},
			home{mtu: 1500, ptb: true},
			mtu.WayBack{MTU: 1500, Probes: 2},
			mtu.WayBack{MTU: 1500, Probes: 3},
			9,
		},
	} {
		both(t, func(t *testing.T, v6 bool) {
			b := newPath(t, x.mtus)
			h := x.home
			b.home = &h
			r, events, took := b.find(mtu.Config{Dst: last(x.mtus, v6)})
			least := x.mtus[0]
			for _, m := range x.mtus {
				least = min(least, m)
			}
			want := x.want
			if v6 && x.six != (mtu.WayBack{}) {
				want = x.six
			}
			if r.MTU != least || !r.Exact || r.Hole != nil || r.Back != want || r.Probes > x.total || r.Cut {
				t.Errorf("%s: %+v, want %+v", x.name, r, want)
			}
			if most := 4 * time.Second; took > most {
				t.Errorf("%s: took %v", x.name, took)
			}
			for _, e := range events {
				if cut := e.Largest > 0; e.Outcome == mtu.Answered != (e.Size > least && e.Probe == probe.Echo && e.From == last(x.mtus, v6)) ||
					cut != (e.Size > h.mtu && e.From == last(x.mtus, v6)) || e.Largest >= e.Size {
					t.Errorf("%s: %+v", x.name, e)
				}
			}
		})
	}
}

// TestLeastTries: a target that has to learn what its way back takes is asked again,
// though one loss is enough otherwise.
func TestLeastTries(t *testing.T) {
	mtus := []int{1500, 1400, 1500}
	b := newPath(t, mtus)
	b.home = &home{mtu: 1400, df: true}
	r, _, _ := b.find(mtu.Config{Dst: last(mtus, false), Tries: 1})
	if want := (mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401, Probes: 3}); r.Back != want || b.home.lost != 1 {
		t.Errorf("%+v, lost %d", r, b.home.lost)
	}
}

// TestHoleBack: answers that are too large vanish. What passes on the way there is
// found by what is answered in few octets.
func TestHoleBack(t *testing.T) {
	conform.Row(t, "P-10")
	for _, x := range []struct {
		mtus []int
		mtu  int
	}{
		{[]int{1500, 1500}, 1500},
		{[]int{1500, 1450, 1500}, 1450},
		{[]int{1500, 1401, 1500}, 1401},
	} {
		both(t, func(t *testing.T, v6 bool) {
			b := newPath(t, x.mtus)
			b.home = &home{mtu: 1400, df: true, hole: true}
			r, events, took := b.find(mtu.Config{Dst: last(x.mtus, v6)})
			want := mtu.WayBack{MTU: 1400, Exact: true, Silent: 1401}
			var udp []int // sizes: that of which answers vanish, then what is known to be the most
			for _, e := range events {
				if e.Probe == probe.UDP && e.Size > mtu.Least && e.TTL == mtu.DefaultTTL {
					udp = append(udp, e.Size)
				}
			}
			if sizes := []int{1401, x.mtu}; !slices.Equal(udp, slices.Compact(sizes)) {
				t.Errorf("%v by UDP", udp)
			}
			if r.MTU != x.mtu || !r.Exact || r.Probe != probe.Echo || r.Back != want || r.Hole == nil || *r.Hole != (mtu.Hole{Size: 1401, Way: mtu.Back}) || r.Hops != len(x.mtus) {
				t.Errorf("%+v, %+v", r, r.Hole)
			}
			if took > 10*time.Second || r.Probes > 120 {
				t.Errorf("took %v, %d probes", took, r.Probes)
			}
			// By echo alone it may be on the way there as well, behind the last router.
			b = newPath(t, x.mtus)
			b.home = &home{mtu: 1400, df: true, hole: true}
			r, _, _ = b.find(mtu.Config{Dst: last(x.mtus, v6), Kinds: []probe.Kind{probe.Echo}})
			if r.MTU != 1400 || r.Hole == nil || r.Hole.Way != mtu.Unknown || r.Hole.After != len(x.mtus)-1 || r.Back.MTU != 1400 || r.Back.Exact {
				t.Errorf("%+v, %+v", r, r.Hole)
			}
		})
	}
}

// TestHoleThere: an answer that comes whole shows that a black hole is on the way
// there, and what the way back takes.
func TestHoleThere(t *testing.T) {
	mtus := []int{1500, 1400}
	for _, x := range []struct {
		home int
		way  mtu.Way
		want mtu.WayBack
	}{
		{1500, mtu.There, mtu.WayBack{MTU: 1500, Probes: 2}},
		{1401, mtu.There, mtu.WayBack{MTU: 1401, Exact: true, Cut: 1402, Probes: 2}},
		{1400, mtu.Unknown, mtu.WayBack{MTU: 1400, Exact: true, Cut: 1401}},
	} {
		b := newPath(t, mtus, 1)
		b.home = &home{mtu: x.home}
		r, _, _ := b.find(mtu.Config{Dst: last(mtus, false), Kinds: []probe.Kind{probe.Echo}})
		if r.MTU != 1400 || r.Hole == nil || r.Hole.Way != x.way || r.Hole.After != 1 || r.Hole.Size != 1401 || r.Back != x.want {
			t.Errorf("%d: %+v, %+v", x.home, r, r.Hole)
		}
	}
	// In IPv6 nobody cuts it, and nobody is asked.
	b := newPath(t, mtus, 1)
	b.home = &home{mtu: 1500}
	r, _, _ := b.find(mtu.Config{Dst: last(mtus, true)})
	if r.MTU != 1400 || r.Hole == nil || r.Hole.Way != mtu.There || r.Back != (mtu.WayBack{MTU: 1400}) {
		t.Errorf("%+v, %+v", r, r.Hole)
	}
}

// TestBackUnknown: of answers whose fragments nobody has counted, nothing is
// concluded, and by UDP neither.
func TestBackUnknown(t *testing.T) {
	mtus := []int{1500, 1400}
	for _, kinds := range [][]probe.Kind{nil, {probe.UDP}} {
		b := newPath(t, mtus)
		if kinds != nil {
			b.home = &home{mtu: 1300}
		}
		r, _, _ := b.find(mtu.Config{Dst: last(mtus, false), Kinds: kinds})
		if r.MTU != 1400 || r.Back != (mtu.WayBack{}) || r.Probes != 6-len(kinds) {
			t.Errorf("%+v", r)
		}
	}
}

// TestBackLimit: the limit of probes is kept on the way back, too.
func TestBackLimit(t *testing.T) {
	mtus := []int{1500, 1400}
	for limit := 6; limit < 9; limit++ {
		b := newPath(t, mtus)
		b.home = &home{mtu: 1400}
		r, _, _ := b.find(mtu.Config{Dst: last(mtus, false), Limit: limit})
		if r.MTU != 1400 || !r.Exact || r.Probes != min(limit, 8) || r.Cut != (limit < 8) || r.Back.Exact != (limit > 6) || r.Back.MTU != 1400 {
			t.Errorf("%d: %+v", limit, r)
		}
	}
}

// TestNoHole: large echoes are lost for a while, and when a black hole is looked for,
// echoes and datagrams as large get through: there is none.
func TestNoHole(t *testing.T) {
	conform.Row(t, "P-10")
	for _, lost := range []int{1401, 1500} {
		found := false
		w := &world{t: t, cut: true, size: true}
		w.says = func(n int, x probe.Transmit, _ []byte) (netip.Addr, []byte) {
			if found = found || !x.DF; n >= lost && !found {
				return there, nil
			}
			return there, echo
		}
		r, _ := w.find(mtu.Config{Kinds: []probe.Kind{probe.Echo, probe.UDP}})
		if r.MTU != 1500 || !r.Exact || r.Hole != nil || r.Probe != probe.Echo || r.Back.MTU != 1500 || r.Back.Silent != 0 {
			t.Errorf("%d: %+v", lost, r)
		}
	}
}
