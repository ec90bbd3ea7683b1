package capture

import (
	"math/bits"
	"time"
)

// resolution is what the units of an interface's time stamps are
// (draft-ietf-opsawg-pcapng §4.2, if_tsresol, if_tsoffset).
type resolution struct {
	exponent uint8 // a unit is 10 or 2 to minus this, in seconds
	binary   bool  // 2
	offset   int64 // to be added, in seconds
	perSec   uint64
	nanos    uint64 // in a unit; 0: it takes more than a multiplication
}

// The times that are written as dates: from the year 1 to the year 9999.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// decimal returns the resolution of 10 to minus e seconds.
func decimal(e uint8) resolution {
	r := resolution{exponent: e, perSec: 1}
	if e > 19 {
		return r
	}
	for range e {
		r.perSec *= 10
	}
	if e <= 9 {
		r.nanos = 1e9 / r.perSec
	}
	return r
}

// parseResolution reads an if_tsresol.
func parseResolution(b byte) resolution {
	if b&0x80 != 0 {
		return resolution{exponent: b & 0x7f, binary: true}
	}
	return decimal(b)
}

// time returns the time of a stamp. What is before the year 1 or behind the
// year 9999 is moved to the next second that is not: nobody means it.
func (r *resolution) time(stamp uint64) time.Time {
	var sec, nsec uint64
	switch {
	case r.nanos > 0:
		sec = stamp / r.perSec
		nsec = (stamp - sec*r.perSec) * r.nanos
	case r.binary:
		sec, nsec = r.halves(stamp)
	default:
		sec, nsec = r.fine(stamp)
	}
	s := int64(min(sec, lastSecond))
	if r.offset != 0 {
		s += min(max(r.offset, 2*firstSecond), lastSecond)
	}
	return time.Unix(min(max(s, firstSecond), lastSecond), int64(nsec)).UTC()
}

// halves is for units of 2 to minus something.
func (r *resolution) halves(stamp uint64) (sec, nsec uint64) {
	e := uint(r.exponent)
	if e < 64 {
		sec = stamp >> e
		stamp <<= 64 - e // the fraction, of 2 to 64; nothing for e = 0
	} else {
		stamp >>= e - 64
	}
	nsec, _ = bits.Mul64(stamp, 1e9)
	return sec, nsec
}

// fine is for units of less than a nanosecond.
func (r *resolution) fine(stamp uint64) (sec, nsec uint64) {
	e := r.exponent
	if e <= 19 {
		sec = stamp / r.perSec
		stamp -= sec * r.perSec
	}
	for ; e > 9 && stamp > 0; e-- {
		stamp /= 10
	}
	return sec, stamp
}
