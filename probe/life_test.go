package probe_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestTimeout gives up at the deadline, to the nanosecond, and takes what comes
// later for late; and for nothing once the probe is forgotten.
func TestTimeout(t *testing.T) {
	conform.Row(t, "P-03")
	p := newProber(t, probe.Config{Timeout: 100 * ms, Linger: time.Second})
	if d := p.Deadline(); !d.IsZero() {
		t.Errorf("deadline %v", d)
	}
	x := sent(t, p, noon, ask(probe.Echo, false, 56))
	if d := p.Deadline(); !d.Equal(noon.Add(100 * ms)) {
		t.Errorf("deadline %v", d)
	}
	idle(t, p, noon.Add(100*ms-1))
	if all := events(p); len(all) != 0 {
		t.Errorf("too soon: %v", all)
	}
	idle(t, p, noon.Add(100*ms))
	if e := one(t, p, probe.Timeout); e.Seq != 1 || !e.Time.Equal(noon.Add(100*ms)) || e.From.IsValid() {
		t.Errorf("%+v", e)
	}
	if d := p.Deadline(); !d.Equal(noon.Add(1100 * ms)) {
		t.Errorf("deadline %v", d)
	}
	receive(t, p, noon.Add(150*ms), x.echoed(), probe.Credited)
	if e := one(t, p, probe.Late); e.RTT != 150*ms || e.From != them4 {
		t.Errorf("%+v", e)
	}
	receive(t, p, noon.Add(160*ms), x.echoed(), probe.Credited)
	one(t, p, probe.Duplicate)
	idle(t, p, noon.Add(1100*ms-1))
	receive(t, p, noon.Add(1100*ms-1), x.echoed(), probe.Credited)
	one(t, p, probe.Duplicate)
	idle(t, p, noon.Add(1100*ms))
	receive(t, p, noon.Add(1100*ms), x.echoed(), probe.NotInFlight)
	if d := p.Deadline(); !d.IsZero() {
		t.Errorf("deadline %v", d)
	}
	if c := p.Counters(); c.Timeouts != 1 || c.Late != 1 || c.Duplicates != 2 || c.Replies != 0 {
		t.Errorf("%+v", c)
	}
	// An error, late.
	y := sent(t, p, noon.Add(2*time.Second), ask(probe.Echo, false, 56))
	idle(t, p, noon.Add(3*time.Second))
	one(t, p, probe.Timeout)
	receive(t, p, noon.Add(3*time.Second), y.exceeded(t, y.datagram(t)), probe.Credited)
	if e := one(t, p, probe.Late); !e.Claim.Present || e.RTT != time.Second {
		t.Errorf("%+v", e)
	}
	if c := p.Counters(); c.Late != 2 || c.Errors != 0 {
		t.Errorf("%+v", c)
	}
	receive(t, p, noon.Add(3*time.Second), y.exceeded(t, y.datagram(t)), probe.Credited)
	one(t, p, probe.Duplicate)
}

func TestDuplicate(t *testing.T) {
	conform.Row(t, "P-03")
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		x := sent(t, p, noon, ask(probe.Echo, v6, 56))
		for i := range 3 {
			receive(t, p, noon.Add(time.Duration(i+1)*ms), x.echoed(), probe.Credited)
			want := probe.Duplicate
			if i == 0 {
				want = probe.Reply
			}
			if e := one(t, p, want); e.RTT != time.Duration(i+1)*ms {
				t.Errorf("%+v", e)
			}
		}
		// The default is remembered for two seconds after the reply.
		idle(t, p, noon.Add(ms+2*time.Second-1))
		receive(t, p, noon.Add(ms+2*time.Second-1), x.echoed(), probe.Credited)
		idle(t, p, noon.Add(ms+2*time.Second))
		receive(t, p, noon.Add(ms+2*time.Second), x.echoed(), probe.NotInFlight)
	})
}

