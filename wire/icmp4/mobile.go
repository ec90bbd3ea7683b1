package icmp4

import (
	"fmt"
	"net/netip"
)

// MobileRedirect is mobile host redirect 32, deprecated by RFC 6918.
//
// Reading: no RFC gives its layout. The registry names a person (David Johnson,
// who drafted protocols for mobile hosts in 1993 and 1994), and Wireshark
// decodes nothing behind the checksum. It is read in the form of redirect 5: an
// address to send to instead, then the datagram that was sent elsewhere.
type MobileRedirect struct {
	Code    Code       // none is registered; kept as it came
	Address netip.Addr // octets 4 to 7, an IPv4 address
	Quote   []byte     // what follows; try it with wire/quote

	zero
}

// ParseMobileRedirect reads a mobile host redirect that fills b, checksum
// verified.
func ParseMobileRedirect(b []byte) (MobileRedirect, error) { return verified(b, DecodeMobileRedirect) }

// DecodeMobileRedirect is [ParseMobileRedirect] without the checksum.
func DecodeMobileRedirect(b []byte) (MobileRedirect, error) {
	if err := check("icmp4.MobileRedirect", b, HeaderLen, TypeMobileRedirect, TypeMobileRedirect); err != nil {
		return MobileRedirect{}, err
	}
	return MobileRedirect{Code: Code(b[1]), Address: readAddr(b[4:8]), Quote: b[HeaderLen:], zero: readZero(b)}, nil
}

// Kind implements [Message].
func (m MobileRedirect) Kind() Kind { return Kind{TypeMobileRedirect, m.Code} }

// Len implements [Message].
func (m MobileRedirect) Len() int { return HeaderLen + len(m.Quote) }

// AppendBinary implements [Message].
func (m MobileRedirect) AppendBinary(b []byte) ([]byte, error) {
	word, err := addrWord("icmp4.MobileRedirect", "Address", m.Address)
	if err != nil {
		return b, err
	}
	return appendRest(b, "icmp4.MobileRedirect", "Quote", m.Kind(), word, m.Quote, m.zero)
}

// String implements [Message].
func (m MobileRedirect) String() string {
	return fmt.Sprintf("%v, address %v", m.Kind(), m.Address) + quoted(m.Quote, nil)
}
