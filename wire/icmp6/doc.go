// Package icmp6 reads and writes every message of the Internet Control Message
// Protocol for IPv6, next header 58 (RFC 4443 and all that came after it):
// errors, echo, multicast listener discovery, neighbor discovery, extended echo.
//
// It is the twin of icmp4 and differs from it in one thing: the checksum covers
// the addresses of the packet too (RFC 4443 §2.3), so whoever verifies one or
// writes one says from where to where the message goes.
//
// # Reading
//
// [Parse] takes the octets of one message, no more and no less: its length comes
// from the IP header and its extensions, never from a buffer. It verifies the
// checksum and returns the message behind the closed interface [Message]; a type
// switch tells the families apart, and types without a family of their own come
// as [Raw]. Each family has a Parse function too, which returns the struct
// itself and allocates nothing: look at b[0] and call it. The Decode functions
// are the Parse functions without the checksum, for those who have verified it
// ([Verify]) or cannot, since they do not know the addresses; [DecodeCut] is for
// messages that a capture or a quote has cut short.
//
// Slices in what is returned alias the octets given. Errors are
// [*wire.ParseError]: what was being read, at which octet, and why. A source or
// destination that is not IPv6 is a [*wire.FieldError].
//
// # Writing
//
// Append appends the message, checksum filled in for a packet from src to dst,
// and refuses a value that does not fit with a [*wire.FieldError] that names the
// Go field. It writes what is given, right or wrong by the rules of the
// protocol: whether a message may be sent is not this package's business. A
// message that was parsed is written octet for octet as it came: fields that
// should be zero, octets behind the end and the checksum's second zero included.
//
// # Messages
//
//	1        DestUnreachable         RFC 4443, 4884
//	2        PacketTooBig            RFC 4443, 8201
//	3        TimeExceeded            RFC 4443, 4884
//	4        ParameterProblem        RFC 4443, 7112, 8754, 8883
//	128 129  Echo                    RFC 4443
//	130      MLD, MLDv2Query         RFC 2710, 9777
//	131 132  MLD                     RFC 2710
//	133      RouterSolicitation      RFC 4861
//	134      RouterAdvertisement     RFC 4861, 4191
//	135      NeighborSolicitation    RFC 4861
//	136      NeighborAdvertisement   RFC 4861
//	137      Redirect                RFC 4861
//	143      MLDv2Report             RFC 9777
//	160      ExtendedEchoRequest     RFC 8335
//	161      ExtendedEchoReply       RFC 8335
//	others   Raw
//
// The packet that an error quotes is read with wire/quote, the extension
// structure behind it with wire/extension, the options of neighbor discovery
// with wire/ndp, the lists of multicast listener discovery with wire/mld.
// Constants and names of types and codes come from registry.csv, a dated copy of
// the IANA registry; [Kinds] yields all of them.
//
// # Adding a message
//
// Put its type and codes into registry.csv and run go generate. Write one file
// with a struct that embeds zero, its Parse and Decode functions and the four
// methods of [Message]; toobig.go is a short example. Add a case to [Decode], a
// line to the table above, and a test file with one row for each shape that the
// message takes: the rows are also what the fuzz target starts from.
//
//go:generate go run github.com/sonde-net/sonde/internal/registry/gen
package icmp6
