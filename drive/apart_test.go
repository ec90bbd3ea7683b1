package drive_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sonde-net/sonde/drive"
)

// questioner sends some datagrams and is done when as many have come back, or when it
// is stopped.
type questioner struct {
	left, sent, got, unsent int
	stopped                 bool
}

func (a *questioner) Inject(time.Time, []byte) { a.got++ }

func (a *questioner) Poll(_ time.Time, b []byte) ([]byte, bool) {
	if a.left == 0 || a.stopped {
		return b, false
	}
	a.left--
	a.sent++
	return append(b, byte(a.sent)), true
}

func (a *questioner) Deadline() time.Time {
	if a.left > 0 && !a.stopped {
		return time.Unix(0, 0)
	}
	return time.Now().Add(time.Hour)
}

func (a *questioner) Stop(time.Time) { a.stopped = true }
func (a *questioner) Unsent()        { a.unsent++ }
func (a *questioner) Done() bool     { return a.stopped || a.left == 0 && a.got+a.unsent >= a.sent }

// bothWays is a link on which everything comes back, but what it refuses.
type bothWays struct {
	t               *testing.T
	mu              sync.Mutex
	queued          int
	waiting         int
	refuse          int   // of each flush
	fail            error // of Flush
	deaf            bool  // nothing comes back
	sendWake, wake  chan struct{}
	flushes, queues int
}

func newBothWays(t *testing.T) *bothWays {
	return &bothWays{t: t, sendWake: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
}

func (*bothWays) Batch() int { return 8 }

func (m *bothWays) Queue([]byte) {
	if m.queued++; m.queued > m.Batch() {
		m.t.Error("more than a batch is queued")
	}
	m.queues++
}

func (m *bothWays) Flush() (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.queued == 0 {
		return 0, nil
	}
	m.flushes++
	if m.fail != nil {
		return 0, m.fail
	}
	refused := min(m.refuse, m.queued)
	if !m.deaf {
		m.waiting += m.queued - refused
	}
	m.queued = 0
	signal(m.wake)
	return refused, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func wait(c chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c:
	case <-timer.C:
	}
}

func (m *bothWays) WaitSend(until time.Time) error {
	wait(m.sendWake, time.Until(until))
	return nil
}

func (m *bothWays) InterruptSend() { signal(m.sendWake) }

func (m *bothWays) Receive(take func(time.Time, []byte)) (int, error) {
	m.mu.Lock()
	n := min(m.waiting, 3)
	m.waiting -= n
	m.mu.Unlock()
	for range n {
		take(time.Now(), nil)
	}
	return n, nil
}

func (m *bothWays) WaitReceive(d time.Duration) error {
	wait(m.wake, d)
	return nil
}

func (m *bothWays) InterruptReceive() { signal(m.wake) }

// TestApart: everything leaves in batches, everything that comes back is taken, and
// it ends when the machine is done.
func TestApart(t *testing.T) {
	m, l, turns := &questioner{left: 1001}, newBothWays(t), 0
	err := drive.Apart(context.Background(), m, l, func(_ time.Time, mu sync.Locker) error {
		mu.Lock()
		defer mu.Unlock()
		turns++
		return nil
	})
	if err != nil || m.sent != 1001 || m.got != 1001 || l.queues != 1001 || l.flushes < 126 || turns == 0 {
		t.Errorf("%+v %+v %d, %v", m, l, turns, err)
	}
	m, l = &questioner{left: 80}, newBothWays(t)
	l.refuse = 2
	if err := drive.Apart(context.Background(), m, l, nil); err != nil || m.unsent < 20 || m.got+m.unsent != 80 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestApartEnds: by the context, by the link and by the turn.
func TestApartEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, l := &questioner{left: 10}, newBothWays(t)
	l.deaf = true
	time.AfterFunc(time.Millisecond, cancel)
	if err := drive.Apart(ctx, m, l, nil); err != nil || !m.stopped {
		t.Errorf("%+v, %v", m, err)
	}
	why := errors.New("why")
	m, l = &questioner{left: 10}, newBothWays(t)
	l.fail = why
	if err := drive.Apart(context.Background(), m, l, nil); !errors.Is(err, why) || m.sent != 8 {
		t.Errorf("%+v, %v", m, err)
	}
	m, l = &questioner{left: 1 << 40}, newBothWays(t)
	if err := drive.Apart(context.Background(), m, l, func(time.Time, sync.Locker) error { return why }); !errors.Is(err, why) {
		t.Errorf("%+v, %v", m, err)
	}
}

// lanes is a link that tells of a whole batch with the next Flush.
type lanes struct {
	*bothWays
	told int // of the batch before
}

func (m *lanes) Flush() (int, error) {
	whole := m.queued == m.Batch()
	unsent, err := m.bothWays.Flush()
	told := m.told
	if m.told = 0; whole {
		m.told, unsent = unsent, 0
	}
	return told + unsent, err
}

// TestApartEndsWhole: when it ends amid whole batches, what became of the last of
// them is known.
func TestApartEndsWhole(t *testing.T) {
	m, a := &lanes{bothWays: newBothWays(t)}, &questioner{left: 1 << 30}
	m.refuse = 2
	enough := errors.New("enough")
	err := drive.Apart(t.Context(), a, m, func(time.Time, sync.Locker) error { return enough })
	if !errors.Is(err, enough) || m.told != 0 || a.unsent != 2*m.flushes || a.unsent == 0 {
		t.Errorf("%v: %d unsent, and %d of which nobody knows, in %d batches", err, a.unsent, m.told, m.flushes)
	}
}

// hasty is over as soon as it has asked.
type hasty struct{ questioner }

func (a *hasty) Done() bool { return a.left == 0 }

// TestApartEndsAtOnce: the last batch is a whole one, and what became of it is known
// before the end.
func TestApartEndsAtOnce(t *testing.T) {
	l, a := &lanes{bothWays: newBothWays(t)}, &hasty{questioner{left: 16}}
	l.refuse = 2
	if err := drive.Apart(t.Context(), a, l, nil); err != nil || a.unsent != 4 || a.got != 12 {
		t.Errorf("%+v, %v", a, err)
	}
}
