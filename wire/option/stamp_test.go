package option_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/option"
)

func TestStamp(t *testing.T) {
	conform.Row(t, "W-10")
	const hour, ms = time.Hour, time.Millisecond
	for _, c := range []struct {
		t        option.Stamp
		standard bool
		d        time.Duration
		text     string
	}{
		{0, true, 0, "00:00:00.000"},
		{1, true, ms, "00:00:00.001"},
		{59_999, true, 59_999 * ms, "00:00:59.999"},
		{60_000, true, time.Minute, "00:01:00.000"},
		{3_599_999, true, hour - ms, "00:59:59.999"},
		{3_600_000, true, hour, "01:00:00.000"},
		{86_399_999, true, 24*hour - ms, "23:59:59.999"},
		{86_400_000, true, 24 * hour, "0x05265c00"},
		{1<<31 - 1, true, (1<<31 - 1) * ms, "0x7fffffff"},
		{1 << 31, false, 0, "0x80000000"},
		{1<<31 | 3_600_000, false, hour, "0x8036ee80"},
		{1<<32 - 1, false, (1<<31 - 1) * ms, "0xffffffff"},
	} {
		if c.t.Standard() != c.standard || c.t.Duration() != c.d || c.t.String() != c.text {
			t.Errorf("%#x: %v, %v, %q; want %v, %v, %q", uint32(c.t), c.t.Standard(), c.t.Duration(), c.t, c.standard, c.d, c.text)
		}
	}
}

func TestStampOf(t *testing.T) {
	conform.Row(t, "W-10")
	east := time.FixedZone("", 5*3600)
	for _, c := range []struct {
		t    time.Time
		want option.Stamp
	}{
		{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), 0},
		{time.Date(2024, 2, 29, 0, 0, 0, 999_999, time.UTC), 0},
		{time.Date(2024, 2, 29, 0, 0, 0, 1_000_000, time.UTC), 1},
		{time.Date(2024, 2, 29, 13, 4, 5, 6_999_999, time.UTC), 47045006},
		{time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.UTC), 86399999},
		{time.Date(2024, 3, 1, 2, 0, 0, 0, east), 21 * 3600 * 1000}, // the day before in UT
		{time.Date(1815, 6, 18, 11, 35, 0, 0, time.UTC), (11*60 + 35) * 60 * 1000},
		{time.Date(-3000, 1, 1, 6, 0, 0, 0, time.UTC), 6 * 3600 * 1000}, // too long ago for one Duration
	} {
		if got := option.StampOf(c.t); got != c.want {
			t.Errorf("%v: %d, want %d", c.t, got, c.want)
		}
	}
}

func TestStampAt(t *testing.T) {
	conform.Row(t, "W-10")
	for _, c := range []struct {
		d    time.Duration
		want option.Stamp
	}{
		{0, 0},
		{time.Millisecond, 1},
		{time.Millisecond - 1, 0},
		{24*time.Hour - 1, 86399999},
		{24 * time.Hour, 0},
		{49 * time.Hour, 3600000},
		{-time.Millisecond, 86399999},
		{-1, 86399999},
		{-24 * time.Hour, 0},
		{-25 * time.Hour, 23 * 3600000},
	} {
		if got := option.StampAt(c.d); got != c.want || !got.Standard() {
			t.Errorf("%v: %d, want %d", c.d, got, c.want)
		}
	}
}

func TestNonStandard(t *testing.T) {
	conform.Row(t, "W-10")
	for _, v := range []uint32{0, 5, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
		got := option.NonStandard(v)
		if got.Standard() || uint32(got)&(1<<31-1) != v&(1<<31-1) {
			t.Errorf("NonStandard(%#x) is %#x", v, uint32(got))
		}
	}
}
