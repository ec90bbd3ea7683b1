package vantage_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/vantage"
)

const two = `name: two
seed: 7
links:
  l1: {delay: 3ms}
nodes:
  r: {kind: gateway, interfaces: [{link: l1, address: 10.0.0.1/24}]}
  a: {interfaces: [{link: l1, address: 10.0.0.10/24, address6: "fd00::10/64"}]}
  b: {interfaces: [{link: l1, address: 10.0.0.20/24, address6: "fd00::20/64"}]}
names:
  10.0.0.20: {name: b.example, owner: Example}
  10.0.0.0/24: {owner: Somebody}
`

func parse(t *testing.T, text string) *topology.Topology {
	t.Helper()
	top, err := topology.Parse("two.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return top
}

func open(t *testing.T, text string, o vantage.LabOptions) *vantage.Lab {
	t.Helper()
	l, err := vantage.OpenLab(parse(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// echoes asks for some echoes, one a second.
type echoes struct {
	p        *probe.Prober
	src, dst netip.Addr
	next     time.Time
	left     int
	waiting  int
	times    []time.Duration
}

func (s *echoes) Hear(_ time.Time, e *probe.Event) {
	s.waiting--
	s.times = append(s.times, e.RTT)
}

func (s *echoes) Tick(now time.Time) {
	for s.left > 0 && !now.Before(s.next) {
		if _, err := s.p.Send(now, &probe.Probe{Src: s.src, Dst: s.dst, Size: 56}); err != nil {
			panic(err)
		}
		s.left--
		s.waiting++
		s.next = now.Add(time.Second)
	}
}

func (s *echoes) Deadline() time.Time {
	if s.left == 0 {
		return time.Time{}
	}
	return s.next
}

func (s *echoes) Done() bool { return s.left == 0 && s.waiting == 0 }

func ask(t *testing.T, l vantage.Point, n int) *echoes {
	t.Helper()
	p, err := l.Prober(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Prober(probe.Config{}); err == nil {
		t.Error("a place gave two probers")
	}
	src, err := l.Source(netip.MustParseAddr("10.0.0.20"))
	if err != nil || src != netip.MustParseAddr("10.0.0.10") {
		t.Fatalf("source %v, %v", src, err)
	}
	return &echoes{p: p, src: src, dst: netip.MustParseAddr("10.0.0.20"), next: l.Now(), left: n}
}

// sixes are n round trips over the link of 3 ms.
func sixes(n int) []time.Duration { return slices.Repeat([]time.Duration{6 * time.Millisecond}, n) }

// TestLabVirtual: time jumps, is exact, and each run is like the others.
func TestLabVirtual(t *testing.T) {
	var ids [2]uint16
	for i := range ids {
		l := open(t, two, vantage.LabOptions{From: "a", Virtual: true})
		s := ask(t, l, 100)
		start := l.Now()
		turns := 0
		if err := l.Run(t.Context(), s, func(now time.Time) {
			turns++
			if now.Before(start) || !now.Equal(l.Now()) {
				t.Errorf("turn at %v, now %v", now, l.Now())
			}
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.times, sixes(100)) || turns < 200 {
			t.Errorf("%d turns, %v", turns, s.times)
		}
		if d := l.Now().Sub(start); d != 99*time.Second+6*time.Millisecond {
			t.Errorf("it took %v", d)
		}
		ids[i], _ = s.p.Identifiers()
		if c := l.Can(); !c.Raw || !c.Virtual || !c.Kernel {
			t.Errorf("%+v", c)
		}
	}
	if ids[0] != ids[1] {
		t.Errorf("identifiers %v of one seed", ids)
	}
}

// TestLabReal: time passes, and what is measured is exact all the same.
func TestLabReal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, two, vantage.LabOptions{From: "a"})
		s := ask(t, l, 5)
		start := time.Now()
		if err := l.Run(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 4*time.Second+6*time.Millisecond || !slices.Equal(s.times, sixes(5)) {
			t.Errorf("%v, %v", d, s.times)
		}
		if l.Can().Virtual {
			t.Error("the real clock is virtual")
		}
	})
}

// TestLabInterrupted: a context that is done ends a run at once, and without an
// error; Interrupt gives a turn though nothing has happened.
func TestLabInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, two, vantage.LabOptions{From: "a"})
		s := ask(t, l, 2)
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, l.Interrupt)
		time.AfterFunc(700*time.Millisecond, cancel)
		seen := false
		if err := l.Run(ctx, s, func(time.Time) {
			seen = seen || time.Since(start) == 500*time.Millisecond
		}); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 700*time.Millisecond || !seen {
			t.Errorf("ended after %v; turn on interrupt: %v", d, seen)
		}
		// It goes on where it was.
		if err := l.Run(t.Context(), s, nil); err != nil || !slices.Equal(s.times, sixes(2)) {
			t.Errorf("%v, %v", err, s.times)
		}
	})
}

// idle waits for what never comes.
type idle struct{}

func (idle) Hear(time.Time, *probe.Event) {}
func (idle) Tick(time.Time)               {}
func (idle) Deadline() time.Time          { return time.Time{} }
func (idle) Done() bool                   { return false }

