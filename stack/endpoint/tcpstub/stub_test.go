package tcpstub_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		field string
		c     tcpstub.Config
	}{
		{"Conns", tcpstub.Config{Conns: -1}},
		{"MSS", tcpstub.Config{MSS: -1}},
		{"MSS", tcpstub.Config{MSS: 65496}},
		{"Window", tcpstub.Config{Window: -1}},
		{"Window", tcpstub.Config{Window: 65536}},
		{"Retries", tcpstub.Config{Retries: -1}},
		{"Retries", tcpstub.Config{Retries: 31}},
		{"RTO", tcpstub.Config{RTO: -1}},
		{"K", tcpstub.Config{Quench: quench.Config{K: -1}}},
	} {
		s, err := tcpstub.New(tt.c)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Field != tt.field || s != nil {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
	if _, err := tcpstub.New(tcpstub.Config{MSS: 65495, Window: 65535, Retries: 30}); err != nil {
		t.Error(err)
	}
}

// TestTransfer: octets at the rate that was asked for, in both families.
func TestTransfer(t *testing.T) {
	for _, dst := range []netip.Addr{addrB, b6} {
		p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
		c := p.connected(dst, 100_000)
		p.run(at(10 * time.Second))
		st, mss := c.Stats(), 1460
		if dst.Is6() {
			mss = 1440
		}
		// All that fills segments by the end, but for what is on its way.
		if st.Acked < 1_000_000-4*1460 || st.Acked > 1_000_000 || st.Resent != 0 || st.MSS != mss || st.Octets != st.Segments*uint64(mss) {
			t.Errorf("%+v", st)
		}
		peer := p.peer()
		if got := peer.Stats().Received; got < st.Acked || got > st.Octets {
			t.Errorf("peer has %d octets, %d were acknowledged", got, st.Acked)
		}
		if peer.Local() != c.Remote() || peer.Remote() != c.Local() || c.Local().Port() < 49152 || c.Err() != nil || peer.State() != tcpstub.Established {
			t.Errorf("%v > %v, peer %v > %v, %v", c.Local(), c.Remote(), peer.Local(), peer.Remote(), peer.State())
		}
	}
}

// TestServe: the listener sends at the rate that Listen was given.
func TestServe(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	if err := p.b.Listen(80, 50_000); err != nil {
		t.Fatal(err)
	}
	c, err := p.a.Connect(epoch, addrPort(addrB, 80), 0)
	if err != nil {
		t.Fatal(err)
	}
	p.run(at(10 * time.Second))
	if got := c.Stats().Received; got < 490_000 || got > 500_000 || c.Stats().Segments != 0 {
		t.Errorf("%+v", c.Stats())
	}
}

// TestWindow: no more is in flight than the window.
func TestWindow(t *testing.T) {
	p := newPair(t, tcpstub.Config{Window: 5000, MSS: 1000}, tcpstub.Config{})
	p.delay = 50 * time.Millisecond
	c := p.connected(addrB, 1<<40)
	p.run(at(10*time.Second + 100*time.Millisecond))
	una, next := c.Window()
	if next-una != 5000 {
		t.Errorf("%d in flight", next-una)
	}
	// 5,000 octets in each round trip of 100 ms.
	if got := c.Stats().Acked; got < 490_000 || got > 500_000 {
		t.Errorf("%d octets in 10 s", got)
	}
	// A window of less than a segment still lets one go.
	p = newPair(t, tcpstub.Config{Window: 10}, tcpstub.Config{})
	c = p.connected(addrB, 100_000)
	p.run(at(time.Second))
	if c.Stats().Acked == 0 {
		t.Error("nothing goes")
	}
}

// TestLoss: what is lost is sent again, and arrives.
func TestLoss(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	n := 0
	p.lose = func(d []byte) bool { n++; return len(d) > 1000 && n%20 == 0 }
	c := p.connected(addrB, 200_000)
	p.run(at(30 * time.Second))
	st := c.Stats()
	if st.Resent == 0 || st.Acked < 5_500_000 || p.peer().Stats().Received < st.Acked {
		t.Errorf("%+v", st)
	}
	// An acknowledgement that is lost is made up for by the next.
	p = newPair(t, tcpstub.Config{}, tcpstub.Config{})
	n = 0
	p.lose = func(d []byte) bool { n++; return len(d) == 40 && n > 10 && n%3 == 0 }
	c = p.connected(addrB, 200_000)
	p.run(at(10 * time.Second))
	if c.Stats().Acked < 1_950_000 {
		t.Errorf("%+v", c.Stats())
	}
}

// TestHandshakeLoss: each segment of the handshake, lost once.
func TestHandshakeLoss(t *testing.T) {
	for lost := range 3 {
		p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
		n := -1
		p.lose = func([]byte) bool { n++; return n == lost }
		if err := p.b.Listen(80, 0); err != nil {
			t.Fatal(err)
		}
		c, err := p.a.Connect(epoch, addrPort(addrB, 80), 10_000)
		if err != nil {
			t.Fatal(err)
		}
		p.run(at(10 * time.Second))
		if c.State() != tcpstub.Established || p.peer().State() != tcpstub.Established || c.Stats().Acked < 50_000 {
			t.Errorf("segment %d lost: %v and %v, %d octets", lost, c.State(), p.peer().State(), c.Stats().Acked)
		}
	}
}

// TestTimeout: given up after so many tries, in every state.
func TestTimeout(t *testing.T) {
	p := newPair(t, tcpstub.Config{Retries: 2}, tcpstub.Config{Retries: 2})
	if err := p.b.Listen(80, 0); err != nil {
		t.Fatal(err)
	}
	p.lose = func([]byte) bool { return true }
	c, err := p.a.Connect(epoch, addrPort(addrB, 80), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	p.run(at(7*time.Second - 1)) // 1 + 2 + 4
	if c.State() != tcpstub.SynSent || len(p.sent) != 3 {
		t.Errorf("%v after %d tries", c.State(), len(p.sent))
	}
	p.run(at(7 * time.Second))
	if c.State() != tcpstub.Aborted || !errors.Is(c.Err(), tcpstub.ErrTimeout) {
		t.Errorf("%v, %v", c.State(), c.Err())
	}
	if !p.a.Deadline().IsZero() {
		t.Errorf("deadline %v with nothing left", p.a.Deadline())
	}
	p.lose = nil
	p = newPair(t, tcpstub.Config{Retries: 2}, tcpstub.Config{})
	c = p.connected(addrB, 10_000)
	p.lose = func([]byte) bool { return true }
	p.run(at(time.Minute))
	if c.State() != tcpstub.Aborted || !errors.Is(c.Err(), tcpstub.ErrTimeout) || c.Stats().Resent == 0 {
		t.Errorf("%v, %v, %+v", c.State(), c.Err(), c.Stats())
	}
	// What the other end still sends is refused, and that ends it there too.
	p.lose = nil
	p.b.Listen(81, 10_000)
	c2, err := p.a.Connect(p.now, addrPort(addrB, 81), 0)
	if err != nil {
		t.Fatal(err)
	}
	p.run(p.now.Add(time.Second))
	if c2.State() != tcpstub.Established {
		t.Fatal(c2.State())
	}
}

// TestRefused: nobody listens.
func TestRefused(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	c, err := p.a.Connect(epoch, addrPort(addrB, 80), 0)
	if err != nil {
		t.Fatal(err)
	}
	p.run(at(time.Second))
	if c.State() != tcpstub.Aborted || !errors.Is(c.Err(), tcpstub.ErrReset) || c.State().String() != "aborted" {
		t.Errorf("%v, %v", c.State(), c.Err())
	}
}

// TestReset: only one with the exact sequence number ends a connection.
func TestReset(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	c := p.connected(addrB, 0)
	p.run(at(time.Second))
	_, next := p.peer().Window()
	reset := func(seq uint32) {
		b, err := transport.TCP{SrcPort: 80, DstPort: c.Local().Port(), Seq: seq, Flags: transport.RST}.AppendPacket(nil, addrB, addrA, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ip.Header4{TTL: 9, Proto: ip.ProtoTCP, Src: addrB, Dst: addrA}.AppendPacket(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		p.a.node.Receive(p.now, stack.Datagram{Octets: d})
	}
	for _, off := range []uint32{^uint32(0), 1, 1000} {
		if reset(next + off); c.State() != tcpstub.Established {
			t.Fatalf("reset %d off: %v", int32(off), c.State())
		}
	}
	if reset(next); c.State() != tcpstub.Aborted || !errors.Is(c.Err(), tcpstub.ErrReset) {
		t.Errorf("%v, %v", c.State(), c.Err())
	}
}

// TestRefusals: what Connect and Listen say.
func TestRefusals(t *testing.T) {
	s, err := tcpstub.New(tcpstub.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Connect(epoch, addrPort(addrB, 1), 0); !errors.Is(err, tcpstub.ErrDetached) {
		t.Errorf("without a node: %v", err)
	}
	p := newPair(t, tcpstub.Config{Conns: 2}, tcpstub.Config{})
	if err := p.a.Listen(0, 0); !errors.Is(err, tcpstub.ErrInUse) {
		t.Errorf("port 0: %v", err)
	}
	if err := errors.Join(p.a.Listen(80, 0), p.b.Listen(80, 0)); err != nil {
		t.Fatal(err)
	}
	if err := p.a.Listen(80, 0); !errors.Is(err, tcpstub.ErrInUse) {
		t.Errorf("again: %v", err)
	}
	if _, err := p.a.Connect(epoch, addrPort(far, 80), 0); !errors.Is(err, stack.ErrNoRoute) {
		t.Errorf("no route: %v", err)
	}
	refused, err := p.a.Connect(epoch, addrPort(addrB, 81), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.a.Connect(epoch, addrPort(addrB, 80), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := p.a.Connect(epoch, addrPort(addrB, 80), 0); !errors.Is(err, tcpstub.ErrConns) {
		t.Errorf("a third of two: %v", err)
	}
	p.run(at(time.Second))
	if refused.State() != tcpstub.Aborted {
		t.Fatal(refused.State())
	}
	third, err := p.a.Connect(p.now, addrPort(addrB, 80), 0)
	if err != nil {
		t.Fatalf("in the place of one that was aborted: %v", err)
	}
	n := 0
	for c := range p.a.Conns() {
		if c == refused {
			t.Error("the aborted one is still there")
		}
		if n++; n == 2 && c != third {
			t.Error("not in the order they were made")
		}
	}
	for range p.a.Conns() {
		break
	}
	// A listener without room stays silent.
	p.run(p.now.Add(time.Second))
	c, err := p.b.Connect(p.now, addrPort(addrA, 80), 0)
	if err != nil {
		t.Fatal(err)
	}
	p.run(p.now.Add(500 * time.Millisecond))
	if k := p.a.node.Counters(); c.State() != tcpstub.SynSent || k.Dropped(mib.EndpointFull) == 0 {
		t.Errorf("%v", c.State())
	}
}

// TestBadSegments: checksum and length are verified.
func TestBadSegments(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	if _, err := p.a.Connect(epoch, addrPort(addrB, 80), 0); err != nil {
		t.Fatal(err)
	}
	d, _, ok := p.a.node.Poll(epoch, nil)
	if !ok {
		t.Fatal("no SYN")
	}
	bad := bytes.Clone(d)
	bad[39] ^= 1
	p.b.node.Receive(epoch, stack.Datagram{Octets: bad})
	short := bytes.Clone(d)
	short[32] = 0x40
	p.b.node.Receive(epoch, stack.Datagram{Octets: short})
	c := p.b.node.Counters()
	if c.Dropped(mib.TransportChecksum) != 1 || c.Dropped(mib.TransportShort) != 1 {
		t.Errorf("%d bad checksums, %d short", c.Dropped(mib.TransportChecksum), c.Dropped(mib.TransportShort))
	}
	if _, _, ok := p.b.node.Poll(epoch, nil); ok {
		t.Error("answered")
	}
}

func TestAllocs(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	c := p.connected(addrB, 1_000_000)
	p.run(at(time.Second))
	p.wire = nil
	buf := make([]byte, 0, 2048)
	now := p.now
	step := func() {
		now = now.Add(1460 * time.Microsecond)
		p.a.end.Tick(now)
		for _, way := range [2][2]*host{{&p.a, &p.b}, {&p.b, &p.a}} {
			for {
				d, _, ok := way[0].node.Poll(now, buf)
				if !ok {
					break
				}
				way[1].node.Receive(now, stack.Datagram{Octets: d})
			}
		}
	}
	step()
	before := c.Stats().Acked
	wiretest.NoAllocs(t, "a segment and its acknowledgement", step)
	if c.Stats().Acked == before {
		t.Error("nothing was sent")
	}
}

func TestStateString(t *testing.T) {
	for s, want := range map[tcpstub.State]string{
		tcpstub.SynSent: "syn-sent", tcpstub.SynReceived: "syn-received", tcpstub.Established: "established", tcpstub.Aborted: "aborted", 9: "unknown",
	} {
		if s.String() != want {
			t.Errorf("%d: %q", s, s)
		}
	}
}

// segment delivers a segment from b to a, made by hand.
func (p *pair) segment(to uint16, s transport.TCP, data []byte) {
	p.Helper()
	s.SrcPort, s.DstPort = 80, to
	b, err := s.AppendPacket(nil, addrB, addrA, data)
	if err != nil {
		p.Fatal(err)
	}
	d, err := ip.Header4{TTL: 9, Proto: ip.ProtoTCP, Src: addrB, Dst: addrA}.AppendPacket(nil, b)
	if err != nil {
		p.Fatal(err)
	}
	p.a.node.Receive(p.now, stack.Datagram{Octets: d})
}

// answer reads the next segment that a sends.
func (p *pair) answer() (s transport.TCP, ok bool) {
	p.Helper()
	d, _, ok := p.a.node.Poll(p.now, nil)
	if !ok {
		return s, false
	}
	h, payload, err := ip.Parse4(d)
	if err != nil {
		p.Fatal(err)
	}
	if s, _, err = transport.ParseTCP(payload, h.Src, h.Dst); err != nil {
		p.Fatal(err)
	}
	return s, true
}

// TestReset9293: how a segment of no connection is refused.
func TestReset9293(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	for _, tt := range []struct {
		in       transport.TCP
		data     int
		flags    transport.TCPFlags
		seq, ack uint32
	}{
		{transport.TCP{Seq: 100, Ack: 77, Flags: transport.ACK}, 5, transport.RST, 77, 0},
		{transport.TCP{Seq: 100, Flags: transport.SYN}, 0, transport.RST | transport.ACK, 0, 101},
		{transport.TCP{Seq: 100, Flags: transport.PSH}, 5, transport.RST | transport.ACK, 0, 105},
	} {
		p.segment(9, tt.in, make([]byte, tt.data))
		if s, ok := p.answer(); !ok || s.Flags != tt.flags || s.Seq != tt.seq || s.Ack != tt.ack || s.SrcPort != 9 || s.DstPort != 80 {
			t.Errorf("to %v: %v, %v", tt.in, ok, s)
		}
	}
	p.segment(9, transport.TCP{Seq: 1, Flags: transport.RST}, nil)
	if s, ok := p.answer(); ok {
		t.Errorf("a reset was answered: %v", s)
	}
	// A SYN that acknowledges something opens nothing.
	if err := p.a.Listen(9, 0); err != nil {
		t.Fatal(err)
	}
	p.segment(9, transport.TCP{Seq: 1, Ack: 5, Flags: transport.SYN | transport.ACK}, nil)
	if s, _ := p.answer(); s.Flags != transport.RST || s.Seq != 5 {
		t.Errorf("answer %v", s)
	}
}

// TestOpening: what does not open a connection, and what does.
func TestOpening(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	c, err := p.a.Connect(epoch, addrPort(addrB, 80), 0)
	if err != nil {
		t.Fatal(err)
	}
	syn, _ := p.answer()
	iss, _ := c.Window()
	if syn.Flags != transport.SYN || syn.Seq != iss || syn.Window != 65535 {
		t.Errorf("%v", syn)
	}
	to := c.Local().Port()
	for _, s := range []transport.TCP{
		{Seq: 900, Flags: transport.SYN},
		{Seq: 900, Ack: iss + 1, Flags: transport.ACK},
		{Seq: 900, Ack: iss, Flags: transport.SYN | transport.ACK},
		{Seq: 900, Ack: iss + 2, Flags: transport.SYN | transport.ACK},
		{Seq: 900, Flags: transport.RST},
		{Seq: 900, Ack: iss + 2, Flags: transport.RST | transport.ACK},
	} {
		p.segment(to, s, nil)
		if _, ok := p.answer(); ok || c.State() != tcpstub.SynSent {
			t.Errorf("%v: %v, answered %v", s, c.State(), ok)
		}
	}
	p.segment(to, transport.TCP{Seq: 900, Ack: iss + 1, Flags: transport.SYN | transport.ACK}, nil)
	if s, ok := p.answer(); !ok || s.Flags != transport.ACK || s.Seq != iss+1 || s.Ack != 901 || c.State() != tcpstub.Established {
		t.Errorf("%v, %v", c.State(), s)
	}
	// The same again, for the acknowledgement was lost.
	p.segment(to, transport.TCP{Seq: 900, Ack: iss + 1, Flags: transport.SYN | transport.ACK}, nil)
	if s, ok := p.answer(); !ok || s.Flags != transport.ACK || s.Seq != iss+1 || s.Ack != 901 {
		t.Errorf("again: %v, %v", ok, s)
	}
	// Data in order, out of order, twice; each is acknowledged.
	for _, tt := range []struct{ seq, ack uint32 }{{901, 904}, {910, 904}, {901, 904}, {904, 907}} {
		p.segment(to, transport.TCP{Seq: tt.seq, Ack: iss + 1, Flags: transport.ACK}, make([]byte, 3))
		if s, ok := p.answer(); !ok || s.Ack != tt.ack || s.Flags != transport.ACK {
			t.Errorf("data at %d: %v, %v", tt.seq, ok, s)
		}
	}
	if c.Stats().Received != 6 {
		t.Errorf("%d octets received", c.Stats().Received)
	}
	// Without ACK nothing counts.
	p.segment(to, transport.TCP{Seq: 907}, make([]byte, 3))
	if _, ok := p.answer(); ok || c.Stats().Received != 6 {
		t.Error("a segment without ACK was taken")
	}
}

// TestAccept: the listener's half of the handshake.
func TestAccept(t *testing.T) {
	p := newPair(t, tcpstub.Config{}, tcpstub.Config{})
	if err := p.a.Listen(9, 0); err != nil {
		t.Fatal(err)
	}
	p.segment(9, transport.TCP{Seq: 100, Flags: transport.SYN}, nil)
	s, ok := p.answer()
	var c *tcpstub.Conn
	for c = range p.a.Conns() {
		break
	}
	iss, _ := c.Window()
	if !ok || s.Flags != transport.SYN|transport.ACK || s.Seq != iss || s.Ack != 101 || c.State() != tcpstub.SynReceived {
		t.Fatalf("%v, %v", s, c.State())
	}
	for _, in := range []transport.TCP{
		{Seq: 101, Ack: iss, Flags: transport.ACK},
		{Seq: 101, Ack: iss + 2, Flags: transport.ACK},
		{Seq: 100, Ack: iss + 1, Flags: transport.SYN | transport.ACK},
		{Seq: 100, Flags: transport.RST},
	} {
		if p.segment(9, in, nil); c.State() != tcpstub.SynReceived {
			t.Fatalf("%v: %v", in, c.State())
		}
	}
	// Not synchronised yet: a hard error ends it.
	p.segment(9, transport.TCP{Seq: 101, Ack: iss + 1, Flags: transport.ACK}, nil)
	if c.State() != tcpstub.Established || !p.a.Deadline().IsZero() {
		t.Errorf("%v, deadline %v", c.State(), p.a.Deadline())
	}
}

// TestFastResend: three acknowledgements of the same, and not two.
func TestFastResend(t *testing.T) {
	p := newPair(t, tcpstub.Config{MSS: 100}, tcpstub.Config{})
	c, err := p.a.Connect(epoch, addrPort(addrB, 80), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	p.answer()
	iss, _ := c.Window()
	to := c.Local().Port()
	p.segment(to, transport.TCP{Seq: 900, Ack: iss + 1, Flags: transport.SYN | transport.ACK}, nil)
	p.answer()
	p.now = p.now.Add(5 * time.Millisecond)
	p.a.Tick(p.now)
	for i := range uint32(5) {
		if s, ok := p.answer(); !ok || s.Seq != iss+1+100*i {
			t.Fatalf("segment %d: %v, %v", i, ok, s)
		}
	}
	dup := transport.TCP{Seq: 901, Ack: iss + 1, Flags: transport.ACK}
	p.segment(to, dup, nil)
	p.segment(to, dup, nil)
	p.segment(to, transport.TCP{Seq: 901, Ack: iss + 1, Flags: transport.ACK}, []byte("data")) // counts as none
	p.answer()
	if _, ok := p.answer(); ok || c.Stats().Resent != 0 {
		t.Fatal("sent again after two")
	}
	p.segment(to, transport.TCP{Seq: 905, Ack: iss + 1, Flags: transport.ACK}, nil)
	if s, ok := p.answer(); !ok || s.Seq != iss+1 || c.Stats().Resent != 5 {
		t.Errorf("%v, %v, %d sent again", ok, s, c.Stats().Resent)
	}
	for range 4 {
		p.answer()
	}
	// An acknowledgement of what was not sent counts for nothing.
	p.segment(to, transport.TCP{Seq: 905, Ack: iss + 502, Flags: transport.ACK}, nil)
	if c.Stats().Acked != 0 {
		t.Errorf("%d acknowledged", c.Stats().Acked)
	}
	p.segment(to, transport.TCP{Seq: 905, Ack: iss + 501, Flags: transport.ACK}, nil)
	if una, next := c.Window(); c.Stats().Acked != 500 || una != next || una != iss+501 {
		t.Errorf("%d acknowledged, window %d to %d", c.Stats().Acked, una-iss, next-iss)
	}
}

// TestResendTime: what is not acknowledged is sent again after one second, two
// more, four more.
func TestResendTime(t *testing.T) {
	p := newPair(t, tcpstub.Config{MSS: 100}, tcpstub.Config{})
	c := p.connected(addrB, 1000)
	p.lose = func([]byte) bool { return true }
	p.run(at(110 * time.Millisecond)) // 100 octets are there
	p.sent = nil
	if got := c.Stats(); got.Segments != 1 {
		t.Fatalf("%+v", got)
	}
	// The first was sent 100 ms after the handshake, which took 10 ms.
	first := at(110 * time.Millisecond)
	for i, after := range []time.Duration{time.Second, 3 * time.Second, 7 * time.Second} {
		p.run(first.Add(after - 1))
		before := c.Stats().Resent
		p.run(first.Add(after))
		if c.Stats().Resent == before {
			t.Errorf("not sent again for the time %d after %v", i+1, after)
		}
	}
}

// TestLittleQueue: a node that takes no more is asked again.
func TestLittleQueue(t *testing.T) {
	p := newPair(t, tcpstub.Config{MSS: 100}, tcpstub.Config{})
	c := p.connected(addrB, 1<<31)
	p.a.node.SetDown(0, true)
	p.now = p.now.Add(time.Second)
	p.a.Tick(p.now)
	before := c.Stats().Segments
	if want := p.now.Add(10 * time.Millisecond); !p.a.Deadline().Equal(want) {
		t.Errorf("deadline %v, want %v", p.a.Deadline(), want)
	}
	p.a.node.SetDown(0, false)
	p.now = p.now.Add(10 * time.Millisecond)
	p.a.Tick(p.now)
	// So many leave in one call, and the rest at once in the next.
	if got := c.Stats().Segments - before; got != 64 || !p.a.Deadline().Equal(p.now) {
		t.Errorf("%d segments, deadline %v", got, p.a.Deadline())
	}
}
