package live

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/link/internal/blocks"
)

// needs is what to do about a missing privilege.
const needs = "run as root or with the capability CAP_NET_RAW"

// A Capture captures from an interface. One goroutine may read, and close it
// when it has done; [Capture.Interrupt] and [Capture.Stats] may be called from
// any other at any time.
type Capture struct {
	name     string // of the interface, or Any
	link     frame.LinkType
	loopback int32          // the index of the loopback device
	filter   *filter.Filter // to be run here; nil: the kernel does
	names    map[int32]string

	fd     int // -1: closed
	ring   blocks.Ring
	packet capture.Packet
	called atomic.Bool // Interrupt was

	mu     sync.Mutex
	wake   int // eventfd that ends a poll; -1: closed
	stats  Stats
	device *netlink.Handle // asks about the interface; nil: nobody does
	index  int             // of the interface
	before uint64          // Stats.Missed, when it began
}

// Open begins to capture from the interface with this name, or from [Any]. The
// errors say what is missing: the interface, the capability, memory for the
// ring; or are a *wire.FieldError about cfg.
func Open(name string, cfg Config) (*Capture, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Capture{name: name, fd: -1, wake: -1, names: map[int32]string{}}
	if err := c.open(cfg); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("live: %s: %w", name, err)
	}
	return c, nil
}

// device is what the kernel tells of an interface.
type device struct {
	index int32
	kind  uint16 // ARPHRD_…
}

// look asks the kernel about an interface, through any socket.
func look(name string) (device, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return device{}, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(name)
	if err != nil {
		return device{}, errors.New("no such interface")
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req); err != nil {
		if errors.Is(err, unix.ENODEV) {
			return device{}, errors.New("no such interface")
		}
		return device{}, os.NewSyscallError("SIOCGIFINDEX", err)
	}
	d := device{index: int32(req.Uint32())}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return device{}, os.NewSyscallError("SIOCGIFHWADDR", err)
	}
	d.kind = req.Uint16()
	return d, nil
}

// open makes the socket: filter and ring are there before the first packet.
func (c *Capture) open(cfg Config) error {
	var d device
	kind := unix.SOCK_DGRAM
	c.link = frame.Cooked2
	if c.name != Any {
		var err error
		if d, err = look(c.name); err != nil {
			return err
		}
		c.names[d.index] = c.name
		switch d.kind {
		case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
			kind, c.link = unix.SOCK_RAW, frame.Ethernet
		case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP:
			kind, c.link = unix.SOCK_RAW, frame.Raw
		}
	}
	if lo, err := look("lo"); err == nil {
		c.loopback = lo.index
	}
	var err error
	if c.fd, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		if errors.Is(err, unix.EPERM) {
			return fmt.Errorf("%w: %s", os.ErrPermission, needs)
		}
		return os.NewSyscallError("socket", err)
	}
	if c.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	if err := c.attach(cfg, kind == unix.SOCK_DGRAM); err != nil {
		return err
	}
	buffer := cfg.Buffer
	if buffer == 0 {
		buffer = DefaultBuffer
	}
	if err := c.ring.Open(c.fd, buffer, blocks.BlockSize, headroom); err != nil {
		return err
	}
	if cfg.Promiscuous && c.name != Any {
		m := unix.PacketMreq{Ifindex: d.index, Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(c.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m); err != nil {
			return os.NewSyscallError("promiscuous mode", err)
		}
	}
	if c.name != Any {
		c.watch(int(d.index))
	}
	all := &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: int(d.index)}
	return os.NewSyscallError("bind", unix.Bind(c.fd, all))
}

// attach gives the filter to the kernel. One about VLAN tags is run here, for
// the kernel takes the outer tag off; so is one that is too long for it.
func (c *Capture) attach(cfg Config, cooked bool) error {
	keep := uint32(capture.MaxPacket)
	if cfg.SnapLen > 0 {
		keep = uint32(cfg.SnapLen)
	}
	program := filter.Program{{Op: 0x06, K: filter.Accept}} // return
	if f := cfg.Filter; f != nil {
		p, err := compile(f, c.link, cooked)
		switch {
		case f.VLAN() || errors.Is(err, filter.ErrTooLong):
			c.filter = f
		case err != nil:
			return err
		default:
			program = p
		}
	}
	steps := make([]unix.SockFilter, len(program))
	for i, s := range program {
		steps[i] = unix.SockFilter{Code: s.Op, Jt: s.Jt, Jf: s.Jf, K: s.K}
		if s.Op == 0x06 && s.K > 0 {
			steps[i].K = keep
		}
	}
	f := unix.SockFprog{Len: uint16(len(steps)), Filter: unsafe.SliceData(steps)}
	return os.NewSyscallError("filter", unix.SetsockoptSockFprog(c.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &f))
}

