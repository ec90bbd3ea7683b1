package filter

import (
	"net/netip"
	"slices"

	"golang.org/x/net/bpf"

	"github.com/sonde-net/sonde/wire/ip"
)

// Prober is what is asked of one about what is its own.
type Prober interface {
	Identifiers() (id, mask uint16)
	Ports() (first, last uint16)
	Identifications() (id, mask uint16, ok bool)
}

// OwnOf returns what is a prober's own; routers: somebody solicits.
func OwnOf(p Prober, routers bool) (o Own) {
	o.Routers = routers
	o.ID, o.Mask = p.Identifiers()
	o.First, o.Last = p.Ports()
	if id, mask, ok := p.Identifications(); ok {
		o.Mark, o.MarkMask = id, mask
	}
	return o
}

// For returns what makes the program for a raw socket of a protocol.
func For(proto ip.Proto, v6 bool) func(*Own) []bpf.Instruction {
	switch {
	case proto == ip.ProtoICMP:
		return ICMP4
	case proto == ip.ProtoICMPv6:
		return ICMP6
	case v6:
		return Ports6
	}
	return Ports4
}

// Has reports whether a port is one of the further ones.
func (o *Own) Has(port uint16) bool { return slices.Contains(o.Ports, port) }

// Take adds a port that is not the prober's own by itself, and reports whether that
// makes a difference.
func (o *Own) Take(port uint16) bool {
	if o.First <= port && port <= o.Last || o.Has(port) {
		return false
	}
	o.Add(port)
	return true
}

// Meet adds an IPv4 destination to the peers, and reports whether that makes a
// difference. When there are as many as there may be, it does not.
func (o *Own) Meet(a netip.Addr) bool {
	if o.MarkMask == 0 || !a.Is4() || len(o.Peers) >= MaxPeers || slices.Contains(o.Peers, a) {
		return false
	}
	o.Peers = append(o.Peers, a)
	return true
}

// Add adds a port to the further ones; when they are too many, the oldest goes.
func (o *Own) Add(port uint16) {
	if len(o.Ports) >= MaxPorts {
		o.Ports = slices.Delete(o.Ports, 0, 1)
	}
	o.Ports = append(o.Ports, port)
}
