package prober_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

// chain is a topology of a, gateways r1, r2, … and b, with links of the given
// MTUs between them. Extra has lines for nodes, by name.
func chain(mtus []int, extra map[string]string) string {
	var b strings.Builder
	b.WriteString("links:\n")
	for i, m := range mtus {
		fmt.Fprintf(&b, "  l%d: {delay: 1ms, mtu: %d}\n", i, m)
	}
	n := len(mtus) - 1
	b.WriteString("nodes:\n")
	fmt.Fprintf(&b, "  a:\n    limit: {off: true}\n%s", extra["a"])
	fmt.Fprintf(&b, "    interfaces: [{link: l0, address: 10.0.0.10/24, address6: 'fd00:0::10/64'}]\n    routes: [{to: default, via: 10.0.0.1}, {to: default6, via: 'fd00:0::1'}]\n")
	for i := 1; i <= n; i++ {
		next, next6 := fmt.Sprintf("10.0.%d.1", i), fmt.Sprintf("fd00:%d::1", i)
		if i == n {
			next, next6 = fmt.Sprintf("10.0.%d.10", i), fmt.Sprintf("fd00:%d::10", i)
		}
		back := ""
		if i > 1 {
			back = fmt.Sprintf("{to: 10.0.0.0/24, via: 10.0.%d.2}, {to: 'fd00:0::/64', via: 'fd00:%d::2'}, ", i-1, i-1)
		}
		name := fmt.Sprintf("r%d", i)
		fmt.Fprintf(&b, "  %s:\n    kind: gateway\n    limit: {off: true}\n%s", name, extra[name])
		out := extra[name+" out"]
		fmt.Fprintf(&b, "    interfaces:\n      - {link: l%d, address: 10.0.%d.1/24, address6: 'fd00:%d::1/64'%s}\n      - {link: l%d, address: 10.0.%d.2/24, address6: 'fd00:%d::2/64'%s}\n",
			i-1, i-1, i-1, extra[name+" in"], i, i, i, out)
		fmt.Fprintf(&b, "    routes: [%s{to: default, via: %s}, {to: default6, via: '%s'}]\n", back, next, next6)
	}
	fmt.Fprintf(&b, "  b:\n    limit: {off: true}\n%s", extra["b"])
	fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.10/24, address6: 'fd00:%d::10/64'}]\n", n, n, n)
	if n > 0 {
		fmt.Fprintf(&b, "    routes: [{to: default, via: 10.0.%d.2}, {to: default6, via: 'fd00:%d::2'}]\n", n, n)
	}
	return b.String()
}

// findMTU runs the strategy on a host of a topology to its end.
func findMTU(t *testing.T, from, text string, dst netip.Addr) (mtu.Result, time.Duration) {
	t.Helper()
	top, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p, err := probe.New(probe.Config{Seed: 1191, IPID: true})
	if err != nil {
		t.Fatal(err)
	}
	u := prober.New(from, p)
	n, err := lab.New(top, lab.Options{Upper: u.On})
	if err != nil {
		t.Fatal(err)
	}
	src, err := u.Source(dst)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mtu.New(p, mtu.Config{Src: src, Dst: dst})
	if err != nil {
		t.Fatal(err)
	}
	u.Drive(s)
	begun := n.Now()
	for i := 0; !s.Done(); i++ {
		if i > 100_000 {
			t.Fatalf("no end: %+v", s.Result())
		}
		now := n.Deadline()
		if now.Before(n.Now()) {
			now = n.Now()
		}
		n.Advance(now)
	}
	return s.Result(), n.Now().Sub(begun)
}

// TestMTU: staircases and black holes, in both families.
func TestMTU(t *testing.T) {
	conform.Row(t, "P-10")
	mtus := []int{9000, 1500, 1480, 1480, 1300, 1500}
	for _, dst := range []netip.Addr{addr("10.0.5.10"), addr("fd00:5::10")} {
		r, took := findMTU(t, "a", chain(mtus, nil), dst)
		if len(r.Reductions) != 3 || r.MTU != 1300 || !r.Exact || r.LinkMTU != 9000 || r.Hole != nil || r.Probes > 12+6 || r.Probes-r.Back.Probes > 12 || r.Back.MTU != 1300 || r.Back.Exact != dst.Is4() || took > 60*ms && dst.Is4() {
			t.Fatalf("%v: %+v, %v", dst, r, took)
		}
		for i, want := range []struct{ hop, before, mtu int }{{1, 9000, 1500}, {2, 1500, 1480}, {4, 1480, 1300}} {
			if x := r.Reductions[i]; x.Hop != want.hop || !x.Sure || x.Before != want.before || x.MTU != want.mtu || x.Said != want.mtu || x.Fault != mtu.None {
				t.Errorf("%v: %+v", dst, x)
			}
		}
		r, took = findMTU(t, "a", chain(mtus, map[string]string{"r4 out": ", black_hole: true"}), dst)
		if len(r.Reductions) != 2 || r.MTU != 1300 || r.Hole == nil || r.Hole.After != 4 || r.Hole.Before != 5 || r.Hole.Way != mtu.There || took > 6*time.Second {
			t.Errorf("%v: %+v, %+v, %v", dst, r, r.Hole, took)
		}
	}
}

// TestMTUScenarios: the two scenarios of the program that are about it.
func TestMTUScenarios(t *testing.T) {
	conform.Row(t, "P-10")
	show := func(name string) string {
		text, err := scenario.Show(name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	r, took := findMTU(t, "A", show("frag-needed"), addr("203.0.113.50"))
	if r.MTU != 1000 || len(r.Reductions) != 1 || r.Reductions[0].Router != addr("192.168.1.1") || !r.Reductions[0].Sure || r.Hole != nil || took > 40*ms {
		t.Errorf("%+v, %v", r, took)
	}
	r, took = findMTU(t, "A", show("pmtu-black-hole"), addr("203.0.113.50"))
	want := mtu.Hole{Size: 1001, Way: mtu.There, After: 1, AfterAddr: addr("192.168.1.1"), Before: 2, BeforeAddr: addr("203.0.113.50")}
	if r.MTU != 1000 || !r.Exact || len(r.Reductions) != 0 || r.Hole == nil || *r.Hole != want || r.Hops != 2 || took > 10*time.Second {
		t.Errorf("%+v, %+v, %v", r, r.Hole, took)
	}
}
