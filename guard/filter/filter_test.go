package filter_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

var (
	yes   = filter.Match{Text: "yes", Test: func(*filter.Packet) filter.Truth { return filter.Yes }}
	no    = filter.Match{Text: "no", Test: func(*filter.Packet) filter.Truth { return filter.No }}
	maybe = filter.Unknown("maybe")
)

func ruleset(rules ...*filter.Rule) *filter.Ruleset {
	for i, r := range rules {
		r.Where, r.Text = fmt.Sprint("r", i), "text"
	}
	both := []kind.Family{kind.V4, kind.V6}
	return &filter.Ruleset{Chains: []*filter.Chain{
		{Name: "base", Hook: "input", Families: both, Policy: filter.Accept, Rules: rules},
		{Name: "drops", Families: both, Rules: []*filter.Rule{{Where: "d", Text: "drop", Action: filter.Drop}}},
		{Name: "returns", Families: both, Rules: []*filter.Rule{{Action: filter.Return}, {Where: "never", Action: filter.Drop}}},
		{Name: "accepts", Families: both, Rules: []*filter.Rule{{Action: filter.Accept}, {Where: "never", Action: filter.Drop}}},
		{Name: "maybe away", Families: both, Rules: []*filter.Rule{{Matches: []filter.Match{maybe}, Action: filter.Return}, {Action: filter.Accept}}},
		{Name: "perhaps", Families: both, Rules: []*filter.Rule{
			{Where: "q", Text: "return", Matches: []filter.Match{maybe}, Action: filter.Return}, {Where: "p", Text: "drop", Action: filter.Drop},
		}},
	}}
}

