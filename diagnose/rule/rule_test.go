package rule_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/probe/offset"
)

const ms = time.Millisecond

func gate(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("10.0.0.%d", i)) }

var target = netip.MustParseAddr("203.0.113.9")

// good is facts of a path of three gateways that works.
func good() *facts.Facts {
	f := &facts.Facts{
		Host: "target", Src: gate(100), Dst: target,
		Ping:  facts.Ping{Sent: 10, Received: 10, Min: 40 * ms, Avg: 41 * ms, Max: 42 * ms, Mdev: ms, TTL: 61, Back: 4},
		MTU:   &mtu.Result{Answered: true, MTU: 1500, LinkMTU: 1500, Exact: true},
		Clock: &clock.Result{Sent: 8, Received: 8, Known: true, Form: offset.Standard, Within: 20 * ms, Ahead: ms},
		Who:   map[netip.Addr]names.Who{},
	}
	for i := 1; i <= 4; i++ {
		a := gate(i)
		if i == 4 {
			a = target
		}
		f.Path = append(f.Path, facts.Hop{TTL: i, Sent: 10, Answered: 10, Target: i == 4, Nodes: []facts.Node{
			{Addr: a, Answered: 10, Min: time.Duration(10*i) * ms, Avg: time.Duration(10*i) * ms, Max: time.Duration(10*i+1) * ms},
		}})
	}
	for _, k := range []probe.Kind{probe.Echo, probe.UDP, probe.TCP} {
		t := facts.Trace{Probe: k, Reached: true, Length: 4}
		for i := 1; i <= 4; i++ {
			t.Hops = append(t.Hops, facts.TraceHop{TTL: i, Sent: 3, Answered: 3, Addrs: []netip.Addr{f.Path[i-1].Nodes[0].Addr}, Reached: i == 4})
		}
		switch k {
		case probe.UDP:
			t.Port = 33434
		case probe.TCP:
			t.Port, t.Answer = 80, "RST"
		}
		f.Traces = append(f.Traces, t)
	}
	return f
}

func kinds(v rule.Verdict) (all []rule.Kind) {
	for i := range v.Findings {
		all = append(all, v.Findings[i].Kind)
	}
	return all
}

var healthy = []rule.Kind{rule.Reachable, rule.Passage, rule.RoundTrip, rule.MTUFull, rule.ClockRight}

func TestHealthy(t *testing.T) {
	v := rule.Judge(good())
	if v.Status != rule.Well || !slices.Equal(kinds(v), healthy) {
		t.Errorf("%v, %v", v.Status, kinds(v))
	}
	if f := v.Findings[0]; len(f.Probes) != 3 || len(f.Evidence) != 3 || f.Evidence[2].Kind != rule.AnswersRST || f.Addr != target {
		t.Errorf("%+v", f)
	}
	if f := v.Findings[1]; f.Count != 3 || f.Owners != nil || len(f.Evidence) != 0 {
		t.Errorf("%+v", f)
	}
}

