//go:build linux

// Asking measures sonde ping beside ping of iputils, fping and pro-bing, in one
// run, over a pair of Ethernet devices between two network namespaces of its own,
// the kernel answering. It writes a Markdown table of the promises and whether
// they hold. Its exit status is 1 when one does not, 2 when it cannot measure.
//
// It needs root, ping of iputils, fping, unshare, nsenter, ip and sysctl.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// role is the variable that makes this program a contestant, or the run inside
// its namespace.
const role = "SONDE_BENCH_ROLE"

func main() {
	if os.Getenv(role) == "pro-bing" {
		if err := proBing(os.Args[1:]); err != nil {
			fail(err)
		}
		return
	}
	var e effort
	flag.IntVar(&e.rounds, "rounds", 5, "how `often` each contestant floods")
	flag.IntVar(&e.seconds, "seconds", 30, "how long many targets are watched, in `seconds`")
	flag.BoolVar(&e.peers, "all", false, "let pro-bing watch 10,000 targets, too")
	flag.StringVar(&e.sonde, "sonde", "", "the `program` under test; without it one that is built from here")
	quick := flag.Bool("quick", false, "two rounds, five seconds")
	flag.Parse()
	if *quick {
		e.rounds, e.seconds = 2, 5
	}
	if os.Getenv(role) != "inside" {
		err := enter()
		var e *exec.ExitError
		if errors.As(err, &e) { // it has said why
			os.Exit(e.ExitCode())
		}
		fail(err)
		return
	}
	ok, err := e.inside()
	fail(err)
	if !ok {
		os.Exit(1)
	}
}

// inside measures, with a directory of its own.
func (e *effort) inside() (ok bool, err error) {
	dir, err := os.MkdirTemp("", "asking")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	return e.run(dir)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "asking:", err)
		os.Exit(2)
	}
}

// enter runs this program again, in a network namespace of its own.
func enter() error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command("unshare", append([]string{"--net", own}, os.Args[1:]...)...)
	c.Env = append(os.Environ(), role+"=inside")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c.Run()
}

// shell runs a script.
func shell(script string) error {
	out, err := exec.Command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", script, err, out)
	}
	return nil
}

// answerer makes the other namespace, with the addresses 10.0.0.2 and 10.1.0.0/16.
func answerer() (stop func(), err error) {
	c := exec.Command("unshare", "--net", "sleep", "3600")
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	pid := strconv.Itoa(c.Process.Pid)
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return stop, err
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if other, err := os.Readlink("/proc/" + pid + "/ns/net"); err == nil && other != own {
			break
		}
		if time.Now().After(end) {
			return stop, errors.New("no second namespace")
		}
	}
	return stop, shell(strings.ReplaceAll(`
ip link set lo up
ip link add v0 type veth peer name v1 netns PID
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
nsenter -t PID -n ip link set lo up
nsenter -t PID -n ip addr add 10.0.0.2/24 dev v1
nsenter -t PID -n ip link set v1 up
nsenter -t PID -n ip route add local 10.1.0.0/16 dev lo
nsenter -t PID -n sysctl -qw net.ipv4.icmp_ratelimit=0
ip route add 10.1.0.0/16 via 10.0.0.2
`, "PID", pid))
}

// build makes the program under test.
func build(dir string) (string, error) {
	name := filepath.Join(dir, "sonde")
	c := exec.Command("go", "build", "-o", name, "github.com/sonde-net/sonde/cmd/sonde")
	c.Dir = ".."                                  // by what that module needs
	c.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build does
	out, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return name, err
}
