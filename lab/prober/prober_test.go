package prober_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab/prober"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/probe/stats"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
	"github.com/sonde-net/sonde/wire/transport"
)

// everything is b with all that may be asked for.
const everything = "information: true\n    probe: true\n    listen: [{tcp: 80}, {udp: 7, answer: echo}]"

var families = map[string][2]string{"IPv4": {"10.0.3.10", "10.0.%d.1"}, "IPv6": {"2001:db8:0:3::10", "2001:db8:0:%d::1"}}

// TestChain asks with every kind over three gateways: the times are exact, and
// each gateway on the way answers for itself.
func TestChain(t *testing.T) {
	conform.Row(t, "P-01")
	conform.Row(t, "P-11")
	id, err := extension.IdentifyAddr(addr("10.0.3.10")).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	ext, err := extension.Structure{Objects: id}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range families {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, line(3, everything), probe.Config{})
			dst := addr(f[0])
			for k := range probe.ExtEcho + 1 {
				if dst.Is6() && (k == probe.Timestamp || k == probe.Mask || k == probe.Info) {
					continue
				}
				q := probe.Probe{Kind: k, Dst: dst}
				switch k {
				case probe.Echo:
					q.Size = 56
				case probe.UDP, probe.UDPLite:
					q.Size, q.DstPort = 24, 33434
				case probe.TCP:
					q.DstPort = 80
				case probe.ExtEcho:
					q.Ext, q.Local = ext, true
				}
				for ttl := 1; ttl <= 3; ttl++ {
					q.TTL = ip.TTL(ttl)
					e := b.one(q, probe.Error)
					if want := addr(fmt.Sprintf(f[1], ttl-1)); e.From != want || e.RTT != time.Duration(2*ttl)*ms || e.Reached || e.Claim.QuoteTTL != 1 {
						t.Errorf("%v, ttl %d: %+v", k, ttl, e)
					}
					if x := uint8(11); dst.Is4() && e.Claim.Type != x || dst.Is6() && e.Claim.Type != 3 {
						t.Errorf("%v, ttl %d: %v", k, ttl, e.Claim)
					}
				}
				q.TTL = 0
				want := probe.Reply
				if k == probe.UDPLite {
					want = probe.Error // b has no UDP-Lite, and says so
				}
				e := b.one(q, want)
				if e.From != dst || e.RTT != 8*ms || !e.Reached || e.TTL != 61 {
					t.Errorf("%v: %+v", k, e)
				}
				switch k {
				case probe.UDP:
					if !e.Claim.Present {
						t.Errorf("%+v", e)
					}
				case probe.TCP:
					if e.Answer.Flags != transport.SYN|transport.ACK {
						t.Errorf("%+v", e)
					}
				case probe.Mask:
					if e.Answer.Mask != 0xffffff00 {
						t.Errorf("%+v", e)
					}
				case probe.ExtEcho:
					if !e.Answer.Active || !e.Answer.IPv4 || e.Answer.Code != 0 {
						t.Errorf("%+v", e)
					}
				}
			}
			// The other ways to be answered: a closed port, a service that echoes.
			if e := b.one(probe.Probe{Kind: probe.TCP, Dst: dst, DstPort: 81}, probe.Reply); e.Answer.Flags != transport.RST|transport.ACK {
				t.Errorf("%+v", e)
			}
			if e := b.one(probe.Probe{Kind: probe.UDP, Dst: dst, DstPort: 7, Size: 24}, probe.Reply); e.Claim.Present || e.Guessed || e.RTT != 8*ms {
				t.Errorf("%+v", e)
			}
			c := b.p.Counters()
			if c.Arrivals[probe.Credited] != c.Replies+c.Errors || c.Timeouts+c.Duplicates+c.Late != 0 {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestOffset asks clocks that are right, and wrong in all the known ways.
func TestOffset(t *testing.T) {
	conform.Row(t, "P-11")
	for _, c := range []struct {
		clock string
		form  offset.Form
		ahead time.Duration
	}{
		{"", offset.Standard, 0},
		{"offset: 1500ms", offset.Standard, 1500 * ms},
		{"offset: -3h", offset.Standard, -3 * time.Hour},
		{"swapped: true", offset.Swapped, 0},
		{"unit: seconds, offset: 20s", offset.Seconds, 20 * time.Second},
		{"unit: nonstandard", offset.NonStandard, 0},
	} {
		b := newBench(t, line(1, "clock: {"+c.clock+"}"), probe.Config{})
		e := b.one(probe.Probe{Kind: probe.Timestamp, Dst: addr("10.0.1.10")}, probe.Reply)
		o := offset.Of(e.Answer.SentAt, e.RTT, e.Answer.Receive, e.Answer.Transmit)
		if o.Form != c.form || o.Known != (c.form != offset.NonStandard) {
			t.Errorf("%s: %+v", c.clock, o)
		}
		if off := (o.Ahead - c.ahead).Abs(); o.Known && off > o.Within {
			t.Errorf("%s: %v ± %v", c.clock, o.Ahead, o.Within)
		}
		if o.Form == offset.Standard && o.Within != 2500*time.Microsecond { // 4 ms on the way, and a unit
			t.Errorf("%s: ± %v", c.clock, o.Within)
		}
	}
}

// TestLossy sends over a link that loses, doubles, delays and damages, and holds
// what is told to what must be: each probe ends once, nothing is credited that
// is not a reply, all that came is counted.
func TestLossy(t *testing.T) {
	conform.Row(t, "P-03")
	for _, c := range []struct {
		link                              string
		lost, doubled, reordered, altered bool
	}{
		{"delay: 5ms", false, false, false, false},
		{"delay: 5ms, loss: 10%", true, false, false, false},
		{"delay: 5ms, duplicate: 10%", false, true, false, false},
		{"delay: 5ms, reorder: 10%, gap: 30ms", false, false, true, false},
		{"delay: 5ms, corrupt: 10%", true, false, false, false}, // a node drops what is damaged
		{"delay: 5ms, loss: 3%, duplicate: 3%, reorder: 3%, corrupt: 3%, gap: 30ms", true, true, true, false},
	} {
		t.Run(c.link, func(t *testing.T) {
			b := newBench(t, pair(c.link), probe.Config{Rate: 100, Timeout: time.Second})
			const n = 1000
			for i := range n {
				b.send(probe.Probe{Dst: addr("10.0.0.2"), Size: 56, Tag: uint64(i)})
			}
			ended := map[uint64]int{}
			var lost, doubled, reordered int
			var rtt stats.RTT
			for _, e := range b.run(30 * time.Second) {
				switch e.Kind {
				case probe.Reply:
					ended[e.Tag]++
					rtt.Add(e.RTT)
					if e.RTT < 10*ms || e.RTT > 75*ms {
						t.Fatalf("%+v", e)
					}
				case probe.Timeout:
					ended[e.Tag]++
					lost++
				case probe.Duplicate:
					doubled++
				default:
					t.Fatalf("%+v", e)
				}
				if e.Reordered {
					reordered++
				}
				if e.Altered || e.Truncated || e.From.IsValid() && e.From != addr("10.0.0.2") {
					t.Fatalf("%+v", e)
				}
			}
			if len(ended) != n {
				t.Errorf("%d probes have ended", len(ended))
			}
			for tag, times := range ended {
				if times != 1 {
					t.Errorf("probe %d has ended %d times", tag, times)
				}
			}
			if (lost > 0) != c.lost || (doubled > 0) != c.doubled || (reordered > 0) != c.reordered {
				t.Errorf("%d lost, %d doubled, %d reordered", lost, doubled, reordered)
			}
			if rtt.Min() != 10*ms || !c.reordered && rtt.Max() != 10*ms {
				t.Errorf("%v", rtt.LogValue())
			}
			if k := b.p.Counters(); k.Sent != n || int(k.Replies) != rtt.Count() || int(k.Timeouts) != lost || int(k.Duplicates) != doubled || k.Lost != 0 {
				t.Errorf("%+v", k)
			}
		})
	}
}

// TestForgers has c send what it can make up, with the source of whom it likes.
// It sees nothing of what leaves a; it even knows the identifier.
func TestForgers(t *testing.T) {
	conform.Row(t, "P-01")
	b := newBench(t, pair("delay: 50ms"), probe.Config{})
	us, them := addr("10.0.0.1"), addr("10.0.0.2")
	q := probe.Probe{Dst: them, Size: 56}
	b.send(q)
	u := probe.Probe{Kind: probe.UDP, Dst: them, DstPort: 33434, Size: 24}
	b.send(u)
	b.n.Run(b.n.Now().Add(ms), nil) // both are on their way
	id, _ := b.p.Identifiers()
	port, _ := b.p.Ports()

	c, _ := b.n.Host("c")
	forge := func(src netip.Addr, proto ip.Proto, m []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		d, err := ip.Header4{TTL: 64, Proto: proto, Src: src, Dst: us}.AppendPacket(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Node.SendDatagram(b.n.Now(), d); err != nil {
			t.Fatal(err)
		}
	}
	echo := func(src netip.Addr, id, seq uint16, data []byte) {
		t.Helper()
		m, err := icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: id, Seq: seq, Data: data}.AppendBinary(nil)
		forge(src, ip.ProtoICMP, m, err)
	}
	about := func(src netip.Addr, proto ip.Proto, dst netip.Addr, payload []byte) {
		t.Helper()
		d, err := ip.Header4{TTL: 1, Proto: proto, Src: us, Dst: dst}.AppendPacket(nil, payload)
		if err != nil {
			t.Fatal(err)
		}
		m, err := icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: d}.AppendBinary(nil)
		forge(src, ip.ProtoICMP, m, err)
	}
	echo(them, id, 1, make([]byte, 56))
	echo(them, id, 1, nil)
	echo(them, id+1, 1, make([]byte, 56))
	echo(them, id, 2, make([]byte, 56))
	echo(them, id+16, 1, make([]byte, 56))
	echo(addr("10.0.0.3"), id, 1, make([]byte, 56))
	for p := range uint16(1024) {
		// Every port, and a checksum that may be.
		about(them, ip.ProtoUDP, them, []byte{byte((port + p) >> 8), byte(port + p), 33434 >> 8, 33434 & 0xff, 0, 32, 0xbe, 0xef})
	}
	about(addr("10.0.0.3"), ip.ProtoICMP, them, []byte{8, 0, 0xbe, 0xef, byte(id >> 8), byte(id), 0, 1})
	about(them, ip.ProtoICMP, addr("10.0.0.3"), []byte{8, 0, 0xbe, 0xef, byte(id >> 8), byte(id), 0, 1})

	all := b.run(5 * time.Second)
	if len(all) != 2 || all[0].Kind != probe.Reply || all[1].Kind != probe.Reply || all[0].RTT != 100*ms || all[1].RTT != 100*ms {
		t.Fatalf("%v", all)
	}
	k := b.p.Counters()
	if k.Arrivals[probe.Credited] != 2 || k.Arrivals[probe.WrongCookie] != 2 || k.Arrivals[probe.WrongQuote] != 1 ||
		k.Arrivals[probe.Unrelated] != 1 || k.Arrivals[probe.NotInFlight] != 3+1024+1 {
		t.Errorf("%+v", k)
	}
}

// TestQuarrel has b see the probes, and answer wrongly: damage that its own
// checksum covers.
func TestQuarrel(t *testing.T) {
	conform.Row(t, "P-03")
	b := newBench(t, pair("delay: 1ms"), probe.Config{})
	h, _ := b.n.Host("b")
	them := addr("10.0.0.2")
	answer := func(data []byte) {
		id, _ := b.p.Identifiers()
		m, err := icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: id, Seq: 1, Data: data}.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Node.Send(b.n.Now(), &stack.Outgoing{Dst: addr("10.0.0.1"), Proto: ip.ProtoICMP, Payload: m}); err != nil {
			t.Fatal(err)
		}
	}
	data := make([]byte, 0, 64)
	h2 := b.send(probe.Probe{Dst: them, Size: 40})
	e := b.run(5 * ms)
	if len(e) != 1 || e[0].Handle != h2 {
		t.Fatalf("%v", e)
	}
	// What was sent, learnt from a prober of the same seed.
	twin, err := probe.New(probe.Config{Seed: 792, IPID: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := twin.Send(b.n.Now(), &probe.Probe{Src: addr("10.0.0.1"), Dst: them, Size: 40}); err != nil {
		t.Fatal(err)
	}
	sent, _, _ := twin.Poll(b.n.Now(), nil)
	data = append(data, sent[8:]...)
	answer(data[:20])
	data[30]++
	answer(data)
	all := b.run(10 * ms)
	if len(all) != 2 || all[0].Kind != probe.Duplicate || !all[0].Truncated || !all[1].Altered || all[1].AlteredAt != 30 {
		t.Errorf("%v", all)
	}
}

// TestReset checks that b gives up the connection that a TCP probe has begun: a
// SYN with ACK that nobody answers would come again and again.
func TestReset(t *testing.T) {
	b := newBench(t, line(1, everything), probe.Config{Linger: time.Hour})
	b.send(probe.Probe{Kind: probe.TCP, Dst: addr("10.0.1.10"), DstPort: 80})
	all := b.run(10 * time.Minute)
	if len(all) != 1 || all[0].Kind != probe.Reply {
		t.Errorf("%v", all)
	}
}

// TestTooBig sends more than the path takes: first the gateway says so, then the
// node, which has believed it because the prober knows the quote (H-05).
func TestTooBig(t *testing.T) {
	text := `
links: {near: {delay: 1ms}, far: {delay: 1ms, mtu: 1000}}
nodes:
  a: {interfaces: [{link: near, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r: {kind: gateway, interfaces: [{link: near, address: 10.0.0.1/24}, {link: far, address: 10.0.1.1/24}]}
  b: {interfaces: [{link: far, address: 10.0.1.10/24}], routes: [{to: default, via: 10.0.1.1}]}
`
	b := newBench(t, text, probe.Config{})
	q := probe.Probe{Dst: addr("10.0.1.10"), Size: 1400, DF: true}
	e := b.one(q, probe.Error)
	if e.Claim.Type != 3 || e.Claim.Code != 4 || e.Claim.MTU != 1000 || e.Claim.QuoteLen != 1428 || e.From != addr("10.0.0.1") {
		t.Errorf("%+v", e)
	}
	e = b.one(q, probe.Unsent)
	var big *stack.TooBigError
	if !errors.As(e.Err, &big) || big.MTU != 1000 {
		t.Errorf("%+v", e)
	}
	q.DF = false
	if e := b.one(q, probe.Reply); e.RTT != 4*ms || e.Size != 1408 {
		t.Errorf("%+v", e)
	}
	q.Size = 972
	q.DF = true
	b.one(q, probe.Reply)
}

// TestOptions records the route there and back, and goes by a source route.
func TestOptions(t *testing.T) {
	b := newBench(t, line(3, ""), probe.Config{})
	options, err := option.AppendRecordRoute(nil, 9)
	if err != nil {
		t.Fatal(err)
	}
	e := b.one(probe.Probe{Dst: addr("10.0.3.10"), Size: 8, Options: ip.PadOptions(options)}, probe.Reply)
	n := 0
	for o, err := range ip.Options4(e.Options) {
		if err != nil {
			t.Fatal(err)
		}
		if r, err := option.ParseRoute(o); err == nil {
			n = r.Recorded()
		}
	}
	if n != 7 { // three gateways, b, three gateways
		t.Errorf("%d addresses recorded: %x", n, e.Options)
	}
}

// TestUnreachable is told by the first gateway, and by the node itself.
func TestUnreachable(t *testing.T) {
	b := newBench(t, pair("delay: 1ms"), probe.Config{})
	e := b.one(probe.Probe{Src: addr("10.0.0.1"), Dst: addr("192.0.2.1")}, probe.Unsent)
	if !errors.Is(e.Err, stack.ErrNoRoute) {
		t.Errorf("%+v", e)
	}
	if _, err := b.u.Source(addr("192.0.2.1")); !errors.Is(err, stack.ErrNoRoute) {
		t.Error(err)
	}
	// Nobody is there: the node itself says so, when it has asked in vain.
	if e := b.one(probe.Probe{Dst: addr("10.0.0.9"), Timeout: 3 * time.Second}, probe.Error); e.From != addr("10.0.0.1") || e.RTT != time.Second || e.Claim.Code != 1 {
		t.Errorf("%+v", e)
	}
	if _, err := prober.New("x", b.p).Source(addr("10.0.0.2")); !errors.Is(err, prober.ErrNoHost) {
		t.Error(err)
	}
}

// TestAnyone asks all that hear it.
func TestAnyone(t *testing.T) {
	text := pair("delay: 1ms")
	b := newBench(t, text, probe.Config{})
	for _, name := range []string{"b", "c"} {
		if h, _ := b.n.Host(name); h.Endpoint == nil {
			t.Errorf("%s has lost its endpoint", name)
		}
	}
	if h, _ := b.n.Host("a"); h.Endpoint != nil {
		t.Error("a has an endpoint and a prober")
	}
	// Nobody answers a broadcast by default.
	b.send(probe.Probe{Dst: addr("10.0.0.255"), Anyone: true, Size: 8})
	if all := b.run(2 * time.Second); len(all) != 1 || all[0].Kind != probe.Timeout {
		t.Errorf("%v", all)
	}
}

// TestNobody sends to the prober's host what is not the prober's: it answers as
// a host without sockets does.
func TestNobody(t *testing.T) {
	b := newBench(t, pair("delay: 1ms"), probe.Config{})
	h, _ := b.n.Host("b")
	raw, err := h.Endpoint.OpenICMP(nil)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := b.p.Ports()
	us, them := addr("10.0.0.1"), addr("10.0.0.2")
	for _, c := range []struct {
		proto ip.Proto
		port  uint16
		bad   bool // checksum
		want  string
	}{
		{ip.ProtoUDP, 9, false, "3/3"},
		{ip.ProtoUDP, 9, true, ""},
		{ip.ProtoUDP, first, false, ""}, // a reply too late is no fault of the sender's
		{ip.ProtoTCP, 9, false, "3/2"},
		{ip.ProtoGRE, 9, false, "3/2"},
	} {
		var m []byte
		switch c.proto {
		case ip.ProtoUDP:
			m, err = transport.UDP{SrcPort: 5, DstPort: c.port}.AppendPacket(nil, them, us, []byte("hello"))
		default:
			m, err = transport.TCP{SrcPort: 5, DstPort: c.port, Flags: transport.ACK}.AppendPacket(nil, them, us, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.bad {
			m[len(m)-1]++
		}
		if err := h.Node.Send(b.n.Now(), &stack.Outgoing{Dst: us, Proto: c.proto, Payload: m}); err != nil {
			t.Fatal(err)
		}
		b.n.Run(b.n.Now().Add(time.Second), nil)
		got := ""
		for d, ok := raw.Receive(); ok; d, ok = raw.Receive() {
			got += fmt.Sprintf("%d/%d", d.Payload[0], d.Payload[1])
		}
		if got != c.want {
			t.Errorf("%v to port %d, bad %v: %q, want %q", c.proto, c.port, c.bad, got, c.want)
		}
	}
}

// pinger is the smallest strategy: one more each second.
type pinger struct {
	p     *probe.Prober
	q     probe.Probe
	next  time.Time
	left  int
	times []time.Duration
}

func (s *pinger) Hear(_ time.Time, e *probe.Event) { s.times = append(s.times, e.RTT) }

func (s *pinger) Done() bool { return false }

func (s *pinger) Tick(now time.Time) {
	for s.left > 0 && !now.Before(s.next) {
		if _, err := s.p.Send(now, &s.q); err != nil {
			panic(err)
		}
		s.next = s.next.Add(time.Second)
		s.left--
	}
}

func (s *pinger) Deadline() time.Time {
	if s.left == 0 {
		return time.Time{}
	}
	return s.next
}

// TestStrategy is driven by the laboratory alone.
func TestStrategy(t *testing.T) {
	b := newBench(t, line(3, ""), probe.Config{})
	start := b.n.Now()
	if !b.u.Deadline().IsZero() {
		t.Error("something is due")
	}
	s := &pinger{p: b.p, q: probe.Probe{Src: addr("10.0.0.10"), Dst: addr("10.0.3.10"), Size: 56}, next: start.Add(500 * ms), left: 5}
	b.u.Drive(s)
	if d := b.u.Deadline(); !d.Equal(start.Add(500 * ms)) {
		t.Errorf("deadline %v", d)
	}
	b.n.Run(start.Add(10*time.Second), nil)
	if len(s.times) != 5 {
		t.Fatalf("%v", s.times)
	}
	for _, d := range s.times {
		if d != 8*ms {
			t.Errorf("%v", d)
		}
	}
	b.u.Drive(nil)
	if d := b.u.Deadline(); !d.IsZero() {
		t.Errorf("deadline %v", d)
	}
}

// serial asks again as soon as it has an answer, and waits for nothing else.
type serial struct {
	pinger
	flying bool
}

func (s *serial) Hear(now time.Time, e *probe.Event) {
	s.pinger.Hear(now, e)
	s.flying = false
}

func (s *serial) Tick(now time.Time) {
	if !s.flying && s.left > 0 {
		s.next, s.flying = now, true
		s.pinger.Tick(now)
	}
}

func (s *serial) Deadline() time.Time {
	if s.flying {
		return time.Time{}
	}
	return s.pinger.Deadline()
}

// TestSelf: what the host answers itself, at once, is heard at once.
func TestSelf(t *testing.T) {
	b := newBench(t, line(3, ""), probe.Config{})
	start := b.n.Now()
	s := &serial{pinger: pinger{p: b.p, q: probe.Probe{Src: addr("10.0.0.10"), Dst: addr("10.0.0.10"), Size: 56}, next: start, left: 5}}
	b.u.Drive(s)
	b.n.Run(start.Add(100*ms), nil)
	if len(s.times) != 5 {
		t.Errorf("%v", s.times)
	}
}

// TestMany asks a thousand hosts behind a gateway, each once a second, over one
// prober (P-05).
func TestMany(t *testing.T) {
	b := newBench(t, line(1, ""), probe.Config{Rate: 1000, Each: time.Second})
	for range 5 {
		for i := range 1000 {
			b.send(probe.Probe{Target: i, Dst: addr([]string{"10.0.1.10", "2001:db8:0:1::10"}[i%2]), Size: 56})
		}
	}
	replies := 0
	for range 60 {
		for _, e := range b.run(100 * ms) {
			if e.Kind != probe.Reply || e.RTT != 4*ms {
				t.Fatalf("%+v", e)
			}
			replies++
		}
	}
	if replies != 5000 {
		t.Errorf("%d replies", replies)
	}
}

var _ stack.Upper = (*prober.Upper)(nil)

// TestDiscover: a probe for the path MTU leaves though the host knows that the
// path is narrower, and is refused only over the MTU of the link; any other that
// may not be cut is refused by what is known.
func TestDiscover(t *testing.T) {
	conform.Row(t, "P-10")
	for name, f := range families {
		t.Run(name, func(t *testing.T) {
			dst, headers := addr(f[0]), 28
			if dst.Is6() {
				headers = 48
			}
			text := strings.Replace(line(3, ""), "l2: {delay: 1ms}", "l2: {delay: 1ms, mtu: 1300}", 1)
			b := newBench(t, text, probe.Config{})
			q := probe.Probe{Dst: dst, Size: 1500 - headers, Discover: true}
			for range 2 {
				if e := b.one(q, probe.Error); e.From != addr(fmt.Sprintf(f[1], 1)) || e.Claim.MTU != 1300 {
					t.Errorf("%+v", e)
				}
			}
			q.Size++
			var big *stack.TooBigError
			if e := b.one(q, probe.Unsent); !errors.As(e.Err, &big) || big.Len != 1501 || big.MTU != 1500 {
				t.Errorf("over the link's MTU: %v", e.Err)
			}
			q.Size = 1301 - headers
			if e := b.one(q, probe.Error); e.Claim.MTU != 1300 {
				t.Errorf("%+v", e)
			}
			q.Size--
			b.one(q, probe.Reply)
			if dst.Is6() {
				return
			}
			q.Size, q.Discover, q.DF = 1301-headers, false, true
			if e := b.one(q, probe.Unsent); !errors.As(e.Err, &big) || big.MTU != 1300 {
				t.Errorf("over the path MTU: %v", e.Err)
			}
		})
	}
}
