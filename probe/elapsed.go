package probe

import "time"

// rtt is the time from sending to the arrival. It is taken between clocks of one
// kind: the program's own, which does not jump, or that of the kernel and the
// time of day, as long as that was not set meanwhile; a device has a clock of its
// own, which is of use only when it has stamped both.
func (r *reception) rtt(f *flight, e *Event) time.Duration {
	d := time.Duration(e.Time.UnixNano() - f.wall)
	switch {
	case e.Stamp == Program && f.stamp == Program:
		d = time.Duration(r.p.offset(e.Time) - f.sent)
	case (e.Stamp == Device) != (f.stamp == Device), d < 0, e.Stamp != Device && r.p.wasSet(f):
		d = time.Duration(r.p.now - f.sent)
		e.Stamp, e.SentBy, e.Time = Program, Program, r.p.clock
	}
	return max(d, 0)
}

// sentAt is when a probe has left by the time of day: by the kernel's, when it is
// the kernel that has stamped it.
func (p *Prober) sentAt(f *flight, by Stamp) time.Time {
	at := f.left
	if by == Kernel {
		at = f.wall
	}
	return time.Unix(0, at).In(p.epoch.Location())
}

// wasSet reports whether the time of day was set since a probe left, or the machine
// has slept: it has not gone on as the clock that does not jump has.
func (p *Prober) wasSet(f *flight) bool {
	d := time.Duration(p.clock.UnixNano() - f.left - (p.now - f.sent))
	return d.Abs() > unsteady
}

// unsteady is how far apart the program may read its two clocks at one time.
const unsteady = time.Millisecond
