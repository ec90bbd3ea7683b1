package fping

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/roll"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
)

// Version is that of the original whose manners these are.
const Version = "5.1"

// session is one run.
type session struct {
	o     *options
	out   *bufio.Writer
	errs  *bufio.Writer
	hosts []host
	width int
	s     *roll.Roll

	missing                         int
	sent, received, timeouts, other int
	least, most, sum                time.Duration
	began                           time.Time
	report                          time.Time // of the next interval summary
}

// Main is the binary called as fping: args are the command line, that name first.
// It returns the exit status.
func Main(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	o, rest, err := parse(args[1:])
	var bad *usageError
	switch {
	case errors.As(err, &bad):
		return misused(bad, errs)
	case o.version:
		fmt.Fprintf(out, "fping: Version %s\n", Version)
		return ok
	case o.help:
		fmt.Fprint(out, usage)
		return ok
	}
	names, err := o.names(rest, in)
	switch {
	case errors.As(err, &bad):
		return misused(bad, errs)
	case err != nil:
		fmt.Fprintf(errs, "fping: %v\n", err)
		return broken
	}
	s := &session{o: o, out: bufio.NewWriter(out), errs: bufio.NewWriter(errs)}
	defer s.flush()
	at, err := s.open()
	if err != nil {
		return s.refused(err)
	}
	defer at.Close()
	s.hosts, s.missing = o.find(ctx, at, names, s.errs)
	if len(s.hosts) == 0 {
		if s.missing > 0 {
			return noAddress
		}
		return unreachable
	}
	if err := s.run(ctx, at); err != nil {
		fmt.Fprintf(s.errs, "fping: %v\n", err)
		return broken
	}
	return s.status()
}

func misused(e *usageError, errs io.Writer) int {
	if e.why == "" {
		fmt.Fprint(errs, usage)
	} else {
		fmt.Fprintln(errs, e.why)
	}
	return unreachable
}

func (s *session) flush() {
	_ = s.out.Flush()
	_ = s.errs.Flush()
}

// open opens the sockets.
func (s *session) open() (vantage.Point, error) {
	o := s.o
	c := sock.Options{Kinds: []probe.Kind{probe.Echo}, Interface: o.iface, Rate: 100_000, NoSentStamps: o.interval < 1}
	if o.source != "" {
		a, err := netip.ParseAddr(o.source)
		if err != nil {
			return nil, &usageError{"fping: can't parse source address: " + o.source}
		}
		c.Source, c.IPv4, c.IPv6 = a, a.Is4(), a.Is6()
	}
	return vantage.OpenSystem(vantage.SystemOptions{Options: c})
}

// refused says why there are no sockets.
func (s *session) refused(err error) int {
	var privilege *link.PrivilegeError
	var bad *usageError
	switch {
	case errors.As(err, &bad):
		return misused(bad, s.errs)
	case errors.As(err, &privilege):
		fmt.Fprintf(s.errs, "fping: %v\n", err)
	case errors.Is(err, syscall.ENODEV):
		fmt.Fprintln(s.errs, "binding to specific interface (SO_BINTODEVICE): No such device")
		return unreachable
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		fmt.Fprintln(s.errs, "fping: cannot bind source address : Cannot assign requested address")
	default:
		fmt.Fprintf(s.errs, "fping: %v\n", err)
	}
	return broken
}

// config is the strategy's. A host without a way to it is asked all the same, and
// told of as it cannot be.
func (s *session) config(at vantage.Point) roll.Config {
	o := s.o
	c := roll.Config{
		Interval: duration(o.interval), Count: o.count, Period: duration(o.period), Retries: o.retries,
		Timeout: max(duration(o.timeout), time.Millisecond), Backoff: o.backoff, Size: o.size, TTL: ip.TTL(o.ttl), TOS: uint8(o.tos), DF: o.dontFrag,
		Enough: o.reachable,
	}
	if o.loop {
		c.Count = -1
	}
	for i := range s.hosts {
		h := &s.hosts[i]
		src, err := at.Source(h.addr)
		if err != nil {
			src = netip.IPv4Unspecified()
			if h.addr.Is6() {
				src = netip.IPv6Unspecified()
			}
		}
		c.Targets = append(c.Targets, roll.Target{Src: src, Dst: h.addr})
		s.width = max(s.width, len(h.shown))
	}
	return c
}

func (s *session) run(ctx context.Context, at vantage.Point) error {
	c := probe.Config{Targets: len(s.hosts), Linger: 10 * time.Second}
	if s.o.random {
		c.Pattern = make([]byte, max(s.o.size, 1))
		for i := range c.Pattern {
			c.Pattern[i] = byte(rand.Uint32()) //nolint:gosec // any octets will do
		}
	}
	p, err := at.Prober(c)
	if err != nil {
		return err
	}
	if s.s, err = roll.New(p, s.config(at)); err != nil {
		return err
	}
	s.began = at.Now()
	if s.o.every > 0 {
		s.report = s.began.Add(time.Duration(s.o.every) * time.Second)
	}
	err = at.Run(ctx, s.s, func(now time.Time) {
		some := false
		for r, ok := s.s.Next(); ok; r, ok = s.s.Next() {
			s.result(&r)
			some = true
		}
		if some {
			s.flush()
		}
		if !s.report.IsZero() && !now.Before(s.report) && !s.s.Done() {
			s.interval(now)
		}
	})
	if err != nil {
		return err
	}
	s.finish(at.Now().Sub(s.began))
	return nil
}

// status is the exit status.
func (s *session) status() int {
	switch {
	case s.o.reachable > 0:
		if s.s.Alive() >= s.o.reachable {
			return ok
		}
		return unreachable
	case s.missing > 0:
		return noAddress
	case s.s.Alive() != len(s.hosts):
		return unreachable
	}
	return ok
}
