package icmp6

import (
	"fmt"
	"net/netip"
)

// Raw is any message whose type has no family of its own here: registered and
// seldom met (router renumbering 138, node information 139 and 140, secure
// neighbor discovery 148 and 149, RPL 155, …), for experiments, reserved,
// unassigned. [Type.String] has the registry's name.
type Raw struct {
	Type Type
	Code Code
	Body []byte // all that follows the checksum

	zero
}

// ParseRaw reads a message of any type that fills b, checksum verified.
func ParseRaw(b []byte, src, dst netip.Addr) (Raw, error) {
	return verified(b, src, dst, DecodeRaw)
}

// DecodeRaw is [ParseRaw] without the checksum.
func DecodeRaw(b []byte) (Raw, error) {
	if len(b) < minLen || len(b) > MaxLen {
		return Raw{}, checkFailed("icmp6.Raw", b, minLen)
	}
	return Raw{Type: Type(b[0]), Code: Code(b[1]), Body: b[minLen:], zero: readZero(b)}, nil
}

// Kind implements [Message].
func (m Raw) Kind() Kind { return Kind{m.Type, m.Code} }

// Len implements [Message].
func (m Raw) Len() int { return minLen + len(m.Body) }

// Append implements [Message].
func (m Raw) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if err := checkAddrs("icmp6.Raw", src, dst); err != nil {
		return b, err
	}
	if n, limit := len(m.Body), MaxLen-minLen; n > limit {
		return b, tooLong("icmp6.Raw", "Body", n, limit)
	}
	start := len(b)
	b = append(b, byte(m.Type), byte(m.Code), 0, 0)
	b = append(b, m.Body...)
	return m.zero.seal(b, start, src, dst), nil
}

// String implements [Message].
func (m Raw) String() string { return fmt.Sprintf("%v, %d octets", m.Kind(), len(m.Body)) }
