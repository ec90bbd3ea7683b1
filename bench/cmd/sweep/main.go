// Command sweep measures sonde sweep beside zmap, masscan and fping: every address of
// a prefix answers, results are written. It measures the ways to many addresses, too:
// the mass trace, and sonde survey and sonde trace --multipath beside scamper. See
// README.md of bench.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/bench/product"
	"github.com/sonde-net/sonde/bench/rooms"
)

func main() {
	rounds := flag.Int("rounds", 5, "of each contestant")
	sonde := flag.String("sonde", "", "the program; without it, it is built")
	quick := flag.Bool("quick", false, "one round, no rates")
	only := flag.String("only", "", "one part: sweeps, rates, traces, surveys, diamonds")
	flag.Parse()
	if *quick {
		*rounds = 1
	}
	if err := run(*rounds, *sonde, *quick, *only); err != nil {
		fmt.Fprintln(os.Stderr, "sweep:", err)
		os.Exit(1)
	}
}

// bench is what all measurements share.
type bench struct {
	dir, sonde string
	rounds     int
	broken     []error
}

// outcome is what one run gave.
type outcome struct {
	wall, cpu time.Duration
	rss       int64 // KiB
	found     int
	said      string
}

// contestant is a command line whose results are the lines of a file.
type contestant struct {
	name string
	args func(out string) []string
	// spare is what the program waits for after the last packet, by its own choice.
	spare time.Duration
	all   []outcome
}

func run(rounds int, sonde string, quick bool, only string) error {
	dir, err := os.MkdirTemp("", "sonde-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{dir: dir, rounds: rounds}
	if b.sonde, err = product.Path(sonde, dir); err != nil {
		return err
	}
	s, err := rooms.NewStreet(2, rooms.Lifted)
	defer s.Close()
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"sweeps", func() error { return b.sweeps(s) }},
		{"rates", func() error { return b.rates(s) }},
		{"traces", func() error { return b.traces(s) }},
		{"surveys", b.surveys},
		{"diamonds", b.diamonds},
	} {
		if only != "" && only != part.name || only == "" && quick && part.name == "rates" {
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	return errors.Join(b.broken...)
}

// sweeps has two prefixes swept by everybody.
func (b *bench) sweeps(s *rooms.Street) error {
	before, err := s.ErrorsSeen()
	if err != nil {
		return err
	}
	small, err := b.contest(s, "10.1.0.0/16", 1<<16, true)
	if err != nil {
		return err
	}
	large, err := b.contest(s, "10.4.0.0/14", 1<<18, false)
	if err != nil {
		return err
	}
	fmt.Println()
	ours, zmap, fping := small["sonde"], small["zmap"], small["fping"]
	b.promise("/16: found of all, least", float64(ours.least())/(1<<16), 1, false)
	b.promise("/14: found of all, least", float64(large["sonde"].least())/(1<<18), 1, false)
	if zmap != nil {
		b.promise("/16: wall, sonde / zmap without cooldown, at most 0.5", ratio(ours.wall(), zmap.wall()), 0.5, true)
		b.promise("/14: wall, sonde / zmap without cooldown, at most 0.5", ratio(large["sonde"].wall(), large["zmap"].wall()), 0.5, true)
		b.promise("/14: CPU, sonde / zmap, at most 0.5", ratio(large["sonde"].cpu(), large["zmap"].cpu()), 0.5, true)
	}
	if fping != nil {
		b.promise("/16: wall, sonde / fping, at most 0.5", ratio(ours.wall(), fping.wall()), 0.5, true)
	}
	b.promise("MiB of memory, at most 64", float64(max(ours.rss(), large["sonde"].rss()))/1024, 64, true)
	after, err := s.ErrorsSeen()
	if err != nil {
		return err
	}
	fmt.Printf("faulty packets at the target, before: %s\n                              after:  %s\n", before, after)
	if before != after {
		b.broken = append(b.broken, errors.New("the target has seen faulty packets"))
	}
	return nil
}

// contest lets everybody sweep a prefix, in turn.
func (b *bench) contest(s *rooms.Street, prefix string, n int, withFping bool) (map[string]*contestant, error) {
	all := []*contestant{{name: "sonde", args: func(out string) []string {
		return []string{b.sonde, "sweep", "--all", "--rate", "0", "--output", out, prefix}
	}}}
	if _, err := exec.LookPath("zmap"); err == nil {
		all = append(all, &contestant{name: "zmap", spare: time.Second, args: func(out string) []string {
			return []string{"zmap", "-q", "-b", "/dev/null", "-M", "icmp_echoscan", "-r", "200000", "-c", "1", "-i", "r1", "-G", s.MAC, "-S", "172.30.1.1", "-o", out, prefix}
		}})
	}
	if _, err := exec.LookPath("masscan"); err == nil {
		all = append(all, &contestant{name: "masscan", spare: time.Second, args: func(out string) []string {
			return []string{"masscan", prefix, "--ping", "--rate", "200000", "--wait", "1", "-e", "r1", "--adapter-ip", "172.30.1.1", "--adapter-mac", s.Own, "--router-mac", s.MAC, "-oL", out}
		}})
	}
	if _, err := exec.LookPath("fping"); err == nil && withFping {
		all = append(all, &contestant{name: "fping", args: func(out string) []string {
			return []string{"sh", "-c", "exec fping -q -a -i 0 -r 0 -g " + prefix + " >" + out + " 2>/dev/null"}
		}})
	}
	found := map[string]*contestant{}
	for round := range b.rounds {
		for i := range all {
			c := all[(i+round)%len(all)]
			found[c.name] = c
			o, err := b.once(s.Rooms[0], c)
			if err != nil {
				return nil, err
			}
			c.all = append(c.all, o)
		}
	}
	fmt.Printf("%s, medians of %d:\n", prefix, b.rounds)
	for _, c := range all {
		fmt.Printf("  %-7s %7.3f s  CPU %6.3f s  %4d MiB  found %d to %d of %d\n", c.name, c.wall().Seconds(), c.cpu().Seconds(), c.rss()>>10, c.least(), c.most(), n)
	}
	return found, nil
}

// once runs a contestant once.
func (b *bench) once(r *rooms.Room, c *contestant) (o outcome, err error) {
	out := filepath.Join(b.dir, "out")
	_ = os.Remove(out)
	cmd := r.Command(c.args(out)...)
	cmd.Dir = b.dir
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	err = cmd.Run()
	o.wall = time.Since(start) - c.spare
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return o, err
	}
	o.said = said.String()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		o.cpu, o.rss = time.Duration(u.Utime.Nano()+u.Stime.Nano()), u.Maxrss
	}
	f, err := os.Open(out)
	if err != nil {
		return o, fmt.Errorf("%s: %w: %s", c.name, err, o.said)
	}
	defer f.Close() //nolint:errcheck // it was only read
	seen := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// masscan has the address behind other fields.
		for word := range strings.FieldsSeq(lines.Text()) {
			if strings.HasPrefix(word, "10.") {
				seen[word] = true
				break
			}
		}
	}
	o.found = len(seen)
	return o, nil
}

