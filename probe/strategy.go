package probe

import "time"

// Strategy decides what to ask, and makes something of what comes back: ping and
// trace are strategies. It has a [Prober], which it hands probes; it knows no
// socket and no clock.
//
// Who drives the prober hands each event of it to Hear, and calls Tick whenever
// something has happened, before [Prober.Poll], and at Deadline. [Prober.Turn]
// does the first two.
type Strategy interface {
	// Hear is told of an event of a probe that the strategy handed over. It is
	// good until Hear returns.
	Hear(now time.Time, e *Event)
	// Tick does what is due.
	Tick(now time.Time)
	// Deadline returns when Tick is to be called though nothing has happened;
	// zero: never. A time that has passed means now.
	Deadline() time.Time
	// Done reports whether there is nothing more to ask and to wait for.
	Done() bool
}

// Turn lets s hear the events that nobody has read yet, and do what is due.
func (p *Prober) Turn(now time.Time, s Strategy) {
	for p.events.Take(&p.heard) {
		s.Hear(now, &p.heard)
	}
	s.Tick(now)
}
