package quote_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// TestProtocols tries every protocol in both families with the same payload:
// which fields it has, and at which octet each of them appears.
func TestProtocols(t *testing.T) {
	conform.Row(t, "W-16")
	const ports, sum = quote.Ports, quote.Checksum
	const tcp = ports | quote.TCPSeq | quote.TCPAck | quote.TCPFlags | sum
	const icmp = quote.ICMPType | quote.ICMPCode | quote.ICMPID | quote.ICMPSeq | sum
	all := ports | quote.UDPLen | tcp | icmp
	want4 := map[ip.Proto]quote.Fields{
		ip.ProtoUDP: ports | quote.UDPLen | sum, ip.ProtoTCP: tcp, ip.ProtoICMP: icmp,
		ip.ProtoUDPLite: ports | sum, ip.ProtoDCCP: ports | sum, ip.ProtoSCTP: ports,
	}
	const p = "8011121314151617" + "18191a1b1c1d1e1f" + "20212223"
	b4 := append(wiretest.Octets(t, udp4)[:20], wiretest.Octets(t, p)...)
	b4[20] = 8 // an echo request, with the version's own number
	for proto := range 256 {
		b4[9] = byte(proto)
		q := parse(t, b4)
		if got := q.Present & all; got != want4[ip.Proto(proto)] {
			t.Errorf("IPv4 %v: fields %x, want %x", ip.Proto(proto), got, want4[ip.Proto(proto)])
		}
		want := want4[ip.Proto(proto)]
		switch ip.Proto(proto) {
		case ip.ProtoICMP, ip.ProtoHopByHop, ip.ProtoRouting, ip.ProtoFragment, ip.ProtoAH, ip.ProtoDestOpts:
			continue
		case ip.ProtoICMPv6:
			want = icmp
		}
		q = parse(t, datagram6(t, ip.Proto(proto), p))
		if got := q.Present & all; got != want {
			t.Errorf("IPv6 %v: fields %x, want %x", ip.Proto(proto), got, want)
		}
	}
}

// TestChecksums reads the checksum of each protocol from its place.
func TestChecksums(t *testing.T) {
	const p = "0001020304050607" + "08090a0b0c0d0e0f" + "10111213"
	b := append(wiretest.Octets(t, udp4)[:20], wiretest.Octets(t, p)...)
	for proto, at := range map[ip.Proto]int{ip.ProtoICMP: 2, ip.ProtoUDP: 6, ip.ProtoUDPLite: 6, ip.ProtoDCCP: 6, ip.ProtoTCP: 16} {
		b[9] = byte(proto)
		for n := 20; n <= len(b); n++ {
			q := parse(t, b[:n])
			want := uint16(at)<<8 | uint16(at+1)
			if n < 20+at+2 {
				want = 0
			}
			if q.Checksum != want || q.Has(quote.Checksum) != (want != 0) {
				t.Errorf("%v in %d octets: checksum %#04x, want %#04x", proto, n, q.Checksum, want)
			}
		}
	}
}

// TestICMPTypes tries every type of both families: which have an identifier,
// and how long the sequence number behind it is.
func TestICMPTypes(t *testing.T) {
	conform.Row(t, "W-16")
	seq4 := map[int]int{0: 2, 8: 2, 13: 2, 14: 2, 15: 2, 16: 2, 17: 2, 18: 2, 37: 2, 38: 2, 42: 1, 43: 1}
	seq6 := map[int]int{128: 2, 129: 2, 160: 1, 161: 1}
	b4 := wiretest.Octets(t, icmp4)
	b6 := datagram6(t, ip.ProtoICMPv6, "0000000000000000")
	for _, f := range []struct {
		name   string
		b      []byte
		header int
		seq    map[int]int
	}{{"ICMPv4", b4, 20, seq4}, {"ICMPv6", b6, 40, seq6}} {
		for typ := range 256 {
			copy(f.b[f.header:], []byte{byte(typ), 5, 0xaa, 0xbb, 0x12, 0x34, 0x56, 0x78})
			var want uint16
			switch f.seq[typ] {
			case 1:
				want = 0x56
			case 2:
				want = 0x5678
			}
			q := parse(t, f.b)
			if q.ICMPType != uint8(typ) || q.ICMPCode != 5 || q.Checksum != 0xaabb {
				t.Errorf("%s %d: %d/%d, checksum %#x", f.name, typ, q.ICMPType, q.ICMPCode, q.Checksum)
			}
			if has := f.seq[typ] != 0; q.Has(quote.ICMPID) != has || q.Has(quote.ICMPSeq) != has || (q.ICMPID == 0x1234) != has {
				t.Errorf("%s %d: identifier %#x there: %v, want %v", f.name, typ, q.ICMPID, q.Has(quote.ICMPID), has)
			}
			if q.ICMPSeq != want {
				t.Errorf("%s %d: sequence number %#x, want %#x", f.name, typ, q.ICMPSeq, want)
			}
		}
	}
}
