package clock

import (
	"math"
	"time"
)

const day = 24 * time.Hour

// bounds are those of one clock's offset, by all of its samples.
type bounds struct {
	known       bool
	least, most time.Duration // on which all agree
	empty       bool          // there are none
	best, sharp time.Duration // the offset of the sharpest sample, and within what it lies
	last        time.Duration // the offset of the latest, for midnight
}

// add takes a sample into account, and returns its offset: half a day ahead is half
// a day behind, and the clock is not taken to jump from the one to the other.
func (b *bounds) add(ahead, within time.Duration) time.Duration {
	if b.known {
		switch d := ahead - b.last; {
		case d > day/2:
			ahead -= day
		case d < -day/2:
			ahead += day
		}
	}
	b.last = ahead
	least, most := ahead-within, ahead+within
	if !b.known {
		b.known, b.least, b.most, b.best, b.sharp = true, least, most, ahead, within
	}
	b.least, b.most = max(b.least, least), min(b.most, most)
	b.empty = b.empty || b.least > b.most
	if within < b.sharp {
		b.best, b.sharp = ahead, within
	}
	return ahead
}

// offset returns where all samples agree that the offset lies, or, when they do
// not, where the sharpest one has it.
func (b *bounds) offset() (ahead, within time.Duration, agreed bool) {
	if b.empty {
		return b.best, b.sharp, false
	}
	return b.least + (b.most-b.least)/2, (b.most - b.least + 1) / 2, true
}

// fit is a line through the samples, by least squares.
type fit struct {
	n                float64
	first, last      time.Time
	begin, end       time.Duration // how unsure the first sample is, and the last
	sx, sy, sxx, sxy float64
}

// add adds a sample: seconds since the first against seconds ahead.
func (f *fit) add(x *Sample) {
	if f.n == 0 {
		f.first, f.begin = x.Time, x.Within
	}
	f.last, f.end = x.Time, x.Within
	t, y := x.Time.Sub(f.first).Seconds(), x.Ahead.Seconds()
	f.n++
	f.sx += t
	f.sy += y
	f.sxx += t * t
	f.sxy += t * y
}

// slope returns the gain in parts of a million, and how far off it may be: by as
// much as both ends may be. A gain that is less than that is none that is known, and
// what gains a second a second is no clock.
func (f *fit) slope() (ppm, within float64, known bool) {
	span := f.last.Sub(f.first).Seconds()
	d := f.n*f.sxx - f.sx*f.sx
	if span <= 0 || d <= 0 {
		return 0, 0, false
	}
	const million = 1e6
	ppm, within = million*(f.n*f.sxy-f.sx*f.sy)/d, million*(f.begin+f.end).Seconds()/span
	if math.Abs(ppm) <= within || math.Abs(ppm) >= million {
		return 0, within, false
	}
	return ppm, within, true
}
