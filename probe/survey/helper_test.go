package survey_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/survey"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	src   = addr("10.255.0.1")
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const (
	ms  = time.Millisecond
	rtt = 4 * ms
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// router is the name of the router at a hop of a branch.
func router(branch, hop int) netip.Addr {
	return netip.AddrFrom4([4]byte{192, 168, byte(branch), byte(hop)})
}

// network is routers that write errors as Linux does: some at once, and then so
// many a second.
type network struct {
	t     *testing.T
	way   func(dst netip.Addr) []netip.Addr // the zero Addr: a router that keeps silent
	dead  func(dst netip.Addr) bool
	back  int           // by how many hops the way back is longer
	burst float64       // errors at once
	pace  time.Duration // between two after that; 0: no limit
	drop  int           // one of so many datagrams is lost; 0: none

	now     time.Time
	p       *probe.Prober
	tokens  map[netip.Addr]float64
	filled  map[netip.Addr]time.Time
	asked   map[netip.Addr]int
	sent    int
	most    int
	flying  []answer
	refuses func(dst netip.Addr) bool // the last router says so
	lies    func(x *probe.Transmit) lie
}

// lie is what a target makes of a probe that is not meant for it.
type lie int

const (
	honest      lie = iota
	keepsSilent     // nobody answers
	reaches         // it answers, whatever its time to live is
)

type answer struct {
	at      time.Time
	from    netip.Addr
	ttl     ip.TTL
	message []byte
}

func (n *network) run(c survey.Config) *survey.Survey {
	n.t.Helper()
	p, err := probe.New(probe.Config{Seed: 3, IPID: true, Targets: len(c.Targets) + c.First})
	if err != nil {
		n.t.Fatal(err)
	}
	n.p, n.now = p, start
	n.tokens, n.filled, n.asked = map[netip.Addr]float64{}, map[netip.Addr]time.Time{}, map[netip.Addr]int{}
	c.Src4, c.Src6 = src, addr("fd00::1")
	s, err := survey.New(p, c)
	if err != nil {
		n.t.Fatal(err)
	}
	for i := 0; !s.Done(); i++ {
		if i > 200_000 {
			n.t.Fatalf("no end: %d left", s.Left())
		}
		for len(n.flying) > 0 && !n.flying[0].at.After(n.now) {
			a := n.flying[0]
			n.flying = n.flying[1:]
			if v := p.Receive(n.now, &probe.Arrival{From: a.from, To: src, Proto: ip.ProtoICMP, TTL: a.ttl, Payload: a.message}); v != probe.Credited {
				n.t.Fatalf("%v from %v", v, a.from)
			}
		}
		p.Turn(n.now, s)
		for b, x, ok := p.Poll(n.now, nil); ok; b, x, ok = p.Poll(n.now, nil) {
			n.send(b, &x)
		}
		p.Turn(n.now, s)
		_, flying := p.InFlight()
		n.most = max(n.most, flying)
		next := p.Deadline()
		for _, at := range []time.Time{s.Deadline(), n.due()} {
			if next.IsZero() || !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		if !s.Done() && next.After(n.now) {
			n.now = next
		}
	}
	if s.Left() != 0 || !s.Deadline().IsZero() {
		n.t.Errorf("done, with %d left, deadline %v", s.Left(), s.Deadline())
	}
	return s
}

func (n *network) due() time.Time {
	if len(n.flying) == 0 {
		return time.Time{}
	}
	return n.flying[0].at
}

// writes reports whether a router writes an error now.
func (n *network) writes(r netip.Addr) bool {
	n.asked[r]++
	if n.pace == 0 {
		return true
	}
	if at, ok := n.filled[r]; ok {
		n.tokens[r] = min(n.burst, n.tokens[r]+float64(n.now.Sub(at))/float64(n.pace))
	} else {
		n.tokens[r] = n.burst
	}
	n.filled[r] = n.now
	if n.tokens[r] < 1 {
		return false
	}
	n.tokens[r]--
	return true
}

func (n *network) send(m []byte, x *probe.Transmit) {
	n.t.Helper()
	n.sent++
	if n.drop > 0 && n.sent%n.drop == 0 {
		return
	}
	d, err := ip.Header4{ID: x.ID, TTL: 1, Proto: x.Proto, Src: x.Src, Dst: x.Dst}.AppendPacket(nil, m)
	if err != nil {
		n.t.Fatal(err)
	}
	way := n.way(x.Dst)
	if n.lies != nil {
		switch n.lies(x) {
		case keepsSilent:
			return
		case reaches:
			way = nil
		}
	}
	a := answer{at: n.now.Add(rtt)}
	var b []byte
	switch {
	case int(x.TTL) <= len(way):
		a.from = way[x.TTL-1]
		a.ttl = 255 - x.TTL + 1
		if !a.from.IsValid() || !n.writes(a.from) {
			return
		}
		b, err = icmp4.TimeExceeded{Quote: d[:28]}.AppendBinary(nil)
	case n.refuses != nil && n.refuses(x.Dst):
		a.from, a.ttl = way[len(way)-1], 200
		b, err = icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: d}.AppendBinary(nil)
	case n.dead != nil && n.dead(x.Dst):
		return
	default:
		a.from, a.ttl = x.Dst, ip.TTL(64-len(way)-n.back)
		e, derr := icmp4.ParseEcho(m)
		if derr != nil {
			n.t.Fatal(derr)
		}
		e.Reply = true
		b, err = e.AppendBinary(nil)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	a.message = b
	n.flying = append(n.flying, a) // all take the same time
}

// targets are n addresses from the first on.
func targets(first string, n int) []netip.Addr {
	out := make([]netip.Addr, n)
	a := addr(first)
	for i := range out {
		out[i] = a
		a = a.Next()
	}
	return out
}

// chain is the way over so many routers of a branch.
func chain(branch, n int) []netip.Addr {
	out := make([]netip.Addr, n)
	for i := range out {
		out[i] = router(branch, i+1)
	}
	return out
}
