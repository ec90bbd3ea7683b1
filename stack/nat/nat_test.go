package nat_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestThereAndBack sends a datagram of each protocol out and its answer in.
func TestThereAndBack(t *testing.T) {
	conform.Row(t, "G-13")
	h, p := addrPort(host, 40000), addrPort(peer, 53)
	for _, tt := range []struct {
		name     string
		out      []byte
		in       func(port uint16) []byte
		id, peer uint16
	}{
		{"udp", udp(t, h, p, "query"), func(o uint16) []byte { return udp(t, p, addrPort(outside, o), "answer") }, 40000, 53},
		{"tcp", tcp(t, h, p, transport.SYN), func(o uint16) []byte { return tcp(t, p, addrPort(outside, o), transport.SYN|transport.ACK) }, 40000, 53},
		{"echo", icmp(t, host, peer, icmp4.Echo{ID: 7, Seq: 1, Data: []byte("x")}), func(o uint16) []byte {
			return icmp(t, peer, outside, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: o, Seq: 1, Data: []byte("x")})
		}, 7, 0},
		{"timestamp", icmp(t, host, peer, icmp4.TimestampMessage{ID: 7, Originate: 5}), func(o uint16) []byte {
			return icmp(t, peer, outside, icmp4.TimestampMessage{Reply: true, ID: o, Originate: 5, Receive: 6, Transmit: 6})
		}, 7, 0},
		{"information", icmp(t, host, peer, icmp4.Info{ID: 7}), func(o uint16) []byte {
			return icmp(t, peer, outside, icmp4.Info{Reply: true, ID: o})
		}, 7, 0},
		{"mask", icmp(t, host, peer, icmp4.AddressMask{ID: 7}), func(o uint16) []byte {
			return icmp(t, peer, outside, icmp4.AddressMask{Reply: true, ID: o, Mask: 0xffffff00})
		}, 7, 0},
		{"extended echo", icmp(t, host, peer, icmp4.ExtendedEchoRequest{ID: 7, Ext: make([]byte, 12)}), func(o uint16) []byte {
			return icmp(t, peer, outside, icmp4.ExtendedEchoReply{ID: o})
		}, 7, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := translator(t, nat.Config{Seed: 1})
			d := bytes.Clone(tt.out)
			port := out(t, n, epoch, d)
			w := want{outside, peer, port, tt.peer}
			back := want{peer, host, tt.peer, tt.id}
			if tt.peer == 0 {
				w.dstPort, back.srcPort = port, tt.id
			}
			check(t, d, w)
			if d[8] != tt.out[8] || !bytes.Equal(d[:8], tt.out[:8]) {
				t.Error("more of the header has changed than the source")
			}
			r := tt.in(port)
			if why := n.Inbound(epoch, r); why != mib.None {
				t.Fatalf("inbound: %v", why)
			}
			check(t, r, back)
			if n.Len(epoch) != 1 {
				t.Errorf("%d mappings, want 1", n.Len(epoch))
			}
		})
	}
}

// TestEndpointIndependent: one mapping for an inside port, whoever the peer is,
// and every peer may use it (RFC 4787 REQ-1, REQ-8).
func TestEndpointIndependent(t *testing.T) {
	n := translator(t, nat.Config{})
	h := addrPort(host, 40000)
	a := out(t, n, epoch, udp(t, h, addrPort(peer, 53), "x"))
	if b := out(t, n, epoch, udp(t, h, addrPort(far, 99), "x")); a != b {
		t.Errorf("ports %d and %d to different peers", a, b)
	}
	if b := out(t, n, epoch, udp(t, addrPort(other, 40000), addrPort(peer, 53), "x")); a == b {
		t.Errorf("port %d for two hosts", a)
	}
	if b := out(t, n, epoch, udp(t, addrPort(host, 40001), addrPort(peer, 53), "x")); a == b {
		t.Errorf("port %d for two ports", a)
	}
	out(t, n, epoch, tcp(t, h, addrPort(peer, 53), transport.SYN))
	if n.Len(epoch) != 4 {
		t.Errorf("%d mappings, want 4", n.Len(epoch))
	}
	d := udp(t, addrPort(netip.MustParseAddr("203.0.113.200"), 1), addrPort(outside, a), "stranger")
	if why := n.Inbound(epoch, d); why != mib.None {
		t.Errorf("a stranger's datagram: %v", why)
	}
}

