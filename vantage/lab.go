package vantage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
)

// LabOptions are how one measures in a laboratory. The zero LabOptions work.
type LabOptions struct {
	// From is the host to measure from. Without it, it is where the steps of the
	// file ping from, or trace from when Like says so; and in a file without such
	// steps the first host.
	From string
	Like Kind
	// Seed is that of everything random; 0: that of the topology, and with the
	// virtual clock that of the prober too, so that each run is like the others.
	Seed uint64
	// Virtual lets time jump to whatever is next, instead of passing.
	Virtual bool
}

// Kind is what somebody is about to do.
type Kind uint8

// The kinds.
const (
	Ping Kind = iota
	Trace
)

// Lab is a host of a laboratory, as a place to measure from.
type Lab struct {
	Network *lab.Network

	upper    *prober.Upper
	prober   *probe.Prober
	seed     uint64
	virtual  bool
	wake     chan struct{}
	topology *topology.Topology
}

var _ Point = (*Lab)(nil)

// OpenLab makes the laboratory and a place in it. The errors are those of
// [lab.New], and one that names the hosts that there are.
func OpenLab(t *topology.Topology, o LabOptions) (*Lab, error) {
	if len(t.Nodes) == 0 {
		return nil, fmt.Errorf("%w: there is none at all", prober.ErrNoHost)
	}
	from := o.From
	if from == "" {
		from = stand(t, o.Like)
	}
	if !slices.ContainsFunc(t.Nodes, func(n topology.Node) bool { return n.Name == from }) {
		var all []string
		for i := range t.Nodes {
			all = append(all, t.Nodes[i].Name)
		}
		return nil, fmt.Errorf("%w %q: there is %s", prober.ErrNoHost, from, strings.Join(all, ", "))
	}
	l := &Lab{
		upper: prober.New(from, nil), seed: o.Seed, virtual: o.Virtual,
		wake: make(chan struct{}, 1), topology: t,
	}
	if l.seed == 0 && l.virtual {
		l.seed = max(t.Seed, 1) // a file that says none is like one that says 1
	}
	options := lab.Options{Seed: o.Seed, Upper: l.upper.On}
	if !o.Virtual {
		options.Start = time.Now()
	}
	n, err := lab.New(t, options)
	l.Network = n
	return l, err
}

// stand is where one stands who does not say.
func stand(t *topology.Topology, like Kind) string {
	other := ""
	for i := range t.Steps {
		s := &t.Steps[i]
		from, k := "", Ping
		switch {
		case s.Ping != nil:
			from = s.Ping.From
		case s.Trace != nil:
			from, k = s.Trace.From, Trace
		}
		if from != "" && k == like {
			return from
		}
		if other == "" {
			other = from
		}
	}
	if other != "" {
		return other
	}
	for i := range t.Nodes {
		if !t.Nodes[i].Gateway() {
			return t.Nodes[i].Name
		}
	}
	return t.Nodes[0].Name
}

// Now implements [Point].
func (l *Lab) Now() time.Time {
	if l.virtual {
		return l.Network.Now()
	}
	return time.Now()
}

// Lookup implements [Point]: a name is that of a node, or of an address.
func (l *Lab) Lookup(_ context.Context, host string, f Family) ([]netip.Addr, error) {
	var found []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		found = append(found, a.Unmap())
	}
	if h, ok := l.Network.Host(host); ok {
		found = append(found, h.Addrs...)
	}
	for i := range l.topology.Names {
		if n := &l.topology.Names[i]; strings.EqualFold(n.Name, host) && n.Prefix.IsSingleIP() {
			found = append(found, n.Prefix.Addr())
		}
	}
	if len(found) == 0 {
		return nil, ErrHost
	}
	found = slices.DeleteFunc(found, func(a netip.Addr) bool { return !f.Is(a) })
	if len(found) == 0 {
		return nil, ErrFamily
	}
	return found, nil
}

// Source implements [Point].
func (l *Lab) Source(dst netip.Addr) (netip.Addr, error) { return l.upper.Source(dst) }

// Who implements [Point]: what the topology says.
func (l *Lab) Who() (names.Source, names.Owners) { return register{l.Network}, register{l.Network} }

// register is the names of a topology.
type register struct{ n *lab.Network }

// Name implements [names.Source].
func (r register) Name(_ context.Context, a netip.Addr) (string, error) {
	if name, _ := r.n.Name(a); name != "" {
		return name, nil
	}
	return "", names.ErrUnknown
}

// Owner implements [names.Owners].
func (r register) Owner(_ context.Context, a netip.Addr) (names.Owner, error) {
	if _, owner := r.n.Name(a); owner != "" {
		return names.Owner{Organisation: owner}, nil
	}
	return names.Owner{}, names.ErrUnknown
}

// Can implements [Point].
func (l *Lab) Can() Abilities { return Abilities{Raw: true, Kernel: true, Virtual: l.virtual} }

var errTwice = errors.New("vantage: one place has one prober")

// Prober implements [Point].
func (l *Lab) Prober(c probe.Config) (*probe.Prober, error) {
	if l.prober != nil {
		return nil, errTwice
	}
	if c.Seed == 0 {
		c.Seed = l.seed
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	c.IPID = true
	p, err := probe.New(c)
	if err != nil {
		return nil, err
	}
	l.prober = p
	l.upper.Use(p)
	return p, nil
}

// Run implements [Point].
func (l *Lab) Run(ctx context.Context, s probe.Strategy, turn func(now time.Time)) error {
	if l.prober == nil {
		return errNoProber
	}
	if turn == nil {
		turn = func(time.Time) {}
	}
	l.upper.Drive(s)
	defer l.upper.Drive(nil)
	stop := context.AfterFunc(ctx, l.Interrupt)
	defer stop()
	for now := l.Now(); ; now = l.next(now) {
		l.Network.Advance(now)
		turn(now)
		if s.Done() || ctx.Err() != nil {
			return nil
		}
	}
}

// next waits for whatever is next, and returns when it is.
func (l *Lab) next(now time.Time) time.Time {
	t := l.Network.Deadline()
	switch {
	case l.virtual && t.IsZero():
		l.wait(0, true) // until it is interrupted
		return now
	case l.virtual && t.Before(now):
		return now
	case l.virtual:
		return t
	}
	if wait := time.Until(t); t.IsZero() || wait > 0 {
		l.wait(wait, t.IsZero())
	}
	return time.Now()
}

func (l *Lab) wait(d time.Duration, forever bool) {
	var due <-chan time.Time
	if !forever {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-l.wake:
	}
}

// Interrupt implements [Point].
func (l *Lab) Interrupt() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Close implements [Point].
func (l *Lab) Close() error { return nil }