// TestLimits is every rule on both sides of its limit.
func TestLimits(t *testing.T) {
	claim := probe.Claim{Present: true, Type: 3, Code: 1}
	for _, c := range []struct {
		name   string
		change func(f *facts.Facts)
		kind   rule.Kind // found
		not    bool      // … not found
		want   rule.Severity
	}{
		{"jitter", func(f *facts.Facts) { f.Ping.Mdev = 10 * ms }, rule.Jittery, false, rule.Trouble},
		{"little jitter", func(f *facts.Facts) { f.Ping.Mdev = 10*ms - 1 }, rule.Jittery, true, 0},
		{"jitter of a long way", func(f *facts.Facts) { f.Ping.Mdev, f.Ping.Avg = 10*ms, 67*ms }, rule.Jittery, true, 0},
		{"jitter of few", func(f *facts.Facts) { f.Ping.Mdev, f.Ping.Received, f.Ping.Sent = 10*ms, 4, 4 }, rule.Jittery, true, 0},
		{"step", func(f *facts.Facts) { times(f, 10, 12, 52, 60) }, rule.Step, false, rule.Note},
		{"no step", func(f *facts.Facts) { times(f, 10, 12, 41, 60) }, rule.Step, true, 0},
		{"small step", func(f *facts.Facts) { times(f, 1, 1, 5, 6) }, rule.Step, true, 0},
		{"step at first", func(f *facts.Facts) { times(f, 50, 51, 52, 60) }, rule.StepFirst, false, rule.Note},
		{"slow hop is no step", func(f *facts.Facts) { times(f, 10, 90, 11, 12) }, rule.Step, true, 0},
		{"slow hop", func(f *facts.Facts) { f.Path[1].Nodes[0].Max = 82 * ms }, rule.SlowHops, false, rule.Note},
		{"hop not slow enough", func(f *facts.Facts) { f.Path[1].Nodes[0].Max = 61 * ms }, rule.SlowHops, true, 0},
		{"slow target", func(f *facts.Facts) { f.Path[3].Nodes[0].Max = time.Second }, rule.SlowHops, true, 0},
		{"limited", func(f *facts.Facts) { f.Path[1].Answered = 8 }, rule.Limited, false, rule.Note},
		{"one lost", func(f *facts.Facts) { f.Path[1].Answered = 9 }, rule.Limited, true, 0},
		{"few probes", func(f *facts.Facts) { f.Path[1].Sent, f.Path[1].Answered = 3, 1 }, rule.Limited, true, 0},
		{"all limited alike", func(f *facts.Facts) {
			for i := range f.Path {
				f.Path[i].Answered = 5
			}
		}, rule.Limited, true, 0},
		{"silent hop", func(f *facts.Facts) { f.Path[1].Answered, f.Path[1].Nodes = 0, nil }, rule.Mute, false, rule.Note},
		{"duplicate", func(f *facts.Facts) { f.Ping.Duplicates = 1 }, rule.Doubled, false, rule.Trouble},
		{"altered", func(f *facts.Facts) { f.Ping.Altered = 1 }, rule.Altered, false, rule.Trouble},
		{"truncated", func(f *facts.Facts) { f.Ping.Truncated = 1 }, rule.Truncated, false, rule.Trouble},
		{"reordered", func(f *facts.Facts) { f.Ping.Reordered = 1 }, rule.Reordered, false, rule.Trouble},
		{"asymmetric", func(f *facts.Facts) { f.Ping.Back = 6 }, rule.Lopsided, false, rule.Note},
		{"asymmetric the other way", func(f *facts.Facts) { f.Ping.Back = 2 }, rule.Lopsided, false, rule.Note},
		{"one more back", func(f *facts.Facts) { f.Ping.Back = 5 }, rule.Lopsided, true, 0},
		{"back not known", func(f *facts.Facts) { f.Ping.Back = 0 }, rule.Lopsided, true, 0},
		{"clock off", func(f *facts.Facts) { f.Clock.Ahead = 21 * ms }, rule.ClockOff, false, rule.Note},
		{"clock right", func(f *facts.Facts) { f.Clock.Ahead = -20 * ms }, rule.ClockRight, false, rule.Good},
		{"clock wrong", func(f *facts.Facts) { f.Clock.Ahead = -time.Second }, rule.ClockWrong, false, rule.Trouble},
		{"clock nearly wrong", func(f *facts.Facts) { f.Clock.Ahead = time.Second - 1 }, rule.ClockOff, false, rule.Note},
		{"clock drifts", func(f *facts.Facts) { f.Clock.DriftKnown, f.Clock.Drift = true, 50 }, rule.ClockDrift, false, rule.Note},
		{"clock form", func(f *facts.Facts) { f.Clock.Form, f.Clock.Known = offset.NonStandard, false }, rule.ClockForm, false, rule.Note},
		{"clock silent", func(f *facts.Facts) { f.Clock.Received, f.Clock.Known = 0, false }, rule.ClockMute, false, rule.Note},
		{"redirect", func(f *facts.Facts) {
			f.Ping.Advice = []facts.Said{{From: gate(1), Claim: probe.Claim{Present: true, Type: 5, Code: 1, Gateway: gate(9)}, Count: 1}}
		}, rule.Redirected, false, rule.Note},
		{"quench", func(f *facts.Facts) {
			f.Ping.Advice = []facts.Said{{From: gate(1), Claim: probe.Claim{Present: true, Type: 4}, Count: 1}}
		}, rule.Quenched, false, rule.Trouble},
		{"by flow", func(f *facts.Facts) { f.Traces[1].Hops[1].Addrs = []netip.Addr{gate(8)} }, rule.ByFlow, false, rule.Note},
		{"by packet", func(f *facts.Facts) { f.Traces[1].Hops[1].Addrs = []netip.Addr{gate(8), gate(2)} }, rule.ByPacket, false, rule.Note},
		{"the target is no other way", func(f *facts.Facts) { f.Traces[1].Hops[2].Addrs = []netip.Addr{target} }, rule.ByFlow, true, 0},
		{"left out", func(f *facts.Facts) { f.Left = []facts.Omission{{What: "clock", Why: "privileges"}} }, rule.LeftOut, false, rule.Note},
		{"echo not sent", func(f *facts.Facts) { f.Ping = facts.Ping{Sent: 10, Unsent: 10, Why: "no"} }, rule.LeftOut, false, rule.Note},
		{"echo sent", func(f *facts.Facts) { f.Ping.Sent, f.Ping.Unsent = 11, 1 }, rule.LeftOut, true, 0},
		{"some echoes sent", func(f *facts.Facts) { f.Ping.Sent, f.Ping.Unsent = 11, 1 }, rule.SomeNotSent, false, rule.Trouble},
		{"all echoes sent", func(f *facts.Facts) { f.Ping.Sent, f.Ping.Unsent = 11, 0 }, rule.SomeNotSent, true, 0},
		{"no echoes sent", func(f *facts.Facts) { f.Ping = facts.Ping{Sent: 10, Unsent: 10, Why: "no"} }, rule.SomeNotSent, true, 0},
		{"echo filtered", func(f *facts.Facts) {
			f.Ping = facts.Ping{Sent: 10}
			f.Traces[0].Reached, f.Traces[0].Hops = false, f.Traces[0].Hops[:3]
		}, rule.FilteredThere, false, rule.Note},
		{"echo filtered on the way", func(f *facts.Facts) {
			f.Ping = facts.Ping{Sent: 10}
			f.Traces[0].Reached, f.Traces[0].Hops = false, f.Traces[0].Hops[:1]
		}, rule.FilteredBehind, false, rule.Trouble},
		{"UDP refused on the way", func(f *facts.Facts) {
			f.Traces[1].Reached, f.Traces[1].Stop, f.Traces[1].StopHop = false, &facts.Said{From: gate(2), Claim: claim, Count: 3}, 2
		}, rule.FilteredBy, false, rule.Trouble},
		{"UDP refused by the target", func(f *facts.Facts) {
			f.Traces[1].Stop, f.Traces[1].StopHop = &facts.Said{From: target, Claim: claim, Count: 3}, 4
		}, rule.RefusedThere, false, rule.Note},
		{"TCP silent, with loss", func(f *facts.Facts) {
			f.Ping.Received = 9
			f.Traces[2].Reached, f.Traces[2].Hops = false, f.Traces[2].Hops[:3]
		}, rule.FilteredThere, true, 0},
		{"UDP silent, with some loss", func(f *facts.Facts) {
			f.Ping.Received = 9
			f.Traces[1].Reached, f.Traces[1].Hops = false, f.Traces[1].Hops[:3]
		}, rule.FilteredThere, false, rule.Note},
		{"MTU with much loss", func(f *facts.Facts) { f.Ping.Received, f.MTU.MTU, f.MTU.Hole = 8, 1000, &mtu.Hole{} }, rule.MTULossy, false, rule.Note},
		{"no hole with much loss", func(f *facts.Facts) { f.Ping.Received, f.MTU.MTU, f.MTU.Hole = 8, 1000, &mtu.Hole{} }, rule.HoleAnywhere, true, 0},
		{"hole with little loss", func(f *facts.Facts) { f.Ping.Received, f.MTU.MTU, f.MTU.Hole = 9, 1000, &mtu.Hole{} }, rule.HoleAnywhere, false, rule.Trouble},
		{"hole back", func(f *facts.Facts) { f.MTU.Hole = &mtu.Hole{Way: mtu.Back, Before: 2} }, rule.HoleBack, false, rule.Trouble},
		{"hole", func(f *facts.Facts) { f.MTU.Hole = &mtu.Hole{Way: mtu.There, Before: 2} }, rule.HoleBetween, false, rule.Trouble},
		{"MTU absent", func(f *facts.Facts) { reduce(f, mtu.Absent) }, rule.MTUAbsent, false, rule.Trouble},
		{"MTU wrong", func(f *facts.Facts) { reduce(f, mtu.TooHigh) }, rule.MTUWrong, false, rule.Trouble},
		{"MTU refused", func(f *facts.Facts) { reduce(f, mtu.Refused) }, rule.MTURefused, false, rule.Trouble},
		{"MTU reduced", func(f *facts.Facts) { reduce(f, mtu.None) }, rule.MTUReduced, false, rule.Note},
		{"MTU said", func(f *facts.Facts) { reduce(f, mtu.None); f.MTU.Answered = false }, rule.MTUSaid, false, rule.Note},
		{"MTU unknown", func(f *facts.Facts) { f.MTU.Answered = false }, rule.MTUUnknown, false, rule.Note},
		{"one loss", func(f *facts.Facts) { f.Ping.Received = 9 }, rule.LossSome, false, rule.Trouble},
		{"loss at first", func(f *facts.Facts) { f.Ping.Received = 6; lose(f, 6, 6, 6) }, rule.LossFirst, false, rule.Trouble},
		{"loss in the middle", func(f *facts.Facts) { f.Ping.Received = 6; lose(f, 10, 10, 6) }, rule.LossBetween, false, rule.Trouble},
		{"loss at the end", func(f *facts.Facts) { f.Ping.Received = 6; lose(f, 10, 10, 10) }, rule.LossAtTarget, false, rule.Trouble},
		{"loss at the end, one limits", func(f *facts.Facts) { f.Ping.Received = 6; lose(f, 10, 3, 10) }, rule.LossAtTarget, false, rule.Trouble},
		{"loss that cannot be placed", func(f *facts.Facts) { f.Ping.Received = 6; lose(f, 2, 2, 2) }, rule.LossSome, false, rule.Trouble},
		{"direct", func(f *facts.Facts) { f.Path = f.Path[3:]; f.Path[0].TTL = 1 }, rule.Direct, false, rule.Note},
		{"port open", func(f *facts.Facts) { f.Ports = []facts.Port{{Port: 22, State: facts.Open}} }, rule.PortOpen, false, rule.Note},
		{"port closed", func(f *facts.Facts) { f.Ports = []facts.Port{{Port: 22, State: facts.Closed}} }, rule.PortClosed, false, rule.Note},
		{"port filtered", func(f *facts.Facts) { f.Ports = []facts.Port{{Port: 22, State: facts.Filtered}} }, rule.PortFiltered, false, rule.Note},
		{"port rejected", func(f *facts.Facts) {
			f.Ports = []facts.Port{{Port: 22, State: facts.Rejected, Said: &facts.Said{From: gate(1), Claim: claim}}}
		}, rule.PortRejected, false, rule.Note},
		{"loop, and reached", func(f *facts.Facts) { f.Traces[1].Loop = &facts.Loop{From: 2, To: 5, Period: 2} }, rule.Loops, false, rule.Trouble},
		{"interrupted", func(f *facts.Facts) { f.Interrupted = true }, rule.Interrupted, false, rule.Note},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := good()
			c.change(f)
			v := rule.Judge(f)
			i := slices.Index(kinds(v), c.kind)
			if i < 0 != c.not {
				t.Fatalf("%v", kinds(v))
			}
			if c.not {
				return
			}
			if s := v.Findings[i].Severity; s != c.want {
				t.Errorf("%v", s)
			}
			if want := map[bool]rule.Status{true: rule.Troubled, false: rule.Well}[c.want == rule.Trouble]; c.name != "UDP silent, with some loss" && c.name != "MTU with much loss" && v.Status != want {
				t.Errorf("%v", v.Status)
			}
		})
	}
}

