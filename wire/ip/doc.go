// Package ip reads, checks and writes the headers of IPv4 (RFC 791) and IPv6
// (RFC 8200), and cuts datagrams into fragments.
//
//	h, payload, err := ip.Parse4(b)
//
// [Parse4] and [Parse6] take the length of the payload from the header, never
// from the buffer: octets that a link has padded are no part of it, and a
// datagram that a capture has cut is told apart from a malformed one (RFC 1122
// §3.2). They allocate nothing and return slices of b. [Quoted4] and [Quoted6]
// do the same for the datagram inside an ICMP error, which is always cut and
// whose fields gateways have changed. AppendBinary writes a header back as it
// was read, AppendPacket writes it in front of a payload and computes the
// lengths.
package ip
