package diagnose_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/diagnose"
	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/vantage"
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// chain is a topology of a, four gateways and b, on links of two milliseconds.
// Extra has a delay or other
// keys for links ("l2"), nodes ("r2") and their two interfaces
// ("r2 in", "r2 out").
func chain(extra map[string]string) string {
	const gateways = 4
	var b strings.Builder
	with := func(key, sep string) string {
		if extra[key] == "" {
			return ""
		}
		return sep + extra[key]
	}
	b.WriteString("links:\n")
	for i := range gateways + 1 {
		delay, more := "2ms", with(fmt.Sprintf("l%d", i), ", ")
		if strings.HasSuffix(more, "0ms") && !strings.Contains(more, ":") {
			delay, more = more[2:], ""
		}
		fmt.Fprintf(&b, "  l%d: {delay: %s%s}\n", i, delay, more)
	}
	b.WriteString("nodes:\n")
	fmt.Fprintf(&b, "  a:\n    routes: [{to: default, via: 10.0.0.1}, {to: default6, via: 'fd00:0::1'}]\n%s", with("a", "    "))
	fmt.Fprintf(&b, "\n    interfaces: [{link: l0, address: 10.0.0.10/24, address6: 'fd00:0::10/64'}]\n")
	for i := 1; i <= gateways; i++ {
		next, next6 := fmt.Sprintf("10.0.%d.1", i), fmt.Sprintf("fd00:%d::1", i)
		if i == gateways {
			next, next6 = fmt.Sprintf("10.0.%d.10", i), fmt.Sprintf("fd00:%d::10", i)
		}
		back := ""
		if i > 1 {
			back = fmt.Sprintf("{to: 10.0.0.0/24, via: 10.0.%d.2}, {to: 'fd00:0::/64', via: 'fd00:%d::2'}, ", i-1, i-1)
		}
		name := fmt.Sprintf("r%d", i)
		fmt.Fprintf(&b, "  %s:\n    kind: gateway\n%s\n", name, with(name, "    "))
		fmt.Fprintf(&b, "    interfaces:\n      - {link: l%d, address: 10.0.%d.1/24, address6: 'fd00:%d::1/64'%s}\n      - {link: l%d, address: 10.0.%d.2/24, address6: 'fd00:%d::2/64'%s}\n",
			i-1, i-1, i-1, with(name+" in", ", "), i, i, i, with(name+" out", ", "))
		if r := extra[name+" routes"]; r != "" {
			fmt.Fprintf(&b, "    routes: [%s%s]\n", back, r)
		} else {
			fmt.Fprintf(&b, "    routes: [%s{to: default, via: %s}, {to: default6, via: '%s'}]\n", back, next, next6)
		}
	}
	fmt.Fprintf(&b, "  b:\n    listen: [{tcp: 80}]\n%s\n", with("b", "    "))
	fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.10/24, address6: 'fd00:%d::10/64'}]\n", gateways, gateways, gateways)
	fmt.Fprintf(&b, "    routes: [{to: default, via: 10.0.%d.2}, {to: default6, via: 'fd00:%d::2'}]\n", gateways, gateways)
	return b.String()
}

// ask diagnoses a host of a topology, by the virtual clock.
func ask(t *testing.T, top *topology.Topology, from, host string, f vantage.Family, c diagnose.Config) (facts.Facts, rule.Verdict) {
	t.Helper()
	at, err := vantage.OpenLab(top, vantage.LabOptions{From: from, Like: vantage.Trace, Virtual: true})
	if err != nil {
		t.Fatal(err)
	}
	all, err := at.Lookup(context.Background(), host, f)
	if err != nil {
		t.Fatal(err)
	}
	c.Host, c.Dst = host, all[0]
	x, err := diagnose.Run(context.Background(), at, c)
	if err != nil {
		t.Fatal(err)
	}
	return x, rule.Judge(&x)
}

func parse(t *testing.T, text string) *topology.Topology {
	t.Helper()
	top, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return top
}

func load(t *testing.T, name string) *topology.Topology {
	t.Helper()
	top, err := scenario.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// kinds are what was found.
func kinds(v rule.Verdict) (all []rule.Kind) {
	for i := range v.Findings {
		all = append(all, v.Findings[i].Kind)
	}
	return all
}

// finding returns the finding of a kind.
func finding(t *testing.T, v rule.Verdict, k rule.Kind) rule.Finding {
	t.Helper()
	i := slices.IndexFunc(v.Findings, func(f rule.Finding) bool { return f.Kind == k })
	if i < 0 {
		t.Fatalf("no %q: %v", k, kinds(v))
	}
	return v.Findings[i]
}

// healthy is what is found where nothing is wrong.
var healthy = []rule.Kind{rule.Reachable, rule.Passage, rule.RoundTrip, rule.MTUFull, rule.ClockRight}

// but is healthy with some left out, and others besides.
func but(without []rule.Kind, with ...rule.Kind) []rule.Kind {
	out := slices.DeleteFunc(slices.Clone(healthy), func(k rule.Kind) bool { return slices.Contains(without, k) })
	return append(out, with...)
}

// same reports whether two lists have the same kinds.
func same(a, b []rule.Kind) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
