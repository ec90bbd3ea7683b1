package rules

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// Family and Table name the table that the rules are in. It is all theirs: it is
// replaced as a whole, and no other table is touched.
const (
	Family = "inet"
	Table  = "sonde_guard"
)

// Priority is that of the chains: before those of other tables, which may still
// drop what these let pass. What these drop, no other can let pass.
const Priority = -10

// maxComment is the longest comment that nft(8) takes, in octets.
const maxComment = 128

// TextOptions are how rules are written. The zero value writes them as they are.
type TextOptions struct {
	// Unlimited leaves the limits out, so that what may pass at all can be tried
	// without waiting.
	Unlimited bool
	// French writes the comments in French.
	French bool
}

// hooks are where netfilter has the ways.
var hooks = map[policy.Where]string{policy.In: "input", policy.Through: "forward", policy.Out: "output"}

// Text returns the rules as nft -f reads them: the table of before is replaced
// by them in one transaction. The same policy and options always give the same text.
func (s *Set) Text(o TextOptions) string {
	w := &writer{p: s.Policy, o: o}
	w.line(0, o.say("# ICMP firewall of a %s, by sonde guard."), s.Policy.Role)
	others := "left to other tables"
	if s.Policy.Close {
		others = "closed, but for the services"
	}
	w.line(0, o.say("# What is not ICMP is %s."), o.say(others))
	w.line(0, "table %s %s", Family, Table)
	w.line(0, "delete table %s %s", Family, Table)
	w.line(0, "table %s %s {", Family, Table)
	for i := 0; i < len(s.Chains); i += 2 {
		if i > 0 {
			w.line(0, "")
		}
		where := s.Chains[i].Where
		w.base(where)
		for _, c := range s.Chains[i : i+2] {
			w.line(0, "")
			w.chain(&c)
		}
	}
	w.line(0, "}")
	return w.b.String()
}

// Closing is the comment of the rule that every chain of the table ends with. By
// it the language shows that a table is in.
func Closing(o TextOptions) string { return o.say("nobody is known to need it") }

type writer struct {
	p *policy.Policy
	o TextOptions
	b strings.Builder
}

func (w *writer) line(indent int, format string, args ...any) {
	if format != "" {
		w.b.WriteString(strings.Repeat("\t", indent))
	}
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

// base writes the chain that netfilter calls.
func (w *writer) base(where policy.Where) {
	w.line(1, "chain %s {", where)
	w.line(2, "type filter hook %s priority %d; policy accept;", hooks[where], Priority)
	switch where {
	case policy.In:
		w.line(2, `iifname "lo" accept comment "%s"`, w.comment("the machine to itself"))
	case policy.Out:
		w.line(2, `oifname "lo" accept comment "%s"`, w.comment("the machine to itself"))
	}
	for _, f := range []kind.Family{kind.V4, kind.V6} {
		w.line(2, "meta nfproto %s meta l4proto %d goto %s%d", map[kind.Family]string{kind.V4: "ipv4", kind.V6: "ipv6"}[f], f.Proto(), where, f)
	}
	if w.p.Close && where != policy.Out {
		w.closed(where)
	}
	w.line(1, "}")
}

// closed writes what ends the base chain of a machine that is closed.
func (w *writer) closed(where policy.Where) {
	w.line(2, `ct state established,related counter accept comment "%s"`, w.comment("asked for from inside"))
	if where == policy.Through {
		w.line(2, `iifname != %s counter accept comment "%s"`, interfaces(w.p.Outside), w.comment("from inside"))
	} else {
		if w.p.Role.Forwards() {
			w.line(2, `iifname != %s counter accept comment "%s"`, interfaces(w.p.Outside), w.comment("from inside"))
		}
		w.line(2, `meta l4proto 2 counter accept comment "%s"`, w.comment("multicast listeners of IPv4 (RFC 3376)"))
		for _, proto := range []string{"tcp", "udp"} {
			var ports []string
			for _, s := range w.p.Services {
				if s.Proto == proto {
					ports = append(ports, fmt.Sprint(s.Port))
				}
			}
			if len(ports) > 0 {
				w.line(2, `%s dport { %s } counter accept comment "%s"`, proto, strings.Join(ports, ", "), w.comment("services"))
			}
		}
	}
	w.line(2, `counter drop comment "%s"`, w.comment("closed: nobody inside has asked for it"))
}

func interfaces(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = `"` + n + `"`
	}
	return "{ " + strings.Join(q, ", ") + " }"
}

