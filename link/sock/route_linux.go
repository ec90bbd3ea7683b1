package sock

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/sock/internal/kernel"
)

// local is the address that sockets are bound to.
func local(o *Options, v6 bool) netip.Addr {
	switch {
	case o.Source.IsValid():
		return o.Source
	case v6:
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// somewhere is the port of a connection that is never used.
const somewhere = 1025

// connect returns a socket that is connected to an address: it has sent nothing,
// but knows its way.
func connect(dst netip.Addr, o *Options) (int, error) {
	fd, err := unix.Socket(kernel.Domain(dst.Is6()), unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if o.Interface != "" {
		err = unix.BindToDevice(fd, o.Interface)
	}
	if o.Mark != 0 {
		// Without the privilege that the mark needs, the way is the one without it.
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(o.Mark))
	}
	if o.DontRoute {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DONTROUTE, 1)
	}
	if o.Broadcast {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	}
	if err == nil && o.Source.IsValid() {
		err = unix.Bind(fd, kernel.Sockaddr(o.Source, 0))
	}
	if err == nil {
		err = unix.Connect(fd, kernel.Sockaddr(dst, somewhere))
	}
	if err != nil {
		_ = unix.Close(fd)
		return 0, err
	}
	return fd, nil
}

// Source returns the address that a datagram to dst leaves with. The error is
// that of the system: no route, a broadcast address without [Options.Broadcast].
func Source(dst netip.Addr, o Options) (netip.Addr, error) {
	fd, err := connect(dst.Unmap(), &o)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("connect: %w", err)
	}
	defer unix.Close(fd)
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("getsockname: %w", err)
	}
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr), nil
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr), nil
	}
	return netip.Addr{}, fmt.Errorf("getsockname: %w", unix.EAFNOSUPPORT)
}

// pathMTU returns how long a datagram may be, as far as the kernel knows.
func pathMTU(dst netip.Addr, o *Options) (int, error) {
	fd, err := connect(dst, o)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	if dst.Is6() {
		return unix.GetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MTU)
	}
	return unix.GetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MTU)
}
