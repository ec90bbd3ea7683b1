package trace_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
)

func TestConfig(t *testing.T) {
	via := slices.Repeat([]netip.Addr{addr("10.1.1.1")}, 9)
	for _, x := range []struct {
		c    trace.Config
		want string // "": it is right
	}{
		{trace.Config{}, ""},
		{trace.Config{Dst: them6}, ""},
		{trace.Config{First: -1}, "trace.Config: field First: want no less than 0"},
		{trace.Config{Src: them6}, "trace.Config: field Src: want an address of the same family as Dst"},
		{trace.Config{Kind: probe.Timestamp}, "trace.Config: field Kind: want echo, UDP, UDP-Lite or TCP"},
		{trace.Config{Kind: probe.Echo, Port: 1}, "trace.Config: field Port: want no ports in ICMP"},
		{trace.Config{Kind: probe.Echo, SrcPort: 1}, "trace.Config: field Port: want no ports in ICMP"},
		{trace.Config{Flow: -1}, "trace.Config: field Flow: want no less than 0"},
		{trace.Config{FirstTTL: 30}, ""},
		{trace.Config{FirstTTL: 31}, "trace.Config: field FirstTTL: 31 is over the limit of 30"},
		{trace.Config{Queries: -1}, "trace.Config: field Queries: want no less than 0"},
		{trace.Config{Queries: 255}, ""},
		{trace.Config{Queries: 256}, "trace.Config: field Queries: 256 is over the limit of 255"},
		{trace.Config{Parallel: -1}, "trace.Config: field Parallel: want no less than 0"},
		{trace.Config{Gap: -1}, "trace.Config: field Gap: want no less than 0"},
		{trace.Config{Wait: -1}, "trace.Config: field Wait: want at most a day"},
		{trace.Config{Wait: 24 * time.Hour}, ""},
		{trace.Config{Wait: 24*time.Hour + 1}, "trace.Config: field Wait: want at most a day"},
		{trace.Config{Via: via[:8]}, ""},
		{trace.Config{Via: via}, "trace.Config: field Via: 9 is over the limit of 8"},
		{trace.Config{Via: []netip.Addr{them6}}, "trace.Config: field Via: want IPv4 addresses"},
		{trace.Config{Dst: them6, Via: via[:1]}, "trace.Config: field Via: want IPv4 addresses"},
		{trace.Config{FlowLabel: 1}, "trace.Config: field FlowLabel: want 20 bits, in IPv6"},
		{trace.Config{Size: 70000}, "trace.Config: field Size: 70000 is over the limit of 65507"},
	} {
		w := newWorld(t, probe.Config{}, nil)
		if !x.c.Dst.IsValid() {
			x.c.Dst = them4
		}
		if !x.c.Src.IsValid() {
			if x.c.Src = us4; x.c.Dst.Is6() {
				x.c.Src = us6
			}
		}
		trc, err := trace.New(w.p, x.c)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != x.want || (trc == nil) != (err != nil) {
			t.Errorf("%+v: %q, want %q", x.c, got, x.want)
		}
	}
	for _, c := range []trace.Config{{}, {Src: us4}} {
		_, err := trace.New(nil, c)
		if err == nil || err.Error() != "trace.Config: field Dst: want an IPv4 or IPv6 address" {
			t.Error(err)
		}
	}
	if _, err := trace.New(nil, trace.Config{Dst: them4}); err == nil || err.Error() != "trace.Config: field Src: want an address of the same family as Dst" {
		t.Error(err)
	}
}

func TestDefaults(t *testing.T) {
	w := newWorld(t, probe.Config{}, nil)
	c := w.make(trace.Config{Kind: probe.UDP}).Config()
	if c.FirstTTL != 1 || c.MaxTTL != 30 || c.Queries != 3 || c.Parallel != 16 || c.Wait != 5*time.Second ||
		c.Here != 3 || c.Near != 10 || c.Size != 32 || c.Port != 33434 {
		t.Errorf("%+v", c)
	}
}

// TestTotal: how many octets a probe has.
func TestTotal(t *testing.T) {
	via := []netip.Addr{addr("10.1.1.1")}
	for _, x := range []struct {
		c    trace.Config
		want int
	}{
		{trace.Config{Dst: them4}, 60},
		{trace.Config{Dst: them6}, 80},
		{trace.Config{Dst: them4, Kind: probe.UDP, Size: 100}, 128},
		{trace.Config{Dst: them4, Kind: probe.UDP, Size: -1}, 36},
		{trace.Config{Dst: them4, Kind: probe.UDP, Size: -1, Classic: true}, 28},
		{trace.Config{Dst: them4, Kind: probe.UDPLite, Size: 3}, 36},
		{trace.Config{Dst: them4, Size: -1}, 30},
		{trace.Config{Dst: them4, Size: -1, Classic: true}, 28},
		{trace.Config{Dst: them4, Kind: probe.TCP, Size: 9}, 44},
		{trace.Config{Dst: them6, Kind: probe.TCP}, 64},
		{trace.Config{Dst: them4, Via: via}, 68},
		{trace.Config{Dst: them4, Via: append(via, via...)}, 72},
		{trace.Config{Dst: them4, MTU: true}, 65000},
		{trace.Config{Dst: them6, MTU: true, Kind: probe.UDP}, 65000},
		{trace.Config{Dst: them4, MTU: true, Kind: probe.TCP}, 44},
	} {
		equal(t, "total", x.c.Total(), x.want)
		w := newWorld(t, probe.Config{}, nil)
		c := w.make(x.c).Config()
		equal(t, "total with the defaults", c.Total(), x.want)
	}
}
