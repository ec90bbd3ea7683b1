package clock_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"math/bits"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

const ms = time.Millisecond

var (
	here   = netip.MustParseAddr("10.0.0.10")
	target = netip.MustParseAddr("10.0.1.10")
	gate   = netip.MustParseAddr("10.0.0.1")
	noon   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
)

// remote is a clock that is asked: how it is wrong, and what it does.
type remote struct {
	offset                        time.Duration
	drift                         float64
	swapped, seconds, nonstandard bool
	silent                        bool
	code                          uint8                               // an error in place of a reply: 3/code; 255: 11/0
	show                          func(now time.Time) icmp4.Timestamp // nil: by what is above

	// fill is what becomes of an option, by what the clock shows as it receives and
	// as it sends; nil: as Linux has it. forge makes more arrivals of the reply.
	fill  func(o []byte, receive, transmit option.Stamp) []byte
	forge func(reply arrival) []arrival
}

func (r *remote) stamp(now, begun time.Time) icmp4.Timestamp {
	if r.show != nil {
		return r.show(now)
	}
	now = now.Add(r.offset + time.Duration(r.drift*float64(now.Sub(begun))))
	s := icmp4.TimestampOf(now)
	switch {
	case r.swapped:
		s = icmp4.Timestamp(bits.ReverseBytes32(uint32(s)))
	case r.seconds:
		s = icmp4.Timestamp(now.Unix())
	case r.nonstandard:
		s = 1<<31 | 77
	}
	return s
}

// arrival is what is on its way back.
type arrival struct {
	at   time.Time
	from netip.Addr
	m    []byte
	o    []byte
}

