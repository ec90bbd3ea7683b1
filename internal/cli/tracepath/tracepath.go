// Package tracepath is what the binary is when it is called as tracepath: the flags
// and the layout of iputils 20221126, over a walk of package mtu.
package tracepath

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/vantage"
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
	failed  = 1
	misused = 255
	maxHops = 255
)

// options are what the arguments say.
type options struct {
	family        vantage.Family
	both, numeric bool
	length, hops  int
	port          int
	host          string
}

var errVersion = errors.New("version")

// parse reads arguments as getopt does.
func parse(args []string) (o options, err error) {
	o.hops, o.port = mtu.DefaultHops, mtu.DefaultWalkPort
	for i := 1; i < len(args); i++ {
		a := args[i]
		if len(a) < 2 || a[0] != '-' {
			o.host = a
			continue
		}
		for j := 1; j < len(a); j++ {
			switch a[j] {
			case '4':
				o.family = vantage.IPv4
			case '6':
				o.family = vantage.IPv6
			case 'b':
				o.both = true
			case 'n':
				o.numeric = true
			case 'V':
				return o, errVersion
			case 'l', 'm', 'p':
				value := a[j+1:]
				if value == "" {
					if i++; i >= len(args) {
						return o, fmt.Errorf("option requires an argument -- '%c'", a[j])
					}
					value = args[i]
				}
				if err := o.number(a[j], value); err != nil {
					return o, err
				}
				j = len(a)
			default:
				return o, fmt.Errorf("invalid option -- '%c'", a[j])
			}
		}
	}
	if o.host == "" {
		return o, errors.New("")
	}
	return o, nil
}

func (o *options) number(letter byte, value string) error {
	least, most, to := 1, maxHops, &o.hops
	switch letter {
	case 'l':
		least, most, to = 29, 65000, &o.length
	case 'p':
		least, most, to = 1, 65535, &o.port
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return fmt.Errorf("invalid argument: '%s': out of range: %d <= value <= %d", value, least, most)
	}
	*to = n
	return nil
}

// Main is the program; args[0] is its name. It returns the exit status.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, errVersion):
		fmt.Fprintln(out, "tracepath from sonde")
		return 0
	case err != nil:
		if err.Error() != "" {
			fmt.Fprintf(errs, "tracepath: %v\n", err)
		}
		_, _ = io.WriteString(errs, usage)
		return misused
	}
	if err := run(ctx, &o, out); err != nil {
		fmt.Fprintf(errs, "tracepath: %v\n", err)
		return failed
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
