package sock

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/link/sock/internal/ledger"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
	"github.com/sonde-net/sonde/wire/transport"
)

// tries is how often a datagram is sent whose error may be that of an earlier
// one: the kernel tells of such an error once.
const tries = 4

// sendPlain sends a datagram without privileges.
func (c *Conn) sendPlain(f *family, tx *probe.Transmit, payload []byte) (int, error) {
	s, err := c.plain(f, tx, payload)
	if err != nil {
		return 0, err
	}
	data, port := payload, uint16(0)
	if s.role == carries {
		_, port, _ = transport.ParsePorts(payload)
		data = payload[transport.UDPLen:]
		c.ledger.Put(ledger.Flow{Proto: s.proto, Own: s.port, Peer: netip.AddrPortFrom(tx.Dst.WithZone(""), port)}, payload)
	}
	if err := c.setDiscover(s, tx.DF); err != nil {
		return 0, err
	}
	c.grow(len(payload))
	control := c.instructions(s, 0, tx)
	c.out.Set(0, kernel.PutAddr(c.out.Name(0), tx.Dst, port, c.zoneIndex(tx.Dst)), nil, data, control)
	defer c.out.Release(1)
	var errno unix.Errno
	for range tries {
		s.keys.put(tx.Handle, s.keys.now())
		var k int
		k, errno = c.out.Send(s.fd, 0, 1)
		s.keys.sent(s.fd, k, 1)
		if errno == 0 {
			s.ready, s.fault = true, true
			c.counts.Sent++
			return 1, nil
		}
		if errno == unix.EAGAIN || errno == unix.ENOBUFS {
			break
		}
	}
	if errno == unix.EMSGSIZE {
		return 0, &link.SizeError{MTU: c.mtu(tx), Err: errno}
	}
	return 0, c.refused(errno)
}

var errUnnamed = errors.New("this kind of probe was not named when the sockets were opened")

// plain returns the socket that a datagram leaves by, or why there is none.
func (c *Conn) plain(f *family, tx *probe.Transmit, payload []byte) (*socket, error) {
	for o, err := range ip.Options4(tx.Options) {
		if err != nil || o.Type == ip.OptLSRR || o.Type == ip.OptSSRR {
			return nil, privilege("source routes", netRaw, false, unix.EPERM)
		}
	}
	switch tx.Proto {
	case ip.ProtoICMP, ip.ProtoICMPv6:
		k, ok := question.KindOf(f.v6, false, payload[0])
		switch err := refusal(k, unix.EPERM); {
		case !ok:
			return nil, privilege("ICMP messages that are no echo", netRaw, false, unix.EPERM)
		case err != nil:
			return nil, err
		case f.ping != nil:
			return f.ping, nil
		case f.denied != nil:
			return nil, f.denied
		}
		return nil, errUnnamed
	case ip.ProtoUDP, ip.ProtoUDPLite:
		port, _, err := transport.ParsePorts(payload)
		if err != nil {
			return nil, err
		}
		return c.carrier(f.v6, tx.Proto, port)
	}
	return nil, refusal(probe.TCP, unix.EPERM)
}

// maxCarriers is how many UDP sockets are open at one time without privileges:
// as many as there are ports that are waited for.
const maxCarriers = 128

// carrier returns the UDP socket with that port of its own. The one that was used
// longest ago makes room for it.
func (c *Conn) carrier(v6 bool, proto ip.Proto, port uint16) (*socket, error) {
	c.rounds++
	n, old := 0, -1
	for i, s := range c.sockets {
		if s.role != carries {
			continue
		}
		if s.v6 == v6 && s.proto == proto && s.port == port {
			s.used = c.rounds
			return s, nil
		}
		if n++; old < 0 || s.used < c.sockets[old].used {
			old = i
		}
	}
	if n >= maxCarriers {
		_ = unix.Close(c.sockets[old].fd)
		c.sockets = slices.Delete(c.sockets, old, old+1)
		c.stale = true
	}
	return c.openSocket(&socket{role: carries, v6: v6, proto: proto, port: port, used: c.rounds})
}

