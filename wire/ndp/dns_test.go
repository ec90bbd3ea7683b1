package ndp_test

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ndp"
)

var rdnssRows = []wiretest.Row[ndp.RDNSS]{
	{
		Name: "two servers",
		Value: ndp.RDNSS{
			Lifetime: time.Hour,
			Servers:  octets(`20010db8000000000000000000000053 fe800000000000000000000000000001`),
		},
		Hex:  `19 05 0000 00000e10 20010db8000000000000000000000053 fe800000000000000000000000000001`,
		Text: "dns servers 2001:db8::53 fe80::1, lifetime 1h0m0s",
	},
	{
		Name:  "one, reserved octets",
		Value: ndp.RDNSS{Reserved: 0xa1a2, Lifetime: ndp.Infinity, Servers: octets(`20010db8000000000000000000000053`)},
		Hex:   `19 03 a1a2 ffffffff 20010db8000000000000000000000053`,
		Text:  "dns servers 2001:db8::53, lifetime infinity",
	},
}

func TestRDNSS(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.RDNSS", ndp.ParseRDNSS, rdnssRows, 3, 5, 7, 9, 11, 13, 15)
	want := []netip.Addr{netip.MustParseAddr("2001:db8::53"), netip.MustParseAddr("fe80::1")}
	if got := slices.Collect(rdnssRows[0].Value.All()); !slices.Equal(got, want) {
		t.Errorf("servers %v", got)
	}
	for range rdnssRows[0].Value.All() {
		break
	}
	for range (ndp.RDNSS{Servers: make([]byte, 15)}).All() {
		t.Error("an address in 15 octets")
	}
}

func TestAppendServer(t *testing.T) {
	b, err := ndp.AppendServer(nil, netip.MustParseAddr("2001:db8::53"))
	if err == nil {
		b, err = ndp.AppendServer(b, netip.MustParseAddr("fe80::1%eth0"))
	}
	if err != nil || !bytes.Equal(b, rdnssRows[0].Value.Servers) {
		t.Errorf("%x, %v", b, err)
	}
	for _, bad := range []netip.Addr{{}, netip.MustParseAddr("192.0.2.1")} {
		got, err := ndp.AppendServer(b, bad)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || *fe != (wire.FieldError{Type: "ndp.RDNSS", Field: "Servers", Want: "IPv6 addresses"}) || len(got) != 32 {
			t.Errorf("%v: %d octets, %v", bad, len(got), err)
		}
	}
}

func TestRDNSSLimits(t *testing.T) {
	const (
		name  = "ndp.RDNSS"
		whole = "whole addresses of 16 octets, at least one"
	)
	for _, n := range []int{0, 15, 17, 24} {
		refused(t, ndp.RDNSS{Servers: make([]byte, n)}, wire.FieldError{Type: name, Field: "Servers", Want: whole})
	}
	accepted(t, ndp.RDNSS{Servers: make([]byte, 127*16)}, 2040)
	refused(t, ndp.RDNSS{Servers: make([]byte, 128*16)}, wire.FieldError{Type: name, Field: "Servers", Value: 2048, Limit: 2032})
	for _, d := range badLifetimes {
		refused(t, ndp.RDNSS{Servers: make([]byte, 16), Lifetime: d}, wire.FieldError{Type: name, Field: "Lifetime", Want: wantSeconds})
	}
}

var dnsslRows = []wiretest.Row[ndp.DNSSL]{
	{
		Name:  "one name and its padding",
		Value: ndp.DNSSL{Lifetime: time.Hour, Names: octets(`04686f6d65 00 0000`)},
		Hex:   `1f 02 0000 00000e10 04686f6d65 00 0000`,
		Text:  "dns search list home, lifetime 1h0m0s",
	},
	{
		Name:  "two names, no padding, reserved octets",
		Value: ndp.DNSSL{Reserved: 0xa1a2, Names: octets(`076578616d706c65 036f7267 00 016100`)},
		Hex:   `1f 03 a1a2 00000000 076578616d706c65 036f7267 00 016100`,
		Text:  "dns search list example.org a, lifetime 0s",
	},
	{
		Name:  "nothing but padding",
		Value: ndp.DNSSL{Names: make([]byte, 8)},
		Hex:   `1f 02 0000 00000000 0000000000000000`,
		Text:  "dns search list, lifetime 0s",
	},
	{
		Name:  "a compressed name",
		Value: ndp.DNSSL{Names: octets(`016100 c000 000000`)},
		Hex:   `1f 02 0000 00000000 016100 c000 000000`,
		Text:  "dns search list a (ndp.DNSSL: octet 3: value not allowed here), lifetime 0s",
	},
}

func TestDNSSL(t *testing.T) {
	conform.Row(t, "W-19")
	kind(t, "ndp.DNSSL", ndp.ParseDNSSL, dnsslRows, -2)
}

