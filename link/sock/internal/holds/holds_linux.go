// Package holds has ports held while probes ask from them, so that the kernel
// knows of somebody there.
package holds

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/wire/ip"
)

// Max is how many ports are held at one time: as many as there are probes on the
// way in a trace, and a fraction of what a process may have open.
const Max = 128

// Holds are sockets that hold ports. What comes is received by other sockets;
// these have next to no room for it, which costs a tenth of a filter that throws
// it away. The oldest go first. The zero value holds none.
type Holds struct {
	fds  map[key]int // -1: somebody else has it
	ring [Max]key
	next int
}

type key struct {
	v6    bool
	proto ip.Proto
	port  uint16
}

// Hold holds a port of an address of this machine. Where somebody has it already,
// nothing is to be done.
func (h *Holds) Hold(local netip.Addr, proto ip.Proto, port uint16) {
	k := key{local.Is6(), proto, port}
	if _, ok := h.fds[k]; ok {
		return
	}
	fd, err := unix.Socket(kernel.Domain(k.v6), unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(proto))
	if err != nil {
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1) // the least: one or two datagrams
	if k.v6 {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if unix.Bind(fd, kernel.Sockaddr(local, port)) != nil {
		_ = unix.Close(fd)
		fd = -1
	}
	if h.fds == nil {
		h.fds = map[key]int{}
	}
	old := &h.ring[h.next%Max]
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

// Close lets go of all ports.
func (h *Holds) Close() {
	for _, fd := range h.fds {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
	h.fds = nil
}
