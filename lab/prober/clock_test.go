package prober_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
)

// peer is whom it asks.
var peer = netip.MustParseAddr("10.0.1.10")

// compare compares the clock of b, whose manners are given, behind a gateway and 2 ms
// on the link there; start is when it is, back what the way back takes.
func compare(t *testing.T, manners, start, link string, c clock.Config) (clock.Result, []clock.Sample, time.Duration) {
	t.Helper()
	if start == "" {
		start = "2026-01-01T12:00:00Z"
	}
	text := fmt.Sprintf(`
start: %s
links: {l0: {delay: 1ms}, l1: {%s}}
nodes:
  a: {interfaces: [{link: l0, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: l0, address: 10.0.0.1/24}, {link: l1, address: 10.0.1.1/24}]}
  b: {interfaces: [{link: l1, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}], %s}
`, start, link, manners)
	c.Dst = peer
	return compareIn(t, text, c)
}

// compareIn compares a clock of a laboratory with that of its a.
func compareIn(t *testing.T, text string, c clock.Config) (clock.Result, []clock.Sample, time.Duration) {
	t.Helper()
	top, err := topology.Parse("t.yaml", []byte(text))
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
	if c.Src, err = u.Source(c.Dst); err != nil {
		t.Fatal(err)
	}
	s, err := clock.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	u.Drive(s)
	begun := n.Now()
	var all []clock.Sample
	for i := 0; !s.Done(); i++ {
		if i > 1_000_000 {
			t.Fatalf("no end: %+v", s.Result())
		}
		now := n.Deadline()
		if now.Before(n.Now()) {
			now = n.Now()
		}
		n.Advance(now)
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			all = append(all, x)
		}
	}
	return s.Result(), all, n.Now().Sub(begun)
}

// TestClock: the offset lies within what is said, whatever form the stamps have.
func TestClock(t *testing.T) {
	conform.Row(t, "P-11")
	for _, c := range []struct {
		clock string
		form  offset.Form
		ahead time.Duration
		known bool
	}{
		{"", offset.Standard, 0, true},
		{"offset: 1500ms", offset.Standard, 1500 * ms, true},
		{"offset: -3h", offset.Standard, -3 * time.Hour, true},
		{"swapped: true", offset.Swapped, 0, true},
		{"unit: seconds, offset: 20s", offset.Seconds, 20 * time.Second, true},
		{"unit: nonstandard", offset.NonStandard, 0, false},
	} {
		r, all, took := compare(t, "clock: {"+c.clock+"}", "", "delay: 2ms", clock.Config{Interval: 100300 * time.Microsecond})
		if r.Sent != 8 || r.Received != 8 || r.Form != c.form || r.Known != c.known || r.Errors != 0 || r.Min != 6*ms || r.Max != 6*ms || r.Avg != 6*ms || r.Err != "" {
			t.Errorf("%s: %+v", c.clock, r)
		}
		if off := (r.Ahead - c.ahead).Abs(); c.known && (off > r.Within || !r.Agreed || r.DriftKnown || r.Drift != 0) {
			t.Errorf("%s: %+v", c.clock, r)
		}
		// Stamps of a millisecond at different times of it tell more than one does.
		if c.form == offset.Standard && (r.Within >= all[0].Within || r.Within < 3*ms || r.Within > 3200*time.Microsecond || all[0].Within != 3500*time.Microsecond) {
			t.Errorf("%s: ± %v of ± %v", c.clock, r.Within, all[0].Within)
		}
		if len(all) != 8 || all[7].Time.Sub(all[0].Time) != 7*100300*time.Microsecond || all[3].Seq != 4 || all[3].From != peer || all[3].RTT != 6*ms || all[3].Form != c.form || all[3].Known != c.known {
			t.Errorf("%s: %+v", c.clock, all)
		}
		if took != 7*100300*time.Microsecond+6*ms {
			t.Errorf("took %v", took)
		}
	}
}

var byOption = []clock.Way{clock.FourTerms, clock.ThreeTerms, clock.EveryHop}

// TestClockByOption: hosts and gateways of the laboratory fill in options, by the
// clocks that they have.
func TestClockByOption(t *testing.T) {
	conform.Row(t, "P-11")
	for _, by := range byOption {
		for _, c := range []struct {
			manners, start string
			form           offset.Form
			ahead          time.Duration
			known          bool
		}{
			{"timestamp: false", "", offset.Standard, 0, true},
			{"clock: {offset: 1500ms}", "", offset.Standard, 1500 * ms, true},
			{"clock: {offset: -3h}", "", offset.Standard, -3 * time.Hour, true},
			{"clock: {offset: 700ms}", "2026-01-01T23:59:59.5Z", offset.Standard, 700 * ms, true},
			{"clock: {swapped: true}", "", offset.Swapped, 0, true},
			{"clock: {unit: nonstandard}", "", offset.NonStandard, 0, false},
		} {
			r, all, _ := compare(t, c.manners, c.start, "delay: 2ms", clock.Config{By: by, Interval: 100300 * time.Microsecond})
			if r.Sent != 8 || r.Stamped != 8 || r.Fill != clock.Stamped || r.Form != c.form || r.Known != c.known || r.Min != 6*ms || r.Max != 6*ms {
				t.Errorf("%v, %s: %+v", by, c.manners, r)
			}
			if off := (r.Ahead - c.ahead).Abs(); c.known && (off > r.Within || !r.Agreed || r.DriftKnown) {
				t.Errorf("%v, %s: %+v", by, c.manners, r)
			}
			if c.form == offset.Standard && (r.Within >= all[0].Within || r.Within < 3*ms || r.Within > 3200*time.Microsecond) {
				t.Errorf("%v, %s: ± %v of ± %v", by, c.manners, r.Within, all[0].Within)
			}
			if by == clock.EveryHop && (len(r.Hops) != 2 || r.Hops[0].Addr != addr("10.0.1.1") || r.Hops[0].Side != clock.There || r.Hops[1].Addr != addr("10.0.0.1") || r.Hops[1].Side != clock.Back || r.Hops[0].Ahead.Abs() > r.Hops[0].Within || *r.Path != (clock.Path{There: 1, Back: 1, BackMost: 1})) {
				t.Errorf("%s: %+v, %+v", c.manners, r.Hops, r.Path)
			}
		}
		r, _, _ := compare(t, "clock: {drift: 0.001}", "", "delay: 2ms", clock.Config{By: by, Count: 100, Interval: time.Second})
		if d := r.Drift - 1000; !r.DriftKnown || d > r.DriftWithin || -d > r.DriftWithin {
			t.Errorf("%v: %+v", by, r)
		}
	}
}

