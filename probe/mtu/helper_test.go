package mtu_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

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

type bench struct {
	t *testing.T
	n *lab.Network
	p *probe.Prober
	u *prober.Upper
}

func newBench(t *testing.T, from, text string) *bench {
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
	return &bench{t, n, p, u}
}

// scenarioBench is a bench in a scenario that comes with the program.
func scenarioBench(t *testing.T, from, name string) *bench {
	t.Helper()
	text, err := scenario.Show(name)
	if err != nil {
		t.Fatal(err)
	}
	return newBench(t, from, text)
}

// find runs the strategy to its end and returns what it found, and when.
func (b *bench) find(c mtu.Config) (mtu.Result, []mtu.Event, time.Duration) {
	b.t.Helper()
	if !c.Src.IsValid() {
		src, err := b.u.Source(c.Dst)
		if err != nil {
			b.t.Fatal(err)
		}
		c.Src = src
	}
	s, err := mtu.New(b.p, c)
	if err != nil {
		b.t.Fatal(err)
	}
	b.u.Drive(s)
	begun := b.n.Now()
	var events []mtu.Event
	for i := 0; !s.Done(); i++ {
		if i > 100_000 {
			b.t.Fatalf("no end: %+v", s.Result())
		}
		now := b.n.Deadline()
		if now.Before(b.n.Now()) {
			now = b.n.Now()
		}
		b.n.Advance(now)
		for e, ok := s.NextEvent(); ok; e, ok = s.NextEvent() {
			events = append(events, e)
		}
	}
	if d := s.Deadline(); !d.IsZero() {
		b.t.Errorf("done, and due at %v", d)
	}
	return s.Result(), events, b.n.Now().Sub(begun)
}

// last returns the address of b in a chain.
func last(mtus []int, v6 bool) netip.Addr {
	if v6 {
		return addr(fmt.Sprintf("fd00:%d::10", len(mtus)-1))
	}
	return addr(fmt.Sprintf("10.0.%d.10", len(mtus)-1))
}

// router returns the address by which gateway i of a chain answers.
func router(i int, v6 bool) netip.Addr {
	if v6 {
		return addr(fmt.Sprintf("fd00:%d::1", i-1))
	}
	return addr(fmt.Sprintf("10.0.%d.1", i-1))
}

// both runs a test in both families.
func both(t *testing.T, f func(t *testing.T, v6 bool)) {
	for _, v6 := range []bool{false, true} {
		t.Run(fmt.Sprintf("v6=%v", v6), func(t *testing.T) { f(t, v6) })
	}
}
