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
			out = append(out, Way{p.where, f, p.in, p.out, unicast, false})
			if p.where != policy.Out {
				out = append(out, Way{p.where, f, p.in, p.out, unicast, true})
			}
			if f == kind.V6 {
				out = append(out, Way{p.where, f, p.in, p.out, 255, false})
				if p.where != policy.Through {
					out = append(out, Way{p.where, f, p.in, p.out, 1, false})
				}
			}
		}
	}
	return out
}

// kinds returns what is sent on a way: everything; with the hop limit of what
// stays on its link, the informational types of IPv6; and of what belongs to a
// conversation, the errors that quote one and the replies that answer.
func (w Way) kinds() []kind.Kind {
	var out []kind.Kind
	first := 0
	if w.HopLimit != unicast {
		first = 128 // those that stay on their link
	}
	for t := first; t < 256; t++ {
		for c := range 256 {
			k := kind.Kind{Family: w.Family, Type: uint8(t), Code: uint8(c)}
			if !w.Belongs || k.Error() && (w.Family == kind.V4 || t <= 4 || t == 100 || t == 127) || k.Reply() && c == 0 && (t == 0 || t == 129) {
				out = append(out, k)
			}
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
