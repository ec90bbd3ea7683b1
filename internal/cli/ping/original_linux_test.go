package ping_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestBesideOriginal runs the original and ours over the same routers: what is
// printed, the exit status and the packets on the wire are the same, but for the
// times.
func TestBesideOriginal(t *testing.T) {
	conform.Row(t, "P-07")
	c := newChain(t)
	testnet.Need(t, "ping")
	rejects := []string{"net-unreachable", "host-unreachable", "prot-unreachable", "port-unreachable", "net-prohibited", "host-prohibited", "admin-prohibited"}
	rejects6 := []string{"no-route", "admin-prohibited", "addr-unreachable", "port-unreachable"}
	c.r1.Sh("nft add table inet f; nft add chain inet f pass '{ type filter hook forward priority 0; }'; nft add rule inet f pass ip daddr 10.0.2.30 drop")
	var tests []string
	for i, r := range rejects {
		c.r1.Sh("nft add rule inet f pass ip daddr 10.0.2.%d reject with icmp type %s", 10+i, r)
		tests = append(tests, fmt.Sprintf("-c 2 -i .05 10.0.2.%d", 10+i))
	}
	for i, r := range rejects6 {
		c.r1.Sh("nft add rule inet f pass ip6 daddr fd00:2::%d reject with icmpv6 type %s", 10+i, r)
		tests = append(tests, fmt.Sprintf("-c 2 -i .05 fd00:2::%d", 10+i))
	}
	c.r1.Sh("ip route add unreachable 10.9.0.0/16; ip route add prohibit 10.8.0.0/16; ip route add blackhole 10.7.0.0/16")
	tests = append(tests,
		"-c 3 -i .05 10.0.2.2",
		"-c 3 -i .05 -n -q 10.0.2.2",
		"-c 2 -i .05 -t 1 10.0.2.2",
		"-c 2 -i .05 -t 2 10.0.2.2",
		"-c 2 -i .05 -t 3 10.0.2.2",
		"-c 2 -i .05 -D -t 1 10.0.2.2",
		"-c 2 -i .05 -q -t 1 10.0.2.2",
		"-c 2 -i .05 -t 1 -w 3 10.0.2.2", // an error ends it
		"-c 1 10.9.0.1",
		"-c 1 10.8.0.1",
		"-c 1 -W .2 10.7.0.1",
		"-c 2 -i .2 -s 1400 -M do 10.0.2.2",
		"-c 2 -i .2 -s 1600 -M do 10.0.2.2",
		"-c 2 -i .05 -s 1400 -M dont 10.0.2.2",
		"-c 2 -i .05 -s 4000 -M want 10.0.2.2",
		"-c 2 -i .05 -s 4000 -M dont 10.0.2.2",
		"-c 1 -s 65507 10.0.0.2",
		"-c 3 -i .05 -O -W .2 10.0.2.30",
		"-c 3 -i .05 -O -D -W .2 10.0.2.30",
		"-w 1 -i .3 10.0.2.2",
		"-w 30 -c 2 -i .05 10.0.2.2",
		"-w 1 -i .3 -q 10.0.2.30",
		"-w 1 -c 3 -i .3 10.0.2.30",
		"-l 5 -c 5 10.0.2.2",
		"-l 3 -c 6 -i .1 -q 10.0.2.2",
		"-i 0.01 -c 30 -q 10.0.2.2",
		"-c 2 -i .05 -p ff00ff 10.0.2.2",
		"-c 2 -i .05 -a 10.0.2.2",
		"-c 2 -i .05 -R 10.0.2.2",
		"-c 2 -i .05 -R 10.0.1.2",
		"-c 1 -T tsonly 10.0.1.2",
		"-c 1 -T tsandaddr 10.0.0.2",
		"-c 1 -T tsandaddr 10.0.2.2",
		"-c 1 -T tsprespec 10.0.0.2 10.0.1.2 10.0.2.2",
		"-c 2 -i .05 -I l0 10.0.2.2",
		"-c 2 -i .05 -I 10.0.0.1 10.0.2.2",
		"-c 1 -I 10.0.0.77 10.0.2.2",
		"-c 1 -I nothing 10.0.2.2",
		"-c 2 -i .05 -Q 0x28 10.0.2.2",
		"-c 2 -i .2 -b 10.0.0.255",
		"-c 1 10.0.0.255",
		"-c 1 -r 10.0.0.2",
		"-c 1 -m 7 10.0.2.2",
		"-c 3 -i .05 fd00:2::2",
		"-c 2 -i .05 -t 1 fd00:2::2",
		"-c 2 -i .05 -t 2 fd00:2::2",
		"-c 2 -i .2 -s 1400 -M do fd00:2::2",
		"-c 2 -i .05 -F 77 fd00:2::2",
		"-c 1 fd00:9::9",
		"-c 2 -i .05 -f fd00:2::2",
		"-c 4 -f 10.0.2.2",
		"-c 2 -f -i .05 -t 1 10.0.2.2",
		"-c 500 -f -q 10.0.2.2",
		"-c 20 -A -q 10.0.2.2",
		"-c 3 -f -W .2 10.0.2.30",
	)
	// A subtest would have a goroutine of its own, which is not in the namespace.
	for _, args := range tests {
		original, ours := c.both(t, strings.Fields(args)...)
		// How many were on their way at once depends on the times, but where they
		// leave at once.
		if !strings.HasPrefix(args, "-l 5") {
			original.out, ours.out = pipeless(original.out), pipeless(ours.out)
		}
		// So does in a flood which answers come before the next question.
		if strings.Contains(args, "-f ") {
			original.out, ours.out = unordered(original.out), unordered(ours.out)
		}
		// And how many leave before the time is over.
		if strings.HasPrefix(args, "-w 1 ") {
			if original.wire[0] == 0 || ours.wire[0] == 0 {
				t.Errorf("%s: %d packets, the original: %d", args, ours.wire[0], original.wire[0])
			}
			original.out, ours.out = countless(original.out), countless(ours.out)
			ours.wire = original.wire
		}
		if got, want := steady(ours.out), steady(original.out); got != want {
			t.Errorf("%s: prints\n%s\nthe original:\n%s", args, got, want)
		}
		if got, want := ours.errs, original.errs; got != want {
			t.Errorf("%s: complains\n%s\nthe original:\n%s", args, got, want)
		}
		if ours.status != original.status {
			t.Errorf("%s: status %d, the original: %d", args, ours.status, original.status)
		}
		if ours.wire != original.wire {
			t.Errorf("%s: %d packets with %d octets, the original: %d, %d", args, ours.wire[0], ours.wire[1], original.wire[0], original.wire[1])
		}
	}
}

