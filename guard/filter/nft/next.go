package nft

import (
	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/kind"
)

// next is what the IP header of a packet says comes behind it. Between header and
// message, those about multicast listeners and routers have a router alert among
// hop-by-hop options (RFC 2710 §3, RFC 3810 §5, RFC 4286 §3).
func next(p *filter.Packet) uint8 {
	const hopByHop = 0
	if p.Family == kind.V6 && p.Proto == kind.V6.Proto() {
		switch p.Type {
		case 130, 131, 132, 143, 151, 152, 153:
			return hopByHop
		}
	}
	return p.Proto
}
