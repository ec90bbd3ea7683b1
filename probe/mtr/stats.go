package mtr

import (
	"math"
	"time"
)

// Stats are the times of a hop, with the names and in the way of mtr(8). The
// zero Stats are empty.
type Stats struct {
	Sent     int           `json:"sent"`          // L, S
	Received int           `json:"received"`      // R
	Waiting  int           `json:"waiting"`       // probes that may still be answered
	Last     time.Duration `json:"last_ns"`       // N
	Best     time.Duration `json:"best_ns"`       // B
	Worst    time.Duration `json:"worst_ns"`      // W
	Jitter   time.Duration `json:"jitter_ns"`     // J: between the last two
	JMax     time.Duration `json:"jitter_max_ns"` // X

	mean, squares float64 // nanoseconds; of Welford
	logs          float64 // of nanoseconds
	jitters       float64 // their average
	smooth        float64 // interarrival jitter, RFC 3550 §6.4.1, in nanoseconds
}

// Add adds a round-trip time.
func (s *Stats) Add(d time.Duration) {
	s.Received++
	x := float64(d)
	if s.Received == 1 {
		s.Best, s.Worst = d, d
	} else {
		s.Jitter = max(d-s.Last, s.Last-d)
		s.JMax = max(s.JMax, s.Jitter)
		s.jitters += (float64(s.Jitter) - s.jitters) / float64(s.Received-1)
		s.smooth += (float64(s.Jitter) - s.smooth) / 16
	}
	s.Last, s.Best, s.Worst = d, min(s.Best, d), max(s.Worst, d)
	was := s.mean
	s.mean += (x - was) / float64(s.Received)
	s.squares += (x - was) * (x - s.mean)
	s.logs += math.Log(max(x, 1))
}

// with returns the times of two sets of probes together, but for what is of the
// last ones, which is that of s.
func (s Stats) with(x Stats) Stats {
	a, b := float64(s.Received), float64(x.Received)
	switch {
	case x.Received == 0:
	case s.Received == 0:
		s.Best, s.Worst, s.mean, s.squares, s.logs = x.Best, x.Worst, x.mean, x.squares, x.logs
		s.jitters, s.JMax = x.jitters, x.JMax
	default:
		d := x.mean - s.mean
		s.squares += x.squares + d*d*a*b/(a+b)
		s.mean += d * b / (a + b)
		s.logs += x.logs
		s.jitters += (x.jitters - s.jitters) * b / (a + b)
		s.Best, s.Worst, s.JMax = min(s.Best, x.Best), max(s.Worst, x.Worst), max(s.JMax, x.JMax)
	}
	s.Sent, s.Received, s.Waiting = s.Sent+x.Sent, s.Received+x.Received, s.Waiting+x.Waiting
	return s
}

// Lost returns how many probes were not answered in time, those not counted that
// may still be (D).
func (s *Stats) Lost() int { return s.Sent - s.Waiting - s.Received }

// Loss returns how many those are in percent; 0 when nothing is known yet.
func (s *Stats) Loss() float64 {
	if known := s.Sent - s.Waiting; known > 0 {
		return 100 * float64(s.Lost()) / float64(known)
	}
	return 0
}

// Avg returns the average (A).
func (s *Stats) Avg() time.Duration { return time.Duration(s.mean) }

// StDev returns the standard deviation of a sample (V).
func (s *Stats) StDev() time.Duration {
	if s.Received < 2 {
		return 0
	}
	return time.Duration(math.Sqrt(s.squares / float64(s.Received-1)))
}

// GMean returns the geometric mean (G).
func (s *Stats) GMean() time.Duration {
	if s.Received == 0 {
		return 0
	}
	return time.Duration(math.Round(math.Exp(s.logs / float64(s.Received))))
}

// JAvg returns the average of the jitter (M).
func (s *Stats) JAvg() time.Duration { return time.Duration(s.jitters) }

// JInt returns the interarrival jitter: the moving average of RFC 3550 §6.4.1
// (I).
func (s *Stats) JInt() time.Duration { return time.Duration(s.smooth) }
