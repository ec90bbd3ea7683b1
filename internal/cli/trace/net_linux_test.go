package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestChain traces twelve routers by each method, in both families, beside the
// original.
func TestChain(t *testing.T) {
	conform.Row(t, "P-08")
	_, v4, v6 := chain(t, 12)
	p := beside(t)
	for _, method := range []string{"", "-I", "-T", "-U", "-UL"} {
		for _, dst := range []string{v4, v6} {
			args := append(strings.Fields(method), "-n", "-w", "5", dst)
			if method == "-T" { // our SYN has other options
				p.lines(args...)
				continue
			}
			out := p.same(args...)
			if n := strings.Count(out, "T ms"); n != 39 {
				t.Errorf("%v: %d times\n%s", args, n, out)
			}
		}
	}
	p.lines("-n", "-w", "5", "-T", "-O", "info", v4)
	p.same("-n", "-w", "5", "-f", "4", "-m", "9", v4)
	p.same("-n", "-w", "5", "-q", "1", "-p", "2000", v4, "400")
	p.same("-n", "-w", "5", "-q", "10", "-N", "30", "-t", "16", v4)
	p.same("-n", "-w", "5", "--back", "-e", "-I", v6, "1000")
	p.same("-n", "-w", "5", "-s", "10.0.0.1", "-i", "l0", v4)
	p.same("-n", "-w", "5", "--sport=4444", v4)
	p.same("-n", "-w", "5", "-U", "-z", "20", v4) // milliseconds are from 10 on
}

// lines compares all but the first line.
func (p pair) lines(args ...string) {
	p.t.Helper()
	want, status := testnet.Run(p.t, "traceroute", args...)
	got, ours := testnet.Run(p.t, p.ours, args...)
	if tail(plain(got)) != tail(plain(want)) || ours != status {
		p.t.Errorf("traceroute %s: status %d, and not %d\n%s\nthe original:\n%s", strings.Join(args, " "), ours, status, got, want)
	}
}

func tail(s string) string {
	_, rest, _ := strings.Cut(s, "\n")
	return rest
}

// TestWire counts what is on the wire.
func TestWire(t *testing.T) {
	all, v4, _ := chain(t, 5)
	p := beside(t)
	count := counting(t, all[0])
	for _, method := range []string{"", "-I", "-T", "-U", "-UL"} {
		args := append(strings.Fields(method), "-n", "-N", "1", "-w", "5", v4)
		testnet.Run(t, "traceroute", args...)
		want := count()
		testnet.Run(t, p.ours, args...)
		if got := count(); got != want || want < 18 {
			t.Errorf("%v: %d packets, and not %d", args, got, want)
		}
	}
	// With many at a time, no more than are under way go beyond the destination.
	testnet.Run(t, p.ours, "-n", "-w", "5", v4)
	if n := count(); n < 18 || n > 18+16 {
		t.Errorf("%d packets", n)
	}
}

// TestRejected: what a router says that refuses is written as the original does.
func TestRejected(t *testing.T) {
	all, v4, v6 := chain(t, 5)
	p := beside(t)
	testnet.Need(t, "nft")
	router := all[3]
	router.Sh("nft add table inet no; nft 'add chain inet no on { type filter hook forward priority 0; }'")
	for _, x := range []struct{ what, dst, mark string }{
		{"icmp type net-unreachable", v4, "!N"},
		{"icmp type host-unreachable", v4, "!H"},
		{"icmp type prot-unreachable", v4, "!P"},
		{"icmp type port-unreachable", v4, ""},
		{"icmp type net-prohibited", v4, "!X"},
		{"icmp type host-prohibited", v4, "!X"},
		{"icmp type admin-prohibited", v4, "!X"},
		{"icmpv6 type no-route", v6, "!N"},
		{"icmpv6 type admin-prohibited", v6, "!X"},
		{"icmpv6 type addr-unreachable", v6, "!H"},
		{"icmpv6 type port-unreachable", v6, ""},
	} {
		family := "ip daddr 10.0.5.2"
		if x.dst == v6 {
			family = "ip6 daddr fd00:5::2"
		}
		router.Sh("nft flush chain inet no on; nft 'add rule inet no on %s reject with %s'", family, x.what)
		for _, method := range []string{"", "-I", "-U", "-UL"} {
			out := p.same(append(strings.Fields(method), "-n", "-w", "5", x.dst)...)
			want := strings.Repeat("  T ms "+x.mark, 3)
			if x.mark == "" {
				want = strings.Repeat("  T ms", 3)
			}
			if !strings.HasSuffix(strings.TrimSpace(out), strings.TrimSpace(want)) || !strings.Contains(out, "\n 4 ") || strings.Contains(out, "\n 5 ") {
				t.Errorf("%s: %s", x.what, out)
			}
		}
	}
	router.Sh("nft flush chain inet no on; nft 'add rule inet no on tcp dport 80 reject with tcp reset'")
	p.lines("-T", "-n", "-w", "5", v4)
	router.Sh("nft flush chain inet no on; nft add rule inet no on drop")
	p.same("-n", "-w", "0.5", "-m", "7", v4)
}

