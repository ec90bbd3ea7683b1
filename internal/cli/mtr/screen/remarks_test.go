package screen_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sonde-net/sonde/internal/cli/mtr/screen"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire/ip"
)

// restless is a way of twelve hops that has changed eight times.
func restless() screen.Snapshot {
	s := snapshot()
	s.Hops = nil
	for i := range 12 {
		s.Hops = append(s.Hops, hop(i+1, fmt.Sprintf("10.0.%d.1", i+1), 1, ms))
	}
	for i := range 8 {
		when := at.Add(time.Duration(i) * time.Minute)
		a := netip.AddrFrom4([4]byte{10, 0, 100, byte(i + 1)})
		s.Changes = append(s.Changes, mtr.Event{Kind: mtr.Changed, Time: when, TTL: 2, Was: a, Is: a.Next()})
		s.Paths = append(s.Paths, mtr.Path{Hops: []netip.Addr{a}, First: when, Last: when, Rounds: i + 1, Stats: make([]mtr.Stats, 1)})
	}
	return s
}

// rows returns how many hops are on the screen.
func (s *stage) rows() (n int) {
	for i := range 12 {
		if strings.Contains(s.text(), fmt.Sprintf("%2d. 10.0.%d.1", ip.TTL(i+1), i+1)) {
			n++
		}
	}
	return n
}

// TestRoom: what is said below the hops leaves half of the screen to them, and the
// newest of it stays; all hops can be reached.
func TestRoom(t *testing.T) {
	for _, x := range []struct{ width, height, rows int }{{100, 50, 12}, {80, 36, 12}, {80, 24, 12}, {80, 12, 3}, {40, 10, 3}, {40, 8, 1}} {
		s := newStage(t, nil)
		s.send(tea.WindowSizeMsg{Width: x.width, Height: x.height})
		s.send(restless())
		if n := s.rows(); n != x.rows {
			t.Errorf("%dx%d: %d hops\n%s", x.width, x.height, n, s.text())
		}
		if x.height >= 10 {
			s.has("12:07:00: the way has changed at hop 2")
		}
		if n := strings.Count(s.text(), "\n") + 1; n > x.height {
			t.Errorf("%dx%d: %d lines", x.width, x.height, n)
		}
		for range 12 {
			s.press("+")
		}
		s.has("12. 10.0.12.1")
		for range 12 {
			s.press("-")
		}
		s.has(" 1. 10.0.1.1")
	}
	s := newStage(t, nil)
	s.send(tea.WindowSizeMsg{Width: 80, Height: 9})
	sn := restless()
	sn.Unsent = "no buffer space"
	s.send(sn)
	s.has("not sent: no buffer space", " 1. 10.0.1.1")
}
