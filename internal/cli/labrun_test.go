package cli_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
)

// writer is a standard output that does something of its own.
type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// runTo is run with an output and a context of the test's own.
func runTo(ctx context.Context, out writer, args ...string) (errs string, status int) {
	var e bytes.Buffer
	status = cli.Run(ctx, append([]string{"sonde"}, args...), cli.Streams{In: strings.NewReader(""), Out: out, Err: &e})
	return e.String(), status
}

// many is a run that prints far more than fits in the output's buffer.
var many = strings.Replace(twoHosts, "to: b}", "to: b, count: 500}", 1)

// TestLabRunInterrupted: a run that is interrupted has told what it told, says
// so on one line and has not worked.
func TestLabRunInterrupted(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	file := labFile(t, many)
	whole, _, _ := run(t, "lab", "run", file, "--all")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told bytes.Buffer
	errs, status := runTo(ctx, func(b []byte) (int, error) {
		cancel()
		return told.Write(b)
	}, "lab", "run", file, "--all")
	if status != 2 || errs != "sonde: lab: run: interrupted\n" {
		t.Errorf("status %d, %q", status, errs)
	}
	if n := told.Len(); n == 0 || n >= len(whole) || !strings.HasPrefix(whole, told.String()) {
		t.Errorf("%d octets told of %d", n, len(whole))
	}
	// A run that is interrupted before it begins tells nothing.
	errs, status = runTo(ctx, func([]byte) (int, error) {
		t.Error("something was told")
		return 0, nil
	}, "lab", "run", file)
	if status != 2 || errs != "sonde: lab: run: interrupted\n" {
		t.Errorf("before: status %d, %q", status, errs)
	}
}

// TestLabRunOutputFails: an output that takes no more is one error, not two.
func TestLabRunOutputFails(t *testing.T) {
	for _, text := range []string{twoHosts, many} {
		for _, flag := range []string{"--all", "--json"} {
			errs, status := runTo(t.Context(), func([]byte) (int, error) { return 0, errors.New("the disk is full") },
				"lab", "run", labFile(t, text), flag)
			if status != 2 || errs != "sonde: lab: run: the disk is full\n" {
				t.Errorf("%s: status %d, %q", flag, status, errs)
			}
		}
	}
}

// TestLabRunSeed: a seed of 0 is that of the file, and the seed of the file is a
// seed.
func TestLabRunSeed(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	seven := labFile(t, "seed: 7\n"+twoHosts)
	one, _, _ := run(t, "lab", "run", labFile(t, twoHosts), "--seed", "7")
	for _, args := range [][]string{{seven}, {seven, "--seed", "0"}, {seven, "--seed=7"}, {labFile(t, twoHosts), "--seed", "0x7"}} {
		if out, errs, status := run(t, append([]string{"lab", "run"}, args...)...); out != one || status != 0 {
			t.Errorf("%v: status %d, %s\n%s", args, status, errs, out)
		}
	}
	if out, _, _ := run(t, "lab", "run", seven, "--seed", "8"); out == one {
		t.Error("the seed of the flag does not go before that of the file")
	}
}

