package trace

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/multipath"
	"github.com/sonde-net/sonde/probe"
	algorithm "github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/vantage"
)

// multipath sets the options of --multipath, and refuses what does not go with it.
func (f *flags) multipath(cmd *cobra.Command, o *options) error {
	c := &o.trace
	set := cmd.Flags().Changed
	switch {
	case !f.multi && f.dot:
		return errors.New("--dot goes with --multipath")
	case !f.multi && set("confidence"):
		return errors.New("--confidence goes with --multipath")
	case !f.multi:
		return nil
	case f.dot && o.json:
		return errors.New("--dot and --json do not go together")
	case c.Kind == probe.UDPLite:
		return errors.New("--multipath goes by UDP, -I or -T")
	case c.Classic || c.MTU || len(o.via) > 0 || c.SrcPort != 0:
		return errors.New("--multipath has flows of its own: --classic, --mtu, -g and --sport do not go with it")
	case set("confidence") && !(f.confidence >= algorithm.LeastConfidence && f.confidence <= algorithm.MostConfidence):
		return errors.New("--confidence is between 0.5 and 0.9999")
	}
	o.ways = &multipath.Options{Host: o.host, Config: algorithm.Config{
		Kind: c.Kind, Port: c.Port, Confidence: f.confidence, FirstTTL: c.FirstTTL, MaxTTL: c.MaxTTL, Parallel: c.Parallel, TOS: c.TOS,
	}}
	w := o.ways
	if set("wait") {
		w.Config.Wait = c.Wait
	}
	if c.Gap > 0 {
		w.Rate = max(int(time.Second/c.Gap), 1)
	}
	switch {
	case f.dot:
		w.Form = multipath.DOT
	case o.json:
		w.Form = multipath.JSON
	}
	return nil
}

// multipath finds all the ways, and shows them.
func (o *options) multipath(ctx context.Context, at vantage.Point, out io.Writer) error {
	w := o.ways
	w.Config.Src, w.Config.Dst = o.trace.Src, o.trace.Dst
	if o.length > 0 {
		w.Config.Size = max(o.trace.Size, 1)
	}
	w.Numeric, w.Owners, w.Lang = o.numeric, o.as || o.place.Lab != "", o.lang
	return multipath.Run(ctx, at, w, out)
}
