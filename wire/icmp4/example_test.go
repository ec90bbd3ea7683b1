package icmp4_test

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// What came in an IPv4 datagram of protocol 1, its header taken off.
func Example() {
	b := []byte{0x03, 0x04, 0xf7, 0xda, 0x00, 0x00, 0x05, 0xd4, 0xff, 0x4c}
	m, err := icmp4.Parse(b)
	if errors.Is(err, wire.Checksum) {
		fmt.Println("damaged on the way")
		return
	}
	switch m := m.(type) {
	case icmp4.Echo:
		fmt.Println("somebody asks:", m.ID, m.Seq)
	case icmp4.DestUnreachable:
		fmt.Println("too large, at most", m.MTU)
	default:
		fmt.Println(m)
	}
	// Output: too large, at most 1492
}

func ExampleEcho() {
	request := icmp4.Echo{ID: 0x1234, Seq: 1, Data: []byte("sonde")}
	b, err := request.AppendBinary(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("% x\n", b)

	m, err := icmp4.ParseEcho(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	m.Reply = true // the answer is the request with another type
	fmt.Println(m)
	// Output:
	// 08 00 9e f6 12 34 00 01 73 6f 6e 64 65
	// 0/0 Echo Reply, id 4660, seq 1, 5 octets
}

func ExampleDestUnreachable() {
	datagram := make([]byte, 28) // the header and eight octets of what was dropped
	m := icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1492, Quote: datagram}
	b, err := m.AppendBinary(nil)
	fmt.Println(len(b), err)
	fmt.Println(m)
	// Output:
	// 36 <nil>
	// 3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set, mtu 1492, quotes 28 octets
}

func ExampleSourceQuench() {
	fmt.Println(icmp4.SourceQuench{}.Kind(), "deprecated:", icmp4.TypeSourceQuench.Deprecated())
	// Output: 4/0 Source Quench deprecated: true
}

func ExampleRedirect() {
	m := icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: netip.MustParseAddr("2001:db8::1")}
	_, err := m.AppendBinary(nil)
	fmt.Println(err)
	m.Gateway = netip.MustParseAddr("192.0.2.254")
	b, err := m.AppendBinary(nil)
	fmt.Printf("% x %v\n", b, err)
	// Output:
	// icmp4.Redirect: field Gateway: want an IPv4 address
	// 05 01 38 00 c0 00 02 fe <nil>
}

func ExampleTimeExceeded() {
	m, err := icmp4.ParseTimeExceeded([]byte{11, 0, 0xf4, 0xff, 0, 0, 0, 0})
	fmt.Println(m, err)
	// Output: 11/0 Time Exceeded: Time to Live exceeded in Transit, quotes 0 octets <nil>
}

func ExampleParameterProblem() {
	fmt.Println(icmp4.ParameterProblem{Pointer: 20})
	fmt.Println(icmp4.ParameterProblem{Code: icmp4.CodeMissingOption, Pointer: 130})
	// Output:
	// 12/0 Parameter Problem: Pointer indicates the error, pointer 20, quotes 0 octets
	// 12/1 Parameter Problem: Missing a Required Option, option 130, quotes 0 octets
}

func ExampleTimestampMessage() {
	sent := time.Date(2024, 2, 29, 13, 4, 5, 6e6, time.UTC)
	m := icmp4.TimestampMessage{ID: 7, Seq: 1, Originate: icmp4.TimestampOf(sent)}
	fmt.Println(m.Originate, m.Originate.Duration(), m.Originate.Standard())
	fmt.Println(icmp4.NonStandard(99), icmp4.NonStandard(99).Standard())
	// Output:
	// 13:04:05.006 13h4m5.006s true
	// 0x80000063 false
}

func ExampleInfo() {
	fmt.Println(icmp4.Info{ID: 7, Seq: 1})
	// Output: 15/0 Information Request, id 7, seq 1
}

func ExampleAddressMask() {
	mask, err := icmp4.MaskOf(netip.MustParsePrefix("192.0.2.0/25"))
	fmt.Println(icmp4.AddressMask{Reply: true, ID: 7, Seq: 1, Mask: mask}, err)
	// Output: 18/0 Address Mask Reply, id 7, seq 1, mask 255.255.255.128 <nil>
}

