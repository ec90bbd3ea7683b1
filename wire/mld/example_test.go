package mld_test

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire/mld"
)

func ExampleRecords() {
	sources, _ := mld.AppendAddrs(nil, netip.MustParseAddr("2001:db8::5"))
	group := netip.MustParseAddr("ff3e::1")
	b, err := mld.Record{Type: mld.AllowNewSources, Group: group, Sources: sources}.AppendBinary(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for r, err := range mld.Records(b) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r)
		for a := range mld.Addrs(r.Sources) {
			fmt.Println(a)
		}
	}
	// Output:
	// allow new sources, group ff3e::1, 1 sources
	// 2001:db8::5
}

func ExampleQueryInterval() {
	fmt.Println(mld.QueryInterval(125), mld.QueryInterval(0x8a))
	// Output: 2m5s 3m28s
}
