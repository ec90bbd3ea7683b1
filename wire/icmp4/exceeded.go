package icmp4

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire/extension"
)

// TimeExceeded is time exceeded 11 (RFC 792 p. 6), with the extensions of RFC
// 4884. Code 0 comes from a gateway that took the last of the TTL, code 1 from
// a host that waited in vain for fragments.
type TimeExceeded struct {
	Code Code // [CodeTTLExceeded] or [CodeReassembly]
	// Quote is the IP header and the first octets of the datagram in question;
	// read it with wire/quote. Ext is the extension structure behind it; read
	// it with wire/extension. For Length and Legacy see [extension.Body].
	Quote   []byte
	Ext     []byte
	Length  uint8
	Legacy  bool
	Unused  uint8  // octet 4; kept as it came
	Unused2 uint16 // octets 6 and 7; kept as they came

	zero
}

// ParseTimeExceeded reads a time exceeded that fills b, checksum verified.
func ParseTimeExceeded(b []byte) (m TimeExceeded, err error) {
	err = m.Parse(b)
	return
}

// DecodeTimeExceeded is [ParseTimeExceeded] without the checksum.
func DecodeTimeExceeded(b []byte) (m TimeExceeded, err error) {
	err = m.decode(b)
	return
}

// Parse is [ParseTimeExceeded] into m, whatever m was: the fastest way to read
// many, because none is copied.
func (m *TimeExceeded) Parse(b []byte) error {
	*m = TimeExceeded{}
	if err := Verify(b); err != nil {
		return err
	}
	return m.decode(b)
}

// Decode is [DecodeTimeExceeded] into m.
func (m *TimeExceeded) Decode(b []byte) error {
	*m = TimeExceeded{}
	return m.decode(b)
}

// decode reads b into m, which is zero: to copy an error message costs as much
// as to read it.
func (m *TimeExceeded) decode(b []byte) error {
	if err := check("icmp4.TimeExceeded", b, HeaderLen, TypeTimeExceeded, TypeTimeExceeded); err != nil {
		return err
	}
	m.Code, m.Unused, m.Unused2, m.zero = Code(b[1]), b[4], binary.BigEndian.Uint16(b[6:8]), readZero(b)
	if b[5] == 0 && len(b) <= bareLen {
		m.Quote = b[HeaderLen:]
		return nil
	}
	e := extension.Split(b[HeaderLen:], b[5], extension.Unit4)
	m.Quote, m.Ext, m.Length, m.Legacy = e.Quote, e.Ext, e.Length, e.Legacy
	return nil
}

// Kind implements [Message].
func (m TimeExceeded) Kind() Kind { return Kind{TypeTimeExceeded, m.Code} }

func (m *TimeExceeded) body() extension.Body {
	return extension.Body{Quote: m.Quote, Ext: m.Ext, Length: m.Length, Legacy: m.Legacy}
}

// Len implements [Message].
func (m TimeExceeded) Len() int { e := m.body(); return HeaderLen + e.Len(extension.Unit4) }

// AppendBinary implements [Message]. A quote before an extension is padded as
// RFC 4884 §5.1 asks; see [extension.Body].
func (m TimeExceeded) AppendBinary(b []byte) ([]byte, error) {
	if len(m.Ext) == 0 && len(m.Quote) <= maxBodyLen {
		return m.zero.append(b, head(TypeTimeExceeded, m.Code, errorWord(m.Unused, m.Length, m.Unused2)), m.Quote), nil
	}
	return appendError(b, "icmp4.TimeExceeded", m.Kind(), m.Unused, m.Unused2, m.body(), m.zero)
}

// String implements [Message].
func (m TimeExceeded) String() string { return m.Kind().String() + quoted(m.Quote, m.Ext) }
