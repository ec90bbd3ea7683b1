package route

import (
	"encoding/binary"
	"iter"
	"net/netip"
	"slices"
	"strconv"
)

// Outcome is what a look-up came to.
type Outcome uint8

// The outcomes, and the code of destination unreachable that a gateway sends
// for each (RFC 1812 §4.3.3.1).
const (
	NoRoute Outcome = iota // nothing covers the destination: 3/0
	NoTOS                  // routes do, none for the TOS and no default: 3/11, or 3/12 when [Route.OnLink]
	Found
)

// String returns "no route", "no route for the TOS" or "found".
func (o Outcome) String() string {
	switch o {
	case NoRoute:
		return "no route"
	case NoTOS:
		return "no route for the TOS"
	case Found:
		return "found"
	}
	return "outcome " + strconv.Itoa(int(o))
}

// A Table holds routes of both families. The zero Table is empty and ready. It
// must not be copied once it holds a route.
type Table struct {
	v4, v6 node
	len    int
}

// Len returns the number of routes.
func (t *Table) Len() int { return t.len }

// Add puts r into the table, in the place of the route of the same prefix and
// TOS where there is one. The table keeps a copy of r and of r.Hops; the turn of
// [PerPacket] begins at the first hop. What it refuses is a *[wire.FieldError],
// and the table is then as it was.
func (t *Table) Add(r Route) error {
	if err := r.check(); err != nil {
		return err
	}
	n, k := t.root(r.Prefix.Addr())
	at := n.slot(k, r.Prefix.Bits())
	for *at != nil && (*at).TOS < r.TOS {
		at = &(*at).next
	}
	r.Hops, r.turn, r.key = slices.Clone(r.Hops), 0, k
	if *at != nil && (*at).TOS == r.TOS {
		r.next = (*at).next
	} else {
		r.next = *at
		t.len++
	}
	*at = &r
	return nil
}

// Remove takes the route of exactly this prefix and TOS out and reports whether
// there was one. What a look-up returned earlier stays readable.
func (t *Table) Remove(prefix netip.Prefix, tos uint8) bool {
	if !prefix.IsValid() || prefix != prefix.Masked() {
		return false
	}
	n, k := t.root(prefix.Addr())
	if !n.remove(k, prefix.Bits(), 0, tos) {
		return false
	}
	t.len--
	return true
}

// Lookup returns the route with the longest prefix that covers dst, for the
// default TOS. It is [Table.LookupTOS] with zero for those who do not tell the
// outcomes apart.
func (t *Table) Lookup(dst netip.Addr) (*Route, bool) {
	r, o := t.LookupTOS(dst, 0)
	if o != Found {
		return nil, false
	}
	return r, true
}

// LookupTOS returns the route for dst and the TOS octet of a datagram, of which
// the bits of [TOSMask] count. The longest prefix that covers dst decides first;
// then the route of that TOS, else the one of the default TOS (RFC 1812
// §5.2.4.3, rules 2 and 3). With [NoTOS] it returns a route of the prefix that
// was passed over, with [NoRoute] nil.
//
// Reading: where the longest prefix has no route for the TOS, a shorter one that
// has is not taken; the rules prune in their order and never look back. The
// default route does not save such a datagram, and 3/11 says why.
//
// The zero Addr has no route. A zone is not looked at. An IPv4-mapped IPv6
// address is looked up as IPv6.
func (t *Table) LookupTOS(dst netip.Addr, tos uint8) (*Route, Outcome) {
	if !dst.IsValid() {
		return nil, NoRoute
	}
	n, k := t.root(dst)
	first := n.longest(k)
	if first == nil {
		return nil, NoRoute
	}
	tos &= TOSMask
	for r := first; r != nil; r = r.next {
		if r.TOS == tos {
			return r, Found
		}
	}
	if first.TOS == 0 {
		return first, Found
	}
	return first, NoTOS
}

// All yields a copy of every route: IPv4 before IPv6, then by address, the
// shorter prefix first, then by TOS. The copies share Hops with the table. The
// table must not change meanwhile.
func (t *Table) All() iter.Seq[Route] {
	return func(yield func(Route) bool) {
		if t.v4.walk(0, yield) {
			t.v6.walk(0, yield)
		}
	}
}

// root returns the tree of a's family and the octets of a as its key.
func (t *Table) root(a netip.Addr) (*node, key) {
	if a.Is4() {
		b := a.As4()
		return &t.v4, key{hi: uint64(binary.BigEndian.Uint32(b[:])) << 32}
	}
	b := a.As16()
	return &t.v6, key{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}
