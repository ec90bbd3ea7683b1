package extension_test

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
)

var ids = wiretest.Codec[extension.InterfaceID]{
	Parse: func(b []byte) (extension.InterfaceID, error) {
		o, err := object(b)
		if err != nil {
			return extension.InterfaceID{}, err
		}
		return extension.ParseInterfaceID(o)
	},
	Append: func(i extension.InterfaceID, b []byte) ([]byte, error) { return i.AppendBinary(b) },
	String: extension.InterfaceID.String,
	Seal:   mend,
	Min:    4,
}

func TestInterfaceID(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-21")
	mac := []byte{2, 0, 0, 0, 0, 1}
	wiretest.Run(t, ids, []wiretest.Row[extension.InterfaceID]{
		{Name: "name of four", Value: extension.IdentifyName([]byte("eth0")), Hex: "0008 0301 65746830", Text: `interface by name "eth0"`},
		{Name: "name of five", Value: extension.IdentifyName([]byte("eth10")), Hex: "000c 0301 6574683130 000000", Text: `interface by name "eth10"`},
		{Name: "name of seven", Value: extension.IdentifyName([]byte("bond0.1")), Hex: "000c 0301 626f6e64302e31 00"},
		{
			Name:  "name in a field of 16",
			Value: extension.InterfaceID{CType: extension.CTypeName, Name: []byte("eth0"), Padding: make([]byte, 12)},
			Hex:   "0014 0301 65746830 000000000000000000000000",
		},
		{
			Name:  "name without padding",
			Value: extension.InterfaceID{CType: extension.CTypeName, Name: []byte("eth10"), Padding: []byte{}},
			Hex:   "0009 0301 6574683130",
		},
		{Name: "no name", Value: extension.IdentifyName([]byte{}), Hex: "0004 0301", Text: `interface by name ""`},
		{Name: "index", Value: extension.IdentifyIndex(0x01020304), Hex: "0008 0302 01020304", Text: "interface by index 16909060"},
		{
			Name:  "index and more",
			Value: extension.InterfaceID{CType: extension.CTypeIndex, Index: 3, Padding: []byte{0, 0}},
			Hex:   "000a 0302 00000003 0000",
		},
		{Name: "IPv4", Value: extension.IdentifyAddr(addr4), Hex: "000c 0303 0001 04 00 c0000201", Text: "interface by address 192.0.2.1"},
		{Name: "IPv6", Value: extension.IdentifyAddr(addr6), Hex: "0018 0303 0002 10 00 20010db8000000000000000000000001", Text: "interface by address 2001:db8::1"},
		{
			Name:  "MAC",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, AFI: extension.AFIMAC48, Address: mac},
			Hex:   "0010 0303 4005 06 00 020000000001 0000", Text: "interface by address 020000000001 of family 16389",
		},
		{
			Name:  "MAC of 64 bits, reserved octet set",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, AFI: extension.AFIMAC64, Address: append(mac, 8, 9), Reserved: 0xff},
			Hex:   "0010 0303 4006 08 ff 020000000001 0809",
		},
		{
			Name:  "padding that is not zero",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, AFI: extension.AFIMAC48, Address: mac, Padding: []byte{0, 1}},
			Hex:   "0010 0303 4005 06 00 020000000001 0001",
		},
		{
			Name:  "IPv4 and more, reserved octet set",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, Addr: addr4, Reserved: 1, Padding: make([]byte, 4)},
			Hex:   "0010 0303 0001 04 01 c0000201 00000000",
		},
		{
			Name:  "IPv4 of five octets",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, AFI: 1, Address: []byte{192, 0, 2, 1, 5}},
			Hex:   "0010 0303 0001 05 00 c000020105 000000",
		},
		{
			Name:  "IPv6 of four octets",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, AFI: 2, Address: []byte{192, 0, 2, 1}},
			Hex:   "000c 0303 0002 04 00 c0000201",
		},
		{
			Name:  "four octets of family 257",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, AFI: 257, Address: []byte{192, 0, 2, 1}},
			Hex:   "000c 0303 0101 04 00 c0000201",
		},
		{
			Name:  "no address",
			Value: extension.InterfaceID{CType: extension.CTypeAddress, Address: []byte{}},
			Hex:   "0008 0303 0000 00 00",
		},
	})
}

func TestInterfaceIDRefused(t *testing.T) {
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name    string
		class   extension.Class
		ctype   extension.CType
		payload string
		offset  int // from the start of the payload
		reason  wire.Reason
	}{
		{"another class", 2, 1, "65746830", -2, wire.Mismatch},
		{"sub-type 0", 3, 0, "65746830", -1, wire.Value},
		{"sub-type 4", 3, 4, "65746830", -1, wire.Value},
		{"index cut", 3, 2, "000000", 3, wire.Short},
		{"address cut in its header", 3, 3, "000104", 3, wire.Short},
		{"address one short", 3, 3, "00010400c00002", 2, wire.Length},
		{"address of 255", 3, 3, "0001ff00c0000201", 2, wire.Length},
	} {
		o := extension.Object{Class: r.class, CType: r.ctype, Payload: wiretest.Octets(t, r.payload), Offset: 100}
		i, err := extension.ParseInterfaceID(o)
		want := wire.ParseError{Type: "extension.InterfaceID", Offset: 104 + r.offset, Reason: r.reason}
		var pe *wire.ParseError
		if !errors.As(err, &pe) || *pe != want {
			t.Errorf("%s: %v, want %v", r.name, err, &want)
		}
		if !reflect.DeepEqual(i, extension.InterfaceID{}) {
			t.Errorf("%s: %+v with an error", r.name, i)
		}
	}
}

