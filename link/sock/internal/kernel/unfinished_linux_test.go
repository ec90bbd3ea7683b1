package kernel_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/link/sock/internal/kernel"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestUnfinished: the sum of the pseudo-header alone, in its place, and no other.
func TestUnfinished(t *testing.T) {
	a4, b4 := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	a6, b6 := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::2")
	for _, c := range []struct {
		p        ip.Proto
		from, to netip.Addr
		at       int
	}{
		{ip.ProtoUDP, a4, b4, 6}, {ip.ProtoUDPLite, a4, b4, 6}, {ip.ProtoTCP, a4, b4, 16}, {ip.ProtoUDP, a6, b6, 6}, {ip.ProtoTCP, a6, b6, 16},
	} {
		b := make([]byte, c.at+2)
		sum := checksum.Pseudo4
		if c.from.Is6() {
			sum = func(src, dst netip.Addr, p uint8, n uint16) uint16 { return checksum.Pseudo6(src, dst, p, uint32(n)) }
		}
		binary.BigEndian.PutUint16(b[c.at:], sum(c.from, c.to, uint8(c.p), uint16(len(b))))
		from, to := c.from, c.to
		if from.Is6() {
			from, to = from.WithZone("eth0"), to.WithZone("eth0")
		}
		if !kernel.Unfinished(c.p, from, to, b) {
			t.Errorf("%v of %v", c.p, c.from)
		}
		if kernel.Unfinished(c.p, from, to, b[:c.at+1]) || kernel.Unfinished(c.p, from, netip.Addr{}, b) {
			t.Errorf("%v of %v: cut, or to nobody", c.p, c.from)
		}
		if b[c.at]++; kernel.Unfinished(c.p, from, to, b) {
			t.Errorf("%v of %v: another sum", c.p, c.from)
		}
	}
}
