package ip

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/checksum"
)

// DecrementTTL4 takes one from the time to live of the IPv4 datagram b, in
// place, and mends the header checksum by what has changed (RFC 1624), so that
// a header that came damaged stays damaged. It returns what is left. With a
// time to live of 0, or fewer octets than a header has, nothing is changed and
// ok is false. RFC 1812 §5.3.1: when nothing is left, the datagram goes no
// further.
func DecrementTTL4(b []byte) (left TTL, ok bool) {
	if len(b) < MinHeaderLen4 || b[8] == 0 {
		return 0, false
	}
	old := binary.BigEndian.Uint16(b[8:10])
	b[8]--
	mend4(b, old, binary.BigEndian.Uint16(b[8:10]))
	return TTL(b[8]), true
}

// DecrementHopLimit6 is [DecrementTTL4] for an IPv6 datagram, which has no
// header checksum.
func DecrementHopLimit6(b []byte) (left TTL, ok bool) {
	if len(b) < HeaderLen6 || b[7] == 0 {
		return 0, false
	}
	b[7]--
	return TTL(b[7]), true
}

// SetSrc4 writes the source address of the IPv4 datagram b, in place, and mends
// the header checksum by what has changed. Checksums of an upper layer that
// cover the addresses are the caller's to mend ([checksum.Update32]). When a is
// no IPv4 address or b is shorter than a header, nothing is changed and the
// result is false.
func SetSrc4(b []byte, a netip.Addr) bool { return setAddr4(b, 12, a) }

// SetDst4 is [SetSrc4] for the destination address.
func SetDst4(b []byte, a netip.Addr) bool { return setAddr4(b, 16, a) }

func setAddr4(b []byte, at int, a netip.Addr) bool {
	if len(b) < MinHeaderLen4 || !a.Is4() {
		return false
	}
	field, octets := b[at:at+4], a.As4()
	mend4(b, binary.BigEndian.Uint16(field), binary.BigEndian.Uint16(octets[:]))
	mend4(b, binary.BigEndian.Uint16(field[2:]), binary.BigEndian.Uint16(octets[2:]))
	copy(field, octets[:])
	return true
}

// mend4 brings the header checksum of b up to date after a word under it has
// changed from old to new.
func mend4(b []byte, old, new uint16) {
	field := b[10:12]
	binary.BigEndian.PutUint16(field, checksum.Update(binary.BigEndian.Uint16(field), old, new))
}

// Seal4 computes the header checksum of the IPv4 datagram b anew and writes it
// in place, after the options have been changed for one. When b does not hold
// the header that it announces, nothing is changed and the result is false.
func Seal4(b []byte) bool {
	n, err := headerLen4(b)
	if err != nil {
		return false
	}
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:12], checksum.Of(b[:n]))
	return true
}
