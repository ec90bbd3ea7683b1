package stack_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

func defaultRoutes(iface int, vias ...netip.Addr) []route.Route {
	var rs []route.Route
	for _, v := range vias {
		p := prefix("0.0.0.0/0")
		if v.Is6() {
			p = prefix("::/0")
		}
		rs = append(rs, route.Route{Prefix: p, Hops: []route.Hop{{Iface: iface, Via: v}}})
	}
	return rs
}

// TestNoErrorAbout holds a gateway to E-01 to E-07: each datagram has run out of
// time, so a rule asks for 11/0, and each has something that forbids it.
func TestNoErrorAbout(t *testing.T) {
	dying := func(h ip.Header4) ip.Header4 {
		h.TTL = 1
		if !h.Src.IsValid() {
			h.Src = hostA
		}
		if !h.Dst.IsValid() {
			h.Dst = hostB
		}
		if h.Proto == 0 {
			h.Proto = ip.ProtoUDP
		}
		return h
	}
	dieICMP := func(m icmp4.Message) []byte {
		b, err := ip.Enclose4(nil, dying(ip.Header4{Proto: ip.ProtoICMP}), m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	damaged := datagram(t, dying(ip.Header4{}), udp(1, 2, 8))
	damaged[10] ^= 1
	quoted := datagram(t, ip.Header4{Src: hostB, Dst: hostA, Proto: ip.ProtoUDP}, udp(1, 2, 0))
	for _, c := range []struct {
		name string
		row  string
		d    []byte
		cast report.Cast
		want mib.Drop // None: the error is sent
	}{
		{"a plain datagram", "", datagram(t, dying(ip.Header4{}), udp(1, 2, 8)), report.Unicast, mib.None},
		{"echo request", "E-01", dieICMP(icmp4.Echo{ID: 1}), report.Unicast, mib.None},
		{"echo reply", "E-01", dieICMP(icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: 1}), report.Unicast, mib.None},
		{"timestamp request", "E-01", dieICMP(icmp4.TimestampMessage{}), report.Unicast, mib.None},
		{"address mask reply", "E-01", dieICMP(icmp4.AddressMask{Reply: true}), report.Unicast, mib.None},
		{"unreachable", "E-01", dieICMP(icmp4.DestUnreachable{Quote: quoted}), report.Unicast, mib.ErrorAboutError},
		{"source quench", "E-01", dieICMP(icmp4.SourceQuench{Quote: quoted}), report.Unicast, mib.ErrorAboutError},
		{"redirect", "E-01", dieICMP(icmp4.Redirect{Gateway: hostB, Quote: quoted}), report.Unicast, mib.ErrorAboutError},
		{"time exceeded", "E-01", dieICMP(icmp4.TimeExceeded{Quote: quoted}), report.Unicast, mib.ErrorAboutError},
		{"parameter problem", "E-01", dieICMP(icmp4.ParameterProblem{Quote: quoted}), report.Unicast, mib.ErrorAboutError},
		{"unassigned type", "E-01", dieICMP(icmp4.Raw{Type: 99, Body: make([]byte, 8)}), report.Unicast, mib.ErrorAboutError},
		{"ICMP without a type", "E-01", datagram(t, dying(ip.Header4{Proto: ip.ProtoICMP}), nil), report.Unicast, mib.ErrorAboutError},
		{"first fragment of an error", "E-01", datagram(t, dying(ip.Header4{Proto: ip.ProtoICMP, MF: true}), append([]byte{3, 1}, make([]byte, 6)...)), report.Unicast, mib.ErrorAboutError},
		{"first fragment", "E-04", datagram(t, dying(ip.Header4{MF: true}), udp(1, 2, 8)), report.Unicast, mib.None},
		{"second fragment", "E-04", datagram(t, dying(ip.Header4{FragOffset: 8}), make([]byte, 16)), report.Unicast, mib.ErrorAboutFragment},
		{"last octet of offset", "E-04", datagram(t, dying(ip.Header4{FragOffset: 65528}), nil), report.Unicast, mib.ErrorAboutFragment},
		{"damaged header", "E-06", damaged, report.Unicast, mib.HeaderChecksum},
		{"link-layer broadcast", "E-03", datagram(t, dying(ip.Header4{}), udp(1, 2, 8)), report.Broadcast, mib.LinkBroadcast},
		{"link-layer multicast", "E-03", datagram(t, dying(ip.Header4{}), udp(1, 2, 8)), report.Multicast, mib.LinkBroadcast},
		{"multicast", "E-02", datagram(t, dying(ip.Header4{Dst: addr("239.1.2.3")}), udp(1, 2, 8)), report.Unicast, mib.NotJoined},
		{"source 0.0.0.0", "E-05", datagram(t, dying(ip.Header4{Src: addr("0.0.0.0")}), udp(1, 2, 8)), report.Unicast, mib.MartianSource},
		{"source 127.0.0.1", "E-05", datagram(t, dying(ip.Header4{Src: addr("127.0.0.1")}), udp(1, 2, 8)), report.Unicast, mib.MartianSource},
		{"source broadcast", "E-05", datagram(t, dying(ip.Header4{Src: addr("10.0.1.255")}), udp(1, 2, 8)), report.Unicast, mib.MartianSource},
		{"source multicast", "E-05", datagram(t, dying(ip.Header4{Src: addr("224.0.0.5")}), udp(1, 2, 8)), report.Unicast, mib.MartianSource},
		{"source class E", "E-05", datagram(t, dying(ip.Header4{Src: addr("240.0.0.1")}), udp(1, 2, 8)), report.Unicast, mib.MartianSource},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.row != "" {
				conform.Row(t, c.row)
			}
			w := newWorld(t, gatewayConfig())
			out := w.receiveCast(0, c.d, c.cast)
			if c.want == mib.None {
				w.isError(out, hostA, kind(icmp4.TypeTimeExceeded, icmp4.CodeTTLExceeded))
				return
			}
			if got := w.none(out); got != c.want {
				t.Errorf("silent because %v, want %v", got, c.want)
			}
		})
	}
}