// TestForgotten lets all be forgotten, and begins anew.
func TestForgotten(t *testing.T) {
	p := newProber(t, probe.Config{})
	now := noon
	for range 3 {
		x, y := sent(t, p, now, ask(probe.Echo, false, 8)), sent(t, p, now, ask(probe.Echo, false, 8))
		receive(t, p, now, x.echoed(), probe.Credited)
		receive(t, p, now.Add(ms), y.echoed(), probe.Credited)
		if d := p.Deadline(); !d.Equal(now.Add(2 * time.Second)) {
			t.Fatalf("deadline %v", d.Sub(now))
		}
		idle(t, p, now.Add(2*time.Second))
		receive(t, p, now.Add(2*time.Second), x.echoed(), probe.NotInFlight)
		receive(t, p, now.Add(2*time.Second), y.echoed(), probe.Credited)
		idle(t, p, now.Add(2*time.Second+ms))
		receive(t, p, now.Add(2*time.Second+ms), y.echoed(), probe.NotInFlight)
		if d := p.Deadline(); !d.IsZero() {
			t.Fatalf("deadline %v", d)
		}
		events(p)
		now = now.Add(time.Minute)
	}
}

func TestNoLinger(t *testing.T) {
	p := newProber(t, probe.Config{Linger: -1})
	x := sent(t, p, noon, ask(probe.Echo, false, 56))
	receive(t, p, noon, x.echoed(), probe.Credited)
	idle(t, p, noon)
	receive(t, p, noon, x.echoed(), probe.NotInFlight)
}

func TestReordered(t *testing.T) {
	conform.Row(t, "P-03")
	p := newProber(t, probe.Config{})
	var x []packet
	for range 4 {
		x = append(x, sent(t, p, noon, ask(probe.Echo, false, 56)))
	}
	q := ask(probe.Echo, false, 56)
	q.Target, q.Dst = 1, addr("192.0.2.10")
	other := sent(t, p, noon, q)
	for _, c := range []struct {
		x         packet
		kind      probe.EventKind
		reordered bool
	}{
		{x[0], probe.Reply, false},
		{x[2], probe.Reply, false},
		{other, probe.Reply, false}, // each target has an order of its own
		{x[1], probe.Reply, true},
		{x[2], probe.Duplicate, false},
		{x[1], probe.Duplicate, false},
		{x[3], probe.Reply, false},
	} {
		receive(t, p, noon.Add(ms), c.x.echoed(), probe.Credited)
		if e := one(t, p, c.kind); e.Reordered != c.reordered {
			t.Errorf("%+v", e)
		}
	}
}

func TestSetTimeout(t *testing.T) {
	p := newProber(t, probe.Config{})
	q := ask(probe.Echo, false, 0)
	q.Timeout = 5 * time.Second
	h := send(t, p, noon, q)
	if !p.SetTimeout(h, 3*time.Second) {
		t.Error("not known before it has left")
	}
	x := poll(t, p, noon.Add(time.Second))
	if d := p.Deadline(); !d.Equal(noon.Add(4 * time.Second)) {
		t.Errorf("deadline %v", d)
	}
	if x.Handle != h || !p.SetTimeout(h, 10*ms) {
		t.Error("not known on its way")
	}
	if d := p.Deadline(); !d.Equal(noon.Add(time.Second + 10*ms)) {
		t.Errorf("deadline %v", d)
	}
	p.SetTimeout(h, -time.Hour)
	idle(t, p, noon.Add(time.Second))
	one(t, p, probe.Timeout)
	if p.SetTimeout(h, time.Second) {
		t.Error("waited for when it is over")
	}
	for _, h := range []probe.Handle{0, h + 1, h + 1<<32, h - 1<<32, 1 << 63} {
		if p.SetTimeout(h, time.Second) || p.Cancel(h) || p.Sent(h, noon, probe.Kernel) || p.Unsent(noon, h, errors.ErrUnsupported) {
			t.Errorf("handle %x is known", uint64(h))
		}
	}
}

