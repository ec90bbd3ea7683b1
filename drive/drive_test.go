package drive_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sonde-net/sonde/drive"
)

// memory is a link in memory. What is put into it waits until it is received.
type memory struct {
	receiveErr, sendErr, waitErr error

	mu       sync.Mutex
	queue    [][]byte
	arrived  chan struct{}
	wake     chan struct{}
	sent     [][]byte
	times    []time.Time   // when sent
	waits    []time.Time   // until when it was waited
	early    int           // how often, though a datagram was there
	slow     time.Duration // how long Interrupt takes
	onSend   func()
	smallest int // buffer that it was given to receive, in octets
}

func newMemory(queue ...[]byte) *memory {
	return &memory{queue: queue, arrived: make(chan struct{}, 1), wake: make(chan struct{}, 1), smallest: 1 << 20}
}

func (l *memory) put(d []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, d)
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

func (l *memory) Receive(b []byte) (int, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.smallest = min(l.smallest, len(b))
	if l.receiveErr != nil || len(l.queue) == 0 {
		return 0, false, l.receiveErr
	}
	n := copy(b, l.queue[0])
	l.queue = l.queue[1:]
	return n, true, nil
}

func (l *memory) Send(b []byte) error {
	if l.sendErr != nil {
		return l.sendErr
	}
	l.sent, l.times = append(l.sent, bytes.Clone(b)), append(l.times, time.Now())
	if l.onSend != nil {
		l.onSend()
	}
	return nil
}

func (l *memory) Wait(until time.Time) error {
	l.waits = append(l.waits, until)
	if l.waitErr != nil {
		return l.waitErr
	}
	l.mu.Lock()
	waiting := len(l.queue)
	l.mu.Unlock()
	if waiting > 0 {
		l.early++
		return nil
	}
	var due <-chan time.Time
	if !until.IsZero() {
		due = time.After(time.Until(until))
	}
	select {
	case <-l.arrived:
	case <-l.wake:
	case <-due:
	}
	return nil
}

func (l *memory) Interrupt() {
	time.Sleep(l.slow)
	l.wake <- struct{}{}
}

// mirror is a machine that gives back what it gets, each datagram copies times.
type mirror struct {
	copies  int
	queue   [][]byte
	got     int
	inARow  int // datagrams injected since the last Poll, at most
	now     int
	at      []time.Time
	due     []time.Time // when it has something to say of itself
	forever bool        // it always has
}

func (m *mirror) Inject(now time.Time, d []byte) {
	m.got++
	m.now++
	m.inARow = max(m.inARow, m.now)
	m.at = append(m.at, now)
	for range m.copies {
		m.queue = append(m.queue, bytes.Clone(d))
	}
}

func (m *mirror) Poll(now time.Time, b []byte) ([]byte, bool) {
	m.now = 0
	switch {
	case m.forever:
		return append(b, "again"...), true
	case len(m.due) > 0 && !now.Before(m.due[0]):
		m.due = m.due[1:]
		return append(b, "due"...), true
	case len(m.queue) > 0:
		b = append(b, m.queue[0]...)
		m.queue = m.queue[1:]
		return b, true
	}
	return b, false
}

func (m *mirror) Deadline() time.Time {
	if len(m.due) > 0 {
		return m.due[0]
	}
	return time.Time{}
}

// run runs m over l until everything has come to rest, then ends it.
func run(t *testing.T, m drive.Machine, l *memory, during func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- drive.Run(ctx, m, l) }()
	during()
	synctest.Wait()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestCancelEndsWait(t *testing.T) {
	for _, name := range []string{"for ever", "for an hour"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, m := newMemory(), &mirror{}
				start := time.Now()
				if name == "for an hour" {
					m.due = []time.Time{start.Add(time.Hour)}
				}
				run(t, m, l, func() {})
				if d := time.Since(start); d != 0 {
					t.Errorf("ended after %v", d)
				}
				if len(l.waits) != 1 || !l.waits[0].Equal(m.Deadline()) {
					t.Errorf("waited until %v, want once and until %v", l.waits, m.Deadline())
				}
			})
		})
	}
}

func TestCancelledBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		l, m := newMemory([]byte("never read")), &mirror{}
		if err := drive.Run(ctx, m, l); err != nil || m.got != 0 || len(l.waits) != 0 {
			t.Errorf("%v, %d datagrams, %d waits", err, m.got, len(l.waits))
		}
	})
}

// TestCancelWhileSending ends a machine that never comes to an end.
func TestCancelWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newMemory()
		l.onSend = func() {
			if len(l.sent) == 100 {
				cancel()
			}
		}
		if err := drive.Run(ctx, &mirror{forever: true}, l); err != nil || len(l.sent) != 100 {
			t.Errorf("%v after %d datagrams, want none after 100", err, len(l.sent))
		}
	})
}

// TestNobodyInterruptsLater sees Run return after Interrupt only: the caller
// closes the link then.
func TestNobodyInterruptsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newMemory()
		l.slow = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		if err := drive.Run(ctx, &mirror{}, l); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("returned after %v, Interrupt after %v", d, l.slow)
		}
	})
}