// TestUnlikeOriginal is what ours does otherwise on purpose: docs/differences.md
// says why.
func TestUnlikeOriginal(t *testing.T) {
	c := newChain(t)
	c.here.Sh("nft add table inet f; nft add chain inet f out '{ type filter hook output priority 0; }'; nft add rule inet f out ip daddr 10.0.2.40 drop")
	c.r1.Sh("nft add table inet f; nft add chain inet f pass '{ type filter hook forward priority 0; }'; " +
		"nft add rule inet f pass ip6 daddr fd00:2::14 reject with icmpv6 type policy-fail; " +
		"nft add rule inet f pass ip6 daddr fd00:2::15 reject with icmpv6 type reject-route")
	// Half of each datagram is lost, and what has come is given up soon.
	c.far.Sh("sysctl -qw net.ipv4.ipfrag_time=1; nft add table inet f; nft add chain inet f in '{ type filter hook prerouting priority -450; }'; " +
		"nft add rule inet f in ip frag-off '&' 0x2000 == 0 ip frag-off '&' 0x1fff != 0 drop")
	for _, tt := range []struct {
		args, out, errs string
		status          int
	}{
		{"-c 2 -i .05 -W .2 10.0.2.40", "2 packets transmitted, 0 received, 100% packet loss", "ping: sendmsg: Operation not permitted\nping: sendmsg: Operation not permitted\n", 1},
		{"-c 1 -r 10.0.2.2", "", "ping: connect: Network is unreachable\n", 2},
		{"-c 1 fd00:2::14", "Destination unreachable: Source address failed ingress/egress policy\n", "", 1},
		{"-c 1 fd00:2::15", "Destination unreachable: Reject route to destination\n", "", 1},
		{"-c 1 ::ffff:10.0.2.2", "PING ::ffff:10.0.2.2 (10.0.2.2) 56(84) bytes of data.\n64 bytes from 10.0.2.2: icmp_seq=1 ttl=62 time=", "", 0},
		{"-c 1 ::", "PING ::(::1) 56 data bytes\n64 bytes from ::1: icmp_seq=1 ttl=64 time=", "", 0},
		{"-c 1 -s 0 10.0.1.2", "8 bytes from 10.0.1.2: icmp_seq=1 ttl=63 time=", "", 0},
		{"-c 1 -s 4000 -M dont -W 5 10.0.2.2", "From 10.0.2.2 icmp_seq=1 Frag reassembly time exceeded\n", "", 1},
	} {
		o := finish(t, command(t, true, strings.Fields(tt.args)...))
		if !strings.Contains(o.out, tt.out) || o.errs != tt.errs || o.status != tt.status {
			t.Errorf("%s: status %d\n%s%s", tt.args, o.status, o.out, o.errs)
		}
	}
}

