package icmp4

import (
	"encoding/binary"
	"fmt"
)

// Info is information request 15 and information reply 16 (RFC 792 p. 18), by
// which a host could learn the number of its network: it asks with source and
// destination network 0, and reads the answer in the IP header of the reply.
// Deprecated by RFC 6918.
type Info struct {
	Reply    bool
	Code     Code // 0; kept as it came
	ID       uint16
	Seq      uint16
	Trailing []byte // what stands behind; kept as it came

	zero
}

// ParseInfo reads an information request or reply that fills b, checksum
// verified.
func ParseInfo(b []byte) (Info, error) { return verified(b, DecodeInfo) }

// DecodeInfo is [ParseInfo] without the checksum.
func DecodeInfo(b []byte) (Info, error) {
	if err := check("icmp4.Info", b, HeaderLen, TypeInfoRequest, TypeInfoReply); err != nil {
		return Info{}, err
	}
	return Info{
		Reply: Type(b[0]) == TypeInfoReply, Code: Code(b[1]),
		ID: binary.BigEndian.Uint16(b[4:6]), Seq: binary.BigEndian.Uint16(b[6:8]),
		Trailing: b[HeaderLen:], zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m Info) Kind() Kind {
	if m.Reply {
		return Kind{TypeInfoReply, m.Code}
	}
	return Kind{TypeInfoRequest, m.Code}
}

// Len implements [Message].
func (m Info) Len() int { return HeaderLen + len(m.Trailing) }

// AppendBinary implements [Message].
func (m Info) AppendBinary(b []byte) ([]byte, error) {
	return appendRest(b, "icmp4.Info", "Trailing", m.Kind(), twoHalves(m.ID, m.Seq), m.Trailing, m.zero)
}

// String implements [Message].
func (m Info) String() string { return fmt.Sprintf("%v, id %d, seq %d", m.Kind(), m.ID, m.Seq) }
