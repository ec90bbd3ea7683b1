package tracepath_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vishvananda/netns"

	"github.com/sonde-net/sonde/internal/cli/tracepath"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// chain makes a router, and behind it a host on a link that takes 1,400 octets.
func chain(t *testing.T) {
	t.Helper()
	testnet.Enter(t)
	testnet.Need(t, "ip")
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	var path [2]string
	for i := range path {
		ns, err := netns.New()
		if err != nil {
			testnet.Missing(t, err.Error())
		}
		t.Cleanup(func() { _ = ns.Close() })
		path[i] = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(ns))
		if err := netns.Set(own); err != nil {
			t.Fatal(err)
		}
	}
	script := fmt.Sprintf(`A=%s; B=%s
ip link add l0 type veth peer name k0 netns $A; ip addr add 10.0.0.1/24 dev l0; ip link set l0 up
nsenter --net=$A sh -ec "ip link set lo up; ip addr add 10.0.0.2/24 dev k0; ip link set k0 up; sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
 ip link add l1 type veth peer name k1 netns $B; ip addr add 10.0.1.1/24 dev l1; ip link set l1 mtu 1400 up"
nsenter --net=$B sh -ec "ip link set lo up; ip addr add 10.0.1.2/24 dev k1; ip link set k1 mtu 1400 up; ip route add default via 10.0.1.1; sysctl -qw net.ipv4.icmp_ratelimit=0"
ip route add default via 10.0.0.2
ping -c1 -W5 10.0.1.2`, path[0], path[1])
	if out, status := testnet.Run(t, "sh", "-ec", script); status != 0 {
		t.Fatal(out)
	}
}

var (
	times  = regexp.MustCompile(` *\d+\.\d{3}ms `)
	spaces = regexp.MustCompile(` +`)
)

// plain is an output without times, and without the first hop's second line.
func plain(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		line = spaces.ReplaceAllString(times.ReplaceAllString(line, " "), " ")
		if len(out) == 0 || out[len(out)-1] != line {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// TestOriginal prints what the original prints, but for times.
func TestOriginal(t *testing.T) {
	conform.Row(t, "P-10")
	chain(t)
	testnet.Need(t, "tracepath")
	for _, args := range []string{"-n 10.0.1.2", "-b 10.0.1.2", "10.0.1.2", "-n -l 1300 10.0.1.2", "-n -m 1 10.0.1.2", "-nm2 -p 5000 10.0.1.2"} {
		testnet.Run(t, "ip", "route", "flush", "cache")
		want, status := testnet.Run(t, "tracepath", strings.Fields(args)...)
		testnet.Run(t, "ip", "route", "flush", "cache")
		var out, errs bytes.Buffer
		got := tracepath.Main(t.Context(), append([]string{"tracepath"}, strings.Fields(args)...), &out, &errs)
		if got != status || plain(out.String()) != plain(want) || errs.Len() > 0 {
			t.Errorf("%s: status %d\n%s%s\nthe original:\n%s", args, got, out.String(), errs.String(), want)
		}
	}
}

// TestMisused has the original's statuses and words.
func TestMisused(t *testing.T) {
	for _, x := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 255, "\nUsage\n  tracepath [options] <destination>\n"},
		{"-Z b", 255, "tracepath: invalid option -- 'Z'\n\nUsage\n"},
		{"-m", 255, "tracepath: option requires an argument -- 'm'\n"},
		{"-m 0 b", 255, "tracepath: invalid argument: '0': out of range: 1 <= value <= 255\n"},
		{"-p x b", 255, "tracepath: invalid argument: 'x': out of range: 1 <= value <= 65535\n"},
	} {
		var out, errs bytes.Buffer
		if status := tracepath.Main(t.Context(), append([]string{"tracepath"}, strings.Fields(x.args)...), &out, &errs); status != x.status || !strings.HasPrefix(errs.String(), x.want) {
			t.Errorf("%s: status %d\n%s", x.args, status, errs.String())
		}
	}
}
