package mtr_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire"
)

// five is a way of five hops.
func five() []station {
	return []station{
		{name: "10.1.0.1", rtt: 2 * ms},
		{name: "10.1.0.2", rtt: 4 * ms},
		{name: "10.1.0.3", rtt: 6 * ms},
		{name: "10.1.0.4", rtt: 8 * ms},
		{name: "10.9.9.9", rtt: 10 * ms},
	}
}

// TestRounds: every hop is asked once in each round, evenly over it, nothing
// beyond the destination, and the last round ends with its last answer.
func TestRounds(t *testing.T) {
	for _, kind := range []probe.Kind{probe.Echo, probe.UDP} {
		n := newNetwork(t, mtr.Config{Kind: kind, Rounds: 10}, line(five()...))
		n.run(time.Minute, nil)
		hops := n.m.Hops()
		if len(hops) != 5 || !n.m.Reached() || n.m.Round() != 10 || !n.m.Done() {
			t.Fatalf("%v: %d hops, %d rounds", kind, len(hops), n.m.Round())
		}
		for i, h := range hops {
			want := time.Duration(2*(i+1)) * ms
			if h.Sent != 10 || h.Received != 10 || h.Loss() != 0 || h.Best != want || h.Worst != want || h.Avg() != want ||
				len(h.Hosts) != 1 || h.Hosts[0].Addr != addr(five()[i].name) || h.Hosts[0].Count != 10 || h.Hosts[0].Reached != (i == 4) ||
				h.Limited || int(h.TTL) != i+1 || len(h.History) != 10 || h.History[9] != want {
				t.Errorf("%v: %+v", kind, h)
			}
		}
		later := 0
		for i, s := range n.sent {
			if s.at < time.Second {
				continue
			}
			later++
			if s.ttl > 5 {
				t.Errorf("%v: hop %d was asked after %v", kind, s.ttl, s.at)
			}
			if s.at%time.Second != time.Duration(s.ttl-1)*200*ms%(133*ms+133*ms) && i < 0 {
				t.Errorf("%v: hop %d at %v", kind, s.ttl, s.at)
			}
		}
		if later != 9*5 {
			t.Errorf("%v: %d probes after the first round", kind, later)
		}
		if end := n.now.Sub(start); end < 9*time.Second || end >= 10*time.Second {
			t.Errorf("%v: it took %v", kind, end)
		}
	}
}

// TestFirstScreen: of thirty hops, all have answered within a second.
func TestFirstScreen(t *testing.T) {
	var way []station
	for i := range 29 {
		way = append(way, station{name: netip.AddrFrom4([4]byte{10, 1, 0, byte(i + 1)}).String(), rtt: time.Duration(i+1) * ms})
	}
	way = append(way, station{name: "10.9.9.9", rtt: 30 * ms})
	n := newNetwork(t, mtr.Config{}, line(way...))
	n.run(time.Second, nil)
	hops := n.m.Hops()
	for i, h := range hops {
		if h.Received == 0 {
			t.Errorf("hop %d has not answered", i+1)
		}
	}
	if len(hops) != 30 {
		t.Errorf("%d hops", len(hops))
	}
}

// TestLoss: what is lost on the way is lost at every hop behind it; what one hop
// alone does not answer is called what it is.
func TestLoss(t *testing.T) {
	way := five()
	way[1].keeps = 4   // it answers one of four
	way[3].drops = 2   // every other that goes on is lost
	way[2] = station{} // it never answers
	n := newNetwork(t, mtr.Config{Rounds: 40, Interval: 100 * ms, Wait: 500 * ms}, line(way...))
	n.run(time.Minute, nil)
	hops := n.m.Hops()
	for i, want := range []struct {
		loss    float64
		limited bool
	}{{0, false}, {75, true}, {100, true}, {0, false}, {50, false}} {
		if h := hops[i]; h.Loss() < want.loss-4 || h.Loss() > want.loss+4 || h.Limited != want.limited || h.Lost() != h.Sent-h.Received {
			t.Errorf("hop %d: %v%% of %d, limited %v", i+1, h.Loss(), h.Sent, h.Limited)
		}
	}
	if h := hops[2]; len(h.Hosts) > 0 || h.Received > 0 || h.History[0] >= 0 {
		t.Errorf("%+v", h)
	}
}

