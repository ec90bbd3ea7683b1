package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const pass = `{"Action":"attr","Package":"m/a","Test":"TestA","Key":"conform","Value":"W-01"}
{"Action":"pass","Package":"m/a","Test":"TestA"}
{"Action":"output","Package":"m/a","Output":"ok m/a\n"}
{"Action":"pass","Package":"m/a"}
`

// module is a small module with a list of one row; it returns its root and the
// path of the page.
func module(t *testing.T) (root, page string) {
	t.Helper()
	root = t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module m\n\ngo 1.26\n")
	write(t, filepath.Join(root, "docs/requirements.md"), "## W — wire\n\n| W-01 | MUST | one | 792 |\n")
	return root, filepath.Join(root, "docs/conformance.md")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// recorded runs gen on a recorded stream and returns what it prints.
func recorded(t *testing.T, root string, check bool, stream string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.json")
	write(t, file, stream)
	var out strings.Builder
	err := run(root, check, file, &out)
	return out.String(), err
}

func TestGenerateThenCheck(t *testing.T) {
	root, page := module(t)
	if _, err := recorded(t, root, true, pass); err == nil || !strings.Contains(err.Error(), "docs/conformance.md is stale") {
		t.Errorf("check without a page: %v", err)
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("check wrote the page")
	}
	out, err := recorded(t, root, false, pass)
	if err != nil || out != "ok m/a\n" {
		t.Fatalf("generate: %v, printed %q", err, out)
	}
	text, err := os.ReadFile(page)
	if err != nil || !bytes.Contains(text, []byte("| W-01 | MUST | one | `a` TestA | proved |\n")) {
		t.Fatalf("page %q, %v", text, err)
	}
	if _, err := recorded(t, root, true, pass); err != nil {
		t.Errorf("check: %v", err)
	}
	skipped := strings.Replace(pass, `"pass","Package":"m/a","Test"`, `"skip","Package":"m/a","Test"`, 1)
	if out, err := recorded(t, root, true, skipped); err != nil || !strings.Contains(out, "skipped: a TestA: no reason given\n") {
		t.Errorf("check of a run that had to skip: %v, printed %q", err, out)
	}
}

func TestCheckNamesLostRows(t *testing.T) {
	root, page := module(t)
	if _, err := recorded(t, root, false, pass); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(page)
	for name, c := range map[string]struct{ stream, want string }{
		"fails":     {strings.ReplaceAll(pass, `"pass"`, `"fail"`), "W-01 was proved and is not any more: a TestA fails"},
		"not named": {strings.ReplaceAll(pass, `"conform"`, `"other"`), "W-01 was proved and is not any more: a TestA does not name it"},
	} {
		out, err := recorded(t, root, true, c.stream)
		if err == nil || !strings.Contains(err.Error(), "no longer proved") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v, printed %q", name, err, out)
		}
	}
	if after, _ := os.ReadFile(page); !bytes.Equal(before, after) {
		t.Error("check changed the page")
	}
}

// Generating says so when a test fails, and writes what it saw.
func TestGenerateFailing(t *testing.T) {
	root, page := module(t)
	if _, err := recorded(t, root, false, strings.ReplaceAll(pass, `"pass"`, `"fail"`)); err == nil || err.Error() != "tests failed" {
		t.Errorf("error %v", err)
	}
	if text, _ := os.ReadFile(page); !bytes.Contains(text, []byte("TestA (fails) | failing |")) {
		t.Errorf("page %q", text)
	}
}

// A run that is not whole says nothing about the rows.
func TestBrokenRun(t *testing.T) {
	root, page := module(t)
	for name, stream := range map[string]string{
		"no build":  `{"Action":"fail","Package":"m/a"}`,
		"cut short": pass[:strings.LastIndex(pass[:len(pass)-1], "\n")+1],
		"empty":     "go: no such thing\n",
	} {
		if _, err := recorded(t, root, false, stream); err == nil || !strings.Contains(err.Error(), "left as it was") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(page); err == nil {
			t.Fatalf("%s: the page was written", name)
		}
	}
}

func TestRunErrors(t *testing.T) {
	if err := run("", false, "", io.Discard); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("no module: %v", err)
	}
	if err := run(t.TempDir(), false, "", io.Discard); err == nil || !strings.Contains(err.Error(), "requirements.md") {
		t.Errorf("no list: %v", err)
	}
	root, page := module(t)
	if err := run(root, false, filepath.Join(root, "absent"), io.Discard); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("no recording: %v", err)
	}
	write(t, page, "| W-01 | MUST | one | nonsense | proved |\n")
	if _, err := recorded(t, root, true, pass); err == nil || !strings.Contains(err.Error(), "docs/conformance.md:1: ") {
		t.Errorf("page that cannot be read: %v", err)
	}
	write(t, filepath.Join(root, "docs/requirements.md"), "nothing")
	if _, err := recorded(t, root, true, pass); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("list that cannot be read: %v", err)
	}
}

// Without a recording, gen runs the tests itself.
func TestRunsTheTests(t *testing.T) {
	root, page := module(t)
	write(t, filepath.Join(root, "a/a_test.go"), `package a

import "testing"

func TestA(t *testing.T) { t.Attr("conform", "W-01") }
`)
	var out strings.Builder
	if err := run(root, false, "", &out); err != nil || !strings.Contains(out.String(), "ok") {
		t.Fatalf("%v, printed %q", err, out.String())
	}
	if text, _ := os.ReadFile(page); !bytes.Contains(text, []byte("`a` TestA | proved |")) {
		t.Errorf("page %q", text)
	}
}