// TestNoErrorAboutLocal is the same for a host, where what is forbidden meets
// the rules of H-03.
func TestNoErrorAboutLocal(t *testing.T) {
	for _, c := range []struct {
		name string
		row  string
		dst  netip.Addr
		cast report.Cast
		want mib.Drop
	}{
		{"unicast", "H-03", hostA, report.Unicast, mib.None},
		{"limited broadcast", "E-02", addr("255.255.255.255"), report.Broadcast, mib.ErrorAboutLinkBroadcast},
		{"limited broadcast in a unicast frame", "E-02", addr("255.255.255.255"), report.Unicast, mib.ErrorAboutBroadcast},
		{"directed broadcast", "E-02", addr("10.0.1.255"), report.Unicast, mib.ErrorAboutBroadcast},
		{"old broadcast", "E-02", addr("10.0.1.0"), report.Unicast, mib.ErrorAboutBroadcast},
		{"multicast", "E-02", addr("224.0.0.1"), report.Unicast, mib.ErrorAboutBroadcast},
		{"unicast in a broadcast frame", "E-03", hostA, report.Broadcast, mib.LinkBroadcast},
		{"unicast in a multicast frame", "E-03", hostA, report.Multicast, mib.LinkBroadcast},
	} {
		t.Run(c.name, func(t *testing.T) {
			conform.Row(t, c.row)
			conform.Row(t, "E-07")
			w := newWorld(t, hostConfig())
			out := w.receiveCast(0, datagram(t, ip.Header4{Src: gateway, Dst: c.dst, Proto: ip.ProtoUDP}, udp(5, 7, 4)), c.cast)
			if c.want == mib.None {
				w.isError(out, gateway, unreachable(icmp4.CodeProtocolUnreachable))
				return
			}
			if got := w.none(out); got != c.want {
				t.Errorf("silent because %v, want %v", got, c.want)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	conform.Row(t, "E-08")
	big := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: 1, TOS: 0x10}, udp(1, 2, 1400))
	for _, c := range []struct {
		name         string
		limit, quote int
		d            []byte
		want         int // octets quoted
	}{
		{"as much as fits in 576", 0, 0, big, 576 - 20 - 8},
		{"a small datagram whole", 0, 0, big[:0:0], 0},
		{"header and 8", 0, 8, big, 28},
		{"never less than header and 8", 0, 1, big, 28},
		{"header and 100", 0, 100, big, 120},
		{"a limit of one's own", 128, 0, big, 100},
		{"a limit that is too low", 10, 0, big, 28},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := gatewayConfig()
			cfg.ErrorLimit, cfg.ErrorQuote = c.limit, c.quote
			w := newWorld(t, cfg)
			d := c.d
			if len(d) == 0 {
				d = datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: 1}, udp(1, 2, 3))
				c.want = len(d)
			}
			_, m := w.isError(w.receive(0, d), hostA, kind(icmp4.TypeTimeExceeded, icmp4.CodeTTLExceeded))
			got := m.(icmp4.TimeExceeded).Quote
			if len(got) != c.want || !bytes.Equal(got, d[:c.want]) {
				t.Errorf("quotes %d octets %x, want %d of the datagram", len(got), got, c.want)
			}
		})
	}
	t.Run("ipv6", func(t *testing.T) {
		w := newWorld(t, gatewayConfig())
		d, err := ip.Header6{Src: hostA6, Dst: hostB6, NextHeader: ip.ProtoUDP, HopLimit: 1}.AppendPacket(nil, udp(1, 2, 1400))
		if err != nil {
			t.Fatal(err)
		}
		got := w.one(w.receive(0, d)).octets
		if len(got) != 1280 {
			t.Errorf("the error fills %d octets, want 1280", len(got))
		}
		_, m := icmpv6(t, got)
		if e, ok := m.(icmp6.TimeExceeded); !ok || !bytes.Equal(e.Quote, d[:1280-48]) {
			t.Errorf("sent %v", m)
		}
	})
}

