package icmp6

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Echo is echo request 128 and echo reply 129 (RFC 4443 §4). A reply carries
// the identifier, the sequence number and all the data of its request (§4.2).
type Echo struct {
	EchoType
	ID   uint16
	Seq  uint16
	Data []byte
}

// EchoType is which of the two an [Echo] is; its zero value is a request. It is
// a struct of its own because the compiler keeps four fields in registers, but
// not five, and parsing an echo then takes half the time.
type EchoType struct {
	Reply bool
	Code  Code // 0; kept as it came

	zero
}

// ParseEcho reads an echo request or reply that fills b, checksum verified.
func ParseEcho(b []byte, src, dst netip.Addr) (Echo, error) {
	if err := Verify(b, src, dst); err != nil {
		return Echo{}, err
	}
	if err := check("icmp6.Echo", b, HeaderLen, TypeEchoRequest, TypeEchoReply); err != nil {
		return Echo{}, err
	}
	return readEcho(b), nil
}

// DecodeEcho is [ParseEcho] without the checksum.
func DecodeEcho(b []byte) (Echo, error) {
	if err := check("icmp6.Echo", b, HeaderLen, TypeEchoRequest, TypeEchoReply); err != nil {
		return Echo{}, err
	}
	return readEcho(b), nil
}

// readEcho reads the fields; both callers have it inlined, which spares the
// most called parser a copy of the result.
func readEcho(b []byte) Echo {
	h := (*[HeaderLen]byte)(b)
	return Echo{
		EchoType: EchoType{Type(h[0]) == TypeEchoReply, Code(h[1]), readZero(b)},
		ID:       binary.BigEndian.Uint16(h[4:6]),
		Seq:      binary.BigEndian.Uint16(h[6:8]),
		Data:     b[HeaderLen:],
	}
}

// Kind implements [Message].
func (m Echo) Kind() Kind {
	if m.Reply {
		return Kind{TypeEchoReply, m.Code}
	}
	return Kind{TypeEchoRequest, m.Code}
}

// Len implements [Message].
func (m Echo) Len() int { return HeaderLen + len(m.Data) }

// Append implements [Message]. Data is limited to what an IPv6 packet holds,
// 65,527 octets.
func (m Echo) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if err := checkAddrs("icmp6.Echo", src, dst); err != nil {
		return b, err
	}
	if len(m.Data) > maxBodyLen {
		return b, tooLong("icmp6.Echo", "Data", len(m.Data), maxBodyLen)
	}
	start, k := len(b), m.Kind()
	b = append(b, byte(k.Type), byte(k.Code), 0, 0, byte(m.ID>>8), byte(m.ID), byte(m.Seq>>8), byte(m.Seq))
	b = append(b, m.Data...)
	return m.zero.seal(b, start, src, dst), nil
}

// String implements [Message].
func (m Echo) String() string {
	return fmt.Sprintf("%v, id %d, seq %d, %d octets", m.Kind(), m.ID, m.Seq, len(m.Data))
}
