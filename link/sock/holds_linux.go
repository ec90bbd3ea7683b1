package sock

import (
	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/wire/ip"
)

// maxHolds is how many ports are held at one time: as many as there are probes on
// the way in a trace, and a fraction of what a process may have open.
const maxHolds = 128

// holds are sockets that hold ports, so that the kernel knows of somebody there.
// What comes is received by other sockets; these have next to no room for it,
// which costs a tenth of a filter that throws it away. The oldest go first.
type holds struct {
	fds  map[holdKey]int
	ring [maxHolds]holdKey
	next int
}

type holdKey struct {
	v6    bool
	proto ip.Proto
	port  uint16
}

// hold holds a port. Where somebody has it already, nothing is to be done.
func (h *holds) hold(k holdKey, o *Options) {
	if _, ok := h.fds[k]; ok {
		return
	}
	fd, err := unix.Socket(domain(k.v6), unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(k.proto))
	if err != nil {
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1) // the least: one or two datagrams
	if k.v6 {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if unix.Bind(fd, sockaddr(local(o, k.v6), k.port)) != nil {
		_ = unix.Close(fd)
		fd = -1
	}
	old := &h.ring[h.next%maxHolds]
	if was, ok := h.fds[*old]; ok {
		if was >= 0 {
			_ = unix.Close(was)
		}
		delete(h.fds, *old)
	}
	*old = k
	h.fds[k] = fd
	h.next++
}

func (h *holds) close() {
	for _, fd := range h.fds {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
	h.fds = nil
}
