package narration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
)

var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func at(ms float64) narration.Moment {
	return narration.At(start.Add(time.Duration(ms * float64(time.Millisecond))))
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// write tells items and returns the lines, without the ones that begin a run.
func write(t *testing.T, o narration.TextOptions, nodes []string, items ...narration.Item) []string {
	t.Helper()
	var b bytes.Buffer
	w := narration.NewText(&b, o)
	all := append([]narration.Item{narration.Begin{Moment: at(0), Name: "x", Title: "y", Nodes: nodes}}, items...)
	for _, i := range all {
		if err := w.Put(i); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	first := "x: y"
	if o.Lang == narration.French {
		first = "x : y"
	}
	if lines[0] != first {
		t.Errorf("it begins with %q", lines[0])
	}
	return lines[1:]
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	g, w := strings.Join(got, "\n"), strings.Join(want, "\n")
	if g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func message(ms float64, from, to string) narration.Message {
	return narration.Message{
		Moment: at(ms), From: from, To: to, Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), What: "8/0 Echo", Flow: "echo",
	}
}

var abc = []string{"a", "b", "c"}

// TestArrows: who sends to whom is seen at a glance.
func TestArrows(t *testing.T) {
	lost, back := message(1, "a", "c"), message(2, "c", "a")
	lost.Fate = record.Lost
	gone, edge := message(3, "a", ""), message(4, "c", "")
	gone.Fate, edge.Fate = record.Unresolved, record.Unresolved
	wayback := message(5.5, "c", "a")
	wayback.Fate = record.Cut
	got := write(t, narration.TextOptions{}, abc,
		message(0, "a", "b"), lost, back, gone, edge, wayback, message(6, "a", "kernel"))
	const what = "10.0.0.1 > 10.0.0.2 8/0 Echo"
	check(t, got,
		"",
		"           time  a         b         c",
		"       0.000 ms  |-------->|         |      "+what,
		"       1.000 ms  |---------x         |      "+what+"; lost by the link",
		"       2.000 ms  |<--------|---------|      "+what,
		"       3.000 ms  |---x     |         |      "+what+"; nobody answers for the next hop",
		"       4.000 ms  |         |         |---x  "+what+"; nobody answers for the next hop",
		"       5.500 ms  |         x---------|      "+what+"; the link is down",
		"       6.000 ms  a -> kernel  "+what,
	)
}

// TestWide: too many nodes for a line are told in words.
func TestWide(t *testing.T) {
	lost := message(1, "n1", "n2")
	lost.Fate = record.TooBig
	gone := message(2, "n1", "")
	gone.Fate = record.Cut
	nodes := []string{"n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"}
	got := write(t, narration.TextOptions{}, nodes, message(0, "n1", "n2"), lost, gone)
	const what = "10.0.0.1 > 10.0.0.2 8/0 Echo"
	check(t, got,
		"       0.000 ms  n1 -> n2  "+what,
		"       1.000 ms  n1 --x n2  "+what+"; over the MTU of the link, lost",
		"       2.000 ms  n1 --x  "+what+"; the link is down",
	)
	if got := write(t, narration.TextOptions{}, nodes[:8], message(0, "n1", "n2")); !strings.Contains(got[1], "n1        n2") {
		t.Errorf("eight columns fit: %q", got)
	}
}

// TestRules: what made a message, and what the link did to it.
func TestRules(t *testing.T) {
	e, a, v, l := message(0, "b", "a"), message(1, "b", "a"), message(2, "b", "a"), message(3, "b", "a")
	e.Origin = event.Origin{Kind: event.Error, Cause: report.TooBig}
	a.Origin = event.Origin{Kind: event.Answer}
	v.Origin = event.Origin{Kind: event.Advertise}
	l.Duplicate, l.Late, l.Corrupt = true, true, true
	for i, want := range []string{"; G-03 too big for the next link", "; H-01 reply", "; G-09", "; copy made by the link; held back by the link; one bit flipped by the link"} {
		m := []narration.Message{e, a, v, l}[i]
		got := write(t, narration.TextOptions{}, abc, m)
		if !strings.HasSuffix(got[2], "8/0 Echo"+want) {
			t.Errorf("%q, want %q at its end", got[2], want)
		}
	}
	got := write(t, narration.TextOptions{Lang: narration.French}, abc, e)
	if !strings.HasSuffix(got[2], "; G-03 trop grand pour le lien suivant") {
		t.Errorf("%q", got[2])
	}
}

// TestMost: the first of a kind are told, the rest counted.
func TestMost(t *testing.T) {
	step := narration.Step{Moment: at(10), What: "ping", Text: "a b"}
	var items []narration.Item
	for i := range 5 {
		items = append(items, message(float64(i), "a", "b"))
	}
	told := func(o narration.TextOptions, what string) (n int, rest string) {
		all := append([]narration.Item{narration.Step{Moment: at(0), What: what}}, items...)
		for _, l := range write(t, o, abc, append(all, step)...) {
			if strings.Contains(l, " ms  |") {
				n++
			}
			if strings.Contains(l, "more") {
				rest = strings.TrimSpace(l)
			}
		}
		return n, rest
	}
	for _, tt := range []struct {
		most int
		step string
		n    int
		rest string
	}{
		{0, "ping", 3, "… and 2 more from a to b: 8/0 Echo"},
		{4, "ping", 4, "… and 1 more from a to b: 8/0 Echo"},
		{5, "ping", 5, ""},
		{-1, "ping", 5, ""},
		{-1, "trace", 5, ""},
		{0, "trace", 1, "… and 4 more from a to b: 8/0 Echo"},
	} {
		if n, rest := told(narration.TextOptions{Most: tt.most}, tt.step); n != tt.n || rest != tt.rest {
			t.Errorf("%s, most %d: %d told, %q", tt.step, tt.most, n, rest)
		}
	}
}

// TestSegments: what goes on over the steps is not begun anew with each.
func TestSegments(t *testing.T) {
	var items []narration.Item
	for i := range 10 {
		m := message(float64(i), "a", "b")
		m.Segment = true
		items = append(items, narration.Step{Moment: at(float64(i)), What: "wait"}, m)
	}
	got := write(t, narration.TextOptions{}, abc, append(items, narration.End{Moment: at(10), Took: 10 * time.Millisecond})...)
	check(t, got[2:],
		"       0.000 ms  |-------->|         |      10.0.0.1 > 10.0.0.2 8/0 Echo",
		"       1.000 ms  |-------->|         |      10.0.0.1 > 10.0.0.2 8/0 Echo",
		"       2.000 ms  |-------->|         |      10.0.0.1 > 10.0.0.2 8/0 Echo",
		"                 … and 7 more from a to b: 8/0 Echo",
		"",
		"ends after 10.000 ms of virtual time",
	)
}

func happened(node string, e event.Event) narration.Happened {
	h := narration.Happened{Moment: at(1), Node: node, Event: e}
	if e.Kind == event.PMTU || e.Kind == event.Redirect {
		h.Dst = addr("192.0.2.9")
	}
	return h
}

var events = []narration.Item{
	happened("b", event.Event{Kind: event.Drop, Drop: mib.NoRoute, Rule: "X-99"}),
	happened("b", event.Event{Kind: event.Withheld, Drop: mib.ErrorAboutError, Cause: report.NoRoute, Rule: "E-01"}),
	happened("b", event.Event{Kind: event.Trouble, Cause: report.HostUnreachable, Rule: "H-04"}),
	happened("b", event.Event{Kind: event.Redirect, Via: addr("10.0.0.7"), Rule: "H-07"}),
	happened("b", event.Event{Kind: event.PMTU, MTU: 1000, Rule: "H-15"}),
	happened("b", event.Event{Kind: event.Reassemble, Len: 4000}),
	happened("b", event.Event{Kind: event.Forward}),
}

func TestEvents(t *testing.T) {
	const before = "       1.000 ms  |         *         |      "
	check(t, write(t, narration.TextOptions{}, abc, events...)[2:],
		before+"dropped: no route (G-02)",
		before+`withheld: "no route": no error about an error (E-01)`,
		before+"host does not answer: believed (H-04)",
		before+"route to 192.0.2.9 is now by 10.0.0.7 (H-07)",
		before+"path MTU to 192.0.2.9 is now 1000 octets (H-15)",
		before+"fragments put together: 4000 octets",
	)
	check(t, write(t, narration.TextOptions{Quiet: true}, abc, append(events, message(0, "a", "b"))...),
		before+"route to 192.0.2.9 is now by 10.0.0.7 (H-07)",
		before+"path MTU to 192.0.2.9 is now 1000 octets (H-15)",
	)
}

// TestPingTimes: three digits that count, cut and not rounded, as ping has it.
func TestPingTimes(t *testing.T) {
	for us, want := range map[int]string{
		0: "0.000", 999: "0.999", 1000: "1.00", 1999: "1.99", 9999: "9.99", 10_000: "10.0", 84_157: "84.1",
		84_199: "84.1", 99_999: "99.9", 100_000: "100", 199_384: "199",
	} {
		got := write(t, narration.TextOptions{}, abc, narration.PingReply{
			From: addr("10.0.0.2"), Len: 64, Seq: 7, TTL: 240, RTT: time.Duration(us) * time.Microsecond,
		})
		if got[2] != "64 bytes from 10.0.0.2: icmp_seq=7 ttl=240 time="+want+" ms" {
			t.Errorf("%d µs: %q", us, got[2])
		}
	}
}

func TestPingLines(t *testing.T) {
	to := addr("10.0.0.2")
	check(t, write(t, narration.TextOptions{}, abc,
		narration.PingBegin{To: to, Size: 56, Len: 84},
		narration.PingReply{From: to, Len: 64, Seq: 1, TTL: 64, RTT: time.Millisecond, Dup: true, Bad: true},
		narration.PingError{From: to, Seq: 2, What: "3/1 …"},
		narration.PingError{Seq: 3, What: "no route"},
		narration.PingEnd{To: to, Sent: 3, Received: 2, Dup: 1, Errors: 2, Took: 2001500 * time.Microsecond, Min: 1, Avg: 1500 * time.Microsecond, Max: time.Second, Mdev: 427 * time.Microsecond},
		narration.PingEnd{To: to, Sent: 0},
	)[2:],
		"PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.",
		"64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=1.00 ms (DUP!) (BAD DATA!)",
		"From 10.0.0.2 icmp_seq=2 3/1 …",
		"ping: the node itself: no route",
		"--- 10.0.0.2 ping statistics ---",
		"3 packets transmitted, 2 received, +1 duplicates, +2 errors, 33% packet loss, time 2001ms",
		"rtt min/avg/max/mdev = 0.000/1.500/1000.000/0.427 ms",
		"--- 10.0.0.2 ping statistics ---",
		"0 packets transmitted, 0 received, 0% packet loss, time 0ms",
	)
}

func TestTraceLines(t *testing.T) {
	p := func(a, name string, ms int, mark string) narration.TraceProbe {
		return narration.TraceProbe{From: addr(a), Name: name, RTT: time.Duration(ms) * time.Millisecond, Mark: mark}
	}
	labelled := p("10.0.0.3", "", 3, "")
	labelled.Labels = []string{"L=16,E=0,S=1,T=1"}
	check(t, write(t, narration.TextOptions{}, abc,
		narration.TraceBegin{To: addr("10.0.0.9"), Max: 30, Size: 38},
		narration.TraceHop{TTL: 1, Probes: []narration.TraceProbe{p("10.0.0.1", "r1.example", 1, ""), {}, p("10.0.0.1", "r1.example", 2, "")}},
		narration.TraceHop{TTL: 2, Probes: []narration.TraceProbe{p("10.0.0.2", "", 1, "!H"), labelled, p("10.0.0.2", "", 2, "")}},
		narration.TraceEnd{Hops: 2},
		narration.TraceEnd{Hops: 2, Reached: true, Owners: []string{"A (a)", "B (b)"}},
	)[2:],
		"traceroute to 10.0.0.9 (10.0.0.9), 30 hops max, 38 byte packets",
		"1 r1.example (10.0.0.1) 1.000 ms * 2.000 ms",
		"2 10.0.0.2 (10.0.0.2) 1.000 ms !H 10.0.0.3 (10.0.0.3) <MPLS:L=16,E=0,S=1,T=1> 3.000 ms 10.0.0.2 (10.0.0.2) 2.000 ms",
		"target not reached within 2 hops",
		"1 gateways between source and target",
		"owners on the path: A (a), B (b)",
	)
}

func TestOtherLines(t *testing.T) {
	local, remote := netip.MustParseAddrPort("10.0.0.1:5"), netip.MustParseAddrPort("10.0.0.2:80")
	rate := narration.Rate{Moment: at(1), Node: "a", Dst: addr("10.0.0.2"), Interval: time.Second, Datagrams: 10, Octets: 125}
	fast, fastest := rate, rate
	fast.Octets, fastest.Octets = 1_250, 1_250_000
	a, m := "       1.000 ms  *         |         |      ", "       1.000 ms  |         |         |      "
	check(t, write(t, narration.TextOptions{Quiet: true}, abc,
		narration.Step{What: "say", Text: "one\ntwo"}, narration.Step{What: "show"}, narration.Step{What: "send", Text: "a b"},
		rate, fast, fastest,
		narration.Connection{Moment: at(1), Node: "a", Local: local, Remote: remote, State: "established", MSS: 1460},
		narration.Connection{Moment: at(1), Node: "a", Local: local, Remote: remote, State: "aborted", Why: "reset"},
		narration.Connection{Moment: at(1), Node: "a", Local: local, Remote: remote, State: "syn-sent", MSS: 9},
		narration.Switched{Moment: at(1), Link: "l"}, narration.Switched{Moment: at(1), Link: "l", Up: true},
		narration.Switched{Moment: at(1), Link: "l", Node: "a"}, narration.Switched{Moment: at(1), Link: "l", Node: "a", Up: true},
		narration.Rerouted{Moment: at(1), Node: "a", To: netip.MustParsePrefix("10.9.0.0/16"), Via: []string{"10.0.0.2", "eth1"}},
		narration.Rerouted{Moment: at(1), Node: "a", To: netip.MustParsePrefix("10.9.0.0/16")},
		narration.Sent{Node: "a", Dst: addr("10.0.0.2"), Count: 3, Size: 100},
		narration.Sent{Node: "a", Dst: addr("10.0.0.2"), Count: 3, Size: 100, Refused: 2, Why: "full"},
		narration.Shown{Node: "a", What: "pmtu"}, narration.Shown{Node: "a", What: "pmtu", Lines: []string{"p", "q"}},
		narration.QueryReply{What: "mask", From: addr("10.0.0.2"), Text: "18/0", RTT: time.Millisecond},
		narration.QueryReply{What: "timestamp", From: addr("10.0.0.2"), Text: "14/0", RTT: time.Millisecond, HasOffset: true, Offset: -time.Second},
		narration.QueryReply{What: "timestamp", From: addr("10.0.0.2"), Text: "14/0", RTT: 11 * time.Second, HasOffset: true},
		narration.QueryEnd{What: "mask", To: addr("10.0.0.2"), Sent: 3, Received: 1}, narration.QueryEnd{Sent: 1, Received: 1},
	),
		"", "# one", "# two", "", "> send a b",
		a+"a sends 1.0 kbit a second to 10.0.0.2: 10.0 datagrams",
		a+"a sends 10.0 kbit a second to 10.0.0.2: 10.0 datagrams",
		a+"a sends 10.00 Mbit a second to 10.0.0.2: 10.0 datagrams",
		a+"connection 10.0.0.1:5 to 10.0.0.2:80 is established, 1460 octets in a segment",
		a+"connection 10.0.0.1:5 to 10.0.0.2:80 is DEAD: reset",
		a+"connection 10.0.0.1:5 to 10.0.0.2:80: syn-sent, 9 octets in a segment",
		m+"link l goes down", m+"link l comes up", a+"interface of a to l goes down", a+"interface of a to l comes up",
		a+"route to 10.9.0.0/16 is now by 10.0.0.2, eth1", a+"there is no route to 10.9.0.0/16 any more",
		"                 a has sent 3 to 10.0.0.2, the last of 100 octets",
		"                 a has sent 3 to 10.0.0.2, the last of 100 octets; 2 not taken by the node: full",
		"", "a, pmtu:", "  nothing", "", "a, pmtu:", "  p", "  q",
		"mask from 10.0.0.2: 18/0; round trip 1.000 ms",
		"timestamp from 10.0.0.2: 14/0; round trip 1.000 ms; its clock is 1000.000 ms behind",
		"timestamp from 10.0.0.2: 14/0; round trip 11.000 s; its clock is 0.000 ms ahead",
		"mask of 10.0.0.2: no answer to 2 of 3",
	)
}

// TestJSON: every item is one object on one line, with its time and kind.
func TestJSON(t *testing.T) {
	all := append([]narration.Item{
		narration.Begin{Moment: at(0)},
		narration.End{Moment: at(0)},
		narration.Step{Moment: at(0)},
		message(0, "a", "b"),
		narration.Rate{Moment: at(0)},
		narration.Connection{Moment: at(0), Why: "x"},
		narration.Switched{Moment: at(0)},
		narration.Sent{Moment: at(0), Why: "x"},
		narration.Shown{Moment: at(0)},
		narration.PingBegin{Moment: at(0)},
		narration.PingReply{Moment: at(0)},
		narration.PingError{Moment: at(0)},
		narration.PingEnd{Moment: at(0), Received: 1},
		narration.TraceBegin{Moment: at(0)},
		narration.TraceHop{Moment: at(0), Probes: []narration.TraceProbe{{}, {From: addr("10.0.0.1"), Name: "n", Labels: []string{"l"}}}},
		narration.TraceEnd{Moment: at(0)},
		narration.QueryReply{Moment: at(0), HasOffset: true},
		narration.QueryEnd{Moment: at(0)},
	}, events...)
	kinds := map[string]bool{}
	for _, i := range all {
		var b bytes.Buffer
		if err := narration.NewJSON(&b).Put(i); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%T: %v: %s", i, err, b.Bytes())
		}
		if strings.Count(b.String(), "\n") != 1 || got["kind"] != i.Kind() || i.Kind() == "" || got["level"] != nil || got["msg"] != nil {
			t.Errorf("%T: %s", i, b.Bytes())
		}
		if when, err := time.Parse(time.RFC3339Nano, got["time"].(string)); err != nil || !when.Equal(i.When()) {
			t.Errorf("%T: time %v, want %v", i, got["time"], i.When())
		}
		if len(got) < 3 && i.Kind() != "" {
			t.Errorf("%T tells nothing: %s", i, b.Bytes())
		}
		kinds[i.Kind()] = true
	}
	if len(kinds) != len(all) {
		t.Errorf("%d kinds of %d items", len(kinds), len(all))
	}
}

func TestOf(t *testing.T) {
	var s narration.Items
	for _, i := range []narration.Item{narration.Rate{Octets: 1}, narration.End{}, narration.Rate{Octets: 2}} {
		if err := s.Put(i); err != nil {
			t.Fatal(err)
		}
	}
	if got := narration.Of[narration.Rate](s); len(got) != 2 || got[1].Octets != 2 {
		t.Errorf("%v", got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

func TestBrokenWriter(t *testing.T) {
	for _, s := range []narration.Sink{narration.NewText(broken{}, narration.TextOptions{}), narration.NewJSON(broken{})} {
		if err := s.Put(narration.Begin{}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%T: %v", s, err)
		}
	}
}
