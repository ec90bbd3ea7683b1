package mtu_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// path is a network beneath a prober: links of the given MTUs, of a millisecond
// each, with routers between them.
type path struct {
	t     *testing.T
	mtus  []int
	holes []int // routers that say nothing of what is too big

	p      *probe.Prober
	now    time.Time
	flying []flying
}

// flying is an answer that is on its way back.
type flying struct {
	at      time.Time
	from    netip.Addr
	ttl     ip.TTL
	message []byte
}

func newPath(t *testing.T, mtus []int, holes ...int) *path {
	return &path{t: t, mtus: mtus, holes: holes, now: noon}
}

// last returns the address of the target of a path.
func last(mtus []int, v6 bool) netip.Addr {
	if v6 {
		return addr(fmt.Sprintf("fd00:%d::10", len(mtus)-1))
	}
	return addr(fmt.Sprintf("10.0.%d.10", len(mtus)-1))
}

// router returns the address by which router i of a path answers.
func router(i int, v6 bool) netip.Addr {
	if v6 {
		return addr(fmt.Sprintf("fd00:%d::1", i-1))
	}
	return addr(fmt.Sprintf("10.0.%d.1", i-1))
}

// find runs the strategy to its end and returns what it found, and when.
func (b *path) find(c mtu.Config) (mtu.Result, []mtu.Event, time.Duration) {
	b.t.Helper()
	var err error
	if b.p, err = probe.New(probe.Config{Seed: 1191, IPID: true}); err != nil {
		b.t.Fatal(err)
	}
	if c.Src = here; c.Dst.Is6() {
		c.Src = here6
	}
	s, err := mtu.New(b.p, c)
	if err != nil {
		b.t.Fatal(err)
	}
	if s.Done() || s.Deadline().IsZero() {
		b.t.Error("done before it began")
	}
	var events []mtu.Event
	for i := 0; !s.Done(); i++ {
		if i > 100_000 {
			b.t.Fatalf("no end: %+v", s.Result())
		}
		for len(b.flying) > 0 && !b.flying[0].at.After(b.now) {
			b.arrive(b.flying[0], c.Src)
			b.flying = b.flying[1:]
		}
		b.p.Turn(b.now, s)
		for m, x, ok := b.p.Poll(b.now, nil); ok; m, x, ok = b.p.Poll(b.now, nil) {
			b.send(m, &x)
		}
		b.p.Turn(b.now, s)
		for e, ok := s.NextEvent(); ok; e, ok = s.NextEvent() {
			events = append(events, e)
		}
		next := b.p.Deadline()
		if len(b.flying) > 0 && (next.IsZero() || b.flying[0].at.Before(next)) {
			next = b.flying[0].at
		}
		if !s.Done() && next.After(b.now) {
			b.now = next
		}
	}
	if d := s.Deadline(); !d.IsZero() {
		b.t.Errorf("done, and due at %v", d)
	}
	return s.Result(), events, b.now.Sub(noon)
}

func (b *path) arrive(f flying, to netip.Addr) {
	proto := ip.ProtoICMP
	if to.Is6() {
		proto = ip.ProtoICMPv6
	}
	if v := b.p.Receive(b.now, &probe.Arrival{From: f.from, To: to, Proto: proto, TTL: f.ttl, Payload: f.message}); v != probe.Credited {
		b.t.Errorf("%v from %v", v, f.from)
	}
}

// send takes a datagram as far as it gets.
func (b *path) send(m []byte, x *probe.Transmit) {
	w := world{t: b.t, v6: x.Dst.Is6()}
	n := len(m) + 20
	if w.v6 {
		n += 20
	}
	if n > b.mtus[0] {
		b.p.Unsent(b.now, x.Handle, tooBig(b.mtus[0]))
		return
	}
	ttl := x.TTL
	for i := 1; i < len(b.mtus); i++ {
		at := *x
		at.TTL = ttl
		q := w.quote(at, m)
		switch {
		case ttl == 1:
			b.back(i, router(i, w.v6), expired(b.t, w.v6, router(i, w.v6), x.Src, q))
			return
		case n > b.mtus[i]:
			if !slices.Contains(b.holes, i) {
				b.back(i, router(i, w.v6), tooBigOf(b.t, w.v6, b.mtus[i], router(i, w.v6), x.Src, q))
			}
			return
		}
		ttl--
	}
	b.back(len(b.mtus), x.Dst, w.reply(m, *x))
}

// back sends a message back over that many links. All who answer begin with a
// time to live of 64.
func (b *path) back(links int, from netip.Addr, m []byte) {
	f := flying{b.now.Add(2 * time.Duration(links) * ms), from, ip.TTL(65 - links), m}
	i := len(b.flying)
	for i > 0 && b.flying[i-1].at.After(f.at) {
		i--
	}
	b.flying = slices.Insert(b.flying, i, f)
}

func expired(t *testing.T, v6 bool, from, to netip.Addr, q []byte) []byte {
	t.Helper()
	if v6 {
		m, err := icmp6.TimeExceeded{Quote: q[:min(len(q), 1000)]}.Append(nil, from, to)
		return must(t, m, err)
	}
	m, err := icmp4.TimeExceeded{Quote: q[:min(len(q), 100)]}.AppendBinary(nil)
	return must(t, m, err)
}

func tooBigOf(t *testing.T, v6 bool, size int, from, to netip.Addr, q []byte) []byte {
	t.Helper()
	if v6 {
		m, err := icmp6.PacketTooBig{MTU: uint32(size), Quote: q[:min(len(q), 1000)]}.Append(nil, from, to)
		return must(t, m, err)
	}
	m, err := icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: uint16(size), Quote: q[:min(len(q), 100)]}.AppendBinary(nil)
	return must(t, m, err)
}

// both runs a test in both families.
func both(t *testing.T, f func(t *testing.T, v6 bool)) {
	for _, v6 := range []bool{false, true} {
		t.Run(fmt.Sprintf("v6=%v", v6), func(t *testing.T) { f(t, v6) })
	}
}
