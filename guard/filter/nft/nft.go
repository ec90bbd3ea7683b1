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
	r := &reader{out: &filter.Ruleset{}, chains: map[string]*filter.Chain{}, sets: map[string][]any{}}
	for _, of := range []string{"set", "map", "chain", "rule"} { // sets are used before they come
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
	Prio   json.RawMessage
	Elem   []any
	Expr   []map[string]any
}

type reader struct {
	out    *filter.Ruleset
	chains map[string]*filter.Chain
	sets   map[string][]any
}

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
	case "set", "map":
		r.sets[key+o.Name] = o.Elem
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
		for name, arg := range e {
			words = append(words, r.statement(out, table, name, arg))
		}
	}
	out.Text = strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
	if o.Comment != "" {
		out.Text += " # " + o.Comment
	}
	return out
}

// silent are statements that decide nothing.
var silent = []string{"counter", "log", "comment", "mangle", "notrack", "set", "map", "quota", "secmark", "ct helper", "ct timeout", "dup", "ct count", "last"}

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
	case "limit":
		out.Limited = true
		over := ""
		if m["inv"] == true {
			over, out.Over = "over ", true
		}
		return fmt.Sprintf("limit rate %s%v/%v", over, m["rate"], m["per"])
	case "vmap":
		return r.vmap(out, table, m)
	case "queue", "tproxy", "synproxy", "xt":
		x := filter.Unknown(name)
		out.Matches = append(out.Matches, x)
		if out.Action = filter.Drop; name == "xt" {
			out.Action = filter.Continue
		}
	default:
		if !slices.Contains(silent, name) {
			break
		}
		return ""
	}
	return name
}

// vmap reads a map from what a packet has to verdicts.
func (r *reader) vmap(out *filter.Rule, table string, m map[string]any) string {
	key, text := m["key"], phrase(m["key"])+" vmap"
	data, _ := m["data"].(map[string]any)
	elems, _ := data["set"].([]any)
	if name, ok := m["data"].(string); ok {
		elems = r.sets[table+strings.TrimPrefix(name, "@")]
	}
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
		x := r.match(table, map[string]any{"op": "==", "left": key, "right": left})
		out.Branches = append(out.Branches, filter.Branch{Match: x, Action: sub.Action, Target: sub.Target})
	}
	if len(out.Branches) == 0 && data == nil {
		out.Branches = []filter.Branch{{Match: filter.Unknown(text), Action: filter.Drop}}
	}
	return text
}

func str(v any) string {
	s, _ := v.(string)
	return s
}
