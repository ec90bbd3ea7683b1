package sock

import (
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/filter"
	"github.com/sonde-net/sonde/link/sock/internal/holds"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/link/sock/internal/ledger"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/ip"
)

// batch is how many datagrams one system call carries.
const batch = 32

// slot is how much of an arrival is kept, in octets, as long as no probe is
// longer: more than any error and any reply that is not to a large probe.
const slot = 2048

// Conn is the sockets of this machine. It implements [link.Conn]. Make one with
// [Open].
type Conn struct {
	o       Options
	four    *family
	six     *family
	sockets []*socket
	fds     []unix.PollFd // of the sockets, in their order, behind that of wake
	stale   bool          // fds are to be made anew
	in      *kernel.Inbox
	out     *kernel.Outbox
	prober  *probe.Prober
	own     filter.Own
	holds   holds.Holds
	ledger  ledger.Ledger // of UDP without privileges
	claim   claim.Claim
	counts  link.Counters
	device  int // number of the interface; 0: none

	control  kernel.Control
	arrival  probe.Arrival
	scratch  []byte
	datagram []byte
	zones    map[int]string
	rounds   uint       // of Receive
	woken    time.Time  // when the last wait ended
	first    netip.Addr // the target of the first datagram without a header
	usual    netip.Addr // the source that the system chooses for it

	mu   sync.Mutex
	wake int // eventfd that ends a Wait; -1: closed
}

var _ link.Conn = (*Conn)(nil)

// family is what there is of a family.
type family struct {
	v6     bool
	raw    *socket // to send by; nil without privileges
	echoes *socket // … what has a header of the system's; nil: nothing has
	ping   *socket // ICMP datagram socket; nil with privileges
	denied error   // why there is no ping
	ttl    ip.TTL  // the system's own
}

// role is what a socket is for.
type role uint8

const (
	sends    role = iota // raw, sends alone
	echoes               // likewise, with a header of the system's
	receives             // raw, receives alone
	pings                // ICMP datagrams, both ways
	carries              // UDP datagrams, both ways
)

// socket is one of them.
type socket struct {
	fd    int
	role  role
	v6    bool
	proto ip.Proto
	port  uint16 // own, of one that carries
	ready bool   // there may be something to receive
	fault bool   // … in the error queue
	drops uint32
	keys  *keys // of what was sent, when it is stamped
	df    int   // IP_MTU_DISCOVER, as it was set last; -1: never
	used  uint  // when it was used last, in rounds
	sized bool  // of what comes in fragments, the size of the largest is told
}

// Can reports what can be done.
func (c *Conn) Can() link.Abilities {
	a := link.Abilities{Raw: true, Stamps: true}
	for _, f := range [...]*family{c.four, c.six} {
		if f != nil && f.raw == nil {
			a.Raw = false
		}
	}
	return a
}

// ID returns the ICMP identifier that the kernel has chosen, for
// [probe.Config.ID]; 0: it has not.
func (c *Conn) ID() uint16 {
	for _, f := range [...]*family{c.four, c.six} {
		if f != nil && f.ping != nil {
			return f.ping.port
		}
	}
	return 0
}

// Identifies reports whether the IP identification of probes is their own, for
// [probe.Config.IPID].
func (c *Conn) Identifies() bool { return c.Can().Raw && !c.o.SystemHeader }

// Counters returns the counters as they are.
func (c *Conn) Counters() link.Counters { return c.counts }

// Use lets the kernel know what is p's own. Before, nothing arrives.
func (c *Conn) Use(p *probe.Prober) error {
	c.prober = p
	c.own = filter.OwnOf(p, slices.Contains(c.o.Kinds, probe.Solicit))
	return c.refilter()
}

func (c *Conn) refilter() error {
	for _, s := range c.sockets {
		if s.role != receives {
			continue
		}
		if err := kernel.Attach(s.fd, filter.For(s.proto, s.v6)(&c.own)); err != nil {
			return err
		}
	}
	return nil
}

// family returns what there is of the family of a.
func (c *Conn) family(a netip.Addr) *family {
	if a.Is4() {
		return c.four
	}
	return c.six
}

// Wait implements [link.Conn]. It keeps the time to some microseconds.
func (c *Conn) Wait(until time.Time) error {
	if c.wake < 0 {
		return link.ErrClosed
	}
	for _, s := range c.sockets {
		if s.ready {
			return nil
		}
	}
	if c.stale {
		c.stale = false
		c.fds = append(c.fds[:0], unix.PollFd{Fd: int32(c.wake), Events: unix.POLLIN})
		for _, s := range c.sockets {
			p := unix.PollFd{Fd: int32(s.fd)}
			if s.role != sends && s.role != echoes {
				p.Events = unix.POLLIN
			}
			c.fds = append(c.fds, p)
		}
	}
	c.fds[0].Revents = 0
	// A signal, of the runtime's own too, ends a poll early.
	for rest := c.woken.Add(c.o.Slack); c.o.Slack > 0 && c.fds[0].Revents == 0 && time.Now().Before(rest); {
		if err := kernel.Poll(c.fds[:1], rest); err != nil {
			return err
		}
	}
	if c.fds[0].Revents != 0 {
		until = time.Unix(0, 1)
	}
	if err := kernel.Poll(c.fds, until); err != nil {
		return err
	}
	if c.o.Slack > 0 {
		c.woken = time.Now()
	}
	if c.fds[0].Revents != 0 {
		var b [8]byte
		_, _ = unix.Read(c.wake, b[:])
	}
	for i, s := range c.sockets {
		r := c.fds[i+1].Revents
		s.ready = s.ready || r&unix.POLLIN != 0
		s.fault = s.fault || r&(unix.POLLERR|unix.POLLHUP) != 0
	}
	return nil
}

// Interrupt implements [link.Conn]. It does nothing when the sockets are closed.
func (c *Conn) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wake >= 0 {
		_, _ = unix.Write(c.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

// Close closes all sockets.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wake < 0 {
		return nil
	}
	for _, s := range c.sockets {
		_ = unix.Close(s.fd)
	}
	c.holds.Close()
	err := unix.Close(c.wake)
	c.wake, c.sockets = -1, nil
	return err
}

// zone returns the name of an interface, for addresses that mean nothing
// without.
func (c *Conn) zone(index int) string {
	name, ok := c.zones[index]
	if !ok {
		name = kernel.InterfaceName(index)
		c.zones[index] = name
	}
	return name
}

// executable is the path of the program, for those who are to give it privileges.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return path
}
