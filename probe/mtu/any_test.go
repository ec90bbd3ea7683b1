package mtu_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire/ip"
)

// anyMTU is one of those that links have, or not.
func anyMTU(r *rand.Rand) int {
	switch r.IntN(4) {
	case 0:
		return 1500
	case 1:
		return 1280 + r.IntN(221)
	case 2:
		return 1400
	}
	return []int{68, 576, 1006, 296, 1492, 9000, 65535, 1280}[r.IntN(8)]
}

// shake makes a path another, with a target as far away.
func (b *path) shake(r *rand.Rand) {
	b.holes = b.holes[:0]
	for i := range b.mtus {
		b.mtus[i] = anyMTU(r)
		if r.IntN(3) == 0 {
			b.holes = append(b.holes, i)
		}
	}
	b.mtus[0] = max(b.mtus[0], 576)
	if b.home = nil; r.IntN(5) == 0 {
		return
	}
	b.home = &home{mtu: anyMTU(r), df: r.IntN(2) == 0, hole: r.IntN(3) == 0, halves: r.IntN(3) == 0, whole: r.IntN(3) == 0, ptb: r.IntN(3) == 0}
	if r.IntN(4) == 0 {
		b.home.deaf = anyMTU(r)
	}
}

// TestAny: whatever a network loses, delays, doubles and changes, there is an end,
// after so many probes, and what was found does not contradict itself.
func TestAny(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		b := newPath(t, make([]int, 1+r.IntN(5)))
		b.shake(r)
		changes, loss, v6, walks := r.IntN(3) == 0, max(r.IntN(4)-1, 0), r.IntN(2) == 0, r.IntN(3) == 0
		src, proto := here, ip.ProtoICMP
		if v6 {
			src, proto = here6, ip.ProtoICMPv6
		}
		var err error
		if b.p, err = probe.New(probe.Config{Seed: 1191, IPID: true}); err != nil {
			t.Fatal(err)
		}
		var s probe.Strategy
		kinds := [][]probe.Kind{nil, {probe.Echo, probe.UDP}, {probe.UDP}}[r.IntN(3)]
		if s, err = mtu.New(b.p, mtu.Config{Src: src, Dst: last(b.mtus, v6), Kinds: kinds}); walks {
			s, err = mtu.NewWalk(b.p, mtu.WalkConfig{Src: src, Dst: last(b.mtus, v6)})
		}
		if err != nil {
			t.Fatal(err)
		}
		for sent := 0; !s.Done(); {
			for len(b.flying) > 0 && !b.flying[0].at.After(b.now) {
				f := b.flying[0]
				b.flying = b.flying[1:]
				for range 1 + r.IntN(20)/19 {
					b.p.Receive(b.now, &probe.Arrival{From: f.from, To: src, Proto: proto, TTL: f.ttl, Payload: f.message, Largest: f.largest})
				}
			}
			b.p.Turn(b.now, s)
			for m, x, ok := b.p.Poll(b.now, nil); ok; m, x, ok = b.p.Poll(b.now, nil) {
				if sent++; sent > 400 {
					t.Fatalf("seed %d: no end: %+v", seed, s)
				}
				if changes {
					b.shake(r)
				}
				if r.IntN(5) < loss {
					continue
				}
				b.send(m, &x)
				for k := range b.flying {
					if r.IntN(10) == 0 {
						b.flying[k].at = b.flying[k].at.Add(time.Duration(r.IntN(1500)) * ms)
					}
				}
			}
			b.p.Turn(b.now, s)
			next := b.p.Deadline()
			if len(b.flying) > 0 && (next.IsZero() || b.flying[0].at.Before(next)) {
				next = b.flying[0].at
			}
			if !s.Done() && next.After(b.now) {
				b.now = next
			}
		}
		f, ok := s.(*mtu.Strategy)
		if !ok {
			continue
		}
		x := f.Result()
		if k := x.Back; k.Probes < 0 || k.Probes > x.Probes || x.Exact && x.MTU == 0 || k.Exact && k.MTU == 0 || k.Silent > 0 && k.Silent <= k.MTU {
			t.Errorf("seed %d: %+v", seed, x)
		}
	}
}
