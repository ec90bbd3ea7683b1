// Command listen measures sonde listen beside tcpdump and tshark, on a capture
// of mixed packets that it makes.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/bench/product"
)

// contestant is a command line that reads the capture.
type contestant struct {
	name   string
	args   []string
	rounds int
	times  []time.Duration
	rss    int64 // KiB, the most
}

// fields are what a line of sonde listen shows.
var fields = []string{
	"frame.number", "frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "icmp.type", "icmp.code", "icmp.ident",
	"icmp.seq", "icmp.mtu", "icmp.redir_gw", "icmp.resp_to", "icmp.resptime", "icmpv6.type", "icmpv6.code",
	"icmpv6.echo.identifier", "icmpv6.echo.sequence_number", "icmpv6.mtu", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport",
}

func main() {
	packets := flag.Int("packets", 5_000_000, "in the capture")
	rounds := flag.Int("rounds", 3, "of each but tshark, which has one")
	sonde := flag.String("sonde", "", "the program; without it, it is built")
	keep := flag.String("file", "", "the capture; without it one is made and removed")
	only := flag.Bool("live", false, "the live part alone")
	flag.Parse()
	if err := run(*packets, *rounds, *sonde, *keep, *only); err != nil {
		fmt.Fprintln(os.Stderr, "listen:", err)
		os.Exit(1)
	}
}

func run(packets, rounds int, sonde, file string, only bool) error {
	dir, err := os.MkdirTemp("", "sonde-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if sonde, err = product.Path(sonde, dir); err != nil {
		return err
	}
	if only {
		return live(sonde)
	}
	if file == "" {
		file = filepath.Join(dir, "mixed.pcap")
		if err := generate(file, packets); err != nil {
			return err
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%d packets, %d MiB\n\n", packets, info.Size()>>20)
	tshark := []string{"tshark", "-n", "-r", file, "-T", "fields"}
	for _, f := range fields {
		tshark = append(tshark, "-e", f)
	}
	all := []*contestant{
		{name: "sonde, summary, no findings", args: []string{sonde, "listen", "--quiet", "--no-findings", file}, rounds: rounds},
		{name: "sonde, summary and findings", args: []string{sonde, "listen", "--quiet", file}, rounds: rounds},
		{name: "sonde, lines, no findings", args: []string{sonde, "listen", "--no-findings", file}, rounds: rounds},
		{name: "sonde, lines and findings", args: []string{sonde, "listen", file}, rounds: rounds},
		{name: "tcpdump -n -r", args: []string{"tcpdump", "-n", "-r", file}, rounds: rounds},
		// Without the table of connections that relative numbers take.
		{name: "tcpdump -n -S -r", args: []string{"tcpdump", "-n", "-S", "-r", file}, rounds: rounds},
		{name: "tshark, fields", args: tshark, rounds: 1},
	}
	for r := range rounds {
		for _, c := range all {
			if r < c.rounds {
				if err := c.run(); err != nil {
					return err
				}
			}
		}
	}
	return errors.Join(report(all), live(sonde))
}

// run has it read the capture once. What it writes goes nowhere.
func (c *contestant) run() error {
	path, err := exec.LookPath(c.args[0])
	if err != nil {
		return err
	}
	cmd := exec.Command(path, c.args[1:]...)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = null.Close() }()
	cmd.Stdout = null
	var said strings.Builder
	cmd.Stderr = &said
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", c.name, err, said.String())
	}
	c.times = append(c.times, time.Since(start))
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.rss = max(c.rss, u.Maxrss)
	}
	return nil
}

func (c *contestant) median() time.Duration {
	s := slices.Clone(c.times)
	slices.SortFunc(s, cmp.Compare)
	return s[len(s)/2]
}

func report(all []*contestant) error {
	at := func(name string) *contestant {
		return all[slices.IndexFunc(all, func(c *contestant) bool { return c.name == name })]
	}
	for _, c := range all {
		fmt.Printf("%-30s %8.2f s  %6d MiB\n", c.name, c.median().Seconds(), c.rss>>10)
	}
	plain, found := at("sonde, lines, no findings"), at("sonde, lines and findings")
	dump, bare, shark := at("tcpdump -n -r"), at("tcpdump -n -S -r"), at("tshark, fields")
	quiet, quietFound := at("sonde, summary, no findings"), at("sonde, summary and findings")
	fmt.Println()
	var broken []error
	promise := func(what string, got, limit float64, atMost bool) {
		verdict := "holds"
		if atMost && got > limit || !atMost && got < limit {
			verdict = "does NOT hold"
			broken = append(broken, errors.New(what))
		}
		fmt.Printf("%-58s %7.2f  %s\n", what, got, verdict)
	}
	ratio := func(a, b *contestant) float64 { return float64(a.median()) / float64(b.median()) }
	promise("tcpdump / lines, at least 1", ratio(dump, plain), 1, false)
	promise("tcpdump -S / lines, at least 1", ratio(bare, plain), 1, false)
	promise("tshark / lines, at least 5", ratio(shark, plain), 5, false)
	promise("tshark / lines and findings, at least 5", ratio(shark, found), 5, false)
	promise("findings on / off, lines, at most 2", ratio(found, plain), 2, true)
	promise("findings on / off, summary, at most 2", ratio(quietFound, quiet), 2, true)
	most := max(plain.rss, found.rss, quiet.rss, quietFound.rss)
	promise("MiB of memory, at most 256", float64(most)/1024, 256, true)
	return errors.Join(broken...)
}
