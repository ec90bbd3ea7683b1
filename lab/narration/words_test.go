package narration

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
)

var verb = regexp.MustCompile(`%[a-z]`)

// TestWords: no phrase is missing in a language, and each takes the same
// arguments in all of them.
func TestWords(t *testing.T) {
	for w := range numWords {
		want := verb.FindAllString(english[w], -1)
		for l := range numLangs {
			s := words[l][w]
			if s == "" {
				t.Errorf("%v: word %d is missing (%q)", l, w, english[w])
			}
			if got := verb.FindAllString(s, -1); strings.Join(got, "") != strings.Join(want, "") {
				t.Errorf("%v: %q takes %v, want %v", l, s, got, want)
			}
		}
		if words[English][w] == words[French][w] && len(english[w]) > 2 {
			t.Errorf("%q is the same in French", english[w])
		}
	}
}

// TestReasons: every cause and every reason for a drop has words in French.
func TestReasons(t *testing.T) {
	for c := report.Cause(1); c.String() != report.Cause(255).String(); c++ {
		if int(c) >= len(causesFR) || causesFR[c] == "" {
			t.Errorf("cause %q has no words in French", c)
			continue
		}
		if French.cause(c) != causesFR[c] || English.cause(c) != c.String() {
			t.Errorf("cause %q is told as %q and %q", c, English.cause(c), French.cause(c))
		}
	}
	for d := mib.None; d.Name() != ""; d++ {
		if dropsFR[d] == "" {
			t.Errorf("drop %q has no words in French", d.Name())
			continue
		}
		if French.drop(d) != dropsFR[d] || English.drop(d) != d.String() {
			t.Errorf("drop %q is told as %q and %q", d.Name(), English.drop(d), French.drop(d))
		}
	}
	if got := French.cause(200); got != "no cause" {
		t.Errorf("an unknown cause: %q", got)
	}
}

func TestLang(t *testing.T) {
	for s, want := range map[string]Lang{"en": English, "fr": French} {
		got, err := ParseLang(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "de", "EN", "english"} {
		if _, err := ParseLang(s); err == nil || !strings.Contains(err.Error(), "en, fr") {
			t.Errorf("%q: %v", s, err)
		}
	}
	if numLangs.String() != "unknown" {
		t.Errorf("%v", numLangs)
	}
}
