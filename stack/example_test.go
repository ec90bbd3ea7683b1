package stack_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/believe"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// Example answers ping on any stream of packets: a VPN's, a tunnel's, a sandbox's.
func Example() {
	node, err := stack.New(stack.Config{
		Interfaces: []stack.Interface{{Addrs: []netip.Prefix{netip.MustParsePrefix("10.9.0.2/24")}}},
	})
	if err != nil {
		panic(err)
	}
	answer := func(now time.Time, packet []byte, send func([]byte)) {
		node.Receive(now, stack.Datagram{Octets: packet})
		for {
			out, _, ok := node.Poll(now, nil)
			if !ok {
				return
			}
			send(out)
		}
	}

	ping, _ := ip.Enclose4(nil,
		ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: netip.MustParseAddr("10.9.0.1"), Dst: netip.MustParseAddr("10.9.0.2")},
		icmp4.Echo{ID: 1, Seq: 1, Data: []byte("are you there?")})
	answer(time.Unix(0, 0), ping, func(packet []byte) {
		h, payload, _ := ip.Parse4(packet)
		m, _ := icmp4.Parse(payload)
		fmt.Println(h.Src, "says", m)
	})
	// Output: 10.9.0.2 says 0/0 Echo Reply, id 1, seq 1, 14 octets
}

// Example_fragmentationNeeded tells the sender of a packet that does not fit
// the tunnel how large it may be, which is all that path MTU discovery needs.
func Example_fragmentationNeeded() {
	packet := tooLarge()
	r := report.Report{Cause: report.TooBig, MTU: 1400}
	if why := report.May(report.About{Octets: packet}, r.Cause); why != 0 {
		return // E-01 to E-06: about this one, nothing may be said
	}
	out, err := r.Append(nil, packet, report.Origin{Src: netip.MustParseAddr("192.0.2.254"), Gateway: true})
	if err != nil {
		panic(err)
	}

	h, payload, _ := ip.Parse4(out)
	m, _ := icmp4.ParseDestUnreachable(payload)
	fmt.Println(h.Src, "to", h.Dst, m)
	// Output: 192.0.2.254 to 192.0.2.1 3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set, mtu 1400, quotes 548 octets
}

// Example_believe asks of an error that has arrived whether it may be acted on:
// is the datagram that it quotes one of ours, and is it in flight?
func Example_believe() {
	mine := func(a netip.Addr) bool { return a == netip.MustParseAddr("192.0.2.1") }
	inFlight := func(q *quote.Quote) believe.Standing {
		if q.Proto == ip.ProtoUDP && q.Has(quote.Ports) && q.SrcPort == 4500 && q.DstPort == 4500 {
			return believe.InFlight
		}
		return believe.Unrecognised
	}
	router := netip.MustParseAddr("192.0.2.254")
	for _, about := range [][]byte{tooLarge(), forged()} {
		message, _ := icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1300, Quote: about[:28]}.AppendBinary(nil)
		claim, err := believe.Read4(router, message)
		if err != nil {
			fmt.Println(err)
			continue
		}
		if why := claim.Judge(mine, inFlight); why != mib.None {
			fmt.Println("not believed:", why)
			continue
		}
		fmt.Println("believed:", claim.Severity, claim.MTU)
	}
	// Output:
	// believed: too big 1300
	// not believed: packet too big about a datagram that is not recognised
}

// tooLarge is a datagram of a tunnel that may not be fragmented.
func tooLarge() []byte { return datagramOf(4500, 1400) }

// forged is one that nobody here has sent.
func forged() []byte { return datagramOf(53, 1400) }

func datagramOf(port uint16, data int) []byte {
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.7")
	u, err := transport.UDP{SrcPort: port, DstPort: port}.AppendPacket(nil, src, dst, make([]byte, data))
	if err != nil {
		panic(err)
	}
	b, err := ip.Header4{DF: true, TTL: 64, Proto: ip.ProtoUDP, Src: src, Dst: dst}.AppendPacket(nil, u)
	if err != nil {
		panic(err)
	}
	return b
}
