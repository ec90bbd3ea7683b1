package probe

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/ip"
)

// What is asked stands in package question, what is told in package event; here
// are both by the names that they go by.
type (
	Probe     = question.Probe
	Kind      = question.Kind
	Handle    = question.Handle
	Stamp     = question.Stamp
	Event     = event.Event
	EventKind = event.Kind
	Claim     = event.Claim
	Shown     = event.Shown
	Answer    = event.Answer
)

// The kinds of probes.
const (
	Echo      = question.Echo
	UDP       = question.UDP
	UDPLite   = question.UDPLite
	TCP       = question.TCP
	Timestamp = question.Timestamp
	Mask      = question.Mask
	Info      = question.Info
	ExtEcho   = question.ExtEcho
	Solicit   = question.Solicit
)

// Who took a time.
const (
	Program = question.Program
	Kernel  = question.Kernel
	Device  = question.Device
)

// The kinds of events.
const (
	Sent      = event.Sent
	Unsent    = event.Unsent
	Reply     = event.Reply
	Error     = event.Error
	Advice    = event.Advice
	Timeout   = event.Timeout
	Late      = event.Late
	Duplicate = event.Duplicate
	Rewritten = event.Rewritten
)

// Transmit is how a datagram is to leave whose payload [Prober.Poll] hands out.
type Transmit struct {
	Handle    Handle
	Target    int
	Src, Dst  netip.Addr // Dst with the zone that the probe has
	Proto     ip.Proto
	TTL       ip.TTL // 0: as the system has it
	TOS       uint8
	DF        bool
	Discover  bool   // leave by the link's MTU, whatever is known of the path: not in fragments, in IPv6 neither
	Group     bool   // Dst is a broadcast or multicast address
	ID        uint16 // IPv4 identification, for those who write the header; see [Config.IPID]
	FlowLabel uint32
	Options   []byte // IPv4; good until the probe is forgotten
}

// Arrival is a datagram that came in. What it refers to is lent.
type Arrival struct {
	From, To netip.Addr // the zero To: it is not known
	Proto    ip.Proto
	TTL      ip.TTL
	TOS      uint8
	Options  []byte // IPv4
	Payload  []byte // behind the IP header: the message
	// Largest is how many octets the largest fragment had that the datagram came
	// in, its IP header included; of one that came whole, the datagram. 0: it is
	// not known.
	Largest int
	// Verified says that the checksum of the payload holds, or that there is no
	// telling, as of what comes from a host on this machine.
	Verified bool
	At       time.Time // when it arrived, by the clock of Stamp; zero: now
	Stamp    Stamp
	// Err is an error that has been read already, in place of a payload: the
	// error queue of a datagram socket knows no message. Its quote holds what is
	// known of the probe.
	Err *claim.Claim
}
