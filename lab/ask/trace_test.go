package ask_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// port is the source port, or the identifier, of trace number 7.
const port = 40007

// TestTraceProbes: what is sent, by each protocol. Nobody answers.
func TestTraceProbes(t *testing.T) {
	for _, tt := range []struct {
		step string
		want []string // TTL, identification, length, what
	}{
		{"max: 2, queries: 2", []string{
			"1 1 60 UDP 40007 > 33434, 40 octets", "1 2 60 UDP 40007 > 33434, 40 octets",
			"2 3 60 UDP 40007 > 33434, 40 octets", "2 4 60 UDP 40007 > 33434, 40 octets",
		}},
		{"max: 1", []string{
			"1 1 60 UDP 40007 > 33434, 40 octets", "1 2 60 UDP 40007 > 33434, 40 octets", "1 3 60 UDP 40007 > 33434, 40 octets",
		}},
		{"max: 1, flow: vary, port: 99, size: 28", []string{
			"1 1 28 UDP 40007 > 99, 8 octets", "1 2 28 UDP 40007 > 100, 8 octets", "1 3 28 UDP 40007 > 101, 8 octets",
		}},
		{"first: 4, max: 4, queries: 1, size: 1", []string{"4 1 28 UDP 40007 > 33434, 8 octets"}},
		{"max: 1, queries: 2, by: icmp", []string{
			"1 1 60 8/0 Echo, id 40007, seq 1, 32 octets", "1 2 60 8/0 Echo, id 40007, seq 1, 32 octets",
		}},
		{"max: 1, queries: 2, by: icmp, flow: vary, size: 29", []string{
			"1 1 29 8/0 Echo, id 40007, seq 1, 1 octets", "1 2 29 8/0 Echo, id 40007, seq 2, 1 octets",
		}},
		{"max: 1, queries: 2, by: tcp", []string{
			"1 1 40 TCP 40007 > 80 SYN, seq 1, ack 0, window 1024", "1 2 40 TCP 40007 > 80 SYN, seq 2, ack 0, window 1024",
		}},
		{"max: 1, queries: 2, by: tcp, flow: vary, port: 443", []string{
			"1 1 40 TCP 40007 > 443 SYN, seq 1, ack 0, window 1024", "1 2 40 TCP 40008 > 443 SYN, seq 2, ack 0, window 1024",
		}},
	} {
		s := &scene{t: t}
		all := s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, timeout: 10ms, tos: 8, df: true, "+tt.step+"}")
		var got []string
		for i, d := range s.came {
			h := d.four
			if h.Src != asker || h.Dst != peer || h.TOS != 8 || !h.DF {
				t.Errorf("%s: %+v", tt.step, h)
			}
			if want := time.Duration(i)*10*ms + ms; d.at != want {
				t.Errorf("%s: probe %d comes at %v, want %v", tt.step, i, d.at, want)
			}
			got = append(got, fmt.Sprintf("%d %d %d %s", h.TTL, h.ID, h.TotalLen, probed(t, d)))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.step, got, tt.want)
		}
		if e := narration.Of[narration.TraceEnd](all); len(e) != 1 || e[0].Reached || e[0].Hops != int(s.came[len(s.came)-1].four.TTL) || e[0].Owners != nil {
			t.Errorf("%s: %+v", tt.step, e)
		}
	}
}

