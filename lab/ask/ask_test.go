package ask_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
)

// path is a, r1, b on links of 1 ms; the arguments are more keys of r1 and b, and
// of the link of b.
func path(r1, b, link string) string {
	return fmt.Sprintf(`
links: {near: {delay: 1ms}, far: {delay: 1ms%s}}
nodes:
  a:
    interfaces: [{link: near, address: 10.0.1.10/24, address6: "2001:db8:1::a/64"}]
    routes: [{to: default, via: 10.0.1.1}, {to: default6, via: "2001:db8:1::1"}]
  r1:
    kind: gateway
    %s
    interfaces: [{link: near, address: 10.0.1.1/24, address6: "2001:db8:1::1/64"}, {link: far, address: 10.0.2.1/24, address6: "2001:db8:2::1/64", probe: true}]
  b:
    %s
    interfaces: [{link: far, address: 10.0.2.20/24, address6: "2001:db8:2::b/64"}]
    routes: [{to: default, via: 10.0.2.1}, {to: default6, via: "2001:db8:2::1"}]
names:
  10.0.1.1: {name: r1.example, owner: Example}
`, link, r1, b)
}

func replies(all []narration.Item) (out []uint16) {
	for _, r := range narration.Of[narration.PingReply](all) {
		out = append(out, r.Seq)
	}
	return out
}

func TestPing(t *testing.T) {
	for _, to := range []string{"b", `"2001:db8:2::b"`} {
		all := play(t, path("", "", ""), "ping: {from: a, to: "+to+", count: 3, interval: 1ms, size: 9}")
		if got := replies(all); !slices.Equal(got, []uint16{1, 2, 3}) {
			t.Errorf("%s: replies to %v", to, got)
		}
		r := narration.Of[narration.PingReply](all)[0]
		if r.RTT != 4*time.Millisecond || r.TTL != 63 || r.Len != 17 || r.Dup || r.Bad {
			t.Errorf("%s: %+v", to, r)
		}
		e := narration.Of[narration.PingEnd](all)[0]
		if e.Sent != 3 || e.Received != 3 || e.Errors != 0 || e.Took != 2*time.Millisecond || e.Min != r.RTT || e.Avg != r.RTT || e.Max != r.RTT || e.Mdev != 0 {
			t.Errorf("%s: %+v", to, e)
		}
		if e.Time.Sub(lab.Epoch) != 6*time.Millisecond {
			t.Errorf("%s: it ends at %v", to, e.Time)
		}
		want := 9 + 8 + 20
		if strings.Contains(to, ":") {
			want += 20
		}
		if b := narration.Of[narration.PingBegin](all)[0]; b.Size != 9 || b.Len != want {
			t.Errorf("%s: %+v", to, b)
		}
	}
}

// TestPingStatistics: in whole microseconds, as ping counts.
func TestPingStatistics(t *testing.T) {
	all := play(t, path("", "icmp_delay: [157us, 1us, 926us, 261us, 160us]", ""), "ping: {from: a, to: b, count: 5, interval: 10ms}")
	e := narration.Of[narration.PingEnd](all)[0]
	// 157, 1, 926, 261, 160: mean 301, squares 106525.2 above 90601
	if e.Min != 4001*time.Microsecond || e.Max != 4926*time.Microsecond || e.Avg != 4301*time.Microsecond || e.Mdev != 323*time.Microsecond {
		t.Errorf("%+v", e)
	}
}

func TestPingSilence(t *testing.T) {
	all := play(t, path("", "echo: false", ""), "ping: {from: a, to: b, count: 2, interval: 100ms, timeout: 300ms}")
	e := narration.Of[narration.PingEnd](all)[0]
	if e.Received != 0 || e.Sent != 2 || e.Errors != 0 || e.Time.Sub(lab.Epoch) != 400*time.Millisecond {
		t.Errorf("%+v", e)
	}
}

func TestPingErrors(t *testing.T) {
	for to, want := range map[string]string{
		"192.0.2.1":       "3/0 Destination Unreachable",
		`"2001:db8:9::9"`: "1/0 Destination Unreachable",
	} {
		r1 := ""
		all := play(t, path(r1, "", ""), "ping: {from: a, to: "+to+", count: 2, interval: 10ms}")
		errs := narration.Of[narration.PingError](all)
		if len(errs) != 2 || errs[1].Seq != 2 || !strings.HasPrefix(errs[0].What, want) || !errs[0].From.IsValid() {
			t.Errorf("%s: %+v", to, errs)
			continue
		}
		// An error is an answer: nothing is waited for.
		if e := narration.Of[narration.PingEnd](all)[0]; e.Errors != 2 || e.Time.Sub(lab.Epoch) != 12*time.Millisecond {
			t.Errorf("%s: %+v", to, e)
		}
	}
}