// times sets the times of the hops, in milliseconds.
func times(f *facts.Facts, all ...int) {
	for i, x := range all {
		n := &f.Path[i].Nodes[0]
		n.Min = time.Duration(x) * ms
		n.Avg, n.Max = n.Min, n.Min
	}
}

// lose sets how many of ten each gateway answers; the target as many as echoes.
func lose(f *facts.Facts, all ...int) {
	for i, x := range all {
		f.Path[i].Answered = x
	}
	f.Path[3].Answered = f.Ping.Received
}

func reduce(f *facts.Facts, fault mtu.Fault) {
	f.MTU.MTU = 1400
	f.MTU.Reductions = []mtu.Reduction{{Hop: 2, Router: gate(2), Before: 1500, MTU: 1400, Said: 1400, Fault: fault}}
}

// TestUnreachable: nobody answers, and who says why.
func TestUnreachable(t *testing.T) {
	none := func() *facts.Facts {
		f := good()
		f.Ping, f.Clock.Received, f.MTU.Answered = facts.Ping{Sent: 10}, 0, false
		f.Path = f.Path[:2]
		for i := range f.Traces {
			x := &f.Traces[i]
			x.Reached, x.Answer, x.Hops = false, "", x.Hops[:2]
		}
		return f
	}
	v := rule.Judge(none())
	if v.Status != rule.Unreachable || !slices.Equal(kinds(v), []rule.Kind{rule.NoAnswer, rule.PassageFar}) {
		t.Errorf("%v, %v", v.Status, kinds(v))
	}
	if f := v.Findings[0]; f.Hop != 2 || f.Other != gate(2) || len(f.Evidence) != 3 || f.Evidence[0].Kind != rule.SilentFrom {
		t.Errorf("%+v", f)
	}
	f := none()
	f.Ping.Errors = []facts.Said{{From: gate(2), Claim: probe.Claim{Present: true, Type: 3, Code: 1}, Count: 10}}
	v = rule.Judge(f)
	if x := v.Findings[0]; x.Kind != rule.Refused || x.Hop != 2 || x.Addr != gate(2) || x.Count != 10 || x.Severity != rule.Failure {
		t.Errorf("%+v", x)
	}
	f = none()
	f.Ping.Unsent, f.Ping.Why, f.Traces[0].Why = 10, "network is unreachable", "network is unreachable"
	v = rule.Judge(f)
	if x := v.Findings[0]; x.Kind != rule.NotSent || x.Text != "network is unreachable" {
		t.Errorf("%+v", x)
	}
	f = none()
	f.Interrupted = true
	if v = rule.Judge(f); v.Status != rule.Unknown || v.Findings[0].Kind != rule.Interrupted {
		t.Errorf("%+v", v)
	}
	f = none()
	f.Traces[0].Loop = &facts.Loop{From: 1, To: 4, Period: 2}
	if v = rule.Judge(f); v.Status != rule.Unreachable || !slices.Equal(kinds(v), []rule.Kind{rule.Loops}) || len(v.Findings[0].Addrs) != 2 {
		t.Errorf("%+v", v)
	}
	// A port that is open is an answer, too.
	f = none()
	f.Ports = []facts.Port{{Port: 22, State: facts.Open}}
	if v = rule.Judge(f); v.Status == rule.Unreachable {
		t.Errorf("%v", kinds(v))
	}
}

