package prober_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// bench is a laboratory with a prober on host a.
type bench struct {
	tb testing.TB
	n  *lab.Network
	p  *probe.Prober
	u  *prober.Upper
}

func newBench(tb testing.TB, text string, c probe.Config) *bench {
	tb.Helper()
	top, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	c.Seed, c.IPID = 792, true
	p, err := probe.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	u := prober.New("a", p)
	n, err := lab.New(top, lab.Options{Upper: u.On})
	if err != nil {
		tb.Fatal(err)
	}
	return &bench{tb, n, p, u}
}

// send hands a probe over now. The source is the host's own.
func (b *bench) send(q probe.Probe) probe.Handle {
	b.tb.Helper()
	if !q.Src.IsValid() {
		src, err := b.u.Source(q.Dst)
		if err != nil {
			b.tb.Fatal(err)
		}
		q.Src = src
	}
	h, err := b.p.Send(b.n.Now(), &q)
	if err != nil {
		b.tb.Fatal(err)
	}
	return h
}

// run lets time pass and returns what is told.
func (b *bench) run(d time.Duration) (out []probe.Event) {
	b.n.Run(b.n.Now().Add(d), nil)
	for e, ok := b.p.NextEvent(); ok; e, ok = b.p.NextEvent() {
		e.Options, e.Claim.Ext = bytes.Clone(e.Options), bytes.Clone(e.Claim.Ext)
		out = append(out, e)
	}
	return out
}

// one sends a probe and returns the one thing that is told of it.
func (b *bench) one(q probe.Probe, k probe.EventKind) probe.Event {
	b.tb.Helper()
	b.send(q)
	all := b.run(5 * time.Second)
	if len(all) != 1 || all[0].Kind != k {
		b.tb.Fatalf("%+v: told %v, want %v", q, all, k)
	}
	return all[0]
}

// line is hosts a and b with a row of gateways between them, on links of 1 ms.
func line(gateways int, mannersOfB string) string {
	var b strings.Builder
	b.WriteString("links:\n")
	for i := range gateways + 1 {
		fmt.Fprintf(&b, "  l%d: {delay: 1ms}\n", i)
	}
	b.WriteString("nodes:\n")
	fmt.Fprintf(&b, "  a: {interfaces: [{link: l0, address: 10.0.0.10/24, address6: 2001:db8:0:0::10/64}], limit: {off: true},\n")
	fmt.Fprintf(&b, "      routes: [{to: default, via: 10.0.0.1}, {to: default6, via: 2001:db8:0:0::1}]}\n")
	for i := 1; i <= gateways; i++ {
		next, next6 := fmt.Sprintf("10.0.%d.1", i), fmt.Sprintf("2001:db8:0:%d::1", i)
		if i == gateways {
			next, next6 = fmt.Sprintf("10.0.%d.10", i), fmt.Sprintf("2001:db8:0:%d::10", i)
		}
		back := ""
		if i > 1 {
			back = fmt.Sprintf("{to: 10.0.0.0/24, via: 10.0.%d.2}, {to: \"2001:db8:0:0::/64\", via: \"2001:db8:0:%d::2\"}, ", i-1, i-1)
		}
		fmt.Fprintf(&b, "  r%d:\n    kind: gateway\n    limit: {off: true}\n", i)
		fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.1/24, address6: \"2001:db8:0:%d::1/64\"}, {link: l%d, address: 10.0.%d.2/24, address6: \"2001:db8:0:%d::2/64\"}]\n",
			i-1, i-1, i-1, i, i, i)
		fmt.Fprintf(&b, "    routes: [%s{to: default, via: %s}, {to: default6, via: \"%s\"}]\n", back, next, next6)
	}
	fmt.Fprintf(&b, "  b:\n    limit: {off: true}\n    %s\n", mannersOfB)
	fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.10/24, address6: \"2001:db8:0:%d::10/64\", mask: true, probe: true}]\n", gateways, gateways, gateways)
	fmt.Fprintf(&b, "    routes: [{to: default, via: 10.0.%d.2}, {to: default6, via: \"2001:db8:0:%d::2\"}]\n", gateways, gateways)
	return b.String()
}

// pair is a and b on a link, whose keys are given, and c, who sees nothing of
// what they say to each other.
func pair(link string) string {
	return fmt.Sprintf(`
links: {wire: {%s}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24}], limit: {off: true}}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24}], limit: {off: true}}
  c: {interfaces: [{link: wire, address: 10.0.0.3/24}], limit: {off: true}}
`, link)
}
