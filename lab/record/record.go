// Package record is what a laboratory writes down: each datagram on its way
// over a link with what became of it, each event of a node, and what changes by
// itself, in the order of time. A [Capture] writes the datagrams to a pcapng file.
package record

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/route"
)

// Fate is what became of a datagram on a link.
type Fate uint8

// The fates.
const (
	Delivered  Fate = iota // it arrives
	Lost                   // the link loses it, as it was told to
	TooBig                 // it is over the link's MTU, and vanishes
	Cut                    // the link is down
	Unresolved             // nobody on the link has the address of the next hop
	Crowded                // more is in flight than the laboratory has room for
	numFates
)

var fates = [numFates]string{"delivered", "lost", "over the MTU of the link", "link is down", "nobody answers for the next hop", "too much in flight"}

// String returns the fate in words.
func (f Fate) String() string {
	if f >= numFates {
		return "unknown"
	}
	return fates[f]
}

// ChangeKind is what has changed in the network by itself.
type ChangeKind uint8

// The changes. Those of a link are by the clock of the topology; who turns one
// otherwise knows.
const (
	LinkDown ChangeKind = iota + 1
	LinkUp
	Route // a node reaches a network by other hops than before
)

// String returns the change in words.
func (k ChangeKind) String() string {
	switch k {
	case LinkDown:
		return "link goes down"
	case LinkUp:
		return "link comes up"
	case Route:
		return "route changes"
	}
	return "unknown"
}

// Change is something that has changed in the network by itself. Fields that do
// not apply are zero.
type Change struct {
	Kind ChangeKind
	Link string       // that was turned
	To   netip.Prefix // the network whose route has changed
	Hops []route.Hop  // of the route, as it is now; none: there is none any more
}

// Record is a datagram on its way from one party on a link to another, an event
// of a node, or a change of the network.
type Record struct {
	Time time.Time // when the datagram left, or the event was
	Node string    // whose event; of a datagram: who sent it
	// Event is what happened in the node. Its Kind is zero when the record is of
	// a datagram, and then the fields below say more.
	Event event.Event
	// Change is what has changed. Its Kind is zero when the record is of a
	// datagram or an event.
	Change Change

	Seq       uint64    // of the transmission: copies of one datagram have the same
	Link      string    // it goes over
	To        string    // who gets it; "": nobody
	Arrive    time.Time // when it does; zero when nobody gets it
	Octets    []byte    // as they arrive
	Fate      Fate
	Origin    event.Origin // what made the datagram
	Group     bool         // it is for all on the link
	Duplicate bool         // the link made a copy of it
	Late      bool         // the link held it back
	Corrupt   bool         // the link flipped a bit
}

// IsEvent reports whether the record is of an event, not of a datagram.
func (r *Record) IsEvent() bool { return r.Event.Kind != 0 }

// IsDatagram reports whether the record is of a datagram.
func (r *Record) IsDatagram() bool { return r.Event.Kind == 0 && r.Change.Kind == 0 }

// Comment says in a line what the octets do not show: who sent the datagram to
// whom, by which rule, and what the link did to it.
func (r *Record) Comment() string {
	var b strings.Builder
	b.WriteString(r.Node)
	if r.To != "" {
		b.WriteString(" to " + r.To)
	}
	if k := r.Origin.Kind; k != 0 {
		b.WriteString("; " + k.String())
		if r.Origin.Cause != 0 {
			b.WriteString(": " + r.Origin.Cause.String())
		}
		if rule := r.Origin.Rule(); rule != "" {
			b.WriteString(" (" + rule + ")")
		}
	}
	for _, s := range []struct {
		on   bool
		text string
	}{
		{r.Duplicate, "a copy that the link made"},
		{r.Late, "held back"},
		{r.Corrupt, "one bit flipped"},
		{r.Fate != Delivered, r.Fate.String()},
	} {
		if s.on {
			b.WriteString("; " + s.text)
		}
	}
	return b.String()
}

// LogValue implements [slog.LogValuer].
func (r Record) LogValue() slog.Value {
	if r.IsEvent() {
		return slog.GroupValue(slog.String("node", r.Node), slog.Any("event", r.Event))
	}
	if k := r.Change.Kind; k == Route {
		return slog.GroupValue(slog.String("node", r.Node), slog.String("change", k.String()), slog.Any("to", r.Change.To), slog.Any("hops", r.Change.Hops))
	} else if k != 0 {
		return slog.GroupValue(slog.String("link", r.Change.Link), slog.String("change", k.String()))
	}
	return slog.GroupValue(
		slog.String("link", r.Link), slog.String("from", r.Node), slog.String("to", r.To),
		slog.String("fate", r.Fate.String()), slog.String("octets", fmt.Sprintf("%d", len(r.Octets))),
	)
}
