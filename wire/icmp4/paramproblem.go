package icmp4

import (
	"encoding/binary"
	"fmt"

	"github.com/sonde-net/sonde/wire/extension"
)

// ParameterProblem is parameter problem 12 (RFC 792 p. 8), with the extensions
// of RFC 4884: something in the IP header of the datagram kept it from being
// processed.
type ParameterProblem struct {
	Code Code // [CodePointer], [CodeMissingOption] or [CodeBadLength]
	// Pointer is the octet of the quoted datagram at fault, counted from 0; 1 is
	// something wrong with the type of service, 20 with the first option. With
	// [CodeMissingOption] it is instead the type of the option that the datagram
	// should have had (RFC 1108): 130 for basic security, 133 for extended.
	Pointer uint8
	// Quote is the IP header and the first octets of the datagram in question;
	// read it with wire/quote. Ext is the extension structure behind it; read
	// it with wire/extension. For Length and Legacy see [extension.Body].
	Quote  []byte
	Ext    []byte
	Length uint8
	Legacy bool
	Unused uint16 // octets 6 and 7; kept as they came

	zero
}

// ParseParameterProblem reads a parameter problem that fills b, checksum
// verified.
func ParseParameterProblem(b []byte) (ParameterProblem, error) {
	return verified(b, DecodeParameterProblem)
}

// DecodeParameterProblem is [ParseParameterProblem] without the checksum.
func DecodeParameterProblem(b []byte) (ParameterProblem, error) {
	if err := check("icmp4.ParameterProblem", b, HeaderLen, TypeParameterProblem, TypeParameterProblem); err != nil {
		return ParameterProblem{}, err
	}
	e := extension.Split(b[HeaderLen:], b[5], extension.Unit4)
	return ParameterProblem{
		Code: Code(b[1]), Pointer: b[4], Unused: binary.BigEndian.Uint16(b[6:8]),
		Quote: e.Quote, Ext: e.Ext, Length: e.Length, Legacy: e.Legacy, zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m ParameterProblem) Kind() Kind { return Kind{TypeParameterProblem, m.Code} }

func (m *ParameterProblem) body() extension.Body {
	return extension.Body{Quote: m.Quote, Ext: m.Ext, Length: m.Length, Legacy: m.Legacy}
}

// Len implements [Message].
func (m ParameterProblem) Len() int { e := m.body(); return HeaderLen + e.Len(extension.Unit4) }

// AppendBinary implements [Message]. A quote before an extension is padded as
// RFC 4884 §5.1 asks; see [extension.Body].
func (m ParameterProblem) AppendBinary(b []byte) ([]byte, error) {
	return appendError(b, "icmp4.ParameterProblem", m.Kind(), m.Pointer, m.Unused, m.body(), m.zero)
}

// String implements [Message].
func (m ParameterProblem) String() string {
	what := "pointer"
	if m.Code == CodeMissingOption {
		what = "option"
	}
	return fmt.Sprintf("%v, %s %d", m.Kind(), what, m.Pointer) + quoted(m.Quote, m.Ext)
}
