package clock

import "github.com/sonde-net/sonde/probe/offset"

// reading is what all samples say whose stamps can be read in one way.
type reading struct {
	n      int // samples
	bounds bounds
	fit    fit
}

func (r *reading) add(x *Sample) {
	x.Ahead = r.bounds.add(x.Ahead, x.Within)
	r.n++
	r.fit.add(x)
}

// readings are those of the forms that can be read.
type readings struct {
	samples                    int // replies with stamps
	near                       int // of these, swapped and near: that shows by itself
	standard, swapped, seconds reading
}

// add reads a sample's stamps, in the way that all until now suggest.
func (r *readings) add(x *Sample) {
	r.samples++
	o := offset.Of(x.Time, x.RTT, x.Receive, x.Transmit)
	x.set(&o)
	switch x.Form {
	case offset.Standard:
		if x.Known {
			r.standard.add(x)
		}
	case offset.Seconds:
		r.seconds.add(x)
	case offset.Swapped:
		r.near++
	}
	rev := offset.OfSwapped(x.Time, x.RTT, x.Receive, x.Transmit)
	if !rev.Known {
		return
	}
	y := *x
	y.set(&rev)
	r.swapped.add(&y)
	if f, _ := r.best(); f == offset.Swapped {
		*x = y
	}
}

func (s *Sample) set(o *offset.Estimate) {
	s.Form, s.Known, s.Ahead, s.Within = o.Form, o.Known, o.Ahead, o.Within
}

// best returns the reading of what all samples are, and its form; nil: there is
// none.
//
// Reading: a clock does not change its form. Stamps that are anything at all can be
// read in one form or the other now and then; what fits less than half of them fits
// none. Octets in the wrong order are believed of a clock that is far off when they
// explain all samples, and nothing else does.
func (r *readings) best() (offset.Form, *reading) {
	all := [...]struct {
		form offset.Form
		*reading
	}{{offset.Standard, &r.standard}, {offset.Swapped, &r.swapped}, {offset.Seconds, &r.seconds}}
	for _, x := range all {
		sure := x.form != offset.Swapped || r.near > 0 || x.n > 1
		if x.n > 0 && x.n == r.samples && !x.bounds.empty && sure {
			return x.form, x.reading
		}
	}
	form, most := offset.Unreadable, (*reading)(nil)
	for _, x := range all {
		n := x.n
		if x.form == offset.Swapped {
			n = r.near
		}
		if n > 0 && 2*n >= r.samples && (most == nil || n > most.n) {
			form, most = x.form, x.reading
		}
	}
	return form, most
}
