// Package proof tries rules out in the kernel: it builds network namespaces
// around them, sends every type and code of ICMPv4 and ICMPv6 through in every
// direction, counts what arrives, and holds that against what the policy
// promises.
//
//	client – machine            for a host and a public server
//	client – machine – server   for a gateway and a closed network
//
// Whatever is sent carries where it was sent and as what, so nothing is counted
// that the kernel itself says about it. Nothing leaves the namespaces, and they
// are gone when the proof is. Linux only; it needs root.
package proof

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
)

// Config is what is to be proved.
type Config struct {
	// Set is the rules of a policy. Without it Text is loaded, and nothing is
	// promised.
	Set  *rules.Set
	Text string
	// Forwards says that Text is of a machine that forwards; Inside and Outside
	// are its interfaces, "": in0 and eth0.
	Forwards        bool
	Inside, Outside string
	// Limits tries the limits too.
	Limits bool
	// Progress is called now and then with how many messages of how many were
	// sent; nil: nobody is.
	Progress func(sent, of int)
}

// Way is one direction, and how the messages on it are like.
type Way struct {
	Where    policy.Where `json:"where"`
	Family   kind.Family  `json:"-"`
	In, Out  rules.Side   `json:"-"`
	HopLimit uint8        `json:"hop_limit"`
	Belongs  bool         `json:"belongs"` // to a conversation
	// Source is the address that the messages are from, where an exception asks
	// for one; only the kinds of that are sent. Zero: that of the sender.
	Source netip.Addr `json:"source,omitzero"`

	exception *policy.Exception
}

// String says which way it is: "in from outside, icmp, hop limit 64".
func (w Way) String() string {
	var b strings.Builder
	b.WriteString(string(w.Where))
	if w.In != rules.Any {
		b.WriteString(" from " + side(w.In))
	}
	if w.Out != rules.Any {
		b.WriteString(" to " + side(w.Out))
	}
	fmt.Fprintf(&b, ", %v, hop limit %d", w.Family, w.HopLimit)
	if w.Belongs {
		b.WriteString(", of a conversation")
	}
	if w.Source.IsValid() {
		b.WriteString(", from " + w.Source.String())
	}
	return b.String()
}

func side(s rules.Side) string {
	if s == rules.Outside {
		return "outside"
	}
	return "inside"
}

// Result is what came of one way.
type Result struct {
	Way
	Sent   int         `json:"sent"`
	Passed []kind.Kind `json:"-"` // in order
	// Wrong is what passed and should not have, or the other way about; none
	// where nothing was promised.
	Wrong []Wrong `json:"-"`
}

// Wrong is a broken promise.
type Wrong struct {
	kind.Kind
	Passed bool
}

// String says what is wrong.
func (w Wrong) String() string {
	if w.Passed {
		return w.Kind.String() + " passed, and should not have"
	}
	return w.Kind.String() + " did not pass, and should have"
}

// Kinds returns what passed as sets, the codes of a type together: "icmp 3/0-4".
func (r *Result) Kinds() []string {
	var out []string
	for i := 0; i < len(r.Passed); {
		j, t := i, r.Passed[i].Type
		var codes []uint8
		for ; j < len(r.Passed) && r.Passed[j].Type == t; j++ {
			codes = append(codes, r.Passed[j].Code)
		}
		s := fmt.Sprint(t)
		if len(codes) < 256 {
			s += "/" + kind.Join(kind.Ranges(codes...), ",")
		}
		out, i = append(out, s), j
	}
	return out
}

// Limited is what came of a limit.
type Limited struct {
	Way
	Kind    kind.Kind     `json:"-"`
	Limit   policy.Limit  `json:"-"`
	Sent    int           `json:"sent"`
	Passed  int           `json:"passed"`
	Took    time.Duration `json:"took_ns"`
	Least   int           `json:"least"` // that had to pass
	Most    int           `json:"most"`  // that were allowed to
	Allowed bool          `json:"ok"`
}

// Report is all of it.
type Report struct {
	Results []Result
	Limits  []Limited
}

