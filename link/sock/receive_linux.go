package sock

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// every is how often, in calls of Receive, all sockets are looked at though
// nothing was seen there: without it, one that always has something would hide
// the others.
const every = 32

// Receive implements [link.Conn].
func (c *Conn) Receive(now time.Time, to link.Receiver) (int, error) {
	if c.wake < 0 {
		return 0, link.ErrClosed
	}
	c.rounds++
	all := c.rounds%every == 0
	total := 0
	for _, s := range c.sockets {
		if s.role != receives && (s.fault || all && s.role != sends && s.role != echoes) {
			s.fault = false
			n, err := c.faults(s, now, to)
			if err != nil {
				return total, err
			}
			total += n
		}
	}
	for _, s := range c.sockets {
		if s.role == sends || s.role == echoes || !s.ready && !all {
			continue
		}
		n, more, errno := c.in.Receive(s.fd, 0)
		// Behind one that came alone there is rarely another, and waiting finds it,
		// unless the wait is to be a long one.
		s.ready = more && (n > 1 || c.o.Slack > 0)
		switch errno {
		case 0, unix.EAGAIN:
		case unix.EBADF:
			return total, link.ErrClosed
		default:
			// An error of an earlier datagram, which comes by the error queue too.
			s.ready, s.fault = true, s.role != receives
		}
		for i := range n {
			c.deliver(s, i, now, to)
		}
		total += n
		if total >= batch {
			break
		}
	}
	c.counts.Received += uint64(total)
	return total, nil
}

// deliver hands an arrival on.
func (c *Conn) deliver(s *socket, i int, now time.Time, to link.Receiver) {
	x := &c.control
	x.Parse(c.in.Control(i))
	c.overflow(s, x)
	b, _ := c.in.Message(i)
	from, port, zone := kernel.Addr(c.in.Name(i))
	a := &c.arrival
	*a = probe.Arrival{From: c.zoned(from, zone), To: x.To, Proto: s.proto, Payload: b}
	a.At, a.Stamp = when(x)
	if x.TTL >= 0 {
		a.TTL = ip.TTL(x.TTL)
	}
	if x.TOS >= 0 {
		a.TOS = uint8(x.TOS)
	}
	switch {
	case s.role == carries:
		c.wrap(s, port)
	case s.v6:
		a.Verified = s.role == receives && s.proto == ip.ProtoICMPv6 // the kernel does, where it is not told otherwise
	case s.role == receives:
		h, payload, err := ip.Decode4(b)
		if err != nil {
			return
		}
		a.From, a.To, a.TTL, a.TOS, a.Options, a.Payload = h.Src, h.Dst, h.TTL, h.TOS, h.Options, payload
	default:
		a.Options = x.Options
	}
	if s.role == receives && s.proto != icmp(s.v6) {
		a.Verified = kernel.Unfinished(a.Proto, a.From, a.To, a.Payload)
	}
	if s.sized {
		a.Largest = largest(a, x)
	}
	to.Receive(now, a)
	*a = probe.Arrival{}
}

// zoned returns an address with its zone, where it needs one.
func (c *Conn) zoned(a netip.Addr, zone int) netip.Addr {
	if a.IsLinkLocalUnicast() && zone != 0 {
		return a.WithZone(c.zone(zone))
	}
	return a
}

// largest returns how many octets the largest fragment of an arrival had; of one
// that came whole, how many it has.
func largest(a *probe.Arrival, x *kernel.Control) int {
	switch {
	case x.Largest > 0:
		return x.Largest
	case a.From.Is4():
		return ip.MinHeaderLen4 + len(a.Options) + len(a.Payload)
	}
	return ip.HeaderLen6 + len(a.Payload)
}

// overflow takes note of what the kernel has thrown away.
func (c *Conn) overflow(s *socket, x *kernel.Control) {
	if !x.HasDrops || x.Drops == s.drops {
		return
	}
	n := uint64(x.Drops - s.drops)
	s.drops = x.Drops
	c.counts.Overflow += n
	if c.o.Overflow != nil {
		c.o.Overflow(n)
	}
}

// Drops asks the kernel what it has thrown away, also when nothing has arrived
// since, and counts it.
func (c *Conn) Drops() uint64 {
	for _, s := range c.sockets {
		if s.role != receives && s.role != pings {
			continue
		}
		if n, ok := kernel.Drops(s.fd); ok {
			c.overflow(s, &kernel.Control{Drops: n, HasDrops: true})
		}
	}
	return c.counts.Overflow
}

// faults reads the error queue of a socket: stamps of what was sent, errors that
// came, and errors of this host.
func (c *Conn) faults(s *socket, now time.Time, to link.Receiver) (int, error) {
	got, stamps := 0, 0
	for {
		n, more, errno := c.in.Receive(s.fd, unix.MSG_ERRQUEUE)
		if errno == unix.EBADF {
			return got, link.ErrClosed
		}
		if n == 0 {
			break
		}
		for i := range n {
			c.control.Parse(c.in.Control(i))
			switch c.control.Err.Origin {
			case unix.SO_EE_ORIGIN_TIMESTAMPING:
				c.stamped(s, to)
				stamps++
			case unix.SO_EE_ORIGIN_ICMP, unix.SO_EE_ORIGIN_ICMP6:
				if s.role != echoes { // a raw socket has it whole
					c.fault(s, i, now, to)
					got++
				}
			}
		}
		if !more {
			break
		}
	}
	if stamps == 0 {
		kernel.Pending(s.fd) // or else the next datagram is blamed
	}
	return got, nil
}
