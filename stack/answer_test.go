package stack_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/clock"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

func echoRequest(id, seq uint16, n int) icmp4.Echo {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i * 7)
	}
	return icmp4.Echo{ID: id, Seq: seq, Data: data}
}

// isEchoReply fails unless s answers the request, from src.
func isEchoReply(t *testing.T, s sent, src, dst netip.Addr, q icmp4.Echo) ip.Header4 {
	t.Helper()
	h, m := icmp(t, s.octets)
	r, ok := m.(icmp4.Echo)
	if !ok || !r.Reply || r.Code != q.Code || r.ID != q.ID || r.Seq != q.Seq || !bytes.Equal(r.Data, q.Data) {
		t.Fatalf("sent %v, want the reply to %v", m, q)
	}
	if h.Src != src || h.Dst != dst {
		t.Fatalf("reply from %v to %v, want from %v to %v", h.Src, h.Dst, src, dst)
	}
	return h
}

func TestEcho(t *testing.T) {
	for _, row := range []string{"H-01", "E-09", "E-10", "E-11", "G-08"} {
		conform.Row(t, row)
	}
	second := netip.PrefixFrom(addr("10.0.1.99"), 24)
	for _, n := range []int{0, 1, 7, 56, 1472} {
		cfg := hostConfig()
		cfg.Interfaces[0].Addrs = append(cfg.Interfaces[0].Addrs, second)
		cfg.TTL = 77
		w := newWorld(t, cfg)
		for _, dst := range []netip.Addr{hostA, second.Addr()} {
			q := echoRequest(0xfffe, 0x1234, n)
			q.Code = 3
			d, err := ip.Enclose4(nil, ip.Header4{TTL: 1, TOS: 0xb9, DF: true, Proto: ip.ProtoICMP, Src: hostB, Dst: dst}, q)
			if err != nil {
				t.Fatal(err)
			}
			s := w.one(w.receive(0, d))
			h := isEchoReply(t, s, dst, hostB, q)
			if h.TOS != 0xb9 || h.TTL != 77 || h.DF || h.MF || h.FragOffset != 0 || len(h.Options) != 0 {
				t.Errorf("%d octets: header %v", n, h)
			}
			if s.NextHop != gateway || s.Iface != 0 || s.Origin.Kind != event.Answer || s.Origin.Rule() != "H-01" {
				t.Errorf("%d octets: transmitted %+v", n, s.Transmit)
			}
		}
	}
}

// Every address of a gateway answers, whichever interface the request comes by,
// and whatever its time to live is (G-01).
func TestEchoGateway(t *testing.T) {
	conform.Row(t, "G-08")
	conform.Row(t, "G-01")
	w := newWorld(t, gatewayConfig())
	for _, dst := range []netip.Addr{gateway, addr("10.0.2.1")} {
		for _, ttl := range []ip.TTL{0, 1, 64} {
			q := echoRequest(1, 2, 8)
			d, err := ip.Enclose4(nil, ip.Header4{TTL: ttl, Proto: ip.ProtoICMP, Src: hostA, Dst: dst}, q)
			if err != nil {
				t.Fatal(err)
			}
			s := w.one(w.receive(0, d))
			isEchoReply(t, s, dst, hostA, q)
			if s.Iface != 0 || s.NextHop != hostA {
				t.Errorf("leaves by %d to %v", s.Iface, s.NextHop)
			}
		}
	}
}

