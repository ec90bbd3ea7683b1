package drive

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Asker is a machine that has an end, for [Apart]; a sweep is one.
type Asker interface {
	Machine
	// Stop ends the asking; what comes for some time still counts.
	Stop(now time.Time)
	// Unsent says that a datagram which was polled could not be sent.
	Unsent()
	// Done reports whether all is over.
	Done() bool
}

// Duplex is a link of which one goroutine sends while another receives; a
// ring.Link is one.
type Duplex interface {
	// Batch is how many datagrams may be queued before Flush.
	Batch() int
	// Queue takes a datagram and keeps nothing of it.
	Queue(d []byte)
	// Flush sends what was queued, waiting while there is no room. It returns how
	// many datagrams were refused for good; the error is about the link. A whole batch
	// may go on being sent, and what became of it be told by a later Flush; that of
	// less waits for all.
	Flush() (unsent int, err error)
	// WaitSend returns at the time until, or when it is interrupted.
	WaitSend(until time.Time) error
	InterruptSend()

	// Receive hands out what waits, a batch at most, with the time at which it
	// came.
	Receive(take func(at time.Time, d []byte)) (n int, err error)
	// WaitReceive returns when something waits, after d, or when it is interrupted.
	WaitReceive(d time.Duration) error
	InterruptReceive()
}

// Turn is called by [Apart] after what was received, and every tenth of a second
// at least. What belongs to the receiving side of the machine is used as it is; all
// else under mu. An error ends it all.
type Turn func(now time.Time, mu sync.Locker) error

// tick is how often Turn is called though nothing is received.
const tick = 100 * time.Millisecond

// stalled is how long a turn may take before sending waits for it: so what is
// written by it need not be kept in a receive buffer that is too small for it.
const stalled = 20 * time.Millisecond

// few is how many datagrams a second leave each at its time. Of more, those that
// are due within a slack leave together: to wake up costs more than to send.
const (
	few   = 2000
	slack = 500 * time.Microsecond
)

// Apart runs m over l until m is done or the link fails: the calling goroutine
// receives, a second one sends, so that both can go as fast as a processor lets
// them. When ctx is done m is stopped, and what is under way still waited for.
// Turn, which may be nil, is called on the calling goroutine. When Apart returns,
// nobody uses m or l any more.
func Apart(ctx context.Context, m Asker, l Duplex, turn Turn) error {
	if turn == nil {
		turn = func(time.Time, sync.Locker) error { return nil }
	}
	a := &apart{m: m, l: l, turn: turn}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		a.stop()
	})
	defer func() {
		if !stop() {
			<-stopped
		}
	}()
	sent := make(chan error, 1)
	go func() {
		err := a.send()
		a.over.Store(true)
		l.InterruptReceive()
		sent <- err
	}()
	err := a.receive()
	a.over.Store(true)
	l.InterruptSend()
	if other := <-sent; err == nil {
		err = other
	}
	// What has arrived until now is not lost, whatever has happened.
	now := time.Now()
	for n, fault := a.take(); n > 0 && fault == nil; n, fault = a.take() {
		if fault := turn(now, &a.mu); fault != nil {
			return errors.Join(err, fault)
		}
	}
	return errors.Join(err, turn(now, &a.mu))
}

type apart struct {
	mu   sync.Mutex
	m    Asker
	l    Duplex
	turn Turn
	over atomic.Bool
	busy atomic.Int64 // since when a turn goes on, in nanoseconds; 0: none does
}

func (a *apart) stop() {
	a.mu.Lock()
	a.m.Stop(time.Now())
	a.mu.Unlock()
	a.l.InterruptSend()
	a.l.InterruptReceive()
}

// send sends what is due until all is over.
func (a *apart) send() error {
	buf := make([]byte, 0, maxDatagram)
	window := rate{since: time.Now()}
	for !a.over.Load() {
		a.yield()
		a.mu.Lock()
		now := time.Now()
		n := 0
		for n < a.l.Batch() {
			d, ok := a.m.Poll(now, buf[:0])
			if !ok {
				break
			}
			a.l.Queue(d)
			n++
		}
		due, done := a.m.Deadline(), a.m.Done()
		a.mu.Unlock()
		if err := a.flush(); err != nil {
			return err
		}
		if done {
			break
		}
		if n == a.l.Batch() || due.IsZero() || !due.After(now) {
			continue
		}
		if window.many(now, n) {
			due = later(due, now.Add(slack))
		}
		if err := a.l.WaitSend(due); err != nil {
			return err
		}
	}
	return a.flush() // what is still sent apart
}

// flush sends what was queued, and says what was refused.
func (a *apart) flush() error {
	unsent, err := a.l.Flush()
	if unsent > 0 {
		a.mu.Lock()
		for range unsent {
			a.m.Unsent()
		}
		a.mu.Unlock()
	}
	return err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// rate tells whether many datagrams leave: it looks at tenths of a second.
type rate struct {
	since time.Time
	n     int
	is    bool
}

func (r *rate) many(now time.Time, n int) bool {
	r.n += n
	if r.n > few/10 {
		r.is = true
	}
	if now.Sub(r.since) >= time.Second/10 {
		r.is = r.n > few/10
		r.since, r.n = now, 0
	}
	return r.is
}

// yield waits while a turn takes long: somebody reads slower than what comes.
func (a *apart) yield() {
	for !a.over.Load() {
		since := a.busy.Load()
		now := time.Now()
		if since == 0 || now.UnixNano()-since < int64(stalled) {
			return
		}
		if a.l.WaitSend(now.Add(time.Millisecond)) != nil {
			return
		}
	}
}

// take takes a batch of what has arrived.
func (a *apart) take() (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.l.Receive(a.m.Inject)
}

// receive receives until all is over.
func (a *apart) receive() error {
	last := time.Now()
	for {
		over := a.over.Load()
		n, err := a.take()
		if err != nil {
			return err
		}
		now := time.Now()
		if n > 0 || now.Sub(last) >= tick {
			last = now
			a.busy.Store(now.UnixNano())
			err := a.turn(now, &a.mu)
			a.busy.Store(0)
			if err != nil {
				return err
			}
		}
		if n > 0 {
			if a.done() {
				a.l.InterruptSend()
			}
			continue
		}
		if over {
			return nil
		}
		if err := a.l.WaitReceive(tick); err != nil {
			return err
		}
	}
}

func (a *apart) done() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.m.Done()
}
