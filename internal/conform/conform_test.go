package conform_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
)

// tester records what Row does to a test.
type tester struct {
	testing.TB
	attrs  []string
	errors int
}

func (t *tester) Helper()               {}
func (t *tester) Attr(key, val string)  { t.attrs = append(t.attrs, key+" "+val) }
func (t *tester) Error(...any)          { t.errors++ }
func (t *tester) Errorf(string, ...any) { t.errors++ }

func TestRow(t *testing.T) {
	tb := &tester{TB: t}
	conform.Row(tb, "W-05")
	conform.Row(tb, "E-17")
	if got := strings.Join(tb.attrs, ","); got != "conform W-05,conform E-17" || tb.errors != 0 {
		t.Errorf("attributes %q, %d errors", got, tb.errors)
	}
}

func TestRowUnknown(t *testing.T) {
	for _, id := range []string{"", "W-99", "w-05", "W-05 ", "ID"} {
		tb := &tester{TB: t}
		conform.Row(tb, id)
		if tb.errors != 1 || len(tb.attrs) != 0 {
			t.Errorf("%q: %d errors, attributes %q", id, tb.errors, tb.attrs)
		}
	}
}

// A test that changes the directory still finds the list.
func TestRowElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	tb := &tester{TB: t}
	conform.Row(tb, "P-01")
	if tb.errors != 0 {
		t.Error("the list was not found")
	}
}

func TestParse(t *testing.T) {
	rows, err := conform.Parse("# x\n\n## W — wire\n\n| ID | Level | Requirement | Source |\n|---|---|---|---|\n" +
		"| W-01 | MUST | one: 3/0 | 792; S1 |\n|W-02|LEGACY| two |—|\n\n## E — engine\n| E-01 | NOT | … three | 1122 |\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []conform.Requirement{
		{"W-01", "W — wire", "MUST", "one: 3/0", "792; S1"},
		{"W-02", "W — wire", "LEGACY", "two", "—"},
		{"E-01", "E — engine", "NOT", "… three", "1122"},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows: %v", len(rows), rows)
	}
	for i := range want {
		if rows[i] != want[i] {
			t.Errorf("got %q\nwant %q", rows[i], want[i])
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "no rows"},
		{"# nothing\n", "no rows"},
		{"| W-1 | MUST | a | b |", `:1: "W-1" is no ID`},
		{"\n| X | MUST | a | b |", `:2: "X" is no ID`},
		{"| W-01 | MUST | a |", ":1: W-01 has 3 cells"},
		{"| W-01 | MUST | a | b | c |", ":1: W-01 has 5 cells"},
		{"| W-01 | SHALL | a | b |", `:1: W-01: "SHALL" is no level`},
		{"| W-01 | MUST | a | b |\n| W-02 | MUST | a | b |\n| W-01 | MAY | c | d |", ":3: W-01 stands in line 1 already"},
	} {
		if _, err := conform.Parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}

// The list of the project parses, and nothing has fallen out of it.
func TestList(t *testing.T) {
	rows, err := conform.Parse(read(t, conform.File))
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, r := range rows {
		n[r.ID[:1]]++
		if r.Text == "" || r.Section[:1] != r.ID[:1] {
			t.Errorf("%q", r)
		}
	}
	for section, want := range map[string]int{"W": 24, "E": 17, "H": 18, "G": 14, "P": 12, "A": 5} {
		if n[section] != want {
			t.Errorf("section %s: %d rows, want %d", section, n[section], want)
		}
	}
}

// Where the list that the project was given stands beside the checkout, ours
// is the same.
func TestListIsTheOriginal(t *testing.T) {
	const original = "../shared/spec/requirements.md"
	theirs, err := os.ReadFile(filepath.Join(conform.Root(), original))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	ours := strings.Split(read(t, conform.File), "\n")
	for i, line := range strings.Split(string(theirs), "\n") {
		if i >= len(ours) || ours[i] != line {
			t.Fatalf("%s differs from %s at line %d", conform.File, original, i+1)
		}
	}
	if len(ours) != strings.Count(string(theirs), "\n")+1 {
		t.Errorf("%s goes on behind the end of %s", conform.File, original)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(conform.Root(), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
