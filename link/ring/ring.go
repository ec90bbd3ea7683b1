package ring

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Engine is how datagrams leave.
type Engine uint8

// The engines.
const (
	Auto   Engine = iota // the first of the others that works
	XDP                  // AF_XDP, copy mode
	Packet               // AF_PACKET, past the queueing discipline
	Raw                  // IP sockets
)

var engineNames = [...]string{"auto", "xdp", "packet", "raw"}

// String returns the engine in a word.
func (e Engine) String() string {
	if int(e) >= len(engineNames) {
		return "unknown"
	}
	return engineNames[e]
}

// MarshalText implements [encoding.TextMarshaler].
func (e Engine) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (e *Engine) UnmarshalText(b []byte) error {
	for i, name := range engineNames {
		if string(b) == name {
			*e = Engine(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no engine: there are auto, xdp, packet and raw", b)
}

// Kind is what is to be received beside ICMP and ICMPv6 errors.
type Kind uint8

// The kinds.
const (
	ICMP Kind = iota // all of ICMP and ICMPv6
	UDP              // UDP from Options.Port to the ports of Options
	TCP              // TCP, likewise
)

// Way is where datagrams leave by.
type Way struct {
	// Interface is that of all targets; "": there are several, and so there is no
	// engine but Raw.
	Interface string
	Index     int // of the interface
	MTU       int // octets; 0: not known
	// Gateway4 and Gateway6 are the next hops of all targets of a family. Where one
	// is missing although there are targets, these are neighbours, or have several
	// next hops.
	Gateway4, Gateway6 netip.Addr
	IPv4, IPv6         bool       // there are targets of the family
	Src4, Src6         netip.Addr // that datagrams leave with
	// Why says why there is no engine but Raw; "": there is.
	Why string
}

// Direct reports whether engines can be used that write the Ethernet header.
func (w *Way) Direct() bool { return w.Why == "" && w.Interface != "" }

// Options are how a link is opened.
type Options struct {
	Way    Way
	Engine Engine
	Kind   Kind
	// Port is the source port of answers, and First to Last the ports that they
	// come to; UDP and TCP alone.
	Port, First, Last uint16
	Buffer            int // of the receive ring, in octets; 0: 8 MiB
	// Lanes is how many engines send side by side when there is much to send; 0: one
	// for each processor, four at most.
	Lanes int
	// Tag is what all echo requests have as the last four of the first twelve octets
	// of their data, so that replies are known by it; 0: there is none. The kernel
	// has nothing more to do with replies then.
	Tag uint32
	// Refused is told why engines that were tried could not be had; may be nil.
	Refused func(e Engine, err error)
}

// Counters count what a link has done.
type Counters struct {
	Sent     uint64 `json:"sent"`     // datagrams that were given to the kernel
	Unsent   uint64 `json:"unsent"`   // … that it has refused
	Received uint64 `json:"received"` // that passed the filter, the dropped included
	Dropped  uint64 `json:"dropped"`  // for want of room in the receive ring
	Busy     uint64 `json:"busy"`     // how often there was no room to send
}

// Errors of a link.
var (
	ErrClosed = errors.New("ring: closed")
	ErrGone   = errors.New("the interface has gone, or is down")
)

// batch is how many datagrams are sent together.
const batch = 256

// appendEther appends an Ethernet header.
func appendEther(b []byte, dst, src net.HardwareAddr, six bool) []byte {
	b = append(append(b, dst...), src...)
	if six {
		return append(b, 0x86, 0xdd)
	}
	return append(b, 0x08, 0x00)
}

// Range is the addresses from First to Last, both ends included.
type Range struct{ First, Last netip.Addr }

// RouteOptions narrow the ways that there are. The zero RouteOptions are the
// system's routes.
type RouteOptions struct {
	Interface  string     // to leave by; "": as routes say
	Src4, Src6 netip.Addr // to leave with; the zero Addr: as routes say
}
