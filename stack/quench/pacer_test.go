package quench_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire"
)

var epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return epoch.Add(d) }

func pacer(t *testing.T, c quench.Config) *quench.Pacer {
	t.Helper()
	p, err := quench.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		field string
		c     quench.Config
	}{
		{"K", quench.Config{K: -1}},
		{"I", quench.Config{I: -1}},
		{"E", quench.Config{E: -1}},
		{"J", quench.Config{J: -1}},
		{"S", quench.Config{S: -1}},
		{"Max", quench.Config{Max: -1}},
	} {
		p, err := quench.New(tt.c)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Field != tt.field || fe.Type != "quench.Config" || p != nil {
			t.Errorf("%s: %v, %v", tt.field, p, err)
		}
	}
}

// TestUndisturbed: without source quench nothing is delayed.
func TestUndisturbed(t *testing.T) {
	p := pacer(t, quench.Config{})
	for range 3 {
		if !p.Allow(epoch) || p.Delay() != 0 || !math.IsInf(p.Rate(), 1) || !p.Next(epoch).Equal(epoch) {
			t.Fatalf("delay %v, rate %v", p.Delay(), p.Rate())
		}
	}
}

// TestIncrease: D <- max(D+K, I), once in a period of E.
func TestIncrease(t *testing.T) {
	conform.Row(t, "H-09")
	p := pacer(t, quench.Config{})
	for _, tt := range []struct {
		at     time.Duration
		raised bool
		delay  time.Duration
	}{
		{0, true, 75 * time.Millisecond},
		{time.Millisecond, false, 75 * time.Millisecond},
		{2*time.Second - 1, false, 75 * time.Millisecond},
		{2 * time.Second, true, 95 * time.Millisecond},
		{3 * time.Second, false, 95 * time.Millisecond},
		{4*time.Second - 1, false, 95 * time.Millisecond},
		{4 * time.Second, true, 115 * time.Millisecond},
	} {
		if got := p.Quench(at(tt.at)); got != tt.raised || p.Delay() != tt.delay {
			t.Errorf("at %v: raised %v, delay %v, want %v, %v", tt.at, got, p.Delay(), tt.raised, tt.delay)
		}
	}
	if got, want := p.Rate(), 1/0.115; math.Abs(got-want) > 1e-9 {
		t.Errorf("rate %v, want %v", got, want)
	}
}

func TestMax(t *testing.T) {
	p := pacer(t, quench.Config{})
	raised := 0
	for i := range 100 {
		if p.Quench(at(time.Duration(i) * 2 * time.Second)) {
			raised++
		}
	}
	// 75 ms, then 20 ms each: 47 to 1,015 ms, so 1 s.
	if p.Delay() != time.Second || raised != 48 {
		t.Errorf("delay %v after %d increases", p.Delay(), raised)
	}
	p = pacer(t, quench.Config{I: time.Second, Max: 10 * time.Millisecond})
	if !p.Quench(epoch) || p.Delay() != 10*time.Millisecond {
		t.Errorf("delay %v, want that of Max", p.Delay())
	}
}

// TestSpacing: the delay separates datagrams, the first after silence goes at
// once.
func TestSpacing(t *testing.T) {
	p := pacer(t, quench.Config{})
	p.Quench(epoch)
	if !p.Allow(epoch) {
		t.Fatal("the first datagram waits")
	}
	if want := at(75 * time.Millisecond); !p.Next(at(1)).Equal(want) {
		t.Errorf("next at %v, want %v", p.Next(at(1)), want)
	}
	if p.Allow(at(75*time.Millisecond - 1)) {
		t.Error("a nanosecond early")
	}
	if !p.Allow(at(75 * time.Millisecond)) {
		t.Error("not when it is due")
	}
	if p.Allow(at(75 * time.Millisecond)) {
		t.Error("two at once")
	}
	if late := at(900 * time.Millisecond); !p.Next(late).Equal(late) {
		t.Errorf("next at %v, want now", p.Next(late))
	}
}

// TestDecrease: D <- max(D-J, 0) when S has passed and there is something to
// send, once each time however long nothing was sent.
func TestDecrease(t *testing.T) {
	p := pacer(t, quench.Config{J: 30 * time.Millisecond})
	p.Quench(epoch)
	for _, tt := range []struct{ at, delay time.Duration }{
		{time.Second - 1, 75 * time.Millisecond},
		{time.Second, 45 * time.Millisecond},
		{2*time.Second - 1, 45 * time.Millisecond},
		{time.Hour, 15 * time.Millisecond},
		{time.Hour, 15 * time.Millisecond},
		{time.Hour + time.Second, 0},
		{2 * time.Hour, 0},
	} {
		if p.Next(at(tt.at)); p.Delay() != tt.delay {
			t.Errorf("at %v: delay %v, want %v", tt.at, p.Delay(), tt.delay)
		}
	}
	// A delay that is renewed lasts S from then.
	p.Quench(at(3 * time.Hour))
	if p.Next(at(3*time.Hour + time.Second - 1)); p.Delay() != 75*time.Millisecond {
		t.Errorf("delay %v before S is over", p.Delay())
	}
}

// TestRecovery is the rate over time of a sender with 100 datagrams a second to
// send and one source quench: it falls at once, and is back when the delay has
// gone down to what separates the datagrams anyway.
func TestRecovery(t *testing.T) {
	conform.Row(t, "H-09")
	p := pacer(t, quench.Config{})
	perSecond := map[int]int{}
	const step = 10 * time.Millisecond
	for now := time.Duration(0); now < 100*time.Second; now += step {
		if now == 5*time.Second {
			p.Quench(at(now))
		}
		if p.Allow(at(now)) {
			perSecond[int(now/time.Second)]++
		}
	}
	if perSecond[4] != 100 || perSecond[99] != 100 {
		t.Errorf("before %d a second, at the end %d, want 100", perSecond[4], perSecond[99])
	}
	if perSecond[5] > 14 {
		t.Errorf("%d in the second after the source quench, want 14 at most", perSecond[5])
	}
	for s := 7; s < 100; s++ {
		// A millisecond a second: no faster than the delay allows, never slower than before.
		if perSecond[s] < perSecond[s-1]-1 {
			t.Errorf("second %d: %d datagrams, %d in the one before", s, perSecond[s], perSecond[s-1])
		}
	}
	if p.Delay() != 0 {
		t.Errorf("delay %v at the end", p.Delay())
	}
}

func TestAllocs(t *testing.T) {
	p := pacer(t, quench.Config{})
	now := epoch
	wiretest.NoAllocs(t, "quench and allow", func() {
		now = now.Add(time.Second)
		p.Quench(now)
		p.Allow(now)
		p.Next(now)
	})
}
