package pmtu_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/pmtu"
)

// oracle is the cache as one would write it without a thought for memory.
type oracle struct {
	floor int
	m     map[netip.Addr]pmtu.Entry
}

func (o *oracle) get(now time.Time, dst netip.Addr, link int) (int, bool) {
	e, ok := o.m[dst]
	if !ok || !now.Before(e.Expires) {
		return link, true
	}
	return min(e.MTU, link), e.DF
}

// lower says what must hold after a report, from the rules of H-15.
func (o *oracle) lower(now time.Time, r pmtu.Report) {
	old, df := o.get(now, r.Dst, r.LinkMTU)
	m, least := r.MTU, pmtu.Min4
	if r.Dst.Is6() {
		least = pmtu.Min6
	} else if m == 0 {
		n := r.QuotedLen
		if n == 0 {
			n = old
		} else if n > old && n-r.HeaderLen <= old {
			n -= r.HeaderLen
		}
		m = pmtu.Plateau(n)
	}
	_, known := o.m[r.Dst]
	known = known && now.Before(o.m[r.Dst].Expires)
	switch {
	case m < least, r.QuotedLen != 0 && m >= r.QuotedLen, m > old, m == old && !known:
		return
	case m == old: // renewed
		e := o.m[r.Dst]
		e.Expires = now.Add(pmtu.DefaultAge)
		o.m[r.Dst] = e
		return
	case r.Dst.Is4() && m < o.floor:
		m, df = min(o.floor, old), false
		if e, ok := o.m[r.Dst]; ok && known && m == old && !e.DF {
			e.Expires = now.Add(pmtu.DefaultAge)
			o.m[r.Dst] = e
			return
		}
	}
	o.m[r.Dst] = pmtu.Entry{Dst: r.Dst, MTU: m, DF: df, Expires: now.Add(pmtu.DefaultAge)}
}

// Random reports about few destinations agree with the oracle, and the rules
// hold at every step: never up, never under the floor.
func TestOracle(t *testing.T) {
	conform.Row(t, "H-15")
	for seed := range uint64(20) {
		run(t, rand.New(rand.NewPCG(seed, 15)), 2000)
	}
}

func run(t *testing.T, rng *rand.Rand, steps int) {
	t.Helper()
	o := oracle{552, map[netip.Addr]pmtu.Entry{}}
	p := open(t, pmtu.Config{})
	now := start
	dsts := []netip.Addr{dst4, dst6, host(1), host(2), netip.MustParseAddr("::1")}
	lens := []int{0, 67, 68, 69, 551, 552, 553, 1006, 1279, 1280, 1281, 1499, 1500, 1520}
	for range steps {
		now = now.Add(time.Duration(rng.IntN(120)) * time.Second)
		r := pmtu.Report{
			Dst: dsts[rng.IntN(len(dsts))], MTU: lens[rng.IntN(len(lens))], QuotedLen: lens[rng.IntN(len(lens))],
			HeaderLen: 20 + 4*rng.IntN(3), LinkMTU: []int{1500, 1400, 576}[rng.IntN(3)],
		}
		before, _ := p.Get(now, r.Dst, r.LinkMTU)
		mtu, why := p.Lower(now, r)
		o.lower(now, r)
		if mtu > before || mtu < min(552, before) {
			t.Fatalf("%+v: from %d to %d", r, before, mtu)
		}
		if why != mib.None && mtu != before {
			t.Fatalf("%+v: %v, and from %d to %d", r, why, before, mtu)
		}
		for _, d := range dsts {
			got, gotDF := p.Get(now, d, 1500)
			want, wantDF := o.get(now, d, 1500)
			if got != want || gotDF != wantDF {
				t.Fatalf("after %+v: %v: %d, %v; want %d, %v", r, d, got, gotDF, want, wantDF)
			}
		}
	}
}

func FuzzLower(f *testing.F) {
	f.Add(uint64(1), uint16(1000), uint16(1500), uint16(1400))
	f.Add(uint64(1), uint16(0), uint16(1500), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, mtu, quoted, second uint16) {
		p := open(t, pmtu.Config{Seed: seed})
		for _, d := range []netip.Addr{dst4, dst6} {
			least := pmtu.DefaultFloor
			if d == dst6 {
				least = pmtu.Min6
			}
			before := 1500
			for _, m := range []uint16{mtu, second} {
				got, why := p.Lower(start, pmtu.Report{Dst: d, MTU: int(m), QuotedLen: int(quoted), HeaderLen: 20, LinkMTU: 1500})
				now, _ := p.Get(start, d, 1500)
				if got != now || got > before || got < least || why == mib.None && m >= 1500 {
					t.Fatalf("%v: MTU %d of %d: from %d to %d, %v", d, m, quoted, before, got, why)
				}
				before = got
			}
		}
	})
}
