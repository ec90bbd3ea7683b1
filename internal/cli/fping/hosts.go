package fping

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/sonde-net/sonde/probe/roll"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/vantage"
)

// host is one that is asked.
type host struct {
	shown string
	addr  netip.Addr
	times []float64 // milliseconds; negative: no answer; with -C
	since roll.Stats
}

// maxGenerated is how many hosts -g makes.
const maxGenerated = 1 << 24

// names are the hosts that were named, in their order.
func (o *options) names(args []string, in io.Reader) ([]string, error) {
	switch {
	case len(args) > 0 && o.file != "":
		return nil, &usageError{}
	case o.generate:
		return o.generated(args)
	case len(args) > 0:
		return args, nil
	}
	if o.file == "" || o.file == "-" {
		b, err := io.ReadAll(in)
		return words(string(b)), err
	}
	b, err := os.ReadFile(o.file)
	var path *os.PathError
	if errors.As(err, &path) {
		return nil, fmt.Errorf("fopen : %s", sentence(path.Err))
	}
	return words(string(b)), err
}

// sentence is an error of the system as C libraries spell it.
func sentence(err error) string {
	s := err.Error()
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (o *options) generated(args []string) ([]string, error) {
	var r space.Range
	switch len(args) {
	case 1:
		p, err := netip.ParsePrefix(args[0])
		if address, mask, ok := strings.Cut(args[0], "/"); err != nil && ok {
			if _, err := netip.ParseAddr(address); err != nil {
				return nil, &usageError{"fping, can't parse address " + address + ": Name or service not known"}
			}
			return nil, &usageError{"fping: netmask must be between 1 and 32 (is: " + mask + ")"}
		}
		if err != nil {
			return nil, &usageError{}
		}
		r = space.RangeOf(p.Masked())
		if len(space.Edges(p.Masked())) > 0 {
			r = space.Range{First: r.First.Next(), Last: r.Last.Prev()}
		}
	case 2:
		var ends [2]netip.Addr
		for i, text := range args {
			var err error
			if ends[i], err = netip.ParseAddr(text); err != nil {
				return nil, &usageError{"fping: can't parse address " + text + ": Name or service not known"}
			}
		}
		r = space.Range{First: ends[0], Last: ends[1]}
	default:
		return nil, &usageError{}
	}
	var s space.Set
	if r.First.Compare(r.Last) > 0 {
		return nil, nil
	}
	if _, err := s.Add(r); err != nil || s.Len() > maxGenerated {
		return nil, &usageError{"fping: -g parameter generates too many addresses"}
	}
	out := make([]string, s.Len())
	for i := range out {
		out[i] = s.At(uint64(i)).String()
	}
	return out, nil
}

// find resolves the hosts. Missing is how many have no address: each is told of.
func (o *options) find(ctx context.Context, at vantage.Point, names []string, errs io.Writer) (hosts []host, missing int) {
	family := vantage.Any
	switch {
	case o.four:
		family = vantage.IPv4
	case o.six:
		family = vantage.IPv6
	}
	for _, name := range names {
		addrs, err := at.Lookup(ctx, name, family)
		if err != nil {
			fmt.Fprintf(errs, "%s: %s\n", name, sentence(cause(err)))
			missing++
			continue
		}
		if !o.all {
			addrs = addrs[:1]
		}
		for _, a := range addrs {
			hosts = append(hosts, host{shown: o.show(ctx, name, a), addr: a})
		}
	}
	return hosts, missing
}

func cause(err error) error {
	for _, known := range []error{vantage.ErrHost, vantage.ErrFamily, vantage.ErrTemporary} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

// show returns how a host is called.
func (o *options) show(ctx context.Context, name string, a netip.Addr) string {
	_, err := netip.ParseAddr(name)
	numeric := err == nil
	shown := name
	switch {
	case o.addr && o.name && !o.rdns && !numeric:
		return name + " (" + a.String() + ")"
	case o.addr:
		shown = a.String()
	}
	if !o.rdns && !(o.name && numeric) {
		return shown
	}
	known := shown
	if all, err := net.DefaultResolver.LookupAddr(ctx, a.String()); err == nil && len(all) > 0 {
		known = strings.TrimSuffix(all[0], ".")
	}
	if o.addr {
		return known + " (" + shown + ")"
	}
	return known
}
