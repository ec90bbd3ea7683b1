package ask_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// TestQueryRequests: what is sent for each word.
func TestQueryRequests(t *testing.T) {
	for step, want := range map[string][]string{
		// Noon is 43,200,000 ms after midnight.
		"what: timestamp, count: 2": {"0d0000070001" + "000000000000000000000000", "0d0000070002" + "000000000000000000000000"},
		"what: mask":                {"110000070001" + "00000000"},
		"what: information":         {"0f0000070001"},
		"what: router, count: 2":    {"0a00" + "00000000", "0a00" + "00000000"},
		// An object of class 3: by name, index, address.
		"what: probe, interface: eth1, local: true": {"2a0000070101" + "2000" + "00080301" + "65746831"},
		"what: probe, interface: e, count: 2":       {"2a0000070100" + "2000" + "00080301" + "65000000", "2a0000070200" + "2000" + "00080301" + "65000000"},
		"what: probe, interface: 258, local: true":  {"2a0000070101" + "2000" + "00080302" + "00000102"},
		"what: probe, interface: 10.0.2.1":          {"2a0000070100" + "2000" + "000c0303" + "00010400" + "0a000201"},
	} {
		s := &scene{t: t}
		s.play(path("", "", ""), "query: {from: a, to: 10.0.1.99, interval: 10ms, timeout: 5ms, ttl: 9, "+step+"}")
		if len(s.came) != len(want) {
			t.Errorf("%s: %d requests", step, len(s.came))
			continue
		}
		for i, d := range s.came {
			if _, err := icmp4.Parse(d.payload); err != nil || d.four.TTL != 9 || d.at != time.Duration(i)*10*ms+ms {
				t.Errorf("%s: %v at %v: %v", step, d.four, d.at, err)
			}
			b := d.payload
			got := hex.EncodeToString(b[:2]) + hex.EncodeToString(b[4:]) // the checksum left out
			if m, ok := s.read(d).(icmp4.TimestampMessage); ok {
				if m.Originate.Duration() != s.clock()+time.Duration(i)*10*ms {
					t.Errorf("%s: originate %v", step, m.Originate)
				}
				got = hex.EncodeToString(b[:2]) + hex.EncodeToString(b[4:8]) + "00000000" + hex.EncodeToString(b[12:])
			}
			if len(b) >= 12 && b[0] == 42 { // nor that of the extension structure
				got = hex.EncodeToString(b[:2]) + hex.EncodeToString(b[4:10]) + hex.EncodeToString(b[12:])
			}
			if got != want[i] {
				t.Errorf("%s: request %d is %s, want %s", step, i, got, want[i])
			}
		}
	}
}

