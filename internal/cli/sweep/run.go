package sweep

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/ring"
	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/cycle"
	"github.com/sonde-net/sonde/probe/sweep/paths"
)

// results is how many results may wait until they are read.
const results = 8192

// session is one run of the command.
type session struct {
	*options
	w     *words
	errs  io.Writer
	tty   *os.File // errs, where it is a terminal; nil: it is none
	out   *output
	job   *campaign.Job
	paths *paths.Paths
	drawn bool
	last  campaign.Progress
}

func run(cmd *cobra.Command, o *options, args []string) error {
	lang, err := language.Of(o.lang)
	if err != nil {
		return err
	}
	s := &session{options: o, w: wordsOf(lang), errs: cmd.ErrOrStderr()}
	if f, ok := s.errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.tty = f
	}
	c, seeded, err := o.config(cmd)
	if err != nil {
		return err
	}
	t, notes, err := o.targets(cmd, args)
	s.tellNotes(&notes)
	if err != nil {
		return err
	}
	c.Targets = &t.Set
	if o.dryRun {
		return s.dry(cmd.OutOrStdout(), &c, &notes)
	}
	if notes.Public > maxUnasked && !o.permitted && o.at.Lab == "" {
		return fmt.Errorf(s.w.publicMany, notes.Public, maxUnasked)
	}
	return s.run(cmd, c, seeded)
}

func (s *session) run(cmd *cobra.Command, c sweep.Config, seeded bool) (err error) {
	if err := s.fresh(); err != nil {
		return err
	}
	at, err := s.place(func(e ring.Engine, err error) {
		if s.engine == "auto" {
			s.note(s.w.refused, e, err)
		}
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.Close()) }()
	s.job, err = campaign.New(at, campaign.Options{
		Sweep: c, Checkpoint: s.checkpoint, Resume: s.resume, Seeded: seeded,
		Each: s.each, Flush: func() error { return s.out.flush() }, Progress: s.progress,
	})
	if err != nil {
		return err
	}
	if s.out, err = s.open(cmd.OutOrStdout()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.out.close()) }()
	if err := s.out.earlier(func(a netip.Addr) { s.job.Again(a) }); err != nil {
		return err
	}
	if s.trace && !s.noPaths {
		if s.paths = paths.New(c.Targets, c.Hops); s.paths == nil {
			return fmt.Errorf("--trace: paths to %d addresses need too much memory; --no-paths prints what each router says", c.Targets.Len())
		}
	}
	if s.out.fresh {
		s.out.buf = s.out.form.header(s.out.buf)
	}
	s.note(s.w.engine, s.job.Engine())
	// A reader that has gone is an error like others, not the end of the program.
	signal.Ignore(syscall.SIGPIPE)
	err = s.job.Run(cmd.Context())
	return s.end(cmd, err)
}

// fresh refuses to begin anew where there is something to go on from.
func (s *session) fresh() error {
	if s.checkpoint == "" || s.resume {
		return nil
	}
	c, err := campaign.Load(s.checkpoint)
	switch {
	case err == nil && !c.Done:
		return fmt.Errorf("%s: there is a checkpoint of a job that is not done: go on with --resume, or remove it", s.checkpoint)
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return nil
	}
	if info, fault := os.Stat(s.checkpoint); fault == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	return err // what else there is would be lost
}

// each takes a result.
func (s *session) each(r *sweep.Result) {
	if s.paths != nil {
		s.paths.Add(r)
		return
	}
	switch {
	case r.Kind == sweep.Error && !s.errors && !s.trace:
		return
	case r.Duplicate && !s.duplicates && !s.trace:
		return
	}
	s.out.buf = s.out.form.result(s.out.buf, r)
}

// end says how it has gone.
func (s *session) end(cmd *cobra.Command, err error) error {
	s.clear()
	if s.paths != nil && err == nil {
		err = s.writePaths()
	}
	c := s.job.Counters()
	if !s.quiet {
		s.summary(&c)
	}
	if err == nil && s.json {
		err = s.writeSummary(&c)
	}
	if position, size := s.job.Position(); s.checkpoint != "" && (err != nil || position < size) {
		s.note(s.w.goOn, s.job.Saved(), size, s.checkpoint)
	}
	switch {
	case err != nil:
		return err
	case cmd.Context().Err() != nil && !s.job.Finished():
		return &status.Exit{Code: status.Nobody, Err: errors.New(s.w.interrupted)}
	case c.Answered == 0:
		return status.No
	}
	return nil
}

func (s *session) writePaths() error {
	for p := range s.paths.All() {
		s.out.buf = s.out.form.path(s.out.buf, &p)
		const chunk = 1 << 16
		if len(s.out.buf) >= chunk {
			if err := s.out.flush(); err != nil {
				return err
			}
		}
	}
	return s.out.flush()
}

