package endpoint_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		field string
		c     endpoint.Config
	}{
		{"Sockets", endpoint.Config{Sockets: -1}},
		{"Datagrams", endpoint.Config{Datagrams: -1}},
		{"Octets", endpoint.Config{Octets: -1}},
		{"Troubles", endpoint.Config{Troubles: -1}},
		{"Recent", endpoint.Config{Recent: -1}},
		{"Recent", endpoint.Config{Recent: 1<<20 + 1}},
		{"Destinations", endpoint.Config{Destinations: -1}},
		{"InFlight", endpoint.Config{InFlight: -1}},
		{"K", endpoint.Config{Quench: quench.Config{K: -1}}},
	} {
		e, err := endpoint.New(tt.c)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Field != tt.field || e != nil {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
	if _, err := endpoint.New(endpoint.Config{Octets: 1 << 20}); err != nil {
		t.Error(err)
	}
}

// other is an upper layer of another protocol.
type other struct {
	standing  stack.Standing
	delivered int
	reported  int
	ticked    int
	due       time.Time
}

func (o *other) Deliver(time.Time, *stack.Packet) stack.Acceptance {
	o.delivered++
	return stack.NoPort
}
func (o *other) Recognise(time.Time, *quote.Quote) stack.Standing { return o.standing }
func (o *other) Report(time.Time, *stack.Trouble)                 { o.reported++ }
func (o *other) Tick(time.Time)                                   { o.ticked++ }
func (o *other) Deadline() time.Time                              { return o.due }

// TestHandle: a protocol that is plugged in gets what is its own, and the rest
// stays unreachable.
func TestHandle(t *testing.T) {
	p := newPair(t, endpoint.Config{}, endpoint.Config{})
	o := &other{due: at(time.Minute)}
	o2 := &other{due: at(time.Second)}
	p.a.Handle(ip.ProtoGRE, o)
	p.a.Handle(ip.ProtoESP, o2)
	if got := p.a.Deliver(epoch, &stack.Packet{Proto: ip.ProtoGRE}); got != stack.NoPort || o.delivered != 1 {
		t.Errorf("delivered: %v", got)
	}
	if got := p.a.Deliver(epoch, &stack.Packet{Proto: ip.ProtoOSPF}); got != stack.NoProtocol {
		t.Errorf("another protocol: %v", got)
	}
	p.a.Tick(epoch)
	if o.ticked != 1 || o2.ticked != 1 || !p.a.Deadline().Equal(at(time.Second)) {
		t.Errorf("ticked %d and %d times, deadline %v", o.ticked, o2.ticked, p.a.Deadline())
	}
	q := quote.Quote{Src: addrA, Dst: addrB, Proto: ip.ProtoGRE, Present: quote.Addrs | quote.Proto}
	for _, s := range []stack.Standing{stack.Unrecognised, stack.InFlight, stack.Synchronised} {
		o.standing = s
		if got := p.a.Recognise(epoch, &q); got != s {
			t.Errorf("recognised as %v, want %v", got, s)
		}
	}
	p.a.Report(epoch, &stack.Trouble{Quote: &q})
	if o.reported != 1 || o2.reported != 0 {
		t.Errorf("reported %d and %d times", o.reported, o2.reported)
	}
	// What a raw socket has sent is recognised though the protocol does not.
	o.standing = stack.Unrecognised
	s := openICMP(t, p.a.Endpoint, nil)
	d, err := ip.Header4{TTL: 3, Proto: ip.ProtoGRE, Src: addrA, Dst: addrB}.AppendPacket(nil, make([]byte, 8))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendDatagram(epoch, d); err != nil {
		t.Fatal(err)
	}
	if got := p.a.Recognise(epoch, &q); got != stack.InFlight {
		t.Errorf("recognised as %v", got)
	}
	p.fault(epoch, p.a, icmp4.TimeExceeded{Quote: d})
	if _, ok := s.NextTrouble(); !ok || o.reported != 2 {
		t.Errorf("socket told %v, protocol %d times", ok, o.reported)
	}
	// And taken back.
	p.a.Handle(ip.ProtoESP, nil)
	p.a.Tick(epoch)
	if o.ticked != 2 || o2.ticked != 1 || !p.a.Deadline().Equal(at(time.Minute)) {
		t.Errorf("ticked %d and %d times, deadline %v", o.ticked, o2.ticked, p.a.Deadline())
	}
	if got := p.a.Deliver(epoch, &stack.Packet{Proto: ip.ProtoESP}); got != stack.NoProtocol {
		t.Errorf("after it was taken back: %v", got)
	}
}
