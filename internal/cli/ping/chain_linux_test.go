package ping_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/testnet"
)

// room is a namespace beside the test's own.
type room struct {
	t   *testing.T
	pid string
}

// newRoom makes a namespace that lives as long as the test.
func newRoom(t *testing.T) room {
	t.Helper()
	cmd := exec.Command(testnet.Need(t, "unshare"), "--net", "sleep", "3600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r := room{t, strconv.Itoa(cmd.Process.Pid)}
	// The namespace is there when it is another than this one's.
	own, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if other, err := os.Readlink("/proc/" + r.pid + "/ns/net"); err == nil && other != own {
			r.sh("ip link set lo up")
			return r
		}
	}
	t.Fatal("no namespace")
	return r
}

// sh runs shell commands in the room, or in the test's own for the zero one.
func (r room) sh(script string) string {
	r.t.Helper()
	args := []string{"sh", "-ec", script}
	if r.pid != "" {
		args = append([]string{"nsenter", "-t", r.pid, "-n"}, args...)
	}
	out, status := testnet.Run(r.t, args[0], args[1:]...)
	if status != 0 {
		r.t.Fatalf("%s: status %d\n%s", script, status, out)
	}
	return out
}

// chain is the test's own namespace, two routers and a host in a row. The last
// link has an MTU of 1280.
//
//	here 10.0.0.1 - .2 r1 10.0.1.1 - .2 r2 10.0.2.1 - .2 far
type chain struct {
	here, r1, r2, far room
	seen              [2]int // packets and octets at r1
}

const family = "fd00:%d::%d"

func newChain(t *testing.T) *chain {
	t.Helper()
	testnet.Enter(t)
	testnet.Need(t, "nft")
	c := &chain{here: room{t: t}, r1: newRoom(t), r2: newRoom(t), far: newRoom(t)}
	all := []room{c.here, c.r1, c.r2, c.far}
	for i, a := range all[:3] {
		b := all[i+1]
		where := func(r room) string {
			if r.pid == "" {
				return ""
			}
			return "netns " + r.pid
		}
		c.here.sh(fmt.Sprintf("ip link add l%d %s type veth peer name k%d %s", i, where(a), i, where(b)))
		for end, r := range map[string]room{"l": a, "k": b} {
			n := map[string]int{"l": 1, "k": 2}[end]
			r.sh(fmt.Sprintf("ip addr add 10.0.%d.%d/24 brd + dev %s%d; ip -6 addr add "+family+"/64 dev %s%d nodad; ip link set %s%d up",
				i, n, end, i, i, n, end, i, end, i))
		}
	}
	c.r2.sh("ip link set l2 mtu 1280")
	c.far.sh("ip link set k2 mtu 1280")
	for _, r := range []room{c.r1, c.r2} {
		r.sh(`sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0`)
	}
	c.far.sh("sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_echo_ignore_broadcasts=0")
	c.r1.sh("sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0")
	c.here.sh("ip route add default via 10.0.0.2; ip -6 route add default via fd00:0::2")
	c.r1.sh("ip route add 10.0.2.0/24 via 10.0.1.2; ip -6 route add fd00:2::/64 via fd00:1::2")
	c.r2.sh("ip route add 10.0.0.0/24 via 10.0.1.1; ip -6 route add fd00:0::/64 via fd00:1::1")
	c.far.sh("ip route add default via 10.0.2.1; ip -6 route add default via fd00:2::1")
	c.r1.sh("nft add table inet count; nft add chain inet count in '{ type filter hook prerouting priority -300; }'; " +
		"nft add rule inet count in iifname k0 icmp type echo-request counter; nft add rule inet count in iifname k0 icmpv6 type echo-request counter")
	return c
}

var counted = regexp.MustCompile(`counter packets (\d+) bytes (\d+)`)

// wire returns how many echo requests, and octets of them, have passed the first
// router since it was asked last.
func (c *chain) wire() (passed [2]int) {
	var all [2]int
	for _, m := range counted.FindAllStringSubmatch(c.r1.sh("nft list table inet count"), -1) {
		for i := range all {
			n, _ := strconv.Atoi(m[i+1])
			all[i] += n
		}
	}
	for i := range all {
		passed[i] = all[i] - c.seen[i]
	}
	c.seen = all
	return passed
}

// outcome is what a run of a program has done.
type outcome struct {
	out, errs string
	status    int
	wire      [2]int
}

// command is a program in the namespace of the test: ours by its name, called as
// ping, or another.
func command(t *testing.T, ours bool, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	name := "ping"
	if ours {
		own, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		name = own
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if ours {
		cmd.Env = append(cmd.Env, as+"=ping")
	}
	return cmd
}

func finish(t *testing.T, cmd *exec.Cmd, during func(p *os.Process)) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if during != nil {
		during(cmd.Process)
	}
	err := cmd.Wait()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	return outcome{out: out.String(), errs: errs.String(), status: cmd.ProcessState.ExitCode()}
}

// both runs the original and ours with the same arguments.
func (c *chain) both(t *testing.T, args ...string) (original, ours outcome) {
	t.Helper()
	for i, o := range []*outcome{&original, &ours} {
		c.here.sh("ip route flush cache; ip -6 route flush cache")
		c.wire()
		*o = finish(t, command(t, i == 1, args...), nil)
		o.wire = c.wire()
	}
	return original, ours
}

// varying is what differs from run to run.
var varying = []struct {
	re *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`time=[\d.]+ ms`), "time=T ms"},
	{regexp.MustCompile(`, time \d+ms`), ", time Tms"},
	{regexp.MustCompile(`mdev = [\d./]+ ms`), "mdev = T ms"},
	{regexp.MustCompile(`ipg/ewma [\d./]+ ms`), "ipg/ewma T ms"},
	{regexp.MustCompile(`\[\d+\.\d{6}\]`), "[T]"},
	{regexp.MustCompile(`\t-?\d+( absolute)?\n`), "\tT\n"},
}

func steady(s string) string {
	for _, v := range varying {
		s = v.re.ReplaceAllString(s, v.by)
	}
	return s
}

// interrupt sends a signal when the output has begun and some time has passed.
func interrupt(t *testing.T, after time.Duration, signals ...syscall.Signal) func(*os.Process) {
	return func(p *os.Process) {
		for _, s := range signals {
			<-time.After(after)
			if err := p.Signal(s); err != nil {
				t.Error(err)
			}
		}
	}
}