func TestErrorHeader(t *testing.T) {
	for _, row := range []string{"E-09", "E-10", "E-11"} {
		conform.Row(t, row)
	}
	dying := datagram(t, ip.Header4{Src: addr("10.3.0.9"), Dst: hostB, Proto: ip.ProtoUDP, TTL: 1, TOS: 0xb9}, udp(1, 2, 8))
	cfg := gatewayConfig()
	cfg.Routes = []route.Route{{Prefix: prefix("10.3.0.0/16"), Hops: []route.Hop{{Iface: 1, Via: addr("10.0.2.9")}}}}
	w := newWorld(t, cfg)
	s := w.one(w.receive(0, dying))
	h, _ := icmp(t, s.octets)
	if h.TOS != 0xc0|0x18 {
		t.Errorf("TOS %#x, want precedence 6 and the datagram's TOS bits, without ECN", h.TOS)
	}
	if h.Src != addr("10.0.2.1") || s.Iface != 1 || s.NextHop != addr("10.0.2.9") {
		t.Errorf("from %v by interface %d to %v, want the address of the interface it leaves through", h.Src, s.Iface, s.NextHop)
	}
	if h.TTL != 64 || h.DF {
		t.Errorf("TTL %d, DF %v; want 64, not set", h.TTL, h.DF)
	}

	cfg = hostConfig()
	cfg.TTL = 200
	w = newWorld(t, cfg)
	h, _ = w.isError(w.receive(0, datagram(t, ip.Header4{Src: gateway, Dst: hostA, Proto: 99, TOS: 0xb9, TTL: 3}, nil)),
		gateway, unreachable(icmp4.CodeProtocolUnreachable))
	if h.TOS != 0 || h.TTL != 200 || h.Src != hostA {
		t.Errorf("a host's error: TOS %#x TTL %d from %v", h.TOS, h.TTL, h.Src)
	}
	second := addr("10.0.1.11")
	cfg.Interfaces[0].Addrs = append(cfg.Interfaces[0].Addrs, netip.PrefixFrom(second, 24))
	w = newWorld(t, cfg)
	if h, _ = w.isError(w.receive(0, datagram(t, ip.Header4{Src: gateway, Dst: second, Proto: 99}, nil)), gateway,
		unreachable(icmp4.CodeProtocolUnreachable)); h.Src != second {
		t.Errorf("from %v, want the address that was spoken to", h.Src)
	}
}

func TestLimited(t *testing.T) {
	conform.Row(t, "E-12")
	conform.Row(t, "E-14")
	cfg := gatewayConfig()
	cfg.Limit = limit.Config{Prefix: limit.Rate{Every: time.Second, Burst: 3}, ReplyPrefix: limit.Rate{Every: time.Second, Burst: 2}}
	w := newWorld(t, cfg)
	dying := datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: 1}, udp(1, 2, 8))
	for i := range 5 {
		if got := len(w.receive(0, dying)); got != map[bool]int{true: 1, false: 0}[i < 3] {
			t.Errorf("datagram %d: %d errors", i, got)
		}
	}
	c := w.node.Counters()
	if c.Dropped(mib.RateDestination) != 2 || c.ICMP[mib.IPv4].OutErrors != 2 || c.ICMP[mib.IPv4].OutPkts[11] != 3 {
		t.Errorf("counted %d withheld, %d OutErrors, %d sent", c.Dropped(mib.RateDestination), c.ICMP[mib.IPv4].OutErrors, c.ICMP[mib.IPv4].OutPkts[11])
	}
	w.now = w.now.Add(time.Second)
	w.one(w.receive(0, dying))

	ping := echo(t, hostA, gateway, 64, 8)
	for i := range 4 {
		if got := len(w.receive(0, ping)); got != map[bool]int{true: 1, false: 0}[i < 2] {
			t.Errorf("echo %d: %d replies", i, got)
		}
	}
	c = w.node.Counters()
	if c.Dropped(mib.RateEcho) != 2 {
		t.Errorf("%d replies withheld, want 2", c.Dropped(mib.RateEcho))
	}
}

