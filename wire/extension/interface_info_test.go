package extension_test

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
)

var (
	addr4 = netip.MustParseAddr("192.0.2.1")
	addr6 = netip.MustParseAddr("2001:db8::1")
)

const (
	partMTU   = extension.PartMTU
	partName  = extension.PartName
	partAddr  = extension.PartAddr
	partIndex = extension.PartIndex
)

var infos = wiretest.Codec[extension.InterfaceInfo]{
	Parse: func(b []byte) (extension.InterfaceInfo, error) {
		o, err := object(b)
		if err != nil {
			return extension.InterfaceInfo{}, err
		}
		return extension.ParseInterfaceInfo(o)
	},
	Append: func(i extension.InterfaceInfo, b []byte) ([]byte, error) { return i.AppendBinary(b) },
	String: extension.InterfaceInfo.String,
	Seal:   mend,
	Min:    4,
}

func TestInterfaceInfo(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-21")
	wiretest.Run(t, infos, []wiretest.Row[extension.InterfaceInfo]{
		{
			Name: "all parts, IPv4",
			Value: extension.InterfaceInfo{
				Parts: partIndex | partAddr | partName | partMTU,
				Index: 3, Addr: addr4, Name: []byte("eth0"), MTU: 1500,
			},
			Hex:  "001c 020f  00000003  0001 0000 c0000201  08 65746830 000000  000005dc",
			Text: `incoming interface: index 3, 192.0.2.1, "eth0", mtu 1500`,
		},
		{
			Name: "all parts, IPv6, outgoing",
			Value: extension.InterfaceInfo{
				Role: extension.RoleOutgoing, Parts: partIndex | partAddr | partName | partMTU,
				Index: 1<<32 - 1, Addr: addr6, Name: []byte("ae1"), MTU: 9000,
			},
			Hex:  "0024 028f  ffffffff  0002 0000 20010db8000000000000000000000001  04 616531  00002328",
			Text: `outgoing interface: index 4294967295, 2001:db8::1, "ae1", mtu 9000`,
		},
		{Name: "nothing", Value: extension.InterfaceInfo{}, Hex: "0004 0200", Text: "incoming interface"},
		{
			Name:  "index alone, of a member",
			Value: extension.InterfaceInfo{Role: extension.RoleIncomingSub, Parts: partIndex, Index: 0x01020304},
			Hex:   "0008 0248 01020304", Text: "incoming sub-interface: index 16909060",
		},
		{
			Name:  "address alone, of the next hop",
			Value: extension.InterfaceInfo{Role: extension.RoleNextHop, Parts: partAddr, Addr: addr4},
			Hex:   "000c 02c4 0001 0000 c0000201", Text: "next hop: 192.0.2.1",
		},
		{Name: "name alone", Value: extension.InterfaceInfo{Parts: partName, Name: []byte("a")}, Hex: "0008 0202 04610000", Text: `incoming interface: "a"`},
		{Name: "MTU alone", Value: extension.InterfaceInfo{Parts: partMTU, MTU: 1280}, Hex: "0008 0201 00000500", Text: "incoming interface: mtu 1280"},
		{
			Name:  "parts that are zero",
			Value: extension.InterfaceInfo{Parts: partIndex | partName | partMTU, Name: []byte{}},
			Hex:   "0010 020b 00000000 04000000 00000000", Text: `incoming interface: index 0, "", mtu 0`,
		},
		{
			Name: "reserved bits and octets",
			Value: extension.InterfaceInfo{
				Role: extension.RoleNextHop, Reserved: 3, Parts: partAddr, Addr: netip.IPv4Unspecified(),
				AddrReserved: 0xabcd, Trailing: []byte{1, 2},
			},
			Hex: "000e 02f4 0001 abcd 00000000 0102",
		},
		{
			Name:  "one reserved bit",
			Value: extension.InterfaceInfo{Reserved: 1},
			Hex:   "0004 0210",
		},
		{
			Name:  "IPv4-mapped",
			Value: extension.InterfaceInfo{Parts: partAddr, Addr: netip.MustParseAddr("::ffff:192.0.2.1")},
			Hex:   "0018 0204 0002 0000 00000000000000000000ffffc0000201",
		},
		{
			Name:  "name in a field of 20, as Linux writes it",
			Value: extension.InterfaceInfo{Parts: partName | partMTU, Name: []byte("eth0"), NameLen: 20, MTU: 1500},
			Hex:   "001c 0203 14 65746830 000000000000000000000000000000 000005dc",
		},
		{
			Name:  "name without padding",
			Value: extension.InterfaceInfo{Parts: partName | partMTU, Name: []byte("eth0"), NameLen: 5, MTU: 1500},
			Hex:   "000d 0203 05 65746830 000005dc",
		},
		{
			Name:  "name length of one",
			Value: extension.InterfaceInfo{Parts: partName, Name: []byte{}, NameLen: 1},
			Hex:   "0005 0202 01",
		},
		{
			Name:  "name with a zero inside",
			Value: extension.InterfaceInfo{Parts: partName, Name: []byte("a\x00b")},
			Hex:   "0008 0202 04 610062",
		},
		{
			Name:  "longest name",
			Value: extension.InterfaceInfo{Parts: partName, Name: []byte(strings.Repeat("n", 63))},
			Hex:   "0044 0202 40" + strings.Repeat("6e", 63),
		},
	})
}

