package narration_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestKinds: the words that programs tell items by.
func TestKinds(t *testing.T) {
	for _, tt := range []struct {
		i    narration.Item
		want string
	}{
		{narration.Begin{Moment: at(3)}, "begin"},
		{narration.End{Moment: at(3)}, "end"},
		{narration.Step{Moment: at(3)}, "step"},
		{narration.Message{Moment: at(3)}, "message"},
		{narration.Rate{Moment: at(3)}, "rate"},
		{narration.Connection{Moment: at(3)}, "connection"},
		{narration.Switched{Moment: at(3)}, "switch"},
		{narration.Rerouted{Moment: at(3)}, "route"},
		{narration.Sent{Moment: at(3)}, "sent"},
		{narration.Shown{Moment: at(3)}, "show"},
		{narration.PingBegin{Moment: at(3)}, "ping"},
		{narration.PingReply{Moment: at(3)}, "reply"},
		{narration.PingError{Moment: at(3)}, "ping-error"},
		{narration.PingEnd{Moment: at(3)}, "ping-end"},
		{narration.TraceBegin{Moment: at(3)}, "trace"},
		{narration.TraceHop{Moment: at(3)}, "hop"},
		{narration.TraceEnd{Moment: at(3)}, "trace-end"},
		{narration.QueryReply{Moment: at(3)}, "query-reply"},
		{narration.QueryEnd{Moment: at(3)}, "query-end"},
		{narration.Happened{Moment: at(3), Event: event.Event{Kind: event.Drop}}, "drop"},
		{narration.Happened{Moment: at(3), Event: event.Event{Kind: event.Advertise}}, "advertise"},
	} {
		if got := tt.i.Kind(); got != tt.want {
			t.Errorf("%T is %q, want %q", tt.i, got, tt.want)
		}
		if when := tt.i.When(); !when.Equal(start.Add(3 * time.Millisecond)) {
			t.Errorf("%T is at %v", tt.i, when)
		}
	}
}

// TestEachEvent: what is told of each event that a node knows, in words when
// there are no columns, and what is not.
func TestEachEvent(t *testing.T) {
	for kind, want := range map[event.Kind][2]string{
		event.Drop:       {"dropped: TTL exceeded in transit (G-01)", "rejeté : durée de vie épuisée en transit (G-01)"},
		event.Forward:    {},
		event.Deliver:    {},
		event.Answer:     {},
		event.Error:      {},
		event.Withheld:   {`withheld: "time to live ran out": TTL exceeded in transit (Z-9)`, `retenu : « durée de vie épuisée » : durée de vie épuisée en transit (Z-9)`},
		event.Send:       {},
		event.Fragment:   {},
		event.Reassemble: {"fragments put together: 77 octets (Z-9)", "fragments réassemblés : 77 octets (Z-9)"},
		event.Trouble:    {"time to live ran out: believed (Z-9)", "durée de vie épuisée : cru (Z-9)"},
		event.Redirect:   {"route to 192.0.2.9 is now by 10.0.0.7 (Z-9)", "la route vers 192.0.2.9 passe désormais par 10.0.0.7 (Z-9)"},
		event.PMTU:       {"path MTU to 192.0.2.9 is now 576 octets (Z-9)", "le MTU du chemin vers 192.0.2.9 est désormais de 576 octets (Z-9)"},
		event.Advertise:  {},
	} {
		for l, want := range want {
			for _, quiet := range []bool{false, true} {
				got := write(t, narration.TextOptions{Lang: narration.Lang(l), Quiet: quiet}, nil, happened("node", event.Event{
					Kind: kind, Drop: mib.TTLExceeded, Cause: report.TTLExceeded, Rule: "Z-9", Len: 77, MTU: 576, Via: addr("10.0.0.7"),
				}))
				switch {
				case want == "", quiet && kind != event.Redirect && kind != event.PMTU:
					check(t, got)
				default:
					check(t, got, "       "+[...]string{"1.000", "1,000"}[l]+" ms  node  "+want)
				}
			}
		}
	}
	// Without a rule there is none told.
	check(t, write(t, narration.TextOptions{}, nil, happened("node", event.Event{Kind: event.Reassemble, Len: 9})),
		"       1.000 ms  node  fragments put together: 9 octets")
	// Who is not in the diagram has no mark in it.
	check(t, write(t, narration.TextOptions{}, abc, happened("out", event.Event{Kind: event.Reassemble, Len: 9}))[2:],
		"       1.000 ms  |         |         |      fragments put together: 9 octets")
}

// TestEachDrop: every reason for a drop is told in words of its own in both
// languages, with its rule where there is one.
func TestEachDrop(t *testing.T) {
	for l := range narration.Languages {
		seen := map[string]mib.Drop{}
		for d := mib.None + 1; d.Name() != ""; d++ {
			got := write(t, narration.TextOptions{Lang: narration.Lang(l)}, nil, happened("n", event.Event{Kind: event.Drop, Drop: d}))[0]
			if other, ok := seen[got]; ok {
				t.Errorf("%v and %v are both told as %q", d.Name(), other.Name(), got)
			}
			seen[got] = d
			if r := d.Rule(); r != "" && !strings.HasSuffix(got, " ("+r+")") {
				t.Errorf("%v: %q does not tell %s", d.Name(), got, r)
			}
		}
		if len(seen) < 50 {
			t.Errorf("%d reasons", len(seen))
		}
	}
}

