package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/mld"
)

// MLDv2Report is a multicast listener report 143, version 2 (RFC 3810 §5.2, now
// RFC 9777): what a listener wants to hear, one record for each group.
type MLDv2Report struct {
	Code Code // 0; kept as it came
	// Flags are octets 4 and 5. The highest bit, 0x8000, says that extensions
	// follow in Trailing (RFC 9279).
	Flags    uint16
	Records  []byte // whole records; read and build them with wire/mld
	Trailing []byte // what stands behind the last record; kept as it came

	zero
}

// ParseMLDv2Report reads an MLDv2 report that fills b, checksum verified.
func ParseMLDv2Report(b []byte, src, dst netip.Addr) (MLDv2Report, error) {
	return verified(b, src, dst, DecodeMLDv2Report)
}

// DecodeMLDv2Report is [ParseMLDv2Report] without the checksum. Fewer records
// than announced are [wire.Short].
func DecodeMLDv2Report(b []byte) (MLDv2Report, error) {
	if err := check("icmp6.MLDv2Report", b, HeaderLen, TypeMLDv2Report, TypeMLDv2Report); err != nil {
		return MLDv2Report{}, err
	}
	n, ok := mld.Split(b[HeaderLen:], int(binary.BigEndian.Uint16(b[6:8])))
	if !ok {
		return MLDv2Report{}, checkFailed("icmp6.MLDv2Report", b, len(b)+1)
	}
	end := HeaderLen + n
	return MLDv2Report{
		Code: Code(b[1]), Flags: binary.BigEndian.Uint16(b[4:6]),
		Records: b[HeaderLen:end:end], Trailing: b[end:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m MLDv2Report) Kind() Kind { return Kind{TypeMLDv2Report, m.Code} }

// Len implements [Message].
func (m MLDv2Report) Len() int { return HeaderLen + len(m.Records) + len(m.Trailing) }

// Append implements [Message]. Records that end inside one are a
// [*wire.FieldError].
func (m MLDv2Report) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	const name = "icmp6.MLDv2Report"
	if err := checkAddrs(name, src, dst); err != nil {
		return b, err
	}
	if len(m.Records) > maxBodyLen {
		return b, tooLong(name, "Records", len(m.Records), maxBodyLen)
	}
	if limit := maxBodyLen - len(m.Records); len(m.Trailing) > limit {
		return b, tooLong(name, "Trailing", len(m.Trailing), limit)
	}
	n, whole := mld.Count(m.Records)
	if !whole {
		return b, &wire.FieldError{Type: name, Field: "Records", Want: "whole records"}
	}
	start := len(b)
	b = append(b, byte(TypeMLDv2Report), byte(m.Code), 0, 0,
		byte(m.Flags>>8), byte(m.Flags), byte(n>>8), byte(n))
	b = append(b, m.Records...)
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start, src, dst), nil
}

// String implements [Message].
func (m MLDv2Report) String() string {
	n, _ := mld.Count(m.Records)
	return fmt.Sprintf("%v, %d records", m.Kind(), n)
}
