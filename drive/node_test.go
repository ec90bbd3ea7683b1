package drive_test

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

func echoHost(t testing.TB) *stack.Node {
	t.Helper()
	n, err := stack.New(stack.Config{Interfaces: []stack.Interface{{
		Name: "tun", Addrs: []netip.Prefix{netip.MustParsePrefix("10.9.0.2/24")}, MTU: 1500,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func echoTo(t testing.TB, data []byte) []byte {
	t.Helper()
	h := ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: netip.MustParseAddr("10.9.0.1"), Dst: netip.MustParseAddr("10.9.0.2")}
	b, err := ip.Enclose4(nil, h, icmp4.Echo{ID: 7, Seq: 9, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNode lets a node answer echo requests over a link in memory.
func TestNode(t *testing.T) {
	conform.Row(t, "H-01")
	synctest.Test(t, func(t *testing.T) {
		n, l := echoHost(t), newMemory()
		sizes := []int{0, 1, 56, 1472}
		run(t, drive.Node{Node: n}, l, func() {
			for _, size := range sizes {
				l.put(echoTo(t, bytes.Repeat([]byte{byte(size)}, size)))
			}
		})
		if len(l.sent) != len(sizes) {
			t.Fatalf("%d replies to %d requests", len(l.sent), len(sizes))
		}
		for i, d := range l.sent {
			_, payload, err := ip.Parse4(d)
			if err != nil {
				t.Fatal(err)
			}
			m, err := icmp4.ParseEcho(payload)
			if err != nil || !m.Reply || m.ID != 7 || m.Seq != 9 || !bytes.Equal(m.Data, bytes.Repeat([]byte{byte(sizes[i])}, sizes[i])) {
				t.Errorf("reply %v, %v", m, err)
			}
		}
	})
}

// TestNodeDeadline sees the node asked when its time has come: a datagram of
// which fragments are missing is given up, and the sender told.
func TestNodeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, l := echoHost(t), newMemory()
		h := ip.Header4{MF: true, TTL: 64, Proto: ip.ProtoUDP, Src: netip.MustParseAddr("10.9.0.1"), Dst: netip.MustParseAddr("10.9.0.2"), TotalLen: 28}
		d, err := h.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		run(t, drive.Node{Node: n}, l, func() {
			l.put(append(d, make([]byte, 8)...))
			time.Sleep(5 * time.Minute)
		})
		if len(l.sent) != 1 {
			t.Fatalf("%d datagrams sent, want time exceeded", len(l.sent))
		}
		_, payload, err := ip.Parse4(l.sent[0])
		if err != nil || icmp4.Type(payload[0]) != icmp4.TypeTimeExceeded || payload[1] != 1 {
			t.Errorf("sent %x, %v", payload, err)
		}
		if !slices.ContainsFunc(l.waits, l.times[0].Equal) || l.times[0].Sub(start) < time.Second {
			t.Errorf("sent after %v, waited until %v", l.times[0].Sub(start), l.waits)
		}
	})
}

// stream is a link on which the same datagram arrives so many times, then the
// end.
type stream struct {
	datagram   []byte
	left, sent int
	end        func()
	pause      bool // every other call of Receive has nothing
}

func (l *stream) Receive(b []byte) (int, bool, error) {
	if l.pause = !l.pause; l.pause {
		return 0, false, nil
	}
	if l.left--; l.left == 0 {
		l.end()
	}
	return copy(b, l.datagram), true, nil
}

func (l *stream) Send([]byte) error    { l.sent++; return nil }
func (l *stream) Wait(time.Time) error { return nil }
func (l *stream) Interrupt()           {}

// TestNoAllocs compares a run of 10 datagrams with one of 1,000.
func TestNoAllocs(t *testing.T) {
	n, request := echoHost(t), echoTo(t, make([]byte, 56))
	allocs := func(datagrams int) float64 {
		return testing.AllocsPerRun(10, func() {
			ctx, cancel := context.WithCancel(t.Context())
			l := &stream{datagram: request, left: datagrams, end: cancel}
			if err := drive.Run(ctx, drive.Node{Node: n}, l); err != nil || l.sent < datagrams-1 {
				t.Fatalf("%v, %d replies to %d requests", err, l.sent, datagrams)
			}
		})
	}
	allocs(10) // the node's buffers grow once
	if few, many := allocs(10), allocs(1000); many > few+1 {
		t.Errorf("%v allocations for 1,000 datagrams, %v for 10", many, few)
	}
}

// BenchmarkRun is a node on a link that costs nothing: what is left of an echo
// request's cost when the system calls are taken away.
func BenchmarkRun(b *testing.B) {
	n, request := echoHost(b), echoTo(b, make([]byte, 56))
	b.ReportAllocs()
	b.SetBytes(int64(len(request)))
	ctx, cancel := context.WithCancel(b.Context())
	if err := drive.Run(ctx, drive.Node{Node: n}, &stream{datagram: request, left: b.N, end: cancel}); err != nil {
		b.Fatal(err)
	}
}
