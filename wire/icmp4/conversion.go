package icmp4

import (
	"encoding/binary"
	"fmt"
)

// conversionCodes are the codes of [TypeConversionError] (RFC 1475 p. 24); the
// registry has none.
var conversionCodes = [...]string{
	"Unknown or unspecified error",
	"Don't Convert option present",
	"Unknown mandatory option present",
	"Known unsupported option present",
	"Unsupported transport protocol",
	"Overall length exceeded",
	"IP header length exceeded",
	"Transport protocol over 255",
	"Port conversion out of range",
	"Transport header length exceeded",
	"32-bit rollover missing and ACK set",
	"Unknown mandatory transport option present",
}

// ConversionError is datagram conversion error 31 (RFC 1475 p. 23), by which a router
// reported a valid datagram that it could not convert between IPv4 and TP/IX.
// Deprecated by RFC 6918.
type ConversionError struct {
	Code    Code   // 0 to 11; see [ConversionError.Cause]
	Pointer uint32 // the octet of the quoted datagram at fault, counted from 0
	// Quote is the beginning of the datagram in question. It may be one of
	// TP/IX, which is IP version 7.
	Quote []byte

	zero
}

// ParseConversionError reads a conversion error that fills b, checksum
// verified.
func ParseConversionError(b []byte) (ConversionError, error) {
	return verified(b, DecodeConversionError)
}

// DecodeConversionError is [ParseConversionError] without the checksum.
func DecodeConversionError(b []byte) (ConversionError, error) {
	if err := check("icmp4.ConversionError", b, HeaderLen, TypeConversionError, TypeConversionError); err != nil {
		return ConversionError{}, err
	}
	return ConversionError{
		Code: Code(b[1]), Pointer: binary.BigEndian.Uint32(b[4:8]), Quote: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Cause returns what RFC 1475 says of the code, empty where it knows none.
func (m ConversionError) Cause() string {
	if int(m.Code) < len(conversionCodes) {
		return conversionCodes[m.Code]
	}
	return ""
}

// Kind implements [Message].
func (m ConversionError) Kind() Kind { return Kind{TypeConversionError, m.Code} }

// Len implements [Message].
func (m ConversionError) Len() int { return HeaderLen + len(m.Quote) }

// AppendBinary implements [Message].
func (m ConversionError) AppendBinary(b []byte) ([]byte, error) {
	return appendRest(b, "icmp4.ConversionError", "Quote", m.Kind(), m.Pointer, m.Quote, m.zero)
}

// String implements [Message].
func (m ConversionError) String() string {
	s := m.Kind().String()
	if c := m.Cause(); c != "" {
		s += ": " + c
	}
	return s + fmt.Sprintf(", pointer %d", m.Pointer) + quoted(m.Quote, nil)
}
