package ring

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
)

// sender is an engine.
type sender interface {
	// put takes a datagram, of which there are at most batch before a flush.
	put(d []byte)
	// flush gives what was put to the kernel, as much as there is room for. left is
	// how many there was no room for: they stay. unsent are those that were refused.
	flush() (sent, unsent, left int, err error)
	close()
}

// Link is an interface. One goroutine may queue, flush and WaitSend, another
// Receive and WaitReceive; Interrupt and Counters may be called from any.
type Link struct {
	o      Options
	engine Engine
	lanes  []*lane
	turn   int // the lane that is queued to
	in     receiver

	received                 atomic.Uint64
	sent, unsent, busy, lost atomic.Uint64

	mu              sync.Mutex
	wakeIn, wakeOut int // eventfds; -1: closed
}

// Open opens the link. The errors are a [*link.PrivilegeError], and what keeps
// the engine that was asked for from working.
func Open(o Options) (*Link, error) {
	l := &Link{o: o, wakeIn: -1, wakeOut: -1, in: receiver{fd: -1}}
	if err := l.open(); err != nil {
		_ = l.Close()
		if errors.Is(err, unix.EPERM) {
			program, _ := os.Executable()
			if p, err := filepath.EvalSymlinks(program); err == nil {
				program = p
			}
			return nil, &link.PrivilegeError{What: "packet sockets", Capability: "CAP_NET_RAW", Program: program, Err: err}
		}
		return nil, l.name(err)
	}
	return l, nil
}

func (l *Link) open() (err error) {
	for _, fd := range []*int{&l.wakeIn, &l.wakeOut} {
		if *fd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
			return os.NewSyscallError("eventfd", err)
		}
	}
	if err := l.in.open(&l.o); err != nil {
		return err
	}
	if err := l.choose(); err != nil {
		return err
	}
	l.in.consumer = l.o.consume()
	return l.in.bind(&l.o)
}

// choose takes the first engine that works.
func (l *Link) choose() error {
	n := l.o.Lanes
	if n == 0 {
		n = min(runtime.GOMAXPROCS(0), maxLanes)
	}
	engines := []Engine{XDP, Packet, Raw}
	if l.o.Engine != Auto {
		engines = []Engine{l.o.Engine}
	}
	var refused error
	for _, e := range engines {
		outs, err := l.try(e, n)
		if err == nil {
			l.engine = e
			for _, out := range outs {
				l.lanes = append(l.lanes, newLane(l, out))
			}
			return nil
		}
		refused = fmt.Errorf("engine %v: %w", e, err)
		if l.o.Refused != nil {
			l.o.Refused(e, err)
		}
	}
	return refused
}

// try opens an engine for each of n lanes, or fewer where there cannot be so many.
func (l *Link) try(e Engine, n int) ([]sender, error) {
	w := &l.o.Way
	if e == Raw {
		return several(n, func() (sender, error) { return newRaw(w) })
	}
	if !w.Direct() {
		return nil, errors.New(w.Why)
	}
	h, err := w.headers()
	if err != nil {
		return nil, err
	}
	if e == XDP {
		return newXDP(w.Index, h, n)
	}
	return several(n, func() (sender, error) { return newPacket(w.Index, h) })
}

func several(n int, open func() (sender, error)) (all []sender, err error) {
	for range n {
		out, err := open()
		if err != nil && len(all) == 0 {
			return nil, err
		}
		if err != nil {
			break
		}
		all = append(all, out)
	}
	return all, nil
}

// Engine returns how datagrams leave.
func (l *Link) Engine() Engine { return l.engine }

// Batch returns how many datagrams may be queued before they are flushed.
func (l *Link) Batch() int { return batch }

// Queue takes an IP datagram to be sent, of which it keeps nothing. Before there
// are more than [Link.Batch] they are to be flushed.
func (l *Link) Queue(d []byte) { l.lanes[l.turn].queue(d) }

// Flush sends what was queued. It waits while there is no room. Unsent is how
// many datagrams the kernel has refused for good: no route to their destination, a
// firewall. The error is about the link as a whole: what was queued and has not left
// is unsent then, too, but does not count as refused ([Counters]).
//
// A whole batch is sent while the next one is queued, where there are several
// lanes; what became of it is told by a later Flush. One of less than a batch, or
// of nothing, returns when all has been sent.
func (l *Link) Flush() (unsent int, err error) {
	now := l.lanes[l.turn]
	if now.queued == batch && len(l.lanes) > 1 {
		now.begin()
		l.turn = (l.turn + 1) % len(l.lanes)
		if unsent, err = l.lanes[l.turn].finish(); err == nil {
			return unsent, nil
		}
	} else {
		unsent, err = now.flush()
	}
	for _, n := range l.lanes {
		more, fault := n.finish()
		unsent += more
		if err == nil {
			err = fault
		}
	}
	return unsent, err
}

// WaitSend returns at the time until, or when it is interrupted.
func (l *Link) WaitSend(until time.Time) error {
	fds := [1]unix.PollFd{{Fd: int32(l.wakeOut), Events: unix.POLLIN}}
	if err := poll(fds[:], time.Until(until)); err != nil {
		return l.name(err)
	}
	drain(&fds[0])
	return nil
}

// InterruptSend ends the WaitSend that is going on, or else the next one.
func (l *Link) InterruptSend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	wake(l.wakeOut)
}

// InterruptReceive ends the WaitReceive that is going on, or else the next one.
func (l *Link) InterruptReceive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	wake(l.wakeIn)
}

// Counters returns the counters as they are. It asks the kernel what it has
// thrown away.
func (l *Link) Counters() Counters {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.in.fd >= 0 {
		if s, err := unix.GetsockoptTpacketStatsV3(l.in.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			l.lost.Add(uint64(s.Drops)) // the kernel counts from zero again
		}
	}
	lost := l.lost.Load()
	return Counters{
		Sent: l.sent.Load(), Unsent: l.unsent.Load(), Received: l.received.Load() + lost, Dropped: lost, Busy: l.busy.Load(),
	}
}

// Close gives up the sockets. Nobody may use the link any more.
func (l *Link) Close() error {
	if l.in.fd >= 0 {
		l.Counters() // the last ones
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// Each of them waits for the kernel to come to rest: better side by side. What
	// opens them cannot be: a namespace is a thread's.
	var side sync.WaitGroup
	for _, n := range l.lanes {
		side.Go(n.close)
	}
	side.Go(l.in.consumer.close)
	side.Go(l.in.close)
	side.Wait()
	l.lanes, l.in.consumer = nil, nil
	for _, fd := range []*int{&l.wakeIn, &l.wakeOut} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
		}
		*fd = -1
	}
	return nil
}
