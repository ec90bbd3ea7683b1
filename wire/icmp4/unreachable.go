package icmp4

import (
	"encoding/binary"
	"fmt"

	"github.com/sonde-net/sonde/wire/extension"
)

// DestUnreachable is destination unreachable 3 (RFC 792 p. 4), with the
// next-hop MTU of RFC 1191 §4 and the extensions of RFC 4884.
type DestUnreachable struct {
	Code Code
	// MTU is the next-hop MTU in octets, with [CodeFragNeeded]; 0 comes from
	// routers older than RFC 1191. With other codes these 16 bits are unused,
	// and kept as they came.
	MTU uint16
	// Quote is the IP header and the first octets of the datagram in question;
	// read it with wire/quote. Ext is the extension structure behind it; read
	// it with wire/extension. For Length and Legacy see [extension.Body].
	Quote  []byte
	Ext    []byte
	Length uint8
	Legacy bool
	Unused uint8 // octet 4; kept as it came

	zero
}

// ParseDestUnreachable reads a destination unreachable that fills b, checksum
// verified.
func ParseDestUnreachable(b []byte) (m DestUnreachable, err error) {
	err = m.Parse(b)
	return
}

// DecodeDestUnreachable is [ParseDestUnreachable] without the checksum.
func DecodeDestUnreachable(b []byte) (m DestUnreachable, err error) {
	err = m.decode(b)
	return
}

// Parse is [ParseDestUnreachable] into m, whatever m was: the fastest way to read
// many, because none is copied.
func (m *DestUnreachable) Parse(b []byte) error {
	*m = DestUnreachable{}
	if err := Verify(b); err != nil {
		return err
	}
	return m.decode(b)
}

// Decode is [DecodeDestUnreachable] into m.
func (m *DestUnreachable) Decode(b []byte) error {
	*m = DestUnreachable{}
	return m.decode(b)
}

// decode reads b into m, which is zero: to copy an error message costs as much
// as to read it.
func (m *DestUnreachable) decode(b []byte) error {
	if err := check("icmp4.DestUnreachable", b, HeaderLen, TypeDestUnreachable, TypeDestUnreachable); err != nil {
		return err
	}
	m.Code, m.Unused, m.MTU, m.zero = Code(b[1]), b[4], binary.BigEndian.Uint16(b[6:8]), readZero(b)
	if b[5] == 0 && len(b) <= bareLen {
		m.Quote = b[HeaderLen:]
		return nil
	}
	e := extension.Split(b[HeaderLen:], b[5], extension.Unit4)
	m.Quote, m.Ext, m.Length, m.Legacy = e.Quote, e.Ext, e.Length, e.Legacy
	return nil
}

// Kind implements [Message].
func (m DestUnreachable) Kind() Kind { return Kind{TypeDestUnreachable, m.Code} }

func (m *DestUnreachable) body() extension.Body {
	return extension.Body{Quote: m.Quote, Ext: m.Ext, Length: m.Length, Legacy: m.Legacy}
}

// Len implements [Message].
func (m DestUnreachable) Len() int { e := m.body(); return HeaderLen + e.Len(extension.Unit4) }

// AppendBinary implements [Message]. A quote before an extension is padded as
// RFC 4884 §5.1 asks; see [extension.Body].
func (m DestUnreachable) AppendBinary(b []byte) ([]byte, error) {
	if len(m.Ext) == 0 && len(m.Quote) <= maxBodyLen {
		return m.zero.append(b, head(TypeDestUnreachable, m.Code, errorWord(m.Unused, m.Length, m.MTU)), m.Quote), nil
	}
	return appendError(b, "icmp4.DestUnreachable", m.Kind(), m.Unused, m.MTU, m.body(), m.zero)
}

// String implements [Message].
func (m DestUnreachable) String() string {
	s := m.Kind().String()
	if m.Code == CodeFragNeeded {
		s += fmt.Sprintf(", mtu %d", m.MTU)
	}
	return s + quoted(m.Quote, m.Ext)
}
