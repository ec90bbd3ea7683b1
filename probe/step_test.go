package probe_test

import (
	"testing"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// stepped is t by a clock that was set ahead by so many seconds: as [time.Now] has
// it then, with the reading of the clock that does not jump as it was.
func stepped(t time.Time, seconds int) time.Time {
	const shift = 30 // of the seconds, behind the nanoseconds
	x := (*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t))
	x.wall += uint64(int64(seconds)) << shift
	return t
}

func TestStepped(t *testing.T) {
	now := time.Now()
	for _, s := range []int{3600, -3600} {
		x := stepped(now, s)
		if d := time.Duration(s) * time.Second; x.Sub(now) != 0 || x.UnixNano()-now.UnixNano() != int64(d) {
			t.Fatalf("stepped by %v: %v and %v", d, x.Sub(now), x.UnixNano()-now.UnixNano())
		}
	}
}

// TestClockSet: when the clock is set between sending and receiving, stamps of the
// kernel, which go by it, tell nothing of the time between.
func TestClockSet(t *testing.T) {
	for _, c := range []struct {
		name         string
		seconds      int
		sent, stamp  probe.Stamp
		want         probe.Stamp
		rtt, receive time.Duration
	}{
		{"not", 0, probe.Kernel, probe.Kernel, probe.Kernel, 3 * ms, 5 * ms},
		{"not, and sent by the program", 0, probe.Program, probe.Kernel, probe.Kernel, 4 * ms, 5 * ms},
		{"forward", 3600, probe.Kernel, probe.Kernel, probe.Program, 5 * ms, 5 * ms},
		{"back", -3600, probe.Kernel, probe.Kernel, probe.Program, 5 * ms, 5 * ms},
		{"forward, sent by the program", 3600, probe.Program, probe.Kernel, probe.Program, 5 * ms, 5 * ms},
		{"forward, by the program", 3600, probe.Program, probe.Program, probe.Program, 5 * ms, 5 * ms},
		{"forward, by devices", 3600, probe.Device, probe.Device, probe.Device, 3 * ms, 5 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, start := newProber(t, probe.Config{}), time.Now()
			x := sent(t, p, start, ask(probe.Echo, false, 56))
			if c.sent != probe.Program {
				p.Sent(x.Handle, start.Add(ms).Round(0), c.sent)
			}
			now := stepped(start.Add(c.receive), c.seconds)
			a := x.echoed()
			if a.Stamp = c.stamp; c.stamp != probe.Program {
				a.At = now.Add(-ms).Round(0)
			}
			if c.stamp == probe.Device { // has a clock of its own
				a.At = start.Add(4 * ms).Round(0)
			}
			receive(t, p, now, a, probe.Credited)
			e := one(t, p, probe.Reply)
			if e.RTT != c.rtt || e.Stamp != c.want {
				t.Errorf("%v by %v, want %v by %v", e.RTT, e.Stamp, c.rtt, c.want)
			}
			if c.want == probe.Program && !e.Time.Equal(now) {
				t.Errorf("at %v, want %v", e.Time, now)
			}
		})
	}
}

// TestTimeOfDay: what has a time of day has that of its moment, also when the clock
// was set, or the machine slept, since the prober's first.
func TestTimeOfDay(t *testing.T) {
	p, start := newProber(t, probe.Config{}), time.Now()
	sent(t, p, start, ask(probe.Echo, false, 56))
	now := stepped(start.Add(2*time.Second), 3600)
	idle(t, p, now)
	if e := one(t, p, probe.Timeout); !e.Time.Equal(now) {
		t.Errorf("timeout at %v, want %v", e.Time, now)
	}
	x := sent(t, p, now, ask(probe.Timestamp, false, 0))
	for _, by := range []probe.Stamp{probe.Program, probe.Kernel} {
		left := now
		if by == probe.Kernel {
			now = now.Add(time.Second)
			x = sent(t, p, now, ask(probe.Timestamp, false, 0))
			left = now.Add(ms).Round(0)
			p.Sent(x.Handle, left, by)
		}
		a := x.echoed()
		a.At, a.Stamp = now.Add(3*ms).Round(0), probe.Kernel
		receive(t, p, now.Add(4*ms), a, probe.Credited)
		e := one(t, p, probe.Reply)
		if e.Answer.Originate != icmp4.TimestampOf(now) {
			t.Errorf("originate %v, want %v", e.Answer.Originate, icmp4.TimestampOf(now))
		}
		// What is compared with another clock is of the one that took the time.
		if !e.Answer.SentAt.Equal(left) || !e.Answer.SentAt.Add(e.RTT).Equal(e.Time) {
			t.Errorf("%v: sent at %v, want %v; after %v it is %v", by, e.Answer.SentAt, left, e.RTT, e.Time)
		}
	}
	now = now.Add(time.Second)
	h := send(t, p, now, ask(probe.Echo, false, 56))
	poll(t, p, now)
	p.Unsent(now, h, probe.ErrFull)
	if e := one(t, p, probe.Unsent); !e.Time.Equal(now) {
		t.Errorf("unsent at %v, want %v", e.Time, now)
	}
}
