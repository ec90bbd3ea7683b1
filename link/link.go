// Package link is what carries a prober's probes: sockets, rings, a host of a
// laboratory are each a [Conn]. Nothing here touches the system; the packages
// below do.
package link

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/probe"
)

// Conn sends the probes of one prober and receives what comes back, in batches,
// with the time at which the kernel or the device saw each. One goroutine uses
// it; Interrupt may be called on any.
type Conn interface {
	// Send sends datagrams in order: txs[i] with the payload payloads[i], as
	// [probe.Prober.Poll] handed them out. It returns how many have left. When
	// these are not all, the error says why the next one has not: [ErrBusy] when
	// it may be tried again soon, [ErrClosed], otherwise something about that one
	// datagram, mostly a [syscall.Errno]. It keeps nothing of what it is given.
	Send(txs []probe.Transmit, payloads [][]byte) (n int, err error)
	// Receive hands what waits to the receiver, a batch at most, and returns how
	// many datagrams that was. Transmit stamps come before the arrivals, so that a
	// reply finds the time of its probe. An error is about the Conn as a whole.
	Receive(now time.Time, to Receiver) (n int, err error)
	// Wait returns when something waits to be received, at the time until (zero:
	// never), or when it is interrupted. It may return for no reason.
	Wait(until time.Time) error
	// Interrupt ends the Wait that is going on, or else the next one.
	Interrupt()
}

// Receiver is who is told; a [*probe.Prober] is one.
type Receiver interface {
	Receive(now time.Time, a *probe.Arrival) probe.Verdict
	Sent(h probe.Handle, at time.Time, by probe.Stamp) bool
}

// The errors of a [Conn] that callers tell apart.
var (
	ErrBusy   = errors.New("link: no room to send now")
	ErrClosed = errors.New("link: closed")
)

// Abilities are what a Conn can do.
type Abilities struct {
	Raw    bool // every kind of probe, every field of the IP header; errors are seen whole
	Stamps bool // arrivals are stamped by the kernel
}

// Counters count what a Conn has done.
type Counters struct {
	Sent     uint64 // datagrams
	Received uint64 // datagrams and errors that reached the program
	// Overflow is how many arrivals the kernel has thrown away because the receive
	// buffer was full: they are not lost on the way. Linux looks at the room before
	// the filter, so that others' packets may be among them.
	Overflow uint64
	Busy     uint64 // how often there was no room to send
}

// A PrivilegeError says that something needs a privilege that the program does
// not have, and how to get it.
type PrivilegeError struct {
	What       string // "ICMP sockets"
	Capability string // "CAP_NET_RAW"; "": the system has none to give
	Program    string // path of the program, for setcap
	Sysctl     bool   // net.ipv4.ping_group_range would do, too
	Err        error  // of the system
}

// Error names what is missing and the ways out.
func (e *PrivilegeError) Error() string {
	if e.Capability == "" {
		return e.What + ": run it with the privileges of an administrator"
	}
	program := e.Program
	if program == "" {
		program = "PROGRAM"
	}
	set := "setcap " + strings.ToLower(e.Capability) + "+ep " + program
	s := e.What + ": missing " + e.Capability + ": either sudo " + set
	if e.Sysctl {
		s += ", or sudo sysctl net.ipv4.ping_group_range=\"0 2147483647\""
	}
	return s + ", or run it with sudo"
}

// Unwrap returns the system's own error.
func (e *PrivilegeError) Unwrap() error { return e.Err }

// A SizeError says that a datagram is longer than what the first link, or by
// what is known the way, carries, and may not be fragmented.
type SizeError struct {
	MTU int   // octets
	Err error // EMSGSIZE
}

// Error is in the words that everyone knows.
func (e *SizeError) Error() string { return "message too long, mtu: " + strconv.Itoa(e.MTU) }

// Unwrap returns the system's own error.
func (e *SizeError) Unwrap() error { return e.Err }

// TooBig returns the MTU: for those who look for it and do not know whose error
// this is.
func (e *SizeError) TooBig() int { return e.MTU }