func TestCancel(t *testing.T) {
	p := newProber(t, probe.Config{})
	h := send(t, p, noon, ask(probe.Echo, false, 8))
	if p.Sent(h, noon, probe.Kernel) || p.Unsent(noon, h, errors.ErrUnsupported) {
		t.Error("sent before it has left")
	}
	if !p.Cancel(h) || p.Cancel(h) {
		t.Error("not taken back once")
	}
	idle(t, p, noon)
	x := sent(t, p, noon, ask(probe.Echo, false, 8))
	if x.Handle == h {
		t.Error("a handle names two probes")
	}
	if !p.Cancel(x.Handle) || p.Cancel(x.Handle) {
		t.Error("not given up once")
	}
	idle(t, p, noon.Add(time.Second))
	if all := events(p); len(all) != 0 {
		t.Errorf("events %v", all)
	}
	receive(t, p, noon.Add(time.Second), x.echoed(), probe.Credited)
	one(t, p, probe.Late)
}

func TestUnsent(t *testing.T) {
	p := newProber(t, probe.Config{})
	q := ask(probe.Echo, false, 8)
	q.Tag = 5
	x := sent(t, p, noon, q)
	if !p.Unsent(noon.Add(ms), x.Handle, errors.ErrUnsupported) || p.Unsent(noon, x.Handle, errors.ErrUnsupported) {
		t.Error("not unsent once")
	}
	if e := one(t, p, probe.Unsent); !errors.Is(e.Err, errors.ErrUnsupported) || e.Why != "unsupported operation" || e.Tag != 5 || e.Handle != x.Handle {
		t.Errorf("%+v", e)
	}
	if c := p.Counters(); c.Sent != 0 || c.Unsent != 1 {
		t.Errorf("%+v", c)
	}
	receive(t, p, noon, x.echoed(), probe.NotInFlight)
	idle(t, p, noon.Add(time.Minute))
	if all := events(p); len(all) != 0 {
		t.Errorf("events %v", all)
	}
}

// TestStamps takes times from who has taken them best, and never one from the
// clock of a device beside one from another clock (P-04).
func TestStamps(t *testing.T) {
	// A program whose monotonic clock is worth something: real times have one.
	start := time.Now()
	for _, c := range []struct {
		name          string
		sent, arrived probe.Stamp
		sentAt, at    time.Duration // by their stamps, after start
		rtt           time.Duration
		stamp, sentBy probe.Stamp
	}{
		{"program", probe.Program, probe.Program, 0, 10 * ms, 10 * ms, probe.Program, probe.Program},
		{"kernel at both ends", probe.Kernel, probe.Kernel, ms, 9 * ms, 8 * ms, probe.Kernel, probe.Kernel},
		{"kernel when it arrived", probe.Program, probe.Kernel, 0, 9 * ms, 9 * ms, probe.Kernel, probe.Program},
		{"device at both ends", probe.Device, probe.Device, time.Hour, time.Hour + 7*ms, 7 * ms, probe.Device, probe.Device},
		{"device when it arrived", probe.Program, probe.Device, 0, time.Hour, 10 * ms, probe.Program, probe.Program},
		{"device when it left", probe.Device, probe.Kernel, time.Hour, 9 * ms, 10 * ms, probe.Program, probe.Program},
		{"set back on the way", probe.Kernel, probe.Kernel, 0, -time.Second, 10 * ms, probe.Program, probe.Program},
		{"program, sent later", probe.Program, probe.Program, 2 * ms, 10 * ms, 8 * ms, probe.Program, probe.Program},
	} {
		p := newProber(t, probe.Config{})
		idle(t, p, start.Add(-time.Second)) // its time has begun before
		x := sent(t, p, start, ask(probe.Echo, false, 8))
		if (c.sent != probe.Program || c.sentAt != 0) && !p.Sent(x.Handle, start.Add(c.sentAt), c.sent) {
			t.Fatalf("%s: not known", c.name)
		}
		a := x.echoed()
		a.At, a.Stamp = start.Add(c.at), c.arrived
		if c.arrived != probe.Program {
			a.At = a.At.Round(0) // no monotonic clock
		}
		receive(t, p, start.Add(10*ms), a, probe.Credited)
		e := one(t, p, probe.Reply)
		if e.RTT != c.rtt || e.Stamp != c.stamp || e.SentBy != c.sentBy {
			t.Errorf("%s: %v by %v, sent by %v", c.name, e.RTT, e.Stamp, e.SentBy)
		}
		if want := start.Add(c.at); c.stamp == c.arrived && !e.Time.Equal(want) || c.stamp != c.arrived && !e.Time.Equal(start.Add(10*ms)) {
			t.Errorf("%s: at %v", c.name, e.Time)
		}
	}
}

