package stats_test

import (
	"fmt"
	"time"

	"github.com/sonde-net/sonde/probe/stats"
)

// The last line of ping.
func Example() {
	var r stats.RTT
	for _, us := range []time.Duration{84157, 83600, 82926, 83260, 83162} {
		r.Add(us * time.Microsecond)
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%g%% packet loss\n", stats.Loss(5, r.Count()))
	fmt.Printf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", ms(r.Min()), ms(r.Avg()), ms(r.Max()), ms(r.Mdev()))
	// Output:
	// 0% packet loss
	// rtt min/avg/max/mdev = 82.926/83.421/84.157/0.427 ms
}

// Percentiles cost two kilobytes, so they are for those who ask.
func ExampleHistogram() {
	var h stats.Histogram
	for ms := range 100 {
		h.Add(time.Duration(ms+1) * time.Millisecond)
	}
	fmt.Println(h.Percentile(50).Round(5*time.Millisecond), h.Percentile(99).Round(5*time.Millisecond))
	// Output: 50ms 100ms
}