// run compares a clock that is 3 ms away; start is when it is.
func run(t *testing.T, peer remote, start string, c clock.Config) (clock.Result, []clock.Sample, time.Duration) {
	t.Helper()
	begun := noon
	if start != "" {
		var err error
		if begun, err = time.Parse(time.RFC3339, start); err != nil {
			t.Fatal(err)
		}
	}
	p, err := probe.New(probe.Config{Seed: 792, IPID: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Src, c.Dst = here, target
	s, err := clock.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	var all []clock.Sample
	var flying []arrival
	now := begun
	for i := 0; !s.Done(); i++ {
		if i > 1_000_000 {
			t.Fatalf("no end: %+v", s.Result())
		}
		for len(flying) > 0 && !flying[0].at.After(now) {
			p.Receive(now, &probe.Arrival{From: flying[0].from, To: here, Proto: ip.ProtoICMP, TTL: 60, Options: flying[0].o, Payload: flying[0].m})
			flying = flying[1:]
		}
		p.Turn(now, s)
		for b, x, ok := p.Poll(now, nil); ok; b, x, ok = p.Poll(now, nil) {
			if a, ok := peer.answer(t, b, x, now, begun); ok {
				if peer.forge != nil {
					flying = append(flying, peer.forge(a)...)
				}
				flying = append(flying, a)
			}
		}
		p.Turn(now, s)
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			all = append(all, x)
		}
		next := p.Deadline()
		for _, d := range []time.Time{s.Deadline(), first(flying)} {
			if next.IsZero() || !d.IsZero() && d.Before(next) {
				next = d
			}
		}
		if next.After(now) && !s.Done() {
			now = next
		}
	}
	return s.Result(), all, now.Sub(begun)
}

func first(flying []arrival) time.Time {
	if len(flying) == 0 {
		return time.Time{}
	}
	return flying[0].at
}

func (r *remote) answer(t *testing.T, b []byte, x probe.Transmit, now, begun time.Time) (arrival, bool) {
	t.Helper()
	a := arrival{at: now.Add(6 * ms), from: x.Dst}
	if r.silent {
		return a, false
	}
	var err error
	switch {
	case r.code != 0:
		var q []byte
		q, err = ip.Header4{ID: x.ID, TTL: 1, Proto: x.Proto, Src: x.Src, Dst: x.Dst}.AppendPacket(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		a.from = gate
		if r.code == 255 {
			a.m, err = icmp4.TimeExceeded{Quote: q}.AppendBinary(nil)
		} else {
			a.m, err = icmp4.DestUnreachable{Code: icmp4.Code(r.code), Quote: q}.AppendBinary(nil)
		}
	case len(x.Options) > 0:
		var m icmp4.Echo
		if m, err = icmp4.DecodeEcho(b); err == nil {
			m.Reply = true
			a.m, err = m.AppendBinary(nil)
		}
		fill := r.fill
		if fill == nil {
			fill = twice
		}
		a.o = fill(bytes.Clone(x.Options), r.stamp(now.Add(3*ms), begun), r.stamp(now.Add(3*ms), begun))
	default:
		var m icmp4.TimestampMessage
		if m, err = icmp4.DecodeTimestampMessage(b); err == nil {
			m.Reply = true
			m.Receive = r.stamp(now.Add(3*ms), begun)
			m.Transmit = m.Receive
			a.m, err = m.AppendBinary(nil)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, true
}

// TestOffset: the offset lies within what is said, whatever form the stamps have.
func TestOffset(t *testing.T) {
	conform.Row(t, "P-11")
	for _, c := range []struct {
		clock remote
		form  offset.Form
		ahead time.Duration
		known bool
	}{
		{remote{}, offset.Standard, 0, true},
		{remote{offset: 1500 * ms}, offset.Standard, 1500 * ms, true},
		{remote{offset: -3 * time.Hour}, offset.Standard, -3 * time.Hour, true},
		{remote{swapped: true}, offset.Swapped, 0, true},
		{remote{seconds: true, offset: 20 * time.Second}, offset.Seconds, 20 * time.Second, true},
		{remote{nonstandard: true}, offset.NonStandard, 0, false},
	} {
		r, all, took := run(t, c.clock, "", clock.Config{Interval: 100300 * time.Microsecond})
		if r.Sent != 8 || r.Received != 8 || r.Form != c.form || r.Known != c.known || r.Errors != 0 || r.Min != 6*ms || r.Max != 6*ms || r.Avg != 6*ms || r.Err != "" {
			t.Errorf("%v: %+v", c.clock, r)
		}
		if off := (r.Ahead - c.ahead).Abs(); c.known && (off > r.Within || !r.Agreed || r.DriftKnown || r.Drift != 0) {
			t.Errorf("%v: %+v", c.clock, r)
		}
		// Stamps of a millisecond at different times of it tell more than one does.
		if c.form == offset.Standard && (r.Within >= all[0].Within || r.Within < 3*ms || r.Within > 3200*time.Microsecond || all[0].Within != 3500*time.Microsecond) {
			t.Errorf("%v: ± %v of ± %v", c.clock, r.Within, all[0].Within)
		}
		if len(all) != 8 || all[7].Time.Sub(all[0].Time) != 7*100300*time.Microsecond || all[3].Seq != 4 || all[3].From != target || all[3].RTT != 6*ms || all[3].Form != c.form || all[3].Known != c.known {
			t.Errorf("%v: %+v", c.clock, all)
		}
		if took != 7*100300*time.Microsecond+6*ms {
			t.Errorf("took %v", took)
		}
	}
}

// TestDrift: what a clock gains is told when it is more than what is not known.
func TestDrift(t *testing.T) {
	conform.Row(t, "P-11")
	for _, ppm := range []float64{0, 1000, -50000} {
		r, _, _ := run(t, remote{drift: ppm / 1e6}, "", clock.Config{Count: 100, Interval: time.Second})
		if r.DriftWithin < 60 || r.DriftWithin > 80 { // 3.5 ms at either end of 99 s
			t.Errorf("%v: %+v", ppm, r)
		}
		if r.DriftKnown != (ppm != 0) || r.DriftKnown && math.Abs(r.Drift-ppm) > r.DriftWithin {
			t.Errorf("%v: %+v", ppm, r)
		}
		if r.Agreed != (ppm == 0) || ppm == 0 && r.Drift != 0 {
			t.Errorf("%v: %+v", ppm, r)
		}
	}
}

// TestMidnight: the day that the stamps do not know changes in the middle, and a
// clock that is half a day off does not jump.
func TestMidnight(t *testing.T) {
	conform.Row(t, "P-11")
	r, _, _ := run(t, remote{offset: 700 * ms}, "2026-01-01T23:59:59.5Z", clock.Config{})
	if off := (r.Ahead - 700*ms).Abs(); off > r.Within || !r.Agreed {
		t.Errorf("%+v", r)
	}
	// Twelve hours, and drifting over them: the stamps are the same for half a day
	// ahead and behind.
	for _, drift := range []float64{0.1, -0.1} {
		r, _, _ = run(t, remote{offset: day / 2, drift: drift}, "", clock.Config{Count: 100, Interval: time.Second})
		if math.Abs(math.Abs(r.Drift)-100_000) > r.DriftWithin || r.Ahead.Abs() > day/2+time.Minute || r.Ahead.Abs() < day/2-time.Minute {
			t.Errorf("%v: %+v", drift, r)
		}
	}
}

const day = 24 * time.Hour

// TestSilence: nobody answers, or somebody else does.
func TestSilence(t *testing.T) {
	r, all, took := run(t, remote{silent: true}, "", clock.Config{Count: 3})
	if r.Received != 0 || r.Known || r.Sent != 3 || len(all) != 3 || all[0].From.IsValid() || took != time.Second+2*clock.DefaultInterval {
		t.Errorf("%+v, %+v, %v", r, all, took)
	}
	r, all, _ = run(t, remote{code: 1}, "", clock.Config{Count: 2})
	if r.Received != 0 || r.Errors != 2 || r.Claim.Type != 3 || r.From != gate || len(all) != 2 || !all[0].Claim.Present {
		t.Errorf("%+v, %+v", r, all)
	}
	r, _, took = run(t, remote{code: 255}, "", clock.Config{Count: 2, TTL: 1, Timeout: 50 * ms})
	if r.Errors != 2 || r.Claim.Type != 11 || took > 200*ms {
		t.Errorf("%+v, %v", r, took)
	}
}

// TestConfig: each limit, on both sides.
func TestConfig(t *testing.T) {
	p, err := probe.New(probe.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v6 := netip.MustParseAddr("fd00::1")
	for _, c := range []struct {
		field  string
		change func(*clock.Config)
	}{
		{"", func(*clock.Config) {}},
		{"", func(c *clock.Config) { c.Count, c.Interval, c.Timeout = 65536, time.Hour, time.Minute }},
		{"", func(c *clock.Config) { c.Count, c.Interval = 1, ms }},
		{"First", func(c *clock.Config) { c.First = -1 }},
		{"Src", func(c *clock.Config) { c.Src = v6 }},
		{"Dst", func(c *clock.Config) { c.Dst = v6 }},
		{"", func(c *clock.Config) { c.By = clock.EveryHop }},
		{"By", func(c *clock.Config) { c.By = clock.EveryHop + 1 }},
		{"Count", func(c *clock.Config) { c.Count = -1 }},
		{"Count", func(c *clock.Config) { c.Count = 65537 }},
		{"Interval", func(c *clock.Config) { c.Interval = ms - 1 }},
		{"Interval", func(c *clock.Config) { c.Interval = time.Hour + 1 }},
		{"Timeout", func(c *clock.Config) { c.Timeout = -1 }},
		{"Timeout", func(c *clock.Config) { c.Timeout = time.Minute + 1 }},
	} {
		cfg := clock.Config{Src: target, Dst: target}
		c.change(&cfg)
		_, err := clock.New(p, cfg)
		var fe *wire.FieldError
		if c.field == "" && err != nil || c.field != "" && (!errors.As(err, &fe) || fe.Field != c.field) {
			t.Errorf("%q: %v", c.field, err)
		}
	}
	// What the prober refuses is told, and ends it.
	s, err := clock.New(p, clock.Config{First: 1 << 20, Src: target, Dst: target, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if s.Done() || s.Deadline().IsZero() {
		t.Error("done before it began")
	}
	s.Tick(time.Unix(1e9, 0))
	if r := s.Result(); !s.Done() || r.Err == "" || !s.Deadline().IsZero() {
		t.Errorf("%+v", r)
	}
}

// TestWords: JSON and logs.
func TestWords(t *testing.T) {
	r := clock.Result{Dst: target, Sent: 2, Received: 1, Form: offset.Standard, Known: true, Ahead: ms, Within: 2 * ms}
	b, err := json.Marshal(r)
	for _, s := range []string{`"dst":"10.0.1.10"`, `"form":"standard"`, `"ahead_ns":1000000`, `"within_ns":2000000`, `"drift_ppm":0`} {
		if err != nil || !strings.Contains(string(b), s) {
			t.Errorf("%v: no %s in %s", err, s, b)
		}
	}
	if s := r.LogValue().String(); s != "[dst=10.0.1.10 sent=2 received=1 form=standard known=true ahead=1ms within=2ms]" {
		t.Error(s)
	}
	x := clock.Sample{Seq: 3, From: target, RTT: ms, Form: offset.Swapped}
	if s := x.LogValue().String(); s != "[seq=3 from=10.0.1.10 rtt=1ms form=octets swapped ahead=0s within=0s]" {
		t.Error(s)
	}
	var _ slog.LogValuer = x
}
