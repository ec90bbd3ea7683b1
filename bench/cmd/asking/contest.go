//go:build linux

package main

import (
	"fmt"
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
)

// effort is how much is done.
type effort struct {
	rounds, seconds int
	peers           bool

	sonde, own string
	fping      float64 // CPU seconds of fping for 1,000 targets
	failed     bool
}

// spent is what a run of a program took.
type spent struct {
	out  string
	wall time.Duration
	cpu  time.Duration
	mem  int64 // KiB
}

func measure(env string, name string, args ...string) (spent, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C", env)
	begin := time.Now()
	out, err := c.CombinedOutput()
	s := spent{out: string(out), wall: time.Since(begin)}
	if c.ProcessState == nil {
		return s, err
	}
	u := c.ProcessState.SysUsage().(*syscall.Rusage)
	s.cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	s.mem = u.Maxrss
	return s, nil
}

// proBing lets pro-bing ask, over ICMP datagram sockets, which ping would take to
// as well if it could.
func (e *effort) proBing(args ...string) (s spent, err error) {
	const sysctl = "sysctl -qw net.ipv4.ping_group_range="
	if err := shell(sysctl + "'0 2147483647'"); err != nil {
		return s, err
	}
	s, err = measure(role+"=pro-bing", e.own, args...)
	if err != nil {
		return s, err
	}
	return s, shell(sysctl + "'1 0'")
}

// row writes a line of the table.
func (e *effort) row(promise string, holds bool, ours, peers string) {
	yes := "yes"
	if !holds {
		yes, e.failed = "**no**", true
	}
	fmt.Printf("| %s | %s | %s | %s |\n", promise, ours, peers, yes)
}

func (e *effort) run(dir string) (ok bool, err error) {
	if e.sonde, err = product.Path(e.sonde, dir); err != nil {
		return false, err
	}
	if e.own, err = os.Executable(); err != nil {
		return false, err
	}
	far, err := answerer()
	if err != nil {
		return false, err
	}
	defer far.Close()
	fmt.Println("| promise | sonde ping | peers | holds |")
	fmt.Println("|---|---|---|---|")
	for _, contest := range []func(dir string) error{e.start, e.times, e.floods, e.thousand, e.tenThousand} {
		if err := contest(dir); err != nil {
			return false, err
		}
	}
	return !e.failed, nil
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// start is from the call to the first packet.
func (e *effort) start(string) error {
	w, err := newWatch("v0")
	if err != nil {
		return err
	}
	defer w.close()
	first := func(name string, args ...string) (ms float64, err error) {
		w.drain()
		begin := time.Now()
		if _, err := measure("", name, append(args, "-c", "1", "-q", "10.0.0.2")...); err != nil {
			return 0, err
		}
		at, err := w.first()
		return at.Sub(begin).Seconds() * 1000, err
	}
	var ours, theirs []float64
	for range 4*e.rounds + 1 {
		a, err := first(e.sonde, "ping")
		if err != nil {
			return err
		}
		b, err := first("ping")
		if err != nil {
			return err
		}
		ours, theirs = append(ours, a), append(theirs, b)
	}
	o := median(ours)
	e.row("from the call to the first packet under 10 ms", o < 10, fmt.Sprintf("%.1f ms", o), fmt.Sprintf("ping %.1f ms", median(theirs)))
	return nil
}

var (
	rttLine   = regexp.MustCompile(`rtt min/avg/max/mdev = [\d.]+/([\d.]+)/`)
	fpingLine = regexp.MustCompile(`min/avg/max = [\d.]+/([\d.]+)/`)
	timeLine  = regexp.MustCompile(`(\d+) received.*time (\d+)ms`)
)

func find(re *regexp.Regexp, s string) (float64, error) {
	m := re.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("no %v in %q", re, s)
	}
	return strconv.ParseFloat(m[1], 64)
}

// times are round-trip times at an interval of 1 ms.
func (e *effort) times(string) error {
	var ours, theirs, load []float64
	for range e.rounds {
		a, err := measure("", e.sonde, "ping", "-q", "-c", "3000", "-i", "0.001", "10.0.0.2")
		if err != nil {
			return err
		}
		b, err := measure("", "fping", "-q", "-c", "1000", "-p", "1", "-i", "1", "10.0.0.2")
		if err != nil {
			return err
		}
		x, err := find(rttLine, a.out)
		if err != nil {
			return err
		}
		y, err := find(fpingLine, b.out)
		if err != nil {
			return err
		}
		ours, theirs = append(ours, x*1000), append(theirs, y*1000)
		load = append(load, 100*a.cpu.Seconds()/a.wall.Seconds())
	}
	p, err := measure("", "ping", "-q", "-c", "3000", "-i", "0.001", "10.0.0.2")
	if err != nil {
		return err
	}
	b, err := e.proBing("1000", "0.001", "10.0.0.2")
	if err != nil {
		return err
	}
	o, f := median(ours), median(theirs)
	e.row("RTT at 1 ms: average within 3 µs of fping's", o-f < 3, fmt.Sprintf("%.1f µs", o),
		fmt.Sprintf("fping %.1f µs, pro-bing %s", f, strings.TrimSpace(b.out)))
	// On a machine that is slow, or has other things to do, as much more as
	// pro-bing takes there, which usually takes 6 %.
	percent := 100 * b.cpu.Seconds() / b.wall.Seconds()
	limit := 5 * max(1, percent/6)
	e.row(fmt.Sprintf("… at no more than %.1f %% of a core", limit), median(load) <= limit, fmt.Sprintf("%.1f %%", median(load)),
		fmt.Sprintf("ping %.0f %%, pro-bing %.0f %%", 100*p.cpu.Seconds()/p.wall.Seconds(), percent))
	return nil
}

