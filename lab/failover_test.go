package lab_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/record"
)

// square is a, r1 and b, with a way over r2 and one over r3 between r1 and b,
// which answers over r3, whichever they come by. What is in braces is said about the links main and spare, and about r1's
// interface to main.
func square(main, spare, watch string) string {
	return fmt.Sprintf(`
links:
  lan: {delay: 1ms}
  main: {delay: 1ms%s}
  spare: {delay: 5ms%s}
  far2: {delay: 1ms}
  far3: {delay: 1ms}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.1.10/24, address6: 'fd00:1::10/64'}], routes: [{to: default, via: 10.0.1.1}, {to: default6, via: 'fd00:1::1'}], limit: {off: true}}
  r1:
    kind: gateway
    limit: {off: true}
    interfaces:
      - {link: lan, address: 10.0.1.1/24, address6: 'fd00:1::1/64'}
      - {link: main, address: 10.0.2.1/24, address6: 'fd00:2::1/64'%s}
      - {link: spare, address: 10.0.3.1/24, address6: 'fd00:3::1/64'}
    routes:
      - {to: 10.9.9.9/32, via: 10.0.2.2}
      - {to: 10.9.9.9/32, via: 10.0.3.2, metric: 10}
      - {to: 'fd00:9::9', via: 'fd00:2::2'}
      - {to: 'fd00:9::9', via: 'fd00:3::2', metric: 10}
  r2:
    kind: gateway
    interfaces: [{link: main, address: 10.0.2.2/24, address6: 'fd00:2::2/64'}, {link: far2, address: 10.0.4.1/24, address6: 'fd00:4::1/64'}]
    routes: [{to: 10.9.9.9/32, via: 10.0.4.2}, {to: default, via: 10.0.2.1}, {to: 'fd00:9::9', via: 'fd00:4::2'}, {to: default6, via: 'fd00:2::1'}]
  r3:
    kind: gateway
    interfaces: [{link: spare, address: 10.0.3.2/24, address6: 'fd00:3::2/64'}, {link: far3, address: 10.0.5.1/24, address6: 'fd00:5::1/64'}]
    routes: [{to: 10.9.9.9/32, via: 10.0.5.2}, {to: default, via: 10.0.3.1}, {to: 'fd00:9::9', via: 'fd00:5::2'}, {to: default6, via: 'fd00:3::1'}]
  b:
    interfaces:
      - {link: far2, address: 10.0.4.2/24, address6: 'fd00:4::2/64', more: [10.9.9.9/32, 'fd00:9::9/128']}
      - {link: far3, address: 10.0.5.2/24, address6: 'fd00:5::2/64'}
    routes: [{to: default, via: 10.0.5.1}, {to: default6, via: 'fd00:5::1'}]
`, main, spare, watch)
}

// changes are those that were recorded, in a line each.
func changes(all []record.Record) (out []string) {
	start := lab.Epoch
	for _, r := range all {
		if k := r.Change.Kind; k == record.Route {
			s := fmt.Sprintf("%v %s %v:", r.Time.Sub(start), r.Node, r.Change.To)
			for _, h := range r.Change.Hops {
				s += " " + h.String()
			}
			out = append(out, s)
		} else if k != 0 {
			out = append(out, fmt.Sprintf("%v %s %v", r.Time.Sub(start), r.Change.Link, k))
		}
	}
	return out
}

// same holds two lists of lines to each other.
func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// wayOf is over which link each of the requests of a went that were sent at full
// seconds, "-" where none took it further than r1, and what came back to a.
func wayOf(t *testing.T, n *lab.Network, seconds int) (ways, answers string) {
	t.Helper()
	for i := range seconds {
		n.Run(lab.Epoch.Add(time.Duration(i)*time.Second), nil)
		send(t, n, "a", echo(t, "10.0.1.10", "10.9.9.9", 9, uint16(i)))
	}
	n.Run(lab.Epoch.Add(time.Duration(seconds)*time.Second+900*time.Millisecond), nil)
	all := records(n)
	by, back := bytesOf(seconds), bytesOf(seconds)
	for _, r := range all {
		second := int(r.Time.Sub(lab.Epoch) / time.Second)
		switch {
		case !r.IsDatagram() || second >= seconds:
		case r.Node == "r1" && r.Link == "main" && r.Fate == record.Delivered:
			by[second] = 'm'
		case r.Node == "r1" && r.Link == "spare" && r.Fate == record.Delivered:
			by[second] = 's'
		case r.Node == "r1" && r.Link != "lan":
			by[second] = 'x'
		}
	}
	for _, r := range arrivals(all, "a") {
		what := byte('r')
		switch kind(t, r.Octets) {
		case "3/0":
			what = 'n'
		case "3/1":
			what = 'h'
		}
		if s := int(r.Arrive.Sub(lab.Epoch) / time.Second); s < seconds {
			back[s] = what
		}
	}
	for _, c := range changes(all) {
		t.Log(c)
	}
	return string(by), string(back)
}