// The largest datagram is reassembled, answered, and fragmented again.
func TestEchoLargest(t *testing.T) {
	conform.Row(t, "H-01")
	conform.Row(t, "H-10")
	w := newWorld(t, hostConfig())
	q := echoRequest(9, 9, 65507)
	f, err := ip.NewFragmenter4(message(t, gateway, hostA, q), 1500)
	if err != nil {
		t.Fatal(err)
	}
	var out []sent
	for {
		part, ok := f.Next(nil)
		if !ok {
			break
		}
		if len(out) != 0 {
			t.Fatal("answered before the last fragment")
		}
		out = w.receive(0, part)
	}
	if len(out) != 45 {
		t.Fatalf("%d fragments left, want 45", len(out))
	}
	// Another node puts them together.
	other := hostConfig()
	other.Interfaces[0].Addrs = []netip.Prefix{netip.PrefixFrom(gateway, 24)}
	other.Routes = nil
	v := newWorld(t, other)
	for _, s := range out {
		if len(s.octets) > 1500 {
			t.Fatalf("a fragment of %d octets", len(s.octets))
		}
		v.receive(0, s.octets)
	}
	if len(v.up.packets) != 1 {
		t.Fatalf("%d packets", len(v.up.packets))
	}
	m, err := icmp4.ParseEcho(v.up.packets[0].Payload)
	if err != nil || !m.Reply || !bytes.Equal(m.Data, q.Data) {
		t.Errorf("%v, %v", m, err)
	}
	c := w.node.Counters()
	if c.IP[0][mib.OutFragOKs] != 1 || c.IP[0][mib.OutFragCreates] != 45 || c.IP[0][mib.OutFragReqds] != 1 || c.IP[0][mib.ReasmReqds] != 45 || c.IP[0][mib.ReasmOKs] != 1 {
		t.Errorf("counted %v", c.IP[0])
	}
	// One octet more than the MTU takes is two fragments, the MTU is one.
	w = newWorld(t, hostConfig())
	if n := len(w.receive(0, echo(t, gateway, hostA, 64, 1472))); n != 1 {
		t.Errorf("1500 octets: %d datagrams", n)
	}
	if n := len(w.receive(0, echo(t, gateway, hostA, 64, 1473))); n != 2 {
		t.Errorf("1501 octets: %d datagrams", n)
	}
}

func TestEchoOff(t *testing.T) {
	conform.Row(t, "H-01")
	cfg := hostConfig()
	cfg.NoEcho, cfg.NoTimestamp = true, true
	w := newWorld(t, cfg)
	if why := w.none(w.receive(0, echo(t, gateway, hostA, 64, 8))); why != mib.EchoOff {
		t.Errorf("echo: %v", why)
	}
	if why := w.none(w.receive(0, message(t, gateway, hostA, icmp4.TimestampMessage{}))); why != mib.TimestampOff {
		t.Errorf("timestamp: %v", why)
	}
	if len(w.up.packets) != 2 {
		t.Errorf("the upper layer saw %d messages, want both", len(w.up.packets))
	}
}

// TestBroadcastQueries: echo and timestamp to all are ignored, unless it is
// asked for; then an address of the interface answers.
func TestBroadcastQueries(t *testing.T) {
	for _, row := range []string{"H-02", "E-10"} {
		conform.Row(t, row)
	}
	for _, dst := range []string{"255.255.255.255", "10.0.1.255", "10.0.1.0", "224.0.0.1"} {
		for _, q := range []icmp4.Message{echoRequest(1, 1, 4), icmp4.TimestampMessage{ID: 1}} {
			want := mib.EchoBroadcast
			if _, ok := q.(icmp4.TimestampMessage); ok {
				want = mib.TimestampBroadcast
			}
			w := newWorld(t, hostConfig())
			if why := w.none(w.receiveCast(0, message(t, gateway, addr(dst), q), report.Broadcast)); why != want {
				t.Errorf("%v to %s: %v", q, dst, why)
			}
			cfg := hostConfig()
			cfg.AnswerBroadcast = true
			w = newWorld(t, cfg)
			h, m := icmp(t, w.one(w.receiveCast(0, message(t, gateway, addr(dst), q), report.Broadcast)).octets)
			if h.Src != hostA || h.Dst != gateway || m.Kind().Type != q.Kind().Type+1 && m.Kind().Type != icmp4.TypeEchoReply {
				t.Errorf("%v to %s: answered by %v from %v to %v", q, dst, m, h.Src, h.Dst)
			}
		}
	}
	// Groups that it is not in are nobody's business.
	w := newWorld(t, hostConfig())
	for _, dst := range []string{"224.0.0.2", "239.1.1.1"} {
		if why := w.none(w.receive(0, message(t, gateway, addr(dst), echoRequest(1, 1, 4)))); why != mib.NotJoined {
			t.Errorf("to %s: %v", dst, why)
		}
	}
	// The address of the receiving interface that is on the asker's network.
	cfg := hostConfig()
	cfg.AnswerBroadcast = true
	cfg.Interfaces[0].Addrs = append(cfg.Interfaces[0].Addrs, prefix("10.9.0.5/16"))
	w = newWorld(t, cfg)
	if h, _ := icmp(t, w.one(w.receive(0, message(t, addr("10.9.7.7"), addr("255.255.255.255"), echoRequest(1, 1, 4)))).octets); h.Src != addr("10.9.0.5") {
		t.Errorf("answered from %v", h.Src)
	}
}

