package icmp4

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
)

const maskLen = 12 // octets

// Mask is an address mask: a one for each bit of an address that names the
// network.
type Mask uint32

// MaskOf returns the mask of an IPv4 prefix, 255.255.255.0 for 192.0.2.0/24. A
// prefix that is none is a [*wire.FieldError].
func MaskOf(p netip.Prefix) (Mask, error) {
	if !p.IsValid() || !p.Addr().Is4() {
		return 0, &wire.FieldError{Type: "icmp4.Mask", Field: "Prefix", Want: "an IPv4 prefix"}
	}
	return ^Mask(0) << (32 - p.Bits()), nil
}

// Bits returns how many ones the mask begins with; ok is false when more ones
// follow the first zero, so that the mask is none of a prefix.
func (m Mask) Bits() (n int, ok bool) {
	n = bits.LeadingZeros32(^uint32(m))
	return n, bits.OnesCount32(uint32(m)) == n
}

// String returns the mask as an address is written.
func (m Mask) String() string {
	return fmt.Sprintf("%d.%d.%d.%d", m>>24, m>>16&0xff, m>>8&0xff, m&0xff)
}

// AddressMask is address mask request 17 and address mask reply 18 (RFC 950,
// appendix I). Deprecated by RFC 6918.
type AddressMask struct {
	Reply    bool
	Code     Code // 0; kept as it came
	ID       uint16
	Seq      uint16
	Mask     Mask   // of the network on which it is asked; 0 in a request
	Trailing []byte // what stands behind; kept as it came

	zero
}

// ParseAddressMask reads an address mask request or reply that fills b,
// checksum verified.
func ParseAddressMask(b []byte) (AddressMask, error) { return verified(b, DecodeAddressMask) }

// DecodeAddressMask is [ParseAddressMask] without the checksum.
func DecodeAddressMask(b []byte) (AddressMask, error) {
	if err := check("icmp4.AddressMask", b, maskLen, TypeMaskRequest, TypeMaskReply); err != nil {
		return AddressMask{}, err
	}
	return AddressMask{
		Reply: Type(b[0]) == TypeMaskReply, Code: Code(b[1]),
		ID: binary.BigEndian.Uint16(b[4:6]), Seq: binary.BigEndian.Uint16(b[6:8]),
		Mask: Mask(binary.BigEndian.Uint32(b[8:12])), Trailing: b[maskLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m AddressMask) Kind() Kind {
	if m.Reply {
		return Kind{TypeMaskReply, m.Code}
	}
	return Kind{TypeMaskRequest, m.Code}
}

// Len implements [Message].
func (m AddressMask) Len() int { return maskLen + len(m.Trailing) }

// AppendBinary implements [Message].
func (m AddressMask) AppendBinary(b []byte) ([]byte, error) {
	if n := len(m.Trailing); n > MaxLen-maskLen {
		return b, tooLong("icmp4.AddressMask", "Trailing", n, MaxLen-maskLen)
	}
	start, k := len(b), m.Kind()
	b = append(b, byte(k.Type), byte(k.Code), 0, 0, byte(m.ID>>8), byte(m.ID), byte(m.Seq>>8), byte(m.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(m.Mask))
	b = append(b, m.Trailing...)
	return m.zero.seal(b, start), nil
}

// String implements [Message].
func (m AddressMask) String() string {
	return fmt.Sprintf("%v, id %d, seq %d, mask %v", m.Kind(), m.ID, m.Seq, m.Mask)
}
