package facts_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
)

var a, b = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")

func TestLoss(t *testing.T) {
	for _, c := range []struct {
		sent, unsent, got int
		want              float64
	}{{0, 0, 0, 0}, {10, 0, 10, 0}, {10, 0, 0, 100}, {10, 2, 6, 25}, {3, 3, 0, 0}} {
		p := facts.Ping{Sent: c.sent, Unsent: c.unsent, Received: c.got}
		if p.Loss() != c.want {
			t.Errorf("%+v: %v", c, p.Loss())
		}
	}
	if h := (facts.Hop{Sent: 4, Answered: 3}); h.Loss() != 25 {
		t.Error(h.Loss())
	}
	if h := (facts.Hop{}); h.Loss() != 0 || h.Min() != 0 {
		t.Error(h.Loss())
	}
}

func TestHops(t *testing.T) {
	x := facts.Trace{Probe: probe.UDP, Hops: []facts.TraceHop{{TTL: 1, Addrs: []netip.Addr{a, b}}, {TTL: 2, Addrs: []netip.Addr{b}}, {TTL: 3}}}
	if n, from := x.Last(); n != 2 || from != b {
		t.Error(n, from)
	}
	if n, from := (&facts.Trace{}).Last(); n != 0 || from.IsValid() {
		t.Error(n, from)
	}
	if x.At(2) != &x.Hops[1] || x.At(4) != nil {
		t.Error("At")
	}
	h := facts.Hop{TTL: 7, Nodes: []facts.Node{{Addr: a, Min: 3 * time.Second}, {Addr: b, Min: time.Second}, {Min: 2 * time.Second}}}
	if h.Min() != time.Second {
		t.Error(h.Min())
	}
	f := facts.Facts{Path: []facts.Hop{{TTL: 1}, h}}
	if f.Hop(b) != 7 || f.Hop(netip.Addr{}.Next()) != 0 {
		t.Error(f.Hop(b))
	}
}

func TestReached(t *testing.T) {
	for i, c := range []struct {
		f    facts.Facts
		want bool
	}{
		{facts.Facts{}, false},
		{facts.Facts{Ping: facts.Ping{Received: 1}}, true},
		{facts.Facts{Traces: []facts.Trace{{}, {Reached: true}}}, true},
		{facts.Facts{Ports: []facts.Port{{State: facts.Filtered}, {State: facts.Rejected}}}, false},
		{facts.Facts{Ports: []facts.Port{{State: facts.Closed}}}, true},
		{facts.Facts{Ports: []facts.Port{{State: facts.Open}}}, true},
		{facts.Facts{Clock: &clock.Result{}}, false},
		{facts.Facts{Clock: &clock.Result{Received: 1}}, true},
	} {
		if c.f.Reached() != c.want {
			t.Error(i)
		}
	}
	f := facts.Facts{Traces: []facts.Trace{
		{Probe: probe.UDP, Flow: 1, Reached: true, Length: 9},
		{Probe: probe.UDP, Reached: true, Length: 7},
		{Probe: probe.TCP, Length: 3},
		{Probe: probe.Echo, Reached: true, Length: 8},
	}}
	if f.Length() != 7 || f.By(probe.UDP) != &f.Traces[1] || f.By(probe.Mask) != nil {
		t.Error(f.Length())
	}
}
