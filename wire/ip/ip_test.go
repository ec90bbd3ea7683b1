package ip_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
)

var (
	a4 = netip.MustParseAddr("192.0.2.1")
	b4 = netip.MustParseAddr("198.51.100.7")
	a6 = netip.MustParseAddr("2001:db8::1")
	b6 = netip.MustParseAddr("2001:db8:ffff::7")
)

// octets decodes hex, spaces allowed.
func octets(tb testing.TB, s string) []byte {
	tb.Helper()
	return wiretest.Octets(tb, s)
}

// seal4 writes the header checksum of b by the sum of RFC 1071, word by word.
func seal4(b []byte) []byte {
	n := int(b[0]&15) * 4
	b[10], b[11] = 0, 0
	sum := 0
	for i := 0; i < n; i += 2 {
		sum += int(b[i])<<8 | int(b[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	b[10], b[11] = byte(^sum>>8), byte(^sum)
	return b
}
