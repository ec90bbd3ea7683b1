// Package iptables reads rule sets as iptables-save and ip6tables-save print
// them.
package iptables

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
)

// MaxSize is the largest rule set that is read, in octets.
const MaxSize = 16 << 20

// priorities are those of the tables, by which the kernel orders them.
var priorities = map[string]int{"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}

var hooks = map[string]string{
	"PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward", "OUTPUT": "output", "POSTROUTING": "postrouting",
}

// Is reports whether a text looks like the output of these programs.
func Is(text []byte) bool {
	for l := range bytes.Lines(text) {
		l = bytes.TrimSpace(l)
		if len(l) > 0 && l[0] != '#' {
			return l[0] == '*'
		}
	}
	return false
}

// FamilyOf tells by the comment that the programs write, or by what is in the
// rules, which of the two it was; IPv4 when nothing tells.
func FamilyOf(text []byte) kind.Family {
	for _, w := range []string{"ip6tables-save", "icmp6", "ipv6-icmp", "::/"} {
		if bytes.Contains(text, []byte(w)) {
			return kind.V6
		}
	}
	return kind.V4
}

// Parse reads a rule set of a family. What it does not understand of a rule
// becomes a match that is only perhaps; a line that is none is an error with its
// number.
func Parse(text []byte, f kind.Family) (*filter.Ruleset, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("a rule set of more than %d MiB", MaxSize>>20)
	}
	r := &reader{f: f, out: &filter.Ruleset{}, chains: map[string]*filter.Chain{}}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		r.number++
		if err := r.line(strings.TrimSpace(in.Text())); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.number, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", r.number+1, err)
	}
	if len(r.out.Chains) == 0 {
		return nil, errors.New("no chain: the output of iptables-save is expected")
	}
	return r.out, nil
}

type reader struct {
	f      kind.Family
	out    *filter.Ruleset
	chains map[string]*filter.Chain
	table  string
	number int
}

// key is the name of a chain as nft(8) has it: family, table, chain.
func (r *reader) key(chain string) string {
	if r.f == kind.V6 {
		return "ip6 " + r.table + " " + chain
	}
	return "ip " + r.table + " " + chain
}

func (r *reader) line(l string) error {
	switch {
	case l == "" || l[0] == '#' || l == "COMMIT":
	case l[0] == '*':
		r.table = l[1:]
	case r.table == "":
		return errors.New("expected a table, as in *filter")
	case l[0] == ':':
		w := strings.Fields(l[1:])
		if len(w) < 2 {
			return errors.New("expected a chain with its policy, as in :INPUT ACCEPT [0:0]")
		}
		c := &filter.Chain{
			Name: r.key(w[0]), Families: []kind.Family{r.f},
			Priority: priorities[r.table], Policy: filter.Accept,
		}
		if r.table != "nat" { // that sees the first packet of a conversation, and drops none
			c.Hook = hooks[w[0]]
		}
		if w[1] == "DROP" {
			c.Policy = filter.Drop
		}
		if r.chains[c.Name] == nil {
			r.chains[c.Name] = c
			r.out.Chains = append(r.out.Chains, c)
		}
	default:
		words, err := split(l)
		if err != nil {
			return err
		}
		if len(words) > 0 && strings.HasPrefix(words[0], "[") { // counters, of iptables-save -c
			words = words[1:]
		}
		if len(words) < 2 || words[0] != "-A" {
			return errors.New("expected a rule, as in -A INPUT -j ACCEPT")
		}
		c := r.chains[r.key(words[1])]
		if c == nil {
			return fmt.Errorf("there is no chain %q before it", words[1])
		}
		c.Rules = append(c.Rules, r.rule(c, words[2:]))
	}
	return nil
}

