package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"sync"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
)

// Options are what a job is, and who is told what.
type Options struct {
	Sweep sweep.Config
	// Checkpoint is the file that says how far the job has come; "": none.
	Checkpoint string
	// Resume goes on from there. A file that is not there is a job that has not
	// begun; the seed is that of the file, where Seeded says that none was chosen.
	Resume bool
	Seeded bool

	// Each is told each result, in the order in which they come; may be nil.
	Each func(r *sweep.Result)
	// Flush makes safe what Each was told, a batch at a time; may be nil.
	Flush func() error
	// Progress is called twice a second; may be nil.
	Progress func(p Progress)
}

// Progress is how a job goes.
type Progress struct {
	Time     time.Time      `json:"time"`
	Elapsed  time.Duration  `json:"elapsed_ns"` // of this run
	Left     time.Duration  `json:"left_ns"`    // about; 0: not known
	Position uint64         `json:"position"`
	Size     uint64         `json:"size"`
	Rate     float64        `json:"rate"`    // probes a second, lately
	Dropped  uint64         `json:"dropped"` // answers that found no room here
	Counters sweep.Counters `json:"counters"`
}

// Job is a job at work. Make one with [New].
type Job struct {
	o     Options
	at    Place
	s     *sweep.Sweep
	check Checkpoint
	// Earlier is what was counted before this run.
	earlier sweep.Counters

	began, last time.Time
	lastSent    uint64
	unsafe      bool   // results could not be kept
	broken      bool   // the checkpoint could not be written
	again       uint64 // targets that have answered in earlier runs
	saved       uint64 // the position of the last checkpoint
	before      mark   // half a second ago
}

// mark is how far it was at some time.
type mark struct {
	at       time.Time
	position uint64
	counts   sweep.Counters
	asked    uint64 // datagrams of this run that the link had been given, or was to be
}

// New prepares a job. The errors are those of [Place.Prepare], [sweep.New] and
// [Load], ErrNone, ErrOther and ErrDone.
func New(at Place, o Options) (*Job, error) {
	c := &o.Sweep
	if c.Targets == nil || c.Targets.Len() == 0 {
		return nil, ErrNone
	}
	old, err := o.load()
	if err != nil {
		return nil, err
	}
	j := &Job{at: at, earlier: old.Counters}
	c.Position = old.Position
	job := Fingerprint(c)
	if old.Job != "" && old.Job != job {
		return nil, fmt.Errorf("%s: %w: targets, kind, seed or shard differ", o.Checkpoint, ErrOther)
	}
	if old.Done {
		return nil, fmt.Errorf("%s: %w", o.Checkpoint, ErrDone)
	}
	if err := at.Prepare(c); err != nil {
		return nil, err
	}
	if j.s, err = sweep.New(*c); err != nil {
		return nil, err
	}
	j.o = o
	j.check = Checkpoint{Format: Format, Job: job, Seed: c.Seed, Size: j.s.Size(), Engine: at.Engine()}
	j.before = mark{position: c.Position, counts: j.earlier}
	return j, nil
}

// load reads the checkpoint to go on from; the zero one: there is none.
func (o *Options) load() (Checkpoint, error) {
	var c Checkpoint
	if !o.Resume || o.Checkpoint == "" {
		return c, nil
	}
	c, err := Load(o.Checkpoint)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Checkpoint{}, nil
	case err != nil:
		return c, err
	}
	if o.Seeded {
		o.Sweep.Seed = c.Seed
	}
	return c, nil
}

// Again says that a target has answered in an earlier run. Those that have are the
// ones that count then, whatever the checkpoint says; that they answer once more is
// a duplicate.
func (j *Job) Again(target netip.Addr) {
	if j.s.Answered(target) {
		j.again++
		j.earlier.Answered = max(j.earlier.Answered, j.again)
		j.before.counts.Answered = j.earlier.Answered
	}
}

// Sent returns how many probes this run has sent.
func (j *Job) Sent() uint64 { return j.s.Counters().Sent }

// Sending returns how long this run has been sending.
func (j *Job) Sending() time.Duration { return j.s.Sending() }

// Engine says by what datagrams leave.
func (j *Job) Engine() string { return j.at.Engine() }

// Seed is that of the job.
func (j *Job) Seed() uint64 { return j.check.Seed }

// Counters returns what was counted, earlier runs included.
func (j *Job) Counters() sweep.Counters { return add(j.earlier, j.s.Counters()) }

