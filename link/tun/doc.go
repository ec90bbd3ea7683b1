// Package tun is a TUN device: a network interface of the kernel whose other
// end is this program. What the kernel sends there arrives here as IP
// datagrams, and what is sent here arrives in the kernel.
//
// The device, its addresses and its routes exist as long as it is open. The
// kernel takes all of them away when the program ends, however it ends, so
// there is nothing to clean up after a kill.
//
// Linux only; elsewhere [Open] returns [errors.ErrUnsupported]. It needs the
// capability CAP_NET_ADMIN.
package tun

import (
	"errors"
	"fmt"
	"net/netip"
)

// MaxName is the longest name of an interface, in octets.
const MaxName = 15

// Setup is what the kernel's end of the device is like.
type Setup struct {
	// Addrs are the kernel's addresses on the device, with the length of the
	// network's prefix.
	Addrs []netip.Prefix
	// Routes are further networks that the kernel reaches through it.
	Routes []Route
	MTU    int // octets; 0: 1500
}

// Route is a route of the kernel through the device.
type Route struct {
	To  netip.Prefix
	Via netip.Addr // the zero Addr: the device itself
}

// ErrClosed says that a device was closed.
var ErrClosed = errors.New("tun: device is closed")

// checkName refuses what the kernel takes for no name; "" lets it choose one.
func checkName(name string) error {
	if len(name) > MaxName {
		return fmt.Errorf("tun: name %q: %d octets are over the limit of %d", name, len(name), MaxName)
	}
	for _, r := range name {
		if r <= ' ' || r == '/' || r == ':' || r == '%' || r > '~' {
			return fmt.Errorf("tun: name %q: character %q is not allowed", name, r)
		}
	}
	if name == "." || name == ".." {
		return fmt.Errorf("tun: name %q is not allowed", name)
	}
	return nil
}
