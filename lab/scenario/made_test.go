package scenario_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/lab/topology"
)

// TestMade: a topology that a program has made, and nobody has checked, may name
// what there is not; that is an error of its step.
func TestMade(t *testing.T) {
	for want, step := range map[string]topology.Step{
		`x: step 1: ping: there is no node "c"`:     {Ping: &topology.Ping{From: "c", To: "b"}},
		`x: step 1: query: there is no node "c"`:    {Query: &topology.Query{From: "c", To: "b", What: "mask"}},
		`x: step 1: trace: there is no node ""`:     {Trace: &topology.Trace{To: "b"}},
		`x: step 1: send: there is no node "c"`:     {Send: &topology.Send{From: "c", To: "b", UDP: 9}},
		`x: step 1: forge: there is no node "c"`:    {Forge: &topology.Forge{From: "c", To: "b"}},
		`x: step 1: tcp: there is no node "c"`:      {TCP: &topology.TCP{From: "c", To: "b", Port: 80}},
		`x: step 1: show: there is no node "c"`:     {Show: &topology.Show{Node: "c", What: "tcp"}},
		`x: step 1: down: there is no link "wan"`:   {Down: &topology.Switch{Link: "wan"}},
		`x: step 1: up: there is no link "lan c"`:   {Up: &topology.Switch{Link: "lan", Node: "c"}},
		`x: step 1: down: there is no link "wan a"`: {Down: &topology.Switch{Link: "wan", Node: "a"}},
	} {
		top := &topology.Topology{
			Name:  "x",
			Links: []topology.Link{{Name: "lan"}},
			Nodes: []topology.Node{
				{Name: "a", Interfaces: []topology.Interface{{Link: "lan", Address: netip.MustParsePrefix("10.0.0.1/24")}}},
				{Name: "b", Interfaces: []topology.Interface{{Link: "lan", Address: netip.MustParsePrefix("10.0.0.2/24")}}},
			},
			Steps: []topology.Step{step},
		}
		if _, err := scenario.Run(top, new(narration.Items), scenario.Options{}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	// What is there is done, and a step of nothing is nothing.
	top := &topology.Topology{
		Links: []topology.Link{{Name: "lan"}},
		Nodes: []topology.Node{{Name: "a", Interfaces: []topology.Interface{{Link: "lan", Address: netip.MustParsePrefix("10.0.0.1/24")}}}},
		Steps: []topology.Step{
			{},
			{Down: &topology.Switch{Link: "lan"}},
			{Up: &topology.Switch{Link: "lan", Node: "a"}},
			{Show: &topology.Show{Node: "a", What: "counters"}},
			{Ping: &topology.Ping{From: "a", To: "nobody"}},
		},
	}
	var all narration.Items
	if _, err := scenario.Run(top, &all, scenario.Options{}); err != nil {
		t.Error(err)
	}
	if s := narration.Of[narration.Switched](all); len(s) != 2 || s[0].Up || !s[1].Up {
		t.Errorf("%+v", s)
	}
}