// split splits a line as a shell would: words in quotation marks are one.
func split(l string) ([]string, error) {
	var out []string
	var b strings.Builder
	quote, any := byte(0), false
	for i := 0; i < len(l); i++ {
		c := l[i]
		switch {
		case c == '\\' && i+1 < len(l) && quote != '\'':
			i++
			b.WriteByte(l[i])
			any = true
		case quote != 0:
			if c == quote {
				quote = 0
			} else {
				b.WriteByte(c)
			}
		case c == '"' || c == '\'':
			quote, any = c, true
		case c == ' ' || c == '\t':
			if any {
				out = append(out, b.String())
			}
			b.Reset()
			any = false
		default:
			b.WriteByte(c)
			any = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quotation mark is open")
	}
	if any {
		out = append(out, b.String())
	}
	return out, nil
}

// rule reads what stands behind the chain.
func (r *reader) rule(c *filter.Chain, words []string) *filter.Rule {
	out := &filter.Rule{Where: fmt.Sprintf("%s, line %d", c.Name, r.number)}
	var shown []string
	not := false
	for i := 0; i < len(words); i++ {
		option := words[i]
		if option == "!" {
			not = true
			continue
		}
		n := arguments[option]
		args := words[i+1 : min(i+1+n, len(words))]
		if option == "-m" && len(args) == 1 && args[0] == "comment" { // says nothing
			i += n
			continue
		}
		i += n
		if option != "--comment" && option != "-m" {
			s := strings.Join(append([]string{option}, args...), " ")
			if not {
				s = "! " + s
			}
			shown = append(shown, s)
		}
		arg := strings.Join(args, " ")
		if m, ok := r.option(out, option, arg); ok {
			m.Text = shown[len(shown)-1]
			if not {
				m = filter.Not(m)
			}
			out.Matches = append(out.Matches, m)
		}
		not = false
	}
	out.Text = strings.Join(shown, " ")
	return out
}

// arguments are how many words belong to an option; one that is not here has
// none, and is not understood.
var arguments = map[string]int{
	"-m": 1, "-p": 1, "-s": 1, "-d": 1, "-i": 1, "-o": 1, "-j": 1, "-g": 1,
	"--icmp-type": 1, "--icmpv6-type": 1, "--ctstate": 1, "--state": 1, "--comment": 1,
	"--limit": 1, "--limit-burst": 1, "--hl-eq": 1, "--hl-lt": 1, "--hl-gt": 1, "--ttl-eq": 1, "--ttl-lt": 1, "--ttl-gt": 1,
	"--dport": 1, "--sport": 1, "--dports": 1, "--sports": 1, "--reject-with": 1, "--log-prefix": 1, "--log-level": 1,
	"--hashlimit-upto": 1, "--hashlimit-above": 1, "--hashlimit-burst": 1, "--hashlimit-mode": 1, "--hashlimit-name": 1,
	"--set-mark": 1, "--mark": 1, "--to-destination": 1, "--to-source": 1, "--match-set": 2, "--src-type": 1, "--dst-type": 1,
	"--tcp-flags": 2, "--nflog-group": 1, "--nflog-prefix": 1, "--set-xmark": 1, "--icmp-code": 1,
}

// silent are options that ask for nothing.
var silent = []string{
	"-m", "--comment", "--limit-burst", "--reject-with", "--log-prefix", "--log-level", "--hashlimit-burst", "--hashlimit-mode",
	"--hashlimit-name", "--set-mark", "--set-xmark", "--to-destination", "--to-source", "--nflog-group", "--nflog-prefix",
}

// option reads one option; ok is false when it is no match.
func (r *reader) option(out *filter.Rule, option, arg string) (m filter.Match, ok bool) {
	switch option {
	case "-j", "-g":
		r.target(out, option, arg)
		return m, false
	case "--limit", "--hashlimit-upto":
		out.Limited = true
		return m, false
	case "--hashlimit-above":
		out.Limited, out.Over = true, true
		return m, false
	case "-f": // what is thought of is no fragment
		return filter.Match{Test: func(*filter.Packet) filter.Truth { return filter.No }}, true
	case "-p":
		n, known := protos[arg]
		if !known {
			x, err := strconv.ParseUint(arg, 10, 8)
			if n = x; err != nil {
				return filter.Unknown(arg), true
			}
		}
		return filter.Number(arg, filter.Proto, func(p uint64) bool { return n == 0 || p == n }), true
	case "-s", "-d":
		p, err := netip.ParsePrefix(arg)
		if a, err2 := netip.ParseAddr(arg); err != nil && err2 == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return filter.Unknown(arg), true
		}
		get := filter.Src
		if option == "-d" {
			get = filter.Dst
		}
		return filter.Addr(arg, 0, get, p.Contains), true
	case "-i", "-o":
		get := filter.In
		if option == "-o" {
			get = filter.Out
		}
		if short, any := strings.CutSuffix(arg, "+"); any {
			arg = short + "*"
		}
		return filter.Interface(arg, get, []string{arg}), true
	case "--icmp-type", "--icmpv6-type":
		if arg == "any" {
			arg = "255/255"
		}
		set, known := kind.Parse(r.f, arg)
		if !known {
			return filter.Unknown(arg), true
		}
		all := arg == "255/255" && r.f == kind.V4 // so the kernel spells any
		f := r.f
		return filter.Match{Test: func(p *filter.Packet) filter.Truth {
			return filter.Of(p.Proto == f.Proto() && (all || set.Has(kind.Kind{Family: f, Type: p.Type, Code: p.Code})))
		}}, true
	case "--ctstate", "--state":
		var states []filter.State
		for s := range strings.SplitSeq(strings.ToLower(arg), ",") {
			states = append(states, filter.State(s))
		}
		return filter.States(arg, states...), true
	case "--dport", "--dports":
		return ports(arg), true
	case "--hl-eq", "--hl-lt", "--hl-gt", "--ttl-eq", "--ttl-lt", "--ttl-gt":
		x, err := strconv.ParseUint(arg, 10, 8)
		if err != nil {
			return filter.Unknown(arg), true
		}
		return filter.HopLimit(arg, map[string]func(uint64) bool{
			"eq": func(n uint64) bool { return n == x },
			"lt": func(n uint64) bool { return n < x },
			"gt": func(n uint64) bool { return n > x },
		}[option[len(option)-2:]]), true
	}
	if slices.Contains(silent, option) || !strings.HasPrefix(option, "-") {
		return m, false
	}
	return filter.Unknown(option + " " + arg), out.Action == filter.Continue
}

