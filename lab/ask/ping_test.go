package ask_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// TestPingRequests: what is sent, and when.
func TestPingRequests(t *testing.T) {
	for _, tt := range []struct {
		step  string
		times []time.Duration // of arrival, 1 ms after they left
		size  int
	}{
		{"to: 10.0.1.99, timeout: 50ms", []time.Duration{1 * ms}, 56},
		{"to: 10.0.1.99, timeout: 50ms, size: 1", []time.Duration{1 * ms}, 1},
		{"to: 10.0.1.99, timeout: 50ms, count: 3", []time.Duration{1 * ms, 1001 * ms, 2001 * ms}, 56},
		{"to: 10.0.1.99, timeout: 50ms, count: 3, interval: 7ms, size: 300", []time.Duration{1 * ms, 8 * ms, 15 * ms}, 300},
	} {
		s := &scene{t: t}
		all := s.play(path("", "", ""), "ping: {from: a, "+tt.step+"}")
		var times []time.Duration
		for i, d := range s.came {
			times = append(times, d.at)
			e := s.echo(d)
			if e.ID != 7 || int(e.Seq) != i+1 || len(e.Data) != tt.size || d.four.Src != asker || d.four.Dst != peer || d.four.TTL != 64 || d.four.DF {
				t.Errorf("%s: request %d: %v, %v", tt.step, i, d.four, e)
			}
			for k, x := range e.Data {
				if x != byte(k) {
					t.Fatalf("%s: octet %d is %d", tt.step, k, x)
				}
			}
		}
		if !slices.Equal(times, tt.times) {
			t.Errorf("%s: requests at %v", tt.step, times)
		}
		e := narration.Of[narration.PingEnd](all)[0]
		last := tt.times[len(tt.times)-1] - ms
		if e.Sent != len(times) || e.Received != 0 || e.Took != last || e.When().Sub(lab.Epoch) != last+50*ms {
			t.Errorf("%s: %+v", tt.step, e)
		}
		if e.Min != 0 || e.Avg != 0 || e.Max != 0 || e.Mdev != 0 {
			t.Errorf("%s: round trips of nothing: %+v", tt.step, e)
		}
	}
}

// TestPingHeader: what a step says about the IP header is in every request.
func TestPingHeader(t *testing.T) {
	s := &scene{t: t}
	s.play(path("", "", ""), "ping: {from: a, to: 10.0.1.99, count: 2, interval: 1ms, timeout: 5ms, ttl: 9, tos: 16, df: true, option: record-route}")
	for _, d := range s.came {
		if h := d.four; h.TTL != 9 || h.TOS != 16 || !h.DF || len(h.Options) != 40 || h.Options[0] != 7 || h.Options[1] != 39 {
			t.Errorf("%+v", h)
		}
	}
	if len(s.came) != 2 {
		t.Errorf("%d requests", len(s.came))
	}
	s = &scene{t: t}
	s.play(path("", "", ""), "ping: {from: a, to: \"2001:db8:1::99\", timeout: 5ms, ttl: 9, tos: 16}")
	if len(s.came) != 1 || s.came[0].six.HopLimit != 9 || s.came[0].six.TrafficClass != 16 {
		t.Errorf("%+v", s.came)
	}
}

