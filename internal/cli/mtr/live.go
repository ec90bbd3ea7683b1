package mtr

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/mtr/screen"
	"github.com/sonde-net/sonde/names"
)

// How often the screen is drawn anew: more often at first, when much happens.
const (
	calm   = time.Second
	eager  = 250 * time.Millisecond
	settle = 2 * time.Second
	frames = 10 // a second, at most
)

// tidy is how many percent the memory grows by before it is tidied up.
const tidy = 400

// view is a session on a terminal.
type view struct {
	*session
	p *tea.Program

	mu     sync.Mutex
	wishes []screen.Wish
	news   bool // a name has become known

	length int // of packets, as it was wished
	note   string
	since  time.Time // of the last reset
	drawn  time.Time
	waking bool // a timer is set to draw what was put off
}

// live shows the way until the user has enough, or all rounds are over. The
// terminal is as it was afterwards, however this ends, and shows what was seen
// last.
func (x *session) live(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// What there is to remember is little: to tidy up seldom is cheaper.
	defer debug.SetGCPercent(debug.SetGCPercent(tidy))
	v := &view{session: x, since: time.Now(), length: x.o.length}
	for _, b := range []*names.Book{x.book, x.reg} {
		if b != nil {
			b.Notify(v.learnt)
		}
	}
	keys, shut := x.keys()
	defer shut()
	v.p = tea.NewProgram(v.model(), tea.WithInput(keys), tea.WithOutput(x.s.out), tea.WithoutSignalHandler(), tea.WithFPS(frames),
		tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			if _, ok := msg.(tea.SuspendMsg); ok && orphaned() {
				return nil // it would wait for somebody to continue it
			}
			return msg
		}))
	type ending struct {
		m   tea.Model
		err error
	}
	done := make(chan ending, 1)
	go func() {
		m, err := v.p.Run()
		stop()
		x.at.Interrupt()
		done <- ending{m, err}
	}()
	var last ending
	err := func() error {
		defer func() { // should it panic, the terminal is restored first
			v.p.Quit()
			last = <-done
		}()
		err := x.at.Run(ctx, x.m, func(time.Time) { v.turn() })
		if ctx.Err() == nil {
			v.send(true)
		}
		return err
	}()
	if err == nil {
		err = last.err
	}
	if m, ok := last.m.(screen.Model); ok {
		fmt.Fprint(x.s.out, m.Final())
	}
	return err
}

// keys is where keys come from: standard input, or where that is no terminal (it
// may be a list of hosts) the terminal that controls the process. nil: there is
// none. What it returns is to be called at the end.
func (x *session) keys() (io.Reader, func()) {
	if terminal(x.s.in) {
		return x.s.in, func() {}
	}
	in, out, err := tea.OpenTTY()
	if err != nil {
		return nil, func() {}
	}
	return in, func() {
		_ = in.Close()
		if out != in {
			_ = out.Close()
		}
	}
}

// model is what is on the screen at first.
func (v *view) model() screen.Model {
	x, c := v.session, v.m.Config()
	title := "sonde mtr"
	if x.o.skin {
		title = "mtr"
	}
	fields := x.o.fields
	if !x.o.orderSaid && !x.o.skin {
		fields, _ = field.Parse(field.Default + "J") // all of its letters are fields
	}
	return screen.New(screen.Options{
		Title: title, Here: x.here(), Host: x.host, Src: c.Src, Dst: c.Dst,
		Fields: fields, Look: x.o.look, Names: !x.o.numeric, Mode: screen.Mode(x.o.display),
		Who: x.name, Owner: x.owner, Do: v.wish,
		Language: x.o.lang, Colour: os.Getenv("NO_COLOR") == "", Plain: !utf8Locale(),
	})
}

// utf8Locale reports whether the terminal can be expected to show more than ASCII.
func utf8Locale() bool {
	for _, v := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if s := strings.ToLower(os.Getenv(v)); s != "" {
			return strings.Contains(s, "utf-8") || strings.Contains(s, "utf8")
		}
	}
	return false
}

// wish takes a wish of the screen; it is granted by the goroutine that asks.
func (v *view) wish(w screen.Wish) {
	v.mu.Lock()
	v.wishes = append(v.wishes, w)
	v.mu.Unlock()
	v.at.Interrupt()
}

// learnt takes note that there is a new name.
func (v *view) learnt() {
	v.mu.Lock()
	v.news = true
	v.mu.Unlock()
	v.at.Interrupt()
}

// turn grants wishes, and has the screen drawn when it is time.
func (v *view) turn() {
	v.drain()
	v.mu.Lock()
	wishes := v.wishes
	v.wishes, v.news = nil, false
	v.mu.Unlock()
	for i := range wishes {
		if err := v.grant(&wishes[i]); err != nil {
			v.note = err.Error()
		}
	}
	now := time.Now()
	every := calm
	if now.Sub(v.since) < settle {
		every = eager
	}
	if wait := every - now.Sub(v.drawn); wait > 0 && len(wishes) == 0 {
		if !v.waking {
			v.waking = true
			time.AfterFunc(wait, v.at.Interrupt)
		}
		return
	}
	v.drawn, v.waking = now, false
	v.send(false)
}

// grant does what is wished.
func (v *view) grant(w *screen.Wish) error {
	switch {
	case w.Reset:
		v.m.Reset()
		v.changes, v.since = nil, time.Now()
	case w.Toggle:
		v.m.Pause(!v.m.Paused())
	case w.Change != nil:
		c := *w.Change
		now := v.m.Config()
		length := v.length
		if w.Size > 0 {
			length = w.Size
		} else if c.Kind != now.Kind { // what is too short for it is made longer
			length = max(length, headers(c.Kind, c.Dst)+leastData)
		}
		if w.Size > 0 || c.Kind != now.Kind {
			size, err := data(c.Kind, c.Dst, length)
			if err != nil {
				return err
			}
			c.Size = size
		}
		if err := v.m.Change(c); err != nil {
			return err
		}
		v.length = length
		if v.m.Round() == 0 {
			v.changes, v.since = nil, time.Now()
		}
	}
	return nil
}

// send sends the screen what is known.
func (v *view) send(done bool) {
	c := v.m.Config()
	s := screen.Snapshot{
		Now: v.at.Now(), Config: c, Size: total(&c), Round: v.m.Round(), Paused: v.m.Paused(), Reached: v.m.Reached(),
		Hops: slices.Clone(v.m.Hops()), Changes: slices.Clone(v.changes), Paths: slices.Clone(v.m.Paths()), Note: v.note, Done: done,
	}
	v.note = ""
	if c.Flows > 1 {
		s.Lanes = v.m.Lanes()
	}
	for i := range s.Hops {
		h := &s.Hops[i]
		h.Hosts, h.History = slices.Clone(h.Hosts), slices.Clone(h.History)
		for k := range h.Hosts {
			h.Hosts[k].Claim.Ext = slices.Clone(h.Hosts[k].Claim.Ext)
		}
	}
	if err := v.m.Unsent(); err != nil {
		s.Unsent = err.Error()
	}
	v.p.Send(s)
}
