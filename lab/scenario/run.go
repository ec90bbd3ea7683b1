package scenario

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/ask"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
)

// Options say how a run goes. The zero Options work.
type Options struct {
	Seed    uint64    // of everything random; 0: that of the file
	Start   time.Time // when the virtual clock begins; zero: as the file says
	Capture io.Writer // a pcapng file of all links goes here; nil: none
}

// Result is what is left of a run.
type Result struct {
	Network *lab.Network // as the run has left it
	Took    time.Duration
}

// The bounds of a run.
const (
	records  = 1 << 15         // that wait to be told
	patience = 2 * time.Second // that a step's last datagram has to come to rest
)

// Run runs the steps of a topology, and tells w what happens. The error is that
// of the sink, of the capture, or says which step could not be done.
func Run(t *topology.Topology, w narration.Sink, o Options) (Result, error) {
	n, err := lab.New(t, lab.Options{Seed: o.Seed, Start: o.Start, Records: records})
	if err != nil {
		return Result{}, err
	}
	r := &runner{t: t, n: n, sink: w, start: n.Now(), redirected: map[string]netip.Addr{}}
	if o.Capture != nil {
		if r.capture, err = record.NewCapture(o.Capture); err != nil {
			return Result{}, err
		}
	}
	r.begin()
	for i := range t.Steps {
		r.step(i)
	}
	r.finish()
	r.rest()
	r.tell(narration.End{Moment: narration.At(n.Now()), Took: n.Now().Sub(r.start)})
	if lost := n.Dropped(); lost > 0 {
		r.fail(fmt.Errorf("%s: too much at once: %d records were not told", t.Name, lost))
	}
	if r.capture != nil && r.err == nil {
		r.err = r.capture.Flush()
	}
	return Result{Network: n, Took: n.Now().Sub(r.start)}, r.err
}

// runner is a run under way. Its first error ends it: nothing is told or done
// after that.
type runner struct {
	t       *topology.Topology
	n       *lab.Network
	sink    narration.Sink
	capture *record.Capture
	start   time.Time
	err     error
	asked   uint16 // strategies begun
	sent    bool   // since everything came to rest
	running []*job
	meters  []*meter
	conns   []*watched
	// redirected is, by node, the destination that the last redirect on its way
	// there is about.
	redirected map[string]netip.Addr
}

// job is a strategy at work.
type job struct {
	ask.Strategy
	done func(now time.Time) // when it is; nil: nothing
}

func (r *runner) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *runner) tell(i narration.Item) {
	if r.err == nil {
		r.fail(r.sink.Put(i))
	}
}

func (r *runner) begin() {
	b := narration.Begin{Moment: narration.At(r.start), Name: r.t.Name, Title: r.t.Title}
	for _, h := range r.n.Hosts() {
		b.Nodes = append(b.Nodes, h.Name)
	}
	r.tell(b)
}

// step begins step i when its time has come: after the one before, or at the
// time that it says, whatever is still under way then.
func (r *runner) step(i int) {
	s := &r.t.Steps[i]
	if s.At == nil {
		r.finish()
		r.rest()
	} else {
		at := r.start.Add(*s.At)
		r.run(at, func() bool { return false })
		if r.err == nil && r.n.Now().Before(at) {
			r.n.Advance(at)
			r.drain()
		}
	}
	if r.err != nil {
		return
	}
	kind, text := describe(s)
	r.tell(narration.Step{Moment: narration.At(r.n.Now()), Number: i + 1, What: kind, Text: text})
	r.sent = r.sent || s.Ping != nil || s.Query != nil || s.Trace != nil || s.Send != nil || s.Forge != nil
	if err := r.do(s); err != nil {
		r.fail(fmt.Errorf("%s: step %d: %s: %w", r.t.Name, i+1, kind, err))
	}
}

// finish runs until no strategy is under way.
func (r *runner) finish() {
	r.run(time.Time{}, func() bool { return len(r.running) == 0 })
}

// rest runs after something was sent until nothing is on its way any more, or
// patience ends. Time stops with the last thing that happens.
func (r *runner) rest() {
	if !r.sent {
		return
	}
	r.sent = false
	r.run(r.n.Now().Add(patience), func() bool { return false })
}

// run goes from deadline to deadline up to the time until (zero: without end),
// or until stop says so.
func (r *runner) run(until time.Time, stop func() bool) {
	for r.err == nil {
		next := r.poll()
		r.drain()
		if stop() || r.err != nil {
			return
		}
		next = sooner(next, r.n.Deadline())
		if next.IsZero() || !until.IsZero() && next.After(until) {
			return
		}
		if next.Before(r.n.Now()) {
			next = r.n.Now()
		}
		r.n.Advance(next)
		r.drain()
	}
}

// poll lets the strategies do what is due, and returns when the next is.
func (r *runner) poll() (next time.Time) {
	now := r.n.Now()
	left := r.running[:0]
	for _, j := range r.running {
		told, at, done := j.Poll(now)
		for _, i := range told {
			r.tell(i)
		}
		if !done {
			left = append(left, j)
			next = sooner(next, at)
		} else if j.done != nil {
			j.done(now)
		}
	}
	r.running = left
	r.watch(now)
	return sooner(next, r.measure(now))
}

// sooner returns the earlier of two times, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
