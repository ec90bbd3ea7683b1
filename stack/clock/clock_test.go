package clock_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/clock"
	"github.com/sonde-net/sonde/wire/icmp4"
)

func TestStamp(t *testing.T) {
	conform.Row(t, "H-12")
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	now := began.Add(10 * time.Second)
	noon := icmp4.TimestampAt(12 * time.Hour)
	for _, c := range []struct {
		name  string
		clock clock.Clock
		now   time.Time
		want  icmp4.Timestamp
	}{
		{"right", clock.Clock{}, began, noon},
		{"right, later", clock.Clock{}, now, noon + 10_000},
		{"in another zone", clock.Clock{}, now.In(time.FixedZone("x", 3600)), noon + 10_000},
		{"less than a millisecond", clock.Clock{}, began.Add(999 * time.Microsecond), noon},
		{"ahead", clock.Clock{Offset: time.Hour}, now, noon + 3610_000},
		{"behind", clock.Clock{Offset: -13 * time.Hour}, began, icmp4.TimestampAt(23 * time.Hour)},
		{"fast", clock.Clock{Drift: 0.5}, now, noon + 15_000},
		{"slow", clock.Clock{Drift: -0.1}, now, noon + 9_000},
		{"fast and ahead", clock.Clock{Drift: 0.5, Offset: time.Second}, now, noon + 16_000},
		{"swapped", clock.Clock{Swapped: true}, began, 0x002e9302},
		{"seconds", clock.Clock{Unit: clock.Seconds}, now, icmp4.Timestamp(now.Unix())},
		{"microseconds", clock.Clock{Unit: clock.NonStandard}, now, icmp4.NonStandard(uint32(now.UnixMicro()))},
		{"microseconds, ahead, swapped", clock.Clock{Unit: clock.Seconds, Offset: time.Second, Swapped: true}, time.Unix(0x01020303, 0), 0x04030201},
	} {
		if got := c.clock.Stamp(c.now, began); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, uint32(got), uint32(c.want))
		}
	}
	if s := (&clock.Clock{Unit: clock.NonStandard}).Stamp(now, began); s.Standard() {
		t.Error("microseconds look like a standard value")
	}
	if s := (&clock.Clock{Unit: clock.Seconds}).Stamp(now, began); !s.Standard() {
		t.Error("the wrong clock says that it is not standard")
	}
}
