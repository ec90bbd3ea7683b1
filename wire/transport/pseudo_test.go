package transport_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

var (
	a4 = netip.MustParseAddr("192.0.2.1")
	b4 = netip.MustParseAddr("198.51.100.7")
	a6 = netip.MustParseAddr("2001:db8::1")
	b6 = netip.MustParseAddr("2001:db8:ffff::7")
)

func octets(tb testing.TB, s string) []byte {
	tb.Helper()
	return wiretest.Octets(tb, s)
}

func TestParsePorts(t *testing.T) {
	b := octets(t, "d4310050 ff")
	for n := range b {
		src, dst, err := transport.ParsePorts(b[:n])
		if n < 4 {
			wiretest.WantParseError(t, fmt.Sprintf("%d octets", n), err, n, wire.Short)
			continue
		}
		if src != 0xd431 || dst != 80 || err != nil {
			t.Errorf("%d octets: %d, %d, %v", n, src, dst, err)
		}
	}
	for p := range 256 {
		want := p == 6 || p == 17 || p == 33 || p == 132 || p == 136
		if got := transport.HasPorts(ip.Proto(p)); got != want {
			t.Errorf("%v: %t", ip.Proto(p), got)
		}
	}
}

// The addresses must be two, and of one family.
func TestAddresses(t *testing.T) {
	type appendPacket func(b []byte, src, dst netip.Addr, payload []byte) ([]byte, error)
	for name, f := range map[string]appendPacket{
		"UDP":     transport.UDP{}.AppendPacket,
		"UDPLite": transport.UDPLite{}.AppendPacket,
		"TCP":     transport.TCP{}.AppendPacket,
	} {
		for _, r := range []struct {
			src, dst netip.Addr
			field    string
		}{
			{netip.Addr{}, b4, "Src"},
			{netip.Addr{}, netip.Addr{}, "Src"},
			{a4, netip.Addr{}, "Dst"},
			{a4, b6, "Dst"},
			{a6, b4, "Dst"},
			{a6, netip.Addr{}, "Dst"},
		} {
			b, err := f([]byte{0x77}, r.src, r.dst, nil)
			wiretest.WantFieldError(t, name, b, err, r.field)
		}
	}
	for _, r := range [][2]netip.Addr{{a4, b6}, {a6, b4}, {netip.Addr{}, netip.Addr{}}, {a4, netip.Addr{}}, {netip.Addr{}, b6}} {
		b, _ := transport.UDP{}.AppendPacket(nil, a4, b4, nil)
		_, _, err := transport.ParseUDP(b, r[0], r[1])
		wiretest.WantParseError(t, "UDP", err, 6, wire.Checksum)
		b, _ = transport.UDPLite{}.AppendPacket(nil, a4, b4, nil)
		_, _, err = transport.ParseUDPLite(b, r[0], r[1])
		wiretest.WantParseError(t, "UDP-Lite", err, 6, wire.Checksum)
		b, _ = transport.TCP{}.AppendPacket(nil, a4, b4, nil)
		_, _, err = transport.ParseTCP(b, r[0], r[1])
		wiretest.WantParseError(t, "TCP", err, 16, wire.Checksum)
	}
}

