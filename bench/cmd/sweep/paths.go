package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sonde-net/sonde/bench/rooms"
)

// traces compares a mass trace with sweeps: one over a single cable, and one of the
// same targets behind the same routers.
func (b *bench) traces(s *rooms.Street) error {
	far, err := rooms.NewStreet(13, rooms.Lifted)
	defer far.Close()
	if err != nil {
		return err
	}
	var near, behind, traces []float64
	for range b.rounds {
		for _, x := range []struct {
			of   *[]float64
			r    *rooms.Room
			args []string
		}{
			{&near, s.Rooms[0], []string{"10.4.0.0/14"}},
			{&behind, far.Rooms[0], []string{"10.1.0.0/16"}},
			{&traces, far.Rooms[0], []string{"--trace", "--max-hops", "12", "--json", "10.1.0.0/16"}},
		} {
			n, took, err := b.sweep(x.r, append([]string{"--rate", "0"}, x.args...)...)
			if err != nil {
				return err
			}
			*x.of = append(*x.of, float64(n)/took.Seconds())
		}
	}
	whole, err := complete(filepath.Join(b.dir, "out"))
	if err != nil {
		return err
	}
	fmt.Printf("\nmass trace, 65,536 destinations behind 11 routers: %.0f packets a second; complete paths: %d\n", middle(traces), whole)
	fmt.Printf("sweep over one cable: %.0f; of the same destinations behind the same routers: %.0f\n", middle(near), middle(behind))
	b.promise("mass trace / sweep over one cable, at least 0.5", middle(traces)/middle(near), 0.5, false)
	b.promise("mass trace / sweep of the same behind the same, at least 0.5", middle(traces)/middle(behind), 0.5, false)
	return nil
}

