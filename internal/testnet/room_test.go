//go:build linux

package testnet_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/testnet"
)

// TestRoom: each room is a namespace of its own, and the test stays in its own.
func TestRoom(t *testing.T) {
	here := testnet.Enter(t)
	a, b := testnet.NewRoom(t), testnet.NewRoom(t)
	own, seen := namespace(t), map[string]bool{}
	for _, r := range []*testnet.Room{here, a, b} {
		inside := strings.TrimSpace(r.Sh("readlink /proc/self/ns/net"))
		var moved string
		r.Do(func() { moved = namespace(t) })
		if seen[inside] || (inside == own) != (r == here) || moved != inside {
			t.Errorf("a command is in %s, a function in %s, the test in %s", inside, moved, own)
		}
		seen[inside] = true
		if out := r.Sh("ip -o link"); strings.Count(out, "\n") != 1 || !strings.Contains(out, "lo: <LOOPBACK,UP,") {
			t.Error(out)
		}
		if by, _ := testnet.Run(t, "nsenter", "--net="+r.Path(), "readlink", "/proc/self/ns/net"); strings.TrimSpace(by) != inside {
			t.Errorf("%s by its path, and it is %s", by, inside)
		}
		if now := namespace(t); now != own {
			t.Fatalf("in %s, and was in %s", now, own)
		}
	}
	a.Sysctl("net/ipv4/ip_default_ttl", "77")
	if got := a.Sh("%s /proc/sys/net/ipv4/ip_default_ttl", "cat") + b.Sh("cat /proc/sys/net/ipv4/ip_default_ttl"); got != "77\n64\n" {
		t.Errorf("%q", got)
	}
	if out, status := b.Run("sh", "-c", "echo $LC_ALL; exit 3"); out != "C\n" || status != 3 {
		t.Errorf("%q, %d", out, status)
	}
}

// TestChain: what is sent at once arrives, in both families, through every router,
// and errors come back.
func TestChain(t *testing.T) {
	all := testnet.Chain(t, 3)
	testnet.Need(t, "ping")
	if len(all) != 5 {
		t.Fatalf("%d rooms", len(all))
	}
	for _, r := range all {
		r.Unlimited()
	}
	for _, x := range []struct {
		from       *testnet.Room
		args, want string
	}{
		{all[0], "-c 1 -W 20 10.0.3.2", " ttl=61 "},
		{all[0], "-c 1 -W 20 fd00:3::2", " ttl=61 "},
		{all[4], "-c 1 -W 20 10.0.0.1", " ttl=61 "},
		{all[4], "-c 1 -W 20 fd00::1", " ttl=61 "},
		{all[0], "-c 1 -W 20 -t 2 10.0.3.2", "From 10.0.1.2 icmp_seq=1 Time to live exceeded"},
		{all[0], "-c 1 -W 20 -t 3 fd00:3::2", "From fd00:2::2 icmp_seq=1 Time exceeded: Hop limit"},
		{all[0], "-c 1 -W 20 192.0.2.1", "From 10.0.0.2 icmp_seq=1 Destination Net Unreachable"},
		{all[2], "-c 1 -W 20 10.0.3.2", " ttl=63 "},
		// Many errors, none held back.
		{all[0], "-q -i 0.001 -c 60 -t 1 10.0.3.2", "60 packets transmitted, 0 received, +60 errors"},
		{all[0], "-q -i 0.001 -c 60 -t 1 fd00:3::2", "60 packets transmitted, 0 received, +60 errors"},
	} {
		if out, _ := x.from.Run("ping", strings.Fields(x.args)...); !strings.Contains(out, x.want) {
			t.Errorf("ping %s: no %q in\n%s", x.args, x.want, out)
		}
	}
	for i, want := range []string{"l0", "k0 l1", "k1 l2", "k2 l3", "k3"} {
		if got := strings.Join(strings.Fields(all[i].Sh("ip -o link | grep -o '[lk][0-9]@' | tr -d @")), " "); got != want {
			t.Errorf("room %d has %s, want %s", i, got, want)
		}
	}
}

// TestJoin: the last number that there is.
func TestJoin(t *testing.T) {
	here := testnet.Enter(t)
	testnet.Join(here, testnet.NewRoom(t), 255)
	for _, dst := range []string{"10.0.255.2", "fd00:ff::2"} {
		if out, status := testnet.Run(t, "ping", "-c", "1", "-w", "60", dst); status != 0 {
			t.Error(out)
		}
	}
}

// killed is set where this program is to start a command and wait.
const killed = "SONDE_TEST_KILLED"

// TestKilled: what a test has started is not left behind when the test is killed.
func TestKilled(t *testing.T) {
	if os.Getenv(killed) != "" {
		testnet.Enter(t)
		c := testnet.Command(t, "sh", "-c", "echo here; exec sleep 3600")
		c.Stdout = os.Stdout
		fmt.Fprintln(os.Stdout, c.Run())
		return
	}
	testnet.Enter(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := testnet.Command(t, self, "-test.run=^TestKilled$")
	c.Env = append(c.Env, killed+"=1")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if s, err := lines.ReadString('\n'); s != "here\n" {
		t.Fatalf("%q, %v", s, err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// The end comes when nobody has the pipe any more.
	if rest, err := io.ReadAll(lines); len(rest) > 0 || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	_ = c.Wait()
}

// TestCommand: a command ends with the test that has started it.
func TestCommand(t *testing.T) {
	var c *exec.Cmd
	t.Run("starts", func(t *testing.T) {
		testnet.Enter(t)
		c = testnet.Command(t, "sleep", "3600")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	})
	if err := c.Wait(); err == nil || c.ProcessState.Success() {
		t.Errorf("%v, %v", c.ProcessState, err)
	}
}
