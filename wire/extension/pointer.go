package extension

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire"
)

// ParsePointer reads an extended information object whose sub-type is pointer:
// the octet of the quoted datagram at which a limit was exceeded, counted from
// its start (RFC 8883 §3). It may lie behind the end of the quote. A payload of
// another size than four octets is an error.
func ParsePointer(o Object) (uint32, error) {
	const name = "extension.Pointer"
	if err := o.check(name, ClassExtendedInfo, CTypePointer); err != nil {
		return 0, err
	}
	switch n := len(o.Payload); {
	case n < 4:
		return 0, o.fault(name, n, wire.Short)
	case n > 4:
		return 0, fault(name, o.Offset, wire.Length)
	}
	return binary.BigEndian.Uint32(o.Payload), nil
}

// AppendPointer appends an extended information object with this pointer to b.
func AppendPointer(b []byte, pointer uint32) []byte {
	b = appendObjectHeader(b, 4, ClassExtendedInfo, CTypePointer)
	return binary.BigEndian.AppendUint32(b, pointer)
}
