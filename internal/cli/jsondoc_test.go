package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli"
)

// jsonPage is what docs/json.md is made of.
const jsonPage = "../../docs/json.md"

var (
	block = regexp.MustCompile("(?s)```\n\\$ sonde ([^\n]*)\n(.*?)```\n")
	names = regexp.MustCompile("`([a-z0-9_.\\[\\]]+)`")
)

// documented returns the keys that the tables of a part of the page have.
func documented(part string) map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(part) {
		if !strings.HasPrefix(line, "|") && !strings.Contains(line, "with the keys of") {
			continue
		}
		for _, m := range names.FindAllStringSubmatch(line, -1) {
			for _, key := range strings.FieldsFunc(m[1], func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
				all[key] = true
			}
		}
	}
	return all
}

// keys returns the names of all keys of a value.
func keys(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			into[k] = true
			keys(x, into)
		}
	case []any:
		for _, x := range v {
			keys(x, into)
		}
	}
}

// shortened does what head, tail and cut do behind a command.
func shortened(t *testing.T, out, by string) string {
	t.Helper()
	lines := slices.Collect(strings.Lines(out))
	f := strings.Fields(by)
	switch {
	case len(f) == 3 && f[0] == "head":
		n, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatal(by)
		}
		lines = lines[:min(n, len(lines))]
	case len(f) == 3 && f[0] == "tail":
		n, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatal(by)
		}
		lines = lines[max(len(lines)-n, 0):]
	case len(f) == 2 && f[0] == "cut":
		n, err := strconv.Atoi(strings.TrimPrefix(f[1], "-c1-"))
		if err != nil {
			t.Fatal(by)
		}
		for i, l := range lines {
			lines[i] = strings.TrimSuffix(l, "\n")
			lines[i] = lines[i][:min(n, len(lines[i]))] + "\n"
		}
	case by != "":
		t.Fatalf("%q", by)
	}
	return strings.Join(lines, "")
}

// TestJSONPage: the lines that the page shows are what these commands print, and
// every key is in a table of its command.
func TestJSONPage(t *testing.T) {
	page, err := filepath.Abs(jsonPage)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	parts := strings.SplitAfter(string(b), "\n## ")
	common := map[string]bool{}
	for _, p := range parts {
		if strings.HasPrefix(p, "What several commands have") {
			common = documented(p)
		}
	}
	var all strings.Builder
	for _, p := range parts {
		title, _, _ := strings.Cut(p, "\n")
		known := documented(p)
		if title == "sonde diagnose" { // it says that it has these, too
			for _, q := range parts {
				if strings.HasPrefix(q, "sonde mtu\n") || strings.HasPrefix(q, "sonde clock\n") {
					for k := range documented(q) {
						known[k] = true
					}
				}
			}
		}
		p = block.ReplaceAllStringFunc(p, func(old string) string {
			m := block.FindStringSubmatch(old)
			command, by, _ := strings.Cut(m[1], " | ")
			out, errs, status := run(t, strings.Fields(command)...)
			if errs != "" || status != 0 {
				t.Errorf("%s: status %d, %s", command, status, errs)
			}
			found := map[string]bool{}
			for line := range strings.Lines(out) {
				var v any
				if strings.HasPrefix(line, "{") {
					if err := json.Unmarshal([]byte(line), &v); err != nil {
						t.Errorf("%s: %v: %s", command, err, line)
					}
				}
				keys(v, found)
			}
			for k := range found {
				if !known[k] && !common[k] {
					t.Errorf("%s: %s is not in the tables", command, k)
				}
			}
			shown := shortened(t, out, by)
			if shown != m[2] && !*update {
				t.Errorf("%s: docs/json.md has\n%s\nit prints\n%s\n(-update writes it there)", command, m[2], shown)
			}
			return "```\n$ sonde " + m[1] + "\n" + shown + "```\n"
		})
		all.WriteString(p)
	}
	if *update {
		if err := os.WriteFile(page, []byte(all.String()), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
	}
}

// TestJSONEverywhere: each command that has --json is on the page.
func TestJSONEverywhere(t *testing.T) {
	b, err := os.ReadFile(jsonPage)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var look func(c *cobra.Command, above string)
	look = func(c *cobra.Command, above string) {
		if c.Flags().Lookup("json") != nil {
			n++
			if !strings.Contains(string(b), "\n## sonde "+above+"\n") {
				t.Errorf("%s is not on the page", c.CommandPath())
			}
		}
		for _, x := range c.Commands() {
			if name := above; name == "" {
				look(x, x.Name())
			} else {
				look(x, name)
			}
		}
	}
	look(cli.Command(cli.Streams{}), "")
	if n < 16 {
		t.Errorf("%d commands have --json", n)
	}
}