func compile(f *filter.Filter, link frame.LinkType, cooked bool) (filter.Program, error) {
	if cooked {
		return f.CompileSocket()
	}
	return f.Compile(link)
}

func htons(v uint16) uint16 {
	b := [2]byte{byte(v >> 8), byte(v)}
	return *(*uint16)(unsafe.Pointer(&b))
}

// Link returns what the frames are.
func (c *Capture) Link() frame.LinkType { return c.link }

// Next waits for the next packet. It is valid until the next call. The error is
// [ErrInterrupted], after which it may be called again, [ErrClosed], or what is
// wrong with the interface.
func (c *Capture) Next() (*capture.Packet, error) {
	for {
		if c.called.Load() && c.called.Swap(false) {
			return nil, ErrInterrupted
		}
		if c.fd < 0 {
			return nil, ErrClosed
		}
		h, ok := c.ring.Next()
		if !ok {
			if err := c.wait(); err != nil {
				return nil, err
			}
			continue
		}
		if c.take(h) {
			c.packet.Number++
			return &c.packet, nil
		}
	}
}

// wait returns when there is something to look at: a block of the ring, an
// interrupt.
func (c *Capture) wait() error {
	fds := [2]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}, {Fd: int32(c.wake), Events: unix.POLLIN}}
	if _, err := unix.Poll(fds[:], -1); err != nil {
		if errors.Is(err, unix.EINTR) {
			return nil
		}
		return fmt.Errorf("live: %s: %w", c.name, os.NewSyscallError("poll", err))
	}
	if fds[1].Revents != 0 {
		var b [8]byte
		_, _ = unix.Read(c.wake, b[:])
	}
	if fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) == 0 {
		return nil
	}
	errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return fmt.Errorf("live: %s: %w", c.name, err)
	case unix.Errno(errno) == unix.ENETDOWN:
		return fmt.Errorf("live: %s: the interface is down: %w", c.name, unix.ENETDOWN)
	case errno != 0:
		return fmt.Errorf("live: %s: %w", c.name, unix.Errno(errno))
	}
	return nil
}

// Interrupt ends the Next that is going on, or else the next one. It does
// nothing when the capture is closed.
func (c *Capture) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wake >= 0 {
		c.called.Store(true)
		_, _ = unix.Write(c.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

// watch begins to look after what the interface loses.
func (c *Capture) watch(index int) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return // it is not known then
	}
	c.device, c.index = h, index
	var ok bool
	if c.before, ok = c.missed(); !ok {
		h.Close()
		c.device = nil
	}
}

// missed returns how many packets the interface has lost since it was made, unless
// it has gone.
func (c *Capture) missed() (n uint64, ok bool) {
	l, err := c.device.LinkByIndex(c.index)
	if err != nil || l.Attrs().Statistics == nil {
		return 0, false
	}
	s := l.Attrs().Statistics
	return s.RxDropped + s.RxMissedErrors, true
}

// Stats returns what was counted since [Open].
func (c *Capture) Stats() (Stats, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wake < 0 {
		return c.stats, ErrClosed
	}
	s, err := unix.GetsockoptTpacketStatsV3(c.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return c.stats, fmt.Errorf("live: %s: %w", c.name, os.NewSyscallError("statistics", err))
	}
	c.stats.Received += uint64(s.Packets) // the kernel counts from zero again
	c.stats.Dropped += uint64(s.Drops)
	if c.device != nil {
		if n, ok := c.missed(); ok {
			c.stats.Missed = n - min(n, c.before) // another under its number counts from zero
		}
	}
	return c.stats, nil
}

// Close ends the capture. Packets read before are no longer valid.
func (c *Capture) Close() error {
	if c.fd >= 0 && c.wake >= 0 {
		_, _ = c.Stats() // the last ones
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ring.Close()
	if c.device != nil {
		c.device.Close()
		c.device = nil
	}
	if c.wake >= 0 {
		_ = unix.Close(c.wake)
	}
	fd := c.fd
	c.fd, c.wake = -1, -1
	if fd < 0 {
		return nil
	}
	return unix.Close(fd)
}
