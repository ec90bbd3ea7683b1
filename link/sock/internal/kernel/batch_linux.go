// Package kernel is the system calls of the sockets: many datagrams at a time,
// what comes with them, options. Linux only.
package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// controlLen is more than all that the sockets ask for takes: stamps, addresses,
// IP options, the description of an error.
const controlLen = 512

// An Inbox receives datagrams, many at a time. What it holds is good until the
// next call.
type Inbox struct {
	msgs    []unix.Mmsghdr
	iovs    []unix.Iovec
	names   []unix.RawSockaddrInet6 // the larger of the two
	bufs    []byte
	control []byte
	size    int
	next    int // how many are asked for next time
	singles int // how often in a row one was asked for, and came
}

// alone is how often in a row one datagram comes before more are asked for: where
// the next is sent when one has come, there never are.
const alone = 8

// NewInbox makes an Inbox for n datagrams of at most size octets.
func NewInbox(n, size int) *Inbox {
	in := &Inbox{
		msgs: make([]unix.Mmsghdr, n), iovs: make([]unix.Iovec, n), names: make([]unix.RawSockaddrInet6, n),
		bufs: make([]byte, n*size), control: make([]byte, n*controlLen), size: size, next: 1,
	}
	for i := range in.msgs {
		in.iovs[i].Base = &in.bufs[i*size]
		in.iovs[i].SetLen(size)
		h := &in.msgs[i].Hdr
		h.Iov = &in.iovs[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&in.names[i]))
		h.Control = &in.control[i*controlLen]
	}
	return in
}

// Size returns how long a datagram may be.
func (in *Inbox) Size() int { return in.size }

// Receive receives what waits and does not wait. More says that there may be
// more: it asks for as many as have come lately, because to ask for more than
// there are costs nearly as much as one that is there.
func (in *Inbox) Receive(fd, flags int) (n int, more bool, errno unix.Errno) {
	ask := in.next
	n, errno = in.receive(fd, flags, ask)
	if n < ask {
		if in.next = n; n == 0 { // as many as came before there were none left
			in.next = max(ask/2, 1)
		}
		in.singles = 0
		return n, false, errno
	}
	if in.singles++; ask > 1 || in.singles >= alone {
		in.next, in.singles = min(2*ask, len(in.msgs)), 0
	}
	return n, true, errno
}

func (in *Inbox) receive(fd, flags, ask int) (int, unix.Errno) {
	for i := range ask {
		h := &in.msgs[i].Hdr
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(controlLen)
		h.Flags = 0
	}
	for ask == 1 { // the call for one is the quicker one
		n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&in.msgs[0].Hdr)), uintptr(flags|unix.MSG_DONTWAIT))
		if errno != unix.EINTR {
			in.msgs[0].Len = uint32(n)
			return b2i(errno == 0), errno
		}
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&in.msgs[0])),
			uintptr(ask), uintptr(flags|unix.MSG_DONTWAIT), 0, 0)
		if errno != unix.EINTR {
			return int(int32(n)) * b2i(errno == 0), errno
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Message returns the octets of a datagram, and whether there were more.
func (in *Inbox) Message(i int) (b []byte, cut bool) {
	n := min(int(in.msgs[i].Len), in.size)
	return in.bufs[i*in.size:][:n:n], in.msgs[i].Hdr.Flags&unix.MSG_TRUNC != 0
}

// Name returns the address that came with a datagram.
func (in *Inbox) Name(i int) *unix.RawSockaddrInet6 { return &in.names[i] }

// Control returns what came with a datagram.
func (in *Inbox) Control(i int) []byte {
	n := min(int(in.msgs[i].Hdr.Controllen), controlLen)
	return in.control[i*controlLen:][:n:n]
}

// headLen is room for the longest IP header, and for a short payload behind it.
const headLen = 256

// An Outbox sends datagrams, many at a time.
type Outbox struct {
	msgs    []unix.Mmsghdr
	iovs    []unix.Iovec // two to each: header and payload
	names   []unix.RawSockaddrInet6
	heads   []byte
	control []byte
}

// NewOutbox makes an Outbox for n datagrams.
func NewOutbox(n int) *Outbox {
	out := &Outbox{
		msgs: make([]unix.Mmsghdr, n), iovs: make([]unix.Iovec, 2*n), names: make([]unix.RawSockaddrInet6, n),
		heads: make([]byte, n*headLen), control: make([]byte, n*controlLen),
	}
	for i := range out.msgs {
		h := &out.msgs[i].Hdr
		h.Name = (*byte)(unsafe.Pointer(&out.names[i]))
	}
	return out
}

// Len returns how many datagrams there is room for.
func (out *Outbox) Len() int { return len(out.msgs) }

// Head returns room for the header of a datagram.
func (out *Outbox) Head(i int) []byte { return out.heads[i*headLen:][:0:headLen] }

// Room returns room for the control messages of a datagram.
func (out *Outbox) Room(i int) []byte { return out.control[i*controlLen:][:0:controlLen] }

// Name returns the room for the address of a datagram; its length goes to Set.
func (out *Outbox) Name(i int) *unix.RawSockaddrInet6 { return &out.names[i] }

// Set says what a datagram is: head and payload, each of which may be empty, and
// the control messages that go with it.
func (out *Outbox) Set(i, nameLen int, head, payload, control []byte) {
	h := &out.msgs[i].Hdr
	h.Namelen = uint32(nameLen)
	if len(head) > 0 && len(head)+len(payload) <= cap(head) {
		head, payload = append(head, payload...), nil // one piece is quicker than two
	}
	v := out.iovs[2*i : 2*i+2]
	n := 0
	for _, b := range [2][]byte{head, payload} {
		if len(b) > 0 {
			v[n].Base = &b[0]
			v[n].SetLen(len(b))
			n++
		}
	}
	h.Iov = &v[0]
	h.SetIovlen(n)
	h.Control = nil
	if len(control) > 0 {
		h.Control = &control[0]
	}
	h.SetControllen(len(control))
}

// Send sends n datagrams, and returns how many have left. The error is that of
// the first that has not, and comes only when there is none before it.
func (out *Outbox) Send(fd, first, n int) (int, unix.Errno) {
	h := &out.msgs[first].Hdr
	for n == 1 && h.Iovlen == 1 && h.Controllen == 0 {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(h.Iov.Base)), uintptr(h.Iov.Len),
			unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(h.Name)), uintptr(h.Namelen))
		if errno != unix.EINTR {
			return b2i(errno == 0), errno
		}
	}
	for {
		k, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&out.msgs[first])),
			uintptr(n), unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return int(int32(k)) * b2i(errno == 0), errno
		}
	}
}

// Release forgets the payloads, which are the caller's.
func (out *Outbox) Release(n int) {
	for i := range n {
		out.iovs[2*i].Base, out.iovs[2*i+1].Base = nil, nil
	}
}