// middle returns the median.
func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// complete counts the paths of a file that have no gap.
func complete(name string) (n int, err error) {
	text, err := os.ReadFile(name)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"result":"path"`) && strings.Contains(line, `"reached":true`) && strings.Count(line, `"addr"`) == 12 {
			n++
		}
	}
	return n, err
}

// destinations is how many are surveyed behind the kernel's own limits.
const destinations = 200

// surveys has destinations traced behind eleven routers that answer as Linux does
// when nobody tells it otherwise: to a peer six at once, and then one a second.
func (b *bench) surveys() error {
	s, err := rooms.NewStreet(13, "sysctl -qw net.ipv4.ip_forward=1")
	defer s.Close()
	if err != nil {
		return err
	}
	if _, err := s.Rooms[0].Sh("ping -q -c 1 -W 5 10.1.0.1"); err != nil { // neighbours are known
		return err
	}
	list := filepath.Join(b.dir, "list")
	var text strings.Builder
	for i := range destinations {
		fmt.Fprintf(&text, "10.1.0.%d\n", i+1)
	}
	if err := os.WriteFile(list, []byte(text.String()), 0o600); err != nil {
		return err
	}
	fmt.Printf("\n%d destinations behind 11 routers with the kernel's own limits:\n", destinations)
	var times []float64
	least := destinations
	for range b.rounds {
		took, whole, err := timed(s.Rooms[0].Command(b.sonde, "survey", "-n", "--json", "-f", list), wholePath)
		if err != nil {
			return err
		}
		times, least = append(times, took.Seconds()), min(least, whole)
		time.Sleep(refill)
	}
	fmt.Printf("  sonde survey %8.3f s, median of %d; complete, with every router: at least %d\n", middle(times), b.rounds, least)
	b.promise("survey: seconds, at most 3", middle(times), 3, true)
	b.promise("survey: complete of all, least", float64(least)/destinations, 1, false)
	if _, err := exec.LookPath("scamper"); err != nil {
		return nil
	}
	took, whole, err := timed(s.Rooms[0].Command("scamper", "-O", "json", "-p", "10000", "-c", "trace -P icmp-paris", "-f", list), wholePath)
	if err != nil {
		return err
	}
	fmt.Printf("  scamper      %8.3f s, once; complete: %d\n", took.Seconds(), whole)
	return nil
}

// refill is how long a router takes until it answers six at once again.
const refill = 7 * time.Second

// timed runs a command and counts the lines that it prints of a kind.
func timed(cmd *exec.Cmd, is func(line []byte) bool) (took time.Duration, n int, err error) {
	start := time.Now()
	out, err := cmd.Output()
	took = time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return took, 0, err
	}
	for line := range strings.Lines(string(out)) {
		if is([]byte(line)) {
			n++
		}
	}
	return took, n, nil
}

// wholePath reports whether a line of sonde survey or of scamper is a path that has
// reached its end, with each of the eleven routers before it.
func wholePath(line []byte) bool {
	var x struct {
		Event   string `json:"event"`
		Reached bool   `json:"reached"`
		Type    string `json:"type"`
		Stop    string `json:"stop_reason"`
		Dst     string `json:"dst"`
		Hops    []struct {
			Addr string `json:"addr"`
			TTL  int    `json:"probe_ttl"`
		} `json:"hops"`
	}
	if json.Unmarshal(line, &x) != nil {
		return false
	}
	routers := map[string]bool{}
	for _, h := range x.Hops {
		if h.Addr != "" && h.Addr != x.Dst {
			routers[h.Addr] = true
		}
	}
	return (x.Event == "path" && x.Reached || x.Type == "trace" && x.Stop == "COMPLETED") && len(routers) == 11
}

// graph is what was found of a diamond, and what it took.
type graph struct{ links, probes, seconds []float64 }

// diamonds has the ways through a diamond found.
func (b *bench) diamonds() error {
	d, err := newDiamond()
	defer d.close()
	if err != nil {
		return err
	}
	all := []struct {
		name string
		args []string
		graph
	}{
		{name: "sonde trace --multipath", args: []string{b.sonde, "trace", "--multipath", "-n", "--json"}},
		{name: "scamper tracelb", args: []string{"scamper", "-O", "json", "-p", "10000", "-c", "tracelb -P udp-sport", "-i"}},
	}
	if _, err := exec.LookPath("scamper"); err != nil {
		all = all[:1]
	}
	for round := range b.rounds {
		for i := range all {
			c := &all[i]
			// The hash has an address in it: each round divides its flows in another way.
			cmd := d.rooms[0].Command(append(c.args, fmt.Sprintf("10.1.0.%d", round+1))...)
			start := time.Now()
			out, err := cmd.Output()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			links, probes := linksOf(string(out))
			c.seconds = append(c.seconds, time.Since(start).Seconds())
			c.links, c.probes = append(c.links, float64(links)), append(c.probes, float64(probes))
		}
	}
	fmt.Printf("\na diamond %d wide, %d links, confidence 95 %%, medians of %d:\n", width, 2*width+1, b.rounds)
	for i := range all {
		c := &all[i]
		fmt.Printf("  %-24s %7.3f s  %5.0f probes  links seen: %.0f, least %.0f\n", c.name, middle(c.seconds), middle(c.probes), middle(c.links), slices.Min(c.links))
	}
	b.promise("diamond: links seen of all, median", middle(all[0].links)/(2*width+1), 1, false)
	return nil
}

// walked is what a line of sonde trace --multipath or of scamper says.
type walked struct {
	Event  string `json:"event"`
	Probes int    `json:"probes"`
	Edges  []struct {
		From int `json:"from"`
	} `json:"edges"`
	Type   string `json:"type"`
	Probec int    `json:"probec"`
	Nodes  []struct {
		Addr  string `json:"addr"`
		Links [][]struct {
			Addr   string `json:"addr"`
			Probes []struct {
				TTL  int `json:"ttl"`
				Flow int `json:"flowid"`
			} `json:"probes"`
		} `json:"links"`
	} `json:"nodes"`
}

// linksOf counts the links between routers and to the target that were seen, each
// with a flow that went over it, and the probes.
func linksOf(out string) (links, probes int) {
	for line := range strings.Lines(out) {
		var x walked
		if json.Unmarshal([]byte(line), &x) != nil {
			continue
		}
		switch {
		case x.Event == "multipath":
			probes = x.Probes
			for _, e := range x.Edges {
				if e.From >= 0 {
					links++
				}
			}
		case x.Type == "tracelb":
			links, probes = x.seen(), x.Probec
		}
	}
	return links, probes
}

// seen counts the links of scamper's: a flow went over both of its ends. Where a hop
// has one address alone every flow has been there.
func (x *walked) seen() int {
	type at struct{ ttl, flow int }
	flows, hops := map[at]string{}, map[int]map[string]bool{}
	for _, n := range x.Nodes {
		for _, set := range n.Links {
			for _, h := range set {
				for _, p := range h.Probes {
					flows[at{p.TTL, p.Flow}] = h.Addr
					if hops[p.TTL] == nil {
						hops[p.TTL] = map[string]bool{}
					}
					hops[p.TTL][h.Addr] = true
				}
			}
		}
	}
	links := map[[2]string]bool{}
	for k, addr := range flows {
		before := flows[at{k.ttl - 1, k.flow}]
		if one := hops[k.ttl-1]; len(one) == 1 {
			for before = range one { //nolint:revive // there is one
			}
		}
		if before != "" || k.ttl == 2 { // the first router is no link's end
			links[[2]string{before, addr}] = true
		}
	}
	return len(links)
}
