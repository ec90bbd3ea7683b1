package words_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/words"
)

// same are the sentences that are right in both languages.
var same = []string{
	"layer.ethernet", "layer.ipv4", "layer.ipv6", "layer.icmp4", "layer.icmp6", "layer.ext",
	"f.ethertype", "f.ipid", "f.option", "m.mask",
}

var hole = regexp.MustCompile(`\[[^\]]*\]`)

// TestComplete: every sentence is there in both languages, with the same holes.
func TestComplete(t *testing.T) {
	en, fr := words.In(language.English), words.In(language.French)
	args := []string{"[1]", "[2]", "[3]"}
	for _, k := range words.Keys() {
		a, b := en.Say(k, args...), fr.Say(k, args...)
		if a == "" || b == "" || strings.Contains(a+b, "%!(") && !strings.Contains(a+b, "%!(EXTRA") {
			t.Errorf("%s: %q, %q", k, a, b)
		}
		a, b = cut(a), cut(b)
		if (a == b) != slices.Contains(same, k) {
			t.Errorf("%s is the same in both languages, or is said to be: %q", k, a)
		}
		x, y := hole.FindAllString(a, -1), hole.FindAllString(b, -1)
		slices.Sort(x)
		slices.Sort(y)
		if !slices.Equal(x, y) {
			t.Errorf("%s: other holes: %q, %q", k, a, b)
		}
	}
	if n := len(words.Keys()); n != len(slices.Compact(words.Keys())) || n < 200 {
		t.Errorf("%d keys, or one of them twice", n)
	}
}

// cut takes off what says that a sentence has fewer holes than were filled.
func cut(s string) string {
	s, _, _ = strings.Cut(s, "%!(EXTRA")
	return s
}

// dynamic are the beginnings of keys that end in a number of the message.
var dynamic = []string{"r.", "mtu.", "m.status.", "m.qtype.", "m.role.", "m.rec."}

// TestUsed: each key is used by packages explain and field, and each that it uses is there.
func TestUsed(t *testing.T) {
	var files []string
	for _, dir := range []string{"..", "../field"} {
		more, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(more) == 0 {
			t.Fatalf("%d files, %v", len(more), err)
		}
		files = append(files, more...)
	}
	var source strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") {
			source.Write(b)
		}
	}
	for _, k := range words.Keys() {
		dyn := slices.ContainsFunc(dynamic, func(p string) bool { return strings.HasPrefix(k, p) })
		if !dyn && !strings.Contains(source.String(), `"`+k+`"`) {
			t.Errorf("nobody says %s", k)
		}
	}
	for _, m := range regexp.MustCompile(`"((?:layer|[a-z])\.[a-z0-9.]+[a-z0-9])"`).FindAllStringSubmatch(source.String(), -1) {
		if !words.Has(m[1]) {
			t.Errorf("there is no %s", m[1])
		}
	}
}

// TestSay: order of holes, other languages, keys that there are not.
func TestSay(t *testing.T) {
	for _, tt := range []struct {
		lang language.Tag
		key  string
		args []string
		want string
	}{
		{language.English, "s.echo", []string{"1", "33434", "1500"}, "Identifier 1, sequence number 33434, 1500 octets of data."},
		{language.French, "s.echo", []string{"1", "2", "3"}, "Identifiant 1, numéro de séquence 2, 3 octets de données."},
		{language.English, "s.echo", []string{"1", "1", "1"}, "Identifier 1, sequence number 1, 1 octet of data."},
		{language.English, "s.echo", []string{"1", "1", "0"}, "Identifier 1, sequence number 1, 0 octets of data."},
		{language.English, "s.echo", []string{"1", "1", "11"}, "Identifier 1, sequence number 1, 11 octets of data."},
		{language.English, "e.cut", []string{"1"}, "1 octets are missing: the capture ends before the datagram does"},
		{language.French, "s.echo", []string{"1", "1", "1"}, "Identifiant 1, numéro de séquence 1, 1 octet de données."},
		{language.French, "s.echo", []string{"1", "1", "0"}, "Identifiant 1, numéro de séquence 1, 0 octet de données."},
		{language.French, "s.echo", []string{"1", "1", "10"}, "Identifiant 1, numéro de séquence 1, 10 octets de données."},
		{language.French, "m.octets", []string{"1"}, "1 octet en tout"},
		{language.CanadianFrench, "yes", nil, "oui"},
		{language.German, "yes", nil, "yes"},
		{language.English, "no.such", []string{"a", "b"}, "no.such a b"},
		{language.English, "s.ns", []string{"100%s"}, "Who has 100%s?"},
	} {
		if got := words.In(tt.lang).Say(tt.key, tt.args...); got != tt.want {
			t.Errorf("%v %s: %q, want %q", tt.lang, tt.key, got, tt.want)
		}
	}
}
