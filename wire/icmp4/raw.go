package icmp4

import (
	"fmt"

	"github.com/sonde-net/sonde/wire"
)

// minRawBody is what [HeaderLen] leaves behind the checksum, in octets.
const minRawBody = 4

// Raw is any message whose type has no family of its own here: the IPv6 and
// mobility experiments 33 to 36, SKIP 39, 41 (RFC 4065), the experiments 253
// and 254 (RFC 4727), reserved and unassigned types. [Type.String] has the
// registry's name.
type Raw struct {
	Type Type
	Code Code
	Body []byte // all that follows the checksum, at least four octets

	zero
}

// ParseRaw reads a message of any type that fills b, checksum verified.
func ParseRaw(b []byte) (Raw, error) { return verified(b, DecodeRaw) }

// DecodeRaw is [ParseRaw] without the checksum.
func DecodeRaw(b []byte) (Raw, error) {
	if len(b) < HeaderLen || len(b) > MaxLen {
		return Raw{}, checkFailed("icmp4.Raw", b, HeaderLen)
	}
	return Raw{Type: Type(b[0]), Code: Code(b[1]), Body: b[HeaderLen-minRawBody:], zero: readZero(b)}, nil
}

// Kind implements [Message].
func (m Raw) Kind() Kind { return Kind{m.Type, m.Code} }

// Len implements [Message].
func (m Raw) Len() int { return HeaderLen - minRawBody + len(m.Body) }

// AppendBinary implements [Message].
func (m Raw) AppendBinary(b []byte) ([]byte, error) {
	switch n := len(m.Body); {
	case n < minRawBody:
		return b, &wire.FieldError{Type: "icmp4.Raw", Field: "Body", Want: "at least 4 octets"}
	case n > maxBodyLen+minRawBody:
		return b, tooLong("icmp4.Raw", "Body", n, maxBodyLen+minRawBody)
	}
	start := len(b)
	b = append(b, byte(m.Type), byte(m.Code), 0, 0)
	b = append(b, m.Body...)
	return m.zero.seal(b, start), nil
}

// String implements [Message].
func (m Raw) String() string { return fmt.Sprintf("%v, %d octets", m.Kind(), len(m.Body)) }
