package probe_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestFlow sends many datagrams of one flow: each error is credited to the one
// that it quotes, which its checksum tells.
func TestFlow(t *testing.T) {
	conform.Row(t, "P-01")
	for _, k := range []probe.Kind{probe.UDP, probe.UDPLite} {
		each(t, func(t *testing.T, v6 bool) {
			p := newProber(t, probe.Config{})
			const n = 2000
			sums := map[string]bool{}
			var all []packet
			for i := range n {
				q := ask(k, v6, 8)
				q.SrcPort, q.Tag = 40000, uint64(i)
				x := sent(t, p, noon, q)
				if s := string(x.payload[6:8]); sums[s] {
					t.Fatalf("probe %d has the checksum of another", i)
				} else {
					sums[s] = true
				}
				all = append(all, x)
			}
			for i, at := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
				x := all[at]
				header := len(x.datagram(t)) - len(x.payload)
				receive(t, p, noon.Add(time.Duration(i)), x.exceeded(t, x.datagram(t)[:header+8]), probe.Credited)
				if e := one(t, p, probe.Error); e.Tag != uint64(at) || e.Seq != uint16(at+1) || e.RTT != time.Duration(i) || e.Guessed || e.SrcPort != 40000 || e.DstPort != 33434 {
					t.Fatalf("probe %d: %+v", at, e)
				}
			}
		})
	}
}

// TestSmallFlow sends what has no room for a cookie: where checksums are equal,
// the one that went first is meant.
func TestSmallFlow(t *testing.T) {
	p := newProber(t, probe.Config{})
	var all []packet
	for i := range 3 {
		q := ask(probe.UDP, false, 0)
		q.SrcPort, q.Tag = 40000, uint64(i)
		all = append(all, sent(t, p, noon, q))
	}
	receive(t, p, noon, all[2].exceeded(t, all[2].datagram(t)), probe.Credited)
	events(p)
	// With one octet of data there are not enough checksums for all, and no end
	// of trying either.
	for range 600 {
		q := ask(probe.UDP, false, 1)
		q.SrcPort = 40001
		sent(t, p, noon, q)
	}
}

// TestDatagrams is what UDP services reply: the same data, or data of their own.
func TestDatagrams(t *testing.T) {
	for _, k := range []probe.Kind{probe.UDP, probe.UDPLite} {
		each(t, func(t *testing.T, v6 bool) {
			p := newProber(t, probe.Config{Timeout: 10 * time.Second})
			var all []packet
			for i := range 4 {
				q := ask(k, v6, 24)
				q.SrcPort, q.Tag = 40000, uint64(i)
				all = append(all, sent(t, p, noon.Add(time.Duration(i)*ms), q))
			}
			at := noon.Add(100 * ms)
			// An echo service: the third, for certain.
			receive(t, p, at, replyTo(t, all[2], all[2].payload[8:]), probe.Credited)
			if e := one(t, p, probe.Reply); e.Tag != 2 || e.Guessed || e.RTT != 98*ms || e.Reordered {
				t.Errorf("%+v", e)
			}
			// Other data: the oldest that waits.
			receive(t, p, at, replyTo(t, all[3], []byte("hello")), probe.Credited)
			if e := one(t, p, probe.Reply); e.Tag != 0 || !e.Guessed || e.RTT != 100*ms || e.Altered || e.Truncated {
				t.Errorf("%+v", e)
			}
			receive(t, p, at, replyTo(t, all[0], nil), probe.Credited)
			if e := one(t, p, probe.Reply); e.Tag != 1 || !e.Guessed {
				t.Errorf("%+v", e)
			}
			// Nothing to choose from.
			receive(t, p, at, replyTo(t, all[0], []byte("hello")), probe.Credited)
			if e := one(t, p, probe.Reply); e.Tag != 3 || e.Guessed {
				t.Errorf("%+v", e)
			}
			// None waits: once more the last.
			receive(t, p, at, replyTo(t, all[0], []byte("hello")), probe.Credited)
			if e := one(t, p, probe.Duplicate); e.Tag != 3 || e.Guessed {
				t.Errorf("%+v", e)
			}
			// The next of the flow takes its place.
			q := ask(k, v6, 24)
			q.SrcPort, q.Tag = 40000, 9
			sent(t, p, at, q)
			receive(t, p, at, replyTo(t, all[0], []byte("hello")), probe.Credited)
			if e := one(t, p, probe.Reply); e.Tag != 9 || e.Guessed {
				t.Errorf("%+v", e)
			}
			// A checksum that is that of a probe, and other data.
			receive(t, p, at, func() probe.Arrival {
				a := replyTo(t, all[1], bytes.Repeat([]byte{1}, 24))
				copy(a.Payload[6:8], all[1].payload[6:8])
				a.Verified = true
				return a
			}(), probe.Credited)
			if e := one(t, p, probe.Duplicate); e.Tag != 9 {
				t.Errorf("%+v", e)
			}
			// Forgotten, all of them.
			idle(t, p, at.Add(3*time.Second))
			a := replyTo(t, all[0], []byte("hello"))
			receive(t, p, at.Add(3*time.Second), a, probe.Unrelated) // 40000 may be anybody's
			x := sent(t, p, at, ask(k, v6, 24))
			events(p)
			a = replyTo(t, x, []byte("hello"))
			a.From = us4
			if v6 {
				a.From = us6
			}
			receive(t, p, at, a, probe.NotInFlight)
			a = replyTo(t, x, []byte("hello"))
			a.To = elsewhere(v6)
			a.Verified = true
			receive(t, p, at, a, probe.WrongTarget)
			for n := range 8 {
				a = replyTo(t, x, nil)
				a.Payload = a.Payload[:n]
				receive(t, p, at, a, probe.Malformed)
			}
			if all := events(p); len(all) != 0 {
				t.Errorf("%v", all)
			}
		})
	}
}

