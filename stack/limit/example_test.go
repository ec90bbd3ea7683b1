package limit_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/limit"
)

// Of a burst of errors to one destination ten are sent, and after a second of
// silence ten more; meanwhile another destination has all of its own.
func Example() {
	l, err := limit.New(limit.Config{Seed: 1}) // a secret, on a real node
	if err != nil {
		fmt.Println(err)
		return
	}
	const unreachable = 3
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	burst := func(to string) (sent int) {
		for range 25 {
			if l.Error(now, netip.MustParseAddr(to), unreachable) == limit.Allowed {
				sent++
			}
		}
		return sent
	}
	fmt.Println(burst("192.0.2.1"), burst("192.0.2.1"), burst("198.51.100.7"))
	now = now.Add(time.Second)
	fmt.Println(burst("192.0.2.1"))
	// Output:
	// 10 0 10
	// 10
}
