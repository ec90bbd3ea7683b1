package mtr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/term"

	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/vantage"
)

type streams struct {
	in        io.Reader
	out, errs io.Writer
}

// terminal reports whether a stream is a terminal.
func terminal(s any) bool {
	f, ok := s.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// session is the watching of one host.
type session struct {
	o    *options
	s    streams
	host string
	at   vantage.Point
	m    *mtr.Monitor
	book *names.Book // of names
	reg  *names.Book // of owners

	start   time.Time
	changes []mtr.Event
	watched func(e *mtr.Event) // is told of events; nil: nobody
}

// all watches one host after the other.
func (o *options) all(ctx context.Context, s streams) error {
	if o.format == "" || o.format == "live" && (!terminal(s.out) || o.place.Virtual) {
		o.format = "text"
		if terminal(s.out) && !o.place.Virtual {
			o.format = "live"
		}
	}
	var failed error
	for _, host := range o.hosts {
		if err := o.one(ctx, s, host); err != nil {
			var unknown *place.HostError
			if !errors.As(err, &unknown) || len(o.hosts) == 1 {
				return err
			}
			fmt.Fprintf(s.errs, "mtr: %v\n", err)
			failed = &status.Exit{Code: status.Failed}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return failed
}

// one watches a host.
func (o *options) one(ctx context.Context, s streams, host string) error {
	at, err := o.place.Open(vantage.Trace, func() (vantage.Point, error) { return o.system(host) })
	if err != nil {
		return err
	}
	defer at.Close()
	x := &session{o: o, s: s, host: host, at: at}
	if err := x.begin(ctx); err != nil {
		return err
	}
	x.ask()
	defer x.forget()
	switch o.format {
	case "live":
		err = x.live(ctx)
	case "raw":
		err = x.raw(ctx)
	case "lines":
		err = x.lines(ctx)
	default:
		err = x.print(ctx)
	}
	if err == nil && ctx.Err() != nil && o.format != "live" {
		return &status.Exit{Code: interrupted}
	}
	return err
}

// interrupted is the exit status after a signal, as the shell has it.
const interrupted = 130

var errMismatch = errors.New("source address and host are not of one family")

// begin looks the host up, and makes the monitor.
func (x *session) begin(ctx context.Context) error {
	o := x.o
	all, err := x.at.Lookup(ctx, x.host, o.family)
	if err != nil {
		return &place.HostError{Host: x.host, Err: err}
	}
	c := o.cfg
	c.Dst = all[0]
	if c.Src = o.source; !c.Src.IsValid() {
		if c.Src, err = x.at.Source(c.Dst); err != nil {
			return err
		}
	} else if c.Src.Is4() != c.Dst.Is4() {
		return errMismatch
	}
	length := o.length
	if o.skin { // it takes what is too short for the least
		length = max(length, headers(c.Kind, c.Dst)+leastData)
	}
	if c.Size, err = data(c.Kind, c.Dst, length); err != nil {
		return err
	}
	if c.Rounds = o.rounds; !o.roundsSaid && o.format != "live" {
		c.Rounds = defaultRounds
	}
	if o.format == "live" {
		c.History = livePast
	}
	if c.MaxTTL == 0 {
		c.MaxTTL = max(mtr.DefaultMaxTTL, c.FirstTTL)
	}
	c.Probes = o.format == "raw"
	p, err := x.at.Prober(probe.Config{Pattern: o.pattern(), Rewritten: true})
	if err != nil {
		return err
	}
	x.start = x.at.Now()
	x.m, err = mtr.New(p, c)
	return err
}

// livePast is how many times of a hop are kept for the screen.
const livePast = 200

// system opens this machine.
func (o *options) system(host string) (vantage.Point, error) {
	s := vantage.SystemOptions{Drop: drop && len(o.hosts) == 1, Options: sock.Options{
		IPv4: o.family != vantage.IPv6, IPv6: o.family != vantage.IPv4,
		Interface: o.device, Source: o.source, Mark: o.mark, Slack: slack,
	}}
	if o.format != "live" { // there, keys choose another
		s.Kinds = []probe.Kind{o.cfg.Kind}
	}
	if a, err := parseAddr(host); err == nil {
		s.IPv4, s.IPv6 = a.Is4(), a.Is6()
	}
	if a := o.source; a.IsValid() {
		if a.Is4() && !s.IPv4 || a.Is6() && !s.IPv6 {
			return nil, errMismatch
		}
		s.IPv4, s.IPv6 = a.Is4(), a.Is6()
	}
	s.Names = names.DNS{}
	var err error
	if s.Owners, err = place.Owners(o.register); err != nil {
		return nil, err
	}
	return vantage.OpenSystem(s)
}

// drop gives up the privileges that the sockets needed; tests need them again.
var drop = true

// ask opens the books of names and owners. They ask when they are asked.
func (x *session) ask() {
	source, owners := x.at.Who()
	if source != nil {
		x.book = names.New(names.Config{Source: source})
	}
	if owners != nil {
		x.reg = names.New(names.Config{Owners: []names.Owners{owners}})
	}
}

func (x *session) forget() {
	for _, b := range []*names.Book{x.book, x.reg} {
		if b != nil {
			b.Close()
		}
	}
}

// name is the name of an address, as far as it is known.
func (x *session) name(a netip.Addr) (w names.Who) {
	if x.book != nil && a.IsValid() {
		w, _ = x.book.Look(a)
	}
	return w
}

// owner is whose an address is, as far as that is known.
func (x *session) owner(a netip.Addr) names.Owner {
	if x.reg == nil || !a.IsValid() {
		return names.Owner{}
	}
	w, _ := x.reg.Look(a)
	return w.Owner
}

// owned reports whether owners are to be shown.
func (x *session) owned() bool {
	return x.o.look.Owners || x.o.look.Info >= 0 || x.o.format == "lines" && x.o.place.Lab != ""
}

// who is who an address is, as far as that is to be shown in a report.
func (x *session) who(a netip.Addr) (w names.Who) {
	if !x.o.numeric {
		w = x.name(a)
	}
	if x.owned() {
		w.Owner = x.owner(a)
	}
	return w
}

// drain reads the monitor's events.
func (x *session) drain() {
	for e, ok := x.m.Next(); ok; e, ok = x.m.Next() {
		if e.Kind == mtr.Changed && len(x.changes) < mostChanges {
			x.changes = append(x.changes, e)
		}
		if x.watched != nil {
			x.watched(&e)
		}
	}
}

// mostChanges is how many changes of the way are kept.
const mostChanges = 1000

// patience is how long names are waited for at the end.
const patience = 3 * time.Second

// run asks until it is done, and then finds out names that are not known yet.
func (x *session) run(ctx context.Context) error {
	err := x.at.Run(ctx, x.m, func(time.Time) { x.drain() })
	x.drain()
	if err != nil {
		return err
	}
	x.wait(ctx)
	if u := x.m.Unsent(); u != nil && len(x.m.Hops()) <= 1 && x.m.Hops()[0].Received == 0 {
		return u
	}
	return nil
}

// wait waits for names and owners of all hosts.
func (x *session) wait(ctx context.Context) {
	var addrs []netip.Addr
	for _, h := range x.m.Hops() {
		for i := range h.Hosts {
			addrs = append(addrs, h.Hosts[i].Addr)
		}
	}
	for _, p := range x.m.Paths() {
		addrs = append(addrs, p.Hops...)
	}
	for i := range x.changes {
		addrs = append(addrs, x.changes[i].Was, x.changes[i].Is)
	}
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool { return !a.IsValid() })
	for _, a := range addrs { // both begin
		x.who(a)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// What is not known by then is not shown.
	if x.book != nil && !x.o.numeric {
		_ = x.book.Wait(ctx, addrs...)
	}
	if x.reg != nil && x.owned() {
		_ = x.reg.Wait(ctx, addrs...)
	}
}

// here is the name of the place that is measured from.
func (x *session) here() string {
	src := x.m.Config().Src
	if l, ok := x.at.(*vantage.Lab); ok {
		if h, ok := l.Network.HostByAddr(src); ok {
			return h.Name
		}
	}
	if n, err := os.Hostname(); err == nil && x.o.place.Lab == "" {
		return n
	}
	return src.String()
}

// slack is how far apart the moments are at which probes leave and answers are
// looked at: times of answers are the kernel's.
const slack = 150 * time.Millisecond
