package icmp6

import "net/netip"

// appendRest appends a message that is no more than its parts: the second word,
// the rest of the fixed part, and behind them rest, which the Go field of that
// name holds.
func appendRest(b []byte, name, field string, k Kind, word uint32, fixed, rest []byte, z zero, src, dst netip.Addr) ([]byte, error) {
	if err := checkAddrs(name, src, dst); err != nil {
		return b, err
	}
	if limit := maxBodyLen - len(fixed); len(rest) > limit {
		return b, tooLong(name, field, len(rest), limit)
	}
	start := len(b)
	b = append(b, byte(k.Type), byte(k.Code), 0, 0, byte(word>>24), byte(word>>16), byte(word>>8), byte(word))
	b = append(b, fixed...)
	b = append(b, rest...)
	return z.seal(b, start, src, dst), nil
}

// twoHalves returns a word of two numbers.
func twoHalves(high, low uint16) uint32 { return uint32(high)<<16 | uint32(low) }

// addrLen is the length of an IPv6 address in octets.
const addrLen = 16

// readAddr returns the address that b begins with.
func readAddr(b []byte) netip.Addr { return netip.AddrFrom16([addrLen]byte(b[:addrLen])) }

// appendAddr appends an IPv6 address.
func appendAddr(b []byte, a netip.Addr) []byte {
	o := a.As16()
	return append(b, o[:]...)
}

// message makes the result of a family's Decode function that of [Decode].
func message[M Message](m M, err error) (Message, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}
