package ip_test

import (
	"testing"

	"github.com/sonde-net/sonde/wire/ip"
)

func TestProto(t *testing.T) {
	for _, r := range []struct {
		p      ip.Proto
		number uint8
		text   string
		ext    bool
	}{
		{ip.ProtoHopByHop, 0, "HOPOPT", true},
		{ip.ProtoICMP, 1, "ICMP", false},
		{ip.ProtoIGMP, 2, "IGMP", false},
		{ip.ProtoIPv4, 4, "IPv4", false},
		{ip.ProtoTCP, 6, "TCP", false},
		{ip.ProtoUDP, 17, "UDP", false},
		{ip.ProtoDCCP, 33, "DCCP", false},
		{ip.ProtoIPv6, 41, "IPv6", false},
		{ip.ProtoRouting, 43, "IPv6-Route", true},
		{ip.ProtoFragment, 44, "IPv6-Frag", true},
		{ip.ProtoGRE, 47, "GRE", false},
		{ip.ProtoESP, 50, "ESP", false},
		{ip.ProtoAH, 51, "AH", true},
		{ip.ProtoICMPv6, 58, "IPv6-ICMP", false},
		{ip.ProtoNoNext, 59, "IPv6-NoNxt", false},
		{ip.ProtoDestOpts, 60, "IPv6-Opts", true},
		{ip.ProtoOSPF, 89, "OSPFIGP", false},
		{ip.ProtoPIM, 103, "PIM", false},
		{ip.ProtoVRRP, 112, "VRRP", false},
		{ip.ProtoL2TP, 115, "L2TP", false},
		{ip.ProtoSCTP, 132, "SCTP", false},
		{ip.ProtoMobility, 135, "Mobility Header", false},
		{ip.ProtoUDPLite, 136, "UDPLite", false},
		{ip.ProtoMPLS, 137, "MPLS-in-IP", false},
		{ip.ProtoHIP, 139, "HIP", false},
		{ip.ProtoShim6, 140, "Shim6", false},
		{ip.Proto(200), 200, "protocol 200", false},
	} {
		if uint8(r.p) != r.number || r.p.String() != r.text || r.p.IsExtension() != r.ext {
			t.Errorf("%d: %q, extension header %t; want %d, %q, %t", r.p, r.p, r.p.IsExtension(), r.number, r.text, r.ext)
		}
	}
}
