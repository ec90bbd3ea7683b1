package icmp4

import (
	"encoding/binary"
	"fmt"
)

// Photuris is Photuris 40, the security failures of RFC 2521: a datagram with
// an authentication header or encrypted payload was refused.
type Photuris struct {
	Code     Code   // [CodeBadSPI] to [CodeNeedAuthorization]
	Reserved uint16 // octets 4 and 5; kept as they came
	Pointer  uint16 // where in the quote the offending SPI stands, in octets; 0: there is none
	// Quote is the IP header, the headers up to the offending SPI and at least
	// eight octets more; read it with wire/quote.
	Quote []byte

	zero
}

// ParsePhoturis reads a security failure that fills b, checksum verified.
func ParsePhoturis(b []byte) (Photuris, error) { return verified(b, DecodePhoturis) }

// DecodePhoturis is [ParsePhoturis] without the checksum.
func DecodePhoturis(b []byte) (Photuris, error) {
	if err := check("icmp4.Photuris", b, HeaderLen, TypePhoturis, TypePhoturis); err != nil {
		return Photuris{}, err
	}
	return Photuris{
		Code: Code(b[1]), Reserved: binary.BigEndian.Uint16(b[4:6]), Pointer: binary.BigEndian.Uint16(b[6:8]),
		Quote: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m Photuris) Kind() Kind { return Kind{TypePhoturis, m.Code} }

// Len implements [Message].
func (m Photuris) Len() int { return HeaderLen + len(m.Quote) }

// AppendBinary implements [Message].
func (m Photuris) AppendBinary(b []byte) ([]byte, error) {
	return appendRest(b, "icmp4.Photuris", "Quote", m.Kind(), twoHalves(m.Reserved, m.Pointer), m.Quote, m.zero)
}

// String implements [Message].
func (m Photuris) String() string {
	return fmt.Sprintf("%v, pointer %d", m.Kind(), m.Pointer) + quoted(m.Quote, nil)
}
