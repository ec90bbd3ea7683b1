package roll

import (
	"time"

	"github.com/sonde-net/sonde/probe"
)

// Roll asks a list of hosts. It implements [probe.Strategy]. Make one with [New].
type Roll struct {
	p       *probe.Prober
	c       Config
	targets []target
	dues    heap  // what is to be done when
	line    []int // targets that are to be asked as soon as can be
	first   int   // of line
	begun   bool
	now     time.Time
	next    time.Time // before which nothing is sent
	open    int       // targets that are not over
	alive   int
	stopped bool
	results []Result
	read    int
}

// target is a host and what has come of it.
type target struct {
	Stats
	timeout time.Duration
	settled []bool // of the last probes, by their numbers: answered or given up
	over    bool
}

// due is something to be done: a probe to be sent, or one to be given up.
type due struct {
	at     time.Time
	order  uint64 // of those that are due at one time
	target int
	n      int // the probe to be given up; -1: one is to be sent
}

// New makes a strategy that asks over p. The error is a [*wire.FieldError].
func New(p *probe.Prober, c Config) (*Roll, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Backoff == 0 {
		c.Backoff = 1
	}
	r := &Roll{p: p, c: c, targets: make([]target, len(c.Targets)), open: len(c.Targets)}
	known := 1
	if c.Count != 0 {
		known += int(c.Timeout / c.Period)
	}
	settled := make([]bool, len(r.targets)*(known+1))
	for i := range r.targets {
		r.targets[i].timeout = c.Timeout
		r.targets[i].settled = settled[i*(known+1):][:known+1]
	}
	return r, nil
}

// most is how many probes a Tick hands over, so that those before are received in
// between.
const most = 128

// Tick implements [probe.Strategy].
func (r *Roll) Tick(now time.Time) {
	r.at(now)
	for len(r.dues.all) > 0 && !r.Done() && !r.dues.all[0].at.After(r.now) {
		if d := r.dues.pop(); d.n >= 0 {
			r.giveUp(d.target, d.n)
		} else {
			r.line = append(r.line, d.target)
		}
	}
	for n := 0; n < most && r.first < len(r.line) && !r.Done() && !r.next.After(r.now); n++ {
		i := r.line[r.first]
		if r.first++; r.first == len(r.line) {
			r.line, r.first = r.line[:0], 0
		}
		r.send(i)
	}
}

func (r *Roll) at(now time.Time) {
	if now.After(r.now) {
		r.now = now
	}
	if r.begun {
		return
	}
	r.begun = true
	for i := range r.targets {
		r.line = append(r.line, i)
	}
}

func (r *Roll) send(i int) {
	t := &r.targets[i]
	if t.over {
		return
	}
	r.next = r.now.Add(r.c.Interval)
	n := t.Sent
	t.Sent++
	t.Pending++
	*t.at(n) = false
	_, err := r.p.Send(r.now, &probe.Probe{
		Target: i, Kind: probe.Echo, Src: r.c.Targets[i].Src, Dst: r.c.Targets[i].Dst,
		TTL: r.c.TTL, TOS: r.c.TOS, DF: r.c.DF, Size: r.c.Size, Timeout: t.timeout, Tag: uint64(n),
	})
	if err != nil {
		r.put(Result{Kind: Unsent, Time: r.now, Target: i, N: n, Err: err})
		r.unsent(t, n)
	}
	r.dues.put(due{at: r.now.Add(t.timeout), target: i, n: n})
	if r.c.Count != 0 && (r.c.Count < 0 || t.Sent < r.c.Count) {
		r.dues.put(due{at: r.now.Add(r.c.Period), target: i, n: -1})
	}
}

// at returns where it stands whether probe n is settled.
func (t *target) at(n int) *bool { return &t.settled[n%len(t.settled)] }

// settle takes note that a probe is answered or given up; false: it was already.
func (t *target) settle(n int) bool {
	if n <= t.Sent-1-len(t.settled) || *t.at(n) {
		return false
	}
	*t.at(n) = true
	t.Pending--
	return true
}

// giveUp is when a probe was waited for long enough.
func (r *Roll) giveUp(i, n int) {
	t := &r.targets[i]
	if t.over || !t.settle(n) {
		return
	}
	r.put(Result{Kind: Timeout, Time: r.now, Target: i, N: n})
	switch {
	case r.c.Count != 0:
		r.last(t)
	case t.Sent <= r.c.Retries:
		t.timeout = time.Duration(float64(t.timeout) * r.c.Backoff)
		r.dues.put(due{at: r.now, target: i, n: -1})
	default:
		r.finish(t)
	}
}

// unsent is when a probe could not be sent: there is nothing to wait for, and
// without a count no other to be sent.
func (r *Roll) unsent(t *target, n int) {
	t.settle(n)
	if r.c.Count == 0 {
		r.finish(t)
	} else {
		r.last(t)
	}
}

// last finishes a target that has been asked as often as it was to be.
func (r *Roll) last(t *target) {
	if r.c.Count > 0 && t.Sent == r.c.Count && t.Pending == 0 {
		r.finish(t)
	}
}

func (r *Roll) finish(t *target) {
	if !t.over {
		t.over = true
		r.open--
	}
}

// Hear implements [probe.Strategy].
func (r *Roll) Hear(now time.Time, e *probe.Event) {
	if e.Target < 0 || e.Target >= len(r.targets) {
		return
	}
	r.at(now)
	t, n := &r.targets[e.Target], int(e.Tag)
	x := Result{Time: e.Time, Target: e.Target, N: n, From: e.From, RTT: e.RTT, TTL: e.TTL, TOS: e.TOS, Size: e.Size}
	switch e.Kind {
	case probe.Unsent:
		x.Kind, x.Err = Unsent, e.Err
		r.put(x)
		r.unsent(t, n)
		return
	case probe.Reply, probe.Late, probe.Duplicate, probe.Error:
	default:
		return
	}
	if e.Claim.Present {
		x.Kind, x.Claim = Error, e.Claim
		x.Claim.Ext = nil
		r.put(x)
		return
	}
	if e.Kind == probe.Duplicate {
		x.Kind = Duplicate
		r.put(x)
		return
	}
	x.Kind = Reply
	if t.Received == 0 {
		r.alive++
	}
	t.add(e.RTT)
	t.settle(n)
	r.put(x)
	if r.c.Count == 0 {
		r.finish(t)
	} else {
		r.last(t)
	}
}

// Deadline implements [probe.Strategy].
func (r *Roll) Deadline() time.Time {
	switch {
	case !r.begun:
		return r.now
	case r.Done():
		return time.Time{}
	}
	var t time.Time
	if len(r.dues.all) > 0 {
		t = r.dues.all[0].at
	}
	if r.first < len(r.line) && (t.IsZero() || r.next.Before(t)) {
		t = r.next
	}
	return t
}

// Done implements [probe.Strategy].
func (r *Roll) Done() bool {
	return r.stopped || r.open == 0 || r.c.Enough > 0 && r.alive >= r.c.Enough
}

// Stop ends it all.
func (r *Roll) Stop() { r.stopped = true }

// Alive returns how many targets have answered.
func (r *Roll) Alive() int { return r.alive }

// Stats returns what has come of a target so far.
func (r *Roll) Stats(i int) Stats { return r.targets[i].Stats }

func (r *Roll) put(x Result) { r.results = append(r.results, x) }

// Next returns the oldest result that was not read yet.
func (r *Roll) Next() (Result, bool) {
	if r.read == len(r.results) {
		r.results, r.read = r.results[:0], 0
		return Result{}, false
	}
	r.read++
	return r.results[r.read-1], true
}