func (w *writer) chain(c *Chain) {
	w.line(1, "chain %s%d {", c.Where, c.Family)
	if c.Where != policy.Out && (w.p.Role == policy.Server || w.p.Role == policy.Gateway) {
		// Where conversations are tracked the kernel has put them together.
		fragment := "ip frag-off & 0x1fff != 0"
		if c.Family == kind.V6 {
			fragment = "frag frag-off != 0"
		}
		w.line(2, `%s counter accept comment "%s"`, fragment, w.comment("the rest of a datagram whose beginning is judged"))
	}
	for i := range c.Rules {
		w.rule(c, &c.Rules[i])
	}
	w.line(2, `counter drop comment "%s"`, Closing(w.o))
	w.line(1, "}")
}

func (w *writer) rule(c *Chain, r *Rule) {
	match := w.match(c, r)
	switch {
	case !r.Accept:
		w.line(2, "%s counter drop comment \"%s\"", match, w.comment(r.Why))
	case r.Limit.Zero() || w.o.Unlimited:
		w.line(2, "%s counter accept comment \"%s\"", match, w.comment(r.Why))
	default:
		unit := "second"
		if r.Limit.Per == time.Minute {
			unit = "minute"
		}
		w.line(2, "%s limit rate %d/%s burst %d packets counter accept comment \"%s\"", match, r.Limit.Packets, unit, r.Limit.Burst, w.comment(r.Why))
		w.line(2, "%s counter drop comment \"%s\"", match, w.comment("over the limit"))
	}
}

// comment is as much of a reason as nft(8) takes.
func (w *writer) comment(s string) string {
	s = w.o.say(s)
	for len(s) >= maxComment {
		s = s[:len(s)-1]
	}
	return strings.ToValidUTF8(s, "")
}

// match writes what a rule asks for.
func (w *writer) match(c *Chain, r *Rule) string {
	var m []string
	add := func(format string, args ...any) { m = append(m, fmt.Sprintf(format, args...)) }
	side := func(key string, s Side) {
		switch s {
		case Outside:
			add("%s %s", key, interfaces(w.p.Outside))
		case Inside:
			add("%s != %s", key, interfaces(w.p.Outside))
		}
	}
	side("iifname", r.In)
	side("oifname", r.Out)
	if r.Interface != "" {
		key := "iifname"
		if c.Where == policy.Out {
			key = "oifname"
		}
		add("%s \"%s\"", key, r.Interface)
	}
	ip, icmp, hops := "ip", "icmp", "ttl"
	if c.Family == kind.V6 {
		ip, icmp, hops = "ip6", "icmpv6", "hoplimit"
	}
	if len(r.From) > 0 {
		add("%s saddr %s", ip, prefixes(r.From))
	}
	if len(r.To) > 0 {
		add("%s daddr %s", ip, prefixes(r.To))
	}
	add("%s type %s", icmp, numbers(r.Kinds.Types))
	if len(r.Kinds.Codes) > 0 {
		add("%s code %s", icmp, numbers(r.Kinds.Codes))
	}
	if r.HopLimit > 0 {
		add("%s %s %d", ip, hops, r.HopLimit)
	}
	if r.Belongs {
		add("ct state established,related")
	}
	return strings.Join(m, " ")
}

// numbers writes one number as it is, and more as a set.
func numbers(rs []kind.Range) string {
	if len(rs) == 1 {
		return rs[0].String()
	}
	return "{ " + kind.Join(rs, ", ") + " }"
}

// prefixes writes networks as a set; those that others hold are left out, which
// a set of intervals does not take.
func prefixes(ps []netip.Prefix) string {
	var out []string
	for i, p := range ps {
		within := false
		for j, q := range ps {
			within = within || i != j && q.Contains(p.Addr()) && (q.Bits() < p.Bits() || q == p && j < i)
		}
		if !within {
			out = append(out, p.String())
		}
	}
	return "{ " + strings.Join(out, ", ") + " }"
}
