package option_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

func ExampleRecord() {
	options, _ := option.AppendRecordRoute([]byte{byte(ip.OptNOP)}, 3)
	h := ip.Header4{
		TTL: 64, Proto: ip.ProtoICMP, Options: ip.PadOptions(options),
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("198.51.100.7"),
	}
	datagram, _ := h.AppendPacket(nil, nil)

	// A gateway writes its address into it.
	h, _, _ = ip.Parse4(datagram)
	for o := range ip.Options4(h.Options) {
		if o.Type == ip.OptRecordRoute {
			_, recorded, err := option.Record(o, netip.MustParseAddr("203.0.113.1"))
			fmt.Println(recorded, err)
		}
	}
	ip.Seal4(datagram)

	// The receiver reads it.
	h, _, _ = ip.Parse4(datagram)
	for o := range ip.Options4(h.Options) {
		if r, err := option.ParseRoute(o); err == nil {
			for i, a := range r.Addrs() {
				fmt.Println(i, a, i < r.Recorded())
			}
		}
	}
	// Output:
	// true <nil>
	// 0 203.0.113.1 true
	// 1 0.0.0.0 false
	// 2 0.0.0.0 false
}

func ExampleAppendSourceRoute() {
	// By way of 203.0.113.1 and 203.0.113.9 to 198.51.100.7.
	options, err := option.AppendSourceRoute(nil, ip.OptLSRR,
		netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.7"))
	h := ip.Header4{
		TTL: 64, Proto: ip.ProtoICMP, Options: ip.PadOptions(options),
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("203.0.113.1"),
	}
	fmt.Printf("%v %x %v\n", h.Dst, h.Options, err)
	// Output:
	// 203.0.113.1 830b04cb007109c633640700 <nil>
}

func ExampleAddStamp() {
	raw, _ := option.AppendTimestamps(nil, option.StampsAndAddrs, 2)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for o := range ip.Options4(raw) {
		if o.Type == ip.OptTimestamp {
			_, err := option.AddStamp(o, netip.MustParseAddr("203.0.113.1"), nil, option.StampOf(noon))
			fmt.Println(err)
		}
	}
	for o := range ip.Options4(raw) {
		s, err := option.ParseTimestamps(o)
		if err != nil {
			fmt.Println(err)
			return
		}
		for i, e := range s.Entries() {
			fmt.Println(e.Addr, e.Stamp, i < s.Recorded())
		}
	}
	// Output:
	// <nil>
	// 203.0.113.1 12:00:00.000 true
	// 0.0.0.0 00:00:00.000 false
}
