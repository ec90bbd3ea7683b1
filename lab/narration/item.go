package narration

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
)

// Item is one thing that is told.
type Item interface {
	slog.LogValuer
	When() time.Time
	Kind() string // what it is, in one word that does not change
}

// Moment is when an item happened.
type Moment struct{ Time time.Time }

// When implements [Item].
func (m Moment) When() time.Time { return m.Time }

// At returns the moment of a time.
func At(t time.Time) Moment { return Moment{t} }

// Begin is the first item of a run.
type Begin struct {
	Moment
	Name, Title string
	Nodes       []string // all, in the order of their columns
}

// End is the last item of a run that came to its end.
type End struct {
	Moment
	Took time.Duration // of virtual time
}

// Step begins a step of the topology file.
type Step struct {
	Moment
	Number int    // counted from 1
	What   string // its key: ping, send, say, …
	Text   string // what it does, or what say says
}

// Message is a datagram on its way over a link.
type Message struct {
	Moment           // when it left
	Seq    uint64    // of the transmission: what reaches several is several messages of one number
	Link   string    // it goes over
	From   string    // the party that sends it
	To     string    // the party that gets it; "": nobody
	Arrive time.Time // zero: it does not
	Fate   record.Fate
	Origin event.Origin // what made it
	Octets int          // its length, the header included
	// Src, Dst and What are read from the datagram; What in the words of the
	// packages under wire.
	Src, Dst  netip.Addr
	What      string
	Flow      string // what the messages of one kind in one flow have in common
	Segment   bool   // of TCP: one of many
	Group     bool   // it is for all on the link
	Duplicate bool   // the link made a copy of it
	Late      bool   // the link held it back
	Corrupt   bool   // the link flipped a bit
}

// Happened is something that a node did.
type Happened struct {
	Moment
	Node  string
	Event event.Event
	// Dst is whose route or path MTU changed; of the other events the zero Addr.
	Dst netip.Addr
}

// Rate is how much a node sent to a destination in an interval that ended now.
type Rate struct {
	Moment
	Node      string
	Dst       netip.Addr
	Interval  time.Duration
	Datagrams int
	Octets    int // of the datagrams, headers included
}

// PerSecond returns datagrams and bits a second.
func (r Rate) PerSecond() (datagrams, bits float64) {
	s := r.Interval.Seconds()
	return float64(r.Datagrams) / s, float64(r.Octets) * 8 / s
}

// Connection tells how a connection of the stub of TCP stands.
type Connection struct {
	Moment
	Node          string
	Local, Remote netip.AddrPort
	State         string // as package tcpstub has it
	Why           string // it was aborted; "": it was not
	MSS           int    // octets of data in a segment
	Acked         uint64 // octets of data that have arrived
}

// Switched is a link, or a node's interface to it, that goes down or up.
type Switched struct {
	Moment
	Link, Node string // Node "": the link itself
	Up         bool
}

// Rerouted is a node that reaches a network by another way than before.
type Rerouted struct {
	Moment
	Node string
	To   netip.Prefix
	Via  []string // gateways, or the names of interfaces; none: there is no route any more
}

// Sent ends a step that sent datagrams.
type Sent struct {
	Moment
	Node    string
	Dst     netip.Addr
	Count   int    // that the node took
	Refused int    // that it did not
	Why     string // it did not take the last of them
	Size    int    // of the last one, in octets, header included
}

// Shown is what a node knows, line by line.
type Shown struct {
	Moment
	Node, What string
	Lines      []string
}

// LogValue implements [slog.LogValuer].
func (b Begin) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", b.Name), slog.String("title", b.Title), slog.Any("nodes", b.Nodes))
}

// LogValue implements [slog.LogValuer].
func (e End) LogValue() slog.Value { return slog.GroupValue(duration("took", e.Took)) }

// LogValue implements [slog.LogValuer].
func (s Step) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("number", s.Number), slog.String("what", s.What), slog.String("text", s.Text))
}

