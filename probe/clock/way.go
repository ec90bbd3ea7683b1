package clock

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// Way is how a clock is asked for the time: by ICMP timestamps, or by echo
// requests with the timestamp option of IP (RFC 791 p. 22), which the target fills
// in and sends back with the reply (RFC 1122 §3.2.2.6).
type Way uint8

// The ways. What differs between those with an option is whom it asks to stamp.
const (
	// Messages are ICMP timestamp requests (RFC 792 p. 16).
	Messages Way = iota
	// FourTerms asks us, the target twice, and us again: a target that stamps what
	// it receives and what it sends has room for both.
	FourTerms
	// ThreeTerms asks us, the target once, and us again.
	ThreeTerms
	// EveryHop asks the first four on the way, whoever they are.
	EveryHop
	numWays
)

var ways = [numWays]string{"icmp", "option", "option3", "hops"}

// String returns the way in a word.
func (w Way) String() string {
	if w < numWays {
		return ways[w]
	}
	return "unknown"
}

// MarshalText implements [encoding.TextMarshaler].
func (w Way) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. The error is a
// [*wire.FieldError].
func (w *Way) UnmarshalText(b []byte) error {
	for i, s := range ways {
		if s == string(b) {
			*w = Way(i)
			return nil
		}
	}
	return &wire.FieldError{Type: "clock.Config", Field: "By", Want: "icmp, option, option3 or hops"}
}

const (
	dataLen  = 12 // octets of data: the prober's cookie, and what makes the message as long as a timestamp
	hopSlots = 4  // of an option with addresses; there is no room for more
	slotLen  = 8  // octets of address and stamp
)

// terms are who is asked to stamp, where they are named.
func (c *Config) terms() []netip.Addr {
	switch c.By {
	case FourTerms:
		return []netip.Addr{c.Src, c.Dst, c.Dst, c.Src}
	case ThreeTerms:
		return []netip.Addr{c.Src, c.Dst, c.Src}
	}
	return nil
}

// options are those of a request; where we are named ourselves, our own stamp is
// now.
func (c *Config) options(now option.Stamp) []byte {
	f := option.StampsPrespecified
	if c.By == EveryHop {
		f = option.StampsAndAddrs
	}
	b, err := option.AppendTimestamps(nil, f, hopSlots, c.terms()...)
	if err != nil {
		panic(err) // the addresses were checked, and four are not too many
	}
	if c.By != EveryHop {
		for o, err := range ip.Options4(b) {
			if err == nil {
				_, _ = option.AddStamp(o, c.Src, nil, now) // it begins with us
			}
		}
	}
	return b
}
