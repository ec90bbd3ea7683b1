package multipath_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/wire"
)

// TestEnough: the stopping points that were published (Augustin, Friedman,
// Teixeira 2007, table I; Veitch et al. 2009).
func TestEnough(t *testing.T) {
	for confidence, want := range map[float64][]int{
		0.95: {6, 11, 16, 21, 27, 33, 38, 44, 51, 57, 63},
		0.99: {8, 15, 21, 28, 36, 43, 51, 58, 67, 75, 83},
	} {
		for i, n := range want {
			if got := multipath.Enough(i+1, confidence); got < n-1 || got > n+1 {
				t.Errorf("%v: behind %d, %d flows are enough, want %d", confidence, i+1, got, n)
			}
		}
		if got := multipath.Enough(1, confidence); got != want[0] {
			t.Errorf("%v: %d", confidence, got)
		}
	}
}

// edges is what a network's are, in the form of the tests: "a>b c" is two.
func edges(texts ...string) map[string]bool {
	out := map[string]bool{}
	for _, s := range texts {
		from, to, _ := strings.Cut(s, ">")
		for _, x := range strings.Fields(to) {
			out[from+">"+x] = true
		}
	}
	return out
}

// gateways are those of edges.
func gateways(texts ...string) map[string]gateway {
	out := map[string]gateway{}
	for _, s := range texts {
		from, to, _ := strings.Cut(s, ">")
		out[from] = gateway{next: strings.Fields(to)}
	}
	return out
}

// shapes are networks with diamonds of every shape.
var shapes = map[string][]string{
	"none":         {"r>s", "s>dst"},
	"two":          {"r>a b", "a>z", "b>z", "z>dst"},
	"three, long":  {"r>a b c", "a>d", "b>e", "c>f", "d>z", "e>z", "f>z", "z>dst"},
	"eight":        {"r>a b c d e f g h", "a>z", "b>z", "c>z", "d>z", "e>z", "f>z", "g>z", "h>z", "z>dst"},
	"nested":       {"r>a b", "a>c d", "b>e", "c>z", "d>z", "e>z", "z>dst"},
	"nested twice": {"r>a b", "a>c d", "b>e f", "c>z", "d>z", "e>z", "f>z", "z>dst"},
	"meshed":       {"r>a b", "a>c d", "b>c d", "c>z", "d>z", "z>dst"},
	"in a row":     {"r>a b", "a>z", "b>z", "z>c d", "c>y", "d>y", "y>dst"},
	"to the end":   {"r>a b c", "a>dst", "b>dst", "c>dst"},
}

// TestShapes finds every way of every shape, by every kind of probe, but for what
// the confidence leaves to chance (P-09).
func TestShapes(t *testing.T) {
	conform.Row(t, "P-09")
	for _, kind := range []probe.Kind{probe.UDP, probe.Echo, probe.TCP} {
		for name, texts := range shapes {
			whole := 0
			const runs = 20
			want := edges(texts...)
			want["src>r"] = true
			for seed := range uint64(runs) {
				n := newNetwork(t, "r", gateways(texts...))
				if kind == probe.TCP {
					n.gateways["dst"] = gateway{refuses: true} // it answers with an error of its own
				}
				g := n.find(multipath.Config{Kind: kind, Confidence: 0.99}, seed+1)
				got := n.names(&g)
				for e := range got {
					if !want[e] {
						t.Fatalf("%v, %s: there is no %s", kind, name, e)
					}
				}
				if maps.Equal(got, want) {
					whole++
				}
				for i, v := range g.Vertices {
					if v.PerPacket || !v.Sure && name != "eight" {
						t.Errorf("%v, %s: vertex %d: %+v", kind, name, i, v)
					}
				}
				if kind != probe.TCP && !g.Reached {
					t.Errorf("%v, %s: not reached", kind, name)
				}
			}
			if whole < runs*9/10 {
				t.Errorf("%v, %s: %d of %d found all", kind, name, whole, runs)
			}
		}
	}
}

