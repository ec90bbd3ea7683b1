//go:build linux

// Answer lets the kernel's ping flood those who answer echo requests: this
// project's node, gVisor's netstack and a bare loop, each on a TUN device, and
// the kernel itself over a pair of Ethernet devices. It writes two Markdown
// tables: the ratios of ours to each peer, and which of the promises hold. Its
// exit status is 1 when one does not, or when it cannot measure.
//
// Each contestant is a process of its own in a network namespace of its own, so
// nothing can reach the machine's network, and nothing is left behind, however
// this ends. It needs root, and ping of iputils.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if name := os.Getenv(roleEnv); name != "" {
		if err := play(name); err != nil {
			fail(err)
		}
		return
	}
	rounds := flag.Int("rounds", 15, "how many `times` each contestant is flooded in each way")
	count := flag.Int("count", 20000, "how many `probes` each time")
	limit := flag.Duration("limit", 5*time.Minute, "give up after this long")
	quick := flag.Bool("quick", false, "a fifth of the rounds, half the probes")
	fifo := flag.Bool("fifo", false, "real-time priority for all, on a machine that has other things to do")
	values := flag.Bool("values", false, "the values of this machine in this moment too")
	flag.Parse()
	if *quick {
		*rounds, *count = *rounds/5, *count/2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	results, err := contest(ctx, effort{max(1, *rounds), max(1, *count), *fifo})
	if err != nil {
		fail(err)
	}
	preface(os.Stdout, max(1, *rounds), *count)
	table(os.Stdout, results)
	if *values {
		absolute(os.Stdout, results)
	}
	if !promised(os.Stdout, results) {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "answer: %v\n", err)
	os.Exit(1)
}

// effort is how long contest looks.
type effort struct {
	rounds, count int
	fifo          bool
}

// contest floods everyone in turn, each round in the opposite order of the one
// before. The goroutine keeps its thread: see enter, and the children are to die
// with this thread.
func contest(ctx context.Context, e effort) (results, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("network namespaces need root")
	}
	runtime.LockOSThread()
	if e.fifo { // the children inherit it
		a := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
		if err := unix.SchedSetAttr(0, &a, 0); err != nil {
			return nil, fmt.Errorf("real-time priority: %w", err)
		}
	}
	var field []*player
	defer func() {
		for _, p := range field {
			p.stop()
		}
	}()
	for _, name := range contestants {
		p, err := start(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		field = append(field, p)
	}
	r := results{}
	for i := -1; i < e.rounds; i++ {
		for k := range field {
			p := field[k]
			if i%2 != 0 {
				p = field[len(field)-1-k]
			}
			for _, w := range ways {
				one, err := p.flood(ctx, w, e.count)
				if err != nil {
					return nil, fmt.Errorf("%s, ping %s: %w", p.name, w, err)
				}
				if i >= 0 { // the first is to get warm
					r.add(p.name, w, one)
				}
			}
		}
	}
	return r, nil
}

// preface says what was measured, so that a table can be read without its run.
func preface(w io.Writer, rounds, count int) {
	fmt.Fprintf(w, "Replies a second of ours / peer, median of %d interleaved rounds of %d probes, and best / best; more than 1: ours is faster. CPU: of the answering process, the kernel's share of it included, for one reply; less than 1: ours takes less. Lost: probes of all rounds without a reply.\n", rounds, count)
	fmt.Fprintf(w, "Linux %s, %s, %s/%s, %d processors", release(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasPrefix(m.Path, "gvisor.dev/") {
				fmt.Fprintf(w, ", %s %s", m.Path, m.Version)
			}
		}
	}
	fmt.Fprint(w, ".\n\n")
}

func release() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(b))
}
