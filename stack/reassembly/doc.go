// Package reassembly puts the fragments of IPv4 and IPv6 datagrams together
// (RFC 791 §3.2, RFC 815, RFC 1122 §3.3.2, RFC 8200 §4.5).
//
//	r := frags.Add4(now, d) // a datagram that ip.Parse4 accepts
//	if r.Status == reassembly.Complete { … r.Datagram is the whole … }
//
// [Reassembler.Add4] and [Reassembler.Add6] take one fragment. Once
// [Reassembler.Deadline] is past, [Reassembler.Expire] hands out what time has
// run out for, with the octets of the first fragment where it arrived, for they
// alone permit a time exceeded (RFC 1122 §3.3.2).
//
// # Who may not be believed
//
// Fragments come from anybody. So:
//
//   - A fragment that covers octets which another has brought discards the whole
//     datagram, and what is still to come of it (RFC 5722; here for IPv4 too:
//     RFC 1858, "teardrop"). The very fragment again is ignored.
//   - A fragment that ends behind octet 65,535 does the same ("ping of death").
//   - Memory has a ceiling in octets, everything included, and is taken when
//     octets arrive, never because an offset announces them. The oldest
//     incomplete datagram goes first. One source, or one IPv6 network of 64
//     bits, gets a share only, and within it its own oldest goes first.
//   - A fragment costs time in proportion to its own length, however many there
//     are and in whatever order they come (CVE-2018-5391).
//
// What arrives is kept in blocks of 512 octets out of one pool, beside them a
// map with one bit for every eight octets that have arrived, in blocks as well.
// The pool grows to its ceiling as it is needed and is used again, so in the
// steady state nothing is allocated.
package reassembly
