package egress_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/egress"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/queue"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tag   = queue.Tag{Hop: netip.MustParseAddr("192.0.2.9")}
)

func datagram4(t *testing.T, n int, df bool) []byte {
	t.Helper()
	b, err := ip.Header4{DF: df, TTL: 9, ID: 5, Proto: 99, Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2")}.AppendPacket(nil, make([]byte, n-20))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func datagram6(t *testing.T, n int) []byte {
	t.Helper()
	b, err := ip.Header6{HopLimit: 9, NextHeader: 99, Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("2001:db8::2")}.AppendPacket(nil, make([]byte, n-40))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRate(t *testing.T) {
	e := egress.Egress{Rate: 8000}
	var c mib.Counters
	if _, ok := e.Deadline(); ok {
		t.Error("something waits")
	}
	d := datagram4(t, 500, false)
	for range 3 {
		if why := e.Push(&c, d, tag, 1500); why != mib.None {
			t.Fatal(why)
		}
	}
	now := epoch
	for i := range 3 {
		b, g, ok := e.Poll(now, []byte("before"))
		if !ok || !bytes.Equal(b, append([]byte("before"), d...)) || g != tag {
			t.Fatalf("datagram %d: %v, %v", i, g, ok)
		}
		if b, _, ok := e.Poll(now, []byte("before")); ok || string(b) != "before" {
			t.Fatalf("datagram %d: the next one with it", i)
		}
		at, ok := e.Deadline()
		if ok != (i < 2) || !at.Equal(now.Add(500*time.Millisecond)) {
			t.Fatalf("datagram %d: due %v, %v", i, at.Sub(now), ok)
		}
		if _, _, ok := e.Poll(at.Add(-1), nil); ok {
			t.Fatal("too early")
		}
		now = at
	}
	// After silence, nothing has been saved up.
	now = now.Add(time.Hour)
	e.Push(&c, d, tag, 1500)
	e.Push(&c, d, tag, 1500)
	if _, _, ok := e.Poll(now, nil); !ok {
		t.Error("not sent")
	}
	if _, _, ok := e.Poll(now.Add(499*time.Millisecond), nil); ok {
		t.Error("sent too early")
	}
	// Without a rate all leaves at once.
	var fast egress.Egress
	for range 5 {
		fast.Push(&c, d, tag, 1500)
	}
	for i := range 5 {
		if _, _, ok := fast.Poll(epoch, nil); !ok {
			t.Errorf("datagram %d waits", i)
		}
	}
}

func TestCut(t *testing.T) {
	conform.Row(t, "G-03")
	for _, c := range []struct {
		name string
		d    []byte
		mtu  int
		n    int
		why  mib.Drop
	}{
		{"fits", datagram4(t, 1500, true), 1500, 1, mib.None},
		{"one too many", datagram4(t, 1501, false), 1500, 2, mib.None},
		{"three", datagram4(t, 3500, false), 1500, 3, mib.None},
		{"not to be cut", datagram4(t, 1501, true), 1500, 0, mib.TooBig},
		{"IPv6", datagram6(t, 1501), 1500, 2, mib.None},
	} {
		var e egress.Egress
		e.Identify(77)
		var n mib.Counters
		if why := e.Push(&n, c.d, tag, c.mtu); why != c.why || e.Queue.Len() != c.n {
			t.Errorf("%s: %v, %d datagrams", c.name, why, e.Queue.Len())
		}
		p := n.IP[0]
		if c.d[0]>>4 == 6 {
			p = n.IP[1]
			for range c.n {
				b, _, _ := e.Poll(epoch, nil)
				if id := b[44:48]; !bytes.Equal(id, []byte{0, 0, 0, 78}) {
					t.Errorf("%s: identification %x", c.name, id)
				}
			}
		}
		want := [4]uint64{}
		switch {
		case c.why != mib.None:
			want = [4]uint64{1, 0, 0, 0}
		case c.n > 1:
			want = [4]uint64{1, 1, uint64(c.n), 0}
		}
		if got := [4]uint64{p[mib.OutFragReqds], p[mib.OutFragOKs], p[mib.OutFragCreates], p[mib.OutFragFails]}; got != want {
			t.Errorf("%s: counted %v, want %v", c.name, got, want)
		}
	}
}

// Without room for all fragments, none is queued, and what waited before stays.
func TestAllOrNone(t *testing.T) {
	e := egress.Egress{Queue: queue.Queue{Limit: 3000}}
	var c mib.Counters
	first := datagram4(t, 500, false)
	e.Push(&c, first, tag, 1500)
	if why := e.Push(&c, datagram4(t, 2900, false), tag, 1500); why != mib.QueueFull || e.Queue.Len() != 1 || e.Queue.Octets() != 500 {
		t.Errorf("%v, %d datagrams, %d octets", why, e.Queue.Len(), e.Queue.Octets())
	}
	if c != (mib.Counters{}) {
		t.Error("something was counted")
	}
	if why := e.Push(&c, datagram4(t, 2501, true), tag, 3000); why != mib.QueueFull {
		t.Errorf("one too long: %v", why)
	}
	if b, _, ok := e.Poll(epoch, nil); !ok || !bytes.Equal(b, first) {
		t.Error("what waited is not there")
	}
}

func TestDrain(t *testing.T) {
	var e egress.Egress
	var c mib.Counters
	e.Push(&c, datagram4(t, 100, false), tag, 1500)
	e.Push(&c, datagram6(t, 100), tag, 1500)
	e.Push(&c, datagram6(t, 100), tag, 1500)
	e.Drain(&c, mib.IfaceDown)
	if e.Queue.Len() != 0 || c.Drops[mib.IPv4][mib.IfaceDown] != 1 || c.Drops[mib.IPv6][mib.IfaceDown] != 2 {
		t.Errorf("%d left, %d and %d counted", e.Queue.Len(), c.Drops[0][mib.IfaceDown], c.Drops[1][mib.IfaceDown])
	}
}
