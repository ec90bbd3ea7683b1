package sweep_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

var (
	src4  = addr("10.255.0.1")
	src6  = addr("fd00:ffff::1")
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func set(t testing.TB, texts ...string) *space.Set {
	t.Helper()
	var s space.Set
	for _, x := range texts {
		if _, err := s.Parse(x); err != nil {
			t.Fatal(err)
		}
	}
	return &s
}

func newSweep(t testing.TB, c sweep.Config) *sweep.Sweep {
	t.Helper()
	c.Src4, c.Src6 = src4, src6
	if c.Seed == 0 {
		c.Seed = 7
	}
	s, err := sweep.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// packet is a datagram, read.
type packet struct {
	src, dst netip.Addr
	ttl      ip.TTL
	tos      uint8
	proto    ip.Proto
	payload  []byte
}

// read reads a datagram as the one who gets it does, every checksum verified.
func read(t testing.TB, d []byte) packet {
	t.Helper()
	if d[0]>>4 == 6 {
		h, p, err := ip.Parse6(d)
		if err != nil {
			t.Fatalf("%v: % x", err, d)
		}
		return packet{h.Src, h.Dst, h.HopLimit, h.TrafficClass, h.NextHeader, p}
	}
	h, p, err := ip.Parse4(d)
	if err != nil {
		t.Fatalf("%v: % x", err, d)
	}
	return packet{h.Src, h.Dst, h.TTL, h.TOS, h.Proto, p}
}

// enclose makes a datagram.
func enclose(t testing.TB, src, dst netip.Addr, proto ip.Proto, payload []byte) []byte {
	t.Helper()
	var b []byte
	var err error
	if dst.Is6() {
		b, err = ip.Header6{NextHeader: proto, HopLimit: 57, Src: src, Dst: dst}.AppendPacket(nil, payload)
	} else {
		b, err = ip.Header4{Proto: proto, TTL: 57, Src: src, Dst: dst}.AppendPacket(nil, payload)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reply answers a probe as the host that it is for does.
func reply(t testing.TB, d []byte) []byte {
	t.Helper()
	p := read(t, d)
	var b []byte
	var err error
	switch {
	case p.proto == ip.ProtoICMP && p.payload[0] == 8:
		var e icmp4.Echo
		if e, err = icmp4.ParseEcho(p.payload); err == nil {
			e.Reply = true
			b, err = e.AppendBinary(nil)
		}
	case p.proto == ip.ProtoICMP:
		var e icmp4.TimestampMessage
		if e, err = icmp4.ParseTimestampMessage(p.payload); err == nil {
			e.Reply, e.Receive, e.Transmit = true, 1, 2
			b, err = e.AppendBinary(nil)
		}
	case p.proto == ip.ProtoICMPv6:
		var e icmp6.Echo
		if e, err = icmp6.ParseEcho(p.payload, p.src, p.dst); err == nil {
			e.Reply = true
			b, err = e.Append(nil, p.dst, p.src)
		}
	case p.proto == ip.ProtoUDP:
		var u transport.UDP
		if u, _, err = transport.ParseUDP(p.payload, p.src, p.dst); err == nil {
			b, err = transport.UDP{SrcPort: u.DstPort, DstPort: u.SrcPort}.AppendPacket(nil, p.dst, p.src, []byte("hello"))
		}
	case p.proto == ip.ProtoTCP:
		var u transport.TCP
		if u, _, err = transport.ParseTCP(p.payload, p.src, p.dst); err == nil {
			b, err = transport.TCP{SrcPort: u.DstPort, DstPort: u.SrcPort, Ack: u.Seq + 1, Flags: transport.SYN | transport.ACK}.AppendPacket(nil, p.dst, p.src, nil)
		}
	default:
		t.Fatalf("a probe of protocol %v", p.proto)
	}
	if err != nil {
		t.Fatalf("%v: % x", err, d)
	}
	return enclose(t, p.dst, p.src, p.proto, b)
}

// exceeded says of a probe that its time is up, as a router does that quotes no
// more than it has to.
func exceeded(t testing.TB, router netip.Addr, d []byte) []byte {
	t.Helper()
	p := read(t, d)
	var b []byte
	var err error
	proto := ip.ProtoICMP
	if p.src.Is6() {
		proto = ip.ProtoICMPv6
		b, err = icmp6.TimeExceeded{Quote: d}.Append(nil, router, p.src)
	} else {
		b, err = icmp4.TimeExceeded{Quote: d[:28]}.AppendBinary(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return enclose(t, router, p.src, proto, b)
}

// polls returns all datagrams that leave now.
func polls(s *sweep.Sweep, now time.Time) (out [][]byte) {
	for {
		d, ok := s.Poll(now, nil)
		if !ok {
			return out
		}
		out = append(out, d)
	}
}

func results(s *sweep.Sweep) (out []sweep.Result) {
	for r, ok := s.NextResult(); ok; r, ok = s.NextResult() {
		out = append(out, r)
	}
	return out
}

func wantField(t *testing.T, err error, field string) {
	t.Helper()
	var f *wire.FieldError
	if !errors.As(err, &f) || f.Field != field {
		t.Errorf("%v, want one about %s", err, field)
	}
}
