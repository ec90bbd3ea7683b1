package ping_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/option"
)

func addrs(n int) (all []netip.Addr) {
	a := netip.MustParseAddr("10.1.0.1")
	for range n {
		all = append(all, a)
		a = a.Next()
	}
	return all
}

// TestRecordRoute: nine slots behind a no operation, all the room there is.
func TestRecordRoute(t *testing.T) {
	want := make([]byte, 40)
	copy(want, []byte{1, 7, 39, 4})
	if got := ping.RecordRoute(); !bytes.Equal(got, want) {
		t.Errorf("% x", got)
	}
}

func TestTimestamps(t *testing.T) {
	for _, tt := range []struct {
		f    option.StampFlag
		hops []netip.Addr
		head []byte
		size int
	}{
		{option.StampsOnly, nil, []byte{68, 40, 5, 0}, 40},
		{option.StampsAndAddrs, nil, []byte{68, 36, 5, 1}, 36},
		{option.StampsPrespecified, addrs(2), []byte{68, 20, 5, 3, 10, 1, 0, 1, 0, 0, 0, 0, 10, 1, 0, 2}, 20},
	} {
		got, err := ping.Timestamps(tt.f, tt.hops...)
		if err != nil || len(got) != tt.size || !bytes.HasPrefix(got, tt.head) {
			t.Errorf("%v: % x, %v", tt.f, got, err)
		}
	}
	if _, err := ping.Timestamps(option.StampsPrespecified, addrs(5)...); err == nil {
		t.Error("five hops")
	}
}

// TestThrough: the first hop is where the probe goes, the target stands last.
func TestThrough(t *testing.T) {
	x := ping.Target{Src: us, Dst: them}
	b, err := x.Through(false, addrs(2)...)
	if err != nil || !bytes.Equal(b, []byte{1, 131, 11, 4, 10, 1, 0, 2, 10, 0, 0, 2}) {
		t.Errorf("% x, %v", b, err)
	}
	if x.Dst != addrs(1)[0] || x.Peer != them || x.Who() != them {
		t.Errorf("%+v", x)
	}
	x = ping.Target{Src: us, Dst: them}
	b, err = x.Through(true, addrs(1)...)
	if err != nil || !bytes.Equal(b, []byte{1, 137, 7, 4, 10, 0, 0, 2}) {
		t.Errorf("% x, %v", b, err)
	}
	x = ping.Target{Src: us, Dst: them}
	if b, err := x.Through(false); b != nil || err != nil || x.Dst != them || x.Who() != them {
		t.Errorf("no hops: % x, %v, %+v", b, err, x)
	}
	if _, err := x.Through(false, addrs(10)...); err == nil || x.Dst != them {
		t.Error("ten hops")
	}
}

// TestConfig: what is wrong is refused, and named.
func TestConfig(t *testing.T) {
	one := []ping.Target{{Src: us, Dst: them}}
	v6 := []ping.Target{{Src: netip.MustParseAddr("fd00::1"), Dst: netip.MustParseAddr("fd00::2")}}
	for _, tt := range []struct {
		c     ping.Config
		typ   string
		field string
	}{
		{ping.Config{}, "ping.Config", "Targets"},
		{ping.Config{Targets: one, First: -1}, "ping.Config", "First"},
		{ping.Config{Targets: one, Kind: 1}, "ping.Config", "Kind"},
		{ping.Config{Targets: one, Count: -1}, "ping.Config", "Count"},
		{ping.Config{Targets: one, Interval: -1}, "ping.Config", "Interval"},
		{ping.Config{Targets: one, Interval: ping.MaxInterval + 1}, "ping.Config", "Interval"},
		{ping.Config{Targets: one, Least: -1}, "ping.Config", "Least"},
		{ping.Config{Targets: one, Preload: -1}, "ping.Config", "Preload"},
		{ping.Config{Targets: one, Deadline: -1}, "ping.Config", "Deadline"},
		{ping.Config{Targets: one, Results: -1}, "ping.Config", "Results"},
		{ping.Config{Targets: one, Size: 65508}, "probe.Probe", "Size"},
		{ping.Config{Targets: one, Options: []byte{1}}, "probe.Probe", "Options"},
		{ping.Config{Targets: one, Timeout: -1}, "probe.Probe", "Timeout"},
		{ping.Config{Targets: v6, FlowLabel: 1 << 20}, "probe.Probe", "FlowLabel"},
	} {
		wrongField(t, tt.c, tt.typ, tt.field)
	}
	for _, c := range []ping.Config{
		{Targets: one, Interval: ping.MaxInterval, Size: 65507},
		{Targets: v6, Options: ping.RecordRoute(), FlowLabel: 1<<20 - 1, Size: 65527},
		{Targets: one, FlowLabel: 5}, // of use in IPv6 alone
		{Targets: append(one, v6...), FlowLabel: 5},
	} {
		if _, err := newPing(t, c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// wrongField checks that a configuration is refused for a field.
func wrongField(t *testing.T, c ping.Config, typ, field string) {
	t.Helper()
	_, err := newPing(t, c)
	var f *wire.FieldError
	if !errors.As(err, &f) || f.Type != typ || f.Field != field {
		t.Errorf("%+v: %v", c, err)
	}
}
