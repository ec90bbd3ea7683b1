package mtr_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/mtr"
)

// TestStats compares with numbers that were worked out by hand.
func TestStats(t *testing.T) {
	var s mtr.Stats
	if s.Loss() != 0 || s.Avg() != 0 || s.StDev() != 0 || s.GMean() != 0 || s.JAvg() != 0 || s.JInt() != 0 {
		t.Error("an empty one is not")
	}
	s.Sent = 6
	for _, d := range []time.Duration{10, 20, 40, 10} {
		s.Add(d * ms)
	}
	s.Waiting = 1
	for name, got := range map[string][2]time.Duration{
		"last":   {s.Last, 10 * ms},
		"best":   {s.Best, 10 * ms},
		"worst":  {s.Worst, 40 * ms},
		"avg":    {s.Avg(), 20 * ms},
		"stdev":  {s.StDev().Round(time.Microsecond), 14142 * time.Microsecond}, // √(600/3)
		"gmean":  {s.GMean().Round(time.Microsecond), 16818 * time.Microsecond}, // ⁴√80000
		"jitter": {s.Jitter, 30 * ms},
		"jmax":   {s.JMax, 30 * ms},
		"javg":   {s.JAvg(), 20 * ms},                                         // (10+20+30)/3
		"jint":   {s.JInt().Round(time.Microsecond), 3596 * time.Microsecond}, // 0.625, 1.8359, 3.5961
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %v, want %v", name, got[0], got[1])
		}
	}
	if s.Lost() != 1 || s.Loss() != 20 {
		t.Errorf("%d, %v%%", s.Lost(), s.Loss())
	}
}
