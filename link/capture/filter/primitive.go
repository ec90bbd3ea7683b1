package filter

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// primitive reads what begins with a word.
func (p *parser) primitive() node {
	t := p.peek()
	switch t.text {
	case "less", "greater":
		p.i++
		op, negated := jumpGreater, true // not more than
		if t.text == "greater" {
			op, negated = jumpAtLeast, false
		}
		return &relation{op: op, not: negated, a: length{}, b: constant(p.number(t.text, 1<<32-1))}
	case "vlan":
		p.i++
		p.vlans = true
		if _, ok := integer(p.peek().text); ok && !p.arithmeticFollows() {
			return &vlan{id: uint16(p.number("vlan", 4095))}
		}
		return &vlan{any: true}
	}
	q := qualifiers{}
	begin := p.i
	if pr, ok := protos()[t.text]; ok {
		q.p = pr
		p.i++
	}
	directed := p.way(&q)
	switch k := p.peek(); k.text {
	case "host", "net", "port", "portrange", "proto":
		q.kind = k.text
		p.i++
	default:
		switch {
		case p.i > begin && !directed && !p.addressNext():
			return &isProto{q.p}
		case p.i > begin:
			q.kind = "host"
		case p.have && p.idNext():
			q = p.words
		case p.addressNext():
			q.kind = "host"
		default:
			p.unknown(t)
			return nil
		}
	}
	p.fits(&q, t)
	if p.err != nil {
		return nil
	}
	p.words, p.have = q, true
	return p.id(&q)
}

func (p *parser) unknown(t token) {
	switch {
	case unsupported[t.text]:
		p.failAt(t, strconv.Quote(t.text)+" is not supported here")
	default:
		p.failAt(t, "unknown word "+strconv.Quote(t.text)+"; names of hosts and ports are not looked up")
	}
}

// way reads which address or port is meant, and reports whether that was said.
func (p *parser) way(q *qualifiers) bool {
	one := map[string]way{"src": src, "dst": dst}
	w, ok := one[p.peek().text]
	if !ok {
		return false
	}
	p.i++
	q.way = w
	// "src or dst", "dst and src"
	if t := p.peek().text; t == "or" || t == "and" || t == "||" || t == "&&" {
		other, ok := one[p.tokens[p.i+1].text]
		if ok && other != w {
			p.i += 2
			q.way = any2
			if t == "and" || t == "&&" {
				q.way = all2
			}
		}
	}
	return true
}

// addressNext reports whether an address comes next, idNext whether that or a
// number.
func (p *parser) addressNext() bool {
	t := p.peek()
	if !t.word || !strings.ContainsAny(t.text, ".:") {
		return false
	}
	_, ok := prefix(t.text)
	return ok
}

func (p *parser) idNext() bool {
	t := p.peek().text
	if _, ok := integer(t); ok {
		return true
	}
	_, _, ok := strings.Cut(t, "-")
	return p.addressNext() || ok && p.words.kind == "portrange"
}

// arithmeticFollows reports whether the number that comes next belongs to a
// relation.
func (p *parser) arithmeticFollows() bool {
	switch p.tokens[p.i+1].text {
	case "", ")", "and", "or", "&&", "||":
		return false
	}
	return true
}

// fits refuses words that do not go together.
func (p *parser) fits(q *qualifiers, t token) {
	switch q.kind {
	case "host", "net":
		if q.p != nil && !q.p.addr {
			p.failAt(t, q.p.name+" has no "+q.kind)
		}
	case "port", "portrange":
		if q.p != nil && !q.p.port {
			p.failAt(t, q.p.name+" has no "+q.kind)
		}
	case "proto":
		if q.p != nil && q.p.name != "ip" && q.p.name != "ip6" || q.way != any2 {
			p.failAt(t, "proto goes with ip, ip6, or nothing")
		}
	}
}