// note says something beside the results.
func (s *session) note(format string, args ...any) {
	if !s.quiet {
		s.clear()
		fmt.Fprintf(s.errs, "sonde: sweep: "+format+"\n", args...)
	}
}

func (s *session) tellNotes(n *campaign.Notes) {
	for _, x := range []struct {
		n    uint64
		text string
	}{{n.Twice, s.w.twice}, {n.Excluded, s.w.excluded}, {n.Reserved, s.w.reserved}, {n.Edges, s.w.edges}} {
		if x.n > 0 {
			s.note(x.text, x.n)
		}
	}
}

// clear takes the line that is drawn anew off the screen.
func (s *session) clear() {
	if s.drawn {
		fmt.Fprint(s.errs, "\r\x1b[K")
		s.drawn = false
	}
}

func (s *session) progress(p campaign.Progress) {
	s.last = p
	if s.tty == nil || s.quiet {
		return
	}
	s.clear()
	c := &p.Counters
	line := fmt.Sprintf(s.w.progress, 100*float64(p.Position)/float64(p.Size), p.Rate, c.Sent, c.Answered, c.Errors, p.Dropped)
	if p.Left > 0 {
		line += fmt.Sprintf(s.w.left, p.Left.Round(time.Second))
	}
	fmt.Fprint(s.errs, s.fit(line))
	s.drawn = true
}

// fit cuts a line to what the terminal has room for: only what is on one row can be
// taken off again.
func (s *session) fit(line string) string {
	width, _, err := term.GetSize(int(s.tty.Fd()))
	if err != nil || width <= 0 {
		return line
	}
	if all := []rune(line); len(all) >= width {
		line = string(all[:width-1])
	}
	return line
}

func (s *session) summary(c *sweep.Counters) {
	took := s.job.Sending()
	rate := 0.0
	if took > 0 {
		rate = float64(s.job.Sent()) / took.Seconds()
	}
	s.note(s.w.summary, c.Sent, took.Round(time.Millisecond), rate, s.job.Engine(), c.Answered, s.unanswered(c), c.Errors, c.Duplicates)
	if s.paths != nil {
		s.note(s.w.routers, s.paths.Routers())
	}
	for _, x := range []struct {
		n    uint64
		text string
	}{{s.last.Dropped + c.Lost, s.w.dropped}, {c.Forged, s.w.forged}, {c.Unsent, s.w.unsent}} {
		if x.n > 0 {
			s.note(x.text, x.n)
		}
	}
}

// unanswered is how many addresses that were asked have not answered.
func (s *session) unanswered(c *sweep.Counters) uint64 {
	asked := c.Sent / uint64(s.repeat)
	if s.trace {
		asked /= uint64(s.maxHops)
	}
	return asked - min(asked, c.Answered)
}

func (s *session) writeSummary(c *sweep.Counters) error {
	s.out.buf = appendSummary(s.out.buf, s.job, c, s.last.Dropped)
	return s.out.flush()
}

// mostTold is the longest time that is told: a century.
const mostTold = 100 * 365 * 24 * time.Hour

// dry says what would be done.
func (s *session) dry(w io.Writer, c *sweep.Config, n *campaign.Notes) error {
	each := uint64(max(c.Repeat, 1) * max(c.Hops, 1))
	probes := n.Addresses * each
	fmt.Fprintf(w, s.w.dry+"\n", n.Addresses, n.Public, probes)
	kind := c.Kind.String()
	if c.Port != 0 {
		kind = fmt.Sprintf("%s %d", kind, c.Port)
	}
	fmt.Fprintf(w, s.w.dryKind+"\n", kind)
	switch {
	case c.Bits > 0:
		fmt.Fprintf(w, s.w.dryBits+"\n", c.Bits)
	case c.Rate > 0:
		took := float64(probes) / float64(c.Shards) / float64(c.Rate) * float64(time.Second)
		fmt.Fprintf(w, s.w.dryRate+"\n", c.Rate, time.Duration(min(took, float64(mostTold))).Round(time.Second))
	default:
		fmt.Fprintln(w, s.w.over)
	}
	if n.Public > maxUnasked && !s.permitted {
		fmt.Fprintf(w, s.w.publicMany+"\n", n.Public, maxUnasked)
	}
	var first []string
	walk := cycle.New(probes, c.Seed).Shard(c.Shard, c.Shards)
	for range 5 {
		i, ok := walk.Next()
		if !ok {
			break
		}
		first = append(first, c.Targets.At(i/each).String())
	}
	fmt.Fprintf(w, s.w.first+"\n", strings.Join(first, " "))
	return nil
}
