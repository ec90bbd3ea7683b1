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
func ParseDestUnreachable(b []byte, src, dst netip.Addr) (DestUnreachable, error) {
	return verified(b, src, dst, DecodeDestUnreachable)
}

// DecodeDestUnreachable is [ParseDestUnreachable] without the checksum.
func DecodeDestUnreachable(b []byte) (DestUnreachable, error) {
	if err := check("icmp6.DestUnreachable", b, HeaderLen, TypeDestUnreachable, TypeDestUnreachable); err != nil {
		return DestUnreachable{}, err
	}
	e := extension.Split(b[HeaderLen:], b[4], extension.Unit6)
	return DestUnreachable{
		Code: Code(b[1]), Unused: [3]byte(b[5:8]),
		Quote: e.Quote, Ext: e.Ext, Length: e.Length, Legacy: e.Legacy, zero: readZero(b),
	}, nil
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
	return appendError(b, "icmp6.DestUnreachable", m.Kind(), m.Unused, m.body(), m.zero, src, dst)
}

// String implements [Message].
func (m DestUnreachable) String() string { return m.Kind().String() + quoted(m.Quote, m.Ext) }