// TestBackwards lets time go back, which it does not for the prober.
func TestBackwards(t *testing.T) {
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.Echo, false, 8))
	idle(t, p, noon.Add(-time.Hour))
	a := x.echoed()
	receive(t, p, noon.Add(-time.Hour), a, probe.Credited)
	if e := one(t, p, probe.Reply); e.RTT != 0 {
		t.Errorf("%+v", e)
	}
	// By the program's clock it stands still; by the kernel's it does not matter.
	for _, c := range []struct {
		by   probe.Stamp
		want time.Duration
	}{{probe.Program, 0}, {probe.Kernel, 5 * ms}} {
		x := sent(t, p, noon.Add(-time.Minute), ask(probe.Echo, false, 8))
		a := x.echoed()
		a.At, a.Stamp = noon.Add(-time.Minute+5*ms), c.by
		receive(t, p, noon, a, probe.Credited)
		if e := one(t, p, probe.Reply); e.RTT != c.want {
			t.Errorf("%v: %+v", c.by, e)
		}
	}
}

// TestWrap has more probes in flight to one target than there are sequence
// numbers: every reply is credited to its own probe.
func TestWrap(t *testing.T) {
	conform.Row(t, "P-01")
	const n = 200_000
	p := newProber(t, probe.Config{InFlight: n, Timeout: time.Minute, Events: n})
	id, mask := p.Identifiers()
	all := make([][]byte, n)
	seen := map[uint32]bool{}
	var x packet
	for i := range all {
		q := ask(probe.Echo, i%2 == 1, 8)
		q.Tag, q.Target = uint64(i), i%2
		x = sent(t, p, noon.Add(time.Duration(i)), q)
		all[i] = x.payload
		key := binary.BigEndian.Uint32(x.payload[4:])
		if got := uint16(key >> 16); got&mask != id {
			t.Fatalf("identifier %#x is none of %#x %#x", got, id, mask)
		}
		if i%2 == 0 && seen[key] {
			t.Fatalf("probe %d is numbered as another", i)
		}
		seen[key] = true
		if i/2 == 65535 && key&0xffff != 0 || i/2 == 65534 && key&0xffff != 65535 {
			t.Fatalf("probe %d has number %d", i, key&0xffff)
		}
	}
	if _, flying := p.InFlight(); flying != n {
		t.Fatalf("%d in flight", flying)
	}
	if _, err := p.Send(noon, new(ask(probe.Echo, false, 8))); !errors.Is(err, probe.ErrFull) {
		t.Fatalf("one more: %v", err)
	}
	for i := n - 1; i >= 0; i-- {
		y := packet{x.Transmit, all[i]}
		y.Src, y.Dst, y.Proto = us4, them4, 1
		if i%2 == 1 {
			y.Src, y.Dst, y.Proto = us6, them6, 58
		}
		a := y.echoed()
		if v := p.Receive(noon.Add(time.Second), &a); v != probe.Credited {
			t.Fatalf("probe %d: %v", i, v)
		}
		if e, _ := p.NextEvent(); e.Tag != uint64(i) || e.Kind != probe.Reply || e.RTT != time.Second-time.Duration(i) || e.Reordered != (i < n-2) {
			t.Fatalf("probe %d: %+v", i, e)
		}
	}
}

