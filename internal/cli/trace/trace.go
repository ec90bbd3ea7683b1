// Package trace is sonde trace, and what the binary is when it is called as
// traceroute: the flags and the layout of Linux traceroute 2.1.2.
package trace

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/probe"
	algorithm "github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/vantage"
)

// flags are the flags of sonde trace that need more than a place in the options.
type flags struct {
	icmp, tcp, udp, lite bool
	four, six            bool
	first, max, queries  int
	parallel             int
	port, sport          int
	wait, gap            string
	tos                  string
	module               string
	moduleOptions        []string
	gateways             []string
	lang                 string
	debug                bool
	multi, dot           bool
	confidence           float64
}

// New makes the command.
func New() *cobra.Command {
	o := &options{verdict: true}
	var f flags
	cmd := &cobra.Command{
		Use:   "trace HOST [LENGTH]",
		Short: "Find the way to a host, gateway by gateway",
		Long: `Trace sends probes whose time to live runs out on the way, so that each gateway
tells of itself: its address, its name, how long its answer took. It takes the
flags of Linux traceroute and prints its layout.

All probes are of one flow, so that they take one way where there are several
equal ones; with --classic each probe is another flow. LENGTH is that of the
whole packet in octets.

The link to the binary by the name of traceroute is the original's twin, with
a flow for each probe.`,
		Example: `  sonde trace --lab cmu-mit 18.7.22.69
  sonde trace -I --owners www.example.org
  sonde trace -T -p 443 -e www.example.org
  sonde trace --lab ecmp-flow --virtual --multipath b`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.options(cmd, o, args); err != nil {
				return err
			}
			return run(cmd.Context(), o, cmd.OutOrStdout())
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f.add(cmd, o)
	o.place.Flags(cmd, "interface", "fwmark", "owners-file")
	language.Flag(cmd, &f.lang)
	return cmd
}

// add adds the flags.
func (f *flags) add(cmd *cobra.Command, o *options) {
	s := cmd.Flags()
	s.SortFlags = false
	c := &o.trace
	s.BoolVarP(&f.icmp, "icmp", "I", false, "probe by ICMP echo")
	s.BoolVarP(&f.tcp, "tcp", "T", false, "probe by TCP SYN, to port 80")
	s.BoolVarP(&f.udp, "udp", "U", false, "probe by UDP to one port, 53")
	s.BoolVarP(&f.lite, "udplite", "L", false, "probe by UDP-Lite, to port 53; -UL is the same")
	s.StringVarP(&f.module, "module", "M", "", "method: default, udp, udplite, icmp, tcp")
	s.StringSliceVarP(&f.moduleOptions, "options", "O", nil, "options of the method; of tcp: info, which prints the flags of answers")
	s.BoolVar(&c.Classic, "classic", false, "each probe is a flow of its own, as in the first traceroutes")
	s.BoolVarP(&f.four, "ipv4", "4", false, "IPv4 only")
	s.BoolVarP(&f.six, "ipv6", "6", false, "IPv6 only")
	s.IntVarP(&f.port, "port", "p", 0, "destination port; of classic UDP the first one")
	s.IntVar(&f.sport, "sport", 0, "source port; implies -N 1 -w 5")
	s.IntVarP(&f.first, "first", "f", 1, "time to live of the first probes")
	s.IntVarP(&f.max, "max-hops", "m", 30, "time to live of the last probes")
	s.IntVarP(&f.queries, "queries", "q", 3, "probes for each hop")
	s.IntVarP(&f.parallel, "sim-queries", "N", 16, "probes under way at a time")
	s.StringVarP(&f.wait, "wait", "w", "5,3,10", "MAX,HERE,NEAR: wait for an answer no longer than MAX seconds, HERE times\nas long as one of the same hop took, NEAR times as long as one of another;\nMAX alone: that long")
	s.StringVarP(&f.gap, "sendwait", "z", "0", "time between two probes: in seconds, in milliseconds if it is more than 10")
	s.StringVarP(&o.source, "source", "s", "", "source address")
	s.StringVarP(&o.device, "interface", "i", "", "interface to send through")
	s.StringVarP(&f.tos, "tos", "t", "0", "type of service, traffic class in IPv6")
	s.Uint32VarP(&c.FlowLabel, "flowlabel", "l", 0, "flow label of IPv6")
	s.StringSliceVarP(&f.gateways, "gateway", "g", nil, "IPv4: loose source route by these gateways")
	s.Uint32Var(&o.mark, "fwmark", 0, "mark of the packets for the firewall")
	s.BoolVarP(&o.dontRoute, "bypass-routing", "r", false, "send to a host on a connected network only, past the routing table")
	s.BoolVarP(&f.debug, "debug", "d", false, "nothing; it is there because the original has it")
	s.BoolVarP(&c.DF, "dont-fragment", "F", false, "do not let gateways cut probes into fragments")
	s.BoolVar(&c.MTU, "mtu", false, "find out what each link takes; implies -F -N 1")
	s.BoolVarP(&o.numeric, "numeric", "n", false, "addresses only, no names")
	s.BoolVarP(&o.as, "as-path-lookups", "A", false, "print whose each address is")
	s.BoolVar(&o.owners, "owners", false, "likewise, and the owners on the path at the end")
	s.StringVar(&o.register, "owners-file", "", "with -A or --owners: a file in the format of MaxMind, instead of the\norigin.asn DNS service")
	s.BoolVarP(&o.ext, "extensions", "e", false, "print ICMP extensions: MPLS labels, interfaces")
	s.BoolVar(&o.back, "back", false, "print how many hops the way back has, where that differs")
	s.BoolVar(&f.multi, "multipath", false, "find all the ways where gateways divide the load, and draw them")
	s.Float64Var(&f.confidence, "confidence", algorithm.DefaultConfidence, "with --multipath: how sure to be that no way is missed behind a gateway")
	s.BoolVar(&f.dot, "dot", false, "with --multipath: print the graph for Graphviz")
	s.BoolVar(&o.json, "json", false, "print JSON, one object a line")
}

// options turns the flags into options.
func (f *flags) options(cmd *cobra.Command, o *options, args []string) (err error) {
	c := &o.trace
	o.host = args[0]
	if len(args) > 1 {
		if o.length, err = strconv.Atoi(args[1]); err != nil || o.length <= 0 {
			return fmt.Errorf("%q is no length of a packet", args[1])
		}
	}
	if err := checkTTL(f.first, f.max, f.queries); err != nil {
		return err
	}
	c.FirstTTL, c.MaxTTL, c.Queries = ttl(f.first), ttl(f.max), f.queries
	if c.Parallel = f.parallel; c.Parallel < 1 {
		return fmt.Errorf("-N %d: one probe at a time is the least", f.parallel)
	}
	if c.Wait, c.Here, c.Near, err = parseWait(f.wait); err != nil {
		return fmt.Errorf("-w %s: %w", f.wait, err)
	}
	if c.Gap, err = parseGap(f.gap); err != nil {
		return fmt.Errorf("-z %s: %w", f.gap, err)
	}
	if f.port < 0 || f.port > math.MaxUint16 || f.sport < 0 || f.sport > math.MaxUint16 {
		return errors.New("a port is between 1 and 65535")
	}
	c.Port, c.SrcPort = uint16(f.port), uint16(f.sport)
	if c.SrcPort != 0 {
		if !cmd.Flags().Changed("sim-queries") {
			c.Parallel = 1
		}
		if !cmd.Flags().Changed("wait") {
			c.Here, c.Near = -1, -1
		}
	}
	if c.FlowLabel > maxLabel {
		return fmt.Errorf("-l %d: a flow label is at most %d", c.FlowLabel, maxLabel)
	}
	tos, err := strconv.ParseUint(f.tos, 0, 8)
	if err != nil {
		return fmt.Errorf("-t %s: a type of service is between 0 and 255", f.tos)
	}
	c.TOS, c.StopAtLoop, o.via = uint8(tos), true, f.gateways
	if err := f.method(o); err != nil {
		return err
	}
	switch {
	case f.four && f.six:
		return errors.New("-4 and -6 do not go together")
	case f.four:
		o.family = vantage.IPv4
	case f.six:
		o.family = vantage.IPv6
	}
	o.as = o.as || o.owners
	if err := f.multipath(cmd, o); err != nil {
		return err
	}
	if o.lang, err = language.Of(f.lang); err != nil {
		return err
	}
	return o.check()
}

// method sets the kind of probes.
func (f *flags) method(o *options) error {
	c := &o.trace
	c.Kind = probe.UDP
	if f.module != "" {
		if err := o.module(f.module); err != nil {
			return err
		}
	}
	switch {
	case f.icmp && f.tcp || (f.icmp || f.tcp) && (f.udp || f.lite):
		return errors.New("one method at a time: -I, -T, -U or -UL")
	case f.icmp:
		c.Kind = probe.Echo
	case f.tcp:
		c.Kind = probe.TCP
	case f.lite:
		c.Kind = probe.UDPLite
	case f.udp:
		c.OnePort = true
	}
	if c.Kind == probe.Echo {
		c.Port = 0 // the sequence numbers are the prober's
	}
	if len(f.moduleOptions) > 0 {
		return o.moduleOption(strings.Join(f.moduleOptions, ","))
	}
	return nil
}
