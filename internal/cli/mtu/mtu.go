// Package mtu is sonde mtu: the path MTU to a host, and where on the way it gets
// less.
package mtu

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/vantage"
)

// flags are the flags.
type flags struct {
	place     place.Place
	lang      string
	four, six bool
	udp, icmp bool
	numeric   bool
	json      bool
	port      int
	device    string
	config    mtu.Config
	family    vantage.Family
}

// New makes the command.
func New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "mtu HOST",
		Short: "Find the path MTU to a host, and where it gets less",
		Long: `Mtu sends datagrams that must not be cut, the largest that the link takes first,
and goes by what routers say that refuse them. What they say is tried, so that a
wrong or missing size is found out; where they say nothing, sizes are searched
for, and the black hole is looked for, hop by hop.

The exit status is 0 when the host has answered, 1 when it has not, 2 when
something else went wrong.`,
		Example: `  sonde mtu --lab frag-needed 203.0.113.50
  sonde mtu --lab pmtu-black-hole --virtual B
  sonde mtu -6 www.example.org`,
		Args:              cobra.ExactArgs(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.BoolVarP(&f.four, "ipv4", "4", false, "IPv4 only")
	s.BoolVarP(&f.six, "ipv6", "6", false, "IPv6 only")
	s.BoolVarP(&f.icmp, "icmp", "I", false, "by ICMP echo alone")
	s.BoolVarP(&f.udp, "udp", "U", false, "by UDP alone; without either: by echo, and by UDP where that is not answered")
	s.IntVarP(&f.port, "port", "p", mtu.DefaultPort, "port of UDP")
	s.IntVarP(&f.config.Max, "max", "l", 0, "largest datagram to try, in octets; 0: what the link takes")
	s.IntVar(&f.config.Tries, "tries", mtu.DefaultTries, "how often a size is lost before it is believed not to pass")
	s.DurationVarP(&f.config.Timeout, "timeout", "W", mtu.DefaultTimeout, "how long to wait for the first answer")
	s.StringVarP(&f.device, "interface", "i", "", "interface to send through")
	s.BoolVarP(&f.numeric, "numeric", "n", false, "addresses only, no names")
	s.BoolVar(&f.json, "json", false, "print JSON, one object a line")
	f.place.Flags(cmd, "interface")
	language.Flag(cmd, &f.lang)
	return cmd
}

func (f *flags) run(cmd *cobra.Command, host string) error {
	lang, err := language.Of(f.lang)
	if err != nil {
		return err
	}
	c := &f.config
	switch {
	case f.four && f.six:
		return errors.New("-4 and -6 do not go together")
	case f.port < 1 || f.port > math.MaxUint16:
		return fmt.Errorf("--port %d: a port is between 1 and 65535", f.port)
	case f.four:
		f.family = vantage.IPv4
	case f.six:
		f.family = vantage.IPv6
	}
	c.DstPort = uint16(f.port)
	switch {
	case f.icmp && !f.udp:
		c.Kinds = []probe.Kind{probe.Echo}
	case f.udp && !f.icmp:
		c.Kinds = []probe.Kind{probe.UDP}
	}
	ctx := cmd.Context()
	at, err := f.place.Open(vantage.Ping, f.system)
	if err != nil {
		return err
	}
	defer at.Close()
	if c.Dst, err = place.Address(ctx, at, host, f.family); err != nil {
		return err
	}
	if c.Src, err = at.Source(c.Dst); err != nil {
		return &status.Exit{Code: status.Nobody, Err: fmt.Errorf("%s: %w", host, err)}
	}
	p, err := at.Prober(probe.Config{Timeout: c.Timeout})
	if err != nil {
		return err
	}
	s, err := mtu.New(p, *c)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(cmd.OutOrStdout())
	show := &text{w: w, host: host, words: wordsIn(lang), lang: lang}
	if !f.numeric {
		show.names, _ = at.Who()
	}
	turn := show.turn
	if f.json {
		turn = func(s *mtu.Strategy) { events(w, s) }
	} else {
		show.begin(c)
	}
	if err := at.Run(ctx, s, func(time.Time) { turn(s); _ = w.Flush() }); err != nil {
		return err
	}
	r := s.Result()
	if f.json {
		_ = json.NewEncoder(w).Encode(end{"result", r}) // the writer keeps its error
	} else {
		show.end(ctx, &r)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !r.Answered {
		return status.No
	}
	return nil
}

// system opens this machine.
func (f *flags) system() (vantage.Point, error) {
	o := vantage.SystemOptions{Options: sock.Options{
		Kinds: f.config.Kinds, IPv4: f.family == vantage.IPv4, IPv6: f.family == vantage.IPv6, Interface: f.device,
	}}
	if !f.numeric {
		o.Names = names.DNS{}
	}
	return vantage.OpenSystem(o)
}

// tried is the line of a probe in JSON, end the last.
type (
	tried struct {
		Event string `json:"event"` // "probe"
		outcome
	}
	outcome = mtu.Event
	end     struct {
		Event string `json:"event"` // "result"
		mtu.Result
	}
)

// events prints what came of each probe.
func events(w io.Writer, s *mtu.Strategy) {
	e := json.NewEncoder(w)
	for x, ok := s.NextEvent(); ok; x, ok = s.NextEvent() {
		_ = e.Encode(tried{"probe", x}) // the writer keeps its error
	}
}