// TestSequences runs out of the 256 numbers of extended echo under each of the
// sixteen identifiers, and under the one that was given.
func TestSequences(t *testing.T) {
	for _, c := range []struct {
		id   uint16
		most int
	}{{0, 16 * 256}, {4711, 256}} {
		p := newProber(t, probe.Config{ID: c.id})
		var first packet
		seen := map[string]bool{}
		for i := range c.most {
			x := sent(t, p, noon, ask(probe.ExtEcho, false, 0))
			if i == 0 {
				first = x
			}
			if k := fmt.Sprintf("%x", x.payload[4:7]); seen[k] {
				t.Fatalf("two probes have %s", k)
			} else {
				seen[k] = true
			}
			base, _ := p.Identifiers()
			if id := binary.BigEndian.Uint16(x.payload[4:]); c.id != 0 && id != c.id || id-base != uint16(i/256) || x.payload[6] != byte(i+1) {
				t.Fatalf("probe %d: identifier %d, number %d", i, id, x.payload[6])
			}
		}
		send(t, p, noon, ask(probe.ExtEcho, false, 0))
		idle(t, p, noon)
		if e := one(t, p, probe.Unsent); !errors.Is(e.Err, probe.ErrSequence) {
			t.Errorf("%+v", e)
		}
		// The number that was in vain is passed over; under another address, the
		// next one is free.
		if other := sent(t, p, noon, ask(probe.ExtEcho, true, 0)); other.payload[6] != 2 {
			t.Errorf("number %d", other.payload[6])
		}
		// When the first is answered, its number is free for the next, though it
		// is remembered.
		receive(t, p, noon, first.echoed(), probe.Credited)
		one(t, p, probe.Reply)
		q := ask(probe.ExtEcho, false, 0)
		q.Tag = 99
		for ok := false; !ok; {
			send(t, p, noon, q)
			_, _, ok = p.Poll(noon, nil)
		}
		if n := len(events(p)); n != 254 { // from 3 to 255, and 0
			t.Errorf("%d numbers in vain", n)
		}
		receive(t, p, noon, first.echoed(), probe.Credited)
		all := events(p)
		if e := all[len(all)-1]; e.Kind != probe.Reply || e.Tag != 99 {
			t.Errorf("id %d: %+v", c.id, e)
		}
	}
}

// TestOneAddress asks one address as many targets: the numbers of all are
// different.
func TestOneAddress(t *testing.T) {
	for _, id := range []uint16{0, 4711} {
		p := newProber(t, probe.Config{ID: id, InFlight: 40_000})
		seen := map[string]bool{}
		for i := range 40_000 {
			q := ask(probe.Echo, false, 8)
			q.Target = i % 1000
			x := sent(t, p, noon, q)
			if k := string(x.payload[4:8]); seen[k] {
				t.Fatalf("two probes have %x", k)
			} else {
				seen[k] = true
			}
		}
	}
}

// TestRandom compares what is chosen with what another seed chooses (P-02).
func TestRandom(t *testing.T) {
	conform.Row(t, "P-02")
	ids, firsts, cookies, ports, numbers := map[uint16]int{}, map[uint16]int{}, map[string]int{}, map[uint16]int{}, map[uint32]int{}
	const n = 400
	for seed := range uint64(n) {
		p := newProber(t, probe.Config{Seed: seed + 1})
		id, mask := p.Identifiers()
		if mask != 0xfff0 || id&^mask != 0 || id == 0 {
			t.Fatalf("identifiers %#x %#x", id, mask)
		}
		ids[id]++
		first, last := p.Ports()
		if first < 32768 || last > 60999 || last-first != 1023 {
			t.Fatalf("ports %d to %d", first, last)
		}
		firsts[first]++
		x := sent(t, p, noon, ask(probe.Echo, false, 8))
		cookies[string(x.payload[8:])]++
		y := sent(t, p, noon, ask(probe.TCP, false, 0))
		s, _, _ := transport.DecodeTCP(y.payload)
		ports[s.SrcPort]++
		numbers[s.Seq]++
	}
	if len(cookies) != n || len(numbers) != n || len(ids) < n*85/100 || len(firsts) < n*90/100 || len(ports) < n*90/100 {
		t.Errorf("of %d: %d identifiers, %d blocks of ports, %d cookies, %d ports, %d numbers", n, len(ids), len(firsts), len(cookies), len(ports), len(numbers))
	}
	// One prober has other cookies for each probe, each target, each peer, each kind.
	p := newProber(t, probe.Config{})
	seen := map[string]bool{}
	for i := range 200 {
		q := ask(probe.Echo, i%2 == 0, 8)
		q.Target = i % 3
		x := sent(t, p, noon, q)
		if c := string(x.payload[8:]); seen[c] {
			t.Error("a cookie comes twice")
		} else {
			seen[c] = true
		}
	}
}