// timeless has no numbers among the stamps of gateways.
func timeless(s string) string {
	_, stamps, found := strings.Cut(s, "TS: ")
	if !found {
		return s
	}
	return "TS: " + regexp.MustCompile(`(?m)(\t|^)-?\d+( absolute)?$`).ReplaceAllString(stamps, "${1}N$2")
}

// pipeless is the statistics without how many were on their way at once.
func pipeless(s string) string {
	before, behind, found := strings.Cut(s, ", pipe ")
	if !found {
		return s
	}
	return before + strings.TrimLeft(behind, "0123456789")
}

// unordered has the marks of a flood sorted.
func unordered(s string) string {
	title, marks, _ := strings.Cut(s, "\n")
	marks, rest, _ := strings.Cut(marks, "\n")
	sorted := []byte(marks)
	slices.Sort(sorted)
	return title + "\n" + string(sorted) + "\n" + rest
}

// countless has no numbers of packets, and one line for them all.
func countless(s string) string {
	return strings.Join(slices.Compact(strings.Split(numberless(s), "\n")), "\n")
}

// TestSignals: SIGQUIT has the state printed, SIGINT ends it with the statistics.
func TestSignals(t *testing.T) {
	c := newChain(t)
	testnet.Need(t, "ping")
	for _, args := range []string{"-i .3 10.0.2.2", "-i .3 -q 10.0.2.2", "-i .3 10.0.2.3", "-i .3 -n -f fd00:2::2"} {
		var both [2]outcome
		for i := range both {
			both[i] = c.interrupted(t, command(t, i == 1, strings.Fields(args)...))
		}
		original, ours := both[0], both[1]
		if ours.status != original.status || ours.status > 1 {
			t.Errorf("%s: status %d, the original: %d", args, ours.status, original.status)
		}
		if !strings.HasPrefix(ours.errs, "\r") || numberless(ours.errs) != numberless(original.errs) {
			t.Errorf("%s: SIGQUIT: %q, the original: %q", args, ours.errs, original.errs)
		}
		if steady(lastLines(ours.out)) != steady(lastLines(original.out)) {
			t.Errorf("%s: SIGINT:\n%s\nthe original:\n%s", args, ours.out, original.out)
		}
	}
}

