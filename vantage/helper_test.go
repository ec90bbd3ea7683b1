package vantage_test

import (
	"bytes"
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// survey is a strategy that asks some questions, one after the other or all at
// once, and keeps what comes.
type survey struct {
	p      *probe.Prober
	ask    []probe.Probe
	next   int
	apart  time.Duration // between two
	due    time.Time
	open   int
	extra  time.Duration // how long to go on hearing when all is answered
	until  time.Time
	events []probe.Event
	failed error
}

func (s *survey) Hear(now time.Time, e *probe.Event) {
	x := *e
	x.Options, x.Claim.Ext = bytes.Clone(e.Options), bytes.Clone(e.Claim.Ext)
	s.events = append(s.events, x)
	switch e.Kind {
	case probe.Reply, probe.Error, probe.Timeout, probe.Unsent:
		s.open--
		s.until = now.Add(s.extra)
	}
}

func (s *survey) Tick(now time.Time) {
	for s.next < len(s.ask) && !now.Before(s.due) {
		if _, err := s.p.Send(now, &s.ask[s.next]); err != nil {
			s.failed, s.next = err, len(s.ask)
			return
		}
		s.next++
		s.open++
		s.due = now.Add(s.apart)
	}
}

func (s *survey) Deadline() time.Time {
	switch {
	case s.next < len(s.ask):
		return s.due
	case s.open == 0:
		return s.until
	}
	return time.Time{}
}

func (s *survey) Done() bool {
	return s.failed != nil || s.next == len(s.ask) && s.open == 0 && !time.Now().Before(s.until)
}

// system opens this machine.
func system(t testing.TB, o vantage.SystemOptions) *vantage.System {
	t.Helper()
	s, err := vantage.OpenSystem(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// limit is how long an inquiry may take.
const limit = 20 * time.Second

// inquireOnce is inquire from this machine, which is closed behind it: the ports of
// one do not stand in the way of the next, whose are taken by chance.
func inquireOnce(t testing.TB, o vantage.SystemOptions, apart time.Duration, ask ...probe.Probe) []probe.Event {
	t.Helper()
	at := system(t, o)
	defer at.Close()
	return inquire(t, at, apart, ask...)
}

// inquire asks from a place, and returns what was told.
func inquire(t testing.TB, at vantage.Point, apart time.Duration, ask ...probe.Probe) []probe.Event {
	t.Helper()
	p, err := at.Prober(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return inquireBy(t, at, p, apart, ask...)
}

func inquireBy(t testing.TB, at vantage.Point, p *probe.Prober, apart time.Duration, ask ...probe.Probe) []probe.Event {
	t.Helper()
	for i := range ask {
		if q := &ask[i]; !q.Src.IsValid() {
			src, err := at.Source(q.Dst)
			if err != nil {
				t.Fatal(err)
			}
			q.Src = src
		}
	}
	s := &survey{p: p, ask: ask, apart: apart}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := at.Run(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	if s.failed != nil {
		t.Fatal(s.failed)
	}
	if ctx.Err() != nil {
		t.Fatalf("not done in %v: %v", limit, s.events)
	}
	return s.events
}
