package ring

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// frames is how many frames each AF_XDP socket has.
const frames = 512

// descLen is the length of a descriptor of the transmit ring, in octets.
const descLen = int(unsafe.Sizeof(unix.XDPDesc{}))

// maxBudget is XDP_MAX_TX_SKB_BUDGET: how many frames one call may send. The
// kernel takes 32, unless it knows the option (Linux 6.17).
const maxBudget = 9

// xdpSender is an AF_XDP socket in copy mode, that only sends.
type xdpSender struct {
	fd   int
	head headers
	mem  *xdpMemory
	lane int
	tx   xdpRing
	free []uint64 // frames that are ours
	news uint32   // descriptors that were written and not given away yet
}

// xdpMemory is the frames of all sockets of a link, and the ring by which they
// come back: an interface lends one to a queue.
type xdpMemory struct {
	fd     int // of the socket it belongs to
	frames []byte
	users  atomic.Int32

	mu   sync.Mutex
	cq   xdpRing
	back [][]uint64 // of each lane: the frames that have come back
}

// xdpRing is a ring that is shared with the kernel.
type xdpRing struct {
	mem                []byte
	producer, consumer *uint32
	data               unsafe.Pointer
	mask               uint32
}

// newXDP opens a socket for each of n lanes, or fewer where there cannot be so
// many.
func newXDP(index int, h headers, n int) ([]sender, error) {
	m := &xdpMemory{fd: -1, back: make([][]uint64, n)}
	var all []sender
	for lane := range n {
		x := &xdpSender{fd: -1, head: h, mem: m, lane: lane}
		m.users.Add(1)
		if err := x.open(index); err != nil {
			x.close()
			if lane == 0 {
				return nil, err
			}
			break
		}
		all = append(all, x)
	}
	return all, nil
}

func (x *xdpSender) open(index int) (err error) {
	if x.fd, err = unix.Socket(unix.AF_XDP, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return os.NewSyscallError("socket", err)
	}
	at := &unix.SockaddrXDP{Flags: unix.XDP_SHARED_UMEM, Ifindex: uint32(index), SharedUmemFD: uint32(x.mem.fd)}
	if x.lane == 0 {
		at = &unix.SockaddrXDP{Flags: unix.XDP_COPY, Ifindex: uint32(index)}
		if err := x.mem.register(x.fd); err != nil {
			return err
		}
	}
	if err := unix.SetsockoptInt(x.fd, unix.SOL_XDP, unix.XDP_TX_RING, frames); err != nil {
		return fmt.Errorf("ring of AF_XDP: %w", os.NewSyscallError("setsockopt", err))
	}
	_ = unix.SetsockoptInt(x.fd, unix.SOL_XDP, maxBudget, batch)
	off, err := xdpOffsets(x.fd)
	if err != nil {
		return err
	}
	if err := x.tx.open(x.fd, unix.XDP_PGOFF_TX_RING, off.Tx, descLen, frames); err != nil {
		return err
	}
	for i := range frames {
		x.free = append(x.free, uint64((x.lane*frames+i)*slot))
	}
	return os.NewSyscallError("bind", x.bind(at))
}

// release is how long the kernel may take to let go of a queue whose socket was
// closed: it does so when it finds the time.
const release = 100 * time.Millisecond

func (x *xdpSender) bind(at *unix.SockaddrXDP) error {
	begun := time.Now()
	for pause := time.Millisecond; ; pause *= 2 {
		err := unix.Bind(x.fd, at)
		if err != unix.EBUSY || time.Since(begun) > release {
			return err
		}
		if err := poll(nil, pause); err != nil {
			return err
		}
	}
}

// register makes the memory, for all lanes, that of a socket.
func (m *xdpMemory) register(fd int) (err error) {
	size := len(m.back) * frames * slot
	if m.frames, err = unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS); err != nil {
		return os.NewSyscallError("mmap", err)
	}
	m.fd = fd
	reg := unix.XDPUmemReg{Addr: uint64(uintptr(unsafe.Pointer(&m.frames[0]))), Len: uint64(size), Size: slot}
	if err := setsockopt(fd, unix.XDP_UMEM_REG, unsafe.Pointer(&reg), unsafe.Sizeof(reg)); err != nil {
		return os.NewSyscallError("XDP_UMEM_REG", err)
	}
	room := frames // for all frames, a power of two
	for room < len(m.back)*frames {
		room *= 2
	}
	for option, size := range map[int]int{unix.XDP_UMEM_FILL_RING: 2, unix.XDP_UMEM_COMPLETION_RING: room} {
		if err := unix.SetsockoptInt(fd, unix.SOL_XDP, option, size); err != nil {
			return fmt.Errorf("ring of AF_XDP: %w", os.NewSyscallError("setsockopt", err))
		}
	}
	off, err := xdpOffsets(fd)
	if err != nil {
		return err
	}
	return m.cq.open(fd, unix.XDP_UMEM_PGOFF_COMPLETION_RING, off.Cr, 8, room)
}

