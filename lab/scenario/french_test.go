package scenario_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
)

// Typography of French: a space before the high punctuation, guillemets, no
// straight quotation mark, an accent on what never goes without.
//
//nolint:misspell // it is French, badly written
var (
	tight  = regexp.MustCompile(`[^ !?:;](?:[;!?]|:(?: |$))|«[^ ]|[^ ]»`)
	plain  = regexp.MustCompile(`(?i)\b(hote|reseau|echo|reponse|requete|duree|apres|deja|meme|etre|tres|numero|sequence|emetteur|en-tete)s?\b`)
	marked = regexp.MustCompile(`DUP!|no_route: host`) // words of programs and files
)

// TestFrenchTexts: every scenario says everything in French too, in French
// orthography, and types the same.
func TestFrenchTexts(t *testing.T) {
	for _, top := range scenario.List() {
		both := func(what, en, fr string) {
			t.Helper()
			bare := marked.ReplaceAllString(fr, "")
			bare = strings.ReplaceAll(bare, top.Name, "")
			switch {
			case (en == "") != (fr == ""):
				t.Errorf("%s: %s: %q is %q in French", top.Name, what, en, fr)
			case en != "" && en == fr:
				t.Errorf("%s: %s: %q is not French", top.Name, what, fr)
			case strings.Contains(bare, `"`):
				t.Errorf("%s: %s: quotation marks in %q", top.Name, what, fr)
			case what != "try" && tight.MatchString(bare):
				t.Errorf("%s: %s: %q in %q", top.Name, what, tight.FindString(bare), fr)
			case what != "try" && plain.MatchString(strings.ReplaceAll(bare, "attack-", "")):
				t.Errorf("%s: %s: %q in %q", top.Name, what, plain.FindString(bare), fr)
			}
		}
		both("title", top.Title, top.TitleFR)
		both("teaches", top.Teaches, top.TeachesFR)
		for i := range top.Steps {
			both("say", top.Steps[i].Say, top.Steps[i].SayFR)
		}
		if n := utf8.RuneCountInString(top.TitleFR); n > 90 || strings.Contains(top.TitleFR, "\n") {
			t.Errorf("%s: title of %d characters: %q", top.Name, n, top.TitleFR)
		}
		for l := range strings.Lines(top.TeachesFR) {
			if utf8.RuneCountInString(l) > 80 {
				t.Errorf("%s: %q is long", top.Name, l)
			}
		}
		if commented := strings.Contains(top.Try, "#"); commented {
			both("try", top.Try, top.TryFR)
			if a, b := typed(top.Try), typed(top.TryFR); a != b {
				t.Errorf("%s: to type is\n%s\nin French\n%s", top.Name, a, b)
			}
		} else if top.TryFR != "" {
			t.Errorf("%s: there are no words in what is to be typed", top.Name)
		}
	}
}

// typed is what is typed: the lines without what is said beside them.
func typed(try string) string {
	var out []string
	for l := range strings.Lines(try) {
		cmd, _, _ := strings.Cut(l, "#")
		out = append(out, strings.TrimRight(cmd, " \n"))
	}
	return strings.Join(out, "\n")
}

// TestFrenchSteps: a run in French tells the title and what the steps say in
// French, and everything else happens as in English.
func TestFrenchSteps(t *testing.T) {
	for _, top := range scenario.List() {
		var en, fr narration.Items
		if _, err := scenario.Run(top, &en, scenario.Options{}); err != nil {
			t.Fatal(err)
		}
		if _, err := scenario.Run(top.In("fr"), &fr, scenario.Options{}); err != nil {
			t.Fatal(err)
		}
		if b := narration.Of[narration.Begin](fr); len(b) != 1 || b[0].Title != top.TitleFR {
			t.Errorf("%s: %+v", top.Name, b)
		}
		said := 0
		for _, s := range narration.Of[narration.Step](fr) {
			if s.What == "say" {
				for top.Steps[said].Say == "" {
					said++
				}
				if s.Text != strings.TrimSpace(top.Steps[said].SayFR) {
					t.Errorf("%s: %q", top.Name, s.Text)
				}
				said++
			}
		}
		if a, b := bare(t, en), bare(t, fr); a != b {
			t.Errorf("%s: other things happen", top.Name)
		}
	}
}

// bare is what happens, without what is said.
func bare(t *testing.T, items narration.Items) string {
	t.Helper()
	var b bytes.Buffer
	sink := narration.NewText(&b, narration.TextOptions{})
	for _, i := range items {
		switch x := i.(type) {
		case narration.Begin:
			x.Title = ""
			i = x
		case narration.Step:
			if x.What == "say" {
				x.Text = ""
			}
			i = x
		}
		if err := sink.Put(i); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
