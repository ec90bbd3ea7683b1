//go:build linux

// Trace has sonde and Linux traceroute find the same way over twelve routers, in
// turn, by each method, and where routers are silent. It writes two Markdown
// tables: how many times as long ours takes, from the start of the process to
// its end, and which of the promises hold. Its exit status is 1 when one does
// not, or when it cannot measure.
//
// The routers are network namespaces of the kernel, whose limits on ICMP errors
// are lifted; they go with this process. It needs root, ip, nft and traceroute
// 2.1, and go to build the command, or -sonde to name it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sonde-net/sonde/bench/product"
)

const routers = 12

// contest is a trace that both make.
type contest struct {
	name    string
	args    []string
	silent  []int // hops that say nothing
	drops   int   // the hop that lets nothing through; 0: none
	slow    bool  // the original takes seconds: it is asked once
	own     bool  // no trace: each has its own words
	promise float64
}

var contests = []contest{
	{name: "the process alone", args: []string{"-V"}, own: true},
	{name: "UDP, a port for each probe", promise: 2},
	{name: "UDP to one port", args: []string{"-U"}, promise: 2},
	{name: "ICMP", args: []string{"-I"}, promise: 2},
	{name: "TCP", args: []string{"-T"}, promise: 2},
	{name: "UDP-Lite", args: []string{"-UL"}, promise: 2},
	{name: "hops 4, 7 and 8 silent", silent: []int{4, 7, 8}},
	{name: "silence from hop 9 on", drops: 8, slow: true, promise: 0.2},
	{name: "one at a time, hop 5 silent", args: []string{"-N", "1"}, silent: []int{5}, slow: true, promise: 0.2},
}

// outcome is what a contest came to.
type outcome struct {
	contest
	ours, peer       []time.Duration
	sent, sentByPeer uint64
	differ           string // hops that are not the same
}

func main() {
	rounds := flag.Int("rounds", 25, "how many `times` each traces")
	sonde := flag.String("sonde", "", "the command; without it, it is built")
	values := flag.Bool("values", false, "the values of this machine in this moment too")
	flag.Parse()
	if err := run(max(1, *rounds), *sonde, *values); err != nil {
		fmt.Fprintf(os.Stderr, "trace: %v\n", err)
		os.Exit(1)
	}
}

func run(rounds int, sonde string, values bool) error {
	runtime.LockOSThread()
	dir, err := os.MkdirTemp("", "trace")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ours := filepath.Join(dir, "traceroute")
	if sonde, err = product.Path(sonde, dir); err != nil {
		return err
	}
	if err := os.Symlink(sonde, ours); err != nil {
		return err
	}
	peer, err := exec.LookPath("traceroute")
	if err != nil {
		return err
	}
	w, err := build(routers)
	if err != nil {
		return err
	}
	var all []outcome
	for _, c := range contests {
		if err := w.manners(c); err != nil {
			return err
		}
		n := rounds
		if c.slow {
			n = 1
		}
		o, err := w.meet(c, n, ours, peer)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		all = append(all, o)
	}
	return report(all, values)
}

// meet has both trace in turn, each round in the opposite order of the one
// before.
func (w *world) meet(c contest, rounds int, ours, peer string) (outcome, error) {
	o := outcome{contest: c}
	alike := false
	for i := range rounds {
		var outs [2]string
		for side := range 2 {
			who := (side + i) % 2
			d, out, n, err := w.trace([]string{ours, peer}[who], c)
			if err != nil {
				return o, err
			}
			outs[who] = out
			if who == 0 {
				o.ours, o.sent = append(o.ours, d), o.sent+n
			} else {
				o.peer, o.sentByPeer = append(o.peer, d), o.sentByPeer+n
			}
		}
		// A star now and then is the machine's: all rounds have to differ.
		if d := difference(outs[0], outs[1]); d == "" || c.own {
			alike = true
		} else if !alike {
			o.differ = d
		}
	}
	if alike {
		o.differ = ""
	}
	return o, nil
}

// difference says how the hops of two outputs differ; "": they do not.
func difference(a, b string) string {
	strip := func(s string) string {
		var all []string
		_, s, _ = strings.Cut(s, "\n")
		for l := range strings.Lines(s) {
			var kept []string
			for _, f := range strings.Fields(l) {
				if f != "ms" && !(strings.Contains(f, ".") && strings.Count(f, ".") == 1) {
					kept = append(kept, f)
				}
			}
			all = append(all, strings.Join(kept, " "))
		}
		return strings.Join(all, "\n")
	}
	if strip(a) == strip(b) {
		return ""
	}
	return fmt.Sprintf("ours:\n%s\nthe peer's:\n%s", a, b)
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// report writes the tables. The error says which promise does not hold.
func report(all []outcome, values bool) error {
	fmt.Printf("Traces over %d routers, ours / Linux traceroute, from start to end of the process.\n\n", routers)
	fmt.Println("| trace | median | best | median without the start of the process | packets, ours / its |")
	fmt.Println("|---|---|---|---|---|")
	start := all[0]
	var broken []string
	for _, o := range all {
		n := uint64(len(o.ours))
		ratio := float64(median(o.ours)) / float64(median(o.peer))
		best := float64(slices.Min(o.ours)) / float64(slices.Min(o.peer))
		alone := "–"
		if o.sent > 0 {
			alone = fmt.Sprintf("%.2f", float64(median(o.ours)-median(start.ours))/float64(median(o.peer)-median(start.peer)))
		}
		fmt.Printf("| %s | %.2f | %.2f | %s | %d / %d |\n", o.name, ratio, best, alone, o.sent/n, o.sentByPeer/n)
		if o.promise > 0 && min(ratio, best) > o.promise {
			broken = append(broken, o.name)
		}
	}
	if values {
		fmt.Println("\n| trace | ours, median / best | traceroute, median / best |\n|---|---|---|")
		for _, o := range all {
			fmt.Printf("| %s | %v / %v | %v / %v |\n", o.name, median(o.ours), slices.Min(o.ours), median(o.peer), slices.Min(o.peer))
		}
	}
	fmt.Println("\n| promise | |\n|---|---|")
	fmt.Printf("| a trace within twice the time, silence at least five times faster | %s |\n", holds(broken))
	for _, o := range all {
		if o.differ != "" && o.sent > 0 {
			broken = append(broken, o.name+": other hops: "+o.differ)
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("does not hold: %s", strings.Join(broken, "; "))
	}
	return nil
}

func holds(broken []string) string {
	if len(broken) == 0 {
		return "holds"
	}
	return "does not hold: " + strings.Join(broken, ", ")
}
