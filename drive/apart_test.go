package drive_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sonde-net/sonde/drive"
)

// quiet is an asker that asks nothing, and is done when it is stopped or when it
// was polled so often.
type quiet struct {
	polls   int
	stopped time.Time
}

func (*quiet) Inject(time.Time, []byte) {}

func (q *quiet) Poll(_ time.Time, b []byte) ([]byte, bool) {
	q.polls--
	return b, false
}

func (q *quiet) Deadline() time.Time { return time.Now().Add(time.Second) }
func (q *quiet) Stop(now time.Time)  { q.stopped = now }
func (*quiet) Unsent()               {}
func (q *quiet) Done() bool          { return q.polls <= 0 || !q.stopped.IsZero() }

// still is a link on which nothing comes. Its first interruption takes a while.
type still struct {
	mu        sync.Mutex
	slow      time.Duration
	send, rcv chan struct{}
	used      time.Time // when it was used last
}

func newStill(slow time.Duration) *still {
	return &still{slow: slow, send: make(chan struct{}, 1), rcv: make(chan struct{}, 1)}
}

func (*still) Batch() int          { return 1 }
func (*still) Queue([]byte)        {}
func (*still) Flush() (int, error) { return 0, nil }
func (s *still) InterruptSend()    { s.interrupt(s.send) }
func (s *still) InterruptReceive() { s.interrupt(s.rcv) }
func (s *still) wait(d time.Duration, c chan struct{}) {
	select {
	case <-time.After(d):
	case <-c:
	}
}

func (s *still) WaitSend(until time.Time) error {
	s.wait(time.Until(until), s.send)
	return nil
}

func (s *still) WaitReceive(d time.Duration) error {
	s.wait(d, s.rcv)
	return nil
}

func (*still) Receive(func(time.Time, []byte)) (int, error) { return 0, nil }

func (s *still) interrupt(c chan struct{}) {
	s.mu.Lock()
	slow := s.slow
	s.slow = 0
	s.mu.Unlock()
	time.Sleep(slow)
	s.mu.Lock()
	s.used = time.Now()
	s.mu.Unlock()
	select {
	case c <- struct{}{}:
	default:
	}
}

// TestApartOver: when it is over, nobody uses machine or link any more, also when
// the context was done at the same time.
func TestApartOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := &quiet{polls: 3}, newStill(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if err := drive.Apart(ctx, m, l, nil); err != nil {
			t.Fatal(err)
		}
		over := time.Now()
		time.Sleep(2 * time.Hour)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.used.After(over) {
			t.Errorf("used %v after it was over", l.used.Sub(over))
		}
		if m.stopped.IsZero() {
			t.Error("it was not stopped")
		}
	})
}

// TestApart: it ends when the machine is done, and not sooner.
func TestApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := &quiet{polls: 3}, newStill(0)
		start, turns := time.Now(), 0
		if err := drive.Apart(t.Context(), m, l, func(time.Time, sync.Locker) error { turns++; return nil }); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 2*time.Second || turns < 20 {
			t.Errorf("%v, %d turns", d, turns)
		}
	})
}
