package mtu_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	here   = addr("192.0.2.1")
	there  = addr("203.0.113.9")
	here6  = addr("fd00::1")
	there6 = addr("fd00:9::9")
	gate   = addr("198.51.100.1")
	gate6  = addr("fd00:5::1")
	noon   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
)

// world answers probes by hand: it is the network beneath the prober.
type world struct {
	t   *testing.T
	p   *probe.Prober
	v6  bool
	now time.Time
	// says returns the answer to a datagram of that many octets: nil, nothing;
	// else an error, or echo.
	says func(n int, x probe.Transmit, payload []byte) (from netip.Addr, message []byte)
	sent []int
	cut  bool // they may be
	fits int  // octets that may leave; the error does not say so. 0: 1500, and it does
	size bool // of answers, it is known that they come whole
}

// echo stands for the reply of the target.
var echo = []byte{}

func (w *world) quote(x probe.Transmit, payload []byte) []byte {
	var b []byte
	var err error
	if w.v6 {
		b, err = ip.Header6{NextHeader: x.Proto, HopLimit: x.TTL, Src: x.Src, Dst: x.Dst}.AppendPacket(nil, payload)
	} else {
		b, err = ip.Header4{ID: x.ID, DF: x.DF, TTL: x.TTL, Proto: x.Proto, Src: x.Src, Dst: x.Dst}.AppendPacket(nil, payload)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// tooBig is the error that the gate sends.
func (w *world) tooBig(size int, x probe.Transmit, payload []byte) (netip.Addr, []byte) {
	from := gate
	if w.v6 {
		from = gate6
	}
	return from, tooBigOf(w.t, w.v6, size, from, x.Src, w.quote(x, payload))
}

func must(t *testing.T, b []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) find(c mtu.Config) (mtu.Result, []mtu.Event) {
	w.t.Helper()
	var err error
	if w.p, err = probe.New(probe.Config{Seed: 7, IPID: true}); err != nil {
		w.t.Fatal(err)
	}
	c.Src, c.Dst = here, there
	if w.v6 {
		c.Src, c.Dst = here6, there6
	}
	s, err := mtu.New(w.p, c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = noon
	var events []mtu.Event
	for i := 0; !s.Done(); i++ {
		if i > 10_000 {
			w.t.Fatalf("no end: %+v", s.Result())
		}
		w.p.Turn(w.now, s)
		for b, x, ok := w.p.Poll(w.now, nil); ok; b, x, ok = w.p.Poll(w.now, nil) {
			w.answer(b, x)
		}
		w.p.Turn(w.now, s)
		for e, ok := s.NextEvent(); ok; e, ok = s.NextEvent() {
			events = append(events, e)
		}
		if !s.Done() && s.Deadline().IsZero() {
			if d := w.p.Deadline(); d.After(w.now) {
				w.now = d
			}
		}
	}
	return s.Result(), events
}

type tooBig int

func (tooBig) Error() string { return "message too long" }
func (e tooBig) TooBig() int { return int(e) }

func (w *world) answer(b []byte, x probe.Transmit) {
	n := len(b) + 20
	if w.v6 {
		n += 20
	}
	w.sent = append(w.sent, n)
	if (!x.Discover || !x.DF) && !w.cut {
		w.t.Errorf("%d octets may be cut", n)
	}
	if w.fits > 0 && n > w.fits {
		w.p.Unsent(w.now, x.Handle, errors.New("no"))
		return
	}
	if n > 1500 {
		w.p.Unsent(w.now, x.Handle, tooBig(1500))
		return
	}
	from, m := w.says(n, x, b)
	if m == nil {
		return
	}
	proto := ip.ProtoICMP
	if w.v6 {
		proto = ip.ProtoICMPv6
	}
	if len(m) == 0 {
		from, m = x.Dst, w.reply(b, x)
	}
	w.now = w.now.Add(time.Millisecond)
	a := probe.Arrival{From: from, To: x.Src, Proto: proto, TTL: 55, Payload: m}
	if w.size {
		a.Largest = len(m) + n - len(b)
	}
	w.p.Receive(w.now, &a)
}

// reply is the answer of the target itself.
func (w *world) reply(b []byte, x probe.Transmit) []byte {
	w.t.Helper()
	var m []byte
	var err error
	q := w.quote(x, b)
	q = q[:min(len(q), 100)]
	switch {
	case x.Proto == ip.ProtoUDP && w.v6:
		m, err = icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: q}.Append(nil, x.Dst, x.Src)
	case x.Proto == ip.ProtoUDP:
		m, err = icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: q}.AppendBinary(nil)
	case w.v6:
		var e icmp6.Echo
		if e, err = icmp6.DecodeEcho(b); err == nil {
			e.Reply = true
			m, err = e.Append(nil, x.Dst, x.Src)
		}
	default:
		var e icmp4.Echo
		if e, err = icmp4.DecodeEcho(b); err == nil {
			e.Reply = true
			m, err = e.AppendBinary(nil)
		}
	}
	return must(w.t, m, err)
}

// narrow is a path that 1380 octets pass, and a gate that says something else.
func (w *world) narrow(said func(n int) int) {
	w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
		if n <= 1380 {
			return there, echo
		}
		return w.tooBig(said(n), x, b)
	}
}