func bytesOf(n int) []byte { return []byte(strings.Repeat("-", n)) }

// TestCutsOfLinks: a link is down when the topology says so, and every so often.
func TestCutsOfLinks(t *testing.T) {
	n := network(t, pair("cuts: [{from: 2s, to: 3500ms}, {from: 5s, to: 6s, every: 4s}]"))
	n.Run(lab.Epoch.Add(14*time.Second+time.Millisecond), nil)
	same(t, changes(records(n)),
		"2s wire link goes down", "3.5s wire link comes up", "5s wire link goes down", "6s wire link comes up",
		"9s wire link goes down", "10s wire link comes up", "13s wire link goes down", "14s wire link comes up")

	for cut, want := range map[string]string{
		"cuts: [{}]":                             "----",
		"cuts: [{to: 2s}]":                       "--rr",
		"cuts: [{to: 1s, every: 2s}]":            "-r-r",
		"cuts: [{from: 2s}]":                     "rr--",
		"down: true, cuts: [{from: 1s, to: 2s}]": "--rr", // as the step up would mend it
	} {
		n := network(t, pair(cut+", resolve: 60s"))
		got := bytesOf(4)
		for i := range got {
			n.Run(lab.Epoch.Add(time.Duration(i)*time.Second+time.Millisecond), nil)
			send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 9, 1))
			n.Run(n.Now().Add(time.Millisecond), nil)
			if len(arrivals(records(n), "a")) > 0 {
				got[i] = 'r'
			}
		}
		if string(got) != want {
			t.Errorf("%s: %s, want %s", cut, got, want)
		}
	}
}

// TestFailover: the next route takes over when the node has found out, and goes
// back to the best when that has come up; until it has found out, what it sends
// is lost, and nothing is said about it.
func TestFailover(t *testing.T) {
	const cut = ", cuts: [{from: 2500ms, to: 6500ms}]"
	for _, tt := range []struct{ main, spare, watch, ways, answers string }{
		{"", "", "", "mmmmmmmmmmmm", "rrrrrrrrrrrr"},
		{cut, "", "", "mmmssssmmmmm", "rrrrrrrrrrrr"},                          // at once
		{cut, "", ", detect: 2s", "mmmxxssssmmm", "rrr--rrrrrrr"},              // and so long until it is back
		{cut, "", ", detect: 2s, restore: 0s", "mmmxxssmmmmm", "rrr--rrrrrrr"}, //
		{cut, "", ", detect: 0s, restore: 3s", "mmmsssssssmm", "rrrrrrrrrrrr"}, //
		{cut, "", ", detect: 5s", "mmmxxxxmmmmm", "rrr----rrrrr"},              // it never finds out
		{cut, cut, "", "mmm----mmmmm", "rrrnnnnrrrrr"},                         // no route
		{", down: true", "", ", detect: 30s", "ssssssssssss", "rrrrrrrrrrrr"},  // it is known from the start
		{", cuts: [{}]", ", cuts: [{from: 1500ms, to: 3500ms}]", "", "ss--ssssssss", "rrnnrrrrrrrr"},
		{", cuts: [{from: 1500ms, to: 3500ms, every: 4s}]", "", ", detect: 1s", "mmxssmxssmxs", "rr-rrr-rrr-r"}, // again and again
	} {
		ways, answers := wayOf(t, network(t, square(tt.main, tt.spare, tt.watch)), len(tt.ways))
		if ways != tt.ways || answers != tt.answers {
			t.Errorf("main%s spare%s%s:\n%s\n%s, want\n%s\n%s", tt.main, tt.spare, tt.watch, ways, answers, tt.ways, tt.answers)
		}
	}
}

