package nat_test

import (
	"bytes"
	"testing"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// FuzzTranslate sends whatever comes both ways. Header and ICMP checksums are
// sealed first, so that the fuzzer reaches what is behind them. Afterwards
// checksums that held hold, nothing has changed that was refused, and what is
// behind the datagram is untouched.
func FuzzTranslate(f *testing.F) {
	n := translator(f, nat.Config{Mappings: 64})
	sent := udp(f, addrPort(host, 40000), addrPort(peer, 53), "x")
	port := out(f, n, epoch, sent)
	f.Add(true, sent)
	f.Add(false, udp(f, addrPort(peer, 53), addrPort(outside, port), "x"))
	f.Add(false, icmp(f, far, outside, icmp4.TimeExceeded{Quote: sent}))
	f.Add(true, icmp(f, host, peer, icmp4.DestUnreachable{Quote: udp(f, addrPort(peer, 53), addrPort(host, 40000), "x")}))
	f.Add(true, icmp(f, host, peer, icmp4.Echo{ID: 1}))
	f.Add(true, tcp(f, addrPort(host, 1), addrPort(peer, 2), transport.SYN))
	f.Fuzz(func(t *testing.T, outward bool, d []byte) {
		reseal(d)
		before := bytes.Clone(d)
		way := n.Inbound
		if outward {
			way = n.Outbound
		}
		if why := way(epoch, d); why != mib.None {
			if !bytes.Equal(d, before) {
				t.Fatalf("%v, and changed", why)
			}
			return
		}
		h, p, err := ip.Parse4(d)
		if err != nil {
			t.Fatal(err)
		}
		was, old, _ := ip.Parse4(before)
		if !bytes.Equal(d[h.TotalLen:], before[was.TotalLen:]) {
			t.Fatal("octets behind the datagram have changed")
		}
		if h.IsFragment() {
			return
		}
		switch h.Proto {
		case ip.ProtoICMP:
			if icmp4.Verify(old) == nil && icmp4.Verify(p) != nil {
				t.Fatal("ICMP checksum")
			}
		case ip.ProtoUDP:
			if _, _, err := transport.ParseUDP(old, was.Src, was.Dst); err == nil {
				if _, _, err := transport.ParseUDP(p, h.Src, h.Dst); err != nil {
					t.Fatal(err)
				}
			}
		case ip.ProtoTCP:
			if _, _, err := transport.ParseTCP(old, was.Src, was.Dst); err == nil {
				if _, _, err := transport.ParseTCP(p, h.Src, h.Dst); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
