package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestManual: there is a page for each command, which groff reads without a
// word, and writing them again changes nothing.
func TestManual(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "man1")
	var o, e strings.Builder
	if status := run([]string{dir}, &o, &e); status != 0 || e.String() != "" {
		t.Fatalf("status %d, %q", status, e.String())
	}
	out := o.String()
	names, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%s: %d pages\n", dir, len(names)); out != want {
		t.Errorf("%q, want %q", out, want)
	}
	pages := map[string]string{}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(n)] = string(b)
	}
	for _, name := range []string{"sonde.1", "sonde-lab-run.1", "sonde-ping.1"} {
		if pages[name] == "" {
			t.Errorf("there is no page %s", name)
		}
	}
	if p := pages["sonde-lab-run.1"]; !strings.Contains(p, `--pcap`) || !strings.Contains(p, "sonde lab run frag-needed") {
		t.Errorf("flags or examples are missing:\n%s", p)
	}
	if status := run([]string{dir}, &o, &e); status != 0 {
		t.Error("a second time it fails")
	}
	for n, p := range pages {
		if b, _ := os.ReadFile(filepath.Join(dir, n)); string(b) != p {
			t.Errorf("%s is another the second time", n)
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("skipped: there is no groff to read the pages")
	}
	for _, n := range names {
		if b, err := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-Tutf8", "-z", n).CombinedOutput(); err != nil || len(b) > 0 {
			t.Errorf("%s: %v, %s", n, err, b)
		}
	}
}

// TestManualWrong: what cannot be written is one line.
func TestManualWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {file}, {filepath.Join(file, "x")}, {"a", "b"}} {
		var out, errs strings.Builder
		if status := run(args, &out, &errs); status != 2 || strings.Count(errs.String(), "\n") != 1 || out.Len() > 0 {
			t.Errorf("%v: status %d, %q", args, status, errs.String())
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "x")
	if _, err := write(t.TempDir()); err == nil {
		t.Error("a date that is none was taken")
	}
}