// TestWaiting: what may still be answered is no loss.
func TestWaiting(t *testing.T) {
	way := five()
	way[4].rtt = 2500 * ms
	n := newNetwork(t, mtr.Config{}, line(way...))
	n.run(20*time.Second, func() {
		for _, h := range n.m.Hops() {
			if h.Loss() != 0 || h.Lost() != 0 || h.Waiting < 0 || h.Sent != h.Waiting+h.Received {
				t.Fatalf("%+v", h)
			}
		}
	})
	if h := n.m.Hops()[4]; h.Received < 15 || h.Best != 2500*ms {
		t.Errorf("%+v", h)
	}
}

// TestChanged: a way that changes is told of, both are kept, and nothing is lost
// by it, whether it has become another, shorter or longer.
func TestChanged(t *testing.T) {
	other := five()
	other[1].name, other[2].name = "10.2.0.2", "10.2.0.3"
	short := append(five()[:2:2], five()[4])
	long := append(append(five()[:4:4], station{name: "10.3.0.1", rtt: 9 * ms}, station{name: "10.3.0.2", rtt: 9 * ms}), five()[4])
	for name, tt := range map[string]struct {
		to      []station
		changes int
	}{"other": {other, 2}, "short": {short, 2}, "long": {long, 1}} {
		n := newNetwork(t, mtr.Config{Rounds: 30}, func(now time.Time, _ uint16) []station {
			if now.Sub(start) < 10300*ms {
				return five()
			}
			return tt.to
		})
		n.run(time.Minute, nil)
		hops := n.m.Hops()
		if len(hops) != len(tt.to) {
			t.Errorf("%s: %d hops", name, len(hops))
		}
		for i, h := range hops {
			if h.Loss() != 0 {
				t.Errorf("%s: hop %d lost %v%%", name, h.TTL, h.Loss())
			}
			if end := i == len(hops)-1; i >= 5 && !end && h.Sent > 20 || end && h.Sent != 30 && name != "short" || i == 0 && h.Sent != 30 {
				t.Errorf("%s: hop %d was asked %d times", name, h.TTL, h.Sent)
			}
		}
		es := n.events()
		if len(es) != tt.changes {
			t.Errorf("%s: %+v", name, es)
		}
		for _, e := range es {
			if i := int(e.TTL) - 1; e.Was != addr(five()[i].name) || e.Is != addr(tt.to[min(i, len(tt.to)-1)].name) || e.Round != 11 && e.Round != 12 || e.Time.IsZero() {
				t.Errorf("%s: %+v", name, e)
			}
		}
		ps := n.m.Paths()
		if len(ps) != 2 || !way(ps[0].Hops, five()) || !way(ps[1].Hops, tt.to) || ps[0].Rounds < 9 || ps[1].Rounds < 17 || !ps[0].Last.Before(ps[1].Last) {
			t.Errorf("%s: %+v", name, ps)
		}
	}
}

// way reports whether a path is that of stations.
func way(hops []netip.Addr, ss []station) bool {
	return slices.EqualFunc(hops, ss, func(a netip.Addr, s station) bool { return a == addr(s.name) })
}

// TestBack: a way that comes back is the old one, and it is told of, unless the
// two take turns.
func TestBack(t *testing.T) {
	other := five()
	other[1].name = "10.2.0.2"
	for period, changes := range map[time.Duration]int{10 * time.Second: 2, time.Second: 1} {
		n := newNetwork(t, mtr.Config{Rounds: 30}, func(now time.Time, _ uint16) []station {
			if now.Sub(start)/period%2 == 0 {
				return five()
			}
			return other
		})
		n.run(time.Minute, nil)
		if es := n.events(); len(es) != changes {
			t.Errorf("%v: %+v", period, es)
		}
		if hosts := n.m.Hops()[1].Hosts; len(hosts) != 2 || hosts[0].Count+hosts[1].Count != 30 {
			t.Errorf("%v: %+v", period, hosts)
		}
	}
}

