// Package offset tells from an ICMP timestamp reply how far the clock of another
// is ahead, and how sure that is (RFC 792 p. 16, P-11).
//
//	e := offset.Of(sent, rtt, m.Receive, m.Transmit)
//	if e.Known { fmt.Println(e.Ahead, "±", e.Within) }
//
// Nothing is assumed of the way there and back: that the one took all of the
// time, or the other, is as far as the clock can be from where it is said to be.
package offset

import (
	"math/bits"
	"time"

	"github.com/sonde-net/sonde/wire/icmp4"
)

// Form is what the stamps of a reply turned out to be.
type Form uint8

// The forms. A clock that is wrong in one of these ways is common enough.
const (
	Unreadable  Form = iota // none of these
	Standard                // milliseconds since midnight UT
	NonStandard             // marked as anything else, by the top bit
	Swapped                 // milliseconds since midnight UT, octets in the wrong order
	Seconds                 // of the Unix epoch
	Contrary                // standard, and with more time between the two than the round trip took
)

var forms = [...]string{"unreadable", "standard", "non-standard", "octets swapped", "seconds", "contrary"}

// String returns the form in words.
func (f Form) String() string {
	if int(f) < len(forms) {
		return forms[f]
	}
	return forms[Unreadable]
}

// MarshalText implements [encoding.TextMarshaler].
func (f Form) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Estimate is what a reply says of the clock that made it.
type Estimate struct {
	Form   Form
	Known  bool          // Ahead and Within are
	Ahead  time.Duration // of our clock, by the middle of what is possible; negative: it is behind
	Within time.Duration // how far it may be from there, to either side
}

const day = 24 * time.Hour

// near is how far a clock may be off at most for octets in the wrong order to be
// believed: anything else can be read either way.
const near = time.Minute

// Of reads the stamps of a reply to a request that was sent at the time sent and
// answered after rtt. Of standard stamps, which know no date, the offset is the
// one less than half a day.
//
// Reading: a stamp is cut to its unit, as a clock shows it, so the time it was
// made is that or up to one unit more.
func Of(sent time.Time, rtt time.Duration, receive, transmit icmp4.Timestamp) Estimate {
	std := standard(sent, rtt, receive, transmit)
	if std.Known && std.Ahead.Abs() <= near {
		return std
	}
	if rev := OfSwapped(sent, rtt, receive, transmit); rev.Known && rev.Ahead.Abs() <= near {
		return rev
	}
	if std.Form != Unreadable {
		return std
	}
	if !receive.Standard() || !transmit.Standard() {
		return Estimate{Form: NonStandard}
	}
	return seconds(sent, rtt, receive, transmit)
}

// OfSwapped reads stamps whose octets are in the wrong order, however far the clock
// is off. One reply alone does not show that they are: several that agree do.
func OfSwapped(sent time.Time, rtt time.Duration, receive, transmit icmp4.Timestamp) Estimate {
	swap := func(s icmp4.Timestamp) icmp4.Timestamp { return icmp4.Timestamp(bits.ReverseBytes32(uint32(s))) }
	e := standard(sent, rtt, swap(receive), swap(transmit))
	if e.Form == Standard {
		e.Form = Swapped
	}
	return e
}

func standard(sent time.Time, rtt time.Duration, receive, transmit icmp4.Timestamp) Estimate {
	r, x := time.Duration(receive)*time.Millisecond, time.Duration(transmit)*time.Millisecond
	if r >= day || x >= day {
		return Estimate{}
	}
	u := sent.UTC()
	today := u.Sub(time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, time.UTC))
	held := half(x - r)
	if held > rtt+time.Millisecond || held < 0 {
		return Estimate{Form: Contrary}
	}
	e := between(half(r-today), held, rtt, time.Millisecond)
	e.Form, e.Ahead = Standard, half(e.Ahead)
	return e
}

// seconds reads stamps that count the seconds of the Unix epoch, by a clock that
// is not off by more than half a day.
func seconds(sent time.Time, rtt time.Duration, receive, transmit icmp4.Timestamp) Estimate {
	r := time.Unix(int64(receive), 0).Sub(sent)
	held := time.Duration(int64(transmit)-int64(receive)) * time.Second
	if r.Abs() > day/2 || held < 0 || held > rtt+time.Second {
		return Estimate{}
	}
	e := between(r, held, rtt, time.Second)
	e.Form = Seconds
	return e
}

// between is the estimate of a clock that showed r more than ours did when the
// request left, and held on to it for some time; its stamps are cut to a unit.
//
// The request left before it was stamped, so the clock is ahead by less than r
// and a unit; the reply arrived after, so by no less than r and the time it was
// held, less the round trip.
func between(r, held, rtt, unit time.Duration) Estimate {
	least, most := r+held-rtt, r+unit
	return Estimate{Known: true, Ahead: least + (most-least)/2, Within: (most - least + 1) / 2}
}

// half brings a difference of times of day into half a day to either side.
func half(d time.Duration) time.Duration {
	switch d %= day; {
	case d > day/2:
		return d - day
	case d <= -day/2:
		return d + day
	}
	return d
}
