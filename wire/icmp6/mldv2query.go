package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/mld"
)

// mldv2QueryLen is the length of an MLDv2 query's fixed part in octets.
const mldv2QueryLen = 28

// MLDv2Query is a multicast listener query 130, version 2 (RFC 3810 §5.1, now
// RFC 9777): general, about a group, or about a group and sources.
type MLDv2Query struct {
	Code Code // 0; kept as it came
	// MaxResponse is the Maximum Response Code; mld.ResponseDelay makes it the
	// most that a listener waits before it reports.
	MaxResponse uint16
	Reserved    uint16     // octets 6 and 7; kept as they came
	Group       netip.Addr // the unspecified address in a general query
	// Flags is the upper half of octet 24, 0 to 15. Its highest bit, 8, says
	// that extensions follow in Trailing (RFC 9279).
	Flags uint8
	// Suppress is the S flag: routers that hear the query leave their timers.
	Suppress bool
	QRV      uint8  // the querier's robustness variable, 0 to 7; 0: over 7
	QQIC     uint8  // the querier's query interval, by its code: mld.QueryInterval
	Sources  []byte // 16 octets each; read and build them with wire/mld
	Trailing []byte // what stands behind the last source; kept as it came

	zero
}

// ParseMLDv2Query reads an MLDv2 query that fills b, checksum verified.
func ParseMLDv2Query(b []byte, src, dst netip.Addr) (MLDv2Query, error) {
	return verified(b, src, dst, DecodeMLDv2Query)
}

// DecodeMLDv2Query is [ParseMLDv2Query] without the checksum. Fewer sources than
// announced are [wire.Short].
func DecodeMLDv2Query(b []byte) (MLDv2Query, error) {
	if err := check("icmp6.MLDv2Query", b, mldv2QueryLen, TypeMLDQuery, TypeMLDQuery); err != nil {
		return MLDv2Query{}, err
	}
	end := mldv2QueryLen + int(binary.BigEndian.Uint16(b[26:28]))*addrLen
	if len(b) < end {
		return MLDv2Query{}, checkFailed("icmp6.MLDv2Query", b, end)
	}
	return MLDv2Query{
		Code:        Code(b[1]),
		MaxResponse: binary.BigEndian.Uint16(b[4:6]),
		Reserved:    binary.BigEndian.Uint16(b[6:8]),
		Group:       readAddr(b[8:]),
		Flags:       b[24] >> 4,
		Suppress:    b[24]&8 != 0,
		QRV:         b[24] & 7,
		QQIC:        b[25],
		Sources:     b[mldv2QueryLen:end:end],
		Trailing:    b[end:],
		zero:        readZero(b),
	}, nil
}

// Kind implements [Message].
func (m MLDv2Query) Kind() Kind { return Kind{TypeMLDQuery, m.Code} }

// Len implements [Message].
func (m MLDv2Query) Len() int { return mldv2QueryLen + len(m.Sources) + len(m.Trailing) }

// Append implements [Message]. Flags over 15, a QRV over 7 and Sources that are
// not whole addresses are a [*wire.FieldError].
func (m MLDv2Query) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	const name = "icmp6.MLDv2Query"
	if err := checkAddrs(name, src, dst); err != nil {
		return b, err
	}
	switch {
	case !m.Group.Is6():
		return b, notIPv6(name, "Group")
	case m.Flags > 15:
		return b, tooLong(name, "Flags", int(m.Flags), 15)
	case m.QRV > 7:
		return b, tooLong(name, "QRV", int(m.QRV), 7)
	case len(m.Sources)%addrLen != 0:
		return b, &wire.FieldError{Type: name, Field: "Sources", Want: "whole addresses of 16 octets"}
	}
	if limit := MaxLen - mldv2QueryLen; len(m.Sources) > limit {
		return b, tooLong(name, "Sources", len(m.Sources), limit)
	}
	if limit := MaxLen - mldv2QueryLen - len(m.Sources); len(m.Trailing) > limit {
		return b, tooLong(name, "Trailing", len(m.Trailing), limit)
	}
	start, octet24, n := len(b), m.Flags<<4|m.QRV, len(m.Sources)/addrLen
	if m.Suppress {
		octet24 |= 8
	}
	b = append(b, byte(TypeMLDQuery), byte(m.Code), 0, 0,
		byte(m.MaxResponse>>8), byte(m.MaxResponse), byte(m.Reserved>>8), byte(m.Reserved))
	b = appendAddr(b, m.Group)
	b = append(b, octet24, m.QQIC, byte(n>>8), byte(n))
	b = append(b, m.Sources...)
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start, src, dst), nil
}

// String implements [Message].
func (m MLDv2Query) String() string {
	return fmt.Sprintf("%v%s, %d sources, answer within %v",
		m.Kind(), group(m.Group), len(m.Sources)/addrLen, mld.ResponseDelay(m.MaxResponse))
}
