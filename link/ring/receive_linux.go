package ring

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/internal/blocks"
)

// defaultBuffer is how large the receive ring is, in octets.
const defaultBuffer = 8 << 20

// packetIgnoreOutgoing is PACKET_IGNORE_OUTGOING: what leaves is not received.
const packetIgnoreOutgoing = 23

// receiver is the ring that arrivals come by.
type receiver struct {
	fd       int // -1: closed
	ring     blocks.Ring
	index    int       // of the interface; 0: all
	consumer *consumer // nil: there is none
}

// open makes the ring, into which nothing comes before bind.
func (r *receiver) open(o *Options) error {
	program, err := o.program()
	if err != nil {
		return err
	}
	r.index = o.Way.Index
	if r.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return os.NewSyscallError("socket", err)
	}
	steps := make([]unix.SockFilter, len(program))
	for i, s := range program {
		steps[i] = unix.SockFilter{Code: s.Op, Jt: s.Jt, Jf: s.Jf, K: s.K}
	}
	f := unix.SockFprog{Len: uint16(len(steps)), Filter: unsafe.SliceData(steps)}
	if err := unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &f); err != nil {
		return os.NewSyscallError("filter", err)
	}
	// A kernel that cannot leaves what goes out to Receive, which leaves it out.
	_ = unix.SetsockoptInt(r.fd, unix.SOL_PACKET, packetIgnoreOutgoing, 1)
	buffer := o.Buffer
	if buffer == 0 {
		buffer = defaultBuffer
	}
	return r.ring.Open(r.fd, buffer, blocks.SmallBlock, 0)
}

func (r *receiver) close() {
	r.ring.Close()
	if r.fd >= 0 {
		_ = unix.Close(r.fd)
	}
	r.fd = -1
}

// bind begins to receive.
func (r *receiver) bind(o *Options) error {
	w := &o.Way
	proto := unix.ETH_P_ALL
	switch {
	case o.Tag != 0 && r.index != 0:
		// All: what receives one protocol comes behind a program at the entrance, of
		// this link or of another with the same tag.
	case w.IPv4 && !w.IPv6:
		proto = unix.ETH_P_IP
	case w.IPv6 && !w.IPv4:
		proto = unix.ETH_P_IPV6
	}
	at := &unix.SockaddrLinklayer{Protocol: htons(uint16(proto)), Ifindex: r.index}
	return os.NewSyscallError("bind", unix.Bind(r.fd, at))
}

func htons(v uint16) uint16 { return v<<8 | v>>8 }

// Receive hands each datagram that waits to take, a batch at most, with the time
// at which the kernel saw it, and returns how many that was. Datagrams are lent
// until take returns.
func (l *Link) Receive(take func(at time.Time, d []byte)) (int, error) {
	const most = 512
	n := 0
	for n < most {
		b, ok := l.in.ring.Next()
		if !ok {
			break
		}
		h := (*blocks.Header)(unsafe.Pointer(&b[0]))
		from := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b[blocks.AddressAt]))
		n++
		if from.Pkttype != unix.PACKET_HOST {
			continue
		}
		d := b[h.Net:][:h.Snaplen]
		if h.Status&unix.TP_STATUS_CSUMNOTREADY != 0 {
			complete(d)
		}
		take(time.Unix(int64(h.Sec), int64(h.Nsec)), d)
	}
	l.received.Add(uint64(n))
	return n, nil
}

// WaitReceive returns when something waits to be received, after d, or when it is
// interrupted.
func (l *Link) WaitReceive(d time.Duration) error {
	if l.in.fd < 0 {
		return ErrClosed
	}
	fds := [2]unix.PollFd{{Fd: int32(l.in.fd), Events: unix.POLLIN}, {Fd: int32(l.wakeIn), Events: unix.POLLIN}}
	if err := poll(fds[:], d); err != nil {
		return l.name(err)
	}
	drain(&fds[1])
	if fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) == 0 {
		return nil
	}
	errno, err := unix.GetsockoptInt(l.in.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	return l.name(err)
}

// name says whose error it is; nil stays nil.
func (l *Link) name(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENETDOWN), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		err = ErrGone
	}
	if l.o.Way.Interface == "" {
		return fmt.Errorf("ring: %w", err)
	}
	return fmt.Errorf("ring: %s: %w", l.o.Way.Interface, err)
}

// poll waits until one of fds is ready, or for d; it may return for no reason.
func poll(fds []unix.PollFd, d time.Duration) error {
	ts := unix.NsecToTimespec(max(int64(d), 0))
	if _, err := unix.Ppoll(fds, &ts, nil); err != nil && !errors.Is(err, unix.EINTR) {
		return os.NewSyscallError("poll", err)
	}
	return nil
}

// drain takes the word that has ended a wait.
func drain(f *unix.PollFd) {
	if f.Revents != 0 {
		var b [8]byte
		_, _ = unix.Read(int(f.Fd), b[:])
	}
}

func wake(fd int) {
	if fd >= 0 {
		_, _ = unix.Write(fd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}
