package extension_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire/extension"
)

// The extension of a time exceeded from a label switched path.
func Example() {
	b, _ := hex.DecodeString("20004159" + "000c0101" + "05dc5001" + "03e84101" + "000802c8" + "00000003")
	s, err := extension.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	for o, err := range s.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		switch o.Class {
		case extension.ClassMPLS:
			for label, err := range extension.Labels(o) {
				fmt.Println(label, err)
			}
		case extension.ClassInterfaceInfo:
			info, err := extension.ParseInterfaceInfo(o)
			fmt.Println(info, err)
		default:
			fmt.Println(o)
		}
	}
	// Output:
	// label 24005, tc 0, ttl 1 <nil>
	// label 16004, tc 0, ttl 1, bottom <nil>
	// next hop: index 3 <nil>
}

// Objects are appended one behind the other and become a structure.
func ExampleStructure_AppendBinary() {
	objects, err := extension.AppendLabels(nil, extension.Label{Label: 16004, Bottom: true, TTL: 1})
	if err == nil {
		objects, err = extension.InterfaceInfo{
			Role: extension.RoleIncoming, Index: 3, Addr: netip.MustParseAddr("192.0.2.1"), Name: []byte("eth0"), MTU: 1500,
		}.AppendBinary(objects)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	s := extension.Structure{Objects: objects}
	b, err := s.AppendBinary(nil)
	fmt.Println(s)
	fmt.Printf("%d octets, %x, %v\n", len(b), b[:4], err)
	// Output:
	// mpls [label 16004, tc 0, ttl 1, bottom]; incoming interface: index 3, 192.0.2.1, "eth0", mtu 1500
	// 40 octets, 20002333, <nil>
}

// An object of a class that nobody here knows.
func ExampleAppend() {
	b, err := extension.Append(nil, extension.Object{Class: 250, CType: 1, Payload: []byte("hello...")})
	fmt.Printf("%x %v\n", b, err)
	s, err := extension.Parse(b)
	fmt.Println(s, err)
	// Output:
	// 200073c3000cfa0168656c6c6f2e2e2e <nil>
	// Private Use 250: c-type 1, 8 octets <nil>
}

// The interface that an extended echo asks about.
func ExampleIdentifyName() {
	objects, err := extension.IdentifyName([]byte("eth10")).AppendBinary(nil)
	fmt.Printf("%x %v\n", objects, err)
	// Output:
	// 000c03016574683130000000 <nil>
}