func xdpOffsets(fd int) (off unix.XDPMmapOffsets, err error) {
	size := uint32(unsafe.Sizeof(off))
	if _, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_XDP, unix.XDP_MMAP_OFFSETS,
		uintptr(unsafe.Pointer(&off)), uintptr(unsafe.Pointer(&size)), 0); errno != 0 {
		return off, os.NewSyscallError("XDP_MMAP_OFFSETS", errno)
	}
	return off, nil
}

func setsockopt(fd, option int, p unsafe.Pointer, size uintptr) error {
	if _, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_XDP, uintptr(option), uintptr(p), size, 0); errno != 0 {
		return errno
	}
	return nil
}

func (r *xdpRing) open(fd int, at int64, off unix.XDPRingOffset, size, n int) (err error) {
	r.mem, err = unix.Mmap(fd, at, int(off.Desc)+n*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	r.producer = (*uint32)(unsafe.Pointer(&r.mem[off.Producer]))
	r.consumer = (*uint32)(unsafe.Pointer(&r.mem[off.Consumer]))
	r.data = unsafe.Pointer(&r.mem[off.Desc])
	r.mask = uint32(n - 1)
	return nil
}

// put writes a frame. There is one: flush sees to it that a batch of them is free.
func (x *xdpSender) put(d []byte) {
	at := x.free[len(x.free)-1]
	x.free = x.free[:len(x.free)-1]
	b := x.mem.frames[at:][:slot]
	n := copy(b, x.head.of(d))
	n += copy(b[n:], d)
	i := (*x.tx.producer + x.news) & x.tx.mask
	*(*unix.XDPDesc)(unsafe.Add(x.tx.data, int(i)*descLen)) = unix.XDPDesc{Addr: at, Len: uint32(n)}
	x.news++
}

// reclaim takes back the frames that the kernel has done with. The ring has those
// of the other lanes too.
func (x *xdpSender) reclaim() {
	m := x.mem
	m.mu.Lock()
	defer m.mu.Unlock()
	p, c := atomic.LoadUint32(m.cq.producer), *m.cq.consumer
	for ; c != p; c++ {
		at := *(*uint64)(unsafe.Add(m.cq.data, int(c&m.cq.mask)*8))
		lane := at / (frames * slot)
		m.back[lane] = append(m.back[lane], at)
	}
	atomic.StoreUint32(m.cq.consumer, c)
	x.free = append(x.free, m.back[x.lane]...)
	m.back[x.lane] = m.back[x.lane][:0]
}

// kick has the kernel send.
func (x *xdpSender) kick() unix.Errno {
	_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(x.fd), 0, 0, unix.MSG_DONTWAIT, 0, 0)
	return errno
}

func (x *xdpSender) flush() (sent, unsent, left int, err error) {
	before := atomic.LoadUint32(x.tx.consumer)
	atomic.StoreUint32(x.tx.producer, *x.tx.producer+x.news)
	x.news = 0
	for at := before; ; {
		errno := x.kick()
		now := atomic.LoadUint32(x.tx.consumer)
		moved := now - at
		at = now
		x.reclaim()
		left = int(*x.tx.producer - at)
		if errno == unix.EBUSY && moved > 0 {
			unsent++ // the device has thrown the last one away
		}
		sent = int(at-before) - unsent
		switch {
		case left == 0 && (errno == 0 || full(errno)):
			if len(x.free) < batch {
				left = 1 // the device holds too many frames: wait for them
			}
			return sent, unsent, left, nil
		case errno == unix.EBUSY && moved > 0:
		case errno == 0 || errno == unix.EAGAIN && moved > 0 || errno == unix.EINTR:
		case full(errno):
			return sent, unsent, left, nil
		default:
			return sent, unsent, 0, errno
		}
	}
}

func (x *xdpSender) close() {
	if x.tx.mem != nil {
		_ = unix.Munmap(x.tx.mem)
	}
	if x.fd >= 0 {
		_ = unix.Close(x.fd)
	}
	if x.mem.users.Add(-1) == 0 {
		x.mem.close()
	}
}

func (m *xdpMemory) close() {
	for _, b := range [][]byte{m.cq.mem, m.frames} {
		if b != nil {
			_ = unix.Munmap(b)
		}
	}
}