// TestDescribeMore: what an error is about, whatever error it is; and what can
// only be read in part.
func TestDescribeMore(t *testing.T) {
	a, b := addr("10.0.0.1"), addr("10.0.0.2")
	must := func(d []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	v4 := func(p ip.Proto, payload []byte) []byte {
		return must(ip.Header4{TTL: 5, Proto: p, Src: a, Dst: b}.AppendPacket(nil, payload))
	}
	tcp := must(transport.TCP{SrcPort: 5, DstPort: 80, Flags: transport.SYN}.AppendPacket(nil, a, b, nil))
	echo := must(icmp4.Echo{ID: 1, Seq: 2}.AppendBinary(nil))
	q := v4(ip.ProtoTCP, tcp)
	for _, tt := range []struct {
		m    icmp4.Message
		want string
	}{
		{icmp4.DestUnreachable{Code: 1, Quote: q}, ", about TCP 10.0.0.1:5 > 10.0.0.2:80, ttl 5"},
		{icmp4.TimeExceeded{Quote: q}, ", about TCP 10.0.0.1:5 > 10.0.0.2:80, ttl 5"},
		{icmp4.ParameterProblem{Pointer: 1, Quote: q}, ", about TCP 10.0.0.1:5 > 10.0.0.2:80, ttl 5"},
		{icmp4.Redirect{Code: 1, Gateway: a, Quote: q}, ", about TCP 10.0.0.1:5 > 10.0.0.2:80, ttl 5"},
		{icmp4.SourceQuench{Quote: q}, ", about TCP 10.0.0.1:5 > 10.0.0.2:80, ttl 5"},
		{icmp4.TimeExceeded{Quote: v4(ip.ProtoICMP, echo)}, ", about ICMP 10.0.0.1 > 10.0.0.2, ttl 5"},
		{icmp4.TimeExceeded{Quote: q[:19]}, "quotes 19 octets, ttl 5"},
	} {
		src, dst, what, _ := narration.Describe(v4(ip.ProtoICMP, must(tt.m.AppendBinary(nil))))
		if src != a || dst != b || !strings.HasSuffix(what, tt.want) {
			t.Errorf("%v > %v %s, want %q at its end", src, dst, what, tt.want)
		}
	}
	a6, b6 := addr("2001:db8::1"), addr("2001:db8::2")
	v6 := func(p ip.Proto, payload []byte) []byte {
		return must(ip.Header6{NextHeader: p, HopLimit: 7, Src: a6, Dst: b6}.AppendPacket(nil, payload))
	}
	for want, d := range map[string][]byte{
		"TCP, 19 octets, ttl 5":                                   v4(ip.ProtoTCP, tcp[:19]),
		"UDP, 3 octets, ttl 5":                                    v4(ip.ProtoUDP, echo[:3]),
		"8/0 Echo, ttl 5":                                         v4(ip.ProtoICMP, echo[:2]),
		"IPv6-ICMP, 1 octets, ttl 7":                              v6(ip.ProtoICMPv6, []byte{128}),
		"128/0 Echo Request, ttl 7":                               v6(ip.ProtoICMPv6, []byte{128, 0}),
		"SCTP, 4 octets, ttl 7":                                   v6(132, []byte{1, 2, 3, 4}),
		"TCP 5 > 80 SYN, seq 0, ack 0, window 0, 0 octets, ttl 7": v6(ip.ProtoTCP, tcp),
	} {
		if _, _, what, _ := narration.Describe(d); what != want {
			t.Errorf("%q, want %q", what, want)
		}
	}
	flow := func(d []byte) string { _, _, _, f := narration.Describe(d); return f }
	first := flow(v6(ip.ProtoICMPv6, must(icmp6.Echo{ID: 1}.Append(nil, a6, b6))))
	if got := flow(v6(ip.ProtoICMPv6, must(icmp6.Echo{ID: 2, Seq: 5}.Append(nil, a6, b6)))); got != first {
		t.Errorf("%s and %s are of different kinds", got, first)
	}
	if got := flow(v6(ip.ProtoTCP, tcp)); got == first || got != "2001:db8::1>2001:db8::2 TCP false" {
		t.Errorf("%s", got)
	}
	if got := flow([]byte{0x45}); got != "unreadable" || flow([]byte{0x60}) != got {
		t.Errorf("%s", got)
	}
}

// TestFlushed: nothing is kept back between items, in either form.
func TestFlushed(t *testing.T) {
	var b bytes.Buffer
	for _, s := range []narration.Sink{narration.NewText(&b, narration.TextOptions{}), narration.NewJSON(&b)} {
		b.Reset()
		for i := range 3 {
			before := b.Len()
			if err := s.Put(narration.Step{Moment: at(0), What: "ping"}); err != nil || b.Len() == before {
				t.Errorf("%T: item %d: %v, %d octets", s, i, err, b.Len())
			}
		}
	}
}