// TestFailoverBySteps: it is the same whoever turns the link: a link, an
// interface of the node's own, that of the neighbour.
func TestFailoverBySteps(t *testing.T) {
	for name, tt := range map[string]struct {
		turn func(n *lab.Network, up bool) bool
		at   time.Duration // when it is found out
	}{
		"link":      {func(n *lab.Network, up bool) bool { return n.SetLink("main", up) }, 2 * time.Second},
		"neighbour": {func(n *lab.Network, up bool) bool { return n.SetInterface("r2", "main", up) }, 2 * time.Second},
		"own":       {func(n *lab.Network, up bool) bool { return n.SetInterface("r1", "main", up) }, 0},
	} {
		n := network(t, square("", "", ", detect: 2s, restore: 3s"))
		n.Run(lab.Epoch.Add(time.Second), nil)
		turn := func(up bool, at time.Duration) {
			n.Run(lab.Epoch.Add(at), nil)
			if !tt.turn(n, up) {
				t.Fatal(name)
			}
		}
		turn(false, time.Second)
		turn(true, 10*time.Second)
		turn(false, 11*time.Second) // before it is back: nothing has changed
		turn(true, 12*time.Second)
		n.Run(lab.Epoch.Add(20*time.Second), nil)
		var got []string
		for _, c := range changes(records(n)) {
			if strings.Contains(c, " r1 10.9.9.9/32:") {
				got = append(got, c)
			}
		}
		t.Log(name)
		same(t, got, fmt.Sprintf("%v r1 10.9.9.9/32: via 10.0.3.2 iface 2", time.Second+tt.at), "15s r1 10.9.9.9/32: via 10.0.2.2 iface 1")
	}
}

// TestFailoverOfNetworks: what a node is connected to goes with its link, and
// has no route then; both families move.
func TestFailoverOfNetworks(t *testing.T) {
	n := network(t, square(", cuts: [{from: 1s}]", "", ""))
	n.Run(lab.Epoch.Add(2*time.Second), nil)
	var got []string
	for _, c := range changes(records(n)) {
		if strings.Contains(c, " r1 ") {
			got = append(got, c)
		}
	}
	slices.Sort(got)
	same(t, got, "1s r1 10.0.2.0/24:", "1s r1 10.9.9.9/32: via 10.0.3.2 iface 2", "1s r1 fd00:2::/64:", "1s r1 fd00:9::9/128: via fd00:3::2 iface 2")
	send(t, n, "a", echo(t, "10.0.1.10", "10.0.2.2", 9, 1))
	n.Run(lab.Epoch.Add(5*time.Second), nil)
	if got := arrivals(records(n), "a"); len(got) != 1 || kind(t, got[0].Octets) != "3/0" {
		t.Errorf("%d answers", len(got))
	}
}

// TestNobodyWatches: a node with no choice and no detect goes by its routes,
// whatever becomes of its links: 3/1 when nobody answers for the next hop.
func TestNobodyWatches(t *testing.T) {
	n := network(t, strings.Replace(line(2, nil), "l1: {delay: 1ms}", "l1: {delay: 1ms, cuts: [{from: 1s}]}", 1))
	n.Run(lab.Epoch.Add(2*time.Second), nil)
	send(t, n, "a", echo(t, "10.0.0.10", "10.0.2.10", 9, 1))
	n.Run(lab.Epoch.Add(5*time.Second), nil)
	all := records(n)
	if got := arrivals(all, "a"); len(got) != 1 || kind(t, got[0].Octets) != "3/1" {
		t.Errorf("%d answers", len(got))
	}
	same(t, changes(all), "1s l1 link goes down")

	// With detect it has none, once it has found out.
	text := strings.Replace(line(2, nil), "l1: {delay: 1ms}", "l1: {delay: 1ms, cuts: [{from: 1s}]}", 1)
	n = network(t, strings.Replace(text, "{link: l1, address: 10.0.1.2/24}", "{link: l1, address: 10.0.1.2/24, detect: 500ms}", 1))
	n.Run(lab.Epoch.Add(2*time.Second), nil)
	send(t, n, "a", echo(t, "10.0.0.10", "10.0.2.10", 9, 1))
	n.Run(lab.Epoch.Add(5*time.Second), nil)
	if got := arrivals(records(n), "a"); len(got) != 1 || kind(t, got[0].Octets) != "3/0" {
		t.Errorf("%d answers", len(got))
	}
}