// TestPingOwnErrors: what the node itself does not send.
func TestPingOwnErrors(t *testing.T) {
	text := strings.Replace(path("", "", ""), "{to: default, via: 10.0.1.1}, ", "", 1)
	errs := narration.Of[narration.PingError](play(t, text, "ping: {from: a, to: b}"))
	if len(errs) != 1 || errs[0].From.IsValid() || errs[0].What != "no route to host" {
		t.Errorf("%+v", errs)
	}
	errs = narration.Of[narration.PingError](play(t, path("", "", ""), "ping: {from: a, to: b, size: 1473, df: true}"))
	if len(errs) != 1 || !strings.Contains(errs[0].What, "1501 octets is over the path MTU of 1500") {
		t.Errorf("%+v", errs)
	}
}

func TestPingDuplicates(t *testing.T) {
	all := play(t, path("", "", ", duplicate: 100%"), "ping: {from: a, to: b, count: 3, interval: 100ms}")
	e := narration.Of[narration.PingEnd](all)[0]
	// Four replies to each request, of which ping waits for one after the last.
	if e.Received != 3 || e.Dup < 6 || e.Dup > 9 || e.Avg != 4*time.Millisecond {
		t.Errorf("%+v", e)
	}
	for i, r := range narration.Of[narration.PingReply](all)[:4] {
		if r.Dup != (i > 0) || r.Seq != 1 {
			t.Errorf("reply %d: %+v", i, r)
		}
	}
}

// TestPingRoute: by a source route, on a gateway that follows it.
func TestPingRoute(t *testing.T) {
	got := replies(play(t, path("source_routing: true", "", ""), "ping: {from: a, to: b, route: [r1]}"))
	if !slices.Equal(got, []uint16{1}) {
		t.Errorf("replies to %v", got)
	}
	errs := narration.Of[narration.PingError](play(t, path("", "", ""), "ping: {from: a, to: b, route: [r1]}"))
	if len(errs) != 1 || !strings.HasPrefix(errs[0].What, "3/5") {
		t.Errorf("%+v", errs)
	}
	for _, o := range []string{"timestamp", "timestamp-address", "record-route"} {
		if got := replies(play(t, path("", "", ""), "ping: {from: a, to: b, option: "+o+"}")); len(got) != 1 {
			t.Errorf("%s: replies to %v", o, got)
		}
	}
}

// line is a trace in one line: who answered each probe with which mark.
func line(all []narration.Item) string {
	s := ""
	for _, h := range narration.Of[narration.TraceHop](all) {
		s += fmt.Sprint(h.TTL)
		for _, p := range h.Probes {
			if !p.From.IsValid() {
				s += " *"
				continue
			}
			s += fmt.Sprintf(" %v/%v%s", p.From, p.RTT, p.Mark)
		}
		s += "; "
	}
	e := narration.Of[narration.TraceEnd](all)[0]
	return s + fmt.Sprintf("%d %v", e.Hops, e.Reached)
}

func TestTrace(t *testing.T) {
	const both = "1 10.0.1.1/2ms 10.0.1.1/2ms; 2 10.0.2.20/4ms 10.0.2.20/4ms; 2 true"
	const six = "1 2001:db8:1::1/2ms; 2 2001:db8:2::b/4ms; 2 true"
	web := "listen: [{tcp: 80}]"
	for _, tt := range []struct{ r1, b, step, want string }{
		{"", "", "to: b, queries: 2", both},
		{"", "", "to: b, queries: 2, flow: vary", both},
		{"", "", "to: b, queries: 2, by: icmp", both},
		{"", "", "to: b, queries: 2, by: icmp, flow: vary", both},
		{"", "", "to: b, queries: 2, by: tcp", both}, // a reset is an answer too
		{"", web, "to: b, queries: 2, by: tcp, flow: vary", both},
		{"", "", `to: "2001:db8:2::b", queries: 1`, six},
		{"", "", `to: "2001:db8:2::b", queries: 1, by: icmp`, six},
		{"", "", "to: b, queries: 1, first: 2", "2 10.0.2.20/4ms; 2 true"},
		{"", "", "to: b, queries: 1, max: 1", "1 10.0.1.1/2ms; 1 false"},
		{"silent: true", "", "to: b, queries: 2, timeout: 1s", "1 * *; 2 10.0.2.20/4ms 10.0.2.20/4ms; 2 true"},
		{"", "", "to: 192.0.2.1, queries: 1", "1 10.0.1.1/2ms!N; 1 false"},
		{"filter: [{proto: udp, action: reject}]", "", "to: b, queries: 1", "1 10.0.1.1/2ms; 2 10.0.1.1/2ms!X; 2 false"},
		{"filter: [{proto: udp, action: reject, with: 3/10}]", "", "to: b, queries: 1", "1 10.0.1.1/2ms; 2 10.0.1.1/2ms!Z; 2 false"},
		{"", "", "to: 10.0.2.99, queries: 1", "1 10.0.1.1/2ms; 2 10.0.1.1/1.002s!H; 2 false"},
	} {
		if got := line(play(t, path(tt.r1, tt.b, ""), "trace: {from: a, "+tt.step+"}")); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.step, got, tt.want)
		}
	}
	got := line(play(t, path("", "", ", mtu: 1400"), "trace: {from: a, to: b, queries: 1, size: 1450, df: true}"))
	if want := "1 10.0.1.1/2ms; 2 10.0.1.1/2ms!F-1400; 2 false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestTraceNames: names and owners, each owner once.
