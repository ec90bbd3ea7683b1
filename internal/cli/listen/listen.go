// Package listen is the command sonde listen: ICMP messages of a capture or an
// interface as lines, how they belong together, and what is to be found in them.
// There is no logic here: package explain/listen does the work.
package listen

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/link/capture/filter"
)

// options are what the flags say.
type options struct {
	iface      string
	verbose    int
	types      []string
	codes      []uint
	from       string
	to         string
	host       string
	direction  string
	finding    []string
	json       bool
	quiet      bool
	follow     bool
	noFindings bool
	utc        bool
	promisc    bool
	write      string
	lang       string
	count      int
	top        int
	buffer     int
}

const long = `Listen reads a capture file (pcap or pcapng, also packed by gzip or zstd), the
standard input, or an interface, and prints each ICMP message on a line: when,
who to whom, what, and about which conversation. Replies are tied to their
requests and timed, errors to the datagram that caused them. At the end, and
when it is interrupted, it sums up: types and codes, talkers, conversations with
trouble, response times, and findings: attacks, misuse and faults, each with its
evidence and what to do about it.

Further arguments are an expression as tcpdump takes it: it chooses what is read
at all. The flags choose which of the messages are shown; what is not shown is
still part of the conversations and findings.`

const example = `  sonde listen trouble.pcapng
  sonde listen trouble.pcapng.gz --type 3 --host 192.0.2.7
  sonde listen trouble.pcap --finding any -v
  tcpdump -w - | sonde listen - 'icmp or icmp6'
  sonde listen -i eth0 --follow`

// New returns the command.
func New() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:     "listen [FILE|-i IFACE] [EXPRESSION...]",
		Short:   "Read ICMP from a capture or an interface, and what it shows",
		Long:    long,
		Example: example,
		Args:    cobra.ArbitraryArgs,
	}
	f := cmd.Flags()
	f.StringVarP(&o.iface, "interface", "i", "", "listen on this interface; any: on all")
	f.CountVarP(&o.verbose, "verbose", "v", "more of each message; twice: every field with its octet")
	f.StringSliceVar(&o.types, "type", nil, "show these types only: 8, 3/4, v6:128")
	f.UintSliceVar(&o.codes, "code", nil, "show these codes only")
	f.StringVar(&o.from, "from", "", "show what this address or network sends")
	f.StringVar(&o.to, "to", "", "show what goes to this address or network")
	f.StringVar(&o.host, "host", "", "show what this address or network sends, gets or is quoted with")
	f.StringVar(&o.direction, "direction", "", "in, out: as the capture tells, or else seen from --host")
	f.StringSliceVar(&o.finding, "finding", nil, "show what is part of a finding: any, or its kinds")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print the summary only")
	f.BoolVar(&o.follow, "follow", false, "keep a summary on the screen that is drawn anew every second")
	f.BoolVar(&o.noFindings, "no-findings", false, "look for no findings")
	f.BoolVar(&o.utc, "utc", false, "print times in UTC instead of local time")
	f.BoolVar(&o.promisc, "promiscuous", false, "with -i: capture what is for others too")
	f.StringVarP(&o.write, "write", "w", "", "write what was read to this pcapng file, with a comment on each message shown")
	f.IntVarP(&o.count, "count", "c", 0, "stop after so many messages shown")
	f.IntVar(&o.top, "top", 10, "lines of each list in the summary; 0: all")
	f.IntVar(&o.buffer, "buffer", 0, "with -i: MiB of packets that may wait; default 32")
	language.Flag(cmd, &o.lang)
	fixed := func(flag string, values ...string) {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	fixed("direction", "in", "out")
	kinds := []string{"any"}
	for _, k := range finding.Kinds() {
		kinds = append(kinds, k.String())
	}
	fixed("finding", kinds...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return run(cmd, args, o) }
	return cmd
}

