package cli_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The last line of what a command line is completed with, as cobra's scripts
// read it.
const (
	thenFiles = ":0" // the shell completes paths, when nothing else fits
	noFiles   = ":4" // it does not
)

// complete returns what the last word of a command line is completed with, and
// what the shell does besides.
func complete(t *testing.T, args ...string) (words []string, then string) {
	t.Helper()
	out, _, status := run(t, append([]string{"__complete"}, args...)...)
	if status != 0 {
		t.Fatalf("%q: status %d", args, status)
	}
	words = strings.Split(strings.TrimSpace(out), "\n")
	return words[:len(words)-1], words[len(words)-1]
}

// TestCompletionScripts: there is a script for each shell, which asks the
// command itself, and which the shell can read.
func TestCompletionScripts(t *testing.T) {
	for shell, begin := range map[string]string{
		"bash": "# bash completion V2 for sonde ", "zsh": "#compdef sonde\n", "fish": "# fish completion for sonde ", "powershell": "# powershell completion for sonde ",
	} {
		out, errs, status := run(t, "completion", shell)
		if status != 0 || errs != "" || !strings.HasPrefix(out, begin) || !strings.Contains(out, "__complete") {
			t.Errorf("%s: status %d, %q, %.80q", shell, status, errs, out)
		}
		path, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue
		}
		c := exec.CommandContext(t.Context(), path, "-n")
		c.Stdin = strings.NewReader(out)
		if said, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s -n: %v: %s", shell, err, said)
		}
	}
}

// TestCompleteScenario: the names of scenarios, with their titles, where one is
// asked for; else paths.
func TestCompleteScenario(t *testing.T) {
	list, _, _ := run(t, "lab", "list")
	var all []string
	for l := range strings.Lines(list) {
		name, title, _ := strings.Cut(strings.TrimSpace(l), " ")
		all = append(all, name+"\t"+strings.TrimSpace(title))
	}
	for _, cmd := range []string{"show", "run", "up"} {
		if got, then := complete(t, "lab", cmd, ""); !slices.Equal(got, all) || then != thenFiles {
			t.Errorf("%s: %q, %s", cmd, got, then)
		}
		got, then := complete(t, "lab", cmd, "ecmp")
		if len(got) != 2 || !strings.HasPrefix(got[0], "ecmp-flow\t") || !strings.HasPrefix(got[1], "ecmp-packet\t") || then != thenFiles {
			t.Errorf("%s ecmp: %q, %s", cmd, got, then)
		}
		if got, then := complete(t, "lab", cmd, "./ec"); len(got) != 0 || then != thenFiles {
			t.Errorf("%s ./ec: %q, %s", cmd, got, then)
		}
		if got, then := complete(t, "lab", cmd, "echo", ""); len(got) != 0 || then != noFiles {
			t.Errorf("%s echo: %q, %s", cmd, got, then)
		}
	}
}

// TestCompleteFlag: the values of flags.
func TestCompleteFlag(t *testing.T) {
	file := labFile(t, chain)
	for _, tt := range []struct {
		args []string
		want []string
		then string
	}{
		{[]string{"lab", "run", "echo", "--lang", ""}, []string{"en", "fr"}, noFiles},
		{[]string{"lab", "run", "echo", "--lang="}, []string{"en", "fr"}, noFiles},
		{[]string{"lab", "run", "echo", "--pcap", ""}, nil, thenFiles},
		{[]string{"lab", "run", "echo", "--seed", ""}, nil, noFiles},
		{[]string{"lab", "up", file, "--pcap", ""}, nil, thenFiles},
		{[]string{"lab", "up", file, "--link", ""}, []string{"lan", "mid", "far"}, noFiles},
		{[]string{"lab", "up", file, "--link", "m"}, []string{"mid"}, noFiles},
		{[]string{"lab", "up", file, "--pcap-link", "f"}, []string{"far"}, noFiles},
		{[]string{"lab", "up", "--link", ""}, nil, noFiles},
		{[]string{"lab", "up", "./nothing", "--link", ""}, nil, noFiles},
		{[]string{"host", ""}, nil, noFiles},
		{[]string{"version", ""}, nil, noFiles},
		{[]string{"lab", "list", ""}, nil, noFiles},
	} {
		if got, then := complete(t, tt.args...); !slices.Equal(got, tt.want) || then != tt.then {
			t.Errorf("%q: %q, %s", tt.args, got, then)
		}
	}
}
