package ip

import "strconv"

// Proto is the number that says what follows an IP header: the protocol field
// of IPv4, the next header field of IPv6. One registry serves both (IANA,
// "Assigned Internet Protocol Numbers").
type Proto uint8

// The protocols that this module has something to say about.
const (
	ProtoHopByHop Proto = 0 // IPv6 hop-by-hop options
	ProtoICMP     Proto = 1
	ProtoIGMP     Proto = 2
	ProtoIPv4     Proto = 4 // IPv4 in IP
	ProtoTCP      Proto = 6
	ProtoUDP      Proto = 17
	ProtoDCCP     Proto = 33
	ProtoIPv6     Proto = 41 // IPv6 in IP
	ProtoRouting  Proto = 43 // IPv6 routing header
	ProtoFragment Proto = 44 // IPv6 fragment header
	ProtoGRE      Proto = 47
	ProtoESP      Proto = 50
	ProtoAH       Proto = 51 // authentication header, in IPv6 an extension header
	ProtoICMPv6   Proto = 58
	ProtoNoNext   Proto = 59 // IPv6: nothing follows
	ProtoDestOpts Proto = 60 // IPv6 destination options
	ProtoOSPF     Proto = 89
	ProtoPIM      Proto = 103
	ProtoVRRP     Proto = 112
	ProtoL2TP     Proto = 115
	ProtoSCTP     Proto = 132
	ProtoMobility Proto = 135
	ProtoUDPLite  Proto = 136
	ProtoMPLS     Proto = 137 // MPLS in IP
	ProtoHIP      Proto = 139
	ProtoShim6    Proto = 140
)

// String returns the registry's keyword, "protocol 200" where this package
// knows none.
func (p Proto) String() string {
	switch p {
	case ProtoHopByHop:
		return "HOPOPT"
	case ProtoICMP:
		return "ICMP"
	case ProtoIGMP:
		return "IGMP"
	case ProtoIPv4:
		return "IPv4"
	case ProtoTCP:
		return "TCP"
	case ProtoUDP:
		return "UDP"
	case ProtoDCCP:
		return "DCCP"
	case ProtoIPv6:
		return "IPv6"
	case ProtoRouting:
		return "IPv6-Route"
	case ProtoFragment:
		return "IPv6-Frag"
	case ProtoGRE:
		return "GRE"
	case ProtoESP:
		return "ESP"
	case ProtoAH:
		return "AH"
	case ProtoICMPv6:
		return "IPv6-ICMP"
	case ProtoNoNext:
		return "IPv6-NoNxt"
	case ProtoDestOpts:
		return "IPv6-Opts"
	case ProtoOSPF:
		return "OSPFIGP"
	case ProtoPIM:
		return "PIM"
	case ProtoVRRP:
		return "VRRP"
	case ProtoL2TP:
		return "L2TP"
	case ProtoSCTP:
		return "SCTP"
	case ProtoMobility:
		return "Mobility Header"
	case ProtoUDPLite:
		return "UDPLite"
	case ProtoMPLS:
		return "MPLS-in-IP"
	case ProtoHIP:
		return "HIP"
	case ProtoShim6:
		return "Shim6"
	}
	return "protocol " + strconv.Itoa(int(p))
}

// TTL is how many more gateways a datagram may pass: the time to live of IPv4,
// the hop limit of IPv6.
type TTL uint8
