// Package clock is the time of day that a node tells in timestamps, right or
// wrong: the wrong ones exist, and those who ask for the time have to recognise
// them (RFC 792 p. 16, H-12).
package clock

import (
	"math/bits"
	"time"

	"github.com/sonde-net/sonde/wire/icmp4"
)

// Unit says what the 32 bits of a timestamp count.
type Unit uint8

// The units.
const (
	Milliseconds Unit = iota // since midnight UT: the standard value
	NonStandard              // microseconds of the Unix epoch, with the top bit set as RFC 792 asks
	Seconds                  // of the Unix epoch, top bit not set: a wrong clock that exists
)

// Clock says how a node tells the time. The zero Clock is right.
type Clock struct {
	Offset  time.Duration // ahead of now; may be negative
	Drift   float64       // gained per unit of time: 1e-6 is one part in a million
	Unit    Unit
	Swapped bool // octets in the wrong order, as some hosts send them
}

// Stamp tells the time at now, on a clock that was set right at began.
func (c *Clock) Stamp(now, began time.Time) icmp4.Timestamp {
	t := now.Add(c.Offset)
	if c.Drift != 0 {
		t = t.Add(time.Duration(float64(now.Sub(began)) * c.Drift))
	}
	var v icmp4.Timestamp
	switch c.Unit {
	case NonStandard:
		v = icmp4.NonStandard(uint32(t.UnixMicro()))
	case Seconds:
		v = icmp4.Timestamp(t.Unix())
	default:
		v = icmp4.TimestampOf(t)
	}
	if c.Swapped {
		v = icmp4.Timestamp(bits.ReverseBytes32(uint32(v)))
	}
	return v
}
