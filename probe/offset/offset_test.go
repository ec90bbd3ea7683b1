package offset_test

import (
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func swap(s icmp4.Timestamp) icmp4.Timestamp { return icmp4.Timestamp(bits.ReverseBytes32(uint32(s))) }

const ms = time.Millisecond

func TestOf(t *testing.T) {
	conform.Row(t, "P-11")
	midnight := noon.Add(12 * time.Hour)
	at := icmp4.TimestampOf
	for _, c := range []struct {
		name              string
		sent              time.Time
		rtt               time.Duration
		receive, transmit icmp4.Timestamp
		form              offset.Form
		known             bool
		ahead, within     time.Duration
	}{
		// Possible is from −10 to +11 − 5 …: [5−10, 5+1] ms.
		{"right, in the middle", noon, 10 * ms, at(noon.Add(5 * ms)), at(noon.Add(5 * ms)), offset.Standard, true, 500 * time.Microsecond, 5500 * time.Microsecond},
		{"held for all of the time", noon, 10 * ms, at(noon), at(noon.Add(10 * ms)), offset.Standard, true, 500 * time.Microsecond, 500 * time.Microsecond},
		{"held a unit longer than possible", noon, 10 * ms, at(noon), at(noon.Add(11 * ms)), offset.Standard, true, ms, 0},
		{"held too long", noon, 10 * ms, at(noon), at(noon.Add(12 * ms)), offset.Contrary, false, 0, 0},
		{"sent before it was received", noon, 10 * ms, at(noon.Add(ms)), at(noon), offset.Contrary, false, 0, 0},
		{"an hour ahead", noon, 2 * ms, at(noon.Add(time.Hour)), at(noon.Add(time.Hour)), offset.Standard, true, time.Hour - 500*time.Microsecond, 1500 * time.Microsecond},
		{"behind, across midnight", midnight, 2 * ms, at(midnight.Add(-time.Minute)), at(midnight.Add(-time.Minute)), offset.Standard, true, -time.Minute - 500*time.Microsecond, 1500 * time.Microsecond},
		{"a day exactly", noon, ms, 86_400_000, 86_400_000, offset.Unreadable, false, 0, 0},
		{"received a day after midnight", noon, ms, 86_400_000, at(noon), offset.Unreadable, false, 0, 0},
		{"sent a day after midnight", noon, ms, at(noon), 86_400_000, offset.Unreadable, false, 0, 0},
		{"the same either way", midnight.Add(0x01020201 * ms), ms, 0x01020201, 0x01020201, offset.Standard, true, 0, ms},
		{"half a day ahead", noon, time.Millisecond, 0, 0, offset.Standard, true, 12 * time.Hour, ms},
		{"a moment before midnight", midnight.Add(-ms), ms, 86_399_999, 86_399_999, offset.Standard, true, 0, ms},
		{"midnight while held", midnight.Add(-5 * ms), 10 * ms, at(midnight.Add(-ms)), at(midnight.Add(2 * ms)), offset.Standard, true, ms, 4 * ms},
		{"another zone", noon.In(time.FixedZone("", 7200)), 2 * ms, at(noon), at(noon), offset.Standard, true, -500 * time.Microsecond, 1500 * time.Microsecond},
		{"swapped", noon, 10 * ms, swap(at(noon.Add(5 * ms))), swap(at(noon.Add(5 * ms))), offset.Swapped, true, 500 * time.Microsecond, 5500 * time.Microsecond},
		{"swapped, and a minute off", noon, 2 * ms, swap(at(noon.Add(time.Minute))), swap(at(noon.Add(time.Minute))), offset.Swapped, true, time.Minute - 500*time.Microsecond, 1500 * time.Microsecond},
		{"swapped, and more: it may be anything", noon, 2 * ms, swap(at(noon.Add(time.Minute + 2*ms))), swap(at(noon.Add(time.Minute + 2*ms))), offset.Unreadable, false, 0, 0},
		{"a minute off, read as it stands", noon, 2 * ms, at(noon.Add(time.Minute + 2*ms)), at(noon.Add(time.Minute + 2*ms)), offset.Standard, true, time.Minute + 1500*time.Microsecond, 1500 * time.Microsecond},
		{"seconds", noon, 200 * ms, icmp4.Timestamp(noon.Unix()), icmp4.Timestamp(noon.Unix()), offset.Seconds, true, 400 * ms, 600 * ms},
		{"seconds, turned while held", noon, 200 * ms, icmp4.Timestamp(noon.Unix()), icmp4.Timestamp(noon.Unix() + 1), offset.Seconds, true, 900 * ms, 100 * ms},
		{"seconds, held too long", noon, 200 * ms, icmp4.Timestamp(noon.Unix()), icmp4.Timestamp(noon.Unix() + 2), offset.Unreadable, false, 0, 0},
		{"seconds, backwards", noon, 200 * ms, icmp4.Timestamp(noon.Unix()), icmp4.Timestamp(noon.Unix() - 1), offset.Unreadable, false, 0, 0},
		{"seconds, of another day", noon, 200 * ms, icmp4.Timestamp(noon.Unix() - 50_000), icmp4.Timestamp(noon.Unix() - 50_000), offset.Unreadable, false, 0, 0},
		{"marked", noon, ms, 0x80000001, 0x80000001, offset.NonStandard, false, 0, 0},
		{"one marked", noon, ms, 0x80ffffff, 0x7fffffff, offset.NonStandard, false, 0, 0},
		{"more than a day", noon, ms, 86_400_001, 86_400_001, offset.Unreadable, false, 0, 0},
	} {
		e := offset.Of(c.sent, c.rtt, c.receive, c.transmit)
		if want := (offset.Estimate{Form: c.form, Known: c.known, Ahead: c.ahead, Within: c.within}); e != want {
			t.Errorf("%s: %+v, want %+v", c.name, e, want)
		}
	}
}

// TestBounds makes replies of clocks that are ahead by a known time, over ways
// of any asymmetry: the truth is always within what is said.
func TestBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 20_000 {
		sent := noon.Add(time.Duration(rng.Int64N(int64(48 * time.Hour))))
		ahead := time.Duration(rng.Int64N(int64(11*time.Hour))) - 5*time.Hour
		there, held, back := time.Duration(rng.Int64N(int64(80*ms))), time.Duration(rng.Int64N(int64(5*ms))), time.Duration(rng.Int64N(int64(80*ms)))
		arrived := sent.Add(there)
		receive, transmit := icmp4.TimestampOf(arrived.Add(ahead)), icmp4.TimestampOf(arrived.Add(held+ahead))
		e := offset.Of(sent, there+held+back, receive, transmit)
		if e.Form != offset.Standard {
			continue // it can be read either way, and reads better the other
		}
		read++
		if off := (e.Ahead - ahead).Abs(); !e.Known || off > e.Within+1 {
			t.Fatalf("ahead %v, said %v ± %v", ahead, e.Ahead, e.Within)
		}
		if limit := (there+back)/2 + ms + 1; e.Within > limit {
			t.Fatalf("within %v, of %v on the way", e.Within, there+back)
		}
	}
	if read < 19_900 {
		t.Errorf("%d of 20,000 read as they were meant", read)
	}
}

func TestForm(t *testing.T) {
	for f, want := range map[offset.Form]string{
		offset.Unreadable: "unreadable", offset.Standard: "standard", offset.NonStandard: "non-standard",
		offset.Swapped: "octets swapped", offset.Seconds: "seconds", offset.Contrary: "contrary", 6: "unreadable",
	} {
		if b, err := f.MarshalText(); f.String() != want || string(b) != want || err != nil {
			t.Errorf("form %d: %q, %q, %v", f, f, b, err)
		}
	}
}