// TestPassesBy: what is not from inside, and what no mapping is for.
func TestPassesBy(t *testing.T) {
	n := translator(t, nat.Config{})
	for name, d := range map[string][]byte{
		"from outside":      udp(t, addrPort(peer, 1), addrPort(far, 2), "x"),
		"the gateway's own": udp(t, addrPort(outside, 1), addrPort(far, 2), "x"),
		"its own error": icmp(t, outside, far, icmp4.DestUnreachable{
			Code: icmp4.CodePortUnreachable, Quote: udp(t, addrPort(far, 1), addrPort(outside, 2), "x"),
		}),
	} {
		before := bytes.Clone(d)
		if why := n.Outbound(epoch, d); why != mib.None || !bytes.Equal(d, before) {
			t.Errorf("%s: %v, changed %v", name, why, !bytes.Equal(d, before))
		}
	}
	port := out(t, n, epoch, udp(t, addrPort(host, 40000), addrPort(peer, 53), "x"))
	for name, d := range map[string][]byte{
		"another address":     udp(t, addrPort(peer, 53), addrPort(far, port), "x"),
		"another port":        udp(t, addrPort(peer, 53), addrPort(outside, port+1), "x"),
		"another protocol":    tcp(t, addrPort(peer, 53), addrPort(outside, port), transport.SYN),
		"query to the nat":    icmp(t, peer, outside, icmp4.Echo{ID: port}),
		"reply without query": icmp(t, peer, outside, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: port}),
		"protocol 47":         packet(t, ip.ProtoGRE, peer, outside, make([]byte, 30)),
		"redirect": icmp(t, peer, outside, icmp4.Redirect{
			Code: icmp4.CodeRedirectHost, Gateway: far, Quote: udp(t, addrPort(outside, port), addrPort(peer, 53), "x"),
		}),
	} {
		before := bytes.Clone(d)
		if why := n.Inbound(epoch, d); why != mib.NATUnmatched || !bytes.Equal(d, before) {
			t.Errorf("%s: %v, changed %v", name, why, !bytes.Equal(d, before))
		}
	}
	// Without prefixes everything but the outside address is inside.
	c, err := nat.New(nat.Config{Outside: outside})
	if err != nil {
		t.Fatal(err)
	}
	if d := udp(t, addrPort(far, 1), addrPort(peer, 2), "x"); c.Outbound(epoch, d) != mib.None || c.Len(epoch) != 1 {
		t.Error("not translated")
	}
	if d := udp(t, addrPort(outside, 1), addrPort(peer, 2), "x"); c.Outbound(epoch, d) != mib.None || c.Len(epoch) != 1 {
		t.Error("the gateway's own is translated")
	}
}

func TestUntranslatable(t *testing.T) {
	n := translator(t, nat.Config{})
	short := udp(t, addrPort(host, 1), addrPort(peer, 2), "x")
	cutHeader := bytes.Clone(short)
	cutHeader[0] = 0x4f // 60 octets of header
	small := bytes.Clone(short)
	small[0] = 0x44
	six := bytes.Clone(short)
	six[0] = 0x65
	beyond := bytes.Clone(short)
	binary.BigEndian.PutUint16(beyond[2:], uint16(len(beyond)+1))
	less := bytes.Clone(short)
	binary.BigEndian.PutUint16(less[2:], 19)
	for name, d := range map[string][]byte{
		"nothing":        nil,
		"19 octets":      short[:19],
		"header cut":     cutHeader,
		"header small":   small,
		"version":        six,
		"too long":       beyond,
		"below header":   less,
		"protocol 47":    packet(t, ip.ProtoGRE, host, peer, make([]byte, 30)),
		"no UDP header":  packet(t, ip.ProtoUDP, host, peer, make([]byte, 7)),
		"no TCP header":  packet(t, ip.ProtoTCP, host, peer, make([]byte, 19)),
		"no ICMP header": packet(t, ip.ProtoICMP, host, peer, []byte{8, 0, 0, 0, 0, 0, 0}),
		"no ICMP":        packet(t, ip.ProtoICMP, host, peer, nil),
		"redirect": icmp(t, host, peer, icmp4.Redirect{
			Gateway: far, Quote: udp(t, addrPort(peer, 1), addrPort(host, 2), "x"),
		}),
		"advertisement": icmp(t, host, peer, icmp4.RouterAdvertisement{}),
	} {
		before := bytes.Clone(d)
		if why := n.Outbound(epoch, d); why != mib.NATUntranslatable || !bytes.Equal(d, before) {
			t.Errorf("%s: %v", name, why)
		}
	}
	if why := n.Outbound(epoch, icmp(t, host, peer, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: 3})); why != mib.NATUnmatched {
		t.Errorf("reply to nothing: %v", why)
	}
	if why := n.Inbound(epoch, short[:19]); why != mib.NATUntranslatable {
		t.Errorf("inbound, cut: %v", why)
	}
	for name, p := range map[string]ip.Proto{"UDP": ip.ProtoUDP, "TCP": ip.ProtoTCP, "ICMP": ip.ProtoICMP} {
		if why := n.Inbound(epoch, packet(t, p, peer, outside, []byte{0, 0, 0, 0, 0})); why != mib.NATUnmatched {
			t.Errorf("inbound, %s without header: %v", name, why)
		}
	}
	if n.Len(epoch) != 0 {
		t.Errorf("%d mappings", n.Len(epoch))
	}
	// At the boundary they are whole.
	for p, size := range map[ip.Proto]int{ip.ProtoUDP: 8, ip.ProtoTCP: 20, ip.ProtoICMP: 8} {
		payload := make([]byte, size)
		payload[0] = 8
		if why := n.Outbound(epoch, packet(t, p, host, peer, payload)); why != mib.None {
			t.Errorf("%v of %d octets: %v", p, size, why)
		}
	}
}

