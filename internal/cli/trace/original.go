package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire"
)

// Original is what the binary is when it is called as traceroute, traceroute6 or
// tcptraceroute: args[0] says which. It returns the exit status: 0 when it has
// traced, whether the destination was reached or not, 2 for what it cannot do
// with such arguments, 1 for all else.
func Original(ctx context.Context, args []string, out, errs io.Writer) int {
	p := parser{args: args, o: options{trace: trace.Config{Kind: probe.UDP, Classic: true}}, f: original{first: 1, max: trace.DefaultMaxTTL, queries: trace.DefaultQueries, parallel: trace.DefaultParallel}}
	switch strings.TrimSuffix(filepath.Base(args[0]), ".exe") {
	case "traceroute6":
		p.o.family = vantage.IPv6
	case "tcptraceroute":
		p.o.trace.Kind = probe.TCP
	}
	err := p.parse()
	switch {
	case errors.Is(err, errHelp):
		_, _ = io.WriteString(out, help)
		return status.OK
	case errors.Is(err, errVersion):
		_, _ = io.WriteString(out, version)
		return status.OK
	case err != nil:
		fmt.Fprintln(errs, err)
		return status.Failed
	}
	return say(errs, run(ctx, &p.o, out), p.o.host, p.f.hostAt)
}

// say prints why a trace has failed, in the words of the original, and returns
// its exit status.
func say(errs io.Writer, err error, host string, at int) int {
	var unknown *place.HostError
	var field *wire.FieldError
	var denied *link.PrivilegeError
	code, why := status.Of(err)
	switch {
	case why == nil:
		return code
	case errors.Is(err, context.Canceled):
		return interrupted
	case errors.As(err, &unknown):
		fmt.Fprintf(errs, "%v\nCannot handle \"host\" cmdline arg `%s' on position 1 (argc %d)\n", err, host, at)
		return status.Failed
	case errors.As(err, &field), errors.Is(err, errMismatch):
		fmt.Fprintln(errs, err)
		return status.Failed
	case errors.As(err, &denied):
		fmt.Fprintf(errs, "You do not have enough privileges to use this traceroute method.\n%v\n", err)
	default:
		fmt.Fprintln(errs, classic(err))
	}
	return status.Nobody
}

// classic is the error of a system call as the original prints it: what was
// called, and the system's words with a capital.
func classic(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	words := errno.Error()
	words = strings.ToUpper(words[:1]) + words[1:]
	call, _, _ := strings.Cut(err.Error(), " ")
	switch call = strings.TrimSuffix(call, ":"); call {
	case "interface":
		call = "setsockopt SO_BINDTODEVICE"
	case "bind", "connect", "send":
	default:
		return err.Error()
	}
	return call + ": " + words
}

var (
	errHelp    = errors.New("help")
	errVersion = errors.New("version")
)

const version = "Modern traceroute for Linux, version 2.1.2\nby sonde, in its layout\n"

// original are flags that are checked at the end.
type original struct {
	first, max, queries, parallel int
	parallelSaid, waitSaid        bool
	module                        string
	moduleOptions                 []string
	positions, hostAt             int
}

// finish turns flags into options, and holds them to the bounds in the order in
// which the original does.
func (p *parser) finish() error {
	f, o, c := &p.f, &p.o, &p.o.trace
	if o.host == "" {
		return errors.New(`Specify "host" missing argument.`) //nolint:revive // its words
	}
	if err := checkTTL(f.first, f.max, f.queries); err != nil {
		return err
	}
	c.FirstTTL, c.MaxTTL, c.Queries = ttl(f.first), ttl(f.max), f.queries
	c.Parallel = f.parallel
	switch {
	case c.Parallel == 0:
		c.Parallel = 1
	case c.Parallel < 0:
		c.Parallel = maxTTL * maxQueries // as good as no bound
	}
	if f.module != "" {
		if err := o.module(f.module); err != nil {
			return err
		}
	}
	if c.SrcPort != 0 {
		if !f.parallelSaid {
			c.Parallel = 1
		}
		if !f.waitSaid {
			c.Here, c.Near = -1, -1
		}
	}
	if c.Kind == probe.Echo {
		c.Port, c.SrcPort = 0, 0 // the sequence numbers are the prober's
	}
	for _, s := range f.moduleOptions {
		if s == "help" {
			return errHelp
		}
		if err := o.moduleOption(s); err != nil {
			return err
		}
	}
	return o.check()
}
