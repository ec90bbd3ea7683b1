//go:build linux

package live_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/link/capture/live"
	"github.com/sonde-net/sonde/link/internal/blocks"
)

// arrived returns when n packets have been at the capture, in the ring or without
// room in it. A cable has a queue too, which is short, and the kernel empties it
// when it gets to that: what is not waited for may be lost there.
func arrived(t *testing.T, c *live.Capture, n uint64) {
	t.Helper()
	for begin := time.Now(); ; {
		st, err := c.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if st.Received >= n {
			return
		}
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%d have been sent, %+v", n, st)
		}
	}
}

// TestRate counts: everything that was sent was received or dropped, and nothing
// is dropped at a rate that the ring has room for whatever the reader does. The
// ring has room for so many blocks, and the kernel begins another when one was
// begun a while ago, however little is in it: so a sender that is held up by the
// machine may find it full.
func TestRate(t *testing.T) {
	veth(t)
	const packets, burst = 16_000, 64 // together less than the ring holds
	const room = live.DefaultBuffer / blocks.BlockSize * 10 * time.Millisecond
	c := open(t, "right", live.Config{Filter: expression(t, "icmp")})
	s := newSender(t, "left")
	frames := make([][]byte, burst)
	begin := time.Now()
	for i := range packets / burst {
		for j := range frames {
			frames[j] = echo(uint16(i*burst + j))
		}
		s.send(t, frames...)
		arrived(t, c, uint64(i+1)*burst)
	}
	took := time.Since(begin)
	st, err := c.Stats()
	if err != nil || st.Received != packets || st.Missed != 0 || st.Dropped > 0 && took < room/2 {
		t.Fatalf("%+v, %v", st, err)
	}
	last := -1
	for i := range int(packets - st.Dropped) {
		p := next(t, c)
		seq := int(p.Data[40])<<8 | int(p.Data[41])
		if p.Number != i+1 || seq <= last || st.Dropped == 0 && seq != i {
			t.Fatalf("packet %d is number %d, sequence %d", i+1, p.Number, seq)
		}
		last = seq
	}
	if again, err := c.Stats(); err != nil || again != st {
		t.Errorf("%+v, %v, before %+v", again, err, st)
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
	for i := range packets / burst {
		s.send(t, frames...)
		arrived(t, c, uint64(i+1)*burst)
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
	const packets, burst = 200_000, 64
	const all = packets / burst * burst
	c := open(t, "right", live.Config{Filter: expression(t, "icmp")})
	s := newSender(t, "left")
	sent := make(chan time.Duration, 1)
	go func() {
		frames := make([][]byte, burst)
		for j := range frames {
			frames[j] = echo(uint16(j))
		}
		begin := time.Now()
		for range packets / burst {
			s.send(t, frames...)
		}
		sent <- time.Since(begin)
	}()
	var n uint64
	var st live.Stats
	for begin := time.Now(); st.Received+st.Missed < all || n < st.Received-st.Dropped; {
		var err error
		if st, err = c.Stats(); err != nil {
			t.Fatal(err)
		}
		for n < st.Received-st.Dropped {
			next(t, c)
			n++
		}
		if time.Since(begin) > time.Minute {
			break
		}
	}
	if n > all || n+st.Dropped+st.Missed < all {
		t.Errorf("%d of %d received, %+v", n, all, st)
	}
	took := <-sent
	t.Logf("%d packets in %v, %.0f a second, %d dropped, %d missed", all, took, all/took.Seconds(), st.Dropped, st.Missed)
}
