package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// TestFind: names as people write them, in both languages.
func TestFind(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"fragmentation needed", "3/4 v6:2/0*"},
		{"Fragmentation Needed and Don't Fragment was Set", "3/4"},
		{"TIME EXCEEDED", "11/0* v6:3/0*"},
		{"temps dépassé", "11/0* v6:3/0*"},
		{"temps depasse", "11/0* v6:3/0*"},
		{"port unreachable", "3/3 v6:1/4"},
		{"Port inaccessible", "3/3 v6:1/4"},
		{"ping", "8/0* v6:128/0*"},
		{"packet too big", "3/4 v6:2/0*"},
		{"source quench", "4/0*"},
		{"extinction de la source", "4/0*"},
		{"communication interdite (filtrage)", "3/13 v6:1/1"},
		{"prohibited", "3/9 3/10 3/13 v6:1/1"},
		{"limite de priorité", "3/15"},
		{"neighbor solicitation", "v6:135/0*"},
		{"sollicitation de voisin", "v6:135/0*"},
		{"bad length", "12/2"},
		{"machine inconnue", "3/7"},
		{"demande masque sous-réseau", "17/0*"},
		{"no such thing at all", ""},
		{"", ""},
		{" /-", ""},
	} {
		var got []string
		for _, m := range catalogue.Find(tt.name) {
			s := m.String()
			if m.Whole {
				s += "*"
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: %v, want %s", tt.name, got, tt.want)
		}
	}
	if n := len(catalogue.Find("unreachable tos")); n != 2 {
		t.Errorf("unreachable tos: %d", n)
	}
}

// TestKinds: every kind once, in order, and found by its name.
func TestKinds(t *testing.T) {
	for _, f := range []catalogue.Family{catalogue.ICMPv4, catalogue.ICMPv6} {
		var all []catalogue.Kind
		for k := range catalogue.Kinds(f) {
			all = append(all, k)
		}
		if !slices.IsSortedFunc(all, func(a, b catalogue.Kind) int {
			return int(a.Type)<<8 + int(a.Code) - int(b.Type)<<8 - int(b.Code)
		}) || len(slices.Compact(slices.Clone(all))) != len(all) {
			t.Errorf("%v: %v", f, all)
		}
		for range catalogue.Kinds(f) {
			break
		}
		want := map[catalogue.Kind]bool{}
		if f == catalogue.ICMPv4 {
			want[catalogue.Kind{Family: f, Type: 30, Code: 1}] = true // RFC 1393 has it, the registry has not
			for k := range icmp4.Kinds() {
				want[catalogue.Kind{Family: f, Type: uint8(k.Type), Code: uint8(k.Code)}] = true
			}
		} else {
			for k := range icmp6.Kinds() {
				want[catalogue.Kind{Family: f, Type: uint8(k.Type), Code: uint8(k.Code)}] = true
			}
		}
		for _, k := range all {
			if !want[k] {
				t.Errorf("%v is not registered", k)
			}
			delete(want, k)
		}
		for k := range want {
			t.Errorf("%v is missing", k)
		}
	}
}