// floods are replies a second.
func (e *effort) floods(string) error {
	for _, way := range [][]string{{"-f"}, {"-f", "-l", "64"}} {
		var ratio, cpu []float64
		for range 2*e.rounds + 1 {
			rate := func(name string, more ...string) (perSecond float64, each float64, err error) {
				s, err := measure("", name, append(append(more, "-q", "-c", "100000", "10.0.0.2"), way...)...)
				if err != nil {
					return 0, 0, err
				}
				m := timeLine.FindStringSubmatch(s.out)
				if m == nil {
					return 0, 0, fmt.Errorf("no statistics in %q", s.out)
				}
				n, _ := strconv.ParseFloat(m[1], 64)
				ms, _ := strconv.ParseFloat(m[2], 64)
				return 1000 * n / ms, s.cpu.Seconds() / n, nil
			}
			a, x, err := rate(e.sonde, "ping")
			if err != nil {
				return err
			}
			b, y, err := rate("ping")
			if err != nil {
				return err
			}
			ratio, cpu = append(ratio, a/b), append(cpu, x/y)
		}
		r := median(ratio)
		e.row("replies a second, "+strings.Join(way, " ")+": at least 0.9 of ping's", r >= 0.9,
			fmt.Sprintf("%.2f of them, for %.2f of the CPU time", r, median(cpu)), "ping: 1")
	}
	return nil
}

// hosts writes a file of n targets.
func hosts(dir string, n int) (string, error) {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "10.1.%d.%d\n", i>>8, i&255)
	}
	name := filepath.Join(dir, strconv.Itoa(n))
	return name, os.WriteFile(name, []byte(b.String()), 0o600)
}

// watch lets sonde ping watch n targets, and returns how many replies are missing.
func (e *effort) watch(dir string, n int) (s spent, lost int, err error) {
	file, err := hosts(dir, n)
	if err != nil {
		return s, 0, err
	}
	s, err = measure("", e.sonde, "ping", "-q", "--summary", "-c", strconv.Itoa(e.seconds), "--file", file)
	if err != nil {
		return s, 0, err
	}
	all := regexp.MustCompile(`= (\d+)/(\d+)/\d+%`).FindAllStringSubmatch(s.out, -1)
	if len(all) != n {
		return s, 0, fmt.Errorf("%d lines of %d: %.200s", len(all), n, s.out)
	}
	for _, m := range all {
		sent, _ := strconv.Atoi(m[1])
		got, _ := strconv.Atoi(m[2])
		lost += sent - got
	}
	return s, lost, nil
}

func (e *effort) thousand(dir string) error {
	s, lost, err := e.watch(dir, 1000)
	if err != nil {
		return err
	}
	f, err := measure("", "fping", "-q", "-c", strconv.Itoa(e.seconds), "-p", "1000", "-i", "1", "-f", filepath.Join(dir, "1000"))
	if err != nil {
		return err
	}
	b, err := e.proBing(strconv.Itoa(e.seconds), "1", "@"+filepath.Join(dir, "1000"))
	if err != nil {
		return err
	}
	e.fping = f.cpu.Seconds()
	limit := e.limit(0.4)
	e.row(fmt.Sprintf("1,000 targets, 1/s, %d s: at most %.2f CPU s", e.seconds, limit), s.cpu.Seconds() <= limit && lost == 0,
		fmt.Sprintf("%.2f s, %d MiB, %d lost", s.cpu.Seconds(), s.mem>>10, lost),
		fmt.Sprintf("fping %.2f s; pro-bing %.2f s, %d MiB", f.cpu.Seconds(), b.cpu.Seconds(), b.mem>>10))
	return nil
}

// limit is how many CPU seconds are allowed where so many are in 30 s on a
// machine on which fping takes 0.22 for 1,000 targets: on one that is slower, or
// has other things to do, as much more as fping takes there.
func (e *effort) limit(seconds float64) float64 {
	const usual = 0.22
	share := float64(e.seconds) / 30
	return seconds * max(share, e.fping/usual)
}

func (e *effort) tenThousand(dir string) error {
	s, lost, err := e.watch(dir, 10000)
	if err != nil {
		return err
	}
	peer := "fping dies beyond 6,553 a second"
	if e.peers {
		b, err := e.proBing(strconv.Itoa(e.seconds), "1", "@"+filepath.Join(dir, "10000"))
		if err != nil {
			return err
		}
		peer += fmt.Sprintf("; pro-bing %.1f s, %d MiB", b.cpu.Seconds(), b.mem>>10)
	}
	limit := e.limit(3)
	e.row(fmt.Sprintf("10,000 targets, 1/s, %d s: at most %.1f CPU s, 64 MiB, none lost", e.seconds, limit),
		s.cpu.Seconds() <= limit && s.mem>>10 <= 64 && lost == 0,
		fmt.Sprintf("%.2f s, %d MiB, %d lost", s.cpu.Seconds(), s.mem>>10, lost), peer)
	return nil
}
