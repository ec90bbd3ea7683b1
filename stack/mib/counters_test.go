package mib_test

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/mib"
)

// nonzero returns what All lists with a value.
func nonzero(c *mib.Counters) map[string]uint64 {
	m := map[string]uint64{}
	for name, n := range c.All() {
		if n != 0 {
			m[name] = n
		}
	}
	return m
}

func expect(t *testing.T, c *mib.Counters, want map[string]uint64) {
	t.Helper()
	if got := nonzero(c); !maps.Equal(got, want) {
		t.Errorf("counted\n got %v\nwant %v", got, want)
	}
}

func TestCounting(t *testing.T) {
	conform.Row(t, "E-14")
	var c mib.Counters
	expect(t, &c, map[string]uint64{})
	c.Inc(mib.IPv4, mib.InReceives)
	c.Inc(mib.IPv4, mib.InReceives)
	c.Inc(mib.IPv6, mib.OutTransmits)
	c.Add(mib.IPv6, mib.OutOctets, 1280)
	c.ICMPIn(mib.IPv4)
	c.ICMPIn(mib.IPv4)
	c.ICMPInType(mib.IPv4, 8)
	c.ICMPOut(mib.IPv4, 0)
	c.ICMPOut(mib.IPv6, 255)
	expect(t, &c, map[string]uint64{
		"ipSystemStatsInReceives.ipv4":   2,
		"ipSystemStatsOutTransmits.ipv6": 1,
		"ipSystemStatsOutOctets.ipv6":    1280,
		"icmpStatsInMsgs.ipv4":           2,
		"icmpStatsOutMsgs.ipv4":          1,
		"icmpStatsOutMsgs.ipv6":          1,
		"icmpMsgStatsInPkts.ipv4.8":      1,
		"icmpMsgStatsOutPkts.ipv4.0":     1,
		"icmpMsgStatsOutPkts.ipv6.255":   1,
	})
}

// Every reason is counted as itself and under at most one object, and only for
// its own IP version.
func TestDropCounts(t *testing.T) {
	conform.Row(t, "E-14")
	icmpIn := []mib.Drop{mib.ICMPShort, mib.ICMPChecksum, mib.QuoteUnreadable}
	icmpOut := []mib.Drop{mib.ErrorNoSource, mib.RateDestination, mib.RateGlobal, mib.RateEcho}
	for i := 1; i < numDrops; i++ {
		d := mib.Drop(i)
		for _, v := range []mib.Version{mib.IPv4, mib.IPv6} {
			var c mib.Counters
			c.Drop(v, d)
			s := "." + v.String()
			want := map[string]uint64{"drops" + s + "." + d.Name(): 1}
			if k, ok := d.Counter(); ok {
				want["ipSystemStats"+k.String()+s] = 1
			}
			if slices.Contains(icmpIn, d) {
				want["icmpStatsInErrors"+s] = 1
			}
			if slices.Contains(icmpOut, d) {
				want["icmpStatsOutErrors"+s] = 1
				want["icmpStatsOutMsgs"+s] = 1
			}
			expect(t, &c, want)
			if got := c.Dropped(d); got != 1 {
				t.Errorf("%v: dropped %d times, want once", d, got)
			}
		}
	}
	var c mib.Counters
	c.Drop(mib.IPv4, mib.None)
	expect(t, &c, map[string]uint64{})
}

func TestDropped(t *testing.T) {
	var c mib.Counters
	c.Drop(mib.IPv4, mib.TooBig)
	c.Drop(mib.IPv4, mib.TooBig)
	c.Drop(mib.IPv6, mib.TooBig)
	if got := c.Dropped(mib.TooBig); got != 3 {
		t.Errorf("dropped %d times, want 3", got)
	}
	if got := c.Dropped(mib.NotMine); got != 0 {
		t.Errorf("another reason: dropped %d times, want none", got)
	}
}

