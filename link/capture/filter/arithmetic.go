package filter

import "strconv"

// relation reads a comparison.
func (p *parser) relation() node {
	a := p.value(0)
	t := p.peek()
	r := &relation{a: a}
	switch t.text {
	case "=", "==":
		r.op = jumpEqual
	case "!=":
		r.op, r.not = jumpEqual, true
	case ">":
		r.op = jumpGreater
	case "<=":
		r.op, r.not = jumpGreater, true
	case ">=":
		r.op = jumpAtLeast
	case "<":
		r.op, r.not = jumpAtLeast, true
	default:
		p.fail("expected a comparison, not " + p.quoted())
		return nil
	}
	p.i++
	r.b = p.value(0)
	if p.err == nil && max(scratch(r.a), 1+scratch(r.b)) > slots {
		p.failAt(t, "values are nested too deep on the right of operators")
	}
	return r
}

// scratch returns how many slots of scratch memory it takes to compute a value.
func scratch(v value) int {
	switch v := v.(type) {
	case *octets:
		return scratch(v.at)
	case *operation:
		if _, ok := v.b.(constant); ok {
			return scratch(v.a)
		}
		return max(scratch(v.a), 1+scratch(v.b))
	}
	return 0
}

// operators have the levels of tcpdump's grammar, which are those of C.
//
// Deviation: tcpdump gives none to % and ^, which there take all that follows.
var operators = map[string]struct {
	level int
	op    uint16
}{
	"|": {0, opOr}, "^": {1, opXor}, "&": {2, opAnd},
	"<<": {3, opLeft}, ">>": {3, opRight},
	"+": {4, opAdd}, "-": {4, opSub},
	"*": {5, opMul}, "/": {5, opDiv}, "%": {5, opMod},
}

const levels = 6

// value reads a value whose operators are of this level or higher ones, from
// left to right.
func (p *parser) value(level int) value {
	if level == levels {
		return p.factor()
	}
	a := p.value(level + 1)
	for p.err == nil {
		t := p.peek()
		o, ok := operators[t.text]
		if !ok || o.level != level {
			break
		}
		p.i++
		a = p.combine(t, o.op, a, p.value(level+1))
	}
	return a
}

// combine computes at once what no packet is needed for.
func (p *parser) combine(t token, op uint16, a, b value) value {
	y, ok := b.(constant)
	if ok && y == 0 && (op == opDiv || op == opMod) {
		p.failAt(t, "division by zero")
	}
	if ok && y > 31 && (op == opLeft || op == opRight) {
		p.failAt(t, "shifted by more than 31 bits")
	}
	x, okA := a.(constant)
	if p.err == nil && ok && okA {
		v, _ := calculate(op, uint32(x), uint32(y))
		return constant(v)
	}
	return &operation{op, a, b}
}

// factor reads a number, a name, octets of a packet, or a parenthesis.
func (p *parser) factor() value {
	t := p.peek()
	if p.err != nil {
		return constant(0)
	}
	switch t.text {
	case "(":
		if !p.enter() {
			return constant(0)
		}
		p.i++
		v := p.value(0)
		p.want(")")
		p.depth--
		return v
	case "-":
		if !p.enter() {
			return constant(0)
		}
		p.i++
		v := p.combine(t, opSub, constant(0), p.factor())
		p.depth--
		return v
	case "len":
		p.i++
		return length{}
	}
	if n, ok := integer(t.text); ok {
		p.i++
		return constant(n)
	}
	if n, ok := values()[t.text]; ok {
		p.i++
		return constant(n)
	}
	pr := protos()[t.text]
	switch {
	case !t.word:
		p.fail("expected a number or octets of a packet, not " + p.quoted())
		return constant(0)
	case pr == nil || !pr.data:
		p.unknown(t)
		return constant(0)
	}
	p.i++
	return p.octets(pr)
}

// octets reads the brackets behind a protocol.
func (p *parser) octets(pr *proto) value {
	p.want("[")
	if p.err != nil || !p.enter() {
		return constant(0)
	}
	o := &octets{p: pr, at: p.value(0), size: 1}
	if p.take(":") {
		t := p.peek()
		switch n := p.number("the size", 4); n {
		case 1, 2, 4:
			o.size = uint8(n)
		default:
			p.failAt(t, "the size is 1, 2 or 4, not "+strconv.FormatUint(n, 10))
		}
	}
	p.want("]")
	p.depth--
	return o
}
