//go:build linux

package proof_test

import (
	"os"
	"testing"

	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/proof"
	"github.com/sonde-net/sonde/guard/rules"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// policies are one of each role, with exceptions and limits.
var policies = map[string]string{
	"host": "role: host\n",
	"public-server": `role: public-server
limits: {echo: 20/s burst 40, errors: none}
exceptions:
  - {allow: in, icmp: timestamp-request, from: 10.250.0.0/16, limit: 5/s burst 10, why: our clock monitor}
  - {deny: out, icmp6: destination-unreachable/4, why: closed ports stay silent}
  - {allow: in, icmp6: 160, interface: eth1, why: PROBE on the inner interface}
`,
	"gateway": `role: gateway
outside: [wan0]
exceptions:
  - {deny: in, icmp: 8, interface: wan0, why: we are not to be pinged from there}
  - {allow: through, icmp: [13/0, 14/0], why: clocks}
`,
	"closed-network": "role: closed-network\noutside: eth0\nothers: close\nservices: [tcp/22]\n",
}

// TestKernel: the kernel lets pass what each policy promises, and nothing else:
// every type and code, in every direction, both families.
func TestKernel(t *testing.T) {
	conform.Row(t, "A-05")
	if os.Geteuid() != 0 {
		testnet.Missing(t, "network namespaces need root")
	}
	testnet.Need(t, "nft")
	for name, text := range policies {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse(name, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			r, err := proof.Run(t.Context(), proof.Config{Set: rules.For(p), Limits: true})
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Results {
				x := &r.Results[i]
				t.Logf("%v: %d sent, %d passed: %v", x.Way, x.Sent, len(x.Passed), x.Kinds())
				for j, w := range x.Wrong {
					if j < 5 {
						t.Errorf("%v: %v (%d in all)", x.Way, w, len(x.Wrong))
					}
				}
			}
			for _, l := range r.Limits {
				t.Logf("%v: %v, %v: %d sent, %d passed in %v", l.Way, l.Kind, l.Limit, l.Sent, l.Passed, l.Took)
				if !l.Allowed {
					t.Errorf("%v: %v: %d passed, want %d to %d", l.Way, l.Kind, l.Passed, l.Least, l.Most)
				}
			}
		})
	}
}
