package probe_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/probe/mtu"
	"github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/probe/ping"
	"github.com/sonde-net/sonde/probe/survey"
	"github.com/sonde-net/sonde/probe/team"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// wild is a network that does anything: it loses, doubles, delays, refuses, and
// says of probes what comes into its head, but always with a quote that is right.
type wild struct {
	tb     testing.TB
	dice   *rand.Rand
	weight [numMoods]int // how often it is in which mood
	p      *probe.Prober
	now    time.Time
	sent   int
	coming []wildness
}

type wildness struct {
	at time.Time
	a  probe.Arrival
}

const (
	silent = iota
	answers
	expires
	refuses
	tooBig
	advises
	unsendable
	numMoods
)

func newWild(tb testing.TB, seed uint64, c probe.Config) *wild {
	w := &wild{tb: tb, dice: rand.New(rand.NewPCG(seed, 792)), now: noon}
	for m := range w.weight {
		if w.dice.IntN(2) == 0 {
			w.weight[m] = 1 + w.dice.IntN(1<<w.dice.IntN(6))
		}
	}
	w.weight[silent]++
	w.p = newProber(tb, c)
	return w
}

func (w *wild) mood() (m int) {
	sum := 0
	for _, x := range w.weight {
		sum += x
	}
	n := w.dice.IntN(sum)
	for ; n >= w.weight[m]; m++ {
		n -= w.weight[m]
	}
	return m
}

// somebody is one of many who may say something, or the target.
func (w *wild) somebody(dst netip.Addr) netip.Addr {
	switch {
	case w.dice.IntN(8) == 0:
		return dst
	case dst.Is4():
		return netip.AddrFrom4([4]byte{10, 9, byte(w.dice.IntN(1 << w.dice.IntN(9))), 1})
	}
	b := us6.As16()
	b[14] = byte(w.dice.IntN(1 << w.dice.IntN(9)))
	return netip.AddrFrom16(b)
}

// run lets a strategy ask until it is done, or has sent more than most.
func (w *wild) run(s probe.Strategy, most int) {
	w.tb.Helper()
	buf := []byte(nil)
	stands := 0
	for !s.Done() {
		w.p.Turn(w.now, s)
		for {
			b, tx, ok := w.p.Poll(w.now, buf[:0])
			if !ok {
				break
			}
			buf = b
			w.meet(packet{tx, slices.Clone(b)})
		}
		if w.sent > most {
			w.tb.Fatalf("%d probes, want at most %d", w.sent, most)
		}
		slices.SortStableFunc(w.coming, func(a, b wildness) int { return a.at.Compare(b.at) })
		for len(w.coming) > 0 && !w.coming[0].at.After(w.now) {
			w.p.Receive(w.now, &w.coming[0].a)
			w.coming = w.coming[1:]
		}
		w.p.Turn(w.now, s)
		if s.Done() {
			break
		}
		next := w.p.Deadline()
		for _, at := range []time.Time{s.Deadline(), w.due()} {
			if next.IsZero() || !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		switch {
		case next.IsZero():
			w.tb.Fatalf("it waits for nothing, after %d probes and %v", w.sent, w.now.Sub(noon))
		case next.After(w.now):
			w.now, stands = next, 0
		default:
			if stands++; stands > 10_000 {
				w.tb.Fatalf("time stands still after %d probes and %v", w.sent, w.now.Sub(noon))
			}
		}
	}
}

func (w *wild) due() time.Time {
	if len(w.coming) == 0 {
		return time.Time{}
	}
	return w.coming[0].at
}

// tooLong is what a link says that takes less, in octets.
type tooLong int

func (tooLong) Error() string { return "too long" }
func (e tooLong) TooBig() int { return int(e) }

// meet decides what becomes of a probe.
func (w *wild) meet(x packet) {
	w.sent++
	m := w.mood()
	if m == unsendable {
		why := []error{
			syscall.ENETUNREACH, errors.New("no"), tooLong(w.dice.IntN(1 << w.dice.IntN(17))),
		}[w.dice.IntN(3)]
		w.p.Unsent(w.now, x.Handle, why)
		return
	}
	for range 1 + w.dice.IntN(2)*w.dice.IntN(3) {
		if a, ok := w.say(x, m); ok {
			after := time.Duration(w.dice.Int64N(1 << w.dice.IntN(34)))
			w.coming = append(w.coming, wildness{w.now.Add(after), a})
		}
	}
}

// say is what comes of a probe.
func (w *wild) say(x packet, m int) (a probe.Arrival, ok bool) {
	if m == answers {
		return w.reply(x)
	}
	if m == silent {
		return a, false
	}
	q := x.datagram(w.tb)
	q = q[:min(len(q), 576)]
	size := w.dice.IntN(1 << w.dice.IntN(17))
	if x.Dst.Is6() {
		var e icmp6.Message
		switch m {
		case expires:
			e = icmp6.TimeExceeded{Quote: q}
		case tooBig:
			e = icmp6.PacketTooBig{MTU: uint32(size), Quote: q}
		default:
			e = icmp6.DestUnreachable{Code: icmp6.Code(w.dice.IntN(8)), Quote: q}
		}
		a = x.error6(w.tb, e)
	} else {
		var e icmp4.Message
		switch m {
		case expires:
			e = icmp4.TimeExceeded{Quote: q}
		case tooBig:
			e = icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: uint16(size), Quote: q}
		case advises:
			e = icmp4.SourceQuench{Quote: q}
		default:
			e = icmp4.DestUnreachable{Code: icmp4.Code(w.dice.IntN(16)), Quote: q}
		}
		a = x.error4(w.tb, e)
	}
	a.From, a.TTL, a.Verified = w.somebody(x.Dst), 255, true
	return a, true
}

