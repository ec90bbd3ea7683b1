package prober_test

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
)

// fork is a topology of a, r1, r2 and b, with two ways between r1 and r2 that
// have so many gateways, m1, m2, … and s1, s2, … The first link of the first way
// and its last are cut together; r1 and r2 find that out after detect.
func fork(main, spare int, cuts, detect string) string {
	var b strings.Builder
	nodes := map[string][]string{} // interfaces
	routes := map[string][]string{}
	b.WriteString("links:\n  lan: {delay: 1ms}\n  far: {delay: 1ms}\n")
	net := 10
	for _, w := range []struct {
		name string
		n    int
	}{{"m", main}, {"s", spare}} {
		last := "r1"
		for i := range w.n + 1 {
			net++
			next, cut := fmt.Sprint(w.name, i+1), ""
			if i == w.n {
				next = "r2"
			}
			if w.name == "m" && (i == 0 || i == w.n) {
				cut = fmt.Sprintf(", cuts: [%s]", cuts)
			}
			fmt.Fprintf(&b, "  l%d: {delay: 1ms%s}\n", net, cut)
			for side, node := range []string{last, next} {
				watch := ""
				if detect != "" && cut != "" && node[0] == 'r' {
					watch = ", detect: " + detect
				}
				nodes[node] = append(nodes[node], fmt.Sprintf("{link: l%d, address: 10.0.%d.%d/24, address6: 'fd00:%d::%d/64'%s}", net, net, side+1, net, side+1, watch))
			}
			metric := ""
			if w.name == "s" {
				metric = ", metric: 10"
			}
			if last != "r1" {
				metric = ""
			}
			routes[last] = append(routes[last], fmt.Sprintf("{to: 10.0.2.0/24, via: 10.0.%d.2%s}, {to: 'fd00:2::/64', via: 'fd00:%d::2'%s}", net, metric, net, metric))
			metric = ""
			if w.name == "s" && next == "r2" {
				metric = ", metric: 10"
			}
			routes[next] = append(routes[next], fmt.Sprintf("{to: 10.0.1.0/24, via: 10.0.%d.1%s}, {to: 'fd00:1::/64', via: 'fd00:%d::1'%s}", net, metric, net, metric))
			last = next
		}
	}
	b.WriteString("nodes:\n")
	b.WriteString("  a: {limit: {off: true}, interfaces: [{link: lan, address: 10.0.1.10/24, address6: 'fd00:1::10/64'}], routes: [{to: default, via: 10.0.1.1}, {to: default6, via: 'fd00:1::1'}]}\n")
	b.WriteString("  b: {limit: {off: true}, interfaces: [{link: far, address: 10.0.2.10/24, address6: 'fd00:2::10/64'}], routes: [{to: default, via: 10.0.2.1}, {to: default6, via: 'fd00:2::1'}]}\n")
	nodes["r1"] = append(nodes["r1"], "{link: lan, address: 10.0.1.1/24, address6: 'fd00:1::1/64'}")
	nodes["r2"] = append(nodes["r2"], "{link: far, address: 10.0.2.1/24, address6: 'fd00:2::1/64'}")
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		fmt.Fprintf(&b, "  %s:\n    kind: gateway\n    limit: {off: true}\n    interfaces: [%s]\n    routes: [%s]\n", name, strings.Join(nodes[name], ", "), strings.Join(routes[name], ", "))
	}
	return b.String()
}

// watched is what a monitor has found out, hops by the names of their nodes.
type watched struct {
	t    *testing.T
	n    *lab.Network
	m    *mtr.Monitor
	told []mtr.Event
}

