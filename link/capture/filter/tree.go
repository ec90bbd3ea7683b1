package filter

import "net/netip"

// A node is a condition.
type node interface {
	// generate writes code that jumps to yes or no.
	generate(g *generator, yes, no label)
}

type (
	both   struct{ a, b node } // in the order of the expression, which matters for vlan
	either struct{ a, b node }
	not    struct{ n node }
	always struct{}
)

// way is which of two addresses or ports is meant.
type way uint8

const (
	any2 way = iota // src or dst
	src
	dst
	all2 // src and dst
)

type (
	isProto struct{ p *proto } // "icmp"
	// number is "ip proto 1"; p is ip, ip6 or nil for either.
	number struct {
		p *proto
		n uint8
	}
	// network is "host" and "net"; p is nil, ip, ip6, arp or rarp.
	network struct {
		p   *proto
		way way
		net netip.Prefix
	}
	// ports is "port" and "portrange"; p is nil, tcp, udp or sctp.
	ports struct {
		p        *proto
		way      way
		from, to uint16
	}
	vlan struct {
		any bool
		id  uint16
	}
	// relation compares; op is one of those of the classic packet filter.
	relation struct {
		op   uint16 // jumpEqual, jumpGreater, jumpAtLeast
		not  bool
		a, b value
	}
)

// A value is a number, computed from a packet.
type value interface {
	// into writes code that leaves the value in A; the slots of scratch memory
	// from free on may be used.
	into(g *generator, free int)
	// accesses calls f for each protocol whose octets are looked at.
	accesses(f func(p *proto))
}

type (
	constant uint32
	length   struct{}
	// octets are size octets of a protocol.
	octets struct {
		p    *proto
		at   value
		size uint8
	}
	operation struct {
		op   uint16
		a, b value
	}
)

func (constant) accesses(func(*proto)) {}
func (length) accesses(func(*proto))   {}

func (o *octets) accesses(f func(*proto)) {
	f(o.p)
	o.at.accesses(f)
}

func (o *operation) accesses(f func(*proto)) {
	o.a.accesses(f)
	o.b.accesses(f)
}