// TestFaults: what a router says is not believed when it cannot be, and the size
// is found all the same.
func TestFaults(t *testing.T) {
	conform.Row(t, "P-10")
	both(t, func(t *testing.T, v6 bool) {
		for _, c := range []struct {
			name string
			said func(n int) int
			want mtu.Fault
			most int // probes
		}{
			{"honest", func(int) int { return 1380 }, mtu.None, 6},
			{"absent", func(int) int { return 0 }, mtu.Absent, 40},
			{"its own", func(n int) int { return n }, mtu.NotLower, 40},
			{"more", func(n int) int { return n + 1 }, mtu.NotLower, 40},
			{"67", func(int) int { return 67 }, mtu.BelowLeast, 40},
			{"too high", func(int) int { return 1400 }, mtu.TooHigh, 40},
			{"too low", func(int) int { return 1300 }, mtu.TooLow, 40},
			{"one too low", func(int) int { return 1379 }, mtu.TooLow, 16},
			{"one too high", func(int) int { return 1381 }, mtu.TooHigh, 40},
		} {
			w := &world{t: t, v6: v6}
			w.narrow(c.said)
			r, _ := w.find(mtu.Config{})
			if len(r.Reductions) != 1 {
				t.Fatalf("%s: %+v", c.name, r)
			}
			x := r.Reductions[0]
			if r.MTU != 1380 || !r.Exact || r.Hole != nil || x.Fault != c.want || x.MTU != 1380 || x.Said != c.said(1500) || x.Before != 1500 || r.Probes > c.most {
				t.Errorf("%s: %+v", c.name, r)
			}
			if x.Sure || x.Hop != 1 {
				t.Errorf("%s: hop %d, sure %v: nothing expires here", c.name, x.Hop, x.Sure)
			}
		}
	})
}

// TestLeast6: 1279 is no MTU of IPv6, and one of IPv4.
func TestLeast6(t *testing.T) {
	for said, want := range map[int]mtu.Fault{1279: mtu.BelowLeast, 1280: mtu.TooLow} {
		w := &world{t: t, v6: true}
		w.narrow(func(int) int { return said })
		if r, _ := w.find(mtu.Config{}); r.Reductions[0].Fault != want {
			t.Errorf("%d: %+v", said, r)
		}
	}
	w := &world{t: t}
	w.narrow(func(int) int { return 68 })
	if r, _ := w.find(mtu.Config{}); r.Reductions[0].Fault != mtu.TooLow || r.MTU != 1380 { // Least has passed
		t.Errorf("%+v", r)
	}
}

// TestDenied: large datagrams are refused by another error.
func TestDenied(t *testing.T) {
	w := &world{t: t}
	w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
		if n <= 1000 {
			return there, echo
		}
		m, err := icmp4.DestUnreachable{Code: icmp4.CodeAdminProhibited, Quote: w.quote(x, b)[:100]}.AppendBinary(nil)
		return gate, must(t, m, err)
	}
	r, _ := w.find(mtu.Config{})
	if r.MTU != 1000 || r.Hole != nil || len(r.Reductions) != 1 || r.Reductions[0].Fault != mtu.Refused || r.Reductions[0].MTU != 1000 || r.Reductions[0].Claim.Code != 13 {
		t.Errorf("%+v", r)
	}
}