// Finished reports whether nothing is left to be asked.
func (j *Job) Finished() bool { return j.s.Position() == j.s.Size() }

// Saved returns the position that the checkpoint has.
func (j *Job) Saved() uint64 { return j.saved }

// Position returns how far it has come, and where its end is.
func (j *Job) Position() (position, size uint64) { return j.s.Position(), j.s.Size() }

// Elapsed returns how long this run has taken.
func (j *Job) Elapsed() time.Duration { return j.at.Now().Sub(j.began) }

// Run asks until all were asked and waited for, or ctx is done, after which what
// is under way is waited for. The error is that of the link, of Each, of Flush, or
// of the checkpoint; whichever it is, the checkpoint is as good as can be.
func (j *Job) Run(ctx context.Context) error {
	j.began = j.at.Now()
	j.last, j.lastSent = j.began, j.earlier.Sent
	err := j.save(j.before, false) // to know now whether it can be written
	if err != nil {
		return err
	}
	err = j.at.Run(ctx, j.s, j.turn)
	if j.unsafe {
		return err // the last checkpoint stands: what was not kept is asked again
	}
	if fault := errors.Join(j.drain(), j.flush()); fault != nil {
		return errors.Join(err, fault)
	}
	now := j.at.Now()
	if err != nil {
		// What was asked lately may not have left, or not been answered.
		if now.Sub(j.before.at) < every || !j.left(&j.before) {
			return err // the last checkpoint stands
		}
		return errors.Join(err, j.save(j.before, false))
	}
	m := j.mark(now)
	j.report(now, m)
	return j.save(m, j.Finished())
}

// every is how often it is told how it goes.
const every = 500 * time.Millisecond

// mark returns how far it is.
func (j *Job) mark(now time.Time) mark {
	c := j.s.Counters()
	return mark{now, j.s.Position(), j.Counters(), c.Sent + c.Unsent}
}

// left reports whether all that was asked up to a mark has left, or was refused: a
// link that has no room keeps some.
func (j *Job) left(m *mark) bool {
	c := j.at.Counters()
	return c.Sent+c.Unsent >= m.asked
}

func (j *Job) turn(now time.Time, mu sync.Locker) error {
	if err := j.drain(); err != nil {
		return err
	}
	if now.Sub(j.last) < every {
		return nil
	}
	mu.Lock()
	at := j.mark(now)
	mu.Unlock()
	if err := j.flush(); err != nil {
		return err
	}
	if j.left(&j.before) {
		if err := j.save(j.before, false); err != nil {
			return err
		}
		j.before = at
	}
	j.report(now, at)
	j.last, j.lastSent = now, at.counts.Sent
	return nil
}

// drain tells of the results that there are.
func (j *Job) drain() error {
	any := false
	for r, ok := j.s.NextResult(); ok; r, ok = j.s.NextResult() {
		any = true
		if j.o.Each != nil {
			j.o.Each(&r)
		}
	}
	if !any {
		return nil
	}
	return j.flush()
}

func (j *Job) flush() error {
	if j.o.Flush == nil {
		return nil
	}
	err := j.o.Flush()
	j.unsafe = j.unsafe || err != nil
	return err
}

func (j *Job) save(m mark, done bool) error {
	if j.o.Checkpoint == "" || j.broken {
		return nil
	}
	c := j.check
	c.Position, c.Counters, c.Time, c.Done = m.position, m.counts, j.at.Now(), done
	if err := c.Save(j.o.Checkpoint); err != nil {
		j.broken = true // it is said once
		return fmt.Errorf("checkpoint: %w", err)
	}
	j.saved = m.position
	return nil
}

// mostLeft is the longest time that is told: a century.
const mostLeft = 100 * 365 * 24 * time.Hour

func (j *Job) report(now time.Time, m mark) {
	if j.o.Progress == nil {
		return
	}
	p := Progress{
		Time: now, Elapsed: now.Sub(j.began), Position: m.position, Size: j.s.Size(),
		Dropped: j.at.Counters().Dropped, Counters: m.counts,
	}
	if d := now.Sub(j.last); d > 0 {
		p.Rate = float64(m.counts.Sent-min(j.lastSent, m.counts.Sent)) / d.Seconds()
	}
	if done := m.position - j.o.Sweep.Position; done > 0 && m.position < p.Size {
		left := float64(p.Elapsed) / float64(done) * float64(p.Size-m.position)
		p.Left = time.Duration(min(left, float64(mostLeft)))
	}
	j.o.Progress(p)
}
