package trace_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

var kinds = []probe.Kind{probe.Echo, probe.UDP, probe.UDPLite, probe.TCP}

// refuses is a destination whose TCP port is closed.
func refuses(_ packet, s *say) *say {
	s.flags = transport.RST
	return s
}

// TestKinds traces a way of three gateways by each kind, in both families.
func TestKinds(t *testing.T) {
	conform.Row(t, "P-08")
	for _, k := range kinds {
		for _, dst := range []netip.Addr{them4, them6} {
			w := newWorld(t, probe.Config{}, line(3, refuses))
			x := w.make(trace.Config{Kind: k, Dst: dst})
			took := w.run(x)
			what := fmt.Sprint(k, " ", dst)
			same(t, what, text(w.told), `
				1 1 1ms 1 1ms 1 1ms
				2 2 2ms 2 2ms 2 2ms
				3 3 3ms 3 3ms 3 3ms
				4 . 4ms . 4ms . 4ms`)
			equal(t, what+": took", took, 4*ms)
			equal(t, what+": reached", x.Reached(), true)
			equal(t, what+": length", x.Length(), 4)
			if _, ok := x.Next(); ok {
				t.Error(what, ": more is told after the end")
			}
			for _, r := range w.told {
				equal(t, what+": reached", r.Reached, r.TTL == 4)
				equal(t, what+": final", r.Final(), r.TTL == 4)
				equal(t, what+": back", r.Back(), int(r.TTL))
				if k != probe.Echo && (r.SrcPort == 0 || r.DstPort != x.Config().Port) {
					t.Error(what, ": ports", r.SrcPort, r.DstPort)
				}
			}
			// All that was sent is of one size, and asks by what it should.
			for _, q := range w.sent {
				equal(t, what+": protocol", q.Proto, k.Proto(dst))
				equal(t, what+": octets", len(datagram(t, q)), x.Config().Total())
				equal(t, what+": DF", q.DF, false)
			}
			equal(t, what+": octets", w.told[0].Size, x.Config().Total())
		}
	}
}

// flows are what gateways with several ways go by, of all that was sent.
func (w *world) flows() map[string]bool {
	out := map[string]bool{}
	for _, q := range w.sent {
		n := 4 // ports
		if q.Proto == ip.ProtoICMP || q.Proto == ip.ProtoICMPv6 {
			n = 4 // type, code and checksum
		}
		out[fmt.Sprintf("%x %x %d", q.payload[:n], q.TOS, q.FlowLabel)] = true
	}
	return out
}

// TestFlow shows that all probes are of one flow, and of as many as there are
// probes in a classic trace.
func TestFlow(t *testing.T) {
	conform.Row(t, "P-09")
	for _, k := range kinds {
		for _, dst := range []netip.Addr{them4, them6} {
			for _, size := range []int{0, -1, 9, 100} {
				seen := map[string]bool{}
				for flow := range 4 {
					w := newWorld(t, probe.Config{}, line(3, refuses))
					w.run(w.make(trace.Config{Kind: k, Dst: dst, Size: size, Flow: flow, TOS: 7}))
					all := w.flows()
					if len(all) != 1 {
						t.Errorf("%v %v %d: %d flows", k, dst, size, len(all))
					}
					for f := range all {
						seen[f] = true
					}
					equal(t, "answered", len(w.told), 12)
				}
				if len(seen) != 4 {
					t.Errorf("%v %v %d: four flows are %d", k, dst, size, len(seen))
				}
			}
			w := newWorld(t, probe.Config{}, line(3, refuses))
			w.run(w.make(trace.Config{Kind: k, Dst: dst, Classic: true}))
			if n := len(w.flows()); n != len(w.sent) {
				t.Errorf("%v %v: %d flows of %d probes", k, dst, n, len(w.sent))
			}
		}
	}
}

// ports returns the ports of a probe.
func (q packet) ports() (src, dst uint16) {
	return binary.BigEndian.Uint16(q.payload), binary.BigEndian.Uint16(q.payload[2:])
}

