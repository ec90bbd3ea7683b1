// Package transport reads, checks and builds the headers of UDP (RFC 768),
// UDP-Lite (RFC 3828) and TCP (RFC 9293), as far as an ICMP needs them: to see
// whose datagram an error quotes, to send probes, to match ports.
//
// The checksums of these protocols cover the addresses of the IP header too, so
// whoever parses or builds a packet gives them. Each header comes in the same
// forms:
//
//	u, payload, err := transport.ParseUDP(b, src, dst) // the whole packet, checksum verified
//	u, rest, err := transport.DecodeUDP(b)             // the header alone, also in a quote
//	b, err = u.AppendPacket(b, src, dst, payload)      // length and checksum computed
//	b, err = u.AppendBinary(b)                         // every field as it stands
//
// [ParsePorts] needs no more than the four octets that all of them, and SCTP
// and DCCP, begin with. Parsing allocates nothing, and slices alias the octets
// read.
package transport
