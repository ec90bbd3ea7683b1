package ping_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/testnet"
)

// chain is the test's own namespace, two routers and a host in a row, none of which
// limits what it says. The last link has an MTU of 1280.
//
//	here 10.0.0.1 - .2 r1 10.0.1.1 - .2 r2 10.0.2.1 - .2 far
type chain struct {
	here, r1, r2, far *testnet.Room
	seen              [2]int // packets and octets at r1
}

func newChain(t *testing.T) *chain {
	t.Helper()
	testnet.Need(t, "nft")
	all := testnet.Chain(t, 2)
	c := &chain{here: all[0], r1: all[1], r2: all[2], far: all[3]}
	for _, r := range all[1:] {
		r.Unlimited()
	}
	c.r2.Sh("ip link set l2 mtu 1280")
	c.far.Sh("ip link set k2 mtu 1280")
	for _, r := range []*testnet.Room{c.r1, c.far} {
		r.Sysctl("net/ipv4/icmp_echo_ignore_broadcasts", "0")
	}
	c.r1.Sh("nft add table inet count; nft add chain inet count in '{ type filter hook prerouting priority -300; }'; " +
		"nft add rule inet count in iifname k0 icmp type echo-request counter; nft add rule inet count in iifname k0 icmpv6 type echo-request counter")
	return c
}

var counted = regexp.MustCompile(`counter packets (\d+) bytes (\d+)`)

// wire returns how many echo requests, and octets of them, have passed the first
// router since it was asked last.
func (c *chain) wire() (passed [2]int) {
	var all [2]int
	for _, m := range counted.FindAllStringSubmatch(c.r1.Sh("nft list table inet count"), -1) {
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
	name := "ping"
	if ours {
		own, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		name = own
	}
	cmd := testnet.Command(t, name, args...)
	if ours {
		cmd.Env = append(cmd.Env, as+"=ping")
	}
	return cmd
}

func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("%v does not start", cmd)
	}
	return outcome{out: out.String(), errs: errs.String(), status: cmd.ProcessState.ExitCode()}
}

// interrupted runs a command that is told by SIGQUIT to print its state, when it
// has sent two packets, and by SIGINT to end, when it has printed it.
func (c *chain) interrupted(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout = &out
	pipe, err := cmd.StderrPipe()
	c.wire()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for begin, sent := time.Now(), 0; sent < 2; sent += c.wire()[0] {
		if time.Since(begin) > time.Minute {
			t.Fatalf("%v: %d packets", cmd, sent)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	state, err := bufio.NewReader(io.TeeReader(pipe, &errs)).ReadString('\n')
	if err != nil {
		t.Fatalf("%q, %v", state, err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(&errs, pipe); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return outcome{out: out.String(), errs: errs.String(), status: cmd.ProcessState.ExitCode()}
}

// both runs the original and ours with the same arguments.
func (c *chain) both(t *testing.T, args ...string) (original, ours outcome) {
	t.Helper()
	for i, o := range []*outcome{&original, &ours} {
		c.here.Sh("ip route flush cache; ip -6 route flush cache")
		c.wire()
		*o = finish(t, command(t, i == 1, args...))
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