// TestNotInterrupted sees that a Run which ends by itself calls nobody later.
func TestNotInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newMemory()
		l.waitErr = errors.New("gone")
		ctx, cancel := context.WithCancel(t.Context())
		if err := drive.Run(ctx, &mirror{}, l); !errors.Is(err, l.waitErr) {
			t.Errorf("Run: %v", err)
		}
		cancel()
		synctest.Wait()
		if len(l.wake) != 0 {
			t.Error("interrupted after it had ended")
		}
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		m, l := &mirror{copies: 1}, newMemory()
		for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, 10 * time.Millisecond, 10 * time.Millisecond, time.Hour} {
			m.due = append(m.due, start.Add(d))
		}
		want := []time.Duration{0, 0, time.Nanosecond, 10 * time.Millisecond, 10 * time.Millisecond, time.Minute, time.Hour}
		run(t, m, l, func() {
			time.Sleep(time.Minute)
			l.put([]byte("between"))
			time.Sleep(time.Hour)
		})
		var got []time.Duration
		for _, at := range l.times {
			got = append(got, at.Sub(start))
		}
		if !slices.Equal(got, want) {
			t.Errorf("sent after %v, want %v", got, want)
		}
		if string(l.sent[5]) != "between" {
			t.Errorf("sent %q", l.sent)
		}
		var waits []time.Duration
		for _, until := range l.waits[:len(l.waits)-1] {
			waits = append(waits, until.Sub(start))
		}
		if want := []time.Duration{time.Nanosecond, 10 * time.Millisecond, time.Hour, time.Hour}; !slices.Equal(waits, want) {
			t.Errorf("waited until %v, want %v", waits, want)
		}
		if last := l.waits[len(l.waits)-1]; !last.IsZero() {
			t.Errorf("with nothing more to do it waits until %v", last)
		}
		if len(m.at) != 1 || m.at[0].Sub(start) != time.Minute {
			t.Errorf("injected at %v", m.at)
		}
	})
}

// TestPastDeadline sees a machine that is behind served without a wait.
func TestPastDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newMemory()
		m := &reluctant{after: 5, cancel: cancel}
		if err := drive.Run(ctx, m, l); err != nil || m.polls != 5 || len(l.waits) != 0 {
			t.Errorf("%v, %d polls, waits until %v", err, m.polls, l.waits)
		}
	})
}

// reluctant says that it has something to do now, and has nothing.
type reluctant struct {
	after, polls int
	cancel       func()
}

func (*reluctant) Inject(time.Time, []byte) {}
func (*reluctant) Deadline() time.Time      { return time.Now() }
func (m *reluctant) Poll(_ time.Time, b []byte) ([]byte, bool) {
	if m.polls++; m.polls == m.after {
		m.cancel()
	}
	return b, false
}

func TestErrors(t *testing.T) {
	fault := errors.New("link is gone")
	for _, c := range []struct {
		name string
		set  func(*memory)
	}{
		{"receive", func(l *memory) { l.receiveErr = fault }},
		{"send", func(l *memory) { l.sendErr = fault }},
		{"wait", func(l *memory) { l.waitErr = fault }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newMemory([]byte("one"))
				c.set(l)
				if err := drive.Run(t.Context(), &mirror{copies: 1}, l); !errors.Is(err, fault) {
					t.Errorf("Run: %v", err)
				}
			})
		})
	}
}

// cut is a link that fails because the context is done.
type cut struct {
	memory
	cancel func()
}

func (l *cut) Receive([]byte) (int, bool, error) {
	l.cancel()
	return 0, false, errors.New("closed")
}

func TestErrorAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := &cut{memory{wake: make(chan struct{}, 1)}, cancel}
		if err := drive.Run(ctx, &mirror{}, l); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// TestBursts sees each datagram of a burst come out, in order, and the machine
// asked for what it has to send before the burst is over.
func TestBursts(t *testing.T) {
	const limit = 32
	for _, n := range []int{1, 2, limit - 1, limit, limit + 1, 2 * limit, 1000} {
		synctest.Test(t, func(t *testing.T) {
			l, m := newMemory(), &mirror{copies: 2}
			var want [][]byte
			for i := range n {
				d := binary.BigEndian.AppendUint32(nil, uint32(i))
				l.put(d)
				want = append(want, d, d)
			}
			<-l.arrived
			run(t, m, l, func() {})
			if !slices.EqualFunc(l.sent, want, bytes.Equal) {
				t.Errorf("%d in: %d out, want %d in their order", n, len(l.sent), len(want))
			}
			if m.inARow != min(n, limit) {
				t.Errorf("%d in: %d at once, want %d", n, m.inARow, min(n, limit))
			}
			if l.early != 0 || len(l.waits) != 1 {
				t.Errorf("%d in: waited %d times, %d of them with datagrams there", n, len(l.waits), l.early)
			}
		})
	}
}

// TestNothingLost lets datagrams of all sizes arrive while others are handled.
func TestNothingLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, m := newMemory(), &mirror{copies: 1}
		var want [][]byte
		run(t, m, l, func() {
			for i := range 5000 {
				d := bytes.Repeat([]byte{byte(i)}, i*7919%1500)
				switch i {
				case 17:
					d = bytes.Repeat([]byte{0xa5}, 65535)
				case 18:
					d = nil
				}
				want = append(want, d)
				l.put(d)
				if i%37 == 0 {
					time.Sleep(time.Duration(i) * time.Microsecond)
				}
			}
		})
		if !slices.EqualFunc(l.sent, want, bytes.Equal) {
			t.Errorf("%d out, %d in, or not the same", len(l.sent), len(want))
		}
		if l.smallest < 65535 {
			t.Errorf("a buffer of %d octets to receive", l.smallest)
		}
	})
}
