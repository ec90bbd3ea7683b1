// Package diagnose is sonde diagnose: a screen of what is known of a host, and a
// verdict in words.
package diagnose

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/diagnose"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/vantage"
)

// flags are the flags.
type flags struct {
	place        place.Place
	lang         string
	four, six    bool
	json         bool
	numeric      bool
	brief        bool
	count        int
	timeout      time.Duration
	tcp, udp     int
	ports        []int
	register     string
	device       string
	config       diagnose.Config
	family       vantage.Family
	unprivileged bool
}

// New makes the command.
func New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "diagnose HOST",
		Short: "Find out what works and what does not between here and a host",
		Long: `Diagnose asks a host, and everyone on the way to it, side by side: echoes, traces
by ICMP, UDP and TCP, the path MTU, the clock. It takes a few seconds. Then it
says what that means: whether the host is reachable and who says so if not, how
well, by which way and through whose equipment, what is lost, slow, filtered or
too large, and where. Each sentence has its evidence below it.

The exit status is 0 when the host is reachable, with trouble or without; 1 when
it is not; 2 when something else went wrong.

Without the privilege of raw sockets (CAP_NET_RAW) it does what it can, and says
what was left out.`,
		Example: `  sonde diagnose --lab cmu-mit 18.7.22.69
  sonde diagnose www.example.org --ports 80,443
  sonde diagnose --lab pmtu-black-hole --virtual B --lang fr`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.config.Host = args[0]
			return f.run(cmd)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.BoolVarP(&f.four, "ipv4", "4", false, "IPv4 only")
	s.BoolVarP(&f.six, "ipv6", "6", false, "IPv6 only")
	s.IntVarP(&f.count, "count", "c", diagnose.DefaultCount, "echoes to send")
	s.DurationVarP(&f.timeout, "timeout", "W", diagnose.DefaultTimeout, "how long to wait for each answer")
	s.IntVar(&f.tcp, "tcp-port", 80, "port of the trace by TCP") //nolint:mnd // as the trace has it
	s.IntVar(&f.udp, "udp-port", 33434, "port of the traces by UDP")
	s.IntSliceVar(&f.ports, "ports", nil, "TCP ports to try besides: 22,443")
	s.StringVarP(&f.device, "interface", "I", "", "interface to send through")
	s.BoolVarP(&f.numeric, "numeric", "n", false, "addresses only, no names and owners")
	s.StringVar(&f.register, "owners-file", "", "owners from this file (mmdb) in place of the origin.asn DNS service")
	s.BoolVarP(&f.brief, "brief", "b", false, "the verdict without the evidence")
	s.BoolVar(&f.json, "json", false, "print JSON, one object a line")
	s.BoolVar(&f.unprivileged, "unprivileged", false, "do without privileges though there are some")
	f.place.Flags(cmd, "interface", "owners-file", "unprivileged")
	language.Flag(cmd, &f.lang)
	return cmd
}

// check turns the flags into a configuration.
func (f *flags) check() error {
	port := func(name string, n int) error {
		if n < 1 || n > math.MaxUint16 {
			return fmt.Errorf("--%s %d: a port is between 1 and 65535", name, n)
		}
		return nil
	}
	const mostCount, mostPorts = 1000, 64
	switch {
	case f.four && f.six:
		return errors.New("-4 and -6 do not go together")
	case f.count < 1 || f.count > mostCount:
		return fmt.Errorf("--count %d: between 1 and %d", f.count, mostCount)
	case f.timeout < time.Millisecond || f.timeout > time.Minute:
		return fmt.Errorf("--timeout %v: between 1ms and 1m", f.timeout)
	case len(f.ports) > mostPorts:
		return fmt.Errorf("--ports: %d at most", mostPorts)
	case f.four:
		f.family = vantage.IPv4
	case f.six:
		f.family = vantage.IPv6
	}
	c := &f.config
	for _, p := range f.ports {
		if err := port("ports", p); err != nil {
			return err
		}
		c.Ports = append(c.Ports, uint16(p))
	}
	c.Count, c.Timeout, c.TCPPort, c.UDPPort, c.Numeric = f.count, f.timeout, uint16(f.tcp), uint16(f.udp), f.numeric
	return errors.Join(port("tcp-port", f.tcp), port("udp-port", f.udp))
}

func (f *flags) run(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	lang, err := language.Of(f.lang)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	at, err := f.place.Open(vantage.Trace, f.system)
	if err != nil {
		return err
	}
	defer at.Close()
	if f.config.Dst, err = place.Address(ctx, at, f.config.Host, f.family); err != nil {
		return err
	}
	all, err := diagnose.Run(ctx, at, f.config)
	if err != nil {
		return &status.Exit{Code: status.Nobody, Err: fmt.Errorf("%s: %w", f.config.Host, err)}
	}
	v := rule.Judge(&all)
	w := bufio.NewWriter(cmd.OutOrStdout())
	if f.json {
		err = printJSON(w, lang, &all, &v)
	} else {
		newScreen(w, lang, &all, !f.brief).show(&v)
	}
	if full := w.Flush(); err == nil {
		err = full
	}
	if err != nil {
		return err
	}
	if v.Status == rule.Unreachable || v.Status == rule.Unknown {
		return status.No
	}
	return nil
}

// system opens this machine.
func (f *flags) system() (vantage.Point, error) {
	o := vantage.SystemOptions{Options: sock.Options{
		IPv4: f.family == vantage.IPv4, IPv6: f.family == vantage.IPv6, Interface: f.device, Unprivileged: f.unprivileged,
		Rate: diagnose.DefaultRate,
	}}
	if !f.numeric {
		o.Names = names.DNS{}
		var err error
		if o.Owners, err = place.Owners(f.register); err != nil {
			return nil, err
		}
	}
	return vantage.OpenSystem(o)
}
