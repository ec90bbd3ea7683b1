//go:build linux

package proof_test

import (
	"fmt"
	"net/netip"
	"os"
	"testing"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/proof"
	"github.com/sonde-net/sonde/internal/testnet"
)

// odd are rules of other makers, of all kinds that an audit thinks through.
const odd = `table inet odd {
	set some {
		type ipv4_addr
		flags interval
		elements = { 10.250.1.0/24, 192.0.2.0-192.0.2.9 }
	}
	map verdicts {
		type icmp_type : verdict
		elements = { echo-request : jump pings, timestamp-request : goto ends, 40 : drop }
	}
	chain pings {
		icmp code != 0 return
		icmp type echo-request limit rate over 1/second burst 5 packets goto never
		ip saddr @some accept
		drop
	}
	chain never {
		icmp code 77 drop
	}
	chain ends {
		icmp code 1-5 drop
	}
	chain early {
		type filter hook prerouting priority -200; policy accept;
		tcp flags & (fin | syn) == syn drop
		icmp type { 60-69, 75 } icmp code > 9 drop
		fib saddr . iif oif missing drop
		meta l4proto . th dport { tcp . 22, udp . 53 } drop
	}
	chain in {
		type filter hook input priority 0; policy accept;
		iifname "lo" accept
		icmp type vmap @verdicts
		meta nfproto ipv4 icmp type 80 icmp code { 1, 3, 5-9 } drop
		ip protocol != icmp accept
		icmp type timestamp-request icmp code 6 drop
		ip ttl < 64 drop
		icmpv6 type 1 icmpv6 code vmap { 0 : accept, 1 : drop, 2-9 : jump unreachable }
		icmpv6 type != { 1, 2, 128-136 } icmpv6 code >= 200 drop
		ip6 hoplimit 255 icmpv6 type 134 drop
		ip6 hoplimit != 1 icmpv6 type { 130, 143 } drop
		exthdr frag exists drop
		ip6 nexthdr tcp drop
		ip6 saddr fe80::/10 drop
		pkttype { broadcast, multicast } drop
		fib daddr type != local drop
		meta l4proto icmp icmp type 90 add @seen { ip saddr limit rate over 1000000/second burst 1000000 packets } drop
	}
	set seen {
		type ipv4_addr
		size 99
		flags dynamic
	}
	chain unreachable {
		icmpv6 code 3 return
		icmpv6 code 4 drop
	}
	chain late {
		type filter hook input priority 50; policy drop;
		icmp type 91-99 drop
		icmp type . icmp code { 100 . 1, 100 . 3 } drop
		ip saddr . meta l4proto { 10.250.1.2 . icmp } accept
		meta l4proto ipv6-icmp goto rest
	}
	chain rest {
		icmpv6 type 250 return
		accept
	}
}
`

// TestThought: what the kernel does to every type and code is what the rules are
// thought to do, wherever that is known for certain.
func TestThought(t *testing.T) {
	if os.Geteuid() != 0 {
		testnet.Missing(t, "network namespaces need root")
	}
	testnet.Need(t, "nft")
	var list []byte
	err := kernel.Fresh(func() error {
		err := kernel.Load(t.Context(), odd)
		if err == nil {
			list, err = kernel.List(t.Context())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := nft.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	// What comes late on a busy machine comes the next time; what never comes was
	// dropped.
	passed := map[string]bool{}
	for try := 1; ; try++ {
		wrong, sure, tried := think(t, s, passed)
		if len(wrong) > 0 && try < 5 {
			continue
		}
		for i, w := range wrong {
			if i < 10 {
				t.Errorf("%s (%d in all)", w, len(wrong))
			}
		}
		// All is known but what there is of type 90 above its limit.
		if tried != 3<<16 || tried-sure != 256 {
			t.Errorf("%d of %d are known", sure, tried)
		}
		return
	}
}

// think sends everything once, notes what has passed, and says where that is not
// what was thought.
func think(t *testing.T, s *filter.Ruleset, passed map[string]bool) (wrong []string, sure, tried int) {
	t.Helper()
	r, err := proof.Run(t.Context(), proof.Config{Text: odd})
	if err != nil {
		t.Fatal(err)
	}
	src := map[kind.Family]netip.Addr{kind.V4: netip.MustParseAddr("10.250.1.2"), kind.V6: netip.MustParseAddr("fd02:2:50:1::2")}
	for i := range r.Results {
		x := &r.Results[i]
		if x.Belongs || x.Where != policy.In {
			continue
		}
		for _, k := range x.Passed {
			passed[x.String()+k.String()] = true
		}
		for n := range 1 << 16 {
			k := kind.Kind{Family: x.Family, Type: uint8(n >> 8), Code: uint8(n)}
			if x.HopLimit != 64 && k.Type < 128 {
				continue
			}
			p := filter.ICMP(k)
			p.Src, p.HopLimit, p.In = src[x.Family], x.HopLimit, "eth0"
			p.Dst = p.Src.Prev()
			o := s.Decide(p, x.Where)
			tried++
			if len(o.Perhaps) > 0 || o.Limited {
				continue
			}
			sure++
			if did := passed[x.String()+k.String()]; (o.Action == filter.Accept) != did {
				wrong = append(wrong, fmt.Sprintf("%v: %v: passed %v, thought %+v", x.Way, k, did, o))
			}
		}
	}
	return wrong, sure, tried
}
