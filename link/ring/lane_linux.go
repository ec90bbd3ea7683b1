package ring

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// maxLanes is how many lanes there are at most, unless they are asked for.
const maxLanes = 4

// lane is one of several engines of a kind that send side by side, each on a
// processor of its own: what a datagram costs is the kernel's work, and it is done
// on the processor that sends.
type lane struct {
	l      *Link
	out    sender
	queued int

	busy  bool // between begin and finish
	begun chan struct{}
	done  chan flushed
}

// flushed is what became of a batch.
type flushed struct {
	unsent int
	err    error
}

func newLane(l *Link, out sender) *lane {
	return &lane{l: l, out: out}
}

func (n *lane) queue(d []byte) {
	n.out.put(d)
	n.queued++
}

// begin flushes what was queued, apart. Until it is finished nobody else may use
// the lane.
func (n *lane) begin() {
	if n.begun == nil {
		n.begun, n.done = make(chan struct{}, 1), make(chan flushed, 1)
		go n.work()
	}
	n.busy = true
	n.begun <- struct{}{}
}

func (n *lane) work() {
	for range n.begun {
		unsent, err := n.flush()
		n.done <- flushed{unsent, err}
	}
	close(n.done)
}

// finish waits for what was begun.
func (n *lane) finish() (unsent int, err error) {
	if !n.busy {
		return 0, nil
	}
	n.busy = false
	f := <-n.done
	return f.unsent, f.err
}

// patience is how long there may be no room to send.
const patience = 10 * time.Second

// flush sends what was queued, waiting while there is no room. With an error, what
// has not left is unsent.
func (n *lane) flush() (unsent int, err error) {
	if n.queued == 0 {
		return 0, nil
	}
	l, all := n.l, 0
	defer func() {
		if err != nil {
			unsent = n.queued - all
		}
		n.queued = 0
	}()
	pause := 50 * time.Microsecond
	var since time.Time
	for {
		sent, refused, left, err := n.out.flush()
		l.sent.Add(uint64(sent))
		l.unsent.Add(uint64(refused))
		unsent += refused
		all += sent
		if err != nil {
			return unsent, l.name(err)
		}
		if left == 0 {
			return unsent, nil
		}
		l.busy.Add(1)
		now := time.Now()
		switch {
		case sent > 0 || since.IsZero():
			since, pause = now, 50*time.Microsecond
		case now.Sub(since) > patience:
			return unsent, l.name(fmt.Errorf("no room to send for %v: %w", patience, unix.ENOBUFS))
		}
		if err := poll(nil, pause); err != nil {
			return unsent, l.name(err)
		}
		pause = min(2*pause, 5*time.Millisecond)
	}
}

func (n *lane) close() {
	if n.begun != nil {
		_, _ = n.finish()
		close(n.begun)
		<-n.done
	}
	n.out.close()
}
