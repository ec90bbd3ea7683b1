package filter

func (r *relation) generate(g *generator, yes, no label) {
	seen := map[*proto]bool{}
	access := func(p *proto) {
		if !seen[p] {
			seen[p] = true
			there := g.label()
			g.has(p, there, no)
			g.place(there)
		}
	}
	r.a.accesses(access)
	r.b.accesses(access)
	if r.not {
		yes, no = no, yes
	}
	if k, ok := r.b.(constant); ok {
		r.a.into(g, 0)
		g.jump(r.op, uint32(k), yes, no)
		return
	}
	g.two(r.a, r.b, 0)
	g.jump(r.op|byX, 0, yes, no)
}

// two leaves two values in A and X.
func (g *generator) two(a, b value, free int) {
	a.into(g, free)
	g.emit(store, uint32(free))
	b.into(g, free+1)
	g.emit(copyToX, 0)
	g.emit(loadMem, uint32(free))
}

// has tests that the octets of a protocol can be looked at: it is there, its
// header is at the beginning, and tcpdump looks at it in this version of IP.
func (g *generator) has(p *proto, yes, no label) {
	switch {
	case p.link != 0:
		g.linkType(p.link, yes, no)
	case !p.v4: // directly behind the header
		ip6 := g.label()
		g.linkType(etherIPv6, ip6, no)
		g.place(ip6)
		g.emit(loadByte, g.netAt+next6)
		g.jump(jumpEqual, uint32(p.ip), yes, no)
	default:
		found := g.label()
		g.proto4(uint8(p.ip), found, no)
		g.place(found)
		g.whole(yes, no)
	}
}

func (c constant) into(g *generator, _ int) { g.emit(loadImm, uint32(c)) }

func (length) into(g *generator, _ int) { g.emit(loadLen, 0) }

func (o *octets) into(g *generator, free int) {
	base := g.netAt
	fixed := o.p.link != 0
	if !o.p.v4 && !fixed {
		base += header6
		fixed = true
	}
	direct := map[uint8]uint16{1: loadByte, 2: loadHalf, 4: loadWord}[o.size]
	indexed := map[uint8]uint16{1: indexByte, 2: indexHalf, 4: indexWord}[o.size]
	k, isConstant := o.at.(constant)
	sum := uint64(base) + uint64(k)
	switch {
	case isConstant && sum >= 1<<31: // the kernel has another meaning for these
		g.emit(loadImm, 0)
		g.emit(copyToX, 0)
		g.emit(opDiv|byX, 0)
	case isConstant && fixed:
		g.emit(direct, uint32(sum))
	case isConstant:
		g.emit(loadXHeaderLen, g.netAt)
		g.emit(indexed, uint32(sum))
	case fixed:
		o.at.into(g, free)
		g.emit(copyToX, 0)
		g.emit(indexed, base)
	default:
		o.at.into(g, free)
		g.emit(loadXHeaderLen, g.netAt)
		g.emit(opAdd|byX, 0)
		g.emit(copyToX, 0)
		g.emit(indexed, base)
	}
}

func (o *operation) into(g *generator, free int) {
	if k, ok := o.b.(constant); ok {
		o.a.into(g, free)
		g.emit(o.op, uint32(k))
		return
	}
	g.two(o.a, o.b, free)
	g.emit(o.op|byX, 0)
}
