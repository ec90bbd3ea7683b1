//go:build linux

package proof_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/guard/kind"
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
  - {allow: in, icmp: 13/0, from: 192.0.2.7, limit: 60/min burst 7, why: our clock monitor}
  - {deny: through, icmp6: [128, 129/0], from: '2001:db8::/32', why: not them}
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

// TestBroken: a kernel with other rules than those that are promised is found
// out, and rules that promise nothing are only told of.
func TestBroken(t *testing.T) {
	conform.Row(t, "A-05")
	if os.Geteuid() != 0 {
		testnet.Missing(t, "network namespaces need root")
	}
	testnet.Need(t, "nft")
	p, err := policy.Parse("p", []byte("role: host\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := rules.For(p)
	text := s.Text(rules.TextOptions{})
	r, err := proof.Run(t.Context(), proof.Config{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	// The limits are there: of what is limited some passes and some does not.
	if !r.OK() || len(r.Limits) != 0 || len(r.Results) != 10 {
		t.Errorf("%d results, %d limits", len(r.Results), len(r.Limits))
	}
	if got := r.Results[0]; got.Sent != 1<<16 || len(got.Passed) != 1 || got.Passed[0].String() != "icmp 8/0" {
		t.Errorf("%v: %d sent, passed %v", got.Way, got.Sent, got.Passed)
	}
	// A rule is turned round behind the back of the promise.
	for i := range s.Chains[0].Rules {
		if k := &s.Chains[0].Rules[i]; k.Kinds.Has(kind.Kind{Family: kind.V4, Type: 5}) {
			k.Kinds = kind.Of(kind.V4, 6)
			k.Accept = true
		}
	}
	broken := strings.Replace(text, "icmp type 5 counter drop", "icmp type 5 counter accept", 1)
	if broken == text {
		t.Fatal("there is no such rule")
	}
	r, err = proof.Run(t.Context(), proof.Config{Set: s})
	if err != nil || !r.OK() {
		t.Errorf("a set keeps its own promise: %v", err)
	}
	r, err = proof.Run(t.Context(), proof.Config{Text: broken})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Results[0].Kinds(), " "); got != "5 8/0" {
		t.Errorf("passed %s", got)
	}
}

// TestEnds: the proof ends with its context, and with rules that the kernel does
// not take.
func TestEnds(t *testing.T) {
	if os.Geteuid() != 0 {
		testnet.Missing(t, "network namespaces need root")
	}
	testnet.Need(t, "nft")
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	_, err := proof.Run(ctx, proof.Config{Text: "", Progress: func(n, of int) {
		if sent = n; n > of {
			t.Errorf("%d of %d", n, of)
		}
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || sent == 0 {
		t.Errorf("%v after %d", err, sent)
	}
	if _, err := proof.Run(t.Context(), proof.Config{Text: "nonsense"}); err == nil {
		t.Error("nonsense is taken")
	}
}
