// Package query is sonde query: the ICMP queries that are answered with more than
// that one is there, their answers explained.
package query

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	lang "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/query"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/extension"
)

// flags are the flags of all the queries.
type flags struct {
	place     place.Place
	lang      string
	four, six bool
	json      bool
	device    string
	config    query.Config

	name, index, address string // probe
	remote               bool
}

// New makes the command and those below it.
func New() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query",
		Short: "Ask what ICMP can be asked beside echo, and explain the answers",
		Long: `Query asks a host for its address mask or for information, the routers of the link
to announce themselves, or a node for the state of an interface (PROBE).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newMask(), newInfo(), newRouter(), newProbe())
	return cmd
}

const statusHelp = `

The exit status is 0 with an answer, 1 without, 2 when something else went wrong.`

func newMask() *cobra.Command {
	f := flags{four: true, config: query.Config{Kind: probe.Mask}}
	return f.command(&cobra.Command{
		Use:   "mask HOST",
		Short: "Ask a host for its address mask (17, 18)",
		Long: `Mask asks which part of an address names the network. RFC 950 has the answer for
hosts that boot; RFC 6918 has deprecated it, and most hosts keep silent.` + statusHelp,
		Example: "  sonde query mask --lab mask-information --virtual old",
		Args:    cobra.ExactArgs(1),
	})
}

func newInfo() *cobra.Command {
	f := flags{four: true, config: query.Config{Kind: probe.Info}}
	return f.command(&cobra.Command{
		Use:   "info HOST",
		Short: "Ask a host for the network's number (15, 16)",
		Long: `Info sends an information request. The reply says the number of the network in its
addresses (RFC 792); RFC 6918 has deprecated it, and next to nobody answers.` + statusHelp,
		Example: "  sonde query info --lab mask-information --virtual old",
		Args:    cobra.ExactArgs(1),
	})
}

func newRouter() *cobra.Command {
	f := flags{config: query.Config{Kind: probe.Solicit, Anyone: true}}
	cmd := f.command(&cobra.Command{
		Use:   "router [GROUP]",
		Short: "Ask the routers of the link to announce themselves (10, 9; 133, 134)",
		Long: `Router solicits the routers of the link: in IPv4 by 224.0.0.2 (RFC 1256), which few
routers listen to, in IPv6 by ff02::2 (RFC 4861), through the interface of -i. It
prints all who answer until the time is over.

An advertisement does not show what it answers. In IPv6 its hop limit of 255 shows
that it has come from this link, where anybody can write one; in IPv4 nothing
shows even that. Believe it as far as you believe the link.` + statusHelp,
		Example: `  sonde query router --lab router-discovery --virtual
  sonde query router -6 -i eth0`,
		Args: cobra.MaximumNArgs(1),
	})
	cmd.Flags().BoolVarP(&f.four, "ipv4", "4", false, "IPv4: the default")
	cmd.Flags().BoolVarP(&f.six, "ipv6", "6", false, "IPv6")
	return cmd
}

func newProbe() *cobra.Command {
	f := flags{config: query.Config{Kind: probe.ExtEcho}}
	cmd := f.command(&cobra.Command{
		Use:   "probe HOST",
		Short: "Ask a node for the state of an interface (PROBE; 42, 43; 160, 161)",
		Long: `Probe sends an extended echo request (RFC 8335): it asks whether an interface of a
node is up, and which protocols run on it, though the interface may have no
address, or another than one can reach. The interface is named by --name, --index
or --address; with --remote it is another node's, on a link with the one asked.` + statusHelp,
		Example: `  sonde query probe --name eth0 192.0.2.1
  sonde query probe --address 192.0.2.77 --remote 192.0.2.1`,
		Args: cobra.ExactArgs(1),
	})
	s := cmd.Flags()
	s.BoolVarP(&f.four, "ipv4", "4", false, "IPv4 only")
	s.BoolVarP(&f.six, "ipv6", "6", false, "IPv6 only")
	s.StringVar(&f.name, "name", "", "the interface with this name")
	s.StringVar(&f.index, "index", "", "the interface with this index")
	s.StringVar(&f.address, "address", "", "the interface with this address")
	s.BoolVar(&f.remote, "remote", false, "the address is of a neighbour of the node")
	return cmd
}

// command adds what all queries have.
func (f *flags) command(cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) }
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	s := cmd.Flags()
	s.SortFlags = false
	s.IntVarP(&f.config.Count, "count", "c", 1, "requests to send")
	s.DurationVar(&f.config.Interval, "interval", query.DefaultTimeout, "time between them")
	s.DurationVarP(&f.config.Timeout, "timeout", "W", query.DefaultTimeout, "how long to wait for an answer")
	s.StringVarP(&f.device, "interface", "i", "", "interface to send through")
	s.BoolVar(&f.json, "json", false, "print JSON, one object a line")
	f.place.Flags(cmd, "interface")
	lang.Flag(cmd, &f.lang)
	return cmd
}

