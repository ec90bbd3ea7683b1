package narration_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

func TestDescribe(t *testing.T) {
	a, b := addr("10.0.0.1"), addr("10.0.0.2")
	a6, b6 := addr("2001:db8::1"), addr("2001:db8::2")
	must := func(d []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	udp := must(transport.UDP{SrcPort: 5, DstPort: 9}.AppendPacket(nil, a, b, make([]byte, 12)))
	tcp := must(transport.TCP{SrcPort: 5, DstPort: 80, Flags: transport.SYN}.AppendPacket(nil, a, b, nil))
	v4 := func(h ip.Header4, payload []byte) []byte {
		h.Src, h.Dst = a, b
		return must(h.AppendPacket(nil, payload))
	}
	quoted := v4(ip.Header4{TTL: 1, Proto: ip.ProtoUDP}, udp)
	options, _ := hex.DecodeString("0707040000000000")
	echo6 := must(icmp6.Echo{ID: 1, Seq: 2}.Append(nil, a6, b6))
	v6 := func(n ip.Proto, payload []byte) []byte {
		return must(ip.Header6{NextHeader: n, HopLimit: 7, Src: a6, Dst: b6}.AppendPacket(nil, payload))
	}
	for _, r := range []struct {
		d    []byte
		want string
	}{
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoUDP, DF: true, TOS: 0x10}, udp), "UDP 5 > 9, 20 octets, ttl 64, tos 0x10, df"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoTCP}, tcp), "TCP 5 > 80 SYN, seq 0, ack 0, window 0, 0 octets, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: 132}, udp), "SCTP, 20 octets, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoUDP, ID: 7, MF: true}, udp[:16]), "UDP 5 > 9, 20 octets, fragment 7 at 0 of 16 octets, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoUDP, ID: 7, FragOffset: 16}, udp[16:]), "UDP, fragment 7 at 16 of 4 octets, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoUDP}, udp[:4]), "UDP 5 > 9, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Options: options}, must(icmp4.Echo{ID: 1}.AppendBinary(nil))), "8/0 Echo, id 1, seq 0, 0 octets, ttl 64, Record Route"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoICMP}, must(icmp4.TimeExceeded{Quote: quoted}.AppendBinary(nil))), "11/0 Time Exceeded: Time to Live exceeded in Transit, quotes 40 octets, about UDP 10.0.0.1:5 > 10.0.0.2:9, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoICMP}, must(icmp4.SourceQuench{Quote: quoted[:20]}.AppendBinary(nil))), "4/0 Source Quench, quotes 20 octets, about UDP 10.0.0.1 > 10.0.0.2, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoICMP}, must(icmp4.DestUnreachable{}.AppendBinary(nil))), "3/0 Destination Unreachable: Net Unreachable, quotes 0 octets, ttl 64"},
		{v4(ip.Header4{TTL: 64, Proto: ip.ProtoICMP}, []byte{8}), "ICMP, 1 octets, ttl 64"},
		{v6(ip.ProtoICMPv6, echo6), "128/0 Echo Request, id 1, seq 2, 0 octets, ttl 7"},
		{v6(ip.ProtoUDP, udp), "UDP 5 > 9, 20 octets, ttl 7"},
		{v6(ip.ProtoFragment, append([]byte{17, 0, 0, 16, 0, 0, 0, 9}, udp...)), "UDP, later fragment, ttl 7"},
	} {
		src, dst, what, _ := narration.Describe(r.d)
		if what != r.want || src != a && src != a6 || dst != b && dst != b6 {
			t.Errorf("%v > %v %s\nwant %s", src, dst, what, r.want)
		}
	}
	for _, d := range [][]byte{nil, {0x45}, {0x60}, make([]byte, 40)} {
		if src, _, what, _ := narration.Describe(d); src.IsValid() || !strings.Contains(what, "octets: ") {
			t.Errorf("%x: %v %s", d, src, what)
		}
	}
}

// TestFlow: what is counted together.
func TestFlow(t *testing.T) {
	flow := func(m icmp4.Message, src string) string {
		b, err := m.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ip.Header4{TTL: 3, Proto: ip.ProtoICMP, Src: addr(src), Dst: addr("10.0.0.2")}.AppendPacket(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, f := narration.Describe(d)
		return f
	}
	first := flow(icmp4.Echo{ID: 1}, "10.0.0.1")
	if flow(icmp4.Echo{ID: 2, Seq: 9, Data: []byte{1}}, "10.0.0.1") != first {
		t.Error("two requests are of different kinds")
	}
	for _, f := range []string{flow(icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}}, "10.0.0.1"), flow(icmp4.Echo{}, "10.0.0.3"), flow(icmp4.DestUnreachable{}, "10.0.0.1")} {
		if f == first {
			t.Errorf("%s is of the same kind", f)
		}
	}
}
