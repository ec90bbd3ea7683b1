package trace_test

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
	"github.com/sonde-net/sonde/probe/trace"
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// bench is a laboratory with a prober on one of its hosts.
type bench struct {
	tb testing.TB
	n  *lab.Network
	p  *probe.Prober
	u  *prober.Upper
	// sent are the probes in the order in which they left, by their time to live.
	sent []int
}

func newBench(tb testing.TB, top *topology.Topology, host string) *bench {
	tb.Helper()
	p, err := probe.New(probe.Config{Seed: 792, IPID: true, Sent: true})
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{tb: tb, p: p, u: prober.New(host, p)}
	if b.n, err = lab.New(top, lab.Options{Upper: b.u.On}); err != nil {
		tb.Fatal(err)
	}
	return b
}

// of is a bench with a topology of the test's own, the prober on a.
func of(tb testing.TB, text string) *bench {
	tb.Helper()
	top, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return newBench(tb, top, "a")
}

// in is a bench with a scenario that everybody has.
func in(tb testing.TB, name, host string) *bench {
	tb.Helper()
	top, err := scenario.Load(name)
	if err != nil {
		tb.Fatal(err)
	}
	return newBench(tb, top, host)
}

// listener has a trace do its work, and notes what it sent.
type listener struct {
	*trace.Trace
	b *bench
}

func (l listener) Hear(now time.Time, e *probe.Event) {
	if e.Kind == probe.Sent {
		l.b.sent = append(l.b.sent, int(e.Tag))
	}
	l.Trace.Hear(now, e)
}

// make makes a trace. The source is the host's own.
func (b *bench) make(c trace.Config) *trace.Trace {
	b.tb.Helper()
	if !c.Src.IsValid() {
		src, err := b.u.Source(c.Dst)
		if err != nil {
			b.tb.Fatal(err)
		}
		c.Src = src
	}
	t, err := trace.New(b.p, c)
	if err != nil {
		b.tb.Fatal(err)
	}
	return t
}

// run traces to the end, and returns how long that took and what was told, in
// order.
func (b *bench) run(t *trace.Trace) (took time.Duration, told []trace.Result) {
	b.tb.Helper()
	b.u.Drive(listener{t, b})
	begun := b.n.Now()
	for !t.Done() {
		d := b.n.Deadline()
		if d.IsZero() || d.Sub(begun) > time.Minute {
			b.tb.Fatalf("it does not end: %v", t.Hops())
		}
		if d.Before(b.n.Now()) {
			d = b.n.Now()
		}
		b.n.Advance(d)
		for r, ok := t.Next(); ok; r, ok = t.Next() {
			told = append(told, r)
		}
	}
	return b.n.Now().Sub(begun), told
}

// text is what was told, a line for each hop.
func text(told []trace.Result) string {
	var s strings.Builder
	ttl := 0
	for _, r := range told {
		if int(r.TTL) != ttl {
			if ttl != 0 {
				s.WriteString("\n")
			}
			ttl = int(r.TTL)
			fmt.Fprintf(&s, "%d", ttl)
		}
		switch r.Status {
		case trace.Answered:
			fmt.Fprintf(&s, " %v %v", r.From, r.RTT)
		default:
			fmt.Fprintf(&s, " %v", r.Status)
		}
		if m := r.Mark(); m != "" {
			s.WriteString(" " + m)
		}
		if r.MTU > 0 {
			fmt.Fprintf(&s, " F=%d", r.MTU)
		}
		if r.Reached {
			s.WriteString(" .")
		}
	}
	return s.String()
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got, want = strings.TrimSpace(got), strings.TrimSpace(want); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// line is hosts a and b with a row of gateways between them, on links of 1 ms.
// Manners are the gateways' or b's, by their names.
func line(gateways int, manners map[string]string) string {
	var b strings.Builder
	b.WriteString("links:\n")
	for i := range gateways + 1 {
		fmt.Fprintf(&b, "  l%d: {delay: 1ms%s}\n", i, manners[fmt.Sprintf("l%d", i)])
	}
	b.WriteString("nodes:\n")
	fmt.Fprintf(&b, "  a: {interfaces: [{link: l0, address: 10.0.0.10/24, address6: 2001:db8:0:0::10/64}], limit: {off: true},\n")
	fmt.Fprintf(&b, "      routes: [{to: default, via: 10.0.0.1}, {to: default6, via: 2001:db8:0:0::1}]}\n")
	for i := 1; i <= gateways; i++ {
		next, next6 := fmt.Sprintf("10.0.%d.1", i), fmt.Sprintf("2001:db8:0:%x::1", i)
		if i == gateways {
			next, next6 = fmt.Sprintf("10.0.%d.10", i), fmt.Sprintf("2001:db8:0:%x::10", i)
		}
		back := ""
		if i > 1 {
			back = fmt.Sprintf("{to: 10.0.0.0/24, via: 10.0.%d.2}, {to: \"2001:db8:0:0::/64\", via: \"2001:db8:0:%x::2\"}, ", i-1, i-1)
		}
		name := fmt.Sprintf("r%d", i)
		limit := "limit: {off: true}"
		if strings.Contains(manners[name], "limit:") {
			limit = ""
		}
		fmt.Fprintf(&b, "  %s:\n    kind: gateway\n    %s\n    %s\n", name, limit, manners[name])
		fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.1/24, address6: \"2001:db8:0:%x::1/64\"}, {link: l%d, address: 10.0.%d.2/24, address6: \"2001:db8:0:%x::2/64\"}]\n",
			i-1, i-1, i-1, i, i, i)
		fmt.Fprintf(&b, "    routes: [%s{to: default, via: %s}, {to: default6, via: \"%s\"}]\n", back, next, next6)
	}
	limit := "limit: {off: true}"
	if strings.Contains(manners["b"], "limit:") {
		limit = ""
	}
	fmt.Fprintf(&b, "  b:\n    %s\n    %s\n", limit, manners["b"])
	fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.10/24, address6: \"2001:db8:0:%x::10/64\"}]\n", gateways, gateways, gateways)
	fmt.Fprintf(&b, "    routes: [{to: default, via: 10.0.%d.2}, {to: default6, via: \"2001:db8:0:%x::2\"}]\n", gateways, gateways)
	return b.String()
}