// TestSilent: a router that says nothing costs little, and one that says little
// not much more.
func TestSilent(t *testing.T) {
	all, v4, v6 := chain(t, 5)
	p := beside(t)
	all[3].Sh("nft add table inet no; nft 'add chain inet no out { type filter hook output priority 0; }'; nft add rule inet no out icmp type time-exceeded drop; nft add rule inet no out icmpv6 type time-exceeded drop")
	for _, dst := range []string{v4, v6} {
		out := p.same("-n", "-w", "1", dst)
		if !strings.Contains(out, "\n 3  * * *\n 4 ") {
			t.Error(out)
		}
		// By the factors.
		out, _ = testnet.Run(t, p.ours, "-n", dst)
		if !strings.Contains(out, "\n 3  * * *\n 4 ") {
			t.Error(out)
		}
	}
}

// TestMTUSteps: where links take less, beside the original.
func TestMTUSteps(t *testing.T) {
	conform.Row(t, "P-10")
	all, v4, v6 := chain(t, 6)
	for _, x := range []struct{ link, mtu int }{{2, 1450}, {5, 1380}} {
		all[x.link].Sh("ip link set l%d mtu %d", x.link, x.mtu)
		all[x.link+1].Sh("ip link set k%d mtu %d", x.link, x.mtu)
	}
	p := beside(t)
	for _, method := range []string{"", "-I", "-U"} {
		for _, dst := range []string{v4, v6} {
			args := append(strings.Fields(method), "-n", "-w", "5", "--mtu", dst)
			all[0].Sh("ip route flush cache; ip -6 route flush cache")
			want, _ := testnet.Run(t, "traceroute", args...)
			all[0].Sh("ip route flush cache; ip -6 route flush cache")
			got, status := testnet.Run(t, p.ours, args...)
			if plain(got) != plain(want) || status != 0 {
				t.Errorf("%v:\n%s\nthe original:\n%s", args, got, want)
			}
			for hop, mtu := range map[int]string{1: "F=1500", 3: "F=1450", 6: "F=1380"} {
				if !regexp.MustCompile(fmt.Sprintf(`(?m)^ %d .*T ms %s`, hop, mtu)).MatchString(plain(got)) {
					t.Errorf("%v: hop %d has no %s\n%s", args, hop, mtu, got)
				}
			}
		}
	}
	all[0].Sh("ip route flush cache; ip -6 route flush cache")
	out, _ := testnet.Run(t, p.ours, "-n", "-w", "5", "-F", v4, "1400")
	if !strings.HasSuffix(plain(out), "\n 6  10.0.4.2  T ms !F-1380  T ms !F-1380  T ms !F-1380\n") {
		t.Error(out)
	}
	// Too long for the first link already.
	all[0].Sh("ip route flush cache")
	out, status := testnet.Run(t, p.ours, "-n", "-F", v4, "1600")
	if !strings.Contains(out, "\n 1  * !F-1500 * !F-1500 * !F-1500\n") || status != 0 {
		t.Error(status, out)
	}
}

// TestDiamond: two equal ways. One flow takes one of them; a flow for each probe
// takes both.
func TestDiamond(t *testing.T) {
	conform.Row(t, "P-09")
	here := testnet.Enter(t)
	r1, up, down, r2, far := testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t), testnet.NewRoom(t)
	for _, r := range []*testnet.Room{here, r1, up, down, r2, far} {
		open(r)
	}
	testnet.Join(here, r1, 0)
	testnet.Join(r1, up, 1)
	testnet.Join(r1, down, 2)
	testnet.Join(up, r2, 3)
	testnet.Join(down, r2, 4)
	testnet.Join(r2, far, 5)
	here.Sh("ip route add default via 10.0.0.2")
	r1.Sh("sysctl -qw net.ipv4.fib_multipath_hash_policy=1; ip route add 10.0.5.0/24 nexthop via 10.0.1.2 nexthop via 10.0.2.2")
	up.Sh("ip route add 10.0.5.0/24 via 10.0.3.2; ip route add default via 10.0.1.1")
	down.Sh("ip route add 10.0.5.0/24 via 10.0.4.2; ip route add default via 10.0.2.1")
	r2.Sh("ip route add 10.0.0.0/24 via 10.0.3.1; ip route add default via 10.0.4.1")
	far.Sh("ip route add default via 10.0.5.1")
	sonde := binary(t, "sonde")
	ways := regexp.MustCompile(`10\.0\.[12]\.2`)
	for _, method := range []string{"", "-U", "-T"} {
		seen := map[string]bool{}
		for range 20 {
			out, status := testnet.Run(t, sonde, append(strings.Fields("trace "+method), "-n", "-w", "5", "-q", "10", "10.0.5.2")...)
			way := ways.FindAllString(out, -1)
			if len(way) != 1 || status != 0 {
				t.Fatalf("%s: %v\n%s", method, way, out)
			}
			seen[way[0]] = true
		}
		if len(seen) != 2 {
			t.Errorf("%s: twenty traces, and one way", method)
		}
		// Ten probes go one way in five hundred traces once.
		classic := map[string]bool{}
		for range 4 {
			out, _ := testnet.Run(t, sonde, append(strings.Fields("trace "+method), "--classic", "-n", "-w", "5", "-q", "10", "10.0.5.2")...)
			for _, way := range ways.FindAllString(out, -1) {
				classic[way] = true
			}
		}
		if len(classic) != 2 {
			t.Errorf("classic %s: %v", method, classic)
		}
	}
}