// elsewhere is an address that is neither ours nor theirs.
func elsewhere(v6 bool) netip.Addr {
	if v6 {
		return router6
	}
	return router4
}

// TestFlowOracle does at random what happens to flows, and holds what is credited
// to the list of those that wait.
func TestFlowOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	p := newProber(t, probe.Config{Timeout: 50 * ms, Linger: 20 * ms, InFlight: 64})
	type flying struct {
		packet
		tag uint64
		at  time.Time
	}
	waiting := map[uint16][]flying{}
	last := map[uint16]packet{}
	now, tag := noon, uint64(0)
	for range 20_000 {
		now = now.Add(time.Duration(rng.IntN(3)) * ms)
		for port, w := range waiting {
			for len(w) > 0 && !w[0].at.Add(50*ms).After(now) {
				w = w[1:]
			}
			waiting[port] = w
		}
		idle(t, p, now)
		events(p)
		port := uint16(40000 + rng.IntN(4))
		w := waiting[port]
		switch rng.IntN(4) {
		case 0, 1:
			q := ask(probe.UDP, false, 16)
			tag++
			q.SrcPort, q.Tag = port, tag
			if _, err := p.Send(now, &q); errors.Is(err, probe.ErrFull) {
				continue
			}
			x := poll(t, p, now)
			waiting[port], last[port] = append(w, flying{x, tag, now}), x
		case 2: // an error about any of them
			if len(w) == 0 {
				continue
			}
			i := rng.IntN(len(w))
			a := w[i].exceeded(t, w[i].datagram(t))
			receive(t, p, now, a, probe.Credited)
			if e := one(t, p, probe.Error); e.Tag != w[i].tag {
				t.Fatalf("tag %d, want %d", e.Tag, w[i].tag)
			}
			waiting[port] = append(append([]flying(nil), w[:i]...), w[i+1:]...)
		case 3:
			if len(w) == 0 {
				continue
			}
			receive(t, p, now, replyTo(t, last[port], []byte("x")), probe.Credited)
			if e := one(t, p, probe.Reply); e.Tag != w[0].tag || e.Guessed != (len(w) > 1) {
				t.Fatalf("tag %d guessed %v, want %d of %d", e.Tag, e.Guessed, w[0].tag, len(w))
			}
			waiting[port] = w[1:]
		}
	}
}

