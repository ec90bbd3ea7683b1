package ask_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/ask"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// The addresses of who asks, and of the peer that answers as a test tells it
// to.
var (
	asker, peer   = netip.MustParseAddr("10.0.1.10"), netip.MustParseAddr("10.0.1.99")
	asker6, peer6 = netip.MustParseAddr("2001:db8:1::a"), netip.MustParseAddr("2001:db8:1::99")
)

const ms = time.Millisecond

// alone is a without routes and neighbours.
const alone = "links: {near: {delay: 1ms}}\nnodes: {a: {interfaces: [{link: near, address: 10.0.1.10/24, address6: \"2001:db8:1::a/64\"}]}}\n"

// scene is a laboratory with a peer on the link of a, 1 ms away. To each
// datagram that comes to it the peer does what react says.
type scene struct {
	t     *testing.T
	n     *lab.Network
	ports [2]*lab.Port // 4, 6
	react func(s *scene, d datagram)
	came  []datagram
	later []sending
	start time.Time
}

// datagram is what came to the peer.
type datagram struct {
	n       int // counted from 1
	at      time.Duration
	octets  []byte
	payload []byte
	four    ip.Header4
	six     ip.Header6
}

type sending struct {
	at time.Time
	d  []byte
}

func (s *scene) must(b []byte, err error) []byte {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// raw sends a datagram in a while.
func (s *scene) raw(after time.Duration, d []byte) {
	s.later = append(s.later, sending{s.n.Now().Add(after), d})
}

// from sends a message in a while, with this source.
func (s *scene) from(src netip.Addr, after time.Duration, m icmp4.Message) {
	h := ip.Header4{TTL: 61, Proto: ip.ProtoICMP, Src: src, Dst: asker}
	s.raw(after, s.must(h.AppendPacket(nil, s.must(m.AppendBinary(nil)))))
}

// send sends a message of the peer in a while.
func (s *scene) send(after time.Duration, m icmp4.Message) { s.from(peer, after, m) }

// send6 does so with a message of ICMPv6.
func (s *scene) send6(after time.Duration, m icmp6.Message) {
	h := ip.Header6{HopLimit: 61, NextHeader: ip.ProtoICMPv6, Src: peer6, Dst: asker6}
	s.raw(after, s.must(h.AppendPacket(nil, s.must(m.Append(nil, peer6, asker6)))))
}

// echo is the request that came, as its reply.
func (s *scene) echo(d datagram) icmp4.Echo {
	s.t.Helper()
	m, err := icmp4.Parse(d.payload)
	e, ok := m.(icmp4.Echo)
	if err != nil || !ok || e.Reply {
		s.t.Fatalf("%v, %v: not an echo request", m, err)
	}
	return icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: e.ID, Seq: e.Seq, Data: e.Data}
}

// play asks from a until there is no more to tell.
func (s *scene) play(text, step string) []narration.Item {
	s.t.Helper()
	top, err := topology.Parse("test.yaml", []byte(text+"steps: ["+step+"]\n"))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.n, err = lab.New(top, lab.Options{}); err != nil {
		s.t.Fatal(err)
	}
	for i, a := range []string{"10.0.1.99/24", "2001:db8:1::99/64"} {
		if s.ports[i], err = s.n.Port("near", netip.MustParsePrefix(a)); err != nil {
			s.t.Fatal(err)
		}
	}
	machine, err := open(s.n, top)
	if err != nil {
		s.t.Fatal(err)
	}
	s.start = s.n.Now()
	var all []narration.Item
	for range 10_000 {
		told, next, done := machine.Poll(s.n.Now())
		all = append(all, told...)
		if done {
			return all
		}
		if next.IsZero() || !next.After(s.n.Now()) {
			s.t.Fatalf("next is %v at %v", next, s.n.Now())
		}
		s.until(next)
	}
	s.t.Fatal("it does not end")
	return nil
}

// until lets time pass to the next thing that happens, next at the latest.
func (s *scene) until(next time.Time) {
	if d := s.n.Deadline(); !d.IsZero() && d.Before(next) {
		next = d
	}
	for _, x := range s.later {
		if x.at.Before(next) {
			next = x.at
		}
	}
	s.n.Advance(next)
	due := s.later
	s.later = nil
	for _, x := range due {
		if x.at.After(next) {
			s.later = append(s.later, x)
			continue
		}
		p := s.ports[0]
		if x.d[0]>>4 == 6 {
			p = s.ports[1]
		}
		p.Inject(next, x.d)
	}
	for _, p := range s.ports {
		for b, at, ok := p.Next(); ok; b, at, ok = p.Next() {
			s.take(append([]byte(nil), b...), at)
		}
	}
}

