package mtu_test

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

// TestStaircase: each router that says honestly what fits costs three probes and
// a round trip, and is placed.
func TestStaircase(t *testing.T) {
	conform.Row(t, "P-10")
	for _, mtus := range [][]int{
		{1500, 1500, 1500},
		{1500, 1400},
		{1500, 1500, 1400, 1500},
		{9000, 1500, 1480, 1480, 1300, 1500},
		{1280, 1500},
		{1500, 1499},
		{65535, 1281, 1280},
	} {
		both(t, func(t *testing.T, v6 bool) {
			b := newPath(t, mtus)
			r, events, took := b.find(mtu.Config{Dst: last(mtus, v6)})
			least, steps, ones := mtus[0], 0, 0
			for i, m := range mtus {
				if m >= least {
					continue
				}
				if steps >= len(r.Reductions) {
					t.Fatalf("%v: %+v", mtus, r)
				}
				want := mtu.Reduction{Hop: i, Sure: true, Router: router(i, v6), Before: least, MTU: m, Said: m}
				got := r.Reductions[steps]
				if !got.Claim.Present {
					t.Errorf("%v: no claim", mtus)
				}
				got.Claim = probe.Claim{}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%v: %+v, want %+v", mtus, got, want)
				}
				steps++
				if least-m == 1 {
					ones++ // there is no octet more to try
				}
				least = m
			}
			if r.MTU != least || !r.Exact || !r.Answered || r.LinkMTU != mtus[0] || len(r.Reductions) != steps || r.Hole != nil || r.Cut || r.Err != "" || r.Probe != probe.Echo || r.BackHops != len(mtus) {
				t.Errorf("%v: %+v", mtus, r)
			}
			if r.Probes != 3+3*steps-ones {
				t.Errorf("%v: %d probes", mtus, r.Probes)
			}
			// The unsent one costs nothing.
			if n := len(events); n < r.Probes-1 || n > r.Probes+1 {
				t.Errorf("%v: %d events of %d probes", mtus, n, r.Probes)
			}
			if most := time.Duration(2+steps) * time.Duration(2*len(mtus)) * ms; took > most {
				t.Errorf("%v: took %v, more than %v", mtus, took, most)
			}
		})
	}
}

// TestMax: no more is tried than is asked for.
func TestMax(t *testing.T) {
	mtus := []int{1500, 1500}
	b := newPath(t, mtus)
	r, events, _ := b.find(mtu.Config{Dst: last(mtus, false), Max: 1200})
	if r.MTU != 1200 || r.LinkMTU != 1200 || !r.Exact || r.Probes != 3 {
		t.Errorf("%+v", r)
	}
	if e := events[len(events)-1]; e.Size != 1200 || e.Outcome != mtu.Passed || e.From != last(mtus, false) || e.RTT != 4*ms || e.TTL != 64 || e.Tries != 1 || e.Probe != probe.Echo {
		t.Errorf("%+v", e)
	}
}

// TestHole: black holes at every place and of every size are found, to the
// octet, and placed.
func TestHole(t *testing.T) {
	conform.Row(t, "P-10")
	for _, m := range []int{1499, 1492, 1400, 1381, 1280} {
		for at := 1; at <= 3; at++ {
			both(t, func(t *testing.T, v6 bool) {
				mtus := []int{1500, 1500, 1500, 1500}
				mtus[at] = m
				b := newPath(t, mtus, at)
				dst := last(mtus, v6)
				r, events, took := b.find(mtu.Config{Dst: dst})
				want := mtu.Hole{Size: m + 1, Way: mtu.There, After: at, AfterAddr: router(at, v6), Before: at + 1, BeforeAddr: router(at+1, v6)}
				if at == 3 {
					want.BeforeAddr = dst
				}
				if r.MTU != m || !r.Exact || r.Hole == nil || *r.Hole != want || len(r.Reductions) != 0 || r.Hops != 4 {
					t.Errorf("%d at %d: %+v, %+v", m, at, r, r.Hole)
				}
				small := 0
				for _, e := range events {
					if e.Size == mtu.Least && e.TTL < mtu.DefaultTTL {
						small++
					}
				}
				if small != 6 { // two more than the answers have come
					t.Errorf("%d at %d: walked %d hops", m, at, small)
				}
				if took > 6*time.Second || r.Probes > 110 {
					t.Errorf("%d at %d: %v, %d probes", m, at, took, r.Probes)
				}
			})
		}
	}
}

// TestHoleBehind: a reduction that is said, and a black hole behind it.
func TestHoleBehind(t *testing.T) {
	mtus := []int{1500, 1400, 1300, 1500}
	b := newPath(t, mtus, 2)
	r, _, _ := b.find(mtu.Config{Dst: last(mtus, false)})
	if r.MTU != 1300 || len(r.Reductions) != 1 || r.Reductions[0].Said != 1400 || r.Reductions[0].Hop != 1 || r.Hole == nil || r.Hole.After != 2 || r.Hole.Size != 1301 {
		t.Errorf("%+v, %+v", r, r.Hole)
	}
}

// TestHoleBefore: a black hole, and behind it a reduction that is said, which what
// vanishes does not reach. It is told of and placed, and the way back is asked all
// the same.
func TestHoleBefore(t *testing.T) {
	conform.Row(t, "P-10")
	both(t, func(t *testing.T, v6 bool) {
		for _, kinds := range [][]probe.Kind{nil, {probe.Echo}} {
			mtus := []int{1500, 1500, 1400, 1290, 1500}
			b := newPath(t, mtus, 2)
			b.home = &home{mtu: 1290, ptb: v6}
			r, _, _ := b.find(mtu.Config{Dst: last(mtus, v6), Kinds: kinds})
			h := r.Hole
			if r.MTU != 1290 || !r.Exact || len(r.Reductions) != 1 || r.Reductions[0].Router != router(3, v6) || r.Reductions[0].Fault != mtu.None || r.Back.MTU != 1290 || !r.Back.Exact {
				t.Errorf("%+v", r)
			}
			if h == nil || h.Size <= 1400 || h.Size > 1500 || h.Way != mtu.There || h.After != 2 || h.AfterAddr != router(2, v6) || h.Before != 3 || h.BeforeAddr != router(3, v6) {
				t.Errorf("%+v", h)
			}
			// By UDP, silence shows nothing.
			r, _, _ = newPath(t, mtus, 2).find(mtu.Config{Dst: last(mtus, v6), Kinds: []probe.Kind{probe.UDP}})
			if r.MTU != 1290 || r.Hole != nil {
				t.Errorf("%+v", r)
			}
		}
	})
}

// TestHoleNone: what is lost where something smaller is refused is asked again, and
// refused too: there is no hole.
func TestHoleNone(t *testing.T) {
	w := &world{t: t, cut: true, size: true}
	lost := 0
	w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
		switch {
		case n <= 1380 || !x.DF:
			return there, echo
		case n == 1500 && x.TTL == 64 && lost < mtu.DefaultTries:
			lost++
			return there, nil
		}
		return w.tooBig(1380, x, b)
	}
	r, _ := w.find(mtu.Config{})
	if r.MTU != 1380 || !r.Exact || r.Hole != nil || len(r.Reductions) != 1 || r.Reductions[0].Fault != mtu.None {
		t.Errorf("%+v, %+v", r, r.Hole)
	}
}
