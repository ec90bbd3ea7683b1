package icmp6

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
)

// Type is the first octet of a message. Its constants and names are generated
// from the IANA registry (registry.csv).
type Type uint8

// Code is the second octet of a message; what it means depends on the type.
type Code uint8

// Kind is a type and a code, which together say what a message is.
type Kind struct {
	Type Type
	Code Code
}

// Sizes in octets.
const (
	HeaderLen  = 8     // type, code, checksum, and the 32 bits that most types use
	MaxLen     = 65535 // the longest message that an IPv6 packet without extension headers carries
	minLen     = 4     // type, code, checksum: all that every message has
	maxBodyLen = MaxLen - HeaderLen
)

// nextHeader is the number of ICMPv6 in the pseudo-header (RFC 4443 §2.3).
const nextHeader = 58

// A Message is any ICMPv6 message. The set of types that implement it is
// closed: one for each family, and [Raw] for everything else. Slices in a
// parsed message alias the octets it was parsed from.
type Message interface {
	// Kind returns the type and the code.
	Kind() Kind
	// Len returns how many octets Append appends.
	Len() int
	// Append appends the message to b, checksum filled in for a packet from src
	// to dst. With a routing header dst is the final destination (RFC 8200
	// §8.1). A value that does not fit, or an address that is not IPv6, is a
	// [*wire.FieldError] and leaves b as it was.
	Append(b []byte, src, dst netip.Addr) ([]byte, error)
	// String returns the message on one line, for people.
	String() string

	sealed()
}

// zero remembers which of the two zeros of ones' complement arithmetic a parsed
// message's checksum field held. A receiver accepts both; a sender writes
// 0x0000, but a translator that mends the checksum by RFC 1141 may leave 0xffff
// (RFC 1624 §3), and a message that is passed on is passed on as it came.
//
// Every message type embeds it, and with it what closes the set of them.
type zero struct{ minus bool }

func (zero) sealed() {}

// readZero returns the zero that the checksum field of b holds.
func readZero(b []byte) zero { return zero{b[2] == 0xff && b[3] == 0xff} }

// seal fills in the checksum of the message that begins at b[start], on its way
// from src to dst.
func (z zero) seal(b []byte, start int, src, dst netip.Addr) []byte {
	m := b[start:]
	c := ^checksum.Sum(m, checksum.Pseudo6(src, dst, nextHeader, uint32(len(m))))
	if c == 0 && z.minus {
		c = 0xffff
	}
	binary.BigEndian.PutUint16(m[2:4], c)
	return b
}

// Verify checks what every message has in common: at least the 4 octets of
// type, code and checksum (multicast router solicitation 152 has no more), and a
// checksum that holds over all of b and the pseudo-header of a packet from src
// to dst (RFC 4443 §2.3). An address that is not IPv6 is a [*wire.FieldError].
func Verify(b []byte, src, dst netip.Addr) error {
	if err := checkAddrs("icmp6.Message", src, dst); err != nil {
		return err
	}
	if len(b) < minLen {
		return &wire.ParseError{Type: "icmp6.Message", Offset: len(b), Reason: wire.Short}
	}
	if checksum.Sum(b, checksum.Pseudo6(src, dst, nextHeader, uint32(len(b)))) != 0xffff {
		return &wire.ParseError{Type: "icmp6.Message", Offset: 2, Reason: wire.Checksum}
	}
	return nil
}

// verified returns what decode makes of b once the checksum has been verified.
func verified[M Message](b []byte, src, dst netip.Addr, decode func([]byte) (M, error)) (m M, err error) {
	if err := Verify(b, src, dst); err != nil {
		return m, err
	}
	return decode(b)
}

// Parse reads the message that fills b, on its way from src to dst, checksum
// verified. It allocates the Message it returns; where that matters, look at
// b[0] and call the family's own Parse function.
func Parse(b []byte, src, dst netip.Addr) (Message, error) {
	if err := Verify(b, src, dst); err != nil {
		return nil, err
	}
	return Decode(b)
}

// DecodeCut is [Decode] for a message that a capture or a quote has cut to b
// and that was wireLen octets long: what is missing from b is reported as
// [wire.Truncated] where Decode, which takes b for the whole message, says
// [wire.Short]. A message whose fixed part is there decodes without error, its
// variable part as far as b goes; only the counted lists of MLDv2 must be whole.
func DecodeCut(b []byte, wireLen int) (Message, error) {
	m, err := Decode(b)
	if pe, ok := err.(*wire.ParseError); ok && pe.Reason == wire.Short && len(b) < wireLen {
		pe.Reason = wire.Truncated
	}
	return m, err
}

// check returns the error of a Decode function that finds fewer than need
// octets, more than a packet carries, or a type that is neither t nor u.
func check(name string, b []byte, need int, t, u Type) error {
	if len(b) >= need && len(b) <= MaxLen && (Type(b[0]) == t || Type(b[0]) == u) {
		return nil
	}
	return checkFailed(name, b, need)
}

func checkFailed(name string, b []byte, need int) error {
	switch {
	case len(b) < need:
		return &wire.ParseError{Type: name, Offset: len(b), Reason: wire.Short}
	case len(b) > MaxLen:
		return &wire.ParseError{Type: name, Offset: MaxLen, Reason: wire.Length}
	}
	return &wire.ParseError{Type: name, Offset: 0, Reason: wire.Mismatch}
}

// checkAddrs returns the error of a pseudo-header that cannot be made.
func checkAddrs(name string, src, dst netip.Addr) error {
	if src.Is6() && dst.Is6() {
		return nil
	}
	if src.Is6() {
		return notIPv6(name, "dst")
	}
	return notIPv6(name, "src")
}

// notIPv6 returns the error of an address of the wrong family.
func notIPv6(name, field string) error {
	return &wire.FieldError{Type: name, Field: field, Want: "an IPv6 address"}
}

// tooLong returns the error of a variable part that a packet cannot hold.
func tooLong(name, field string, n, limit int) error {
	return &wire.FieldError{Type: name, Field: field, Value: n, Limit: limit}
}

// IsError reports whether messages of this type are errors: about a packet that
// they quote, and never to be answered by another error. In ICMPv6 the high bit
// of the type says so (RFC 4443 §2.1).
func (t Type) IsError() bool { return t < 128 }

// String returns type and code as numbers with the registry's names behind
// them: "1/4 Destination Unreachable: port unreachable".
func (k Kind) String() string {
	s := strconv.Itoa(int(k.Type)) + "/" + strconv.Itoa(int(k.Code)) + " " + k.Type.String()
	if n := k.CodeName(); n != "" {
		s += ": " + n
	}
	return s
}