func TestPorts(t *testing.T) {
	p := newProber(t, probe.Config{})
	first, last := p.Ports()
	seen := map[uint16]bool{}
	for i := range 1024 {
		port := p.Port(i)
		if port < first || port > last || seen[port] || port != p.Port(i) || port != p.Port(i+1024) {
			t.Fatalf("port %d is %d", i, port)
		}
		seen[port] = true
	}
	for port, want := range map[uint16]probe.Verdict{
		first - 1: probe.Unrelated, first: probe.NotInFlight, last: probe.NotInFlight, last + 1: probe.Unrelated,
	} {
		b, err := transport.UDP{SrcPort: 5, DstPort: port}.AppendPacket(nil, them4, us4, nil)
		if err != nil {
			t.Fatal(err)
		}
		receive(t, p, noon, probe.Arrival{From: them4, To: us4, Proto: 17, Payload: b}, want)
	}
	own := map[uint16]bool{}
	for i := range 23 {
		own[p.Port(i)] = true
	}
	// Probes take them from the other end.
	for i := range 1000 {
		x := sent(t, p, noon, ask(probe.UDP, false, 8))
		u, _, _ := transport.DecodeUDP(x.payload)
		if u.SrcPort < first || u.SrcPort > last || own[u.SrcPort] {
			t.Fatalf("probe %d leaves from port %d", i, u.SrcPort)
		}
	}
}

// TestFull fills the table: first goes what is over, then nothing goes in.
func TestFull(t *testing.T) {
	p := newProber(t, probe.Config{InFlight: 4})
	var x []packet
	for range 4 {
		x = append(x, sent(t, p, noon, ask(probe.Echo, false, 8)))
	}
	if _, err := p.Send(noon, new(ask(probe.Echo, false, 8))); !errors.Is(err, probe.ErrFull) {
		t.Fatalf("a fifth: %v", err)
	}
	receive(t, p, noon, x[2].echoed(), probe.Credited)
	receive(t, p, noon, x[0].echoed(), probe.Credited)
	y := sent(t, p, noon, ask(probe.Echo, false, 8))
	receive(t, p, noon, x[2].echoed(), probe.NotInFlight) // forgotten for it
	receive(t, p, noon, x[0].echoed(), probe.Credited)    // not yet
	z := sent(t, p, noon, ask(probe.Echo, false, 8))
	receive(t, p, noon, x[0].echoed(), probe.NotInFlight)
	if _, err := p.Send(noon, new(ask(probe.Echo, false, 8))); !errors.Is(err, probe.ErrFull) {
		t.Fatalf("another: %v", err)
	}
	for _, x := range []packet{x[1], x[3], y, z} {
		receive(t, p, noon, x.echoed(), probe.Credited)
	}
	events(p)
	idle(t, p, noon.Add(2*time.Second))
	if d := p.Deadline(); !d.IsZero() {
		t.Errorf("deadline %v", d)
	}
}

// TestOctets adds up what the tables hold: some 300 octets for each probe in
// flight, and eight for each octet of the longest message.
func TestOctets(t *testing.T) {
	p := newProber(t, probe.Config{})
	if n := p.Octets(); n != 0 {
		t.Errorf("%d octets in the beginning", n)
	}
	before := 0
	for i := range 4096 {
		q := ask(probe.UDP, false, 0)
		q.Target = i % 512
		sent(t, p, noon, q)
		n := p.Octets()
		if n < before {
			t.Fatalf("%d octets, then %d", before, n)
		}
		before = n
	}
	if before < 4096*280 || before > 4096*700 {
		t.Errorf("%d octets for 4,096 in flight", before)
	}
	sent(t, p, noon, ask(probe.UDP, false, 60_000))
	if n := p.Octets() - before; n < 110_000 || n > 400_000 {
		t.Errorf("%d octets for a message of 60,000", n)
	}
}

