package rules

import (
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// Hop limits by which a message shows that it was not forwarded.
const (
	onLink    = 255 // RFC 4861 §3.1
	multicast = 1   // RFC 2710 §3, RFC 3810 §5
)

// doctrine is the rules of a role for one way and one family.
func doctrine(p *policy.Policy, w policy.Where, f kind.Family) []Rule {
	b := builder{p: p, w: w, f: f}
	switch w {
	case policy.In:
		b.in()
	case policy.Through:
		b.through()
	case policy.Out:
		b.out()
	}
	return b.rules
}

type builder struct {
	p     *policy.Policy
	w     policy.Where
	f     kind.Family
	rules []Rule
}

func (b *builder) accept(r Rule) {
	r.Accept = true
	b.rules = append(b.rules, r)
}

func (b *builder) drop(why string, types ...uint8) {
	b.rules = append(b.rules, Rule{Kinds: kind.Of(b.f, types...), Why: why})
}

func codes(from, to uint8) kind.Range { return kind.Range{From: from, To: to} }

// zero is a type with code 0 only.
func zero(f kind.Family, types ...uint8) kind.Set { return kind.Of(f, types...).With(codes(0, 0)) }

// need is errors that are needed, and why.
type need struct {
	kinds kind.Set
	why   string
}

// errors4 and errors6 are the errors that a working network needs, path MTU
// discovery first: a flood of the others is not to crowd it out.
func errors4() []need {
	return []need{
		{kind.Of(kind.V4, 3).With(codes(4, 4)), "path MTU discovery stops without it (RFC 1191 §3)"},
		{kind.Of(kind.V4, 3).With(codes(0, 3), codes(9, 13)), "unreachable or prohibited: who asks need not wait (RFC 1122 §3.2.2.1)"},
		{kind.Of(kind.V4, 11).With(codes(0, 1)), "time exceeded: traceroute, loops, lost fragments (RFC 1122 §3.2.2.4)"},
		{kind.Of(kind.V4, 12).With(codes(0, 2)), "parameter problem: a header is wrong (RFC 1122 §3.2.2.5)"},
	}
}

func errors6() []need {
	return []need{
		{zero(kind.V6, 2), "path MTU discovery stops without it (RFC 4890 §4.3.1, §4.4.1)"},
		{kind.Of(kind.V6, 1), "unreachable: who asks need not wait (RFC 4890 §4.3.1, §4.4.1)"},
		{kind.Of(kind.V6, 3).With(codes(0, 1)), "time exceeded: traceroute, loops, lost fragments (RFC 4890 §4.3.1, §4.3.2)"},
		{kind.Of(kind.V6, 4).With(codes(0, 10)), "parameter problem: unknown headers and options (RFC 4890 §4.3.1; RFC 8883)"},
	}
}

// errors lets errors pass; with a limit, all but path MTU discovery has it.
func (b *builder) errors(r Rule, limit policy.Limit) {
	all := errors4()
	if b.f == kind.V6 {
		all = errors6()
	}
	for i, e := range all {
		r.Kinds, r.Why, r.Limit = e.kinds, e.why, limit
		if i == 0 {
			r.Limit = policy.Limit{}
		}
		b.accept(r)
	}
}

// echo types of the family.
func (b *builder) echo() (request, reply kind.Set) {
	if b.f == kind.V6 {
		return zero(b.f, 128), zero(b.f, 129)
	}
	return zero(b.f, 8), zero(b.f, 0)
}

func (b *builder) in() {
	role := b.p.Role
	request, reply := b.echo()
	switch role {
	case policy.Closed:
		b.errors(Rule{Belongs: true}, b.p.Errors)
		b.accept(Rule{Kinds: reply, Belongs: true, Why: "an answer to our own ping"})
		b.accept(Rule{Kinds: request, In: Inside, Limit: b.p.Echo, Why: "ping, from inside only"})
	case policy.Host:
		b.errors(Rule{Belongs: true}, b.p.Errors)
		b.accept(Rule{Kinds: reply, Belongs: true, Why: "an answer to our own ping"})
		b.accept(Rule{Kinds: request, Limit: b.p.Echo, Why: "ping: a host answers (RFC 1122 §3.2.2.6; RFC 4443 §4.2)"})
	default: // without a table of conversations
		b.errors(Rule{}, b.p.Errors)
		b.accept(Rule{Kinds: reply, Limit: b.p.Echo, Why: "an answer to our own ping"})
		b.accept(Rule{Kinds: request, Limit: b.p.Echo, Why: "ping: it is answered (RFC 1122 §3.2.2.6; RFC 4443 §4.2)"})
	}
	if b.f == kind.V6 {
		if role.Forwards() {
			b.accept(Rule{Kinds: zero(b.f, 133), HopLimit: onLink, In: Inside, Why: "hosts inside look for their router (RFC 4890 §4.4.1)"})
			b.accept(Rule{Kinds: zero(b.f, 134), HopLimit: onLink, In: Outside, Why: "the router outside; inside there is no other (RFC 4890 §4.4.1)"})
		} else {
			b.accept(Rule{Kinds: zero(b.f, 133, 134), HopLimit: onLink, Why: "router discovery on the link (RFC 4890 §4.4.1)"})
		}
		b.link()
	}
	b.refuse()
}

// link lets the messages pass without which IPv6 does not work on a link.
func (b *builder) link() {
	b.accept(Rule{Kinds: zero(b.f, 135, 136, 141, 142), HopLimit: onLink, Why: "neighbour discovery on the link (RFC 4890 §4.4.1)"})
	b.accept(Rule{Kinds: zero(b.f, 148, 149), HopLimit: onLink, Why: "secure neighbour discovery on the link (RFC 4890 §4.4.1)"})
	b.accept(Rule{Kinds: zero(b.f, 130, 131, 132, 143), HopLimit: multicast, Why: "multicast listeners on the link (RFC 4890 §4.4.1)"})
	b.accept(Rule{Kinds: zero(b.f, 151, 152, 153), HopLimit: multicast, Why: "multicast routers on the link (RFC 4890 §4.4.1)"})
}

func (b *builder) through() {
	request, reply := b.echo()
	if b.p.Role == policy.Closed {
		b.errors(Rule{Belongs: true}, policy.Limit{})
		b.accept(Rule{Kinds: reply, In: Outside, Out: Inside, Belongs: true, Why: "an answer to a ping from inside"})
		b.accept(Rule{Kinds: request, In: Inside, Out: Outside, Why: "ping from inside"})
		b.accept(Rule{Kinds: request, In: Inside, Out: Inside, Why: "ping between networks inside"})
		b.accept(Rule{Kinds: reply, In: Inside, Out: Inside, Belongs: true, Why: "an answer to a ping from inside"})
		b.refuse()
		return
	}
	b.errors(Rule{}, policy.Limit{})
	b.accept(Rule{Kinds: request, Why: "ping (RFC 4890 §4.3.1)"})
	b.accept(Rule{Kinds: reply, Why: "the answer to a ping (RFC 4890 §4.3.1)"})
	if b.f == kind.V6 {
		b.accept(Rule{Kinds: zero(b.f, 144, 145, 146, 147), Why: "mobile hosts and their home agents (RFC 4890 §4.3.2)"})
	}
	b.refuse()
}

func (b *builder) out() {
	request, reply := b.echo()
	b.errors(Rule{}, policy.Limit{}) // the kernel has a limit of its own, icmp_ratelimit
	b.accept(Rule{Kinds: request, Why: "our own ping"})
	b.accept(Rule{Kinds: reply, Why: "our answer to a ping that was let in"})
	if b.f == kind.V6 {
		if b.p.Role.Forwards() {
			b.accept(Rule{Kinds: zero(b.f, 133), HopLimit: onLink, Out: Outside, Why: "we look for our router outside (RFC 4890 §4.4.1)"})
			b.accept(Rule{Kinds: zero(b.f, 134), HopLimit: onLink, Out: Inside, Why: "we are the router inside (RFC 4890 §4.4.1)"})
		} else {
			b.accept(Rule{Kinds: zero(b.f, 133), HopLimit: onLink, Why: "we look for our router (RFC 4890 §4.4.1)"})
			b.drop("a host advertises no router (RFC 4861 §6.1.2)", 134)
		}
		b.link()
	}
	b.refuse()
}

// refuse names what is dropped for a reason of its own. All else is dropped
// because nobody is known to need it.
func (b *builder) refuse() {
	if b.f == kind.V4 {
		b.drop("source quench slows senders down and is out of use (RFC 6633)", 4)
		b.drop("redirects lead traffic astray; routes belong in the routing table (RFC 1812 §5.2.7.2)", 5)
		b.drop("router discovery without proof of who speaks (RFC 1256 §7)", 9, 10)
		b.drop("tells the clock, and nobody needs it (RFC 792)", 13, 14)
		b.drop("information and address mask are out of use (RFC 6918)", 15, 16, 17, 18)
		b.drop("PROBE tells of interfaces; off unless wanted (RFC 8335 §8)", 42, 43)
		return
	}
	b.drop("redirects lead traffic astray; an exception can allow them (RFC 4890 §4.4.4)", 137)
	b.drop("router renumbering is no message for strangers (RFC 4890 §4.3.5, §4.4.3)", 138)
	b.drop("node information tells names and addresses (RFC 4890 §4.3.5)", 139, 140)
	why := "of the link, and not from it by its hop limit, side or code"
	if b.w == policy.Through {
		why = "messages of the link do not cross it"
	}
	b.drop(why+" (RFC 4890 §4.3.3; RFC 4861 §6.1)", 133, 134, 135, 136, 141, 142, 148, 149)
	b.drop(why+" (RFC 4890 §4.3.3; RFC 2710 §3)", 130, 131, 132, 143, 151, 152, 153)
	b.drop("experiments, and room for expansion (RFC 4890 §4.3.5, §4.4.5)", 100, 101, 127, 200, 201, 255)
	b.drop("PROBE tells of interfaces; off unless wanted (RFC 8335 §8)", 160, 161)
}
