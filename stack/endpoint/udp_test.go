package endpoint_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

func TestUDP(t *testing.T) {
	for _, tt := range []struct {
		name     string
		src, dst netip.Addr
	}{{"v4", addrA, addrB}, {"v6", a6, b6}} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t, endpoint.Config{}, endpoint.Config{})
			a, b := open(t, p.a.Endpoint, 0), open(t, p.b.Endpoint, 53)
			if a.Port() < 49152 {
				t.Errorf("chosen port %d", a.Port())
			}
			if err := a.SendTo(epoch, addrPort(tt.dst, 53), []byte("query"), endpoint.Options{TTL: 9, TOS: 0x10, DF: true}); err != nil {
				t.Fatal(err)
			}
			p.run(epoch)
			d, ok := b.Receive()
			if !ok || string(d.Payload) != "query" || d.Src != addrPort(tt.src, a.Port()) || d.Dst != addrPort(tt.dst, 53) ||
				d.TTL != 9 || d.TOS != 0x10 || !d.Time.Equal(epoch) || d.Iface != 0 || d.Group {
				t.Fatalf("%v, %+v", ok, d)
			}
			if tt.src.Is4() && p.last()[6]&0x40 == 0 {
				t.Error("DF is not set")
			}
			if _, ok := b.Receive(); ok {
				t.Error("received twice")
			}
			// IPv4 addresses in IPv6 form are IPv4 addresses.
			if err := b.SendTo(epoch, addrPort(netip.AddrFrom16(tt.src.As16()), a.Port()), []byte("answer"), endpoint.Options{Src: d.Dst.Addr()}); err != nil {
				t.Fatal(err)
			}
			p.run(epoch)
			if d, ok = a.Receive(); !ok || string(d.Payload) != "answer" || d.TTL != 64 {
				t.Fatalf("%v, %+v", ok, d)
			}
		})
	}
}

// TestChecksum: filled in, left out where that is asked for, verified.
func TestChecksum(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	a, b := open(t, p.a.Endpoint, 1024), open(t, p.b.Endpoint, 53)
	send := func(dst netip.Addr, o endpoint.Options) []byte {
		t.Helper()
		if err := a.SendTo(epoch, addrPort(dst, 53), []byte("odd"), o); err != nil {
			t.Fatal(err)
		}
		p.run(epoch)
		if _, ok := b.Receive(); !ok {
			t.Fatal("not received")
		}
		return bytes.Clone(p.last())
	}
	if d := send(addrB, endpoint.Options{NoChecksum: true}); d[26] != 0 || d[27] != 0 {
		t.Errorf("checksum %x", d[26:28])
	}
	if d := send(b6, endpoint.Options{NoChecksum: true}); d[46] == 0 && d[47] == 0 {
		t.Error("no checksum in IPv6")
	}
	for _, dst := range []netip.Addr{addrB, b6} {
		d := send(dst, endpoint.Options{})
		d[len(d)-1] ^= 1
		p.b.node.Receive(epoch, stack.Datagram{Octets: d})
		if _, ok := b.Receive(); ok {
			t.Errorf("to %v: received with a bad checksum", dst)
		}
	}
	d := send(addrB, endpoint.Options{})
	binary.BigEndian.PutUint16(d[24:], 7)
	p.b.node.Receive(epoch, stack.Datagram{Octets: d})
	c := p.b.node.Counters()
	if bad, short := c.Dropped(mib.TransportChecksum), c.Dropped(mib.TransportShort); bad != 2 || short != 1 {
		t.Errorf("%d bad checksums, %d short; want 2, 1", bad, short)
	}
}

