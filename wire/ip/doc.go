// Package ip reads, checks and writes the headers of IPv4 (RFC 791) and IPv6
// (RFC 8200), and cuts datagrams into fragments.
//
//	h, payload, err := ip.Parse4(b)
//
// [Parse4] and [Parse6] take the length of the payload from the header, never
// from the buffer: octets that a link has padded are no part of it, and a
// datagram that a capture has cut is told apart from a malformed one (RFC 1122
// §3.2):
//
//	switch {
//	case errors.Is(err, wire.Truncated): // h and payload are good as far as they go
//	case err != nil:                     // nobody should have sent this
//	}
//
// The datagram inside an ICMP error is neither, and wire/quote reads it. Parsing
// allocates nothing, and slices of what is returned alias the octets read.
// AppendBinary writes a header back as it was read, AppendPacket writes it in
// front of a payload, lengths computed.
//
// [Options4] walks the options of an IPv4 header; wire/option knows what they
// say. [Header6.Upper] walks the extension headers of IPv6 to the upper layer,
// and [Header6.Extensions] stops at each of them. Offsets in errors, options
// and extension headers count from the beginning of the IP header, as the
// pointer of a parameter problem does.
//
// A gateway changes a datagram in place with [DecrementTTL4], [SetSrc4],
// [SetDst4] and [Seal4], and cuts one with [NewFragmenter4].
//
// Not supported: jumbograms (RFC 2675).
package ip