// choice makes the choice that the flags say.
func (o *options) choice() (c listen.Choice, err error) {
	for _, s := range o.types {
		k, err := listen.ParseKind(s)
		if err != nil {
			return c, fmt.Errorf("--type: %w", err)
		}
		c.Types = append(c.Types, k)
	}
	for _, n := range o.codes {
		if n > 255 {
			return c, fmt.Errorf("--code: %d is no code: want 0 to 255", n)
		}
		c.Codes = append(c.Codes, uint8(n))
	}
	if err := prefixes(o, &c); err != nil {
		return c, err
	}
	switch o.direction {
	case "":
	case "in":
		c.Toward = listen.In
	case "out":
		c.Toward = listen.Out
	default:
		return c, fmt.Errorf("--direction: %q is none: want in or out", o.direction)
	}
	for _, s := range o.finding {
		if c.Finding == nil {
			c.Finding = []finding.Kind{}
		}
		if s == "any" {
			continue
		}
		k, ok := finding.KindOf(s)
		if !ok {
			return c, fmt.Errorf("--finding: %q is none: want any, %s", s, names())
		}
		c.Finding = append(c.Finding, k)
	}
	if slices.Contains(o.finding, "any") {
		c.Finding = []finding.Kind{}
	}
	return c, nil
}

func names() string {
	var all []string
	for _, k := range finding.Kinds() {
		all = append(all, k.String())
	}
	return strings.Join(all, ", ")
}

func prefixes(o *options, c *listen.Choice) (err error) {
	if o.from != "" {
		if c.From, err = listen.ParsePrefix(o.from); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
	}
	if o.to != "" {
		if c.To, err = listen.ParsePrefix(o.to); err != nil {
			return fmt.Errorf("--to: %w", err)
		}
	}
	if o.host != "" {
		if c.Host, err = listen.ParsePrefix(o.host); err != nil {
			return fmt.Errorf("--host: %w", err)
		}
	}
	return nil
}

func (o *options) check(choice *listen.Choice) error {
	switch {
	case o.json && o.follow:
		return errors.New("--follow draws on a screen, and goes without --json")
	case o.noFindings && choice.Finding != nil:
		return errors.New("--finding goes without --no-findings")
	case o.count < 0:
		return fmt.Errorf("--count: %d is less than 0", o.count)
	case o.buffer < 0:
		return fmt.Errorf("--buffer: %d is less than 0", o.buffer)
	}
	return nil
}

func run(cmd *cobra.Command, args []string, o options) (err error) {
	choice, err := o.choice()
	if err != nil {
		return err
	}
	if err := o.check(&choice); err != nil {
		return err
	}
	lang, err := language.Of(o.lang)
	if err != nil {
		return err
	}
	file := ""
	if o.iface == "" {
		if file, args, err = fileOf(cmd, args); err != nil {
			return err
		}
	}
	var chosen *filter.Filter
	if len(args) > 0 {
		if chosen, err = filter.Parse(strings.Join(args, " ")); err != nil {
			return err
		}
	}
	seed := rand.Uint64() //nolint:gosec // of hash tables
	l, err := listen.New(listen.Config{
		Conversation: conversation.Config{Seed: seed}, Detect: detect.Config{Seed: seed}, NoFindings: o.noFindings,
	})
	if err != nil {
		return err
	}
	s := newSession(cmd, o, lang, l, choice)
	if o.write != "" {
		if s.reads(file, o.write) {
			return fmt.Errorf("--write: %s is what is read, and would be lost", o.write)
		}
		if err := s.create(o.write); err != nil {
			return err
		}
	}
	return s.run(cmd.Context(), file, chosen)
}

// fileOf takes the file from the arguments; "-" is the standard input, which is
// also read when there is no argument and it is no terminal.
func fileOf(cmd *cobra.Command, args []string) (string, []string, error) {
	if len(args) > 0 {
		return args[0], args[1:], nil
	}
	if f, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return "", nil, errors.New("want a capture file, or -i and an interface")
	}
	return "-", nil, nil
}

// interrupted reports whether the work was stopped from outside.
func interrupted(ctx context.Context) bool { return ctx.Err() != nil }
