package rules_test

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// A policy of two lines becomes rules, which say what they do about a message
// and why, and are written for nft(8).
func Example() {
	p, err := policy.Parse("gateway.yaml", []byte("role: gateway\noutside: [eth0]\n"))
	if err != nil {
		fmt.Println(err) // each thing that is wrong, with its line and column
		return
	}
	s := rules.For(p)
	for _, k := range []icmp4.Kind{
		{Type: icmp4.TypeDestUnreachable, Code: icmp4.CodeFragNeeded},
		{Type: icmp4.TypeRedirect},
	} {
		v := s.Decide(rules.Message{
			Kind:  kind.Kind{Family: kind.V4, Type: uint8(k.Type), Code: uint8(k.Code)},
			Where: policy.Through, In: rules.Outside, Out: rules.Inside, Interface: "eth0",
			Src: netip.MustParseAddr("198.51.100.7"), Dst: netip.MustParseAddr("192.0.2.1"), Belongs: true,
		})
		fmt.Println(k, "passes:", v.Pass)
		if v.Rule != nil {
			fmt.Println("  ", v.Rule.Why)
		}
	}
	text := s.Text(rules.TextOptions{})
	_, through, _ := strings.Cut(text, "chain through4 {\n")
	for line := range strings.Lines(through) {
		fmt.Println(strings.TrimSpace(line))
		break
	}
	// Output:
	// 3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set passes: true
	//    path MTU discovery stops without it (RFC 1191 §3)
	// 5/0 Redirect: Redirect Datagram for the Network (or subnet) passes: false
	//    redirects lead traffic astray; routes belong in the routing table (RFC 1812 §5.2.7.2)
	// ip frag-off & 0x1fff != 0 counter accept comment "the rest of a datagram whose beginning is judged"
}
