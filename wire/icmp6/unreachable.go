package icmp6

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/extension"
)

// DestUnreachable is destination unreachable 1 (RFC 4443 §3.1), with the
// extensions of RFC 4884 §4.4.
type DestUnreachable struct {
	Code Code
	// Quote is the IP header and the first octets of the packet in question;
	// read it with wire/quote. Ext is the extension structure behind it; read
	// it with wire/extension. For Length and Legacy see [extension.Body].
	Quote  []byte
	Ext    []byte
	Length uint8
	Legacy bool
	Unused [3]byte // octets 5 to 7; kept as they came

	zero
}

// ParseDestUnreachable reads a destination unreachable that fills b, checksum
// verified.
func ParseDestUnreachable(b []byte, src, dst netip.Addr) (m DestUnreachable, err error) {
	err = m.parse(b, src, dst)
	return
}

// DecodeDestUnreachable is [ParseDestUnreachable] without the checksum.
func DecodeDestUnreachable(b []byte) (m DestUnreachable, err error) {
	err = m.decode(b)
	return
}

// parse reads b, checksum verified, into m, which is zero and the result of its
// caller already: to copy an error message costs as much as to read it.
func (m *DestUnreachable) parse(b []byte, src, dst netip.Addr) error {
	if err := Verify(b, src, dst); err != nil {
		return err
	}
	return m.decode(b)
}

// decode is parse without the checksum.
func (m *DestUnreachable) decode(b []byte) error {
	if err := check("icmp6.DestUnreachable", b, HeaderLen, TypeDestUnreachable, TypeDestUnreachable); err != nil {
		return err
	}
	m.Code, m.Unused, m.zero = Code(b[1]), [3]byte(b[5:8]), readZero(b)
	if b[4] == 0 && len(b) <= bareLen {
		m.Quote = b[HeaderLen:]
		return nil
	}
	e := extension.Split(b[HeaderLen:], b[4], extension.Unit6)
	m.Quote, m.Ext, m.Length, m.Legacy = e.Quote, e.Ext, e.Length, e.Legacy
	return nil
}

// Kind implements [Message].
func (m DestUnreachable) Kind() Kind { return Kind{TypeDestUnreachable, m.Code} }

func (m *DestUnreachable) body() extension.Body {
	return extension.Body{Quote: m.Quote, Ext: m.Ext, Length: m.Length, Legacy: m.Legacy}
}

// Len implements [Message].
func (m DestUnreachable) Len() int { e := m.body(); return HeaderLen + e.Len(extension.Unit6) }

// Append implements [Message]. A quote before an extension is padded as RFC
// 4884 §5.1 asks; see [extension.Body].
func (m DestUnreachable) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	if len(m.Ext) == 0 {
		return appendRest(b, "icmp6.DestUnreachable", "Quote", m.Kind(), errorWord(m.Length, m.Unused), nil, m.Quote, m.zero, src, dst)
	}
	return appendError(b, "icmp6.DestUnreachable", m.Kind(), m.Unused, m.body(), m.zero, src, dst)
}

// String implements [Message].
func (m DestUnreachable) String() string { return m.Kind().String() + quoted(m.Quote, m.Ext) }