func (s *scene) take(b []byte, at time.Time) {
	d := datagram{n: len(s.came) + 1, at: at.Sub(lab.Epoch), octets: b}
	var err error
	if b[0]>>4 == 6 {
		d.six, d.payload, err = ip.Parse6(b)
	} else {
		d.four, d.payload, err = ip.Parse4(b)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if d.payload[0] == byte(icmp4.TypeEchoReply) || d.payload[0] == byte(icmp6.TypeEchoReply) {
		return // to what the peer asked itself
	}
	s.came = append(s.came, d)
	if s.react != nil {
		s.react(s, d)
	}
}

// open makes the strategy of the first step, which is number 7.
func open(n *lab.Network, top *topology.Topology) (ask.Strategy, error) {
	h, _ := n.Host("a")
	switch x := top.Steps[0]; {
	case x.Ping != nil:
		return ask.Ping(h, top, x.Ping, 7)
	case x.Query != nil:
		return ask.Query(h, top, x.Query, 7)
	default:
		return ask.Trace(h, top, n, x.Trace, 7)
	}
}

// fails is why a step cannot begin.
func (s *scene) fails(text, step string) error {
	s.t.Helper()
	top, err := topology.Parse("test.yaml", []byte(text+"steps: ["+step+"]\n"))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.n, err = lab.New(top, lab.Options{}); err != nil {
		s.t.Fatal(err)
	}
	_, err = open(s.n, top)
	return err
}

// play asks from a with nobody outside.
func play(t *testing.T, text, step string) []narration.Item {
	t.Helper()
	return (&scene{t: t}).play(text, step)
}

// tale is what was told, one item a line, with its time.
func tale(all []narration.Item) string {
	var b strings.Builder
	for _, i := range all {
		fmt.Fprintf(&b, "%v ", i.When().Sub(lab.Epoch))
		switch x := i.(type) {
		case narration.PingBegin:
			fmt.Fprintf(&b, "ping %v %d(%d)", x.To, x.Size, x.Len)
		case narration.PingReply:
			fmt.Fprintf(&b, "reply %d of %v, %d, ttl %d, %v", x.Seq, x.From, x.Len, x.TTL, x.RTT)
			if x.Dup {
				b.WriteString(", dup")
			}
			if x.Bad {
				b.WriteString(", bad")
			}
		case narration.PingError:
			fmt.Fprintf(&b, "error %d of %v: %s", x.Seq, x.From, x.What)
		case narration.PingEnd:
			fmt.Fprintf(&b, "end of %v: %d sent, %d received, %d dup, %d errors, %v; %v/%v/%v/%v",
				x.To, x.Sent, x.Received, x.Dup, x.Errors, x.Took, x.Min, x.Avg, x.Max, x.Mdev)
		case narration.QueryReply:
			fmt.Fprintf(&b, "%s %d of %v, %v: %s", x.What, x.Seq, x.From, x.RTT, x.Text)
			if x.HasOffset {
				fmt.Fprintf(&b, "; %v ahead", x.Offset)
			}
		case narration.QueryEnd:
			fmt.Fprintf(&b, "end of %s to %v: %d sent, %d received", x.What, x.To, x.Sent, x.Received)
		case narration.TraceBegin:
			fmt.Fprintf(&b, "trace %v, %d hops, %d octets", x.To, x.Max, x.Size)
		case narration.TraceHop:
			fmt.Fprintf(&b, "hop %d:", x.TTL)
			for _, p := range x.Probes {
				if !p.From.IsValid() {
					b.WriteString(" *")
					continue
				}
				fmt.Fprintf(&b, " %v/%v%s", p.From, p.RTT, p.Mark)
				for _, l := range p.Labels {
					b.WriteString("<" + l + ">")
				}
			}
		case narration.TraceEnd:
			fmt.Fprintf(&b, "end: %d hops, reached %v", x.Hops, x.Reached)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// check compares what was told with lines.
func check(t *testing.T, name string, all []narration.Item, want ...string) {
	t.Helper()
	if got, want := strings.TrimSuffix(tale(all), "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", name, got, want)
	}
}
