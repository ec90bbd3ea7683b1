package trace_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestAgain: a destination that answers only the last of many is asked again,
// one probe at a time.
func TestAgain(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
		if q.TTL == 3 && q.n <= 3 {
			return nil // it answers what was sent with 4, and what comes later
		}
		return s
	}))
	x := w.make(trace.Config{})
	w.run(x)
	same(t, "again", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 2ms
		3 . 3ms again=1 . 3ms again=1 . 3ms again=1`)
	equal(t, "reached", x.Reached(), true)
	equal(t, "length", x.Length(), 3)
	// One at a time: each after the answer to the one before.
	var at []time.Duration
	for _, q := range w.sent {
		if q.TTL == 3 && q.n > 3 {
			at = append(at, q.at)
		}
	}
	equal(t, "again", len(at), 3)
	for i := 1; i < len(at); i++ {
		equal(t, "apart", at[i]-at[i-1], 3*ms)
	}
}

// TestAgainSilent: a silent hop before the destination is asked once more, and no
// more than that; those before it are not.
func TestAgainSilent(t *testing.T) {
	w := newWorld(t, probe.Config{}, silent(4, 3, 4))
	x := w.make(trace.Config{})
	took := w.run(x)
	same(t, "again", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 2ms
		3 silent silent silent
		4 silent again=1 silent silent
		5 . 5ms . 5ms . 5ms`)
	// Ten times six milliseconds, twice.
	equal(t, "took", took, 2*(60*ms+doubt))
	equal(t, "length", x.Length(), 5)

	// Where a gateway has answered, there is no destination that did not.
	w = newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
		if q.TTL == 2 && q.n == 3 {
			return nil
		}
		return s
	}))
	w.run(w.make(trace.Config{}))
	same(t, "gateway", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms 2 2ms silent
		3 . 3ms . 3ms . 3ms`)

	// Nor where somebody else than the destination has the last word.
	w = newWorld(t, probe.Config{}, line(9, func(q packet, s *say) *say {
		switch {
		case q.TTL == 2 && q.n == 2:
			return nil
		case q.TTL >= 2:
			s.typ, s.code = 3, 1
		}
		return s
	}))
	w.run(w.make(trace.Config{}))
	same(t, "refused", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms !H silent 2 2ms !H`)
}

// TestAgainUnheard: the destination's own hop is asked again probe by probe, and
// what stays silent stays so.
func TestAgainUnheard(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(1, func(q packet, s *say) *say {
		if q.TTL == 2 && q.n != 1 {
			return nil
		}
		return s
	}))
	w.run(w.make(trace.Config{MaxTTL: 2}))
	same(t, "unheard", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 . 2ms silent again=1 silent again=1`)
	equal(t, "sent", len(w.sent), 8)
}

// TestHalfOpen: an open TCP port answers the first SYN of a flow, and the others
// only when that connection is no more.
func TestHalfOpen(t *testing.T) {
	var open time.Duration = -1
	answer := line(2, func(q packet, s *say) *say {
		if !s.reply {
			return s
		}
		if open >= 0 && q.at < open+s.after {
			return nil // the reset is not there yet
		}
		open, s.flags = q.at, transport.SYN
		return s
	})
	w := newWorld(t, probe.Config{}, answer)
	x := w.make(trace.Config{Kind: probe.TCP})
	took := w.run(x)
	same(t, "half open", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 2ms
		3 . 3ms . 3ms again=1 . 3ms again=1`)
	equal(t, "took", took, 9*ms)
	equal(t, "flags", w.told[6].Flags, transport.SYN|transport.ACK)
	equal(t, "flags", w.told[0].Flags, transport.TCPFlags(0))

	// A classic trace has a connection for each probe, and asks none again.
	w = newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
		s.flags = transport.SYN
		if s.reply {
			s.after = time.Duration(3+q.n) * ms
		}
		return s
	}))
	w.run(w.make(trace.Config{Kind: probe.TCP, Classic: true}))
	same(t, "classic", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 2ms
		3 . 4ms . 5ms . 6ms`)
}

// TestAgainAndCut: what is to be asked again is not, once the trace ends before.
func TestAgainAndCut(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(3, func(q packet, s *say) *say {
		switch {
		case q.TTL == 2 && q.n == 3:
			// Slow, and the destination after all.
			s = &say{from: q.Dst, reply: true, after: 30 * ms}
		case q.TTL == 2:
			return nil
		case q.TTL == 3:
			s = &say{from: q.Dst, reply: true, after: 10 * ms}
			if q.n == 2 {
				return nil
			}
		}
		return s
	}))
	x := w.make(trace.Config{})
	w.run(x)
	equal(t, "length", x.Length(), ip.TTL(2))
	for _, q := range w.sent {
		if q.TTL == 3 && q.at > 40*ms {
			t.Errorf("hop 3 is asked after %v", q.at)
		}
	}
}
