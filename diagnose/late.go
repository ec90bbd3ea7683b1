package diagnose

import (
	"time"

	"github.com/sonde-net/sonde/probe/trace"
)

// late is a trace that begins later than others.
type late struct {
	*trace.Trace
	in    time.Duration
	begin time.Time
	begun bool
}

// Tick implements [probe.Strategy].
func (l *late) Tick(now time.Time) {
	if l.begin.IsZero() {
		l.begin = now.Add(l.in)
	}
	if l.begun = l.begun || !now.Before(l.begin); l.begun {
		l.Trace.Tick(now)
	}
}

// Deadline implements [probe.Strategy].
func (l *late) Deadline() time.Time {
	switch {
	case l.begin.IsZero():
		return time.Unix(0, 1) // now: the time of the beginning is to be known
	case !l.begun:
		return l.begin
	}
	return l.Trace.Deadline()
}
