// Package filter chooses packets by an expression in the language of tcpdump
// (pcap-filter(7)).
//
//	f, err := filter.Parse("icmp[icmptype] == icmp-unreach and not host 192.0.2.1")
//	for p, err := range r.All() {
//		if f.Match(p.Link, p.Data, p.Length) { … }
//	}
//
// An expression is compiled for a link type into a [Program] of the classic
// packet filter, which the kernel takes ([Filter.Compile]), and which [Program.Match]
// runs here. The same packets pass as with tcpdump:
//
//	icmp icmp6 ip ip6 arp rarp tcp udp sctp igmp ah esp
//	[ip|ip6|arp|rarp] [src|dst|src or dst|src and dst] host ADDRESS
//	[ip|ip6|arp|rarp] [src|dst|…] net PREFIX         10.0.0.0/8, 10.1, 2001:db8::/32
//	[tcp|udp|sctp] [src|dst|…] port N                portrange N-M
//	[ip|ip6] proto N
//	less N  greater N                                length on the wire, octets
//	vlan [N]                                         what follows is about what is inside
//	EXPR = EXPR                                      also == != < <= > >=
//	and or not, also && || !, parentheses
//
// EXPR is arithmetic of 32 bits (+ - * / % & | ^ << >>) over numbers, len, and
// octets PROTO[OFFSET:SIZE] of ip, ip6, icmp, icmp6, tcp, udp, sctp, igmp, arp and
// rarp, where SIZE is 1, 2 or 4. The offsets and values that tcpdump has names
// for (icmptype, icmp-echo, tcpflags, tcp-syn, …) are known. After and, or and
// not an address or a number repeats the words before it: "port 80 or 443". As in
// tcpdump, "and" binds no closer than "or", a number needs a blank before a
// minus sign, and a packet too short for what is looked at does not pass. Octets
// are looked at in the order of the expression, as by tcpdump -O: its optimizer
// changes that, which shows with packets that are cut.
//
// Not supported: names of hosts, networks and ports, ether, gateway, broadcast,
// multicast, mpls, pppoes, inbound, outbound, protochain, and all that is
// neither. They are errors, with their column.
//
// Deviation: on links that have no VLANs "vlan" matches nothing, where tcpdump
// refuses it. So one expression serves a capture of several links.
package filter
