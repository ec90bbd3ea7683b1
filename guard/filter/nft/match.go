package nft

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
)

// match reads a comparison.
func (r *reader) match(table string, m map[string]any) filter.Match {
	op := str(m["op"])
	left, _ := m["left"].(map[string]any)
	right := m["right"]
	text := phrase(m["left"]) + " " + words(op) + phrase(plain(left, right))
	if name, ok := right.(string); ok && strings.HasPrefix(name, "@") {
		elems, known := r.sets[table+name[1:]]
		if !known {
			return filter.Unknown(text)
		}
		right = map[string]any{"set": elems}
	}
	x, ok := field(left, right, op, text)
	if !ok {
		x = filter.Unknown(text)
	}
	if has := has(left); has != nil {
		return filter.Only(x, has)
	}
	return x
}

// plain turns words for codes, and for types where a range of them ends, into
// numbers: nft(8) has one word for a code, whatever the type.
func plain(left map[string]any, v any) any {
	p, _ := left["payload"].(map[string]any)
	f, isICMP := map[string]kind.Family{"icmp": kind.V4, "icmpv6": kind.V6}[str(p["protocol"])]
	parse := kind.ParseCode
	if str(p["field"]) == "type" {
		parse = kind.ParseType
	}
	if !isICMP {
		return v
	}
	var turn func(v any, all bool) any
	turn = func(v any, all bool) any {
		switch v := v.(type) {
		case string:
			if n, ok := parse(f, v); ok && all {
				return strconv.Itoa(int(n))
			}
		case []any:
			out := make([]any, len(v))
			for i := range v {
				out[i] = turn(v[i], all)
			}
			return out
		case map[string]any:
			if l, ok := v["range"]; ok {
				return map[string]any{"range": turn(l, true)}
			}
			if l, ok := v["set"]; ok {
				return map[string]any{"set": turn(l, all)}
			}
		}
		return v
	}
	return turn(v, str(p["field"]) == "code")
}

func words(op string) string {
	if op == "==" || op == "in" || op == "" {
		return ""
	}
	return op + " "
}

// field makes the match of a field that is known here.
func field(left map[string]any, right any, op, text string) (filter.Match, bool) {
	if meta, ok := left["meta"].(map[string]any); ok {
		return metaField(str(meta["key"]), right, op, text)
	}
	if p, ok := left["payload"].(map[string]any); ok {
		return payload(str(p["protocol"]), str(p["field"]), right, op, text)
	}
	if ct, ok := left["ct"].(map[string]any); ok && str(ct["key"]) == "state" {
		var states []filter.State
		for _, s := range list(right) {
			states = append(states, filter.State(str(s)))
		}
		return turned(filter.States(text, states...), op), equals(op) && len(states) > 0
	}
	if masked, ok := left["&"].([]any); ok && len(masked) == 2 {
		if ct, ok := masked[0].(map[string]any); ok && ct["ct"] != nil && zero(right) && op == "!=" {
			return field(ct, flat(masked[1]), "==", text)
		}
		// What is thought of is no fragment.
		inner, _ := masked[0].(map[string]any)
		p, _ := inner["payload"].(map[string]any)
		if str(p["protocol"]) == "ip" && str(p["field"]) == "frag-off" {
			return number(right, op, text, func(p *filter.Packet) (uint64, bool) { return 0, p.Family == kind.V4 }, nil)
		}
	}
	if l, ok := left["concat"].([]any); ok && equals(op) {
		return turned(concat(l, right, text), op), true
	}
	if f, ok := left["fib"].(map[string]any); ok && equals(op) {
		return fib(f, right, op, text)
	}
	if _, ok := left["exthdr"]; ok { // nor has it extension headers
		absent := right == false && op == "=="
		return filter.Match{Text: text, Test: func(*filter.Packet) filter.Truth { return filter.Of(absent) }}, true
	}
	return filter.Match{}, false
}

