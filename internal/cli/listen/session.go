package listen

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/listen"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/live"
)

// session is one run of the command.
type session struct {
	o       options
	lang    language.Tag
	words   *words
	l       *listen.Listener
	choice  listen.Choice
	in      io.Reader
	stdout  io.Writer
	out     *bufio.Writer // to it
	err     io.Writer
	json    *json.Encoder
	line    liner
	buf     []byte
	comment []byte
	live    *live.Capture
	lost    live.Stats // by an interface that was listened on

	file   *os.File // that is written
	made   bool     // it was not there before
	writer *capture.Writer
	shown  int
	failed error // of writing
	drawn  time.Time
	said   bool // there is progress on the terminal
}

func newSession(cmd *cobra.Command, o options, lang language.Tag, l *listen.Listener, c listen.Choice) *session {
	out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
	s := &session{
		o: o, lang: lang, words: wordsIn(lang), l: l, choice: c, in: cmd.InOrStdin(), stdout: cmd.OutOrStdout(), out: out,
		err:  cmd.ErrOrStderr(),
		json: json.NewEncoder(out),
	}
	s.json.SetEscapeHTML(false)
	s.line = liner{words: s.words, lang: lang, utc: o.utc, verbose: o.verbose}
	return s
}

// reads reports whether path is the file that is read.
func (s *session) reads(file, path string) bool {
	to, err := os.Stat(path)
	if err != nil || !to.Mode().IsRegular() {
		return false
	}
	from, err := os.Stat(file)
	if in, ok := s.in.(*os.File); ok && file == "-" {
		from, err = in.Stat()
	}
	return err == nil && os.SameFile(from, to)
}

// create opens the file to be written. What it holds stays until there is
// something to read: see begin.
func (s *session) create(path string) (err error) {
	_, err = os.Stat(path)
	s.made = errors.Is(err, os.ErrNotExist)
	s.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666) //nolint:gosec // as any program's output
	return err
}

// begin empties the file to be written, now that what is read is open.
func (s *session) begin() error {
	if s.file == nil {
		return nil
	}
	if st, err := s.file.Stat(); err == nil && st.Mode().IsRegular() {
		if err := s.file.Truncate(0); err != nil {
			return openError{err}
		}
	}
	s.writer = capture.NewWriter(s.file, "sonde")
	return nil
}

// run reads to the end, sums up, and says why reading stopped.
func (s *session) run(ctx context.Context, file string, chosen *filter.Filter) error {
	var stopped error
	if s.o.iface != "" {
		stopped = s.fromInterface(ctx, chosen)
	} else {
		stopped = s.fromFile(ctx, file, chosen)
	}
	var open openError
	if errors.As(stopped, &open) {
		return errors.Join(open.error, s.finish())
	}
	s.l.Close()
	s.clear()
	s.end()
	if err := errors.Join(s.failed, s.finish()); err != nil {
		return err
	}
	if stopped != nil {
		code := status.Nobody
		if s.l.Summary(1).Frames.Read == 0 {
			code = status.Failed
		}
		return &status.Exit{Code: code, Err: stopped}
	}
	return nil
}

// openError is one before anything was read.
type openError struct{ error }

func (s *session) finish() error {
	err := s.out.Flush()
	switch {
	case s.writer != nil:
		err = errors.Join(err, s.writer.Flush(), s.file.Close())
	case s.file != nil: // nothing was read
		err = errors.Join(err, s.file.Close())
		if s.made {
			err = errors.Join(err, os.Remove(s.file.Name()))
		}
	}
	return err
}

func (s *session) fromFile(ctx context.Context, file string, chosen *filter.Filter) error {
	var r *capture.Reader
	var err error
	if file == "-" {
		if f, ok := s.in.(*os.File); ok {
			defer context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })()
		}
		r, err = capture.NewReader(s.in)
		file = "standard input"
	} else {
		r, err = capture.Open(file)
	}
	if err != nil {
		if interrupted(ctx) {
			return nil
		}
		var pathed *os.PathError
		if !errors.As(err, &pathed) {
			err = fmt.Errorf("%s: %w", file, err)
		}
		return openError{err}
	}
	defer func() { _ = r.Close() }()
	if err := s.begin(); err != nil {
		return err
	}
	terminal := s.onTerminal(s.err)
	for n := 1; ; n++ {
		p, err := r.Next()
		if err != nil {
			if errors.Is(err, io.EOF) || interrupted(ctx) {
				return nil
			}
			return fmt.Errorf("%s: %w", file, err)
		}
		if s.take(p, chosen) {
			return s.failed
		}
		if n%(1<<14) == 0 {
			if interrupted(ctx) {
				return nil
			}
			if terminal && (s.o.quiet || s.o.follow || !s.onTerminal(s.stdout)) {
				s.progress(r)
			}
		}
		if s.o.follow {
			s.follow(p.Time)
		}
	}
}

