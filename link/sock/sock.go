// Package sock is the sockets of this machine as a [link.Conn].
//
//	c, err := sock.Open(sock.Options{Kinds: []probe.Kind{probe.Echo}})
//	p, err := probe.New(probe.Config{ID: c.ID(), IPID: c.Can().Raw, …})
//	err = c.Use(p)
//	err = drive.Probe(ctx, p, strategy, c, nil)
//
// # With privileges
//
// With CAP_NET_RAW there is one socket for each family to send by, whatever the
// protocol, and one for each family and protocol to receive by; a filter in the
// kernel lets through what may be the prober's (P-05). The IP header is written
// here (IP_HDRINCL, IPV6_HDRINCL): each field of it is the probe's own, for no
// more than one system call for a batch, and what is quoted back is what was
// sent. What is longer than the MTU, and may be, is fragmented here.
//
// For a prober that wants to hear of translated probes ([probe.Config.Rewritten])
// the filter lets through errors, too, that quote other ports or another identifier
// than its own, when they are about an IPv4 datagram to one of the first sixteen
// that it asks, and the first octet of the identification is that of all its
// probes. Without privileges the kernel matches errors by what they quote, so that
// none of those arrives.
//
// A UDP port that probes leave from is held by a socket of its own, so that the
// kernel does not answer a reply with port unreachable.
//
// # Without
//
// Echo goes over ICMP datagram sockets, where net.ipv4.ping_group_range lets the
// group, and UDP over sockets as any program has them. Errors come by the error
// queue (IP_RECVERR), which says of the probe what this package then knows: see
// [link.Abilities]. Everything else is refused with a [*link.PrivilegeError]
// (P-06).
//
// # Times
//
// Arrivals have the time at which the kernel took them from the driver, and probes
// that at which it gave them to the driver, unless [link.Options.NoSentStamps]; each
// stamp says who took it (P-04). The very first arrivals may have been stamped by
// the program: the kernel begins to look at the clock a little later than it is
// asked to.
//
// Linux has all of this. Elsewhere there is what the system offers: echo, and with
// privileges the rest of ICMP and UDP, stamped by the program.
package sock

import "github.com/sonde-net/sonde/link"

// How sockets are opened stands in package link, for all that are links.
type (
	Options  = link.Options
	Discover = link.Discover
)

// The modes of path MTU discovery.
const (
	AsProbe     = link.AsProbe
	Want        = link.Want
	Dont        = link.Dont
	Do          = link.Do
	IgnoreKnown = link.IgnoreKnown
)
