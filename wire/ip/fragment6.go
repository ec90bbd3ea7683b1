package ip

import (
	"encoding/binary"
	"fmt"

	"github.com/sonde-net/sonde/wire"
)

// FragmentLen6 is the length of an IPv6 fragment header in octets.
const FragmentLen6 = 8

// Fragment6 is an IPv6 fragment header (RFC 8200 §4.5).
type Fragment6 struct {
	Next      Proto  // what the payload of the whole datagram begins with
	Offset    uint16 // where this fragment's payload belongs, in octets: a multiple of 8
	MF        bool   // more fragments
	ID        uint32
	Reserved  uint8 // the second octet; kept as it came
	Reserved2 uint8 // two bits behind the offset; kept as they came
}

// ParseFragment6 reads the fragment header at the beginning of b, and returns
// the octets behind it. Fewer than eight octets are a [wire.Short].
func ParseFragment6(b []byte) (Fragment6, []byte, error) {
	if len(b) < FragmentLen6 {
		return Fragment6{}, nil, &wire.ParseError{Type: "ip.Fragment6", Offset: len(b), Reason: wire.Short}
	}
	return readFragment6(b), b[FragmentLen6:], nil
}

// readFragment6 reads the fragment header at the beginning of b, which holds
// one.
func readFragment6(b []byte) Fragment6 {
	return Fragment6{
		Next:      Proto(b[0]),
		Reserved:  b[1],
		Offset:    binary.BigEndian.Uint16(b[2:4]) &^ 7,
		Reserved2: b[3] >> 1 & 3,
		MF:        b[3]&1 != 0,
		ID:        binary.BigEndian.Uint32(b[4:8]),
	}
}

// First reports whether the payload begins where that of the whole datagram
// does.
func (f Fragment6) First() bool { return f.Offset == 0 }

// Atomic reports whether the fragment is the whole datagram (RFC 6946): it is
// to be taken for one without waiting for others.
func (f Fragment6) Atomic() bool { return f.Offset == 0 && !f.MF }

// AppendBinary appends the header to b. A value that does not fit is a
// [*wire.FieldError] and leaves b as it was.
func (f Fragment6) AppendBinary(b []byte) ([]byte, error) {
	switch {
	case f.Offset%unitFragOffset != 0:
		return b, &wire.FieldError{Type: "ip.Fragment6", Field: "Offset", Want: "a multiple of 8 octets"}
	case f.Reserved2 > 3:
		return b, &wire.FieldError{Type: "ip.Fragment6", Field: "Reserved2", Value: int(f.Reserved2), Limit: 3}
	}
	low := byte(f.Offset) | f.Reserved2<<1
	if f.MF {
		low |= 1
	}
	return append(b, byte(f.Next), f.Reserved, byte(f.Offset>>8), low,
		byte(f.ID>>24), byte(f.ID>>16), byte(f.ID>>8), byte(f.ID)), nil
}

// String returns the header on one line, for people.
func (f Fragment6) String() string {
	s := fmt.Sprintf("fragment of %v, id 0x%08x, offset %d", f.Next, f.ID, f.Offset)
	if f.MF {
		s += ", MF"
	}
	return s
}
