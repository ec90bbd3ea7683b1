// Package detect has all detectors look at a capture.
//
//	m, d := conversation.New(conversation.Config{}), detect.New(detect.Config{})
//	for … {
//		d.Observe(m.Receive(&datagram))
//	}
//	d.Close()
//	for _, f := range d.Findings() { … }
package detect

import (
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/content"
	"github.com/sonde-net/sonde/explain/finding/forgery"
	"github.com/sonde-net/sonde/explain/finding/path"
	"github.com/sonde-net/sonde/explain/finding/volume"
)

// Config is the thresholds of all detectors. The zero Config works.
type Config struct {
	Flood       volume.FloodConfig
	Smurf       volume.SmurfConfig
	Sweep       volume.SweepConfig
	Unsolicited volume.UnsolicitedConfig
	Recon       volume.ReconConfig
	Redirect    forgery.RedirectConfig
	Reset       forgery.ResetConfig
	Lowering    forgery.LoweringConfig
	Loop        path.LoopConfig
	BlackHole   path.BlackHoleConfig
	Limited     path.LimitedConfig
	Duplicate   path.DuplicateConfig
	Tunnel      content.TunnelConfig
	Fragment    content.FragmentConfig
	Seed        uint64 // of the hash tables
}

// interests is how many sets of interests there are.
const interests = 1 << 9

// Set is all detectors. Make one with [New].
type Set struct {
	report *finding.Report
	all    []finding.Detector
	wanted [interests][]finding.Detector
	last   time.Time // of the last datagram
	ticked time.Time
}

// New returns the detectors.
func New(c Config) *Set {
	r := finding.NewReport()
	s := &Set{report: r, all: []finding.Detector{
		volume.NewFlood(c.Flood, c.Seed, r),
		volume.NewSmurf(c.Smurf, c.Seed, r),
		volume.NewSweep(c.Sweep, c.Seed, r),
		volume.NewUnsolicited(c.Unsolicited, c.Seed, r),
		volume.NewRecon(c.Recon, c.Seed, r),
		forgery.NewRedirect(c.Redirect, c.Seed, r),
		forgery.NewReset(c.Reset, c.Seed, r),
		forgery.NewLowering(c.Lowering, c.Seed, r),
		forgery.NewQuench(r),
		path.NewLoop(c.Loop, c.Seed, r),
		path.NewBlackHole(c.BlackHole, c.Seed, r),
		path.NewLimited(c.Limited, c.Seed, r),
		path.NewDuplicate(c.Duplicate, c.Seed, r),
		content.NewTunnel(c.Tunnel, c.Seed, r),
		content.NewFragment(c.Fragment, c.Seed, r),
	}}
	for i := range s.wanted {
		for _, d := range s.all {
			if d.Interest()&finding.Interest(i) != 0 { //nolint:gosec // nine bits
				s.wanted[i] = append(s.wanted[i], d)
			}
		}
	}
	return s
}

// probeTTL is the largest time to live of a datagram that may be a probe.
const probeTTL = 32

// interestOf returns who cares for a datagram.
func interestOf(s *conversation.Seen) (i finding.Interest) {
	switch {
	case s.Fault&conversation.NotIP != 0:
		return 0
	case s.Fragment:
		return finding.Fragments
	case s.Relation == conversation.SeenBefore:
		return finding.Repeats
	}
	if s.NewFlow {
		i |= finding.Begins
	}
	if s.Header.TTL <= probeTTL && s.Role != conversation.Error {
		i |= finding.Probes
	}
	if !s.ICMP {
		if s.Retransmit || s.Flow != nil && s.Flow.Marks != 0 {
			i |= finding.Segments
		}
		return i
	}
	if s.Fault&(conversation.Checksum|conversation.Short) != 0 {
		return 0
	}
	i |= finding.Messages
	switch s.Role { //nolint:exhaustive // the others are messages
	case conversation.Request:
		i |= finding.Requests
	case conversation.Reply:
		i |= finding.Replies
	case conversation.Error:
		if s.HasQuote {
			i |= finding.Errors
		}
	}
	return i
}

// Observe has the detectors look at a datagram.
func (s *Set) Observe(seen *conversation.Seen) {
	s.report.Next()
	// A single datagram with a time that is far ahead hurries nobody.
	now := s.last
	if s.last = seen.Time; s.last.Before(now) {
		now = s.last
	}
	if d := now.Sub(s.ticked); d >= time.Second || d <= -time.Second {
		s.tick(now, false)
	}
	for _, d := range s.wanted[interestOf(seen)] {
		d.Observe(seen)
	}
}

func (s *Set) tick(now time.Time, end bool) {
	s.ticked = now
	for _, d := range s.all {
		d.Tick(now, end)
	}
}

// Close has the detectors judge what they were still waiting for. What they find
// is in Fresh.
func (s *Set) Close() {
	s.report.Next()
	s.tick(s.last, true)
}

// Fresh returns the findings that the last datagram has brought about. Valid
// until the next.
func (s *Set) Fresh() []*finding.Finding { return s.report.Fresh() }

// Touched returns the kinds of findings that the last datagram is part of. Valid
// until the next.
func (s *Set) Touched() []finding.Kind { return s.report.Touched() }

// Findings returns all findings, the gravest first, then by time.
func (s *Set) Findings() []*finding.Finding { return s.report.Findings() }

// Omitted returns how many findings there were no room for.
func (s *Set) Omitted() uint64 { return s.report.Omitted() }
