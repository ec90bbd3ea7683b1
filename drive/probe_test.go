package drive_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// echoLink is a [link.Conn] in memory, by the clock of the test: an echo reply comes
// back after a while.
type echoLink struct {
	rtt    time.Duration
	silent bool
	refuse func(tx *probe.Transmit) error // nil: all is sent
	room   int                            // how many a call of Send takes; 0: all
	broken error                          // what Receive returns
	waits  int
	sent   []time.Time
	back   []back
	wake   chan struct{}
}

type back struct {
	at      time.Time
	tx      probe.Transmit
	message []byte
}

func newEchoLink(rtt time.Duration) *echoLink {
	return &echoLink{rtt: rtt, wake: make(chan struct{}, 1)}
}

func (w *echoLink) Send(txs []probe.Transmit, payloads [][]byte) (int, error) {
	for i := range txs {
		if w.room > 0 && i == w.room {
			return i, nil
		}
		if w.refuse != nil {
			if err := w.refuse(&txs[i]); err != nil {
				return i, err
			}
		}
		now := time.Now()
		w.sent = append(w.sent, now)
		m := slices.Clone(payloads[i])
		m[0] = 0 // a request is a reply, but for the type and the checksum
		sum := uint32(m[2])<<8 | uint32(m[3]) + 0x0800
		sum = sum&0xffff + sum>>16
		m[2], m[3] = byte(sum>>8), byte(sum)
		if !w.silent {
			w.back = append(w.back, back{now.Add(w.rtt), txs[i], m})
		}
	}
	return len(txs), nil
}

func (w *echoLink) Receive(now time.Time, to link.Receiver) (int, error) {
	n := 0
	for len(w.back) > 0 && !w.back[0].at.After(now) {
		b := w.back[0]
		w.back = w.back[1:]
		to.Receive(now, &probe.Arrival{From: b.tx.Dst, To: b.tx.Src, Proto: ip.ProtoICMP, TTL: 64, Payload: b.message, Verified: true})
		n++
	}
	return n, w.broken
}

func (w *echoLink) Wait(until time.Time) error {
	w.waits++
	if len(w.back) > 0 && (until.IsZero() || w.back[0].at.Before(until)) {
		until = w.back[0].at
	}
	var due <-chan time.Time
	if !until.IsZero() {
		due = time.After(time.Until(until))
	}
	select {
	case <-due:
	case <-w.wake:
	}
	return nil
}

func (w *echoLink) Interrupt() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// asker asks so many times, at intervals.
type asker struct {
	p      *probe.Prober
	left   int
	apart  time.Duration
	due    time.Time
	open   int
	events []probe.Event
}

func (a *asker) Hear(_ time.Time, e *probe.Event) {
	a.events = append(a.events, *e)
	switch e.Kind {
	case probe.Reply, probe.Timeout, probe.Unsent:
		a.open--
	}
}

func (a *asker) Tick(now time.Time) {
	if a.due.IsZero() {
		a.due = now
	}
	for a.left > 0 && !now.Before(a.due) {
		q := probe.Probe{Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2"), Size: 56, Tag: uint64(a.left)}
		if _, err := a.p.Send(now, &q); err != nil {
			panic(err)
		}
		a.left--
		a.open++
		a.due = a.due.Add(a.apart)
	}
}

func (a *asker) Deadline() time.Time {
	if a.left > 0 {
		return a.due
	}
	return time.Time{}
}

func (a *asker) Done() bool { return a.left == 0 && a.open == 0 }

func newAsker(t testing.TB, n int, apart time.Duration) *asker {
	t.Helper()
	p, err := probe.New(probe.Config{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return &asker{p: p, left: n, apart: apart}
}

func (a *asker) count(k probe.EventKind) (n int) {
	for i := range a.events {
		if a.events[i].Kind == k {
			n++
		}
	}
	return n
}

// TestProbe asks at intervals: each probe leaves when it is due, and nothing is
// done in between.
func TestProbe(t *testing.T) {
	conform.Row(t, "P-12")
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(3*time.Millisecond), newAsker(t, 5, 10*time.Millisecond)
		start, turns := time.Now(), 0
		if err := drive.Probe(t.Context(), a.p, a, w, func(now time.Time) {
			if turns++; now.Before(start) {
				t.Errorf("turn at %v", now)
			}
		}); err != nil {
			t.Fatal(err)
		}
		for i, at := range w.sent {
			if got := at.Sub(start); got != time.Duration(i)*10*time.Millisecond {
				t.Errorf("probe %d left after %v", i, got)
			}
		}
		if a.count(probe.Reply) != 5 || time.Since(start) != 43*time.Millisecond {
			t.Errorf("%d replies in %v", a.count(probe.Reply), time.Since(start))
		}
		for _, e := range a.events {
			if e.RTT != 3*time.Millisecond {
				t.Errorf("RTT %v", e.RTT)
			}
		}
		if w.waits > 12 || turns < 10 || turns > 40 {
			t.Errorf("%d waits, %d turns", w.waits, turns)
		}
	})
}

// TestProbeMany: more than go at once, and a link that takes some of them.
func TestProbeMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(time.Millisecond), newAsker(t, 100, 0)
		w.room = 7
		if err := drive.Probe(t.Context(), a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		if len(w.sent) != 100 || a.count(probe.Reply) != 100 {
			t.Errorf("%d sent, %d replies", len(w.sent), a.count(probe.Reply))
		}
	})
}

