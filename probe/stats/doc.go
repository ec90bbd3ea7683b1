// Package stats sums up round-trip times: how many, the least, the average, the
// most, the deviation and the moving average, in the way and to the microsecond
// in which ping of iputils prints them; percentiles, where they are asked for;
// and loss.
//
//	var r stats.RTT
//	r.Add(84157 * time.Microsecond)
//	fmt.Println(r.Min(), r.Avg(), r.Max(), r.Mdev())
//
// # Contract
//
// The zero [RTT] is empty and ready. It has a fixed size of some dozen octets,
// whatever is added, and adding allocates nothing. A [Histogram] is another two
// kilobytes, and exists only where somebody makes one.
//
// Times are counted in whole microseconds, what is less is cut off: that is
// what the sums of iputils consist of. A negative time counts as 0, as there:
// clocks are set back.
package stats