// watch has a monitor watch the way from a to a destination until it is done,
// and calls each after everything that happens.
func watch(t *testing.T, text string, c mtr.Config, each func(w *watched)) *watched {
	t.Helper()
	top, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p, err := probe.New(probe.Config{Seed: 6, IPID: true})
	if err != nil {
		t.Fatal(err)
	}
	u := prober.New("a", p)
	n, err := lab.New(top, lab.Options{Upper: u.On})
	if err != nil {
		t.Fatal(err)
	}
	if c.Src, err = u.Source(c.Dst); err != nil {
		t.Fatal(err)
	}
	m, err := mtr.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{t: t, n: n, m: m}
	u.Drive(m)
	for i := 0; !m.Done(); i++ {
		if i > 1_000_000 {
			t.Fatal("no end")
		}
		now := n.Deadline()
		if now.Before(n.Now()) {
			now = n.Now()
		}
		n.Advance(now)
		for e, ok := m.Next(); ok; e, ok = m.Next() {
			if e.Kind == mtr.Changed {
				w.told = append(w.told, e)
			}
		}
		if each != nil {
			each(w)
		}
	}
	return w
}

func (w *watched) name(a netip.Addr) string {
	if h, ok := w.n.HostByAddr(a); ok {
		return h.Name
	}
	return "?"
}

