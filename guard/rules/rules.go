// Package rules turns a policy into rules: what may pass, and why. The rules
// are values. [Set.Text] writes them as nft(8) reads them, and [Set.Decide] says
// what they promise about a message, so that the one can be held against the
// other in a kernel.
//
// ICMPv6 follows RFC 4890: §4.3 for what is forwarded, §4.4 for what is of the
// machine itself. ICMPv4 has no such RFC; the rules follow the practice that
// draft-ietf-opsec-icmp-filtering wrote down, and the RFCs that took messages
// out of use (RFC 6633, RFC 6918).
package rules

import (
	"net/netip"
	"slices"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// Side is which side of a machine that forwards an interface is on.
type Side uint8

// The sides.
const (
	Any Side = iota
	Outside
	Inside
)

// Rule lets messages pass or drops them. A field that is zero asks for nothing.
type Rule struct {
	Kinds kind.Set
	In    Side // where it comes in
	Out   Side // where it leaves
	// Interface is where it comes in; of what the machine itself sends, where it
	// leaves.
	Interface string
	From, To  []netip.Prefix
	HopLimit  uint8 // it arrives with exactly this one
	// Belongs asks for a conversation that the message belongs to: that an error
	// quotes, or whose question a reply answers.
	Belongs bool
	Limit   policy.Limit // what is over it is dropped
	Accept  bool
	Why     string // the reason, and where it is from
}

// Chain is the rules for one way and one family, in their order. What none of
// them decides is dropped.
type Chain struct {
	Where  policy.Where
	Family kind.Family
	Rules  []Rule
}

// Set is the rules of a policy.
type Set struct {
	Policy *policy.Policy
	Chains []Chain
}

// For returns the rules of a policy.
func For(p *policy.Policy) *Set {
	s := &Set{Policy: p}
	ways := []policy.Where{policy.In, policy.Out}
	if p.Role.Forwards() {
		ways = []policy.Where{policy.In, policy.Through, policy.Out}
	}
	for _, w := range ways {
		for _, f := range []kind.Family{kind.V4, kind.V6} {
			s.Chains = append(s.Chains, Chain{w, f, append(exceptions(p, w, f), doctrine(p, w, f)...)})
		}
	}
	return s
}

func exceptions(p *policy.Policy, w policy.Where, f kind.Family) []Rule {
	var out []Rule
	for i := range p.Exceptions {
		e := &p.Exceptions[i]
		if !slices.Contains(e.Where, w) || !policy.Has(e.From, f) || !policy.Has(e.To, f) {
			continue
		}
		for _, k := range e.Kinds {
			if k.Family == f {
				out = append(out, Rule{
					Kinds: k, Interface: e.Interface, From: of(e.From, f), To: of(e.To, f),
					Limit: e.Limit, Accept: e.Allow, Why: exception + e.Why,
				})
			}
		}
	}
	return out
}

func of(ps []netip.Prefix, f kind.Family) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(ps), func(p netip.Prefix) bool { return p.Addr().Is4() != (f == kind.V4) })
}

// Message is a message on its way.
type Message struct {
	kind.Kind
	Where     policy.Where
	In, Out   Side
	Interface string // of Where Out: where it leaves; else where it comes in
	Src, Dst  netip.Addr
	HopLimit  uint8
	Belongs   bool
}

// Verdict is what the rules promise.
type Verdict struct {
	Pass  bool
	Limit policy.Limit // it passes up to here
	// Rule is the one that decides; nil: none does, so it is dropped.
	Rule *Rule
}

// Decide returns what the rules promise about a message that is no fragment: they
// let everything pass on ways that they have no chain for. Fragments but the first
// pass where conversations are not tracked; where they are, there are none.
func (s *Set) Decide(m Message) Verdict {
	for i := range s.Chains {
		c := &s.Chains[i]
		if c.Where != m.Where || c.Family != m.Family {
			continue
		}
		for j := range c.Rules {
			if r := &c.Rules[j]; r.matches(m) {
				return Verdict{Pass: r.Accept, Limit: r.Limit, Rule: r}
			}
		}
		return Verdict{}
	}
	return Verdict{Pass: true}
}

func (r *Rule) matches(m Message) bool {
	has := func(ps []netip.Prefix, a netip.Addr) bool {
		return len(ps) == 0 || slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return r.Kinds.Has(m.Kind) &&
		(r.In == Any || r.In == m.In) && (r.Out == Any || r.Out == m.Out) &&
		(r.Interface == "" || r.Interface == m.Interface) &&
		has(r.From, m.Src) && has(r.To, m.Dst) &&
		(r.HopLimit == 0 || r.HopLimit == m.HopLimit) &&
		(!r.Belongs || m.Belongs)
}