// probed is a probe in words.
func probed(t *testing.T, d datagram) string {
	src, dst, proto := d.four.Src, d.four.Dst, d.four.Proto
	if d.octets[0]>>4 == 6 {
		src, dst, proto = d.six.Src, d.six.Dst, d.six.NextHeader
	}
	var m fmt.Stringer
	var err error
	switch proto {
	case ip.ProtoUDP:
		m, _, err = transport.ParseUDP(d.payload, src, dst)
	case ip.ProtoTCP:
		m, _, err = transport.ParseTCP(d.payload, src, dst)
	case ip.ProtoICMPv6:
		m, err = icmp6.Parse(d.payload, src, dst)
	default:
		m, err = icmp4.Parse(d.payload)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.String()
}

// TestTraceProbes6 is the same over IPv6.
func TestTraceProbes6(t *testing.T) {
	for step, want := range map[string]string{
		"max: 1":                            "UDP 40007 > 33434, 20 octets; UDP 40007 > 33434, 20 octets",
		"max: 1, flow: vary":                "UDP 40007 > 33434, 20 octets; UDP 40007 > 33435, 20 octets",
		"max: 1, by: icmp, size: 49":        "128/0 Echo Request, id 40007, seq 1, 1 octets; 128/0 Echo Request, id 40007, seq 1, 1 octets",
		"max: 1, by: icmp, flow: vary":      "128/0 Echo Request, id 40007, seq 1, 12 octets; 128/0 Echo Request, id 40007, seq 2, 12 octets",
		"max: 1, by: tcp, flow: vary":       "TCP 40007 > 80 SYN, seq 1, ack 0, window 1024; TCP 40008 > 80 SYN, seq 2, ack 0, window 1024",
		"max: 1, by: tcp, port: 443":        "TCP 40007 > 443 SYN, seq 1, ack 0, window 1024; TCP 40007 > 443 SYN, seq 2, ack 0, window 1024",
		"max: 1, port: 53, size: 1":         "UDP 40007 > 53, 8 octets; UDP 40007 > 53, 8 octets",
		"first: 1, max: 1, by: icmp":        "128/0 Echo Request, id 40007, seq 1, 12 octets; 128/0 Echo Request, id 40007, seq 1, 12 octets",
		"max: 1, source: \"2001:db8:1::a\"": "UDP 40007 > 33434, 20 octets; UDP 40007 > 33434, 20 octets",
	} {
		s := &scene{t: t}
		s.play(path("", "", ""), "trace: {from: a, to: \"2001:db8:1::99\", timeout: 10ms, queries: 2, tos: 8, "+step+"}")
		var got []string
		for _, d := range s.came {
			if d.six.Src != asker6 || d.six.Dst != peer6 || d.six.HopLimit != 1 || d.six.TrafficClass != 8 {
				t.Errorf("%s: %+v", step, d.six)
			}
			got = append(got, probed(t, d))
		}
		if got := strings.Join(got, "; "); got != want {
			t.Errorf("%s: %s, want %s", step, got, want)
		}
	}
}

// TestTraceMarks: what each unreachable is written as, and whether the trace
// ends with it.
func TestTraceMarks(t *testing.T) {
	gateway := netip.MustParseAddr("10.0.1.50")
	unreachable := func(code icmp4.Code) func(q []byte) icmp4.Message {
		return func(q []byte) icmp4.Message { return icmp4.DestUnreachable{Code: code, MTU: 1000, Quote: q} }
	}
	for i, mark := range []string{
		"!N", "!H", "!P", "", "!F-1000", "!S", "!U", "!W", "!I", "!A", "!Z", "!Q", "!T", "!X", "!V", "!C",
	} {
		marked(t, gateway, unreachable(icmp4.Code(i)), mark, true, false)
		marked(t, peer, unreachable(icmp4.Code(i)), mark, true, i != 4)
	}
	marked(t, gateway, func(q []byte) icmp4.Message { return icmp4.ParameterProblem{Pointer: 1, Quote: q} }, "!E", true, false)
	marked(t, gateway, func(q []byte) icmp4.Message { return icmp4.TimeExceeded{Quote: q} }, "", false, false)
	marked(t, gateway, func(q []byte) icmp4.Message { return icmp4.TimeExceeded{Code: 1, Quote: q} }, "", false, false)
}

// marked traces over two hops at most, to a peer whose probes one answers with
// a message.
func marked(t *testing.T, from netip.Addr, m func(q []byte) icmp4.Message, mark string, stops, reached bool) {
	t.Helper()
	s := &scene{t: t, react: func(s *scene, d datagram) { s.from(from, 0, m(d.octets)) }}
	all := s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, queries: 1, max: 2}")
	hops := 2
	want := []string{"0s trace 10.0.1.99, 2 hops, 60 octets", fmt.Sprintf("2ms hop 1: %v/2ms%s", from, mark)}
	if stops {
		hops = 1
	} else {
		want = append(want, fmt.Sprintf("4ms hop 2: %v/2ms%s", from, mark))
	}
	want = append(want, fmt.Sprintf("%dms end: %d hops, reached %v", 2*hops, hops, reached))
	check(t, m(nil).String(), all, want...)
}

