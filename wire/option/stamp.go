package option

import (
	"fmt"
	"time"
)

const (
	day         = 24 * time.Hour
	nonStandard = 1 << 31
)

// Stamp is a time of day as a timestamp option carries it, and the timestamp
// messages of ICMP too: milliseconds since midnight UT, or, where the top bit
// is set, anything else (RFC 791 p. 22, RFC 792 p. 16).
type Stamp uint32

// StampOf returns the standard stamp of t, what is less than a millisecond cut
// off.
func StampOf(t time.Time) Stamp {
	t = t.UTC()
	h, m, s := t.Clock()
	return Stamp(((h*60+m)*60+s)*1000 + t.Nanosecond()/1e6)
}

// StampAt returns the standard stamp of a time of day, d after midnight UT, what
// is less than a millisecond cut off. A d outside the day counts from the
// midnight before it, so that offsets may be added freely.
func StampAt(d time.Duration) Stamp {
	d %= day
	if d < 0 {
		d += day
	}
	return Stamp(d / time.Millisecond)
}

// NonStandard returns the stamp of a node without a clock that knows midnight
// UT: the lower 31 bits of v, marked as what they are.
func NonStandard(v uint32) Stamp { return Stamp(v | nonStandard) }

// Standard reports whether s is in milliseconds since midnight UT, as its top
// bit says.
func (s Stamp) Standard() bool { return s&nonStandard == 0 }

// Duration returns the time since midnight UT. Of a stamp that is not standard
// it returns the lower 31 bits as milliseconds, since when and whether at all
// only the sender knows.
func (s Stamp) Duration() time.Duration {
	return time.Duration(s&^nonStandard) * time.Millisecond
}

// String returns the time of day, "13:04:05.006", or the number of a stamp that
// is none, "0x80000001".
func (s Stamp) String() string {
	if !s.Standard() || s.Duration() >= day {
		return fmt.Sprintf("0x%08x", uint32(s))
	}
	ms := int(s)
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}
