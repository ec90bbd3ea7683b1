//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// roleEnv names the contestant that a process started by this one is to be.
const roleEnv = "SONDE_BENCH_ANSWER"

// A player is a contestant at work: a process that answers, in a namespace from
// which ping reaches it.
type player struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	ns    netns.NsHandle
	clock int32 // the CPU time of the process
}

// start starts the contestant and waits until it answers.
func start(ctx context.Context, name string) (*player, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), roleEnv+"="+name)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: unix.SIGKILL}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &player{name: name, cmd: cmd, stdin: stdin, ns: netns.None()}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		p.stop()
		return nil, errors.New("ended before it answered")
	}
	if p.ns, err = netns.GetFromPid(cmd.Process.Pid); err != nil {
		p.stop()
		return nil, err
	}
	const schedulers = 2 // CPUCLOCK_SCHED: to the nanosecond, all threads
	p.clock = ^int32(cmd.Process.Pid)<<3 | schedulers
	return p, nil
}

// stop ends the process, and its namespace with it. What ended it before has
// been told by itself.
func (p *player) stop() {
	if p.ns.IsOpen() {
		_ = p.ns.Close()
	}
	_ = p.stdin.Close() // see play
	_ = p.cmd.Wait()
}

// enter runs f on this thread in the player's namespace. The goroutine must be
// locked to the thread.
func (p *player) enter(f func() error) error {
	before, err := netns.Get()
	if err != nil {
		return err
	}
	defer before.Close()
	if err := netns.Set(p.ns); err != nil {
		return err
	}
	err = f()
	return errors.Join(err, netns.Set(before))
}

// flood lets ping send count probes.
func (p *player) flood(ctx context.Context, w way, count int) (round, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	args := append(w.args(), "-q", "-n", "-c", fmt.Sprint(count), answerer.String())
	cmd := exec.CommandContext(ctx, "ping", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	before, err := p.spent()
	if err != nil {
		return round{}, err
	}
	if err := p.enter(cmd.Start); err != nil {
		return round{}, err
	}
	// Status 1 is that of a ping that got no reply at all: the summary says so.
	if err := cmd.Wait(); ctx.Err() != nil {
		return round{}, fmt.Errorf("ping did not end: %w", ctx.Err())
	} else if e := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &e) || e.ExitCode() != 1) {
		return round{}, fmt.Errorf("%w: %s", err, out.String())
	}
	after, err := p.spent()
	if err != nil {
		return round{}, err
	}
	r, err := summary(out.String())
	if err != nil {
		return round{}, err
	}
	r.cpu = (after - before) / time.Duration(r.received)
	return r, nil
}

// spent is the CPU time that the process has taken.
func (p *player) spent() (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(p.clock, &ts); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", p.cmd.Process.Pid, err)
	}
	return time.Duration(ts.Nano()), nil
}
