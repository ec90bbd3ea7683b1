package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// ParameterProblem is parameter problem 4 (RFC 4443 §3.4). It takes no
// extensions (RFC 4884 §4.6).
type ParameterProblem struct {
	Code Code
	// Pointer is the octet of the packet at fault, counted from its first. It
	// may lie behind the end of the quote.
	Pointer uint32
	Quote   []byte // the packet's header and first octets; read it with wire/quote

	zero
}

// ParseParameterProblem reads a parameter problem that fills b, checksum
// verified.
func ParseParameterProblem(b []byte, src, dst netip.Addr) (ParameterProblem, error) {
	return verified(b, src, dst, DecodeParameterProblem)
}

// DecodeParameterProblem is [ParseParameterProblem] without the checksum.
func DecodeParameterProblem(b []byte) (ParameterProblem, error) {
	if err := check("icmp6.ParameterProblem", b, HeaderLen, TypeParameterProblem, TypeParameterProblem); err != nil {
		return ParameterProblem{}, err
	}
	return ParameterProblem{
		Code: Code(b[1]), Pointer: binary.BigEndian.Uint32(b[4:8]), Quote: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m ParameterProblem) Kind() Kind { return Kind{TypeParameterProblem, m.Code} }

// Len implements [Message].
func (m ParameterProblem) Len() int { return HeaderLen + len(m.Quote) }

// Append implements [Message].
func (m ParameterProblem) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	return appendRest(b, "icmp6.ParameterProblem", "Quote", m.Kind(), m.Pointer, nil, m.Quote, m.zero, src, dst)
}

// String implements [Message].
func (m ParameterProblem) String() string {
	return fmt.Sprintf("%v, pointer %d", m.Kind(), m.Pointer) + quoted(m.Quote, nil)
}
