//go:build linux

package live_test

import (
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

// TestFlood sends as fast as one processor can while another reads: every packet
// was received or is counted as dropped or missed. It prints the rate.
func TestFlood(t *testing.T) {
	veth(t)
	const packets, burst = 500_000, 64
	c := open(t, "right", live.Config{Filter: expression(t, "icmp or udp")})
	s := newSender(t, "left")
	sent := make(chan time.Duration)
	go func() {
		frames := make([][]byte, burst)
		for j := range frames {
			frames[j] = echo(uint16(j))
		}
		begin := time.Now()
		for range packets / burst {
			s.send(t, frames...)
		}
		// The last word, until it is heard: nothing else is UDP.
		frames[0][23] = 17
		took := time.Since(begin)
		for {
			s.send(t, frames[0])
			select {
			case sent <- took:
				return
			default:
			}
		}
	}()
	const all = packets / burst * burst
	var n, last uint64
	for last == 0 {
		if p := next(t, c); p.Data[23] == 17 {
			last++
		} else {
			n++
		}
	}
	took := <-sent
	for st, err := c.Stats(); last < st.Received-all; st, err = c.Stats() {
		if err != nil {
			t.Fatal(err)
		}
		if st.Received-st.Dropped <= n+last {
			break
		}
		next(t, c)
		last++
	}
	st, err := c.Stats()
	if err != nil || n > all || n+st.Dropped+st.Missed < all {
		t.Errorf("%d of %d received, %+v, %v", n, all, st, err)
	}
	t.Logf("%d packets in %v, %.0f a second, %d dropped, %d missed", all, took, all/took.Seconds(), st.Dropped, st.Missed)
}
