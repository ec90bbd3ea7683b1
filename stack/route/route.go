package route

import (
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/wire"
)

// MaxHops is the most next hops that a [Route] may have.
const MaxHops = 64

// TOSMask holds the bits of the TOS octet that choose a route.
//
// Deviation: RFC 1349 §3 has one bit more, 0x02, minimize monetary cost. RFC
// 3168 §5 took it for ECN, so a datagram that is capable of ECN would seem to
// ask for the cheap route.
const TOSMask = 0x1c

// A Hop is one way out: an interface and the neighbour on it.
type Hop struct {
	Iface int        // the number that the node gave the interface
	Via   netip.Addr // the gateway; the zero Addr: the destination itself, on the link
}

// OnLink reports whether the destination is the neighbour.
func (h Hop) OnLink() bool { return !h.Via.IsValid() }

// String returns the hop as "via 192.0.2.1 iface 1" or "on link iface 1".
func (h Hop) String() string {
	if h.OnLink() {
		return "on link iface " + strconv.Itoa(h.Iface)
	}
	return "via " + h.Via.String() + " iface " + strconv.Itoa(h.Iface)
}

// Choice is how one of several hops is chosen.
type Choice uint8

// The choices. The first keeps the datagrams of a flow in order, and so does the
// second, which sends all that two hosts say to each other one way; the third
// spreads the load evenly and lets datagrams overtake each other.
const (
	PerFlow   Choice = iota // by [Flow.Hash]
	PerPair                 // by [Flow.PairHash]
	PerPacket               // in turn
)

// String returns "per flow", "per pair" or "per packet".
func (c Choice) String() string {
	switch c {
	case PerFlow:
		return "per flow"
	case PerPair:
		return "per pair"
	case PerPacket:
		return "per packet"
	}
	return "choice " + strconv.Itoa(int(c))
}

// A Route says where datagrams for a prefix go. What a [Table] returns is to be
// read only.
type Route struct {
	Prefix netip.Prefix // no bits set behind its length
	TOS    uint8        // bits of [TOSMask]; 0: the default, for every TOS without a route of its own
	Choice Choice       // zero: per flow
	Hops   []Hop        // 1 to [MaxHops]; one that stands twice gets two shares

	turn uint32 // of PerPacket: the hop whose turn it is
	key  key    // of the prefix
	next *Route // of the same prefix, with the next higher TOS
}

// OnLink reports whether the destination is on a network that one of the hops
// is connected to. It tells host from network in the errors that say
// unreachable (RFC 1812 §4.3.3.1).
func (r *Route) OnLink() bool { return slices.ContainsFunc(r.Hops, Hop.OnLink) }

// Pick returns the hop for one datagram of f. With one hop nothing is hashed.
// For [PerPacket] every call is one turn.
//
// The hash space is cut into as many regions of equal size as there are hops,
// the hash-threshold algorithm of RFC 2992. When a hop comes or goes it moves a
// quarter to a half of the flows, where a modulus moves all but one in N, and
// it takes one multiplication.
//
// r is one that a table returned.
func (r *Route) Pick(f *Flow) Hop {
	if len(r.Hops) == 1 {
		return r.Hops[0]
	}
	var h uint64
	switch r.Choice {
	case PerFlow:
		h = f.Hash()
	case PerPair:
		h = f.PairHash()
	default:
		i := r.turn
		if r.turn++; int(r.turn) == len(r.Hops) {
			r.turn = 0
		}
		return r.Hops[i]
	}
	i, _ := bits.Mul64(h, uint64(len(r.Hops)))
	return r.Hops[i]
}

// String returns the route as "192.0.2.0/24 tos 0x10 via 10.0.0.1 iface 1, on
// link iface 2 per flow"; a TOS of zero and the choice of a single hop are left
// out.
func (r Route) String() string {
	var b strings.Builder
	b.WriteString(r.Prefix.String())
	if r.TOS != 0 {
		b.WriteString(" tos 0x")
		b.WriteString(strconv.FormatUint(uint64(r.TOS), 16))
	}
	for i, h := range r.Hops {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte(' ')
		b.WriteString(h.String())
	}
	if len(r.Hops) > 1 {
		b.WriteByte(' ')
		b.WriteString(r.Choice.String())
	}
	return b.String()
}

// check returns a *wire.FieldError that names the field of r that no table
// takes.
func (r *Route) check() error {
	if !r.Prefix.IsValid() || r.Prefix != r.Prefix.Masked() {
		return want("Prefix", "a prefix with no bits set behind its length")
	}
	if r.Prefix.Addr().Is4In6() {
		return want("Prefix", "an IPv4 prefix in its own form")
	}
	if r.TOS&^TOSMask != 0 {
		return want("TOS", "no bits but those of 0x1c")
	}
	if r.TOS != 0 && !r.Prefix.Addr().Is4() {
		return want("TOS", "zero, the prefix being IPv6")
	}
	if r.Choice > PerPacket {
		return &wire.FieldError{Type: "route.Route", Field: "Choice", Value: int(r.Choice), Limit: int(PerPacket)}
	}
	if len(r.Hops) == 0 {
		return want("Hops", "at least one hop")
	}
	if len(r.Hops) > MaxHops {
		return &wire.FieldError{Type: "route.Route", Field: "Hops", Value: len(r.Hops), Limit: MaxHops}
	}
	for i, h := range r.Hops {
		field := "Hops[" + strconv.Itoa(i) + "]"
		switch {
		case h.Iface < 0:
			return want(field+".Iface", "the number of an interface, zero or more")
		case h.OnLink():
		case h.Via.Is4() != r.Prefix.Addr().Is4():
			return want(field+".Via", "an address of the prefix's family, or the zero Addr")
		case h.Via.IsUnspecified() || h.Via.IsMulticast() || h.Via.Is4In6() || h.Via.Zone() != "":
			return want(field+".Via", "a unicast address without a zone")
		}
	}
	return nil
}

func want(field, what string) error {
	return &wire.FieldError{Type: "route.Route", Field: field, Want: what}
}
