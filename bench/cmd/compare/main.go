// Compare runs the contests of package bench and writes two Markdown tables: the
// ratios of ours to each peer, and which of the promises hold. Its exit status
// is 1 when one does not.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/sonde-net/sonde/bench"
)

func main() {
	rounds := flag.Int("rounds", 101, "how many `times` each contestant is timed")
	slice := flag.Duration("slice", 2*time.Millisecond, "how long each time")
	quick := flag.Bool("quick", false, "a tenth of the rounds")
	flag.Parse()
	if *quick {
		*rounds = max(1, *rounds/10)
	}
	times := map[string]bench.Times{}
	contests := bench.Contests()
	for _, c := range contests {
		times[c.Name] = bench.Measure(c, bench.Effort{Rounds: *rounds, Slice: *slice})
	}
	preface(os.Stdout, *rounds)
	table(os.Stdout, contests, times)
	if !promises(os.Stdout, times) {
		os.Exit(1)
	}
}

// preface says what was measured, so that a table can be read without its run.
func preface(w io.Writer, rounds int) {
	fmt.Fprintf(w, "ours / peer, median of %d interleaved rounds, and best / best; less than 1: ours is faster.\n", rounds)
	fmt.Fprintf(w, "%s, %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			switch m.Path {
			case "golang.org/x/net", "github.com/gopacket/gopacket", "gvisor.dev/gvisor":
				fmt.Fprintf(w, ", %s %s", m.Path, m.Version)
			}
		}
	}
	fmt.Fprint(w, ".\n\n")
}

func table(w io.Writer, contests []bench.Contest, times map[string]bench.Times) {
	fmt.Fprintln(w, "| work | peer | checksum verified by | ours / peer | best / best | allocations, ours | peer |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, c := range contests {
		t := times[c.Name]
		for _, p := range c.Pairs {
			median, best := t.Ratio(p.Ours, p.Peer)
			fmt.Fprintf(w, "| %s | %s | %s | %.2f | %.2f | %.0f | %.0f |\n",
				c.Name, p.Peer, p.Verified, median, best, t.Allocs[p.Ours], t.Allocs[p.Peer])
		}
	}
	fmt.Fprintln(w)
}

// promises reports whether all of them hold.
func promises(w io.Writer, times map[string]bench.Times) bool {
	fmt.Fprintln(w, "| promise | at most | measured | |")
	fmt.Fprintln(w, "|---|---|---|---|")
	all := true
	for _, p := range bench.Promises {
		median, _ := times[p.Contest].Ratio(p.Ours, p.Peer)
		state := "held"
		if median > p.AtMost {
			state, all = "NOT HELD", false
		}
		fmt.Fprintf(w, "| %s | %.3f | %.3f | %s |\n", p.Text, p.AtMost, median, state)
	}
	return all
}
