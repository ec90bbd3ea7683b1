package filter

import (
	"strconv"
	"strings"
)

// A Filter is an expression that was understood. It may be used by several
// goroutines at a time, but for [Filter.Match].
type Filter struct {
	text  string
	root  node
	vlans bool

	cache []compiled
}

// maxDepth is how deep parentheses and brackets may stand in each other; scratch
// memory is what limits it.
const maxDepth = 15

// Parse reads an expression. The empty one lets everything pass. The error is a
// [*SyntaxError].
func Parse(expression string) (*Filter, error) {
	if len(expression) > MaxLen {
		return nil, fault(expression, 0, "the expression is longer than "+strconv.Itoa(MaxLen)+" octets")
	}
	tokens, err := lex(expression)
	if err != nil {
		return nil, err
	}
	p := &parser{text: expression, tokens: tokens}
	f := &Filter{text: expression, root: always{}}
	if !p.end() {
		f.root = p.condition()
		if p.err == nil && !p.end() {
			p.fail("expected and, or, or the end, not " + p.quoted())
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	f.vlans = p.vlans
	return f, nil
}

// String returns the expression.
func (f *Filter) String() string { return f.text }

// VLAN reports whether the expression asks for VLAN tags. The kernel takes them
// from a frame before a filter sees it, so such an expression is to be run on the
// whole frame.
func (f *Filter) VLAN() bool { return f.vlans }

// A parser has the tokens of an expression. The first error stays; with it
// every rule ends soon.
type parser struct {
	text   string
	tokens []token // the last one is the end
	i      int
	depth  int
	err    error
	vlans  bool

	// The words before an address or a number, which another repeats.
	words qualifiers
	have  bool
}

// qualifiers are the words in front of an address or a number.
type qualifiers struct {
	p    *proto
	way  way
	kind string // host, net, port, portrange, proto
}

func (p *parser) peek() token { return p.tokens[p.i] }
func (p *parser) end() bool   { return p.peek().text == "" }

// quoted is the next token for an error.
func (p *parser) quoted() string {
	if p.end() {
		return "the end"
	}
	return strconv.Quote(p.peek().text)
}

func (p *parser) fail(problem string) { p.failAt(p.peek(), problem) }

func (p *parser) failAt(t token, problem string) {
	if p.err == nil {
		p.err = fault(p.text, t.at, problem)
	}
}

// take passes the next token if it is one of these.
func (p *parser) take(texts ...string) bool {
	for _, s := range texts {
		if p.peek().text == s && s != "" {
			p.i++
			return true
		}
	}
	return false
}

// want passes the next token, which has to be this one.
func (p *parser) want(s string) {
	if p.err == nil && !p.take(s) {
		p.fail("expected " + s + ", not " + p.quoted())
	}
}

// condition reads terms with and and or between them, from left to right.
func (p *parser) condition() node {
	n := p.term()
	for p.err == nil {
		switch {
		case p.take("and", "&&"):
			n = &both{n, p.term()}
		case p.take("or", "||"):
			n = &either{n, p.term()}
		default:
			return n
		}
	}
	return n
}

func (p *parser) term() node {
	nots := 0
	for p.take("not", "!") {
		nots++
	}
	n := p.primary()
	if nots%2 == 1 {
		n = &not{n}
	}
	return n
}

func (p *parser) primary() node {
	t := p.peek()
	switch {
	case p.err != nil:
		return nil
	case t.text == "(" && !p.arithmetic():
		if !p.enter() {
			return nil
		}
		p.i++
		n := p.condition()
		p.want(")")
		p.depth--
		return n
	case t.text == "(" || t.text == "-" || p.valueNext():
		return p.relation()
	case t.text == "":
		p.fail("expected a condition, not the end")
		return nil
	case !t.word:
		p.fail("expected a condition, not " + p.quoted())
		return nil
	}
	return p.primitive()
}

// enter goes a level deeper.
func (p *parser) enter() bool {
	if p.depth == maxDepth {
		p.fail("more than " + strconv.Itoa(maxDepth) + " parentheses and brackets in each other")
		return false
	}
	p.depth++
	return true
}

// arithmetic reports whether the parenthesis that comes next holds a value, not
// a condition.
func (p *parser) arithmetic() bool {
	depth, brackets := 0, 0
	for i := p.i; ; i++ {
		t := p.tokens[i]
		switch t.text {
		case "":
			return false
		case "[":
			brackets++
		case "]":
			brackets--
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i > p.i+1
			}
		case "!", "&&", "||", "=", "==", "!=", "<", ">", "<=", ">=":
			return false
		default:
			if t.word && brackets == 0 && !p.valueAt(i) {
				return false
			}
		}
	}
}

// valueAt reports whether the word at i begins a value.
func (p *parser) valueAt(i int) bool {
	t := p.tokens[i]
	if _, ok := values()[t.text]; ok || t.text == "len" {
		return true
	}
	if _, ok := integer(t.text); ok {
		return true
	}
	return p.tokens[min(i+1, len(p.tokens)-1)].text == "["
}

// valueNext reports whether a relation comes next. A number may also repeat the
// words before it.
func (p *parser) valueNext() bool {
	t := p.peek()
	if !t.word || !p.valueAt(p.i) {
		return false
	}
	if _, ok := integer(t.text); !ok {
		return true
	}
	switch next := p.tokens[p.i+1]; next.text {
	case "", ")", "and", "or", "&&", "||", "/":
		return !p.have
	default:
		return true
	}
}

// integer reads a number as C writes it.
func integer(s string) (uint32, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' || strings.ContainsAny(s, "_oObB") && !strings.HasPrefix(s, "0x") && !strings.HasPrefix(s, "0X") {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 0, 32)
	return uint32(n), err == nil && !strings.Contains(s, "_")
}
