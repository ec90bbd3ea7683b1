// Package rule draws conclusions from facts: each rule is a small function that
// looks at the facts and says what it finds, with the evidence for it. Together
// they are the verdict. Words for it are in package words.
//
// A rule that has too little to go by says nothing: it is worse to blame somebody
// wrongly than to leave a line out.
package rule

import (
	"encoding/json"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
)

// Severity is how much a finding matters.
type Severity uint8

// The severities, the mildest first.
const (
	Good    Severity = iota // as it ought to be
	Note                    // worth knowing, and no trouble
	Trouble                 // something does not work as it ought to
	Failure                 // the target cannot be reached
)

var severities = [...]string{"good", "note", "trouble", "failure"}

// String returns the severity in a word.
func (s Severity) String() string { return severities[s] }

// MarshalText implements [encoding.TextMarshaler].
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Kind is what is found, or what is evidence for it: the key of its words.
type Kind string

// Data is what a sentence is about. Fields that do not apply are zero.
type Data struct {
	Hop     int           `json:"hop,omitzero"`
	Last    int           `json:"last_hop,omitzero"`
	Hops    []int         `json:"hops,omitzero"`
	Addr    netip.Addr    `json:"addr,omitzero"`
	Other   netip.Addr    `json:"other,omitzero"`
	Addrs   []netip.Addr  `json:"addrs,omitzero"`
	Probe   *probe.Kind   `json:"probe,omitzero"`
	Probes  []probe.Kind  `json:"probes,omitzero"`
	Port    int           `json:"port,omitzero"`
	Claim   *probe.Claim  `json:"claim,omitzero"`
	Sent    int           `json:"sent,omitzero"`
	Got     int           `json:"got,omitzero"`
	Count   int           `json:"count,omitzero"`
	Percent float64       `json:"percent,omitzero"`
	Min     time.Duration `json:"min_ns,omitzero"`
	Avg     time.Duration `json:"avg_ns,omitzero"`
	Max     time.Duration `json:"max_ns,omitzero"`
	Mdev    time.Duration `json:"mdev_ns,omitzero"`
	Time    time.Duration `json:"time_ns,omitzero"`
	Within  time.Duration `json:"within_ns,omitzero"`
	Size    int           `json:"size,omitzero"`
	Before  int           `json:"before,omitzero"`
	Said    int           `json:"said,omitzero"`
	Text    string        `json:"text,omitzero"` // a word of somebody else's: an error of the system
	Owners  []string      `json:"owners,omitzero"`
}

// Evidence is one thing that a finding rests on.
type Evidence struct {
	Kind Kind `json:"kind"`
	Data
}

// Finding is a conclusion.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`
	Data
	Evidence []Evidence `json:"evidence"`
}

// Status is the verdict in a word.
type Status string

// The statuses.
const (
	Well        Status = "well"        // reachable, and nothing is wrong
	Troubled    Status = "trouble"     // reachable, and something is wrong
	Unreachable Status = "unreachable" // not reachable
	Unknown     Status = "unknown"     // interrupted before it could be told
)

// Verdict is all that was found, in the order in which it is told.
type Verdict struct {
	Status   Status    `json:"status"`
	Findings []Finding `json:"findings"`
}

// MarshalJSON keeps the list a list.
func (v Verdict) MarshalJSON() ([]byte, error) {
	type plain Verdict
	if v.Findings == nil {
		v.Findings = []Finding{}
	}
	return json.Marshal(plain(v))
}

// A Rule looks at facts.
type Rule func(f *facts.Facts) []Finding

// Rules are all rules, in the order in which their findings are told.
func Rules() []Rule {
	return []Rule{
		Reachability, Looping, Way, Latency, Steps, Slow, Jitter,
		Loss, Limits, SilentHops, Duplicates, Damage, Order,
		Filters, Ports, MTU, Hole, Change, Balance, Asymmetry, Advice, Clock, Omissions,
	}
}

// Judge applies all rules.
func Judge(f *facts.Facts) Verdict {
	v := Verdict{Status: Well}
	for _, r := range Rules() {
		v.Findings = append(v.Findings, r(f)...)
	}
	worst := Good
	for i := range v.Findings {
		worst = max(worst, v.Findings[i].Severity)
	}
	switch {
	case worst == Failure:
		v.Status = Unreachable
	case !f.Reached():
		v.Status = Unknown
	case worst == Trouble:
		v.Status = Troubled
	}
	return v
}

// found makes a finding.
func found(k Kind, s Severity, d Data, e ...Evidence) Finding {
	return Finding{Kind: k, Severity: s, Data: d, Evidence: e}
}

// only makes the findings of a rule that has one.
func only(k Kind, s Severity, d Data, e ...Evidence) []Finding {
	return []Finding{found(k, s, d, e...)}
}

func of(k Kind, d Data) Evidence { return Evidence{k, d} }

func ptr[T any](x T) *T { return &x }

// floor returns the least of what f is for a hop and for those behind it, hop by
// hop, as far as they have answered: the most that the way can be blamed for, for
// what a hop alone is worse at is its own affair.
func floor[T float64 | time.Duration](path []facts.Hop, f func(*facts.Hop) T) []T {
	out := make([]T, len(path))
	var least T
	for i, known := len(path)-1, false; i >= 0; i-- {
		if h := &path[i]; h.Answered > 0 {
			if x := f(h); !known || x < least {
				least, known = x, true
			}
		}
		out[i] = least
	}
	return out
}

// first returns who answers at a hop, the one of most probes.
func first(h *facts.Hop) netip.Addr {
	if len(h.Nodes) == 0 {
		return netip.Addr{}
	}
	return h.Nodes[0].Addr
}

// owners returns who has the addresses of hops, each once, in their order.
func owners(f *facts.Facts, path []facts.Hop) []string {
	var all []string
	for i := range path {
		for j := range path[i].Nodes {
			o := f.Who[path[i].Nodes[j].Addr].Owner.Organisation
			if o != "" && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}