// flat is the flags that are joined by or.
func flat(v any) any {
	m, _ := v.(map[string]any)
	l, ok := m["|"].([]any)
	if !ok {
		return v
	}
	var out []any
	for _, e := range l {
		out = append(out, list(flat(e))...)
	}
	return out
}

// equals reports whether an operator asks for being one of, or none of.
func equals(op string) bool { return op == "==" || op == "in" || op == "" || op == "!=" }

// turned turns a match round that every packet is subject to.
func turned(m filter.Match, op string) filter.Match {
	if op == "!=" {
		return filter.Not(m)
	}
	return m
}

func metaField(key string, right any, op, text string) (filter.Match, bool) {
	switch key {
	case "l4proto":
		return number(right, op, text, filter.Proto, protos)
	case "nfproto", "protocol":
		n, ok := number(right, op, text, func(p *filter.Packet) (uint64, bool) { return uint64(p.Family), true },
			map[string]uint64{"ipv4": 4, "ipv6": 6, "ip": 4, "ip6": 6, "arp": 0, "vlan": 0, "8021q": 0, "8021ad": 0})
		return n, ok
	case "pkttype":
		types := texts(right)
		return turned(filter.PacketType(text, types), op), equals(op) && types != nil
	case "iifname", "iif", "oifname", "oif":
		get := filter.In
		if key[0] == 'o' {
			get = filter.Out
		}
		var names []string
		for _, n := range list(right) {
			names = append(names, str(n))
		}
		return turned(filter.Interface(text, get, names), op), equals(op) && len(names) > 0 && names[0] != ""
	}
	return filter.Match{}, false
}

