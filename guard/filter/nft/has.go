package nft

import (
	"encoding/json"
	"slices"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
)

// has returns whether a packet has the headers that an expression reads: a rule
// that reads what a packet has not is not about it, whatever it compares with. Nil
// is an expression that reads none.
func has(v any) func(*filter.Packet) bool {
	var all []func(*filter.Packet) bool
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				if k == "payload" {
					p, _ := e.(map[string]any)
					all = append(all, header(str(p["protocol"])))
					continue
				}
				if k == "tcp option" {
					all = append(all, header("tcp"))
					continue
				}
				if k == "elem" || k == "val" || k == "concat" || k == "&" || k == "|" || k == "^" || k == "<<" || k == ">>" {
					walk(e)
				}
			}
		}
	}
	walk(v)
	if all = slices.DeleteFunc(all, func(f func(*filter.Packet) bool) bool { return f == nil }); len(all) == 0 {
		return nil
	}
	return func(p *filter.Packet) bool {
		return !slices.ContainsFunc(all, func(f func(*filter.Packet) bool) bool { return !f(p) })
	}
}

// header returns whether a packet has the header of a protocol; nil: it may.
func header(proto string) func(*filter.Packet) bool {
	switch proto {
	case "ip", "ip6":
		f := map[string]kind.Family{"ip": kind.V4, "ip6": kind.V6}[proto]
		return func(p *filter.Packet) bool { return p.Family == f }
	case "arp":
		return func(*filter.Packet) bool { return false }
	case "th": // ports, which ICMP has none of
		return func(p *filter.Packet) bool { return p.Proto != kind.V4.Proto() && p.Proto != kind.V6.Proto() }
	}
	if n := protos[proto]; n != 0 {
		return func(p *filter.Packet) bool { return uint64(p.Proto) == n }
	}
	return nil
}

// concat reads a comparison of several fields at once.
func concat(left []any, right any, text string) filter.Match {
	var some []filter.Match
	for _, e := range list(right) {
		m, _ := e.(map[string]any)
		parts, _ := m["concat"].([]any)
		if len(parts) != len(left) {
			return filter.Unknown(text)
		}
		all := make([]filter.Match, len(parts))
		for i := range parts {
			l, _ := left[i].(map[string]any)
			x, ok := field(l, parts[i], "==", text)
			if !ok {
				x = filter.Unknown(text)
			}
			all[i] = x
		}
		some = append(some, filter.All(text, all))
	}
	return filter.Some(text, some)
}

// fib reads a comparison with what the table of routes says.
func fib(f map[string]any, right any, op, text string) (filter.Match, bool) {
	flags := texts(f["flags"])
	source := slices.Contains(flags, "saddr")
	exists, isBool := right.(bool)
	switch {
	case str(f["result"]) == "type":
		types := texts(right)
		return turned(filter.AddrType(text, source, types), op), types != nil
	case isBool && source:
		return turned(filter.Route(text, !exists), op), true
	}
	return filter.Match{}, false
}

// texts is words, nil when there is something else among them.
func texts(v any) []string {
	var out []string
	for _, e := range list(v) {
		s, ok := e.(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

func zero(v any) bool {
	n, ok := v.(json.Number)
	return ok && n == "0"
}