// All lists each object of the tables once, in their order, zeros too.
func TestAll(t *testing.T) {
	conform.Row(t, "E-14")
	var want []string
	for _, v := range []string{".ipv4", ".ipv6"} {
		for _, c := range columns {
			if v == ".ipv6" && strings.Contains(c.name, "Bcast") {
				continue // ipv4SystemStatsGroup
			}
			want = append(want, "ipSystemStats"+c.name+v)
		}
	}
	for _, v := range []string{".ipv4", ".ipv6"} {
		for _, n := range []string{"InMsgs", "InErrors", "OutMsgs", "OutErrors"} {
			want = append(want, "icmpStats"+n+v)
		}
	}
	var c mib.Counters
	c.ICMPInType(mib.IPv4, 3)
	c.ICMPOut(mib.IPv6, 128)
	c.Drop(mib.IPv4, mib.NotMine)
	c.Drop(mib.IPv6, mib.HeaderShort)
	want = append(want,
		"icmpMsgStatsInPkts.ipv4.3", "icmpMsgStatsOutPkts.ipv4.3",
		"icmpMsgStatsInPkts.ipv6.128", "icmpMsgStatsOutPkts.ipv6.128",
		"drops.ipv4.not-mine", "drops.ipv6.header-short")
	var got []string
	for name := range c.All() {
		got = append(got, name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed\n got %v\nwant %v", got, want)
	}

	// A loop may end anywhere.
	for stop := range want {
		n := 0
		for name := range c.All() {
			if name != want[n] {
				t.Fatalf("stop after %d: %q, want %q", stop, name, want[n])
			}
			if n == stop {
				break
			}
			n++
		}
	}
}

func TestInterface(t *testing.T) {
	var p mib.IP
	p[mib.InReceives] = 7
	p[mib.OutBcastPkts] = 9
	var names []string
	for name, n := range p.All("ipIfStats", mib.IPv4) {
		names = append(names, name)
		switch name {
		case "ipIfStatsInReceives.ipv4":
			if n != 7 {
				t.Errorf("%s is %d, want 7", name, n)
			}
		case "ipIfStatsOutBcastPkts.ipv4":
			if n != 9 {
				t.Errorf("%s is %d, want 9", name, n)
			}
		default:
			if n != 0 {
				t.Errorf("%s is %d, want 0", name, n)
			}
		}
	}
	if len(names) != len(columns) || names[0] != "ipIfStatsInReceives.ipv4" {
		t.Errorf("%d names, the first %q", len(names), names[0])
	}
	snapshot := p
	p[mib.InReceives] = 10
	if d := p.Sub(&snapshot); d != (mib.IP{mib.InReceives: 3}) {
		t.Errorf("difference %v", d)
	}
}

// Sub takes every field into account: one step before the snapshot, and as many
// as two behind it, must leave two.
func TestSub(t *testing.T) {
	step := func(c *mib.Counters) {
		for v := mib.IPv4; v <= mib.IPv6; v++ {
			for k := range c.IP[v] {
				c.IP[v][k] += uint64(k + 1)
			}
			m := &c.ICMP[v]
			m.InMsgs++
			m.InErrors += 2
			m.OutMsgs += 3
			m.OutErrors += 4
			for t := range m.InPkts {
				m.InPkts[t] += uint64(5 + t)
				m.OutPkts[t] += uint64(6 + t)
			}
			for d := range c.Drops[v] {
				c.Drops[v][d] += uint64(7 + d)
			}
		}
	}
	var c, want mib.Counters
	step(&c)
	snapshot := c
	step(&c)
	step(&c)
	step(&want)
	step(&want)
	if got := c.Sub(&snapshot); got != want {
		t.Error("the difference of two snapshots is wrong")
	}
	if got := c.Sub(&c); got != (mib.Counters{}) {
		t.Error("nothing happened, and something was counted")
	}
	// The snapshot does not move with the original.
	if snapshot == c {
		t.Error("the snapshot has changed")
	}
}

func TestLogValue(t *testing.T) {
	var c mib.Counters
	if v := c.LogValue(); v.Kind() != slog.KindGroup || len(v.Group()) != 0 {
		t.Errorf("nothing counted: %v", v)
	}
	c.Drop(mib.IPv4, mib.TTLExceeded)
	got := c.LogValue().Group()
	want := []slog.Attr{slog.Uint64("ipSystemStatsInHdrErrors.ipv4", 1), slog.Uint64("drops.ipv4.ttl-exceeded", 1)}
	if !slices.EqualFunc(got, want, slog.Attr.Equal) {
		t.Errorf("logged %v, want %v", got, want)
	}
}

func TestNoAllocs(t *testing.T) {
	conform.Row(t, "E-14")
	var c mib.Counters
	wiretest.NoAllocs(t, "count", func() {
		c.Inc(mib.IPv4, mib.InReceives)
		c.Add(mib.IPv4, mib.InOctets, 64)
		c.ICMPIn(mib.IPv4)
		c.ICMPInType(mib.IPv4, 8)
		c.ICMPOut(mib.IPv4, 0)
		c.Drop(mib.IPv4, mib.RateGlobal)
	})
	d := mib.TTLExceeded
	wiretest.NoAllocs(t, "name", func() { _, _ = d.Name(), d.String() })
}

func BenchmarkDrop(b *testing.B) {
	var c mib.Counters
	b.ReportAllocs()
	for b.Loop() {
		c.Drop(mib.IPv4, mib.TTLExceeded)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	var c mib.Counters
	b.ReportAllocs()
	for b.Loop() {
		s := c
		if s.IP[mib.IPv4][mib.InReceives] != 0 {
			b.Fatal("counted")
		}
	}
}
