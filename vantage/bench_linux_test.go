package vantage_test

import (
	"context"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
)

// rounds asks many targets once in each period, evenly spread.
type rounds struct {
	p                     *probe.Prober
	targets               []netip.Addr
	src                   netip.Addr
	apart                 time.Duration
	due                   time.Time
	next, total           int
	replies, lost, unsent int
	worst, sum            time.Duration
	flood                 bool
	kernel                int
	late                  time.Duration
}

func (r *rounds) Hear(now time.Time, e *probe.Event) {
	switch e.Kind {
	case probe.Reply:
		r.replies++
		r.sum += e.RTT
		r.worst = max(r.worst, e.RTT)
		if e.Stamp == probe.Kernel {
			r.kernel++
		}
		if r.flood {
			r.due = now
		}
	case probe.Timeout:
		r.lost++
	case probe.Unsent:
		r.unsent++
	}
}

func (r *rounds) Tick(now time.Time) {
	if r.due.IsZero() {
		r.due = now
	}
	for r.next < r.total && !now.Before(r.due) {
		r.late = max(r.late, now.Sub(r.due))
		i := r.next % len(r.targets)
		if _, err := r.p.Send(now, &probe.Probe{Target: i, Src: r.src, Dst: r.targets[i], Size: 56}); err != nil {
			panic(err)
		}
		r.next++
		r.due = r.due.Add(r.apart)
	}
}

func (r *rounds) Deadline() time.Time {
	if r.next < r.total {
		return r.due
	}
	return time.Time{}
}

func (r *rounds) Done() bool { return r.replies+r.lost+r.unsent == r.total }

func cpu() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (r *rounds) run(t testing.TB, at *vantage.System) {
	t.Helper()
	var err error
	if r.p, err = at.Prober(probe.Config{}); err != nil {
		t.Fatal(err)
	}
	if r.src, err = at.Source(r.targets[0]); err != nil {
		t.Fatal(err)
	}
	c, begin := cpu(), time.Now()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error)
	go func() { done <- at.Run(context.Background(), r, nil) }() // a thread of its own
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	wall := time.Since(begin)
	t.Logf("%d of %d replies in %v, %.0f/s, %v CPU (%.1f %%), %d lost, %d unsent, RTT %v avg %v max, %d by the kernel, latest %v, %d MiB, %d allocs, %+v", r.replies, r.total, wall,
		float64(r.replies)/wall.Seconds(), cpu()-c, 100*(cpu()-c).Seconds()/wall.Seconds(), r.lost, r.unsent, r.sum/time.Duration(max(r.replies, 1)), r.worst, r.kernel, r.late, after.Sys>>20, after.Mallocs-before.Mallocs, at.Counters())
}

func many(n int) []netip.Addr {
	out := make([]netip.Addr, n)
	for i := range out {
		out[i] = netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})
	}
	return out
}

// alone is one target.
func alone() []netip.Addr { return []netip.Addr{addr("10.0.0.2")} }

// TestMany asks many targets once a second over one socket, with what it costs in
// the log (P-05). SONDE_BENCH=1 lets it run for 30 s.
func TestMany(t *testing.T) {
	conform.Row(t, "P-05")
	pair(t)
	seconds := 1
	if os.Getenv("SONDE_BENCH") == "1" {
		seconds = 30
	}
	for _, n := range []int{1000, 10000} {
		var o vantage.SystemOptions
		o.Kinds, o.Rate, o.Slack = []probe.Kind{probe.Echo}, n, 5*time.Millisecond
		r := rounds{targets: many(n), apart: time.Second / time.Duration(n), total: n * seconds}
		r.run(t, system(t, o))
		if r.replies != r.total {
			t.Errorf("%d targets: %d replies to %d probes, %d lost, %d not sent", n, r.replies, r.total, r.lost, r.unsent)
		}
		if r.kernel < r.total*9/10 {
			t.Errorf("%d targets: %d of %d arrivals stamped by the kernel", n, r.kernel, r.total)
		}
	}
}

// TestFlood asks again as soon as an answer is there, beside ping -f.
func TestFlood(t *testing.T) {
	pair(t)
	total := 2000
	if os.Getenv("SONDE_BENCH") == "1" {
		total = 500000
		out, _ := testnet.Run(t, "ping", "-q", "-f", "-w", "3", "10.0.0.2")
		t.Log(out)
	}
	for _, header := range []bool{false, true} {
		var o vantage.SystemOptions
		o.Kinds, o.NoSentStamps, o.SystemHeader = []probe.Kind{probe.Echo}, true, header
		r := rounds{targets: alone(), apart: 10 * time.Millisecond, flood: true, total: total}
		r.run(t, system(t, o))
		if r.replies != r.total {
			t.Errorf("system header %t: %d replies to %d probes", header, r.replies, r.total)
		}
	}
}

// TestEven asks one target each millisecond.
func TestEven(t *testing.T) {
	pair(t)
	total := 200
	if os.Getenv("SONDE_BENCH") == "1" {
		total = 5000
		out, _ := testnet.Run(t, "fping", "-q", "-i", "1", "-p", "1", "-c", "500", "10.0.0.2")
		t.Log(out)
	}
	for _, without := range []bool{false, true} {
		var o vantage.SystemOptions
		o.Kinds, o.NoSentStamps = []probe.Kind{probe.Echo}, without
		r := rounds{targets: alone(), apart: time.Millisecond, total: total}
		r.run(t, system(t, o))
		if r.replies != r.total {
			t.Errorf("%d replies to %d probes", r.replies, r.total)
		}
	}
}
