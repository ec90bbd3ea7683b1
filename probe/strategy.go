package probe

import "time"

// Strategy decides what to ask, and makes something of what comes back: ping and
// trace are strategies. It has a [Prober], which it hands probes and whose
// events it reads; it knows no socket and no clock. Who drives the prober calls
// Tick whenever something has happened, before [Prober.Poll], and at Deadline.
type Strategy interface {
	Tick(now time.Time)
	// Deadline returns when Tick is to be called though nothing has happened;
	// zero: never. A time that has passed means now.
	Deadline() time.Time
}
