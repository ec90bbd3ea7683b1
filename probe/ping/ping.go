package ping

import (
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/internal/agenda"
	"github.com/sonde-net/sonde/probe/stats"
)

// Ping asks targets again and again. It implements [probe.Strategy]. Make one
// with [New].
type Ping struct {
	p       *probe.Prober
	cfg     Config
	targets []target
	due     agenda.Agenda
	results ring
	options []byte // of the probe being made
	left    int    // targets that are not done

	begun bool
	start time.Time // all times are ns since then
	now   int64
	at    time.Time // that is now, as it was handed in
	ended int64     // when all is over; 0: never
}

// target is how it goes with a target.
type target struct {
	Stats
	window   window
	interval int64 // ns
	addend   int64 // what the interval is longer for, when there was no room to send
	credit   int64 // ns; a probe costs an interval
	last     int64 // when the latest was handed over
	acked    int   // the latest number that anything came back for
	exit     int64 // when the waiting for the last is over
	waiting  bool  // … which has begun
	heard    bool  // the latest has its reply
	done     bool
}

// New makes a strategy that asks over p. The error is a [*wire.FieldError] that
// says which field of the configuration is wrong, or what is wrong with a probe.
func New(p *probe.Prober, c Config) (*Ping, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.fill()
	for i := range c.Targets {
		q := c.probe(i)
		if err := q.Check(c.First + len(c.Targets)); err != nil {
			return nil, err
		}
	}
	s := &Ping{p: p, cfg: c, targets: make([]target, len(c.Targets)), left: len(c.Targets)}
	s.results.limit = c.Results
	for i := range s.targets {
		t := &s.targets[i]
		t.interval = int64(c.Interval)
		t.credit = t.interval * int64(c.Preload)
		if c.Percentiles {
			t.Percentiles = new(stats.Histogram)
		}
	}
	return s, nil
}

// Next returns the oldest result that was not read yet.
func (s *Ping) Next() (Result, bool) { return s.results.get() }

// Lost returns how many results nobody read in time.
func (s *Ping) Lost() int { return int(s.results.lost) }

// Targets returns how many targets there are.
func (s *Ping) Targets() int { return len(s.targets) }

// Stats returns what has come of the probes to a target so far.
func (s *Ping) Stats(i int) *Stats { return &s.targets[i].Stats }

// Finished reports whether a target is done.
func (s *Ping) Finished(i int) bool { return s.targets[i].done }

// Interval returns the interval to a target, as it is now.
func (s *Ping) Interval(i int) time.Duration { return time.Duration(s.targets[i].interval) }

// Reached reports whether a target has answered as ping(8) wants it for its exit
// status 0: at all, and with a deadline as often as it was to be asked.
func (s *Ping) Reached(i int) bool {
	t := &s.targets[i]
	return t.Received > 0 && (s.cfg.Deadline == 0 || t.Received >= s.cfg.Count)
}

// Stop ends it all. Nobody is asked any more, and what comes is not told of.
func (s *Ping) Stop() {
	for i := range s.targets {
		s.finish(i)
	}
}

// Done implements [probe.Strategy].
func (s *Ping) Done() bool { return s.left == 0 }

// clock takes note of the time, which does not go back.
func (s *Ping) clock(now time.Time) {
	if !s.begun {
		s.begin(now)
	}
	if since := int64(now.Sub(s.start)); since >= s.now {
		s.now, s.at = since, now
	}
}

func (s *Ping) begin(now time.Time) {
	s.begun, s.start = true, now
	if s.cfg.Deadline > 0 {
		s.ended = int64(s.cfg.Deadline)
	}
	gap := int64(s.cfg.Interval) / int64(len(s.targets))
	for i := range s.targets {
		t := &s.targets[i]
		t.Began, t.Last = now, now
		t.last = int64(i) * min(gap, int64(maxGap))
		s.due.Put(int32(i), t.last)
	}
}

// maxGap is how far apart two targets begin, at most.
const maxGap = 10 * time.Millisecond

// Deadline implements [probe.Strategy].
func (s *Ping) Deadline() time.Time {
	_, at, ok := s.due.Min()
	switch {
	case !s.begun:
		return time.Unix(0, 0) // now
	case s.left == 0:
		return time.Time{}
	case ok && s.cfg.Slack > 0:
		slack := int64(s.cfg.Slack)
		at = (at + slack - 1) / slack * slack
	}
	if s.ended > 0 && (!ok || s.ended < at) {
		at, ok = s.ended, true
	}
	if !ok {
		return time.Time{}
	}
	return s.start.Add(time.Duration(at))
}

// Tick implements [probe.Strategy].
func (s *Ping) Tick(now time.Time) {
	s.clock(now)
	if s.ended > 0 && s.now >= s.ended {
		s.Stop()
	}
	for {
		i, at, ok := s.due.Min()
		if !ok || at > s.now {
			return
		}
		s.act(int(i))
	}
}

// act does what is due for a target.
func (s *Ping) act(i int) {
	if s.targets[i].waiting {
		s.giveUp(i)
		return
	}
	s.send(i)
}

// giveUp tells of all that a target has not answered, and is done with it.
func (s *Ping) giveUp(i int) {
	t := &s.targets[i]
	for n := t.window.low; n < t.window.high; n++ {
		if *t.window.at(n) != 0 && !s.cfg.Quiet {
			s.tell(Timeout, i, n)
		}
	}
	s.finish(i)
}

// finish is done with a target.
func (s *Ping) finish(i int) {
	t := &s.targets[i]
	if t.done {
		return
	}
	t.done = true
	s.left--
	s.due.Remove(int32(i))
	w := &t.window
	for ; w.low < w.high; w.low++ {
		if h := *w.at(w.low); h != 0 {
			s.p.Cancel(h)
		}
	}
	w.handles = nil
}