// TestEvents fills the ring.
func TestEvents(t *testing.T) {
	p := newProber(t, probe.Config{Events: 3, Timeout: ms})
	var x []packet
	for range 5 {
		x = append(x, sent(t, p, noon, ask(probe.Echo, false, 8)))
	}
	for i := range 4 {
		receive(t, p, noon, x[i].echoed(), probe.Credited)
	}
	all := events(p)
	if len(all) != 3 || all[0].Seq != 2 || all[2].Seq != 4 || p.Counters().Lost != 1 {
		t.Errorf("%v, %d lost", all, p.Counters().Lost)
	}
	// Timeouts wait until there is room.
	for range 4 {
		sent(t, p, noon, ask(probe.Echo, false, 8))
	}
	idle(t, p, noon.Add(ms))
	if all := events(p); len(all) != 3 {
		t.Errorf("%v", all)
	}
	if d := p.Deadline(); d.After(noon.Add(ms)) {
		t.Errorf("deadline %v", d)
	}
	idle(t, p, noon.Add(ms))
	if all := events(p); len(all) != 2 || p.Counters().Lost != 1 || p.Counters().Timeouts != 5 {
		t.Errorf("%v, %d lost", all, p.Counters().Lost)
	}
	// So do probes that are to be told of.
	p = newProber(t, probe.Config{Events: 2, Sent: true})
	for range 3 {
		send(t, p, noon, ask(probe.Echo, false, 8))
	}
	poll(t, p, noon)
	poll(t, p, noon)
	idle(t, p, noon)
	if all := events(p); len(all) != 2 || all[0].Kind != probe.Sent || all[1].Seq != 2 || !all[0].Time.Equal(noon) {
		t.Errorf("%v", all)
	}
	poll(t, p, noon)
}

// TestLent checks that an event's slices are as they came until the next is
// read, whatever comes in between, and copied from what was lent.
func TestLent(t *testing.T) {
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.Echo, false, 8))
	a := x.echoed()
	a.Options = []byte{7, 7, 7, 7}
	receive(t, p, noon, a, probe.Credited)
	a.Options[0] = 1
	e, _ := p.NextEvent()
	for i := range byte(40) {
		a.Options[0] = i
		receive(t, p, noon, a, probe.Credited)
	}
	if !bytes.Equal(e.Options, []byte{7, 7, 7, 7}) {
		t.Errorf("%x", e.Options)
	}
	for i := range byte(40) {
		if e, _ := p.NextEvent(); e.Options[0] != i {
			t.Errorf("event %d: %x", i, e.Options)
		}
	}
	a.Options = nil
	receive(t, p, noon, a, probe.Credited)
	if e := one(t, p, probe.Duplicate); e.Options != nil {
		t.Errorf("%x", e.Options)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		c     probe.Config
		field string
	}{
		{probe.Config{}, ""},
		{probe.Config{Rate: -1}, "Rate"},
		{probe.Config{Rate: 1_000_000_000}, ""},
		{probe.Config{Rate: 1_000_000_001}, "Rate"},
		{probe.Config{Burst: -1}, "Burst"},
		{probe.Config{InFlight: -1}, "InFlight"},
		{probe.Config{InFlight: 1 << 22}, ""},
		{probe.Config{InFlight: 1<<22 + 1}, "InFlight"},
		{probe.Config{Targets: -1}, "Targets"},
		{probe.Config{Targets: 1<<22 + 1}, "Targets"},
		{probe.Config{Events: -1}, "Events"},
		{probe.Config{Events: 1<<20 + 1}, "Events"},
		{probe.Config{Timeout: -1}, "Timeout"},
		{probe.Config{Timeout: 24 * time.Hour}, ""},
		{probe.Config{Timeout: 24*time.Hour + 1}, "Timeout"},
		{probe.Config{Each: -1}, "Each"},
		{probe.Config{Each: 24*time.Hour + 1}, "Each"},
		{probe.Config{Linger: 24 * time.Hour}, ""},
		{probe.Config{Linger: 24*time.Hour + 1}, "Linger"},
		{probe.Config{Pattern: make([]byte, 1<<16)}, ""},
		{probe.Config{Pattern: make([]byte, 1<<16+1)}, "Pattern"},
	} {
		_, err := probe.New(c.c)
		var fe *wire.FieldError
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%+v: %v", c.c, err)
		case c.field != "" && (!errors.As(err, &fe) || fe.Field != c.field || fe.Type != "probe.Config"):
			t.Errorf("%s: %v", c.field, err)
		}
	}
}