// TestLoss: a few probes that are lost are no black hole: when one is looked for,
// what seems to vanish is asked again.
func TestLoss(t *testing.T) {
	conform.Row(t, "P-10")
	for lost := range 6 {
		w := &world{t: t, cut: true}
		n1500 := 0
		w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
			if n == 1500 && x.TTL == 64 {
				if n1500++; n1500 <= lost {
					return there, nil
				}
			}
			return there, echo
		}
		r, _ := w.find(mtu.Config{})
		if r.Hole != nil || r.MTU != 1500 || !r.Exact {
			t.Errorf("%d lost: %+v", lost, r)
		}
		if lost < 3 && r.Probes != 3+lost {
			t.Errorf("%d lost: %d probes", lost, r.Probes)
		}
	}
}

// TestSaidLate: a gate that did not say a word speaks when a black hole is looked
// for. It is taken at its word, and there is no hole.
func TestSaidLate(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		w := &world{t: t, v6: v6, cut: true}
		spoken := false
		w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
			spoken = spoken || x.TTL < 64
			switch {
			case n <= 1380:
				return there, echo
			case !spoken:
				return there, nil
			}
			return w.tooBig(1380, x, b)
		}
		r, _ := w.find(mtu.Config{})
		if r.MTU != 1380 || !r.Exact || r.Hole != nil || len(r.Reductions) != 1 || r.Reductions[0].Fault != mtu.None || r.Reductions[0].MTU != 1380 {
			t.Errorf("%+v", r)
		}
	}
}

