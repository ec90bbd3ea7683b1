package kernel

import (
	"net"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Domain is the family of a socket.
func Domain(v6 bool) int {
	if v6 {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// Sockaddr is an address as system calls have it.
func Sockaddr(a netip.Addr, port uint16) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(port)}
	}
	return &unix.SockaddrInet6{Addr: a.As16(), Port: int(port), ZoneId: uint32(Zone(a))}
}

// Attach lets the kernel run the program over what is to reach the socket.
func Attach(fd int, code []bpf.Instruction) error {
	raw, err := bpf.Assemble(code)
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}

// short is for how long a wait is kept from the runtime's scheduler: telling it
// costs more than such a wait is worth. A signal ends it, also that by which the
// runtime stops a goroutine.
const short = 8 * time.Millisecond

// Poll waits until one of fds is ready, or for the time until; the zero time is
// never. It may return for no reason.
func Poll(fds []unix.PollFd, until time.Time) error {
	var ts *unix.Timespec
	wait := time.Duration(-1)
	if !until.IsZero() {
		wait = max(time.Until(until), 0)
		t := unix.NsecToTimespec(int64(wait))
		ts = &t
	}
	var errno unix.Errno
	if wait >= 0 && wait <= short {
		_, _, errno = unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(unsafe.Pointer(ts)), 0, 0, 0)
	} else {
		_, _, errno = unix.Syscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(unsafe.Pointer(ts)), 0, 0, 0)
	}
	if errno != 0 && errno != unix.EINTR {
		return errno
	}
	if errno != 0 {
		for i := range fds {
			fds[i].Revents = 0
		}
	}
	return nil
}

// Drops returns how many datagrams the kernel has thrown away for want of room.
func Drops(fd int) (uint32, bool) {
	var info [9]uint32 // SK_MEMINFO_VARS; the last is SK_MEMINFO_DROPS
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	return info[8], errno == 0
}

// Pending takes the error that waits on a socket, and forgets it.
func Pending(fd int) {
	_, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
}

// InterfaceName returns the name of an interface, its number when it has none.
func InterfaceName(index int) string {
	if i, err := net.InterfaceByIndex(index); err == nil {
		return i.Name
	}
	return strconv.Itoa(index)
}

// Zone returns the number of an address's zone, which may be written as one
// (RFC 4007 §11.2); 0: none.
func Zone(a netip.Addr) int {
	if a.Zone() == "" {
		return 0
	}
	if i, err := net.InterfaceByName(a.Zone()); err == nil {
		return i.Index
	}
	n, err := strconv.ParseUint(a.Zone(), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// Precise makes the waits of the calling thread as exact as the kernel can, and
// returns what makes them as they were.
func Precise() (restore func()) {
	old, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil || unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) != nil {
		return func() {}
	}
	return func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(old), 0, 0, 0) }
}
