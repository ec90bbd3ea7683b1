package guard

import (
	"net/netip"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/proof"
	"github.com/sonde-net/sonde/guard/rules"
	flag "github.com/sonde-net/sonde/internal/cli/language"
)

var verb = regexp.MustCompile(`%[a-z]`)

// TestWords: no phrase is missing in a language, and each takes the same
// arguments in both.
func TestWords(t *testing.T) {
	var same []string
	for key, w := range words() {
		if w.en == "" || w.fr == "" || w.en == w.fr && !slices.Contains(same, key) {
			t.Errorf("%s: %q, %q", key, w.en, w.fr)
		}
		if !slices.Equal(verb.FindAllString(w.en, -1), verb.FindAllString(w.fr, -1)) {
			t.Errorf("%s: %q and %q take different arguments", key, w.en, w.fr)
		}
	}
	for _, l := range []string{"way.", ""} {
		for _, w := range []policy.Where{policy.In, policy.Through, policy.Out} {
			if words()[l+string(w)].fr == "" {
				t.Errorf("%s%s is not there", l, w)
			}
		}
	}
	if say(flag.English, "kept") == say(flag.French, "kept") {
		t.Error("one language")
	}
}

// TestWay: every way in both languages; in English it is what the way says itself.
func TestWay(t *testing.T) {
	for _, tt := range []struct {
		w    proof.Way
		want string
	}{
		{proof.Way{Where: policy.In, Family: kind.V4, In: rules.Outside, HopLimit: 64}, "entrant, de l'extérieur, icmp, limite de sauts 64"},
		{proof.Way{Where: policy.In, Family: kind.V6, HopLimit: 255, Belongs: true}, "entrant, icmp6, limite de sauts 255, d'une conversation"},
		{
			proof.Way{Where: policy.Through, Family: kind.V4, In: rules.Inside, Out: rules.Outside, HopLimit: 64, Source: netip.MustParseAddr("192.0.2.7")},
			"traversant, de l'intérieur, vers l'extérieur, icmp, limite de sauts 64, depuis 192.0.2.7",
		},
		{proof.Way{Where: policy.Out, Family: kind.V6, Out: rules.Inside, HopLimit: 1}, "sortant, vers l'intérieur, icmp6, limite de sauts 1"},
	} {
		if got := way(flag.French, tt.w); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
		if got := way(flag.English, tt.w); got != tt.w.String() {
			t.Errorf("%q, want %q", got, tt.w)
		}
	}
	for _, passed := range []bool{true, false} {
		w := proof.Wrong{Kind: kind.Kind{Family: kind.V4, Type: 5}, Passed: passed}
		if got := broken(flag.English, w); got != w.String() {
			t.Errorf("%q, want %q", got, w)
		}
	}
	if got := broken(flag.French, proof.Wrong{Kind: kind.Kind{Family: kind.V4, Type: 5, Code: 1}}); got != "icmp 5/1 n'est pas passé, et aurait dû" {
		t.Error(got)
	}
}

// TestSpoken: the language of a table, by any of its chains; else the one asked for.
func TestSpoken(t *testing.T) {
	p, err := policy.Parse("p", []byte("role: host\n"))
	if err != nil {
		t.Fatal(err)
	}
	set := rules.For(p)
	for _, l := range []language.Tag{flag.English, flag.French} {
		for _, other := range []language.Tag{flag.English, flag.French} {
			if got := spoken(set.Text(options(l)), other); got != l {
				t.Errorf("a table in %v: %v", l, got)
			}
			if got := spoken("table inet sonde_guard {\n}\n", other); got != other {
				t.Errorf("a table without comments, %v asked for: %v", other, got)
			}
		}
	}
}
