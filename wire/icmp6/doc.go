// Package icmp6 reads and writes every message of the Internet Control Message
// Protocol for IPv6: those of RFC 4443, multicast listener discovery (RFC 2710,
// RFC 9777), neighbor discovery (RFC 4861) and extended echo (RFC 8335).
//
// It is the twin of icmp4 and differs from it in one thing: the checksum covers
// the addresses of the packet too (RFC 4443 §2.3), so whoever verifies one or
// writes one says from where to where the message goes.
//
// # Reading
//
// [Parse] reads any message:
//
//	m, err := icmp6.Parse(b, src, dst)
//	switch m := m.(type) {
//	case icmp6.Echo:
//	case icmp6.PacketTooBig:
//	…
//	}
//
// Where the type is known, or is looked up in b[0] first, the family's own
// function reads it without allocation: [ParseEcho], [ParsePacketTooBig], and so
// on. Each has a twin that leaves the checksum alone, [DecodeEcho] for
// [ParseEcho], for octets that are verified already or cannot be: the caller
// does not know the addresses, or a capture has cut the message ([DecodeCut]).
//
// b is exactly the message: its length comes from the IP header, not from the
// buffer. Slices in what is returned alias b. Every octet is kept, unused fields
// and octets behind a fixed-size message included, so that appending what was
// parsed gives the same octets again.
//
// Errors are [*wire.ParseError]: what was read, at which octet, why. An address
// that is not IPv6 is a [*wire.FieldError], as it is when writing.
//
// # Writing
//
// Every message has Append, which appends all octets, checksum filled in, and
// allocates nothing when b has room:
//
//	b, err = icmp6.Echo{ID: 1, Seq: 2, Data: data}.Append(b, src, dst)
//
// A value that does not fit is a [*wire.FieldError] that names the field, and b
// stays as it was.
//
// # What is inside
//
// The packet that an error quotes is read with wire/quote, the extensions behind
// it with wire/extension, the options of neighbor discovery with wire/ndp, the
// lists of MLDv2 with wire/mld.
//
// # Adding a message
//
// Add its type and codes to registry.csv and run go generate; write the family's
// file after the pattern of echo.go, its table after that of echo_test.go; give
// it a case in [Decode] and a row among the seeds of the fuzz target.
//
//go:generate go run github.com/sonde-net/sonde/internal/registry/gen
package icmp6
