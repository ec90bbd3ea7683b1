//go:build linux

package live_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/sonde-net/sonde/link/capture/live"
)

// TestRate counts: everything that was sent was received or dropped, and
// nothing is dropped at a rate that the ring has room for whatever the reader
// does.
func TestRate(t *testing.T) {
	veth(t)
	const packets, burst = 64_000, 64 // together less than the ring holds
	c := open(t, "right", live.Config{Filter: expression(t, "icmp")})
	s := newSender(t, "left")
	frames := make([][]byte, burst)
	for i := range packets / burst {
		for j := range frames {
			frames[j] = echo(uint16(i*burst + j))
		}
		s.send(t, frames...)
	}
	for i := range packets {
		p := next(t, c)
		if seq := uint16(p.Data[40])<<8 | uint16(p.Data[41]); seq != uint16(i) || p.Number != i+1 {
			t.Fatalf("packet %d is number %d, sequence %d", i+1, p.Number, seq)
		}
	}
	if st, err := c.Stats(); err != nil || st != (live.Stats{Received: packets}) {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestDrops: what the ring has no room for is counted.
func TestDrops(t *testing.T) {
	veth(t)
	const packets, burst = 20_000, 50
	c := open(t, "right", live.Config{Buffer: live.MinBuffer})
	s := newSender(t, "left")
	frames := make([][]byte, burst)
	for j := range frames {
		frames[j] = echo(uint16(j))
	}
	for range packets / burst {
		s.send(t, frames...)
	}
	st, err := c.Stats()
	if err != nil || st.Received != packets || st.Dropped == 0 || st.Dropped > packets {
		t.Fatalf("%+v, %v", st, err)
	}
	for range st.Received - st.Dropped {
		next(t, c)
	}
	if again, err := c.Stats(); err != nil || again != st {
		t.Errorf("%+v, %v, before %+v", again, err, st)
	}
}

// BenchmarkLive captures as fast as one processor can send.
func BenchmarkLive(b *testing.B) {
	var rate, dropped float64
	for b.Loop() {
		ok := testing.RunTests(func(_, _ string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "live", F: func(t *testing.T) {
			veth(t)
			c := open(t, "right", live.Config{Filter: expression(t, "icmp")})
			s := newSender(t, "left")
			const packets, burst = 1_000_000, 64
			go func() {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				frames := make([][]byte, burst)
				for j := range frames {
					frames[j] = echo(uint16(j))
				}
				for range packets / burst {
					s.send(b, frames...)
				}
			}()
			begin := time.Now()
			n := uint64(0)
			for n < packets {
				for range 1000 {
					next(t, c)
					n++
				}
				st, err := c.Stats()
				if err != nil {
					t.Fatal(err)
				}
				if st.Received == packets && n+st.Dropped+1000 > packets {
					dropped = float64(st.Dropped)
					break
				}
			}
			rate = packets / time.Since(begin).Seconds()
		}}})
		if !ok {
			b.Fatal("failed")
		}
	}
	b.ReportMetric(rate, "packets/s")
	b.ReportMetric(dropped, "dropped")
}
