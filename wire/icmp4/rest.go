package icmp4

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
)

// appendRest appends a message of the plainest shape: eight octets, the second
// word given, and behind them rest, which the Go field of that name holds.
func appendRest(b []byte, name, field string, k Kind, word uint32, rest []byte, z zero) ([]byte, error) {
	if len(rest) > maxBodyLen {
		return b, tooLong(name, field, len(rest), maxBodyLen)
	}
	return z.append(b, head(k.Type, k.Code, word), rest), nil
}

// twoHalves returns a word of two numbers, identifier and sequence number for
// the most part.
func twoHalves(high, low uint16) uint32 { return uint32(high)<<16 | uint32(low) }

// readAddr returns the address that b begins with.
func readAddr(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b)) }

// addrWord returns a as a word, or the error of a field that holds no IPv4
// address.
func addrWord(name, field string, a netip.Addr) (uint32, error) {
	if !a.Is4() {
		return 0, &wire.FieldError{Type: name, Field: field, Want: "an IPv4 address"}
	}
	v := a.As4()
	return binary.BigEndian.Uint32(v[:]), nil
}

// message makes the result of a family's Decode function that of [Decode].
func message[M Message](m M, err error) (Message, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}