// rows is what a table of it shows: each hop's node, what was lost of what was
// sent, and whether that is called the hop's own limit.
func (w *watched) rows() string {
	var out []string
	for _, h := range w.m.Hops() {
		s := "?"
		if len(h.Hosts) > 0 {
			s = w.name(h.Hosts[0].Addr)
		}
		s += fmt.Sprintf(" %d/%d", h.Lost(), h.Sent)
		if h.Limited {
			s += "*"
		}
		if h.Waiting != 0 {
			s += fmt.Sprintf(" %d waiting", h.Waiting)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// paths is every way with what was lost on it.
func (w *watched) paths() (out []string) {
	for _, p := range w.m.Paths() {
		var hops []string
		for i, a := range p.Hops {
			hops = append(hops, fmt.Sprintf("%s %d/%d", w.name(a), p.Stats[i].Lost(), p.Stats[i].Sent))
		}
		s := strings.Join(hops, ", ")
		if p.Now {
			s += " now"
		}
		if p.Shared {
			s += " shared"
		}
		out = append(out, s)
	}
	return out
}

// changes is what was told, in a line each.
func (w *watched) changes() (out []string) {
	for _, e := range w.told {
		out = append(out, fmt.Sprintf("%d: %d %s > %s", e.Round, e.TTL, w.name(e.Was), w.name(e.Is)))
	}
	return out
}

// dsts are the destination in both.
var dsts = []netip.Addr{netip.MustParseAddr("10.0.2.10"), netip.MustParseAddr("fd00:2::10")}

// TestMTRFailover: the way moves to a longer, a shorter, an equally long one, and
// stays, or comes back. Nothing is lost by that that was not: the rows of now
// have none but the destination's, which goes with it; what was lost until the
// gateways had found out is the old way's.
func TestMTRFailover(t *testing.T) {
	const once, back = "{from: 10500ms}", "{from: 10500ms, to: 25500ms}"
	type lines []string
	for _, tt := range []struct {
		name        string
		main, spare int
		cuts        string
		detect      string
		rows        string
		paths       lines
		changes     lines
	}{
		{
			"longer", 0, 2, once, "",
			"r1 0/50, s1 0/39, s2 0/39, r2 0/39, b 0/50",
			lines{"r1 0/50, r2 0/11, b 0/11", "r1 0/50, s1 0/39, s2 0/39, r2 0/39, b 0/39 now"},
			lines{"12: 2 r2 > s1", "12: 3 b > s2"},
		},
		{
			"longer and back", 0, 2, back, "",
			"r1 0/50, r2 0/35, b 0/50",
			lines{"r1 0/50, r2 0/35, b 0/35 now", "r1 0/50, s1 0/15, s2 0/15, r2 0/15, b 0/15"},
			lines{"12: 2 r2 > s1", "12: 3 b > s2", "27: 2 s1 > r2", "27: 3 s2 > b"},
		},
		{
			"shorter", 2, 0, once, "",
			"r1 0/50, r2 0/39, b 0/50",
			lines{"r1 0/50, m1 0/11, m2 0/11, r2 0/11, b 0/11", "r1 0/50, r2 0/39, b 0/39 now"},
			lines{"12: 2 m1 > r2", "12: 3 m2 > b"},
		},
		{
			"shorter and back", 2, 0, back, "",
			"r1 0/50, m1 0/35, m2 0/35, r2 0/35, b 0/50",
			lines{"r1 0/50, m1 0/35, m2 0/35, r2 0/35, b 0/35 now", "r1 0/50, r2 0/15, b 0/15"},
			lines{"12: 2 m1 > r2", "12: 3 m2 > b", "27: 2 r2 > m1", "27: 3 b > m2"},
		},
		{
			"equal", 1, 1, once, "",
			"r1 0/50, s1 0/39, r2 0/39, b 0/50",
			lines{"r1 0/50, m1 0/11, r2 0/11, b 0/50", "r1 0/50, s1 0/39, r2 0/39, b 0/50 now"},
			lines{"12: 2 m1 > s1", "12: 3 r2 > r2"}, // by another address of it
		},
		{
			"equal and back", 1, 1, back, "",
			"r1 0/50, m1 0/35, r2 0/35, b 0/50",
			lines{"r1 0/50, m1 0/35, r2 0/35, b 0/50 now", "r1 0/50, s1 0/15, r2 0/15, b 0/50"},
			lines{"12: 2 m1 > s1", "12: 3 r2 > r2", "27: 2 s1 > m1", "27: 3 r2 > r2"},
		},
		{ // three rounds are lost at every hop behind r1, and they are the old way's
			"longer, found out late", 0, 2, once, "3s",
			"r1 0/50, s1 0/36, s2 0/36, r2 0/36, b 3/50",
			lines{"r1 0/50, r2 3/14, b 3/14", "r1 0/50, s1 0/36, s2 0/36, r2 0/36, b 0/36 now"},
			lines{"15: 2 r2 > s1", "15: 3 b > s2"},
		},
		{
			"longer and back, found out late", 0, 2, back, "3s",
			"r1 0/50, r2 3/35, b 3/50",
			lines{"r1 0/50, r2 3/35, b 3/35 now", "r1 0/50, s1 0/15, s2 0/15, r2 0/15, b 0/15"},
			lines{"15: 2 r2 > s1", "15: 3 b > s2", "30: 2 s1 > r2", "30: 3 s2 > b"},
		},
		{ // the fifth hop is asked half a second after the first: four
			"shorter, found out late", 2, 0, once, "3s",
			"r1 0/50, r2 0/36, b 4/50",
			lines{"r1 0/50, m1 3/14, m2 3/14, r2 3/14, b 4/14", "r1 0/50, r2 0/36, b 0/36 now"},
			lines{"15: 2 m1 > r2", "15: 3 m2 > b"},
		},
		{
			"equal, found out late", 1, 1, once, "3s",
			"r1 0/50, s1 0/36, r2 0/36, b 3/50",
			lines{"r1 0/50, m1 3/14, r2 3/14, b 3/50", "r1 0/50, s1 0/36, r2 0/36, b 3/50 now"},
			lines{"15: 2 m1 > s1", "15: 3 r2 > r2"},
		},
		{ // it comes and goes: each time it is told of
			"longer, again and again", 0, 2, "{from: 10500ms, to: 20500ms, every: 20s}", "2s",
			"r1 0/50, r2 4/30, b 4/50",
			lines{"r1 0/50, r2 4/30, b 4/30 now", "r1 0/50, s1 0/20, s2 0/20, r2 0/20, b 0/20"},
			lines{"14: 2 r2 > s1", "14: 3 b > s2", "24: 2 s1 > r2", "24: 3 s2 > b", "34: 2 r2 > s1", "34: 3 b > s2", "44: 2 s1 > r2", "44: 3 s2 > b"},
		},
		{ // it flaps: hosts take turns, and are one row
			"longer, flapping", 0, 2, "{from: 10500ms, to: 12500ms, every: 4s}", "1s",
			"r1 0/50, s1 10/50, s2 10/50, r2 0/20, b 10/50",
			lines{"r1 0/50, r2 10/30, b 10/30 shared", "r1 0/50, s1 0/20, s2 0/20, r2 0/20, b 0/20 now shared"},
			lines{"13: 2 r2 > s1", "13: 3 b > s2"},
		},
		{ // nothing takes over in time: it is lost, and the way has not changed
			"no other way", 0, 2, back, "30s",
			"r1 0/50, r2 15/50, b 15/50",
			lines{"r1 0/50, r2 15/50, b 15/50 now"},
			nil,
		},
	} {
		for _, dst := range dsts {
			w := watch(t, fork(tt.main, tt.spare, tt.cuts, tt.detect), mtr.Config{Dst: dst, Rounds: 50, Wait: 2 * time.Second}, func(w *watched) {
				for _, h := range w.m.Hops() {
					if h.Waiting < 0 || h.Lost() < 0 || h.Limited || tt.detect == "" && h.Lost() > 0 {
						t.Fatalf("%s, %v, round %d: %s", tt.name, dst, w.m.Round(), w.rows())
					}
				}
			})
			w.is(tt.name, w.rows(), tt.rows)
			w.is(tt.name, strings.Join(w.paths(), "\n"), strings.Join(tt.paths, "\n"))
			w.is(tt.name, strings.Join(w.changes(), "\n"), strings.Join(tt.changes, "\n"))
			w.balanced(tt.name)
		}
	}
}

func (w *watched) is(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s, %v:\n%s\nwant\n%s", what, w.m.Config().Dst, got, want)
	}
}

// balanced holds what is told of a flow to the rows, and both to themselves.
func (w *watched) balanced(what string) {
	w.t.Helper()
	for i, h := range w.m.Hops() {
		if l := w.m.Lanes()[0].Hops[i]; l.Sent != h.Sent || l.Received != h.Received || l.Avg() != h.Avg() || h.Sent != h.Received+h.Lost() {
			w.t.Errorf("%s: hop %d: %+v and %+v", what, i+1, l, h.Stats)
		}
	}
}

// TestMTRSilent: on the other way there are gateways that never answer. They are
// not those of the old way, which have not lost what they were never asked; a
// destination that is farther away than before is found behind them.
func TestMTRSilent(t *testing.T) {
	text := fork(0, 2, "{from: 10500ms, to: 25500ms}", "2s")
	one := strings.Replace(text, "  s1:\n", "  s1:\n    silent: true\n", 1)
	both := strings.Replace(one, "  s2:\n", "  s2:\n    silent: true\n", 1)
	for _, dst := range dsts {
		w := watch(t, one, mtr.Config{Dst: dst, Rounds: 50, Wait: 2 * time.Second}, nil)
		w.is("one", w.rows(), "r1 0/50, r2 2/35, b 2/50")
		w.is("one", strings.Join(w.paths(), "\n"), "r1 0/50, r2 2/35, b 2/35 now\nr1 0/50, ? 15/15, s2 0/15, r2 0/15, b 0/15")
		w.is("one", strings.Join(w.changes(), "\n"), "14: 3 b > s2\n20: 2 r2 > ?\n29: 2 ? > r2\n29: 3 s2 > b")
		w = watch(t, one, mtr.Config{Dst: dst, Rounds: 24, Wait: 2 * time.Second}, nil)
		w.is("before it is back", w.rows(), "r1 0/24, ? 11/11*, s2 0/11, r2 0/11, b 2/24")
		// The destination is looked for farther away when it has kept silent for
		// three rounds, which are as lost as those of the two seconds.
		w = watch(t, both, mtr.Config{Dst: dst, Rounds: 50, Wait: 2 * time.Second}, nil)
		w.is("both", w.rows(), "r1 0/50, r2 3/36, b 3/50")
		w.is("both", strings.Join(w.paths(), "\n"), "r1 0/50, r2 3/36, b 3/36 now\nr1 0/50, ? 14/14, ? 14/14, r2 0/14, b 0/14")
		w.is("both", strings.Join(w.changes(), "\n"), "21: 2 r2 > ?\n21: 3 b > ?\n29: 2 ? > r2\n29: 3 ? > b")
	}
}

// TestMTRRefused: where a gateway has no route, or gives up on its neighbour, the
// way ends there, and what was lost is the destination's alone.
func TestMTRRefused(t *testing.T) {
	text := fork(0, 2, "{from: 10500ms, to: 25500ms}", "2s")
	spares := regexp.MustCompile(`, {to: 10[^}]*metric: 10}, {to: 'fd[^}]*metric: 10}`)
	alone := spares.ReplaceAllString(text, "")
	for _, dst := range dsts {
		w := watch(t, alone, mtr.Config{Dst: dst, Rounds: 50, Wait: 2 * time.Second}, nil)
		w.is("no route", w.rows(), "r1 0/50, r2 2/35, b 16/49")
		w.is("no route", strings.Join(w.paths(), "\n"), "r1 0/50, r2 2/35, b 2/35 now\nr1 0/50")
		w.is("no route", strings.Join(w.changes(), "\n"), "14: 2 r2 > ?\n29: 2 ? > r2")
		w = watch(t, strings.ReplaceAll(alone, ", detect: 2s", ""), mtr.Config{Dst: dst, Rounds: 50, Wait: 2 * time.Second}, nil)
		w.is("gives up", w.rows(), "r1 0/50, r2 0/35, b 14/49")
		w.is("gives up", strings.Join(w.paths(), "\n"), "r1 0/50, r2 0/35, b 0/35 now\nr1 0/50, r1 0/15")
		w.is("gives up", strings.Join(w.changes(), "\n"), "12: 2 r2 > r1\n12: 3 b > ?\n27: 2 r1 > r2\n27: 3 ? > b")
	}
}

// TestMTRFlows: several flows change together.
func TestMTRFlows(t *testing.T) {
	w := watch(t, fork(0, 2, "{from: 10500ms, to: 40500ms}", "3s"), mtr.Config{Dst: dsts[0], Flows: 3, Rounds: 90, Wait: 2 * time.Second}, nil)
	for _, l := range w.m.Lanes() {
		if !l.Reached || len(l.Hops) != 3 || l.Hops[0].Lost() != 0 || l.Hops[2].Lost() != 1 || l.Hops[2].Sent != 30 || l.Hops[1].Lost() != 1 || l.Hops[1].Sent != 20 {
			t.Errorf("%+v", l)
		}
	}
	// A row is what its flows are together.
	for i, h := range w.m.Hops() {
		var sent, received int
		var sum, squares, jitters float64
		best, worst, most := time.Hour, time.Duration(0), time.Duration(0)
		for _, l := range w.m.Lanes() {
			s := &l.Hops[i].Stats
			sent, received = sent+s.Sent, received+s.Received
			sum += float64(s.Avg()) * float64(s.Received)
			jitters += float64(s.JAvg()) * float64(s.Received)
			best, worst, most = min(best, s.Best), max(worst, s.Worst), max(most, s.JMax)
		}
		mean := sum / float64(received)
		for _, l := range w.m.Lanes() {
			s := &l.Hops[i].Stats
			d := float64(s.Avg()) - mean
			squares += float64(s.StDev())*float64(s.StDev())*float64(s.Received-1) + d*d*float64(s.Received)
		}
		near := func(a time.Duration, b float64) bool { return math.Abs(float64(a)-b) < 100 }
		if h.Limited || h.Sent != sent || h.Received != received || h.Lost() != 3*min(i, 1) || h.Best != best || h.Worst != worst || h.JMax != most ||
			!near(h.Avg(), mean) || !near(h.StDev(), math.Sqrt(squares/float64(received-1))) || !near(h.JAvg(), jitters/float64(received)) || h.GMean() > h.Avg() || h.GMean() < best {
			t.Errorf("%+v: %v, %v, %v", h.Stats, mean, h.StDev(), h.JAvg())
		}
	}
	if len(w.told) != 12 {
		t.Errorf("%q", w.changes())
	}
}
