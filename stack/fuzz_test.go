package stack_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
	"github.com/sonde-net/sonde/wire/quote"
)

// Addresses that mean something to the gateway under test, and some that do not.
var places = []netip.Addr{
	hostA, hostB, gateway, addr("10.0.2.1"), addr("10.5.1.1"), addr("10.6.1.1"), addr("192.0.2.1"), addr("10.0.1.77"),
	addr("10.0.1.255"), addr("10.0.2.255"), addr("255.255.255.255"), addr("224.0.0.1"), addr("224.0.0.2"), addr("239.1.1.1"),
	addr("0.0.0.0"), addr("0.0.0.9"), addr("127.0.0.1"), addr("240.0.0.1"), addr("169.254.1.1"),
}

var places6 = []netip.Addr{
	hostA6, hostB6, gate6, addr("2001:db8:2::1"), addr("2001:db8:5::1"), addr("2001:db8:9::1"), addr("2001:db8:1::77"),
	addr("ff02::1"), addr("ff02::2"), addr("ff05::9"), addr("fe80::9"), addr("::"), addr("::1"),
}

// chaos makes a datagram of any kind, mostly sound, and says which interface it
// arrives by.
func chaos(r *rand.Rand) (d []byte, iface int) {
	iface = r.IntN(2)
	if r.IntN(50) == 0 {
		d = make([]byte, r.IntN(100))
		for i := range d {
			d[i] = byte(r.Uint32())
		}
		return d, iface
	}
	if r.IntN(4) == 0 {
		return chaos6(r), iface
	}
	src := places[r.IntN(3)]
	if r.IntN(4) == 0 {
		src = places[r.IntN(len(places))]
	}
	h := ip.Header4{
		TOS: uint8(r.Uint32()), ID: uint16(r.IntN(4)), DF: r.IntN(2) == 0, TTL: ip.TTL(r.IntN(5)),
		Src: src, Dst: places[r.IntN(len(places))],
	}
	switch r.IntN(6) {
	case 0:
		h.MF = true
	case 1:
		h.FragOffset, h.MF = uint16(r.IntN(8)*1480), r.IntN(2) == 0
	}
	if r.IntN(4) == 0 {
		h.Options = chaosOptions(r)
	}
	payload := make([]byte, []int{0, 7, 8, 40, 1240, 1480, 3000}[r.IntN(7)]&^(7*int(b2u(h.MF))))
	switch h.Proto = []ip.Proto{ip.ProtoICMP, ip.ProtoICMP, ip.ProtoUDP, ip.ProtoTCP, 98, 99, 200}[r.IntN(7)]; {
	case h.Proto == ip.ProtoICMP && len(payload) >= 8:
		chaosICMP(r, payload, h)
	case len(payload) >= 8:
		copy(payload, udp(uint16(r.IntN(9)), uint16(r.IntN(9)), len(payload)-8))
	}
	d, err := h.AppendPacket(nil, payload)
	if err != nil {
		return nil, iface
	}
	if r.IntN(30) == 0 {
		d[r.IntN(20)] ^= 1 << r.IntN(8)
	}
	if r.IntN(30) == 0 {
		d = d[:r.IntN(len(d))]
	}
	return d, iface
}

func b2u(b bool) uint {
	if b {
		return 1
	}
	return 0
}

// chaosICMP fills in an ICMP message, quotes of datagrams from here among them.
func chaosICMP(r *rand.Rand, m []byte, h ip.Header4) {
	types := []byte{0, 3, 4, 5, 8, 8, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 42, 43, 99}
	m[0], m[1] = types[r.IntN(len(types))], byte(r.IntN(20))
	binary.BigEndian.PutUint32(m[4:], r.Uint32()&0x0f0f07ff)
	if len(m) > 36 {
		q, err := ip.Header4{TTL: 3, DF: true, Proto: ip.ProtoUDP, Src: h.Dst, Dst: places[r.IntN(len(places))]}.AppendPacket(nil, m[28:])
		if err == nil {
			copy(m[8:], q)
		}
	}
	if r.IntN(10) != 0 {
		sealed(m)
	}
}

