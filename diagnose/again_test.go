package diagnose_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/diagnose"
	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/vantage"
)

// TestChanged: a link fails at some moment of the diagnosis, and the gateways go
// round it at once, soon, or not within its time. What the traces have of both
// ways is no balancing, no loop and no way back of another length, and what was
// lost meanwhile is not placed; the change is told, where a flow has shown it.
func TestChanged(t *testing.T) {
	text, err := scenario.Show("path-change")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, family := range []vantage.Family{vantage.IPv4, vantage.IPv6} {
		for _, detect := range []string{"0s", "300ms", "3s"} {
			for at := 20; at <= 1220; at += 150 {
				changed := strings.NewReplacer("{from: 10s, to: 25s, every: 40s}", fmt.Sprintf("{from: %dms}", at), "detect: 3s", "detect: "+detect).Replace(text)
				x, v := ask(t, parse(t, changed), "a", "b", family, diagnose.Config{})
				what := fmt.Sprintf("%v, after %d ms, found out after %s: %v", family, at, detect, kinds(v))
				for _, k := range []rule.Kind{rule.ByFlow, rule.ByPacket, rule.Lopsided, rule.Loops, rule.LossBetween, rule.LossAtTarget, rule.LossFirst, rule.Limited, rule.Mute} {
					if slices.Contains(kinds(v), k) {
						t.Errorf("%s: %q", what, k)
					}
				}
				lost := x.Ping.Received < x.Ping.Sent
				if slices.Contains(kinds(v), rule.LossSome) != lost || detect == "0s" && lost {
					t.Errorf("%s: %d of %d came back", what, x.Ping.Received, x.Ping.Sent)
				}
				if !slices.Contains(kinds(v), rule.Changed) {
					if at < 870 { // all traces but one are over then
						t.Errorf("%s: nothing of the change", what)
					}
					continue
				}
				told++
				f := finding(t, v, rule.Changed)
				if f.Severity != rule.Note || !slices.Contains(f.Hops, 2) || len(f.Evidence) != len(f.Hops) || f.Evidence[0].Hop != 2 || f.Evidence[0].Other == f.Evidence[0].Addr {
					t.Errorf("%s: %+v", what, f)
				}
				if family == vantage.IPv4 && !slices.Contains(x.Moved, facts.Moved{TTL: 2, Was: addr("10.0.2.2"), Is: addr("10.0.3.2")}) {
					t.Errorf("%s: %+v", what, x.Moved)
				}
			}
		}
	}
	if told < 36 {
		t.Errorf("told %d times", told)
	}
}

// TestUnchanged: ways that differ by flow, or by packet, are no change.
func TestUnchanged(t *testing.T) {
	for _, name := range []string{"ecmp-flow", "ecmp-packet", "echo"} {
		top := load(t, name)
		to := top.Nodes[len(top.Nodes)-1].Name
		x, v := ask(t, top, top.Nodes[0].Name, to, vantage.IPv4, diagnose.Config{})
		if slices.Contains(kinds(v), rule.Changed) || len(x.Moved) > 0 {
			t.Errorf("%s: %v, %+v", name, kinds(v), x.Moved)
		}
	}
}
