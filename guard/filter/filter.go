// Package filter is rule sets as they are found: chains with rules of any kind,
// and what they do to a packet that is only thought of. What a rule asks for may
// not be understood, or may depend on what is not known of the packet; then the
// answer is "perhaps", with the reason, and never a guess.
package filter

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// Truth is whether a packet is what a rule asks for.
type Truth uint8

// The answers.
const (
	No Truth = iota
	Perhaps
	Yes
)

// Of returns the truth of what is known.
func Of(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Not returns the opposite.
func (t Truth) Not() Truth { return Yes - t }

// Packet is a packet that is thought of. What is zero is not known, but for the
// family, the protocol, type and code.
type Packet struct {
	Family   kind.Family
	Proto    uint8
	Type     uint8 // of ICMP
	Code     uint8
	Port     uint16 // of TCP and UDP: where it is to
	In, Out  string // interfaces; never lo
	Src, Dst netip.Addr
	HopLimit uint8
	State    State
	Way      policy.Where // [Ruleset.Decide] sets it
}

// ICMP returns a message of that kind.
func ICMP(k kind.Kind) Packet {
	return Packet{Family: k.Family, Proto: k.Family.Proto(), Type: k.Type, Code: k.Code}
}

// State is what connection tracking says of a packet, in its words.
type State string

// The states.
const (
	New         State = "new"
	Established State = "established"
	Related     State = "related"
	Invalid     State = "invalid"
	Untracked   State = "untracked"
)

// Action is what a rule does.
type Action uint8

// The actions.
const (
	Continue Action = iota // nothing that decides
	Accept
	Drop // without a word, or with an error that says so
	Jump
	Goto
	Return
)

// Match is one thing that a rule asks for.
type Match struct {
	Text string // in the words of the rule set
	Test func(*Packet) Truth
}

// Branch is an action that depends on the packet, as in a verdict map.
type Branch struct {
	Match  Match
	Action Action
	Target string
}

// Rule is a rule.
type Rule struct {
	Where    string // table, chain and number
	Text     string
	Matches  []Match
	Limited  bool // about so many of what matches, and not about more
	Over     bool // about those that are too many, and no others
	Action   Action
	Target   string   // of Jump and Goto
	Branches []Branch // the first that matches acts, instead of Action
}

// Chain is a chain.
type Chain struct {
	Name     string // as a target has it, with its table
	Hook     string // "": only jumped to; else as nft(8) has it
	Priority int
	Families []kind.Family
	Policy   Action // Accept or Drop
	// Devices are the interfaces whose packets the chain sees; none: all.
	Devices []string
	// Unsure is why the chain may be asleep; "": it is awake.
	Unsure string
	Rules  []*Rule
}

// Ruleset is all of it.
type Ruleset struct {
	Chains []*Chain
	// Skipped is what was found and is not looked at: tables of other families,
	// for one.
	Skipped []string
	byName  map[string]*Chain
}

// Why is a rule that may decide otherwise.
type Why struct {
	Action  Action
	By      string // the rule
	Because string // what is not known
}

// Outcome is what becomes of a packet.
type Outcome struct {
	Action  Action // Accept or Drop
	By      string // the rule that decides, or the policy of the chain
	Limited bool   // it passes, but only so many do
	Perhaps []Why  // what may come before, and decides otherwise
}

// ways are the hooks of each way, in their order.
var ways = map[policy.Where][]string{
	policy.In:      {"ingress", "prerouting", "input"},
	policy.Through: {"ingress", "prerouting", "forward", "postrouting"},
	policy.Out:     {"output", "postrouting"},
}

// Decide says what becomes of a packet on its way.
func (s *Ruleset) Decide(p Packet, where policy.Where) Outcome {
	if s.byName == nil {
		s.byName = map[string]*Chain{}
		for _, c := range s.Chains {
			s.byName[c.Name] = c
		}
	}
	p.Way = where
	out := s.decide(&p, false)
	// Where those above every limit pass as well, there is none.
	out.Limited = out.Action == Accept && s.decide(&p, true).Action == Drop
	return out
}

// decide follows a packet that is within every limit, or above every one.
func (s *Ruleset) decide(p *Packet, above bool) Outcome {
	out := Outcome{Action: Accept}
	ruled := false
	var dropped *Outcome // unless something comes before that is not known
	for c := range s.way(p) {
		w := walk{s: s, base: c, p: p, above: above, steps: maxSteps, seen: map[string]result{}, ids: map[*Chain]uint64{}}
		r := w.from([]frame{{c, 0}})
		if unsure := c.unsure(p); unsure != "" && r.action == Drop {
			r = result{action: Accept, by: out.By, perhaps: []Why{{Drop, r.by, unsure}}}
		}
		if r.action == Drop {
			o := Outcome{Action: Drop, By: r.by, Perhaps: r.perhaps}
			if len(o.Perhaps) == 0 {
				return o
			}
			if dropped == nil {
				dropped = &o
			}
			continue // if it is let pass here, it comes to the next chain
		}
		out.Perhaps = append(out.Perhaps, r.perhaps...)
		// A rule tells more than a policy, and the last one most.
		if ruled = ruled || r.ruled; r.ruled || !ruled {
			out.By = r.by
		}
	}
	if dropped != nil {
		return *dropped
	}
	return out
}

// way is the chains that a packet comes to, in their order.
func (s *Ruleset) way(p *Packet) iter.Seq[*Chain] {
	return func(yield func(*Chain) bool) {
		for _, hook := range ways[p.Way] {
			var chains []*Chain
			for _, c := range s.Chains {
				if c.Hook == hook && slices.Contains(c.Families, p.Family) && c.sees(p) {
					chains = append(chains, c)
				}
			}
			slices.SortStableFunc(chains, func(a, b *Chain) int { return cmp.Compare(a.Priority, b.Priority) })
			for _, c := range chains {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// sees reports whether a packet that has come by some interface, or by one that
// is not known, may come to a chain.
func (c *Chain) sees(p *Packet) bool {
	return len(c.Devices) == 0 || p.In == "" || slices.Contains(c.Devices, p.In)
}

// unsure is why a packet that a chain sees may not come to it all the same.
func (c *Chain) unsure(p *Packet) string {
	if c.Unsure == "" && len(c.Devices) > 0 && p.In == "" {
		return "device " + strings.Join(c.Devices, ", ")
	}
	return c.Unsure
}

func (r *Rule) by() string { return r.Where + ": " + r.Text }

// matches tells whether a rule is about a packet, and where it is not known, what
// that depends on.
func (r *Rule) matches(p *Packet) (Truth, string) {
	truth, because := Yes, ""
	for _, m := range r.Matches {
		switch m.Test(p) {
		case No:
			return No, ""
		case Perhaps:
			if truth == Yes {
				truth, because = Perhaps, m.Text
			}
		}
	}
	return truth, because
}
