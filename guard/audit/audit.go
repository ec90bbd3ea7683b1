// Package audit says what a rule set that is there breaks, and what it leaves
// open, with the rule that does it; and which settings of the kernel are not what
// the machine's role wants. It thinks packets of each kind through the rules
// (package filter), and sends none.
package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// Grade is what a finding is about.
type Grade string

// The grades.
const (
	Breaks Grade = "breaks" // something that a working network needs does not pass
	Open   Grade = "open"   // something passes that nobody needs, or that harms
)

// Severity is how much it matters.
type Severity string

// The severities.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// Finding is one thing that a rule set breaks or leaves open.
type Finding struct {
	Grade    Grade        `json:"grade"`
	ID       string       `json:"id"`
	Severity Severity     `json:"severity"`
	Where    policy.Where `json:"where"`
	Messages []string     `json:"messages"` // "icmp 3/4"
	By       string       `json:"by"`       // the rule, or the policy of a chain
	// Perhaps says that the rules can also be read otherwise; Because, on what
	// that depends.
	Perhaps bool   `json:"perhaps"`
	Because string `json:"because,omitempty"`
}

// Title returns in a few words what it is about, in a language.
func (f Finding) Title(tag language.Tag) string { return say(tag, f.ID+".title") }

// Text returns what it means, in a language.
func (f Finding) Text(tag language.Tag) string { return say(tag, f.ID+".text") }

// Options are what the machine is. The zero Options are those of a host.
type Options struct {
	Role    policy.Role // "": Host
	Outside string      // the interface to strangers; "": not known
	// Families are those that the rule set is about; none: both.
	Families []kind.Family
}

// question is one message that is thought through.
type question struct {
	id       string
	severity Severity
	where    policy.Where
	kind     kind.Kind
	state    filter.State
	hops     uint8
	only     roles
	src      netip.Addr // the zero Addr: that of a stranger, or of a neighbour
}

// roles are those that a question is for.
type roles uint8

const (
	everyone  roles = iota
	forwarder       // gateway, closed network
	station         // host, public server
	visible         // all but a closed network
)

func (r roles) has(role policy.Role) bool {
	switch r {
	case forwarder:
		return role.Forwards()
	case station:
		return !role.Forwards()
	case visible:
		return role != policy.Closed
	}
	return true
}

// Rules audits a rule set.
func Rules(s *filter.Ruleset, o Options) []Finding {
	if o.Role == "" {
		o.Role = policy.Host
	}
	var out []Finding
	for _, g := range []struct {
		grade     Grade
		questions []question
		wrong     filter.Action
	}{{Breaks, needs(), filter.Drop}, {Open, dangers(), filter.Accept}} {
		for _, q := range g.questions {
			if !q.only.has(o.Role) || q.where == policy.Through && !o.Role.Forwards() || !o.about(q.kind.Family) {
				continue
			}
			r := s.Decide(q.packet(o), q.where)
			f := Finding{Grade: g.grade, ID: q.id, Severity: q.severity, Where: q.where, Messages: []string{q.kind.String()}, By: r.By}
			switch {
			case r.Limited && slices.Contains(fewHarmless, q.id):
				continue
			case r.Action == g.wrong && len(r.Perhaps) == 0:
			case r.Action == g.wrong:
				f.Perhaps, f.Because = true, r.Perhaps[0].Because
			case g.grade == Breaks && len(r.Perhaps) > 0:
				f.Perhaps, f.By, f.Because = true, r.Perhaps[0].By, r.Perhaps[0].Because
			default:
				continue
			}
			if g.grade == Open && f.By == "" {
				f.By = nobody
			}
			out = add(out, f)
		}
	}
	out = unlimited(s, o, out)
	slices.SortStableFunc(out, func(a, b Finding) int { return rank(a) - rank(b) })
	return out
}

func (o *Options) about(f kind.Family) bool {
	return len(o.Families) == 0 || slices.Contains(o.Families, f)
}

// nobody is what lets pass when no rule is about it.
const nobody = "no rule"

// fewHarmless are dangers only where many come: what passes with a limit is none.
// A machine that tracks no conversations can do no more.
var fewHarmless = []string{"blind", "unasked"}

func rank(f Finding) int {
	n := map[Severity]int{High: 0, Medium: 1, Low: 2}[f.Severity]
	if f.Perhaps {
		n += 3
	}
	if f.Grade == Open {
		n += 6
	}
	return n
}

// add puts a finding with those that are of the same thing by the same rule.
func add(all []Finding, f Finding) []Finding {
	for i := range all {
		g := &all[i]
		if g.Grade == f.Grade && g.ID == f.ID && g.Where == f.Where && g.By == f.By && g.Perhaps == f.Perhaps && g.Because == f.Because {
			if !slices.Contains(g.Messages, f.Messages[0]) {
				g.Messages = append(g.Messages, f.Messages[0])
			}
			return all
		}
	}
	return append(all, f)
}

// Strangers, whom no rule names: not of networks for documentation or other uses
// in which nobody is, which many rule sets drop.
var strangers = map[kind.Family]netip.Addr{
	kind.V4: netip.MustParseAddr("192.0.46.77"),
	kind.V6: netip.MustParseAddr("2620:0:2830:77::77"),
}

// Addresses on a link.
var (
	neighbour = netip.MustParseAddr("fe80::77")
	ourselves = netip.MustParseAddr("fe80::1")
)

