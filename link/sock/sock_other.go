//go:build !linux

package sock

import (
	"net/netip"

	"github.com/sonde-net/sonde/link/sock/internal/portable"
)

// Conn is the sockets of this machine. It implements [link.Conn]. Make one with
// [Open].
type Conn = portable.Conn

// Open opens the sockets: raw ICMP ones, or where these are not allowed, ICMP
// datagram sockets, where the system has them. The error is a
// [*link.PrivilegeError] when it has not.
func Open(o Options) (*Conn, error) { return portable.Open(o) }

// Source returns the address that a datagram to dst leaves with.
func Source(dst netip.Addr, o Options) (netip.Addr, error) { return portable.Source(dst, o) }

// Precise does nothing: the system does not let one choose.
func Precise() (restore func()) { return func() {} }