// TestRefused hands over what cannot be sent; the table is in the tests of
// package question.
func TestRefused(t *testing.T) {
	p := newProber(t, probe.Config{Targets: 10})
	for _, change := range []func(q *probe.Probe){
		func(q *probe.Probe) { q.Target = 10 },
		func(q *probe.Probe) { q.Src = us6 },
		func(q *probe.Probe) { q.Size = 65508 },
	} {
		q := ask(probe.Echo, false, 0)
		change(&q)
		var fe *wire.FieldError
		if h, err := p.Send(noon, &q); !errors.As(err, &fe) || h != 0 {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if queued, _ := p.InFlight(); queued != 0 {
		t.Errorf("%d queued", queued)
	}
	// The longest of each kind can be sent.
	for _, k := range []probe.Kind{probe.Echo, probe.UDP, probe.UDPLite} {
		each(t, func(t *testing.T, v6 bool) {
			n := 65507
			if v6 {
				n = 65527
			}
			if x := sent(t, p, noon, ask(k, v6, n)); len(x.payload) != n+8 {
				t.Errorf("%d octets", len(x.payload))
			}
		})
	}
	q := ask(probe.ExtEcho, false, 0)
	q.Ext = make([]byte, 512)
	if x := sent(t, p, noon, q); len(x.payload) != 520 {
		t.Errorf("%d octets", len(x.payload))
	}
}

// TestZone sends to a link-local address with its zone, and takes the reply
// whose source has one or not.
func TestZone(t *testing.T) {
	p := newProber(t, probe.Config{})
	q := ask(probe.Echo, true, 8)
	q.Src, q.Dst = addr("fe80::1"), addr("fe80::9%eth0")
	x := sent(t, p, noon, q)
	if x.Dst != q.Dst {
		t.Errorf("to %v", x.Dst)
	}
	x.Dst = addr("fe80::9")
	a := x.echoed()
	receive(t, p, noon, a, probe.Credited)
	if e := one(t, p, probe.Reply); e.From != x.Dst {
		t.Errorf("%+v", e)
	}
	a.From = q.Dst
	receive(t, p, noon, a, probe.Credited)
	if e := one(t, p, probe.Duplicate); e.From != q.Dst {
		t.Errorf("%+v", e)
	}
	// An IPv4 address as an IPv6 socket has it.
	y := sent(t, p, noon, ask(probe.Echo, false, 8))
	a = y.echoed()
	a.From, a.To = addr("::ffff:192.0.2.9"), addr("::ffff:10.0.0.1")
	receive(t, p, noon, a, probe.Credited)
	if e := one(t, p, probe.Reply); e.From != them4 {
		t.Errorf("%+v", e)
	}
}

// TestTransmit checks the wishes for the header.
func TestTransmit(t *testing.T) {
	p := newProber(t, probe.Config{})
	q := ask(probe.UDP, true, 8)
	q.FlowLabel, q.TOS, q.TTL = 0xabcde, 7, 3
	x := sent(t, p, noon, q)
	if x.FlowLabel != 0xabcde || x.TOS != 7 || x.TTL != 3 || x.Proto != 17 || x.DF || x.Options != nil {
		t.Errorf("%+v", x.Transmit)
	}
	if _, _, err := transport.ParseUDP(x.payload, us6, them6); err != nil {
		t.Error(err)
	}
	seen := map[uint16]bool{}
	for range 100 {
		x := sent(t, p, noon, ask(probe.Echo, false, 8))
		if x.ID == 0 {
			t.Error("IP identification 0")
		}
		seen[x.ID] = true
	}
	if len(seen) < 98 {
		t.Errorf("%d IP identifications of 100", len(seen))
	}
	// What is polled stands behind what was there.
	send(t, p, noon, ask(probe.Echo, false, 8))
	b, _, _ := p.Poll(noon, []byte("before"))
	if len(b) != 6+16 || string(b[:6]) != "before" {
		t.Errorf("%q", b)
	}
	if b, _, ok := p.Poll(noon, []byte("x")); ok || string(b) != "x" {
		t.Errorf("%q", b)
	}
}
