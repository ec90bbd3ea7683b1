package campaign_test

import (
	"context"
	"fmt"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/probe/sweep"
)

// A network of a laboratory is swept, on the virtual clock. With a
// campaign.System in place of the Lab it is one of this machine's.
func Example() {
	topology, err := scenario.Load("ecmp-flow")
	if err != nil {
		fmt.Println(err)
		return
	}
	var t campaign.Targets
	if err := t.Add("10.0.9.0/27", "argument 1"); err != nil {
		fmt.Println(err)
		return
	}
	notes, err := t.Finish(false)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(notes.Addresses, "addresses to ask")
	at := &campaign.Lab{Topology: topology, From: "a", Virtual: true}
	defer at.Close()
	j, err := campaign.New(at, campaign.Options{
		Sweep: sweep.Config{Targets: &t.Set, Seed: 1, Rate: 1000},
		Each: func(r *sweep.Result) {
			if r.Kind == sweep.Reply {
				fmt.Println(r.From, r.RTT)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := j.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(j.Counters().Answered, "of", j.Counters().Sent, "answered")
	// Output:
	// 30 addresses to ask
	// 10.0.9.20 8ms
	// 10.0.9.1 6ms
	// 2 of 30 answered
}
