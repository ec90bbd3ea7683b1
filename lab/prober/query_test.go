package prober_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/query"
	"github.com/sonde-net/sonde/wire"
)

const neighbours = `
links: {l: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: l, address: 10.0.0.1/24}]}
  r1: {kind: gateway, information: true, interfaces: [{link: l, address: 10.0.0.2/24, mask: true, advertise: {on: true}}]}
  r2: {kind: gateway, interfaces: [{link: l, address: 10.0.0.3/24, advertise: {on: true}}]}
`

// askOne asks from a, on the virtual clock, and returns what is told, and how long it
// took.
func askOne(t *testing.T, c query.Config, dst string) (all []probe.Event, took time.Duration) {
	t.Helper()
	top, err := topology.Parse("t.yaml", []byte(neighbours))
	if err != nil {
		t.Fatal(err)
	}
	p, err := probe.New(probe.Config{Seed: 792, IPID: true})
	if err != nil {
		t.Fatal(err)
	}
	u := prober.New("a", p)
	n, err := lab.New(top, lab.Options{Upper: u.On})
	if err != nil {
		t.Fatal(err)
	}
	c.Src, c.Dst = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr(dst)
	s, err := query.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	u.Drive(s)
	begun := n.Now()
	for i := 0; !s.Done(); i++ {
		if i > 10_000 {
			t.Fatal("no end")
		}
		now := n.Deadline()
		if now.Before(n.Now()) {
			now = n.Now()
		}
		n.Advance(now)
		for e, ok := s.Next(); ok; e, ok = s.Next() {
			all = append(all, e)
		}
	}
	if !s.Deadline().IsZero() {
		t.Error("done, and something is due")
	}
	return all, n.Now().Sub(begun)
}

// TestQuery asks one host, which answers or not.
func TestQuery(t *testing.T) {
	conform.Row(t, "P-11")
	for _, x := range []struct {
		c    query.Config
		dst  string
		n    int
		kind probe.EventKind
		took time.Duration
	}{
		{query.Config{Kind: probe.Mask}, "10.0.0.2", 1, probe.Reply, 2 * time.Millisecond},
		{query.Config{Kind: probe.Info, Count: 3}, "10.0.0.2", 3, probe.Reply, 2*time.Second + 2*time.Millisecond},
		{query.Config{Kind: probe.Mask, Count: 2, Interval: 300 * time.Millisecond}, "10.0.0.2", 2, probe.Reply, 302 * time.Millisecond},
		{query.Config{Kind: probe.Mask}, "10.0.0.3", 1, probe.Timeout, 2 * time.Second},
		{query.Config{Kind: probe.Mask, Timeout: 100 * time.Millisecond}, "10.0.0.3", 1, probe.Timeout, 100 * time.Millisecond},
	} {
		all, took := askOne(t, x.c, x.dst)
		if len(all) != x.n || took != x.took {
			t.Errorf("%+v: %d told, in %v", x.c, len(all), took)
		}
		for _, e := range all {
			if e.Kind != x.kind || e.Probe != x.c.Kind {
				t.Errorf("%+v: %+v", x.c, e)
			}
		}
	}
}

// TestQueryRouters tells of all routers that answer, until the time is over.
func TestQueryRouters(t *testing.T) {
	conform.Row(t, "P-11")
	all, took := askOne(t, query.Config{Kind: probe.Solicit, Anyone: true, TTL: 1}, "224.0.0.2")
	from := map[netip.Addr]bool{}
	for _, e := range all {
		if len(e.Message) < 16 || e.Message[0] != 9 || e.Kind != probe.Reply && e.Kind != probe.Duplicate {
			t.Errorf("%+v", e)
		}
		from[e.From] = true
	}
	if len(from) != 2 || took != 2*time.Second {
		t.Errorf("%v in %v", from, took)
	}
	// One after the other.
	all, _ = askOne(t, query.Config{Kind: probe.Solicit, Anyone: true, TTL: 1, Count: 2, Interval: 2 * time.Second}, "224.0.0.2")
	for _, e := range all {
		if e.Kind == probe.Unsent {
			t.Errorf("%+v", e)
		}
	}
}

func TestQueryConfig(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	a := netip.MustParseAddr("10.0.0.1")
	for field, c := range map[string]query.Config{
		"Kind":      {Kind: probe.Echo, Src: a, Dst: a},
		"Kind2":     {Kind: probe.UDP, Src: a, Dst: a},
		"Count":     {Kind: probe.Mask, Src: a, Dst: a, Count: -1},
		"Count2":    {Kind: probe.Mask, Src: a, Dst: a, Count: query.MaxCount + 1},
		"Interval":  {Kind: probe.Mask, Src: a, Dst: a, Interval: -1},
		"Interval2": {Kind: probe.Solicit, Src: a, Dst: a, Anyone: true, Count: 2},
		"Timeout":   {Kind: probe.Mask, Src: a, Dst: a, Timeout: -1},
		"Anyone":    {Kind: probe.Solicit, Src: a, Dst: a},
		"Src":       {Kind: probe.Mask, Dst: a},
	} {
		_, err := query.New(p, c)
		var f *wire.FieldError
		if !errors.As(err, &f) || f.Field != field && f.Field+"2" != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
