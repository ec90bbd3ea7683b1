package sock

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// What there is no room for now, as errors that are made once.
var (
	errBuffer = fmt.Errorf("%w: %w", link.ErrBusy, unix.EAGAIN)
	errQueue  = fmt.Errorf("%w: %w", link.ErrBusy, unix.ENOBUFS)
)

// Send implements [link.Conn].
func (c *Conn) Send(txs []probe.Transmit, payloads [][]byte) (int, error) {
	if c.wake < 0 {
		return 0, link.ErrClosed
	}
	sent := 0
	for sent < len(txs) {
		f := c.family(txs[sent].Dst)
		var n int
		var err error
		switch {
		case f == nil:
			err = unix.EAFNOSUPPORT
		case f.raw != nil:
			n, err = c.sendRaw(f, txs[sent:], payloads[sent:])
		default:
			n, err = c.sendPlain(f, &txs[sent], payloads[sent])
		}
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// lane returns the socket that a datagram leaves by, with privileges.
func (f *family) lane(tx *probe.Transmit) *socket {
	if f.echoes != nil && tx.Proto == icmp(f.v6) {
		return f.echoes
	}
	return f.raw
}

// sendRaw sends as many as go with one call: by one socket, and none that has to
// be cut.
func (c *Conn) sendRaw(f *family, txs []probe.Transmit, payloads [][]byte) (int, error) {
	s := f.lane(&txs[0])
	now := s.keys.now()
	n := 0
	for n < len(txs) && n < c.out.Len() && txs[n].Dst.Is6() == f.v6 && f.lane(&txs[n]) == s {
		ok, err := c.prepare(f, s, n, &txs[n], payloads[n])
		if err != nil && n == 0 {
			return 0, err
		}
		if !ok && n == 0 {
			return c.sendCut(f, &txs[0], payloads[0])
		}
		if err != nil || !ok {
			break
		}
		s.keys.put(txs[n].Handle, now)
		n++
	}
	k, errno := c.out.Send(s.fd, 0, n)
	for try := 1; errno != 0 && s == f.echoes && try < tries && errno != unix.EAGAIN && errno != unix.ENOBUFS; try++ {
		k, errno = c.out.Send(s.fd, 0, n) // the first may have been blamed for an earlier one
	}
	c.out.Release(n)
	c.counts.Sent += uint64(k)
	if k > 0 {
		c.expect(f, s, &txs[0])
	}
	s.keys.sent(s.fd, k, n)
	switch {
	case k > 0 || errno == 0:
		return k, nil
	case errno == unix.EMSGSIZE:
		return c.sendCut(f, &txs[0], payloads[0])
	}
	return 0, c.refused(errno)
}

// prepare puts a datagram into the outbox. It reports whether it may leave as it
// is, or has to be cut or refused.
func (c *Conn) prepare(f *family, s *socket, i int, tx *probe.Transmit, payload []byte) (bool, error) {
	if s == f.echoes {
		if i > 0 && s.df != c.discover(tx.DF) {
			return false, nil // the option is that of all
		}
		if err := c.setDiscover(s, tx.DF); err != nil {
			return false, err
		}
		c.grow(len(payload))
		c.out.Set(i, c.name(i, tx), nil, payload, c.instructions(s, i, tx))
		return true, nil
	}
	bit, _, known := c.fragmentable(tx.DF, f.v6)
	head, err := f.header(c.out.Head(i), tx, len(payload), bit)
	if err != nil {
		return false, err
	}
	if size := len(head) + len(payload); known && size > least(f.v6) && size > c.mtu(tx) {
		return false, nil
	}
	c.hold(f, tx, payload)
	c.grow(len(head) + len(payload))
	c.out.Set(i, c.name(i, tx), head, payload, nil)
	return true, nil
}

// name writes where a datagram goes, and returns how long that is. A raw socket
// has no ports.
func (c *Conn) name(i int, tx *probe.Transmit) int {
	return kernel.PutAddr(c.out.Name(i), tx.Dst, 0, c.zoneIndex(tx.Dst))
}

// refused returns the error for what could not be sent.
func (c *Conn) refused(errno unix.Errno) error {
	switch errno {
	case unix.EAGAIN:
		c.counts.Busy++
		return errBuffer
	case unix.ENOBUFS, unix.ENOMEM:
		c.counts.Busy++
		return errQueue
	case unix.EBADF:
		return link.ErrClosed
	}
	return errno
}

// header appends the IP header of a datagram.
func (f *family) header(b []byte, tx *probe.Transmit, payload int, df bool) ([]byte, error) {
	ttl := tx.TTL
	if ttl == 0 {
		ttl = f.ttl
		if tx.Dst.IsMulticast() {
			ttl = 1
		}
	}
	if f.v6 {
		return ip.Header6{
			TrafficClass: tx.TOS, FlowLabel: tx.FlowLabel, PayloadLen: uint16(payload), NextHeader: tx.Proto,
			HopLimit: ttl, Src: tx.Src, Dst: tx.Dst,
		}.AppendBinary(b)
	}
	return ip.Header4{
		TOS: tx.TOS, TotalLen: uint16(ip.MinHeaderLen4 + len(tx.Options) + payload), ID: tx.ID, DF: df, TTL: ttl,
		Proto: tx.Proto, Src: tx.Src, Dst: tx.Dst, Options: tx.Options,
	}.AppendBinary(b)
}

// sendCut sends a datagram that is too long for the first link, or for what is
// known of the path: in fragments, if it may be.
func (c *Conn) sendCut(f *family, tx *probe.Transmit, payload []byte) (int, error) {
	mtu := c.mtu(tx)
	if _, cut, _ := c.fragmentable(tx.DF, f.v6); !cut {
		return 0, &link.SizeError{MTU: mtu, Err: unix.EMSGSIZE}
	}
	b, err := f.header(c.datagram[:0], tx, len(payload), false)
	if err != nil {
		return 0, err
	}
	b = append(b, payload...)
	c.datagram = b
	var pieces ip.Fragmenter
	if f.v6 {
		pieces, err = ip.NewFragmenter6(c.datagram, mtu, uint32(tx.Handle)^uint32(tx.ID)<<16)
	} else {
		ip.Seal4(c.datagram)
		pieces, err = ip.NewFragmenter4(c.datagram, mtu)
	}
	if err != nil {
		return 0, err
	}
	c.hold(f, tx, payload)
	c.grow(len(c.datagram))
	h := tx.Handle
	for first := true; ; first = false {
		piece, ok := pieces.Next(c.scratch[:0])
		if !ok {
			break
		}
		c.scratch = piece
		f.raw.keys.put(h, f.raw.keys.now())
		h = 0 // a probe has left when its first piece has
		c.out.Set(0, c.name(0, tx), nil, piece, nil)
		k, errno := c.out.Send(f.raw.fd, 0, 1)
		c.out.Release(1)
		f.raw.keys.sent(f.raw.fd, k, 1)
		if errno == 0 {
			continue
		}
		err := c.refused(errno)
		if errno == unix.EAGAIN && !first {
			continue // it would begin anew: a fragment is lost as on the way
		}
		return 0, err
	}
	c.counts.Sent++
	c.expect(f, f.raw, tx)
	return 1, nil
}

// grow makes room for replies to a probe of so many octets.
func (c *Conn) grow(size int) {
	if size <= c.in.Size() {
		return
	}
	const longest = 1 << 16
	c.in = kernel.NewInbox(batch/2, longest)
}

// expect says that a reply may be there already: on this machine and on a fast
// link it is, and looking is cheaper than waiting.
func (c *Conn) expect(f *family, by *socket, tx *probe.Transmit) {
	by.fault = by.keys != nil
	for _, s := range c.sockets {
		if s.v6 == f.v6 && s.role == receives && (s.proto == icmp(f.v6) || s.proto == tx.Proto) {
			s.ready = true
		}
	}
}

// mtu returns how long a datagram to where tx goes may be, as far as is known.
func (c *Conn) mtu(tx *probe.Transmit) int {
	mtu, err := pathMTU(tx.Dst, &c.o)
	if err != nil {
		return ip.MaxLen
	}
	return mtu
}

// zoneIndex returns the number of the interface that an address needs.
func (c *Conn) zoneIndex(a netip.Addr) int {
	if a.Is4() || !a.IsLinkLocalUnicast() && !a.IsMulticast() && a.Zone() == "" {
		return 0
	}
	z := a.Zone()
	if z == "" {
		return c.device
	}
	for index, name := range c.zones {
		if name == z {
			return index
		}
	}
	index := kernel.Zone(a)
	if index != 0 {
		c.zone(index)
	}
	return index
}

// hold sees to it that the kernel does not refuse what comes to a port that a
// datagram leaves from, and that the filter lets it through, and errors about it.
func (c *Conn) hold(f *family, tx *probe.Transmit, payload []byte) {
	if c.own.Meet(tx.Dst) {
		_ = c.refilter()
	}
	if tx.Proto == icmp(f.v6) {
		return
	}
	port, _, err := transport.ParsePorts(payload)
	if err != nil {
		return
	}
	if c.own.Take(port) {
		_ = c.refilter()
	}
	if tx.Proto != ip.ProtoTCP {
		c.holds.Hold(local(&c.o, f.v6), tx.Proto, port)
	}
}