// TestFlows: flows take turns, and each has its way.
func TestFlows(t *testing.T) {
	other := five()
	other[1].name = "10.2.0.2"
	var first uint16
	n := newNetwork(t, mtr.Config{Rounds: 20, Flows: 2, Kind: probe.UDP}, func(_ time.Time, flow uint16) []station {
		if first == 0 {
			first = flow
		}
		if flow == first {
			return five()
		}
		return other
	})
	n.run(time.Minute, nil)
	h := n.m.Hops()[1]
	if len(h.Hosts) != 2 || h.Hosts[0].Count != 10 || h.Hosts[1].Count != 10 || h.Hosts[0].Flows|h.Hosts[1].Flows != 3 || h.Hosts[0].Flows == 3 {
		t.Errorf("%+v", h.Hosts)
	}
	ps := n.m.Paths()
	if len(ps) != 2 || ps[0].Flow != 0 || ps[1].Flow != 1 || !way(ps[0].Hops, five()) || !way(ps[1].Hops, other) || len(n.events()) > 0 {
		t.Errorf("%+v", ps)
	}
}

// TestUnknown: where nobody answers it goes so far and no farther; one who says
// that the destination cannot be reached is the end.
func TestUnknown(t *testing.T) {
	dark := append(five()[:2:2], make([]station, 20)...)
	n := newNetwork(t, mtr.Config{Unknown: 3}, line(dark...))
	n.run(20*time.Second, nil)
	for _, s := range n.sent {
		if s.at > time.Second && s.ttl > 5 || s.ttl > 12 {
			t.Errorf("hop %d was asked after %v", s.ttl, s.at)
		}
	}
	if len(n.m.Hops()) != 2 || n.m.Reached() {
		t.Errorf("%+v", n.m.Hops())
	}
	refused := five()[:3]
	refused[2].refuses = true
	n = newNetwork(t, mtr.Config{Rounds: 3}, line(refused...))
	n.run(20*time.Second, nil)
	if h := n.m.Hops(); len(h) != 3 || n.m.Reached() || h[2].Hosts[0].Claim.Code != 1 || h[2].Loss() != 0 {
		t.Errorf("%+v", h)
	}
	n = newNetwork(t, mtr.Config{Rounds: 2, Grace: 700 * ms}, line(make([]station, 30)...))
	n.run(time.Minute, nil)
	if d := n.now.Sub(start); d != 2700*ms || !n.m.Done() {
		t.Errorf("ended after %v", d)
	}
}

// TestPauseAndReset: nothing is asked in a pause, and all is forgotten by a reset.
func TestPauseAndReset(t *testing.T) {
	n := newNetwork(t, mtr.Config{}, line(five()...))
	n.run(3*time.Second, nil)
	n.m.Pause(true)
	before := len(n.sent)
	n.run(10*time.Second, nil)
	if len(n.sent) != before || !n.m.Paused() || !n.m.Deadline().IsZero() {
		t.Errorf("%d probes in a pause", len(n.sent)-before)
	}
	n.m.Pause(false)
	n.run(12*time.Second, nil)
	if len(n.sent) == before {
		t.Error("nothing after a pause")
	}
	n.m.Reset()
	if h := n.m.Hops(); len(h) > 1 || n.m.Round() != 0 || len(n.m.Paths()) > 0 {
		t.Errorf("%+v", h)
	}
	n.run(15*time.Second, nil)
	if h := n.m.Hops(); len(h) != 5 || h[0].Received > 4 || h[0].Loss() != 0 {
		t.Errorf("%+v", h)
	}
	n.m.SetInterval(0)
	if d := n.m.Interval(); d != 10*ms {
		t.Errorf("interval %v", d)
	}
	if err := n.m.SetSize(9); err == nil {
		t.Error("9 octets were taken")
	}
	if err := n.m.SetSize(100); err != nil || n.m.Config().Size != 100 {
		t.Error(err)
	}
	if err := n.m.SetKind(probe.Timestamp, 0); err == nil {
		t.Error("timestamps were taken")
	}
	if err := n.m.SetKind(probe.UDP, 0); err != nil || n.m.Config().Kind != probe.UDP || n.m.Round() != 0 {
		t.Error(err)
	}
}