// TestPingAnswers: what a peer may answer, and what is told of it.
func TestPingAnswers(t *testing.T) {
	const begin = "0s ping 10.0.1.99 56(84)"
	const step = "ping: {from: a, to: 10.0.1.99, count: 2, interval: 100ms, timeout: 50ms}"
	const good = "ms reply 2 of 10.0.1.99, 64, ttl 61, 2ms"
	for name, tt := range map[string]struct {
		react func(s *scene, d datagram)
		want  []string
	}{
		"both": {func(s *scene, d datagram) { s.send(0, s.echo(d)) }, []string{
			begin,
			"2ms reply 1 of 10.0.1.99, 64, ttl 61, 2ms", "102" + good,
			"102ms end of 10.0.1.99: 2 sent, 2 received, 0 dup, 0 errors, 100ms; 2ms/2ms/2ms/0s",
		}},
		"twice, of which one after the next": {func(s *scene, d datagram) {
			s.send(0, s.echo(d))
			if d.n == 1 {
				s.send(5*ms, s.echo(d))
				s.send(99*ms+500*time.Microsecond, s.echo(d))
			}
		}, []string{
			begin,
			"2ms reply 1 of 10.0.1.99, 64, ttl 61, 2ms",
			"7ms reply 1 of 10.0.1.99, 64, ttl 61, 7ms, dup",
			"101.5ms reply 1 of 10.0.1.99, 64, ttl 61, 101.5ms, dup", "102" + good,
			"102ms end of 10.0.1.99: 2 sent, 2 received, 2 dup, 0 errors, 100ms; 2ms/2ms/2ms/0s",
		}},
		"the first late, after the second": {func(s *scene, d datagram) {
			if d.n == 2 {
				s.send(0, s.echo(d))
				s.send(10*ms, s.echo(s.came[0]))
			}
		}, []string{
			begin, "102" + good,
			"112ms reply 1 of 10.0.1.99, 64, ttl 61, 112ms",
			"112ms end of 10.0.1.99: 2 sent, 2 received, 0 dup, 0 errors, 100ms; 2ms/57ms/112ms/55ms",
		}},
		"the first at the last moment": {func(s *scene, d datagram) {
			if d.n == 2 {
				s.send(48*ms, s.echo(s.came[0]))
			}
		}, []string{
			begin, "150ms reply 1 of 10.0.1.99, 64, ttl 61, 150ms",
			"150ms end of 10.0.1.99: 2 sent, 1 received, 0 dup, 0 errors, 100ms; 150ms/150ms/150ms/0s",
		}},
		"the second too late": {func(s *scene, d datagram) {
			if d.n == 1 {
				s.send(0, s.echo(d))
			} else {
				s.send(49*ms, s.echo(d))
			}
		}, []string{
			begin, "2ms reply 1 of 10.0.1.99, 64, ttl 61, 2ms",
			"150ms end of 10.0.1.99: 2 sent, 1 received, 0 dup, 0 errors, 100ms; 2ms/2ms/2ms/0s",
		}},
		"other data": {func(s *scene, d datagram) {
			e := s.echo(d)
			e.Data = slices.Clone(e.Data)
			if e.Data[55]++; d.n == 2 {
				e.Data = e.Data[:55]
			}
			s.send(0, e)
		}, []string{
			begin, "2ms reply 1 of 10.0.1.99, 64, ttl 61, 2ms, bad", "102ms reply 2 of 10.0.1.99, 63, ttl 61, 2ms, bad",
			"102ms end of 10.0.1.99: 2 sent, 2 received, 0 dup, 0 errors, 100ms; 2ms/2ms/2ms/0s",
		}},
		"foreign": {func(s *scene, d datagram) {
			e := s.echo(d)
			e.ID++
			s.send(0, e)
			e.ID--
			e.Seq = 0
			s.send(0, e)
			if e.Seq = 3; d.n == 1 {
				e.Seq = 2 // not yet sent
			}
			s.send(0, e)
			s.send(0, icmp4.Echo{ID: 7, Seq: 1})
			s.send(0, icmp4.AddressMask{ID: 7, Seq: 1})
			s.send(0, icmp4.DestUnreachable{Code: 1})
			s.raw(0, []byte{0x45})
		}, []string{begin, "150ms end of 10.0.1.99: 2 sent, 0 received, 0 dup, 0 errors, 100ms; 0s/0s/0s/0s"}},
		"from another": {func(s *scene, d datagram) {
			e := s.echo(d)
			s.from(asker.Next().Next(), 0, e)
		}, []string{
			begin, "2ms reply 1 of 10.0.1.12, 64, ttl 61, 2ms", "102ms reply 2 of 10.0.1.12, 64, ttl 61, 2ms",
			"102ms end of 10.0.1.99: 2 sent, 2 received, 0 dup, 0 errors, 100ms; 2ms/2ms/2ms/0s",
		}},
		"an error, and then the reply": {func(s *scene, d datagram) {
			s.send(0, icmp4.TimeExceeded{Quote: d.octets})
			s.send(3*ms, s.echo(d))
		}, []string{
			begin,
			"2ms error 1 of 10.0.1.99: 11/0 Time Exceeded: Time to Live exceeded in Transit, quotes 84 octets",
			"5ms reply 1 of 10.0.1.99, 64, ttl 61, 5ms",
			"102ms error 2 of 10.0.1.99: 11/0 Time Exceeded: Time to Live exceeded in Transit, quotes 84 octets",
			"102ms end of 10.0.1.99: 2 sent, 1 received, 0 dup, 2 errors, 100ms; 5ms/5ms/5ms/0s",
		}},
		"the reply, and then errors": {func(s *scene, d datagram) {
			if d.n == 1 {
				s.send(0, s.echo(d))
				s.send(1*ms, icmp4.ParameterProblem{Pointer: 1, Quote: d.octets})
				s.send(2*ms, icmp4.ParameterProblem{Pointer: 1, Quote: d.octets})
			}
		}, []string{
			begin, "2ms reply 1 of 10.0.1.99, 64, ttl 61, 2ms",
			"3ms error 1 of 10.0.1.99: 12/0 Parameter Problem: Pointer indicates the error, pointer 1, quotes 84 octets",
			"4ms error 1 of 10.0.1.99: 12/0 Parameter Problem: Pointer indicates the error, pointer 1, quotes 84 octets",
			"150ms end of 10.0.1.99: 2 sent, 1 received, 0 dup, 2 errors, 100ms; 2ms/2ms/2ms/0s",
		}},
		"an error twice ends the waiting once": {func(s *scene, d datagram) {
			if d.n == 1 {
				s.send(0, icmp4.DestUnreachable{Code: 1, Quote: d.octets})
				s.send(0, icmp4.DestUnreachable{Code: 1, Quote: d.octets})
			}
		}, []string{
			begin,
			"2ms error 1 of 10.0.1.99: 3/1 Destination Unreachable: Host Unreachable, quotes 84 octets",
			"2ms error 1 of 10.0.1.99: 3/1 Destination Unreachable: Host Unreachable, quotes 84 octets",
			"150ms end of 10.0.1.99: 2 sent, 0 received, 0 dup, 2 errors, 100ms; 0s/0s/0s/0s",
		}},
		"a quench and a redirect are no answer": {func(s *scene, d datagram) {
			if d.n == 2 {
				s.send(0, icmp4.SourceQuench{Quote: d.octets})
				s.send(1*ms, icmp4.Redirect{Code: 1, Gateway: asker.Next(), Quote: d.octets})
				s.send(9*ms, s.echo(d))
			}
		}, []string{
			begin,
			"102ms error 2 of 10.0.1.99: 4/0 Source Quench, quotes 84 octets",
			"103ms error 2 of 10.0.1.99: 5/1 Redirect: Redirect Datagram for the Host, gateway 10.0.1.11, quotes 84 octets",
			"111ms reply 2 of 10.0.1.99, 64, ttl 61, 11ms",
			"150ms end of 10.0.1.99: 2 sent, 1 received, 0 dup, 2 errors, 100ms; 11ms/11ms/11ms/0s",
		}},
		"errors about what others sent": {func(s *scene, d datagram) {
			for _, change := range []func(q []byte){
				func(q []byte) { q[19] = 98 },           // to another
				func(q []byte) { q[25] = 8 },            // with another identifier
				func(q []byte) { q[27] = 0 },            // no such request
				func(q []byte) { q[27] = 3 },            // no such request
				func(q []byte) { q[0] = 0x65 },          // not IPv4
				func(q []byte) { q[9], q[25] = 17, 99 }, // not ICMP
			} {
				q := slices.Clone(d.octets)
				change(q)
				s.send(0, icmp4.DestUnreachable{Code: 1, Quote: q})
			}
		}, []string{begin, "150ms end of 10.0.1.99: 2 sent, 0 received, 0 dup, 0 errors, 100ms; 0s/0s/0s/0s"}},
	} {
		s := &scene{t: t, react: tt.react}
		check(t, name, s.play(path("", "", ""), step), tt.want...)
	}
}

