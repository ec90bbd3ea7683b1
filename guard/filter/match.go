package filter

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// Unknown is a match that nobody here understands.
func Unknown(text string) Match {
	return Match{text, func(*Packet) Truth { return Perhaps }}
}

// Number is a match on a number of the packet, which known tells, and whether
// the packet has such a field at all.
func Number(text string, known func(*Packet) (n uint64, has bool), is func(uint64) bool) Match {
	return Match{text, func(p *Packet) Truth {
		n, has := known(p)
		if !has {
			return No
		}
		return Of(is(n))
	}}
}

// Type is the ICMP type of a packet of that family, for Number.
func Type(f kind.Family) func(*Packet) (uint64, bool) {
	return func(p *Packet) (uint64, bool) { return uint64(p.Type), p.Proto == f.Proto() }
}

// Code is its code.
func Code(f kind.Family) func(*Packet) (uint64, bool) {
	return func(p *Packet) (uint64, bool) { return uint64(p.Code), p.Proto == f.Proto() }
}

// Proto is the protocol of the upper layer, for Number.
func Proto(p *Packet) (uint64, bool) { return uint64(p.Proto), true }

// Port is the port that a packet of that protocol is to, for Number.
func Port(proto uint8) func(*Packet) (uint64, bool) {
	return func(p *Packet) (uint64, bool) { return uint64(p.Port), p.Proto == proto }
}

// HopLimit is a match on the hop limit.
func HopLimit(text string, is func(uint64) bool) Match {
	return Match{text, func(p *Packet) Truth {
		if p.HopLimit == 0 {
			return Perhaps
		}
		return Of(is(uint64(p.HopLimit)))
	}}
}

// Addr is a match on an address, which get returns, of the family; none is
// perhaps.
func Addr(text string, f kind.Family, get func(*Packet) netip.Addr, in func(netip.Addr) bool) Match {
	return Match{text, func(p *Packet) Truth {
		a := get(p)
		switch {
		case f != 0 && p.Family != f:
			return No
		case !a.IsValid():
			return Perhaps
		}
		return Of(in(a))
	}}
}

// Src and Dst are the addresses, for Addr.
func Src(p *Packet) netip.Addr { return p.Src }

// Dst is where a packet is to.
func Dst(p *Packet) netip.Addr { return p.Dst }

// Groups is a match of addresses that packets are to, where they are those of many:
// what is to one machine is to none of them, whatever its address.
func Groups(m Match) Match {
	return Match{m.Text, func(p *Packet) Truth {
		if is, known := to(p); known && is != "multicast" {
			return No
		}
		return m.Test(p)
	}}
}

// IsGroup reports whether a network has only addresses of many.
func IsGroup(p netip.Prefix) bool {
	groups := map[bool]netip.Prefix{true: netip.PrefixFrom(netip.AddrFrom4([4]byte{224}), 4), false: netip.PrefixFrom(netip.AddrFrom16([16]byte{0xff}), 8)}[p.Addr().Is4()]
	everyone := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return p.Addr() == everyone && p.Bits() == 32 || p.Bits() >= groups.Bits() && groups.Contains(p.Addr())
}

// Interface is a match on the name of an interface, which get returns. A name may
// end in a star, or in iptables(8) in a plus, both of which any end of a name is.
func Interface(text string, get func(*Packet) string, names []string) Match {
	return Match{text, func(p *Packet) Truth {
		have := get(p)
		truth := No
		for _, n := range names {
			short, any := strings.CutSuffix(n, "*")
			switch {
			case n == "lo":
			case any && short == "":
				return Yes
			case have == "":
				truth = Perhaps
			case have == n, any && strings.HasPrefix(have, short):
				return Yes
			}
		}
		return truth
	}}
}

// In and Out are the interfaces, for Interface.
func In(p *Packet) string { return p.In }

// Out is where a packet leaves.
func Out(p *Packet) string { return p.Out }

// States is a match on what connection tracking says.
func States(text string, states ...State) Match {
	return Match{text, func(p *Packet) Truth {
		if p.State == "" {
			return Perhaps
		}
		for _, s := range states {
			if s == p.State {
				return Yes
			}
		}
		return No
	}}
}

// Family is a match on the version of IP.
func Family(text string, f kind.Family) Match {
	return Match{text, func(p *Packet) Truth { return Of(p.Family == f) }}
}

// Not is the opposite of a match.
func Not(m Match) Match {
	return Match{m.Text, func(p *Packet) Truth { return m.Test(p).Not() }}
}

// to is what the address is that a packet is to, in the words of both programs:
// local, unicast, multicast. What is thought of is to one machine; only of
// messages of the link it is not known, unless they have an address.
func to(p *Packet) (string, bool) {
	switch {
	case p.Dst.IsMulticast():
		return "multicast", true
	case p.Way == "" || !p.Dst.IsValid() && (p.HopLimit == 1 || p.HopLimit == 255):
		return "", false
	case p.Way == policy.In:
		return "local", true
	}
	return "unicast", true
}

// AddrType is a match on what the machine takes an address for, in the words of
// both programs: local, unicast, broadcast, multicast.
func AddrType(text string, source bool, types []string) Match {
	return Match{text, func(p *Packet) Truth {
		is, known := to(p)
		if source {
			is, known = "unicast", p.Way != "" && !p.Src.IsUnspecified()
			if p.Way == policy.Out {
				is = "local"
			}
		}
		if !known {
			return Perhaps
		}
		return Of(slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, is) }))
	}}
}

// PacketType is a match on whom the link brought a packet to, in the words of both
// programs: host or unicast, broadcast, multicast, other.
func PacketType(text string, types []string) Match {
	return Match{text, func(p *Packet) Truth {
		is, known := to(p)
		if !known || p.Way == policy.Out {
			return Perhaps
		}
		if is != "multicast" {
			return Of(slices.Contains(types, "host") || slices.Contains(types, "unicast"))
		}
		return Of(slices.Contains(types, is))
	}}
}

// Route is a match on whether there is a way back to where a packet is from: what
// is thought of comes from where it says.
func Route(text string, missing bool) Match {
	return Match{text, func(p *Packet) Truth {
		if p.Way == policy.Out || p.Src.IsUnspecified() {
			return Perhaps
		}
		return Of(!missing)
	}}
}

// All is a match on all of some matches.
func All(text string, of []Match) Match {
	return Match{text, func(p *Packet) Truth {
		truth := Yes
		for _, m := range of {
			truth = min(truth, m.Test(p))
		}
		return truth
	}}
}

// Some is a match on any of some matches.
func Some(text string, of []Match) Match {
	return Match{text, func(p *Packet) Truth {
		truth := No
		for _, m := range of {
			truth = max(truth, m.Test(p))
		}
		return truth
	}}
}

// Only is a match on packets that have what it asks about; others are no match,
// whatever it asks for.
func Only(m Match, has func(*Packet) bool) Match {
	return Match{m.Text, func(p *Packet) Truth {
		if !has(p) {
			return No
		}
		return m.Test(p)
	}}
}
