package ip

import "net/netip"

// Body4 is a message that an IPv4 datagram carries: those of icmp4 are.
type Body4 interface {
	Len() int
	AppendBinary(b []byte) ([]byte, error)
}

// Enclose4 appends the header and the message m behind it to b, with the total
// length that they have together in place of h.TotalLen. The errors are those
// of [Header4.AppendBinary] and of the message; b is then returned as it was.
func Enclose4[M Body4](b []byte, h Header4, m M) ([]byte, error) {
	start := len(b)
	b, err := h.append(b, h.HeaderLen()+m.Len())
	if err == nil {
		b, err = m.AppendBinary(b)
	}
	if err != nil {
		return b[:start], err
	}
	return b, nil
}

// Body6 is a message that an IPv6 datagram carries and whose checksum covers
// the addresses: those of icmp6 are.
type Body6 interface {
	Len() int
	Append(b []byte, src, dst netip.Addr) ([]byte, error)
}

// Enclose6 is [Enclose4] for IPv6: the payload length is that of the message.
func Enclose6[M Body6](b []byte, h Header6, m M) ([]byte, error) {
	start := len(b)
	b, err := h.append(b, m.Len())
	if err == nil {
		b, err = m.Append(b, h.Src, h.Dst)
	}
	if err != nil {
		return b[:start], err
	}
	return b, nil
}
