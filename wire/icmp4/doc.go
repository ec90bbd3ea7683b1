// Package icmp4 reads and writes every message of the Internet Control Message
// Protocol for IPv4, protocol number 1 (RFC 792 and all that came after it,
// deprecated messages included).
//
// # Reading
//
// [Parse] takes the octets of one message, no more and no less: its length is
// the IP header's total length less the header, never the length of a buffer.
// It verifies the checksum and returns the message behind the closed interface
// [Message]; a type switch tells the families apart, and types without a family
// of their own come as [Raw]. Each family has a Parse function too, which
// returns the struct itself and allocates nothing: look at b[0] and call it.
// The Decode functions are the Parse functions without the checksum, for those
// who have verified it ([Verify]) or cannot; [DecodeCut] is for messages that a
// capture or a quote has cut short.
//
// Slices in what is returned alias the octets given. Errors are
// [*wire.ParseError]: what was being read, at which octet, and why.
//
// # Writing
//
// AppendBinary appends the message with its checksum, and refuses a value that
// does not fit with a [*wire.FieldError] that names the Go field. It writes
// what is given, right or wrong by the rules of the protocol: whether a message
// may be sent is not this package's business. A message that was parsed is
// written octet for octet as it came: fields that should be zero, octets behind
// the end and the checksum's second zero included.
//
// # Messages
//
//	0 8     Echo                  RFC 792
//	3       DestUnreachable       RFC 792, 1122, 1191, 1812, 4884
//	4       SourceQuench          RFC 792, 6633
//	5       Redirect              RFC 792
//	6       AlternateAddress      no document; see there
//	9       RouterAdvertisement   RFC 1256, 5944
//	10      RouterSolicitation    RFC 1256
//	11      TimeExceeded          RFC 792, 4884
//	12      ParameterProblem      RFC 792, 1108, 4884
//	13 14   TimestampMessage      RFC 792
//	15 16   Info                  RFC 792
//	17 18   AddressMask           RFC 950
//	30      Traceroute            RFC 1393
//	31      ConversionError       RFC 1475
//	32      MobileRedirect        no RFC; see there
//	37      DomainNameRequest     RFC 1788
//	38      DomainNameReply       RFC 1788
//	40      Photuris              RFC 2521
//	42      ExtendedEchoRequest   RFC 8335
//	43      ExtendedEchoReply     RFC 8335
//	others  Raw
//
// The datagram that an error quotes is read with wire/quote, the extension
// structure behind it with wire/extension. Constants and names of types and
// codes come from registry.csv, a dated copy of the IANA registry; [Kinds]
// yields all of them.
//
// # Adding a message
//
// Put its type and codes into registry.csv and run go generate. Write one file
// with a struct that embeds zero, its Parse and Decode functions and the four
// methods of [Message]; info.go is a short example. Add a case to [Decode], a
// line to the table above, and a test file with one row for each shape that the
// message takes: the rows are also what the fuzz targets start from.
//
//go:generate go run github.com/sonde-net/sonde/internal/registry/gen
package icmp4
