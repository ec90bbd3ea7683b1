package trace_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
)

// silent is a way some of whose hops say nothing.
func silent(gateways int, hops ...int) func(q packet) *say {
	return line(gateways, func(q packet, s *say) *say {
		if slices.Contains(hops, int(q.TTL)) {
			return nil
		}
		return s
	})
}

// TestWait shows how long the last probe of a trace is waited for.
func TestWait(t *testing.T) {
	for _, x := range []struct {
		name   string
		c      trace.Config
		answer func(q packet) *say
		took   time.Duration
		want   string
	}{
		{
			// 10 times what the next hop took, and a millisecond.
			"near",
			trace.Config{},
			silent(2, 1), 10 * 3 * ms,
			"1 silent silent silent\n2 2 2ms 2 2ms 2 2ms\n3 . 3ms . 3ms . 3ms",
		},
		{
			"near by another factor",
			trace.Config{Near: 4},
			silent(2, 1), 4 * 3 * ms,
			"1 silent silent silent\n2 2 2ms 2 2ms 2 2ms\n3 . 3ms . 3ms . 3ms",
		},
		{
			// The longest time of the nearest hop that answers.
			"near, the longest",
			trace.Config{},
			line(3, func(q packet, s *say) *say {
				if q.TTL <= 2 {
					return nil
				}
				if q.TTL == 3 && q.n == 2 {
					s.after = 9 * ms
				}
				return s
			}), 10 * 10 * ms,
			"1 silent silent silent\n2 silent silent silent\n3 3 3ms 3 9ms 3 3ms\n4 . 4ms . 4ms . 4ms",
		},
		{
			// 3 times what others of the same hop took, and a millisecond, would be 9.
			"here, at least",
			trace.Config{},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 2 && q.n == 3 {
					return nil
				}
				return s
			}), 10 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 2 2ms 2 2ms silent\n3 . 3ms . 3ms . 3ms",
		},
		{
			"here",
			trace.Config{},
			line(2, func(q packet, s *say) *say {
				if s.after = 20 * ms; q.TTL == 2 && q.n == 3 {
					return nil
				}
				return s
			}), 3 * 21 * ms,
			"1 1 20ms 1 20ms 1 20ms\n2 2 20ms 2 20ms silent\n3 . 20ms . 20ms . 20ms",
		},
		{
			"here by another factor, the longest",
			trace.Config{Here: 5},
			line(2, func(q packet, s *say) *say {
				switch {
				case q.TTL == 2 && q.n == 3:
					return nil
				case q.TTL == 2 && q.n == 2:
					s.after = 5 * ms
				}
				return s
			}), 5 * 6 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 2 2ms 2 5ms silent\n3 . 3ms . 3ms . 3ms",
		},
		{
			// An earlier probe than one that was answered is waited for longer.
			"overtaken",
			trace.Config{},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 2 && q.n == 2 {
					return nil
				}
				return s
			}), 500 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 2 2ms silent 2 2ms\n3 . 3ms . 3ms . 3ms",
		},
		{
			"overtaken, and the longest wait is less",
			trace.Config{Wait: 300 * ms},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 2 && q.n == 1 {
					return nil
				}
				return s
			}), 300 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 silent 2 2ms 2 2ms\n3 . 3ms . 3ms . 3ms",
		},
		{
			"overtaken, and the factor is more",
			trace.Config{Here: 400},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 2 && q.n == 1 {
					return nil
				}
				return s
			}), 400 * 3 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 silent 2 2ms 2 2ms\n3 . 3ms . 3ms . 3ms",
		},
		{
			// Right behind those that have answered: long enough for the last of them
			// to say that nobody is there.
			"beyond",
			trace.Config{MaxTTL: 2},
			silent(9, 2), 4 * time.Second,
			"1 1 1ms 1 1ms 1 1ms\n2 silent silent silent",
		},
		{
			"beyond, by the factor",
			trace.Config{MaxTTL: 2, Near: 2100},
			silent(9, 2), 2100 * 2 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 silent silent silent",
		},
		{
			"beyond, a second at least",
			trace.Config{MaxTTL: 2, Wait: 1100 * ms},
			silent(9, 2), time.Second,
			"1 1 1ms 1 1ms 1 1ms\n2 silent silent silent",
		},
		{
			"beyond, at most",
			trace.Config{MaxTTL: 2, Wait: 600 * ms},
			silent(9, 2), 600 * ms,
			"1 1 1ms 1 1ms 1 1ms\n2 silent silent silent",
		},
		{
			"nobody",
			trace.Config{MaxTTL: 1},
			silent(9, 1), 4 * time.Second,
			"1 silent silent silent",
		},
		{
			"nobody, at most",
			trace.Config{MaxTTL: 1, Wait: 600 * ms},
			silent(9, 1), 480 * ms,
			"1 silent silent silent",
		},
		{
			"the longest wait alone",
			trace.Config{Here: -1, Near: -1},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 1 || q.n == 3 {
					return nil
				}
				return s
			}), 5*time.Second + 3*ms,
			"1 silent silent silent\n2 2 2ms 2 2ms silent\n3 . 3ms . 3ms . 3ms again=1",
		},
		{
			"here alone",
			trace.Config{Near: -1, MaxTTL: 2},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 1 && q.n == 3 {
					return nil
				}
				return s
			}), 10 * ms,
			"1 1 1ms 1 1ms silent\n2 2 2ms 2 2ms 2 2ms",
		},
		{
			"near alone",
			trace.Config{Here: -1, MaxTTL: 2},
			line(2, func(q packet, s *say) *say {
				if q.TTL == 1 && q.n == 3 {
					return nil
				}
				return s
			}), 10 * 3 * ms,
			"1 1 1ms 1 1ms silent\n2 2 2ms 2 2ms 2 2ms",
		},
	} {
		w := newWorld(t, probe.Config{}, x.answer)
		took := w.run(w.make(x.c))
		same(t, x.name, text(w.told), x.want)
		if x.took += doubt; took != x.took {
			t.Errorf("%s: took %v, want %v", x.name, took, x.took)
		}
	}
}