// TestForged: errors that do not quote the probe change nothing.
func TestForged(t *testing.T) {
	conform.Row(t, "P-10")
	both(t, func(t *testing.T, v6 bool) {
		w := &world{t: t, v6: v6}
		w.says = func(_ int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
			forged := append([]byte(nil), b...)
			forged[6]++ // the sequence number, or a checksum
			from, m := w.tooBig(600, x, forged)
			proto := ip.ProtoICMP
			if v6 {
				proto = ip.ProtoICMPv6
			}
			w.p.Receive(w.now, &probe.Arrival{From: from, To: x.Src, Proto: proto, TTL: 55, Payload: m})
			return there, echo
		}
		if r, _ := w.find(mtu.Config{}); r.MTU != 1500 || len(r.Reductions) != 0 || r.Probes != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// TestNobody: the target does not answer. What routers say is all there is.
func TestNobody(t *testing.T) {
	w := &world{t: t}
	w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
		if n <= 1400 {
			return there, nil
		}
		return w.tooBig(1400, x, b)
	}
	r, _ := w.find(mtu.Config{})
	if r.Answered || r.MTU != 1400 || r.Exact || len(r.Reductions) != 1 || r.Hole != nil {
		t.Errorf("%+v", r)
	}
	w = &world{t: t, says: func(int, probe.Transmit, []byte) (netip.Addr, []byte) { return there, nil }}
	r, _ = w.find(mtu.Config{})
	if r.Answered || r.MTU != 0 || r.Exact || r.Hole != nil || r.LinkMTU != 1500 || r.Refused.Present {
		t.Errorf("%+v", r)
	}
	if took := w.now.Sub(noon); took > 7*time.Second {
		t.Errorf("took %v", took)
	}
	// Somebody says why.
	w = &world{t: t}
	w.says = func(_ int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
		m, err := icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: w.quote(x, b)[:100]}.AppendBinary(nil)
		return gate, must(t, m, err)
	}
	r, _ = w.find(mtu.Config{})
	if r.Answered || !r.Refused.Present || r.Refused.Code != 1 || r.RefusedFrom != gate || r.MTU != 0 {
		t.Errorf("%+v", r)
	}
}

// TestUDP: where echo is filtered, UDP finds it.
func TestUDP(t *testing.T) {
	both(t, func(t *testing.T, v6 bool) {
		w := &world{t: t, v6: v6}
		w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
			switch {
			case x.Proto != ip.ProtoUDP:
				return there, nil
			case n > 1450:
				return w.tooBig(1450, x, b)
			}
			return there, echo
		}
		r, _ := w.find(mtu.Config{})
		if r.Probe != probe.UDP || r.MTU != 1450 || !r.Exact || !r.Answered || len(r.Reductions) != 1 {
			t.Errorf("%+v", r)
		}
		if took := w.now.Sub(noon); took > 1100*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// TestBack: large echoes are not answered, large datagrams of UDP are: it is the
// answers that vanish.
func TestBack(t *testing.T) {
	both(t, func(t *testing.T, v6 bool) {
		w := &world{t: t, v6: v6, cut: true}
		w.says = func(n int, x probe.Transmit, _ []byte) (netip.Addr, []byte) {
			if n > 1200 && x.Proto != ip.ProtoUDP {
				return there, nil
			}
			return there, echo
		}
		r, _ := w.find(mtu.Config{})
		if r.MTU != 1500 || !r.Exact || r.Probe != probe.Echo || r.Back != (mtu.WayBack{Silent: 1201}) || r.Hole == nil || r.Hole.Way != mtu.Back || r.Hole.After != 0 || r.Hole.Before != 0 {
			t.Errorf("%+v, %+v", r, r.Hole)
		}
	})
}

// TestLimit: however little comes back, there is an end.
func TestLimit(t *testing.T) {
	for _, limit := range []int{1, 5, 20} {
		w := &world{t: t}
		w.narrow(func(int) int { return 0 })
		r, _ := w.find(mtu.Config{Limit: limit})
		if !r.Cut || r.Probes != limit || len(w.sent) > limit+1 || r.MTU > 1380 {
			t.Errorf("%d: %+v, %v", limit, r, w.sent)
		}
	}
}

// TestUnsent: nothing can be sent at all, or only what is small, and the system
// does not say how small.
func TestUnsent(t *testing.T) {
	w := &world{t: t, says: func(int, probe.Transmit, []byte) (netip.Addr, []byte) { return there, echo }}
	r, _ := w.find(mtu.Config{Max: 1501})
	if r.MTU != 1500 || r.LinkMTU != 1500 || len(w.sent) != 4 || r.Probes != 3 || !r.Exact {
		t.Errorf("%+v, %v", r, w.sent)
	}
}

// TestUnsaid: the system does not say how much it takes, or takes nothing.
func TestUnsaid(t *testing.T) {
	reply := func(int, probe.Transmit, []byte) (netip.Addr, []byte) { return there, echo }
	for _, fits := range []int{101, 1280, 1333, 1400, 9000} {
		w := &world{t: t, says: reply, fits: fits}
		if fits > 1500 {
			w.fits = 1500
		}
		r, _ := w.find(mtu.Config{})
		if r.MTU != w.fits || r.LinkMTU != w.fits || !r.Exact || r.Hole != nil || r.Err != "" || !r.Answered {
			t.Errorf("%d: %+v", fits, r)
		}
	}
	w := &world{t: t, says: reply, fits: 1}
	if r, _ := w.find(mtu.Config{}); r.Answered || r.Err != "no" || r.Probes != 0 || r.MTU != 0 || len(w.sent) != 2 {
		t.Errorf("%+v, %v", r, w.sent)
	}
}

// TestSizes: which sizes a search asks, octet for octet: common ones first, then
// what is between.
func TestSizes(t *testing.T) {
	for fits, want := range map[int][]int{
		1380: {100, 100, 65535, 1500, 101, 296, 1006, 1360, 1412, 1436, 1458, 1476, 1361, 1372, 1380, 1400, 1381, 1383, 1385, 1388, 1390, 1392, 1395, 1397},
		640:  {100, 100, 65535, 1500, 101, 296, 1006, 1360, 1412, 1436, 1458, 1476, 297, 508, 576, 577, 630, 684, 737, 791, 845, 898, 952, 631, 637, 644, 650, 657, 664, 670, 677, 638, 639, 640, 641, 642, 643},
	} {
		w := &world{t: t}
		w.says = func(n int, x probe.Transmit, b []byte) (netip.Addr, []byte) {
			if n <= fits {
				return there, echo
			}
			return w.tooBig(0, x, b)
		}
		w.find(mtu.Config{})
		if !slices.Equal(w.sent, want) {
			t.Errorf("%d: %#v,", fits, w.sent)
		}
	}
}