// instructions returns what the kernel is to write into the header.
func (c *Conn) instructions(s *socket, i int, tx *probe.Transmit) []byte {
	if s.role == echoes && tx.TTL == 0 && tx.TOS == 0 && len(tx.Options) == 0 && tx.FlowLabel == 0 && c.isUsual(tx) {
		return nil
	}
	if s.v6 {
		return c.control6(c.out.Room(i), tx)
	}
	return c.control4(c.out.Room(i), tx)
}

// isUsual reports whether the system would choose the source of a datagram
// itself. It is asked for the first target alone: a flood has no other.
func (c *Conn) isUsual(tx *probe.Transmit) bool {
	if !c.first.IsValid() {
		c.first = tx.Dst
		c.usual, _ = Source(tx.Dst, c.o)
	}
	return tx.Dst == c.first && tx.Src == c.usual
}

// setDiscover sets the don't fragment bit of what a socket sends from now on.
func (c *Conn) setDiscover(s *socket, df bool) error {
	mode := c.discover(df)
	if mode == s.df {
		return nil
	}
	level, option := unix.IPPROTO_IP, unix.IP_MTU_DISCOVER
	if s.v6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER
	}
	if err := unix.SetsockoptInt(s.fd, level, option, mode); err != nil {
		return fmt.Errorf("don't fragment: %w", err)
	}
	s.df = mode
	return nil
}

func (c *Conn) control4(b []byte, tx *probe.Transmit) []byte {
	if tx.TTL != 0 {
		b = kernel.AppendInt(b, unix.IPPROTO_IP, unix.IP_TTL, uint32(tx.TTL))
	}
	if tx.TOS != 0 {
		b = kernel.AppendInt(b, unix.IPPROTO_IP, unix.IP_TOS, uint32(tx.TOS))
	}
	if len(tx.Options) > 0 {
		var room [ip.MaxOptionsLen]byte
		b = kernel.AppendControl(b, unix.IPPROTO_IP, unix.IP_RETOPTS, unwritten(append(room[:0], tx.Options...)))
	}
	var info [unix.SizeofInet4Pktinfo]byte // the number of an interface, the source, nothing
	src := tx.Src.As4()
	binary.NativeEndian.PutUint32(info[:], uint32(c.device))
	copy(info[4:], src[:])
	return kernel.AppendControl(b, unix.IPPROTO_IP, unix.IP_PKTINFO, info[:])
}

// unwritten takes out of options what their sender has written down of itself, and
// returns them: the kernel does so where it writes the header. Prespecified stamps
// stay, for those it writes in their own place.
func unwritten(options []byte) []byte {
	const first, firstStamp = 4, 5 // the pointers of a route and of stamps that nobody has written to
	for o, err := range ip.Options4(options) {
		switch {
		case err != nil:
		case o.Type == ip.OptRecordRoute && len(o.Data) > 0:
			o.Data[0] = first
			clear(o.Data[1:])
		case o.Type == ip.OptTimestamp && len(o.Data) > 1 && option.StampFlag(o.Data[1]&0xf) != option.StampsPrespecified:
			o.Data[0] = firstStamp
			clear(o.Data[2:])
		}
	}
	return options
}

// flowInfo is IPV6_FLOWINFO: traffic class and flow label.
const flowInfo = 11

func (c *Conn) control6(b []byte, tx *probe.Transmit) []byte {
	if tx.TTL != 0 {
		b = kernel.AppendInt(b, unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, uint32(tx.TTL))
	}
	switch {
	case tx.FlowLabel != 0:
		var x [4]byte
		binary.BigEndian.PutUint32(x[:], uint32(tx.TOS)<<20|tx.FlowLabel)
		b = kernel.AppendControl(b, unix.IPPROTO_IPV6, flowInfo, x[:])
	case tx.TOS != 0:
		b = kernel.AppendInt(b, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, uint32(tx.TOS))
	}
	var info [unix.SizeofInet6Pktinfo]byte // the source, the number of an interface
	src := tx.Src.As16()
	copy(info[:], src[:])
	index := c.device
	if z := c.zoneIndex(tx.Dst); z != 0 {
		index = z
	}
	binary.NativeEndian.PutUint32(info[16:], uint32(index))
	return kernel.AppendControl(b, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, info[:])
}