// TestPorts shows which ports are asked.
func TestPorts(t *testing.T) {
	for _, x := range []struct {
		c           trace.Config
		first, last uint16 // destination ports of the first and the twelfth
		constant    bool   // source port
	}{
		{trace.Config{Kind: probe.UDP}, 33434, 33434, true},
		{trace.Config{Kind: probe.UDP, Classic: true}, 33434, 33445, false},
		{trace.Config{Kind: probe.UDP, Classic: true, SrcPort: 999}, 33434, 33445, true},
		{trace.Config{Kind: probe.UDP, Classic: true, Port: 65530}, 65530, 6, false},
		{trace.Config{Kind: probe.UDP, OnePort: true}, 53, 53, true},
		{trace.Config{Kind: probe.UDP, OnePort: true, Classic: true}, 53, 53, false},
		{trace.Config{Kind: probe.UDP, OnePort: true, Classic: true, Port: 123}, 123, 123, false},
		{trace.Config{Kind: probe.UDPLite}, 53, 53, true},
		{trace.Config{Kind: probe.UDPLite, Classic: true, Port: 9}, 9, 9, false},
		{trace.Config{Kind: probe.TCP}, 80, 80, true},
		{trace.Config{Kind: probe.TCP, Classic: true}, 80, 80, false},
		{trace.Config{Kind: probe.TCP, Port: 443, SrcPort: 999}, 443, 443, true},
	} {
		w := newWorld(t, probe.Config{}, line(3, nil))
		w.run(w.make(x.c))
		s0, d0 := w.sent[0].ports()
		s11, d11 := w.sent[11].ports()
		if d0 != x.first || d11 != x.last || (s0 == s11) != x.constant || x.c.SrcPort != 0 && s0 != x.c.SrcPort {
			t.Errorf("%+v: %d to %d, %d to %d", x.c, s0, d0, s11, d11)
		}
		for _, q := range w.sent {
			if _, d := q.ports(); d == 0 {
				t.Errorf("%+v: port 0", x.c)
			}
		}
	}
}

// TestFields shows that what is asked for is sent.
func TestFields(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(1, nil))
	w.run(w.make(trace.Config{Dst: them6, TOS: 0x42, FlowLabel: 0xabcde, DF: true, First: 7, Size: 11}))
	q := w.sent[0]
	if q.TOS != 0x42 || q.FlowLabel != 0xabcde || !q.DF || !q.Discover || q.Target != 7 || len(q.payload) != 8+11 {
		t.Errorf("%+v", q)
	}
	w = newWorld(t, probe.Config{}, line(1, nil))
	w.run(w.make(trace.Config{}))
	if q := w.sent[0]; q.TOS != 0 || q.DF || q.Discover || q.Target != 0 || len(q.payload) != 8+32 {
		t.Errorf("%+v", q)
	}
}

// TestRange shows the first and the last time to live, and how many are asked.
func TestRange(t *testing.T) {
	for _, x := range []struct {
		c                     trace.Config
		first, last, of, told int
		reached               bool
	}{
		{trace.Config{}, 1, 9, 3, 12, true},
		{trace.Config{FirstTTL: 3}, 3, 9, 3, 6, true},
		{trace.Config{MaxTTL: 4}, 1, 4, 3, 12, true},
		{trace.Config{MaxTTL: 3}, 1, 3, 3, 9, false},
		{trace.Config{FirstTTL: 2, MaxTTL: 2}, 2, 2, 3, 3, false},
		{trace.Config{FirstTTL: 5}, 5, 10, 3, 3, true},
		{trace.Config{Queries: 1}, 1, 19, 1, 4, true},
		{trace.Config{Queries: 5, Parallel: 5}, 1, 4, 5, 20, true},
		{trace.Config{MaxTTL: 255, FirstTTL: 255}, 255, 255, 3, 3, true},
	} {
		w := newWorld(t, probe.Config{}, line(3, nil))
		trc := w.make(x.c)
		w.run(trc)
		ttls := w.ttls()
		if slices.Min(ttls) != x.first || slices.Max(ttls) != x.last || len(w.told) != x.told || trc.Reached() != x.reached {
			t.Errorf("%+v: %d to %d, %d told", x.c, slices.Min(ttls), slices.Max(ttls), len(w.told))
		}
		for i, r := range w.told {
			equal(t, "ttl", int(r.TTL), x.first+i/x.of)
			equal(t, "query", r.Query, 1+i%x.of)
		}
	}
}

// TestParallel shows how many probes are under way, and that none goes far
// beyond the destination.
func TestParallel(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 16, 60} {
		under, most := 0, 0
		w := newWorld(t, probe.Config{}, nil)
		w.answer = line(10, func(q packet, s *say) *say {
			under = 1
			for _, c := range w.coming {
				if c.at.After(w.now) {
					under++
				}
			}
			most = max(most, under)
			return s
		})
		x := w.make(trace.Config{Parallel: n, Kind: probe.UDP})
		took := w.run(x)
		if most != min(n, 60) {
			t.Errorf("%d: %d under way", n, most)
		}
		// The destination answers after 11 ms; what was sent beyond it was sent
		// before.
		if over := len(w.sent) - 33; over > n {
			t.Errorf("%d: %d beyond the destination", n, over)
		}
		equal(t, "told", len(w.told), 33)
		if n == 1 {
			equal(t, "one by one", took, 3*(1+2+3+4+5+6+7+8+9+10+11)*ms)
			equal(t, "one by one", len(w.sent), 33)
		}
	}
}