// id reads what the words are about.
func (p *parser) id(q *qualifiers) node {
	switch q.kind {
	case "port":
		n := uint16(p.number("port", 65535))
		return &ports{q.p, q.way, n, n}
	case "portrange":
		return p.portRange(q)
	case "proto":
		if pr, ok := protos()[strings.TrimPrefix(p.peek().text, `\`)]; ok && pr.link == 0 {
			p.i++
			return &number{q.p, uint8(pr.ip)}
		}
		return &number{q.p, uint8(p.number("proto", 255))}
	}
	t := p.peek()
	pre, ok := prefix(t.text)
	if !t.word || !ok || q.kind == "host" && !isAddr(t.text) {
		want := "an address"
		if q.kind == "net" {
			want = "a network"
		}
		p.fail(q.kind + " wants " + want + ", not " + p.quoted())
		return nil
	}
	p.i++
	pre = p.mask(q, t, pre)
	if p.err == nil && q.p != nil && (q.p.name == "ip6") != pre.Addr().Is6() {
		p.failAt(t, q.p.name+" has no address "+pre.Addr().String())
	}
	return &network{q.p, q.way, pre}
}

// mask reads the length of a prefix, or a mask, behind its address.
func (p *parser) mask(q *qualifiers, t token, pre netip.Prefix) netip.Prefix {
	switch {
	case p.peek().text == "/" && q.kind == "host" && p.tokens[max(p.i-2, 0)].text == "host":
		p.fail("host takes no length of a prefix; net does")
		return pre
	case p.take("/"):
		pre = netip.PrefixFrom(pre.Addr(), int(p.number("/", uint64(pre.Addr().BitLen()))))
	case q.kind == "net" && pre.Addr().Is4() && p.take("mask"):
		m, err := netip.ParseAddr(p.peek().text)
		if err != nil || !m.Is4() {
			p.fail("mask wants a mask, not " + p.quoted())
			return pre
		}
		bits := ones(m)
		if bits < 0 {
			p.fail("the mask has holes")
			return pre
		}
		p.i++
		pre = netip.PrefixFrom(pre.Addr(), bits)
	}
	if p.err == nil && pre.Masked() != pre {
		p.failAt(t, "the address has bits behind the prefix; the network is "+pre.Masked().String())
	}
	return pre
}

// ones returns how many bits a mask has; -1: not all of them at the front.
func ones(m netip.Addr) int {
	v := binary.BigEndian.Uint32(m.AsSlice())
	for n := range 33 {
		if v == uint32(^uint64(0)<<(32-n)) {
			return n
		}
	}
	return -1
}

func (p *parser) portRange(q *qualifiers) node {
	t := p.peek()
	a, b, ok := strings.Cut(t.text, "-")
	from, ok1 := integer(a)
	to, ok2 := integer(b)
	switch {
	case !ok || !ok1 || !ok2 || from > 65535 || to > 65535:
		p.fail("portrange wants two ports as 1-1023, not " + p.quoted())
		return nil
	case from > to:
		from, to = to, from
	}
	p.i++
	return &ports{q.p, q.way, uint16(from), uint16(to)}
}

// number reads a number up to limit.
func (p *parser) number(what string, limit uint64) uint64 {
	n, ok := integer(p.peek().text)
	if !ok || uint64(n) > limit {
		p.fail(what + " wants a number up to " + strconv.FormatUint(limit, 10) + ", not " + p.quoted())
		return 0
	}
	p.i++
	return uint64(n)
}

func isAddr(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// prefix reads an address as a prefix of all of its bits, or the first octets
// of an IPv4 address: "10.1" is 10.1.0.0/16.
func prefix(s string) (netip.Prefix, bool) {
	if isAddr(s) {
		a := netip.MustParseAddr(s)
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	parts := strings.Split(s, ".")
	if len(parts) > 3 {
		return netip.Prefix{}, false
	}
	var b [4]byte
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return netip.Prefix{}, false
		}
		b[i] = byte(n)
	}
	return netip.PrefixFrom(netip.AddrFrom4(b), 8*len(parts)), true
}
