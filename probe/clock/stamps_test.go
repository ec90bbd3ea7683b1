package clock_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

var withOption = []clock.Way{clock.FourTerms, clock.ThreeTerms, clock.EveryHop}

// add stamps an option as somebody does who has it before them.
func add(o []byte, own netip.Addr, s option.Stamp) {
	for x := range ip.Options4(o) {
		_, _ = option.AddStamp(x, own, nil, s)
	}
}

// twice is what Linux does: it stamps what it receives and what it sends.
func twice(o []byte, receive, transmit option.Stamp) []byte {
	add(o, target, receive)
	add(o, target, transmit)
	return o
}

// once is what RFC 1122 asks for.
func once(o []byte, receive, _ option.Stamp) []byte {
	add(o, target, receive)
	return o
}

// TestByOption: what is true of ICMP timestamps is true of options.
func TestByOption(t *testing.T) {
	conform.Row(t, "P-11")
	for _, by := range withOption {
		for _, c := range []struct {
			clock remote
			form  offset.Form
			ahead time.Duration
			known bool
		}{
			{remote{}, offset.Standard, 0, true},
			{remote{fill: once}, offset.Standard, 0, true},
			{remote{offset: 1500 * ms}, offset.Standard, 1500 * ms, true},
			{remote{offset: -3 * time.Hour, fill: once}, offset.Standard, -3 * time.Hour, true},
			{remote{swapped: true}, offset.Swapped, 0, true},
			{remote{seconds: true, offset: 20 * time.Second}, offset.Seconds, 20 * time.Second, true},
			{remote{nonstandard: true}, offset.NonStandard, 0, false},
		} {
			r, all, took := run(t, c.clock, "", clock.Config{By: by, Interval: 100300 * time.Microsecond})
			if r.By != by || r.Sent != 8 || r.Received != 8 || r.Stamped != 8 || r.Fill != clock.Stamped || r.Form != c.form || r.Known != c.known || r.Errors != 0 || r.Min != 6*ms || r.Err != "" {
				t.Errorf("%v, %v: %+v", by, c.form, r)
			}
			if off := (r.Ahead - c.ahead).Abs(); c.known && (off > r.Within || !r.Agreed || r.DriftKnown) {
				t.Errorf("%v, %v: %+v", by, c.form, r)
			}
			if c.form == offset.Standard && (r.Within >= all[0].Within || r.Within < 3*ms || r.Within > 3200*time.Microsecond || all[0].Within != 3500*time.Microsecond) {
				t.Errorf("%v: ± %v of ± %v", by, r.Within, all[0].Within)
			}
			if len(all) != 8 || all[3].Seq != 4 || all[3].From != target || all[3].RTT != 6*ms || all[3].Form != c.form || all[3].Fill != clock.Stamped || len(all[3].Hops) != 0 {
				t.Errorf("%v, %v: %+v", by, c.form, all)
			}
			if x := all[1]; !x.Time.Equal(noon.Add(100300*time.Microsecond)) || by != clock.EveryHop && x.Originate != icmp4.TimestampOf(x.Time) {
				t.Errorf("%v: sent at %v, %v", by, x.Time, x.Originate)
			}
			if took != 7*100300*time.Microsecond+6*ms {
				t.Errorf("took %v", took)
			}
			if (r.Path != nil) != (by == clock.EveryHop) || r.Path != nil && *r.Path != (clock.Path{}) || len(r.Hops) != 0 {
				t.Errorf("%v: path %+v of %v", by, r.Path, r.Hops)
			}
		}
		r, _, _ := run(t, remote{drift: 0.001}, "", clock.Config{By: by, Count: 100, Interval: time.Second})
		if !r.DriftKnown || math.Abs(r.Drift-1000) > r.DriftWithin {
			t.Errorf("%v: %+v", by, r)
		}
		// Stamps of zero are true ones at midnight.
		for _, start := range []string{"2026-01-01T23:59:59.5Z", "2026-01-01T23:59:59.997Z", "2026-01-01T23:59:00.000Z", "2026-01-02T00:00:59.9Z"} {
			r, _, _ = run(t, remote{fill: once}, start, clock.Config{By: by})
			if r.Ahead.Abs() > r.Within || !r.Agreed || r.Stamped != 8 {
				t.Errorf("%v, %s: %+v", by, start, r)
			}
		}
		r, all, _ := run(t, remote{silent: true}, "", clock.Config{By: by, Count: 2})
		if r.Received != 0 || r.Known || r.Fill != clock.None || len(all) != 2 || all[0].From.IsValid() || all[0].Fill != clock.None || r.Path != nil {
			t.Errorf("%v: %+v, %+v", by, r, all)
		}
		r, _, _ = run(t, remote{code: 255}, "", clock.Config{By: by, Count: 2, TTL: 1})
		if r.Errors != 2 || r.Claim.Type != 11 || r.Known {
			t.Errorf("%v: %+v", by, r)
		}
	}
}

