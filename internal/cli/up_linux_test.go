//go:build linux

package cli_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/sonde-net/sonde/internal/testnet"
)

// start starts the command in the test's namespace and waits until it has said
// that it is there, in these words.
func start(t *testing.T, want string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := testnet.Command(t, self, args...)
	c.Env = append(c.Env, mainEnv+"=1")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_, _ = c.Process.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != want+"\n" {
		t.Fatalf("sonde %v: %q, %v; want %q", args, line, err, want)
	}
	return c
}

// TestHost: the kernel's own ping and traceroute meet a host of this module.
func TestHost(t *testing.T) {
	testnet.Enter(t)
	c := start(t, "sonde0: host 10.9.0.2/24, fd00:9::2/64, kernel 10.9.0.1/24, fd00:9::1/64",
		"host", "--lang", "en", "--tun", "sonde0", "10.9.0.2/24", "fd00:9::2/64")
	// With a deadline ping waits for as many replies, not for two round trips.
	for _, p := range []struct {
		args []string
		want string
	}{
		{[]string{"-c", "3", "-i", "0.01", "10.9.0.2"}, " 3 received, "},
		{[]string{"-c", "3", "-i", "0.01", "-s", "9000", "10.9.0.2"}, " 3 received, "},
		{[]string{"-c", "1", "-s", "65507", "10.9.0.2"}, " 1 received, "},
		{[]string{"-c", "3", "-i", "0.01", "fd00:9::2"}, " 3 received, "},
		{[]string{"-c", "1", "-s", "9000", "fd00:9::2"}, " 1 received, "},
		{[]string{"-c", "1", "-R", "10.9.0.2"}, "RR: \t10.9.0.1\n\t10.9.0.2\n\t10.9.0.1\n"},
		{[]string{"-c", "1", "-T", "tsandaddr", "10.9.0.2"}, "\t10.9.0.2\t"},
		{[]string{"-q", "-f", "-c", "5000", "10.9.0.2"}, " 5000 received, "},
	} {
		if out, status := testnet.Run(t, "ping", append([]string{"-w", "50"}, p.args...)...); status != 0 || !strings.Contains(out, p.want) {
			t.Errorf("ping %v: status %d\n%s", p.args, status, out)
		}
	}
	if out, _ := testnet.Run(t, "traceroute", "-n", "-q", "1", "10.9.0.2"); !strings.Contains(out, " 1  10.9.0.2  ") || strings.Contains(out, "!") {
		t.Errorf("traceroute:\n%s", out)
	}
	// Killed outright, it leaves nothing behind.
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = c.Process.Wait()
	for _, args := range [][]string{{"link"}, {"route"}, {"addr"}} {
		if out, _ := testnet.Run(t, "ip", args...); strings.Contains(out, "sonde0") || strings.Contains(out, "10.9.") {
			t.Errorf("ip %v after a kill:\n%s", args, out)
		}
	}
}

// TestLabUp: the kernel's own tools meet a simulated network.
func TestLabUp(t *testing.T) {
	testnet.Enter(t)
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/chain.yaml", []byte(chain), 0o600); err != nil {
		t.Fatal(err)
	}
	c := start(t, "sonde0 : chain : le noyau est 10.0.1.99/24 sur le lien lan, réseaux derrière lui : 2",
		"lab", "up", dir+"/chain.yaml", "--lang", "fr", "--tun", "sonde0", "--pcap", dir+"/chain.pcapng")
	for _, p := range []struct {
		name string
		args []string
		want []string
	}{
		{"ping", []string{"-c", "3", "-i", "0.05", "10.0.3.10"}, []string{"3 received", "ttl=62"}},
		{"traceroute", []string{"-n", "-q", "1", "10.0.3.10"}, []string{" 1  10.0.1.1  ", " 2  10.0.2.2  ", " 3  10.0.3.10  "}},
		{"tracepath", []string{"-n", "10.0.3.10"}, []string{"pmtu 1000", "10.0.3.10", "hops 3 back 3"}},
		{"mtr", []string{"-n", "-r", "-c", "2", "-i", "0.1", "-G", "1", "10.0.3.10"}, []string{"1.|-- 10.0.1.1", "3.|-- 10.0.3.10"}},
		{"ping", []string{"-c", "1", "-W", "3", "10.0.3.77"}, []string{"From 10.0.2.2 icmp_seq=1 Destination Host Unreachable"}},
		{"ip", []string{"route"}, []string{"10.0.2.0/24 via 10.0.1.1 dev sonde0", "10.0.3.0/24 via 10.0.1.1 dev sonde0"}},
	} {
		out, _ := testnet.Run(t, p.name, p.args...)
		for _, want := range p.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s %v: no %q in\n%s", p.name, p.args, want, out)
			}
		}
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Process.Wait(); err != nil || s.ExitCode() != 0 {
		t.Errorf("interrupted: %v, %v", s, err)
	}
	if out, _ := testnet.Run(t, "ip", "route"); strings.Contains(out, "sonde0") {
		t.Errorf("routes after the end:\n%s", out)
	}
	out, _ := testnet.Run(t, "tshark", "-r", dir+"/chain.pcapng", "-Y", "icmp.type==3 && icmp.code==4", "-T", "fields", "-e", "icmp.mtu")
	if !strings.Contains(out, "1000") {
		t.Errorf("the capture has no 3/4 with 1000:\n%s", out)
	}
}
