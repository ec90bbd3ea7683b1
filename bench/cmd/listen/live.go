package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/bench/rooms"
)

// fastest is how many packets a second are sent at most. At half of it none may be
// dropped.
const fastest = 500_000

// live has sonde listen on an interface while a sweep sends echo requests to ever
// other addresses, which nobody answers: the most work that there is, each a
// conversation of its own.
func live(sonde string) error {
	s, err := rooms.NewStreet(2, rooms.Lifted)
	defer s.Close()
	if err != nil {
		return err
	}
	fmt.Println()
	var broken []error
	for _, rate := range []int{fastest / 2, fastest} {
		sent, took, err := once(s, sonde, rate)
		if err != nil {
			return err
		}
		fmt.Printf("live, %d a second asked for: %d sent in %v, %d seen, %d dropped by the kernel and told of\n",
			rate, sent.all, took, sent.seen, sent.dropped)
		switch {
		case sent.seen+sent.dropped < sent.all:
			broken = append(broken, fmt.Errorf("live, %d a second: %d are not told of", rate, sent.all-sent.seen-sent.dropped))
		case rate <= fastest/2 && sent.dropped > 0:
			broken = append(broken, fmt.Errorf("live, %d a second: some are dropped", rate))
		}
	}
	return errors.Join(broken...)
}

// behind is how long the listener may be behind when the last packet has left: what
// waits in the ring when it is interrupted is not looked at any more.
const behind = 2 * time.Second

// told is how many packets were sent, and what the listener says of them.
type told struct{ all, seen, dropped int }

var (
	asked   = regexp.MustCompile(`(\d+) asked in ([0-9.a-zµ]+),`)
	seen    = regexp.MustCompile(`(?m)^ *(\d+)  Echo request`)
	dropped = regexp.MustCompile(`(\d+) (?:dropped by the kernel|lost by the interface)`)
)

func once(s *rooms.Street, sonde string, rate int) (t told, took time.Duration, err error) {
	var said strings.Builder
	listener := s.Last().Command(sonde, "listen", "-i", "l1", "--quiet", "--lang", "en")
	listener.Stdout, listener.Stderr = &said, &said
	if err := listener.Start(); err != nil {
		return t, 0, err
	}
	if err := listening(s.Last()); err != nil {
		_ = listener.Process.Kill()
		_ = listener.Wait()
		return t, 0, fmt.Errorf("%w: %s", err, said.String())
	}
	out, fault := s.Rooms[0].Command(sonde, "sweep", "--all", "--wait", "0.2", "--rate", strconv.Itoa(rate), "10.32.0.0/12").CombinedOutput()
	time.Sleep(behind)
	_ = listener.Process.Signal(os.Interrupt)
	if err := listener.Wait(); err != nil {
		return t, 0, fmt.Errorf("listen: %w: %s", err, said.String())
	}
	m := asked.FindSubmatch(out)
	if m == nil {
		return t, 0, fmt.Errorf("sweep: %w: %s", fault, out)
	}
	t.all, _ = strconv.Atoi(string(m[1]))
	took, err = time.ParseDuration(string(m[2]))
	if m := seen.FindStringSubmatch(said.String()); m != nil {
		t.seen, _ = strconv.Atoi(m[1])
	}
	for _, m := range dropped.FindAllStringSubmatch(said.String(), -1) {
		n, _ := strconv.Atoi(m[1])
		t.dropped += n
	}
	return t, took, err
}

// listening waits until somebody receives packets in a room.
func listening(r *rooms.Room) error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		lines, err := r.Sh("wc -l </proc/net/packet")
		if err != nil {
			return err
		}
		if n, _ := strconv.Atoi(strings.TrimSpace(lines)); n > 1 {
			return nil
		}
	}
	return errors.New("nobody listens")
}
