package tun

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const device = "/dev/net/tun"

// needs is what to do about a missing privilege.
const needs = "run as root or with the capability CAP_NET_ADMIN"

// A Device is an open TUN device. One goroutine may receive, send and wait, and
// close it when it has done; [Device.Interrupt] may be called from any other at
// any time.
type Device struct {
	name string
	fd   int // -1: closed

	mu   sync.Mutex
	wake int // eventfd that ends a Wait; -1: closed
}

// Open makes the device with this name, "" for one that the kernel chooses, sets
// it up and takes it into service. The errors say what is missing: the device
// file, the capability, or a name that is free.
func Open(name string, s Setup) (*Device, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("tun: %s: %w: %s", device, err, needs)
	case err != nil:
		return nil, fmt.Errorf("tun: %s: %w", device, err)
	}
	d := &Device{fd: fd, wake: -1}
	if err := d.create(name); err != nil {
		_ = d.release()
		return nil, err
	}
	if err := d.setup(s); err != nil {
		_ = d.release()
		return nil, err
	}
	return d, nil
}

func (d *Device) create(name string) error {
	req, err := unix.NewIfreq(name)
	if err != nil {
		return fmt.Errorf("tun: name %q: %w", name, err)
	}
	req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	switch err := unix.IoctlIfreq(d.fd, unix.TUNSETIFF, req); {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("tun: %w: %s", os.ErrPermission, needs)
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("tun: %q is in use", name)
	case err != nil:
		return fmt.Errorf("tun: %q: %w", name, err)
	}
	d.name = req.Name()
	if d.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("tun: eventfd: %w", err)
	}
	return nil
}

// setup gives the kernel's end its addresses and routes.
func (d *Device) setup(s Setup) error {
	l, err := netlink.LinkByName(d.name)
	if err != nil {
		return fmt.Errorf("tun: %s: %w", d.name, err)
	}
	if s.MTU > 0 {
		if err := netlink.LinkSetMTU(l, s.MTU); err != nil {
			return fmt.Errorf("tun: %s: mtu %d: %w", d.name, s.MTU, err)
		}
	}
	for _, p := range s.Addrs {
		a := &netlink.Addr{IPNet: ipNet(p)}
		if p.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD // nobody on a TUN answers to duplicate address detection
		}
		if err := netlink.AddrAdd(l, a); err != nil {
			return fmt.Errorf("tun: %s: address %v: %w", d.name, p, err)
		}
	}
	if err := netlink.LinkSetUp(l); err != nil {
		return fmt.Errorf("tun: %s: up: %w", d.name, err)
	}
	for _, r := range s.Routes {
		to := &netlink.Route{LinkIndex: l.Attrs().Index, Dst: ipNet(r.To)}
		if r.Via.IsValid() {
			to.Gw = r.Via.AsSlice()
		}
		if err := netlink.RouteAdd(to); err != nil {
			return fmt.Errorf("tun: %s: route to %v: %w", d.name, r.To, err)
		}
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// Name returns the name of the interface.
func (d *Device) Name() string { return d.name }

// Receive reads one datagram into b, which must hold the MTU, and returns its
// length; ok is false when none waits.
func (d *Device) Receive(b []byte) (n int, ok bool, err error) {
	for {
		n, errno := call(unix.SYS_READ, d.fd, b)
		switch {
		case errno == 0:
			return n, true, nil
		case errno == unix.EINTR:
		case errno == unix.EAGAIN:
			return 0, false, nil
		case d.fd < 0:
			return 0, false, ErrClosed
		default:
			return 0, false, fmt.Errorf("tun: %s: read: %w", d.name, errno)
		}
	}
}

// Send gives one datagram to the kernel. A datagram that the kernel does not
// want, because the interface is down or it is none, is lost without an error,
// as on any link.
func (d *Device) Send(b []byte) error {
	for {
		_, errno := call(unix.SYS_WRITE, d.fd, b)
		switch {
		case errno == 0, errno == unix.EIO, errno == unix.EINVAL, errno == unix.ENOBUFS, errno == unix.EAGAIN:
			return nil
		case errno == unix.EINTR:
		case d.fd < 0:
			return ErrClosed
		default:
			return fmt.Errorf("tun: %s: write: %w", d.name, errno)
		}
	}
}

// call reads or writes without telling the scheduler of the runtime, which
// costs as much as some of these calls: they do not block.
func call(trap uintptr, fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), errno
}

// Wait returns when a datagram has arrived, at the time until, or when it is
// interrupted, whichever comes first. The zero time is never. It keeps the time
// to some tens of microseconds, which the runtime's own timers do not.
func (d *Device) Wait(until time.Time) error {
	if d.fd < 0 {
		return ErrClosed
	}
	fds := [2]unix.PollFd{{Fd: int32(d.fd), Events: unix.POLLIN}, {Fd: int32(d.wake), Events: unix.POLLIN}}
	var ts *unix.Timespec
	if !until.IsZero() {
		t := unix.NsecToTimespec(max(int64(time.Until(until)), 0))
		ts = &t
	}
	_, err := unix.Ppoll(fds[:], ts, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("tun: %s: poll: %w", d.name, err)
	}
	if fds[1].Revents != 0 {
		var b [8]byte
		_, _ = unix.Read(d.wake, b[:])
	}
	return nil
}

// Interrupt ends the Wait that is going on, or else the next one. It does
// nothing when the device is closed.
func (d *Device) Interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wake >= 0 {
		_, _ = unix.Write(d.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

// Close takes the interface away, and its addresses and routes with it. What is
// called afterwards returns [ErrClosed], or does nothing.
func (d *Device) Close() error {
	if d.fd < 0 {
		return nil
	}
	return d.release()
}

func (d *Device) release() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wake >= 0 {
		_ = unix.Close(d.wake)
	}
	fd := d.fd
	d.fd, d.wake = -1, -1
	return unix.Close(fd)
}
