package filter_test

// expressions are what tcpdump is asked, too.
var expressions = []string{
	"", "icmp", "icmp6", "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "igmp", "ah", "esp",
	"not icmp", "not not icmp", "! icmp6 && ! tcp", "icmp or icmp6", "icmp || udp", "icmp and ip", "(icmp)", "((icmp or tcp) and (ip))",
	"icmp or tcp and ip6", "ip6 and tcp or icmp", "not icmp and not icmp6 or udp", "not (icmp or icmp6)",

	"host 192.0.2.1", "src host 192.0.2.1", "dst host 10.1.2.3", "src 10.1.2.3", "dst 192.0.2.1",
	"src and dst host 192.0.2.1", "src or dst host 10.1.99.7", "dst or src 10.1.99.7", "ip host 192.0.2.1", "arp host 192.0.2.1", "rarp dst host 10.1.2.3",
	"ip src 10.1.2.3", "host 192.0.2.1 or 10.1.2.3", "host 192.0.2.1 and 10.1.2.3", "host 192.0.2.1 and not 10.1.2.3",
	"src host 192.0.2.1 or dst host 10.1.99.7", "not host 10.1.2.3", "host 2001:db8::1", "src host 2001:db8::1", "dst fe80::1",
	"ip6 host fe80::1", "host 2001:db8::1 and fe80::1", "src and dst host 2001:db8::1",

	"net 10", "net 10.1", "net 10.1.2", "net 10.1.2.3", "net 10.1.0.0/16", "src net 10.1.2.0/23", "dst net 192.0.0.0/8", "net 0.0.0.0/0",
	"net 10.1.0.0 mask 255.255.0.0", "net 10.1.2.0/24 or 192.0.2.0/24", "ip net 10.0.0.0/8", "net 192.0.2.0/31", "net 2001:db8::/32", "src net 2001:db8::/64",
	"net 2001:db8:0:1::/64", "dst net fe80::/10", "ip6 net ::/0", "net 2001:db8::1", "net 2001:db8::/33",

	"port 53", "src port 53", "dst port 53", "udp port 53", "tcp port 80", "tcp src port 80", "tcp dst port 80", "sctp port 80", "port 80 or 53",
	"port 80 and not 53", "src and dst port 80", "src or dst port 33434", "portrange 1024-1025", "udp portrange 1-1024", "src portrange 80-443",
	"src and dst portrange 1-80", "tcp portrange 33434-33434", "not port 53", "udp and (port 53 or port 5353)",

	"ip proto 1", "ip proto 47", "ip6 proto 58", "ip6 proto 0", "proto 6", "proto 17", `ip proto \icmp`, `ip6 proto \tcp`, "not ip proto 1",

	"less 64", "greater 64", "less 65", "greater 100", "len = 74", "len > 100", "len <= 100", "len - 14 > 50", "not less 200",

	"icmp[icmptype] == icmp-echo", "icmp[icmptype] = icmp-unreach", "icmp[0] = 3", "icmp[0]=3", "icmp[0] != 3", "not icmp[0] = 3", "icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply",
	"icmp[0] > 10", "icmp[0] >= 10", "icmp[0] < 10", "icmp[0] <= 10", "icmp[icmpcode] = 2", "icmp[0:2] = 0x0303", "icmp[4:2] = 1", "icmp[4:4] = 0x10002",
	"icmp6[0] = 128", "icmp6[icmp6type] == icmp6-packettoobig", "icmp6[icmp6type] = icmp6-neighborsolicit or icmp6[0] = 136", "icmp6[0] & 0x80 = 0", "icmp6[1] = 1",
	"ip[0] & 0xf != 5", "ip[6:2] & 0x1fff != 0", "ip[6] & 0x20 != 0", "ip[8] = 64", "ip[2:2] > 100", "ip6[6] = 58", "ip6[4:2] > 100", "ip6[40] = 128",
	"tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn", "tcp[13] = 18", "udp[0:2] = 53", "arp[6:2] = 1", "arp[24:4] = 0x0a010203",
	"igmp[0] = 17", "sctp[0:2] = 80",
	"icmp[0] = icmp[1]", "icmp[0] + 1 = 4", "icmp[0] * 2 + 1 > 10 - 3", "(icmp[0] + 1) * 2 = 8", "icmp[0] & 3 | 4 = 7", "icmp[0] | 4 & 3 = 3", "icmp[0] << 2 = 12",
	"icmp[0] >> 1 = 4", "icmp[0] / 2 = 4", "icmp[0] % 4 = 3", "icmp[0] ^ 8 = 0", "2 = icmp[0] - 1", "3 = icmp[0]", "8 != icmp[0]", "icmp[icmp[0]] = 0", "ip[icmp[1] + 8] = 64",
	"ip[ip[0] & 0xf] = 0", "icmp[0] / icmp[1] = 1", "icmp[1] << icmp[0] = 16", "icmp[0] - icmp[1] > 0x80000000", "ip[2:2] - ((ip[0] & 0xf) << 2) > 80", "icmp[2000] = 0", "ip[len - 15] = 0",
	"10 - icmp[0] * 2 = 4", "- icmp[0] = 4294967293", "5 > 3", "3 = 4", "1 + 1 = 2 and icmp",
}

// vlans are those that tcpdump takes on a link with VLANs only.
var vlans = []string{
	"vlan", "vlan 3", "vlan 100", "not vlan", "vlan and icmp", "vlan 3 and icmp", "vlan and vlan", "vlan 100 and vlan 7", "vlan and vlan and icmp6[0] = 128",
	"vlan or icmp", "icmp or vlan", "icmp or (vlan and icmp)", "vlan and host 10.1.2.3", "vlan and port 53", "not vlan and icmp",
}
