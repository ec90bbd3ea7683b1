package mtr_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestLanes: each flow has its own way, losses and times.
func TestLanes(t *testing.T) {
	up, down := five(), five()[:4]
	down[1] = station{name: "10.2.0.2", rtt: 40 * ms}
	down[3] = station{name: "10.9.9.9", rtt: 50 * ms} // a hop shorter
	var first uint16
	n := newNetwork(t, mtr.Config{Flows: 2, Rounds: 20}, func(_ time.Time, flow uint16) []station {
		if first == 0 {
			first = flow
		}
		if flow == first {
			return up
		}
		return down
	})
	n.run(time.Minute, nil)
	lanes := n.m.Lanes()
	if len(lanes) != 2 {
		t.Fatalf("%d lanes", len(lanes))
	}
	for f, want := range [][]station{up, down} {
		l := lanes[f]
		if l.Flow != f || !l.Reached || len(l.Hops) != len(want) {
			t.Fatalf("%+v", l)
		}
		for i, h := range l.Hops {
			if int(h.TTL) != i+1 || h.Addr != addr(want[i].name) || h.Received != 10 || h.Sent != 10 || h.Waiting != 0 || h.Loss() != 0 || h.Avg() != want[i].rtt {
				t.Errorf("flow %d: %+v", f, h)
			}
		}
	}
	m, err := mtr.New(n.p, mtr.Config{Src: src, Dst: dst, Flows: 3})
	if err != nil || len(m.Lanes()) != 0 {
		t.Errorf("%v, %v before anything was asked", m.Lanes(), err)
	}
}

// TestLaneShorter: a way that becomes shorter and longer again leaves no loss in
// its flow, either.
func TestLaneShorter(t *testing.T) {
	short := append(five()[:2:2], five()[4])
	n := newNetwork(t, mtr.Config{Rounds: 40, Wait: 2 * time.Second}, func(now time.Time, _ uint16) []station {
		if s := now.Sub(start); s > 10300*ms && s < 20300*ms {
			return short
		}
		return five()
	})
	n.run(time.Minute, func() {
		for _, l := range n.m.Lanes() {
			for _, h := range l.Hops {
				if h.Lost() != 0 || h.Waiting < 0 || h.Sent != h.Waiting+h.Received {
					t.Fatalf("%+v", h)
				}
			}
		}
	})
	if l := n.m.Lanes()[0]; len(l.Hops) != 5 || l.Hops[4].Received < 15 || l.Hops[1].Received != 40 {
		t.Errorf("%+v", l)
	}
}

// TestLaneLoss: what is lost counts in its flow.
func TestLaneLoss(t *testing.T) {
	way := five()
	way[2] = station{}
	n := newNetwork(t, mtr.Config{Rounds: 4, Wait: 500 * ms}, line(way...))
	n.run(time.Minute, nil)
	if h := n.m.Lanes()[0].Hops[2]; h.Lost() != 4 || h.Loss() != 100 || h.Addr.IsValid() {
		t.Errorf("%+v", h)
	}
}

// TestChange: what is asked with and which hops begin anew, the rest goes on; what
// cannot be is refused, and nothing has changed.
func TestChange(t *testing.T) {
	n := newNetwork(t, mtr.Config{Rounds: 50}, line(five()...))
	n.run(3500*ms, nil)
	for _, tt := range []struct {
		set  func(c *mtr.Config)
		anew bool
	}{
		{func(c *mtr.Config) { c.TOS = 16 }, false},
		{func(c *mtr.Config) { c.Interval = 2 * time.Second }, false},
		{func(c *mtr.Config) { c.Size = 100 }, false},
		{func(c *mtr.Config) { c.Rounds = 9 }, false},
		{func(c *mtr.Config) { c.Dst, c.Src, c.Flows, c.History = src, dst, 9, 3 }, false}, // not to be changed
		{func(c *mtr.Config) { c.MaxTTL = 12 }, true},
		{func(c *mtr.Config) { c.FirstTTL = 2 }, true},
		{func(c *mtr.Config) { c.Kind, c.Port = probe.UDP, 0 }, true},
		{func(c *mtr.Config) { c.Port = 53 }, true},
		{func(c *mtr.Config) { c.SrcPort = 5353 }, true},
	} {
		was := n.m.Config()
		c := was
		tt.set(&c)
		if n.m.Round() == 0 {
			n.m.Tick(n.now)
		}
		if err := n.m.Change(c); err != nil {
			t.Fatal(err)
		}
		now := n.m.Config()
		if anew := n.m.Round() == 0; anew != tt.anew {
			t.Errorf("%+v: anew %v", now, anew)
		}
		if now.Dst != dst || now.Src != src || now.Flows != 1 || now.History != mtr.DefaultHistory {
			t.Errorf("%+v", now)
		}
	}
	was := n.m.Config()
	c := was
	c.Size = 9
	var field *wire.FieldError
	if err := n.m.Change(c); !errors.As(err, &field) || field.Field != "Size" || n.m.Config() != was {
		t.Error(err)
	}
}