// TestInterfaceInfoParts builds without Parts: what is not zero is there.
func TestInterfaceInfoParts(t *testing.T) {
	for _, r := range []struct {
		i    extension.InterfaceInfo
		want extension.Parts
	}{
		{extension.InterfaceInfo{}, 0},
		{extension.InterfaceInfo{Index: 1}, partIndex},
		{extension.InterfaceInfo{Addr: addr4}, partAddr},
		{extension.InterfaceInfo{Name: []byte("a")}, partName},
		{extension.InterfaceInfo{Name: []byte{}}, 0},
		{extension.InterfaceInfo{NameLen: 4}, partName},
		{extension.InterfaceInfo{MTU: 1}, partMTU},
		{extension.InterfaceInfo{Parts: partMTU, Index: 1, Addr: addr6, Name: []byte("ab")}, partMTU | partIndex | partAddr | partName},
	} {
		b, err := r.i.AppendBinary(nil)
		if err != nil || len(b) != r.i.Len() || b[3] != byte(r.want) {
			t.Errorf("%+v: %x, Len %d, %v", r.i, b, r.i.Len(), err)
			continue
		}
		for p := range extension.Parts(16) {
			if r.i.Has(p) != (p&^r.want == 0) {
				t.Errorf("%v: Has(%04b) is %v", r.i, p, r.i.Has(p))
			}
		}
		o, _ := object(b)
		i, err := extension.ParseInterfaceInfo(o)
		if err != nil || i.Parts != r.want || i.Index != r.i.Index || i.Addr != r.i.Addr || i.MTU != r.i.MTU || !bytes.Equal(i.Name, r.i.Name) {
			t.Errorf("%+v: comes back as %+v, %v", r.i, i, err)
		}
	}
}

