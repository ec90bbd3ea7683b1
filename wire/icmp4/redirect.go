package icmp4

import (
	"fmt"
	"net/netip"
)

// Redirect is redirect 5 (RFC 792 p. 12): a gateway tells a host on its own
// network of a better first hop. A host treats codes 0 and 2 as 1 and 3 (RFC
// 1122 §3.2.2.2).
type Redirect struct {
	Code    Code       // [CodeRedirectNet] to [CodeRedirectTOSHost]
	Gateway netip.Addr // the better first hop, an IPv4 address
	// Quote is the IP header and the first octets of the datagram in question;
	// read it with wire/quote.
	Quote []byte

	zero
}

// ParseRedirect reads a redirect that fills b, checksum verified.
func ParseRedirect(b []byte) (Redirect, error) { return verified(b, DecodeRedirect) }

// DecodeRedirect is [ParseRedirect] without the checksum.
func DecodeRedirect(b []byte) (Redirect, error) {
	if err := check("icmp4.Redirect", b, HeaderLen, TypeRedirect, TypeRedirect); err != nil {
		return Redirect{}, err
	}
	return Redirect{Code: Code(b[1]), Gateway: readAddr(b[4:8]), Quote: b[HeaderLen:], zero: readZero(b)}, nil
}

// Kind implements [Message].
func (m Redirect) Kind() Kind { return Kind{TypeRedirect, m.Code} }

// Len implements [Message].
func (m Redirect) Len() int { return HeaderLen + len(m.Quote) }

// AppendBinary implements [Message].
func (m Redirect) AppendBinary(b []byte) ([]byte, error) {
	gateway, err := addrWord("icmp4.Redirect", "Gateway", m.Gateway)
	if err != nil {
		return b, err
	}
	return appendRest(b, "icmp4.Redirect", "Quote", m.Kind(), gateway, m.Quote, m.zero)
}

// String implements [Message].
func (m Redirect) String() string {
	return fmt.Sprintf("%v, gateway %v", m.Kind(), m.Gateway) + quoted(m.Quote, nil)
}
