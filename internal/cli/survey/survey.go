// Package survey is sonde survey: the ways to many addresses, every router asked
// no more often than it answers.
package survey

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/internal/cli/hosts"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/survey"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/vantage"
)

// flags are the flags.
type flags struct {
	place     place.Place
	lang      string
	files     []string
	exclude   []string
	all       bool
	permitted bool
	maxHops   uint8
	rate      int
	numeric   bool
	routers   bool
	json      bool
	device    string
	config    survey.Config
}

// maxUnasked is how many public addresses are asked without --permitted: a /24.
const maxUnasked = 256

// defaultRate is how many probes leave in a second, unless it is said.
const defaultRate = 5000

// remembered is how many probes are known at a time, for each that may be under way,
// and mostParallel how many these may be: a prober knows no more.
const (
	remembered   = 4
	mostParallel = 1 << 20
)

// mostTries is how often silence may be asked again.
const mostTries = 10

// New makes the command.
func New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "survey TARGET...",
		Short: "Find the ways to many addresses, asking each router no more than it answers",
		Long: `Survey traces many addresses at once: what is known of a way that others share is
not asked again, and a router that answers only so often is not asked more often,
so that the ways are complete also behind routers with the usual limits. It says
at which pace each router answers.

Targets are names, addresses, prefixes and ranges. What is taken over from
another address of the same network, and was not asked for this one, has a ~.

The exit status is 0 when all were reached, 1 when some were not, 2 when something
else went wrong.`,
		Example: `  sonde survey --lab cmu-mit --virtual 18.7.22.69
  sonde survey 10.1.0.0/24 10.2.0.1-10.2.0.50
  sonde survey -f hosts.txt --json`,
		RunE:              f.run,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringArrayVarP(&f.files, "file", "f", nil, "read targets from a file; - is the standard input")
	s.StringArrayVar(&f.exclude, "exclude", nil, "leave out an address, prefix or range")
	s.BoolVar(&f.all, "all", false, "ask reserved addresses, and those of networks and broadcasts, too")
	s.BoolVar(&f.permitted, "permitted", false, "I may ask these: more than 256 public addresses")
	s.Uint8VarP(&f.maxHops, "max-hops", "m", survey.DefaultMaxTTL, "the longest way")
	s.IntVarP(&f.rate, "rate", "r", defaultRate, "probes a second in all, at most; 0: no limit")
	s.IntVarP(&f.config.Parallel, "parallel", "N", survey.DefaultParallel, "probes under way at a time")
	s.IntVar(&f.config.Tries, "tries", survey.DefaultTries, "probes before silence is believed")
	s.DurationVarP(&f.config.Wait, "wait", "w", survey.DefaultWait, "how long to wait for an answer")
	s.IntVar(&f.config.Prefix4, "network", survey.DefaultPrefix4, "bits that IPv4 addresses of one network share: they are taken to have one way;\n32: each is asked by itself")
	s.IntVar(&f.config.Prefix6, "network6", survey.DefaultPrefix6, "likewise of IPv6")
	s.IntVar(&f.config.Check, "check", survey.DefaultCheck, "how many others of a network are asked whether their way is the same; -1: none")
	s.BoolVar(&f.routers, "routers", false, "print the routers alone, not the ways")
	s.StringVarP(&f.device, "interface", "i", "", "interface to send through")
	s.BoolVarP(&f.numeric, "numeric", "n", false, "addresses only, no names")
	s.BoolVar(&f.json, "json", false, "print JSON, one object a line")
	f.place.Flags(cmd, "interface")
	language.Flag(cmd, &f.lang)
	return cmd
}