// TestSilentTail: behind the last that answers, silence costs little, because
// those that are waited for make room for others.
func TestSilentTail(t *testing.T) {
	for _, x := range []struct {
		c    trace.Config
		took time.Duration
	}{
		// The first 16 go to hop 6; 6 more as answers come. Then 16 at a time, each
		// making room after a quarter of a second. Before all have left and have been
		// waited for for a second, hop 3 has not been for long enough.
		{trace.Config{}, 4 * time.Second},
		{trace.Config{Parallel: 90}, 4 * time.Second},
		{trace.Config{MaxTTL: 5}, 4 * time.Second},
		// Three at a time it is the other way round.
		{trace.Config{Parallel: 3}, 27*250*ms + time.Second},
		// With no factors a probe counts until it is given up.
		{trace.Config{Here: -1, Near: -1}, 30*time.Second + 5*doubt},
	} {
		w := newWorld(t, probe.Config{}, silent(99, upTo(30, 3)...))
		trc := w.make(x.c)
		took := w.run(trc)
		if slack := took - x.took; slack < 0 || slack > 3*ms+doubt {
			t.Errorf("%+v: took %v, want %v", x.c, took, x.took)
		}
		equal(t, "told", len(w.told), 3*int(trc.Config().MaxTTL))
		equal(t, "length", trc.Length(), trc.Config().MaxTTL)
		equal(t, "reached", trc.Reached(), false)
	}
}

// TestNobodyThere: a gateway takes three seconds to find out that a neighbour is
// not there, and what it says then is heard. Probes that have left meanwhile cost
// nothing.
func TestNobodyThere(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
		if q.TTL > 2 {
			s.from, s.reply, s.typ, s.code, s.after = gateway(2, false), false, 3, 1, 3*time.Second+2*ms-q.at
		}
		return s
	}))
	trc := w.make(trace.Config{})
	if took := w.run(trc); took != 3*time.Second+2*ms {
		t.Errorf("took %v", took)
	}
	same(t, "told", text(w.told), "1 1 1ms 1 1ms 1 1ms\n2 2 2ms 2 2ms 2 2ms\n3 2 3.002s !H 2 3.002s !H 2 3.002s !H")
}