var protos = map[string]uint64{"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "dccp": 33, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "sctp": 132, "udplite": 136}

func payload(proto, name string, right any, op, text string) (filter.Match, bool) {
	fam := map[string]kind.Family{"icmp": kind.V4, "icmpv6": kind.V6, "ip": kind.V4, "ip6": kind.V6}[proto]
	switch proto + " " + name {
	case "icmp type", "icmpv6 type":
		return number(right, op, text, filter.Type(fam), types(fam))
	case "icmp code", "icmpv6 code":
		return number(right, op, text, filter.Code(fam), codes(fam))
	case "ip protocol", "ip6 nexthdr":
		return number(right, op, text, func(p *filter.Packet) (uint64, bool) { return uint64(next(p)), p.Family == fam }, protos)
	case "ip ttl", "ip6 hoplimit":
		is, ok := numbers(right, op, nil)
		return filter.HopLimit(text, is), ok
	case "ip saddr", "ip6 saddr", "ip daddr", "ip6 daddr":
		get := filter.Src
		if name == "daddr" {
			get = filter.Dst
		}
		is, groups, ok := addrs(right)
		x := filter.Addr(text, fam, get, is)
		if groups && name == "daddr" {
			x = filter.Groups(x)
		}
		return turned(x, op), ok && equals(op)
	case "tcp dport", "udp dport", "th dport":
		if p := protos[proto]; p != 0 {
			return number(right, op, text, filter.Port(uint8(p)), services)
		}
		return number(right, op, text, func(p *filter.Packet) (uint64, bool) {
			return uint64(p.Port), p.Proto == 6 || p.Proto == 17
		}, services)
	}
	if p := protos[proto]; p != 0 && proto != "icmp" && proto != "icmpv6" {
		// Another field of another protocol: no ICMP message has it.
		return filter.Match{Text: text, Test: func(q *filter.Packet) filter.Truth {
			if uint64(q.Proto) != p {
				return filter.No
			}
			return filter.Perhaps
		}}, true
	}
	return filter.Match{}, false
}

var services = map[string]uint64{"ssh": 22, "domain": 53, "http": 80, "https": 443}

func types(f kind.Family) map[string]uint64 { return table(f, kind.ParseType) }
func codes(f kind.Family) map[string]uint64 { return table(f, kind.ParseCode) }

// table is filled by asking: it has the words that a rule set uses.
func table(f kind.Family, parse func(kind.Family, string) (uint8, bool)) map[string]uint64 {
	out := map[string]uint64{}
	for _, w := range kind.Words(f) {
		if n, ok := parse(f, w); ok {
			out[w] = uint64(n)
		}
	}
	return out
}

func number(right any, op, text string, known func(*filter.Packet) (uint64, bool), words map[string]uint64) (filter.Match, bool) {
	is, ok := numbers(right, op, words)
	return filter.Number(text, known, is), ok
}

// numbers reads what a number is compared with.
func numbers(right any, op string, words map[string]uint64) (func(uint64) bool, bool) {
	type span struct{ from, to uint64 }
	var spans []span
	one := func(v any) (uint64, bool) {
		switch v := v.(type) {
		case json.Number:
			n, err := strconv.ParseUint(v.String(), 10, 64)
			return n, err == nil
		case string:
			if n, ok := words[v]; ok {
				return n, true
			}
			n, err := strconv.ParseUint(v, 0, 64)
			return n, err == nil
		}
		return 0, false
	}
	for _, e := range list(right) {
		if m, ok := e.(map[string]any); ok {
			ends, ok := m["range"].([]any)
			if !ok || len(ends) != 2 {
				return nil, false
			}
			from, ok1 := one(ends[0])
			to, ok2 := one(ends[1])
			if !ok1 || !ok2 {
				return nil, false
			}
			spans = append(spans, span{from, to})
			continue
		}
		n, ok := one(e)
		if !ok {
			return nil, false
		}
		spans = append(spans, span{n, n})
	}
	return func(n uint64) bool {
		for _, s := range spans {
			switch op {
			case "<":
				return n < s.from
			case ">":
				return n > s.from
			case "<=":
				return n <= s.from
			case ">=":
				return n >= s.from
			}
			if s.from <= n && n <= s.to {
				return op != "!="
			}
		}
		return op == "!="
	}, len(spans) > 0 || len(list(right)) == 0
}

// addrs reads what an address is compared with; groups is whether all of it are
// addresses of many.
func addrs(right any) (in func(netip.Addr) bool, groups, ok bool) {
	type span struct{ from, to netip.Addr }
	var prefixes []netip.Prefix
	var spans []span
	for _, e := range list(right) {
		switch e := e.(type) {
		case string:
			a, err := netip.ParseAddr(e)
			if err != nil {
				return nil, false, false
			}
			prefixes = append(prefixes, netip.PrefixFrom(a, a.BitLen()))
		case map[string]any:
			if p, ok := e["prefix"].(map[string]any); ok {
				pre, err := netip.ParsePrefix(fmt.Sprintf("%v/%v", p["addr"], p["len"]))
				if err != nil {
					return nil, false, false
				}
				prefixes = append(prefixes, pre)
				continue
			}
			ends, ok := e["range"].([]any)
			if !ok || len(ends) != 2 {
				return nil, false, false
			}
			from, err1 := netip.ParseAddr(str(ends[0]))
			to, err2 := netip.ParseAddr(str(ends[1]))
			if err1 != nil || err2 != nil {
				return nil, false, false
			}
			spans = append(spans, span{from, to})
		default:
			return nil, false, false
		}
	}
	groups = len(spans) == 0 && len(prefixes) > 0
	for _, p := range prefixes {
		groups = groups && filter.IsGroup(p)
	}
	return func(a netip.Addr) bool {
		for _, p := range prefixes {
			if p.Contains(a) {
				return true
			}
		}
		for _, s := range spans {
			if s.from.Compare(a) <= 0 && a.Compare(s.to) <= 0 {
				return true
			}
		}
		return false
	}, groups, true
}

// list is the elements of a set, or the one value that stands without.
func list(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		if s, ok := v["set"].([]any); ok {
			out := make([]any, 0, len(s))
			for _, e := range s {
				if m, ok := e.(map[string]any); ok {
					if el, ok := m["elem"].(map[string]any); ok {
						e = el["val"]
					}
				}
				out = append(out, e)
			}
			return out
		}
		if _, ok := v["set"]; ok {
			return nil
		}
	}
	return []any{v}
}