func (f *flags) run(cmd *cobra.Command, args []string) error {
	lang, err := language.Of(f.lang)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 0 && len(f.files) == 0:
		return errors.New("want targets: names, addresses, prefixes, ranges, or -f and a file")
	case f.maxHops == 0:
		return errors.New("--max-hops: want 1 to 255")
	case f.rate < 0:
		return fmt.Errorf("--rate %d: want 0 or more", f.rate)
	case f.config.Parallel < 1 || f.config.Parallel > mostParallel:
		return fmt.Errorf("--parallel %d: want 1 to %d", f.config.Parallel, mostParallel)
	case f.config.Wait <= 0 || f.config.Wait > time.Hour:
		return fmt.Errorf("--wait %v: want more than 0, and an hour at most", f.config.Wait)
	case f.config.Tries < 1 || f.config.Tries > mostTries:
		return fmt.Errorf("--tries %d: want 1 to %d", f.config.Tries, mostTries)
	case f.config.Prefix4 < 1 || f.config.Prefix4 > 32:
		return fmt.Errorf("--network %d: want 1 to 32", f.config.Prefix4)
	case f.config.Prefix6 < 1 || f.config.Prefix6 > 128:
		return fmt.Errorf("--network6 %d: want 1 to 128", f.config.Prefix6)
	}
	ctx := cmd.Context()
	at, err := f.place.Open(vantage.Trace, f.system)
	if err != nil {
		return err
	}
	defer at.Close()
	c := f.config
	c.MaxTTL = probeTTL(f.maxHops)
	if c.Targets, err = f.targets(ctx, at, cmd.InOrStdin(), args); err != nil {
		return err
	}
	if err := sources(at, &c); err != nil {
		return err
	}
	// Those that are over are remembered for a while, but not so many that they are
	// most of what there is.
	p, err := at.Prober(probe.Config{Rate: f.rate, Targets: len(c.Targets), InFlight: remembered * c.Parallel})
	if err != nil {
		return err
	}
	s, err := survey.New(p, c)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(cmd.OutOrStdout())
	begun := at.Now()
	if err := at.Run(ctx, s, nil); err != nil {
		return err
	}
	show := report{
		w: w, say: speak(lang), s: s, took: at.Now().Sub(begun), sent: p.Counters().Sent, routersOnly: f.routers,
		who: f.look(ctx, at, s),
	}
	all := show.print
	if f.json {
		all = show.json
	}
	reached, err := all()
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if reached < len(c.Targets) {
		return status.No
	}
	return nil
}

// targets reads whom to ask.
func (f *flags) targets(ctx context.Context, at vantage.Point, in io.Reader, args []string) ([]netip.Addr, error) {
	var t campaign.Targets
	add := func(text, where string) error {
		if _, err := space.Parse(text); !errors.Is(err, space.ErrSyntax) {
			return t.Add(text, where)
		}
		all, err := at.Lookup(ctx, text, vantage.Any)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", where, text, err)
		}
		return t.Add(all[0].WithZone("").String(), where)
	}
	for _, a := range args {
		if err := add(a, "target"); err != nil {
			return nil, err
		}
	}
	for _, name := range f.files {
		if err := hosts.Each(in, name, add); err != nil {
			return nil, err
		}
	}
	for _, a := range f.exclude {
		if err := t.Exclude(a, "--exclude"); err != nil {
			return nil, err
		}
	}
	// A laboratory has whatever addresses it likes.
	n, err := t.Finish(f.all || f.place.Lab != "")
	switch {
	case err != nil:
		return nil, err
	case t.Set.Len() > survey.MaxTargets:
		return nil, fmt.Errorf("%d targets: want at most %d", t.Set.Len(), survey.MaxTargets)
	case n.Public > maxUnasked && !f.permitted && f.place.Lab == "":
		return nil, fmt.Errorf("%d of the targets are public addresses: --permitted says that you may ask them", n.Public)
	}
	out := make([]netip.Addr, t.Set.Len())
	for i := range out {
		out[i] = t.Set.At(uint64(i))
	}
	return out, nil
}

// sources finds the addresses to ask from, one for each family.
func sources(at vantage.Point, c *survey.Config) (err error) {
	for _, a := range c.Targets {
		src := &c.Src4
		if a.Is6() {
			src = &c.Src6
		}
		if src.IsValid() {
			continue
		}
		if *src, err = at.Source(a); err != nil {
			return &status.Exit{Code: status.Nobody, Err: fmt.Errorf("%v: %w", a, err)}
		}
	}
	return nil
}

// system opens this machine.
func (f *flags) system() (vantage.Point, error) {
	o := vantage.SystemOptions{Options: sock.Options{
		Kinds: []probe.Kind{probe.Echo}, Interface: f.device, Rate: f.rate, NoSentStamps: true,
	}}
	if !f.numeric {
		o.Names = names.DNS{}
	}
	return vantage.OpenSystem(o)
}

// nameWait is how long names are waited for.
const nameWait = 3 * time.Second

// look finds the names of the routers.
func (f *flags) look(ctx context.Context, at vantage.Point, s *survey.Survey) map[netip.Addr]names.Who {
	source, _ := at.Who()
	if f.numeric || source == nil {
		return nil
	}
	book := names.New(names.Config{Source: source})
	defer book.Close()
	var all []netip.Addr
	for r := range s.Routers() {
		all = append(all, r.Addr)
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	_ = book.Wait(ctx, all...) // what is not known by then is not shown
	who := map[netip.Addr]names.Who{}
	for _, a := range all {
		who[a], _ = book.Look(a)
	}
	return who
}
