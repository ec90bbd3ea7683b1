package nat_test

import (
	"testing"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/icmp4"
)

func BenchmarkTranslate(b *testing.B) {
	n := translator(b, nat.Config{})
	sent := udp(b, addrPort(host, 40000), addrPort(peer, 53), "x")
	d := append([]byte(nil), sent...)
	port := out(b, n, epoch, d)
	for _, bb := range []struct {
		name string
		way  func([]byte) mib.Drop
		d    []byte
	}{
		{"out/udp", func(d []byte) mib.Drop { return n.Outbound(epoch, d) }, sent},
		{"in/udp", func(d []byte) mib.Drop { return n.Inbound(epoch, d) }, udp(b, addrPort(peer, 53), addrPort(outside, port), "x")},
		{"in/msg=exceeded", func(d []byte) mib.Drop { return n.Inbound(epoch, d) }, icmp(b, far, outside, icmp4.TimeExceeded{Quote: d})},
	} {
		b.Run(bb.name, func(b *testing.B) {
			buf := make([]byte, 0, 256)
			b.SetBytes(int64(len(bb.d)))
			b.ReportAllocs()
			for b.Loop() {
				if why := bb.way(append(buf, bb.d...)); why != mib.None {
					b.Fatal(why)
				}
			}
		})
	}
}
