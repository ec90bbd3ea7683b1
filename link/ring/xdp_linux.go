package ring

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// frames is how many frames the memory of an AF_XDP socket has.
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
	mem  []byte // the frames
	tx   xdpRing
	cq   xdpRing
	free []uint64 // frames that are ours
	news uint32   // descriptors that were written and not given away yet
}

// xdpRing is a ring that is shared with the kernel.
type xdpRing struct {
	mem                []byte
	producer, consumer *uint32
	data               unsafe.Pointer
	mask               uint32
}

func newXDP(index int, h headers) (sender, error) {
	x := &xdpSender{fd: -1, head: h}
	if err := x.open(index); err != nil {
		x.close()
		return nil, err
	}
	return x, nil
}

func (x *xdpSender) open(index int) (err error) {
	if x.fd, err = unix.Socket(unix.AF_XDP, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return os.NewSyscallError("socket", err)
	}
	if x.mem, err = unix.Mmap(-1, 0, frames*slot, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS); err != nil {
		return os.NewSyscallError("mmap", err)
	}
	reg := unix.XDPUmemReg{Addr: uint64(uintptr(unsafe.Pointer(&x.mem[0]))), Len: frames * slot, Size: slot}
	if err := setsockopt(x.fd, unix.XDP_UMEM_REG, unsafe.Pointer(&reg), unsafe.Sizeof(reg)); err != nil {
		return os.NewSyscallError("XDP_UMEM_REG", err)
	}
	for option, size := range map[int]int{unix.XDP_UMEM_FILL_RING: 2, unix.XDP_UMEM_COMPLETION_RING: frames, unix.XDP_TX_RING: frames} {
		if err := unix.SetsockoptInt(x.fd, unix.SOL_XDP, option, size); err != nil {
			return fmt.Errorf("ring of AF_XDP: %w", os.NewSyscallError("setsockopt", err))
		}
	}
	_ = unix.SetsockoptInt(x.fd, unix.SOL_XDP, maxBudget, batch)
	var off unix.XDPMmapOffsets
	size := uint32(unsafe.Sizeof(off))
	if _, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(x.fd), unix.SOL_XDP, unix.XDP_MMAP_OFFSETS,
		uintptr(unsafe.Pointer(&off)), uintptr(unsafe.Pointer(&size)), 0); errno != 0 {
		return os.NewSyscallError("XDP_MMAP_OFFSETS", errno)
	}
	if err := x.tx.open(x.fd, unix.XDP_PGOFF_TX_RING, off.Tx, descLen); err != nil {
		return err
	}
	if err := x.cq.open(x.fd, unix.XDP_UMEM_PGOFF_COMPLETION_RING, off.Cr, 8); err != nil {
		return err
	}
	for i := range frames {
		x.free = append(x.free, uint64(i*slot))
	}
	return os.NewSyscallError("bind", unix.Bind(x.fd, &unix.SockaddrXDP{Flags: unix.XDP_COPY, Ifindex: uint32(index)}))
}

func setsockopt(fd, option int, p unsafe.Pointer, size uintptr) error {
	if _, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_XDP, uintptr(option), uintptr(p), size, 0); errno != 0 {
		return errno
	}
	return nil
}

func (r *xdpRing) open(fd int, at int64, off unix.XDPRingOffset, size int) (err error) {
	r.mem, err = unix.Mmap(fd, at, int(off.Desc)+frames*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	r.producer = (*uint32)(unsafe.Pointer(&r.mem[off.Producer]))
	r.consumer = (*uint32)(unsafe.Pointer(&r.mem[off.Consumer]))
	r.data = unsafe.Pointer(&r.mem[off.Desc])
	r.mask = frames - 1
	return nil
}

// put writes a frame. There is one: flush sees to it that a batch of them is free.
func (x *xdpSender) put(d []byte) {
	at := x.free[len(x.free)-1]
	x.free = x.free[:len(x.free)-1]
	b := x.mem[at:][:slot]
	n := copy(b, x.head.of(d))
	n += copy(b[n:], d)
	i := (*x.tx.producer + x.news) & x.tx.mask
	*(*unix.XDPDesc)(unsafe.Add(x.tx.data, int(i)*descLen)) = unix.XDPDesc{Addr: at, Len: uint32(n)}
	x.news++
}

// reclaim takes back the frames that the kernel has done with.
func (x *xdpSender) reclaim() {
	p, c := atomic.LoadUint32(x.cq.producer), *x.cq.consumer
	for ; c != p; c++ {
		x.free = append(x.free, *(*uint64)(unsafe.Add(x.cq.data, int(c&x.cq.mask)*8)))
	}
	atomic.StoreUint32(x.cq.consumer, c)
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
		sent = int(at - before)
		left = int(*x.tx.producer - at)
		switch {
		case left == 0 && (errno == 0 || full(errno)):
			if errno == unix.EBUSY { // the device has thrown the last one away
				unsent++
				sent--
			}
			if len(x.free) < batch {
				left = 1 // the device holds too many frames: wait for them
			}
			return sent, unsent, left, nil
		case errno == unix.EBUSY && moved > 0: // likewise
			unsent++
		case errno == 0 || errno == unix.EAGAIN && moved > 0 || errno == unix.EINTR:
		case full(errno):
			return sent - unsent, unsent, left, nil
		default:
			return sent, unsent, 0, errno
		}
	}
}

func (x *xdpSender) close() {
	for _, m := range [][]byte{x.tx.mem, x.cq.mem} {
		if m != nil {
			_ = unix.Munmap(m)
		}
	}
	if x.fd >= 0 {
		_ = unix.Close(x.fd)
	}
	if x.mem != nil {
		_ = unix.Munmap(x.mem)
	}
}
