package trace

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
)

func ttl(n int) ip.TTL { return ip.TTL(n) }

// run traces, and prints what is found as it is found.
func run(ctx context.Context, o *options, out io.Writer) error {
	at, err := o.place.Open(vantage.Trace, func() (vantage.Point, error) { return o.system() })
	if err != nil {
		return err
	}
	defer at.Close()
	if err := o.addresses(ctx, at); err != nil {
		return err
	}
	if o.ways != nil {
		return o.multipath(ctx, at, out)
	}
	p, err := at.Prober(probe.Config{Timeout: trace.DefaultWait, Rewritten: o.verdict})
	if err != nil {
		return err
	}
	t, err := trace.New(p, o.trace)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	show := newPrinter(o, t, at, w)
	defer show.close()
	show.begin()
	err = at.Run(ctx, t, func(time.Time) { show.turn() })
	show.end(ctx)
	if err := w.Flush(); err != nil {
		return err
	}
	if err == nil && t.Err() != nil {
		err = fmt.Errorf("send: %w", t.Err())
	}
	if err == nil && ctx.Err() != nil {
		return &status.Exit{Code: interrupted}
	}
	return err
}

var errMismatch = errors.New("IP version mismatch in addresses specified")

// interrupted is the exit status after a signal, as the shell has it.
const interrupted = 130

// addresses looks up whom to trace, and from where.
func (o *options) addresses(ctx context.Context, at vantage.Point) error {
	dst, err := place.Address(ctx, at, o.host, o.family)
	if err != nil {
		return err
	}
	c := &o.trace
	c.Via = nil
	for _, g := range o.via {
		a, err := place.Address(ctx, at, g, vantage.IPv4)
		if err != nil {
			return err
		}
		if dst.Is6() {
			return errors.New("source routes of IPv6 are not supported: no router takes them (RFC 5095)")
		}
		c.Via = append(c.Via, a)
	}
	if o.source == "" {
		next := dst
		if len(c.Via) > 0 {
			next = c.Via[0]
		}
		if c.Src, err = at.Source(next); err != nil {
			return err
		}
	} else {
		c.Src, err = netip.ParseAddr(o.source)
		if err != nil {
			return fmt.Errorf("%q is no address", o.source)
		}
		if c.Src.Is4() != dst.Is4() {
			return errMismatch
		}
	}
	if o.size(dst); dst.Is4() {
		c.FlowLabel = 0
	}
	return nil
}

// method is how the probes ask, in a word.
func method(c *trace.Config) string {
	if c.Kind == probe.Echo {
		return "icmp"
	}
	return strings.ToLower(c.Kind.String())
}