func (w *wild) reply(x packet) (probe.Arrival, bool) {
	a := probe.Arrival{From: x.Dst, To: x.Src, Proto: x.Proto, TTL: ip.TTL(1 + w.dice.IntN(255)), Verified: true}
	own, other, err := transport.ParsePorts(x.payload)
	switch {
	case x.Proto == ip.ProtoICMP || x.Proto == ip.ProtoICMPv6:
		a = x.echoed()
		a.TTL = ip.TTL(1 + w.dice.IntN(255))
		if len(a.Payload) == 20 { // the stamps of a clock
			binary.BigEndian.PutUint32(a.Payload[12:], w.dice.Uint32()>>w.dice.IntN(8))
			binary.BigEndian.PutUint32(a.Payload[16:], w.dice.Uint32()>>w.dice.IntN(8))
			reseal(&a)
		}
		return a, true
	case err != nil:
		return a, false
	case x.Proto == ip.ProtoTCP:
		seq := binary.BigEndian.Uint32(x.payload[4:])
		flags := []transport.TCPFlags{transport.SYN | transport.ACK, transport.RST | transport.ACK}[w.dice.IntN(2)]
		a.Payload, err = transport.TCP{SrcPort: other, DstPort: own, Ack: seq + 1, Flags: flags}.AppendPacket(nil, x.Dst, x.Src, nil)
	case x.Proto == ip.ProtoUDP:
		a.Payload, err = transport.UDP{SrcPort: other, DstPort: own}.AppendPacket(nil, x.Dst, x.Src, []byte("?"))
	default:
		return a, false
	}
	return a, err == nil
}

// TestHostile lets strategies ask in networks that do anything: each comes to an
// end, and asks no more than it says.
func TestHostile(t *testing.T) {
	rounds := uint64(60)
	if testing.Short() {
		rounds = 6
	}
	for _, c := range []struct {
		name string
		make func(p *probe.Prober, src, dst netip.Addr, n int) (s probe.Strategy, most int, err error)
	}{
		{"ping", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := ping.New(p, ping.Config{
				Targets: []ping.Target{{Src: src, Dst: dst}, {Src: src, Dst: dst.Next()}}, Count: 1 + n, Size: 8 * n,
				Adaptive: n&1 == 1, Flood: n&2 == 2, Preload: n & 3, Percentiles: true,
			})
			return s, 2 * (1 + n), err
		}},
		{"ping until", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := ping.New(p, ping.Config{
				Targets: []ping.Target{{Src: src, Dst: dst}}, Count: n, Deadline: 3 * time.Second, Adaptive: n&1 == 1, Interval: 50 * ms,
			})
			return s, 10_000, err
		}},
		{"trace", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := trace.New(p, trace.Config{
				Src: src, Dst: dst, Kind: probe.Kind(n % 4), Classic: n&4 == 4, StopAtLoop: n&8 == 8, Queries: 1 + n%3,
			})
			return s, 2 * 30 * (1 + n%3), err
		}},
		{"trace, mtu", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := trace.New(p, trace.Config{Src: src, Dst: dst, Kind: probe.Kind(n % 4), MTU: true})
			return s, 10_000, err
		}},
		{"mtu", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := mtu.New(p, mtu.Config{Src: src, Dst: dst, Tries: 1 + n%3, Limit: 100 * (1 + n%3)})
			return s, 1000, err
		}},
		{"clock", func(p *probe.Prober, _, _ netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := clock.New(p, clock.Config{Src: us4, Dst: them4, Count: 1 + n})
			return s, 1 + n, err
		}},
		{"multipath", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			c := multipath.Config{Src: src, Dst: dst, Kind: []probe.Kind{probe.Echo, probe.UDP, probe.TCP}[n%3]}
			if n%10 == 9 {
				c.Flows, c.Parallel, c.Confidence = multipath.MaxFlows, 512, 0.9999
			}
			most, err := multipath.MaxProbes(c)
			if err != nil {
				return nil, 0, err
			}
			s, err := multipath.New(p, c)
			return s, most, err
		}},
		{"mtr", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			s, err := mtr.New(p, mtr.Config{Src: src, Dst: dst, Rounds: 1 + n%5, Flows: 1 + n%3, Kind: probe.Kind(n % 4)})
			return s, 30 * (1 + n%5), err
		}},
		{"survey", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			c := survey.Config{Src4: us4, Src6: us6}
			for range 1 + n {
				c.Targets = append(c.Targets, dst)
				dst = dst.Next()
			}
			s, err := survey.New(p, c)
			return s, (1 + n) * 2000, err
		}},
		{"team", func(p *probe.Prober, src, dst netip.Addr, n int) (probe.Strategy, int, error) {
			var t team.Team
			first := t.Reserve(1)
			a, err := ping.New(p, ping.Config{First: first, Targets: []ping.Target{{Src: src, Dst: dst}}, Count: 3})
			if err != nil {
				return nil, 0, err
			}
			t.Add(a, first, 1)
			first = t.Reserve(1)
			b, err := mtu.New(p, mtu.Config{First: first, Src: src, Dst: dst})
			if err != nil {
				return nil, 0, err
			}
			t.Add(b, first, 1)
			return &t, 1000, nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range rounds {
				for _, v6 := range []bool{false, true} {
					t.Run(fmt.Sprintf("%d,%v", seed, v6), func(t *testing.T) {
						src, dst := us4, them4
						if v6 {
							src, dst = us6, them6
						}
						w := newWild(t, seed, probe.Config{Events: 1 << 10})
						s, most, err := c.make(w.p, src, dst, int(seed))
						if err != nil {
							t.Fatal(err)
						}
						w.run(s, most)
					})
				}
			}
		})
	}
}