// TestHeld: the two stamps of four terms, and of hops, are those of receiving and
// sending; what is held between them is no uncertainty.
func TestHeld(t *testing.T) {
	held := func(o []byte, receive, transmit option.Stamp) []byte { return twice(o, receive-2, transmit+2) }
	for by, within := range map[clock.Way]time.Duration{clock.FourTerms: 1500 * time.Microsecond, clock.EveryHop: 1500 * time.Microsecond, clock.ThreeTerms: 3500 * time.Microsecond} {
		_, all, _ := run(t, remote{fill: held}, "", clock.Config{By: by, Count: 1})
		x := all[0]
		if x.Within != within || x.Receive != icmp4.TimestampOf(noon)+1 || by != clock.ThreeTerms && x.Transmit != x.Receive+4 || by == clock.ThreeTerms && x.Transmit != x.Receive {
			t.Errorf("%v: %+v", by, x)
		}
	}
	// A second stamp that was not written is none; one before the first is contrary.
	for zero, form := range map[option.Stamp]offset.Form{0: offset.Standard, 1: offset.Contrary} {
		_, all, _ := run(t, remote{fill: func(o []byte, receive, _ option.Stamp) []byte { return twice(o, receive, zero) }}, "", clock.Config{By: clock.FourTerms, Count: 1})
		if x := all[0]; x.Fill != clock.Stamped || x.Form != form || x.Known != (zero == 0) {
			t.Errorf("%v: %+v", zero, x)
		}
	}
}

// TestSharpest: when the bounds do not overlap, the sharpest of them count, the
// first of those that are as sharp.
func TestSharpest(t *testing.T) {
	n := 0
	shift := []option.Stamp{0, 100, 200, 300}
	held := []option.Stamp{0, 4, 4, 2}
	r, _, _ := run(t, remote{fill: func(o []byte, receive, _ option.Stamp) []byte {
		n++
		return twice(o, receive+shift[n-1], receive+shift[n-1]+held[n-1])
	}}, "", clock.Config{By: clock.FourTerms, Count: 4, Interval: 10 * ms})
	if !r.Known || r.Agreed || r.Ahead != 102500*time.Microsecond || r.Within != 1500*time.Microsecond {
		t.Errorf("%+v", r)
	}
}

// TestNoDrift: samples whose midst rises, while all of them allow one offset, do
// not show that the clock gains.
func TestNoDrift(t *testing.T) {
	n := 0
	shift := []option.Stamp{998, 998, 998, 1004, 1004, 998}
	held := []option.Stamp{5, 0, 0, 0, 0, 5}
	r, _, _ := run(t, remote{fill: func(o []byte, receive, _ option.Stamp) []byte {
		n++
		return twice(o, receive+shift[n-1], receive+shift[n-1]+held[n-1])
	}}, "", clock.Config{By: clock.FourTerms, Count: 6, Interval: 10 * ms})
	if !r.Known || !r.Agreed || r.DriftKnown || r.Drift != 0 {
		t.Errorf("%+v", r)
	}
}

