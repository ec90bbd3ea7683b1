package option

import (
	"iter"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// Type and length are the first octets of each option.
const (
	optHeaderLen = 2
	maxData      = ip.MaxOptionsLen - optHeaderLen // the most that can follow them
)

// A route has its pointer behind type and length, then the slots.
const (
	routeFixedLen = optHeaderLen + 1
	routeFirst    = routeFixedLen + 1 // the pointer to the first slot
	routeSlotLen  = 4
	maxRouteSlots = (ip.MaxOptionsLen - routeFixedLen) / routeSlotLen
)

// Route is a record route, a loose or a strict source route (RFC 791 §3.1): a
// row of slots for IPv4 addresses, and a pointer to the next one to be used.
// What stands before the pointer has been recorded; what stands from it on is,
// in a source route, where the datagram is to go.
type Route struct {
	// Offset is where the type octet stands, from the beginning of the IP
	// header. It is not written.
	Offset int
	Type   ip.OptionType // [ip.OptRecordRoute], [ip.OptLSRR] or [ip.OptSSRR]
	// Pointer is the octet of the option, counted from 1, at which the next
	// slot begins: 4 for the first. When it is greater than the option's
	// length, the route is full.
	Pointer uint8
	// Slots are four octets each, and alias the header. Octets behind the last
	// whole slot are no slot.
	Slots []byte
}

// ParseRoute reads o as a record route or a source route. The errors are
// [*wire.ParseError]s whose offsets count from the beginning of the IP header:
// another type is a [wire.Mismatch] at the type octet, an option that has no
// pointer, or is longer than options can be, a [wire.Length] at the length
// octet, and a pointer that points to no slot a [wire.Value] at the pointer.
//
// Reading: RFC 791 sets a lower limit to the pointer, and calls the datagram
// erroneous when there is some room behind it, but not enough for an address.
// A pointer into the middle of a slot is refused here as well, since an address
// written there would destroy two. One that lies behind the option makes the
// route full, wherever it points.
func ParseRoute(o ip.Option4) (Route, error) {
	switch {
	case !isRoute(o.Type):
		return Route{}, fault("option.Route", o, 0, wire.Mismatch)
	case len(o.Data) < routeFixedLen-optHeaderLen || len(o.Data) > maxData:
		return Route{}, fault("option.Route", o, 1, wire.Length)
	}
	r := Route{Offset: o.Offset, Type: o.Type, Pointer: o.Data[0], Slots: o.Data[1:]}
	if !pointsWell(r.Pointer, routeFirst, routeSlotLen, r.Len()) {
		return Route{}, fault("option.Route", o, 2, wire.Value)
	}
	return r, nil
}

func isRoute(t ip.OptionType) bool {
	return t == ip.OptRecordRoute || t == ip.OptLSRR || t == ip.OptSSRR
}

// fault returns the error of the octet that stands at within the option.
func fault(name string, o ip.Option4, at int, r wire.Reason) error {
	return &wire.ParseError{Type: name, Offset: o.Offset + at, Reason: r}
}

// pointsWell reports whether p points to a whole slot of an option of length n,
// whose first slot is at pointer first and whose slots are size octets long, or
// behind the option.
func pointsWell(p uint8, first, size, n int) bool {
	at := int(p)
	if at > n {
		return at >= first
	}
	return at >= first && (at-first)%size == 0 && at+size-1 <= n
}

// Len returns how many octets AppendBinary appends.
func (r Route) Len() int { return routeFixedLen + len(r.Slots) }

// Full reports whether no slot is left: a record route with nowhere to record,
// a source route that has come to its end.
func (r Route) Full() bool { return int(r.Pointer) > r.Len() }

// Recorded returns how many slots stand before the pointer.
func (r Route) Recorded() int {
	if r.Full() {
		return len(r.Slots) / routeSlotLen
	}
	return max(0, int(r.Pointer)-routeFirst) / routeSlotLen
}

// Slot returns the address in slot i, counted from 0.
func (r Route) Slot(i int) netip.Addr {
	return netip.AddrFrom4([4]byte(r.Slots[i*routeSlotLen:]))
}

// Addrs returns the addresses of all slots, with their numbers from 0.
func (r Route) Addrs() iter.Seq2[int, netip.Addr] {
	return func(yield func(int, netip.Addr) bool) {
		for i := range len(r.Slots) / routeSlotLen {
			if !yield(i, r.Slot(i)) {
				return
			}
		}
	}
}

// Next returns the address in the slot that the pointer points to, in a source
// route the one that the datagram goes to next; ok is false when the route is
// full.
func (r Route) Next() (a netip.Addr, ok bool) {
	if r.Full() {
		return netip.Addr{}, false
	}
	return r.Slot(r.Recorded()), true
}

// AppendBinary appends the option to b. It does not pad.
func (r Route) AppendBinary(b []byte) ([]byte, error) {
	switch {
	case !isRoute(r.Type):
		return b, &wire.FieldError{Type: "option.Route", Field: "Type", Want: "record route or a source route"}
	case r.Len() > ip.MaxOptionsLen:
		return b, &wire.FieldError{Type: "option.Route", Field: "Slots", Value: len(r.Slots), Limit: ip.MaxOptionsLen - routeFixedLen}
	case !pointsWell(r.Pointer, routeFirst, routeSlotLen, r.Len()):
		return b, &wire.FieldError{Type: "option.Route", Field: "Pointer", Want: "the first octet of a slot, or one behind the option"}
	}
	b = append(b, byte(r.Type), byte(r.Len()), r.Pointer)
	return append(b, r.Slots...), nil
}

// AppendRecordRoute appends a record route with the given number of empty
// slots to b, at most nine. It does not pad.
func AppendRecordRoute(b []byte, slots int) ([]byte, error) {
	if slots < 0 || slots > maxRouteSlots {
		return b, &wire.FieldError{Type: "option.Route", Field: "Slots", Value: slots, Limit: maxRouteSlots}
	}
	var empty [ip.MaxOptionsLen]byte
	return Route{Type: ip.OptRecordRoute, Pointer: routeFirst, Slots: empty[:slots*routeSlotLen]}.AppendBinary(b)
}

// AppendSourceRoute appends a source route of type t, [ip.OptLSRR] or [ip.OptSSRR],
// through hops, at most nine, to b. The last of hops is the datagram's final
// destination; the first gateway on the way is none of them, but the
// destination address of the header (RFC 1122 §3.2.1.8). It does not pad.
func AppendSourceRoute(b []byte, t ip.OptionType, hops ...netip.Addr) ([]byte, error) {
	if len(hops) > maxRouteSlots {
		return b, &wire.FieldError{Type: "option.Route", Field: "Slots", Value: len(hops), Limit: maxRouteSlots}
	}
	if t != ip.OptLSRR && t != ip.OptSSRR {
		return b, &wire.FieldError{Type: "option.Route", Field: "Type", Want: "a source route"}
	}
	var raw [ip.MaxOptionsLen]byte
	slots := raw[:0]
	for _, a := range hops {
		if !a.Is4() {
			return b, &wire.FieldError{Type: "option.Route", Field: "Slots", Want: "an IPv4 address"}
		}
		octets := a.As4()
		slots = append(slots, octets[:]...)
	}
	return Route{Type: t, Pointer: routeFirst, Slots: slots}.AppendBinary(b)
}

// AppendReturnRoute appends to b the source route that a reply takes back to
// src, the sender of a datagram that came with the source route r: the recorded
// gateways in reverse, then src (RFC 1122 §3.2.1.8). It returns the address
// that the reply is to be sent to first. Where r has recorded nothing, that is
// src, and nothing is appended. Whether r has come to its end is for the caller
// to ask, [Route.Full]; of one that has not, the recorded part is reversed. It
// does not pad.
func AppendReturnRoute(b []byte, r Route, src netip.Addr) ([]byte, netip.Addr, error) {
	n := r.Recorded()
	switch {
	case n == 0:
		return b, src, nil
	case n > maxRouteSlots:
		return b, netip.Addr{}, &wire.FieldError{Type: "option.Route", Field: "Slots", Value: n, Limit: maxRouteSlots}
	}
	var hops [maxRouteSlots]netip.Addr
	for i := range n - 1 {
		hops[i] = r.Slot(n - 2 - i)
	}
	hops[n-1] = src
	b, err := AppendSourceRoute(b, r.Type, hops[:n]...)
	if err != nil {
		return b, netip.Addr{}, err
	}
	return b, r.Slot(n - 1), nil
}

// Record writes own, the address of the interface that the datagram leaves
// through, into the next slot of the record route or source route o, in place,
// and moves the pointer on. It returns what stood in the slot: in a source
// route the address that the datagram goes to next, for [ip.SetDst4]. When the
// route is full, nothing is changed and ok is false. The errors are those of
// [ParseRoute]. The header checksum is for the caller to mend, with [ip.Seal4].
//
// A gateway calls it on a record route for every datagram, on a source route
// only when the destination address is one of its own; it learns where that
// leads from [Route.Next] before it knows which interface to name.
func Record(o ip.Option4, own netip.Addr) (next netip.Addr, ok bool, err error) {
	r, err := ParseRoute(o)
	if err != nil {
		return netip.Addr{}, false, err
	}
	if !own.Is4() {
		return netip.Addr{}, false, &wire.FieldError{Type: "option.Route", Field: "Slots", Want: "an IPv4 address"}
	}
	next, ok = r.Next()
	if ok {
		octets := own.As4()
		copy(r.Slots[r.Recorded()*routeSlotLen:], octets[:])
		o.Data[0] += routeSlotLen
	}
	return next, ok, nil
}
