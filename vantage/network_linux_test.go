package vantage_test

import (
	"os/exec"
	"strings"
	"testing"

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
	here := testnet.Enter(t)
	there := testnet.NewRoom(t)
	testnet.Join(here, there, 0)
	there.Forward()
	there.Unlimited()
	there.Sh(`
		ip addr add 10.1.0.0/16 dev lo
		ip route add local fd00:1::/64 dev lo
		ip link add name d type veth peer name e
		ip link set dev d mtu 1400 up
		ip link set dev e mtu 1400 up
		ip route add 10.2.0.0/16 dev d
		ip route add fd00:2::/64 dev d`)
	ip(t, `
		route add 10.1.0.0/16 via 10.0.0.2
		route add 10.2.0.0/16 via 10.0.0.2
		route add fd00:1::/64 via fd00::2
		route add fd00:2::/64 via fd00::2`)
	// Neighbours are known, as after any traffic.
	for _, dst := range []string{"10.0.0.2", "fd00::2"} {
		if out, status := testnet.Run(t, "ping", "-q", "-c", "1", "-w", "60", dst); status != 0 {
			t.Fatal(out)
		}
	}
}
