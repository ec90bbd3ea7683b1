// Package nft reads rule sets of nftables as nft -j prints them.
package nft

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
)

// MaxSize is the largest rule set that is read, in octets.
const MaxSize = 16 << 20

// Parse reads the output of nft -j list ruleset. What it does not understand of a
// rule becomes a match that is only perhaps.
func Parse(text []byte) (*filter.Ruleset, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("a rule set of more than %d MiB", MaxSize>>20)
	}
	var file struct {
		Nftables []map[string]json.RawMessage `json:"nftables"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("the output of nft -j is expected: %w", err)
	}
	if file.Nftables == nil {
		return nil, errors.New(`guard: the output of nft -j is expected: there is no list "nftables"`)
	}
	r := &reader{out: &filter.Ruleset{}, chains: map[string]*filter.Chain{}, sets: map[string][]any{}, over: map[string]bool{}, unsure: map[string]string{}}
	// What is used comes before what uses it.
	for _, of := range []string{"table", "set", "map", "limit", "quota", "chain", "rule"} {
		for i, o := range file.Nftables {
			raw, ok := o[of]
			if !ok {
				continue
			}
			if err := r.object(of, raw); err != nil {
				return nil, fmt.Errorf("nftables[%d]: %w", i, err)
			}
		}
	}
	return r.out, nil
}

type object struct {
	Family, Table, Name, Chain, Type, Hook, Policy, Comment string

	Handle int
	Inv    bool
	Prio   json.RawMessage
	Flags  any
	Dev    any
	Elem   []any
	Expr   []any
}

type reader struct {
	out    *filter.Ruleset
	chains map[string]*filter.Chain
	sets   map[string][]any
	over   map[string]bool   // limits and quotas with a name, that are about what is above
	unsure map[string]string // tables: why their chains may be asleep
}

// asleep is a table whose chains see no packets.
const asleep = "dormant"

var families = map[string][]kind.Family{"ip": {kind.V4}, "ip6": {kind.V6}, "inet": {kind.V4, kind.V6}}

func (r *reader) object(of string, raw json.RawMessage) error {
	var o object
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	type loose object // a type may be a list, in sets
	var l struct {
		loose
		Type json.RawMessage
	}
	if err := d.Decode(&l); err != nil {
		return err
	}
	o = object(l.loose)
	_ = json.Unmarshal(l.Type, &o.Type)
	key := o.Family + " " + o.Table + " "
	switch of {
	case "table":
		r.flags(&o)
	case "set", "map":
		r.sets[key+o.Name] = o.Elem
	case "limit", "quota":
		r.over[of+" "+key+o.Name] = o.Inv
	case "chain":
		c := &filter.Chain{Name: key + o.Name, Hook: o.Hook, Policy: filter.Accept, Families: families[o.Family]}
		_ = json.Unmarshal(o.Prio, &c.Priority)
		if o.Policy == "drop" {
			c.Policy = filter.Drop
		}
		if c.Families == nil {
			r.skip(o.Family + " " + o.Table)
			return nil
		}
		if o.Type == "nat" { // only sees the first packet of a conversation, and drops none
			c.Hook = ""
		}
		if c.Unsure = r.unsure[o.Family+" "+o.Table]; c.Unsure == asleep {
			r.skip(o.Family + " " + o.Table)
			c.Hook, c.Unsure = "", ""
		}
		for _, d := range list(o.Dev) {
			if name := str(d); name != "" {
				c.Devices = append(c.Devices, name)
			}
		}
		r.chains[c.Name] = c
		r.out.Chains = append(r.out.Chains, c)
	case "rule":
		c := r.chains[key+o.Chain]
		if c == nil {
			r.skip(o.Family + " " + o.Table)
			return nil
		}
		c.Rules = append(c.Rules, r.rule(&o, key))
	}
	return nil
}

// flags reads those of a table. Some versions of nft(8) print the name of the
// table in their place.
func (r *reader) flags(o *object) {
	for _, f := range list(o.Flags) {
		switch str(f) {
		case "", "owner", "persist":
		case asleep:
			r.unsure[o.Family+" "+o.Name] = asleep
			return
		default:
			r.unsure[o.Family+" "+o.Name] = "flags of table " + o.Name
		}
	}
}

func (r *reader) skip(what string) {
	if !slices.Contains(r.out.Skipped, what) {
		r.out.Skipped = append(r.out.Skipped, what)
	}
}

// rule reads a rule, table is the key of its table.
func (r *reader) rule(o *object, table string) *filter.Rule {
	out := &filter.Rule{Where: fmt.Sprintf("%s%s #%d", table, o.Chain, o.Handle)}
	var words []string
	for _, e := range o.Expr {
		parts, ok := e.(map[string]any)
		if !ok { // what this version of nft(8) has no JSON for
			words = append(words, r.unknown(out, phrase(e), filter.Drop))
		}
		for name, arg := range parts {
			words = append(words, r.statement(out, table, name, arg))
		}
	}
	out.Text = strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
	if o.Comment != "" {
		out.Text += " # " + o.Comment
	}
	return out
}

// silent are statements that decide nothing about packets of a filter.
var silent = []string{
	"counter", "log", "comment", "mangle", "notrack", "map", "secmark", "ct helper", "ct timeout", "ct expectation", "dup", "last",
	"continue", "flow", "reset", "snat", "dnat", "masquerade", "redirect",
}

// passive are the targets of iptables(8) that decide nothing.
var passive = []string{"LOG", "NFLOG", "MARK", "CONNMARK", "CT", "NOTRACK", "TCPMSS", "SET", "CHECKSUM", "CLASSIFY", "TRACE", "AUDIT"}

// unknown notes what is not understood of a rule, and what the rule does then
// unless it says so behind.
func (r *reader) unknown(out *filter.Rule, text string, does filter.Action) string {
	out.Matches = append(out.Matches, filter.Unknown(text))
	out.Action = does
	return text
}

// statement reads one part of a rule, and returns it in words.
func (r *reader) statement(out *filter.Rule, table, name string, arg any) string {
	m, _ := arg.(map[string]any)
	switch name {
	case "match":
		x := r.match(table, m)
		out.Matches = append(out.Matches, x)
		return x.Text
	case "accept":
		out.Action = filter.Accept
	case "drop":
		out.Action = filter.Drop
	case "reject":
		out.Action = filter.Drop
	case "return":
		out.Action = filter.Return
	case "jump", "goto":
		out.Action = map[string]filter.Action{"jump": filter.Jump, "goto": filter.Goto}[name]
		target := str(m["target"])
		out.Target = table + target
		return name + " " + target
	case "limit", "quota", "ct count":
		return r.bound(out, table, name, arg)
	case "set", "meter":
		return r.dynamic(out, table, name, m)
	case "vmap":
		return r.vmap(out, table, m)
	case "queue", "tproxy", "synproxy":
		return r.unknown(out, name, filter.Drop)
	case "xt":
		text := strings.TrimSpace("xt " + str(m["type"]) + " " + str(m["name"]))
		switch {
		case str(m["type"]) == "match":
			return r.unknown(out, text, out.Action)
		case slices.Contains(passive, str(m["name"])):
			return text
		}
		return r.unknown(out, text, filter.Drop)
	default:
		if !slices.Contains(silent, name) {
			return r.unknown(out, name, out.Action)
		}
		return ""
	}
	return name
}

// bound reads what makes a rule one about so many packets, or about those above.
func (r *reader) bound(out *filter.Rule, table, name string, arg any) string {
	m, _ := arg.(map[string]any)
	over := m["inv"] == true
	named, isName := arg.(string)
	if isName {
		over = r.over[name+" "+table+named]
	}
	out.Limited, out.Over = true, out.Over || over
	word := ""
	if over {
		word = "over "
	}
	switch {
	case isName:
		return name + " name " + named
	case name == "limit":
		return fmt.Sprintf("limit rate %s%v/%v", word, m["rate"], m["per"])
	case name == "quota":
		return fmt.Sprintf("quota %s%v %v", word, m["val"], m["val_unit"])
	}
	return fmt.Sprintf("%s %s%v", name, word, m["val"])
}

// dynamic reads what keeps a limit, or nothing, for each address or other key.
func (r *reader) dynamic(out *filter.Rule, table, name string, m map[string]any) string {
	key, stmts := m["elem"], list(m["stmt"])
	text := str(m["op"]) + " " + str(m["set"])
	if name == "meter" {
		key, text = m["key"], "meter "+str(m["name"])
	}
	if has := has(key); has != nil {
		out.Matches = append(out.Matches, filter.Only(filter.Match{Text: text, Test: func(*filter.Packet) filter.Truth { return filter.Yes }}, has))
	}
	text += " { " + phrase(key)
	for _, s := range stmts {
		parts, _ := s.(map[string]any)
		for of, arg := range parts {
			text = strings.TrimSpace(text + " " + r.statement(out, table, of, arg))
		}
	}
	return text + " }"
}

// vmap reads a map from what a packet has to verdicts.
func (r *reader) vmap(out *filter.Rule, table string, m map[string]any) string {
	key, text := m["key"], phrase(m["key"])+" vmap"
	data, _ := m["data"].(map[string]any)
	elems, known := data["set"].([]any)
	if name, ok := m["data"].(string); ok {
		elems, known = r.sets[table+strings.TrimPrefix(name, "@")]
	}
	var rest []filter.Branch // of what no other element is about
	for _, e := range elems {
		pair, ok := e.([]any)
		if !ok || len(pair) != 2 {
			continue
		}
		var sub filter.Rule
		verdict, _ := pair[1].(map[string]any)
		for name, arg := range verdict {
			r.statement(&sub, table, name, arg)
		}
		left := pair[0]
		if el, ok := left.(map[string]any); ok && el["elem"] != nil {
			if inner, ok := el["elem"].(map[string]any); ok {
				left = inner["val"]
			}
		}
		if left == "*" {
			x := filter.Match{Text: text, Test: func(*filter.Packet) filter.Truth { return filter.Yes }}
			rest = append(rest, filter.Branch{Match: x, Action: sub.Action, Target: sub.Target})
			continue
		}
		x := r.match(table, map[string]any{"op": "==", "left": key, "right": left})
		out.Branches = append(out.Branches, filter.Branch{Match: x, Action: sub.Action, Target: sub.Target})
	}
	out.Branches = append(out.Branches, rest...)
	if !known {
		out.Branches = []filter.Branch{{Match: filter.Unknown(text), Action: filter.Drop}}
	}
	return text
}

func str(v any) string {
	s, _ := v.(string)
	return s
}