func TestTimestamp(t *testing.T) {
	conform.Row(t, "H-12")
	q := icmp4.TimestampMessage{ID: 7, Seq: 8, Originate: 12345, Receive: 99, Transmit: 98}
	noon := icmp4.TimestampAt(12 * time.Hour)
	for _, c := range []struct {
		name  string
		clock clock.Clock
		after time.Duration
		want  icmp4.Timestamp
	}{
		{"right", clock.Clock{}, 0, noon},
		{"a fifteenth of a second later", clock.Clock{}, time.Second / 15, noon + 66},
		{"ahead", clock.Clock{Offset: 1500 * time.Millisecond}, 0, noon + 1500},
		{"behind", clock.Clock{Offset: -time.Hour}, 0, noon - 3600_000},
		{"past midnight", clock.Clock{}, 13 * time.Hour, 3600_000},
		{"fast", clock.Clock{Drift: 1e-3}, 100 * time.Second, noon + 100_100},
		{"swapped", clock.Clock{Swapped: true}, 0, 0x002e9302},
		{"seconds", clock.Clock{Unit: clock.Seconds}, 0, icmp4.Timestamp(epoch.Unix())},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := hostConfig()
			cfg.Clock = c.clock
			w := newWorld(t, cfg)
			w.poll() // the clock begins
			w.now = w.now.Add(c.after)
			s := w.one(w.receive(0, message(t, hostB, hostA, q)))
			h, m := icmp(t, s.octets)
			r, ok := m.(icmp4.TimestampMessage)
			if !ok || !r.Reply || r.ID != 7 || r.Seq != 8 || r.Originate != 12345 || r.Receive != c.want || r.Transmit != c.want {
				t.Errorf("sent %v, want %d twice", m, c.want)
			}
			if h.Src != hostA || h.Dst != hostB || s.Origin.Rule() != "H-12" {
				t.Errorf("from %v to %v by %s", h.Src, h.Dst, s.Origin.Rule())
			}
		})
	}
}

