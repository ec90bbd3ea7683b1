//go:build linux

// Package testnet gives a test a network of its own: a namespace that exists as
// long as the test, so that nothing the test sends can reach anything else, and
// nothing is left behind when it fails.
package testnet

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netns"
)

// Env is the variable that makes a missing privilege a failure instead of a
// skip. CI sets it to 1.
const Env = "SONDE_NETNS"

// Enter moves the calling goroutine into a new network namespace, loopback up,
// until the test ends. Only this goroutine is in it, and the commands that it
// starts; it must not end before the test does. A subtest ([testing.T.Run]) is
// another goroutine and is not in it: what it sends goes out to the real network,
// so a subtest enters a namespace of its own, or there is none. Without the
// privilege to do so the test is skipped, and fails where Env is 1. The room that
// is returned is the namespace, for those who need more than one.
func Enter(t testing.TB) *Room {
	t.Helper()
	if os.Geteuid() != 0 {
		Missing(t, "network namespaces need root")
	}
	runtime.LockOSThread()
	before, err := netns.Get()
	if err != nil {
		Missing(t, "network namespaces: "+err.Error())
	}
	own, err := netns.New()
	if err != nil {
		_ = before.Close()
		Missing(t, "network namespaces: "+err.Error())
	}
	t.Cleanup(func() {
		// A thread that cannot be moved back is thrown away, being locked.
		if netns.Set(before) == nil {
			runtime.UnlockOSThread()
		}
		_ = before.Close()
	})
	return room(t, own)
}

// Missing skips the test for lack of something that the machine has to have, or
// fails it where Env is 1.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(Env) == "1" {
		t.Fatalf("%s=1, and %s", Env, what)
	}
	t.Skipf("skipped: %s", what)
}

// Need looks a program up that the test runs beside this module's code.
func Need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		Missing(t, program+" is not installed")
	}
	return path
}

// limit is how long a command may take.
const limit = 60 * time.Second

// Run runs a command in the namespace and returns what it prints, both streams
// together, and its exit status.
func Run(t testing.TB, name string, args ...string) (out string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	// The command is to die with the thread that has started it, so this one is
	// nobody else's, who could end it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var b bytes.Buffer
	c := command(ctx, Need(t, name), args...)
	c.Stdout, c.Stderr = &b, &b
	err := c.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s %s: did not end in %v:\n%s", name, strings.Join(args, " "), limit, b.String())
	}
	if c.ProcessState == nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b.String(), c.ProcessState.ExitCode()
}

// Command is a command that the test starts itself. It runs in the namespace that
// the goroutine is in when it is started, which is one that called [Enter]. It is
// killed when the test ends, before what [testing.TB.Cleanup] was given is called,
// and when the process is killed.
func Command(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	return command(t.Context(), name, args...)
}

// command is one that does not survive this process, in the language of no
// country. If it is a program with the race detector, as a test that calls itself
// is, it does not sleep for a second before it exits.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C", "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// Sysctl sets a kernel variable of the namespace, "net/ipv4/ip_forward" for one.
func Sysctl(t testing.TB, name, value string) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0); err != nil {
		t.Fatalf("sysctl: %v", err)
	}
}
