package report_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/conform/report"
)

type claims = map[report.Claim]report.Outcome

func claim(id, dir, name string) report.Claim {
	return report.Claim{ID: id, Test: report.Test{Package: dir, Name: name}}
}

var rows = []conform.Requirement{
	{ID: "W-01", Section: "W — wire", Level: "MUST", Text: "one", Source: "792"},
	{ID: "W-02", Section: "W — wire", Level: "NOT", Text: "two: a | b", Source: "792"},
	{ID: "E-01", Section: "E — engine", Level: "MAY", Text: "three", Source: "1122"},
}

func TestRender(t *testing.T) {
	p := report.Page{Rows: rows, Claims: claims{
		claim("W-01", "wire/b", "TestB"): report.Passed,
		claim("W-01", "wire/a", "TestZ"): report.Passed,
		claim("W-01", "wire/a", "TestA"): report.NotRun,
		claim("W-02", ".", "TestArch"):   report.Failed,
	}}
	got := string(p.Render())
	for _, want := range []string{
		"| W — wire | 2 | 1 | 1 | 0 |\n| E — engine | 1 | 0 | 0 | 1 |\n| **All** | 3 | 1 | 1 | 1 |\n",
		"\n## W — wire\n\n| ID | Level | Requirement | Proved by | State |\n|---|---|---|---|---|\n" +
			"| W-01 | MUST | one | `wire/a` TestA (not run), TestZ<br>`wire/b` TestB | proved |\n" +
			"| W-02 | NOT | two: a | b | `.` TestArch (fails) | failing |\n" +
			"\n## E — engine\n",
		"| E-01 | MAY | three |  | not proved |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("page:\n%s\nlacks:\n%s", got, want)
		}
	}
	for range 20 {
		if string(p.Render()) != got {
			t.Fatal("the same page rendered twice differs")
		}
	}
	back, err := report.Read(got)
	if err != nil || !maps.Equal(back, p.Claims) {
		t.Errorf("read back %v, %v", back, err)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, cell := range []string{"TestA", "`wire` Test-A", "`wire` TestA (perhaps)", "`wire`TestA"} {
		if _, err := report.Read("\n| W-01 | MUST | one | " + cell + " | proved |"); err == nil || !strings.Contains(err.Error(), "docs/conformance.md:2: ") {
			t.Errorf("%q: error %v", cell, err)
		}
	}
	if c, err := report.Read(""); err != nil || len(c) != 0 {
		t.Errorf("empty page: %v, %v", c, err)
	}
}

func TestState(t *testing.T) {
	for _, c := range []struct {
		outcomes []report.Outcome
		want     report.State
	}{
		{nil, report.NotProved},
		{[]report.Outcome{report.NotRun}, report.NotProved},
		{[]report.Outcome{report.NotRun, report.Passed}, report.Proved},
		{[]report.Outcome{report.Passed, report.Failed}, report.Failing},
		{[]report.Outcome{report.Failed, report.NotRun}, report.Failing},
	} {
		p := report.Page{Rows: rows, Claims: claims{claim("W-02", "a", "TestOther"): report.Failed}}
		for i, o := range c.outcomes {
			p.Claims[claim("W-01", "a", "Test"+string(rune('A'+i)))] = o
		}
		for range 10 { // whatever the order of the map
			if got := p.State("W-01"); got != c.want {
				t.Errorf("%v: %s, want %s", c.outcomes, got, c.want)
			}
		}
	}
}

func TestMerge(t *testing.T) {
	old := claims{
		claim("W-01", "a", "TestNet"):    report.Passed, // named before it is skipped
		claim("W-02", "a", "TestLate"):   report.Passed, // named only after
		claim("E-01", "a", "TestGone"):   report.Passed,
		claim("W-01", "a", "TestWorse"):  report.Passed,
		claim("W-01", "a", "TestBetter"): report.Failed,
	}
	run := &report.Run{
		Claims: claims{
			claim("W-01", "a", "TestNet"):    report.NotRun,
			claim("W-02", "a", "TestNew"):    report.NotRun,
			claim("W-01", "a", "TestWorse"):  report.Failed,
			claim("W-01", "a", "TestBetter"): report.Passed,
		},
		Skipped: map[report.Test]bool{{"a", "TestNet"}: true, {"a", "TestLate"}: true, {"a", "TestNew"}: true},
	}
	want := claims{
		claim("W-01", "a", "TestNet"):    report.Passed,
		claim("W-02", "a", "TestLate"):   report.Passed,
		claim("W-02", "a", "TestNew"):    report.NotRun,
		claim("W-01", "a", "TestWorse"):  report.Failed,
		claim("W-01", "a", "TestBetter"): report.Passed,
	}
	if got := report.Merge(rows, run, old).Claims; !maps.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestCompare(t *testing.T) {
	page := func(c claims) report.Page { return report.Page{Rows: rows, Claims: c} }
	a, b := claim("W-01", "a", "TestA"), claim("W-01", "b", "TestB")
	for _, c := range []struct {
		name     string
		old, now claims
		want     []string
	}{
		{"same", claims{a: report.Passed}, claims{a: report.Passed}, nil},
		{"gained", nil, claims{a: report.Passed}, nil},
		{"never proved", claims{a: report.NotRun}, nil, nil},
		{"another proves it", claims{a: report.Passed}, claims{b: report.Passed}, nil},
		{"gone", claims{a: report.Passed}, nil, []string{"W-01 was proved and is not any more: a TestA does not name it, or is gone"}},
		{"fails", claims{a: report.Passed}, claims{a: report.Failed}, []string{"W-01 was proved and is not any more: a TestA fails"}},
		{"one of two fails", claims{a: report.Passed, b: report.Passed}, claims{a: report.Passed, b: report.Failed}, []string{"W-01 was proved and is not any more: b TestB fails"}},
		{"a new one fails", claims{a: report.Passed}, claims{a: report.Passed, b: report.Failed}, []string{"W-01 was proved and is not any more: b TestB fails"}},
	} {
		if got := report.Compare(page(c.old), page(c.now)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A run without privileges after one with them leaves the page as it is.
func TestUnprivilegedRunKeepsThePage(t *testing.T) {
	with, _ := collect(t, events(
		"attr a TestNet W-01", "attr a TestNet/x W-02", "pass a TestNet/x", "pass a TestNet", "attr a TestPure E-01", "pass a TestPure", "pass a"))
	without, _ := collect(t, events(
		"attr a TestNet W-01", "skip a TestNet", "attr a TestPure E-01", "pass a TestPure", "pass a"))
	before := report.Merge(rows, with, nil)
	old, err := report.Read(string(before.Render()))
	if err != nil {
		t.Fatal(err)
	}
	after := report.Merge(rows, without, old)
	if got, want := string(after.Render()), string(before.Render()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
