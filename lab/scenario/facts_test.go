package scenario_test

import (
	"slices"
	"strings"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
)

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (x *told) is(what string, got, want any) {
	x.t.Helper()
	if got != want {
		x.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// errors checks how many errors of a kind a node has made itself.
func (x *told) errors(node, kind string, want int) {
	x.t.Helper()
	n := 0
	for _, m := range narration.Of[narration.Message](x.Items) {
		n += one(m.From == node && m.Origin.Kind == event.Error && strings.HasPrefix(m.What, kind))
	}
	x.is("errors "+kind+" of "+node, n, want)
}

func (x *told) drops(node string, why mib.Drop, want uint64) {
	x.t.Helper()
	c := x.host(node).Node.Counters()
	x.is(node+" drops: "+why.String(), c.Dropped(why), want)
}

// received checks how many replies each ping has got.
func (x *told) received(want ...int) {
	x.t.Helper()
	var got []int
	for _, p := range narration.Of[narration.PingEnd](x.Items) {
		got = append(got, p.Received)
	}
	if !slices.Equal(got, want) {
		x.t.Errorf("replies %v, want %v", got, want)
	}
}

func (x *told) pmtu(node, to string, want int) {
	x.t.Helper()
	got, _ := x.host(node).Node.PathMTU(x.Network.Now(), addr(to))
	x.is("path MTU of "+node, got, want)
}

// via checks which gateway a redirect has given; "": none has.
func (x *told) via(node, to, want string) {
	x.t.Helper()
	h, ok := x.host(node).Node.Redirected(addr(to))
	got := ""
	if ok {
		got = h.Via.String()
	}
	x.is("first hop of "+node, got, want)
}

func (x *told) happened(node string, k event.Kind) (n int) {
	for _, h := range narration.Of[narration.Happened](x.Items) {
		n += one(h.Node == node && h.Event.Kind == k)
	}
	return n
}

func (x *told) connections(node string, want ...tcpstub.State) {
	x.t.Helper()
	var got []tcpstub.State
	for c := range x.host(node).TCP.Conns() {
		got = append(got, c.State())
	}
	if !slices.Equal(got, want) {
		x.t.Errorf("connections of %s: %v, want %v", node, got, want)
	}
}

func (x *told) trace() narration.TraceEnd { return narration.Of[narration.TraceEnd](x.Items)[0] }

// traces returns the hops of each trace.
func (x *told) traces() (out [][]narration.TraceHop) {
	for _, i := range x.Items {
		switch i := i.(type) {
		case narration.TraceBegin:
			out = append(out, nil)
		case narration.TraceHop:
			out[len(out)-1] = append(out[len(out)-1], i)
		}
	}
	return out
}

// second returns how many gateways were seen at the second hop.
func (x *told) second(hops []narration.TraceHop) int {
	seen := map[string]bool{}
	for _, p := range hops[1].Probes {
		seen[p.From.String()] = true
	}
	return len(seen)
}

// path checks the hops of the first trace, by the first probe of each.
func (x *told) path(want ...string) {
	x.t.Helper()
	var got []string
	for _, h := range x.traces()[0] {
		a := "*"
		if h.Probes[0].From.IsValid() {
			a = h.Probes[0].From.String()
		}
		got = append(got, a)
	}
	if !slices.Equal(got, want) {
		x.t.Errorf("path %v, want %v", got, want)
	}
}
