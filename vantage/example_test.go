package vantage_test

import (
	"context"
	"fmt"
	"time"

	"github.com/sonde-net/sonde/lab/scenario"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/vantage"
)

// A ping from a host of a laboratory, on the virtual clock. With OpenSystem in
// place of OpenLab it is one from this machine.
func Example() {
	ctx := context.Background()
	topology, err := scenario.Load("cmu-mit")
	if err != nil {
		fmt.Println(err)
		return
	}
	at, err := vantage.OpenLab(topology, vantage.LabOptions{Virtual: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer at.Close()
	addrs, err := at.Lookup(ctx, "WEB.MIT.EDU", vantage.IPv4)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := at.Prober(probe.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	src, err := at.Source(addrs[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := ping.New(p, ping.Config{Targets: []ping.Target{{Src: src, Dst: addrs[0]}}, Count: 3, Size: 56})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = at.Run(ctx, s, func(time.Time) {
		for r, ok := s.Next(); ok; r, ok = s.Next() {
			fmt.Println(r.Kind, r.From, r.Seq, r.RTT)
		}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Stats(0).Received, "of", s.Stats(0).Sent)
	// Output:
	// reply 18.7.22.69 1 84.157ms
	// reply 18.7.22.69 2 83.601ms
	// reply 18.7.22.69 3 82.926ms
	// 3 of 3
}