// TestProbeSilence: what is not answered times out, and the waiting is exact.
func TestProbeSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(0), newAsker(t, 2, time.Millisecond)
		w.silent = true
		start := time.Now()
		if err := drive.Probe(t.Context(), a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		if a.count(probe.Timeout) != 2 || time.Since(start) != time.Second+time.Millisecond {
			t.Errorf("%d timeouts in %v", a.count(probe.Timeout), time.Since(start))
		}
	})
}

// TestProbeBusy: what there is no room for is tried again, without haste, and has
// the time at which it has left.
func TestProbeBusy(t *testing.T) {
	conform.Row(t, "P-12")
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(time.Millisecond), newAsker(t, 3, 0)
		start, tries := time.Now(), 0
		w.refuse = func(*probe.Transmit) error {
			if tries++; time.Since(start) < 20*time.Millisecond {
				return fmt.Errorf("%w: %w", link.ErrBusy, syscall.ENOBUFS)
			}
			return nil
		}
		if err := drive.Probe(t.Context(), a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		if a.count(probe.Reply) != 3 || tries < 6 || tries > 20 {
			t.Errorf("%d replies after %d tries", a.count(probe.Reply), tries)
		}
		for _, e := range a.events {
			if e.RTT != time.Millisecond {
				t.Errorf("RTT %v", e.RTT)
			}
		}
		if late := w.sent[0].Sub(start); late < 20*time.Millisecond || late > 25*time.Millisecond {
			t.Errorf("left after %v", late)
		}
	})
}

// TestProbeNoRoom: after a second, one is given up, with the reason; the next one
// has its own second.
func TestProbeNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(0), newAsker(t, 2, 0)
		w.refuse = func(*probe.Transmit) error { return fmt.Errorf("%w: %w", link.ErrBusy, syscall.ENOBUFS) }
		start := time.Now()
		if err := drive.Probe(t.Context(), a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		// The second has timed out at the prober meanwhile.
		for i, e := range a.events {
			if i == 0 && (e.Kind != probe.Unsent || !errors.Is(e.Err, syscall.ENOBUFS)) {
				t.Errorf("%v: %v", e.Kind, e.Err)
			}
		}
		if a.count(probe.Unsent) < 1 || a.count(probe.Reply) != 0 || time.Since(start) < time.Second || time.Since(start) > 3*time.Second {
			t.Errorf("%v after %v", a.events, time.Since(start))
		}
	})
}

// TestProbeUnsent: what cannot be sent is told of, and the rest goes on.
func TestProbeUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(time.Millisecond), newAsker(t, 10, 0)
		seen := 0
		w.refuse = func(*probe.Transmit) error {
			if seen++; seen%3 == 0 {
				return syscall.EPERM
			}
			return nil
		}
		if err := drive.Probe(t.Context(), a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		if a.count(probe.Unsent) != 3 || a.count(probe.Reply) != 7 {
			t.Errorf("%d not sent, %d replies", a.count(probe.Unsent), a.count(probe.Reply))
		}
		for _, e := range a.events {
			if e.Kind == probe.Unsent && !errors.Is(e.Err, syscall.EPERM) {
				t.Errorf("%v", e.Err)
			}
		}
	})
}

