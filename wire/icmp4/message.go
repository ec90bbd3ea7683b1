package icmp4

import (
	"encoding/binary"
	"slices"
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
	HeaderLen  = 8          // type, code, checksum, and the 32 bits that depend on the type
	MaxLen     = 65535 - 20 // the longest message that an IPv4 datagram without options carries
	maxBodyLen = MaxLen - HeaderLen
)

// A Message is any ICMPv4 message. The set of types that implement it is
// closed: one for each family, and [Raw] for everything else. Slices in a
// parsed message alias the octets it was parsed from.
type Message interface {
	// Kind returns the type and the code.
	Kind() Kind
	// Len returns how many octets AppendBinary appends.
	Len() int
	// AppendBinary appends the message, checksum filled in, to b. A value that
	// does not fit is a [*wire.FieldError] and leaves b as it was.
	AppendBinary(b []byte) ([]byte, error)
	// String returns the message on one line, for people.
	String() string

	sealed()
}

// zero remembers which of the two zeros of ones' complement arithmetic a parsed
// message's checksum field held. A receiver accepts both; a sender writes
// 0x0000, but a translator that follows RFC 1141 may leave 0xffff (RFC 1624
// §3), and a message that is passed on is passed on as it came.
//
// Every message type embeds it, and with it what closes the set of them.
type zero struct{ minus bool }

func (zero) sealed() {}

// readZero returns the zero that the checksum field of b holds.
func readZero(b []byte) zero { return zero{b[2] == 0xff && b[3] == 0xff} }

// seal fills in the checksum of the message that begins at b[start].
func (z zero) seal(b []byte, start int) []byte {
	m := b[start:]
	c := checksum.Of(m)
	if c == 0 && z.minus {
		c = 0xffff
	}
	binary.BigEndian.PutUint16(m[2:4], c)
	return b
}

// head returns the first eight octets of a message as a number, the checksum
// field zero.
func head(t Type, c Code, word uint32) uint64 {
	return uint64(t)<<56 | uint64(c)<<48 | uint64(word)
}

// append appends a message that begins with head and goes on with body. The
// checksum is summed over these, not over the octets that were just written: to
// read those would be to wait for them.
func (z zero) append(b []byte, head uint64, body []byte) []byte {
	c := ^checksum.Sum(body, checksum.Words(head))
	if c == 0 && z.minus {
		c = 0xffff
	}
	b = slices.Grow(b, HeaderLen+len(body))
	b = binary.BigEndian.AppendUint64(b, head|uint64(c)<<32)
	return append(b, body...)
}

// Verify checks what every message has in common: at least [HeaderLen] octets,
// and a checksum that holds over all of b.
func Verify(b []byte) error {
	if len(b) < HeaderLen {
		return &wire.ParseError{Type: "icmp4.Message", Offset: len(b), Reason: wire.Short}
	}
	if !checksum.Valid(b) {
		return &wire.ParseError{Type: "icmp4.Message", Offset: 2, Reason: wire.Checksum}
	}
	return nil
}

// verified returns what decode makes of b once the checksum has been verified.
func verified[M Message](b []byte, decode func([]byte) (M, error)) (m M, err error) {
	if err := Verify(b); err != nil {
		return m, err
	}
	return decode(b)
}

// Parse reads the message that fills b, checksum verified. It allocates the
// Message it returns; where that matters, look at b[0] and call the family's
// own Parse function.
func Parse(b []byte) (Message, error) {
	if err := Verify(b); err != nil {
		return nil, err
	}
	return Decode(b)
}

// DecodeCut is [Decode] for a message that a capture or a quote has cut to b
// and that was wireLen octets long: what is missing from b is reported as
// [wire.Truncated] where Decode, which takes b for the whole message, says
// [wire.Short]. A message whose fixed part is there decodes without error, its
// variable part as far as b goes; the fixed part of a router advertisement is
// its entries too.
func DecodeCut(b []byte, wireLen int) (Message, error) {
	m, err := Decode(b)
	if pe, ok := err.(*wire.ParseError); ok && pe.Reason == wire.Short && len(b) < wireLen {
		pe.Reason = wire.Truncated
	}
	return m, err
}

// check returns the error of a Decode function that finds fewer than need
// octets, more than a datagram carries, or a type that is neither t nor u.
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

// tooLong returns the error of a variable part that a datagram cannot hold.
func tooLong(name, field string, n, limit int) error {
	return &wire.FieldError{Type: name, Field: field, Value: n, Limit: limit}
}

// IsError reports whether messages of this type are errors: about a datagram
// that they quote, and never to be answered by another error (RFC 1122
// §3.2.2). Conversion error 31 (RFC 1475) and Photuris 40 (RFC 2521 §3) are
// errors too; so, by its nature, is mobile host redirect 32.
func (t Type) IsError() bool {
	switch t {
	case TypeDestUnreachable, TypeSourceQuench, TypeRedirect, TypeTimeExceeded, TypeParameterProblem,
		TypeConversionError, TypeMobileRedirect, TypePhoturis:
		return true
	}
	return false
}

// String returns type and code as numbers with the registry's names behind
// them: "3/1 Destination Unreachable: Host Unreachable".
func (k Kind) String() string {
	s := strconv.Itoa(int(k.Type)) + "/" + strconv.Itoa(int(k.Code)) + " " + k.Type.String()
	if n := k.CodeName(); n != "" && n != noCode {
		s += ": " + n
	}
	return s
}

// noCode is what the registry writes where a type has one code, which means
// nothing.
const noCode = "No Code"
