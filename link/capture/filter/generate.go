package filter

import (
	"encoding/binary"
	"math"
	"net/netip"

	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire/ip"
)

// Offsets in the headers of IP, in octets.
const (
	flags4  = 6 // flags and fragment offset
	proto4  = 9
	src4    = 12
	dst4    = 16
	next6   = 6
	src6    = 8
	dst6    = 24
	header6 = 40
	srcARP  = 14
	dstARP  = 24
)

func (always) generate(g *generator, yes, _ label) { g.always(yes) }

func (n *both) generate(g *generator, yes, no label) {
	second := g.label()
	n.a.generate(g, second, no)
	g.place(second)
	n.b.generate(g, yes, no)
}

func (n *either) generate(g *generator, yes, no label) {
	second := g.label()
	n.a.generate(g, yes, second)
	g.place(second)
	n.b.generate(g, yes, no)
}

func (n *not) generate(g *generator, yes, no label) { n.n.generate(g, no, yes) }

// each tries alternatives one behind the other until one goes to yes.
func (g *generator) each(yes, no label, n int, f func(i int, yes, no label)) {
	for i := range n - 1 {
		next := g.label()
		f(i, yes, next)
		g.place(next)
	}
	f(n-1, yes, no)
}

// linkType tests what the frame carries.
func (g *generator) linkType(t uint16, yes, no label) {
	switch g.link {
	case frame.Ethernet, frame.LinuxCooked, frame.Cooked2:
		g.emit(loadHalf, g.typeAt)
		g.jump(jumpEqual, uint32(t), yes, no)
	case socket:
		const ancillaryProtocol = math.MaxUint32 - 0x1000 + 1 // SKF_AD_OFF + SKF_AD_PROTOCOL
		g.emit(loadHalf, ancillaryProtocol)
		g.jump(jumpEqual, uint32(t), yes, no)
	case frame.PPP, frame.PPPSerial, frame.PPPEther:
		g.ofPPP(t, yes, no)
	case frame.Null, frame.Loop:
		g.family(t, yes, no)
	case frame.IPv4:
		g.constant(t == etherIPv4, yes, no)
	case frame.IPv6:
		g.constant(t == etherIPv6, yes, no)
	default: // raw
		version := map[uint16]uint32{etherIPv4: 0x40, etherIPv6: 0x60}[t]
		if version == 0 {
			g.always(no)
			return
		}
		g.emit(loadByte, g.netAt)
		g.emit(opAnd, 0xf0)
		g.jump(jumpEqual, version, yes, no)
	}
}

func (g *generator) constant(holds bool, yes, no label) {
	if holds {
		g.always(yes)
	} else {
		g.always(no)
	}
}

func (g *generator) ofPPP(t uint16, yes, no label) {
	p := map[uint16]uint32{etherIPv4: 0x0021, etherIPv6: 0x0057}[t]
	if p == 0 {
		g.always(no)
		return
	}
	g.emit(loadHalf, g.typeAt)
	g.jump(jumpEqual, p, yes, no)
}

// family tests a BSD address family, in whichever order it is.
func (g *generator) family(t uint16, yes, no label) {
	families := map[uint16][]uint32{etherIPv4: {2}, etherIPv6: {10, 23, 24, 28, 30}}[t]
	if families == nil {
		g.always(no)
		return
	}
	g.emit(loadWord, 0)
	g.each(yes, no, 2*len(families), func(i int, yes, no label) {
		f := families[i/2]
		if i%2 == 1 {
			f <<= 24
		}
		g.jump(jumpEqual, f, yes, no)
	})
}

func (n *isProto) generate(g *generator, yes, no label) {
	switch p := n.p; {
	case p.link != 0:
		g.linkType(p.link, yes, no)
	case !p.v6:
		g.proto4(uint8(p.ip), yes, no)
	case !p.v4:
		g.proto6(uint8(p.ip), yes, no)
	default:
		g.protoAny(uint8(p.ip), yes, no)
	}
}

func (n *number) generate(g *generator, yes, no label) {
	switch {
	case n.p == nil:
		g.protoAny(n.n, yes, no)
	case n.p.name == "ip":
		g.proto4(n.n, yes, no)
	default:
		g.proto6(n.n, yes, no)
	}
}

func (g *generator) proto4(n uint8, yes, no label) {
	ip4 := g.label()
	g.linkType(etherIPv4, ip4, no)
	g.place(ip4)
	g.emit(loadByte, g.netAt+proto4)
	g.jump(jumpEqual, uint32(n), yes, no)
}

// proto6 tests the next header, and the one behind a fragment header.
func (g *generator) proto6(n uint8, yes, no label) {
	ip6, fragment, behind := g.label(), g.label(), g.label()
	g.linkType(etherIPv6, ip6, no)
	g.place(ip6)
	g.emit(loadByte, g.netAt+next6)
	g.jump(jumpEqual, uint32(n), yes, fragment)
	g.place(fragment)
	g.jump(jumpEqual, uint32(ip.ProtoFragment), behind, no)
	g.place(behind)
	g.emit(loadByte, g.netAt+header6)
	g.jump(jumpEqual, uint32(n), yes, no)
}

func (g *generator) protoAny(n uint8, yes, no label) {
	other := g.label()
	g.proto4(n, yes, other)
	g.place(other)
	g.proto6(n, yes, no)
}