// TestUDPChecksum: none stays none, and one that comes to zero is written as
// 0xffff.
func TestUDPChecksum(t *testing.T) {
	conform.Row(t, "G-13")
	n := translator(t, nat.Config{})
	d := udp(t, addrPort(host, 40000), addrPort(peer, 53), "x")
	d[26], d[27] = 0, 0
	out(t, n, epoch, d)
	if d[26] != 0 || d[27] != 0 {
		t.Errorf("no checksum has become %x", d[26:28])
	}
	// One of the 65,536 payloads of two octets makes the checksum zero.
	zero := 0
	for v := range 1 << 16 {
		d := udp(t, addrPort(host, 40000), addrPort(peer, 53), string([]byte{byte(v >> 8), byte(v)}))
		p := out(t, n, epoch, d)
		if d[26] == 0 && d[27] == 0 {
			t.Fatalf("payload %04x: checksum 0", v)
		}
		if d[26] == 0xff && d[27] == 0xff {
			zero++
			check(t, d, want{outside, peer, p, 53})
		}
	}
	if zero == 0 {
		t.Error("no payload makes it zero: the test tests nothing")
	}
}

// TestDamageStays: checksums that came wrong are wrong afterwards.
func TestDamageStays(t *testing.T) {
	n := translator(t, nat.Config{})
	d := tcp(t, addrPort(host, 40000), addrPort(peer, 53), transport.SYN)
	d[37] ^= 1
	out(t, n, epoch, d)
	if _, p, err := ip.Parse4(d); err != nil {
		t.Fatal(err)
	} else if _, _, err := transport.ParseTCP(p, outside, peer); err == nil {
		t.Error("the damage is gone")
	}
}

// TestPortRange: well-known ports stay well known, others stay others (RFC 4787
// REQ-3), and the seed decides which.
func TestPortRange(t *testing.T) {
	n, m := translator(t, nat.Config{Seed: 1}), translator(t, nat.Config{Seed: 2})
	differ := 0
	for i := range uint16(400) {
		low := out(t, n, epoch, udp(t, addrPort(host, 624+i), addrPort(peer, 1), "x"))
		high := out(t, n, epoch, udp(t, addrPort(host, 1024+i), addrPort(peer, 1), "x"))
		if low == 0 || low > 1023 || high < 1024 {
			t.Fatalf("ports %d and %d have become %d and %d", 624+i, 1024+i, low, high)
		}
		if out(t, m, epoch, udp(t, addrPort(host, 1024+i), addrPort(peer, 1), "x")) != high {
			differ++
		}
	}
	if differ < 390 {
		t.Errorf("only %d of 400 ports differ with the seed", differ)
	}
	// All 1,023 can be used, and then no more.
	n = translator(t, nat.Config{})
	for i := range uint16(1023) {
		out(t, n, epoch, udp(t, addrPort(host, i), addrPort(peer, 1), "x"))
	}
	if why := n.Outbound(epoch, udp(t, addrPort(host, 1023), addrPort(peer, 1), "x")); why != mib.NATFull {
		t.Errorf("port 1,024 of 1,023: %v", why)
	}
}