func (f *flags) run(cmd *cobra.Command, args []string) error {
	l, err := lang.Of(f.lang)
	if err != nil {
		return err
	}
	c := &f.config
	if f.four && f.six {
		return errors.New("-4 and -6 do not go together")
	}
	if c.Kind == probe.ExtEcho {
		if c.Ext, err = f.which(); err != nil {
			return err
		}
		c.Local = !f.remote
	}
	host, err := f.host(args)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	at, err := f.place.Open(vantage.Ping, f.system)
	if err != nil {
		return err
	}
	defer at.Close()
	if c.Dst, err = f.lookup(ctx, at, host); err != nil {
		return err
	}
	if c.Src, err = at.Source(c.Dst); err != nil {
		return &status.Exit{Code: status.Nobody, Err: fmt.Errorf("%s: %w", host, err)}
	}
	p, err := at.Prober(probe.Config{})
	if err != nil {
		return err
	}
	s, err := query.New(p, *c)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(cmd.OutOrStdout())
	v := view{w: w, lang: l, say: speak(l), c: c}
	replies := 0
	err = at.Run(ctx, s, func(time.Time) {
		for e, ok := s.Next(); ok; e, ok = s.Next() {
			if e.Kind == probe.Reply || e.Kind == probe.Duplicate && c.Anyone {
				replies++
			}
			if f.json {
				_ = json.NewEncoder(w).Encode(v.line(&e)) // the writer keeps its error
			} else {
				v.print(&e)
			}
		}
		_ = w.Flush()
	})
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case replies == 0:
		return status.No
	}
	return nil
}

// host is who is asked.
func (f *flags) host(args []string) (string, error) {
	c := &f.config
	if c.Kind != probe.Solicit {
		return args[0], nil
	}
	const ttl4, ttl6 = 1, 255
	if c.TTL = ttl4; f.six {
		c.TTL = ttl6
	}
	switch {
	case len(args) > 0:
		a, err := netip.ParseAddr(args[0])
		if err != nil || !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
			return "", fmt.Errorf("%q is no group: routers are asked all at once", args[0])
		}
		if a.Is6() {
			c.TTL, f.six = ttl6, true
		}
		return args[0], nil
	case !f.six:
		return "224.0.0.2", nil
	case f.device == "" && f.place.Lab == "":
		return "", errors.New("-6 wants the link: -i INTERFACE")
	case f.device == "":
		return "ff02::2", nil
	}
	return "ff02::2%" + f.device, nil
}

// which makes the extension that names an interface.
func (f *flags) which() ([]byte, error) {
	var id extension.InterfaceID
	n := 0
	if f.name != "" {
		n++
		id = extension.IdentifyName([]byte(f.name))
	}
	if f.index != "" {
		n++
		x, err := strconv.ParseUint(f.index, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("--index %s: want a number", f.index)
		}
		id = extension.IdentifyIndex(uint32(x))
	}
	if f.address != "" {
		n++
		a, err := netip.ParseAddr(f.address)
		if err != nil {
			return nil, fmt.Errorf("--address %s: want an address", f.address)
		}
		id = extension.IdentifyAddr(a.WithZone("").Unmap())
	}
	switch {
	case n != 1:
		return nil, errors.New("want one of --name, --index, --address: which interface is meant")
	case f.remote && f.address == "":
		return nil, errors.New("--remote goes with --address")
	}
	b, err := id.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	return extension.Structure{Objects: b}.AppendBinary(nil)
}

// system opens this machine.
func (f *flags) system() (vantage.Point, error) {
	return vantage.OpenSystem(vantage.SystemOptions{Options: sock.Options{
		Kinds: []probe.Kind{f.config.Kind}, IPv4: f.four || f.config.Kind == probe.Solicit && !f.six, IPv6: f.six,
		Interface: f.device, Broadcast: f.config.Anyone, NoLoop: true,
	}})
}

func (f *flags) lookup(ctx context.Context, at vantage.Point, host string) (netip.Addr, error) {
	family := vantage.Any
	switch {
	case f.four:
		family = vantage.IPv4
	case f.six:
		family = vantage.IPv6
	}
	return place.Address(ctx, at, host, family)
}

// view prints what comes.
type view struct {
	w    io.Writer
	lang language.Tag
	say  *words
	c    *query.Config
}
