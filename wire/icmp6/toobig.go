package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// PacketTooBig is packet too big 2 (RFC 4443 §3.2), on which path MTU discovery
// rests (RFC 8201). It takes no extensions (RFC 4884 §4.6).
type PacketTooBig struct {
	Code  Code   // 0; kept as it came
	MTU   uint32 // the next hop's, in octets; below 1280 it asks for nothing (RFC 8201 §4)
	Quote []byte // the packet's header and first octets; read it with wire/quote

	zero
}

// ParsePacketTooBig reads a packet too big that fills b, checksum verified.
func ParsePacketTooBig(b []byte, src, dst netip.Addr) (PacketTooBig, error) {
	return verified(b, src, dst, DecodePacketTooBig)
}

// DecodePacketTooBig is [ParsePacketTooBig] without the checksum.
func DecodePacketTooBig(b []byte) (PacketTooBig, error) {
	if err := check("icmp6.PacketTooBig", b, HeaderLen, TypePacketTooBig, TypePacketTooBig); err != nil {
		return PacketTooBig{}, err
	}
	return PacketTooBig{
		Code: Code(b[1]), MTU: binary.BigEndian.Uint32(b[4:8]), Quote: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m PacketTooBig) Kind() Kind { return Kind{TypePacketTooBig, m.Code} }

// Len implements [Message].
func (m PacketTooBig) Len() int { return HeaderLen + len(m.Quote) }

// Append implements [Message].
func (m PacketTooBig) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	return appendRest(b, "icmp6.PacketTooBig", "Quote", m.Kind(), m.MTU, nil, m.Quote, m.zero, src, dst)
}

// String implements [Message].
func (m PacketTooBig) String() string {
	return fmt.Sprintf("%v, mtu %d", m.Kind(), m.MTU) + quoted(m.Quote, nil)
}
