// Package event is what a node tells of what it has done: for people, for
// tests, for narration.
package event

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// Kind is what happened.
type Kind uint8

// The events.
const (
	Drop       Kind = iota + 1 // a datagram ends here; Drop says why
	Forward                    // a datagram goes on
	Deliver                    // a datagram was handed to the upper layer
	Answer                     // a query was answered
	Error                      // an error was sent; Cause says why
	Withheld                   // an error was due and not sent; Drop says why, Cause what about
	Send                       // a datagram of the upper layer leaves
	Fragment                   // a datagram was split
	Reassemble                 // fragments were put together
	Trouble                    // an error was received and believed
	Redirect                   // Dst is reached through Via from now on
	PMTU                       // the path to Dst takes MTU octets from now on
	Advertise                  // a router advertisement was sent, or heard
	numKinds
)

var kinds = [numKinds]string{
	Drop: "drop", Forward: "forward", Deliver: "deliver", Answer: "answer",
	Error: "error", Withheld: "withheld", Send: "send", Fragment: "fragment",
	Reassemble: "reassemble", Trouble: "trouble", Redirect: "redirect",
	PMTU: "pmtu", Advertise: "advertise",
}

// String returns the kind as one word.
func (k Kind) String() string {
	if k == 0 || k >= numKinds {
		return "none"
	}
	return kinds[k]
}

// Event is something that a node did, for people and tests. Fields that do not
// apply are zero.
type Event struct {
	Time     time.Time
	Kind     Kind
	Iface    int // in by, or out by
	Src, Dst netip.Addr
	Proto    ip.Proto
	Len      int // of the datagram, in octets
	Drop     mib.Drop
	Cause    report.Cause
	Rule     string // row of docs/requirements.md that made it so
	Via      netip.Addr
	MTU      int
	Fragment bool // Src, Dst and Proto are those of a fragment
}

// LogValue implements [slog.LogValuer].
func (e Event) LogValue() slog.Value {
	a := []slog.Attr{slog.String("kind", e.Kind.String())}
	if e.Src.IsValid() {
		a = append(a, slog.String("src", e.Src.String()), slog.String("dst", e.Dst.String()), slog.String("proto", e.Proto.String()))
	}
	if e.Len > 0 {
		a = append(a, slog.Int("len", e.Len))
	}
	if e.Drop != mib.None {
		a = append(a, slog.String("drop", e.Drop.String()))
	}
	if e.Cause != 0 {
		a = append(a, slog.String("cause", e.Cause.String()))
	}
	if e.Rule != "" {
		a = append(a, slog.String("rule", e.Rule))
	}
	if e.Via.IsValid() {
		a = append(a, slog.String("via", e.Via.String()))
	}
	if e.MTU > 0 {
		a = append(a, slog.Int("mtu", e.MTU))
	}
	return slog.GroupValue(a...)
}

// Origin says what made a datagram that leaves a node: [Forward], [Send],
// [Answer], [Advertise], or [Error] with its cause.
type Origin struct {
	Kind  Kind
	Cause report.Cause // of an error
	Type  uint8        // of an answer: that of the ICMP or ICMPv6 message
}

// Rule returns the ID of the row of docs/requirements.md that made the
// datagram; "" for those that others made, and those of the upper layer.
func (o Origin) Rule() string {
	switch o.Kind {
	case Answer:
		return o.answerRule()
	case Error:
		return o.Cause.Rule()
	case Advertise:
		return "G-09"
	}
	return ""
}

// answerRule tells the types of both families apart by their numbers, which
// nowhere overlap.
func (o Origin) answerRule() string {
	switch {
	case icmp4.Type(o.Type) == icmp4.TypeTimestampReply:
		return "H-12"
	case icmp4.Type(o.Type) == icmp4.TypeMaskReply:
		return "H-13"
	case icmp4.Type(o.Type) == icmp4.TypeInfoReply:
		return "H-14"
	case icmp6.Type(o.Type) == icmp6.TypeEchoReply:
		return "H-17"
	case icmp4.Type(o.Type) == icmp4.TypeExtendedEchoReply, icmp6.Type(o.Type) == icmp6.TypeExtendedEchoReply:
		return "H-18"
	}
	return "H-01"
}

// A Ring holds events until they are read, and forgets its oldest when it is
// full. The zero Ring forgets everything.
type Ring struct {
	ring  []Event
	first int
	count int
}

// NewRing returns a ring that holds n events.
func NewRing(n int) Ring { return Ring{ring: make([]Event, n)} }

// On reports whether the ring holds anything at all.
func (r *Ring) On() bool { return len(r.ring) > 0 }

// Put adds an event.
func (r *Ring) Put(e Event) {
	if len(r.ring) == 0 {
		return
	}
	if r.count == len(r.ring) {
		r.first = (r.first + 1) % len(r.ring)
		r.count--
	}
	r.ring[(r.first+r.count)%len(r.ring)] = e
	r.count++
}

// Get returns the oldest event that was not read yet.
func (r *Ring) Get() (Event, bool) {
	if r.count == 0 {
		return Event{}, false
	}
	e := r.ring[r.first]
	r.first = (r.first + 1) % len(r.ring)
	r.count--
	return e, true
}
