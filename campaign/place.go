package campaign

import (
	"context"
	"runtime"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/machine"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/link/ring"
	"github.com/sonde-net/sonde/link/sock"
	"github.com/sonde-net/sonde/probe/sweep"
)

// Place is where a job is done.
type Place interface {
	// Prepare finds the way to the targets of c, and fills in its source addresses
	// where they are missing, and the overhead of the link.
	Prepare(c *sweep.Config) error
	// Engine says by what datagrams leave, after Prepare.
	Engine() string
	// Run lets s ask until it is done; when ctx is, it is stopped.
	Run(ctx context.Context, s *sweep.Sweep, turn drive.Turn) error
	// Counters are those of the link: Sent and Unsent together are all that it was
	// given, but for what it still keeps.
	Counters() ring.Counters
	Now() time.Time
	Close() error
}

// System is this machine. The zero System works.
type System struct {
	Interface string
	Choice    ring.Engine
	Buffer    int // of the receive ring, in octets; 0: as package ring has it
	// Refused is told why engines that were tried could not be had; may be nil.
	Refused func(e ring.Engine, err error)

	l *ring.Link
}

// etherOverhead is what Ethernet adds to a datagram: header, check sequence,
// preamble and gap between frames, in octets. What is shorter than a frame may be
// is padded.
const (
	etherOverhead = 14 + 4 + 8 + 12
	etherLeast    = 64 + 8 + 12
)

// Prepare implements [Place].
func (p *System) Prepare(c *sweep.Config) error {
	all := c.Targets.Ranges()
	ranges := make([]ring.Range, len(all))
	for i, r := range all {
		ranges[i] = ring.Range{First: r.First, Last: r.Last}
	}
	w, err := ring.Find(ranges, ring.RouteOptions{Interface: p.Interface, Src4: c.Src4, Src6: c.Src6})
	if err != nil {
		return err
	}
	c.Src4, c.Src6, c.Overhead, c.Least = w.Src4, w.Src6, etherOverhead, etherLeast
	o := ring.Options{Way: w, Engine: p.Choice, Port: c.Port, Buffer: p.Buffer, Tag: c.Tag(), Refused: p.Refused}
	o.First, o.Last = sweep.Ports()
	switch c.Kind {
	case sweep.UDP:
		o.Kind = ring.UDP
	case sweep.TCP:
		o.Kind = ring.TCP
	}
	p.l, err = ring.Open(o)
	return err
}

// Engine implements [Place].
func (p *System) Engine() string { return p.l.Engine().String() }

// Run implements [Place].
func (p *System) Run(ctx context.Context, s *sweep.Sweep, turn drive.Turn) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer sock.Precise()()
	return drive.Apart(ctx, s, p.l, turn)
}

// Counters implements [Place].
func (p *System) Counters() ring.Counters { return p.l.Counters() }

// Now implements [Place].
func (*System) Now() time.Time { return time.Now() }

// Close implements [Place].
func (p *System) Close() error {
	if p.l == nil {
		return nil
	}
	return p.l.Close()
}

// Lab is a host of a laboratory.
type Lab struct {
	Topology *topology.Topology
	From     string // the host; "": the first
	Seed     uint64
	Virtual  bool // time jumps instead of passing

	n    *lab.Network
	u    *machine.Upper
	s    *sweep.Sweep
	wake chan struct{}
}

// labRate is how many packets a second a laboratory has to do, when there is no
// limit: time stands still there while something is sent.
const labRate = 100_000

// Prepare implements [Place].
func (p *Lab) Prepare(c *sweep.Config) error {
	if p.From == "" {
		for i := range p.Topology.Nodes {
			if n := &p.Topology.Nodes[i]; !n.Gateway() {
				p.From = n.Name
				break
			}
		}
	}
	p.u, p.wake = machine.New(p.From), make(chan struct{}, 1)
	o := lab.Options{Seed: p.Seed, Upper: p.u.On}
	if !p.Virtual {
		o.Start = time.Now()
	}
	var err error
	if p.n, err = lab.New(p.Topology, o); err != nil {
		return err
	}
	if c.Rate == 0 && c.Bits == 0 {
		c.Rate = labRate
	}
	ranges := c.Targets.Ranges()
	if first := ranges[0].First; first.Is4() && !c.Src4.IsValid() {
		if c.Src4, err = p.u.Source(first); err != nil {
			return err
		}
	}
	if last := ranges[len(ranges)-1].Last; last.Is6() && !c.Src6.IsValid() {
		c.Src6, err = p.u.Source(last)
	}
	return err
}

// Engine implements [Place].
func (*Lab) Engine() string { return "laboratory" }

// nobody is a lock for one goroutine.
type nobody struct{}

// Lock implements [sync.Locker].
func (nobody) Lock() {}

// Unlock implements [sync.Locker].
func (nobody) Unlock() {}

// Run implements [Place].
func (p *Lab) Run(ctx context.Context, s *sweep.Sweep, turn drive.Turn) error {
	p.s = s
	p.u.Use(s)
	defer p.u.Use(nil)
	stop := context.AfterFunc(ctx, func() { p.wake <- struct{}{} })
	defer stop()
	stopped := false
	for now := p.Now(); ; now = p.next(now) {
		if ctx.Err() != nil && !stopped {
			stopped = true
			s.Stop(now)
		}
		p.n.Advance(now)
		if err := turn(now, nobody{}); err != nil || s.Done() {
			return err
		}
	}
}

// next waits for whatever is next, and returns when it is.
func (p *Lab) next(now time.Time) time.Time {
	t := p.n.Deadline()
	if p.Virtual {
		if t.Before(now) {
			return now
		}
		return t
	}
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.wake:
	}
	return time.Now()
}

// Counters implements [Place]. What is asked leaves at once.
func (p *Lab) Counters() ring.Counters {
	if p.s == nil {
		return ring.Counters{}
	}
	c := p.s.Counters()
	return ring.Counters{Sent: c.Sent, Unsent: c.Unsent}
}

// Now implements [Place].
func (p *Lab) Now() time.Time {
	if p.Virtual {
		return p.n.Now()
	}
	return time.Now()
}

// Close implements [Place].
func (*Lab) Close() error { return nil }
