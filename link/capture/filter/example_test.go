package filter_test

import (
	"fmt"

	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// An expression as tcpdump takes it chooses packets; one that can't be read says
// where.
func ExampleFilter_Match() {
	f, err := filter.Parse("icmp[icmptype] == icmp-echo and net 192.0.2.0/24")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, typ := range []byte{8, 0} {
		packet := []byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, typ, 0, 0, 0, 0, 1, 0, 1}
		fmt.Println(typ, f.Match(frame.Raw, packet, len(packet)))
	}
	_, err = filter.Parse("icmp and hots 192.0.2.1")
	fmt.Println(err)
	// Output:
	// 8 true
	// 0 false
	// filter: column 10: unknown word "hots"; names of hosts and ports are not looked up
}
