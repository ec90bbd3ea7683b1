package ping

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	engine "github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/vantage"
)

// What who is not the superuser may do.
const (
	leastInterval = 2 * time.Millisecond
	mostPreload   = 3
)

// restricted reports whether the program runs for somebody who may not flood.
func (o *options) restricted() bool { return !o.simulated && os.Getuid() > 0 }

// permitted refuses what only the superuser may ask for.
func (o *options) permitted() error {
	interval := o.interval
	if !o.intervalSet && !o.flood {
		interval = time.Second
	}
	switch {
	case !o.restricted():
	case o.preload > mostPreload:
		return fmt.Errorf("cannot set preload to value greater than %d: %d", mostPreload, o.preload)
	case interval < leastInterval:
		return fmt.Errorf("cannot flood; minimal interval allowed for user is %dms", leastInterval.Milliseconds())
	case o.broadcast && interval < time.Second:
		return fmt.Errorf("broadcast ping with too short interval: %d", interval.Milliseconds())
	case o.broadcast && o.discover != "" && o.discover != "do":
		return errors.New("broadcast ping does not fragment")
	}
	return nil
}

// least is the least interval of adaptive pinging.
func (o *options) least() time.Duration {
	if o.restricted() {
		return leastInterval
	}
	return 0
}

// system opens this machine.
func (s *session) system() (vantage.Point, error) {
	o := s.o
	c := vantage.SystemOptions{
		Options: sock.Options{
			Kinds: []probe.Kind{probe.Echo}, IPv4: s.family == vantage.IPv4, IPv6: s.family == vantage.IPv6,
			Interface: o.device, Source: o.source, Mark: o.mark, DontRoute: o.bypass && len(o.via) == 0,
			Broadcast: o.broadcast, NoLoop: o.noLoop, Discover: o.discoverMode(), Rate: max(usualRate, s.rate()), SendBuffer: o.buffer,
			NoSentStamps: s.rate() > sparing || o.userLatency, Slack: s.slack(),
		},
		Names: names.DNS{},
	}
	c.Overflow = func(n uint64) {
		s.complain(fmt.Sprintf(s.words.overflow, n))
	}
	if o.source.IsValid() {
		c.IPv4, c.IPv6 = o.source.Is4(), o.source.Is6()
	}
	p, err := vantage.OpenSystem(c)
	if err != nil {
		return nil, o.classicError(err)
	}
	return p, nil
}

// classicError is what the original says of sockets that cannot be had.
func (o *options) classicError(err error) error {
	switch {
	case errors.Is(err, syscall.ENODEV):
		return fmt.Errorf("SO_BINDTODEVICE %s: %s", o.device, cause(syscall.ENODEV))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return errors.New("bind: " + cause(syscall.EADDRNOTAVAIL))
	}
	return err
}

func (o *options) discoverMode() sock.Discover {
	switch {
	case o.discover == "do", o.discover == "" && o.broadcast:
		return sock.Do
	case o.discover == "dont":
		return sock.Dont
	}
	return sock.Want
}

// sparing is the rate from which on the kernel is spared the stamps of what is
// sent, which take longer than they make times better.
const sparing = 200

// floodRate is how many replies a second a flood may bring.
const floodRate = 500_000

// familyOf is the only family that there will be, if that can be told before
// anybody is looked up: sockets of the other need not be opened.
func (o *options) familyOf(args []string) vantage.Family {
	only := o.family
	for _, arg := range args {
		a, err := netip.ParseAddr(arg)
		if err != nil {
			return o.family
		}
		f := vantage.IPv6
		if a.Unmap().Is4() {
			f = vantage.IPv4
		}
		if only != vantage.Any && only != f {
			return o.family
		}
		only = f
	}
	return only
}

// slack is how much later probes may leave and replies be looked at: with many
// targets a little, which saves most of the work.
func (s *session) slack() time.Duration {
	if s.expected < 2 || s.rate() == floodRate || s.rate() < sparing {
		return 0
	}
	return manySlack
}

const manySlack = 5 * time.Millisecond

// usualRate is what the receive buffer is made for at least.
const usualRate = 1000

// rate is how many probes a second there will be, more or less.
func (s *session) rate() int {
	o := s.o
	interval := o.interval
	if !o.intervalSet {
		interval = engine.DefaultInterval
	}
	if o.flood && !o.intervalSet || interval == 0 || o.adaptive {
		return floodRate
	}
	return max(o.preload, int(time.Duration(max(1, s.expected))*time.Second/interval))
}
