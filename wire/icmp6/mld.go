package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// mldLen is the length of an MLDv1 message in octets.
const mldLen = 24

// MLD is multicast listener discovery, version 1: query 130, report 131, done
// 132 (RFC 2710 §3). An MLDv1 node reads an MLDv2 query as this too, the rest
// of it in Trailing; [Parse] makes it an [MLDv2Query].
type MLD struct {
	Type Type // [TypeMLDQuery], [TypeMLDReport] or [TypeMLDDone]
	Code Code // 0; kept as it came
	// MaxResponse is the most that a listener waits before it reports, in
	// milliseconds; 0 but in queries.
	MaxResponse uint16
	Reserved    uint16 // octets 6 and 7; kept as they came
	// Group is the multicast address in question; the unspecified address in a
	// general query, which asks for all of them.
	Group    netip.Addr
	Trailing []byte // what stands behind octet 24; kept as it came

	zero
}

// ParseMLD reads an MLDv1 message that fills b, checksum verified.
func ParseMLD(b []byte, src, dst netip.Addr) (MLD, error) {
	return verified(b, src, dst, DecodeMLD)
}

// DecodeMLD is [ParseMLD] without the checksum.
func DecodeMLD(b []byte) (MLD, error) {
	if len(b) < mldLen || len(b) > MaxLen || !isMLD(Type(b[0])) {
		return MLD{}, checkFailed("icmp6.MLD", b, mldLen)
	}
	return MLD{
		Type: Type(b[0]), Code: Code(b[1]),
		MaxResponse: binary.BigEndian.Uint16(b[4:6]), Reserved: binary.BigEndian.Uint16(b[6:8]),
		Group: readAddr(b[8:]), Trailing: b[mldLen:], zero: readZero(b),
	}, nil
}

func isMLD(t Type) bool { return t == TypeMLDQuery || t == TypeMLDReport || t == TypeMLDDone }

// MaxResponseDelay returns MaxResponse as a time.
func (m MLD) MaxResponseDelay() time.Duration {
	return time.Duration(m.MaxResponse) * time.Millisecond
}

// Kind implements [Message].
func (m MLD) Kind() Kind { return Kind{m.Type, m.Code} }

// Len implements [Message].
func (m MLD) Len() int { return mldLen + len(m.Trailing) }

// Append implements [Message]. A Type that is none of the three is a
// [*wire.FieldError].
func (m MLD) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if err := checkAddrs("icmp6.MLD", src, dst); err != nil {
		return b, err
	}
	if !isMLD(m.Type) {
		return b, &wire.FieldError{Type: "icmp6.MLD", Field: "Type", Want: "TypeMLDQuery, TypeMLDReport or TypeMLDDone"}
	}
	if !m.Group.Is6() {
		return b, notIPv6("icmp6.MLD", "Group")
	}
	if n, limit := len(m.Trailing), MaxLen-mldLen; n > limit {
		return b, tooLong("icmp6.MLD", "Trailing", n, limit)
	}
	start := len(b)
	b = append(b, byte(m.Type), byte(m.Code), 0, 0,
		byte(m.MaxResponse>>8), byte(m.MaxResponse), byte(m.Reserved>>8), byte(m.Reserved))
	b = appendAddr(b, m.Group)
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start, src, dst), nil
}

// String implements [Message].
func (m MLD) String() string {
	s := m.Kind().String() + group(m.Group)
	if m.Type == TypeMLDQuery {
		s += fmt.Sprintf(", answer within %v", m.MaxResponseDelay())
	}
	return s
}

// group says which group a message is about.
func group(a netip.Addr) string {
	if a.IsUnspecified() {
		return ", all groups"
	}
	return ", group " + a.String()
}
