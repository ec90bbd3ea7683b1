package diagnose_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/diagnose"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/vantage"
)

type extra = map[string]string

type list = []rule.Kind

// TestFaults is a path with one fault at a time: it is found, and nothing else.
func TestFaults(t *testing.T) {
	drop := func(what string) string { return "filter: [{" + what + ", action: drop}]" }
	reject := func(what, with string) string { return "filter: [{" + what + ", action: reject, with: " + with + "}]" }
	for _, c := range []struct {
		name   string
		extra  extra
		status rule.Status
		want   list
		check  func(t *testing.T, f rule.Finding) // of the last in want
	}{
		{"healthy", nil, rule.Well, healthy, nil},
		{"far away", extra{"l3": "100ms"}, rule.Well, but(nil, rule.Step), func(t *testing.T, f rule.Finding) {
			if f.Hop != 3 || f.Last != 4 || f.Time < 195*ms {
				t.Errorf("%+v", f)
			}
		}},
		{"slow gateway", extra{"r2": "icmp_delay: [200ms, 3ms]"}, rule.Well, but(nil, rule.SlowHops), func(t *testing.T, f rule.Finding) {
			if len(f.Hops) != 1 || f.Hops[0] != 2 {
				t.Errorf("%+v", f)
			}
		}},
		{"a gateway that limits", extra{"r2": "limit: {each: {every: 1s, burst: 2}}"}, rule.Well, but(nil, rule.Limited), func(t *testing.T, f rule.Finding) {
			if len(f.Hops) != 1 || f.Hops[0] != 2 {
				t.Errorf("%+v", f)
			}
		}},
		{"silent gateways", extra{"r2": "silent: true", "r3": "silent: true"}, rule.Well, but(nil, rule.Mute), func(t *testing.T, f rule.Finding) {
			if len(f.Hops) != 2 || f.Hops[0] != 2 || f.Hops[1] != 3 {
				t.Errorf("%+v", f)
			}
		}},
		{"duplicates", extra{"l4": "duplicate: 100%"}, rule.Troubled, but(nil, rule.Doubled), func(t *testing.T, f rule.Finding) {
			if f.Count < 10 {
				t.Errorf("%+v", f)
			}
		}},
		{"jitter", extra{"l2": "jitter: 90ms"}, rule.Troubled, but(nil, rule.Step, rule.Jittery), nil},
		{"echo dropped on the way", extra{"r3": drop("proto: icmp, icmp: 8/0")}, rule.Troubled, but(list{rule.RoundTrip}, rule.FilteredBehind), func(t *testing.T, f rule.Finding) {
			if f.Hop != 3 || f.Last != 4 || f.Other != addr("10.0.2.1") || f.Addr != addr("10.0.3.1") {
				t.Errorf("%+v", f)
			}
		}},
		{"echo not answered", extra{"b": "echo: false"}, rule.Well, but(list{rule.RoundTrip}, rule.FilteredThere), func(t *testing.T, f rule.Finding) {
			if f.Addr != addr("10.0.4.10") || f.Hop != 4 {
				t.Errorf("%+v", f)
			}
		}},
		{"UDP rejected", extra{"r2": reject("proto: udp", "3/13")}, rule.Troubled, but(nil, rule.FilteredBy), func(t *testing.T, f rule.Finding) {
			if f.Addr != addr("10.0.1.1") || f.Hop != 2 || f.Claim.Code != 13 {
				t.Errorf("%+v", f)
			}
		}},
		{"TCP dropped at the end", extra{"r4": drop("proto: tcp")}, rule.Well, but(nil, rule.FilteredThere), func(t *testing.T, f rule.Finding) {
			if f.Hop != 4 {
				t.Errorf("%+v", f)
			}
		}},
		{"small MTU", extra{"l3": "mtu: 1400"}, rule.Well, but(list{rule.MTUFull}, rule.MTUIs, rule.MTUReduced), func(t *testing.T, f rule.Finding) {
			if f.Hop != 3 || f.Before != 1500 || f.Size != 1400 || f.Addr != addr("10.0.2.1") {
				t.Errorf("%+v", f)
			}
		}},
		{"black hole", extra{"l3": "mtu: 1400", "r3 out": "black_hole: true"}, rule.Troubled, but(list{rule.MTUFull}, rule.MTUIs, rule.HoleBetween), func(t *testing.T, f rule.Finding) {
			if f.Hop != 3 || f.Last != 4 || f.Size != 1401 || f.Before != 1400 {
				t.Errorf("%+v", f)
			}
		}},
		{"clock half a second ahead", extra{"b": "clock: {offset: 500ms}"}, rule.Well, but(list{rule.ClockRight}, rule.ClockOff), nil},
		{"clock an hour behind", extra{"b": "clock: {offset: -1h}"}, rule.Troubled, but(list{rule.ClockRight}, rule.ClockWrong), func(t *testing.T, f rule.Finding) {
			if off := (f.Time + time.Hour).Abs(); off > f.Within {
				t.Errorf("%+v", f)
			}
		}},
		{"clock silent", extra{"b": "timestamp: false"}, rule.Well, but(list{rule.ClockRight}, rule.ClockMute), nil},
		{"clock swapped", extra{"b": "clock: {swapped: true}"}, rule.Well, but(nil, rule.ClockForm), nil},
		{"unreachable", extra{"r3": "filter: [{to: 10.0.4.0/24, action: reject, with: 3/1}]"}, rule.Unreachable, list{rule.Refused, rule.PassageFar}, nil},
		{"silent from hop 3 on", extra{"r3": drop("to: 10.0.4.0/24")}, rule.Unreachable, list{rule.PassageFar, rule.NoAnswer}, func(t *testing.T, f rule.Finding) {
			if f.Hop != 3 || f.Other != addr("10.0.2.1") || len(f.Evidence) != 3 {
				t.Errorf("%+v", f)
			}
		}},
		{"loop", extra{"r3 routes": "{to: default, via: 10.0.2.2}, {to: default6, via: 'fd00:2::2'}"}, rule.Unreachable, list{rule.Loops}, func(t *testing.T, f rule.Finding) {
			if f.Hop != 2 || f.Count != 2 || len(f.Addrs) != 2 || f.Addrs[0] != addr("10.0.1.1") || f.Addrs[1] != addr("10.0.2.1") {
				t.Errorf("%+v", f)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, v := ask(t, parse(t, chain(c.extra)), "a", "b", vantage.IPv4, diagnose.Config{})
			if v.Status != c.status {
				t.Errorf("%s", v.Status)
			}
			if !same(kinds(v), c.want) {
				t.Errorf("found %v, want %v\n%+v", kinds(v), c.want, v.Findings)
			}
			if f := finding(t, v, c.want[len(c.want)-1]); c.check != nil {
				c.check(t, f)
			}
			if x.Took > 8*time.Second {
				t.Errorf("took %v", x.Took)
			}
		})
	}
}

// TestNobodyThere: whoever finds out after three seconds that a neighbour is not
// there is heard, though nothing else is waited for so long; one echo is enough.
func TestNobodyThere(t *testing.T) {
	for _, c := range []struct {
		host string
		f    vantage.Family
		by   string
		hop  int
	}{
		{"10.0.4.77", vantage.IPv4, "10.0.3.1", 4},
		{"fd00:4::77", vantage.IPv6, "fd00:3::1", 4},
	} {
		for _, count := range []int{1, 10} {
			x, v := ask(t, parse(t, chain(extra{"l4": "resolve: 3s"})), "a", c.host, c.f, diagnose.Config{Count: count})
			if v.Status != rule.Unreachable {
				t.Errorf("%s: %s, %v", c.host, v.Status, kinds(v))
				continue
			}
			if f := finding(t, v, rule.Refused); f.Addr != addr(c.by) || f.Hop != c.hop {
				t.Errorf("%s: %+v", c.host, f)
			}
			if n := len(x.Ping.Errors); n != 1 || x.Ping.Errors[0].Count != count {
				t.Errorf("%s: %+v", c.host, x.Ping.Errors)
			}
		}
	}
}

// TestHealthy6: nothing is wrong in IPv6 either.
func TestHealthy6(t *testing.T) {
	_, v := ask(t, parse(t, chain(nil)), "a", "b", vantage.IPv6, diagnose.Config{})
	if v.Status != rule.Well || !same(kinds(v), but(list{rule.ClockRight}, rule.LeftOut)) {
		t.Errorf("%v, %+v", v.Status, v.Findings)
	}
}

// TestDocument is the path of the document: what it concludes by hand is said.
func TestDocument(t *testing.T) {
	x, v := ask(t, load(t, "cmu-mit"), "", "18.7.22.69", vantage.Any, diagnose.Config{})
	if v.Status != rule.Well || !same(kinds(v), but(nil, rule.SlowHops)) {
		t.Errorf("%v, %v", v.Status, kinds(v))
	}
	if p := finding(t, v, rule.Passage); p.Count != 9 || len(p.Owners) != 4 || p.Owners[0] != "Carnegie Mellon University (cmu.net)" || len(p.Evidence) != 4 || len(p.Evidence[0].Hops) != 3 {
		t.Errorf("%+v", p)
	}
	if s := finding(t, v, rule.SlowHops); s.Hops[0] != 3 {
		t.Errorf("%+v", s)
	}
	if x.Ping.Received != 10 || x.Length() != 10 || x.Took > 2*time.Second {
		t.Errorf("%+v", x.Ping)
	}
}

// TestLoss: it is placed where it is, at any link, and not taken for what a
// gateway that limits does.
func TestLoss(t *testing.T) {
	for at := range 5 {
		for _, loss := range []string{"20%", "40%"} {
			link := "l" + string(rune('0'+at))
			_, v := ask(t, parse(t, chain(extra{link: "loss: " + loss, "r2": "limit: {each: {every: 1s, burst: 2}}"})), "a", "b", vantage.IPv4, diagnose.Config{Count: 20})
			if v.Status != rule.Troubled {
				t.Errorf("%s %s: %v", link, loss, kinds(v))
			}
			var got int
			for _, f := range v.Findings {
				switch f.Kind {
				case rule.LossFirst:
					got = 1
				case rule.LossBetween:
					got = f.Hop + 1
				case rule.LossAtTarget:
					got = 5
				}
			}
			// What is behind a gateway that limits may be said to begin before it.
			if want := at + 1; got != want && (at != 2 || got != 2) {
				t.Errorf("%s %s: at %d: %v", link, loss, got, kinds(v))
			}
			for _, k := range []rule.Kind{rule.FilteredThere, rule.FilteredBehind, rule.HoleBetween, rule.HoleBack, rule.HoleAnywhere, rule.MTUReduced} {
				if slices.Contains(kinds(v), k) {
					t.Errorf("%s %s: %v", link, loss, kinds(v))
				}
			}
		}
	}
}

// TestInterrupted: what is known by then is told.
func TestInterrupted(t *testing.T) {
	at, err := vantage.OpenLab(parse(t, chain(nil)), vantage.LabOptions{From: "a", Virtual: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x, err := diagnose.Run(ctx, at, diagnose.Config{Dst: addr("10.0.4.10")})
	if v := rule.Judge(&x); err != nil || !x.Interrupted || v.Status != rule.Unknown || x.Host != "10.0.4.10" {
		t.Errorf("%v, %v, %v", err, v.Status, kinds(v))
	}
}

// TestPorts: open, closed, and filtered.
func TestPorts(t *testing.T) {
	top := parse(t, chain(extra{
		"r2": "filter: [{proto: tcp, port: 25, action: drop}, {proto: tcp, port: 23, action: reject, with: 3/13}]",
	}))
	_, v := ask(t, top, "a", "b", vantage.IPv4, diagnose.Config{Ports: []uint16{80, 81, 25, 23}})
	for _, w := range []struct {
		kind rule.Kind
		port int
	}{{rule.PortOpen, 80}, {rule.PortClosed, 81}, {rule.PortFiltered, 25}, {rule.PortRejected, 23}} {
		if f := finding(t, v, w.kind); f.Port != w.port {
			t.Errorf("%+v", f)
		}
	}
	if f := finding(t, v, rule.PortRejected); f.Addr != addr("10.0.1.1") || f.Hop != 2 {
		t.Errorf("%+v", f)
	}
}

// TestScenarios: what the program's own scenarios show is found.
func TestScenarios(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		status         rule.Status
		want           rule.Kind
	}{
		{"ecmp-flow", "", "", rule.Well, rule.ByFlow},
		{"ecmp-packet", "", "", rule.Well, rule.ByPacket},
		{"redirect", "a", "b", rule.Well, rule.Redirected},
		{"host-unreachable", "a", "10.0.2.100", rule.Unreachable, rule.Refused},
		{"routing-loop", "", "", rule.Unreachable, rule.Loops},
		{"pmtu-black-hole", "A", "B", rule.Troubled, rule.HoleBetween},
		{"frag-needed", "A", "B", rule.Well, rule.MTUReduced},
	} {
		top := load(t, c.name)
		from, to := c.from, c.to
		for i := range top.Steps {
			if p := top.Steps[i].Ping; p != nil && to == "" {
				from, to = p.From, string(p.To)
			}
			if p := top.Steps[i].Trace; p != nil && to == "" {
				from, to = p.From, string(p.To)
			}
		}
		_, v := ask(t, top, from, to, vantage.IPv4, diagnose.Config{})
		if v.Status != c.status || !slices.Contains(kinds(v), c.want) {
			t.Errorf("%s: %s, %v", c.name, v.Status, kinds(v))
		}
	}
}
