package kind

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// types4 are the words of nft(8) and iptables(8) for types, and what people
// call those that have none there.
var types4 = sync.OnceValue(func() map[string]uint8 {
	return map[string]uint8{
		"echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
		"router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
		"timestamp-request": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16,
		"address-mask-request": 17, "address-mask-reply": 18,
		"pong": 0, "ping": 8, "ttl-exceeded": 11,
		"extended-echo-request": 42, "extended-echo-reply": 43,
	}
})

var types6 = sync.OnceValue(func() map[string]uint8 {
	return map[string]uint8{
		"destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
		"echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131,
		"mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133, "nd-router-advert": 134,
		"nd-neighbor-solicit": 135, "nd-neighbor-advert": 136, "nd-redirect": 137, "router-renumbering": 138,
		"ind-neighbor-solicit": 141, "ind-neighbor-advert": 142, "mld2-listener-report": 143,
		"router-solicitation": 133, "router-advertisement": 134, "neighbour-solicitation": 135,
		"neighbor-solicitation": 135, "neighbour-advertisement": 136, "neighbor-advertisement": 136, "redirect": 137,
		"node-information-query": 139, "node-information-reply": 140,
		"extended-echo-request": 160, "extended-echo-reply": 161,
	}
})

// codes4 are the words of nft(8) for codes, which it uses for every type.
var codes4 = sync.OnceValue(func() map[string]uint8 {
	return map[string]uint8{
		"net-unreachable": 0, "host-unreachable": 1, "prot-unreachable": 2, "port-unreachable": 3, "frag-needed": 4,
		"net-prohibited": 9, "host-prohibited": 10, "admin-prohibited": 13,
	}
})

var codes6 = sync.OnceValue(func() map[string]uint8 {
	return map[string]uint8{
		"no-route": 0, "admin-prohibited": 1, "addr-unreachable": 3, "port-unreachable": 4, "policy-fail": 5, "reject-route": 6,
	}
})

// kinds4 are the words of iptables(8) for a type with a code.
var kinds4 = sync.OnceValue(func() map[string]Kind {
	return map[string]Kind{
		"network-unreachable": {V4, 3, 0}, "host-unreachable": {V4, 3, 1}, "protocol-unreachable": {V4, 3, 2},
		"port-unreachable": {V4, 3, 3}, "fragmentation-needed": {V4, 3, 4}, "source-route-failed": {V4, 3, 5},
		"network-unknown": {V4, 3, 6}, "host-unknown": {V4, 3, 7}, "network-prohibited": {V4, 3, 9},
		"host-prohibited": {V4, 3, 10}, "tos-network-unreachable": {V4, 3, 11}, "tos-host-unreachable": {V4, 3, 12},
		"communication-prohibited": {V4, 3, 13}, "host-precedence-violation": {V4, 3, 14}, "precedence-cutoff": {V4, 3, 15},
		"network-redirect": {V4, 5, 0}, "host-redirect": {V4, 5, 1}, "tos-network-redirect": {V4, 5, 2},
		"tos-host-redirect": {V4, 5, 3}, "ttl-zero-during-transit": {V4, 11, 0}, "ttl-zero-during-reassembly": {V4, 11, 1},
		"ip-header-bad": {V4, 12, 0}, "required-option-missing": {V4, 12, 1},
	}
})

var kinds6 = sync.OnceValue(func() map[string]Kind {
	return map[string]Kind{
		"no-route": {V6, 1, 0}, "communication-prohibited": {V6, 1, 1}, "beyond-scope": {V6, 1, 2},
		"address-unreachable": {V6, 1, 3}, "port-unreachable": {V6, 1, 4}, "failed-policy": {V6, 1, 5}, "reject-route": {V6, 1, 6},
		"ttl-zero-during-transit": {V6, 3, 0}, "ttl-zero-during-reassembly": {V6, 3, 1},
		"bad-header": {V6, 4, 0}, "unknown-header-type": {V6, 4, 1}, "unknown-option": {V6, 4, 2},
	}
})

// ParseType reads a type, by its number or word.
func ParseType(f Family, s string) (uint8, bool) {
	words := types4()
	if f == V6 {
		words = types6()
	}
	return number(s, words)
}

// ParseCode reads a code, by its number or the word of nft(8).
func ParseCode(f Family, s string) (uint8, bool) {
	words := codes4()
	if f == V6 {
		words = codes6()
	}
	return number(s, words)
}

func number(s string, words map[string]uint8) (uint8, bool) {
	if n, ok := words[s]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(s, 10, 8)
	return uint8(n), err == nil
}

// Parse reads kinds: a type for all of its codes, "8" or "echo-request"; a type
// with one code or a range of them, "3/4", "destination-unreachable/0-15"; or
// the word of iptables(8) for a type with a code, "fragmentation-needed".
func Parse(f Family, s string) (Set, bool) {
	typ, codes, both := strings.Cut(s, "/")
	t, ok := ParseType(f, typ)
	if !ok {
		k, ok := kinds4()[s]
		if f == V6 {
			k, ok = kinds6()[s]
		}
		return Of(f, k.Type).With(Range{k.Code, k.Code}), ok
	}
	out := Of(f, t)
	if !both {
		return out, true
	}
	from, to, isRange := strings.Cut(codes, "-")
	r := Range{}
	if _, named := codeWords(f)[codes]; named || !isRange {
		from, to = codes, codes
	}
	var okFrom, okTo bool
	r.From, okFrom = ParseCode(f, from)
	r.To, okTo = ParseCode(f, to)
	return out.With(r), okFrom && okTo && r.From <= r.To
}

func codeWords(f Family) map[string]uint8 {
	if f == V6 {
		return codes6()
	}
	return codes4()
}

// Words returns all words that a family has for types and codes.
func Words(f Family) []string {
	types, codes := types4(), codes4()
	if f == V6 {
		types, codes = types6(), codes6()
	}
	return append(slices.Collect(maps.Keys(types)), slices.Collect(maps.Keys(codes))...)
}
