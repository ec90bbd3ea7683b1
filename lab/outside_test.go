package lab_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/topology"
)

const places = `
name: places
links:
  inner: {}
  lan: {outside: [10.0.1.99/24, 10.0.1.98/24]}
  wan: {outside: [10.0.2.99/24]}
nodes:
  r:
    kind: gateway
    interfaces:
      - {link: lan, address: 10.0.1.1/24, address6: 'fd00:1::1/64'}
      - {link: wan, address: 10.0.2.1/24}
      - {link: inner, address: 10.8.0.1/16, more: [10.8.3.1/24]}
  h:
    interfaces: [{link: wan, address: 10.0.2.10/24}]
`

func TestFindPlace(t *testing.T) {
	top, err := topology.Parse("places.yaml", []byte(places))
	if err != nil {
		t.Fatal(err)
	}
	prefix := netip.MustParsePrefix
	for _, c := range []struct {
		name, link string
		addr       netip.Prefix
		want       lab.Place
		err        string
	}{
		{name: "the first place for outsiders", want: lab.Place{
			Link: "lan", Addr: prefix("10.0.1.99/24"), Via: netip.MustParseAddr("10.0.1.1"),
			Networks: []netip.Prefix{prefix("10.0.2.0/24"), prefix("10.8.0.0/16"), prefix("fd00:1::/64")},
		}},
		{name: "another link", link: "wan", want: lab.Place{
			Link: "wan", Addr: prefix("10.0.2.99/24"), Via: netip.MustParseAddr("10.0.2.1"),
			Networks: []netip.Prefix{prefix("10.0.1.0/24"), prefix("10.8.0.0/16"), prefix("fd00:1::/64")},
		}},
		{name: "another address", link: "lan", addr: prefix("10.0.1.50/24"), want: lab.Place{
			Link: "lan", Addr: prefix("10.0.1.50/24"), Via: netip.MustParseAddr("10.0.1.1"),
			Networks: []netip.Prefix{prefix("10.0.2.0/24"), prefix("10.8.0.0/16"), prefix("fd00:1::/64")},
		}},
		{name: "IPv6", link: "lan", addr: prefix("fd00:1::99/64"), want: lab.Place{
			Link: "lan", Addr: prefix("fd00:1::99/64"), Via: netip.MustParseAddr("fd00:1::1"),
			Networks: []netip.Prefix{prefix("10.0.1.0/24"), prefix("10.0.2.0/24"), prefix("10.8.0.0/16")},
		}},
		{name: "no such link", link: "moon", err: `there is no link "moon"; there are inner, lan, wan`},
		{name: "no address there", link: "inner", err: "no address for outsiders on link inner"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := lab.FindPlace(top, c.link, c.addr)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Link != c.want.Link || got.Addr != c.want.Addr || got.Via != c.want.Via || !slices.Equal(got.Networks, c.want.Networks) {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
	for i := range top.Links {
		top.Links[i].Outside = nil
	}
	if _, err := lab.FindPlace(top, "", netip.Prefix{}); err == nil || !strings.Contains(err.Error(), "no place for outsiders") {
		t.Errorf("no place at all: %v", err)
	}
}
