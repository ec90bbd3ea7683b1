package survey_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/survey"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// complete holds the ways to what they are in the network.
func complete(t *testing.T, n *network, s *survey.Survey) (inferred int) {
	t.Helper()
	for p := range s.Paths() {
		want := n.way(p.Target)
		var got []netip.Addr
		for _, h := range p.Hops {
			got = append(got, h.Addr)
			if h.Inferred {
				inferred++
			}
			if (h.RTT != 0) != (!h.Inferred && h.Addr.IsValid()) {
				t.Errorf("%v: %+v", p.Target, h)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v: %v, want %v", p.Target, got, want)
		}
		if !p.Reached || p.Open || p.RTT != rtt {
			t.Errorf("%+v", p)
		}
	}
	return inferred
}

// TestLimited: two hundred targets behind eleven routers that answer six times at
// once and then once a second: all complete, every router named, in no time.
func TestLimited(t *testing.T) {
	n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 11) }, burst: 6, pace: time.Second}
	s := n.run(survey.Config{Targets: targets("10.1.0.10", 200)})
	complete(t, n, s)
	if d := n.now.Sub(start); d > 300*ms {
		t.Errorf("it took %v", d)
	}
	k := 0
	for r := range s.Routers() {
		k++
		if r.Addr != router(1, int(r.TTL)) || r.Silent > 0 || r.Asked != r.Answered || r.Asked > 5 || r.Asked != n.asked[r.Addr] || r.Pace != 0 {
			t.Errorf("%+v, asked %d times", r, n.asked[r.Addr])
		}
	}
	if k != 11 || n.sent > 2*200+11+2 {
		t.Errorf("%d routers, %d probes", k, n.sent)
	}
}

// TestShared: networks behind a tree of routers: what several ways share is asked
// once.
func TestShared(t *testing.T) {
	n := &network{t: t, way: func(dst netip.Addr) []netip.Addr {
		branch := int(dst.As4()[2]) / 8
		return append(chain(1, 6), append(chain(10+branch, 2), chain(100+int(dst.As4()[2]), 1)...)...)
	}}
	var all []netip.Addr
	for i := range 32 {
		all = append(all, targets(netip.AddrFrom4([4]byte{10, 1, byte(i), 10}).String(), 20)...)
	}
	s := n.run(survey.Config{Targets: all, Check: -1})
	complete(t, n, s)
	// Each of 32 last routers, of 4 branches, and the trunk; and where a way comes
	// upon one that is known.
	if errs := n.sent - 2*len(all); errs > 32*2+4*2+6+64 {
		t.Errorf("%d questions to routers", errs)
	}
	for r := range s.Routers() {
		if r.TTL <= 6 && r.Asked > 6 {
			t.Errorf("%+v", r)
		}
	}
}

// TestPace: a router that has to be asked more often than it answers is given
// time, its pace is learnt, and nothing is missing at the end.
func TestPace(t *testing.T) {
	// Every target has a last router of its own, and all come over one other.
	n := &network{t: t, way: func(dst netip.Addr) []netip.Addr {
		return []netip.Addr{router(1, 1), netip.AddrFrom4([4]byte{192, 168, 200, dst.As4()[3]})}
	}, burst: 6, pace: 500 * ms}
	all := targets("10.1.0.1", 40)
	s := n.run(survey.Config{Targets: all, Prefix4: 32})
	complete(t, n, s)
	for r := range s.Routers() {
		if r.Addr == router(1, 1) && (r.Asked != n.asked[r.Addr] || r.Answered+r.Silent != r.Asked) {
			t.Errorf("%+v, asked %d times", r, n.asked[r.Addr])
		}
		if r.Silent > 0 && (r.Pace < 250*ms || r.Pace > 2*time.Second) {
			t.Errorf("%+v", r)
		}
	}
	if d := n.now.Sub(start); d > 60*time.Second {
		t.Errorf("it took %v", d)
	}
}

// TestDivided: where targets of one network do not have one last hop, each is
// asked by itself.
func TestDivided(t *testing.T) {
	n := &network{t: t, way: func(dst netip.Addr) []netip.Addr {
		return append(chain(1, 4), router(2+int(dst.As4()[3]%2), 5))
	}}
	s := n.run(survey.Config{Targets: targets("10.1.0.10", 50), Check: 3})
	complete(t, n, s)
}

