package icmp4

import "encoding/binary"

// SourceQuench is source quench 4 (RFC 792 p. 10), by which a gateway or host
// asked a sender to slow down. It is deprecated: nobody sends it any more, and
// who receives it drops it (RFC 6633).
type SourceQuench struct {
	Code   Code   // 0; kept as it came
	Unused uint32 // octets 4 to 7; kept as they came
	// Quote is the IP header and the first octets of the datagram in question;
	// read it with wire/quote.
	Quote []byte

	zero
}

// ParseSourceQuench reads a source quench that fills b, checksum verified.
func ParseSourceQuench(b []byte) (SourceQuench, error) { return verified(b, DecodeSourceQuench) }

// DecodeSourceQuench is [ParseSourceQuench] without the checksum.
func DecodeSourceQuench(b []byte) (SourceQuench, error) {
	if err := check("icmp4.SourceQuench", b, HeaderLen, TypeSourceQuench, TypeSourceQuench); err != nil {
		return SourceQuench{}, err
	}
	return SourceQuench{
		Code: Code(b[1]), Unused: binary.BigEndian.Uint32(b[4:8]), Quote: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m SourceQuench) Kind() Kind { return Kind{TypeSourceQuench, m.Code} }

// Len implements [Message].
func (m SourceQuench) Len() int { return HeaderLen + len(m.Quote) }

// AppendBinary implements [Message].
func (m SourceQuench) AppendBinary(b []byte) ([]byte, error) {
	return appendRest(b, "icmp4.SourceQuench", "Quote", m.Kind(), m.Unused, m.Quote, m.zero)
}

// String implements [Message].
func (m SourceQuench) String() string { return m.Kind().String() + quoted(m.Quote, nil) }
