// Package tracepath is what the binary is when it is called as tracepath: the flags
// and the layout of iputils 20221126, over a walk of package mtu.
package tracepath

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
)

const usage = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).
`

// Exit statuses.
const (
	failed      = 1
	interrupted = 130 // as the shell has it
	misused     = 255
)

// maxHops is the most that there can be.
const maxHops = math.MaxUint8

// options are what the arguments say.
type options struct {
	family        vantage.Family
	both, numeric bool
	length, hops  int
	port          int
	host          string
}

var (
	errVersion = errors.New("version")
	errUsage   = errors.New("usage")
)

// misuse is an option that there is not, or that is not complete. Behind it the
// original prints the usage.
type misuse string

func (m misuse) Error() string { return string(m) }

// parse reads arguments as getopt does.
func parse(args []string) (o options, err error) {
	o.hops, o.port = mtu.DefaultHops, mtu.DefaultWalkPort
	var hosts []string
	for args = args[1:]; len(args) > 0; {
		a := args[0]
		args = args[1:]
		switch {
		case a == "--":
			hosts, args = append(hosts, args...), nil
		case len(a) < 2 || a[0] != '-':
			hosts = append(hosts, a)
		default:
			if args, err = o.word(a[1:], args); err != nil {
				return o, err
			}
		}
	}
	if len(hosts) != 1 {
		return o, errUsage
	}
	host, port, given := strings.Cut(hosts[0], "/")
	if o.host = host; given {
		err = o.number('p', port)
	}
	return o, err
}

// word reads a word of options, and returns the arguments behind it.
func (o *options) word(word string, args []string) ([]string, error) {
	for j := range len(word) {
		switch c := word[j]; c {
		case '4':
			o.family = vantage.IPv4
		case '6':
			o.family = vantage.IPv6
		case 'b':
			o.both = true
		case 'n':
			o.numeric = true
		case 'V':
			return nil, errVersion
		case 'h', '?':
			return nil, errUsage
		case 'l', 'm', 'p':
			value := word[j+1:]
			if value == "" {
				if len(args) == 0 {
					return nil, misuse(fmt.Sprintf("option requires an argument -- '%c'", c))
				}
				value, args = args[0], args[1:]
			}
			return args, o.number(c, value)
		default:
			return nil, misuse(fmt.Sprintf("invalid option -- '%c'", c))
		}
	}
	return args, nil
}

// leastLength is how many octets have to be more than the headers of IPv4 and UDP.
const leastLength = 29

func (o *options) number(letter byte, value string) error {
	least, most, to := 1, maxHops, &o.hops
	switch letter {
	case 'l':
		least, most, to = leastLength, ip.MaxLen, &o.length
	case 'p':
		least, most, to = 1, math.MaxUint16, &o.port
	}
	switch n, err := strconv.Atoi(value); {
	case err != nil:
		return fmt.Errorf("invalid argument: '%s'", value)
	case letter == 'l' && (n < least || n > most):
		return fmt.Errorf("pktlen must be within: %d < value <= %d", least-1, most)
	case n < least || n > most:
		return fmt.Errorf("invalid argument: '%s': out of range: %d <= value <= %d", value, least, most)
	default:
		*to = n
	}
	return nil
}

// Main is the program; args[0] is its name. It returns the exit status.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, errVersion):
		fmt.Fprintln(out, "tracepath from sonde")
		return 0
	case errors.Is(err, errUsage):
		_, _ = io.WriteString(errs, usage)
		return misused
	case errors.As(err, new(misuse)):
		fmt.Fprintf(errs, "tracepath: %v\n%s", err, usage)
		return misused
	case err == nil:
		err = run(ctx, &o, out)
	}
	switch {
	case err != nil:
		fmt.Fprintf(errs, "tracepath: %v\n", err)
		return failed
	case ctx.Err() != nil:
		return interrupted
	}
	return 0
}

func run(ctx context.Context, o *options, out io.Writer) error {
	s := vantage.SystemOptions{Options: sock.Options{
		Kinds: []probe.Kind{probe.UDP}, IPv4: o.family == vantage.IPv4, IPv6: o.family == vantage.IPv6,
	}}
	if !o.numeric {
		s.Names = names.DNS{}
	}
	at, err := vantage.OpenSystem(s)
	if err != nil {
		return err
	}
	defer at.Close()
	all, err := at.Lookup(ctx, o.host, o.family)
	if err != nil {
		return fmt.Errorf("%s: %w", o.host, err)
	}
	c := mtu.WalkConfig{Dst: all[0], DstPort: uint16(o.port), Hops: o.hops, Size: o.length}
	if c.Src, err = at.Source(c.Dst); err != nil {
		return err
	}
	p, err := at.Prober(probe.Config{})
	if err != nil {
		return err
	}
	walk, err := mtu.NewWalk(p, c)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	show := printer{ctx: ctx, o: o, w: w, names: s.Names}
	err = at.Run(ctx, walk, func(time.Time) {
		for step, ok := walk.Next(); ok; step, ok = walk.Next() {
			show.step(&step)
		}
		_ = w.Flush() // it keeps its error
	})
	if walk.Err() == nil {
		show.resume(walk.MTU(), walk.Done() && !show.over)
	}
	return errors.Join(err, walk.Err(), w.Flush())
}