// TestNoPort: 3/3 about what nobody listens for, and the news for who has sent
// it.
func TestNoPort(t *testing.T) {
	conform.Row(t, "H-03")
	conform.Row(t, "H-04")
	for _, tt := range []struct {
		dst  netip.Addr
		typ  uint8
		code uint8
	}{{addrB, 3, 3}, {b6, 1, 4}} {
		p := newPair(t, endpoint.Config{}, endpoint.Config{})
		a := open(t, p.a.Endpoint, 0)
		if err := a.SendTo(epoch, addrPort(tt.dst, 33434), []byte("probe"), endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(at(time.Second))
		n, ok := a.NextTrouble()
		wantTrouble(t, n, ok, report.PortUnreachable, stack.Hard)
		if n.From != tt.dst || n.Type != tt.typ || n.Code != tt.code || n.Quote.DstPort != 33434 || n.Quote.SrcPort != a.Port() ||
			n.Quote.Payload != nil || n.Quote.Options != nil || !n.Time.Equal(at(time.Second)) {
			t.Errorf("%+v", n)
		}
		if _, ok := a.NextTrouble(); ok {
			t.Error("told twice")
		}
	}
}

// TestServices: echo and discard, when they are on.
func TestServices(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{Echo: true, Discard: true})
	a := open(t, p.a.Endpoint, 5000)
	low := open(t, p.a.Endpoint, 1023)
	high := open(t, p.a.Endpoint, 1024)
	for i, tt := range []struct {
		from   *endpoint.UDP
		dst    netip.AddrPort
		answer bool
	}{
		{a, addrPort(addrB, 7), true},
		{a, addrPort(b6, 7), true},
		{a, addrPort(addrB, 9), false},
		{low, addrPort(addrB, 7), false},
		{high, addrPort(addrB, 7), true},
	} {
		if err := tt.from.SendTo(epoch, tt.dst, []byte("hello"), endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(epoch)
		d, ok := tt.from.Receive()
		if ok != tt.answer || ok && (string(d.Payload) != "hello" || d.Src != tt.dst) {
			t.Errorf("%d: %v, %+v", i, ok, d)
		}
		if _, ok := tt.from.NextTrouble(); ok {
			t.Errorf("%d: an error came back", i)
		}
	}
	// Off, they are ports that nobody listens on.
	b := open(t, p.b.Endpoint, 5000)
	for _, port := range []uint16{7, 9} {
		if err := b.SendTo(epoch, addrPort(addrA, port), nil, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(epoch)
		n, ok := b.NextTrouble()
		wantTrouble(t, n, ok, report.PortUnreachable, stack.Hard)
	}
	// A socket of the program's own comes first.
	own := open(t, p.b.Endpoint, 7)
	if err := a.SendTo(epoch, addrPort(addrB, 7), []byte("mine"), endpoint.Options{}); err != nil {
		t.Fatal(err)
	}
	p.run(epoch)
	if d, ok := own.Receive(); !ok || string(d.Payload) != "mine" {
		t.Errorf("%v, %+v", ok, d)
	}
	// An answer that cannot leave is counted.
	own.Close()
	u, err := transport.UDP{SrcPort: 5000, DstPort: 7}.AppendPacket(nil, far, addrB, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.b.Deliver(epoch, &stack.Packet{Src: far, Dst: addrB, Proto: ip.ProtoUDP, Payload: u}); got != stack.Accepted || p.b.Unsent() != 1 {
		t.Errorf("%v, %d not sent", got, p.b.Unsent())
	}
	// To all, it is not echoed: that would make an amplifier of a network.
	before := len(p.sent)
	if err := a.SendTo(epoch, addrPort(netip.MustParseAddr("10.0.1.255"), 7), []byte("all"), endpoint.Options{}); err != nil {
		t.Fatal(err)
	}
	p.run(epoch)
	if len(p.sent) != before+1 {
		t.Errorf("%d datagrams, want the one", len(p.sent)-before)
	}
}

// TestRecognise: what an error must quote to be believed, field by field.
func TestRecognise(t *testing.T) {
	conform.Row(t, "H-05")
	p := newPair(t, endpoint.Config{}, endpoint.Config{Discard: true})
	a := open(t, p.a.Endpoint, 5000)
	if err := a.SendTo(epoch, addrPort(addrB, 9), []byte("x"), endpoint.Options{}); err != nil {
		t.Fatal(err)
	}
	p.run(epoch)
	sent := bytes.Clone(p.last())
	change := func(at int) []byte { q := bytes.Clone(sent); q[at] ^= 1; return q }
	for _, tt := range []struct {
		name  string
		quote []byte
		at    time.Duration
		want  bool
	}{
		{"as sent", sent, 0, true},
		{"eight octets", sent[:28], 0, true},
		{"four octets", sent[:24], 0, true},
		{"three octets", sent[:23], 0, false},
		{"another destination", change(19), 0, false},
		{"another source port", change(21), 0, false},
		{"another destination port", change(23), 0, false},
		{"another protocol", change(9), 0, false},
		{"in time", sent, 2*time.Minute - 1, true},
		{"too late", sent, 2 * time.Minute, false},
	} {
		p.fault(at(tt.at), p.a, icmp4.TimeExceeded{Quote: tt.quote})
		n, ok := a.NextTrouble()
		if ok != tt.want {
			t.Errorf("%s: told %v", tt.name, ok)
		}
		if ok {
			wantTrouble(t, n, ok, report.TTLExceeded, stack.Soft)
		}
	}
	c := p.a.node.Counters()
	if c.Dropped(mib.QuoteUnrecognised) != 6 {
		t.Errorf("%d unrecognised, want 6", c.Dropped(mib.QuoteUnrecognised))
	}
	// Closed, nobody is told, and nothing breaks.
	a.Close()
	p.fault(epoch, p.a, icmp4.TimeExceeded{Quote: sent})
	if _, ok := a.NextTrouble(); ok {
		t.Error("told after Close")
	}
}

// TestCredulous: with the defences off any quote will do, and the socket on the
// port is told.
func TestCredulous(t *testing.T) {
	p := newPair(t, endpoint.Config{Credulous: true}, endpoint.Config{})
	a := open(t, p.a.Endpoint, 5000)
	forged, err := transport.UDP{SrcPort: 5000, DstPort: 77}.AppendPacket(nil, addrA, addrB, make([]byte, 1400))
	if err != nil {
		t.Fatal(err)
	}
	d, err := ip.Header4{TTL: 1, Proto: ip.ProtoUDP, Src: addrA, Dst: addrB}.AppendPacket(nil, forged)
	if err != nil {
		t.Fatal(err)
	}
	p.fault(epoch, p.a, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 600, Quote: d})
	n, ok := a.NextTrouble()
	wantTrouble(t, n, ok, report.TooBig, stack.TooBig)
	if mtu, _ := p.a.node.PathMTU(epoch, addrB); mtu != 600 || n.MTU != 600 {
		t.Errorf("path MTU %d, told %d", mtu, n.MTU)
	}
	d[23] = 78 // another port, with nobody on the local one
	d[21]++
	ip.Seal4(d)
	p.fault(epoch, p.a, icmp4.TimeExceeded{Quote: d})
	if _, ok := a.NextTrouble(); ok {
		t.Error("told about another port")
	}
}

// TestBounds: the queue holds so many datagrams, and so many octets.
func TestBounds(t *testing.T) {
	for name, c := range map[string]endpoint.Config{
		"datagrams": {Datagrams: 3},
		"octets":    {Octets: 30},
	} {
		p := newPair(t, endpoint.Config{}, c)
		a, b := open(t, p.a.Endpoint, 0), open(t, p.b.Endpoint, 53)
		for i := range 5 {
			if err := a.SendTo(epoch, addrPort(addrB, 53), []byte{byte(i), 9: 0}, endpoint.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		p.run(epoch)
		for i := range 3 {
			if d, ok := b.Receive(); !ok || len(d.Payload) != 10 || d.Payload[0] != byte(i) {
				t.Errorf("%s: datagram %d: %v, %+v", name, i, ok, d)
			}
		}
		if _, ok := b.Receive(); ok {
			t.Errorf("%s: a fourth", name)
		}
		if c := p.b.node.Counters(); c.Dropped(mib.EndpointFull) != 2 {
			t.Errorf("%s: %d dropped, want 2", name, c.Dropped(mib.EndpointFull))
		}
		if n, ok := a.NextTrouble(); ok {
			t.Errorf("%s: an error about it: %+v", name, n)
		}
	}
	// Of errors the oldest goes.
	p := newPair(t, endpoint.Config{Troubles: 2}, endpoint.Config{})
	a := open(t, p.a.Endpoint, 0)
	for port := range uint16(3) {
		if err := a.SendTo(epoch, addrPort(addrB, 100+port), nil, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	p.run(epoch)
	for _, want := range []uint16{101, 102} {
		if n, ok := a.NextTrouble(); !ok || n.Quote.DstPort != want {
			t.Errorf("%v, about port %d, want %d", ok, n.Quote.DstPort, want)
		}
	}
	if _, ok := a.NextTrouble(); ok {
		t.Error("a third")
	}
}

func TestSockets(t *testing.T) {
	e, err := endpoint.New(endpoint.Config{Sockets: 3})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, e, 53)
	if _, err := e.Listen(53); !errors.Is(err, endpoint.ErrInUse) {
		t.Errorf("the port again: %v", err)
	}
	if err := s.SendTo(epoch, addrPort(addrB, 1), nil, endpoint.Options{}); !errors.Is(err, endpoint.ErrDetached) {
		t.Errorf("without a node: %v", err)
	}
	raw := openICMP(t, e, nil)
	if err := raw.SendDatagram(epoch, nil); !errors.Is(err, endpoint.ErrDetached) {
		t.Errorf("without a node: %v", err)
	}
	open(t, e, 54)
	if _, err := e.Listen(55); !errors.Is(err, endpoint.ErrSockets) {
		t.Errorf("a fourth of three: %v", err)
	}
	if _, err := e.OpenICMP(nil); !errors.Is(err, endpoint.ErrSockets) {
		t.Errorf("a fourth of three: %v", err)
	}
	s.Close()
	s.Close()
	if err := s.SendTo(epoch, addrPort(addrB, 1), nil, endpoint.Options{}); !errors.Is(err, endpoint.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	s2 := open(t, e, 53)
	s.Close() // not the other one's port
	if _, err := e.Listen(53); err == nil {
		t.Error("the port of another socket was given back")
	}
	s2.Close()
	raw.Close()
	raw.Close()
	if err := raw.SendTo(epoch, addrB, make([]byte, 8), endpoint.Options{}); !errors.Is(err, endpoint.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if err := raw.SendDatagram(epoch, nil); !errors.Is(err, endpoint.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	open(t, e, 53)
	openICMP(t, e, nil)
}

// TestFreePort: every port is found, however few are left.
func TestFreePort(t *testing.T) {
	e, err := endpoint.New(endpoint.Config{Sockets: 1 << 16, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint16]bool{}
	inOrder := 0
	last := uint16(0)
	for range 1 << 14 {
		s := open(t, e, 0)
		if s.Port() < 49152 || seen[s.Port()] {
			t.Fatalf("port %d", s.Port())
		}
		if s.Port() == last+1 {
			inOrder++
		}
		last = s.Port()
		seen[last] = true
	}
	if _, err := e.Listen(0); !errors.Is(err, endpoint.ErrInUse) {
		t.Errorf("no port is left: %v", err)
	}
	if inOrder > 2000 {
		t.Errorf("%d of 16,384 ports follow the one before", inOrder)
	}
}

func TestSendErrors(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	a := open(t, p.a.Endpoint, 0)
	if err := a.SendTo(epoch, addrPort(far, 1), nil, endpoint.Options{}); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("no route: %v", err)
	}
	var big *stack.TooBigError
	if err := a.SendTo(epoch, addrPort(addrB, 1), make([]byte, 1473), endpoint.Options{DF: true}); !errors.As(err, &big) || big.MTU != 1500 || big.Len != 1501 {
		t.Errorf("too big: %v", err)
	}
	var fe *wire.FieldError
	if err := a.SendTo(epoch, addrPort(addrB, 1), make([]byte, 65536), endpoint.Options{}); !errors.As(err, &fe) {
		t.Errorf("more than a datagram: %v", err)
	}
	if err := a.SendTo(epoch, addrPort(addrB, 1), nil, endpoint.Options{IPOptions: make([]byte, 3)}); !errors.As(err, &fe) {
		t.Errorf("options that are not padded: %v", err)
	}
}

// TestRecentTable: as many as it was made for, the oldest going first.
func TestRecentTable(t *testing.T) {
	p := newPair(t, endpoint.Config{Recent: 4}, endpoint.Config{Discard: true})
	a := open(t, p.a.Endpoint, 5000)
	var sent [5][]byte
	send := func(i int, now time.Duration) {
		if err := a.SendTo(at(now), addrPort(netip.AddrFrom4([4]byte{10, 0, 1, byte(20 + i)}), 9), nil, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(at(now))
		sent[i] = bytes.Clone(p.last())
	}
	for i := range 4 {
		send(i, time.Duration(i)*time.Second)
	}
	send(0, 4*time.Second) // again: no second line
	send(4, 5*time.Second)
	for i, want := range []bool{true, false, true, true, true} {
		p.fault(at(6*time.Second), p.a, icmp4.TimeExceeded{Quote: sent[i]})
		if _, ok := a.NextTrouble(); ok != want {
			t.Errorf("datagram %d: recognised %v", i, ok)
		}
	}
	if n := p.a.Octets(); n < 4*64 || n > 4*160 {
		t.Errorf("%d octets for four", n)
	}
}

func TestUDPAllocs(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{Echo: true})
	a := open(t, p.a.Endpoint, 5000)
	payload := make([]byte, 64)
	step := func() {
		if a.SendTo(epoch, addrPort(addrB, 7), payload, endpoint.Options{}) != nil {
			t.Fatal("not sent")
		}
		d, _, _ := p.a.node.Poll(epoch, p.buf)
		p.b.node.Receive(epoch, stack.Datagram{Octets: d})
		d, _, _ = p.b.node.Poll(epoch, p.buf)
		p.a.node.Receive(epoch, stack.Datagram{Octets: d})
		if _, ok := a.Receive(); !ok {
			t.Fatal("no echo")
		}
	}
	step()
	wiretest.NoAllocs(t, "a datagram there and back", step)
}
