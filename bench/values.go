package bench

import "net/netip"

// Echo is what an echo request says.
type Echo struct {
	Type, Code uint8
	ID, Seq    uint16
	Data       string
}

// Quote is what a quoted UDP datagram says.
type Quote struct {
	Src, Dst         netip.Addr
	TOS, TTL, Proto  uint8
	TotalLen, ID     uint16
	DF               bool
	FragOffset       uint16
	Checksum         uint16 // of the IP header
	SrcPort, DstPort uint16
}

// Unreachable is what a destination unreachable says.
type Unreachable struct {
	Type, Code uint8
	MTU        int // -1: the library does not read it
	Quote      Quote
}

// A Label is an entry of an MPLS label stack.
type Label struct {
	Label   uint32
	TC, TTL uint8
	Bottom  bool
}

// TimeExceeded is what a time exceeded with a label stack says.
type TimeExceeded struct {
	Type, Code uint8
	Quote      string
	Labels     [2]Label
}

// labels is the label stack of a time exceeded.
var labels = [2]Label{{Label: 16004, TC: 3, TTL: 1}, {Label: 0xfffff, TC: 7, TTL: 254, Bottom: true}}

const (
	echoID, echoSeq = 0x1234, 0x5678
	nextHopMTU      = 1400
)

// echoData returns n octets of data.
func echoData(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + 1)
	}
	return b
}

// echoOctets is an echo request, written without any of the libraries.
func echoOctets(n int) []byte {
	return seal(append([]byte{8, 0, 0, 0, 0x12, 0x34, 0x56, 0x78}, echoData(n)...))
}

// quoteOctets are the first 28 octets of the quoted datagram.
func quoteOctets() []byte {
	return []byte{
		0x45, 0x10, 0x05, 0xdc, 0xbe, 0xef, 0x40, 0x00, 5, 17, 0xc4, 0xd5, 192, 0, 2, 1, 198, 51, 100, 7,
		0xcf, 0x84, 0x82, 0x9a, 0x05, 0xc8, 0x12, 0x34,
	}
}

// unreachableOctets is a destination unreachable 3/4 that quotes n octets, 28 at
// least.
func unreachableOctets(n int, mtu uint16) []byte {
	b := append([]byte{3, 4, 0, 0, 0, 0, byte(mtu >> 8), byte(mtu)}, quoteOctets()...)
	return seal(append(b, echoData(n-28)...))
}

// timeExceededOctets is a time exceeded with a label stack.
func timeExceededOctets() []byte {
	ext := []byte{0x20, 0, 0, 0, 0, 12, 1, 1, 0x03, 0xe8, 0x46, 1, 0xff, 0xff, 0xff, 254}
	b := append([]byte{11, 0, 0, 0, 0, 32, 0, 0}, quoteOctets()...)
	b = append(b, make([]byte, 128-28)...)
	return seal(append(b, seal(ext)...))
}

// seal fills in a checksum at octet 2, octet by octet.
func seal(b []byte) []byte {
	s := uint32(0)
	for i, o := range b {
		s += uint32(o) << (8 * (1 - i%2))
		s = s>>16 + s&0xffff
	}
	b[2], b[3] = ^byte(s>>8), ^byte(s)
	return b
}
