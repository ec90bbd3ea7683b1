package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstallLinks: each name is a link to the program, by which it is what it is
// called; what is there already is left alone, and then nothing is made.
func TestInstallLinks(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "traceroute"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, status := run(t, "install-links", dir)
	if status != 2 || out != "" || errs != "sonde: install-links: "+dir+"/traceroute: there is something else by that name; --force replaces it\n" {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	if _, err := os.Lstat(filepath.Join(dir, "ping")); err == nil {
		t.Error("some links were made")
	}
	out, errs, status = run(t, "install-links", "--force", dir)
	if status != 0 || errs != "" || !strings.Contains(out, dir+"/ping -> "+program+"\n") {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != strings.Count(out, "\n") {
		t.Errorf("%d files, %v: %s", len(all), err, out)
	}
	for _, e := range all {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err != nil || to != program {
			t.Errorf("%s: %q, %v", e.Name(), to, err)
		}
	}
	again, errs, status := run(t, "install-links", "--lang", "en", dir)
	if status != 0 || errs != "" || strings.Count(again, " is there\n") != len(all) || strings.Count(again, "\n") != len(all) {
		t.Errorf("status %d, %q, %q", status, again, errs)
	}
	if french, _, _ := run(t, "install-links", "--lang", "fr", dir); french != strings.ReplaceAll(again, " is there\n", " est déjà là\n") {
		t.Errorf("%q", french)
	}
	for _, args := range [][]string{{}, {dir + "/none"}, {program}, {dir, dir}} {
		if _, errs, status := run(t, append([]string{"install-links"}, args...)...); status != 2 || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
	}
}

// TestCalledByName: the program is what it is called, whatever it is called with.
func TestCalledByName(t *testing.T) {
	gobin, err := exec.LookPath("go")
	if err != nil {
		t.Skip("skipped: there is no go to build the program with")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "sonde")
	if b, err := exec.CommandContext(t.Context(), gobin, "build", "-o", program, "../../cmd/sonde").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	if b, err := exec.CommandContext(t.Context(), program, "install-links", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	for name, want := range map[string]string{"ping": "ping from ", "traceroute": "traceroute"} {
		b, err := exec.CommandContext(t.Context(), filepath.Join(dir, name), "-V").CombinedOutput()
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s -V: %v, %q", name, err, b)
		}
	}
}