func median[T cmp.Ordered](all []outcome, of func(*outcome) T) T {
	v := make([]T, len(all))
	for i := range all {
		v[i] = of(&all[i])
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func (c *contestant) wall() time.Duration {
	return median(c.all, func(o *outcome) time.Duration { return o.wall })
}

func (c *contestant) cpu() time.Duration {
	return median(c.all, func(o *outcome) time.Duration { return o.cpu })
}

func (c *contestant) rss() int64 {
	return slices.MaxFunc(c.all, func(a, b outcome) int { return cmp.Compare(a.rss, b.rss) }).rss
}

func (c *contestant) least() int {
	return slices.MinFunc(c.all, func(a, b outcome) int { return cmp.Compare(a.found, b.found) }).found
}

func (c *contestant) most() int {
	return slices.MaxFunc(c.all, func(a, b outcome) int { return cmp.Compare(a.found, b.found) }).found
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func (b *bench) promise(what string, got, limit float64, atMost bool) {
	verdict := "holds"
	if atMost && got > limit || !atMost && got < limit {
		verdict = "does NOT hold"
		b.broken = append(b.broken, errors.New(what))
	}
	fmt.Printf("%-62s %8.3f  %s\n", what, got, verdict)
}

var pace = regexp.MustCompile(`(\d+) asked in ([0-9.a-zµ]+), (\d+) a second`)

// sweep runs ours and returns how many probes have left in which time.
func (b *bench) sweep(r *rooms.Room, args ...string) (n int, took time.Duration, err error) {
	out, err := r.Command(append([]string{b.sonde, "sweep", "--all", "--output", filepath.Join(b.dir, "out")}, args...)...).CombinedOutput()
	m := pace.FindStringSubmatch(string(out))
	if m == nil {
		return 0, 0, fmt.Errorf("%v: %w: %s", args, err, out)
	}
	n, _ = strconv.Atoi(m[1])
	took, err = time.ParseDuration(m[2])
	return n, took, err
}

// rates looks whether a rate that is asked for is held, towards a prefix where nobody
// answers: what the kernel over there can do is not of interest.
func (b *bench) rates(s *rooms.Street) error {
	fmt.Println()
	for _, rate := range []int{10, 100, 1000, 10_000, 100_000, 200_000, 500_000} {
		n := min(max(3*rate, 30), 1<<20)
		last := n - 1
		n, took, err := b.sweep(s.Rooms[0], "--wait", "0.1", "--rate", strconv.Itoa(rate), fmt.Sprintf("10.32.0.0-10.%d.%d.%d", 32+last>>16, last>>8&255, last&255))
		if err != nil {
			return err
		}
		// The sweep is at its end when one more would be due.
		got := float64(n) / took.Seconds()
		b.promise(fmt.Sprintf("rate %d: off by, at most 0.01", rate), math.Abs(got/float64(rate)-1), 0.01, true)
	}
	return nil
}