func ExampleRouterAdvertisement() {
	var entries []byte
	for i, a := range []string{"192.0.2.1", "192.0.2.2"} {
		var err error
		entries, err = icmp4.AppendRouter(entries, icmp4.Router{Addr: netip.MustParseAddr(a), Preference: int32(-i)})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	m := icmp4.RouterAdvertisement{Lifetime: 30 * time.Minute, Entries: entries}
	for r := range m.Routers() {
		fmt.Println(r.Addr, r.Preference)
	}
	// Output:
	// 192.0.2.1 0
	// 192.0.2.2 -1
}

func ExampleRouterSolicitation() {
	b, err := icmp4.RouterSolicitation{}.AppendBinary(nil)
	fmt.Printf("% x %v\n", b, err)
	// Output: 0a 00 f5 ff 00 00 00 00 <nil>
}

func ExampleExtendedEchoReply() {
	fmt.Println(icmp4.ExtendedEchoReply{ID: 7, Seq: 1, Active: true, IPv4: true})
	fmt.Println(icmp4.ExtendedEchoReply{ID: 7, Seq: 2, Code: icmp4.CodeNoSuchInterface})
	// Output:
	// 43/0 Extended Echo Reply: No Error, id 7, seq 1, state none, active, ipv4
	// 43/2 Extended Echo Reply: No Such Interface, id 7, seq 2, state none
}

// The extension structure in Ext is built with wire/extension.
func ExampleExtendedEchoRequest() {
	ext := []byte{0x20, 0, 0xdc, 0xf2, 0, 8, 3, 2, 0, 0, 0, 2} // the interface of index 2
	fmt.Println(icmp4.ExtendedEchoRequest{ID: 7, Seq: 1, Local: true, Ext: ext})
	// Output: 42/0 Extended Echo Request: No Error, id 7, seq 1, local interface, extensions of 12 octets
}

func ExampleAlternateAddress() {
	fmt.Println(icmp4.AlternateAddress{Address: netip.MustParseAddr("192.0.2.7")})
	// Output: 6/0 Alternate Host Address: Alternate Address for Host, address 192.0.2.7, 0 octets
}

func ExampleTraceroute() {
	fmt.Println(icmp4.Traceroute{ID: 7, OutboundHops: 3, Speed: 1250000, MTU: 1500})
	// Output: 30/0 Traceroute, id 7, 3 hops out, 0 hops back, 1250000 octets/s, mtu 1500
}

func ExampleConversionError() {
	fmt.Println(icmp4.ConversionError{Code: 5, Pointer: 2})
	// Output: 31/5 Datagram Conversion Error: Overall length exceeded, pointer 2, quotes 0 octets
}

func ExampleMobileRedirect() {
	fmt.Println(icmp4.MobileRedirect{Address: netip.MustParseAddr("198.51.100.9")})
	// Output: 32/0 Mobile Host Redirect, address 198.51.100.9, quotes 0 octets
}

func ExampleDomainNameReply() {
	names, err := icmp4.AppendName(nil, "gw.example.net.")
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, err := range (icmp4.DomainNameReply{TTL: time.Hour, Names: names}).All() {
		fmt.Println(name, err)
	}
	// Output: gw.example.net. <nil>
}

func ExampleDomainNameRequest() {
	fmt.Println(icmp4.DomainNameRequest{ID: 7, Seq: 1})
	// Output: 37/0 Domain Name Request, id 7, seq 1
}

func ExamplePhoturis() {
	fmt.Println(icmp4.Photuris{Code: icmp4.CodeNeedAuthentication})
	// Output: 40/4 Photuris: Need Authentication, pointer 0, quotes 0 octets
}

func ExampleRaw() {
	fmt.Println(icmp4.Raw{Type: icmp4.TypeExperiment1, Body: make([]byte, 4)})
	// Output: 253/0 RFC3692-style Experiment 1, 4 octets
}

// A capture has cut a timestamp of twenty octets.
func ExampleDecodeCut() {
	_, err := icmp4.DecodeCut([]byte{13, 0, 0, 0, 0, 7, 0, 1}, 20)
	fmt.Println(err)
	fmt.Println(errors.Is(err, wire.Truncated))
	// Output:
	// icmp4.TimestampMessage: octet 8: cut short by the capture or the quote
	// true
}

func ExampleKinds() {
	for k := range icmp4.Kinds() {
		if k.Type == icmp4.TypeTimeExceeded {
			fmt.Println(k)
		}
	}
	// Output:
	// 11/0 Time Exceeded: Time to Live exceeded in Transit
	// 11/1 Time Exceeded: Fragment Reassembly Time Exceeded
}
