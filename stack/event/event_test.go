package event_test

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
)

func TestKind(t *testing.T) {
	seen := map[string]bool{}
	for k := event.Drop; k <= event.Advertise; k++ {
		if s := k.String(); s == "" || s == "none" || seen[s] {
			t.Errorf("kind %d is %q", k, s)
		}
		seen[k.String()] = true
	}
	if event.Kind(0).String() != "none" || (event.Advertise+1).String() != "none" {
		t.Error("what is no kind has a name")
	}
}

func TestRing(t *testing.T) {
	var none event.Ring
	none.Put(event.Event{Len: 1})
	if _, ok := none.Get(); ok || none.On() {
		t.Error("the zero ring keeps something")
	}
	r := event.NewRing(3)
	if !r.On() {
		t.Error("not on")
	}
	n := 0 // the next to be put
	for _, c := range []struct{ put, get, first int }{{2, 1, 0}, {2, 3, 1}, {5, 2, 6}, {1, 2, 8}, {3, 3, 10}, {0, 0, 0}} {
		for range c.put {
			r.Put(event.Event{Len: n})
			n++
		}
		for i := range c.get {
			if e, ok := r.Get(); !ok || e.Len != c.first+i {
				t.Errorf("%+v: event %d, %v, want %d", c, e.Len, ok, c.first+i)
			}
		}
	}
	if e, ok := r.Get(); ok {
		t.Errorf("event %d is left", e.Len)
	}
}

func TestOriginRule(t *testing.T) {
	for _, c := range []struct {
		o    event.Origin
		want string
	}{
		{event.Origin{Kind: event.Forward}, ""},
		{event.Origin{Kind: event.Send}, ""},
		{event.Origin{}, ""},
		{event.Origin{Kind: event.Advertise}, "G-09"},
		{event.Origin{Kind: event.Error, Cause: report.TTLExceeded}, "G-01"},
		{event.Origin{Kind: event.Error, Cause: report.PortUnreachable}, "H-03"},
		{event.Origin{Kind: event.Answer}, "H-01"},
		{event.Origin{Kind: event.Answer, Type: 14}, "H-12"},
		{event.Origin{Kind: event.Answer, Type: 16}, "H-14"},
		{event.Origin{Kind: event.Answer, Type: 18}, "H-13"},
		{event.Origin{Kind: event.Answer, Type: 43}, "H-18"},
		{event.Origin{Kind: event.Answer, Type: 129}, "H-17"},
		{event.Origin{Kind: event.Answer, Type: 161}, "H-18"},
	} {
		if got := c.o.Rule(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.o, got, c.want)
		}
	}
}

func TestLogValue(t *testing.T) {
	line := func(e event.Event) string {
		var b strings.Builder
		h := slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
				return slog.Attr{}
			}
			return a
		}})
		slog.New(h).Info("", "e", e)
		return strings.TrimSpace(b.String())
	}
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for _, c := range []struct {
		e    event.Event
		want string
	}{
		{event.Event{}, "e.kind=none"},
		{
			event.Event{Kind: event.Drop, Src: a, Dst: b, Proto: ip.ProtoICMP, Len: 28, Drop: mib.EchoOff, Rule: "H-01"},
			`e.kind=drop e.src=192.0.2.1 e.dst=192.0.2.2 e.proto=ICMP e.len=28 e.drop="echo is off" e.rule=H-01`,
		},
		{
			event.Event{Kind: event.Error, Cause: report.TooBig, MTU: 1400, Via: b},
			`e.kind=error e.cause="too big for the next link" e.via=192.0.2.2 e.mtu=1400`,
		},
		{event.Event{Len: 1, MTU: 1}, "e.kind=none e.len=1 e.mtu=1"},
	} {
		if got := line(c.e); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}