// TestClockLoss: what is lost says nothing, and what comes twice or in another
// order nothing new.
func TestClockLoss(t *testing.T) {
	conform.Row(t, "P-11")
	for _, by := range append([]clock.Way{clock.Messages}, byOption...) {
		r, all, _ := compare(t, "clock: {offset: 40ms}", "", "delay: 2ms, loss: 0.3, duplicate: 0.3, reorder: 0.3", clock.Config{By: by, Count: 100, Interval: 10 * ms})
		if r.Sent != 100 || r.Received < 25 || r.Received > 75 || len(all) != 100 || !r.Known || !r.Agreed || (r.Ahead-40*ms).Abs() > r.Within {
			t.Errorf("%v: %+v", by, r)
		}
		silent := 0
		for _, x := range all {
			if !x.From.IsValid() {
				silent++
			}
		}
		if silent != 100-r.Received {
			t.Errorf("%v: %d without an answer of %d", by, silent, 100-r.Received)
		}
	}
}

// TestClockFar: an option has no room for a host behind four gateways, unless it is
// named.
func TestClockFar(t *testing.T) {
	conform.Row(t, "P-11")
	for gateways, want := range map[int]clock.Path{1: {There: 1, Back: 1, BackMost: 1}, 2: {There: 2, Back: 1, BackMost: 2}, 3: {There: 3, Back: 2, BackMost: 3}} {
		dst := addr(fmt.Sprintf("10.0.%d.10", gateways))
		r, _, _ := compareIn(t, line(gateways, "clock: {offset: 20ms}"), clock.Config{By: clock.EveryHop, Dst: dst})
		if !r.Known || (r.Ahead-20*ms).Abs() > r.Within || r.Path == nil || *r.Path != want {
			t.Errorf("%d gateways: %+v, %+v", gateways, r, r.Path)
		}
	}
	far := addr("10.0.4.10")
	r, all, _ := compareIn(t, line(4, ""), clock.Config{By: clock.EveryHop, Dst: far})
	if r.Known || r.Fill != clock.Full || r.Received != 8 || len(r.Hops) != 4 || !r.Hops[3].Known || all[0].Overflow != 5 {
		t.Errorf("%+v, overflow %d", r, all[0].Overflow)
	}
	if r, _, _ = compareIn(t, line(4, ""), clock.Config{By: clock.FourTerms, Dst: far}); !r.Known || r.Ahead.Abs() > r.Within {
		t.Errorf("%+v", r)
	}
}

// TestClockAsymmetric: two gateways on the way there, another one on the way back.
func TestClockAsymmetric(t *testing.T) {
	conform.Row(t, "P-11")
	text := `
links: {l0: {delay: 1ms}, l1: {delay: 9ms}, l2: {delay: 1ms}, l3: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: l0, address: 10.0.0.10/24}, {link: l3, address: 10.0.3.10/24}], routes: [{to: 10.0.2.0/24, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: l0, address: 10.0.0.1/24}, {link: l1, address: 10.0.1.1/24}], routes: [{to: 10.0.2.0/24, via: 10.0.1.2}]}
  s: {kind: gateway, clock: {offset: 2s}, interfaces: [{link: l1, address: 10.0.1.2/24}, {link: l2, address: 10.0.2.1/24}]}
  q: {kind: gateway, interfaces: [{link: l2, address: 10.0.2.2/24}, {link: l3, address: 10.0.3.1/24}], routes: [{to: 10.0.0.0/24, via: 10.0.3.10}]}
  b: {interfaces: [{link: l2, address: 10.0.2.10/24}], routes: [{to: 10.0.0.0/24, via: 10.0.2.2}]}
`
	r, _, _ := compareIn(t, text, clock.Config{By: clock.EveryHop, Dst: addr("10.0.2.10")})
	if !r.Known || r.Path == nil || *r.Path != (clock.Path{There: 2, Back: 1, BackMost: 1, Asymmetric: true}) || len(r.Hops) != 3 {
		t.Fatalf("%+v, %+v", r, r.Path)
	}
	if h := r.Hops[1]; h.Addr != addr("10.0.2.1") || (h.Ahead-2*time.Second).Abs() > h.Within {
		t.Errorf("%+v", h)
	}
}