func numberless(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// lastLines is the title of the statistics and what comes after the numbers of
// packets.
func lastLines(s string) string {
	_, s, _ = strings.Cut(pipeless(s), "\n---")
	lines := strings.Split(s, "\n")
	if len(lines) > 1 {
		lines[1] = numberless(lines[1])
	}
	return strings.Join(lines, "\n")
}

// TestUnprivileged: with the group range open it works for anybody, closed the
// ways out are named, with exit status 2.
func TestUnprivileged(t *testing.T) {
	conform.Row(t, "P-06")
	newChain(t)
	own, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	as65534 := func(args string) outcome {
		cmd := command(t, true, strings.Fields(args)...)
		// Not by its path, which this user may not follow.
		cmd.Path, cmd.ExtraFiles = "/proc/self/fd/3", []*os.File{own}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		return finish(t, cmd)
	}
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	for args, want := range map[string]string{
		"-c 2 -i .1 10.0.2.2":         "2 packets transmitted, 2 received, 0% packet loss",
		"-c 2 -i .1 fd00:2::2":        "2 packets transmitted, 2 received, 0% packet loss",
		"-c 1 -t 1 10.0.2.2":          "From 10.0.0.2 icmp_seq=1 Time to live exceeded",
		"-c 1 -t 1 fd00:2::2":         "From fd00:0::2 icmp_seq=1 Time exceeded: Hop limit",
		"-c 2 -i .1 -s 2000 10.0.2.2": "2 packets transmitted, 2 received, 0% packet loss",
		// The kernel writes this host down, once.
		"-c 1 -R 10.0.0.2":           "RR: \t10.0.0.1\n\t10.0.0.2\n\t10.0.0.2\n\t10.0.0.1\n",
		"-c 1 -T tsandaddr 10.0.0.2": "TS: \t10.0.0.1\tN absolute\n\t10.0.0.2\tN\n\t10.0.0.2\tN\n\t10.0.0.1\tN\n",
		"-c 1 -W 60 fe80::99%l0":     "%l0 icmp_seq=1 Destination unreachable: Address unreachable\n",
	} {
		o := as65534(args)
		want = strings.ReplaceAll(want, "fd00:0::2", "fd00::2")
		if !strings.Contains(timeless(o.out), want) || o.errs != "" {
			t.Errorf("%s: status %d\n%s%s", args, o.status, o.out, o.errs)
		}
	}
	for args, want := range map[string]string{
		"-i .001 10.0.2.2": "ping: cannot flood; minimal interval allowed for user is 2ms\n",
		"-f 10.0.2.2":      "ping: cannot flood; minimal interval allowed for user is 2ms\n",
		"-l 4 10.0.2.2":    "ping: cannot set preload to value greater than 3: 4\n",
		// What opens the sockets does not help here.
		"-m 7 -c 1 10.0.2.2": "ping: marks: missing CAP_NET_ADMIN: either sudo setcap cap_net_admin+ep PROGRAM, or run it with sudo\n",
	} {
		o := as65534(args)
		if path, err := os.Executable(); err == nil {
			o.errs = strings.ReplaceAll(o.errs, path, "PROGRAM")
		}
		if o.errs != want || o.status != 2 {
			t.Errorf("%s: status %d, %q", args, o.status, o.errs)
		}
	}
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "1 0")
	o := as65534("-c 1 10.0.2.2")
	for _, want := range []string{"ping: ", "CAP_NET_RAW", "setcap", "net.ipv4.ping_group_range", "sudo"} {
		if !strings.Contains(o.errs, want) {
			t.Errorf("no %q in %q", want, o.errs)
		}
	}
	if o.status != 2 || o.out != "" || strings.Count(o.errs, "\n") != 1 {
		t.Errorf("status %d, %q, %q", o.status, o.out, o.errs)
	}
}
