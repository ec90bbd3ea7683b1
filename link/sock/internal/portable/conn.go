//go:build !linux

package portable

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// Conn is the sockets of this machine. It implements [link.Conn]. Make one with
// [Open]. On this system the program takes the times, and the IP header is the
// system's but for TTL and type of service.
type Conn struct {
	o         link.Options
	four, six *family
	udp       map[uint16]*carrier // by their own port
	order     []uint16            // the oldest first
	waiting   chan *datagram
	next      *datagram // taken off waiting by Wait
	wake      chan struct{}
	counts    link.Counters
	plain     bool // without privileges

	mu     sync.Mutex
	closed bool
}

var _ link.Conn = (*Conn)(nil)

// waitingRoom is how many arrivals wait to be looked at.
const waitingRoom = 1 << 12

// datagram is one that a reader has received.
type datagram struct {
	arrival probe.Arrival
	octets  []byte
}

// Open opens the sockets: raw ICMP ones, or where these are not allowed, ICMP
// datagram sockets, where the system has them. The error is a
// [*link.PrivilegeError] when it has not.
func Open(o link.Options) (*Conn, error) {
	switch {
	case o.Interface != "":
		return nil, missing("binding to an interface")
	case o.Mark != 0:
		return nil, missing("a mark")
	case o.DontRoute:
		return nil, missing("sending past the routes")
	case o.Discover != link.AsProbe && o.Discover != link.Dont:
		return nil, missing("path MTU discovery")
	}
	for _, k := range o.Kinds {
		if k == probe.TCP || k == probe.UDPLite {
			return nil, missing(k.String() + " probes")
		}
	}
	c := &Conn{
		o: o, udp: map[uint16]*carrier{}, waiting: make(chan *datagram, waitingRoom), wake: make(chan struct{}, 1),
	}
	v4, v6, all := o.Families()
	var err error
	if v4 {
		c.four, err = c.openFamily(false)
	}
	if v6 && (err == nil || !all) {
		var err6 error
		if c.six, err6 = c.openFamily(true); err == nil && (all || c.four == nil) {
			err = err6
		}
	}
	if err != nil && (all || c.six == nil) {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// missing says that something is not to be had on this system.
func missing(what string) error {
	return fmt.Errorf("%s: %w on %s", what, errors.ErrUnsupported, runtime.GOOS)
}

// Can reports what can be done.
func (c *Conn) Can() link.Abilities { return link.Abilities{} }

// ID returns 0: the system leaves identifiers alone.
func (c *Conn) ID() uint16 { return 0 }

// Identifies returns false: the system chooses the IP identification.
func (c *Conn) Identifies() bool { return false }

// Counters returns the counters as they are.
func (c *Conn) Counters() link.Counters { return c.counts }

// Drops returns 0: the system does not tell.
func (c *Conn) Drops() uint64 { return 0 }

// Use does nothing: the prober ignores what is not its own.
func (c *Conn) Use(*probe.Prober) error { return nil }

// Send implements [link.Conn].
func (c *Conn) Send(txs []probe.Transmit, payloads [][]byte) (int, error) {
	for i := range txs {
		if err := c.send(&txs[i], payloads[i]); err != nil {
			return i, err
		}
		c.counts.Sent++
	}
	return len(txs), nil
}

func (c *Conn) send(tx *probe.Transmit, payload []byte) error {
	f := c.four
	if tx.Dst.Is6() {
		f = c.six
	}
	switch {
	case f == nil:
		return missing("the address family")
	case tx.DF:
		return missing("don't fragment")
	case len(tx.Options) > 0:
		return missing("IP options")
	case tx.FlowLabel != 0:
		return missing("a flow label")
	case tx.Proto == ip.ProtoTCP || tx.Proto == ip.ProtoUDPLite:
		return missing("this protocol")
	case tx.Proto == ip.ProtoUDP:
		own, other, err := transport.ParsePorts(payload)
		if err != nil {
			return err
		}
		u, err := c.carrier(own, tx.Dst.Is6())
		if err != nil {
			return err
		}
		return u.send(tx, payload[transport.UDPLen:], &net.UDPAddr{IP: tx.Dst.AsSlice(), Port: int(other), Zone: tx.Dst.Zone()})
	case c.plain:
		return f.send(tx, payload, &net.UDPAddr{IP: tx.Dst.AsSlice(), Zone: tx.Dst.Zone()})
	}
	return f.send(tx, payload, &net.IPAddr{IP: tx.Dst.AsSlice(), Zone: tx.Dst.Zone()})
}

// Receive implements [link.Conn].
func (c *Conn) Receive(now time.Time, to link.Receiver) (int, error) {
	n := 0
	if d := c.next; d != nil {
		c.next = nil
		to.Receive(now, &d.arrival)
		n++
	}
	for ; n < batch; n++ {
		select {
		case d := <-c.waiting:
			to.Receive(now, &d.arrival)
		default:
			c.counts.Received += uint64(n)
			return n, c.ended()
		}
	}
	c.counts.Received += uint64(n)
	return n, c.ended()
}

const batch = 32

func (c *Conn) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return link.ErrClosed
	}
	return nil
}

// Wait implements [link.Conn].
func (c *Conn) Wait(until time.Time) error {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case c.next = <-c.waiting:
	case <-c.wake:
	case <-due:
	}
	return c.ended()
}

// Interrupt implements [link.Conn].
func (c *Conn) Interrupt() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Close closes all sockets.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	for _, f := range [...]*family{c.four, c.six} {
		if f != nil {
			_ = f.conn.Close()
		}
	}
	for _, u := range c.udp {
		_ = u.conn.Close()
	}
	c.Interrupt()
	return nil
}

// arrived hands what a reader has received over. When nobody has looked for long,
// it is thrown away and counted as such.
func (c *Conn) arrived(d *datagram) {
	select {
	case c.waiting <- d:
	default:
		if c.o.Overflow != nil {
			c.o.Overflow(1)
		}
	}
}

// Source returns the address that a datagram to dst leaves with.
func Source(dst netip.Addr, o link.Options) (netip.Addr, error) {
	var from *net.UDPAddr
	if o.Source.IsValid() {
		from = net.UDPAddrFromAddrPort(netip.AddrPortFrom(o.Source, 0))
	}
	const somewhere = 1025
	u, err := net.DialUDP("udp", from, net.UDPAddrFromAddrPort(netip.AddrPortFrom(dst, somewhere)))
	if err != nil {
		return netip.Addr{}, err
	}
	defer u.Close() //nolint:errcheck // nothing was sent
	return u.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().WithZone(""), nil
}

// denied reports whether the system does not let one.
func denied(err error) bool { return errors.Is(err, os.ErrPermission) }