// TestTraceMarks6 is the same for ICMPv6.
func TestTraceMarks6(t *testing.T) {
	for _, tt := range []struct {
		m    func(q []byte) icmp6.Message
		want string
	}{
		{func(q []byte) icmp6.Message { return icmp6.DestUnreachable{Code: 0, Quote: q} }, "!<0>; 1 true"},
		{func(q []byte) icmp6.Message { return icmp6.DestUnreachable{Code: 1, Quote: q} }, "!<1>; 1 true"},
		{func(q []byte) icmp6.Message { return icmp6.DestUnreachable{Code: 4, Quote: q} }, "; 1 true"},
		{func(q []byte) icmp6.Message { return icmp6.PacketTooBig{MTU: 1280, Quote: q} }, "!F-1280; 1 false"},
		{func(q []byte) icmp6.Message { return icmp6.ParameterProblem{Code: 1, Pointer: 6, Quote: q} }, "!E; 1 false"},
		{func(q []byte) icmp6.Message { return icmp6.TimeExceeded{Quote: q} }, "; 2 2001:db8:1::99/2ms; 2 false"},
	} {
		s := &scene{t: t, react: func(s *scene, d datagram) {
			if d.six.NextHeader == ip.ProtoUDP {
				s.send6(0, tt.m(d.octets))
			}
		}}
		got := line(s.play(path("", "", ""), "trace: {from: a, to: \"2001:db8:1::99\", queries: 1, max: 2}"))
		if want := "1 2001:db8:1::99/2ms" + tt.want; got != want {
			t.Errorf("%v: got %s, want %s", tt.m(nil), got, want)
		}
	}
}

// TestTraceForeign: what is not about the probe under way is no answer to it.
func TestTraceForeign(t *testing.T) {
	const silence = "1 *; 1 false"
	for _, by := range []string{"udp", "icmp", "tcp"} {
		for name, change := range map[string]func(q []byte){
			"to another":              func(q []byte) { q[19]++ },
			"another identification":  func(q []byte) { q[5]++ },
			"an earlier probe's":      func(q []byte) { q[5]-- },
			"another protocol":        func(q []byte) { q[9] = 132 },
			"an identifier too high":  func(q []byte) { q[map[string]int{"udp": 21, "icmp": 25, "tcp": 21}[by]]++ },
			"an identifier too low":   func(q []byte) { q[map[string]int{"udp": 21, "icmp": 25, "tcp": 21}[by]]-- },
			"no version of IP's":      func(q []byte) { q[0] = 0x25 },
			"a number that is not it": func(q []byte) { q[map[string]int{"udp": 23, "icmp": 27, "tcp": 21}[by]]++ },
		} {
			s := &scene{t: t, react: func(s *scene, d datagram) {
				q := slices.Clone(d.octets)
				change(q)
				s.send(0, icmp4.TimeExceeded{Quote: q})
			}}
			if got := line(s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, queries: 1, max: 1, timeout: 10ms, flow: vary, by: "+by+"}")); got != silence {
				t.Errorf("%s, %s: %s", by, name, got)
			}
		}
	}
	for name, m := range map[string]func(s *scene, d datagram) icmp4.Message{
		"quench": func(_ *scene, d datagram) icmp4.Message { return icmp4.SourceQuench{Quote: d.octets} },
		"redirect": func(_ *scene, d datagram) icmp4.Message {
			return icmp4.Redirect{Gateway: asker.Next(), Quote: d.octets}
		},
		"quotes nothing": func(_ *scene, d datagram) icmp4.Message { return icmp4.TimeExceeded{} },
		"other echo id": func(s *scene, d datagram) icmp4.Message {
			return icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: port + 1, Seq: 1}
		},
		"other echo seq": func(s *scene, d datagram) icmp4.Message {
			return icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: port, Seq: 2}
		},
		"echo request": func(s *scene, d datagram) icmp4.Message { return icmp4.Echo{ID: port, Seq: 1} },
	} {
		s := &scene{t: t, react: func(s *scene, d datagram) { s.send(0, m(s, d)) }}
		if got := line(s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, queries: 1, max: 1, timeout: 10ms, by: icmp}")); got != silence {
			t.Errorf("%s: %s", name, got)
		}
	}
	// An echo reply answers no other probe than an echo request.
	s := &scene{t: t, react: func(s *scene, d datagram) {
		s.send(0, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: port, Seq: 1})
	}}
	if got := line(s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, queries: 1, max: 1, timeout: 10ms}")); got != silence {
		t.Errorf("an echo reply to UDP: %s", got)
	}
}

