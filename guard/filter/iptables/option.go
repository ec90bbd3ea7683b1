package iptables

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
)

// arguments are how many words belong to an option; one that is not here has
// none, and is not understood.
var arguments = map[string]int{
	"-m": 1, "-p": 1, "-s": 1, "-d": 1, "-i": 1, "-o": 1, "-j": 1, "-g": 1,
	"--icmp-type": 1, "--icmpv6-type": 1, "--ctstate": 1, "--state": 1, "--comment": 1,
	"--limit": 1, "--limit-burst": 1, "--hl-eq": 1, "--hl-lt": 1, "--hl-gt": 1, "--ttl-eq": 1, "--ttl-lt": 1, "--ttl-gt": 1,
	"--dport": 1, "--sport": 1, "--dports": 1, "--sports": 1, "--reject-with": 1, "--log-prefix": 1, "--log-level": 1,
	"--hashlimit": 1, "--hashlimit-upto": 1, "--hashlimit-above": 1, "--hashlimit-burst": 1, "--hashlimit-mode": 1, "--hashlimit-name": 1,
	"--set-mark": 1, "--mark": 1, "--to-destination": 1, "--to-source": 1, "--match-set": 2, "--src-type": 1, "--dst-type": 1,
	"--tcp-flags": 2, "--nflog-group": 1, "--nflog-prefix": 1, "--set-xmark": 1, "--icmp-code": 1,
	"--pkt-type": 1, "--connlimit-above": 1, "--connlimit-upto": 1, "--connlimit-mask": 1, "--hashlimit-htable-expire": 1,
	"--hashlimit-htable-size": 1, "--hashlimit-htable-max": 1, "--hashlimit-htable-gcinterval": 1, "--hashlimit-srcmask": 1,
	"--hashlimit-dstmask": 1, "--src-range": 1, "--dst-range": 1, "--ctdir": 1, "--seconds": 1, "--hitcount": 1, "--name": 1, "--length": 1,
}

// silent are options that ask for nothing.
var silent = []string{
	"-m", "--comment", "--limit-burst", "--reject-with", "--log-prefix", "--log-level", "--hashlimit-burst", "--hashlimit-mode",
	"--hashlimit-name", "--hashlimit-htable-expire", "--hashlimit-htable-size", "--hashlimit-htable-max",
	"--hashlimit-htable-gcinterval", "--hashlimit-srcmask", "--hashlimit-dstmask", "--connlimit-mask", "--connlimit-saddr",
	"--connlimit-daddr", "--loose", "--validmark", "--accept-local", "--set-mark", "--set-xmark", "--to-destination", "--to-source", "--nflog-group", "--nflog-prefix",
}

// option reads one option; ok is false when it is no match.
func (r *reader) option(out *filter.Rule, option, arg string) (m filter.Match, ok bool) {
	switch option {
	case "-j", "-g":
		r.target(out, option, arg)
		return m, false
	case "--limit", "--hashlimit", "--hashlimit-upto", "--connlimit-upto":
		out.Limited = true
		return m, false
	case "--hashlimit-above", "--connlimit-above":
		out.Limited, out.Over = true, true
		return m, false
	case "--src-type", "--dst-type":
		return filter.AddrType(arg, option == "--src-type", strings.Split(arg, ",")), true
	case "--pkt-type":
		return filter.PacketType(arg, []string{arg}), true
	case "--invert": // of rpfilter: without a way back
		return filter.Route(arg, true), true
	case "-f": // what is thought of is no fragment
		return filter.Match{Test: func(*filter.Packet) filter.Truth { return filter.No }}, true
	case "-p":
		n, known := protos[arg]
		if !known {
			x, err := strconv.ParseUint(arg, 10, 8)
			if n = x; err != nil { // all that is thought of has its name there
				n = noProto
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
		m := filter.Addr(arg, 0, get, p.Contains)
		if option == "-d" && filter.IsGroup(p) {
			m = filter.Groups(m)
		}
		return m, true
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

// noProto is no protocol.
const noProto = 1 << 8

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