func TestDNSSLLimits(t *testing.T) {
	refused(t, ndp.DNSSL{}, wire.FieldError{Type: "ndp.DNSSL", Field: "Names", Want: "at least one name"})
	accepted(t, ndp.DNSSL{Names: make([]byte, 1)}, 16)
	accepted(t, ndp.DNSSL{Names: make([]byte, 2032)}, 2040)
	refused(t, ndp.DNSSL{Names: make([]byte, 2033)}, wire.FieldError{Type: "ndp.DNSSL", Field: "Names", Value: 2033, Limit: 2032})
	for _, d := range badLifetimes {
		refused(t, ndp.DNSSL{Names: []byte{0}, Lifetime: d}, wire.FieldError{Type: "ndp.DNSSL", Field: "Lifetime", Want: wantSeconds})
	}
}

// label is a label of n octets as it stands on the wire.
func label(n int) string { return string(rune(n)) + strings.Repeat("x", n) }

func TestNames(t *testing.T) {
	conform.Row(t, "W-20")
	long := strings.Repeat(label(63), 3)
	for _, c := range []struct {
		name, octets string
		want         []string
		err          *wire.ParseError
	}{
		{"none", "", nil, nil},
		{"two", "\x01a\x02bc\x00\x01d\x00", []string{"a.bc", "d"}, nil},
		{"padding between and behind", "\x01a\x00\x00\x00\x01b\x00\x00", []string{"a", "b"}, nil},
		{"octets that are not plain", "\x05A.\x00_\xff\x02-0\x00", []string{`A\046\000_\255.-0`}, nil},
		{"the edges of what is plain", "\x08azAZ09-_\x08`{@[/:,.\x00", []string{`azAZ09-_.\096\123\064\091\047\058\044\046`}, nil},
		{"no end", "\x01a", nil, &wire.ParseError{Type: "ndp.DNSSL", Offset: 2, Reason: wire.Short}},
		{"label past the end", "\x01a\x00\x03bc", []string{"a"}, &wire.ParseError{Type: "ndp.DNSSL", Offset: 6, Reason: wire.Short}},
		{"a label of 63", label(63) + "\x00", []string{strings.Repeat("x", 63)}, nil},
		{"a label of 64", "\x40" + strings.Repeat("x", 64) + "\x00", nil, &wire.ParseError{Type: "ndp.DNSSL", Offset: 0, Reason: wire.Value}},
		{"a second label of 64", "\x01a\x40\x00", nil, &wire.ParseError{Type: "ndp.DNSSL", Offset: 2, Reason: wire.Value}},
		{"a name of 255", long + label(61) + "\x00", []string{strings.Repeat(strings.Repeat("x", 63)+".", 3) + strings.Repeat("x", 61)}, nil},
		{"a name of 256", long + label(62) + "\x00", nil, &wire.ParseError{Type: "ndp.DNSSL", Offset: 192, Reason: wire.Length}},
		{
			"a name of 255 behind another", "\x01a\x00" + long + label(61) + "\x00",
			[]string{"a", strings.Repeat(strings.Repeat("x", 63)+".", 3) + strings.Repeat("x", 61)},
			nil,
		},
		{"a name of 256 behind another", "\x01a\x00" + long + label(62) + "\x00", []string{"a"}, &wire.ParseError{Type: "ndp.DNSSL", Offset: 195, Reason: wire.Length}},
	} {
		var got []string
		var last error
		for name, err := range (ndp.DNSSL{Names: []byte(c.octets)}).All() {
			if last != nil {
				t.Fatalf("%s: something behind the error", c.name)
			}
			if last = err; err == nil {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.err != nil {
			fails(t, c.name, last, *c.err)
		} else if last != nil {
			t.Errorf("%s: %v", c.name, last)
		}
	}
	n := 0
	for range (ndp.DNSSL{Names: []byte("\x01a\x00\x01b\x00")}).All() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d names before the break", n)
	}
}

func TestAppendName(t *testing.T) {
	conform.Row(t, "W-19")
	x63 := strings.Repeat("x", 63)
	for name, want := range map[string]string{
		"home":         "\x04home\x00",
		"example.org.": "\x07example\x03org\x00",
		"_a-0.Z9":      "\x04_a-0\x02Z9\x00",
		x63:            label(63) + "\x00",
		x63 + "." + x63 + "." + x63 + "." + x63[:61]: strings.Repeat(label(63), 3) + label(61) + "\x00",
	} {
		b, err := ndp.AppendName([]byte{1, 2, 3}, name)
		if err != nil || string(b) != "\x01\x02\x03"+want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	const labels = "labels of 1 to 63 letters, digits, hyphens"
	for name, want := range map[string]wire.FieldError{
		"":        {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		".":       {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		"a..b":    {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		".a":      {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		"a..":     {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		"a.b c":   {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		"été.fr":  {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		x63 + "x": {Type: "ndp.DNSSL", Field: "Names", Want: labels},
		x63 + "." + x63 + "." + x63 + "." + x63[:62]: {Type: "ndp.DNSSL", Field: "Names", Value: 256, Limit: 255},
	} {
		b, err := ndp.AppendName([]byte{1, 2, 3}, name)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || *fe != want || string(b) != "\x01\x02\x03" {
			t.Errorf("%q: %x, %v, want %v", name, b, err, &want)
		}
	}
}
