package sock

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/probe"
)

// kept is how many of what was sent last wait for their stamps: a power of two.
const kept = 1 << 12

// keys say which probe a stamp is of: the kernel counts what a socket sends, and
// so does this. When something could not be sent, nobody knows whether it has
// counted; then both begin anew.
type keys struct {
	flags int
	next  uint32
	ring  []pending
	old   []pending // from before the count began anew
	left  bool      // something of the ring has
}

type pending struct {
	handle probe.Handle // 0: none
	key    uint32
	since  int64 // when it was handed over, ns since the Unix epoch
}

func newKeys(flags int) *keys {
	return &keys{flags: flags, ring: make([]pending, kept), old: make([]pending, kept)}
}

// now is the time of day, which stamps are compared with. Without keys, nobody
// asks.
func (k *keys) now() int64 {
	if k == nil {
		return 0
	}
	return time.Now().UnixNano()
}

// put takes note of what is being sent.
func (k *keys) put(h probe.Handle, now int64) {
	if k == nil {
		return
	}
	k.ring[k.next%kept] = pending{h, k.next, now}
	k.next++
}

// sent says how many have left of those that were put.
func (k *keys) sent(fd, left, put int) {
	if k == nil {
		return
	}
	k.left = k.left || left > 0
	if left < put {
		k.restart(fd)
	}
}

// take returns whose stamp it is. A stamp that is older than the probe with its
// number is of one before the count began anew.
func (k *keys) take(key uint32, at time.Time) (probe.Handle, bool) {
	for _, ring := range [...][]pending{k.ring, k.old} {
		p := &ring[key%kept]
		if p.handle != 0 && p.key == key && at.UnixNano() >= p.since {
			return p.handle, true
		}
	}
	return 0, false
}

// restart lets the count begin anew: the kernel does so when it is asked for
// counts that it was not asked for before.
func (k *keys) restart(fd int) {
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING, k.flags&^unix.SOF_TIMESTAMPING_OPT_ID)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING, k.flags)
	k.next = 0
	if k.left {
		k.ring, k.old = k.old, k.ring
	}
	clear(k.ring)
	k.left = false
}

// when returns a time and who took it; the zero time: nobody has.
func when(c *kernel.Control) (time.Time, probe.Stamp) {
	switch {
	case !c.Device.IsZero():
		return c.Device, probe.Device
	case !c.Stamp.IsZero():
		return c.Stamp, probe.Kernel
	}
	return time.Time{}, probe.Program
}

// stamped takes a message of the error queue that is a stamp.
func (c *Conn) stamped(s *socket, to link.Receiver) {
	x := &c.control
	if s.keys == nil || x.Err.Info != unix.SCM_TSTAMP_SND {
		return
	}
	at, by := when(x)
	if at.IsZero() {
		return
	}
	since := at
	if by == probe.Device {
		since = time.Unix(1<<40, 0) // a clock of its own
	}
	if h, ok := s.keys.take(x.Err.Data, since); ok {
		to.Sent(h, at, by)
	}
}
