// Package kind is what firewalls tell ICMP messages apart by: family, type and
// code, and the words for them of nft(8) and iptables(8).
package kind
