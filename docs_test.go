package sonde_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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

// What the texts at the root point to is there: files, packages, make targets.
func TestTextsPointSomewhere(t *testing.T) {
	var (
		link    = regexp.MustCompile(`\]\(([^)#:]+)\)`)
		target  = regexp.MustCompile("`make ([a-z]+)")
		targets = "\n" + text(t, "Makefile")
	)
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d texts, %v", len(files), err)
	}
	for _, f := range files {
		s := text(t, f)
		for _, m := range link.FindAllStringSubmatch(s, -1) {
			if _, err := os.Stat(filepath.FromSlash(m[1])); err != nil {
				t.Errorf("%s: %v", f, err)
			}
		}
		for _, m := range target.FindAllStringSubmatch(s, -1) {
			if !strings.Contains(targets, "\n"+m[1]+":") {
				t.Errorf("%s: make %s is no target", f, m[1])
			}
		}
	}
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
