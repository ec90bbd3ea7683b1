package multipath_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/multipath"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	src   = addr("10.0.0.1")
	dst   = addr("10.9.9.9")
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// translated is what probes have for a source behind a translator.
var translated = addr("198.51.100.7")

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// gateway is one of a network's: what it does with a datagram that goes on.
type gateway struct {
	next      []string
	perPacket bool
	silent    bool
	refuses   bool // it says that the destination cannot be reached
	outside   bool // it is behind a translator of addresses, and nothing turns that back
}

// network is gateways by name. The one that is named dst is the destination, and
// those of the source come first.
type network struct {
	t        *testing.T
	first    []string
	gateways map[string]gateway
	dice     *rand.Rand
	p        *probe.Prober
	now      time.Time
	sent     int
	pace     time.Duration // each gateway answers six times at once, and then so often; 0: always
	tokens   map[string]float64
	filled   map[string]time.Time
	drop     int // one of so many is lost; 0: none
}

// limited reports whether a gateway has answered too much.
func (n *network) limited(name string) bool {
	const burst = 6
	if n.pace == 0 || name == "dst" {
		return false
	}
	if at, ok := n.filled[name]; ok {
		n.tokens[name] = min(burst, n.tokens[name]+float64(n.now.Sub(at))/float64(n.pace))
	} else {
		n.tokens[name] = burst
	}
	n.filled[name] = n.now
	if n.tokens[name] < 1 {
		return true
	}
	n.tokens[name]--
	return false
}

func newNetwork(t *testing.T, first string, gateways map[string]gateway) *network {
	return &network{
		t: t, first: []string{first}, gateways: gateways, dice: rand.New(rand.NewPCG(3, 4)), now: start,
		tokens: map[string]float64{}, filled: map[string]time.Time{},
	}
}

// addrOf returns the address of a gateway.
func addrOf(name string) netip.Addr {
	if name == "dst" {
		return dst
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	s := h.Sum32()
	return netip.AddrFrom4([4]byte{10, 1 + byte(s>>16)%200, byte(s >> 8), byte(s)})
}

// walk returns where a datagram's time to live runs out.
func (n *network) walk(ttl ip.TTL, flow uint32) string {
	choice := n.first
	name := ""
	perPacket := false
	for range ttl {
		h := fnv.New64a()
		h.Write([]byte(name))
		x := (h.Sum64() ^ uint64(flow)) * 0x9e3779b97f4a7c15 // and the end of splitmix64
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		i := int(x >> 34)
		if perPacket {
			i = n.dice.IntN(1 << 20)
		}
		name = choice[i%len(choice)]
		g := n.gateways[name]
		choice, perPacket = g.next, g.perPacket
		if name == "dst" || g.refuses || len(choice) == 0 {
			break
		}
	}
	return name
}

// flight is a probe, and who answers it.
type flight struct {
	x    probe.Transmit
	m    []byte
	name string
}

// find runs a trace to its end.
func (n *network) find(c multipath.Config, seed uint64) multipath.Graph {
	n.t.Helper()
	p, err := probe.New(probe.Config{Seed: seed, IPID: true, Rewritten: true})
	if err != nil {
		n.t.Fatal(err)
	}
	n.p = p
	c.Src, c.Dst = src, dst
	m, err := multipath.New(p, c)
	if err != nil {
		n.t.Fatal(err)
	}
	for i := 0; !m.Done(); i++ {
		if i > 100_000 {
			n.t.Fatalf("no end: %+v", m.Graph())
		}
		p.Turn(n.now, m)
		if m.Done() {
			break
		}
		var flying []flight
		for b, x, ok := p.Poll(n.now, nil); ok; b, x, ok = p.Poll(n.now, nil) {
			flow := uint32(binary.BigEndian.Uint16(b)) // source port
			if c.Kind == probe.Echo {
				flow = uint32(binary.BigEndian.Uint16(b[2:])) // checksum
			}
			n.sent++
			flying = append(flying, flight{x, b, n.walk(x.TTL, flow)})
		}
		if len(flying) > 32 {
			n.t.Errorf("%d under way", len(flying))
		}
		n.now = n.now.Add(2 * ms)
		answered := false
		for _, f := range flying {
			answered = n.answer(f) || answered
		}
		if !answered {
			next := p.Deadline()
			if d := m.Deadline(); next.IsZero() || !d.IsZero() && d.Before(next) {
				next = d
			}
			if next.After(n.now) {
				n.now = next
			}
			p.Poll(n.now, nil)
		}
	}
	if !m.Deadline().IsZero() {
		n.t.Error("done, and something is due")
	}
	g := m.Graph()
	if g.Probes != n.sent {
		n.t.Errorf("%d probes sent, %d told of", n.sent, g.Probes)
	}
	if most, err := multipath.MaxProbes(c); err != nil || g.Probes > most {
		n.t.Errorf("%d probes, %d at most: %v", g.Probes, most, err)
	}
	n.sent = 0
	return g
}

func (n *network) answer(f flight) bool {
	n.t.Helper()
	g := n.gateways[f.name]
	if g.silent || n.limited(f.name) || n.drop > 0 && n.sent%n.drop == 0 {
		return false
	}
	datagram, err := ip.Header4{ID: f.x.ID, TTL: 1, Proto: f.x.Proto, Src: f.x.Src, Dst: f.x.Dst}.AppendPacket(nil, f.m)
	if err != nil {
		n.t.Fatal(err)
	}
	if g.outside {
		copy(datagram[12:], translated.AsSlice())
		datagram[20] ^= 1 // source port
	}
	var b []byte
	switch {
	case f.name == "dst" && f.x.Proto == ip.ProtoICMP:
		e, derr := icmp4.ParseEcho(f.m)
		if derr != nil {
			n.t.Fatal(derr)
		}
		e.Reply = true
		b, err = e.AppendBinary(nil)
	case f.name == "dst":
		b, err = icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: datagram}.AppendBinary(nil)
	case g.refuses:
		b, err = icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: datagram}.AppendBinary(nil)
	default:
		b, err = icmp4.TimeExceeded{Quote: datagram[:36]}.AppendBinary(nil)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	if v := n.p.Receive(n.now, &probe.Arrival{From: addrOf(f.name), To: f.x.Src, Proto: ip.ProtoICMP, TTL: 60, Payload: b}); (v == probe.Credited) == g.outside {
		n.t.Fatalf("%s: %v", f.name, v)
	}
	return !g.outside
}

// names returns the edges of a graph in words, of those that there are in the
// network: "a>b".
func (n *network) names(g *multipath.Graph) map[string]bool {
	who := map[netip.Addr]string{dst: "dst"}
	for name := range n.gateways {
		who[addrOf(name)] = name
	}
	name := func(i int) string {
		switch {
		case i < 0:
			return "src"
		case !g.Vertices[i].Addr.IsValid():
			return fmt.Sprintf("*%d", g.Vertices[i].TTL)
		}
		return who[g.Vertices[i].Addr]
	}
	out := map[string]bool{}
	for _, e := range g.Edges {
		out[name(e.From)+">"+name(e.To)] = true
	}
	return out
}
