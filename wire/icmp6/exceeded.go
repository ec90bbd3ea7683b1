package icmp6

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire/extension"
)

// TimeExceeded is time exceeded 3 (RFC 4443 §3.3), with the
// extensions of RFC 4884 §4.5.
type TimeExceeded struct {
	Code Code // [CodeHopLimitExceeded] or [CodeReassembly]
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

// ParseTimeExceeded reads a time exceeded that fills b, checksum verified.
func ParseTimeExceeded(b []byte, src, dst netip.Addr) (TimeExceeded, error) {
	return verified(b, src, dst, DecodeTimeExceeded)
}

// DecodeTimeExceeded is [ParseTimeExceeded] without the checksum.
func DecodeTimeExceeded(b []byte) (TimeExceeded, error) {
	if err := check("icmp6.TimeExceeded", b, HeaderLen, TypeTimeExceeded, TypeTimeExceeded); err != nil {
		return TimeExceeded{}, err
	}
	e := extension.Split(b[HeaderLen:], b[4], extension.Unit6)
	return TimeExceeded{
		Code: Code(b[1]), Unused: [3]byte(b[5:8]),
		Quote: e.Quote, Ext: e.Ext, Length: e.Length, Legacy: e.Legacy, zero: readZero(b),
	}, nil
}

// Kind implements [Message].
func (m TimeExceeded) Kind() Kind { return Kind{TypeTimeExceeded, m.Code} }

func (m *TimeExceeded) body() extension.Body {
	return extension.Body{Quote: m.Quote, Ext: m.Ext, Length: m.Length, Legacy: m.Legacy}
}

// Len implements [Message].
func (m TimeExceeded) Len() int { e := m.body(); return HeaderLen + e.Len(extension.Unit6) }

// Append implements [Message]. A quote before an extension is padded as RFC
// 4884 §5.1 asks; see [extension.Body].
func (m TimeExceeded) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	return appendError(b, "icmp6.TimeExceeded", m.Kind(), m.Unused, m.body(), m.zero, src, dst)
}

// String implements [Message].
func (m TimeExceeded) String() string { return m.Kind().String() + quoted(m.Quote, m.Ext) }
