package believe_test

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/stack/believe"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// Protocol unreachable would end a connection. About one that is established it
// is a soft error, since only its peer may end that; about one that nobody has it
// is nothing.
func ExampleClaim_Judge() {
	host := netip.MustParseAddr("192.0.2.1")
	mine := func(a netip.Addr) bool { return a == host }
	connections := map[uint16]believe.Standing{40001: believe.InFlight, 40002: believe.Synchronised}
	standing := func(q *quote.Quote) believe.Standing {
		if q.Proto != ip.ProtoTCP || !q.Has(quote.Ports) {
			return believe.Unrecognised
		}
		return connections[q.SrcPort]
	}
	for _, port := range []uint16{40001, 40002, 40003} {
		segment := []byte{byte(port >> 8), byte(port), 0, 80, 0, 0, 0, 1} // ports and sequence number
		sent, err := ip.Header4{TTL: 64, Proto: ip.ProtoTCP, Src: host, Dst: netip.MustParseAddr("198.51.100.7")}.AppendPacket(nil, segment)
		if err != nil {
			fmt.Println(err)
			return
		}
		message, err := icmp4.DestUnreachable{Code: icmp4.CodeProtocolUnreachable, Quote: sent}.AppendBinary(nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		c, err := believe.Read4(netip.MustParseAddr("198.51.100.7"), message)
		if err != nil {
			fmt.Println(err)
			continue
		}
		if why := c.Judge(mine, standing); why != mib.None {
			fmt.Println(port, "not believed:", why)
			continue
		}
		fmt.Println(port, c.Cause, c.Severity)
	}
	// Output:
	// 40001 no such protocol here hard
	// 40002 no such protocol here soft
	// 40003 not believed: quoted datagram is not recognised
}