// TestConfidence: of two equal ways behind one gateway, one is missed as often as
// the confidence leaves, and not more.
func TestConfidence(t *testing.T) {
	const runs = 2000
	missed := 0
	for seed := range uint64(runs) {
		n := newNetwork(t, "r", gateways("r>a b", "a>z", "b>z", "z>dst"))
		g := n.find(multipath.Config{MaxTTL: 2, Confidence: 0.95}, seed+1)
		if len(g.Hop(2)) < 2 {
			missed++
		}
	}
	// Six flows all go one way once in 32.
	if missed < runs/32-25 || missed > runs/32+25 {
		t.Errorf("%d of %d runs missed a way", missed, runs)
	}
}

// TestFew: a path without any choice takes as many probes as the stopping rule
// says, and no more.
func TestFew(t *testing.T) {
	n := newNetwork(t, "r", gateways("r>s", "s>dst"))
	g := n.find(multipath.Config{}, 1)
	if g.Probes != 3*6 || g.Flows != 6 || len(g.Vertices) != 3 || len(g.Diamonds) > 0 {
		t.Errorf("%+v", g)
	}
	for i, v := range g.Vertices {
		if v.Flows != 6 || v.Best != 2*ms || v.Reached != (i == 2) || int(v.TTL) != i+1 {
			t.Errorf("%+v", v)
		}
	}
}

// TestPerPacket: a gateway that divides by packet is told from one that divides
// by flow.
func TestPerPacket(t *testing.T) {
	conform.Row(t, "P-09")
	for _, by := range []bool{false, true} {
		gs := gateways("q>r", "r>a b", "a>c", "b>d", "c>z", "d>z", "z>dst")
		r := gs["r"]
		r.perPacket = by
		gs["r"] = r
		n := newNetwork(t, "q", gs)
		g := n.find(multipath.Config{Confidence: 0.99}, 5)
		for _, v := range g.Vertices {
			if v.PerPacket != (by && v.Addr == addrOf("r")) {
				t.Errorf("by packet %v: %+v", by, v)
			}
		}
		if len(g.Hop(3)) != 2 || len(g.Hop(4)) != 2 || len(g.Hop(5)) != 1 || !g.Reached {
			t.Errorf("by packet %v: %+v", by, g)
		}
		if len(g.Diamonds) != 1 || g.Diamonds[0].PerPacket != by {
			t.Errorf("by packet %v: %+v", by, g.Diamonds)
		}
	}
}

func TestDiamonds(t *testing.T) {
	for name, want := range map[string][]multipath.Diamond{
		"none":         nil,
		"two":          {{From: 0, To: 3, Width: 2, Length: 2}},
		"three, long":  {{From: 0, To: 7, Width: 3, Length: 3}},
		"nested":       {{From: 0, To: 6, Width: 3, Length: 3, Unequal: true}},
		"nested twice": {{From: 0, To: 7, Width: 4, Length: 3, Unequal: true}},
		"meshed":       {{From: 0, To: 5, Width: 2, Length: 3, Unequal: true}},
		"in a row":     {{From: 0, To: 3, Width: 2, Length: 2}, {From: 3, To: 6, Width: 2, Length: 2}},
		"to the end":   {{From: 0, To: 4, Width: 3, Length: 2}},
	} {
		n := newNetwork(t, "r", gateways(shapes[name]...))
		if g := n.find(multipath.Config{Confidence: 0.9999}, 3); !slices.Equal(g.Diamonds, want) {
			t.Errorf("%s: %+v", name, g.Diamonds)
		}
	}
	// Ways that divide at the source, and never meet again.
	n := newNetwork(t, "a", gateways("a>c", "b>d"))
	n.first = []string{"a", "b"}
	n.gateways["c"], n.gateways["d"] = gateway{refuses: true}, gateway{refuses: true}
	g := n.find(multipath.Config{Confidence: 0.999}, 3)
	if want := []multipath.Diamond{{From: -1, To: -1, Width: 2, Length: 2}}; !slices.Equal(g.Diamonds, want) || g.Reached {
		t.Errorf("%+v", g)
	}
	for _, i := range g.Hop(2) {
		if c := g.Vertices[i].Claim; c.Type != 3 || c.Code != 1 || len(g.Next(i)) > 0 {
			t.Errorf("%+v", g.Vertices[i])
		}
	}
}

