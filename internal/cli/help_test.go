package cli_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("%s:%d:\n got %s\nwant %s", path, i+1, a, b)
			return
		}
	}
}

// subcommands are the commands that a help text lists.
func subcommands(help string) []string {
	_, list, _ := strings.Cut(help, "\nAvailable Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	var out []string
	for l := range strings.Lines(list) {
		out = append(out, strings.Fields(l)[0])
	}
	return out
}

// TestHelpTexts holds the help of every command to its golden file, and every
// golden file to a command. Of cobra's own commands it is theirs.
func TestHelpTexts(t *testing.T) {
	seen := map[string]bool{}
	var walk func(args []string)
	walk = func(args []string) {
		out, errs, status := run(t, append(args[:len(args):len(args)], "--help")...)
		if status != 0 || errs != "" {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
		name := strings.Join(append([]string{"help"}, args...), "-")
		seen[name+".golden"] = true
		golden(t, name, out)
		// help COMMAND and COMMAND -h say the same.
		for _, other := range [][]string{append([]string{"help"}, args...), append(args[:len(args):len(args)], "-h")} {
			if o, _, s := run(t, other...); o != out || s != 0 {
				t.Errorf("%v: status %d, another text:\n%s", other, s, o)
			}
		}
		for i, l := range strings.Split(out, "\n") {
			if strings.TrimRight(l, " \t") != l {
				t.Errorf("%s:%d ends in a space", name, i+1)
			}
		}
		for _, c := range subcommands(out) {
			walk(append(args[:len(args):len(args)], c))
		}
	}
	walk(nil)
	if !*update && len(seen) < 13 {
		t.Errorf("%d help texts", len(seen))
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[f.Name()] {
			t.Errorf("testdata/%s is of no command", f.Name())
		}
	}
}

// TestHelpIsShown: a command that only holds others shows its help.
func TestHelpIsShown(t *testing.T) {
	for _, name := range []string{"", "lab", "completion"} {
		args := strings.Fields(name)
		help, _, _ := run(t, append(args, "--help")...)
		if out, errs, status := run(t, args...); status != 0 || errs != "" || out != help {
			t.Errorf("%q: status %d, %q, %q", name, status, out, errs)
		}
	}
}

// TestUnknownCommand: the name of no command is an error at every depth.
func TestUnknownCommand(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"x", `sonde: unknown command "x" for "sonde"`},
		{"lab x", `sonde: lab: unknown command "x" for "sonde lab"`},
		{"help x", `sonde: help: unknown command "x" for "sonde"`},
		{"help lab x", `sonde: help: unknown command "x" for "sonde lab"`},
		{"completion x", `sonde: completion: unknown command "x" for "sonde completion"`},
		{"completion bash x", `sonde: completion: bash: unknown command "x" for "sonde completion bash"`},
		{"version x", `sonde: version: unknown command "x" for "sonde version"`},
		{"lab list x", `sonde: lab: list: unknown command "x" for "sonde lab list"`},
		{"--x", "sonde: unknown flag: --x"},
		{"-x", "sonde: unknown shorthand flag: 'x' in -x"},
	} {
		out, errs, status := run(t, strings.Fields(tt.args)...)
		if status != 2 || out != "" || errs != tt.want+"\n" {
			t.Errorf("%s: status %d, %q\n got %swant %s", tt.args, status, out, errs, tt.want)
		}
	}
}