func TestTraceNames(t *testing.T) {
	all := play(t, path("", "", ""), "trace: {from: a, to: b, size: 38}")
	p := narration.Of[narration.TraceHop](all)[0].Probes[0]
	if p.Name != "r1.example" || p.Owner != "Example" {
		t.Errorf("%+v", p)
	}
	if e := narration.Of[narration.TraceEnd](all)[0]; !slices.Equal(e.Owners, []string{"Example"}) {
		t.Errorf("%+v", e)
	}
	if b := narration.Of[narration.TraceBegin](all)[0]; b.Size != 38 || b.Max != 30 {
		t.Errorf("%+v", b)
	}
}

// TestTraceLate: an answer that comes after its time is not taken for one to
// the next probe.
func TestTraceLate(t *testing.T) {
	got := line(play(t, path("icmp_delay: [30ms, 5ms, 5ms]", "", ""), "trace: {from: a, to: b, timeout: 20ms}"))
	if want := "1 * 10.0.1.1/7ms 10.0.1.1/7ms; 2 10.0.2.20/4ms 10.0.2.20/4ms 10.0.2.20/4ms; 2 true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestQuery(t *testing.T) {
	text := path("information: true, probe: true", "clock: {offset: 1500ms}", "")
	text = strings.Replace(text, "information: true, probe: true", "information: true\n    probe: true", 1)
	for _, tt := range []struct {
		step, want string
		offset     time.Duration
	}{
		{"to: b, what: timestamp", "14/0 Timestamp Reply", 1500 * time.Millisecond},
		{"to: r1, what: information", "16/0 Information Reply", 0},
		{"to: r1, what: probe, interface: eth1, local: true", "43/0 Extended Echo Reply: No Error", 0},
		{"to: r1, what: probe, interface: 2, local: true", "43/0 Extended Echo Reply: No Error", 0},
		{"to: r1, what: probe, interface: 10.0.2.1, local: true", "43/0 Extended Echo Reply: No Error", 0},
		{"to: r1, what: probe, interface: eth9, local: true", "43/2 Extended Echo Reply: No Such Interface", 0},
	} {
		all := play(t, text, "query: {from: a, "+tt.step+"}")
		q := narration.Of[narration.QueryReply](all)
		if len(q) != 1 || !strings.HasPrefix(q[0].Text, tt.want) || q[0].Offset != tt.offset || q[0].HasOffset != (tt.offset != 0) {
			t.Errorf("%s: %+v", tt.step, q)
		}
	}
	for _, step := range []string{"to: b, what: mask, timeout: 300ms", "to: b, what: router, timeout: 300ms"} {
		all := play(t, text, "query: {from: a, "+step+"}")
		want := []narration.Item{narration.QueryEnd{
			Moment: narration.At(lab.Epoch.Add(300 * time.Millisecond)), What: strings.Split(strings.Split(step, "what: ")[1], ",")[0],
			To: narration.Of[narration.QueryEnd](all)[0].To, Sent: 1,
		}}
		if !reflect.DeepEqual(all, want) {
			t.Errorf("%s: %+v", step, all)
		}
	}
}

// TestQueryMidnight: the day ends between request and reply.
func TestQueryMidnight(t *testing.T) {
	text := "start: 2026-01-01T23:59:59Z\n" + path("", "clock: {offset: 2s}", "")
	for off, want := range map[string]time.Duration{"2s": 2 * time.Second, "-5h": -5 * time.Hour} {
		all := play(t, strings.Replace(text, "offset: 2s", "offset: "+off, 1), "query: {from: a, to: b, what: timestamp}")
		if q := narration.Of[narration.QueryReply](all); len(q) != 1 || q[0].Offset != want {
			t.Errorf("%s: %+v", off, q)
		}
	}
}