// TestProbes: every probe is told of, and what came of it, in order.
func TestProbes(t *testing.T) {
	way := five()[:3]
	way[1] = station{}
	way[2] = five()[4]
	n := newNetwork(t, mtr.Config{Rounds: 2, Wait: 300 * ms, Probes: true, MaxTTL: 3}, line(way...))
	var got []mtr.Event
	n.run(time.Minute, func() {
		for e, ok := n.m.Next(); ok; e, ok = n.m.Next() {
			if e.Kind == mtr.Asked || e.Kind == mtr.Answered || e.Kind == mtr.Lost {
				got = append(got, e)
			}
		}
	})
	count := map[mtr.EventKind]int{}
	asked := map[int]mtr.Event{}
	for _, e := range got {
		count[e.Kind]++
		switch e.Kind {
		case mtr.Asked:
			if e.Number != len(asked) || e.Is.IsValid() || e.RTT != 0 {
				t.Errorf("%+v", e)
			}
			asked[e.Number] = e
		case mtr.Answered:
			a := asked[e.Number]
			if a.TTL != e.TTL || e.Is != addr(way[e.TTL-1].name) || e.RTT != way[e.TTL-1].rtt || a.Round != e.Round || e.Time.Sub(a.Time) != e.RTT {
				t.Errorf("%+v of %+v", e, a)
			}
		case mtr.Lost:
			if e.TTL != 2 || e.Is != (netip.Addr{}) {
				t.Errorf("%+v", e)
			}
		}
	}
	if count[mtr.Asked] != 6 || count[mtr.Answered] != 4 || count[mtr.Lost] != 2 {
		t.Errorf("%v", count)
	}
	for k, want := range map[mtr.EventKind]string{mtr.Asked: "asked", mtr.Answered: "answered", mtr.Lost: "lost"} {
		if b, err := k.MarshalText(); string(b) != want || err != nil {
			t.Errorf("%s, %v", b, err)
		}
		if s := (mtr.Event{Kind: k, TTL: 7, Number: 42}).LogValue().String(); !slices.Contains([]string{want}, k.String()) || len(s) < 20 {
			t.Error(s)
		}
	}
	// Nobody who does not ask for it is told.
	n = newNetwork(t, mtr.Config{Rounds: 1}, line(five()...))
	n.run(time.Minute, nil)
	for e, ok := n.m.Next(); ok; e, ok = n.m.Next() {
		if e.Kind != mtr.Finished {
			t.Errorf("%+v", e)
		}
	}
}

// TestSlack: who wakes up late asks what is due of a round before the next
// begins, so that every hop is asked as often.
func TestSlack(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 5, IPID: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := mtr.New(p, mtr.Config{Src: src, Dst: dst, MaxTTL: 5, Probes: true})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[ip.TTL]int{}
	for i := range 30 {
		m.Tick(start.Add(time.Duration(i) * 990 * ms))
		for e, ok := m.Next(); ok; e, ok = m.Next() {
			if e.Kind == mtr.Asked && e.Round < 20 {
				asked[e.TTL]++
			}
		}
	}
	for ttl := ip.TTL(1); ttl <= 5; ttl++ {
		if asked[ttl] != 19 {
			t.Errorf("hop %d was asked %d times in 19 rounds", ttl, asked[ttl])
		}
	}
}

// TestGrace: when no answer is waited for any more, there is none.
func TestGrace(t *testing.T) {
	way := five()
	way[2] = station{}
	n := newNetwork(t, mtr.Config{Rounds: 3, Grace: 2 * time.Second}, line(way...)) // an answer is waited for 10 s
	n.run(time.Minute, func() {
		if h := n.m.Hops(); !n.m.Done() && len(h) > 2 && h[2].Lost() != 0 {
			t.Fatalf("%+v before the end", h[2])
		}
	})
	if h := n.m.Hops()[2]; h.Lost() != 3 || h.Waiting != 0 || h.Loss() != 100 || len(h.History) != 3 {
		t.Errorf("%+v", h)
	}
	if l := n.m.Lanes()[0].Hops[2]; l.Lost() != 3 {
		t.Errorf("%+v", l)
	}
	if d := n.now.Sub(start); d != 5*time.Second || !n.m.Done() {
		t.Errorf("it took %v", d)
	}
}
