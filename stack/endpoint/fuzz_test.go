package endpoint_test

import (
	"testing"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// FuzzEndpoint delivers whatever comes as the payload of each protocol, the
// checksums of ICMP mended. Nothing panics, and the endpoint sends no more than
// one datagram for each that it gets.
func FuzzEndpoint(f *testing.F) {
	f.Add(uint8(17), []byte{0x13, 0x88, 0, 7, 0, 9, 0, 0, 'x'})
	f.Add(uint8(1), []byte{3, 3, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 1, 17, 0, 0, 10, 0, 1, 20, 10, 0, 1, 10, 0, 7, 0x13, 0x88, 0, 8, 0, 0})
	f.Add(uint8(6), make([]byte, 20))
	f.Add(uint8(58), []byte("ICMPv6 in IPv4"))
	p := newPair(f, endpoint.Config{}, endpoint.Config{Echo: true, Discard: true, Datagrams: 4})
	open(f, p.b.Endpoint, 53)
	raw := openICMP(f, p.b.Endpoint, nil)
	f.Fuzz(func(t *testing.T, proto uint8, payload []byte) {
		if len(payload) > 1400 {
			return
		}
		if ip.Proto(proto) == ip.ProtoICMP && len(payload) >= 4 {
			r, err := icmp4.DecodeRaw(payload)
			if err != nil {
				return
			}
			if payload, err = r.AppendBinary(nil); err != nil {
				return
			}
		}
		d, err := ip.Header4{TTL: 9, Proto: ip.Proto(proto), Src: addrA, Dst: addrB}.AppendPacket(nil, payload)
		if err != nil {
			t.Fatal(err)
		}
		p.b.node.Receive(epoch, stack.Datagram{Octets: d})
		p.b.Tick(epoch)
		sent := 0
		for {
			if _, _, ok := p.b.node.Poll(epoch, p.buf[:0]); !ok {
				break
			}
			sent++
		}
		if sent > 1 {
			t.Fatalf("%d datagrams for one", sent)
		}
		if m, ok := raw.Receive(); ok && icmp4.Verify(m.Payload) != nil {
			t.Fatal("a message with a bad checksum")
		}
	})
}
