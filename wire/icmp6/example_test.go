package icmp6_test

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/mld"
	"github.com/sonde-net/sonde/wire/ndp"
)

var (
	here  = netip.MustParseAddr("2001:db8::1")
	there = netip.MustParseAddr("2001:db8:1::1")
)

// Any message: write one, read it without knowing what it is.
func Example() {
	b, err := icmp6.Echo{ID: 7, Seq: 1, Data: []byte("hello")}.Append(nil, here, there)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := icmp6.Parse(b, here, there)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)

	_, err = icmp6.Parse(b, there, there)
	fmt.Println(errors.Is(err, wire.Checksum), err)
	// Output:
	// 128/0 Echo Request, id 7, seq 1, 5 octets
	// true icmp6.Message: octet 2: checksum does not hold
}

func ExampleParseEcho() {
	b, _ := icmp6.Echo{EchoType: icmp6.EchoType{Reply: true}, ID: 7, Seq: 1}.Append(nil, there, here)
	m, err := icmp6.ParseEcho(b, there, here)
	fmt.Println(m.Reply, m.ID, m.Seq, err)
	// Output: true 7 1 <nil>
}

func ExampleDestUnreachable() {
	quote := make([]byte, 48) // of the packet in question
	ext, _ := extension.Append(nil, extension.Object{Class: extension.ClassMPLS, CType: 1, Payload: []byte{0, 1, 1, 1}})
	m := icmp6.DestUnreachable{Code: icmp6.CodeAddrUnreachable, Quote: quote, Ext: ext}
	b, _ := m.Append(nil, there, here)
	m, err := icmp6.ParseDestUnreachable(b, there, here)
	fmt.Println(m, err)
	// Output: 1/3 Destination Unreachable: address unreachable, quotes 128 octets, extensions of 12 octets <nil>
}

func ExamplePacketTooBig() {
	b, _ := icmp6.PacketTooBig{MTU: 1280, Quote: make([]byte, 48)}.Append(nil, there, here)
	m, err := icmp6.ParsePacketTooBig(b, there, here)
	fmt.Println(m.MTU, err)
	// Output: 1280 <nil>
}

func ExampleTimeExceeded() {
	fmt.Println(icmp6.TimeExceeded{Code: icmp6.CodeHopLimitExceeded, Quote: make([]byte, 48)})
	// Output: 3/0 Time Exceeded: hop limit exceeded in transit, quotes 48 octets
}

func ExampleParameterProblem() {
	fmt.Println(icmp6.ParameterProblem{Code: icmp6.CodeUnknownOption, Pointer: 42, Quote: make([]byte, 48)})
	// Output: 4/2 Parameter Problem: unrecognized IPv6 option encountered, pointer 42, quotes 48 octets
}

func ExampleMLD() {
	fmt.Println(icmp6.MLD{Type: icmp6.TypeMLDDone, Group: netip.MustParseAddr("ff02::fb")})
	// Output: 132/0 Multicast Listener Done, group ff02::fb
}

func ExampleMLDv2Query() {
	sources, _ := mld.AppendAddrs(nil, there)
	fmt.Println(icmp6.MLDv2Query{MaxResponse: 1000, Group: netip.MustParseAddr("ff3e::1"), Sources: sources})
	// Output: 130/0 Multicast Listener Query, group ff3e::1, 1 sources, answer within 1s
}

func ExampleMLDv2Report() {
	group := netip.MustParseAddr("ff02::fb")
	records, _ := mld.Record{Type: mld.ChangeToExcludeMode, Group: group}.AppendBinary(nil)
	report := icmp6.MLDv2Report{Records: records}
	fmt.Println(report)
	for r, err := range mld.Records(report.Records) {
		fmt.Println(r, err)
	}
	// Output:
	// 143/0 Version 2 Multicast Listener Report, 1 records
	// change to exclude mode, group ff02::fb, 0 sources <nil>
}

func ExampleRouterAdvertisement() {
	options, _ := ndp.PrefixInformation{
		Prefix:    netip.MustParsePrefix("2001:db8::/64"),
		Flags:     ndp.PrefixOnLink | ndp.PrefixAutonomous,
		Valid:     ndp.Infinity,
		Preferred: 4 * time.Hour,
	}.AppendBinary(nil)
	m := icmp6.RouterAdvertisement{HopLimit: 64, Lifetime: 30 * time.Minute, Options: options}
	fmt.Println(m)
	for o, err := range ndp.Options(m.Options) {
		fmt.Println(o, err)
	}
	// Output:
	// 134/0 Router Advertisement, hop limit 64, flags none, lifetime 30m0s, reachable 0s, retrans 0s, options of 32 octets
	// prefix 2001:db8::/64, flags LA, valid infinity, preferred 4h0m0s <nil>
}

func ExampleNeighborSolicitation() {
	options, _ := ndp.LinkLayerAddress{Addr: []byte{2, 0, 0x5e, 0x10, 0, 1}}.AppendBinary(nil)
	fmt.Println(icmp6.NeighborSolicitation{Target: there, Options: options})
	// Output: 135/0 Neighbor Solicitation, target 2001:db8:1::1, options of 8 octets
}

func ExampleNeighborAdvertisement() {
	fmt.Println(icmp6.NeighborAdvertisement{Flags: ndp.NeighborSolicited, Target: there})
	// Output: 136/0 Neighbor Advertisement, target 2001:db8:1::1, flags S
}

func ExampleRedirect() {
	fmt.Println(icmp6.Redirect{Target: netip.MustParseAddr("fe80::1"), Dst: there})
	// Output: 137/0 Redirect Message, for 2001:db8:1::1 use fe80::1
}

func ExampleExtendedEchoReply() {
	fmt.Println(icmp6.ExtendedEchoReply{ID: 7, Seq: 1, Active: true, IPv6: true})
	// Output: 161/0 Extended Echo Reply: No Error, id 7, seq 1, state none, active, ipv6
}

func ExampleRaw() {
	b, _ := icmp6.Raw{Type: icmp6.TypeRPLControl, Body: []byte{1, 2, 3}}.Append(nil, here, there)
	m, err := icmp6.Parse(b, here, there)
	fmt.Println(m, err)
	// Output: 155/0 RPL Control Message, 3 octets <nil>
}