// TestGap shows that probes keep their distance.
func TestGap(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(3, nil))
	took := w.run(w.make(trace.Config{Gap: 7 * ms}))
	for i, q := range w.sent {
		equal(t, "at", q.at, time.Duration(i)*7*ms)
	}
	equal(t, "sent", len(w.sent), 12)
	equal(t, "took", took, 11*7*ms+4*ms)
}

// TestUnreachable shows that a trace ends with the hop where somebody says that
// the destination cannot be reached, and what is written behind it.
func TestUnreachable(t *testing.T) {
	for _, x := range []struct {
		typ, code uint8
		rest      uint32
		mark      string
	}{
		{3, 0, 0, "!N"},
		{3, 1, 0, "!H"},
		{3, 2, 0, "!P"},
		{3, 3, 0, ""},
		{3, 4, 1400, "!F-1400"},
		{3, 5, 0, "!S"},
		{3, 6, 0, "!N"},
		{3, 7, 0, "!H"},
		{3, 8, 0, "!N"},
		{3, 9, 0, "!X"},
		{3, 10, 0, "!X"},
		{3, 11, 0, "!N"},
		{3, 12, 0, "!H"},
		{3, 13, 0, "!X"},
		{3, 14, 0, "!V"},
		{3, 15, 0, "!C"},
		{3, 16, 0, "!<16>"},
		{11, 1, 0, "!<11-1>"},
		{12, 0, 0, "!<12-0>"},
	} {
		unreachable(t, them4, x.typ, x.code, x.rest, x.mark)
	}
	for _, x := range []struct {
		typ, code uint8
		rest      uint32
		mark      string
	}{
		{1, 0, 0, "!N"},
		{1, 1, 0, "!X"},
		{1, 2, 0, "!H"},
		{1, 3, 0, "!H"},
		{1, 4, 0, ""},
		{1, 5, 0, "!<5>"},
		{1, 6, 0, "!<6>"},
		{2, 0, 1280, "!F-1280"},
		{3, 1, 0, "!<3-1>"},
		{4, 1, 0, "!<4-1>"},
	} {
		unreachable(t, them6, x.typ, x.code, x.rest, x.mark)
	}
}

func unreachable(t *testing.T, dst netip.Addr, typ, code uint8, rest uint32, mark string) {
	t.Helper()
	w := newWorld(t, probe.Config{}, line(9, func(q packet, s *say) *say {
		if q.TTL >= 2 {
			s.from, s.after, s.typ, s.code, s.rest = gateway(2, q.Dst.Is6()), 2*ms, typ, code, rest
		}
		return s
	}))
	x := w.make(trace.Config{Dst: dst, Kind: probe.UDP})
	w.run(x)
	what := fmt.Sprintf("%d/%d", typ, code)
	if mark != "" {
		mark = " " + mark
	}
	same(t, what, text(w.told), strings.ReplaceAll(`
		1 1 1ms 1 1ms 1 1ms
		2 2 2msX 2 2msX 2 2msX`, "X", mark))
	equal(t, what+": reached", x.Reached(), false)
	equal(t, what+": length", x.Length(), 2)
	equal(t, what+": err", x.Err(), nil)
}

