package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/diagnose/words"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
)

// constants are the kinds that package rule has: those of evidence have a comment
// that says so.
func constants(t *testing.T) (findings, evidence []rule.Kind) {
	t.Helper()
	files, err := filepath.Glob("../rule/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := v.Type.(*ast.Ident); !ok || id.Name != "Kind" {
				return true
			}
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if v.Comment != nil && strings.Contains(v.Comment.Text(), "evidence") {
				evidence = append(evidence, rule.Kind(s))
			} else {
				findings = append(findings, rule.Kind(s))
			}
			return true
		})
	}
	return findings, evidence
}

var (
	gate = netip.MustParseAddr("192.0.2.1")
	host = netip.MustParseAddr("203.0.113.9")
)

// full has everything, so that every place in a sentence is filled.
func full() rule.Data {
	k := probe.UDP
	return rule.Data{
		Hop: 3, Last: 4, Hops: []int{3, 5}, Addr: gate, Other: host, Addrs: []netip.Addr{gate, host}, Probe: &k, Probes: []probe.Kind{probe.Echo, probe.TCP},
		Port: 443, Claim: &probe.Claim{Present: true, Type: 3, Code: 1}, Sent: 12, Got: 7, Count: 2, Percent: 12.5, Min: time.Millisecond,
		Avg: 12340 * time.Microsecond, Max: 123 * time.Millisecond, Mdev: 5 * time.Microsecond, Time: -90 * time.Second, Within: 2 * time.Second,
		Size: 1400, Before: 1500, Said: 1300, Text: "too low", Owners: []string{"Example", "Other"},
	}
}

// TestComplete: every kind has words in every language, with every place filled,
// and the languages speak of the same things.
func TestComplete(t *testing.T) {
	findings, evidence := constants(t)
	if len(findings) < 40 || len(evidence) < 20 {
		t.Fatalf("%d kinds, %d of evidence", len(findings), len(evidence))
	}
	if !slices.Contains(evidence, rule.HopLoss) || slices.Contains(evidence, rule.Reachable) {
		t.Fatal("kinds of evidence are not told from others")
	}
	for _, l := range []language.Tag{language.English, language.French} {
		s := words.In(l, nil)
		said := map[string]rule.Kind{}
		check := func(k rule.Kind, text string) {
			if text == "" || strings.ContainsAny(text, "{}|") || strings.Contains(text, "%!") || strings.Contains(text, "  ") || strings.HasSuffix(text, " .") {
				t.Errorf("%v, %s: %q", l, k, text)
			}
			if other, twice := said[text]; twice {
				t.Errorf("%v: %s and %s are the same", l, k, other)
			}
			said[text] = k
		}
		for _, k := range findings {
			for _, d := range []rule.Data{full(), {Addr: gate, Hops: []int{1}, Count: 1, Probe: full().Probe, Claim: full().Claim}} {
				text := s.Finding(&rule.Finding{Kind: k, Data: d})
				if d.Hop > 0 {
					check(k, text)
				} else if strings.ContainsAny(text, "{}|") || text == "" {
					t.Errorf("%v, %s: %q", l, k, text)
				}
			}
		}
		for _, k := range evidence {
			check(k, s.Evidence(&rule.Evidence{Kind: k, Data: full()}))
		}
		for _, v := range []rule.Status{rule.Well, rule.Troubled, rule.Unreachable, rule.Unknown} {
			check(rule.Kind(v), s.Verdict(v, "example"))
		}
	}
}

var place = regexp.MustCompile(`\{\??([a-z]+)`)

// TestPlaces: a sentence has the same places in both languages.
func TestPlaces(t *testing.T) {
	read := func(name string) map[string][]string {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]string{}
		for _, m := range regexp.MustCompile(`(?m)^\s+(rule\.\w+):\s+"(.*)",$`).FindAllStringSubmatch(string(b), -1) {
			var all []string
			for _, p := range place.FindAllStringSubmatch(m[2], -1) {
				if !slices.Contains(all, p[1]) {
					all = append(all, p[1])
				}
			}
			slices.Sort(all)
			out[m[1]] = all
		}
		return out
	}
	en, fr := read("english.go"), read("french.go")
	if len(en) != len(fr) || len(en) < 70 {
		t.Errorf("%d sentences, and %d", len(en), len(fr))
	}
	for k, places := range en {
		if !slices.Equal(places, fr[k]) {
			t.Errorf("%s: %v, and %v", k, places, fr[k])
		}
	}
}