// TestOwners: each once, in the order of the way, with the hops that are theirs.
func TestOwners(t *testing.T) {
	f := good()
	for i, o := range []string{"A", "B", "A"} {
		f.Who[gate(i+1)] = names.Who{Owner: names.Owner{Organisation: o}}
	}
	x := rule.Way(f)[0]
	if !slices.Equal(x.Owners, []string{"A", "B"}) || len(x.Evidence) != 2 || !slices.Equal(x.Evidence[0].Hops, []int{1, 3}) || !slices.Equal(x.Evidence[1].Hops, []int{2}) {
		t.Errorf("%+v", x)
	}
}

// TestJSON: the words of severities, and lists that are lists.
func TestJSON(t *testing.T) {
	b, err := json.Marshal(rule.Verdict{Status: rule.Well})
	if err != nil || string(b) != `{"status":"well","findings":[]}` {
		t.Errorf("%s, %v", b, err)
	}
	b, err = json.Marshal(rule.Judge(good()))
	for _, s := range []string{`"status":"well"`, `"kind":"reachable","severity":"good"`, `"probes":["echo","udp","tcp"]`, `"evidence":[{"kind":"echo count"`} {
		if err != nil || !strings.Contains(string(b), s) {
			t.Errorf("no %s in %s, %v", s, b, err)
		}
	}
	var all []string
	for s := rule.Good; s <= rule.Failure; s++ {
		all = append(all, s.String())
	}
	if got := strings.Join(all, " "); got != "good note trouble failure" {
		t.Error(got)
	}
}
