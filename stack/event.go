package stack

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
)

// EventKind is what happened.
type EventKind uint8

// The events.
const (
	EventDrop       EventKind = iota + 1 // a datagram ends here; Drop says why
	EventForward                         // a datagram goes on
	EventDeliver                         // a datagram was handed to the upper layer
	EventAnswer                          // a query was answered
	EventError                           // an error was sent; Cause says why
	EventWithheld                        // an error was due and not sent; Drop says why, Cause what about
	EventSend                            // a datagram of the upper layer leaves
	EventFragment                        // a datagram was split
	EventReassemble                      // fragments were put together
	EventTrouble                         // an error was received and believed
	EventRedirect                        // Dst is reached through Via from now on
	EventPMTU                            // the path to Dst takes MTU octets from now on
	EventAdvertise                       // a router advertisement was sent, or heard
	numEventKinds
)

var eventKinds = [numEventKinds]string{
	EventDrop: "drop", EventForward: "forward", EventDeliver: "deliver", EventAnswer: "answer",
	EventError: "error", EventWithheld: "withheld", EventSend: "send", EventFragment: "fragment",
	EventReassemble: "reassemble", EventTrouble: "trouble", EventRedirect: "redirect",
	EventPMTU: "pmtu", EventAdvertise: "advertise",
}

// String returns the kind as one word.
func (k EventKind) String() string {
	if k == 0 || k >= numEventKinds {
		return "none"
	}
	return eventKinds[k]
}

// Event is something that a node did, for people and tests. Fields that do not
// apply are zero.
type Event struct {
	Time     time.Time
	Kind     EventKind
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

// events is a ring that forgets its oldest when it is full.
type events struct {
	ring  []Event
	first int
	count int
}

func (r *events) put(e Event) {
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

func (r *events) get() (Event, bool) {
	if r.count == 0 {
		return Event{}, false
	}
	e := r.ring[r.first]
	r.first = (r.first + 1) % len(r.ring)
	r.count--
	return e, true
}
