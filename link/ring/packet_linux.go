package ring

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// headers are the Ethernet headers of each family; nil: there is none of it.
type headers struct{ four, six []byte }

// of returns the header for a datagram.
func (h *headers) of(d []byte) []byte {
	if len(d) > 0 && d[0]>>4 == 6 {
		return h.six
	}
	return h.four
}

// slot is room for a frame, in octets.
const slot = 2048

// messages are datagrams that leave with one call.
type messages struct {
	msgs [batch]unix.Mmsghdr
	iovs [batch]unix.Iovec
	bufs [batch * slot]byte
	n    int
}

func newMessages() *messages {
	m := new(messages)
	for i := range m.msgs {
		m.iovs[i].Base = &m.bufs[i*slot]
		m.msgs[i].Hdr.Iov = &m.iovs[i]
		m.msgs[i].Hdr.SetIovlen(1)
	}
	return m
}

// put takes a datagram behind a header. Its frame is the one that the message has
// now: they change places.
func (m *messages) put(head, d []byte) {
	b := unsafe.Slice(m.iovs[m.n].Base, slot)
	n := copy(b, head)
	n += copy(b[n:], d)
	m.iovs[m.n].SetLen(n)
	m.n++
}

// send sends those from the given one on, and returns how many have left.
func (m *messages) send(fd, from int) (int, unix.Errno) {
	for {
		k, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.msgs[from])),
			uintptr(m.n-from), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(k), 0
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// keepFrom forgets what is before a message: it has left.
func (m *messages) keepFrom(i int) {
	left := m.n - i
	for j := range left {
		// The frames change places, not their octets.
		m.iovs[j], m.iovs[i+j] = m.iovs[i+j], m.iovs[j]
		m.msgs[j].Hdr.Name, m.msgs[i+j].Hdr.Name = m.msgs[i+j].Hdr.Name, m.msgs[j].Hdr.Name
	}
	m.n = left
}

// flush sends all, until there is no room, or an error ends it for all; one for
// which alone returns true is about one datagram.
func (m *messages) flush(fd int, alone func(unix.Errno) bool) (sent, unsent, left int, err error) {
	for at := 0; at < m.n; {
		k, errno := m.send(fd, at)
		sent += k
		at += k
		switch {
		case errno == 0:
		case full(errno):
			m.keepFrom(at)
			return sent, unsent, m.n, nil
		case alone(errno):
			unsent++
			at++
		default:
			m.n = 0
			return sent, unsent, 0, errno
		}
	}
	m.n = 0
	return sent, unsent, 0, nil
}

// full reports whether an error says that there is no room now.
func full(errno unix.Errno) bool {
	return errno == unix.EAGAIN || errno == unix.ENOBUFS || errno == unix.ENOMEM || errno == unix.EBUSY
}

// packetSender is AF_PACKET past the queueing discipline.
type packetSender struct {
	fd   int
	head headers
	*messages
}

func newPacket(index int, h headers) (sender, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	p := &packetSender{fd, h, newMessages()}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		p.close()
		return nil, os.NewSyscallError("PACKET_QDISC_BYPASS", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index}); err != nil {
		p.close()
		return nil, os.NewSyscallError("bind", err)
	}
	return p, nil
}

func (p *packetSender) put(d []byte) { p.messages.put(p.head.of(d), d) }

func (p *packetSender) flush() (sent, unsent, left int, err error) {
	return p.messages.flush(p.fd, func(errno unix.Errno) bool { return errno == unix.EMSGSIZE })
}

func (p *packetSender) close() { _ = unix.Close(p.fd) }

// rawSender is IP sockets, that find the way of each datagram.
type rawSender struct {
	four, six *family
}

// family is the socket of a family, and what waits for it.
type family struct {
	fd    int
	names [batch]unix.RawSockaddrInet6 // the larger of the two
	*messages
}

func newRaw(w *Way) (sender, error) {
	r := new(rawSender)
	var err error
	if w.IPv4 {
		r.four, err = newFamily(unix.AF_INET, unix.IPPROTO_IP, unix.IP_HDRINCL, unix.IP_RECVERR, w.Interface)
	}
	if err == nil && w.IPv6 {
		const hdrincl = 36 // IPV6_HDRINCL
		r.six, err = newFamily(unix.AF_INET6, unix.IPPROTO_IPV6, hdrincl, unix.IPV6_RECVERR, w.Interface)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func newFamily(domain, level, hdrincl, recverr int, device string) (*family, error) {
	fd, err := unix.Socket(domain, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := &family{fd: fd, messages: newMessages()}
	err = unix.SetsockoptInt(fd, level, hdrincl, 1)
	if err == nil {
		// Without it the kernel does not say that a queue was full: what it has
		// thrown away would count as sent.
		err = unix.SetsockoptInt(fd, level, recverr, 1)
	}
	if err == nil && device != "" {
		err = unix.BindToDevice(fd, device)
	}
	if err == nil {
		// Broadcast addresses are left out before, where they are not wanted.
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("setsockopt", err)
	}
	for i := range f.names {
		h := &f.msgs[i].Hdr
		h.Name = (*byte)(unsafe.Pointer(&f.names[i]))
		h.Namelen = unix.SizeofSockaddrInet6
		f.names[i].Family = unix.AF_INET6
		if domain == unix.AF_INET {
			h.Namelen = unix.SizeofSockaddrInet4
			f.names[i].Family = unix.AF_INET
		}
	}
	return f, nil
}

func (r *rawSender) put(d []byte) {
	f, at, size := r.four, 16, 4
	if len(d) > 0 && d[0]>>4 == 6 {
		f, at, size = r.six, 24, 16
	}
	if f == nil {
		return
	}
	h := &f.msgs[f.n].Hdr
	if size == 4 {
		copy((*unix.RawSockaddrInet4)(unsafe.Pointer(h.Name)).Addr[:], d[at:][:size])
	} else {
		copy((*unix.RawSockaddrInet6)(unsafe.Pointer(h.Name)).Addr[:], d[at:][:size])
	}
	f.messages.put(nil, d)
}

func (r *rawSender) flush() (sent, unsent, left int, err error) {
	for _, f := range [...]*family{r.four, r.six} {
		if f == nil || f.n == 0 {
			continue
		}
		s, u, l, err := f.flush(f.fd, about)
		sent, unsent, left = sent+s, unsent+u, left+l
		if err != nil {
			return sent, unsent, left, err
		}
	}
	return sent, unsent, left, nil
}

// about reports whether an error is about one datagram: no route, a neighbour that
// is not there, a firewall.
func about(errno unix.Errno) bool {
	switch errno {
	case unix.ENODEV, unix.ENETDOWN, unix.ENXIO, unix.EBADF:
		return false
	}
	return true
}

func (r *rawSender) close() {
	for _, f := range [...]*family{r.four, r.six} {
		if f != nil {
			_ = unix.Close(f.fd)
		}
	}
}
