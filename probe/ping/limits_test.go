package ping_test

import (
	"math"
	"testing"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/option"
)

// TestLongest: the longest times there may be are not too long to be added up.
func TestLongest(t *testing.T) {
	w := newWorld(t, ping.Config{Count: 3, Interval: ping.MaxSpan / ping.MaxPreload, Preload: ping.MaxPreload}, probe.Config{})
	w.run(time.Second)
	same(t, "times", w.times(), []time.Duration{0, 0, 0})

	w = newWorld(t, ping.Config{Count: 1, Wait: ping.MaxSpan}, probe.Config{})
	w.answer = but(echo(ms), 1)
	w.run(time.Hour)
	if w.s.Done() {
		t.Error("done though there is no end to the waiting")
	}
	w = newWorld(t, ping.Config{Deadline: ping.MaxSpan}, probe.Config{})
	w.run(3 * time.Second)
	same(t, "times", w.times(), []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second})
}

func TestTooLong(t *testing.T) {
	for field, c := range map[string]ping.Config{
		"Preload":  {Preload: ping.MaxPreload + 1},
		"Interval": {Preload: ping.MaxPreload, Interval: ping.MaxSpan/ping.MaxPreload + 1},
		"Wait":     {Wait: ping.MaxSpan + 1},
		"Deadline": {Deadline: math.MaxInt64},
		"Least":    {Least: ping.MaxInterval + 1},
		"Slack":    {Slack: ping.MaxInterval + 1},
	} {
		c.Targets = []ping.Target{{Src: us, Dst: them}}
		wrongField(t, c, "ping.Config", field)
	}
}

// TestTimeOfDay: probes and results have the time of day of their moment, also when
// the clock was set since the first.
func TestTimeOfDay(t *testing.T) {
	const seconds, shift = 3600, 30
	begin := time.Now()
	now := begin.Add(time.Second)
	// The time of day is another, the clock that does not jump is not.
	x := (*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&now))
	x.wall += seconds << shift

	stamps, err := ping.Timestamps(option.StampsOnly)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, ping.Config{Sent: true, Options: stamps}, probe.Config{Sent: true})
	w.now = begin
	w.turn()
	w.now = now
	w.turn()
	said := false
	for _, r := range w.results {
		said = said || r.Kind == ping.Sent && r.N == 2 && r.Time.Equal(now)
	}
	if last := w.s.Stats(0).Last; !said || !last.Equal(now) {
		t.Errorf("%+v, last %v, want %v", w.results, last, now)
	}
	if d := w.s.Stats(0).Elapsed(); d != time.Second {
		t.Errorf("elapsed %v", d)
	}
	o := w.sent[1].tx.Options
	if got, want := icmp4.Timestamp(uint32(o[4])<<24|uint32(o[5])<<16|uint32(o[6])<<8|uint32(o[7])), icmp4.TimestampOf(now); got != want {
		t.Errorf("stamp %v, want %v", got, want)
	}
}