// TestFull: what is in use stays, what is new is refused until something
// expires.
func TestFull(t *testing.T) {
	n := translator(t, nat.Config{Mappings: 3})
	for i := range uint16(3) {
		out(t, n, at(time.Duration(i)*time.Second), udp(t, addrPort(host, 2000+i), addrPort(peer, 1), "x"))
	}
	fourth := udp(t, addrPort(host, 2003), addrPort(peer, 1), "x")
	before := bytes.Clone(fourth)
	if why := n.Outbound(at(3*time.Second), fourth); why != mib.NATFull || !bytes.Equal(fourth, before) {
		t.Fatalf("fourth of three: %v", why)
	}
	out(t, n, at(4*time.Second), udp(t, addrPort(host, 2000), addrPort(peer, 1), "x"))
	if why := n.Outbound(at(5*time.Minute+time.Second-1), fourth); why != mib.NATFull {
		t.Fatalf("nothing has expired: %v", why)
	}
	out(t, n, at(5*time.Minute+time.Second), fourth)
	if n.Len(at(5*time.Minute+time.Second)) != 3 {
		t.Errorf("%d mappings, want 3", n.Len(at(5*time.Minute+time.Second)))
	}
	if _, ok := mapping(n, at(5*time.Minute+time.Second), ip.ProtoUDP, addrPort(host, 2001)); ok {
		t.Error("the one that expired is still there")
	}
}

// TestExpiry walks a mapping of each protocol to its end.
func TestExpiry(t *testing.T) {
	h, p := addrPort(host, 40000), addrPort(peer, 53)
	type step struct {
		in    bool
		flags transport.TCPFlags
	}
	for _, tt := range []struct {
		name  string
		proto ip.Proto
		steps []step
		lasts time.Duration
	}{
		{"udp", ip.ProtoUDP, []step{{}}, 5 * time.Minute},
		{"udp answered", ip.ProtoUDP, []step{{}, {in: true}}, 5 * time.Minute},
		{"icmp", ip.ProtoICMP, []step{{}}, time.Minute},
		{"tcp syn", ip.ProtoTCP, []step{{flags: transport.SYN}}, 4 * time.Minute},
		{"tcp unanswered", ip.ProtoTCP, []step{{flags: transport.SYN}, {flags: transport.ACK}}, 4 * time.Minute},
		{"tcp established", ip.ProtoTCP, []step{
			{flags: transport.SYN}, {true, transport.SYN | transport.ACK}, {flags: transport.ACK},
		}, 2*time.Hour + 4*time.Minute},
		{"tcp fin out", ip.ProtoTCP, []step{
			{flags: transport.SYN}, {true, transport.SYN | transport.ACK}, {flags: transport.ACK}, {flags: transport.FIN}, {flags: transport.ACK},
		}, 4 * time.Minute},
		{"tcp fin in", ip.ProtoTCP, []step{
			{flags: transport.SYN}, {true, transport.SYN | transport.ACK}, {flags: transport.ACK}, {true, transport.FIN}, {flags: transport.ACK},
		}, 4 * time.Minute},
		{"tcp reset", ip.ProtoTCP, []step{
			{flags: transport.SYN}, {true, transport.SYN | transport.ACK}, {flags: transport.ACK}, {flags: transport.RST},
		}, 4 * time.Minute},
		{"tcp again", ip.ProtoTCP, []step{
			{flags: transport.SYN}, {true, transport.ACK}, {flags: transport.FIN}, {flags: transport.SYN}, {true, transport.ACK}, {flags: transport.ACK},
		}, 2*time.Hour + 4*time.Minute},
		{"tcp again unanswered", ip.ProtoTCP, []step{
			{flags: transport.SYN}, {true, transport.ACK}, {flags: transport.ACK}, {flags: transport.SYN}, {flags: transport.ACK},
		}, 4 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := translator(t, nat.Config{})
			var port uint16
			for _, s := range tt.steps {
				src, dst := h, p
				if s.in {
					src, dst = p, addrPort(outside, port)
				}
				var d []byte
				switch tt.proto {
				case ip.ProtoTCP:
					d = tcp(t, src, dst, s.flags)
				case ip.ProtoUDP:
					d = udp(t, src, dst, "x")
				default:
					d = icmp(t, host, peer, icmp4.Echo{ID: 40000})
				}
				if s.in {
					if why := n.Inbound(at(time.Second), d); why != mib.None {
						t.Fatal(why)
					}
					continue
				}
				port = out(t, n, epoch, d)
			}
			m, ok := mapping(n, at(tt.lasts-1), tt.proto, h)
			if !ok || !m.Expires.Equal(at(tt.lasts)) || m.Outside != addrPort(outside, port) {
				t.Fatalf("%+v, %v; want it to last %v", m, ok, tt.lasts)
			}
			if n.Len(at(tt.lasts-1)) != 1 || n.Len(at(tt.lasts)) != 0 {
				t.Errorf("it does not end after %v", tt.lasts)
			}
			if tt.proto == ip.ProtoUDP {
				if why := n.Inbound(at(tt.lasts), udp(t, p, addrPort(outside, port), "x")); why != mib.NATUnmatched {
					t.Errorf("after its end: %v", why)
				}
			}
		})
	}
}

