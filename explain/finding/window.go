package finding

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
)

// Window counts in spans of time, each of which begins with the first count
// after the one before. The zero Window is ready.
type Window struct {
	Start time.Time
	First conversation.Ref
	N     int
}

// Add counts s in a span of that length, and reports whether a new one has
// begun with it.
func (w *Window) Add(s *conversation.Seen, span time.Duration) (began bool) {
	if d := s.Time.Sub(w.Start); w.N == 0 || d >= span || d < -span {
		*w = Window{Start: s.Time, First: conversation.Ref{Number: s.Number, Time: s.Time}, N: 1}
		return true
	}
	w.N++
	return false
}

// Or returns v, or def where v is zero; what is negative is 1. It is how a zero
// in a configuration stands for its default.
func Or[T ~int | ~int64](v, def T) T {
	if v == 0 {
		return def
	}
	return max(v, 1)
}

// Interest is what a detector wants to see: a set.
type Interest uint16

// The interests.
const (
	Requests  Interest = 1 << iota // ICMP
	Replies                        // ICMP
	Errors                         // ICMP, with a quote
	Messages                       // all of ICMP
	Fragments                      // of anything
	Begins                         // the first datagram of a flow
	Segments                       // of TCP, that are sent again or whose flow has marks
	Repeats                        // what was seen before, at another place; the others do not get these
	Probes                         // anything but errors that has a time to live of at most 32
)

// Detector looks at what it is interested in.
type Detector interface {
	Interest() Interest
	// Observe looks at a datagram.
	Observe(s *conversation.Seen)
	// Tick is called from time to time, and once at the end.
	Tick(now time.Time, end bool)
}