func TestInterfaceIDFields(t *testing.T) {
	const byName, byIndex, byAddr = extension.CTypeName, extension.CTypeIndex, extension.CTypeAddress
	for _, r := range []struct {
		field string
		i     extension.InterfaceID
	}{
		{"CType", extension.InterfaceID{}},
		{"CType", extension.InterfaceID{CType: 4}},
		{"Name", extension.InterfaceID{CType: byIndex, Name: []byte("a")}},
		{"Name", extension.InterfaceID{CType: byAddr, Addr: addr4, Name: []byte("a")}},
		{"Index", extension.InterfaceID{CType: byName, Index: 1}},
		{"Index", extension.InterfaceID{CType: byAddr, Addr: addr4, Index: 1}},
		{"Addr", extension.InterfaceID{CType: byName, Addr: addr4}},
		{"Addr", extension.InterfaceID{CType: byIndex, Addr: addr4}},
		{"AFI", extension.InterfaceID{CType: byName, AFI: 1}},
		{"AFI", extension.InterfaceID{CType: byIndex, AFI: 1}},
		{"AFI", extension.InterfaceID{CType: byAddr, Addr: addr4, AFI: 1}},
		{"Address", extension.InterfaceID{CType: byName, Address: []byte{1}}},
		{"Address", extension.InterfaceID{CType: byAddr, Addr: addr4, Address: []byte{1}}},
		{"Address", extension.InterfaceID{CType: byAddr, Address: make([]byte, 256)}},
		{"Reserved", extension.InterfaceID{CType: byName, Reserved: 1}},
		{"Reserved", extension.InterfaceID{CType: byIndex, Reserved: 1}},
		{"Addr", extension.InterfaceID{CType: byAddr, Addr: netip.MustParseAddr("fe80::1%1")}},
		{"Name", extension.InterfaceID{CType: byName, Name: make([]byte, 65529)}},
		{"Name", extension.InterfaceID{CType: byName, Name: make([]byte, 65532), Padding: []byte{}}},
		{"Padding", extension.InterfaceID{CType: byName, Name: make([]byte, 65531), Padding: []byte{0}}},
		{"Padding", extension.InterfaceID{CType: byIndex, Padding: make([]byte, 65528)}},
	} {
		wiretest.Refused(t, ids, r.i, r.field)
	}
	for want, i := range map[wire.FieldError]extension.InterfaceID{
		{Field: "Address", Value: 256, Limit: 255}:       {CType: byAddr, Address: make([]byte, 256)},
		{Field: "Name", Value: 65529, Limit: 65528}:      {CType: byName, Name: make([]byte, 65529)},
		{Field: "Name", Value: 65532, Limit: 65531}:      {CType: byName, Name: make([]byte, 65532), Padding: []byte{}},
		{Field: "Padding", Value: 65528, Limit: 65527}:   {CType: byIndex, Padding: make([]byte, 65528)},
		{Field: "Padding", Value: 1<<16 - 1, Limit: 100}: {CType: byName, Name: make([]byte, 65431), Padding: make([]byte, 65535)},
	} {
		want.Type = "extension.InterfaceID"
		_, err := i.AppendBinary(nil)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || *fe != want {
			t.Errorf("%v, want %v", err, &want)
		}
	}
	for _, i := range []extension.InterfaceID{
		{CType: byAddr, AFI: 9, Address: make([]byte, 255)},
		{CType: byName, Name: make([]byte, 65528)},
		{CType: byName, Name: make([]byte, 65531), Padding: []byte{}},
		{CType: byIndex, Padding: make([]byte, 65527)},
	} {
		if b, err := i.AppendBinary(nil); err != nil || len(b) != i.Len() {
			t.Errorf("%d octets, Len %d, %v", len(b), i.Len(), err)
		}
	}
}

// TestInterfaceIDAliases checks that what was parsed lies in the object, and
// that parsing allocates nothing.
func TestInterfaceIDAliases(t *testing.T) {
	conform.Row(t, "W-23")
	b := wiretest.Octets(t, "0010 0303 4005 06 00 020000000001 0001")
	o, err := object(b)
	if err != nil {
		t.Fatal(err)
	}
	i, err := extension.ParseInterfaceID(o)
	if err != nil || &i.Address[0] != &b[8] || cap(i.Address) != 6 || &i.Padding[0] != &b[14] {
		t.Errorf("%+v, %v", i, err)
	}
	var out [64]byte
	wiretest.NoAllocs(t, "parse and append", func() {
		i, err := extension.ParseInterfaceID(o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := i.AppendBinary(out[:0]); err != nil || !bytes.Equal(got, b) {
			t.Fatal(got, err)
		}
	})
}