// TestLabRunPcap: the capture is of the run and changes nothing in what is told;
// a file that is there is written anew.
func TestLabRunPcap(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.pcapng"), filepath.Join(dir, "b.pcapng")
	if err := os.WriteFile(b, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	plain, _, _ := run(t, "lab", "run", "echo", "--json")
	for _, p := range []string{a, b} {
		if out, errs, status := run(t, "lab", "run", "echo", "--json", "--pcap", p); out != plain || errs != "" || status != 0 {
			t.Errorf("status %d, %q", status, errs)
		}
	}
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil || !bytes.Equal(x, y) {
		t.Errorf("%v: %d and %d octets", err, len(x), len(y))
	}
}

// TestLabWrong: whatever is wrong is told on one line, with its place, nothing
// is told on the standard output, and no capture is begun.
func TestLabWrong(t *testing.T) {
	dir := t.TempDir()
	capture := filepath.Join(dir, "x.pcapng")
	for _, tt := range []struct {
		old, new string
		want     string
	}{
		{"jitter: 1ms", "jitter: 1", `:8:36: jitter: expected a duration such as 10ms or 1.5s, 1h at most, found "1"`},
		{"to: b}", "to: c}", `:13:25: to: expected an address or a node, there is no "c": there is a, b`},
		{"10.0.0.2/24", "10.0.0.1/24", ":11:42: expected an address of its own, 10.0.0.1 is that of a"},
		{"name: two", "name: 'two", ":2:7: expected YAML: "},
		{"name: two", "nam: two\ntite: x", `:2:1: unknown key "nam", expected one of name, title, teaches, try, title_fr, teaches_fr, try_fr, start, seed, links, nodes, names, steps; FILE:3:1: unknown key "tite"`},
	} {
		file := labFile(t, strings.Replace(twoHosts, tt.old, tt.new, 1))
		for _, args := range [][]string{{"show"}, {"show", "--file"}, {"run", "--pcap", capture}, {"up", "--pcap", capture}} {
			out, errs, status := run(t, append(append([]string{"lab"}, args...), file)...)
			want := "sonde: lab: " + args[0] + ": " + file + strings.ReplaceAll(tt.want, "FILE", file)
			if status != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, want) {
				t.Errorf("%v: status %d, %q\n got %swant %s", args, status, out, errs, want)
			}
			if _, err := os.Stat(capture); err == nil {
				t.Fatalf("%v: there is a capture of what never ran", args)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "empty.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := labFile(t, twoHosts)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"run", dir + "/empty.yaml"}, dir + "/empty.yaml:1:1: expected a topology, found an empty file"},
		{[]string{"run", dir}, "read " + dir + ": is a directory"},
		{[]string{"show", dir + "/none.yaml"}, "open " + dir + "/none.yaml: no such file or directory"},
		{[]string{"show", "--file", "none"}, `"none": no such scenario: sonde lab list tells all; a file is named with its path`},
		{[]string{"up", "none"}, `"none": no such scenario: sonde lab list tells all; a file is named with its path`},
		{[]string{"run", ""}, `"": no such scenario`},
		{[]string{"run", "Echo"}, `"Echo": no such scenario`},
		{[]string{"show"}, "accepts 1 arg(s), received 0"},
		{[]string{"run", "echo", "mpls"}, "accepts 1 arg(s), received 2"},
		{[]string{"run", "echo", "--seed", "-1"}, `invalid argument "-1" for "--seed" flag: `},
		{[]string{"run", "echo", "--seed", "x"}, `invalid argument "x" for "--seed" flag: `},
		{[]string{"run", "echo", "--seed"}, "flag needs an argument: --seed"},
		{[]string{"run", "echo", "--json=maybe"}, `invalid argument "maybe" for "--json" flag: `},
		{[]string{"run", "echo", "--json", "--quiet"}, "--json tells everything, and goes without --quiet"},
		{[]string{"run", "echo", "--lang", "FR"}, `--lang: "FR" is no language that this speaks: it speaks en, fr`},
		{[]string{"run", good, "--pcap", dir}, "open " + dir + ": is a directory"},
		{[]string{"run", good, "--pcap", good + "/x"}, "open " + good + "/x: not a directory"},
	} {
		out, errs, status := run(t, append([]string{"lab"}, tt.args...)...)
		want := "sonde: lab: " + tt.args[0] + ": " + tt.want
		if status != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, want) {
			t.Errorf("%v: status %d, %q\n got %swant %s", tt.args, status, out, errs, want)
		}
	}
}

// TestLabRunCaptureFails: a run is not well when its capture is not.
func TestLabRunCaptureFails(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("skipped: there is no " + full)
	}
	if _, errs, status := run(t, "lab", "run", "echo", "--pcap", full); status != 2 || errs != "sonde: lab: run: write /dev/full: no space left on device\n" {
		t.Errorf("status %d, %q", status, errs)
	}
}