// TestOneRefuses: where one probe of a hop is refused and others are not, the
// trace ends with the hop all the same.
func TestOneRefuses(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(9, func(q packet, s *say) *say {
		if q.TTL == 3 && q.n == 2 {
			s.typ, s.code = 3, 13
		}
		return s
	}))
	w.run(w.make(trace.Config{}))
	same(t, "refused", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 2ms
		3 3 3ms 3 3ms !X 3 3ms`)
}

// TestForged: what does not quote the probe is nobody's answer, and a second
// answer changes nothing.
func TestForged(t *testing.T) {
	conform.Row(t, "P-01")
	for _, x := range []struct {
		name string
		at   int // of the datagram
	}{{"identification", 4}, {"source", 12}, {"destination", 16}, {"source port", 20}, {"destination port", 22}, {"checksum", 26}, {"cookie", 28}} {
		w := newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
			if q.TTL == 1 {
				s.quote = datagram(t, q)
				s.quote[x.at] ^= 0x40
				s.typ, s.code = 3, 1
			}
			return s
		}))
		trc := w.make(trace.Config{Kind: probe.UDP})
		w.run(trc)
		same(t, x.name, text(w.told), `
			1 silent silent silent
			2 2 2ms 2 2ms 2 2ms
			3 . 3ms . 3ms . 3ms`)
		equal(t, x.name, trc.Reached(), true)
	}
}

// TestUnsent: a probe that cannot be sent ends the trace, and the error is kept.
func TestUnsent(t *testing.T) {
	broken := errors.New("broken")
	w := newWorld(t, probe.Config{}, line(9, func(q packet, s *say) *say {
		if q.TTL == 2 && q.n == 2 {
			return &say{refuse: broken}
		}
		return s
	}))
	x := w.make(trace.Config{})
	w.run(x)
	same(t, "unsent", text(w.told), `
		1 1 1ms 1 1ms 1 1ms
		2 2 2ms unsent`)
	equal(t, "err", x.Err(), broken)
	equal(t, "why", w.told[4].Why, "broken")
	equal(t, "reached", x.Reached(), false)
	equal(t, "length", x.Length(), 2)

	// The prober itself may refuse.
	w = newWorld(t, probe.Config{InFlight: 2}, line(9, nil))
	x = w.make(trace.Config{})
	w.run(x)
	equal(t, "err", x.Err(), probe.ErrFull)
}

// TestTold: results are told in the order of hops, each when it is final and no
// later.
func TestTold(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(2, func(q packet, s *say) *say {
		if q.TTL == 1 && q.n == 2 {
			s.after = 50 * ms
		}
		return s
	}))
	x := w.make(trace.Config{})
	equal(t, "before", x.Length(), 0)
	equal(t, "before", len(x.Hops()), 0)
	equal(t, "before", x.Done(), false)
	for range 200 {
		w.step(x)
		since := w.now.Sub(noon)
		switch n := len(w.told); {
		case since < 1*ms && n != 0, since >= 1*ms && since < 50*ms && n != 1, since >= 50*ms && n != 9:
			t.Fatalf("after %v: %d told", since, n)
		}
		if since >= 2*ms && since < 3*ms {
			hops := x.Hops()
			if hops[0].Probes[1].Status != trace.Waiting || hops[1].Answered() != 3 || hops[2].Answered() != 0 || hops[1].TTL != 2 {
				t.Errorf("%+v", hops)
			}
		}
		if x.Done() {
			break
		}
		w.next(x)
	}
	equal(t, "hops", len(x.Hops()), 3)
	equal(t, "addresses", fmt.Sprint(x.Hops()[1].Addrs()), "[10.0.2.1]")
	equal(t, "took", w.now.Sub(noon), 50*ms)
	equal(t, "nothing to come", x.Deadline(), time.Time{})
}

// TestAddresses: each that answers is there once, in the order of the probes.
func TestAddresses(t *testing.T) {
	w := newWorld(t, probe.Config{}, line(1, func(q packet, s *say) *say {
		if q.TTL == 1 && q.n%2 == 0 {
			s.from = gateway(77, false)
		}
		if q.n == 4 && q.TTL == 1 {
			return nil
		}
		return s
	}))
	x := w.make(trace.Config{Queries: 4})
	w.run(x)
	equal(t, "addresses", fmt.Sprint(x.Hops()[0].Addrs()), "[10.0.1.1 10.0.77.1]")
	equal(t, "answered", x.Hops()[0].Answered(), 3)
	equal(t, "reached", x.Hops()[0].Reached(), false)
	equal(t, "reached", x.Hops()[1].Reached(), true)
}

// TestSourceRoute: the datagram goes to the first gateway, the rest is an option.
func TestSourceRoute(t *testing.T) {
	w := newWorld(t, probe.Config{}, func(packet) *say { return nil })
	x := w.make(trace.Config{Via: []netip.Addr{addr("10.9.9.9"), addr("10.8.8.8")}, MaxTTL: 1, Queries: 1})
	w.run(x)
	q := w.sent[0]
	equal(t, "destination", q.Dst, addr("10.9.9.9"))
	equal(t, "options", fmt.Sprintf("%x", q.Options), "830b040a080808c000020900")
	equal(t, "octets", len(datagram(t, q)), x.Config().Total())
	equal(t, "octets", x.Config().Total(), 20+12+8+32)
}