// TestAsymmetric: the way back tells the distance only roughly.
func TestAsymmetric(t *testing.T) {
	for _, back := range []int{-3, -1, 1, 4} {
		n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 7) }, back: back}
		s := n.run(survey.Config{Targets: targets("10.1.0.10", 30)})
		complete(t, n, s)
	}
}

// TestNear: targets on the own link, or behind one router.
func TestNear(t *testing.T) {
	for hops := range 3 {
		n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, hops) }}
		complete(t, n, n.run(survey.Config{Targets: targets("10.1.0.10", 5)}))
	}
}

// TestSilent: routers that keep silent are hops all the same.
func TestSilent(t *testing.T) {
	for _, silent := range [][]int{{3}, {7}, {1}, {2, 3, 4}, {6, 7}} {
		way := chain(1, 7)
		for _, i := range silent {
			way[i-1] = netip.Addr{}
		}
		n := &network{t: t, way: func(netip.Addr) []netip.Addr { return way }}
		s := n.run(survey.Config{Targets: targets("10.1.0.10", 30)})
		complete(t, n, s)
	}
}

// TestLoss: what is lost is asked again.
func TestLoss(t *testing.T) {
	n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 9) }, drop: 7}
	s := n.run(survey.Config{Targets: targets("10.1.0.10", 100), Tries: 5})
	complete(t, n, s)
}

// TestOpen: of a target that is farther than is asked about it is said that it is.
func TestOpen(t *testing.T) {
	n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 7) }}
	for most, open := range map[ip.TTL]bool{5: true, 7: true, 8: false} {
		for p := range n.run(survey.Config{Targets: targets("10.1.0.10", 10), MaxTTL: most}).Paths() {
			if !p.Reached || p.Open != open || len(p.Hops) != min(int(most), 7) {
				t.Errorf("%d: %+v", most, p)
			}
			for i, h := range p.Hops {
				if h.Addr != router(1, i+1) {
					t.Errorf("%d: %+v", most, p)
				}
			}
		}
	}
}

// TestUnreached: the way to who does not answer is known as far as anybody does;
// who refuses is named.
func TestUnreached(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 5) }}
		all := func(netip.Addr) bool { return true }
		if n.dead = all; refuses {
			n.refuses = all
		}
		s := n.run(survey.Config{Targets: targets("10.1.0.10", 10), Wait: 100 * ms})
		for p := range s.Paths() {
			if p.Reached || len(p.Hops) != 5 && !refuses || refuses && (p.By != router(1, 5) || p.Claim.Code != 1) {
				t.Errorf("%+v", p)
			}
			for i, h := range p.Hops[:5] {
				if h.Addr != router(1, i+1) {
					t.Errorf("%+v", p)
				}
			}
		}
	}
}

// TestParallel: no more are under way than may be.
func TestParallel(t *testing.T) {
	n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 5) }}
	complete(t, n, n.run(survey.Config{Targets: targets("10.1.0.10", 200), Parallel: 10, First: 3}))
	if n.most != 10 {
		t.Errorf("%d under way", n.most)
	}
}

func TestConfig(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	one := targets("10.1.0.1", 1)
	for field, c := range map[string]survey.Config{
		"Targets":  {},
		"Prefix4":  {Targets: one, Prefix4: 33},
		"Prefix6":  {Targets: one, Prefix6: 129},
		"Parallel": {Targets: one, Parallel: -1},
		"Tries":    {Targets: one, Tries: 11},
		"Size":     {Targets: one, Size: 7},
		"Src":      {Targets: []netip.Addr{addr("fd00::9")}},
	} {
		c.Src4 = src
		_, err := survey.New(p, c)
		var f *wire.FieldError
		if !errors.As(err, &f) || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestPaceFound: the pace of a router is found soon, though it is known only
// afterwards that it was too much.
func TestPaceFound(t *testing.T) {
	for pace, most := range map[time.Duration]time.Duration{50 * ms: 12 * time.Second, 200 * ms: 30 * time.Second} {
		n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, 3) }, burst: 6, pace: pace}
		var all []netip.Addr
		for i := range 16 {
			all = append(all, targets(netip.AddrFrom4([4]byte{10, 1, byte(i), 1}).String(), 8)...)
		}
		s := n.run(survey.Config{Targets: all})
		complete(t, n, s)
		if d := n.now.Sub(start); d > most {
			t.Errorf("%v: it took %v", pace, d)
		} else {
			t.Logf("%v: %v, %d probes", pace, d, n.sent)
		}
	}
}