// protos are the names of protocols; the number of all is 0.
var protos = map[string]uint64{"all": 0, "icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58, "sctp": 132}

// ports reads "22", "1000:2000" and "22,80"; names are not understood.
func ports(arg string) filter.Match {
	type span struct{ from, to uint64 }
	var spans []span
	for s := range strings.SplitSeq(arg, ",") {
		from, to, both := strings.Cut(s, ":")
		if !both {
			to = from
		}
		a, err1 := strconv.ParseUint(from, 10, 16)
		b, err2 := strconv.ParseUint(to, 10, 16)
		if err1 != nil || err2 != nil {
			return filter.Unknown(arg)
		}
		spans = append(spans, span{a, b})
	}
	return filter.Number(arg, func(p *filter.Packet) (uint64, bool) { return uint64(p.Port), p.Proto == 6 || p.Proto == 17 },
		func(n uint64) bool {
			return slices.ContainsFunc(spans, func(s span) bool { return s.from <= n && n <= s.to })
		})
}

// passive are targets that decide nothing.
var passive = []string{
	"LOG", "NFLOG", "MARK", "CONNMARK", "CT", "NOTRACK", "TCPMSS", "SET", "TOS", "DSCP", "TTL", "HL", "CLASSIFY", "AUDIT",
	"MASQUERADE", "SNAT", "DNAT", "REDIRECT", "CHECKSUM", "TRACE", "CONNSECMARK", "SECMARK", "ULOG",
}

func (r *reader) target(out *filter.Rule, option, arg string) {
	switch arg {
	case "ACCEPT":
		out.Action = filter.Accept
	case "DROP", "REJECT":
		out.Action = filter.Drop
	case "RETURN":
		out.Action = filter.Return
	default:
		if slices.Contains(passive, arg) {
			return
		}
		if r.chains[r.key(arg)] == nil {
			out.Matches = append(out.Matches, filter.Unknown(option+" "+arg))
			out.Action = filter.Drop
			return
		}
		out.Action, out.Target = filter.Jump, r.key(arg)
		if option == "-g" {
			out.Action = filter.Goto
		}
	}
}
