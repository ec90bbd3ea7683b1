package trace_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// ways are what --multipath --json prints, of what the tests look at.
type ways struct {
	Vertices []struct {
		TTL       int    `json:"ttl"`
		Addr      string `json:"addr"`
		PerPacket bool   `json:"per_packet"`
		Sure      bool   `json:"sure"`
	} `json:"vertices"`
	Edges []struct {
		From int `json:"from"`
		To   int `json:"to"`
	} `json:"edges"`
	Diamonds []struct {
		Width     int  `json:"width"`
		Length    int  `json:"length"`
		Unequal   bool `json:"unequal"`
		PerPacket bool `json:"per_packet"`
	} `json:"diamonds"`
	Rewritten []struct {
		TTL   int    `json:"ttl"`
		After int    `json:"after_ttl"`
		From  string `json:"from"`
		Src   string `json:"src"`
	} `json:"rewritten"`
	Reached bool `json:"reached"`
	Probes  int  `json:"probes"`
}

// links are the edges, each as its two addresses, in their order.
func (w *ways) links() []string {
	var out []string
	for _, e := range w.Edges {
		from := "source"
		if e.From >= 0 {
			from = w.Vertices[e.From].Addr
		}
		out = append(out, from+" "+w.Vertices[e.To].Addr)
	}
	slices.Sort(out)
	return out
}

func find(t *testing.T, sonde, args string) *ways {
	t.Helper()
	out, status := testnet.Run(t, sonde, strings.Fields("trace --multipath --json -n "+args)...)
	var w ways
	if err := json.Unmarshal([]byte(out), &w); err != nil || status != 0 {
		t.Fatalf("%s: status %d, %v\n%s", args, status, err, out)
	}
	return &w
}

// nested makes a diamond in a diamond of the kernel's: r0 divides to r1 and r2, r1
// to r3 and r4, r2 goes on to r5, and all meet at r6, behind which is the host.
// Policy is what the kernel hashes.
func nested(t *testing.T, policy int, setup func(*testnet.Room)) (want []string, far string, rooms []*testnet.Room) {
	t.Helper()
	here := testnet.Enter(t)
	open(here)
	for i := range 8 {
		r := testnet.NewRoom(t)
		setup(r)
		// With one seed, all would choose alike, and some ways never be taken.
		r.Sh("sysctl -qw net.ipv4.fib_multipath_hash_policy=%d net.ipv4.fib_multipath_hash_seed=%d", policy, i+1)
		rooms = append(rooms, r)
	}
	testnet.Join(here, rooms[0], 0)
	here.Sh("ip route add default via 10.0.0.2")
	// Links by number: from, to.
	for n, l := range [][2]int{{0, 1}, {0, 2}, {1, 3}, {1, 4}, {2, 5}, {3, 6}, {4, 6}, {5, 6}, {6, 7}} {
		testnet.Join(rooms[l[0]], rooms[l[1]], n+1)
	}
	forward := func(r int, links ...int) {
		var hops []string
		for _, l := range links {
			hops = append(hops, fmt.Sprintf("nexthop via 10.0.%d.2", l))
		}
		rooms[r].Sh("ip route add 10.0.9.0/24 %s", strings.Join(hops, " "))
	}
	forward(0, 1, 2)
	forward(1, 3, 4)
	forward(2, 5)
	forward(3, 6)
	forward(4, 7)
	forward(5, 8)
	for r, link := range map[int]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 9} {
		rooms[r].Sh("ip route add default via 10.0.%d.1", link)
	}
	// The probe arrives at r6 by the link of its way, and r6 answers from the address
	// by which it goes back: that of link 6.
	want = []string{
		"10.0.0.2 10.0.1.2", "10.0.0.2 10.0.2.2", "10.0.1.2 10.0.3.2", "10.0.1.2 10.0.4.2", "10.0.2.2 10.0.5.2",
		"10.0.3.2 10.0.6.2", "10.0.4.2 10.0.6.2", "10.0.5.2 10.0.6.2", "10.0.6.2 10.0.9.2", "source 10.0.0.2",
	}
	slices.Sort(want)
	return want, "10.0.9.2", rooms
}

// TestMultipathKernel finds what was configured in the kernel's routers.
func TestMultipathKernel(t *testing.T) {
	conform.Row(t, "P-09")
	want, far, _ := nested(t, 1, open)
	sonde := binary(t, "sonde")
	for _, method := range []string{"", "-T"} {
		whole := 0
		for range 5 {
			w := find(t, sonde, method+" --confidence 0.9999 "+far)
			got := w.links()
			for _, l := range got {
				if !slices.Contains(want, l) {
					t.Errorf("%s: there is no %s", method, l)
				}
			}
			// Each of two gateways that divide is missed once in sixteen thousand, and then
			// the diamond is another.
			if !w.Reached || slices.Equal(got, want) && (len(w.Diamonds) != 1 || !w.Diamonds[0].Unequal || w.Diamonds[0].PerPacket || w.Diamonds[0].Length != 3) {
				t.Errorf("%s: %+v", method, w)
			}
			if slices.Equal(got, want) {
				whole++
			}
		}
		if whole < 4 {
			t.Errorf("%s: %d of 5 found all", method, whole)
		}
	}
	// By addresses alone, all flows go one way.
	w := find(t, sonde, "-I "+far)
	if len(w.Vertices) != 5 || len(w.Diamonds) != 0 {
		t.Errorf("by echo: %+v", w)
	}
}

// TestMultipathLimited: routers that answer six times at once and then at a pace:
// every second as the kernel's do unless they are told otherwise, here faster.
func TestMultipathLimited(t *testing.T) {
	want, far, _ := nested(t, 1, func(r *testnet.Room) {
		r.Forward()
		r.Sysctl("net/ipv4/icmp_ratelimit", "50")
	})
	sonde := binary(t, "sonde")
	w := find(t, sonde, "--confidence 0.9999 "+far)
	if got := w.links(); !slices.Equal(got, want) || !w.Reached {
		t.Errorf("%v\nwant\n%v\n%+v", got, want, w)
	}
}
