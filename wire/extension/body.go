package extension

import (
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
)

// Units of the length attribute, in octets: RFC 4884 §4.1 for ICMPv4, §4.4 for
// ICMPv6.
const (
	Unit4 = 4
	Unit6 = 8
)

// minQuote is the least that a quote before an extension is padded to, in
// octets (RFC 4884 §3), and where an extension without a length attribute
// stands (§5.5).
const minQuote = 128

// Body is what follows the first eight octets of an error message that may
// carry extensions: the quote, and the extension structure behind it. The
// message types of icmp4 and icmp6 have these four fields as their own.
type Body struct {
	// Quote is the beginning of the datagram in question, with the padding that
	// an extension asks for.
	Quote []byte
	// Ext is the extension structure, header included. Empty: none.
	Ext []byte
	// Length is the length attribute as it came, in units of 4 (ICMPv4) or 8
	// (ICMPv6) octets. To build, leave it 0: it is then computed, and a quote
	// before an extension is padded with zeros to a whole unit and at least 128
	// octets. When it is not 0 it is written as it stands, and a quote before
	// an extension must fit it exactly.
	Length uint8
	// Legacy says that the extension stands after exactly 128 octets and that
	// the length attribute is 0, as routers older than RFC 4884 send it (§5.5).
	Legacy bool
}

// Split divides b, all that follows the first eight octets of a message whose
// length attribute is length. A length attribute that points past the end is
// kept, and all of b is the quote. Without a length attribute, an extension is
// recognised at octet 128 when its version is right and its checksum holds;
// a checksum of zero, which stands for none, is not enough there.
//
// Reading: a length attribute of less than 128 octets contradicts RFC 4884 §3,
// and the octet was unused and arbitrary before that RFC. It divides b only
// where an extension follows that is recognised in the same way.
func Split(b []byte, length uint8, unit int) Body {
	if length == 0 {
		if len(b) > minQuote && beyondDoubt(b[minQuote:]) {
			return Body{Quote: b[:minQuote:minQuote], Ext: b[minQuote:], Legacy: true}
		}
		return Body{Quote: b}
	}
	n := int(length) * unit
	if n < len(b) && (n >= minQuote || beyondDoubt(b[n:])) {
		return Body{Quote: b[:n:n], Ext: b[n:], Length: length}
	}
	return Body{Quote: b, Length: length}
}

// beyondDoubt reports whether ext is an extension structure with a checksum
// that was transmitted and holds.
func beyondDoubt(ext []byte) bool {
	return len(ext) >= HeaderLen && ext[0]>>4 == Version && ext[2]|ext[3] != 0 && checksum.Valid(ext)
}

// quoteLen returns how long the quote stands in the message, padding included.
func (m *Body) quoteLen(unit int) int {
	n := len(m.Quote)
	switch {
	case len(m.Ext) == 0 || m.Length != 0:
		return n
	case n <= minQuote:
		return minQuote
	}
	return (n + unit - 1) / unit * unit
}

// Len returns how many octets [Body.Append] appends.
func (m *Body) Len(unit int) int { return m.quoteLen(unit) + len(m.Ext) }

// Attribute returns the length attribute to write, or a [*wire.FieldError],
// whose Type is name, when the quote does not fit it.
func (m *Body) Attribute(name string, unit int) (uint8, error) {
	n, limit := len(m.Quote), 255*unit
	switch {
	case len(m.Ext) == 0:
		return m.Length, nil
	case m.Length != 0:
		if limit = int(m.Length) * unit; n != limit {
			return 0, &wire.FieldError{Type: name, Field: "Quote", Want: "as many octets as Length says"}
		}
		return m.Length, nil
	case m.Legacy:
		if limit = minQuote; n <= limit {
			return 0, nil
		}
	default:
		if n <= limit {
			return uint8(m.quoteLen(unit) / unit), nil
		}
	}
	return 0, &wire.FieldError{Type: name, Field: "Quote", Value: n, Limit: limit}
}

var zeros [minQuote]byte

// Append appends the quote, its padding and the extension to b.
func (m *Body) Append(b []byte, unit int) []byte {
	b = append(b, m.Quote...)
	b = append(b, zeros[:m.quoteLen(unit)-len(m.Quote)]...)
	return append(b, m.Ext...)
}
