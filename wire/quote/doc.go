// Package quote reads the datagram inside an ICMP error.
//
// An error quotes the datagram that it is about: its IP header, options
// included, and at least eight octets behind that (RFC 792; RFC 1122 §3.2.2
// allows more, RFC 1812 §4.3.2.3 and RFC 4443 §2.4 ask for it). That is not a
// packet, and the parsers of wire/ip refuse it with good reason:
//
//   - it is cut, sometimes inside its header, and its length field still tells
//     of the datagram that it was;
//   - its TTL is what the reporting router saw, and the header checksum may be
//     that of another TTL, or zero;
//   - an address translator may have rewritten it, or may not have;
//   - systems of BSD descent quote the total length and the fragment offset in
//     their own byte order, or the total length less the header;
//   - an extension structure behind it has it padded with zeros to 128 octets
//     or more (RFC 4884 §3).
//
// [Parse] therefore refuses next to nothing. It returns what there is, and
// which fields these are:
//
//	q, err := quote.Parse(m.Quote)
//	if err != nil {
//		return err // not even the beginning of a header
//	}
//	if q.Proto == ip.ProtoUDP && q.Has(quote.Ports) {
//		… q.SrcPort, q.DstPort …
//	}
//
// # Contract
//
// A field is in Present, and [Quote.Has] reports it, when the quote holds all
// its octets. A field that is absent is zero, an address that is absent is the
// zero Addr. Nothing is repaired: a length or an offset in the wrong byte order
// comes as it stands. A fragment other than the first has no upper-layer
// header, so no ports, whatever its octets look like.
//
// The payload ends where the total length says, so padding is no part of it. A
// total length that is less than the header proves nothing and clips nothing.
//
// Parsing allocates nothing but the error. Slices alias the octets that were
// parsed. Whether a quote belongs to something that was sent is for the sender
// to say (RFC 5927): this package compares nothing.
//
// To add a protocol: a case in upper.go, its fields in [Quote] with a constant
// each, rows in the tests for the octet at which each becomes present.
package quote