// The longest packets that a datagram of each family carries.
func TestLimits(t *testing.T) {
	big := make([]byte, 65536)
	for _, r := range []struct {
		src, dst netip.Addr
		limit    int
	}{{a4, b4, 65515}, {a6, b6, 65535}} {
		fits := func(what string, b []byte, err error) {
			t.Helper()
			if err != nil || len(b) != r.limit {
				t.Errorf("%s of %d octets: %d, %v", what, r.limit, len(b), err)
			}
		}
		b, err := transport.UDP{}.AppendPacket(nil, r.src, r.dst, big[:r.limit-8])
		fits("UDP", b, err)
		if _, payload, err := transport.ParseUDP(b, r.src, r.dst); err != nil || len(payload) != r.limit-8 {
			t.Errorf("UDP parsed: %d octets, %v", len(payload), err)
		}
		b, err = transport.UDPLite{}.AppendPacket(nil, r.src, r.dst, big[:r.limit-8])
		fits("UDP-Lite", b, err)
		b, err = transport.TCP{Options: big[:4]}.AppendPacket(nil, r.src, r.dst, big[:r.limit-24])
		fits("TCP", b, err)

		b, err = transport.UDP{}.AppendPacket([]byte{0x77}, r.src, r.dst, big[:r.limit-7])
		wiretest.WantFieldError(t, "UDP", b, err, "Length")
		wiretest.WantLimit(t, "UDP", err, r.limit+1, r.limit)
		b, err = transport.UDPLite{}.AppendPacket([]byte{0x77}, r.src, r.dst, big[:r.limit-7])
		wiretest.WantFieldError(t, "UDP-Lite", b, err, "Payload")
		wiretest.WantLimit(t, "UDP-Lite", err, r.limit-7, r.limit-8)
		b, err = transport.TCP{Options: big[:4]}.AppendPacket([]byte{0x77}, r.src, r.dst, big[:r.limit-23])
		wiretest.WantFieldError(t, "TCP", b, err, "Payload")
		wiretest.WantLimit(t, "TCP", err, r.limit-23, r.limit-24)
	}
	// The length in the pseudo-header of IPv4 has 16 bits.
	most := append(octets(t, "d4310050 00000000 00000000 50020000 00000000"), big[:65515]...)
	binary.BigEndian.PutUint16(most[16:], ^checksum.Sum(most, checksum.Pseudo4(a4, b4, 6, 65535)))
	if _, _, err := transport.ParseTCP(most, a4, b4); err != nil {
		t.Errorf("TCP of 65,535 octets: %v", err)
	}
	b := append(octets(t, "d4310050 00000000 00000000 50020000 00000000"), big...)
	_, _, err := transport.ParseTCP(b, a4, b4)
	wiretest.WantParseError(t, "TCP of 65,556 octets", err, 16, wire.Checksum)
}

func TestAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	payload := []byte("payload")
	udp, _ := transport.UDP{SrcPort: 1, DstPort: 2}.AppendPacket(nil, a4, b4, payload)
	lite, _ := transport.UDPLite{SrcPort: 1, DstPort: 2}.AppendPacket(nil, a6, b6, payload)
	tcp, _ := transport.TCP{SrcPort: 1, DstPort: 2, Options: make([]byte, 4)}.AppendPacket(nil, a6, b6, payload)
	buf := make([]byte, 0, 128)
	wiretest.NoAllocs(t, "parse", func() {
		_, _, _ = transport.ParsePorts(udp)
		_, _, _ = transport.ParseUDP(udp, a4, b4)
		_, _, _ = transport.ParseUDPLite(lite, a6, b6)
		_, _, _ = transport.ParseTCP(tcp, a6, b6)
	})
	u, _, _ := transport.DecodeUDP(udp)
	l, _, _ := transport.DecodeUDPLite(lite)
	c, _, _ := transport.DecodeTCP(tcp)
	wiretest.NoAllocs(t, "append", func() {
		_, _ = u.AppendPacket(buf, a4, b4, payload)
		_, _ = l.AppendPacket(buf, a6, b6, payload)
		_, _ = c.AppendPacket(buf, a6, b6, payload)
	})
}

func BenchmarkParse(b *testing.B) {
	payload := make([]byte, 56)
	udp, _ := transport.UDP{SrcPort: 1, DstPort: 2}.AppendPacket(nil, a4, b4, payload)
	tcp, _ := transport.TCP{SrcPort: 1, DstPort: 2}.AppendPacket(nil, a6, b6, payload)
	b.Run("header=udp/family=4/data=56", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(udp)))
		for b.Loop() {
			if _, _, err := transport.ParseUDP(udp, a4, b4); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("header=tcp/family=6/data=56", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(tcp)))
		for b.Loop() {
			if _, _, err := transport.ParseTCP(tcp, a6, b6); err != nil {
				b.Fatal(err)
			}
		}
	})
}