// groups are where messages of the link are to, but for neighbour advertisements
// that were asked for: solicited-node, all nodes, all routers, and the routers that
// hear reports (RFC 4861 §4, RFC 2710 §3.7, RFC 3810 §5.2.14). The reports of a
// group go to the group.
var groups = map[uint8]netip.Addr{
	130: netip.MustParseAddr("ff02::1"),
	131: netip.MustParseAddr("ff02::1:ff00:1"),
	133: netip.MustParseAddr("ff02::2"),
	134: netip.MustParseAddr("ff02::1"),
	135: netip.MustParseAddr("ff02::1:ff00:1"),
	143: netip.MustParseAddr("ff02::16"),
}

func (q *question) packet(o Options) filter.Packet {
	p := filter.ICMP(q.kind)
	p.State, p.HopLimit = q.state, q.hops
	if p.HopLimit == 0 {
		p.HopLimit = 57 // of what has come a way
	}
	switch q.where {
	case policy.In, policy.Through:
		p.In, p.Src = o.Outside, strangers[q.kind.Family]
	case policy.Out:
		p.Out, p.Dst = o.Outside, strangers[q.kind.Family]
	}
	if q.kind.Family == kind.V6 && q.hops != 0 { // of the link
		p.Src, p.Dst = ourselves, neighbour
		if q.where != policy.Out {
			p.Src, p.Dst = neighbour, ourselves
		}
		if g, ok := groups[q.kind.Type]; ok {
			p.Dst = g
		}
		if q.where == policy.Through { // who asks for such a thing takes what address he likes
			p.Dst = netip.Addr{}
		}
	}
	if q.src.IsValid() {
		p.Src = q.src
	}
	return p
}

// unlimited finds echo requests that pass without a limit.
func unlimited(s *filter.Ruleset, o Options, out []Finding) []Finding {
	for _, k := range []kind.Kind{{Family: kind.V4, Type: 8}, {Family: kind.V6, Type: 128}} {
		q := question{where: policy.In, kind: k, state: filter.New}
		if r := s.Decide(q.packet(o), policy.In); r.Action == filter.Accept && !r.Limited && o.about(k.Family) {
			f := Finding{Grade: Open, ID: "flood", Severity: Low, Where: policy.In, Messages: []string{k.String()}, By: r.By}
			if f.By == "" {
				f.By = nobody
			}
			out = add(out, f)
		}
	}
	return out
}

// Session is a conversation of TCP that is not to be cut: by which somebody works
// on the machine.
type Session struct {
	Client, Server         netip.Addr
	ClientPort, ServerPort uint16
}

// ParseSession reads the variable SSH_CONNECTION: "client port server port".
func ParseSession(s string) (Session, bool) {
	var out Session
	var client, server string
	if n, err := fmt.Sscanf(s, "%s %d %s %d", &client, &out.ClientPort, &server, &out.ServerPort); n != 4 || err != nil {
		return Session{}, false
	}
	var err1, err2 error
	client, _, _ = strings.Cut(client, "%")
	server, _, _ = strings.Cut(server, "%")
	out.Client, err1 = netip.ParseAddr(client)
	out.Server, err2 = netip.ParseAddr(server)
	out.Client, out.Server = out.Client.Unmap(), out.Server.Unmap()
	return out, err1 == nil && err2 == nil && out.Client.Is4() == out.Server.Is4()
}

// Risk is a reason to think twice before rules are applied.
type Risk struct {
	ID string `json:"id"` // lockout, pmtud
	By string `json:"by"`
}

// Text returns what it means, in a language.
func (r Risk) Text(tag language.Tag) string { return say(tag, "risk."+r.ID) }

// Risks says why a rule set would cut a session off, which may be nil, or break
// path MTU discovery.
func Risks(s *filter.Ruleset, session *Session, o Options) []Risk {
	var out []Risk
	note := func(id string, r filter.Outcome) {
		risk := Risk{id, r.By}
		switch {
		case r.Action != filter.Drop && len(r.Perhaps) == 0:
			return
		case r.Action != filter.Drop:
			risk.By = r.Perhaps[0].By
		}
		if !slices.ContainsFunc(out, func(r Risk) bool { return r.ID == id }) {
			out = append(out, risk)
		}
	}
	if session != nil {
		const tcp = 6
		f := kind.V4
		if session.Client.Is6() {
			f = kind.V6
			for _, w := range []policy.Where{policy.In, policy.Out} {
				for _, t := range []uint8{135, 136} {
					q := question{where: w, kind: kind.Kind{Family: f, Type: t}, state: filter.Untracked, hops: 255}
					note("lockout", s.Decide(q.packet(o), w))
				}
			}
		}
		p := filter.Packet{Family: f, Proto: tcp, Src: session.Client, Dst: session.Server, HopLimit: 57}
		for _, state := range []filter.State{filter.Established, filter.New} {
			p.State, p.Port = state, session.ServerPort
			note("lockout", s.Decide(p, policy.In))
		}
		p.Src, p.Dst, p.Port, p.State = session.Server, session.Client, session.ClientPort, filter.Established
		note("lockout", s.Decide(p, policy.Out))
	}
	for _, q := range needs() {
		if q.id == "pmtud" && q.only.has(o.Role) && (q.where != policy.Through || o.Role.Forwards()) {
			if r := s.Decide(q.packet(o), q.where); r.Action == filter.Drop {
				note("pmtud", r)
			}
		}
	}
	return out
}
