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

	"github.com/vishvananda/netns"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestMain has the test binary be the command, when it is called by its name.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "sonde", "traceroute", "traceroute6":
		os.Exit(cli.Main(os.Args))
	}
	os.Exit(m.Run())
}

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

// room is a network namespace; the zero room is the test's own.
type room struct {
	t  *testing.T
	ns netns.NsHandle
}

// newRoom makes a namespace beside the one that the test is in.
func newRoom(t *testing.T) room {
	t.Helper()
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	ns, err := netns.New()
	if err != nil {
		testnet.Missing(t, err.Error())
	}
	t.Cleanup(func() { _ = ns.Close() })
	if err := netns.Set(own); err != nil {
		t.Fatal(err)
	}
	return room{t, ns}
}

// sh runs shell commands in the room.
func (r room) sh(format string, args ...any) string {
	r.t.Helper()
	own, err := netns.Get()
	if err != nil {
		r.t.Fatal(err)
	}
	defer own.Close()
	if r.ns != 0 {
		if err := netns.Set(r.ns); err != nil {
			r.t.Fatal(err)
		}
		defer func() {
			if err := netns.Set(own); err != nil {
				r.t.Fatal(err)
			}
		}()
	}
	script := fmt.Sprintf(format, args...)
	out, status := testnet.Run(r.t, "sh", "-ec", script)
	if status != 0 {
		r.t.Fatalf("%s: status %d\n%s", script, status, out)
	}
	return out
}

// join joins two rooms by a link, net 10.0.N.0/24 and fd00:N::/64: the first has
// address 1, the second 2.
func join(a, b room, n int) {
	a.t.Helper()
	a.sh("ip link add l%d type veth peer name k%d netns %s", n, n, b.path())
	for i, r := range []room{a, b} {
		dev := fmt.Sprintf("%s%d", []string{"l", "k"}[i], n)
		r.sh("ip addr add 10.0.%d.%d/24 dev %s; ip addr add fd00:%x::%d/64 dev %s nodad; ip link set %s up", n, i+1, dev, n, i+1, dev, dev)
	}
}

const open = `ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
	net.ipv4.icmp_ratemask=0 net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=100000 net.ipv6.icmp.ratelimit=0`

// chain is the test's own namespace, routers and a host in a row, nobody limited
// in what he says. Hop n is 10.0.(n-1).2.
func chain(t *testing.T, routers int) (all []room, v4, v6 string) {
	t.Helper()
	testnet.Enter(t)
	testnet.Need(t, "ip")
	all = []room{{t: t}}
	all[0].sh(open)
	for n := range routers + 1 {
		all = append(all, newRoom(t))
		all[n+1].sh(open)
		join(all[n], all[n+1], n)
	}
	for n, r := range all {
		if n <= routers {
			r.sh("ip route add default via 10.0.%d.2; ip -6 route add default via fd00:%x::2", n, n)
		} else {
			r.sh("ip route add default via 10.0.%d.1; ip -6 route add default via fd00:%x::1", n-1, n-1)
		}
		if n > 1 && n <= routers {
			r.sh("ip route add 10.0.0.0/24 via 10.0.%d.1; ip -6 route add fd00:0::/64 via fd00:%x::1", n-1, n-1)
		}
	}
	return all, fmt.Sprintf("10.0.%d.2", routers), fmt.Sprintf("fd00:%x::2", routers)
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
func counting(t *testing.T) (count func() int) {
	t.Helper()
	here := room{t: t}
	testnet.Need(t, "nft")
	here.sh("nft add table inet count; nft 'add chain inet count out { type filter hook postrouting priority 0; }'; nft 'add rule inet count out oifname \"l0\" meta l4proto { icmp, ipv6-icmp, udp, udplite, tcp } ip ttl != 255 counter'")
	counter := regexp.MustCompile(`counter packets (\d+)`)
	last := 0
	return func() int {
		m := counter.FindStringSubmatch(here.sh("nft list table inet count"))
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

// path is a path by which ip(8) finds the room.
func (r room) path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(r.ns)) }