// read reads what came.
func (s *scene) read(d datagram) icmp4.Message {
	m, err := icmp4.Decode(d.payload)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// clock is the time of day at which the laboratory begins.
func (s *scene) clock() time.Duration {
	e := s.start
	return e.Sub(e.Truncate(24 * time.Hour))
}

// TestQueryAnswers: what counts as an answer, and what is told of it.
func TestQueryAnswers(t *testing.T) {
	stamp := func(m icmp4.TimestampMessage, receive, transmit time.Duration) icmp4.TimestampMessage {
		m.Reply = true
		m.Receive = m.Originate + icmp4.Timestamp(receive.Milliseconds())
		m.Transmit = m.Originate + icmp4.Timestamp(transmit.Milliseconds())
		return m
	}
	for name, tt := range map[string]struct {
		step  string
		react func(s *scene, d datagram)
		want  []string // without the words of the message
	}{
		"mask": {"what: mask, count: 2", func(s *scene, d datagram) {
			s.send(0, icmp4.AddressMask{Reply: true, ID: 7, Seq: uint16(d.n), Mask: 0xffffff00})
		}, []string{"2ms mask 1 of 10.0.1.99, 2ms", "102ms mask 2 of 10.0.1.99, 2ms", "102ms end of mask to 10.0.1.99: 2 sent, 2 received"}},
		"information": {"what: information", func(s *scene, d datagram) {
			s.send(3*ms, icmp4.Info{Reply: true, ID: 7, Seq: 1})
		}, []string{"5ms information 1 of 10.0.1.99, 5ms", "5ms end of information to 10.0.1.99: 1 sent, 1 received"}},
		"router": {"what: router, count: 2", func(s *scene, d datagram) {
			s.send(0, icmp4.RouterAdvertisement{Lifetime: time.Second})
		}, []string{"2ms router 1 of 10.0.1.99, 2ms", "102ms router 2 of 10.0.1.99, 2ms", "102ms end of router to 10.0.1.99: 2 sent, 2 received"}},
		"probe": {"what: probe, interface: x", func(s *scene, d datagram) {
			s.send(0, icmp4.ExtendedEchoReply{ID: 7, Seq: 1, Code: 2})
		}, []string{"2ms probe 1 of 10.0.1.99, 2ms", "2ms end of probe to 10.0.1.99: 1 sent, 1 received"}},
		"twice is one answer": {"what: mask, count: 2", func(s *scene, d datagram) {
			if d.n == 1 {
				s.send(0, icmp4.AddressMask{Reply: true, ID: 7, Seq: 1})
				s.send(2*ms, icmp4.AddressMask{Reply: true, ID: 7, Seq: 1})
			}
		}, []string{"2ms mask 1 of 10.0.1.99, 2ms", "4ms mask 1 of 10.0.1.99, 4ms", "150ms end of mask to 10.0.1.99: 2 sent, 1 received"}},
		"late": {"what: mask, count: 2", func(s *scene, d datagram) {
			if d.n == 2 {
				s.send(0, icmp4.AddressMask{Reply: true, ID: 7, Seq: 2})
				s.send(48*ms, icmp4.AddressMask{Reply: true, ID: 7, Seq: 1})
			}
		}, []string{"102ms mask 2 of 10.0.1.99, 2ms", "150ms mask 1 of 10.0.1.99, 150ms", "150ms end of mask to 10.0.1.99: 2 sent, 2 received"}},
		"too late": {"what: mask", func(s *scene, d datagram) {
			s.send(49*ms, icmp4.AddressMask{Reply: true, ID: 7, Seq: 1})
		}, []string{"50ms end of mask to 10.0.1.99: 1 sent, 0 received"}},
		"foreign": {"what: mask", func(s *scene, d datagram) {
			s.send(0, icmp4.AddressMask{Reply: true, ID: 8, Seq: 1})
			s.send(0, icmp4.AddressMask{Reply: true, ID: 7, Seq: 0})
			s.send(0, icmp4.AddressMask{Reply: true, ID: 7, Seq: 2})
			s.send(0, icmp4.AddressMask{ID: 7, Seq: 1})
			s.send(0, icmp4.Info{Reply: true, ID: 7, Seq: 1})
			s.send(0, icmp4.TimestampMessage{Reply: true, ID: 7, Seq: 1})
			s.send(0, icmp4.ExtendedEchoReply{ID: 7, Seq: 1})
			s.send(0, icmp4.RouterAdvertisement{Lifetime: time.Second})
			s.send(0, icmp4.DestUnreachable{Code: 1, Quote: d.octets})
		}, []string{"50ms end of mask to 10.0.1.99: 1 sent, 0 received"}},
		"clock ahead": {"what: timestamp", func(s *scene, d datagram) {
			// 1 ms each way, and 4 ms in between; its clock is 5 s ahead.
			s.send(4*ms, stamp(s.read(d).(icmp4.TimestampMessage), 5001*ms, 5005*ms))
		}, []string{"6ms timestamp 1 of 10.0.1.99, 6ms; 5s ahead", "6ms end of timestamp to 10.0.1.99: 1 sent, 1 received"}},
		"clock behind": {"what: timestamp", func(s *scene, d datagram) {
			s.send(0, stamp(s.read(d).(icmp4.TimestampMessage), -59*ms, -59*ms))
		}, []string{"2ms timestamp 1 of 10.0.1.99, 2ms; -60ms ahead", "2ms end of timestamp to 10.0.1.99: 1 sent, 1 received"}},
		"time one way": {"what: timestamp", func(s *scene, d datagram) {
			s.send(20*ms, stamp(s.read(d).(icmp4.TimestampMessage), 1*ms, 1*ms))
		}, []string{"22ms timestamp 1 of 10.0.1.99, 22ms; -10ms ahead", "22ms end of timestamp to 10.0.1.99: 1 sent, 1 received"}},
		"nonstandard receive": {"what: timestamp", func(s *scene, d datagram) {
			m := stamp(s.read(d).(icmp4.TimestampMessage), 0, 0)
			m.Receive |= 1 << 31
			s.send(0, m)
		}, []string{"2ms timestamp 1 of 10.0.1.99, 2ms", "2ms end of timestamp to 10.0.1.99: 1 sent, 1 received"}},
		"nonstandard transmit": {"what: timestamp", func(s *scene, d datagram) {
			m := stamp(s.read(d).(icmp4.TimestampMessage), 0, 0)
			m.Transmit |= 1 << 31
			s.send(0, m)
		}, []string{"2ms timestamp 1 of 10.0.1.99, 2ms", "2ms end of timestamp to 10.0.1.99: 1 sent, 1 received"}},
		"nonstandard originate": {"what: timestamp", func(s *scene, d datagram) {
			m := stamp(s.read(d).(icmp4.TimestampMessage), 0, 0)
			m.Originate |= 1 << 31
			s.send(0, m)
		}, []string{"2ms timestamp 1 of 10.0.1.99, 2ms", "2ms end of timestamp to 10.0.1.99: 1 sent, 1 received"}},
	} {
		s := &scene{t: t, react: tt.react}
		all := s.play(path("", "", ""), "query: {from: a, to: 10.0.1.99, interval: 100ms, timeout: 50ms, "+tt.step+"}")
		for i, x := range all {
			if r, ok := x.(narration.QueryReply); ok {
				if r.Text == "" {
					t.Errorf("%s: a reply without words", name)
				}
				r.Text = ""
				all[i] = r
			}
		}
		for i, w := range tt.want {
			if i < len(tt.want)-1 {
				tt.want[i] = words(w)
			}
		}
		check(t, name, all, tt.want...)
	}
}

// words puts an empty text into a line of a reply.
func words(line string) string {
	for i := range line {
		if line[i] == ';' {
			return line[:i] + ": " + line[i:]
		}
	}
	return line + ": "
}

// TestQueryUnsendable: what the node does not send is told, and waited for no
// longer than an answer.
func TestQueryUnsendable(t *testing.T) {
	check(t, "no route", play(t, alone, "query: {from: a, to: 192.0.2.1, what: mask, count: 2, interval: 10ms, timeout: 5ms}"),
		"0s error 1 of invalid IP: no route to host",
		"10ms error 2 of invalid IP: no route to host",
		"15ms end of mask to 192.0.2.1: 2 sent, 0 received")
}

// TestQueryRoute: the first stop of a source route gets the request.
func TestQueryRoute(t *testing.T) {
	text := path("source_routing: true\n    information: true", "information: true", "")
	all := play(t, text, "query: {from: a, to: b, what: information, route: [r1], strict: true}")
	if r := narration.Of[narration.QueryReply](all); len(r) != 1 || r[0].From.String() != "10.0.2.20" || r[0].RTT != 4*ms {
		t.Errorf("%+v", all)
	}
}

// TestQueryYesterday: the other's clock has another date, and half a day is the
// most that can be told.
func TestQueryYesterday(t *testing.T) {
	for _, tt := range []struct{ start, off, want string }{
		{"02:00:00", "-5h", "-5h0m0s"},
		{"22:00:00", "5h", "5h0m0s"},
		{"02:00:00", "11h59m", "11h59m0s"},
		{"22:00:00", "-11h59m", "-11h59m0s"},
		{"12:00:00", "24h", "0s"},
	} {
		text := "start: 2026-01-01T" + tt.start + "Z\n" + path("", "clock: {offset: "+tt.off+"}", "")
		all := play(t, text, "query: {from: a, to: b, what: timestamp}")
		if r := narration.Of[narration.QueryReply](all); len(r) != 1 || !r[0].HasOffset || r[0].Offset.String() != tt.want {
			t.Errorf("%v: %+v", tt, r)
		}
	}
}