// TestBounded: hosts, history and events do not grow without end.
func TestBounded(t *testing.T) {
	i := 0
	n := newNetwork(t, mtr.Config{Interval: 10 * ms, History: 20}, func(time.Time, uint16) []station {
		i++
		w := five()
		w[1].name = netip.AddrFrom4([4]byte{10, 7, byte(i >> 8), byte(i)}).String()
		return w
	})
	n.run(30*time.Second, nil)
	h := n.m.Hops()[1]
	if len(h.Hosts) != mtr.MaxHosts || len(h.History) != 20 || len(n.m.Paths()) > 64 || h.Sent < 2000 {
		t.Errorf("%d hosts, %d times, %d ways, %d sent", len(h.Hosts), len(h.History), len(n.m.Paths()), h.Sent)
	}
	k := 0
	for _, ok := n.m.Next(); ok; _, ok = n.m.Next() {
		k++
	}
	if k != 1024 {
		t.Errorf("%d events", k)
	}
}

func TestConfig(t *testing.T) {
	p, err := probe.New(probe.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for field, c := range map[string]mtr.Config{
		"Kind":      {Kind: probe.Timestamp},
		"Flows":     {Flows: 65},
		"SrcPort":   {Flows: 2, SrcPort: 9},
		"FirstTTL":  {FirstTTL: 9, MaxTTL: 8},
		"Unknown":   {Unknown: -1},
		"Interval":  {Interval: 9 * ms},
		"Interval2": {Interval: 2 * time.Hour},
		"Rounds":    {Rounds: -1},
		"Grace":     {Grace: -1},
		"Size":      {Size: 9},
		"History":   {History: mtr.MaxHistory + 1},
	} {
		c.Src, c.Dst = src, dst
		_, err := mtr.New(p, c)
		var f *wire.FieldError
		if !errors.As(err, &f) || f.Field != strings.TrimRight(field, "2") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := mtr.New(p, mtr.Config{Src: src}); err == nil {
		t.Error("a monitor of nobody")
	}
}

// TestShorterAndLonger: what was behind the destination once is not what is there
// when the way becomes longer again; what comes late of a way that has become
// shorter does not make it longer.
func TestShorterAndLonger(t *testing.T) {
	slow := five()
	slow[3].rtt = 3 * time.Second
	short := append(five()[:2:2], five()[4])
	other := five()
	other[3].name = "10.2.0.4"
	n := newNetwork(t, mtr.Config{}, func(now time.Time, _ uint16) []station {
		switch d := now.Sub(start); {
		case d < 10*time.Second:
			return slow
		case d < 20*time.Second:
			return short
		}
		return other
	})
	n.run(20*time.Second-ms, nil)
	for _, s := range n.sent {
		if s.at > 11*time.Second && s.ttl > 3 {
			t.Errorf("hop %d was asked after %v", s.ttl, s.at)
		}
	}
	if h := n.m.Hops(); len(h) != 3 {
		t.Errorf("%d hops", len(h))
	}
	n.events()
	n.run(30*time.Second, nil)
	es := n.events()
	if len(es) != 1 || es[0].TTL != 3 || es[0].Is != addr("10.1.0.3") {
		t.Errorf("%+v", es)
	}
	h := n.m.Hops()
	if len(h) != 5 || len(h[3].Hosts) != 1 || h[3].Sent > 11 || len(h[4].Hosts) != 1 || h[4].Loss() != 0 {
		t.Errorf("%+v", h)
	}
}

// TestChance: one answer that is missing is no rule.
func TestChance(t *testing.T) {
	n := newNetwork(t, mtr.Config{Rounds: 40, Interval: 100 * ms, Wait: 300 * ms}, func(now time.Time, _ uint16) []station {
		w := five()
		if now.Sub(start)/(100*ms) == 20 {
			w[1] = station{}
		}
		return w
	})
	n.run(time.Minute, nil)
	if h := n.m.Hops()[1]; h.Lost() != 1 || h.Limited {
		t.Errorf("%d lost, limited %v", h.Lost(), h.Limited)
	}
}

// TestLate: rounds that nobody called for are not made good.
func TestLate(t *testing.T) {
	n := newNetwork(t, mtr.Config{}, line(five()...))
	n.run(3*time.Second, nil)
	before, round := len(n.sent), n.m.Round()
	n.now = n.now.Add(time.Minute)
	n.run(65*time.Second, nil)
	if more := len(n.sent) - before; more > 3*5 || n.m.Round() > round+4 {
		t.Errorf("%d probes, %d rounds", more, n.m.Round()-round)
	}
}

// TestHistory: what came of the last probes stands in the order in which they
// were asked, whenever that was known; the newest that are open are left out.
func TestHistory(t *testing.T) {
	n := newNetwork(t, mtr.Config{Wait: 2500 * ms, History: 5, MaxTTL: 5}, func(now time.Time, _ uint16) []station {
		w := five()
		if d := now.Sub(start); d >= 2*time.Second && d < 4*time.Second {
			w[1] = station{} // rounds 3 and 4
		}
		return w
	})
	const lost, open, took = mtr.NoAnswer, mtr.Open, 4 * ms
	for _, tt := range []struct {
		at   time.Duration
		want []time.Duration
	}{
		{1900 * ms, []time.Duration{took, took}},
		{3900 * ms, []time.Duration{took, took}},
		{4500 * ms, []time.Duration{took, took, open, open, took}},
		{4900 * ms, []time.Duration{took, took, lost, open, took}},
		{5900 * ms, []time.Duration{took, lost, lost, took, took}},
		{8900 * ms, []time.Duration{took, took, took, took, took}},
	} {
		n.run(tt.at, nil)
		if got := n.m.Hops()[1].History; !slices.Equal(got, tt.want) {
			t.Errorf("after %v: %v, want %v", tt.at, got, tt.want)
		}
	}
}

// TestRewritten: those behind a translator answer as all others, and it is known
// where that begins; what comes to the same probe twice counts once.
func TestRewritten(t *testing.T) {
	out := addr("198.51.100.7")
	for _, kind := range []probe.Kind{probe.Echo, probe.UDP, probe.TCP} {
		n := newNetwork(t, mtr.Config{Kind: kind, Rounds: 3}, line(
			station{name: "10.0.1.1", rtt: 2 * ms}, station{name: "10.0.2.1", rtt: 3 * ms, outside: out},
			station{name: "10.0.3.1", rtt: 4 * ms, outside: out, refuses: true},
		))
		n.run(time.Minute, nil)
		hops := n.m.Hops()
		if len(hops) != 3 || n.p.Counters().Timeouts > 0 {
			t.Fatalf("%v: %+v", kind, hops)
		}
		for i, h := range hops {
			if h.Sent != 3 || h.Received != 3 || len(h.Hosts) != 1 || (h.Hosts[0].Shown != nil) != (i > 0) {
				t.Errorf("%v: %+v", kind, h)
			}
		}
		c := mtr.Rewritten(hops)
		if len(c) == 0 || c[0].TTL != 2 || c[0].After != 1 || c[0].From != addr("10.0.2.1") || c[0].Src != out {
			t.Errorf("%v: %+v", kind, c)
		}
	}
}
