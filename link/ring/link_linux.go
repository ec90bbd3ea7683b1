package ring

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	out    sender
	queued int
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
	return l.choose()
}

// choose takes the first engine that works.
func (l *Link) choose() error {
	engines := []Engine{XDP, Packet, Raw}
	if l.o.Engine != Auto {
		engines = []Engine{l.o.Engine}
	}
	var refused error
	for _, e := range engines {
		out, err := l.try(e)
		if err == nil {
			l.engine, l.out = e, out
			return nil
		}
		refused = fmt.Errorf("engine %v: %w", e, err)
		if l.o.Refused != nil {
			l.o.Refused(e, err)
		}
	}
	return refused
}

func (l *Link) try(e Engine) (sender, error) {
	w := &l.o.Way
	if e == Raw {
		return newRaw(w)
	}
	if !w.Direct() {
		return nil, errors.New(w.Why)
	}
	h, err := w.headers()
	if err != nil {
		return nil, err
	}
	if e == XDP {
		return newXDP(w.Index, h)
	}
	return newPacket(w.Index, h)
}

// Engine returns how datagrams leave.
func (l *Link) Engine() Engine { return l.engine }

// Batch returns how many datagrams may be queued before they are flushed.
func (l *Link) Batch() int { return batch }

// Queue takes an IP datagram to be sent, of which it keeps nothing. Before there
// are more than [Link.Batch] they are to be flushed.
func (l *Link) Queue(d []byte) {
	l.out.put(d)
	l.queued++
}

// patience is how long there may be no room to send.
const patience = 10 * time.Second

// Flush sends what was queued. It waits while there is no room. Unsent is how
// many datagrams the kernel has refused for good: no route to their destination, a
// firewall. The error is about the link as a whole.
func (l *Link) Flush() (unsent int, err error) {
	if l.queued == 0 {
		return 0, nil
	}
	pause := 50 * time.Microsecond
	var since time.Time
	for {
		sent, refused, left, err := l.out.flush()
		l.sent.Add(uint64(sent))
		l.unsent.Add(uint64(refused))
		unsent += refused
		if err != nil {
			l.queued = 0
			return unsent, l.name(err)
		}
		if left == 0 {
			l.queued = 0
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
	if l.out != nil {
		l.out.close()
		l.out = nil
	}
	l.in.ring.Close()
	for _, fd := range []*int{&l.in.fd, &l.wakeIn, &l.wakeOut} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
		}
		*fd = -1
	}
	return nil
}
