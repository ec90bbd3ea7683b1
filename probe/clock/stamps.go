package clock

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// Fill is what became of the timestamp option of a request.
type Fill uint8

// The fills.
const (
	None     Fill = iota // there was none, or nothing came back
	Stamped              // the target has stamped it
	Missing              // the reply has no such option
	Unfilled             // the target has not stamped it
	Full                 // others have, and left no room for the target
	Altered              // it is not the one that was sent
	numFills
)

var fills = [numFills]string{"none", "stamped", "missing", "unfilled", "full", "altered"}

// String returns the fill in a word.
func (f Fill) String() string {
	if f < numFills {
		return fills[f]
	}
	return fills[None]
}

// MarshalText implements [encoding.TextMarshaler].
func (f Fill) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Side is which way a datagram was going when it was stamped.
type Side uint8

// The sides.
const (
	Unknown Side = iota // the target has not stamped
	There               // to the target
	Back                // from it
	numSides
)

var sides = [numSides]string{"unknown", "there", "back"}

// String returns the side in a word.
func (s Side) String() string {
	if s < numSides {
		return sides[s]
	}
	return sides[Unknown]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Side) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Hop is somebody on the way who has stamped, and what that says of their clock.
type Hop struct {
	Addr   netip.Addr      `json:"addr"`
	Side   Side            `json:"side"`
	Stamps int             `json:"stamps"` // how many
	Stamp  icmp4.Timestamp `json:"stamp"`  // the last of them
	Form   offset.Form     `json:"form"`   // likewise
	Known  bool            `json:"known"`  // Ahead and Within are
	Ahead  time.Duration   `json:"ahead_ns,omitzero"`
	Within time.Duration   `json:"within_ns,omitzero"`
}

// Path is how many have stamped on the way to the target and from it.
type Path struct {
	There int `json:"there"`
	// Back is how many there were at least and BackMost at most: who finds no room
	// is counted and not named, and may be our own system, which stamps what it
	// receives.
	Back     int `json:"back"`
	BackMost int `json:"back_most"`
	// Asymmetric says that the two cannot be the same, so that there is a hint of
	// another way back. Those who do not stamp are on neither side.
	Asymmetric bool `json:"asymmetric"`
}

// hop is a hop with all that is known of its clock.
type hop struct {
	Hop
	bounds bounds
}

func (h *hop) result() Hop {
	x := h.Hop
	if x.Known = h.bounds.known; x.Known {
		x.Ahead, x.Within, _ = h.bounds.offset()
	}
	return x
}

// mostHops bounds what is kept, when the way changes again and again.
const mostHops = 64

// open reads the option of a reply into its sample.
func (s *Strategy) open(x *Sample, e *probe.Event) {
	t, fill := find(e.Options)
	if fill == Stamped {
		x.Overflow = t.Overflow
		if s.cfg.By == EveryHop {
			fill = s.passed(x, &t)
		} else {
			fill = s.named(x, &t, s.asked[e.Tag].stamp)
		}
	}
	x.Fill, s.result.Fill = fill, fill
	if fill == Stamped {
		s.result.Stamped++
	}
}

// find returns the one timestamp option that there is to be.
func find(options []byte) (t option.Timestamps, fill Fill) {
	fill = Missing
	for o, err := range ip.Options4(options) {
		switch {
		case err != nil:
			return t, Altered
		case o.Type != ip.OptTimestamp:
			continue
		case fill != Missing:
			return t, Altered // RFC 791 allows one
		}
		if t, err = option.ParseTimestamps(o); err != nil {
			return t, Altered
		}
		fill = Stamped
	}
	return t, fill
}