// TestSilent: who does not answer is a vertex without an address; where nobody
// does any more, it ends.
func TestSilent(t *testing.T) {
	gs := gateways("r>a b", "a>z", "b>z", "z>dst")
	gs["z"] = gateway{next: []string{"dst"}, silent: true}
	n := newNetwork(t, "r", gs)
	g := n.find(multipath.Config{Confidence: 0.99}, 2)
	if want := edges("src>r", "r>a b", "a>*3", "b>*3", "*3>dst"); !maps.Equal(n.names(&g), want) || !g.Reached {
		t.Errorf("%v", n.names(&g))
	}
	gs["dst"] = gateway{silent: true}
	for silent, last := range map[int]int{0: 5, 1: 3, 2: 4} {
		g = n.find(multipath.Config{Silent: silent}, 2)
		if v := g.Vertices[len(g.Vertices)-1]; int(v.TTL) != last || v.Addr.IsValid() || g.Reached {
			t.Errorf("%d: %+v", silent, v)
		}
	}
	g = n.find(multipath.Config{Silent: 9, MaxTTL: 6, Tries: 1}, 2)
	if v := g.Vertices[len(g.Vertices)-1]; v.TTL != 6 {
		t.Errorf("%+v", v)
	}
	// Twice as many tries, twice as many probes to where there is no answer.
	once := g.Probes
	if g = n.find(multipath.Config{Silent: 9, MaxTTL: 6, Tries: 2}, 2); g.Probes <= once {
		t.Errorf("%d probes, with one try %d", g.Probes, once)
	}
}

// TestLimited: gateways that answer now and then only are given time, and nothing
// that is not there is found.
func TestLimited(t *testing.T) {
	for pace, most := range map[time.Duration]time.Duration{10 * ms: 4 * time.Second, 100 * ms: 10 * time.Second, time.Second: 90 * time.Second} {
		for _, kind := range []probe.Kind{probe.UDP, probe.Echo} {
			for _, name := range []string{"none", "two", "nested", "nested twice"} {
				whole := 0
				const runs = 20
				want := edges(shapes[name]...)
				want["src>r"] = true
				for seed := range uint64(runs) {
					n := newNetwork(t, "r", gateways(shapes[name]...))
					n.pace = pace
					g := n.find(multipath.Config{Kind: kind, Confidence: 0.99}, seed+1)
					got := n.names(&g)
					for e := range got {
						if !want[e] {
							t.Errorf("%v, %s: there is no %s", pace, name, e)
						}
					}
					if maps.Equal(got, want) {
						whole++
					}
					if d := n.now.Sub(start); d > most {
						t.Errorf("%v, %s: it took %v, %d probes", pace, name, d, g.Probes)
					}
				}
				if whole < runs*9/10 {
					t.Errorf("%v, %v, %s: %d of %d found all", pace, kind, name, whole, runs)
				}
			}
		}
	}
}

// TestHalfSilent: of two gateways one never answers, with loss and without: that is
// no way that is missed, nor one that there is not.
func TestHalfSilent(t *testing.T) {
	for _, drop := range []int{0, 9} {
		gs := gateways("r>a b", "a>z", "b>z", "z>dst")
		gs["b"] = gateway{next: []string{"z"}, silent: true}
		n := newNetwork(t, "r", gs)
		n.drop = drop
		g := n.find(multipath.Config{Kind: probe.UDP, Confidence: 0.99}, 4)
		if want := edges("src>r", "r>a *2", "a>z", "*2>z", "z>dst"); !maps.Equal(n.names(&g), want) || !g.Reached {
			t.Errorf("%v", n.names(&g))
		}
		if d := n.now.Sub(start); d > 12*time.Second || d < 4*time.Second {
			t.Errorf("it took %v", d)
		}
	}
	// What is lost now and then is found all the same, and does not take long.
	n := newNetwork(t, "r", gateways(shapes["nested"]...))
	n.drop = 10
	g := n.find(multipath.Config{Kind: probe.UDP, Confidence: 0.9999}, 4)
	if want := edges(append(shapes["nested"], "src>r")...); !maps.Equal(n.names(&g), want) || n.now.Sub(start) > 12*time.Second {
		t.Errorf("%v, %v", n.names(&g), n.now.Sub(start))
	}
}

