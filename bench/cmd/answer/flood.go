//go:build linux

package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A way is how ping floods.
type way struct {
	name    string
	preload int // probes on the way at a time; 0: one
}

// ways are the two of the promises.
var ways = []way{{"-f", 0}, {"-f -l 64", 64}}

func (w way) String() string { return w.name }

func (w way) args() []string {
	if w.preload == 0 {
		return []string{"-f"}
	}
	return []string{"-f", "-l", strconv.Itoa(w.preload)}
}

// A round is what one flood gave.
type round struct {
	sent, received int
	took           time.Duration // as ping has it, to the millisecond
	cpu            time.Duration // of the process that answers, for one reply
}

// rate is the replies in a second.
func (r round) rate() float64 { return float64(r.received) / r.took.Seconds() }

var summaryLine = regexp.MustCompile(`(\d+) packets transmitted, (\d+) received, (?:.*, )?time (\d+)ms`)

// summary reads what ping says at its end.
func summary(text string) (round, error) {
	m := summaryLine.FindStringSubmatch(text)
	if m == nil {
		return round{}, fmt.Errorf("no summary of iputils' ping in %q", text)
	}
	var v [3]int
	for i := range v {
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return round{}, fmt.Errorf("summary %q: %w", m[0], err)
		}
		v[i] = n
	}
	r := round{sent: v[0], received: v[1], took: time.Duration(v[2]) * time.Millisecond}
	if r.received == 0 {
		return round{}, fmt.Errorf("no reply: %q", m[0])
	}
	r.took = max(r.took, time.Millisecond)
	return r, nil
}