// TestDecide: rules decide in their order, what is not known only perhaps.
func TestDecide(t *testing.T) {
	type m = []filter.Match
	for _, tt := range []struct {
		what  string
		rules []*filter.Rule
		want  string
	}{
		{"none", nil, "accept by the policy of base"},
		{"drop", []*filter.Rule{{Action: filter.Drop}}, "drop by r0: text"},
		{"first", []*filter.Rule{{Action: filter.Accept}, {Action: filter.Drop}}, "accept by r0: text"},
		{"no match", []*filter.Rule{{Matches: m{yes, no}, Action: filter.Drop}}, "accept by the policy of base"},
		{"no beats maybe", []*filter.Rule{{Matches: m{maybe, no}, Action: filter.Drop}}, "accept by the policy of base"},
		{"perhaps", []*filter.Rule{{Matches: m{yes, maybe}, Action: filter.Drop}}, "accept by the policy of base, or drop by r0: text because maybe"},
		{"perhaps the same", []*filter.Rule{{Matches: m{maybe}, Action: filter.Accept}}, "accept by the policy of base"},
		{"perhaps accept", []*filter.Rule{{Matches: m{maybe}, Action: filter.Accept}, {Action: filter.Drop}}, "drop by r1: text, or accept by r0: text because maybe"},
		{"limit", []*filter.Rule{{Limited: true, Action: filter.Accept}, {Action: filter.Drop}}, "accept by r0: text, limited"},
		{"limit of a log", []*filter.Rule{{Limited: true}, {Action: filter.Accept}}, "accept by r1: text"},
		{"over the limit", []*filter.Rule{{Limited: true, Over: true, Action: filter.Drop}}, "accept by the policy of base, limited"},
		{"over the limit, dropped", []*filter.Rule{{Limited: true, Over: true, Action: filter.Drop}, {Action: filter.Drop}}, "drop by r1: text"},
		{"over the limit, to a chain that drops", []*filter.Rule{{Limited: true, Over: true, Action: filter.Jump, Target: "drops"}}, "accept by the policy of base, limited"},
		{"over the limit, away", []*filter.Rule{{Limited: true, Over: true, Action: filter.Return}, {Action: filter.Drop}}, "drop by r1: text"},
		{"over the limit, accepted", []*filter.Rule{{Limited: true, Over: true, Action: filter.Accept}, {Action: filter.Drop}}, "drop by r1: text"},
		{"limit, and all the rest as well", []*filter.Rule{{Limited: true, Action: filter.Accept}, {Action: filter.Accept}, {Action: filter.Drop}}, "accept by r0: text"},
		{"limit, and the policy accepts", []*filter.Rule{{Limited: true, Action: filter.Accept}}, "accept by r0: text"},
		{"limit, and the rest is perhaps dropped", []*filter.Rule{{Limited: true, Action: filter.Accept}, {Matches: m{maybe}, Action: filter.Drop}}, "accept by r0: text"},
		{"limit of a jump", []*filter.Rule{{Limited: true, Action: filter.Jump, Target: "accepts"}, {Action: filter.Drop}}, "accept by : , limited"},
		{"limit of a return", []*filter.Rule{{Limited: true, Action: filter.Return}, {Action: filter.Drop}}, "accept by the policy of base, limited"},
		{"limit of a drop", []*filter.Rule{{Limited: true, Action: filter.Drop}}, "drop by r0: text"},
		{"limit, perhaps", []*filter.Rule{{Limited: true, Matches: m{maybe}, Action: filter.Accept}, {Action: filter.Drop}}, "drop by r1: text, or accept by r0: text because maybe"},
		{"jump", []*filter.Rule{{Action: filter.Jump, Target: "drops"}}, "drop by d: drop"},
		{"jump perhaps", []*filter.Rule{{Matches: m{maybe}, Action: filter.Jump, Target: "drops"}}, "accept by the policy of base, or drop by d: drop because maybe"},
		{"jump and back", []*filter.Rule{{Action: filter.Jump, Target: "returns"}, {Action: filter.Drop}}, "drop by r1: text"},
		{"goto and not back", []*filter.Rule{{Action: filter.Goto, Target: "returns"}, {Action: filter.Drop}}, "accept by the policy of base"},
		{"return", []*filter.Rule{{Action: filter.Return}, {Action: filter.Drop}}, "accept by the policy of base"},
		{"return perhaps", []*filter.Rule{{Matches: m{maybe}, Action: filter.Return}, {Action: filter.Drop}}, "drop by r1: text, or accept by r0: text because maybe"},
		{"return perhaps, to the same", []*filter.Rule{{Matches: m{maybe}, Action: filter.Return}, {Action: filter.Accept}}, "accept by r1: text"},
		{"goto perhaps", []*filter.Rule{{Matches: m{maybe}, Action: filter.Goto, Target: "returns"}, {Action: filter.Drop}}, "drop by r1: text, or accept by r0: text because maybe"},
		{"jump perhaps and back", []*filter.Rule{{Matches: m{maybe}, Action: filter.Jump, Target: "returns"}}, "accept by the policy of base"},
		{"jump perhaps, and the first decides", []*filter.Rule{{Matches: m{maybe}, Action: filter.Jump, Target: "accepts"}}, "accept by the policy of base"},
		{"jump to what perhaps returns", []*filter.Rule{{Action: filter.Jump, Target: "perhaps"}}, "drop by p: drop, or accept by q: return because maybe"},
		{"jump nowhere", []*filter.Rule{{Action: filter.Jump, Target: "x"}}, "accept by the policy of base, or drop by r0: text because chain x is missing"},
		{"goto perhaps, or else to the same", []*filter.Rule{{Matches: m{maybe}, Action: filter.Goto, Target: "accepts"}, {Action: filter.Goto, Target: "accepts"}, {Action: filter.Drop}}, "accept by : "},
		{"goto perhaps, or else to another", []*filter.Rule{{Matches: m{maybe}, Action: filter.Goto, Target: "drops"}, {Action: filter.Goto, Target: "accepts"}}, "accept by : , or drop by d: drop because maybe"},
		{"jump perhaps, and it comes out the same", []*filter.Rule{{Matches: m{maybe}, Action: filter.Jump, Target: "returns"}, {Action: filter.Drop}}, "drop by r1: text"},
		{"twice perhaps", []*filter.Rule{{Matches: m{maybe}, Action: filter.Jump, Target: "perhaps"}, {Action: filter.Accept}}, "accept by r1: text, or drop by p: drop because maybe"},
		{"return perhaps, to what drops", []*filter.Rule{{Action: filter.Jump, Target: "maybe away"}, {Action: filter.Drop}}, "accept by : , or drop by r1: text because maybe"},
		{"perhaps to a log", []*filter.Rule{{Matches: m{maybe}}, {Action: filter.Drop}}, "drop by r1: text"},
		{"branches that are both perhaps", []*filter.Rule{{Branches: []filter.Branch{{maybe, filter.Return, ""}, {maybe, filter.Drop, ""}}}}, "accept by the policy of base, or drop by r0: text because maybe"},
		{"branches", []*filter.Rule{{Branches: []filter.Branch{{no, filter.Accept, ""}, {yes, filter.Drop, ""}}}}, "drop by r0: text"},
		{"no branch", []*filter.Rule{{Branches: []filter.Branch{{no, filter.Drop, ""}}}}, "accept by the policy of base"},
		{"branch perhaps", []*filter.Rule{{Branches: []filter.Branch{{maybe, filter.Drop, ""}}}}, "accept by the policy of base, or drop by r0: text because maybe"},
		{"branch perhaps, then certainly", []*filter.Rule{{Branches: []filter.Branch{{maybe, filter.Accept, ""}, {yes, filter.Drop, ""}}}}, "drop by r0: text, or accept by r0: text because maybe"},
		{"branches of a rule that is not sure", []*filter.Rule{{Matches: m{maybe}, Branches: []filter.Branch{{yes, filter.Drop, ""}}}}, "accept by the policy of base, or drop by r0: text because maybe"},
		{"the first branch of a rule that is not sure", []*filter.Rule{{Matches: m{maybe}, Branches: []filter.Branch{{yes, filter.Accept, ""}, {yes, filter.Drop, ""}}}}, "accept by the policy of base"},
		{"branch jumps", []*filter.Rule{{Branches: []filter.Branch{{yes, filter.Jump, "drops"}}}}, "drop by d: drop"},
	} {
		o := ruleset(tt.rules...).Decide(filter.ICMP(kind.Kind{Family: kind.V4, Type: 8}), policy.In)
		word := map[filter.Action]string{filter.Accept: "accept", filter.Drop: "drop"}
		got := word[o.Action] + " by " + o.By
		if o.Limited {
			got += ", limited"
		}
		for _, w := range o.Perhaps {
			got += ", or " + word[w.Action] + " by " + w.By + " because " + w.Because
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

// TestOrder: hooks in the order of the way, chains by priority, drop is final.
func TestOrder(t *testing.T) {
	chain := func(hook string, prio int, f kind.Family, a filter.Action) *filter.Chain {
		name := fmt.Sprint(hook, prio)
		return &filter.Chain{Name: name, Hook: hook, Priority: prio, Families: []kind.Family{f}, Policy: filter.Accept, Rules: []*filter.Rule{{Where: name, Text: "x", Action: a}}}
	}
	s := &filter.Ruleset{Chains: []*filter.Chain{
		chain("input", 10, kind.V4, filter.Drop), chain("input", -10, kind.V4, filter.Accept), chain("prerouting", 0, kind.V6, filter.Drop),
		chain("postrouting", 0, kind.V4, filter.Drop), chain("output", 0, kind.V4, filter.Accept), chain("forward", 0, kind.V6, filter.Accept),
	}}
	for _, tt := range []struct {
		f     kind.Family
		where policy.Where
		by    string
	}{
		{kind.V4, policy.In, "input10: x"},
		{kind.V6, policy.In, "prerouting0: x"},
		{kind.V6, policy.Through, "prerouting0: x"},
		{kind.V4, policy.Through, "postrouting0: x"},
		{kind.V4, policy.Out, "postrouting0: x"},
		{kind.V6, policy.Out, ""},
	} {
		if o := s.Decide(filter.ICMP(kind.Kind{Family: tt.f}), tt.where); o.By != tt.by {
			t.Errorf("%v %s: %+v, want %s", tt.f, tt.where, o, tt.by)
		}
	}
}

// TestChains: what one chain lets pass, perhaps, comes to the next.
func TestChains(t *testing.T) {
	chain := func(name string, prio int, policy filter.Action, rules ...*filter.Rule) *filter.Chain {
		for i, r := range rules {
			r.Where, r.Text = name, fmt.Sprint(i)
		}
		return &filter.Chain{Name: name, Hook: "input", Priority: prio, Families: []kind.Family{kind.V4}, Policy: policy, Rules: rules}
	}
	perhaps := func(a filter.Action) *filter.Rule { return &filter.Rule{Matches: []filter.Match{maybe}, Action: a} }
	for _, tt := range []struct {
		what   string
		chains []*filter.Chain
		want   string
	}{
		{
			"an accept that may come before does not save what the next drops",
			[]*filter.Chain{chain("a", 0, filter.Accept, perhaps(filter.Accept)), chain("b", 1, filter.Drop)},
			"drop by the policy of b",
		},
		{
			"nor what is dropped before it otherwise",
			[]*filter.Chain{chain("a", 0, filter.Drop, perhaps(filter.Accept)), chain("b", 1, filter.Drop)},
			"drop by the policy of b",
		},
		{
			"both may let pass",
			[]*filter.Chain{chain("a", 0, filter.Drop, perhaps(filter.Accept)), chain("b", 1, filter.Drop, perhaps(filter.Accept))},
			"drop by the policy of a, or accept by a: 0 because maybe",
		},
		{
			"the next lets pass",
			[]*filter.Chain{chain("a", 0, filter.Drop, perhaps(filter.Accept)), chain("b", 1, filter.Accept)},
			"drop by the policy of a, or accept by a: 0 because maybe",
		},
		{
			"both may drop",
			[]*filter.Chain{chain("a", 0, filter.Accept, perhaps(filter.Drop)), chain("b", 1, filter.Accept, perhaps(filter.Drop))},
			"accept by the policy of b, or drop by a: 0 because maybe, or drop by b: 0 because maybe",
		},
		{
			"a rule tells more than a policy",
			[]*filter.Chain{chain("a", 0, filter.Accept, &filter.Rule{Action: filter.Accept}), chain("b", 1, filter.Accept)},
			"accept by a: 0",
		},
		{
			"what drops for certain is the reason",
			[]*filter.Chain{chain("a", 0, filter.Accept, perhaps(filter.Drop)), chain("b", 1, filter.Drop)},
			"drop by the policy of b",
		},
	} {
		o := (&filter.Ruleset{Chains: tt.chains}).Decide(filter.ICMP(kind.Kind{Family: kind.V4, Type: 8}), policy.In)
		word := map[filter.Action]string{filter.Accept: "accept", filter.Drop: "drop"}
		got := word[o.Action] + " by " + o.By
		for _, w := range o.Perhaps {
			got += ", or " + word[w.Action] + " by " + w.By + " because " + w.Because
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

// TestWays: what is thought of is to one machine, from another that there is a way
// back to.
func TestWays(t *testing.T) {
	for _, tt := range []struct {
		m                        filter.Match
		in, through, out, ofLink filter.Truth
	}{
		{filter.AddrType("", false, []string{"LOCAL"}), filter.Yes, filter.No, filter.No, filter.Perhaps},
		{filter.AddrType("", false, []string{"unicast"}), filter.No, filter.Yes, filter.Yes, filter.Perhaps},
		{filter.AddrType("", true, []string{"local"}), filter.No, filter.No, filter.Yes, filter.No},
		{filter.AddrType("", true, []string{"multicast", "unicast"}), filter.Yes, filter.Yes, filter.No, filter.Yes},
		{filter.AddrType("", false, []string{"broadcast"}), filter.No, filter.No, filter.No, filter.Perhaps},
		{filter.PacketType("", []string{"unicast"}), filter.Yes, filter.Yes, filter.Perhaps, filter.Perhaps},
		{filter.PacketType("", []string{"host"}), filter.Yes, filter.Yes, filter.Perhaps, filter.Perhaps},
		{filter.PacketType("", []string{"multicast", "broadcast"}), filter.No, filter.No, filter.Perhaps, filter.Perhaps},
		{filter.Route("", true), filter.No, filter.No, filter.Perhaps, filter.No},
		{filter.Route("", false), filter.Yes, filter.Yes, filter.Perhaps, filter.Yes},
	} {
		test := func(w policy.Where, hops uint8) filter.Truth {
			return tt.m.Test(&filter.Packet{Family: kind.V6, Way: w, HopLimit: hops})
		}
		if in, through, out := test(policy.In, 57), test(policy.Through, 57), test(policy.Out, 64); in != tt.in || through != tt.through || out != tt.out {
			t.Errorf("%+v: %v, %v, %v", tt, in, through, out)
		}
		if a, b := test(policy.In, 1), test(policy.In, 255); a != tt.ofLink || b != tt.ofLink {
			t.Errorf("%+v: %v, %v of the link", tt, a, b)
		}
	}
	group, one := netip.MustParseAddr("ff02::1"), netip.MustParseAddr("fe80::1")
	for i, tt := range []struct {
		m          filter.Match
		group, one filter.Truth // of those that are to
	}{
		{filter.AddrType("", false, []string{"MULTICAST"}), filter.Yes, filter.No},
		{filter.AddrType("", false, []string{"local"}), filter.No, filter.Yes},
		{filter.AddrType("", true, []string{"unicast"}), filter.Perhaps, filter.Perhaps},
		{filter.PacketType("", []string{"multicast"}), filter.Yes, filter.No},
		{filter.PacketType("", []string{"host"}), filter.No, filter.Yes},
		{filter.Route("", true), filter.Perhaps, filter.Perhaps},
	} {
		p := filter.Packet{Family: kind.V6, Way: policy.In, HopLimit: 255, Src: netip.IPv6Unspecified(), Dst: group}
		q := p
		q.Dst = one
		if a, b := tt.m.Test(&p), tt.m.Test(&q); a != tt.group || b != tt.one {
			t.Errorf("%d: %v to a group, %v to one", i, a, b)
		}
	}
	for _, m := range []filter.Match{filter.AddrType("", true, []string{"local"}), filter.AddrType("", false, []string{"local"}), filter.PacketType("", []string{"host"})} {
		if got := m.Test(&filter.Packet{HopLimit: 57}); got != filter.Perhaps {
			t.Errorf("on no way: %v", got)
		}
	}
}

// TestGroups: networks of which every address is one of many.
func TestGroups(t *testing.T) {
	for p, want := range map[string]bool{
		"224.0.0.0/4": true, "239.0.0.0/8": true, "224.0.0.0/3": false, "223.255.255.0/24": false, "255.255.255.255/32": true, "255.255.255.254/31": false, "255.255.255.255/31": false, "0.0.0.0/0": false,
		"ff00::/8": true, "ff02::1/128": true, "fe00::/7": false, "fe80::/10": false, "::/0": false,
	} {
		if got := filter.IsGroup(netip.MustParsePrefix(p)); got != want {
			t.Errorf("%s: %v", p, got)
		}
	}
	m := filter.Groups(filter.Addr("", 0, filter.Dst, netip.MustParsePrefix("ff02::/16").Contains))
	for p, want := range map[filter.Packet]filter.Truth{
		{Way: policy.In, HopLimit: 57}:                                           filter.No,
		{Way: policy.In, HopLimit: 255}:                                          filter.Perhaps,
		{Way: policy.In, HopLimit: 255, Dst: netip.MustParseAddr("ff02::1")}:     filter.Yes,
		{Way: policy.In, HopLimit: 255, Dst: netip.MustParseAddr("ff05::1")}:     filter.No,
		{Way: policy.In, HopLimit: 255, Dst: netip.MustParseAddr("fe80::1")}:     filter.No,
		{Way: policy.Through, HopLimit: 57, Dst: netip.MustParseAddr("ff02::1")}: filter.Yes,
	} {
		if got := m.Test(&p); got != want {
			t.Errorf("%+v: %v, want %v", p, got, want)
		}
	}
}

// TestTogether: all, some, and only of those that have it.
func TestTogether(t *testing.T) {
	type m = []filter.Match
	has := func(b bool) func(*filter.Packet) bool { return func(*filter.Packet) bool { return b } }
	for i, tt := range []struct {
		m    filter.Match
		want filter.Truth
	}{
		{filter.All("", nil), filter.Yes},
		{filter.All("", m{yes, maybe}), filter.Perhaps},
		{filter.All("", m{maybe, no, yes}), filter.No},
		{filter.All("", m{yes, yes}), filter.Yes},
		{filter.Some("", nil), filter.No},
		{filter.Some("", m{no, maybe}), filter.Perhaps},
		{filter.Some("", m{maybe, yes, no}), filter.Yes},
		{filter.Some("", m{no, no}), filter.No},
		{filter.Only(yes, has(true)), filter.Yes},
		{filter.Only(yes, has(false)), filter.No},
		{filter.Only(filter.Not(no), has(false)), filter.No},
		{filter.Only(maybe, has(true)), filter.Perhaps},
	} {
		if got := tt.m.Test(&filter.Packet{}); got != tt.want {
			t.Errorf("%d: %v, want %v", i, got, tt.want)
		}
	}
}

// TestDepth: chains may jump as deep as nft(8) lets them, and circles end.
func TestDepth(t *testing.T) {
	for depth, want := range map[int]filter.Action{10: filter.Drop, 32: filter.Drop, 34: filter.Accept} {
		s := &filter.Ruleset{}
		for i := range depth + 1 {
			r := &filter.Rule{Action: filter.Jump, Target: fmt.Sprint(i + 1)}
			if i == depth {
				r = &filter.Rule{Action: filter.Drop}
			}
			s.Chains = append(s.Chains, &filter.Chain{Name: fmt.Sprint(i), Families: []kind.Family{kind.V4}, Policy: filter.Accept, Rules: []*filter.Rule{r}})
		}
		s.Chains[0].Hook = "input"
		o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4}), policy.In)
		if o.Action != want || (want == filter.Accept) != (len(o.Perhaps) == 1) {
			t.Errorf("%d deep: %+v", depth, o)
		}
	}
}

// TestMany: rule sets of many rules that are not understood are gone through once,
// not once for each way.
func TestMany(t *testing.T) {
	both := []kind.Family{kind.V4}
	s := &filter.Ruleset{}
	for i := range 30 {
		c := &filter.Chain{Name: fmt.Sprint(i), Families: both, Policy: filter.Accept}
		for range 3 {
			c.Rules = append(c.Rules, &filter.Rule{Where: c.Name, Text: "x", Matches: []filter.Match{maybe}, Action: filter.Goto, Target: fmt.Sprint(i + 1)})
		}
		s.Chains = append(s.Chains, c)
	}
	s.Chains[0].Hook = "input"
	s.Chains = append(s.Chains, &filter.Chain{Name: "30", Families: both, Rules: []*filter.Rule{{Where: "end", Text: "y", Action: filter.Drop}}})
	o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4}), policy.In)
	if o.Action != filter.Accept || len(o.Perhaps) != 1 || o.Perhaps[0] != (filter.Why{Action: filter.Drop, By: "end: y", Because: "maybe"}) {
		t.Errorf("%+v", o)
	}
	flat := &filter.Chain{Name: "flat", Hook: "input", Families: both, Policy: filter.Accept}
	for i := range 5000 {
		flat.Rules = append(flat.Rules, &filter.Rule{Where: fmt.Sprint(i), Matches: []filter.Match{maybe}, Action: filter.Drop})
	}
	s = &filter.Ruleset{Chains: []*filter.Chain{flat}}
	if o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4}), policy.In); o.Action != filter.Accept || len(o.Perhaps) != 32 || o.Perhaps[0].By != "0: " {
		t.Errorf("%+v", o)
	}
	// Rules that go in circles without going deeper end, too.
	flat.Rules = []*filter.Rule{{Action: filter.Goto, Target: "flat"}}
	if o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4}), policy.In); o.Action != filter.Accept || len(o.Perhaps) != 1 || o.Perhaps[0].Because != "there are too many rules" {
		t.Errorf("%+v", o)
	}
}

