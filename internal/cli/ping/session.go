package ping

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	engine "github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
)

// session is one run of the command.
type session struct {
	o      *options
	prefix string // of what goes to standard error
	skin   bool   // called as ping
	words  words
	out    io.Writer
	errs   io.Writer
	buf    *bufio.Writer
	broken error // what could not be written

	at    vantage.Point
	book  *names.Book
	cfg   engine.Config
	hosts []host
	s     *engine.Ping
	told  engine.Result // by it, and printed: here, so that it need not be made anew
	ident uint16

	expected int            // how many hosts there will be
	family   vantage.Family // the only one of their addresses; Any: both
}

// renderer prints what happens.
type renderer interface {
	begin()
	result(r *engine.Result)
	end()
}

// write writes text as it is. What cannot be written is told of by flush.
func (s *session) write(text string) { _, _ = s.buf.WriteString(text) }

func (s *session) printf(format string, args ...any) { fmt.Fprintf(s.buf, format, args...) }

// complain writes a line to standard error, behind what was printed before.
func (s *session) complain(what string) {
	s.flush()
	fmt.Fprintf(s.errs, "%s%s\n", s.prefix, what)
}

func (s *session) flush() {
	if err := s.buf.Flush(); err != nil && s.broken == nil {
		s.broken = err
	}
}

// run asks the hosts that args name, from the place that open opens.
func (s *session) run(ctx context.Context, open func() (vantage.Point, error), args []string) error {
	s.buf = bufio.NewWriterSize(s.out, 1<<16)
	if s.words.stamps == "" {
		s.words = english
	}
	if s.o.ttl == 0 {
		return errors.New("cannot set unicast time-to-live: Invalid argument")
	}
	if err := s.o.permitted(); err != nil {
		return err
	}
	s.family = s.o.familyOf(args)
	var err error
	if s.at, err = open(); err != nil {
		return err
	}
	defer s.at.Close()
	s.preamble()
	unknown := s.resolveAll(ctx, args)
	if len(s.hosts) == 0 {
		return unknown
	}
	if unknown != nil {
		s.complain(unknown.Error())
	}
	if source, _ := s.at.Who(); source != nil && !s.o.numeric {
		s.book = names.New(names.Config{Source: source})
		defer s.book.Close()
	}
	if err := s.ask(ctx); err != nil {
		return err
	}
	return s.exit(unknown)
}

// preamble prints what comes before everything else.
func (s *session) preamble() {
	if s.o.patternSet && !s.o.quiet && !s.o.json {
		s.printf("PATTERN: 0x%x\n", s.o.pattern)
	}
	if s.o.broadcast && !s.o.json {
		s.flush()
		fmt.Fprintln(s.errs, "WARNING: pinging broadcast address")
	}
}

// resolveAll finds out who the hosts are. The error is about one who is nobody,
// when others are somebody all of them but the last have been told of.
func (s *session) resolveAll(ctx context.Context, args []string) (unknown error) {
	for _, a := range args {
		h, err := s.resolve(ctx, a)
		if err == nil {
			s.hosts = append(s.hosts, h)
			continue
		}
		if unknown != nil {
			s.complain(unknown.Error())
		}
		unknown = err
	}
	return unknown
}

// ask makes the strategy and runs it.
func (s *session) ask(ctx context.Context) error {
	if err := s.configure(); err != nil {
		return err
	}
	p, err := s.at.Prober(s.prober())
	if err != nil {
		return err
	}
	s.ident, _ = p.Identifiers()
	if s.s, err = engine.New(p, s.cfg); err != nil {
		return err
	}
	var r renderer = &classic{session: s}
	if s.o.json {
		r = &lines{session: s}
	}
	wanted, stop := s.statusOn()
	defer stop()
	r.begin()
	s.flush()
	err = s.at.Run(ctx, s.s, func(time.Time) {
		for {
			var ok bool
			if s.told, ok = s.s.Next(); !ok {
				break
			}
			r.result(&s.told)
		}
		if wanted.Load() && wanted.Swap(false) {
			s.flush()
			for i := range s.hosts {
				s.quick(i)
			}
		}
		if s.buf.Buffered() > 0 {
			s.flush()
		}
	})
	r.end()
	s.flush()
	if err == nil {
		err = s.broken
	}
	return err
}

// exit is how it ends: well when all have answered.
func (s *session) exit(unknown error) error {
	if unknown != nil {
		return &status.Exit{Code: status.Failed}
	}
	for i := range s.hosts {
		if !s.s.Reached(i) {
			return status.No
		}
	}
	return nil
}

