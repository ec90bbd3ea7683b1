package survey_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/cli/clitest"
	"github.com/sonde-net/sonde/internal/testnet"
)

func TestMain(m *testing.M) { clitest.Main(m, "sonde") }

// chain makes routers in a row from the test's own namespace, and behind the last
// one a host that has all of 10.9.0.0/16. The kernel limits ICMP as it does unless
// it is told otherwise. Hop n is 10.0.(n-1).2.
func chain(t *testing.T, routers int, also string) {
	t.Helper()
	testnet.Need(t, "ip")
	all := testnet.Chain(t, routers)
	for n, r := range all[:routers+1] {
		r.Sh("ip route add 10.9.0.0/16 via 10.0.%d.2", n)
	}
	for _, r := range all[1:] {
		r.Sh("%s", also)
	}
	all[routers+1].Sh("ip route add local 10.9.0.0/16 dev lo")
	// Neighbours are known, as after any traffic.
	if out, status := testnet.Run(t, "ping", "-c", "1", "-w", "60", "10.9.0.1"); status != 0 {
		t.Fatal(out)
	}
}
