package nat_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

var (
	epoch   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	outside = netip.MustParseAddr("192.0.2.1")
	host    = netip.MustParseAddr("10.0.0.5")
	other   = netip.MustParseAddr("10.0.0.6")
	router  = netip.MustParseAddr("10.0.0.254") // inside
	peer    = netip.MustParseAddr("198.51.100.7")
	far     = netip.MustParseAddr("203.0.113.9") // a router outside
)

func at(d time.Duration) time.Time { return epoch.Add(d) }

func translator(tb testing.TB, c nat.Config) *nat.Translator {
	tb.Helper()
	if !c.Outside.IsValid() {
		c.Outside = outside
	}
	if c.Inside == nil {
		c.Inside = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	}
	t, err := nat.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func must(tb testing.TB, b []byte, err error) []byte {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func addrPort(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }

func packet(tb testing.TB, p ip.Proto, src, dst netip.Addr, payload []byte) []byte {
	tb.Helper()
	b, err := ip.Header4{ID: 0x1234, TTL: 60, Proto: p, Src: src, Dst: dst}.AppendPacket(nil, payload)
	return must(tb, b, err)
}

func udp(tb testing.TB, src, dst netip.AddrPort, data string) []byte {
	tb.Helper()
	p, err := transport.UDP{SrcPort: src.Port(), DstPort: dst.Port()}.AppendPacket(nil, src.Addr(), dst.Addr(), []byte(data))
	return packet(tb, ip.ProtoUDP, src.Addr(), dst.Addr(), must(tb, p, err))
}

func tcp(tb testing.TB, src, dst netip.AddrPort, f transport.TCPFlags) []byte {
	tb.Helper()
	p, err := transport.TCP{SrcPort: src.Port(), DstPort: dst.Port(), Seq: 0xfffefdfc, Flags: f}.
		AppendPacket(nil, src.Addr(), dst.Addr(), []byte("odd"))
	return packet(tb, ip.ProtoTCP, src.Addr(), dst.Addr(), must(tb, p, err))
}

func icmp(tb testing.TB, src, dst netip.Addr, m icmp4.Message) []byte {
	tb.Helper()
	b, err := m.AppendBinary(nil)
	return packet(tb, ip.ProtoICMP, src, dst, must(tb, b, err))
}

// want is what a datagram, or a quote, is to say of itself after translation.
type want struct {
	src, dst         netip.Addr
	srcPort, dstPort uint16 // or the identifier, in both
}

// check reads the datagram with the parsers of other packages, which verify
// every checksum anew.
func check(tb testing.TB, d []byte, w want) {
	tb.Helper()
	h, p, err := ip.Parse4(d)
	if err != nil {
		tb.Fatalf("header: %v", err)
	}
	if h.Src != w.src || h.Dst != w.dst {
		tb.Errorf("from %v to %v, want %v to %v", h.Src, h.Dst, w.src, w.dst)
	}
	var sp, dp uint16
	switch h.Proto {
	case ip.ProtoUDP:
		u, _, err := transport.ParseUDP(p, h.Src, h.Dst)
		if err != nil {
			tb.Fatalf("UDP: %v", err)
		}
		sp, dp = u.SrcPort, u.DstPort
	case ip.ProtoTCP:
		u, _, err := transport.ParseTCP(p, h.Src, h.Dst)
		if err != nil {
			tb.Fatalf("TCP: %v", err)
		}
		sp, dp = u.SrcPort, u.DstPort
	default:
		if err := icmp4.Verify(p); err != nil {
			tb.Fatalf("ICMP: %v", err)
		}
		sp = binary.BigEndian.Uint16(p[4:])
		dp = sp
	}
	if sp != w.srcPort || dp != w.dstPort {
		tb.Errorf("ports %d and %d, want %d and %d", sp, dp, w.srcPort, w.dstPort)
	}
}

// out translates d outwards and returns the port that it left by.
func out(tb testing.TB, t *nat.Translator, now time.Time, d []byte) uint16 {
	tb.Helper()
	if why := t.Outbound(now, d); why != mib.None {
		tb.Fatalf("outbound: %v", why)
	}
	at := 20
	if ip.Proto(d[9]) == ip.ProtoICMP {
		at = 24
	}
	return binary.BigEndian.Uint16(d[at:])
}

// mapping returns what the table says of an inside address and port.
func mapping(t *nat.Translator, now time.Time, p ip.Proto, inside netip.AddrPort) (nat.Mapping, bool) {
	for m := range t.Mappings(now) {
		if m.Proto == p && m.Inside == inside {
			return m, true
		}
	}
	return nat.Mapping{}, false
}

// reseal mends the header checksum and, of an ICMP message, its own.
func reseal(d []byte) {
	ip.Seal4(d)
	h, p, err := ip.Decode4(d)
	if err != nil || h.Proto != ip.ProtoICMP || len(p) < 4 {
		return
	}
	p[2], p[3] = 0, 0
	binary.BigEndian.PutUint16(p[2:], checksum.Of(p))
}
