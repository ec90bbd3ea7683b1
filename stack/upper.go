package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// Upper is the layer above a node: a TCP, a UDP, a prober, a stub in a test.
// The node asks it two things: take this, and: is this quoted header of
// something of yours? What it is lent it must not keep. It may call
// [Node.Send] from within these methods, and no other method of the node.
type Upper interface {
	// Deliver hands over a whole datagram that is for this node. ICMP messages
	// come here too, after the node has done its own part with them; the answer
	// then does not matter.
	Deliver(now time.Time, p *Packet) Acceptance
	// Recognise judges the header that an ICMP error quotes, before anything is
	// done about the error (RFC 5927, H-05).
	Recognise(now time.Time, q *quote.Quote) Standing
	// Report hands over an error about something that Recognise knew (H-04).
	Report(now time.Time, e *Trouble)
}

// Packet is a datagram as the upper layer gets it, fragments put together.
type Packet struct {
	Iface    int // it came in by; [Loopback]: from this node itself
	Src, Dst netip.Addr
	Proto    ip.Proto
	TTL      ip.TTL
	TOS      uint8  // traffic class in IPv6
	Options  []byte // IPv4 options
	Payload  []byte // behind the IP header and its extensions
	Group    bool   // Dst is a broadcast or multicast address
}

// Loopback is the interface of datagrams that a node sends to itself.
const Loopback = -1

// Acceptance is an upper layer's answer to a datagram.
type Acceptance uint8

// The answers.
const (
	Accepted   Acceptance = iota
	NoProtocol            // nobody claims the protocol: 3/2 is sent
	NoPort                // the protocol has no listener: 3/3 is sent
	Discarded             // claimed, and thrown away: nothing is sent
)

// Standing is how a transport stands to a quoted header.
type Standing uint8

// The standings.
const (
	Unrecognised Standing = iota // nothing in flight fits it: the error is forged or very late
	InFlight                     // it fits something that was sent
	Synchronised                 // it fits, and belongs to a connection that only its peer may end (H-06)
)

// Severity is what kind of trouble an error is to a transport (RFC 1122
// §4.2.3.9).
type Severity uint8

// The severities.
const (
	Soft     Severity = iota // may pass: 3/0, 3/1, 3/5, 11/0, 12, and all about synchronised connections
	Hard                     // will not pass: 3/2, 3/3
	TooBig                   // smaller datagrams will do; MTU says how small
	Slow                     // send slower: source quench (LEGACY)
	Rerouted                 // another first hop is used from now on
)

var severities = [...]string{"soft", "hard", "too big", "slow down", "rerouted"}

// String returns the severity in words.
func (s Severity) String() string {
	if int(s) < len(severities) {
		return severities[s]
	}
	return "unknown"
}

// Trouble is an error that concerns the upper layer.
type Trouble struct {
	From       netip.Addr // who says so; this node itself when a datagram could not leave
	Type, Code uint8      // of the ICMP or ICMPv6 message
	Cause      report.Cause
	Severity   Severity
	MTU        int          // of the path from now on, in octets: TooBig
	Pointer    uint32       // octet at fault, from the quoted IP header on: parameter problem
	Quote      *quote.Quote // what the error is about; lent
	Ext        []byte       // RFC 4884 extension structure; lent
}