// OK reports whether every promise was kept.
func (r *Report) OK() bool {
	return !slices.ContainsFunc(r.Results, func(r Result) bool { return len(r.Wrong) > 0 }) &&
		!slices.ContainsFunc(r.Limits, func(l Limited) bool { return !l.Allowed })
}

// unicast is the hop limit of what was sent from far away.
const unicast = 64

// ways returns all that is to be tried.
func (c *Config) ways() []Way {
	type path struct {
		where   policy.Where
		in, out rules.Side
	}
	paths := []path{{policy.In, rules.Any, rules.Any}, {policy.Out, rules.Any, rules.Any}}
	if c.Forwards {
		paths = []path{
			{policy.In, rules.Outside, rules.Any},
			{policy.In, rules.Inside, rules.Any},
			{policy.Through, rules.Outside, rules.Inside},
			{policy.Through, rules.Inside, rules.Outside},
			{policy.Out, rules.Any, rules.Outside},
			{policy.Out, rules.Any, rules.Inside},
		}
	}
	var out []Way
	for _, p := range paths {
		for _, f := range []kind.Family{kind.V4, kind.V6} {
			out = append(out, Way{Where: p.where, Family: f, In: p.in, Out: p.out, HopLimit: unicast})
			if p.where != policy.Out {
				out = append(out, Way{Where: p.where, Family: f, In: p.in, Out: p.out, HopLimit: unicast, Belongs: true})
			}
			if f == kind.V6 {
				out = append(out, Way{Where: p.where, Family: f, In: p.in, Out: p.out, HopLimit: 255})
				if p.where != policy.Through {
					out = append(out, Way{Where: p.where, Family: f, In: p.in, Out: p.out, HopLimit: 1})
				}
			}
			out = append(out, c.sources(Way{Where: p.where, Family: f, In: p.in, Out: p.out, HopLimit: unicast})...)
		}
	}
	return out
}

// sources returns a way once for each exception that asks for the address that a
// message is from.
func (c *Config) sources(w Way) []Way {
	var out []Way
	if c.Set == nil || w.Where == policy.Out {
		return nil
	}
	for i := range c.Set.Policy.Exceptions {
		e := &c.Set.Policy.Exceptions[i]
		if len(e.To) > 0 || !slices.Contains(e.Where, w.Where) {
			continue
		}
		for _, p := range e.From {
			// The first address of a network may be that of the network.
			a := p.Addr()
			if !p.IsSingleIP() {
				a = a.Next()
			}
			if a.Is4() == (w.Family == kind.V4) && a.IsGlobalUnicast() {
				x := w
				x.Source, x.exception = a, e
				out = append(out, x)
				break
			}
		}
	}
	return out
}

// sends reports whether a kind is sent on a way.
func (w Way) sends(k kind.Kind) bool {
	switch {
	case w.exception != nil:
		return slices.ContainsFunc(w.exception.Kinds, func(s kind.Set) bool { return s.Has(k) })
	case w.Belongs:
		return k.Error() && (w.Family == kind.V4 || k.Type <= 4 || k.Type == 100 || k.Type == 127) ||
			k.Reply() && k.Code == 0 && (k.Type == 0 || k.Type == 129)
	case w.HopLimit != unicast:
		return k.Type >= 128 // those that stay on their link
	}
	return true
}

// kinds returns what is sent on a way: everything; with the hop limit of what
// stays on its link, the informational types of IPv6; of what belongs to a
// conversation, the errors that quote one and the replies that answer; and of what
// an exception is about, its kinds.
func (w Way) kinds() []kind.Kind {
	var out []kind.Kind
	for i := range 1 << 16 {
		if k := (kind.Kind{Family: w.Family, Type: uint8(i >> 8), Code: uint8(i)}); w.sends(k) {
			out = append(out, k)
		}
	}
	return out
}

// promise returns what the policy says about a message on this way.
func (w Way) promise(s *rules.Set, k kind.Kind, src, dst netip.Addr, name string) rules.Verdict {
	return s.Decide(rules.Message{
		Kind: k, Where: w.Where, In: w.In, Out: w.Out, Interface: name,
		Src: src, Dst: dst, HopLimit: w.HopLimit, Belongs: w.Belongs,
	})
}
