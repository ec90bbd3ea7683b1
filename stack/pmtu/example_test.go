package pmtu_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/pmtu"
)

// A gateway says that 1400 octets pass; later somebody says 60, which nothing is
// made of; after ten minutes the path is tried with the link's MTU again.
func Example() {
	const link = 1500
	c, err := pmtu.New(pmtu.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dst := netip.MustParseAddr("198.51.100.7")
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, says := range []int{1400, 60} {
		mtu, why := c.Lower(now, pmtu.Report{Dst: dst, MTU: says, QuotedLen: link, LinkMTU: link})
		fmt.Println("says", says, "is", mtu, why)
	}
	for _, later := range []time.Duration{0, 11 * time.Minute} {
		mtu, df := c.Get(now.Add(later), dst, link)
		fmt.Println("after", later, mtu, df)
	}
	// Output:
	// says 1400 is 1400 not dropped
	// says 60 is 1400 packet too big below the protocol's minimum
	// after 0s 1400 true
	// after 11m0s 1500 true
}