func chaosOptions(r *rand.Rand) []byte {
	var o []byte
	for range r.IntN(3) {
		var more []byte
		switch r.IntN(5) {
		case 0:
			more, _ = option.AppendRecordRoute(nil, r.IntN(4))
		case 1:
			more, _ = option.AppendTimestamps(nil, option.StampFlag([]int{0, 1, 3}[r.IntN(3)]), r.IntN(3), places[r.IntN(4)])
		case 2:
			more, _ = option.AppendSourceRoute(nil, []ip.OptionType{ip.OptLSRR, ip.OptSSRR}[r.IntN(2)], places[r.IntN(8)], places[r.IntN(8)])
		case 3:
			more = []byte{byte(r.Uint32()), byte(r.IntN(9)), byte(r.IntN(9)), byte(r.IntN(9))}
		default:
			more = []byte{1}
		}
		if len(more) > 4 && r.IntN(3) == 0 {
			more[2] = byte(r.IntN(20))
		}
		o = append(o, more...)
	}
	o = ip.PadOptions(o)
	return o[:min(len(o), ip.MaxOptionsLen)]
}

func chaos6(r *rand.Rand) []byte {
	src := places6[r.IntN(3)]
	if r.IntN(4) == 0 {
		src = places6[r.IntN(len(places6))]
	}
	h := ip.Header6{TrafficClass: uint8(r.Uint32()), HopLimit: ip.TTL(r.IntN(4)), Src: src, Dst: places6[r.IntN(len(places6))]}
	payload := make([]byte, []int{0, 8, 48, 1240, 1400}[r.IntN(5)])
	h.NextHeader = []ip.Proto{ip.ProtoICMPv6, ip.ProtoUDP, 99, ip.ProtoNoNext, 200}[r.IntN(5)]
	if h.NextHeader == ip.ProtoICMPv6 && len(payload) >= 8 {
		types := []byte{1, 2, 3, 4, 99, 128, 128, 129, 133, 160, 250}
		payload[0], payload[1] = types[r.IntN(len(types))], byte(r.IntN(4))
		binary.BigEndian.PutUint32(payload[4:], r.Uint32()&0x7ff)
		if q, err := (ip.Header6{NextHeader: 17, Src: h.Dst, Dst: hostB6}).AppendPacket(nil, nil); err == nil {
			copy(payload[8:], q)
		}
		seal6(payload, h.Src, h.Dst)
	}
	for range r.IntN(3) {
		ext := []byte{byte(h.NextHeader), 0, byte(r.Uint32()) &^ byte(r.IntN(2)*255), 4, 0, 0, 0, 0}
		h.NextHeader = []ip.Proto{ip.ProtoHopByHop, ip.ProtoDestOpts, ip.ProtoFragment, ip.ProtoRouting}[r.IntN(4)]
		if h.NextHeader == ip.ProtoFragment {
			binary.BigEndian.PutUint16(ext[2:], uint16(r.IntN(3)*1400)&^7|uint16(r.IntN(2)))
		}
		payload = append(ext, payload...)
	}
	d, err := h.AppendPacket(nil, payload)
	if err != nil {
		return nil
	}
	return d
}

// seal6 fills in the checksum of an ICMPv6 message.
func seal6(m []byte, src, dst netip.Addr) {
	if len(m) < 4 {
		return
	}
	s, d := src.As16(), dst.As16()
	pseudo := join(make([]byte, 4), s[:], d[:], []byte{0, 0, byte(len(m) >> 8), byte(len(m)), 0, 0, 0, 58})
	m[2], m[3] = 0, 0
	all := sealed(append(pseudo, m...))
	m[2], m[3] = all[2], all[3]
}

// judgeOutput holds what a gateway sends to E-01 to E-06 and to the MTU of its
// interface.
func judgeOutput(t *testing.T, cfg *stack.Config, where stack.Transmit, b []byte) {
	t.Helper()
	if len(b) > cfg.Interfaces[where.Iface].MTU {
		t.Fatalf("%d octets leave by interface %d", len(b), where.Iface)
	}
	if !where.NextHop.IsValid() {
		t.Fatalf("no next hop: %x", b)
	}
	var about []byte
	var cause report.Cause
	if b[0]>>4 == 6 {
		h, p, err := ip.Parse6(b)
		if err != nil {
			t.Fatalf("sent %x: %v", b, err)
		}
		if where.Origin.Kind == event.Forward || h.NextHeader != ip.ProtoICMPv6 {
			return
		}
		if _, err := icmp6.Parse(p, h.Src, h.Dst); err != nil {
			t.Fatalf("sent %x: %v", b, err)
		}
		if !icmp6.Type(p[0]).IsError() {
			return
		}
		about, cause = p[8:], where.Origin.Cause
	} else {
		h, p, err := ip.Parse4(b)
		if err != nil {
			t.Fatalf("sent %x: %v", b, err)
		}
		if where.Origin.Kind == event.Forward || h.Proto != ip.ProtoICMP || h.IsFragment() {
			return
		}
		if _, err := icmp4.Parse(p); err != nil {
			t.Fatalf("sent %x: %v", b, err)
		}
		switch icmp4.Type(p[0]) {
		case icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeRedirect, icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem:
		default:
			return
		}
		about = p[8:]
		if len(b) > report.Limit4 {
			t.Fatalf("an error of %d octets", len(b))
		}
	}
	if where.Origin.Kind != event.Error {
		t.Fatalf("an error that nothing made: %x", b)
	}
	broadcast := func(a netip.Addr) bool { return a == addr("10.0.1.255") || a == addr("10.0.2.255") }
	// A source route that this node has begun to follow has changed nothing yet.
	if why := report.May(report.About{Octets: about, Cut: true, IsBroadcast: broadcast}, cause); why != 0 {
		t.Fatalf("an error %v: %x", why, b)
	}
	q, err := quote.Parse(about)
	if err != nil || !q.Has(quote.Addrs) {
		t.Fatalf("quotes %x: %v", about, err)
	}
}

