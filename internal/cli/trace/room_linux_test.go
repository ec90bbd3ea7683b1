package trace_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/testnet"
)

func TestMain(m *testing.M) { clitest.Main(m, "sonde", "traceroute", "traceroute6") }

// binary returns the path of the command by one of its names. Everybody may
// execute it.
func binary(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "trace")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	b, err := os.ReadFile(self)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), b, 0o755) //nolint:gosec // others execute it
	}
	if err == nil {
		err = os.Chmod(dir, 0o755) //nolint:gosec // likewise
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// chain is the test's own namespace, routers and a host in a row, nobody limited
// in what he says. Hop n is 10.0.(n-1).2.
func chain(t *testing.T, routers int) (all []*testnet.Room, v4, v6 string) {
	t.Helper()
	testnet.Need(t, "ip")
	all = testnet.Chain(t, routers)
	for n, r := range all {
		open(r)
		if n > 0 && n <= routers {
			r.Sh("ip route add default via 10.0.%d.2; ip -6 route add default via fd00:%x::2", n, n)
		}
	}
	return all, fmt.Sprintf("10.0.%d.2", routers), fmt.Sprintf("fd00:%x::2", routers)
}

// open has a room forward, and say whatever there is to say.
func open(r *testnet.Room) {
	r.Forward()
	r.Unlimited()
}

var times = regexp.MustCompile(`\d+\.\d{3} ms`)

// plain is an output without its times.
func plain(s string) string { return times.ReplaceAllString(s, "T ms") }

// original and ours are called the same way; their outputs are compared but for
// times.
type pair struct {
	t    *testing.T
	ours string
}

func beside(t *testing.T) pair {
	t.Helper()
	testnet.Need(t, "traceroute")
	return pair{t, binary(t, "traceroute")}
}

// same runs both with these arguments, and returns what they print and have in
// common.
func (p pair) same(args ...string) string {
	p.t.Helper()
	want, status := testnet.Run(p.t, "traceroute", args...)
	got, ours := testnet.Run(p.t, p.ours, args...)
	if plain(got) != plain(want) || ours != status {
		p.t.Errorf("traceroute %s: status %d, and not %d\n%s\nthe original:\n%s", strings.Join(args, " "), ours, status, got, want)
	}
	return plain(got)
}

// counting counts what leaves the test's namespace by the first link.
func counting(t *testing.T, here *testnet.Room) (count func() int) {
	t.Helper()
	testnet.Need(t, "nft")
	here.Sh("nft add table inet count; nft 'add chain inet count out { type filter hook postrouting priority 0; }'; nft 'add rule inet count out oifname \"l0\" meta l4proto { icmp, ipv6-icmp, udp, udplite, tcp } ip ttl != 255 counter'")
	counter := regexp.MustCompile(`counter packets (\d+)`)
	last := 0
	return func() int {
		m := counter.FindStringSubmatch(here.Sh("nft list table inet count"))
		if m == nil {
			t.Fatal("no counter")
		}
		n, _ := strconv.Atoi(m[1])
		n, last = n-last, n
		return n
	}
}

// runAs runs a command as a user without any privilege.
func runAs(t *testing.T, name string, args ...string) (string, int) {
	t.Helper()
	setpriv := testnet.Need(t, "setpriv")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	all := append([]string{"--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", name}, args...)
	c := exec.CommandContext(ctx, setpriv, all...)
	c.Env = []string{"LC_ALL=C"}
	out, _ := c.CombinedOutput()
	return string(out), c.ProcessState.ExitCode()
}