// TestMatches: what is not known of a packet is perhaps.
func TestMatches(t *testing.T) {
	known := filter.ICMP(kind.Kind{Family: kind.V4, Type: 3, Code: 4})
	known.In, known.HopLimit, known.State, known.Src = "eth0", 64, filter.New, netip.MustParseAddr("192.0.2.1")
	nothing := filter.ICMP(kind.Kind{Family: kind.V6, Type: 3})
	ten := netip.MustParsePrefix("192.0.2.0/24")
	is := func(want uint64) func(uint64) bool { return func(n uint64) bool { return n == want } }
	for i, tt := range []struct {
		m              filter.Match
		known, nothing filter.Truth
	}{
		{filter.Number("", filter.Type(kind.V4), is(3)), filter.Yes, filter.No},
		{filter.Number("", filter.Code(kind.V4), is(3)), filter.No, filter.No},
		{filter.Number("", filter.Code(kind.V4), is(4)), filter.Yes, filter.No},
		{filter.Number("", filter.Code(kind.V6), is(0)), filter.No, filter.Yes},
		{filter.Number("", filter.Proto, is(58)), filter.No, filter.Yes},
		{filter.Number("", filter.Port(6), is(0)), filter.No, filter.No},
		{filter.HopLimit("", is(64)), filter.Yes, filter.Perhaps},
		{filter.HopLimit("", is(63)), filter.No, filter.Perhaps},
		{filter.States("", filter.Related, filter.New), filter.Yes, filter.Perhaps},
		{filter.States("", filter.Related), filter.No, filter.Perhaps},
		{filter.Interface("", filter.In, []string{"eth0"}), filter.Yes, filter.Perhaps},
		{filter.Interface("", filter.In, []string{"eth1", "lo"}), filter.No, filter.Perhaps},
		{filter.Interface("", filter.In, []string{"eth*"}), filter.Yes, filter.Perhaps},
		{filter.Interface("", filter.In, []string{"*"}), filter.Yes, filter.Yes},
		{filter.Interface("", filter.In, []string{"lo"}), filter.No, filter.No},
		{filter.Interface("", filter.Out, []string{"eth0"}), filter.Perhaps, filter.Perhaps},
		{filter.Addr("", kind.V4, filter.Src, ten.Contains), filter.Yes, filter.No},
		{filter.Addr("", 0, filter.Src, ten.Contains), filter.Yes, filter.Perhaps},
		{filter.Addr("", kind.V4, filter.Dst, ten.Contains), filter.Perhaps, filter.No},
		{filter.Family("", kind.V6), filter.No, filter.Yes},
		{filter.Not(filter.Family("", kind.V6)), filter.Yes, filter.No},
		{filter.Not(filter.Unknown("")), filter.Perhaps, filter.Perhaps},
	} {
		if a, b := tt.m.Test(&known), tt.m.Test(&nothing); a != tt.known || b != tt.nothing {
			t.Errorf("%d: %v, %v, want %v, %v", i, a, b, tt.known, tt.nothing)
		}
	}
}