// TestMany fills and empties the table in every order, with a plain map as the
// oracle.
func TestMany(t *testing.T) {
	n := translator(t, nat.Config{Mappings: 500, UDP: 50 * time.Second})
	type known struct {
		port uint16
		used time.Time
	}
	oracle := map[uint16]known{} // by inside port
	x := uint32(1)
	for i := range 20_000 {
		x = x*1664525 + 1013904223
		now := at(time.Duration(i) * 150 * time.Millisecond)
		for k, v := range oracle {
			if now.Sub(v.used) >= 50*time.Second {
				delete(oracle, k)
			}
		}
		in := 2000 + uint16(x>>16)%600
		d := udp(t, addrPort(host, in), addrPort(peer, 1), "x")
		why := n.Outbound(now, d)
		port := binary.BigEndian.Uint16(d[20:])
		old, had := oracle[in]
		switch {
		case had && (why != mib.None || port != old.port):
			t.Fatalf("step %d: %v, port %d, want %d", i, why, port, old.port)
		case !had && len(oracle) == 500:
			if why != mib.NATFull {
				t.Fatalf("step %d: %v, want full", i, why)
			}
			continue
		case why != mib.None:
			t.Fatalf("step %d: %v with %d mappings", i, why, len(oracle))
		}
		oracle[in] = known{port, now}
		if n.Len(now) != len(oracle) {
			t.Fatalf("step %d: %d mappings, want %d", i, n.Len(now), len(oracle))
		}
	}
	last := at(20_000 * 150 * time.Millisecond)
	ports := map[uint16]bool{}
	for m := range n.Mappings(at(19_999 * 150 * time.Millisecond)) {
		k := oracle[m.Inside.Port()]
		if ports[m.Outside.Port()] || k.port != m.Outside.Port() || !m.Expires.Equal(k.used.Add(50*time.Second)) {
			t.Errorf("%+v, want %+v", m, k)
		}
		ports[m.Outside.Port()] = true
	}
	if len(ports) != len(oracle) {
		t.Errorf("%d mappings listed, want %d", len(ports), len(oracle))
	}
	for range n.Mappings(last) {
		break
	}
}

// TestCeiling: a million sources, and no more octets than at the beginning.
func TestCeiling(t *testing.T) {
	n := translator(t, nat.Config{})
	before := n.Octets()
	d := udp(t, addrPort(host, 40000), addrPort(peer, 53), "x")
	full := 0
	for i := range 1_000_000 {
		d2 := bytes.Clone(d)
		ip.SetSrc4(d2, netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		if n.Outbound(epoch, d2) == mib.NATFull {
			full++
		}
	}
	if n.Octets() != before || before > 1<<20 || n.Len(epoch) != nat.DefaultMappings || full != 1_000_000-nat.DefaultMappings {
		t.Errorf("%d octets, %d mappings, %d refused", n.Octets(), n.Len(epoch), full)
	}
	t.Logf("%d octets, whatever arrives", before)
}

func TestAllocs(t *testing.T) {
	n := translator(t, nat.Config{Mappings: 64, UDP: time.Second})
	src := udp(t, addrPort(host, 40000), addrPort(peer, 53), "x")
	d := bytes.Clone(src)
	port := out(t, n, epoch, d)
	reply := udp(t, addrPort(peer, 53), addrPort(outside, port), "x")
	fault := icmp(t, far, outside, icmp4.TimeExceeded{Quote: d})
	buf := make([]byte, 0, 256)
	now := epoch
	wiretest.NoAllocs(t, "a datagram out, an answer and an error in", func() {
		for _, p := range [][]byte{reply, fault} {
			if n.Outbound(now, append(buf, src...)) != mib.None || n.Inbound(now, append(buf, p...)) != mib.None {
				t.Fatal("not translated")
			}
		}
	})
	wiretest.NoAllocs(t, "a new mapping", func() {
		now = now.Add(time.Second)
		d := append(buf, src...)
		d[20], d[21] = byte(40+now.Second()), byte(now.Minute())
		if n.Outbound(now, d) != mib.None {
			t.Fatal("not translated")
		}
	})
}
