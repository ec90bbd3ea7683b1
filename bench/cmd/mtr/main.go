//go:build linux

// Mtr has sonde mtr and mtr 0.95 watch a way of thirty hops, in turn, in a
// terminal, and writes two Markdown tables: processor time and when the first
// full screen was there, and which of the promises hold. Its exit status is 1
// when one does not, or when it cannot measure.
//
// The routers are network namespaces of the kernel, whose limits on ICMP errors
// are lifted; they go with this process, however it ends. It needs root, ip,
// script of util-linux and mtr, and go to build the command, or -sonde to name it.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/bench/product"
	"github.com/sonde-net/sonde/bench/rooms"
)

const hops = 30

// watched is what one watching came to.
type watched struct {
	cpu, full time.Duration
}

func main() {
	rounds := flag.Int("rounds", 5, "how many `times` each watches")
	long := flag.Duration("for", 20*time.Second, "how long each time")
	sonde := flag.String("sonde", "", "the command; without it, it is built")
	flag.Parse()
	if err := contest(*rounds, *long, *sonde); err != nil {
		fmt.Fprintf(os.Stderr, "mtr: %v\n", err)
		os.Exit(1)
	}
}

func contest(rounds int, long time.Duration, sonde string) error {
	dir, err := os.MkdirTemp("", "mtr")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if sonde, err = product.Path(sonde, dir); err != nil {
		return err
	}
	all, err := chain()
	defer func() {
		for _, r := range all {
			r.Close()
		}
	}()
	if err != nil {
		return err
	}
	var ours, peer []watched
	for range rounds {
		for _, x := range []struct {
			command string
			to      *[]watched
		}{{sonde + " mtr", &ours}, {"mtr", &peer}} {
			w, err := watch(all[0], x.command, long)
			if err != nil {
				return fmt.Errorf("%s: %w", x.command, err)
			}
			*x.to = append(*x.to, w)
		}
	}
	cpu := func(w watched) time.Duration { return w.cpu }
	full := func(w watched) time.Duration { return w.full }
	fmt.Printf("%d hops, a round a second, %v, median of %d.\n\n| | sonde | mtr |\n|---|---|---|\n", hops, long, rounds)
	fmt.Printf("| processor time | %v | %v |\n", median(ours, cpu), median(peer, cpu))
	fmt.Printf("| first full screen after | %v | %v |\n\n", median(ours, full), median(peer, full))
	kept := true
	for _, p := range []struct {
		what string
		held bool
	}{
		{"processor time not above mtr's", median(ours, cpu) <= median(peer, cpu)},
		{"first full screen within a second", median(ours, full) <= time.Second},
	} {
		fmt.Printf("- %s: %v\n", p.what, map[bool]string{true: "held", false: "BROKEN"}[p.held])
		kept = kept && p.held
	}
	if !kept {
		return errors.New("a promise is broken")
	}
	return nil
}

func median(all []watched, of func(watched) time.Duration) time.Duration {
	var d []time.Duration
	for _, w := range all {
		d = append(d, of(w))
	}
	slices.Sort(d)
	return d[len(d)/2].Round(time.Millisecond)
}

// watch has a command watch the way in a terminal, and quit after some time.
func watch(from *rooms.Room, command string, long time.Duration) (w watched, err error) {
	line := fmt.Sprintf("stty rows 50 cols 120; exec %s -n 10.0.%d.2", command, hops-1)
	c := from.Command("script", "-qfec", line, "/dev/null")
	c.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
	in, err := c.StdinPipe()
	if err != nil {
		return w, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return w, err
	}
	begin := time.Now()
	if err := c.Start(); err != nil {
		return w, err
	}
	quit := time.AfterFunc(long, func() { _, _ = in.Write([]byte("q")) })
	defer quit.Stop()
	var seen []byte
	b := make([]byte, 1<<16)
	for {
		n, err := out.Read(b)
		seen = append(seen, b[:n]...)
		if w.full == 0 && full(seen) {
			w.full = time.Since(begin)
		}
		if err != nil {
			break
		}
	}
	if err := c.Wait(); err != nil {
		return w, err
	}
	if w.full == 0 {
		return w, errors.New("there was no full screen")
	}
	r, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return w, errors.New("the system does not say what it took")
	}
	w.cpu = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	return w, nil
}

// full reports whether every hop has been drawn.
func full(seen []byte) bool {
	for n := range hops {
		if !bytes.Contains(seen, fmt.Appendf(nil, "10.0.%d.2", n)) {
			return false
		}
	}
	return true
}

// chain makes rooms in a row: the first is here, the last is the destination.
func chain() (all []*rooms.Room, err error) {
	for n := range hops + 1 {
		r, err := rooms.New()
		if err != nil {
			return all, err
		}
		all = append(all, r)
		if _, err := r.Sh(rooms.Lifted); err != nil {
			return all, err
		}
		if n == 0 {
			continue
		}
		script := fmt.Sprintf(`ip link add la type veth peer name kb netns %s
			ip addr add 10.0.%[2]d.1/24 dev la; ip link set la up; ip route add default via 10.0.%[2]d.2`, r.PID, n-1)
		if _, err := all[n-1].Sh(script); err != nil {
			return all, err
		}
		script = fmt.Sprintf("ip addr add 10.0.%[1]d.2/24 dev kb; ip link set kb up; [ %[1]d = 0 ] || ip route add 10.0.0.0/24 via 10.0.%[1]d.1", n-1)
		if _, err := r.Sh(script); err != nil {
			return all, err
		}
	}
	return all, nil
}