// TestValues: numbers, times and lists as each language writes them.
func TestValues(t *testing.T) {
	who := map[netip.Addr]names.Who{gate: {Name: "gate.example"}}
	en, fr := words.In(language.English, who), words.In(language.French, who)
	for _, c := range []struct{ got, want string }{
		{en.Millis(5 * time.Microsecond), "0.01"},
		{en.Millis(9990 * time.Microsecond), "9.99"},
		{en.Millis(10 * time.Millisecond), "10.0"},
		{en.Millis(99900 * time.Microsecond), "99.9"},
		{fr.Millis(99900 * time.Microsecond), "99,9"},
		{fr.Millis(100 * time.Millisecond), "100"},
		{en.Span(999 * time.Millisecond), "999 ms"},
		{en.Span(-time.Second), "1.000 s"},
		{fr.Span(59999 * time.Millisecond), "59,999 s"},
		{en.Span(time.Minute), "1 min 00 s"},
		{en.Span(59*time.Minute + 59*time.Second), "59 min 59 s"},
		{en.Span(time.Hour), "1 h 00 min"},
		{en.Span(25*time.Hour + 61*time.Second), "25 h 01 min"},
		{en.Percent(0), "0 %"},
		{en.Percent(9.96), "10.0 %"},
		{en.Percent(5), "5 %"},
		{fr.Percent(2.5), "2,5 %"},
		{en.Percent(12.5), "12 %"},
		{en.List(nil), ""},
		{en.List([]string{"a"}), "a"},
		{en.List([]string{"a", "b"}), "a and b"},
		{fr.List([]string{"a", "b", "c"}), "a, b et c"},
		{en.Addr(gate), "gate.example (192.0.2.1)"},
		{en.Addr(host), "203.0.113.9"},
		{en.Addr(netip.Addr{}), "*"},
		{en.Probe(probe.Mask), "mask"},
		{fr.Probe(probe.Echo), "écho"},
		{en.Title("loss"), "loss"},
		{words.In(language.German, nil).Title("path"), "Path"},
		{en.Finding(&rule.Finding{Kind: rule.Passage, Data: rule.Data{Count: 1}}), "1 device stands between here and there."},
		{en.Finding(&rule.Finding{Kind: rule.Passage, Data: rule.Data{Count: 2, Owners: []string{"A"}}}), "2 devices stand between here and there, in the networks of A."},
		{fr.Finding(&rule.Finding{Kind: rule.Passage, Data: rule.Data{Count: 2}}), "2 équipements séparent la source de la cible."},
		{en.Finding(&rule.Finding{Kind: rule.Limited, Data: rule.Data{Hops: []int{2}}}), "Hop 2 does not answer all probes, though what is behind does: it limits how many errors it sends. It is no loss."},
		{en.Finding(&rule.Finding{Kind: rule.ClockWrong, Data: rule.Data{Addr: gate, Time: -time.Hour, Within: time.Millisecond}}), "The clock of gate.example (192.0.2.1) is wrong, or ours: it is 1 h 00 min behind ours, give or take 1.00 ms."},
		{fr.Finding(&rule.Finding{Kind: rule.ClockOff, Data: rule.Data{Addr: host, Time: time.Millisecond, Within: time.Millisecond}}), "L'horloge de 203.0.113.9 est en avance de 1,00 ms sur la nôtre, à 1,00 ms près."},
		{en.Finding(&rule.Finding{Kind: rule.FilteredThere, Data: rule.Data{Addr: host, Probe: new(probe.Kind)}}), "Echo is not answered by 203.0.113.9, though others are: it is filtered there, or right before it."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestOne: one of something is one.
func TestOne(t *testing.T) {
	one := rule.Data{Count: 1, Got: 1, Sent: 1, Mdev: 5 * time.Microsecond, Text: "no"}
	for tag, want := range map[language.Tag][]string{
		language.English: {"1 of 1 echo was answered.", "1 reply; it deviates by 0.01 ms.", "1 of 1 echoes could not leave this host: no."},
		language.French:  {"1 écho sur 1 a eu sa réponse.", "1 réponse ; son écart type est de 0,01 ms.", "1 écho sur 1 n'a pas pu partir d'ici : no."},
	} {
		s := words.In(tag, nil)
		got := []string{
			s.Evidence(&rule.Evidence{Kind: rule.EchoCount, Data: one}), s.Evidence(&rule.Evidence{Kind: rule.Times, Data: one}),
			s.Finding(&rule.Finding{Kind: rule.SomeNotSent, Data: one}),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %q", tag, got)
		}
	}
}
