package words_test

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/words"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/mld"
	"github.com/sonde-net/sonde/wire/ndp"
)

// sameNames are those that are right in both languages.
var sameNames = []string{"MTU"}

// TestNames: whatever the wire has a registry's name for has one in French.
func TestNames(t *testing.T) {
	en, fr := words.In(language.English), words.In(language.French)
	seen := map[string]bool{}
	check := func(what, name string) {
		t.Helper()
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		if got := en.Name(name); got != name {
			t.Errorf("%s: %q is %q in English", what, name, got)
		}
		if got := fr.Name(name); (got == name) != slices.Contains(sameNames, name) || got == "" {
			t.Errorf("%s: %q is %q in French", what, name, got)
		}
	}
	for n := range 256 {
		if o := ip.OptionType(n); o.String()[0] != 'o' { // "option 94": both languages
			check("IPv4 option", o.String())
		}
		check("option of neighbor discovery", ndp.Type(n).String())
		check("extension object", extension.Class(n).String())
		for c := range extension.CType(8) {
			check("sub-type", c.Name(extension.Class(n)))
		}
		check("state", icmp4.NeighborState(n).String())
		check("preference", ndp.Preference(n).String())
		check("record", mld.RecordType(n).String())
		check("role", extension.Role(n).String())
	}
	if len(seen) < 80 {
		t.Errorf("%d names", len(seen))
	}
	if got := fr.Name("TCP"); got != "TCP" {
		t.Errorf("TCP is %q", got)
	}
	if got := fr.Name("Unassigned"); got != "non attribué" {
		t.Errorf("Unassigned is %q", got)
	}
	if got := fr.Name("protocol 200"); got != "protocole 200" {
		t.Errorf("protocol 200 is %q", got)
	}
}

// TestLine: what options, objects and records say of themselves.
//
//nolint:misspell // half of it is French
func TestLine(t *testing.T) {
	en, fr := words.In(language.English), words.In(language.French)
	for _, tt := range []struct{ english, want string }{
		{"source link-layer address 02:00:5e:10:00:01", "adresse de liaison source 02:00:5e:10:00:01"},
		{"target link-layer address 02:00", "adresse de liaison cible 02:00"},
		{"prefix 2001:db8::/64, flags LA, valid infinity, preferred 168h0m0s", "préfixe 2001:db8::/64, drapeaux LA, valable sans fin, préféré 168 h"},
		{"prefix 2001:db8::/64, flags none, valid 1h1m1s, preferred 0s", "préfixe 2001:db8::/64, drapeaux aucun, valable 1 h 1 min 1 s, préféré 0 s"},
		{"redirected header, quotes 48 octets", "en-tête redirigé, cite 48 octets"},
		{"mtu 1492", "MTU de 1492"},
		{"nonce 0102", "valeur à usage unique 0102"},
		{"dns servers 2001:db8::1 2001:db8::2, lifetime 10m0s", "serveurs DNS 2001:db8::1 2001:db8::2, durée 10 min"},
		{"dns search list lab.example, lifetime 10m1s", "domaines de recherche DNS lab.example, durée 10 min 1 s"},
		{"route 2001:db8::/48, preference high, lifetime 30m0s", "route vers 2001:db8::/48, préférence haute, durée 30 min"},
		{"nat64 prefix 64:ff9b::/96, lifetime 26m40s", "préfixe NAT64 64:ff9b::/96, durée 26 min 40 s"},
		{`interface by name "eth0"`, `interface de nom "eth0"`},
		{"interface by index 7", "interface d'indice 7"},
		{"interface by address 192.0.2.1", "interface d'adresse 192.0.2.1"},
		{"interface by address 0200 of family 16389", "interface d'adresse 0200 de la famille 16389"},
		{"label 7, tc 1, ttl 2", "étiquette 7, classe de trafic 1, TTL 2"},
		{"label 7, tc 1, ttl 2, bottom", "étiquette 7, classe de trafic 1, TTL 2, bas de la pile"},
		{`incoming interface: index 7, 192.0.2.1, "index 9", mtu 1500`, `interface d'entrée : indice 7, 192.0.2.1, "index 9", mtu 1500`},
		{`outgoing interface: "xe"`, `interface de sortie : "xe"`},
		{"next hop", "saut suivant"},
		{"pointer 7", "pointeur 7"},
		{"mode is include, group ff02::1, 2 sources", "mode : inclure, groupe ff02::1, 2 sources"},
		{"record type 9, group ff02::1, 0 sources", "type d'enregistrement 9, groupe ff02::1, 0 sources"},
		{"Unassigned 200: c-type 9, 8 octets", "non attribué 200 : sous-type 9, 8 octets"},
		{"MPLS Label Stack Class: Incoming MPLS Label Stack, 5 octets", "pile d'étiquettes MPLS : pile d'étiquettes MPLS entrante, 5 octets"},
		{"Trust Anchor, 6 octets", "ancre de confiance, 6 octets"},
		{"Private Use 250: c-type 1, 4 octets", "usage privé 250 : sous-type 1, 4 octets"},
	} {
		if got := fr.Line(tt.english); got != tt.want {
			t.Errorf("%q\n got %q\nwant %q", tt.english, got, tt.want)
		}
		if got := en.Line(tt.english); got != tt.english {
			t.Errorf("%q is %q in English", tt.english, got)
		}
	}
}

// TestLinesOfTheWire: what the packages of the wire really write.
func TestLinesOfTheWire(t *testing.T) {
	fr := words.In(language.French)
	for _, body := range []int{6, 14, 22, 30} {
		for n := range 256 {
			o := ndp.Option{Type: ndp.Type(n), Body: make([]byte, body)}
			if s := o.String(); fr.Line(s) == s && o.Type != ndp.TypeMTU {
				t.Errorf("%q stays", s)
			}
		}
	}
	for class := range 256 {
		for ctype := range 4 {
			o := extension.Object{Class: extension.Class(class), CType: extension.CType(ctype), Payload: make([]byte, 4)}
			if s := o.String(); fr.Line(s) == s && o.Class != extension.ClassMPLS {
				t.Errorf("%q stays", s)
			}
		}
	}
}

// TestSpan: times in both languages.
func TestSpan(t *testing.T) {
	en, fr := words.In(language.English), words.In(language.French)
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 s"},
		{time.Second, "1 s"},
		{-1500 * time.Millisecond, "-1,5 s"},
		{200 * time.Millisecond, "200 ms"},
		{26*time.Minute + 40*time.Second, "26 min 40 s"},
		{time.Hour, "1 h"},
		{10 * time.Hour, "10 h"},
		{time.Hour + time.Second, "1 h 1 s"},
		{-time.Hour, "-1 h"},
		{1500 * time.Nanosecond, "1,5 µs"},
	} {
		if got := fr.Span(tt.d); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.d, got, tt.want)
		}
		if got := en.Span(tt.d); got != tt.d.String() {
			t.Errorf("%v: %q", tt.d, got)
		}
	}
}
