// Package ping asks whether somebody is there, again and again, and sums up what
// came back: a strategy on package probe for one target or any number, with the
// manners of iputils ping (P-03, P-07, P-12).
//
//	s, err := ping.New(p, ping.Config{
//		Targets: []ping.Target{{Src: src, Dst: dst}}, Count: 5, Size: 56,
//	})
//	err = at.Run(ctx, s, func(time.Time) {
//		for r, ok := s.Next(); ok; r, ok = s.Next() {
//			fmt.Println(r.Kind, r.From, r.Seq, r.RTT)
//		}
//	})
//	fmt.Println(s.Stats(0).Received, s.Stats(0).RTT.Avg())
//
// # When a probe is sent
//
// Each target has an allowance of time, of which a probe costs [Config.Interval]
// and no more is kept than that of [Config.Preload] probes: so many leave at
// once, and then one each interval. What a probe leaves late is made good with
// the next, so that the rate is kept. Targets begin one after another, spread
// over an interval.
//
// Adaptive pinging takes for interval the moving average of the round-trip
// times, rounded to a millisecond. Where that is nothing, and in a flood, the
// next probe leaves when fewer than Preload are on their way, and else 10 ms
// after the one before: a hundred a second.
//
// # When it is over
//
// A target is done when there are as many replies and errors as [Config.Count];
// or some time after the last probe: twice the longest round-trip time and at
// least an interval when there was any reply by then, else [Config.Wait]. With
// [Config.Deadline] it is asked on after Count probes, until there are Count
// replies, or an error, or the deadline has come for all.
//
// # What is told
//
// A reply is told of when it comes, however late: loss is what has not come back
// by the end. A [Result] says when it was late, double, reordered, cut or
// altered. Results are kept until they are read, as many as there is room for.
//
// Nothing is allocated per probe in the steady state, but by the prober for
// probes with IP options.
package ping
