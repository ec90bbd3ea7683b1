package checksum_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/checksum"
)

var (
	a4 = netip.MustParseAddr("192.0.2.1")
	b4 = netip.MustParseAddr("203.0.113.254")
	f4 = netip.MustParseAddr("255.255.255.255")
	a6 = netip.MustParseAddr("2001:db8:1234:5678:9abc:def0:1357:9bdf")
	b6 = netip.MustParseAddr("fe80::fedc:ba98:7654:3210")
	f6 = netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
	m4 = netip.MustParseAddr("::ffff:192.0.2.1")
)

func TestPseudo4(t *testing.T) {
	for _, tt := range []struct {
		src, dst netip.Addr
		proto    uint8
		length   uint16
		header   string
	}{
		{a4, b4, 17, 8, "c0000201 cb0071fe 0011 0008"},
		{b4, a4, 6, 0x1234, "cb0071fe c0000201 0006 1234"},
		{f4, f4, 255, 0xffff, "ffffffff ffffffff 00ff ffff"},
		{a4, f4, 0, 0, "c0000201 ffffffff 0000 0000"},
		{netip.Addr{}, a4, 1, 2, "00000000 c0000201 0001 0002"},
		{a4, netip.Addr{}, 1, 2, "c0000201 00000000 0001 0002"},
		{a4, b6, 1, 2, "c0000201 00000000 0001 0002"},
		{m4, a4, 1, 2, "00000000 c0000201 0001 0002"},
		{netip.Addr{}, netip.Addr{}, 0, 0, "00000000 00000000 0000 0000"},
	} {
		want := oracle(octets(t, tt.header), 0)
		if got := checksum.Pseudo4(tt.src, tt.dst, tt.proto, tt.length); got != want {
			t.Errorf("%v > %v, protocol %d, %d octets: %#04x, want %#04x", tt.src, tt.dst, tt.proto, tt.length, got, want)
		}
	}
}

func TestPseudo6(t *testing.T) {
	conform.Row(t, "W-02")
	for _, tt := range []struct {
		src, dst netip.Addr
		proto    uint8
		length   uint32
		header   string
	}{
		{a6, b6, 58, 8, "20010db8123456789abcdef013579bdf fe80000000000000fedcba9876543210 00000008 0000003a"},
		{b6, a6, 17, 0x12345678, "fe80000000000000fedcba9876543210 20010db8123456789abcdef013579bdf 12345678 00000011"},
		{f6, f6, 255, 0xffffffff, "ffffffffffffffffffffffffffffffff ffffffffffffffffffffffffffffffff ffffffff 000000ff"},
		{a6, f6, 0, 0, "20010db8123456789abcdef013579bdf ffffffffffffffffffffffffffffffff 00000000 00000000"},
		{a6, a4, 1, 2, "20010db8123456789abcdef013579bdf 00000000000000000000ffffc0000201 00000002 00000001"},
		{m4, b6, 1, 2, "00000000000000000000ffffc0000201 fe80000000000000fedcba9876543210 00000002 00000001"},
		{netip.Addr{}, a6, 1, 2, "00000000000000000000000000000000 20010db8123456789abcdef013579bdf 00000002 00000001"},
		{a6.WithZone("eth0"), b6, 58, 8, "20010db8123456789abcdef013579bdf fe80000000000000fedcba9876543210 00000008 0000003a"},
		{netip.Addr{}, netip.Addr{}, 0, 0, "00000000000000000000000000000000 00000000000000000000000000000000 00000000 00000000"},
	} {
		want := oracle(octets(t, tt.header), 0)
		if got := checksum.Pseudo6(tt.src, tt.dst, tt.proto, tt.length); got != want {
			t.Errorf("%v > %v, next header %d, %d octets: %#04x, want %#04x", tt.src, tt.dst, tt.proto, tt.length, got, want)
		}
	}
}

// TestPseudo6Carries sets each quarter in turn, so that each addition carries
// into the next.
func TestPseudo6Carries(t *testing.T) {
	quarter := [][]byte{bytes.Repeat([]byte{0xff}, 8), make([]byte, 8), {0, 0, 0, 0, 0, 0, 0, 1}, {0x80, 0, 0, 0, 0, 0, 0, 0}}
	for i := range 256 {
		h := make([]byte, 0, 40)
		for j := range 4 {
			h = append(h, quarter[i>>(2*j)&3]...)
		}
		src, dst := netip.AddrFrom16([16]byte(h[:16])), netip.AddrFrom16([16]byte(h[16:]))
		for _, length := range []uint32{0, 1, 0xffffffff} {
			want := oracle(append(binary.BigEndian.AppendUint32(h, length), 0, 0, 0, 58), 0)
			if got := checksum.Pseudo6(src, dst, 58, length); got != want {
				t.Fatalf("%v > %v, %d octets: %#04x, want %#04x", src, dst, length, got, want)
			}
		}
	}
}

// An ICMPv6 message is checked with its pseudo-header in front of it.
func TestICMPv6(t *testing.T) {
	conform.Row(t, "W-02")
	src, dst := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("ff02::1")
	m := octets(t, "8000 0000 abcd 0001 61")
	whole := append(octets(t, "fe800000000000000000000000000001 ff020000000000000000000000000001 00000009 0000003a"), m...)
	pseudo := checksum.Pseudo6(src, dst, 58, uint32(len(m)))
	if got, want := ^checksum.Sum(m, pseudo), ^oracle(whole, 0); got != want {
		t.Fatalf("%#04x, want %#04x", got, want)
	}
	binary.BigEndian.PutUint16(m[2:], ^checksum.Sum(m, pseudo))
	if got := checksum.Sum(m, pseudo); got != 0xffff {
		t.Errorf("sealed: sum %#04x, want 0xffff", got)
	}
}

func TestPseudoNoAllocs(t *testing.T) {
	wiretest.NoAllocs(t, "Pseudo4", func() { checksum.Pseudo4(a4, b4, 17, 8) })
	wiretest.NoAllocs(t, "Pseudo6", func() { checksum.Pseudo6(a6, b6, 17, 8) })
}

func BenchmarkPseudo(b *testing.B) {
	b.Run("family=4", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			checksum.Pseudo4(a4, b4, 17, 64)
		}
	})
	b.Run("family=6", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			checksum.Pseudo6(a6, b6, 58, 64)
		}
	})
}
