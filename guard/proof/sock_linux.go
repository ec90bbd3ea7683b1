//go:build linux

package proof

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/guard/kind"
)

// buffer is that of a socket that counts, in octets: what is sent between two
// looks at it fits many times.
const buffer = 8 << 20

func ethertype(f kind.Family) uint16 {
	if f == kind.V6 {
		return unix.ETH_P_IPV6
	}
	return unix.ETH_P_IP
}

func swap(n uint16) uint16 { return n<<8 | n>>8 }

// open opens the sockets of a client or server, in whose namespace the thread is.
func (n *node) open() error {
	for _, f := range []kind.Family{kind.V4, kind.V6} {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, int(swap(ethertype(f))))
		if err != nil {
			return fmt.Errorf("packet socket: %w", err)
		}
		n.packet[f] = fd
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer)
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: swap(ethertype(f)), Ifindex: n.link}); err != nil {
			return fmt.Errorf("packet socket: %w", err)
		}
	}
	return nil
}

// raw opens the sockets of the machine, in whose namespace the thread is.
func (n *node) raw() error {
	for _, s := range []struct {
		f             kind.Family
		domain, proto int
		to            map[kind.Family]int
	}{
		{kind.V4, unix.AF_INET, unix.IPPROTO_ICMP, n.hear},
		{kind.V6, unix.AF_INET6, unix.IPPROTO_ICMPV6, n.hear},
		{kind.V4, unix.AF_INET, unix.IPPROTO_RAW, n.send},
		{kind.V6, unix.AF_INET6, unix.IPPROTO_RAW, n.send},
	} {
		fd, err := unix.Socket(s.domain, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, s.proto)
		if err != nil {
			return fmt.Errorf("raw socket: %w", err)
		}
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer)
		s.to[s.f] = fd
	}
	return nil
}

// transmit sends a datagram from a client or server to the machine.
func (n *node) transmit(f kind.Family, b []byte) error {
	to := &unix.SockaddrLinklayer{Protocol: swap(ethertype(f)), Ifindex: n.link, Halen: uint8(len(n.gate))}
	copy(to.Addr[:], n.gate)
	return again(func() error { return unix.Sendto(n.packet[f], b, 0, to) })
}

// emit sends a datagram of the machine itself. That a rule drops it is no error.
func (n *node) emit(f kind.Family, b []byte, dst netip.Addr) error {
	var to unix.Sockaddr = &unix.SockaddrInet6{Addr: dst.As16()}
	if f == kind.V4 {
		to = &unix.SockaddrInet4{Addr: dst.As4()}
	}
	err := again(func() error { return unix.Sendto(n.send[f], b, 0, to) })
	if errors.Is(err, unix.EPERM) {
		return nil
	}
	return err
}

// again repeats what found no room.
func again(send func() error) error {
	const tries = 1000
	err := send()
	for i := 0; i < tries && (errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.EAGAIN)); i++ {
		time.Sleep(time.Millisecond)
		err = send()
	}
	return err
}

// drain hands everything that waits at a socket to each.
func drain(fd int, b []byte, each func([]byte)) error {
	for {
		n, from, err := unix.Recvfrom(fd, b, 0)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOBUFS), err != nil:
			return fmt.Errorf("counting: %w", err)
		}
		if ll, ok := from.(*unix.SockaddrLinklayer); ok && ll.Pkttype == unix.PACKET_OUTGOING {
			continue
		}
		each(b[:n])
	}
}

// How long nothing has to come until nothing more is expected: where all is there,
// and where something is missing that was promised, for on a busy machine the
// kernel may come late.
const (
	quiet = 50 * time.Millisecond
	slow  = 5 * time.Second
)

// settle drains until nothing has come for a while.
func settle(fd int, b []byte, each func([]byte)) error { return wait(fd, b, each, quiet) }

func wait(fd int, b []byte, each func([]byte), quiet time.Duration) error {
	end := time.Now().Add(quiet)
	for {
		left := unix.NsecToTimespec(max(int64(time.Until(end)), 0))
		n, err := unix.Ppoll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, &left, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue // a signal makes it no longer
		case err != nil:
			return err
		case n == 0:
			return nil
		}
		if err := drain(fd, b, each); err != nil {
			return err
		}
		end = time.Now().Add(quiet)
	}
}

// settleAll is settle; where something is missing then, it waits longer.
func settleAll(fd int, b []byte, each func([]byte), missing func() bool) error {
	err := settle(fd, b, each)
	if err == nil && missing() {
		err = wait(fd, b, each, slow)
	}
	return err
}
