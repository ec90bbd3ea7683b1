package sonde_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The tour of the README is the example that runs, word for word.
func TestReadmeIsTheExample(t *testing.T) {
	readme, example := text(t, "README.md"), text(t, "example_test.go")
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme, -1)
	if len(block) != 1 || !strings.Contains(example, block[0][1]) {
		t.Error("the Go code of README.md is not in example_test.go")
	}
	_, output, _ := strings.Cut(example, "// Output:\n")
	printed := regexp.MustCompile("(?s)It prints:\n\n```\n(.*?)```").FindStringSubmatch(readme)
	if printed == nil {
		t.Fatal("README.md does not say what the example prints")
	}
	for line := range strings.Lines(printed[1]) {
		if !strings.Contains(output, "// "+line) {
			t.Errorf("the example does not print %q", line)
		}
	}
}

// What the texts point to is there: files, headings, make targets.
func TestTextsPointSomewhere(t *testing.T) {
	var (
		link    = regexp.MustCompile(`\]\(([^)\s:#]*)(?:#([^)\s]+))?\)`)
		target  = regexp.MustCompile("`make ([a-z]+)")
		targets = "\n" + text(t, "Makefile")
	)
	var files []string
	for dir, least := range map[string]int{".": 6, "docs": 20, "bench": 1} {
		found, err := filepath.Glob(filepath.Join(dir, "*.md"))
		if err != nil || len(found) < least {
			t.Fatalf("%s: %d texts, %v", dir, len(found), err)
		}
		files = append(files, found...)
	}
	for _, f := range files {
		s := blocks.ReplaceAllString(text(t, f), "")
		for _, m := range link.FindAllStringSubmatch(s, -1) {
			to := f
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(f), filepath.FromSlash(m[1]))
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: %v", f, err)
			} else if m[2] != "" && !slices.Contains(anchors(t, to), m[2]) {
				t.Errorf("%s: %s has no heading #%s", f, to, m[2])
			}
		}
		for _, m := range target.FindAllStringSubmatch(s, -1) {
			if !strings.Contains(targets, "\n"+m[1]+":") {
				t.Errorf("%s: make %s is no target", f, m[1])
			}
		}
	}
}

// blocks are the parts of a text that are shown as they are.
var blocks = regexp.MustCompile("(?ms)^```.*?\n```$")

// anchors are the headings of a text as links name them.
func anchors(t *testing.T, path string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?m)^#+ (.*)$").FindAllStringSubmatch(blocks.ReplaceAllString(text(t, path), ""), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return all
}

// Every module that the product asks for by itself has its line.
func TestDependenciesHaveReasons(t *testing.T) {
	lines := text(t, "DEPENDENCIES.md")
	for _, m := range regexp.MustCompile(`(?m)^(?:\t|require )(\S+\.\S+) v\S+$`).FindAllStringSubmatch(text(t, "go.mod"), -1) {
		if !strings.Contains(lines, "| "+m[1]+" |") {
			t.Errorf("DEPENDENCIES.md has no line for %s", m[1])
		}
	}
}
