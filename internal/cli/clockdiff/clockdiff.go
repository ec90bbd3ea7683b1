// Package clockdiff is what the binary is when it is called as clockdiff: the flags
// and the layout of iputils 20221126, over the strategy of sonde clock.
package clockdiff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/vantage"
)

const usage = `
Usage:
  clockdiff [options] <destination>

Options:
                without -o, use icmp timestamp only (see RFC0792, page 16)
  -o            use ip timestamp and icmp echo
  -o1           use three-term ip timestamp and icmp echo
  -T, --time-format <ctime|iso>
                  specify display time format, ctime is the default
  -I            alias of --time-format=iso
  -h, --help    display this help
  -V, --version print version and exit
  <destination> dns name or ip address

For more details see clockdiff(8).
`

// interrupted is the exit status after a signal, as the shell has it.
const interrupted = 130

// Main is the program; args[0] is its name. It returns the exit status.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, errUsage):
		_, _ = io.WriteString(errs, usage)
		return 1
	case err != nil:
	case o.help:
		_, _ = io.WriteString(out, usage)
		return 0
	case o.version:
		fmt.Fprintln(out, "clockdiff from sonde")
		return 0
	default:
		err = run(ctx, &o, out)
	}
	if ctx.Err() != nil {
		return interrupted
	}
	if err != nil {
		fmt.Fprintf(errs, "clockdiff: %v\n", err)
		if errors.As(err, new(misuse)) {
			fmt.Fprintln(out, "Try 'clockdiff --help' for more information.")
		}
		return 1
	}
	return 0
}

func run(ctx context.Context, o *options, out io.Writer) error {
	kind := probe.Echo
	if o.by == clock.Messages {
		kind = probe.Timestamp
	}
	at, err := vantage.OpenSystem(vantage.SystemOptions{Options: sock.Options{Kinds: []probe.Kind{kind}, IPv4: true}})
	if err != nil {
		return err
	}
	defer at.Close()
	all, err := at.Lookup(ctx, o.host, vantage.IPv4)
	if err != nil {
		return fmt.Errorf("%s: %w", o.host, err)
	}
	const requests, patience = 50, 2 * time.Second
	c := clock.Config{Dst: all[0], By: o.by, Count: requests, Interval: 20 * time.Millisecond, Timeout: patience}
	if c.Src, err = at.Source(c.Dst); err != nil {
		return err
	}
	p, err := at.Prober(probe.Config{})
	if err != nil {
		return err
	}
	s, err := clock.New(p, c)
	if err != nil {
		return err
	}
	live := terminal(out)
	var square float64
	err = at.Run(ctx, s, func(time.Time) {
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			square += float64(x.RTT) * float64(x.RTT)
			if live && x.Known {
				fmt.Fprint(out, ".")
			}
		}
	})
	r := s.Result()
	switch {
	case err != nil || ctx.Err() != nil:
		return err
	case r.Received == 0:
		return fmt.Errorf("%s is down", o.host)
	case o.by != clock.Messages && r.Stamped == 0:
		return fmt.Errorf("%s answers, and its timestamp option is %v", o.host, r.Fill)
	case r.Form == offset.NonStandard:
		return fmt.Errorf("%s time transmitted in a non-standard format", o.host)
	case !r.Known:
		return fmt.Errorf("%s: its timestamps say nothing: %v", o.host, r.Form)
	}
	show(out, o, &r, live, square, at.Now())
	return nil
}

// show prints the result: for people on a terminal, else for programs.
func show(out io.Writer, o *options, r *clock.Result, live bool, square float64, now time.Time) {
	delta := r.Ahead.Round(time.Millisecond).Milliseconds()
	if !live {
		fmt.Fprintf(out, "%d %d %d\n", now.Unix(), delta, delta)
		return
	}
	when := now.Format(time.ANSIC)
	if o.iso {
		when = now.Format("2006-01-02T15:04:05-0700")
	}
	deviation := time.Duration(math.Sqrt(max(square/float64(r.Received)-float64(r.Avg)*float64(r.Avg), 0)))
	fmt.Fprintf(out, "\nhost=%s rtt=%d(%d)ms/%dms delta=%dms/%dms %s\n", o.host,
		r.Avg.Milliseconds(), deviation.Milliseconds(), r.Min.Milliseconds(), delta, delta, when)
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
