package sock

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock/internal/filter"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/ip"
)

// Open opens the sockets. The errors are a [*link.PrivilegeError], and those of
// the system with what they are about: an interface that is not there, an address
// that is not this machine's.
func Open(o Options) (*Conn, error) {
	c := &Conn{o: o, in: kernel.NewInbox(batch, slot), out: kernel.NewOutbox(batch), wake: -1, stale: true, zones: map[int]string{}}
	if err := c.open(); err != nil {
		for _, s := range c.sockets {
			_ = unix.Close(s.fd)
		}
		return nil, err
	}
	return c, nil
}

func (c *Conn) open() (err error) {
	o := &c.o
	if o.Interface != "" {
		i, err := net.InterfaceByName(o.Interface)
		if err != nil {
			return fmt.Errorf("interface %s: %w", o.Interface, unix.ENODEV)
		}
		c.device = i.Index
	}
	v4, v6, all := o.Families()
	if v4 {
		if c.four, err = c.openFamily(false); err != nil && (all || !missing(err)) {
			return err
		}
	}
	if v6 {
		if c.six, err = c.openFamily(true); err != nil && (all || !missing(err)) {
			return err
		}
	}
	if c.four == nil && c.six == nil {
		return fmt.Errorf("socket: %w", unix.EAFNOSUPPORT)
	}
	if c.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	return nil
}

// missing reports whether the system has not the family.
func missing(err error) bool { return errors.Is(err, unix.EAFNOSUPPORT) }

func denied(err error) bool { return errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) }

func icmp(v6 bool) ip.Proto {
	if v6 {
		return ip.ProtoICMPv6
	}
	return ip.ProtoICMP
}

func (c *Conn) openFamily(v6 bool) (*family, error) {
	f := &family{v6: v6}
	var err error
	if c.o.Unprivileged {
		err = unix.EPERM
	} else {
		f.raw, err = c.openSocket(&socket{role: sends, v6: v6, proto: unix.IPPROTO_RAW})
	}
	switch {
	case err == nil:
		err = c.openRaw(f)
	case denied(err):
		err = c.openPlain(f, err)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// openRaw opens what there is beside the socket that sends.
func (c *Conn) openRaw(f *family) error {
	level, option := unix.IPPROTO_IP, unix.IP_TTL
	if f.v6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS
	}
	ttl, err := unix.GetsockoptInt(f.raw.fd, level, option)
	if err != nil {
		return fmt.Errorf("socket: default ttl: %w", err)
	}
	f.ttl = ip.TTL(ttl)
	if c.o.SystemHeader {
		if f.echoes, err = c.openSocket(&socket{role: echoes, v6: f.v6, proto: icmp(f.v6)}); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		proto ip.Proto
		kinds []probe.Kind
	}{
		{icmp(f.v6), nil}, // errors come for all
		{ip.ProtoUDP, []probe.Kind{probe.UDP}},
		{ip.ProtoUDPLite, []probe.Kind{probe.UDPLite}},
		{ip.ProtoTCP, []probe.Kind{probe.TCP}},
	} {
		if x.kinds != nil && !c.o.Needs(x.kinds...) {
			continue
		}
		if _, err := c.openSocket(&socket{role: receives, v6: f.v6, proto: x.proto}); err != nil {
			return err
		}
	}
	return nil
}

// openPlain opens what needs no privileges.
func (c *Conn) openPlain(f *family, why error) error {
	for _, k := range c.o.Kinds {
		if err := refusal(k, why); err != nil {
			return err
		}
	}
	if !c.o.Needs(probe.Echo, probe.ExtEcho) {
		return nil
	}
	s, err := c.openSocket(&socket{role: pings, v6: f.v6, proto: icmp(f.v6)})
	var other *link.PrivilegeError // the socket could be had, but for what was wanted of it
	if errors.As(err, &other) {
		return err
	}
	if denied(err) || errors.Is(err, unix.EPROTONOSUPPORT) {
		f.denied = privilege("ICMP sockets", netRaw, true, err)
		if len(c.o.Kinds) > 0 {
			return f.denied
		}
		return nil
	}
	f.ping = s
	return err
}

// refusal says why a kind cannot be asked without privileges.
func refusal(k probe.Kind, why error) error {
	switch k {
	case probe.Echo, probe.ExtEcho, probe.UDP, probe.UDPLite:
		return nil
	}
	return privilege(k.String()+" probes", netRaw, false, why)
}

const netRaw = "CAP_NET_RAW"

func privilege(what, capability string, sysctl bool, err error) error {
	return &link.PrivilegeError{What: what, Capability: capability, Program: executable(), Sysctl: sysctl, Err: err}
}

// openSocket opens a socket with its options, bound where it has to be.
func (c *Conn) openSocket(s *socket) (*socket, error) {
	typ := unix.SOCK_RAW
	if s.role == pings || s.role == carries {
		typ = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(kernel.Domain(s.v6), typ|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(s.proto))
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	s.fd, s.df = fd, -1
	if s.role == receives || s.role == echoes {
		// Nothing reaches it before it is known what is to.
		err = kernel.Attach(fd, filter.Nothing())
	}
	if err == nil {
		err = c.set(s)
	}
	if err == nil {
		err = c.bind(s)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	c.sockets, c.stale = append(c.sockets, s), true
	return s, nil
}

// bind binds a socket to the source, and one that pings to an identifier: both
// families to the same.
func (c *Conn) bind(s *socket) error {
	a := netip.IPv4Unspecified()
	if s.v6 {
		a = netip.IPv6Unspecified()
	}
	if c.o.Source.IsValid() {
		a = c.o.Source
	} else if s.role != pings && s.role != carries {
		return nil
	}
	port := s.port
	if s.role == pings {
		port = c.ID()
		// The kernel has one table of identifiers for both families.
		_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	}
	if err := unix.Bind(s.fd, kernel.Sockaddr(a, port)); err != nil {
		return fmt.Errorf("bind %v: %w", a, err)
	}
	if s.role != pings {
		return nil
	}
	bound, err := unix.Getsockname(s.fd)
	if err != nil {
		return fmt.Errorf("getsockname: %w", err)
	}
	switch b := bound.(type) {
	case *unix.SockaddrInet4:
		s.port = uint16(b.Port)
	case *unix.SockaddrInet6:
		s.port = uint16(b.Port)
	}
	return nil
}
