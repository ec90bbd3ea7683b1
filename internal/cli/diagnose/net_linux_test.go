package diagnose_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/testnet"
)

// chain is the test's own namespace, two routers and a host in a row, all with
// the limits of the kernel lifted:
//
//	here 10.0.0.1 - .2 r1 10.0.1.1 - .2 r2 10.0.2.1 - .2 far
type chain struct{ r1, r2, far *testnet.Room }

func newChain(t *testing.T) *chain {
	t.Helper()
	all := testnet.Chain(t, 2)
	for _, r := range all {
		r.Unlimited()
	}
	return &chain{all[1], all[2], all[3]}
}

func TestMain(m *testing.M) { clitest.Main(m, "sonde") }

// TestKernel is the real program before real routers, with one fault at a time.
func TestKernel(t *testing.T) {
	sonde := clitest.Binary(t, "sonde")
	nft := func(rule string) string {
		return "nft add table ip t; nft 'add chain ip t f { type filter hook forward priority 0; }'; nft add rule ip t f " + rule
	}
	for _, c := range []struct {
		name   string
		spoil  func(c *chain)
		status int
		want   []string // findings
		not    []string
	}{
		{"healthy", func(*chain) {}, 0, []string{"reachable", "way", "mtu full", "clock right"}, []string{"loss", "filtered by", "filtered there", "step"}},
		{"UDP rejected", func(c *chain) {
			c.r2.Sh("%s", nft("meta l4proto udp reject with icmp type admin-prohibited"))
		}, 0, []string{"reachable", "filtered by"}, []string{"filtered there", "balanced by flow"}},
		{"all rejected", func(c *chain) {
			c.r2.Sh("%s", nft("ip daddr 10.0.2.2 reject with icmp type host-unreachable"))
		}, 1, []string{"refused"}, []string{"reachable", "loop"}},
		{"all dropped", func(c *chain) { c.r2.Sh("%s", nft("ip daddr 10.0.2.2 drop")) }, 1, []string{"no answer"}, []string{"reachable"}},
		{"nobody there", func(c *chain) { c.far.Sh("ip -4 addr flush to 10.0.2.2") }, 1, []string{"refused"}, []string{"no answer", "reachable"}},
		{"echo dropped", func(c *chain) {
			c.far.Sh("sysctl -qw net.ipv4.icmp_echo_ignore_all=1")
		}, 0, []string{"reachable", "filtered there"}, []string{"loss"}},
		{"MTU", func(c *chain) { c.r2.Sh("ip link set l2 mtu 1300") }, 0, []string{"mtu", "mtu reduced"}, []string{"hole between"}},
		{"black hole", func(c *chain) {
			c.r2.Sh("ip link set l2 mtu 1300; nft add table ip t; nft 'add chain ip t o { type filter hook output priority 0; }'; nft add rule ip t o icmp type destination-unreachable icmp code 4 drop")
		}, 0, []string{"hole between"}, []string{"mtu reduced"}},
		{"loop", func(c *chain) { c.r2.Sh("ip route add 10.0.2.2/32 via 10.0.1.1") }, 1, []string{"loop"}, []string{"reachable"}},
		{"loss", func(c *chain) {
			c.r2.Sh("nft add table ip t; nft 'add chain ip t f { type filter hook forward priority 0; }'; nft add rule ip t f numgen inc mod 5 '<' 2 drop")
		}, 0, []string{"reachable"}, []string{"filtered there", "filtered behind", "loss from the first hop"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			testnet.Need(t, "nft")
			net := newChain(t)
			c.spoil(net)
			begun := time.Now()
			out, status := testnet.Run(t, sonde, "diagnose", "--json", "-n", "10.0.2.2")
			t.Logf("%v", time.Since(begun))
			if status != c.status {
				t.Fatalf("status %d, want %d\n%s", status, c.status, out)
			}
			found := map[string]bool{}
			for _, f := range lines(t, out)["finding"] {
				found[f["kind"].(string)] = true
			}
			for _, k := range c.want {
				if !found[k] {
					t.Errorf("no %q: %v\n%s", k, found, out)
				}
			}
			for _, k := range c.not {
				if found[k] {
					t.Errorf("%q: %v\n%s", k, found, out)
				}
			}
			if c.name == "loss" && !found["loss between"] && !found["loss at the target"] && !found["loss"] {
				t.Errorf("%v\n%s", found, out)
			}
		})
	}
}

// TestUnprivileged: without privileges it does what it can, and says what it left
// out.
func TestUnprivileged(t *testing.T) {
	sonde := clitest.Binary(t, "sonde")
	newChain(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	out, status := testnet.Run(t, sonde, "diagnose", "--json", "-n", "--unprivileged", "--ports", "80", "10.0.2.2")
	if status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	all := lines(t, out)
	if n := len(all["verdict"][0]["left_out"].([]any)); n != 3 {
		t.Errorf("%d left out\n%s", n, out)
	}
	if len(all["hop"]) != 3 || !strings.Contains(out, `"status":"well"`) {
		t.Error(out)
	}
}
