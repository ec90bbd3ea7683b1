package vantage_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/sonde-net/sonde/internal/testnet"
)

// ip runs commands of ip(8), one a line.
func ip(t testing.TB, commands string) {
	t.Helper()
	for line := range strings.Lines(commands) {
		if f := strings.Fields(line); len(f) > 0 {
			if out, err := exec.CommandContext(t.Context(), "ip", f...).CombinedOutput(); err != nil {
				t.Fatalf("ip %s: %v: %s", line, err, out)
			}
		}
	}
}

// pair moves the test into a namespace that is joined to another, 10.0.0.1 to
// 10.0.0.2 and fd00::1 to fd00::2. There, all of 10.1.0.0/16 and fd00:1::/64
// answers, and 10.2.0.0/16 and fd00:2::/64 are behind it, over a link whose MTU
// is 1400.
func pair(t *testing.T) {
	t.Helper()
	testnet.Enter(t)
	before, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	there, err := netns.New()
	if err != nil {
		testnet.Missing(t, err.Error())
	}
	t.Cleanup(func() { _ = there.Close() })
	if err := netns.Set(before); err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "a"}, PeerName: "b", PeerNamespace: netlink.NsFd(there)}); err != nil {
		t.Fatal(err)
	}
	ip(t, `
		addr add 10.0.0.1/24 brd 10.0.0.255 dev a
		addr add fd00::1/64 dev a nodad
		link set dev a up`)
	if err := netns.Set(there); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"net/ipv4/icmp_ratelimit": "0", "net/ipv4/icmp_msgs_per_sec": "1000000", "net/ipv4/icmp_msgs_burst": "100000",
		"net/ipv6/icmp/ratelimit": "0", "net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1",
	} {
		testnet.Sysctl(t, name, value)
	}
	ip(t, `
		link set dev lo up
		addr add 10.0.0.2/24 dev b
		addr add fd00::2/64 dev b nodad
		link set dev b up
		addr add 10.1.0.0/16 dev lo
		route add local fd00:1::/64 dev lo
		link add name d type veth peer name e
		link set dev d mtu 1400 up
		link set dev e mtu 1400 up
		route add 10.2.0.0/16 dev d
		route add fd00:2::/64 dev d`)
	if err := netns.Set(before); err != nil {
		t.Fatal(err)
	}
	ip(t, `
		route add 10.1.0.0/16 via 10.0.0.2
		route add 10.2.0.0/16 via 10.0.0.2
		route add fd00:1::/64 via fd00::2
		route add fd00:2::/64 via fd00::2`)
	// The kernel takes a while to see that a link is up.
	for _, dst := range []string{"10.0.0.2", "fd00::2"} {
		for try := 0; ; try++ {
			out, status := testnet.Run(t, "ping", "-q", "-c", "1", "-W", "0.05", dst)
			if status == 0 {
				break
			}
			if try == 200 {
				t.Fatal(out)
			}
		}
	}
}
