// Package fping is what the binary is when it is called as fping: the flags, lines
// and exit statuses of fping 5.1, over package probe/roll. docs/differences.md has
// what differs.
package fping

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

//go:embed usage.txt
var usage string

// Exit statuses, as fping has them.
const (
	ok          = 0
	unreachable = 1 // also for wrong flags
	noAddress   = 2
	broken      = 4
)

// maxSize is how much data there may be, in octets.
const maxSize = 65488

// options are the flags.
type options struct {
	four, six, all                         bool
	size, ttl, tos, retries                int
	backoff                                float64
	count, vcount                          int
	file                                   string
	generate, loop, random, dontFrag       bool
	iface, source                          string
	period, timeout, interval              float64 // milliseconds
	alive, addr, rdns, name, stamp         bool
	elapsed, outage, quiet, stats, unreach bool
	every                                  int
	reachable                              int
	netdata, version, help                 bool

	periodSet, timeoutSet, ttlSet bool
}

// usageError is a wrong flag: its text, or with none the usage, is what is printed.
type usageError struct{ why string }

func (e *usageError) Error() string { return e.why }

// parse reads the command line.
func parse(args []string) (*options, []string, error) {
	o := &options{}
	f := pflag.NewFlagSet("fping", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.BoolVarP(&o.four, "ipv4", "4", false, "")
	f.BoolVarP(&o.six, "ipv6", "6", false, "")
	f.IntVarP(&o.size, "size", "b", 56, "")
	f.Float64VarP(&o.backoff, "backoff", "B", 1.5, "")
	f.IntVarP(&o.count, "count", "c", 0, "")
	f.IntVarP(&o.vcount, "vcount", "C", 0, "")
	f.StringVarP(&o.file, "file", "f", "", "")
	f.BoolVarP(&o.generate, "generate", "g", false, "")
	f.IntVarP(&o.ttl, "ttl", "H", 0, "")
	f.StringVarP(&o.iface, "iface", "I", "", "")
	f.BoolVarP(&o.loop, "loop", "l", false, "")
	f.BoolVarP(&o.all, "all", "m", false, "")
	f.BoolVarP(&o.dontFrag, "dontfrag", "M", false, "")
	f.IntVarP(&o.tos, "tos", "O", 0, "")
	f.Float64VarP(&o.period, "period", "p", 1000, "")
	f.IntVarP(&o.retries, "retry", "r", 3, "")
	f.BoolVarP(&o.random, "random", "R", false, "")
	f.StringVarP(&o.source, "src", "S", "", "")
	f.Float64VarP(&o.timeout, "timeout", "t", 500, "")
	f.BoolVarP(&o.alive, "alive", "a", false, "")
	f.BoolVarP(&o.addr, "addr", "A", false, "")
	f.BoolVarP(&o.rdns, "rdns", "d", false, "")
	f.BoolVarP(&o.stamp, "timestamp", "D", false, "")
	f.BoolVarP(&o.elapsed, "elapsed", "e", false, "")
	f.Float64VarP(&o.interval, "interval", "i", 10, "")
	f.BoolVarP(&o.name, "name", "n", false, "")
	f.BoolVarP(&o.netdata, "netdata", "N", false, "")
	f.BoolVarP(&o.outage, "outage", "o", false, "")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "")
	f.IntVarP(&o.every, "squiet", "Q", 0, "")
	f.BoolVarP(&o.stats, "stats", "s", false, "")
	f.BoolVarP(&o.unreach, "unreach", "u", false, "")
	f.BoolVarP(&o.version, "version", "v", false, "")
	f.IntVarP(&o.reachable, "reachable", "x", 0, "")
	f.BoolVarP(&o.help, "help", "h", false, "")
	f.StringP("ignored", "T", "", "")
	if err := f.Parse(args); err != nil {
		return o, nil, asOriginal(err)
	}
	o.periodSet, o.timeoutSet, o.ttlSet = f.Changed("period"), f.Changed("timeout"), f.Changed("ttl")
	for _, name := range []string{"count", "vcount", "reachable", "squiet"} {
		if v, err := f.GetInt(name); f.Changed(name) && (err != nil || v <= 0) {
			return o, nil, &usageError{}
		}
	}
	return o, f.Args(), o.check()
}

// asOriginal says what the original says.
func asOriginal(err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	const see = "see 'fping -h' for usage information"
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return &usageError{fmt.Sprintf("fping: invalid option -- '%s'\n%s", unknown.GetSpecifiedName(), see)}
	case errors.As(err, &unknown):
		return &usageError{fmt.Sprintf("fping: invalid option -- '%s'\n%s", unknown.GetSpecifiedName(), see)}
	case errors.As(err, &missing) && missing.GetSpecifiedShortnames() != "":
		return &usageError{fmt.Sprintf("fping: option requires an argument -- '%s'\n%s", missing.GetSpecifiedName(), see)}
	case errors.As(err, &missing):
		return &usageError{fmt.Sprintf("fping: option '--%s' requires an argument\n%s", missing.GetSpecifiedName(), see)}
	}
	return &usageError{}
}

// check refuses what does not go together.
func (o *options) check() error {
	only := func(a, b string) error { return &usageError{"fping: specify only one of " + a + ", " + b} }
	if o.vcount > 0 {
		o.count = o.vcount
	}
	switch {
	case o.version, o.help:
		return nil
	case o.alive && o.unreach:
		return only("a", "u")
	case o.count > 0 && o.loop:
		return only("c", "l")
	case o.file != "" && o.generate:
		return &usageError{}
	case o.netdata:
		return &usageError{"fping: -N is not supported"}
	}
	for _, ms := range []float64{o.period, o.timeout, o.interval} {
		if !(ms >= 0 && ms < math.MaxInt32) {
			return &usageError{}
		}
	}
	switch {
	case o.size > maxSize:
		return &usageError{fmt.Sprintf("fping: data size %d not valid, must be lower than %d", o.size, maxSize)}
	case o.ttl > 255:
		return &usageError{fmt.Sprintf("fping: ttl %d out of range", o.ttl)}
	case !(o.backoff >= 1 && o.backoff <= 5):
		return &usageError{fmt.Sprintf("fping: backoff factor %.1f not valid, must be between 1.0 and 5.0", o.backoff)}
	}
	bad := o.size < 0 || o.ttl < 0 || o.ttl == 0 && o.ttlSet || o.tos < 0 || o.tos > 255 || o.retries < 0
	if bad || o.repeating() && o.period < 1 {
		return &usageError{}
	}
	if o.repeating() && !o.timeoutSet {
		o.timeout = min(o.period, 2000)
	}
	if o.repeating() {
		// As there, the letters for hosts that are or are not there mean silence.
		o.quiet = o.quiet || o.alive || o.unreach
		o.alive, o.unreach = false, false
	}
	o.quiet = o.quiet || o.every > 0
	return nil
}

// repeating reports whether each host is asked again and again.
func (o *options) repeating() bool { return o.loop || o.count > 0 }

func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// words splits the lines of a file into hosts: the first word of each line.
func words(text string) (hosts []string) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) > 0 && !strings.HasPrefix(f[0], "#") {
			hosts = append(hosts, f[0])
		}
	}
	return hosts
}