// statusOn waits for the signal that asks how it goes.
func (s *session) statusOn() (wanted *atomic.Bool, stop func()) {
	wanted = new(atomic.Bool)
	got, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(got, syscall.SIGQUIT)
	go func() {
		for {
			select {
			case <-got:
				wanted.Store(true)
				s.at.Interrupt()
			case <-done:
				return
			}
		}
	}()
	return wanted, func() {
		signal.Stop(got)
		close(done)
	}
}

// prober is how the prober is to be.
func (s *session) prober() probe.Config {
	c := probe.Config{Pattern: s.o.pattern, InFlight: 1 << 17}
	if len(s.hosts) > 1 {
		c.InFlight = 1 << 20
	}
	if s.cfg.Flood {
		c.Linger = floodLinger
	}
	if s.o.ident > 0 {
		c.ID = uint16(s.o.ident)
	}
	return c
}

// floodLinger is how long the probes of a flood are remembered for duplicates.
const floodLinger = 100 * time.Millisecond

// configure fills in the strategy's configuration.
func (s *session) configure() error {
	o, c := s.o, &s.cfg
	for i := range s.hosts {
		c.Targets = append(c.Targets, s.hosts[i].Target)
	}
	c.Count, c.Interval, c.Adaptive, c.Flood, c.Preload = o.count, o.interval, o.adaptive, o.flood, o.preload
	if o.intervalSet && o.interval == 0 {
		c.Flood = true // without the drawing
	}
	c.Least = o.least()
	c.Deadline, c.Wait = time.Duration(o.deadline)*time.Second, o.wait
	c.Timeout = max(engine.DefaultTimeout, o.wait)
	c.Size, c.TTL, c.TOS = o.size, ip.TTL(max(o.ttl, 0)), o.tos
	c.Outstanding, c.Sent, c.Percentiles = o.outstanding, o.flood && !o.quiet, o.percentiles
	c.Results, c.Quiet = 1<<13, o.quiet
	switch {
	case o.record:
		c.Options = engine.RecordRoute()
	case o.stampSet && len(o.via) == 0:
		b, err := engine.Timestamps(o.stamp)
		if err != nil {
			return err
		}
		c.Options = b
	}
	for len(c.Options)%4 != 0 {
		c.Options = append(c.Options, byte(ip.OptEnd))
	}
	s.flow()
	s.fragment()
	return s.fits()
}

// Sizes of what is around the data, in octets.
const (
	maxDatagram = 65535
	usualMTU    = 1500
)

// fits refuses more data than a datagram holds.
func (s *session) fits() error {
	for i := range s.hosts {
		limit := maxDatagram - headerLen
		if s.hosts[i].Dst.Is4() {
			limit -= ip.MinHeaderLen4 + len(s.cfg.Options)
		}
		if s.o.size > limit {
			return fmt.Errorf("invalid argument: '%d': out of range: 0 <= value <= %d", s.o.size, limit)
		}
	}
	return nil
}

// fragment decides about don't fragment, where the system does not: in the
// laboratory, as Linux does it.
func (s *session) fragment() {
	whole := s.o.size+headerLen+ip.MinHeaderLen4+len(s.cfg.Options) <= usualMTU
	switch s.o.discover {
	case "do":
		s.cfg.DF = true
	case "dont":
	default:
		s.cfg.DF = whole || s.o.broadcast
	}
}

// flow takes the flow label over, and chooses one where any will do.
func (s *session) flow() {
	if !s.o.flowSet {
		return
	}
	s.cfg.FlowLabel = s.o.flow
	if s.cfg.FlowLabel == 0 {
		s.cfg.FlowLabel = 1 + uint32(time.Now().UnixNano())%ip.MaxFlowLabel
	}
}

// name returns an address as it is printed: behind its name, when it has one and
// names are wanted.
func (s *session) name(h *host, a netip.Addr) string {
	if !h.numeric {
		if n := s.known(a); n != "" {
			return n + " (" + a.String() + ")"
		}
	}
	return a.String()
}

// patience is how long a name is waited for.
const patience = time.Second

// known returns the name of an address, which is waited for a little when it is
// asked for first.
func (s *session) known(a netip.Addr) string {
	if s.book == nil {
		return ""
	}
	who, all := s.book.Look(a)
	if !all {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		// When there is no telling, there is no name.
		_ = s.book.Wait(ctx, a)
		who, _ = s.book.Look(a)
	}
	return who.Name
}
