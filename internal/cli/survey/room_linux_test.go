package survey_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/vishvananda/netns"

	"github.com/sonde-net/sonde/internal/cli"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestMain has the test binary be the command, when it is called by its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "sonde" {
		os.Exit(cli.Main(os.Args))
	}
	os.Exit(m.Run())
}

// binary returns the path of the command.
func binary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "sonde")
	if err := os.Symlink(self, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// within runs shell commands in a namespace, 0 is the test's own.
func within(t *testing.T, ns netns.NsHandle, format string, args ...any) {
	t.Helper()
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if ns != 0 {
		if err := netns.Set(ns); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := netns.Set(own); err != nil {
				t.Fatal(err)
			}
		}()
	}
	if out, status := testnet.Run(t, "sh", "-ec", fmt.Sprintf(format, args...)); status != 0 {
		t.Fatalf("%s: status %d\n%s", format, status, out)
	}
}

// chain makes routers in a row from the test's own namespace, and behind the last
// one a host that has all of 10.9.0.0/16. The kernel limits ICMP as it does unless
// it is told otherwise. Hop n is 10.0.(n-1).2.
func chain(t *testing.T, routers int, also string) {
	t.Helper()
	testnet.Enter(t)
	testnet.Need(t, "ip")
	all := []netns.NsHandle{0}
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for range routers + 1 {
		ns, err := netns.New()
		if err != nil {
			testnet.Missing(t, err.Error())
		}
		t.Cleanup(func() { _ = ns.Close() })
		if err := netns.Set(own); err != nil {
			t.Fatal(err)
		}
		all = append(all, ns)
	}
	within(t, 0, "ip link set lo up")
	for n := range routers + 1 {
		within(t, all[n], "ip link add l%d type veth peer name k%d netns /proc/%d/fd/%d; ip addr add 10.0.%d.1/24 dev l%d; ip link set l%d up",
			n, n, os.Getpid(), int(all[n+1]), n, n, n)
		within(t, all[n+1], "ip link set lo up; sysctl -qw net.ipv4.ip_forward=1; ip addr add 10.0.%d.2/24 dev k%d; ip link set k%d up; %s", n, n, n, also)
	}
	for n := range routers + 1 {
		within(t, all[n], "ip route add 10.9.0.0/16 via 10.0.%d.2", n)
		if n > 0 {
			within(t, all[n+1], "ip route add default via 10.0.%d.1", n)
		}
	}
	within(t, all[routers+1], "ip route add local 10.9.0.0/16 dev lo")
	// Neighbours are known, as after any traffic.
	testnet.Run(t, "ping", "-c", "1", "-W", "5", "10.9.0.1")
}