// TestInformation: LEGACY, and only when it is on.
func TestInformation(t *testing.T) {
	conform.Row(t, "H-14")
	q := icmp4.Info{ID: 3, Seq: 4}
	w := newWorld(t, hostConfig())
	if why := w.none(w.receive(0, message(t, gateway, hostA, q))); why != mib.InformationOff {
		t.Errorf("off: %v", why)
	}
	if why := w.none(w.receive(0, message(t, addr("0.0.0.5"), addr("255.255.255.255"), q))); why != mib.MartianSource {
		t.Errorf("off: %v", why)
	}
	cfg := hostConfig()
	cfg.Information = true
	for _, c := range []struct {
		src, dst, wantSrc, wantDst string
	}{
		{"10.0.1.1", "10.0.1.10", "10.0.1.10", "10.0.1.1"},
		{"0.0.0.5", "0.0.0.0", "10.0.1.10", "10.0.1.5"},
		{"0.0.0.5", "255.255.255.255", "10.0.1.10", "10.0.1.5"},
		{"0.0.0.0", "0.0.0.0", "10.0.1.10", "255.255.255.255"},
		{"10.0.1.77", "10.0.1.255", "10.0.1.10", "10.0.1.77"},
	} {
		w := newWorld(t, cfg)
		s := w.one(w.receive(0, message(t, addr(c.src), addr(c.dst), q)))
		h, m := icmp(t, s.octets)
		if r, ok := m.(icmp4.Info); !ok || !r.Reply || r.ID != 3 || r.Seq != 4 || h.Src != addr(c.wantSrc) || h.Dst != addr(c.wantDst) {
			t.Errorf("%s to %s: %v from %v to %v", c.src, c.dst, m, h.Src, h.Dst)
		}
		if s.Iface != 0 || s.NextHop != addr(c.wantDst) || s.Origin.Rule() != "H-14" {
			t.Errorf("%s to %s: %+v", c.src, c.dst, s.Transmit)
		}
	}
	// Nobody else may come from there.
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, echo(t, addr("0.0.0.5"), hostA, 64, 1))); why != mib.MartianSource {
		t.Errorf("echo from 0.0.0.5: %v", why)
	}
	if why := w.none(w.receive(0, echo(t, hostB, addr("0.0.0.0"), 64, 1))); why != mib.MartianDestination {
		t.Errorf("echo to 0.0.0.0: %v", why)
	}
}

// TestAddressMask: LEGACY, from an authority only.
func TestAddressMask(t *testing.T) {
	conform.Row(t, "H-13")
	conform.Row(t, "G-08")
	q := icmp4.AddressMask{ID: 5, Seq: 6}
	w := newWorld(t, hostConfig())
	for _, dst := range []netip.Addr{hostA, addr("255.255.255.255")} {
		if why := w.none(w.receive(0, message(t, gateway, dst, q))); why != mib.MaskOff {
			t.Errorf("off: %v", why)
		}
	}
	cfg := gatewayConfig()
	cfg.Interfaces[1].Mask = true
	cfg.Interfaces[1].Addrs = append(cfg.Interfaces[1].Addrs, prefix("10.7.0.1/20"))
	for _, c := range []struct {
		src, dst, wantSrc, wantDst string
		mask                       icmp4.Mask
	}{
		{"10.0.2.100", "10.0.2.1", "10.0.2.1", "10.0.2.100", 0xffffff00},
		{"10.0.2.100", "255.255.255.255", "10.0.2.1", "10.0.2.100", 0xffffff00},
		{"10.0.2.100", "10.0.1.1", "10.0.1.1", "10.0.2.100", 0xffffff00},
		{"10.7.3.3", "10.7.15.255", "10.7.0.1", "10.7.3.3", 0xfffff000},
		{"0.0.0.0", "255.255.255.255", "10.0.2.1", "255.255.255.255", 0xffffff00},
		{"0.0.0.0", "10.0.2.1", "10.0.2.1", "255.255.255.255", 0xffffff00},
	} {
		w := newWorld(t, cfg)
		s := w.one(w.receive(1, message(t, addr(c.src), addr(c.dst), q)))
		h, m := icmp(t, s.octets)
		if r, ok := m.(icmp4.AddressMask); !ok || !r.Reply || r.ID != 5 || r.Seq != 6 || r.Mask != c.mask || h.Src != addr(c.wantSrc) || h.Dst != addr(c.wantDst) {
			t.Errorf("%s to %s: %v from %v to %v", c.src, c.dst, m, h.Src, h.Dst)
		}
		if s.Iface != 1 || s.NextHop != addr(c.wantDst) || s.Origin.Rule() != "H-13" {
			t.Errorf("%s to %s: %+v", c.src, c.dst, s.Transmit)
		}
	}
	// The other interface is not the authority.
	w = newWorld(t, cfg)
	if why := w.none(w.receive(0, message(t, hostA, gateway, q))); why != mib.MaskOff {
		t.Errorf("interface 0: %v", why)
	}
	if why := w.none(w.receive(0, message(t, addr("0.0.0.0"), addr("255.255.255.255"), q))); why != mib.MartianSource {
		t.Errorf("interface 0: %v", why)
	}
	if c := w.node.Counters(); c.ICMP[0].InPkts[17] != 1 || c.ICMP[0].OutPkts[18] != 0 {
		t.Error("counted otherwise")
	}
}

