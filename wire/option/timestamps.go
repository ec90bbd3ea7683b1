package option

import (
	"encoding/binary"
	"iter"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// StampFlag says what a timestamp option holds.
type StampFlag uint8

// The three forms of a timestamp option.
const (
	StampsOnly         StampFlag = 0 // stamps and nothing else
	StampsAndAddrs     StampFlag = 1 // each stamp behind the address of who gave it
	StampsPrespecified StampFlag = 3 // the addresses are there already; only their owners stamp
)

// String returns the name.
func (f StampFlag) String() string {
	switch f {
	case StampsOnly:
		return "stamps only"
	case StampsAndAddrs:
		return "stamps and addresses"
	case StampsPrespecified:
		return "prespecified addresses"
	}
	return "unknown form"
}

// slotLen returns the length of a slot in octets, 0 for an unknown form.
func (f StampFlag) slotLen() int {
	switch f {
	case StampsOnly:
		return stampLen
	case StampsAndAddrs, StampsPrespecified:
		return routeSlotLen + stampLen
	}
	return 0
}

// A timestamp option has a pointer, four bits of overflow count and four bits
// of flag behind type and length, then the slots.
const (
	stampsFixedLen = optHeaderLen + 2
	stampsFirst    = stampsFixedLen + 1 // the pointer to the first slot
	stampLen       = 4
	maxOverflow    = 15
)

// Timestamps is a timestamp option (RFC 791 §3.1).
type Timestamps struct {
	// Offset is where the type octet stands, from the beginning of the IP
	// header. It is not written.
	Offset int
	// Pointer is the octet of the option, counted from 1, at which the next
	// slot begins: 5 for the first. When it is greater than the option's
	// length, the option is full.
	Pointer uint8
	// Overflow counts the gateways and hosts that found no room, at most 15.
	Overflow uint8
	Flag     StampFlag
	// Slots are four octets each with [StampsOnly], eight with the other forms,
	// and alias the header. Octets behind the last whole slot are no slot.
	Slots []byte
}

// StampEntry is one slot of a timestamp option.
type StampEntry struct {
	Addr  netip.Addr // zero with [StampsOnly]
	Stamp Stamp
}

// ParseTimestamps reads o as a timestamp option. The errors are
// [*wire.ParseError]s whose offsets count from the beginning of the IP header:
// another type is a [wire.Mismatch] at the type octet, an option without
// pointer and flag, or longer than options can be, a [wire.Length] at the
// length octet, a form that RFC 791 does not know a [wire.Value] at its octet,
// and a pointer that points to no slot a [wire.Value] at the pointer, as in
// [ParseRoute].
func ParseTimestamps(o ip.Option4) (Timestamps, error) {
	switch {
	case o.Type != ip.OptTimestamp:
		return Timestamps{}, fault("option.Timestamps", o, 0, wire.Mismatch)
	case len(o.Data) < stampsFixedLen-optHeaderLen || len(o.Data) > maxData:
		return Timestamps{}, fault("option.Timestamps", o, 1, wire.Length)
	}
	t := Timestamps{
		Offset: o.Offset, Pointer: o.Data[0],
		Overflow: o.Data[1] >> 4, Flag: StampFlag(o.Data[1] & 0x0f), Slots: o.Data[2:],
	}
	size := t.Flag.slotLen()
	switch {
	case size == 0:
		return Timestamps{}, fault("option.Timestamps", o, 3, wire.Value)
	case !pointsWell(t.Pointer, stampsFirst, size, t.Len()):
		return Timestamps{}, fault("option.Timestamps", o, 2, wire.Value)
	}
	return t, nil
}

// Len returns how many octets AppendBinary appends.
func (t Timestamps) Len() int { return stampsFixedLen + len(t.Slots) }

// Full reports whether no slot is left.
func (t Timestamps) Full() bool { return int(t.Pointer) > t.Len() }

// Recorded returns how many slots stand before the pointer.
func (t Timestamps) Recorded() int {
	size := t.Flag.slotLen()
	switch {
	case size == 0:
		return 0
	case t.Full():
		return len(t.Slots) / size
	}
	return max(0, int(t.Pointer)-stampsFirst) / size
}

// Entries returns all slots, with their numbers from 0; those from
// [Timestamps.Recorded] on are not stamped yet.
func (t Timestamps) Entries() iter.Seq2[int, StampEntry] {
	return func(yield func(int, StampEntry) bool) {
		size := t.Flag.slotLen()
		if size == 0 {
			return
		}
		for i := range len(t.Slots) / size {
			if !yield(i, t.entry(i*size)) {
				return
			}
		}
	}
}

// entry reads the slot that begins at t.Slots[at].
func (t Timestamps) entry(at int) StampEntry {
	var e StampEntry
	if t.Flag != StampsOnly {
		e.Addr = netip.AddrFrom4([4]byte(t.Slots[at:]))
		at += routeSlotLen
	}
	e.Stamp = Stamp(binary.BigEndian.Uint32(t.Slots[at:]))
	return e
}

// AppendBinary appends the option to b. It does not pad.
func (t Timestamps) AppendBinary(b []byte) ([]byte, error) {
	size := t.Flag.slotLen()
	switch {
	case size == 0:
		return b, &wire.FieldError{Type: "option.Timestamps", Field: "Flag", Want: "one of the three forms"}
	case t.Overflow > maxOverflow:
		return b, &wire.FieldError{Type: "option.Timestamps", Field: "Overflow", Value: int(t.Overflow), Limit: maxOverflow}
	case t.Len() > ip.MaxOptionsLen:
		return b, &wire.FieldError{Type: "option.Timestamps", Field: "Slots", Value: len(t.Slots), Limit: ip.MaxOptionsLen - stampsFixedLen}
	case !pointsWell(t.Pointer, stampsFirst, size, t.Len()):
		return b, &wire.FieldError{Type: "option.Timestamps", Field: "Pointer", Want: "the first octet of a slot, or one behind the option"}
	}
	b = append(b, byte(ip.OptTimestamp), byte(t.Len()), t.Pointer, t.Overflow<<4|byte(t.Flag))
	return append(b, t.Slots...), nil
}

// AppendTimestamps appends a timestamp option of the given form with empty
// slots to b. With [StampsPrespecified] there is one slot for each of addrs, at
// most four, and slots is not looked at; with the other forms there are slots
// of them, at most nine, or four with addresses. It does not pad.
func AppendTimestamps(b []byte, f StampFlag, slots int, addrs ...netip.Addr) ([]byte, error) {
	size := f.slotLen()
	if f == StampsPrespecified {
		slots = len(addrs)
	}
	if limit := (ip.MaxOptionsLen - stampsFixedLen) / max(1, size); slots < 0 || slots > limit {
		return b, &wire.FieldError{Type: "option.Timestamps", Field: "Slots", Value: slots, Limit: limit}
	}
	var raw [ip.MaxOptionsLen]byte
	if f == StampsPrespecified {
		for i, a := range addrs {
			if !a.Is4() {
				return b, &wire.FieldError{Type: "option.Timestamps", Field: "Slots", Want: "an IPv4 address"}
			}
			octets := a.As4()
			copy(raw[i*size:], octets[:])
		}
	}
	return Timestamps{Pointer: stampsFirst, Flag: f, Slots: raw[:slots*size]}.AppendBinary(b)
}

// AddStamp writes s into the next slot of the timestamp option o, in place, as the
// gateway or host that has the address own, and moves the pointer on. With
// prespecified addresses it does so only when the next one is its own: when
// owns says so, or, where owns is nil, when it is the address own. It reports
// whether anything has been written. The header checksum is for the caller to
// mend, with [ip.Seal4].
//
// A full option counts the overflow instead, which is a change as well. When
// the count is at its end the error is a [wire.Value] at the octet that holds
// it, to be told to the sender as a parameter problem (RFC 791). The other
// errors are those of [ParseTimestamps].
//
// Reading: a full option with prespecified addresses counts nothing. The count
// is of those that could not register for lack of space, and nobody else was
// asked to.
func AddStamp(o ip.Option4, own netip.Addr, owns func(netip.Addr) bool, s Stamp) (changed bool, err error) {
	t, err := ParseTimestamps(o)
	if err != nil {
		return false, err
	}
	if t.Full() {
		switch {
		case t.Flag == StampsPrespecified:
			return false, nil
		case t.Overflow == maxOverflow:
			return false, fault("option.Timestamps", o, 3, wire.Value)
		}
		o.Data[1] += 1 << 4
		return true, nil
	}
	size := t.Flag.slotLen()
	slot := t.Slots[int(t.Pointer)-stampsFirst:][:size]
	switch t.Flag {
	case StampsAndAddrs:
		if !own.Is4() {
			return false, &wire.FieldError{Type: "option.Timestamps", Field: "Slots", Want: "an IPv4 address"}
		}
		octets := own.As4()
		copy(slot, octets[:])
	case StampsPrespecified:
		next := netip.AddrFrom4([4]byte(slot))
		if mine := next == own || owns != nil && owns(next); !mine {
			return false, nil
		}
	}
	binary.BigEndian.PutUint32(slot[size-stampLen:], uint32(s))
	o.Data[0] += uint8(size)
	return true, nil
}
