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
	"golang.org/x/text/language"

	lang "github.com/sonde-net/sonde/internal/cli/language"
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
		Short: "Compare the clock of a host with ours, by ICMP timestamps",
		Long: `Clock asks for ICMP timestamps. Each reply says between which bounds the other
clock is ahead of ours, whatever way the round trip has taken; all of them
together say so more sharply than one. Stamps that are not what the standard says
(octets in the wrong order, seconds of the Unix epoch, marked as non-standard)
are recognised. With enough time it tells what the clock gains: -c 100 -i 1s.

ICMPv6 has no timestamps. The exit status is 0 when the clock is known, 1 when it
is not, 2 when something else went wrong.`,
		Example: `  sonde clock --lab timestamp --virtual b
  sonde clock -c 60 -i 1s ntp.example.org`,
		Args:              cobra.ExactArgs(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.IntVarP(&f.config.Count, "count", "c", clock.DefaultCount, "requests to send")
	s.DurationVarP(&f.config.Interval, "interval", "i", clock.DefaultInterval, "time between them")
	s.DurationVarP(&f.config.Timeout, "timeout", "W", clock.DefaultTimeout, "how long to wait for a reply")
	s.StringVarP(&f.device, "interface", "I", "", "interface to send through")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "the result alone")
	s.BoolVar(&f.json, "json", false, "print JSON, one object a line")
	f.place.Flags(cmd)
	lang.Flag(cmd, &f.lang)
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
	all, err := at.Lookup(ctx, host, vantage.IPv4)
	if err != nil {
		return fmt.Errorf("%s: %w", host, err)
	}
	c := f.config
	c.Dst = all[0]
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
	say := wordsIn(l)
	err = at.Run(ctx, s, func(time.Time) {
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			f.sample(w, say, &x)
		}
		_ = w.Flush() // the writer keeps its error
	})
	r := s.Result()
	if f.json {
		err = errors.Join(err, json.NewEncoder(w).Encode(end{"result", r}))
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
	return vantage.OpenSystem(vantage.SystemOptions{Options: sock.Options{
		Kinds: []probe.Kind{probe.Timestamp}, IPv4: true, Interface: f.device,
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
		fmt.Fprintf(w, "%5d  %v: %v\n", x.Seq, x.From, x.Claim)
	case !x.From.IsValid():
		fmt.Fprintf(w, "%5d  %s\n", x.Seq, say.silence)
	case !x.Known:
		fmt.Fprintf(w, "%5d  %v  %s ms  %v\n", x.Seq, x.From, say.millis(x.RTT), x.Form)
	default:
		fmt.Fprintf(w, "%5d  %v  %s ms  %s ± %s ms\n", x.Seq, x.From, say.millis(x.RTT), say.signed(x.Ahead), say.millis(x.Within))
	}
}

// words are what is said, in one language.
type words struct {
	silence, known, agreed, drift, form, unknown, mute, refused string
	comma                                                       string
}

var english = words{
	silence: "no answer", comma: ".",
	known:   "clock of %s (%v): %s ms ± %s ms, from %d of %d timestamps%s\n",
	agreed:  " that do not agree: the clock is being set, or drifts",
	drift:   "it gains %s ± %s parts of a million\n",
	form:    "its stamps are: %v\n",
	unknown: "clock of %s (%v): not known, the stamps are: %v\n",
	mute:    "clock of %s (%v): no answer to %d timestamp requests\n",
	refused: "%v says why: %v\n",
}

var french = words{
	silence: "pas de réponse", comma: ",",
	known:   "horloge de %s (%v) : %s ms ± %s ms, d'après %d horodatages sur %d%s\n",
	agreed:  " qui ne s'accordent pas : l'horloge est en train d'être réglée, ou dérive",
	drift:   "elle gagne %s ± %s millionièmes\n",
	form:    "ses horodatages sont : %v\n",
	unknown: "horloge de %s (%v) : inconnue, les horodatages sont : %v\n",
	mute:    "horloge de %s (%v) : aucun de %d horodatages demandés n'est venu\n",
	refused: "%v dit pourquoi : %v\n",
}

func wordsIn(l language.Tag) *words {
	if l == lang.French {
		return &french
	}
	return &english
}
