//go:build linux

package drive_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// The same octets go to the kernel and to a node, configured alike, and what
// comes back is compared field by field. docs/linux-differences.md says how,
// and lists every difference with the paragraph that decides it; it is written
// from the tables in these files (linux_*_test.go).

// A situation is a configuration, and what is sent to who has it.
type situation struct {
	name   string
	ports  []port
	routes []way
	// What the node does; the kernel is told by sysctls, and by a route of last
	// resort that is unreachable.
	forward, sourceRoutes, unreachable bool
	fragTime                           int // seconds until fragments are given up; 0: longer than the test
	groups                             []group
}

// A port is an interface, at whose other end the test is.
type port struct {
	name      string
	addrs     []netip.Prefix
	mtu       int
	neighbour netip.Addr // whom the fence is said to come from
}

// A way is a route beside the connected networks.
type way struct {
	to   string
	via  string
	port int
}

// A group is stimuli of one kind.
type group struct {
	name    string
	rows    []string // of docs/requirements.md that it proves, by what its stimuli want
	stimuli []stimulus
}

// A stimulus is one or more datagrams that arrive in turn, and what they cause.
type stimulus struct {
	name string
	in   []arrival
	// want is what the node must do: the kinds of what leaves, as kinds() has
	// them, "silence" for nothing; "" leaves it to the comparison.
	want string
	wait bool // until all fragments are given up
}

// An arrival is a datagram that comes in by a port.
type arrival struct {
	port   int
	octets []byte
}

// seen is a datagram that has left by a port.
type seen struct {
	port   int
	octets []byte
}

func prefixes(s ...string) []netip.Prefix {
	var ps []netip.Prefix
	for _, p := range s {
		ps = append(ps, netip.MustParsePrefix(p))
	}
	return ps
}

func situations() []situation {
	host := situation{
		ports: []port{{
			name: "eth0", addrs: prefixes("10.0.1.10/24", "fd00:1::10/64", "fe80::10/64"), mtu: 1500, neighbour: netip.MustParseAddr("10.0.1.249"),
		}},
		routes: []way{{to: "0.0.0.0/0", via: "10.0.1.1"}, {to: "::/0", via: "fd00:1::1"}},
	}
	gateway := situation{
		forward: true,
		ports: []port{
			{name: "lan", addrs: prefixes("10.0.1.1/24", "fd00:1::1/64", "fe80::1/64"), mtu: 1500, neighbour: netip.MustParseAddr("10.0.1.249")},
			{name: "wan", addrs: prefixes("10.0.2.1/24"), mtu: 1000, neighbour: netip.MustParseAddr("10.0.2.249")},
			{name: "dmz", addrs: prefixes("10.0.3.1/24", "fd00:3::1/64"), mtu: 1280, neighbour: netip.MustParseAddr("10.0.3.249")},
		},
		routes: []way{
			{to: "10.9.0.0/16", via: "10.0.1.254", port: lan},
			{to: "10.8.0.0/16", via: "10.0.2.254", port: wan},
			{to: "fd00:9::/48", via: "fd00:1::254", port: lan},
			{to: "fd00:8::/48", via: "fd00:3::254", port: dmz},
		},
	}
	with := func(s situation, name string, groups []group, change func(*situation)) situation {
		s.name, s.groups = name, groups
		if change != nil {
			change(&s)
		}
		return s
	}
	return []situation{
		with(host, "host", hostGroups(), nil),
		with(host, "host, IPv6", host6Groups(), nil),
		with(host, "host, fragments given up", timeoutGroups(), func(s *situation) { s.fragTime = 1 }),
		with(gateway, "gateway", gatewayGroups(), nil),
		with(gateway, "gateway, source routes", sourceRouteGroups(), func(s *situation) { s.sourceRoutes = true }),
		with(gateway, "gateway, unreachable", unreachableGroups(), func(s *situation) { s.unreachable = true }),
		with(gateway, "gateway, IPv6", gateway6Groups(), nil),
	}
}

// The ports of a gateway.
const (
	lan = iota
	wan
	dmz
)

// TestLinux compares the node with the kernel of this machine.
func TestLinux(t *testing.T) {
	tally := newTally()
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			claim(t, &s)
			testnet.Enter(t)
			kernel, node := newKernel(t, &s), newNode(t, &s)
			for _, g := range s.groups {
				t.Run(g.name, func(t *testing.T) {
					for i := range g.stimuli {
						st := &g.stimuli[i]
						full := s.name + "/" + g.name + "/" + st.name
						k := s.views(t, "the kernel, "+full, kernel.stimulate(t, st))
						n := s.views(t, "the node, "+full, node.stimulate(t, st))
						if st.wait { // in no order
							byQuote(k)
							byQuote(n)
						}
						if got := kinds(n); st.want != "" && got != st.want {
							t.Errorf("%s: the node sent %s, want %s", full, got, st.want)
						}
						for _, v := range n {
							if slices.Contains(v.fields, field{"checksum", "wrong"}) {
								t.Errorf("%s: the node sent a checksum that does not hold: %v", full, v)
							}
						}
						tally.add(t, full, k, n)
					}
				})
			}
		})
	}
	if tally.stimuli == stimuliInAll { // nothing was skipped or left out by -run
		tally.check(t)
	}
}

// claim names the rows that the groups prove, before anything can skip the test.
func claim(t *testing.T, s *situation) {
	t.Helper()
	for _, g := range s.groups {
		for _, row := range g.rows {
			conform.Row(t, row)
		}
	}
}

// A tally is what the comparison has found.
type tally struct {
	stimuli, equal int
	shown          []int // by difference: how many stimuli showed it
}

func newTally() *tally { return &tally{shown: make([]int, len(differences))} }

// add compares what the two did about one stimulus.
func (y *tally) add(t *testing.T, name string, kernel, node []view) {
	t.Helper()
	y.stimuli++
	found := aspects(kernel, node)
	if len(found) == 0 {
		y.equal++
		return
	}
	var unknown []string
	shown := map[int]bool{}
	for _, a := range found {
		i := slices.IndexFunc(differences, func(d difference) bool { return d.is(name, a) })
		if i < 0 {
			unknown = append(unknown, a)
			continue
		}
		shown[i] = true
	}
	for i := range shown {
		y.shown[i]++
	}
	if len(unknown) > 0 {
		t.Errorf("%s: a difference that is not documented: %s\n  kernel: %s\n  node:   %s",
			name, strings.Join(unknown, "; "), list(kernel), list(node))
	}
}

// check holds the table of differences to what was found.
func (y *tally) check(t *testing.T) {
	t.Logf("%d stimuli, %d equal in everything", y.stimuli, y.equal)
	for i, d := range differences {
		switch {
		case y.shown[i] == 0:
			t.Errorf("documented, and no more: %s: %v", d.title, d.aspects)
		case y.shown[i] != d.count && measured(t):
			t.Errorf("%s: %d stimuli show it, %d are documented", d.title, y.shown[i], d.count)
		}
	}
	if y.equal != stimuliEqual && measured(t) {
		t.Errorf("%d are equal, the page says %d", y.equal, stimuliEqual)
	}
}

func list(vs []view) string {
	if len(vs) == 0 {
		return "silence"
	}
	s := ""
	for _, v := range vs {
		s += fmt.Sprintf("\n    %v", v)
	}
	return s
}