// TestFill: what may become of an option.
func TestFill(t *testing.T) {
	conform.Row(t, "P-11")
	const four, three, hops = clock.FourTerms, clock.ThreeTerms, clock.EveryHop
	set := func(at int, v ...byte) func(o []byte) []byte {
		return func(o []byte) []byte { copy(o[at:], v); return o }
	}
	for _, c := range []struct {
		name   string
		ways   []clock.Way
		before bool // it is changed before the target stamps, else after
		change func(o []byte) []byte
		want   clock.Fill
	}{
		{"as it is", withOption, false, func(o []byte) []byte { return o }, clock.Stamped},
		{"behind others", withOption, false, func(o []byte) []byte { return append([]byte{1, 148, 4, 0, 0, 1, 1, 1}, o...) }, clock.Stamped},
		{"none", withOption, false, func([]byte) []byte { return nil }, clock.Missing},
		{"another", withOption, false, func([]byte) []byte { return []byte{148, 4, 0, 0} }, clock.Missing},
		{"two", withOption, false, func(o []byte) []byte { return append(bytes.Clone(o), o...) }, clock.Altered},
		{"cut", withOption, false, func(o []byte) []byte { return o[:20] }, clock.Altered},
		{"broken behind", withOption, false, func(o []byte) []byte { return append(o, 7, 9, 4) }, clock.Altered},
		{"pointer nowhere", withOption, false, set(2, 6), clock.Altered},
		{"stamps only", withOption, false, set(3, 0), clock.Altered},
		{"anybody's", []clock.Way{four, three}, false, set(3, 1), clock.Altered},
		{"certain hosts'", []clock.Way{hops}, false, set(3, 3), clock.Altered},
		{"a slot less", []clock.Way{four}, false, func(o []byte) []byte { o[1] -= 8; o[2] -= 8; return o[:28] }, clock.Altered},
		{"a slot more", []clock.Way{three}, false, func(o []byte) []byte {
			o[1] += 8
			return append(o, 10, 0, 0, 10, 0, 0, 0, 0)
		}, clock.Altered},
		{"a slot less", []clock.Way{hops}, false, func(o []byte) []byte { o[1] -= 8; return o[:28] }, clock.Altered},
		{"our own address", []clock.Way{four, three}, false, set(4, 9), clock.Altered},
		{"our own stamp", []clock.Way{four, three}, false, set(11, 77), clock.Altered},
		{"the target's address", []clock.Way{four, three}, false, set(12, 9), clock.Altered},
		{"the last address", []clock.Way{three}, false, set(23, 9), clock.Altered},
		{"the last address", []clock.Way{four}, false, set(31, 9), clock.Altered},
		{"pointer back", []clock.Way{four, three}, false, set(2, 5), clock.Altered},
		{"as it was sent", []clock.Way{four, three}, false, set(2, 13), clock.Unfilled},
		{"as it was sent", []clock.Way{hops}, false, set(2, 5), clock.Unfilled},
		{"a pointer moved, and nothing written", []clock.Way{four, three, hops}, false, func(o []byte) []byte {
			for at := 8; at < len(o); at += 8 {
				if by := o[3]; by == 1 || at > 8 {
					copy(o[at:], []byte{0, 0, 0, 0})
				}
			}
			return o
		}, clock.Unfilled},
		{"full of others", []clock.Way{hops}, true, func(o []byte) []byte {
			for range 4 {
				add(o, gate, option.StampOf(noon))
			}
			return o
		}, clock.Full},
		{"three others, and a target that does not stamp", []clock.Way{hops}, false, func(o []byte) []byte {
			copy(o[4:], make([]byte, 32))
			o[2] = 5
			for range 3 {
				add(o, gate, option.StampOf(noon))
			}
			return o
		}, clock.Unfilled},
	} {
		for _, by := range c.ways {
			fill := func(o []byte, receive, transmit option.Stamp) []byte {
				if c.before {
					return twice(c.change(o), receive, transmit)
				}
				return c.change(twice(o, receive, transmit))
			}
			r, all, _ := run(t, remote{fill: fill}, "", clock.Config{By: by, Count: 3})
			stamped := c.want == clock.Stamped
			if r.Fill != c.want || all[0].Fill != c.want || r.Known != stamped || all[0].Known != stamped || r.Received != 3 || (r.Stamped == 3) != stamped {
				t.Errorf("%s, %v: %+v, want %v", c.name, by, r, c.want)
			}
			if !stamped && (all[0].Form != offset.Unreadable || r.Form != offset.Unreadable || r.Path != nil || all[0].Receive != 0) {
				t.Errorf("%s, %v: %+v", c.name, by, all[0])
			}
			if c.want == clock.Full && (len(r.Hops) != 1 || r.Hops[0].Stamps != 12 || len(all[0].Hops) != 4 || all[0].Hops[3].Side != clock.Unknown || all[0].Overflow != 2) {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// TestZero: a stamp of zero is a time near midnight, and else one that is missing.
func TestZero(t *testing.T) {
	zero := func(o []byte, _, _ option.Stamp) []byte { return twice(o, 0, 0) }
	for start, want := range map[string]clock.Fill{
		"2026-01-02T00:00:00Z": clock.Stamped, "2026-01-02T00:01:00Z": clock.Stamped, "2026-01-02T00:01:00.001Z": clock.Unfilled,
		"2026-01-01T23:58:59.993Z": clock.Unfilled, "2026-01-01T23:58:59.994Z": clock.Stamped, "2026-01-01T12:00:00Z": clock.Unfilled,
		"2026-01-02T01:00:30+01:00": clock.Stamped, // by universal time
	} {
		for _, by := range withOption {
			if r, _, _ := run(t, remote{fill: zero}, start, clock.Config{By: by, Count: 1}); r.Fill != want {
				t.Errorf("%s, %v: %v", start, by, r.Fill)
			}
		}
	}
}

// TestForged: replies that nobody was asked for are not believed, whatever their
// options say.
func TestForged(t *testing.T) {
	conform.Row(t, "P-11")
	forge := func(a arrival) (out []arrival) {
		for _, at := range []int{4, 7, 8, 15} { // identifier, sequence number, cookie
			x := arrival{at: a.at, from: a.from, m: bytes.Clone(a.m), o: bytes.Clone(a.o)}
			binary.BigEndian.PutUint32(x.o[16:], 1)
			x.m[at] ^= 0x40
			m, err := icmp4.DecodeEcho(x.m)
			if err == nil {
				x.m, err = m.AppendBinary(nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, x)
		}
		x := arrival{at: a.at, from: gate, m: a.m, o: bytes.Clone(a.o)}
		binary.BigEndian.PutUint32(x.o[16:], 1)
		return append(out, x)
	}
	for _, by := range withOption {
		r, all, _ := run(t, remote{forge: forge}, "", clock.Config{By: by, Count: 3})
		if r.Received != 3 || r.Stamped != 3 || len(all) != 3 || r.Ahead.Abs() > r.Within || !r.Agreed {
			t.Errorf("%v: %+v", by, r)
		}
	}
}

// way is a fill: those on the way there and back by the last octet of their
// addresses, and how often the target stamps; 10 is ourselves.
func way(there []byte, self int, back ...byte) func(o []byte, receive, transmit option.Stamp) []byte {
	return func(o []byte, receive, transmit option.Stamp) []byte {
		for _, x := range there {
			add(o, netip.AddrFrom4([4]byte{10, 0, 0, x}), receive-1)
		}
		for range self {
			add(o, target, receive)
		}
		for _, x := range back {
			add(o, netip.AddrFrom4([4]byte{10, 0, 0, x}), transmit+1)
		}
		return o
	}
}

// TestHops: those on the way have clocks too, and how many they are on either side
// may not be the same.
func TestHops(t *testing.T) {
	conform.Row(t, "P-11")
	for _, c := range []struct {
		name     string
		there    []byte
		self     int
		back     []byte
		path     clock.Path
		overflow uint8
		hops     string // octet and first letter of the side
	}{
		{"nobody", nil, 2, nil, clock.Path{}, 0, ""},
		{"a router", []byte{1}, 1, []byte{2}, clock.Path{There: 1, Back: 1, BackMost: 1}, 0, "1t 2b"},
		{"a router that has one address", []byte{1}, 1, []byte{1}, clock.Path{There: 1, Back: 1, BackMost: 1}, 0, "1t 1b"},
		{"our system as well", []byte{1}, 1, []byte{2, 10}, clock.Path{There: 1, Back: 1, BackMost: 1}, 0, "1t 2b"},
		{"… without room", []byte{1}, 2, []byte{2, 10}, clock.Path{There: 1, Back: 1, BackMost: 2}, 1, "1t 2b"},
		{"our system first", []byte{10, 1}, 1, []byte{2}, clock.Path{There: 1, Back: 1, BackMost: 1}, 0, "1t 2b"},
		{"two routers, one counted", []byte{1, 2}, 1, []byte{3, 4}, clock.Path{There: 2, Back: 1, BackMost: 2}, 1, "1t 2t 3b"},
		{"three routers, all counted", []byte{1, 2, 3}, 1, []byte{4, 5, 6}, clock.Path{There: 3, Back: 2, BackMost: 3}, 3, "1t 2t 3t"},
		{"shorter back", []byte{1, 2}, 1, nil, clock.Path{There: 2, Asymmetric: true}, 0, "1t 2t"},
		{"shorter back, and our system", []byte{1, 2}, 1, []byte{10}, clock.Path{There: 2, Asymmetric: true}, 0, "1t 2t"},
		{"longer back", nil, 1, []byte{1}, clock.Path{Back: 1, BackMost: 1, Asymmetric: true}, 0, "1b"},
		{"longer back than can be named", []byte{1}, 1, []byte{2, 3, 4, 5}, clock.Path{There: 1, Back: 3, BackMost: 4, Asymmetric: true}, 2, "1t 2b 3b"},
		{"shorter back than those without room", []byte{1, 2, 3}, 1, []byte{4, 10}, clock.Path{There: 3, Back: 1, BackMost: 2, Asymmetric: true}, 2, "1t 2t 3t"},
	} {
		r, all, _ := run(t, remote{fill: way(c.there, c.self, c.back...)}, "", clock.Config{By: clock.EveryHop, Count: 3, Interval: 10 * ms})
		if r.Path == nil || *r.Path != c.path || r.Stamped != 3 || all[0].Overflow != c.overflow {
			t.Errorf("%s: %+v, overflow %d", c.name, r.Path, all[0].Overflow)
		}
		var hops []string
		for i, h := range r.Hops {
			hops = append(hops, strings.TrimPrefix(h.Addr.String(), "10.0.0.")+h.Side.String()[:1])
			shift := -ms
			if h.Side == clock.Back {
				shift = ms
			}
			if h.Stamps != 3 || !h.Known || h.Form != offset.Standard || h.Ahead != shift+500*time.Microsecond || h.Within != 3500*time.Microsecond || h.Stamp != icmp4.TimestampOf(noon)+20+3+icmp4.Timestamp(shift/ms) {
				t.Errorf("%s: %+v", c.name, h)
			}
			if x := all[2].Hops[i]; x.Addr != h.Addr || x.Stamps != 1 || x.Side != h.Side || x.Stamp != h.Stamp || x.Ahead != h.Ahead || !x.Known {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		if got := strings.Join(hops, " "); got != c.hops {
			t.Errorf("%s: %s, want %s", c.name, got, c.hops)
		}
	}
	// The clock of a hop is read as any: what is not a time is said, and the bounds
	// of several stamps are sharper.
	r, _, _ := run(t, remote{fill: func(o []byte, receive, _ option.Stamp) []byte {
		add(o, gate, option.NonStandard(5))
		add(o, here.Prev(), 0)
		add(o, target, receive)
		return o
	}}, "", clock.Config{By: clock.EveryHop, Count: 2})
	if len(r.Hops) != 2 || r.Hops[0].Known || r.Hops[0].Form != offset.NonStandard || r.Hops[1].Known || r.Hops[1].Form != offset.Unreadable || !r.Known {
		t.Errorf("%+v", r.Hops)
	}
	r, all, _ := run(t, remote{fill: way([]byte{1}, 1)}, "", clock.Config{By: clock.EveryHop, Interval: 100300 * time.Microsecond})
	if len(r.Hops) != 1 || r.Hops[0].Within >= all[0].Hops[0].Within || r.Hops[0].Within < 3*ms {
		t.Errorf("%+v", r.Hops)
	}
}

// TestManyHops: a way that changes with each request does not fill the memory.
func TestManyHops(t *testing.T) {
	n := byte(0)
	r, all, _ := run(t, remote{fill: func(o []byte, receive, _ option.Stamp) []byte {
		n++
		add(o, netip.AddrFrom4([4]byte{10, 9, 9, n}), receive)
		add(o, target, receive)
		return o
	}}, "", clock.Config{By: clock.EveryHop, Count: 70, Interval: 10 * ms})
	if len(r.Hops) != 64 || len(all) != 70 || len(all[69].Hops) != 1 || !all[69].Hops[0].Known || r.Path.There != 1 {
		t.Errorf("%d hops, %+v", len(r.Hops), r.Path)
	}
}

// TestMixed: the last reply says what became of the option, the stamped ones what
// the clock is; the path is that of a stamped one.
func TestMixed(t *testing.T) {
	n := 0
	r, all, _ := run(t, remote{fill: func(o []byte, receive, _ option.Stamp) []byte {
		if n++; n > 2 {
			return nil
		}
		return way([]byte{1}, 1)(o, receive, receive)
	}}, "", clock.Config{By: clock.EveryHop, Count: 3})
	if r.Received != 3 || r.Stamped != 2 || r.Fill != clock.Missing || !r.Known || r.Form != offset.Standard || r.Path == nil || r.Path.There != 1 || all[2].Fill != clock.Missing || all[2].Known {
		t.Errorf("%+v", r)
	}
}

// TestNames: words and JSON.
func TestNames(t *testing.T) {
	for i, want := range []string{"icmp", "option", "option3", "hops", "unknown"} {
		var w clock.Way
		b, err := clock.Way(i).MarshalText()
		bad := w.UnmarshalText(b)
		if string(b) != want || err != nil || (bad == nil) != (i < 4) || bad == nil && w != clock.Way(i) {
			t.Errorf("way %d: %q, %v, %v, %v", i, b, err, w, bad)
		}
	}
	for i, want := range []string{"none", "stamped", "missing", "unfilled", "full", "altered", "none"} {
		if b, err := clock.Fill(i).MarshalText(); string(b) != want || err != nil {
			t.Errorf("fill %d: %q, %v", i, b, err)
		}
	}
	for i, want := range []string{"unknown", "there", "back", "unknown"} {
		if b, err := clock.Side(i).MarshalText(); string(b) != want || err != nil {
			t.Errorf("side %d: %q, %v", i, b, err)
		}
	}
	r, all, _ := run(t, remote{fill: way([]byte{1}, 1)}, "", clock.Config{By: clock.EveryHop, Count: 1})
	b, err := json.Marshal(r)
	x, err2 := json.Marshal(all[0])
	for _, s := range []string{`"by":"hops"`, `"option":"stamped"`, `"stamped":1`, `"hops":[{"addr":"10.0.0.1","side":"there","stamps":1,`, `"path":{"there":1,"back":0,"back_most":0,"asymmetric":true}`} {
		if err != nil || err2 != nil || !bytes.Contains(b, []byte(s)) || !slices.Contains([]string{`"by":"hops"`, `"stamped":1`}, s) && !strings.HasPrefix(s, `"path"`) && !bytes.Contains(x, []byte(s)) {
			t.Errorf("%v, %v: no %s in %s, %s", err, err2, s, b, x)
		}
	}
}

// FuzzOption: whatever comes back is read or refused, and never more than was sent.
func FuzzOption(f *testing.F) {
	for _, by := range withOption {
		f.Add(uint8(by), []byte{})
		f.Add(uint8(by), []byte{68, 36, 37, 0xf1, 10, 0, 1, 10, 0, 0, 0, 0, 10, 0, 1, 10, 0, 0, 0, 1, 10, 0, 0, 10, 0, 0, 0, 2, 10, 0, 1, 10, 0, 0, 0, 3})
		f.Add(uint8(by), []byte{68, 28, 29, 3, 10, 0, 0, 10, 0x02, 0x93, 0x2e, 0, 10, 0, 1, 10, 0x80, 0, 0, 0, 10, 0, 0, 10, 0, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, by uint8, options []byte) {
		way := clock.FourTerms + clock.Way(by%3)
		r, all, _ := run(t, remote{fill: func([]byte, option.Stamp, option.Stamp) []byte { return options }}, "", clock.Config{By: way, Count: 1})
		x := all[0]
		if r.Received != 1 || x.Fill == clock.None || (x.Fill == clock.Stamped) != (r.Stamped == 1) || x.Known && x.Fill != clock.Stamped || len(x.Hops) > 4 || way != clock.EveryHop && x.Hops != nil {
			t.Errorf("%+v, %+v", r, x)
		}
		if p := r.Path; p != nil && (p.Back > p.BackMost || p.There < 0 || p.Back < 0 || p.There > 3) {
			t.Errorf("%+v", p)
		}
	})
}
