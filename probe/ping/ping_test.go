package ping_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// TestCount: probes leave one interval apart, and it is over with the last reply.
func TestCount(t *testing.T) {
	conform.Row(t, "P-07")
	w := newWorld(t, ping.Config{Count: 3, Size: 56}, probe.Config{})
	if w.s.Done() || w.s.Deadline().IsZero() || w.s.Deadline().After(start) {
		t.Error("nothing to do at the start")
	}
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, time.Second, 2 * time.Second})
	same(t, "results", w.kinds(), []string{"reply 1", "reply 2", "reply 3"})
	if w.elapsed() != 2010*ms || !w.s.Done() || !w.s.Finished(0) || !w.s.Reached(0) || !w.s.Deadline().IsZero() {
		t.Errorf("over after %v: %v", w.elapsed(), w.s.Done())
	}
	st := w.s.Stats(0)
	if st.Sent != 3 || st.Received != 3 || st.Loss() != 0 || st.Elapsed() != 2*time.Second || st.Gap() != time.Second || st.Pipe != 1 {
		t.Errorf("%+v", st)
	}
	if st.RTT.Count() != 3 || st.RTT.Min() != 10*ms || st.RTT.Max() != 10*ms || st.Percentiles != nil {
		t.Errorf("%+v", st.RTT)
	}
	r := w.results[1]
	if r.Seq != 2 || r.N != 2 || r.RTT != 10*ms || r.From != them || r.TTL != 63 || r.TOS != 4 || r.Size != 64 ||
		r.Stamp != probe.Kernel || r.Probe != probe.Echo || r.Time != start.Add(1010*ms) || r.Target != 0 {
		t.Errorf("%+v", r)
	}
}

// TestInterval: the distance is that of the configuration, from nothing on.
func TestInterval(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 4, Interval: 250 * ms}, probe.Config{})
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 250 * ms, 500 * ms, 750 * ms})
}

// TestLate: who comes late makes good, but no more than a quarter of an interval.
func TestLateTurns(t *testing.T) {
	w := newWorld(t, ping.Config{Interval: 100 * ms}, probe.Config{})
	at := func(d time.Duration, want int, deadline time.Duration) {
		t.Helper()
		w.now = start.Add(d)
		w.turn()
		if len(w.sent) != want || w.s.Deadline().Sub(start) != deadline {
			t.Errorf("%v: %d sent, want %d; then at %v, want %v", d, len(w.sent), want, w.s.Deadline().Sub(start), deadline)
		}
	}
	at(0, 1, 100*ms)
	at(99*ms, 1, 100*ms)
	at(110*ms, 2, 200*ms)
	at(225*ms, 3, 300*ms)
	at(500*ms, 4, 575*ms) // two are lost, a quarter is made good
}

// TestPreload: so many leave at once, then one each interval.
func TestPreload(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 5, Preload: 3}, probe.Config{})
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 0, 0, time.Second, 2 * time.Second})
	if p := w.s.Stats(0).Pipe; p != 3 {
		t.Errorf("pipe %d", p)
	}
}

// TestWaiting: how long is waited for the last.
func TestWaiting(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    ping.Config
		lost []int
		rtt  time.Duration
		over time.Duration
		left int // told as lost at the end
	}{
		{"nobody: ten seconds", ping.Config{Count: 2}, []int{1, 2}, ms, 11 * time.Second, 1},
		{"nobody: as long as told", ping.Config{Count: 2, Wait: 3 * time.Second}, []int{1, 2}, ms, 4 * time.Second, 2},
		{"the last: an interval", ping.Config{Count: 2, Wait: 3 * time.Second}, []int{2}, ms, 2 * time.Second, 1},
		{"the last: twice the longest", ping.Config{Count: 2, Interval: 100 * ms}, []int{2}, 70 * ms, 240 * ms, 1},
		{"none by then, as iputils has it", ping.Config{Count: 2}, []int{1}, ms, 11 * time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.c, probe.Config{})
			w.answer = but(echo(tt.rtt), tt.lost...)
			w.run(time.Hour)
			left := 0
			for _, r := range w.results {
				if r.Kind == ping.Timeout && r.Time.Equal(w.now) {
					left++
				}
			}
			if w.elapsed() != tt.over || left != tt.left || !w.s.Done() {
				t.Errorf("over after %v with %d told as lost, want %v, %d: %v", w.elapsed(), left, tt.over, tt.left, w.kinds())
			}
		})
	}
}

// TestNoEnd: a negative wait is for ever.
func TestNoEnd(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 1, Wait: -1}, probe.Config{Linger: -1})
	w.answer = but(echo(ms), 1)
	w.run(100 * time.Hour)
	if w.s.Done() || !w.s.Deadline().IsZero() {
		t.Error("it is over")
	}
	same(t, "results", w.kinds(), []string{"timeout 1"})
	w.s.Stop()
	if !w.s.Done() || w.s.Reached(0) {
		t.Error("it goes on")
	}
	w.s.Stop()
	if !w.s.Done() {
		t.Error("twice is not once")
	}
}

