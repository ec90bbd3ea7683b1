package route

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// A Flow is what distinguishes the datagrams that should stay in order from
// others. The zero value of every field but the addresses means that it is not
// known.
type Flow struct {
	Seed      uint64     // of the node; were it the same on each, the second would undo what the first spread (polarisation)
	Src, Dst  netip.Addr // of one family
	Label     uint32     // of IPv6: the flow label (RFC 6438)
	Proto     uint8      // of IPv4: the protocol; of IPv6: that of the upper layer, not of an extension header
	Transport []byte     // the octets behind the IP headers; nil for every fragment, the first included
}

// The protocols whose first octets say more about the flow.
const (
	protoICMP    = 1
	protoTCP     = 6
	protoUDP     = 17
	protoDCCP    = 33
	protoICMP6   = 58
	protoSCTP    = 132
	protoUDPLite = 136
)

// Hash returns the hash of everything that f tells: addresses, flow label,
// protocol and, from the transport's octets, the ports of TCP, UDP, DCCP, SCTP
// and UDP-Lite, or the type, code and checksum of ICMP, and its identifier where
// the type has one. So traceroute sees one path when it keeps ports or checksum
// and identifier, and several when it varies them. Fragments of a datagram hash
// alike, since none of them tells its ports.
func (f *Flow) Hash() uint64 {
	h := mix(f.PairHash()^f.word(), uint64(f.Label)^0x8ebc6af09c88c6e3)
	return mix(h, f.Seed^0x589965cc75374cc3)
}

// PairHash returns the hash of the addresses.
func (f *Flow) PairHash() uint64 {
	const k0, k1, k2, k3 = 0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x589965cc75374cc3, 0x1d8e4e27c47d124f
	if f.Src.Is4() && f.Dst.Is4() {
		s, d := f.Src.As4(), f.Dst.As4()
		a := uint64(binary.BigEndian.Uint32(s[:]))<<32 | uint64(binary.BigEndian.Uint32(d[:]))
		return mix(mix(a^k0, f.Seed^k1)^k2, k3)
	}
	s, d := f.Src.As16(), f.Dst.As16()
	h := mix(binary.BigEndian.Uint64(s[:8])^k0, binary.BigEndian.Uint64(s[8:])^f.Seed^k1)
	return mix(mix(binary.BigEndian.Uint64(d[:8])^k2, binary.BigEndian.Uint64(d[8:])^h)^k0, f.Seed^k3)
}

// word returns the protocol and what the transport tells of the flow: 8 bits
// and 48.
func (f *Flow) word() uint64 {
	w := uint64(f.Proto) << 56
	b := f.Transport
	if len(b) < 4 {
		return w
	}
	switch f.Proto {
	case protoTCP, protoUDP, protoDCCP, protoSCTP, protoUDPLite:
		return w | uint64(binary.BigEndian.Uint32(b))<<16
	case protoICMP, protoICMP6:
		w |= uint64(binary.BigEndian.Uint32(b)) << 16
		if len(b) >= 6 && identified(f.Proto, b[0]) {
			w |= uint64(binary.BigEndian.Uint16(b[4:]))
		}
	}
	return w
}

// identified reports whether an ICMP message of the type has an identifier in
// octets 4 and 5: echo, timestamp, information, address mask and extended echo,
// requests and replies.
func identified(proto, typ uint8) bool {
	if proto == protoICMP6 {
		return typ == 128 || typ == 129 || typ == 160 || typ == 161
	}
	return typ == 0 || typ == 8 || typ >= 13 && typ <= 18 || typ == 42 || typ == 43
}

// mix multiplies to 128 bits and folds them, so that each bit of either factor
// reaches the highest bits of the result, which choose the hop.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