func TestUnknownTypes(t *testing.T) {
	conform.Row(t, "E-13")
	w := newWorld(t, hostConfig())
	for _, typ := range []icmp4.Type{1, 2, 7, 19, 30, 40, 99, 253, 255} {
		if why := w.none(w.receive(0, message(t, gateway, hostA, icmp4.Raw{Type: typ, Body: make([]byte, 40)}))); why != mib.ICMPUnknownType {
			t.Errorf("type %d: %v", typ, why)
		}
	}
	if len(w.up.troubles) != 0 {
		t.Errorf("%d troubles reported", len(w.up.troubles))
	}
	// ICMPv6: an unknown error goes to the upper layer that knows the quote.
	w.up.standing = stack.InFlight
	q := message6(t, hostA6, hostB6, icmp6.Echo{ID: 1})
	body := append(make([]byte, 4), q...)
	w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Raw{Type: 77, Code: 3, Body: body})))
	if len(w.up.troubles) != 1 || w.up.troubles[0].Type != 77 || w.up.troubles[0].Code != 3 || w.up.troubles[0].Quote.Dst != hostB6 {
		t.Errorf("troubles %+v", w.up.troubles)
	}
	if why := w.none(w.receive(0, message6(t, gate6, hostA6, icmp6.Raw{Type: 250, Body: make([]byte, 8)}))); why != mib.ICMPUnknownType {
		t.Errorf("type 250: %v", why)
	}
}

func TestBadICMP(t *testing.T) {
	conform.Row(t, "E-16")
	w := newWorld(t, hostConfig())
	w.up.standing = stack.InFlight
	good := message(t, gateway, hostA, icmp4.Echo{ID: 1, Data: []byte("data")})
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	if why := w.none(w.receive(0, bad)); why != mib.ICMPChecksum {
		t.Errorf("bad checksum: %v", why)
	}
	for _, typ := range []icmp4.Type{
		icmp4.TypeTimestampRequest, icmp4.TypeMaskRequest, icmp4.TypeRouterAdvertisement,
		icmp4.TypeTimestampReply, icmp4.TypeMaskReply,
	} {
		short := append([]byte{byte(typ), 0, 0, 0}, make([]byte, 4)...)
		if typ != icmp4.TypeRouterAdvertisement {
			short = append(short, 0, 0, 0)
		}
		if typ == icmp4.TypeRouterAdvertisement {
			short[4], short[5] = 200, 2
		}
		d := datagram(t, ip.Header4{Src: gateway, Dst: hostA, Proto: ip.ProtoICMP}, sealed(short))
		if why := w.none(w.receive(0, d)); why != mib.ICMPShort {
			t.Errorf("short %v: %v", typ, why)
		}
	}
	if why := w.none(w.receive(0, datagram(t, ip.Header4{Src: gateway, Dst: hostA, Proto: ip.ProtoICMP}, []byte{8, 0, 0xf7}))); why != mib.ICMPShort {
		t.Errorf("three octets: %v", why)
	}
	six := message6(t, gate6, hostA6, icmp6.Raw{Type: icmp6.TypeEchoReply, Body: []byte{0, 1, 0}})
	if why := w.none(w.receive(0, six)); why != mib.ICMPShort {
		t.Errorf("short ICMPv6 echo reply: %v", why)
	}
	c := w.node.Counters()
	if c.ICMP[mib.IPv4].InErrors == 0 || c.ICMP[mib.IPv4].InPkts[8] != 0 {
		t.Errorf("counted %d errors, %d echo requests", c.ICMP[mib.IPv4].InErrors, c.ICMP[mib.IPv4].InPkts[8])
	}
	if len(w.up.packets) != 0 || len(w.up.troubles) != 0 {
		t.Errorf("the upper layer heard of it: %+v, %+v", w.up.packets, w.up.troubles)
	}
}

// sealed fills in the checksum of an ICMP message in place.
func sealed(m []byte) []byte {
	m[2], m[3] = 0, 0
	var s uint32
	for i := 0; i < len(m); i += 2 {
		s += uint32(m[i]) << 8
		if i+1 < len(m) {
			s += uint32(m[i+1])
		}
	}
	for s>>16 != 0 {
		s = s>>16 + s&0xffff
	}
	m[2], m[3] = byte(^s>>8), byte(^s)
	return m
}

func TestMute(t *testing.T) {
	cfg := gatewayConfig()
	cfg.Mute = true
	w := newWorld(t, cfg)
	if why := w.none(w.receive(0, datagram(t, ip.Header4{Src: hostA, Dst: hostB, Proto: ip.ProtoUDP, TTL: 1}, udp(1, 2, 8)))); why != mib.ErrorOff {
		t.Errorf("silent because %v", why)
	}
	w.one(w.receive(0, echo(t, hostA, gateway, 64, 8)))
}
