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
	if c.Src, err = u.Source(peer); err != nil {
		t.Fatal(err)
	}
	if !c.Dst.IsValid() {
		c.Dst = peer
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