// TestDeadline: until then it is asked, also more than Count times, until there
// are Count replies or an error.
func TestDeadline(t *testing.T) {
	w := newWorld(t, ping.Config{Deadline: 3500 * ms}, probe.Config{})
	w.run(time.Hour)
	if len(w.sent) != 4 || w.elapsed() != 3500*ms || !w.s.Reached(0) {
		t.Errorf("%d sent in %v", len(w.sent), w.elapsed())
	}
	w = newWorld(t, ping.Config{Count: 2, Deadline: 3500 * ms}, probe.Config{})
	w.answer = but(echo(10*ms), 1)
	w.run(time.Hour)
	if len(w.sent) != 3 || w.elapsed() != 2010*ms || !w.s.Reached(0) {
		t.Errorf("%d sent in %v", len(w.sent), w.elapsed())
	}
	w = newWorld(t, ping.Config{Count: 3, Deadline: 3 * time.Second}, probe.Config{})
	w.answer = but(echo(10*ms), 1)
	w.run(time.Hour)
	if len(w.sent) != 3 || w.elapsed() != 3*time.Second || w.s.Reached(0) || w.s.Stats(0).Received != 2 {
		t.Errorf("%d sent in %v: %v", len(w.sent), w.elapsed(), w.s.Reached(0))
	}
	w = newWorld(t, ping.Config{Count: 3, Deadline: 3 * time.Second}, probe.Config{})
	w.answer = func(_ int, x sent) []back { return []back{unreachable(t, x, 5*ms, icmp4.CodeHostUnreachable)} }
	w.run(time.Hour)
	if w.elapsed() != 5*ms || w.s.Stats(0).Errors != 1 {
		t.Errorf("an error after %v", w.elapsed())
	}
}

// TestErrors: they count as answers, but for the loss.
func TestErrors(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 2, Size: 56}, probe.Config{})
	w.answer = func(i int, x sent) []back {
		if i == 1 {
			return []back{unreachable(t, x, 5*ms, icmp4.CodeHostProhibited)}
		}
		return echo(10*ms)(i, x)
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"error 1", "reply 2"})
	st := w.s.Stats(0)
	if w.elapsed() != 1010*ms || st.Errors != 1 || st.Received != 1 || st.Loss() != 50 || st.RTT.Count() != 1 || st.Pipe != 1 {
		t.Errorf("%v: %+v", w.elapsed(), st)
	}
	r := w.results[0]
	if !r.Claim.Present || r.Claim.Type != 3 || r.Claim.Code != uint8(icmp4.CodeHostProhibited) || r.From != r1 || r.RTT != 5*ms {
		t.Errorf("%+v", r)
	}
	// A second error about the same is one, too.
	w = newWorld(t, ping.Config{Count: 3}, probe.Config{})
	w.answer = func(i int, x sent) []back {
		e := unreachable(t, x, 5*ms, icmp4.CodeHostUnreachable)
		return []back{e, e}
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"error 1", "error 1", "error 2"})
}

// TestUnsent: what cannot be sent counts as sent, and is not waited for.
func TestUnsent(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 3}, probe.Config{})
	none := errors.New("no way there")
	w.refuse = func(i int, _ sent) error {
		if i == 3 {
			return none
		}
		return nil
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"reply 1", "reply 2", "unsent 3"})
	st := w.s.Stats(0)
	if w.elapsed() != 2*time.Second || st.Sent != 3 || st.Unsent != 1 || st.Errors != 0 || st.Received != 2 {
		t.Errorf("%v: %+v", w.elapsed(), st)
	}
	if r := w.results[2]; !errors.Is(r.Err, none) || r.Why != "no way there" {
		t.Errorf("%+v", r)
	}
	// With a deadline, there may yet be a way.
	w = newWorld(t, ping.Config{Count: 2, Deadline: 5 * time.Second}, probe.Config{})
	w.refuse = func(i int, _ sent) error {
		if i < 3 {
			return none
		}
		return nil
	}
	w.run(time.Hour)
	same(t, "results", w.kinds(), []string{"unsent 1", "unsent 2", "reply 3", "reply 4"})
}

// TestFull: when the prober has no room it is tried again.
func TestFull(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 3, Preload: 3}, probe.Config{InFlight: 2, Linger: -1})
	w.answer = echo(25 * ms)
	w.run(time.Hour)
	same(t, "sent", w.times(), []time.Duration{0, 0, 30 * ms})
	if st := w.s.Stats(0); st.Sent != 3 || st.Received != 3 {
		t.Errorf("%+v", st)
	}
}

// TestStop: what is on its way is given up, without a word.
func TestStop(t *testing.T) {
	w := newWorld(t, ping.Config{}, probe.Config{})
	w.answer = echo(1500 * ms)
	w.run(1100 * ms)
	w.s.Stop()
	if _, flying := w.p.InFlight(); !w.s.Done() || flying != 0 || len(w.results) != 0 {
		t.Errorf("%d in flight, %v", flying, w.kinds())
	}
	w.run(3 * time.Second)
	if len(w.sent) != 2 || len(w.results) != 0 || w.s.Stats(0).Received != 0 {
		t.Errorf("%d sent, %v", len(w.sent), w.kinds())
	}
}
