package ndp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ndp"
)

const (
	wantPrefix  = "an IPv6 prefix"
	wantSeconds = "whole seconds, 0 to Infinity"
)

// badLifetimes do not fit 32 bits of seconds.
var badLifetimes = []time.Duration{-time.Second, time.Millisecond, ndp.Infinity + time.Second, 1<<63 - 1}

var prefixRows = []wiretest.Row[ndp.PrefixInformation]{
	{
		Name: "on the link, for autoconfiguration",
		Value: ndp.PrefixInformation{
			Prefix: netip.MustParsePrefix("2001:db8::/64"), Flags: 0xc0,
			Valid: 30 * 24 * time.Hour, Preferred: ndp.Infinity,
		},
		Hex:  `03 04 40 c0 00278d00 ffffffff 00000000 20010db8000000000000000000000000`,
		Text: "prefix 2001:db8::/64, flags LA, valid 720h0m0s, preferred infinity",
	},
	{
		Name: "every bit, a router's address",
		Value: ndp.PrefixInformation{
			Prefix: netip.MustParsePrefix("2001:db8::abcd/128"), Flags: 0xff,
			Valid: 0xfffffffe * time.Second, Preferred: time.Second, Reserved: 0x81828384,
		},
		Hex:  `03 04 80 ff fffffffe 00000001 81828384 20010db800000000000000000000abcd`,
		Text: "prefix 2001:db8::abcd/128, flags LARP, valid 1193046h28m14s, preferred 1s",
	},
	{
		Name:  "everything",
		Value: ndp.PrefixInformation{Prefix: netip.MustParsePrefix("::/0")},
		Hex:   `03 04 00 00 00000000 00000000 00000000 00000000000000000000000000000000`,
		Text:  "prefix ::/0, flags none, valid 0s, preferred 0s",
	},
}

func TestPrefixInformation(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.PrefixInformation", ndp.ParsePrefixInformation, prefixRows, 4)
	b := octets(prefixRows[0].Hex)
	b[2] = 129
	o, _ := first(b)
	o.Offset = 100
	_, err := ndp.ParsePrefixInformation(o)
	fails(t, "129 bits", err, wire.ParseError{Type: "ndp.PrefixInformation", Offset: 102, Reason: wire.Value})
	if o.String() != "Prefix Information, 30 octets" {
		t.Errorf("129 bits: %q", o)
	}
}

func TestPrefixInformationLimits(t *testing.T) {
	const name = "ndp.PrefixInformation"
	p := netip.MustParsePrefix("2001:db8::/64")
	for _, bad := range []netip.Prefix{{}, netip.MustParsePrefix("192.0.2.0/24"), netip.PrefixFrom(p.Addr(), 129), netip.PrefixFrom(p.Addr(), -1)} {
		refused(t, ndp.PrefixInformation{Prefix: bad}, wire.FieldError{Type: name, Field: "Prefix", Want: wantPrefix})
	}
	for _, d := range badLifetimes {
		refused(t, ndp.PrefixInformation{Prefix: p, Valid: d}, wire.FieldError{Type: name, Field: "Valid", Want: wantSeconds})
		refused(t, ndp.PrefixInformation{Prefix: p, Preferred: d}, wire.FieldError{Type: name, Field: "Preferred", Want: wantSeconds})
	}
}

