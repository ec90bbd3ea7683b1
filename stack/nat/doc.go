// Package nat translates between a network with private addresses and one
// public address: the traditional NAT of RFC 3022 for TCP, UDP and ICMP, as RFC
// 4787, 5382 and 5508 want it to behave.
//
//	t, err := nat.New(nat.Config{Outside: netip.MustParseAddr("192.0.2.1")})
//	why := t.Outbound(now, datagram) // about to leave: the source becomes 192.0.2.1
//	why = t.Inbound(now, datagram)   // has come in for 192.0.2.1: the destination becomes that of the host inside
//
// Datagrams are rewritten in place, and only when the answer is [mib.None]. All
// checksums are mended by what has changed (RFC 1624), so that what came
// damaged stays damaged; a UDP checksum of 0, which is none, stays 0. A node
// uses a [Translator] as the Translator of its outside interface.
//
// # ICMP
//
// Queries are translated by their identifier, as UDP is by its port. Errors are
// about a datagram that has passed here, and quote it as it was on their side:
// the quoted addresses, ports or identifier and the checksums over them are put
// back to what the sender on the other side knows (RFC 5508 §4). Eight octets
// behind the quoted header are enough. An error neither makes a mapping nor
// prolongs one (REQ-6), and whoever sends one from inside appears outside as
// the public address (REQ-5). With [Config.LeaveQuotes] the quote is left as it is.
//
// # Mappings
//
// A mapping belongs to an inside address and port, whoever the peer is
// (endpoint-independent, RFC 4787 REQ-1), and lets all peers in
// (endpoint-independent filtering, REQ-8). Its outside port is chosen by a keyed
// hash, in the same range as the inside one, below 1024 or not. It lasts as long
// as datagrams leave by it and then for a time of its protocol. The table is of
// fixed size. When it is full, what is in use stays, and what is new is refused
// (RFC 5508 REQ-8).
//
// A datagram from inside to a mapped port of the public address is to go
// through Inbound and then Outbound: both hosts then see the other as the public
// address (hairpinning, RFC 4787 REQ-9). An error about it comes back right in
// the same way.
//
// # Fragments
//
// Only the first fragment has ports. Its translation is remembered for those
// behind it; a fragment that arrives before the first of its datagram cannot be
// translated. Identifications are not rewritten, so two hosts inside that send
// fragments to one peer with the same identification at a time disturb each
// other.
//
// # Not here
//
// IPv6, protocols without ports (GRE, ESP), SCTP and DCCP, protocols that carry
// addresses in their data (FTP), inbound mappings by configuration. The ports
// and identifiers that the gateway itself uses with its outside address are not
// kept free: a reply to the gateway that happens to fit a mapping goes inside.
package nat