func (s *session) onTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress tells on the terminal how far it is.
func (s *session) progress(r *capture.Reader) {
	if now := time.Now(); now.Sub(s.drawn) >= 200*time.Millisecond {
		s.drawn = now
		read, size := r.Progress()
		if s.said = true; size > 0 {
			fmt.Fprintf(s.err, "\r%3d %% ", read*100/size)
		} else {
			fmt.Fprintf(s.err, "\r%d MiB ", read>>20)
		}
	}
}

// clear takes the progress off the terminal.
func (s *session) clear() {
	if s.said {
		fmt.Fprint(s.err, "\r          \r")
	}
}

func (s *session) fromInterface(ctx context.Context, chosen *filter.Filter) error {
	c, err := live.Open(s.o.iface, live.Config{Filter: chosen, Promiscuous: s.o.promisc, Buffer: s.o.buffer << 20})
	if err != nil {
		return openError{err}
	}
	s.live = c
	defer func() {
		s.lost, _ = c.Stats()
		_ = c.Close()
		s.live = nil
	}()
	defer context.AfterFunc(ctx, c.Interrupt)()
	if err := s.begin(); err != nil {
		return err
	}
	if s.o.follow {
		beat := time.NewTicker(time.Second)
		defer beat.Stop()
		done := make(chan struct{})
		defer close(done)
		go func() {
			for {
				select {
				case <-beat.C:
					c.Interrupt()
				case <-done:
					return
				}
			}
		}()
	}
	for {
		p, err := c.Next()
		switch {
		case interrupted(ctx):
			return nil
		case errors.Is(err, live.ErrInterrupted):
			s.follow(time.Now())
			continue
		case err != nil:
			return err
		}
		if s.take(p, nil) {
			return s.failed
		}
		if s.o.follow {
			s.follow(p.Time)
			continue
		}
		// A person is watching: each line goes out as it comes.
		if s.out.Buffered() > 0 {
			if err := s.out.Flush(); err != nil {
				return err
			}
		}
	}
}

// take reads a packet, and reports whether that was enough.
func (s *session) take(p *capture.Packet, chosen *filter.Filter) (enough bool) {
	if chosen != nil && s.live == nil && !chosen.Match(p.Link, p.Data, p.Length) {
		return false
	}
	s.comment = s.comment[:0]
	s.l.Packet(p, s.seen)
	if s.writer != nil {
		s.failed = errors.Join(s.failed, s.writer.Write(p, string(s.comment)))
	}
	return s.failed != nil || s.o.count > 0 && s.shown >= s.o.count
}

// seen shows a datagram, if it is to be shown.
func (s *session) seen(d *conversation.Seen) {
	fresh := s.l.Fresh()
	show := d.ICMP && s.choice.Match(d, s.l.Direction(), s.l.Touched()) && (s.o.count == 0 || s.shown < s.o.count)
	if show {
		s.shown++
	}
	if s.o.quiet && s.writer == nil || !show && len(fresh) == 0 {
		return
	}
	if show {
		s.show(d)
	}
	for _, f := range fresh {
		if !s.o.quiet && !s.o.json && !s.o.follow {
			s.buf = s.line.found(s.buf[:0], f)
			s.write(s.buf)
		}
		if s.writer != nil {
			s.remark([]byte(s.line.title(f)))
		}
	}
}

func (s *session) show(d *conversation.Seen) {
	if s.o.json && !s.o.quiet {
		s.encode(messageOf(s, d))
	}
	if s.o.json && s.writer == nil || s.o.follow && s.writer == nil {
		return
	}
	s.buf = s.line.message(s.buf[:0], d, s.l.Touched())
	if s.writer != nil {
		s.remark(s.buf[s.line.head:s.line.tail])
	}
	if !s.o.quiet && !s.o.json && !s.o.follow {
		s.write(s.buf)
		if s.o.verbose > 0 {
			s.buf = s.line.details(s.buf[:0], d, s.l.Packets())
			s.write(s.buf)
		}
	}
}

// remark adds to what is written beside the packet.
func (s *session) remark(text []byte) {
	if len(s.comment) > 0 {
		s.comment = append(s.comment, '\n')
	}
	s.comment = append(s.comment, text...)
}

func (s *session) write(b []byte) {
	if _, err := s.out.Write(b); err != nil && s.failed == nil {
		s.failed = err
	}
}

func (s *session) encode(v any) {
	if err := s.json.Encode(v); err != nil && s.failed == nil {
		s.failed = err
	}
}

// end prints what is left to say.
func (s *session) end() {
	sum := s.l.Summary(s.o.top)
	if s.o.json {
		for _, f := range sum.Findings {
			s.encode(findingOf(f, s.lang))
		}
		s.encode(summaryOf(s, &sum))
		return
	}
	if s.o.follow {
		s.write([]byte(home))
	} else if !s.o.quiet && s.shown > 0 {
		s.write([]byte("\n"))
	}
	s.summary(&sum, s.o.top)
}

// follow draws the summary anew, once a second.
func (s *session) follow(time.Time) {
	now := time.Now()
	if !s.o.follow || now.Sub(s.drawn) < time.Second {
		return
	}
	s.drawn = now
	sum := s.l.Summary(s.o.top)
	s.draw(&sum)
	if err := s.out.Flush(); err != nil && s.failed == nil {
		s.failed = err
	}
}