// reported counts the ICMPv4 errors made, but for those that time makes.
func reported(n *stack.Node) uint64 {
	c := n.Counters()
	p := &c.ICMP[0].OutPkts
	return p[icmp4.TypeDestUnreachable] + p[icmp4.TypeSourceQuench] + p[icmp4.TypeRedirect] + p[icmp4.TypeParameterProblem]
}

// FuzzNode lets anything arrive at a gateway with every feature on. The octets
// steer what is made, and are datagrams themselves.
func FuzzNode(f *testing.F) {
	f.Add(uint64(1), []byte{})
	f.Add(uint64(2), echo(f, hostA, gateway, 64, 8))
	f.Add(uint64(3), ping(f, hostA, gateway, []byte{0x83, 7, 4, 10, 0, 2, 1, 0}))
	f.Add(uint64(4), ping(f, hostA, hostB, []byte{0x44, 8, 5, 0, 0, 0, 0, 0}))
	f.Add(uint64(5), message6(f, hostA6, gate6, icmp6.Echo{ID: 1}))
	f.Add(uint64(6), datagram(f, ip.Header4{Src: hostA, Dst: gateway, Proto: ip.ProtoICMP, MF: true}, make([]byte, 64)))
	f.Fuzz(func(t *testing.T, seed uint64, raw []byte) {
		for _, row := range []string{"E-01", "E-02", "E-04", "E-05", "E-06", "E-07"} {
			conform.Row(t, row)
		}
		up := &quiet{upper: upper{standing: stack.Standing(seed % 3)}}
		cfg := everything(up)
		n, err := stack.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 1))
		now := epoch
		var buf []byte
		take := func(d []byte, i int, c report.Cast) {
			before := reported(n)
			n.Receive(now, stack.Datagram{Iface: i, Octets: d, Cast: c})
			if c != report.Unicast && reported(n) != before {
				t.Fatalf("an error about a frame to all: %x", d)
			}
			for {
				out, where, ok := n.Poll(now, buf[:0])
				if !ok {
					break
				}
				buf = out
				judgeOutput(t, &cfg, where, out)
			}
			if octets, ceiling := n.Memory(); octets > ceiling {
				t.Fatalf("%d octets, the ceiling is %d", octets, ceiling)
			}
		}
		for i := range 2 {
			take(raw, i, report.Unicast)
			mended := append([]byte(nil), raw...)
			if ip.Seal4(mended) {
				if h := int(mended[0]&15) * 4; mended[9] == 1 && len(mended) >= h+8 {
					binary.BigEndian.PutUint16(mended[2:], uint16(min(len(mended), 65535)))
					ip.Seal4(mended)
					sealed(mended[h:])
				}
				take(mended, i, report.Unicast)
			}
		}
		for range 60 {
			d, i := chaos(r)
			cast := report.Unicast
			if r.IntN(10) == 0 {
				cast = report.Cast(1 + r.IntN(2))
			}
			take(d, i, cast)
			now = now.Add(time.Duration(r.IntN(50)) * time.Millisecond)
		}
		for range 20 {
			if n.Deadline().IsZero() {
				break
			}
			now = later(now, n.Deadline())
			take(nil, 0, report.Unicast)
		}
		for n.Queued(0)+n.Queued(1) > 0 {
			now = later(now, n.Deadline())
			take(nil, 0, report.Unicast)
		}
		balance(t, n, 0)
	})
}