var routeRows = []wiretest.Row[ndp.RouteInformation]{
	{
		Name:  "everything, no octet of the address",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("::/0"), Preference: ndp.PreferenceLow, Lifetime: time.Minute},
		Hex:   `18 01 00 18 0000003c`,
		Text:  "route ::/0, preference low, lifetime 1m0s",
	},
	{
		Name:  "eight octets",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("2001:db8::/64"), Preference: ndp.PreferenceHigh, Lifetime: ndp.Infinity},
		Hex:   `18 02 40 08 ffffffff 20010db800000000`,
		Text:  "route 2001:db8::/64, preference high, lifetime infinity",
	},
	{
		Name:  "sixteen octets",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("2001:db8::/65"), Reserved: 0xe7},
		Hex:   `18 03 41 e7 00000000 20010db8000000000000000000000000`,
		Text:  "route 2001:db8::/65, preference medium, lifetime 0s",
	},
	{
		Name:  "eight octets where none is needed",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("::/0"), Octets: 8},
		Hex:   `18 02 00 00 00000000 0000000000000000`,
		Text:  "route ::/0, preference medium, lifetime 0s",
	},
	{
		Name:  "sixteen octets where eight are needed",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("2001:db8::/1"), Preference: ndp.PreferenceReserved, Octets: 16},
		Hex:   `18 03 01 10 00000000 20010db8000000000000000000000000`,
		Text:  "route 2001:db8::/1, preference reserved, lifetime 0s",
	},
	{
		Name:  "bits behind the prefix in the second half",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("2001:db8:0:0:100::/32")},
		Hex:   `18 03 20 00 00000000 20010db8000000000100000000000000`,
		Text:  "route 2001:db8:0:0:100::/32, preference medium, lifetime 0s",
	},
	{
		Name:  "bits behind the prefix in the first half",
		Value: ndp.RouteInformation{Prefix: netip.MustParsePrefix("0:0:0:1::/0")},
		Hex:   `18 02 00 00 00000000 0000000000000001`,
		Text:  "route 0:0:0:1::/0, preference medium, lifetime 0s",
	},
}

func TestRouteInformation(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.RouteInformation", ndp.ParseRouteInformation, routeRows, 1, 2, 3)
	for _, c := range []struct {
		hex string
		ok  bool
	}{
		{`18 01 00 00 00000000`, true},
		{`18 01 01 00 00000000`, false},
		{`18 02 40 00 00000000 0000000000000000`, true},
		{`18 02 41 00 00000000 0000000000000000`, false},
		{`18 03 80 00 00000000 00000000000000000000000000000000`, true},
		{`18 03 81 00 00000000 00000000000000000000000000000000`, false},
	} {
		o, _ := first(octets(c.hex))
		o.Offset = 100
		_, err := ndp.ParseRouteInformation(o)
		if c.ok && err != nil {
			t.Errorf("%s: %v", c.hex, err)
		}
		if !c.ok {
			fails(t, c.hex, err, wire.ParseError{Type: "ndp.RouteInformation", Offset: 102, Reason: wire.Value})
		}
	}
}

func TestRouteInformationLimits(t *testing.T) {
	const name = "ndp.RouteInformation"
	p := netip.MustParsePrefix("2001:db8::/64")
	refused(t, ndp.RouteInformation{}, wire.FieldError{Type: name, Field: "Prefix", Want: wantPrefix})
	refused(t, ndp.RouteInformation{Prefix: p, Preference: 4}, wire.FieldError{Type: name, Field: "Preference", Value: 4, Limit: 3})
	for _, d := range badLifetimes {
		refused(t, ndp.RouteInformation{Prefix: p, Lifetime: d}, wire.FieldError{Type: name, Field: "Lifetime", Want: wantSeconds})
	}
	for _, bits := range []uint8{0x08, 0x10, 0xff} {
		refused(t, ndp.RouteInformation{Prefix: p, Reserved: bits}, wire.FieldError{Type: name, Field: "Reserved", Want: "no bit of the preference"})
	}
	for _, n := range []uint8{1, 7, 9, 15, 17, 24} {
		refused(t, ndp.RouteInformation{Prefix: p, Octets: n}, wire.FieldError{Type: name, Field: "Octets", Want: "0, 8 or 16, enough for Prefix"})
	}
	accepted(t, ndp.RouteInformation{Prefix: p, Octets: 8}, 16)
	accepted(t, ndp.RouteInformation{Prefix: p, Octets: 16}, 24)
	refused(t, ndp.RouteInformation{Prefix: netip.PrefixFrom(p.Addr(), 65), Octets: 8},
		wire.FieldError{Type: name, Field: "Octets", Want: "0, 8 or 16, enough for Prefix"})
	// The last octet of each half counts, and so does the first.
	for addr, n := range map[string]int{"::": 8, "0100::": 16, "0:0:0:1::": 16, "0:0:0:0:0100::": 24, "::1": 24} {
		accepted(t, ndp.RouteInformation{Prefix: netip.PrefixFrom(netip.MustParseAddr(addr), 0)}, n)
	}
}