// TestPingAnswers6 is the same for ICMPv6.
func TestPingAnswers6(t *testing.T) {
	const begin = "0s ping 2001:db8:1::99 56(104)"
	const step = "ping: {from: a, to: \"2001:db8:1::99\", timeout: 50ms}"
	reply := icmp6.EchoType{Reply: true}
	for name, tt := range map[string]struct {
		react func(s *scene, d datagram, e icmp6.Echo)
		want  []string
	}{
		"reply": {func(s *scene, _ datagram, e icmp6.Echo) {
			s.send6(0, icmp6.Echo{EchoType: reply, ID: e.ID, Seq: e.Seq, Data: e.Data})
		}, []string{
			begin, "2ms reply 1 of 2001:db8:1::99, 64, ttl 61, 2ms",
			"2ms end of 2001:db8:1::99: 1 sent, 1 received, 0 dup, 0 errors, 0s; 2ms/2ms/2ms/0s",
		}},
		"foreign": {func(s *scene, d datagram, e icmp6.Echo) {
			s.send6(0, icmp6.Echo{EchoType: reply, ID: 8, Seq: e.Seq, Data: e.Data})
			s.send6(0, icmp6.Echo{ID: 7, Seq: 1})
			s.send6(0, icmp6.Echo{EchoType: reply, ID: 7, Seq: 2})
			s.send6(0, icmp6.DestUnreachable{Quote: d.octets[8:]})
		}, []string{begin, "50ms end of 2001:db8:1::99: 1 sent, 0 received, 0 dup, 0 errors, 0s; 0s/0s/0s/0s"}},
		"unreachable": {func(s *scene, d datagram, e icmp6.Echo) { s.send6(0, icmp6.DestUnreachable{Code: 3, Quote: d.octets}) }, []string{
			begin,
			"2ms error 1 of 2001:db8:1::99: 1/3 Destination Unreachable: address unreachable, quotes 104 octets",
			"2ms end of 2001:db8:1::99: 1 sent, 0 received, 0 dup, 1 errors, 0s; 0s/0s/0s/0s",
		}},
		"too big": {func(s *scene, d datagram, e icmp6.Echo) { s.send6(0, icmp6.PacketTooBig{MTU: 1300, Quote: d.octets}) }, []string{
			begin,
			"2ms error 1 of 2001:db8:1::99: 2/0 Packet Too Big, mtu 1300, quotes 104 octets",
			"2ms end of 2001:db8:1::99: 1 sent, 0 received, 0 dup, 1 errors, 0s; 0s/0s/0s/0s",
		}},
		"time exceeded": {func(s *scene, d datagram, e icmp6.Echo) { s.send6(0, icmp6.TimeExceeded{Quote: d.octets}) }, []string{
			begin,
			"2ms error 1 of 2001:db8:1::99: 3/0 Time Exceeded: hop limit exceeded in transit, quotes 104 octets",
			"2ms end of 2001:db8:1::99: 1 sent, 0 received, 0 dup, 1 errors, 0s; 0s/0s/0s/0s",
		}},
		"parameter problem": {func(s *scene, d datagram, e icmp6.Echo) {
			s.send6(0, icmp6.ParameterProblem{Code: 1, Pointer: 6, Quote: d.octets})
		}, []string{
			begin,
			"2ms error 1 of 2001:db8:1::99: 4/1 Parameter Problem: unrecognized Next Header type encountered, pointer 6, quotes 104 octets",
			"2ms end of 2001:db8:1::99: 1 sent, 0 received, 0 dup, 1 errors, 0s; 0s/0s/0s/0s",
		}},
	} {
		s := &scene{t: t, react: func(s *scene, d datagram) {
			if m, err := icmp6.Parse(d.payload, d.six.Src, d.six.Dst); err == nil {
				if e, ok := m.(icmp6.Echo); ok {
					tt.react(s, d, e)
				}
			}
		}}
		check(t, name, s.play(path("", "", ""), step), tt.want...)
	}
}

