package fping_test

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/fping"
	"github.com/sonde-net/sonde/internal/testnet"
)

// times are what differs from run to run.
var times = []*regexp.Regexp{
	regexp.MustCompile(`[0-9.]+ (ms|sec)`), regexp.MustCompile(`\([0-9.]+ avg`), regexp.MustCompile(`= [0-9.]+/[0-9.]+/[0-9.]+`),
	regexp.MustCompile(`(?m)^\[[0-9.:]+\]`), regexp.MustCompile(`(?m)^(\S+ +:)( [0-9]+\.[0-9]+)+`), regexp.MustCompile(`/\S+/fping`),
}

// steady takes the times out, and sorts: two hosts may change places.
func steady(s string) string {
	for i, r := range times {
		with := "T"
		switch i {
		case 4:
			with = "$1 T"
		case 5:
			with = "fping"
		}
		s = r.ReplaceAllString(s, with)
	}
	lines := strings.Split(regexp.MustCompile(` +T`).ReplaceAllString(s, " T"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestBesideOriginal: what is printed and the exit status are those of fping 5.1,
// but for the times.
func TestBesideOriginal(t *testing.T) {
	testnet.Enter(t)
	original := testnet.Need(t, "fping")
	setup := "ip link add l0 type veth peer name l1; ip addr add 172.30.0.1/24 dev l0; ip link set l0 up; ip link set l1 up;" +
		"ip route add local 10.1.0.0/16 dev lo; ip route add unreachable 10.99.0.0/16"
	if out, status := testnet.Run(t, "sh", "-ec", setup); status != 0 {
		t.Fatal(out)
	}
	for _, args := range []string{
		"10.1.1.1 10.1.1.2", "-a 10.1.1.1", "-u 10.1.1.1 10.99.0.1", "-e 10.1.1.1", "-A 10.1.1.1",
		"-c 2 -p 20 10.1.1.1 10.1.22.22", "-q -c 2 -p 20 10.1.1.1", "-C 3 -p 20 -q 10.1.1.1", "-C 2 -p 20 10.1.1.1",
		"-s -r 0 10.1.1.1", "-g 10.1.1.0/29", "-g 10.1.1.1 10.1.1.3", "-g 10.1.1.5 10.1.1.3", "-g 10.1.1.0/31", "-D -c 1 10.1.1.1",
		"-z", "-r 0 10.99.0.1", "-r 2 -t 20 10.99.0.1", "-x 2 10.1.1.1 10.1.1.2", "-x 3 10.1.1.1 10.1.1.2", "-c1 -s 10.1.1.1",
		"-r 1 -t 30 172.30.0.9", "-c 2 -p 30 172.30.0.9 10.1.1.1", "-C 2 -q -p 30 172.30.0.9", "-o -c 2 -p 30 172.30.0.9",
		"-i 0.1 10.1.1.1", "-b 5 10.1.1.1", "-b 1000 -c 1 10.1.1.1", "-t abc 10.1.1.1", "-v", "-h", "-H 3 -c 1 10.1.1.1", "-c 0 10.1.1.1",
		"-a -u 10.1.1.1", "-a -c 2 -p 20 10.1.1.1", "-R -c 1 -b 100 10.1.1.1", "-f /nonexist", "-S 1.2.3.4 10.1.1.1",
		"-I nodev 10.1.1.1", "-l -c 2 10.1.1.1", "-c", "--nosuch", "-O 8 -M -c 1 10.1.1.1", "-4 10.1.1.1", "-S 172.30.0.1 -c 1 10.1.1.1",
		"-i 0 -g 10.1.1.0/24", "", "-a -q 10.1.1.1 10.1.1.2", "-a -q -g 10.1.1.0/29", "-a -q -e 10.1.1.1", "-q -e 10.1.1.1", "-q 10.1.1.1",
		"-u -q -r 0 10.99.0.1 10.1.1.1", "-x 1 -a 10.1.1.1", "-x 1 -u 10.1.1.1", "-x 2 -u -r 0 10.99.0.1 10.1.1.1", "-a -s -q 10.1.1.1", "-A -n localhost", "-A localhost",
		"-H 0 10.1.1.1", "-H 256 10.1.1.1", "-H 255 -c 1 10.1.1.1", "-B 0.9 10.1.1.1", "-B 5.1 10.1.1.1", "-B 5 10.1.1.1", "-b 65489 10.1.1.1", "-b 65488 -c 1 10.1.1.1",
		"-g 10.1.1.1 10.1.1.300", "-g 10.1.1.0/33", "-g 10.1.1.0/", "-g nosuch/30", "-g 0.0.0.0 255.255.255.255", "-g -f x", "-f - 10.1.1.1", "-f -",
	} {
		in := "10.1.1.1\n# x\n\n10.1.1.2 foo\n"
		cmd := exec.Command(original, strings.Fields(args)...)
		var out, errs, ourOut, ourErrs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &errs
		_ = cmd.Run()
		status := fping.Main(context.Background(), append([]string{"fping"}, strings.Fields(args)...), strings.NewReader(in), &ourOut, &ourErrs)
		if got, want := steady(ourOut.String()), steady(out.String()); got != want {
			t.Errorf("%s: prints\n%s\nthe original:\n%s", args, got, want)
		}
		if got, want := steady(ourErrs.String()), steady(errs.String()); got != want {
			t.Errorf("%s: complains\n%s\nthe original:\n%s", args, got, want)
		}
		if want := cmd.ProcessState.ExitCode(); status != want {
			t.Errorf("%s: status %d, the original: %d", args, status, want)
		}
	}
}
