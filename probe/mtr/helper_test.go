package mtr_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	src   = addr("10.0.0.1")
	dst   = addr("10.9.9.9")
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// station is one on the way: it answers after its time, unless it keeps silent.
type station struct {
	name    string // its address; "": it never answers
	rtt     time.Duration
	keeps   int // it answers but one of so many probes; 0: all
	drops   int // it loses one of so many that go on; 0: none
	refuses bool
	outside netip.Addr // it is behind a translator to that, which leaves quotes alone
}

// network is the ways by flow, which may change with time.
type network struct {
	t      *testing.T
	way    func(now time.Time, flow uint16) []station
	now    time.Time
	p      *probe.Prober
	m      *mtr.Monitor
	flying []answer
	asked  map[string]int
	passed map[string]int
	sent   []sending
}

type sending struct {
	at  time.Duration
	ttl ip.TTL
}

type answer struct {
	at      time.Time
	from    netip.Addr
	message []byte

	rewritten bool
}

func newNetwork(t *testing.T, c mtr.Config, way func(now time.Time, flow uint16) []station) *network {
	t.Helper()
	p, err := probe.New(probe.Config{Seed: 5, IPID: true, Rewritten: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Src, c.Dst = src, dst
	m, err := mtr.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return &network{t: t, way: way, now: start, p: p, m: m, asked: map[string]int{}, passed: map[string]int{}}
}

// line is a way that is always the same.
func line(stations ...station) func(time.Time, uint16) []station {
	return func(time.Time, uint16) []station { return stations }
}

// run drives the monitor until it is done, or the time is over, and calls each
// after every step.
func (n *network) run(d time.Duration, each func()) {
	n.t.Helper()
	until := start.Add(d)
	for i := 0; !n.m.Done(); i++ {
		if i > 1_000_000 {
			n.t.Fatal("no end")
		}
		for len(n.flying) > 0 && !n.flying[0].at.After(n.now) {
			a := n.flying[0]
			n.flying = n.flying[1:]
			if v := n.p.Receive(n.now, &probe.Arrival{From: a.from, To: src, Proto: ip.ProtoICMP, TTL: 60, Payload: a.message}); v != probe.Credited && !a.rewritten {
				n.t.Fatalf("%v from %v", v, a.from)
			}
		}
		n.p.Turn(n.now, n.m)
		for b, x, ok := n.p.Poll(n.now, nil); ok; b, x, ok = n.p.Poll(n.now, nil) {
			n.send(b, &x)
		}
		n.p.Turn(n.now, n.m)
		if each != nil {
			each()
		}
		if n.m.Done() {
			return
		}
		next := n.m.Deadline()
		for _, at := range []time.Time{n.p.Deadline(), n.due()} {
			if next.IsZero() || !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		if next.IsZero() || next.After(until) {
			n.now = until
			return
		}
		if next.After(n.now) {
			n.now = next
		}
	}
}

func (n *network) due() time.Time {
	if len(n.flying) == 0 {
		return time.Time{}
	}
	return n.flying[0].at
}

// every reports whether this is one in so many.
func every(count map[string]int, key string, of int) bool {
	if of == 0 {
		return false
	}
	count[key]++
	return count[key]%of == 0
}

func (n *network) send(m []byte, x *probe.Transmit) {
	n.t.Helper()
	n.sent = append(n.sent, sending{n.now.Sub(start), x.TTL})
	flow := binary.BigEndian.Uint16(m) // source port
	if x.Proto == ip.ProtoICMP {
		flow = binary.BigEndian.Uint16(m[2:]) // checksum
	}
	way := n.way(n.now, flow)
	at := 0
	for at < int(x.TTL)-1 && at < len(way)-1 {
		if every(n.passed, way[at].name, way[at].drops) {
			return
		}
		at++
	}
	s := way[at]
	if s.name == "" || s.keeps > 0 && !every(n.asked, s.name, s.keeps) {
		return
	}
	d, err := ip.Header4{ID: x.ID, TTL: 1, Proto: x.Proto, Src: x.Src, Dst: x.Dst}.AppendPacket(nil, m)
	if err != nil {
		n.t.Fatal(err)
	}
	if s.outside.IsValid() {
		copy(d[12:], s.outside.AsSlice())
	}
	var b []byte
	switch {
	case addr(s.name) == dst && x.Proto == ip.ProtoICMP:
		e, derr := icmp4.ParseEcho(m)
		if derr != nil {
			n.t.Fatal(derr)
		}
		e.Reply = true
		b, err = e.AppendBinary(nil)
	case addr(s.name) == dst:
		b, err = icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: d}.AppendBinary(nil)
	case s.refuses:
		b, err = icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: d}.AppendBinary(nil)
	default:
		b, err = icmp4.TimeExceeded{Quote: d[:28]}.AppendBinary(nil)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	a := answer{n.now.Add(s.rtt), addr(s.name), b, s.outside.IsValid()}
	i, _ := slices.BinarySearchFunc(n.flying, a, func(x, y answer) int { return x.at.Compare(y.at.Add(1)) })
	n.flying = slices.Insert(n.flying, i, a)
}

func (n *network) events() (out []mtr.Event) {
	for e, ok := n.m.Next(); ok; e, ok = n.m.Next() {
		if e.Kind == mtr.Changed {
			out = append(out, e)
		}
	}
	return out
}