// TestRewritten: who quotes another header than was sent is on the way as anybody,
// and it is told where that begins.
func TestRewritten(t *testing.T) {
	gs := gateways("r>s", "s>z", "z>dst")
	gs["s"] = gateway{next: []string{"z"}, outside: true}
	gs["z"] = gateway{next: []string{"dst"}, outside: true}
	n := newNetwork(t, "r", gs)
	g := n.find(multipath.Config{Kind: probe.UDP}, 2)
	if want := edges("src>r", "r>s", "s>z", "z>dst"); !maps.Equal(n.names(&g), want) || !g.Reached || g.Probes != 24 {
		t.Fatalf("%+v", g)
	}
	for i, name := range []string{"r", "s", "z", "dst"} {
		v := g.Vertices[i]
		if (v.Shown != nil) != (name == "s" || name == "z") || v.Shown != nil && (v.Shown.Src != translated || v.Shown.SrcPort == 0) {
			t.Errorf("%+v", v)
		}
	}
	if len(g.Rewritten) != 1 {
		t.Fatalf("%+v", g.Rewritten)
	}
	r := g.Rewritten[0]
	if r.TTL != 2 || r.After != 1 || r.From != addrOf("s") || r.Src != translated || r.Dst.IsValid() || r.SrcPort == 0 || r.DstPort != 0 || !r.Unfit || r.IPID {
		t.Errorf("%+v", r)
	}
	// A way through a translator beside one without.
	gs = gateways("r>a b", "a>z", "b>z", "z>dst")
	gs["b"] = gateway{next: []string{"z"}, outside: true}
	g = newNetwork(t, "r", gs).find(multipath.Config{Kind: probe.UDP, Confidence: 0.9999}, 2)
	if len(g.Diamonds) != 1 || len(g.Rewritten) != 1 || g.Rewritten[0].From != addrOf("b") || g.Rewritten[0].After != 1 {
		t.Errorf("%+v", g)
	}
}

// TestBounded: with too few flows it ends all the same, and says that it is not
// sure.
func TestBounded(t *testing.T) {
	n := newNetwork(t, "r", gateways(shapes["eight"]...))
	g := n.find(multipath.Config{Flows: 10}, 2)
	if g.Flows != 10 || g.Vertices[0].Sure || !g.Reached {
		t.Errorf("%+v", g)
	}
}

func TestConfig(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for field, c := range map[string]multipath.Config{
		"Kind":        {Kind: probe.Timestamp},
		"Confidence":  {Confidence: 1},
		"Confidence2": {Confidence: 0.4},
		"FirstTTL":    {FirstTTL: 9, MaxTTL: 8},
		"Flows":       {Flows: multipath.MaxFlows + 1},
		"Parallel":    {Parallel: -1},
		"Tries":       {Tries: 11},
		"Silent":      {Silent: -1},
		"Size":        {Kind: probe.UDP, Size: 9},
	} {
		c.Src, c.Dst = src, dst
		_, err := multipath.New(p, c)
		var f *wire.FieldError
		if !errors.As(err, &f) || f.Field != strings.TrimRight(field, "2") {
			t.Errorf("%s: %v", field, err)
		}
		if _, err := multipath.MaxProbes(c); err == nil {
			t.Errorf("%s: no error of MaxProbes", field)
		}
	}
	for _, c := range []multipath.Config{{Src: src}, {Dst: dst}} {
		if _, err := multipath.New(p, c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	if n, err := multipath.MaxProbes(multipath.Config{Src: src, Dst: dst, FirstTTL: 3, MaxTTL: 5, Flows: 10, Tries: 1}); n != 2*3*10*24 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func ExampleEnough() {
	fmt.Println(multipath.Enough(1, 0.95), multipath.Enough(2, 0.95))
	// Output: 6 11
}