// TestTraceTwice: the second answer to a probe is not one to the next; two in
// one moment are one.
func TestTraceTwice(t *testing.T) {
	s := &scene{t: t, react: func(s *scene, d datagram) {
		s.send(0, icmp4.TimeExceeded{Quote: d.octets})
		s.send(0, icmp4.TimeExceeded{Quote: d.octets})
		s.send(1*ms, icmp4.TimeExceeded{Quote: d.octets})
	}}
	got := line(s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, queries: 2, max: 2}"))
	if want := "1 10.0.1.99/2ms 10.0.1.99/2ms; 2 10.0.1.99/2ms 10.0.1.99/2ms; 2 false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestTraceLateFlow6: with a flow that varies, a late answer over IPv6, which
// has no identification, is told from one to the next probe.
func TestTraceLateFlow6(t *testing.T) {
	for _, by := range []string{"udp", "icmp", "tcp"} {
		s := &scene{t: t, react: func(s *scene, d datagram) {
			if d.six.HopLimit == 1 && d.n == 1 {
				s.send6(10*ms, icmp6.TimeExceeded{Quote: d.octets}) // 12 ms after it was asked
			} else if d.n == 2 {
				s.send6(7*ms, icmp6.TimeExceeded{Quote: d.octets})
			}
		}}
		got := line(s.play(path("", "", ""), "trace: {from: a, to: \"2001:db8:1::99\", queries: 2, max: 1, timeout: 10ms, flow: vary, by: "+by+"}"))
		if want := "1 * 2001:db8:1::99/9ms; 1 false"; got != want {
			t.Errorf("%s: got %s, want %s", by, got, want)
		}
	}
}

// TestTracePatience: five seconds, to the nanosecond.
func TestTracePatience(t *testing.T) {
	check(t, "silence", (&scene{t: t}).play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, max: 2, queries: 1}"),
		"0s trace 10.0.1.99, 2 hops, 60 octets", "5s hop 1: *", "10s hop 2: *", "10s end: 2 hops, reached false")
}

// TestTraceLabels: the MPLS labels of an answer, as they are written.
func TestTraceLabels(t *testing.T) {
	labels, err := extension.AppendLabels(nil, extension.Label{Label: 16, TC: 3, TTL: 1}, extension.Label{Label: 1048575, Bottom: true, TTL: 255})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, react: func(s *scene, d datagram) {
		ext := s.must(extension.Structure{Objects: labels}.AppendBinary(nil))
		s.send(0, icmp4.TimeExceeded{Quote: d.octets, Ext: ext})
	}}
	check(t, "labels", s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, max: 1, queries: 1}"),
		"0s trace 10.0.1.99, 1 hops, 60 octets", "2ms hop 1: 10.0.1.99/2ms<L=16,E=3,S=0,T=1><L=1048575,E=0,S=1,T=255>", "2ms end: 1 hops, reached false")
}

// TestTraceUnsendable: a probe that the node does not send ends the trace.
func TestTraceUnsendable(t *testing.T) {
	all := play(t, alone, "trace: {from: a, to: 10.0.1.99, queries: 2, size: 1501, df: true}")
	if got := line(all); got != "1 * *; 1 false" {
		t.Errorf("%s", got)
	}
	e := narration.Of[narration.PingError](all)
	if len(e) != 2 || e[0].Seq != 1 || e[0].From.IsValid() || !strings.Contains(e[0].What, "1501 octets is over the path MTU of 1500") {
		t.Errorf("%+v", e)
	}
	if err := (&scene{t: t}).fails(alone, "trace: {from: a, to: 192.0.2.1}"); err == nil || !strings.Contains(err.Error(), "no route") {
		t.Errorf("%v", err)
	}
}

// TestTraceTap: a trace by TCP takes the answers to its probes and nothing else
// from the stub, and gives it back at the end.
func TestTraceTap(t *testing.T) {
	answer := func(change func(h *ip.Header4, t *transport.TCP)) func(s *scene, d datagram) {
		return func(s *scene, d datagram) {
			if d.four.Proto != ip.ProtoTCP || d.n > 1 {
				return
			}
			h := ip.Header4{TTL: 61, Proto: ip.ProtoTCP, Src: peer, Dst: asker}
			r := transport.TCP{SrcPort: 80, DstPort: port, Ack: 2, Flags: transport.RST | transport.ACK}
			change(&h, &r)
			s.raw(0, s.must(h.AppendPacket(nil, s.must(r.AppendPacket(nil, h.Src, h.Dst, nil)))))
		}
	}
	for name, tt := range map[string]struct {
		change func(h *ip.Header4, t *transport.TCP)
		want   string
	}{
		"reset":        {func(*ip.Header4, *transport.TCP) {}, "1 10.0.1.99/2ms; 1 true"},
		"another":      {func(h *ip.Header4, _ *transport.TCP) { h.Src = h.Src.Next() }, "1 *; 1 false"},
		"another port": {func(_ *ip.Header4, t *transport.TCP) { t.SrcPort++ }, "1 *; 1 false"},
		"another's":    {func(_ *ip.Header4, t *transport.TCP) { t.DstPort++ }, "1 *; 1 false"},
	} {
		s := &scene{t: t, react: answer(tt.change)}
		if got := line(s.play(path("", "", ""), "trace: {from: a, to: 10.0.1.99, queries: 1, max: 1, timeout: 10ms, by: tcp}")); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