// TestDeterminism runs two probers of one seed: octet for octet the same.
func TestDeterminism(t *testing.T) {
	run := func() (out []byte) {
		p := newProber(t, probe.Config{Rate: 1000})
		for i := range 50 {
			q := ask(probe.Kind(i%4), i%3 == 0, 0)
			q.Target = i % 7
			send(t, p, noon, q)
		}
		for now := noon; ; now = p.Deadline() {
			b, tx, ok := p.Poll(now, nil)
			if !ok {
				if len(out) > 1 && p.Deadline().After(noon.Add(time.Second)) {
					return out
				}
				continue
			}
			out = append(append(out, b...), fmt.Sprint(tx)...)
			if tx.Proto == 1 || tx.Proto == 58 {
				a := packet{tx, b}.echoed()
				p.Receive(now.Add(ms), &a)
			}
			for _, e := range events(p) {
				out = fmt.Append(out, e)
			}
		}
	}
	if !bytes.Equal(run(), run()) {
		t.Error("the same calls, and something else comes out")
	}
}

func TestNoAllocs(t *testing.T) {
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		now := noon
		buf := make([]byte, 0, 128)
		for _, k := range []probe.Kind{probe.Echo, probe.UDP, probe.TCP} {
			q := ask(k, v6, sizeOf(k))
			var quoted, whole []byte
			wiretest.NoAllocs(t, k.String(), func() {
				if _, err := p.Send(now, &q); err != nil {
					t.Fatal(err)
				}
				b, _, ok := p.Poll(now, buf[:0])
				if !ok {
					t.Fatal("nothing leaves")
				}
				a := probe.Arrival{From: q.Dst, To: q.Src, Proto: 1, Payload: b, Verified: true}
				if v6 {
					a.Proto = 58
				}
				if k == probe.Echo {
					b[0] = 0
					if v6 {
						b[0] = 129
					}
				} else {
					// An error, whose quote is made in place.
					quoted = append(quoted[:0], 11, 0, 0, 0, 0, 0, 0, 0)
					if v6 {
						quoted[0] = 3
						whole = append(whole[:0], 0x60, 0, 0, 0, 0, byte(len(b)), 17, 1)
						if k == probe.TCP {
							whole[6] = 6
						}
						s, d := q.Src.As16(), q.Dst.As16()
						whole = append(append(whole, s[:]...), d[:]...)
					} else {
						whole = append(whole[:0], 0x45, 0, 0, byte(20+len(b)), 0, 0, 0, 0, 1, 17, 0, 0)
						if k == probe.TCP {
							whole[9] = 6
						}
						s, d := q.Src.As4(), q.Dst.As4()
						whole = append(append(whole, s[:]...), d[:]...)
					}
					quoted = append(append(quoted, whole...), b...)
					a.Payload = quoted
				}
				if v := p.Receive(now, &a); v != probe.Credited {
					t.Fatal(v)
				}
				if _, ok := p.NextEvent(); !ok {
					t.Fatal("nothing is told")
				}
				p.Deadline()
				now = now.Add(time.Second)
			})
		}
	})
}
