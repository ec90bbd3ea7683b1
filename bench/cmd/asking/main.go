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
	"syscall"

	"github.com/sonde-net/sonde/bench/rooms"
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
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
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
func answerer() (*rooms.Room, error) {
	far, err := rooms.New()
	if err != nil {
		return nil, err
	}
	err = shell(fmt.Sprintf(`
ip link set lo up
ip link add v0 type veth peer name v1 netns %s
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip route add 10.1.0.0/16 via 10.0.0.2
`, far.PID))
	if err == nil {
		_, err = far.Sh(`
ip addr add 10.0.0.2/24 dev v1
ip link set v1 up
ip route add local 10.1.0.0/16 dev lo
sysctl -qw net.ipv4.icmp_ratelimit=0
`)
	}
	if err != nil {
		far.Close()
		return nil, err
	}
	return far, nil
}
