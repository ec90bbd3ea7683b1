package clockdiff_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/clockdiff"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// asOriginal is the variable that has the arguments when the test's binary is to
// be clockdiff, on a terminal.
const asOriginal = "SONDE_TEST_CLOCKDIFF"

func TestMain(m *testing.M) {
	if args := os.Getenv(asOriginal); args != "" {
		os.Exit(clockdiff.Main(context.Background(), append([]string{"clockdiff"}, strings.Fields(args)...), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// ours runs it.
func ours(t *testing.T, args string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	status = clockdiff.Main(t.Context(), append([]string{"clockdiff"}, strings.Fields(args)...), &o, &e)
	return o.String(), e.String(), status
}

// theirs runs the original, again when it calls a host down that answers in less
// than a millisecond.
func theirs(t *testing.T, run func() (string, int)) (out string, status int) {
	t.Helper()
	for range 5 {
		if out, status = run(); !strings.Contains(out, " is down") {
			break
		}
	}
	return out, status
}

var (
	times = regexp.MustCompile(`^\d{10} (-?\d+) (-?\d+)\n$`)
	shown = regexp.MustCompile(`^\.{50}\r\nhost=10\.0\.1\.2 rtt=\d+\(\d+\)ms/\d+ms delta=(-?\d+)ms/(-?\d+)ms (\S+|\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\r\n$`)
)

// most is how many milliseconds a delta is at most on a busy machine: all
// namespaces have one clock.
const most = 100

// near reports whether an output has the form, and both deltas are small.
func near(form *regexp.Regexp, out string) bool {
	m := form.FindStringSubmatch(out)
	if m == nil {
		return false
	}
	for _, s := range m[1:3] {
		if ms, err := strconv.Atoi(s); err != nil || ms < -most || ms > most {
			return false
		}
	}
	return true
}

// TestOriginal compares what the original says of the clock of a kernel, by each
// of its ways.
func TestOriginal(t *testing.T) {
	conform.Row(t, "P-11")
	testnet.Chain(t, 1)
	testnet.Need(t, "clockdiff")
	for _, args := range []string{"10.0.1.2", "-o 10.0.1.2", "-o1 10.0.1.2", "-1 10.0.1.2", "10.0.1.2 -Io", "-o -T ctime 10.0.1.2", "--time-format iso -o1 -- 10.0.1.2", "-o 127.0.0.1"} {
		want, wantStatus := theirs(t, func() (string, int) { return testnet.Run(t, "clockdiff", strings.Fields(args)...) })
		out, errs, status := ours(t, args)
		if status != wantStatus || errs != "" || !near(times, out) || !near(times, want) {
			t.Errorf("%s: status %d\n%s%s\nthe original: %d\n%s", args, status, out, errs, wantStatus, want)
		}
	}
}

// TestTerminal compares what is shown to people.
func TestTerminal(t *testing.T) {
	testnet.Chain(t, 1)
	testnet.Need(t, "clockdiff")
	testnet.Need(t, "script")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"10.0.1.2", "-o 10.0.1.2", "-o1 -I 10.0.1.2"} {
		want, wantStatus := theirs(t, func() (string, int) {
			return testnet.Run(t, "script", "-qec", "clockdiff "+args, "/dev/null")
		})
		t.Setenv(asOriginal, args)
		out, status := testnet.Run(t, "script", "-qec", self, "/dev/null")
		if status != wantStatus || !near(shown, out) || !near(shown, want) {
			t.Errorf("%s: status %d\n%q\nthe original: %d\n%q", args, status, out, wantStatus, want)
		}
	}
}

// mangle changes octets of what comes from the host.
func mangle(r *testnet.Room, change string) {
	r.Sh("nft 'add table ip t; add chain ip t c { type filter hook prerouting priority -300; }; add rule ip t c ip saddr 10.0.1.2 %s'", change)
}

// TestNoTime are hosts that do not tell it: they are not there, or say nothing.
func TestNoTime(t *testing.T) {
	conform.Row(t, "P-11")
	rooms := testnet.Chain(t, 1)
	testnet.Need(t, "nft")
	for _, args := range []string{"10.0.1.77", "-o 10.0.1.77"} {
		if out, errs, status := ours(t, args); status != 1 || out != "" || errs != "clockdiff: 10.0.1.77 is down\n" {
			t.Errorf("%s: status %d\n%s%s", args, status, out, errs)
		}
	}
	// The flag of the option, and its pointer, are changed on the way back.
	for _, x := range []struct{ change, want string }{
		{"@nh,184,8 set 0", "altered"},
		{"@nh,176,8 set 13", "unfilled"},
		{"@nh,160,8 set 0x94", "missing"},
	} {
		mangle(rooms[0], x.change)
		if out, errs, status := ours(t, "-o 10.0.1.2"); status != 1 || out != "" || errs != "clockdiff: 10.0.1.2 answers, and its timestamp option is "+x.want+"\n" {
			t.Errorf("%s: status %d\n%s%s", x.want, status, out, errs)
		}
		rooms[0].Sh("nft delete table ip t")
	}
	// A stamp is marked as non-standard: both do not take it.
	mangle(rooms[0], "@nh,288,8 set 0x80")
	original := testnet.Need(t, "clockdiff")
	want, wantStatus := theirs(t, func() (string, int) { return testnet.Run(t, original, "-o", "10.0.1.2") })
	if out, errs, status := ours(t, "-o 10.0.1.2"); status != wantStatus || out != "" || errs != strings.TrimPrefix(want, filepath.Dir(original)+"/") {
		t.Errorf("status %d\n%s%s\nthe original: %d\n%s", status, out, errs, wantStatus, want)
	}
	rooms[0].Sh("nft delete table ip t")
	rooms[2].Sysctl("net/ipv4/icmp_echo_ignore_all", "1")
	if _, errs, status := ours(t, "-o1 10.0.1.2"); status != 1 || errs != "clockdiff: 10.0.1.2 is down\n" {
		t.Errorf("status %d\n%s", status, errs)
	}
	// Who is interrupted has not found out that it is down.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var out, errs bytes.Buffer
	if status := clockdiff.Main(ctx, []string{"clockdiff", "10.0.1.77"}, &out, &errs); status != 130 || out.Len()+errs.Len() > 0 {
		t.Errorf("status %d\n%s%s", status, out.String(), errs.String())
	}
	if out, errs, status := ours(t, "10.0.1.2"); status != 0 || !near(times, out) {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
}
