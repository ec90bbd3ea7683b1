package nft_test

import (
	"testing"

	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
)

// TestNextHeader: a rule about the next header sees hop-by-hop options before
// messages about multicast listeners, one about the protocol does not.
func TestNextHeader(t *testing.T) {
	for left, sees := range map[string]bool{
		`{"payload":{"protocol":"ip6","field":"nexthdr"}}`: false,
		`{"meta":{"key":"l4proto"}}`:                       true,
	} {
		s, err := nft.Parse([]byte(rule(`{"match":{"op":"==","left":` + left + `,"right":"ipv6-icmp"}}`)))
		if err != nil {
			t.Fatal(err)
		}
		for typ := range 256 {
			want := filter.Drop
			switch typ {
			case 130, 131, 132, 143, 151, 152, 153:
				if !sees {
					want = filter.Accept
				}
			}
			o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V6, Type: uint8(typ)}), policy.In) //nolint:gosec // it fits
			if o.Action != want || len(o.Perhaps) > 0 {
				t.Errorf("%s, type %d: %+v", left, typ, o)
			}
		}
		if o := s.Decide(filter.ICMP(kind.Kind{Family: kind.V4, Type: 130}), policy.In); o.Action != filter.Accept {
			t.Errorf("%s: of IPv4: %+v", left, o)
		}
	}
}
