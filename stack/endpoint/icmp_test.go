package endpoint_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

func message(tb testing.TB, m icmp4.Message) []byte {
	tb.Helper()
	b, err := m.AppendBinary(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestPing: echo in both families, its checksum computed by the socket.
func TestPing(t *testing.T) {
	conform.Row(t, "H-01")
	for _, tt := range []struct {
		dst     netip.Addr
		request byte
		verify  func([]byte) error
		reply   byte
	}{
		{addrB, 8, icmp4.Verify, 0},
		{b6, 128, func(m []byte) error { return icmp6.Verify(m, b6, a6) }, 129},
	} {
		p := newPair(t, endpoint.Config{}, endpoint.Config{})
		s := openICMP(t, p.a.Endpoint, func(p *stack.Packet) bool { return p.Payload[0] == tt.reply })
		m := []byte{tt.request, 0, 0xde, 0xad, 0, 7, 0, 3, 'd', 'a', 't', 'a', '!'}
		before := bytes.Clone(m)
		if err := s.SendTo(epoch, tt.dst, m, endpoint.Options{TTL: 5}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m, before) {
			t.Error("the message was changed")
		}
		p.run(epoch)
		d, ok := s.Receive()
		if !ok || tt.verify(d.Payload) != nil || !bytes.Equal(d.Payload[4:], m[4:]) || d.Src != addrPort(tt.dst, 0) || d.TTL != 64 {
			t.Fatalf("%v, %+v", ok, d)
		}
		if _, ok := s.Receive(); ok {
			t.Error("received twice")
		}
	}
}

// TestRawSeesAll: all that comes, those alone that the filter wants, and replies
// that nobody wants are counted as such.
func TestRawSeesAll(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{Datagrams: 1})
	all := openICMP(t, p.b.Endpoint, nil)
	s := openICMP(t, p.a.Endpoint, func(p *stack.Packet) bool { return p.Payload[0] == 14 })
	send := func(m icmp4.Message) {
		t.Helper()
		if err := s.SendTo(epoch, addrB, message(t, m), endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(epoch)
	}
	send(icmp4.TimestampMessage{ID: 1, Seq: 2})
	if d, ok := s.Receive(); !ok || d.Payload[0] != 14 {
		t.Errorf("%v, %+v", ok, d)
	}
	if d, ok := all.Receive(); !ok || d.Payload[0] != 13 {
		t.Errorf("the request was not shown: %v, %+v", ok, d)
	}
	send(icmp4.Echo{ID: 1})
	if _, ok := s.Receive(); ok {
		t.Error("the filter lets an echo reply through")
	}
	if c := p.a.node.Counters(); c.Dropped(mib.ICMPUnclaimed) != 1 {
		t.Errorf("%d unclaimed, want 1", c.Dropped(mib.ICMPUnclaimed))
	}
	// Full is not unclaimed for those that have room.
	second := openICMP(t, p.b.Endpoint, nil)
	send(icmp4.Raw{Type: 200, Body: make([]byte, 4)})
	if d, ok := second.Receive(); !ok || d.Payload[0] != 200 {
		t.Errorf("the second socket: %v, %+v", ok, d)
	}
	if d, ok := all.Receive(); !ok || d.Payload[0] != 8 {
		t.Errorf("the full one: %v, %+v", ok, d)
	}
}

// TestWrongFamily: ICMPv6 in IPv4, and ICMP in IPv6, are protocols that nobody
// has.
func TestWrongFamily(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	s := openICMP(t, p.a.Endpoint, nil)
	for _, pk := range []*stack.Packet{
		{Proto: ip.ProtoICMPv6, Src: addrB, Dst: addrA, Payload: make([]byte, 8)},
		{Proto: ip.ProtoICMP, Src: b6, Dst: a6, Payload: make([]byte, 8)},
	} {
		if got := p.a.Deliver(epoch, pk); got != stack.NoProtocol {
			t.Errorf("%v to %v: %v", pk.Proto, pk.Dst, got)
		}
	}
	if _, ok := s.Receive(); ok {
		t.Error("the socket was shown one")
	}
}

// TestICMPRecognise: errors about queries are recognised by type, identifier and
// sequence number.
func TestICMPRecognise(t *testing.T) {
	conform.Row(t, "H-05")
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	s := openICMP(t, p.a.Endpoint, nil)
	if err := s.SendTo(epoch, addrB, message(t, icmp4.Echo{ID: 7, Seq: 3}), endpoint.Options{TTL: 1}); err != nil {
		t.Fatal(err)
	}
	p.run(epoch)
	sent := p.sent[0]
	change := func(at int) []byte { q := bytes.Clone(sent); q[at] ^= 1; return q }
	for _, tt := range []struct {
		name  string
		quote []byte
		want  bool
	}{
		{"as sent", sent, true},
		{"another destination", change(19), false},
		{"another type", change(20), false},
		{"another identifier", change(25), false},
		{"another sequence number", change(27), false},
		{"no sequence number", sent[:27], false},
		{"no type", sent[:20], false},
	} {
		p.fault(epoch, p.a, icmp4.TimeExceeded{Quote: tt.quote})
		n, ok := s.NextTrouble()
		if ok != tt.want {
			t.Errorf("%s: told %v", tt.name, ok)
		}
		if ok {
			wantTrouble(t, n, ok, report.TTLExceeded, stack.Soft)
			if n.Quote.ICMPID != 7 || n.Quote.ICMPSeq != 3 || n.Quote.TTL != 1 {
				t.Errorf("quote %v", n.Quote)
			}
		}
	}
}

// TestSendDatagram: whole datagrams as they stand, and errors about them.
func TestSendDatagram(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	s := openICMP(t, p.a.Endpoint, nil)
	u, err := transport.UDP{SrcPort: 40000, DstPort: 33434}.AppendPacket(nil, addrA, addrB, []byte("probe"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := ip.Header4{ID: 0xbeef, TTL: 3, Proto: ip.ProtoUDP, Src: addrA, Dst: addrB}.AppendPacket(nil, u)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendDatagram(epoch, d); err != nil {
		t.Fatal(err)
	}
	p.run(epoch)
	if !bytes.Equal(p.sent[0], d) {
		t.Errorf("sent %x\nwant %x", p.sent[0], d)
	}
	n, ok := s.NextTrouble()
	wantTrouble(t, n, ok, report.PortUnreachable, stack.Hard)
	if n.Quote.ID != 0xbeef {
		t.Errorf("quote %v", n.Quote)
	}
	// A protocol without ports is recognised by its addresses.
	g, err := ip.Header4{TTL: 3, Proto: ip.ProtoGRE, Src: addrA, Dst: addrB}.AppendPacket(nil, make([]byte, 8))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendDatagram(epoch, g); err != nil {
		t.Fatal(err)
	}
	p.run(epoch)
	n, ok = s.NextTrouble()
	wantTrouble(t, n, ok, report.ProtocolUnreachable, stack.Hard)
	if err := s.SendDatagram(epoch, d[:10]); err == nil {
		t.Error("half a header was sent")
	}
	// From an address that is none of the node's: sent all the same, for the
	// laboratory's forgers.
	ip.SetSrc4(d, far)
	if err := s.SendDatagram(epoch, d); err != nil {
		t.Error(err)
	}
}

func TestICMPSendErrors(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	s := openICMP(t, p.a.Endpoint, nil)
	var fe *wire.FieldError
	if err := s.SendTo(epoch, addrB, make([]byte, 3), endpoint.Options{}); !errors.As(err, &fe) || fe.Field != "message" {
		t.Errorf("three octets: %v", err)
	}
	if err := s.SendTo(epoch, addrB, make([]byte, 4), endpoint.Options{}); err != nil {
		t.Errorf("four octets: %v", err)
	}
	if err := s.SendTo(epoch, far, make([]byte, 8), endpoint.Options{}); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("no route: %v", err)
	}
	if err := s.SendTo(epoch, addrB, make([]byte, 65536), endpoint.Options{}); !errors.As(err, &fe) {
		t.Errorf("more than a datagram: %v", err)
	}
	var big *stack.TooBigError
	if err := s.SendTo(epoch, addrB, make([]byte, 1481), endpoint.Options{DF: true}); !errors.As(err, &big) {
		t.Errorf("too big: %v", err)
	}
}

func TestICMPAllocs(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	s := openICMP(t, p.a.Endpoint, nil)
	m := message(t, icmp4.Echo{ID: 7, Data: make([]byte, 56)})
	step := func() {
		if s.SendTo(epoch, addrB, m, endpoint.Options{}) != nil {
			t.Fatal("not sent")
		}
		d, _, _ := p.a.node.Poll(epoch, p.buf)
		p.b.node.Receive(epoch, stack.Datagram{Octets: d})
		d, _, _ = p.b.node.Poll(epoch, p.buf)
		p.a.node.Receive(epoch, stack.Datagram{Octets: d})
		if _, ok := s.Receive(); !ok {
			t.Fatal("no reply")
		}
	}
	step()
	wiretest.NoAllocs(t, "an echo there and back", step)
}
