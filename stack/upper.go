package stack

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// Upper is the layer above a node: a TCP, a UDP, a prober, a stub in a test.
// The node asks it two things: take this, and: is this quoted header of
// something of yours? What it is lent it must not keep. It may call
// [Node.Send], [Node.SendDatagram] and [Node.Source] from within these methods,
// and no other method of the node.
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
	// Largest is how many octets the largest fragment had that the datagram came
	// in, its headers included; of one that came whole, the datagram.
	Largest int
}

// Loopback is the interface of datagrams that a node sends to itself.
const Loopback = -1

// Acceptance is an upper layer's answer to a datagram.
type Acceptance uint8

// The answers.
const (
	Accepted    Acceptance = iota
	NoProtocol             // nobody claims the protocol: 3/2 is sent
	NoPort                 // the protocol has no listener: 3/3 is sent
	Discarded              // claimed, and thrown away for want of room: nothing is sent
	Malformed              // claimed, and its header is cut or contradicts its length: nothing is sent
	BadChecksum            // claimed, and its checksum does not hold: nothing is sent
)
