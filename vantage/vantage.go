// Package vantage is places to measure from: this machine, by its sockets, or a
// host of a laboratory, by the real clock or the virtual one. What measures need
// not know which.
//
//	at, err := vantage.OpenLab(topology, vantage.LabOptions{From: "a"})
//	defer at.Close()
//	addrs, err := at.Lookup(ctx, "b", vantage.Any)
//	p, err := at.Prober(probe.Config{})
//	src, err := at.Source(addrs[0])
//	s, err := ping.New(p, ping.Config{Targets: []ping.Target{{Src: src, Dst: addrs[0]}}, …})
//	err = at.Run(ctx, s, func(now time.Time) { … }) // until s is done
package vantage

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
)

// Point is a place to measure from. Its methods are called on one goroutine;
// Interrupt may be called on any.
type Point interface {
	// Now is the time there: by the system's clock, or the laboratory's.
	Now() time.Time
	// Lookup returns the addresses of a name, those of the wanted family, in the
	// order in which they are to be tried; an address is its own. Zones are kept.
	// The errors are [ErrHost], [ErrFamily], and those of the system's resolver.
	Lookup(ctx context.Context, host string, f Family) ([]netip.Addr, error)
	// Source returns the address that a datagram to dst leaves with, unless it
	// says another. The error says why there is no way there.
	Source(dst netip.Addr) (netip.Addr, error)
	// Who returns those who know names and owners of addresses; either may be nil.
	Who() (names.Source, names.Owners)
	// Can reports what can be asked here.
	Can() Abilities

	// Prober makes the prober of this place, once. Fields of c that the place
	// decides (ID, IPID, and a Seed that is 0) are filled in.
	Prober(c probe.Config) (*probe.Prober, error)
	// Run lets s, a strategy of the prober that Prober has made, ask until it is
	// done or ctx is; both are no error. After whatever happens it calls turn on
	// the same goroutine, which may be nil. It may be called again. Without a
	// prober it is an error.
	Run(ctx context.Context, s probe.Strategy, turn func(now time.Time)) error
	// Interrupt makes Run call turn soon though nothing has happened.
	Interrupt()
	// Close gives up what is open. The point is of no use afterwards.
	Close() error
}

// Family is which addresses are wanted.
type Family uint8

// The families.
const (
	Any Family = iota
	IPv4
	IPv6
)

// Is reports whether a is of the family.
func (f Family) Is(a netip.Addr) bool {
	return f == Any || f == IPv4 && a.Is4() || f == IPv6 && a.Is6()
}

// Abilities are what can be done from a point. Without privileges, sockets give
// less than with.
type Abilities struct {
	Raw     bool // every kind of probe and of IP header; errors are seen whole
	Kernel  bool // arrivals are stamped by the kernel
	Virtual bool // time is virtual: nothing has to wait
}

// The errors of [Point.Lookup].
var (
	ErrHost   = errors.New("Name or service not known")
	ErrFamily = errors.New("Address family for hostname not supported")
)