// sides tests one of two places, or both, as way says.
func (g *generator) sides(w way, yes, no label, test func(second bool, yes, no label)) {
	switch w {
	case src:
		test(false, yes, no)
	case dst:
		test(true, yes, no)
	default:
		second := g.label()
		if w == any2 {
			test(false, yes, second)
		} else {
			test(false, second, no)
		}
		g.place(second)
		test(true, yes, no)
	}
}

func (n *network) generate(g *generator, yes, no label) {
	if n.net.Addr().Is6() {
		ip6 := g.label()
		g.linkType(etherIPv6, ip6, no)
		g.place(ip6)
		g.addresses(n, src6, dst6, yes, no)
		return
	}
	kinds := []*proto{protos()["ip"], protos()["arp"], protos()["rarp"]}
	if n.p != nil {
		kinds = []*proto{n.p}
	}
	g.each(yes, no, len(kinds), func(i int, yes, no label) {
		here := g.label()
		g.linkType(kinds[i].link, here, no)
		g.place(here)
		if kinds[i].link == etherIPv4 {
			g.addresses(n, src4, dst4, yes, no)
		} else {
			g.addresses(n, srcARP, dstARP, yes, no)
		}
	})
}

// addresses compares the addresses at two places, 32 bits at a time.
func (g *generator) addresses(n *network, first, second uint32, yes, no label) {
	g.sides(n.way, yes, no, func(isSecond bool, yes, no label) {
		at := first
		if isSecond {
			at = second
		}
		g.address(n.net, g.netAt+at, yes, no)
	})
}

func (g *generator) address(net netip.Prefix, at uint32, yes, no label) {
	b := net.Addr().AsSlice()
	for bits := net.Bits(); len(b) > 0; bits -= 32 {
		g.emit(loadWord, at)
		if bits < 32 {
			g.emit(opAnd, uint32(math.MaxUint32<<(32-max(bits, 0))))
		}
		next := g.label()
		g.jump(jumpEqual, binary.BigEndian.Uint32(b), next, no)
		g.place(next)
		b, at = b[4:], at+4
	}
	g.always(yes)
}

func (n *ports) generate(g *generator, yes, no label) {
	kinds := []*proto{protos()["tcp"], protos()["udp"], protos()["sctp"]}
	if n.p != nil {
		kinds = []*proto{n.p}
	}
	version6, four, six := g.label(), g.label(), g.label()
	g.linkType(etherIPv4, four, version6)
	g.place(four)
	found, whole := g.label(), g.label()
	g.emit(loadByte, g.netAt+proto4)
	g.each(found, version6, len(kinds), func(i int, yes, no label) { g.jump(jumpEqual, uint32(kinds[i].ip), yes, no) })
	g.place(found)
	g.whole(whole, version6)
	g.place(whole)
	g.emit(loadXHeaderLen, g.netAt)
	n.compare(g, indexHalf, 0, yes, version6)

	g.place(version6)
	g.linkType(etherIPv6, six, no)
	g.place(six)
	found = g.label()
	g.emit(loadByte, g.netAt+next6)
	g.each(found, no, len(kinds), func(i int, yes, no label) { g.jump(jumpEqual, uint32(kinds[i].ip), yes, no) })
	g.place(found)
	n.compare(g, loadHalf, header6, yes, no)
}

// whole tests that an IPv4 datagram is no later fragment.
func (g *generator) whole(yes, no label) {
	g.emit(loadHalf, g.netAt+flags4)
	g.jump(jumpSet, 0x1fff, no, yes)
}

// compare compares the ports that begin at an offset behind netAt.
func (n *ports) compare(g *generator, op uint16, at uint32, yes, no label) {
	g.sides(n.way, yes, no, func(second bool, yes, no label) {
		k := g.netAt + at
		if second {
			k += 2
		}
		g.emit(op, k)
		if n.from == n.to {
			g.jump(jumpEqual, uint32(n.from), yes, no)
			return
		}
		more := g.label()
		g.jump(jumpAtLeast, uint32(n.from), more, no)
		g.place(more)
		g.jump(jumpGreater, uint32(n.to), no, yes)
	})
}

// generate looks for a tag where the type of the frame is, and moves what
// follows in the expression behind it, whether there was one or not, as tcpdump
// does.
func (n *vlan) generate(g *generator, yes, no label) {
	switch g.link {
	case frame.Ethernet, frame.LinuxCooked, frame.Cooked2:
	default:
		g.always(no)
		return
	}
	tags := []uint32{0x8100, 0x88a8, 0x9100}
	tagged := yes
	if !n.any {
		tagged = g.label()
	}
	g.emit(loadHalf, g.typeAt)
	g.each(tagged, no, len(tags), func(i int, yes, no label) { g.jump(jumpEqual, tags[i], yes, no) })
	contents := g.typeAt + 2
	if g.link == frame.Cooked2 && g.typeAt == 0 {
		contents = g.netAt
	}
	if !n.any {
		g.place(tagged)
		g.emit(loadHalf, contents)
		g.emit(opAnd, 0x0fff)
		g.jump(jumpEqual, uint32(n.id), yes, no)
	}
	g.typeAt = contents + 2
	g.netAt += 4
}