// A reply without a way back is counted, and nothing leaves.
func TestReplyNoRoute(t *testing.T) {
	cfg := hostConfig()
	cfg.Routes = nil
	w := newWorld(t, cfg)
	if why := w.none(w.receive(0, echo(t, hostB, hostA, 64, 8))); why != mib.NoRouteOut {
		t.Errorf("silent because %v", why)
	}
	// A route for the request's type of service is the way back.
	cfg.Routes = []route.Route{
		{Prefix: prefix("10.0.2.0/24"), TOS: 0x10, Hops: []route.Hop{{Via: gateway}}},
		{Prefix: prefix("10.0.2.0/24"), Hops: []route.Hop{{Via: addr("10.0.1.2")}}},
	}
	w = newWorld(t, cfg)
	for tos, via := range map[uint8]netip.Addr{0x10: gateway, 0: addr("10.0.1.2"), 0x08: addr("10.0.1.2")} {
		d, err := ip.Enclose4(nil, ip.Header4{TTL: 9, TOS: tos, Proto: ip.ProtoICMP, Src: hostB, Dst: hostA}, echoRequest(1, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		if s := w.one(w.receive(0, d)); s.NextHop != via {
			t.Errorf("TOS %#x: by %v, want %v", tos, s.NextHop, via)
		}
	}
}

// TestLoopback: a node can ask itself.
func TestLoopback(t *testing.T) {
	w := newWorld(t, hostConfig())
	for _, dst := range []netip.Addr{hostA, addr("127.0.0.1"), hostA} {
		q := echoRequest(4, 5, 6)
		m, err := q.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.node.Send(w.now, &stack.Outgoing{Dst: dst, Proto: ip.ProtoICMP, Payload: m}); err != nil {
			t.Fatal(err)
		}
		if d := w.node.Deadline(); d.IsZero() || d.After(w.now) {
			t.Errorf("%v: nothing is due", dst)
		}
		w.none(w.poll())
		n := len(w.up.packets)
		if n < 2 {
			t.Fatalf("%v: %d packets", dst, n)
		}
		r, err := icmp4.ParseEcho(w.up.packets[n-1].Payload)
		if err != nil || !r.Reply || r.Seq != 5 || w.up.packets[n-1].Iface != stack.Loopback {
			t.Errorf("%v: %v, %v by %d", dst, r, err, w.up.packets[n-1].Iface)
		}
		w.up.packets = nil
	}
}

// TestEchoOfZeros: a reply that is zero but for its checksum has the one that
// holds: 0xffff, where counting the request's on would come to 0x0000.
func TestEchoOfZeros(t *testing.T) {
	conform.Row(t, "W-02")
	for _, n := range []int{0, 1, 2, 9} {
		w := newWorld(t, hostConfig())
		b := datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: ip.ProtoICMP}, append([]byte{8, 0, 0xf7, 0xff, 0, 0, 0, 0}, make([]byte, n)...))
		out := w.one(w.receive(0, b)).octets[ip.MinHeaderLen4:]
		if out[0] != 0 || out[2] != 0xff || out[3] != 0xff {
			t.Errorf("%d octets: %x", n, out)
		}
		if n > 0 { // the other zero holds as soon as anything is not zero
			b := datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: ip.ProtoICMP}, append([]byte{8, 0, 0xf7, 0xff, 0, 0, 0, 0}, append(make([]byte, n+n%2), 0xff, 0xff)...))
			if out := w.one(w.receive(0, b)).octets[ip.MinHeaderLen4:]; out[2] != 0 || out[3] != 0 {
				t.Errorf("%d octets and 0xffff: %x", n, out)
			}
		}
	}
}
