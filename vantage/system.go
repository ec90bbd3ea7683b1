package vantage

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/link"
	"github.com/sonde-net/sonde/link/privilege"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
)

// SystemOptions are how one measures from this machine. The zero SystemOptions
// work.
type SystemOptions struct {
	sock.Options

	// Names and Owners are who knows of addresses; nil: nobody.
	Names  names.Source
	Owners names.Owners

	// Drop gives up all privileges of the program when the sockets are open, for
	// good; see [privilege.Drop].
	Drop bool
}

// System is this machine, as a place to measure from.
type System struct {
	o      SystemOptions
	conn   *sock.Conn
	prober *probe.Prober
}

var _ Point = (*System)(nil)

// OpenSystem opens the sockets. The errors are those of [sock.Open]: a
// [*link.PrivilegeError] when a privilege is missing.
func OpenSystem(o SystemOptions) (*System, error) {
	c, err := sock.Open(o.Options)
	if err != nil {
		return nil, err
	}
	if o.Drop {
		if err := privilege.Drop(); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return &System{o: o, conn: c}, nil
}

// Now implements [Point].
func (s *System) Now() time.Time { return time.Now() }

// Who implements [Point].
func (s *System) Who() (names.Source, names.Owners) { return s.o.Names, s.o.Owners }

// Can implements [Point].
func (s *System) Can() Abilities {
	a := s.conn.Can()
	return Abilities{Raw: a.Raw, Kernel: a.Stamps}
}

// Source implements [Point]. The error wraps that of the system.
func (s *System) Source(dst netip.Addr) (netip.Addr, error) {
	if s.o.Source.IsValid() && s.o.Source.Is4() == dst.Is4() && dst.IsMulticast() {
		return s.o.Source, nil
	}
	return sock.Source(dst, s.o.Options)
}

// Counters returns what the sockets have done. It asks the kernel, so that what
// it has thrown away is in it.
func (s *System) Counters() link.Counters {
	s.conn.Drops()
	return s.conn.Counters()
}

// Prober implements [Point].
func (s *System) Prober(c probe.Config) (*probe.Prober, error) {
	if s.prober != nil {
		return nil, errTwice
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	c.IPID = s.conn.Identifies()
	if id := s.conn.ID(); id != 0 { // the kernel has chosen
		c.ID = id
	}
	p, err := probe.New(c)
	if err != nil {
		return nil, err
	}
	if err := s.conn.Use(p); err != nil {
		return nil, err
	}
	s.prober = p
	return p, nil
}

var errNoProber = errors.New("vantage: nothing was asked for a prober")

// Run implements [Point]. The waits of its thread are as exact as the system can
// make them. It is not kept on that thread: the runtime would hand it over at
// every stop, which costs more than a wait that is less exact now and then.
func (s *System) Run(ctx context.Context, by probe.Strategy, turn func(now time.Time)) error {
	if s.prober == nil {
		return errNoProber
	}
	defer sock.Precise()()
	return drive.Probe(ctx, s.prober, by, s.conn, turn)
}

// Interrupt implements [Point].
func (s *System) Interrupt() { s.conn.Interrupt() }

// Close implements [Point].
func (s *System) Close() error { return s.conn.Close() }

// Lookup implements [Point].
func (s *System) Lookup(ctx context.Context, host string, f Family) ([]netip.Addr, error) {
	return resolve(ctx, net.DefaultResolver, host, f)
}
