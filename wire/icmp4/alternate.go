package icmp4

import (
	"fmt"
	"net/netip"
)

// AlternateAddress is alternate host address 6, deprecated by RFC 6918.
//
// Reading: no document gives its layout. The registry has its name, one code and
// a reference to the RFC that deprecates it, and Wireshark decodes nothing
// behind the checksum. By its name it holds another address of the host, so the
// 32 bits that depend on the type are read as that, as in the redirect beside
// it, and the rest is left alone.
type AlternateAddress struct {
	Code    Code       // [CodeAlternateForHost]
	Address netip.Addr // octets 4 to 7, an IPv4 address
	Data    []byte     // what follows

	zero
}

// ParseAlternateAddress reads an alternate host address that fills b, checksum
// verified.
func ParseAlternateAddress(b []byte) (AlternateAddress, error) {
	return verified(b, DecodeAlternateAddress)
}

// DecodeAlternateAddress is [ParseAlternateAddress] without the checksum.
func DecodeAlternateAddress(b []byte) (AlternateAddress, error) {
	if err := check("icmp4.AlternateAddress", b, HeaderLen, TypeAlternateAddress, TypeAlternateAddress); err != nil {
		return AlternateAddress{}, err
	}
	return AlternateAddress{Code: Code(b[1]), Address: readAddr(b[4:8]), Data: b[HeaderLen:], zero: readZero(b)}, nil
}

// Kind implements [Message].
func (m AlternateAddress) Kind() Kind { return Kind{TypeAlternateAddress, m.Code} }

// Len implements [Message].
func (m AlternateAddress) Len() int { return HeaderLen + len(m.Data) }

// AppendBinary implements [Message].
func (m AlternateAddress) AppendBinary(b []byte) ([]byte, error) {
	word, err := addrWord("icmp4.AlternateAddress", "Address", m.Address)
	if err != nil {
		return b, err
	}
	return appendRest(b, "icmp4.AlternateAddress", "Data", m.Kind(), word, m.Data, m.zero)
}

// String implements [Message].
func (m AlternateAddress) String() string {
	return fmt.Sprintf("%v, address %v, %d octets", m.Kind(), m.Address, len(m.Data))
}