// LogValue implements [slog.LogValuer].
func (m Message) LogValue() slog.Value {
	a := []slog.Attr{
		slog.Uint64("seq", m.Seq), slog.String("link", m.Link), slog.String("from", m.From), slog.String("to", m.To),
	}
	if m.Src.IsValid() {
		a = append(a, slog.String("src", m.Src.String()), slog.String("dst", m.Dst.String()))
	}
	a = append(a, slog.Int("octets", m.Octets), slog.String("text", m.What), slog.String("fate", m.Fate.String()))
	if !m.Arrive.IsZero() {
		a = append(a, duration("delay", m.Arrive.Sub(m.Time)))
	}
	if m.Origin.Kind != 0 {
		a = append(a, slog.String("origin", m.Origin.Kind.String()))
	}
	if r := m.Origin.Rule(); r != "" {
		a = append(a, slog.String("rule", r))
	}
	if m.Origin.Cause != 0 {
		a = append(a, slog.String("cause", m.Origin.Cause.String()))
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"group", m.Group}, {"duplicate", m.Duplicate}, {"late", m.Late}, {"corrupt", m.Corrupt}} {
		if f.set {
			a = append(a, slog.Bool(f.name, true))
		}
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (h Happened) LogValue() slog.Value {
	a := []slog.Attr{slog.String("node", h.Node), slog.Any("event", h.Event)}
	if h.Dst.IsValid() {
		a = append(a, slog.String("dst", h.Dst.String()))
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (r Rate) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("node", r.Node), slog.String("dst", r.Dst.String()), duration("interval", r.Interval),
		slog.Int("datagrams", r.Datagrams), slog.Int("octets", r.Octets),
	)
}

// LogValue implements [slog.LogValuer].
func (c Connection) LogValue() slog.Value {
	a := []slog.Attr{
		slog.String("node", c.Node), slog.String("local", c.Local.String()), slog.String("remote", c.Remote.String()),
		slog.String("state", c.State), slog.Int("mss", c.MSS), slog.Uint64("acked", c.Acked),
	}
	if c.Why != "" {
		a = append(a, slog.String("why", c.Why))
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (s Switched) LogValue() slog.Value {
	return slog.GroupValue(slog.String("link", s.Link), slog.String("node", s.Node), slog.Bool("up", s.Up))
}

// LogValue implements [slog.LogValuer].
func (r Rerouted) LogValue() slog.Value {
	via := r.Via
	if via == nil {
		via = []string{}
	}
	return slog.GroupValue(slog.String("node", r.Node), slog.String("to", r.To.String()), slog.Any("via", via))
}

// LogValue implements [slog.LogValuer].
func (s Sent) LogValue() slog.Value {
	a := []slog.Attr{
		slog.String("node", s.Node), slog.String("dst", s.Dst.String()),
		slog.Int("count", s.Count), slog.Int("refused", s.Refused), slog.Int("size", s.Size),
	}
	if s.Why != "" {
		a = append(a, slog.String("why", s.Why))
	}
	return slog.GroupValue(a...)
}

// LogValue implements [slog.LogValuer].
func (s Shown) LogValue() slog.Value {
	return slog.GroupValue(slog.String("node", s.Node), slog.String("what", s.What), slog.Any("lines", s.Lines))
}

// Kind implements [Item].
func (Begin) Kind() string { return "begin" }

// Kind implements [Item].
func (End) Kind() string { return "end" }

// Kind implements [Item].
func (Step) Kind() string { return "step" }

// Kind implements [Item].
func (Message) Kind() string { return "message" }

// Kind implements [Item].
func (Rate) Kind() string { return "rate" }

// Kind implements [Item].
func (Connection) Kind() string { return "connection" }

// Kind implements [Item].
func (Switched) Kind() string { return "switch" }

// Kind implements [Item].
func (Rerouted) Kind() string { return "route" }

// Kind implements [Item].
func (Sent) Kind() string { return "sent" }

// Kind implements [Item].
func (Shown) Kind() string { return "show" }

// Kind implements [Item]: the word of the event.
func (h Happened) Kind() string { return h.Event.Kind.String() }

// duration is a time in milliseconds, to the microsecond.
func duration(name string, d time.Duration) slog.Attr {
	return slog.Float64(name+"_ms", float64(d.Round(time.Microsecond))/float64(time.Millisecond))
}