// TestProbeCancel: the context ends a wait at once, and what has not left is
// given back.
func TestProbeCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(time.Hour), newAsker(t, 1, 0)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := drive.Probe(ctx, a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) != 30*time.Millisecond {
			t.Errorf("ended after %v", time.Since(start))
		}
		w.refuse = func(*probe.Transmit) error { return link.ErrBusy }
		a = newAsker(t, 2, 0)
		ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if err := drive.Probe(ctx, a.p, a, w, nil); err != nil {
			t.Fatal(err)
		}
		for e, ok := a.p.NextEvent(); ok; e, ok = a.p.NextEvent() {
			if a.open--; e.Kind != probe.Unsent || !errors.Is(e.Err, context.Canceled) {
				t.Errorf("%v: %v", e.Kind, e.Err)
			}
		}
		if a.open != 0 {
			t.Errorf("%d unheard of", a.open)
		}
	})
}

// TestProbeInterrupt: an interruption has a turn.
func TestProbeInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a := newEchoLink(time.Second/2), newAsker(t, 1, 0)
		var turns []time.Duration
		start := time.Now()
		go func() {
			time.Sleep(100 * time.Millisecond)
			w.Interrupt()
		}()
		if err := drive.Probe(t.Context(), a.p, a, w, func(now time.Time) { turns = append(turns, now.Sub(start)) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(turns, 100*time.Millisecond) {
			t.Errorf("turns at %v", turns)
		}
	})
}

// TestProbeBroken: the error of a link ends it, unless the context is done.
func TestProbeBroken(t *testing.T) {
	broken := errors.New("broken")
	w, a := newEchoLink(0), newAsker(t, 1, 0)
	w.broken = broken
	if err := drive.Probe(t.Context(), a.p, a, w, nil); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := drive.Probe(ctx, a.p, a, w, nil); err != nil {
		t.Errorf("%v", err)
	}
	w.broken = nil
	w.refuse = func(*probe.Transmit) error { return link.ErrClosed }
	if err := drive.Probe(t.Context(), a.p, a, w, nil); !errors.Is(err, link.ErrClosed) {
		t.Errorf("%v", err)
	}
}

// TestProbeNoAllocs compares a run of 100 probes with one of 1,100.
func TestProbeNoAllocs(t *testing.T) {
	a, c := newAsker(t, 0, 0), &echoing{}
	a.events = make([]probe.Event, 0, 4096)
	ask := func(n int) float64 {
		return testing.AllocsPerRun(5, func() {
			a.left, a.events, c.n = n, a.events[:0], 0
			if err := drive.Probe(context.Background(), a.p, a, c, nil); err != nil || a.count(probe.Timeout) != 0 {
				t.Fatal(err)
			}
		})
	}
	ask(1100)
	if few, many := ask(100), ask(1100); many > few+2 {
		t.Errorf("%v allocations for 1,100 probes, %v for 100", many, few)
	}
}

// echoing answers at once.
type echoing struct {
	n   int
	txs [64]probe.Transmit
	b   [64][128]byte
	arr probe.Arrival
}

func (m *echoing) Send(txs []probe.Transmit, payloads [][]byte) (int, error) {
	for i := range txs {
		m.txs[m.n] = txs[i]
		b := m.b[m.n][:copy(m.b[m.n][:], payloads[i])]
		b[0] = 0
		m.n++
	}
	return len(txs), nil
}

func (m *echoing) Receive(now time.Time, to link.Receiver) (int, error) {
	n := m.n
	for i := range n {
		m.arr = probe.Arrival{From: m.txs[i].Dst, To: m.txs[i].Src, Proto: ip.ProtoICMP, Payload: m.b[i][:64], Verified: true}
		to.Receive(now, &m.arr)
	}
	m.n = 0
	return n, nil
}

func (m *echoing) Wait(time.Time) error { return nil }
func (m *echoing) Interrupt()           {}

// TestProbeDone: what is done before it begins sends nothing.
func TestProbeDone(t *testing.T) {
	w, a := newEchoLink(0), newAsker(t, 3, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := drive.Probe(ctx, a.p, a, w, nil); err != nil || len(w.sent) != 0 {
		t.Errorf("%v, %d sent", err, len(w.sent))
	}
}
