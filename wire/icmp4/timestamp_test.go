package icmp4_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var timestampRows = []wiretest.Row[icmp4.TimestampMessage]{
	{
		Name:  "request",
		Value: icmp4.TimestampMessage{ID: 0x0102, Seq: 0x0304, Originate: 47045006, Trailing: []byte{}},
		Hex:   "0d00 129e 0102 0304 02cdd98e 00000000 00000000",
		Text:  "13/0 Timestamp, id 258, seq 772, originate 13:04:05.006, receive 00:00:00.000, transmit 00:00:00.000",
	},
	{
		Name: "reply",
		Value: icmp4.TimestampMessage{
			Reply: true, ID: 1, Seq: 2, Originate: 1, Receive: 86399999, Transmit: icmp4.NonStandard(7), Trailing: []byte{},
		},
		Hex:  "0e00 10cf 0001 0002 00000001 05265bff 80000007",
		Text: "14/0 Timestamp Reply, id 1, seq 2, originate 00:00:00.001, receive 23:59:59.999, transmit 0x80000007",
	},
	{
		Name:  "octets behind the end, code that should be zero",
		Value: icmp4.TimestampMessage{Code: 1, Receive: 2, Trailing: []byte{0xee, 0xdd, 0xcc}},
		Hex:   "0d01 381e 0000 0000 00000000 00000002 00000000 eeddcc",
	},
}

func TestTimestampMessage(t *testing.T) {
	conform.Row(t, "W-10")
	run(t, icmp4.ParseTimestampMessage, 20, timestampRows)
	limited(t, "icmp4.TimestampMessage", "Trailing", 65495, func(n int) icmp4.TimestampMessage {
		return icmp4.TimestampMessage{Trailing: make([]byte, n)}
	})
}

func TestTimestamp(t *testing.T) {
	conform.Row(t, "W-10")
	const hour, ms = time.Hour, time.Millisecond
	for _, c := range []struct {
		t        icmp4.Timestamp
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

func TestTimestampOf(t *testing.T) {
	conform.Row(t, "W-10")
	east := time.FixedZone("", 5*3600)
	for _, c := range []struct {
		t    time.Time
		want icmp4.Timestamp
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
		if got := icmp4.TimestampOf(c.t); got != c.want {
			t.Errorf("%v: %d, want %d", c.t, got, c.want)
		}
	}
}

func TestTimestampAt(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want icmp4.Timestamp
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
		if got := icmp4.TimestampAt(c.d); got != c.want || !got.Standard() {
			t.Errorf("%v: %d, want %d", c.d, got, c.want)
		}
	}
}

func TestNonStandard(t *testing.T) {
	for _, v := range []uint32{0, 5, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
		got := icmp4.NonStandard(v)
		if got.Standard() || uint32(got)&(1<<31-1) != v&(1<<31-1) {
			t.Errorf("NonStandard(%#x) is %#x", v, uint32(got))
		}
	}
}
