package topology_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab/topology"
)

// bilingual says everything twice but for one step.
const bilingual = `name: two
title: two hosts
title_fr: deux hôtes
teaches: hello
teaches_fr: bonjour
try: "ping b  # now"
try_fr: "ping b  # maintenant"
steps:
  - say: first
    say_fr: d'abord
  - wait: 1s
  - say: last
`

// TestIn: each text in the language that is asked for, and the file's own where
// there is no other.
func TestIn(t *testing.T) {
	top, err := topology.Parse("t", []byte(bilingual))
	if err != nil {
		t.Fatal(err)
	}
	says := func(t *topology.Topology) (out []string) {
		out = []string{t.Title, t.Teaches, t.Try}
		for i := range t.Steps {
			out = append(out, t.Steps[i].Say)
		}
		return out
	}
	en := []string{"two hosts", "hello", "ping b  # now", "first", "", "last"}
	fr := []string{"deux hôtes", "bonjour", "ping b  # maintenant", "d'abord", "", "last"}
	for lang, want := range map[string][]string{"fr": fr, "en": en, "": en, "de": en, "FR": en} {
		if got := says(top.In(lang)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", lang, got, want)
		}
	}
	if got := says(top); !reflect.DeepEqual(got, en) {
		t.Errorf("it was changed to %q", got)
	}
	f := top.In("fr")
	if f.Name != top.Name || f.Steps[1].Wait != top.Steps[1].Wait {
		t.Errorf("%+v", f)
	}
	if got := says(f.In("fr")); !reflect.DeepEqual(got, fr) {
		t.Errorf("twice: %q", got)
	}

	// A file with one language is told in that.
	one := "title: deux\nteaches: x\ntry: y\nsteps: [say: là]\n"
	if top, err = topology.Parse("t", []byte(one)); err != nil {
		t.Fatal(err)
	}
	if got := says(top.In("fr")); !reflect.DeepEqual(got, []string{"deux", "x", "y", "là"}) {
		t.Errorf("one language: %q", got)
	}
	if got := says(new(topology.Topology).In("fr")); !reflect.DeepEqual(got, []string{"", "", ""}) {
		t.Errorf("the zero topology: %q", got)
	}
}

// TestNothingTranslated: what is said in French alone is an error, and a step
// that says it twice is still a step that says something.
func TestNothingTranslated(t *testing.T) {
	for _, tt := range []struct{ old, want string }{
		{"title: two hosts\n", "t:2:11: title_fr: expected beside title, which it says in French"},
		{"teaches: hello\n", "t:4:13: teaches_fr: expected beside teaches, which it says in French"},
		{"try: \"ping b  # now\"\n", "t:6:9: try_fr: expected beside try, which it says in French"},
		{"say: first\n    ", "t:9:5: expected one of say, wait, ping, query, trace, send, forge, tcp, down, up, show, once, besides at"},
		{"wait: 1s\n  - say: last", "t:11:5: expected one of say, wait,"},
	} {
		with := ""
		if strings.HasPrefix(tt.old, "wait") {
			with = "wait: 1s\n    say: last"
		}
		_, err := topology.Parse("t", []byte(strings.Replace(bilingual, tt.old, with, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", tt.old, err)
		}
	}
	// Beside another step it translates nothing.
	_, err := topology.Parse("t", []byte(strings.Replace(bilingual, "wait: 1s", "wait: 1s\n    say_fr: rien", 1)))
	if want := "t:12:13: say_fr: expected beside say, which it says in French"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