func upTo(last, first int) (out []int) {
	for i := first; i <= last; i++ {
		out = append(out, i)
	}
	return out
}

// TestRoom shows when a probe that is waited for makes room for the next: after a
// quarter of a second, or twice the longest time so far.
func TestRoom(t *testing.T) {
	for _, x := range []struct {
		answer, first, room time.Duration
		c                   trace.Config
	}{
		{10 * ms, 10 * ms, 250 * ms, trace.Config{}},
		{200 * ms, 200 * ms, 400 * ms, trace.Config{}},
		{300 * ms, 250 * ms, 600 * ms, trace.Config{}},
		{10 * ms, 10 * ms, 100 * ms, trace.Config{Wait: 100 * ms}},
		{10 * ms, 10 * ms, 1500*ms + doubt, trace.Config{Wait: 1500 * ms, Here: -1, Near: -1}},
		{10 * ms, 10 * ms, 250 * ms, trace.Config{Here: -1}},
		{10 * ms, 10 * ms, 250 * ms, trace.Config{Near: -1}},
	} {
		w := newWorld(t, probe.Config{}, func(q packet) *say {
			if q.TTL > 1 {
				return nil
			}
			return &say{from: gateway(1, false), after: x.answer, typ: 11}
		})
		x.c.Parallel, x.c.Queries, x.c.MaxTTL = 1, 1, 3
		w.run(w.make(x.c))
		equal(t, "second", w.sent[1].at, x.first)
		equal(t, "third", w.sent[2].at, x.first+x.room)
	}
}

// TestLate: what comes after its time still counts, as long as it was not told
// that there was nothing.
func TestLate(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
		switch {
		case q.TTL == 1 && q.n == 1:
			return nil // it is waited for half a second
		case q.TTL == 2 && q.n == 3:
			s.after = 400 * ms // given up after 9 ms
		case q.TTL == 3 && q.n == 3:
			s.after = 900 * ms // told by then
		case q.TTL == 3 && q.n == 4:
			return nil
		}
		return s
	}))
	x := w.make(trace.Config{})
	w.run(x)
	same(t, "late", text(w.told), `
		1 silent 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 400ms
		3 . 3ms . 3ms silent again=1`)
	for i, r := range w.told {
		equal(t, "late", r.Late, i == 5)
	}
	// And nothing is told twice.
	for range 100 {
		if !w.next(x) {
			break
		}
		w.step(x)
	}
	equal(t, "told", len(w.told), 9)
	equal(t, "result", x.Hops()[2].Probes[2].Status, trace.Silent)
}

// TestDoubt: what was there in time, and was only read late, counts.
func TestDoubt(t *testing.T) {
	for _, x := range []struct {
		after time.Duration
		want  string
	}{{doubt, "1 1 1.002s"}, {doubt + ms, "1 silent"}} {
		w := newWorld(t, probe.Config{}, line(9, func(_ packet, s *say) *say {
			s.after = time.Second + x.after
			return s
		}))
		w.run(w.make(trace.Config{MaxTTL: 1, Queries: 1, Wait: time.Second, Here: -1, Near: -1}))
		same(t, "doubt", text(w.told), x.want)
	}
}

// TestReleasedAndOverdue: a probe that does not count any more is given up all
// the same, also when both are due at once.
func TestReleasedAndOverdue(t *testing.T) {
	w := newWorld(t, probe.Config{}, silent(9, 2, 3, 4, 5))
	took := w.run(w.make(trace.Config{Parallel: 1, Queries: 1, MaxTTL: 5, Wait: 250 * ms, Near: 1000}))
	equal(t, "took", took, ms+4*250*ms+doubt)
}