// TestPingMdev: the standard deviation in whole microseconds, the mean cut and
// not rounded, duplicates left out.
func TestPingMdev(t *testing.T) {
	const us = time.Microsecond
	for _, tt := range []struct {
		delays []time.Duration
		want   string // above 2 ms
	}{
		{[]time.Duration{0, 0, 0}, "2ms/2ms/2ms/0s"},
		{[]time.Duration{0, 1 * us}, "2ms/2ms/2.001ms/0s"},           // half a microsecond
		{[]time.Duration{0, 2 * us}, "2ms/2.001ms/2.002ms/1µs"},      // one
		{[]time.Duration{900, 900}, "2.0009ms/2ms/2.0009ms/0s"},      // below the microsecond
		{[]time.Duration{4 * ms, 0, 8 * ms}, "2ms/6ms/10ms/3.265ms"}, // √(32/3)
		{[]time.Duration{8 * ms, 4 * ms, 0}, "2ms/6ms/10ms/3.265ms"}, // in any order
		{[]time.Duration{0, 0, 0, 40 * ms}, "2ms/12ms/42ms/17.32ms"}, // 10 √3
		{[]time.Duration{17 * us, 18 * us, 20 * us}, "2.017ms/2.018ms/2.02ms/1µs"},
	} {
		s := &scene{t: t, react: func(s *scene, d datagram) {
			s.send(tt.delays[d.n-1], s.echo(d))
			s.send(tt.delays[d.n-1]+10*ms, s.echo(d))
		}}
		step := "ping: {from: a, to: 10.0.1.99, interval: 100ms, count: " + string(rune('0'+len(tt.delays))) + "}"
		all := s.play(path("", "", ""), step)
		e := narration.Of[narration.PingEnd](all)[0]
		got := e.Min.String() + "/" + e.Avg.String() + "/" + e.Max.String() + "/" + e.Mdev.String()
		if got != tt.want || e.Received != len(tt.delays) || e.Dup != len(tt.delays)-1 {
			t.Errorf("%v: %s, want %s; %+v", tt.delays, got, tt.want, e)
		}
	}
}

// TestPingUnsendable: what the node does not send counts as sent and as an
// error, and nothing is waited for.
func TestPingUnsendable(t *testing.T) {
	check(t, "no route", play(t, alone, "ping: {from: a, to: 192.0.2.1, count: 3, interval: 10ms}"),
		"0s ping 192.0.2.1 56(84)",
		"0s error 1 of invalid IP: no route to host",
		"10ms error 2 of invalid IP: no route to host",
		"20ms error 3 of invalid IP: no route to host",
		"20ms end of 192.0.2.1: 3 sent, 0 received, 0 dup, 3 errors, 20ms; 0s/0s/0s/0s")
}