func TestInterfaceInfoRefused(t *testing.T) {
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name, payload string
		class         extension.Class
		ctype         extension.CType
		offset        int // from the start of the payload
		reason        wire.Reason
	}{
		{"another class", "", 1, 0, -2, wire.Mismatch},
		{"no index", "", 2, 8, 0, wire.Short},
		{"index cut", "000000", 2, 8, 3, wire.Short},
		{"no address", "00000000", 2, 12, 4, wire.Short},
		{"address family cut", "000100", 2, 4, 3, wire.Short},
		{"IPv4 cut", "00010000c00002", 2, 4, 7, wire.Short},
		{"IPv6 cut", "0002000020010db80000000000000000000000", 2, 4, 19, wire.Short},
		{"family 0", "0000000000000000", 2, 4, 0, wire.Value},
		{"family 3 behind an index", "000000010003000000000000", 2, 12, 4, wire.Value},
		{"family 256", "0100000000000000", 2, 4, 0, wire.Value},
		{"no name", "", 2, 2, 0, wire.Short},
		{"name length 0", "00616263", 2, 2, 0, wire.Length},
		{"name length 65", "41" + strings.Repeat("61", 64), 2, 2, 0, wire.Length},
		{"name past the end, behind an index", "0000000108616263", 2, 10, 4, wire.Length},
		{"no MTU", "04616263", 2, 3, 4, wire.Short},
		{"MTU cut", "04616263000000", 2, 3, 7, wire.Short},
	} {
		o := extension.Object{Class: r.class, CType: r.ctype, Payload: wiretest.Octets(t, r.payload), Offset: 100}
		i, err := extension.ParseInterfaceInfo(o)
		want := wire.ParseError{Type: "extension.InterfaceInfo", Offset: 104 + r.offset, Reason: r.reason}
		var pe *wire.ParseError
		if !errors.As(err, &pe) || *pe != want {
			t.Errorf("%s: %v, want %v", r.name, err, &want)
		}
		if !reflect.DeepEqual(i, extension.InterfaceInfo{}) {
			t.Errorf("%s: %+v with an error", r.name, i)
		}
	}
}

func TestInterfaceInfoFields(t *testing.T) {
	name := func(n int) []byte { return bytes.Repeat([]byte("n"), n) }
	for _, r := range []struct {
		field string
		i     extension.InterfaceInfo
	}{
		{"Role", extension.InterfaceInfo{Role: 4}},
		{"Reserved", extension.InterfaceInfo{Reserved: 4}},
		{"Parts", extension.InterfaceInfo{Parts: 16}},
		{"Addr", extension.InterfaceInfo{Parts: partAddr}},
		{"Addr", extension.InterfaceInfo{AddrReserved: 1}},
		{"Addr", extension.InterfaceInfo{Addr: netip.MustParseAddr("fe80::1%eth0")}},
		{"Name", extension.InterfaceInfo{Name: name(64)}},
		{"NameLen", extension.InterfaceInfo{NameLen: 65}},
		{"Name", extension.InterfaceInfo{NameLen: 4, Name: name(4)}},
		{"Trailing", extension.InterfaceInfo{Trailing: make([]byte, 65532)}},
		{"Trailing", extension.InterfaceInfo{Index: 1, Trailing: make([]byte, 65528)}},
	} {
		wiretest.Refused(t, infos, r.i, r.field)
	}
	_, err := extension.InterfaceInfo{Index: 1, Trailing: make([]byte, 65528)}.AppendBinary(nil)
	var fe *wire.FieldError
	if !errors.As(err, &fe) || fe.Value != 65528 || fe.Limit != 65527 {
		t.Errorf("limit: %v", err)
	}
	_, err = extension.InterfaceInfo{NameLen: 4, Name: name(4)}.AppendBinary(nil)
	if !errors.As(err, &fe) || fe.Value != 4 || fe.Limit != 3 {
		t.Errorf("limit: %v", err)
	}
	for _, i := range []extension.InterfaceInfo{
		{Index: 1, Trailing: make([]byte, 65527)},
		{NameLen: 4, Name: name(3)},
		{NameLen: 64, Name: name(63)},
		{Role: 3, Reserved: 3},
	} {
		if b, err := i.AppendBinary(nil); err != nil || len(b) != i.Len() {
			t.Errorf("%d octets, Len %d, %v", len(b), i.Len(), err)
		}
	}
}

func TestRole(t *testing.T) {
	for r, want := range []string{"incoming interface", "incoming sub-interface", "outgoing interface", "next hop", "role 4"} {
		if got := extension.Role(r).String(); got != want {
			t.Errorf("role %d: %q, want %q", r, got, want)
		}
	}
}
