package clockdiff_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clockdiff"
)

// hint is what stands behind what is wrong with an option.
const hint = "Try 'clockdiff --help' for more information.\n"

// misused are arguments that nothing is sent for, and what is said on either
// stream.
var misused = []struct {
	args      string
	status    int
	out, errs string // their beginnings
}{
	{"", 1, "", "\nUsage:\n  clockdiff [options] <destination>\n"},
	{"a b", 1, "", "\nUsage:\n"},
	{"a -o -- b", 1, "", "\nUsage:\n"},
	{"-o", 1, "", "\nUsage:\n"},
	{"-o1 -I", 1, "", "\nUsage:\n"},
	{"-Z", 1, hint, "clockdiff: invalid option -- 'Z'\n"},
	{"-o1Ix a", 1, hint, "clockdiff: invalid option -- 'x'\n"},
	{"-Z -h", 1, hint, "clockdiff: invalid option -- 'Z'\n"},
	{"a -T", 1, hint, "clockdiff: option requires an argument -- 'T'\n"},
	{"-T other a", 1, "", "clockdiff: invalid time-format argument: other\n"},
	{"-Tother a", 1, "", "clockdiff: invalid time-format argument: other\n"},
	{"-IoTiso -Tx", 1, "", "clockdiff: invalid time-format argument: x\n"},
	{"--time-format=other a", 1, "", "clockdiff: invalid time-format argument: other\n"},
	{"--time-format other a", 1, "", "clockdiff: invalid time-format argument: other\n"},
	{"--t= a", 1, "", "clockdiff: invalid time-format argument: \n"},
	{"--time", 1, hint, "clockdiff: option '--time-format' requires an argument\n"},
	{"--version=3", 1, hint, "clockdiff: option '--version' doesn't allow an argument\n"},
	{"--help=3", 1, hint, "clockdiff: option '--help' doesn't allow an argument\n"},
	{"--other", 1, hint, "clockdiff: unrecognized option '--other'\n"},
	{"--helpful", 1, hint, "clockdiff: unrecognized option '--helpful'\n"},
	{"--other=2 a", 1, hint, "clockdiff: unrecognized option '--other=2'\n"},
}

// TestMisused: its status, and its words.
func TestMisused(t *testing.T) {
	original, err := exec.LookPath("clockdiff")
	if err != nil {
		t.Log("the original is not installed, and is not asked")
	}
	for _, x := range misused {
		var out, errs bytes.Buffer
		status := clockdiff.Main(t.Context(), append([]string{"clockdiff"}, strings.Fields(x.args)...), &out, &errs)
		if status != x.status || !strings.HasPrefix(out.String(), x.out) || (out.Len() > 0) != (x.out != "") || !strings.HasPrefix(errs.String(), x.errs) {
			t.Errorf("%q: status %d\n%s%s", x.args, status, out.String(), errs.String())
		}
		if original == "" {
			continue
		}
		var out2, errs2 bytes.Buffer
		c := exec.CommandContext(t.Context(), original, strings.Fields(x.args)...)
		c.Args[0] = "clockdiff"
		c.Stdout, c.Stderr = &out2, &errs2
		_ = c.Run()
		if got := c.ProcessState.ExitCode(); got != status || out2.String() != out.String() || errs2.String() != errs.String() {
			t.Errorf("%q: the original: status %d\n%s%s\nours:\n%s%s", x.args, got, out2.String(), errs2.String(), out.String(), errs.String())
		}
	}
}

// TestHelp: what only prints something ends it.
func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"-h": "\nUsage:\n  clockdiff", "--help": "\nUsage:\n", "--he -Z": "\nUsage:\n", "-oh -Z": "\nUsage:\n", "a b -h": "\nUsage:\n",
		"-V": "clockdiff from sonde\n", "--version -h": "clockdiff from sonde\n", "-oV --other": "clockdiff from sonde\n",
	} {
		var out, errs bytes.Buffer
		if status := clockdiff.Main(t.Context(), append([]string{"clockdiff"}, strings.Fields(args)...), &out, &errs); status != 0 || errs.Len() > 0 || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%q: status %d\n%s%s", args, status, out.String(), errs.String())
		}
	}
}