// named reads an option in which we named who is to stamp; sent is our own stamp.
func (s *Strategy) named(x *Sample, t *option.Timestamps, sent option.Stamp) Fill {
	terms := s.cfg.terms()
	var stamps [hopSlots]option.Stamp
	n := 0
	for i, slot := range t.Entries() {
		if i >= len(terms) || slot.Addr != terms[i] {
			return Altered
		}
		stamps[i], n = slot.Stamp, i+1
	}
	if t.Flag != option.StampsPrespecified || n != len(terms) || t.Recorded() == 0 || stamps[0] != sent {
		return Altered
	}
	x.Originate = sent
	if t.Recorded() < 2 || blank(stamps[1], x) {
		return Unfilled
	}
	x.Receive = stamps[1]
	x.Transmit = x.Receive
	if s.cfg.By == FourTerms && t.Recorded() > 2 && !blank(stamps[2], x) {
		x.Transmit = stamps[2]
	}
	return Stamped
}

// blank reports whether a stamp was not written, though the pointer was moved.
//
// Reading: a stamp of zero that is not near midnight is none. A clock that shows it
// at another time, and is right in the unit, is hours off and was asked in one
// millisecond of a day.
func blank(v option.Stamp, x *Sample) bool {
	if v != 0 {
		return false
	}
	u := x.Time.UTC()
	today := u.Sub(time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, time.UTC))
	return today > time.Minute && today+x.RTT < day-time.Minute
}

// passed reads an option that all on the way were to stamp. The target is whoever
// has the address that was asked; some stamp twice, as they receive and as they
// send.
func (s *Strategy) passed(x *Sample, t *option.Timestamps) Fill {
	var slots [hopSlots]option.StampEntry
	if t.Flag != option.StampsAndAddrs || len(t.Slots) != hopSlots*slotLen {
		return Altered
	}
	for i, slot := range t.Entries() {
		slots[i] = slot
	}
	recorded := slots[:t.Recorded()]
	first := slices.IndexFunc(recorded, func(e option.StampEntry) bool { return e.Addr == s.cfg.Dst })
	if first < 0 {
		for i := range recorded {
			s.hop(x, &recorded[i], Unknown)
		}
		if t.Full() {
			return Full
		}
		return Unfilled
	}
	var path Path
	for i := range recorded[:first] {
		path.There += s.hop(x, &recorded[i], There)
	}
	fill, behind := Unfilled, first
	for ; behind < len(recorded) && recorded[behind].Addr == s.cfg.Dst; behind++ {
		v := recorded[behind].Stamp
		if blank(v, x) {
			continue
		}
		if x.Transmit = v; fill == Unfilled {
			fill, x.Receive = Stamped, v
		}
	}
	for i := range recorded[behind:] {
		path.Back += s.hop(x, &recorded[behind+i], Back)
	}
	if path.BackMost = path.Back; t.Full() && t.Overflow > 0 {
		path.Back += int(t.Overflow) - 1
		path.BackMost += int(t.Overflow)
	}
	path.Asymmetric = path.There < path.Back || path.There > path.BackMost
	if fill == Stamped {
		s.path = path
	}
	return fill
}

// hop takes note of somebody who has stamped, and returns how many that is: our
// own system, which may do so as it sends and as it receives, is nobody.
func (s *Strategy) hop(x *Sample, slot *option.StampEntry, side Side) int {
	if slot.Addr == s.cfg.Src {
		return 0
	}
	h := Hop{Addr: slot.Addr, Side: side, Stamps: 1, Stamp: slot.Stamp}
	if !blank(slot.Stamp, x) {
		o := offset.Of(x.Time, x.RTT, h.Stamp, h.Stamp)
		h.Form, h.Known, h.Ahead, h.Within = o.Form, o.Known, o.Ahead, o.Within
	}
	i := slices.IndexFunc(s.hops, func(o hop) bool { return o.Addr == h.Addr && o.Side == side })
	switch {
	case i >= 0:
		s.hops[i].Stamps++
		s.hops[i].Stamp, s.hops[i].Form = h.Stamp, h.Form
	case len(s.hops) < mostHops:
		i = len(s.hops)
		s.hops = append(s.hops, hop{Hop: h})
	}
	if i >= 0 && h.Known {
		h.Ahead = s.hops[i].bounds.add(h.Ahead, h.Within)
	}
	x.Hops = append(x.Hops, h)
	return 1
}
