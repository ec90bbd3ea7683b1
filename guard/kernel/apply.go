package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sonde-net/sonde/guard/rules"
)

// RunDir is where an application that waits for its confirmation is found.
const RunDir = "/run/sonde-guard"

// Application is rules that are loaded, and taken back unless somebody confirms
// that the machine can still be worked with.
type Application struct {
	Text   string
	Within time.Duration // for the confirmation; 0: it needs none
	Dir    string        // "": RunDir
}

// Outcome is how an application ended.
type Outcome string

// The outcomes.
const (
	Kept       Outcome = "kept"        // confirmed, or none was needed
	RolledBack Outcome = "rolled back" // what there was before is there again
)

// ErrBusy says that another application waits for its confirmation.
var ErrBusy = errors.New("rules that were applied before wait for their confirmation: sonde guard confirm")

// ErrChanged says that what is there is not what was applied: somebody has loaded
// other rules meanwhile. They are left alone.
var ErrChanged = errors.New("confirmed, but somebody has changed the rules meanwhile: what was applied is not what is there now")

// ErrNothing says that nothing waits for a confirmation.
var ErrNothing = errors.New("no rules wait for a confirmation")

// Apply loads the rules and waits: for confirmed, for [Confirm], for the time to
// be over, or for ctx. Without a confirmation what there was before is loaded
// again, by a process of its own should this one be killed; rules that there is no
// way back from are not replaced. Started is called once the rules are loaded; nil:
// nobody is. The error is [ErrChanged] where they were confirmed and are not there.
func (a Application) Apply(ctx context.Context, confirmed <-chan bool, started func()) (Outcome, error) {
	if a.Dir == "" {
		a.Dir = RunDir
	}
	// First the place, then the look at what there is: what is there may be an
	// application that ends just now.
	l, err := a.listen()
	if err != nil {
		return "", err
	}
	defer l.Close()
	before, err := Table(ctx)
	if err != nil {
		return "", err
	}
	if a.Within <= 0 {
		if err := Load(ctx, a.Text); err != nil {
			return "", err
		}
		if started != nil {
			started()
		}
		return Kept, nil
	}
	if err := Check(ctx, Rollback(before)); err != nil {
		return "", fmt.Errorf("not applied, for there would be no way back to the table %s %s that is there: %w", rules.Family, rules.Table, err)
	}
	g, err := a.guard(Rollback(before), l.lock)
	if err != nil {
		return "", err
	}
	if err := Load(ctx, a.Text); err != nil {
		g.release()
		return "", err
	}
	loaded, err := Table(ctx)
	if err != nil { // it cannot be told; then nor can a change of it
		loaded = ""
	}
	heard := make(chan net.Conn, 1)
	go hear(l, heard)
	if started != nil {
		started()
	}
	timer := time.NewTimer(a.Within)
	defer timer.Stop()
	keep := false
	who := io.Discard // confirms, and hears what became of it
	select {
	case keep = <-confirmed:
	case c := <-heard:
		keep, who = true, c
		defer c.Close()
	case <-timer.C:
	case <-ctx.Done():
	}
	if keep {
		g.release()
		if now, err := Table(context.WithoutCancel(ctx)); err == nil && loaded != "" && now != loaded {
			fmt.Fprintln(who, changed)
			return Kept, ErrChanged
		}
		fmt.Fprintln(who, Kept)
		return Kept, nil
	}
	// Whatever stopped us, this is to be done.
	if err := Load(context.WithoutCancel(ctx), Rollback(before)); err != nil {
		g.fall() // it tries once more
		return "", fmt.Errorf("the rules of before could not be loaded: %w", err)
	}
	g.release()
	return RolledBack, nil
}

// Rollback returns the text that puts the table back to what it was; "": it was
// not there.
func Rollback(before string) string {
	name := rules.Family + " " + rules.Table
	return "table " + name + "\ndelete table " + name + "\n" + before
}

// place is where an application waits. There is one: the lock is the kernel's,
// and goes with the process that has it, however that ends.
type place struct {
	net.Listener
	lock *os.File
}

// Close gives the place up.
func (p *place) Close() error { return errors.Join(p.Listener.Close(), p.lock.Close()) }

// listen takes the one place where an application waits.
func (a Application) listen() (_ *place, err error) {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	f, err := os.OpenFile(filepath.Join(a.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	if err := lock(f); err != nil {
		return nil, err
	}
	name := filepath.Join(a.Dir, "confirm")
	_ = os.Remove(name) // of one that was killed
	l, err := net.Listen("unix", name)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	return &place{l, f}, nil
}

// confirmation is what Confirm says, and changed what it may hear instead of Kept.
const (
	confirmation = "confirm\n"
	changed      = "changed"
)

// patience is how long somebody who has come to confirm may be silent; how long he
// waits for the answer is six times as much.
const patience = 10 * time.Second

// hear waits for a confirmation, and hands on who gives it.
func hear(l net.Listener, heard chan<- net.Conn) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		b := make([]byte, len(confirmation))
		if _, err := io.ReadFull(c, b); err == nil && string(b) == confirmation {
			_ = c.SetDeadline(time.Time{})
			heard <- c
			return
		}
		_ = c.Close()
	}
}

// Confirm confirms the application that waits in dir, "" for [RunDir], and
// returns when that has understood. The error is [ErrNothing] when none does, and
// [ErrChanged] when its rules are not there any more.
func Confirm(ctx context.Context, dir string) error {
	if dir == "" {
		dir = RunDir
	}
	c, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, "confirm"))
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w", err)
	}
	if err != nil {
		return ErrNothing
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(6 * patience))
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(c, confirmation); err != nil {
		return ErrNothing
	}
	b, err := io.ReadAll(io.LimitReader(c, 64))
	if err == nil && strings.TrimSpace(string(b)) == changed {
		return ErrChanged
	}
	if err != nil || strings.TrimSpace(string(b)) != string(Kept) {
		return ErrNothing
	}
	return nil
}