// TestLabIdle: where nothing is ever due, a run waits to be interrupted, and does
// not look for it all the time.
func TestLabIdle(t *testing.T) {
	for _, virtual := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := open(t, two, vantage.LabOptions{From: "a", Virtual: virtual})
			ask(t, l, 0)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Hour, cancel)
			turns := 0
			if err := l.Run(ctx, idle{}, func(time.Time) {
				if turns++; turns == 1000 {
					cancel()
				}
			}); err != nil || turns > 10 {
				t.Errorf("virtual %v: %d turns, %v", virtual, turns, err)
			}
		})
	}
}

func TestLabLookup(t *testing.T) {
	l := open(t, two, vantage.LabOptions{From: "a", Virtual: true})
	for _, tt := range []struct {
		host   string
		family vantage.Family
		want   string
		err    error
	}{
		{"10.9.9.9", vantage.Any, "[10.9.9.9]", nil},
		{"::ffff:10.9.9.9", vantage.IPv4, "[10.9.9.9]", nil},
		{"10.9.9.9", vantage.IPv6, "[]", vantage.ErrFamily},
		{"b", vantage.Any, "[10.0.0.20 fd00::20]", nil},
		{"b", vantage.IPv6, "[fd00::20]", nil},
		{"B.EXAMPLE", vantage.Any, "[10.0.0.20]", nil},
		{"b.example", vantage.IPv6, "[]", vantage.ErrFamily},
		{"r", vantage.IPv6, "[]", vantage.ErrFamily},
		{"c", vantage.Any, "[]", vantage.ErrHost},
		{"", vantage.Any, "[]", vantage.ErrHost},
	} {
		got, err := l.Lookup(t.Context(), tt.host, tt.family)
		s := "["
		for i, a := range got {
			if i > 0 {
				s += " "
			}
			s += a.String()
		}
		if s += "]"; s != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q, %v: %s, %v", tt.host, tt.family, s, err)
		}
	}
	who, owners := l.Who()
	b, r, far := netip.MustParseAddr("10.0.0.20"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("192.0.2.1")
	if n, err := who.Name(t.Context(), b); n != "b.example" || err != nil {
		t.Errorf("%q, %v", n, err)
	}
	if n, err := who.Name(t.Context(), r); n != "" || !errors.Is(err, names.ErrUnknown) {
		t.Errorf("%q, %v", n, err)
	}
	if o, err := owners.Owner(t.Context(), r); o.Organisation != "Somebody" || err != nil {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := owners.Owner(t.Context(), far); o != (names.Owner{}) || !errors.Is(err, names.ErrUnknown) {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestLabFrom: who does not say where it stands, stands where the file's own
// steps do.
func TestLabFrom(t *testing.T) {
	const steps = "steps:\n  - trace: {from: b, to: a}\n  - ping: {from: r, to: a}\n  - ping: {from: a, to: b}\n"
	for _, tt := range []struct {
		text string
		o    vantage.LabOptions
		want string
	}{
		{two, vantage.LabOptions{}, "10.0.0.10"}, // r is a gateway
		{two, vantage.LabOptions{From: "b"}, "10.0.0.20"},
		{two, vantage.LabOptions{From: "r"}, "10.0.0.1"},
		{two + steps, vantage.LabOptions{}, "10.0.0.1"},
		{two + steps, vantage.LabOptions{Like: vantage.Trace}, "10.0.0.20"},
		{two + steps, vantage.LabOptions{Like: vantage.Trace, From: "a"}, "10.0.0.10"},
		{two + "steps:\n  - trace: {from: b, to: a}\n", vantage.LabOptions{}, "10.0.0.20"},
	} {
		src, err := open(t, tt.text, tt.o).Source(netip.MustParseAddr("10.0.0.99"))
		if err != nil || src.String() != tt.want {
			t.Errorf("%+v: %v, %v", tt.o, src, err)
		}
	}
	_, err := vantage.OpenLab(new(topology.Topology), vantage.LabOptions{})
	if !errors.Is(err, prober.ErrNoHost) || err.Error() != "prober: no such host in the laboratory: there is none at all" {
		t.Error(err)
	}
	_, err = vantage.OpenLab(parse(t, two), vantage.LabOptions{From: "c"})
	if !errors.Is(err, prober.ErrNoHost) || err.Error() != `prober: no such host in the laboratory "c": there is a, b, r` && err.Error() != `prober: no such host in the laboratory "c": there is r, a, b` {
		t.Error(err)
	}
}

// TestLabNoProber: a strategy of somebody else's prober would be waited for
// without end.
func TestLabNoProber(t *testing.T) {
	p, err := probe.New(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	a := netip.MustParseAddr("10.0.0.10")
	s, err := ping.New(p, ping.Config{Targets: []ping.Target{{Src: a, Dst: a}}, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open(t, two, vantage.LabOptions{Virtual: true}).Run(ctx, s, nil); err == nil {
		t.Error("it ran")
	}
}
