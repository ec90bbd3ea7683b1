// Package clock is sonde clock: how far another host's clock is from ours.
package clock

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	lang "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/vantage"
)

// flags are the flags.
type flags struct {
	place  place.Place
	lang   string
	json   bool
	quiet  bool
	device string
	config clock.Config
}

// New makes the command.
func New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "clock HOST",
		Short: "Compare the clock of a host with ours, by ICMP or IP timestamps",
		Long: `Clock asks for ICMP timestamps, or with --by for those of an IP option that goes
with an echo, which some hosts fill in that do not answer the others:
  icmp     ICMP timestamps
  option   an option for our stamp, two of the host, and ours again
  option3  likewise with one stamp of the host
  hops     an option for the first four on the way, whoever they are: the clocks
           of routers too, and whether the way back looks like another one
Many routers drop what has options, and a host may not fill them in: it is said.

Each reply says between which bounds the other clock is ahead of ours, whatever
way the round trip has taken; all of them together say so more sharply than one.
Stamps that are not what the standard says (octets in the wrong order, seconds of
the Unix epoch, marked as non-standard) are recognised. With enough time it tells
what the clock gains: -c 100 -i 1s.

IPv6 has no timestamps. The exit status is 0 when the clock is known, 1 when it
is not, 2 when something else went wrong.`,
		Example: `  sonde clock --lab timestamp --virtual b
  sonde clock --lab timestamp --virtual --by option shut
  sonde clock -c 60 -i 1s ntp.example.org`,
		Args:              cobra.ExactArgs(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.TextVar(&f.config.By, "by", clock.Messages, "how to ask: `WAY` is icmp, option, option3 or hops")
	s.IntVarP(&f.config.Count, "count", "c", clock.DefaultCount, "requests to send")
	s.DurationVarP(&f.config.Interval, "interval", "i", clock.DefaultInterval, "time between them")
	s.DurationVarP(&f.config.Timeout, "timeout", "W", clock.DefaultTimeout, "how long to wait for a reply")
	s.StringVarP(&f.device, "interface", "I", "", "interface to send through")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "the result alone")
	s.BoolVar(&f.json, "json", false, "print JSON, one object a line")
	f.place.Flags(cmd, "interface")
	lang.Flag(cmd, &f.lang)
	ways := []string{clock.Messages.String(), clock.FourTerms.String(), clock.ThreeTerms.String(), clock.EveryHop.String()}
	if err := cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(ways, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
	return cmd
}

func (f *flags) run(cmd *cobra.Command, host string) error {
	l, err := lang.Of(f.lang)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	at, err := f.place.Open(vantage.Ping, f.system)
	if err != nil {
		return err
	}
	defer at.Close()
	c := f.config
	if c.Dst, err = place.Address(ctx, at, host, vantage.IPv4); err != nil {
		return err
	}
	if c.Src, err = at.Source(c.Dst); err != nil {
		return &status.Exit{Code: status.Nobody, Err: fmt.Errorf("%s: %w", host, err)}
	}
	p, err := at.Prober(probe.Config{})
	if err != nil {
		return err
	}
	s, err := clock.New(p, c)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(cmd.OutOrStdout())
	say := wordsIn(l, c.By)
	err = at.Run(ctx, s, func(time.Time) {
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			f.sample(w, say, &x)
		}
		_ = w.Flush() // the writer keeps its error
	})
	r := s.Result()
	if f.json {
		_ = json.NewEncoder(w).Encode(end{"result", r}) // likewise
	} else {
		say.end(w, host, &r)
	}
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	if !r.Known {
		return status.No
	}
	return nil
}

// system opens this machine.
func (f *flags) system() (vantage.Point, error) {
	kind := probe.Echo
	if f.config.By == clock.Messages {
		kind = probe.Timestamp
	}
	return vantage.OpenSystem(vantage.SystemOptions{Options: sock.Options{
		Kinds: []probe.Kind{kind}, IPv4: true, Interface: f.device,
	}})
}

// line is the line of a request in JSON, end the last.
type (
	line struct {
		Event string `json:"event"` // "sample"
		clock.Sample
	}
	end struct {
		Event string `json:"event"` // "result"
		clock.Result
	}
)

func (f *flags) sample(w io.Writer, say *words, x *clock.Sample) {
	switch {
	case f.json:
		_ = json.NewEncoder(w).Encode(line{"sample", *x}) // the writer keeps its error
	case f.quiet:
	case x.Claim.Present:
		fmt.Fprintf(w, say.denied, x.Seq, x.From, naming.Claim(&x.Claim, say.lang))
	case !x.From.IsValid():
		fmt.Fprintf(w, "%5d  %s\n", x.Seq, say.silence)
	case x.Fill > clock.Stamped:
		fmt.Fprintf(w, "%5d  %v  %s ms  %s\n", x.Seq, x.From, say.millis(x.RTT), say.fills[x.Fill])
	case !x.Known:
		fmt.Fprintf(w, "%5d  %v  %s ms  %s\n", x.Seq, x.From, say.millis(x.RTT), say.forms[x.Form])
	default:
		fmt.Fprintf(w, "%5d  %v  %s ms  %s ± %s ms\n", x.Seq, x.From, say.millis(x.RTT), say.signed(x.Ahead), say.millis(x.Within))
	}
}
