// Package conform ties tests to the rows of docs/requirements.md, the list of
// what this project promises. A test that proves a row says so:
//
//	func TestEcho(t *testing.T) {
//		conform.Row(t, "W-04")
//		…
//	}
//
// The generator beside it (internal/conform/gen) reads a run of the tests and
// writes docs/conformance.md: every row, the tests that prove it, and whether
// they passed. Call Row before anything that may skip the test, so that a test
// which cannot run here is still known.
package conform

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// AttrKey is the key of the attribute under which a test names a row. In the
// output of go test -json it is an event with Action "attr".
const AttrKey = "conform"

// File is the list, its path relative to the module root.
const File = "docs/requirements.md"

// A Requirement is one row of the list.
type Requirement struct {
	ID      string // "W-05"
	Section string // the heading above it: "W — wire format"
	Level   string // MUST, SHOULD, MAY, NOT or LEGACY
	Text    string
	Source  string
}

// root is where the module begins; empty when the working directory is not
// inside one. It is found before a test can change the directory.
var root = findRoot()

var list = sync.OnceValues(func() (map[string]bool, error) {
	if root == "" {
		return nil, fmt.Errorf("conform: no go.mod above the working directory, so %s cannot be read", File)
	}
	text, err := os.ReadFile(filepath.Join(root, File))
	if err != nil {
		return nil, fmt.Errorf("conform: %w", err)
	}
	rows, err := Parse(string(text))
	if err != nil {
		return nil, err
	}
	ids := make(map[string]bool, len(rows))
	for _, r := range rows {
		ids[r.ID] = true
	}
	return ids, nil
})

// Row says that tb proves the row with this ID. A test may name several rows, a
// row may be named by several tests. An ID that the list does not have fails
// the test.
func Row(tb testing.TB, id string) {
	tb.Helper()
	ids, err := list()
	if err != nil {
		tb.Error(err)
		return
	}
	if !ids[id] {
		tb.Errorf("conform: %s has no row %q", File, id)
		return
	}
	tb.Attr(AttrKey, id)
}

// Root returns the directory of the go.mod at or above the working directory
// that the program started in, or "" when there is none.
func Root() string { return root }

func findRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

var (
	isID    = regexp.MustCompile(`^[A-Z]-[0-9]{2}$`)
	isLevel = regexp.MustCompile(`^(MUST|SHOULD|MAY|NOT|LEGACY)$`)
)

// Parse reads the rows of the list, in order. Rows are the table lines of four
// cells whose first is an ID; a line that begins like one and is not whole, a
// level that is none and an ID that stands twice are errors with the line's
// number.
func Parse(text string) ([]Requirement, error) {
	var rows []Requirement
	section, seen := "", map[string]int{}
	for i, line := range strings.Split(text, "\n") {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.TrimSpace(h)
			continue
		}
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		if id := cells[0]; id == "ID" || strings.Trim(id, "-: ") == "" {
			continue
		}
		switch id := cells[0]; {
		case !isID.MatchString(id):
			return nil, fmt.Errorf("%s:%d: %q is no ID", File, i+1, id)
		case len(cells) != 4:
			return nil, fmt.Errorf("%s:%d: %s has %d cells, want 4", File, i+1, id, len(cells))
		case !isLevel.MatchString(cells[1]):
			return nil, fmt.Errorf("%s:%d: %s: %q is no level", File, i+1, id, cells[1])
		case seen[id] != 0:
			return nil, fmt.Errorf("%s:%d: %s stands in line %d already", File, i+1, id, seen[id])
		}
		seen[cells[0]] = i + 1
		rows = append(rows, Requirement{ID: cells[0], Section: section, Level: cells[1], Text: cells[2], Source: cells[3]})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no rows", File)
	}
	return rows, nil
}
