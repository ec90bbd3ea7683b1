package names_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/names"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

const six = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.6.8.4.0.6.2.2.origin6.asn.cymru.com"

func originResolver() *told {
	return &told{
		txt: map[string][]string{
			"69.22.7.18.origin.asn.cymru.com": {"3 | 18.0.0.0/8 | US | arin | 1994-01-01", "4 | 18.7.0.0/16 | us | arin | ", "5 | 0.0.0.0/0 | US | arin | "},
			"AS3.asn.cymru.com":               {"3 | US | arin | 1994-01-01 | THREE, US"},
			"AS4.asn.cymru.com":               {"99 | US | arin | 1994-01-01 | WRONG, US", "4 | US | arin | 1994-01-01 | MIT-GATEWAYS - Massachusetts | \x1b[1mInstitute, Inc., US"},
			"1.1.1.1.origin.asn.cymru.com":    {"13335 4608 | 1.1.1.0/24 |  | apnic | 2011-08-11"},
			"AS13335.asn.cymru.com":           {"13335 | AU | arin | 2010-07-14 | CLOUDFLARENET"},
			"1.0.1.1.origin.asn.cymru.com":    {"7 | 1.1.0.0/24 | CN | apnic | "},
			"1.2.1.1.origin.asn.cymru.com":    {"nonsense", "x | 1.1.2.0/24 | US | a | b", "8 | 1.1.2.0 | US | a | b", "8 | 1.1.3.0/24 | US", "4294967296 | 1.1.2.0/24 | US"},
			six:                               {"64500 | 2260:4868::/32 | NL | ripencc | 2001-01-01"},
			"AS64500.asn.cymru.com":           {"64500 | NL"},
		},
		err: map[string]error{
			"2.2.2.2.origin.asn.cymru.com": errors.New("SERVFAIL"),
			"AS7.asn.cymru.com":            errors.New("SERVFAIL"),
		},
	}
}

func TestOrigin(t *testing.T) {
	r := originResolver()
	o := &names.Origin{Resolver: r}
	mit := names.Owner{ASN: 4, Organisation: "MIT-GATEWAYS - Massachusetts | ?[1mInstitute, Inc.", Country: "US", Prefix: prefix("18.7.0.0/16")}
	for _, tt := range []struct {
		addr string
		want names.Owner
		err  string
		asks int
	}{
		{"18.7.22.69", mit, "", 2},
		{"::ffff:18.7.22.69", mit, "", 1}, // the system is remembered
		{"1.1.1.1", names.Owner{ASN: 13335, Organisation: "CLOUDFLARENET", Country: "AU", Prefix: prefix("1.1.1.0/24")}, "", 2},
		{"1.1.0.1", names.Owner{ASN: 7, Country: "CN", Prefix: prefix("1.1.0.0/24")}, "", 2},
		{"1.1.0.1", names.Owner{ASN: 7, Country: "CN", Prefix: prefix("1.1.0.0/24")}, "", 2}, // a failure is not remembered
		{"2260:4868::1", names.Owner{ASN: 64500, Country: "NL", Prefix: prefix("2260:4868::/32")}, "", 2},
		{"2260:4868::1", names.Owner{ASN: 64500, Country: "NL", Prefix: prefix("2260:4868::/32")}, "", 1}, // that there is no name is
		{"1.1.2.1", names.Owner{}, "names: owner of 1.1.2.1: asn.cymru.com answers what is no origin", 1},
		{"2.2.2.2", names.Owner{}, "names: owner of 2.2.2.2: SERVFAIL", 1},
		{"9.9.9.9", names.Owner{}, "names: unknown", 1},
		{"10.0.0.1", names.Owner{}, "names: unknown", 0},
		{"192.0.2.1", names.Owner{}, "names: unknown", 0},
		{"fe80::1%eth0", names.Owner{}, "names: unknown", 0},
	} {
		r.log = nil
		got, err := o.Owner(t.Context(), netip.MustParseAddr(tt.addr))
		if got != tt.want || fmt.Sprint(err) != tt.err && (err != nil || tt.err != "") || len(r.log) != tt.asks {
			t.Errorf("%s: %+v, %v after %q\nwant %+v, %s", tt.addr, got, err, r.log, tt.want, tt.err)
		}
	}
}

// TestOriginServer: the whole way, by a DNS server on loopback.
func TestOriginServer(t *testing.T) {
	z := &zone{records: map[string][]string{
		"69.22.7.18.origin.asn.cymru.com. TXT": {`69.22.7.18.origin.asn.cymru.com. 60 IN TXT "3 | 18.0.0.0/8 | US " "| arin | 1994-01-01"`},
		"AS3.asn.cymru.com. TXT":               {`AS3.asn.cymru.com. 60 IN TXT "3 | US | arin | 1994-01-01 | MIT \"G\" \195\169\\ x, US"`},
	}}
	o := &names.Origin{Resolver: serve(t, z)}
	got, err := o.Owner(t.Context(), netip.MustParseAddr("18.7.22.69"))
	if want := (names.Owner{ASN: 3, Organisation: `MIT "G" é\ x`, Country: "US", Prefix: prefix("18.0.0.0/8")}); got != want || err != nil {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if _, err = o.Owner(t.Context(), netip.MustParseAddr("9.9.9.9")); !errors.Is(err, names.ErrUnknown) {
		t.Error(err)
	}
	if log := z.log(); len(log) != 3 {
		t.Errorf("asked %q", log)
	}
}

// TestPublic: what the registers of the internet know, at both ends of each
// special network.
func TestPublic(t *testing.T) {
	for _, s := range strings.Fields(`
		1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0
		172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.1.255 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255
		198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 ::ffff:1.1.1.1
		2000:: 2001:1::1 2001:3::1 2001:30:: 2001:db7:ffff:: 2001:db9:: 2a00:1450::1 3ffe:ffff:: 3fff:1000:: 3fff:ffff::`) {
		if !names.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is not public", s)
		}
	}
	for _, s := range strings.Fields(`
		0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 169.254.0.0 169.254.255.255
		172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.0 192.0.2.255 192.168.0.0 192.168.255.255 198.18.0.0
		198.19.255.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 224.0.0.0 239.255.255.255 240.0.0.0
		255.255.255.255 ::ffff:10.0.0.1 :: ::1 64:ff9b::1 100::1 1fff:ffff:: 2001:2:: 2001:10:: 2001:1f:: 2001:20::
		2001:2f:ffff:: 2001:db8:: 2001:db8:ffff:: 3fff:: 3fff:fff:ffff:: 4000:: fc00::1 fdff::1 fe80::1 fe80::1%eth0 ff02::1`) {
		if names.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is public", s)
		}
	}
	if names.Public(netip.Addr{}) {
		t.Error("the zero Addr is public")
	}
}
