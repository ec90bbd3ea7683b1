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
	home  *home // the way back; nil: how answers come is not known

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
	largest int
}

// home is the way back of a path.
type home struct {
	mtu    int  // octets
	df     bool // the target has routers tell what is too big, and cuts itself, as in IPv6 it always does
	hole   bool // they do not tell
	halves bool // whoever cuts, cuts in the middle
	whole  bool // the target does not put together what was cut
	deaf   int  // octets of what is not answered; 0: all is
	ptb    bool // here, the system has to be told first how to cut
	learnt int
	lost   int // answers
}

// piece returns the size of the largest fragment of an answer as it comes; 0: it
// does not.
func (h *home) piece(n int, v6 bool) int {
	header := 20
	if v6 {
		header = 48
	}
	switch {
	case h.deaf > 0 && n >= h.deaf:
		return 0
	case n <= h.mtu && (h.learnt == 0 || n <= h.learnt):
		return n
	case h.halves:
		return header + ((n-header)/2+7)/8*8
	case (h.df || v6) && h.learnt == 0:
		h.lost++
		if !h.hole {
			h.learnt = h.mtu
		}
		return 0
	}
	return header + (h.mtu-header)/8*8
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
	if v := b.p.Receive(b.now, &probe.Arrival{From: f.from, To: to, Proto: proto, TTL: f.ttl, Payload: f.message, Largest: f.largest}); v != probe.Credited {
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
	if n > b.mtus[0] && x.Discover {
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
		case n > b.mtus[i] && !x.Discover && w.v6 && b.home != nil && b.home.ptb:
			b.home.ptb = false
			b.back(i, router(i, w.v6), tooBigOf(b.t, w.v6, b.mtus[i], router(i, w.v6), x.Src, q))
			return
		case n > b.mtus[i] && !x.Discover:
			if b.home != nil && b.home.whole {
				return
			}
		case n > b.mtus[i]:
			if !slices.Contains(b.holes, i) {
				b.back(i, router(i, w.v6), tooBigOf(b.t, w.v6, b.mtus[i], router(i, w.v6), x.Src, q))
			}
			return
		}
		ttl--
	}
	b.answer(w, m, x, n)
}

// answer is that of the target to a datagram of n octets.
func (b *path) answer(w world, m []byte, x *probe.Transmit, n int) {
	r, largest := w.reply(m, *x), 0
	if b.home != nil && x.Proto != ip.ProtoUDP {
		if largest = b.home.piece(n, w.v6); largest == 0 {
			return
		}
	}
	b.back(len(b.mtus), x.Dst, r)
	for i := range b.flying {
		if &b.flying[i].message[0] == &r[0] {
			b.flying[i].largest = largest
		}
	}
}

// back sends a message back over that many links. All who answer begin with a
// time to live of 64.
func (b *path) back(links int, from netip.Addr, m []byte) {
	f := flying{at: b.now.Add(2 * time.Duration(links) * ms), from: from, ttl: ip.TTL(65 - links), message: m}
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
