package filter

import (
	"sync"

	"github.com/sonde-net/sonde/wire/ip"
)

// proto is a protocol that an expression can name.
type proto struct {
	name string
	link uint16   // its EtherType, of those that a link carries
	ip   ip.Proto // its number, of those that IP carries
	v4   bool     // it is looked for in IPv4,
	v6   bool     // in IPv6
	port bool     // it has ports
	addr bool     // it has addresses
	data bool     // its octets can be looked at
}

const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherRARP = 0x8035
	etherIPv6 = 0x86dd
)

var protos = sync.OnceValue(func() map[string]*proto {
	return byName([]proto{
		{name: "ip", link: etherIPv4, addr: true, data: true},
		{name: "ip6", link: etherIPv6, addr: true, data: true},
		{name: "arp", link: etherARP, addr: true, data: true},
		{name: "rarp", link: etherRARP, addr: true, data: true},
		{name: "icmp", ip: ip.ProtoICMP, v4: true, data: true},
		{name: "igmp", ip: 2, v4: true, data: true},
		{name: "icmp6", ip: ip.ProtoICMPv6, v6: true, data: true},
		{name: "tcp", ip: ip.ProtoTCP, v4: true, v6: true, port: true, data: true},
		{name: "udp", ip: ip.ProtoUDP, v4: true, v6: true, port: true, data: true},
		{name: "sctp", ip: 132, v4: true, v6: true, port: true, data: true},
		{name: "esp", ip: 50, v4: true, v6: true},
		{name: "ah", ip: 51, v4: true, v6: true},
	})
})

func byName(all []proto) map[string]*proto {
	m := map[string]*proto{}
	for i := range all {
		m[all[i].name] = &all[i]
	}
	return m
}

// values are the names that numbers have.
var values = sync.OnceValue(func() map[string]uint32 {
	return map[string]uint32{
		"icmptype": 0, "icmpcode": 1,
		"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8,
		"icmp-routeradvert": 9, "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12,
		"icmp-tstamp": 13, "icmp-tstampreply": 14, "icmp-ireq": 15, "icmp-ireqreply": 16,
		"icmp-maskreq": 17, "icmp-maskreply": 18,

		"icmp6type": 0, "icmp6code": 1,
		"icmp6-destinationrunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3,
		"icmp6-parameterproblem": 4, "icmp6-echo": 128, "icmp6-echoreply": 129,
		"icmp6-multicastlistenerquery": 130, "icmp6-multicastlistenerreportv1": 131,
		"icmp6-multicastlistenerdone": 132, "icmp6-routersolicit": 133, "icmp6-routeradvert": 134,
		"icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136, "icmp6-redirect": 137,
		"icmp6-routerrenum": 138, "icmp6-nodeinformationquery": 139, "icmp6-nodeinformationresponse": 140,
		"icmp6-ineighbordiscoverysolicit": 141, "icmp6-ineighbordiscoveryadvert": 142,
		"icmp6-multicastlistenerreportv2": 143, "icmp6-homeagentdiscoveryrequest": 144,
		"icmp6-homeagentdiscoveryreply": 145, "icmp6-mobileprefixsolicit": 146,
		"icmp6-mobileprefixadvert": 147, "icmp6-certpathsolicit": 148, "icmp6-certpathadvert": 149,
		"icmp6-multicastrouteradvert": 151, "icmp6-multicastroutersolicit": 152,
		"icmp6-multicastroutertermination": 153,

		"tcpflags": 13, "tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16,
		"tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
	}
})

// unsupported are words of tcpdump's language that are none of ours.
var unsupported = map[string]bool{
	"ether": true, "link": true, "fddi": true, "tr": true, "wlan": true, "gateway": true, "broadcast": true,
	"multicast": true, "mpls": true, "pppoes": true, "pppoed": true, "inbound": true, "outbound": true,
	"protochain": true, "ifname": true, "on": true, "rnr": true, "reason": true, "rset": true, "action": true,
	"geneve": true, "vxlan": true, "decnet": true, "atalk": true, "aarp": true, "iso": true, "stp": true, "ipx": true,
	"netbeui": true, "lat": true, "moprc": true, "mopdl": true, "pim": true, "vrrp": true, "carp": true,
	"igrp": true, "byte": true, "type": true, "subtype": true, "dir": true, "addr1": true, "addr2": true,
	"addr3": true, "addr4": true, "ra": true, "ta": true, "lane": true, "llc": true, "atm": true, "vpi": true, "vci": true,
}
