package clock_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// TestSwappedFar: octets in the wrong order are recognised of a clock that is hours
// off, by several samples: before and behind, and over midnight.
func TestSwappedFar(t *testing.T) {
	conform.Row(t, "P-11")
	for _, off := range []time.Duration{-5 * time.Hour, 2*time.Hour + 7*time.Second, -61 * time.Second, 11 * time.Hour} {
		for _, start := range []string{"2026-01-01T12:00:00Z", "2026-01-01T23:59:59.7Z", "2026-01-01T04:59:59.6Z"} {
			r, all, _ := run(t, remote{swapped: true, offset: off}, start, clock.Config{})
			if !r.Known || r.Form != offset.Swapped || r.Read != 8 || !r.Agreed || (r.Ahead-off).Abs() > r.Within || r.Within > 4*ms {
				t.Errorf("%v at %s: %+v", off, start, r)
			}
			for i, x := range all[1:] {
				if !x.Known || x.Form != offset.Swapped || (x.Ahead-off).Abs() > x.Within {
					t.Errorf("%v at %s, sample %d: %+v", off, start, i+1, x)
				}
			}
			r, all, _ = run(t, remote{swapped: true, offset: off}, start, clock.Config{Count: 1})
			if r.Known && r.Form == offset.Swapped || len(all) != 1 || all[0].Form == offset.Swapped {
				t.Errorf("%v at %s: one sample shows nothing: %+v", off, start, r)
			}
		}
	}
}

// TestSwappedOnce: one sample shows it of a clock that is near.
func TestSwappedOnce(t *testing.T) {
	r, _, _ := run(t, remote{swapped: true, offset: -30 * time.Second}, "", clock.Config{Count: 1})
	if !r.Known || r.Form != offset.Swapped || r.Read != 1 || (r.Ahead+30*time.Second).Abs() > r.Within {
		t.Errorf("%+v", r)
	}
}

// stamps is a clock that shows in turn what a letter each says: the right time, the
// seconds of the epoch, hours that go by at a time, or something odd.
func stamps(t *testing.T, letters string) (clock.Result, []clock.Sample) {
	t.Helper()
	n := 0
	peer := remote{show: func(now time.Time) icmp4.Timestamp {
		n++
		switch letters[(n-1)%len(letters)] {
		case 'r':
			return icmp4.TimestampOf(now)
		case 's':
			return icmp4.Timestamp(now.Unix())
		case 'h':
			return icmp4.TimestampOf(now.Add(time.Duration(n) * time.Hour))
		}
		return 1<<31 | 77
	}}
	r, samples, _ := run(t, peer, "", clock.Config{})
	return r, samples
}

// TestRead: what fits less than half of the samples is no reading of them.
func TestRead(t *testing.T) {
	r, _ := stamps(t, "ro")
	if !r.Known || r.Read != 4 || r.Form != offset.Standard || r.Ahead.Abs() > r.Within || r.Received != 8 {
		t.Errorf("%+v", r)
	}
	r, all := stamps(t, "oro")
	if r.Known || r.Read != 0 || r.Form != offset.NonStandard || !all[1].Known {
		t.Errorf("%+v", r)
	}
	// Most are seconds of the epoch.
	r, _ = stamps(t, "ssr")
	if !r.Known || r.Read != 6 || r.Form != offset.Seconds || r.Ahead.Abs() > r.Within {
		t.Errorf("%+v", r)
	}
}

// TestNoGain: what gains a second a second and more is not told to.
func TestNoGain(t *testing.T) {
	r, _ := stamps(t, "h")
	if !r.Known || r.Agreed || r.DriftKnown || r.Drift != 0 {
		t.Errorf("%+v", r)
	}
}