// TestNobody: hosts that are not there, ways that are not, names that are not.
func TestNobody(t *testing.T) {
	all, v4, _ := chain(t, 2)
	p := beside(t)
	p.same("-n", "-q", "2", "10.0.0.77")
	// A router says so when its neighbour has not answered for three seconds.
	for _, dst := range []string{"10.0.2.77", "fd00:2::77"} {
		if out := p.same("-n", "-w", "10,3,10", dst); strings.Count(out, " !H") != 3 {
			t.Error(out)
		}
	}
	for _, x := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-i", "nosuch", v4}, 1, "setsockopt SO_BINDTODEVICE: No such device\n"},
		{[]string{"-s", "192.0.2.9", v4}, 1, "bind: Cannot assign requested address\n"},
		{[]string{"-s", "::1", v4}, 2, "IP version mismatch in addresses specified\n"},
	} {
		if out, status := testnet.Run(t, p.ours, x.args...); out != x.want || status != x.status {
			t.Errorf("%v: status %d\n%q", x.args, status, out)
		}
	}
	all[0].Sh("ip route del default")
	out, status := testnet.Run(t, p.ours, "192.0.2.1")
	if status != 1 || !strings.Contains(out, "connect: Network is unreachable\n") {
		t.Error(status, out)
	}
	p.same("-n", "127.0.0.1")
	p.same("-n", "::1")
	p.same("-n", "-I", "::1", "100")
}

// TestUnprivileged: without privileges UDP works by the error queue, echo where
// the system lets it, and TCP is refused with what to do.
func TestUnprivileged(t *testing.T) {
	conform.Row(t, "P-06")
	all, v4, v6 := chain(t, 4)
	ours := binary(t, "traceroute")
	for _, dst := range []string{v4, v6} {
		want, _ := testnet.Run(t, ours, "-n", "-w", "5", dst)
		got, status := runAs(t, ours, "-n", "-w", "5", dst)
		if plain(got) != plain(want) || status != 0 {
			t.Errorf("%s: status %d\n%s\nprivileged:\n%s", dst, status, got, want)
		}
	}
	got, status := runAs(t, ours, "-n", "-T", v4)
	if status != 1 || !strings.HasPrefix(got, "You do not have enough privileges to use this traceroute method.\n") || !strings.Contains(got, "setcap") {
		t.Error(status, got)
	}
	all[0].Sh("sysctl -qw net.ipv4.ping_group_range='1 0'")
	got, status = runAs(t, ours, "-n", "-I", v4)
	if status != 1 || !strings.Contains(got, "ping_group_range") {
		t.Error(status, got)
	}
	all[0].Sh("sysctl -qw net.ipv4.ping_group_range='0 2147483647'")
	for _, dst := range []string{v4, v6} {
		want, _ := testnet.Run(t, ours, "-n", "-w", "5", "-I", dst)
		got, status = runAs(t, ours, "-n", "-w", "5", "-I", dst)
		if plain(got) != plain(want) || status != 0 {
			t.Errorf("%s: status %d\n%s\nprivileged:\n%s", dst, status, got, want)
		}
	}
}

// alone is the variable that makes this program run one test, which gives up what
// the others need.
const alone = "SONDE_TEST_ALONE"

// TestInterruptedLookup: whoever is interrupted while he looks the host up says
// nothing of the host.
func TestInterruptedLookup(t *testing.T) {
	if os.Getenv(alone) == "" {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestInterruptedLookup$")
		c.Env = append(os.Environ(), alone+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("nobody is asked")
	}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	status := cli.Run(ctx, []string{"traceroute", "nobody.example"}, cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &errs})
	if status != 130 || out.Len() > 0 || errs.Len() > 0 {
		t.Errorf("status %d, %q, %q", status, out.String(), errs.String())
	}
}