var pref64Rows = []wiretest.Row[ndp.PREF64]{
	{
		Name:  "the well-known prefix, ten minutes",
		Value: ndp.PREF64{Prefix: netip.MustParsePrefix("64:ff9b::/96"), Lifetime: 600 * time.Second},
		Hex:   `26 02 0258 0064ff9b0000000000000000`,
		Text:  "nat64 prefix 64:ff9b::/96, lifetime 10m0s",
	},
	{
		Name:  "64 bits, the longest lifetime, bits behind",
		Value: ndp.PREF64{Prefix: netip.MustParsePrefix("2001:db8:1:2::3:0:0/64"), Lifetime: 65528 * time.Second},
		Hex:   `26 02 fff9 20010db80001000200000003`,
		Text:  "nat64 prefix 2001:db8:1:2:0:3::/64, lifetime 18h12m8s",
	},
	{Name: "56 bits", Value: ndp.PREF64{Prefix: netip.MustParsePrefix("2001:db8::/56")}, Hex: `26 02 0002 20010db80000000000000000`, Text: "nat64 prefix 2001:db8::/56, lifetime 0s"},
	{Name: "48 bits", Value: ndp.PREF64{Prefix: netip.MustParsePrefix("2001:db8::/48")}, Hex: `26 02 0003 20010db80000000000000000`, Text: "nat64 prefix 2001:db8::/48, lifetime 0s"},
	{Name: "40 bits", Value: ndp.PREF64{Prefix: netip.MustParsePrefix("2001:db8::/40")}, Hex: `26 02 0004 20010db80000000000000000`, Text: "nat64 prefix 2001:db8::/40, lifetime 0s"},
	{
		Name:  "32 bits, eight seconds",
		Value: ndp.PREF64{Prefix: netip.MustParsePrefix("2001:db8::/32"), Lifetime: 8 * time.Second},
		Hex:   `26 02 000d 20010db80000000000000000`,
		Text:  "nat64 prefix 2001:db8::/32, lifetime 8s",
	},
}

func TestPREF64(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.PREF64", ndp.ParsePREF64, pref64Rows, 2)
	for _, code := range []byte{6, 7} {
		b := octets(pref64Rows[0].Hex)
		b[3] |= code
		o, _ := first(b)
		o.Offset = 100
		_, err := ndp.ParsePREF64(o)
		fails(t, "a code that is none", err, wire.ParseError{Type: "ndp.PREF64", Offset: 103, Reason: wire.Value})
	}
}

func TestPREF64Limits(t *testing.T) {
	const (
		name     = "ndp.PREF64"
		prefixes = "32, 40, 48, 56, 64 or 96 bits, and zeros behind 96"
		lifetime = "a multiple of 8 seconds, 0 to 65528"
	)
	p := netip.MustParsePrefix("2001:db8::/96")
	refused(t, ndp.PREF64{}, wire.FieldError{Type: name, Field: "Prefix", Want: wantPrefix})
	for _, bits := range []int{0, 31, 33, 72, 95, 97, 128} {
		refused(t, ndp.PREF64{Prefix: netip.PrefixFrom(p.Addr(), bits)}, wire.FieldError{Type: name, Field: "Prefix", Want: prefixes})
	}
	for _, addr := range []string{"2001:db8::1", "2001:db8::100:0"} {
		refused(t, ndp.PREF64{Prefix: netip.PrefixFrom(netip.MustParseAddr(addr), 96)}, wire.FieldError{Type: name, Field: "Prefix", Want: prefixes})
	}
	for _, d := range []time.Duration{-8 * time.Second, time.Second, 4 * time.Second, 9 * time.Second, 65536 * time.Second} {
		refused(t, ndp.PREF64{Prefix: p, Lifetime: d}, wire.FieldError{Type: name, Field: "Lifetime", Want: lifetime})
	}
}
