package extecho_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/extecho"
	"github.com/sonde-net/sonde/wire/extension"
)

var ifaces = []extecho.Interface{
	{Name: "lan", Index: 1, Up: true, Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}},
	{Name: "wan", Index: 2, Up: true, Addrs: []netip.Prefix{netip.MustParsePrefix("2001:db8::1/64"), netip.MustParsePrefix("198.51.100.1/24")}},
	{Name: "six", Index: 3, Up: true, Addrs: []netip.Prefix{netip.MustParsePrefix("2001:db8:1::1/64")}},
	{Name: "off", Index: 4, Addrs: []netip.Prefix{netip.MustParsePrefix("203.0.113.1/24")}},
	{Name: "bare", Index: 5, Up: true},
	{Name: "twin", Index: 6, Up: true},
	{Name: "twin", Index: 7, Up: true},
	{Name: "twin", Index: 8, Up: true},
}

func all(yield func(*extecho.Interface) bool) {
	for i := range ifaces {
		if !yield(&ifaces[i]) {
			return
		}
	}
}

func structure(t *testing.T, objects ...extension.Object) []byte {
	t.Helper()
	b, err := extension.Append(nil, objects...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func named(t *testing.T, id extension.InterfaceID) extension.Object {
	t.Helper()
	b, err := id.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err := extension.DecodeObject(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAsk(t *testing.T) {
	conform.Row(t, "H-18")
	name := func(s string) []byte { return structure(t, named(t, extension.IdentifyName([]byte(s)))) }
	index := func(i uint32) []byte { return structure(t, named(t, extension.IdentifyIndex(i))) }
	address := func(a string) []byte {
		return structure(t, named(t, extension.IdentifyAddr(netip.MustParseAddr(a))))
	}
	broken := name("lan")
	broken[2] ^= 1
	for _, c := range []struct {
		what  string
		ext   []byte
		local bool
		want  extecho.Answer
	}{
		{"IPv4", name("lan"), true, extecho.Answer{Active: true, IPv4: true}},
		{"both", index(2), true, extecho.Answer{Active: true, IPv4: true, IPv6: true}},
		{"IPv6", address("2001:db8:1::1"), true, extecho.Answer{Active: true, IPv6: true}},
		{"the second address", address("198.51.100.1"), true, extecho.Answer{Active: true, IPv4: true, IPv6: true}},
		{"down", name("off"), true, extecho.Answer{}},
		{"without addresses", name("bare"), true, extecho.Answer{Active: true}},
		{"not there, by name", name("la"), true, extecho.Answer{Code: extecho.NoInterface}},
		{"not there, by index", index(9), true, extecho.Answer{Code: extecho.NoInterface}},
		{"not there, by address", address("192.0.2.2"), true, extecho.Answer{Code: extecho.NoInterface}},
		{"several", name("twin"), true, extecho.Answer{Code: extecho.MultipleInterfaces}},
		{"a neighbour", address("192.0.2.2"), false, extecho.Answer{Code: extecho.NoTableEntry}},
		{"a neighbour by name", name("lan"), false, extecho.Answer{Code: extecho.Malformed}},
		{"a neighbour by index", index(1), false, extecho.Answer{Code: extecho.Malformed}},
		{"nothing", nil, true, extecho.Answer{Code: extecho.Malformed}},
		{"no object", structure(t), true, extecho.Answer{Code: extecho.Malformed}},
		{"damaged", broken, true, extecho.Answer{Code: extecho.Malformed}},
		{"two", structure(t, named(t, extension.IdentifyIndex(1)), named(t, extension.IdentifyIndex(1))), true, extecho.Answer{Code: extecho.Malformed}},
		{"another object", structure(t, extension.Object{Class: extension.ClassMPLS, CType: 1, Payload: make([]byte, 4)}), true, extecho.Answer{Code: extecho.Malformed}},
		{"another object behind", structure(t, named(t, extension.IdentifyIndex(1)), extension.Object{Class: extension.ClassMPLS, CType: 1, Payload: make([]byte, 4)}), true, extecho.Answer{Code: extecho.Malformed}},
		{"of an unknown kind", structure(t, extension.Object{Class: extension.ClassInterfaceID, CType: 9, Payload: make([]byte, 4)}), true, extecho.Answer{Code: extecho.Malformed}},
	} {
		if got := extecho.Ask(c.ext, c.local, all); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
	// The walk ends with the second hit.
	n := 0
	extecho.Ask(name("twin"), true, func(yield func(*extecho.Interface) bool) {
		all(func(i *extecho.Interface) bool { n++; return yield(i) })
	})
	if n != 7 {
		t.Errorf("looked at %d interfaces, want 7", n)
	}
}
