package quote

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// Sizes and units of IPv4, in octets.
const (
	fixed4   = 20
	unitIHL  = 4
	unitFrag = 8
)

// all4 are the fields of a fixed IPv4 header.
const all4 = TOS | TotalLen | ID | Flags | FragOffset | TTL | Proto | HeaderChecksum | Src | Dst

// Bits of the IPv4 flags, as the octet holds them that they stand in, and the
// bits of the fragment offset in that and the next.
const (
	flagDF   = 0x40
	flagMF   = 0x20
	maskFrag = 0x1fff
)

// Parse4 is [Parse] for the quote of an IPv4 datagram.
//
// Reading: the total length is believed only in what it can prove. One that is
// smaller than the header, as systems of BSD descent quote it (in host byte
// order, or less the header), does not clip the payload.
func Parse4(b []byte) (q Quote, err error) {
	err = q.read4(b)
	return
}

func (q *Quote) read4(b []byte) error {
	if len(b) == 0 || b[0]>>4 != 4 || b[0]&0x0f < fixed4/unitIHL {
		return fault(b, 4)
	}
	n := int(b[0]&0x0f) * unitIHL
	q.Version, q.HeaderLen = 4, uint32(n)
	if len(b) < fixed4 {
		q.cut4(b)
		return nil
	}
	h := (*[fixed4]byte)(b)
	frag := binary.BigEndian.Uint16(h[6:8])
	q.Present = all4
	q.TOS = h[1]
	q.TotalLen = uint32(binary.BigEndian.Uint16(h[2:4]))
	q.ID = uint32(binary.BigEndian.Uint16(h[4:6]))
	q.DF = h[6]&flagDF != 0
	q.MF = h[6]&flagMF != 0
	q.FragOffset = frag & maskFrag * unitFrag
	q.TTL = ip.TTL(h[8])
	q.Proto = ip.Proto(h[9])
	q.HeaderChecksum = binary.BigEndian.Uint16(h[10:12])
	q.Src = netip.AddrFrom4([4]byte(h[12:16]))
	q.Dst = netip.AddrFrom4([4]byte(h[16:20]))
	if len(b) < n {
		q.Options = b[fixed4:len(b):len(b)]
		return nil
	}
	q.Present |= Header
	if n > fixed4 {
		q.Options = b[fixed4:n:n]
	}
	switch {
	case n == fixed4 && checksum.ValidHeader(h), n > fixed4 && checksum.Valid(b[:n]):
		q.Sum = SumGood
	case q.HeaderChecksum != 0:
		q.Sum = SumBad
	}
	end := len(b)
	if total := int(q.TotalLen); n <= total && total < end {
		end = total
	}
	q.Payload = b[n:end:end]
	if q.FragOffset == 0 {
		q.upper(ip.ProtoICMP)
	}
	return nil
}

// cut4 reads a quote that ends inside the fixed header.
func (q *Quote) cut4(b []byte) {
	if len(b) >= 2 {
		q.TOS = b[1]
		q.Present |= TOS
	}
	if len(b) >= 4 {
		q.TotalLen = uint32(binary.BigEndian.Uint16(b[2:4]))
		q.Present |= TotalLen
	}
	if len(b) >= 6 {
		q.ID = uint32(binary.BigEndian.Uint16(b[4:6]))
		q.Present |= ID
	}
	if len(b) >= 7 {
		q.DF = b[6]&flagDF != 0
		q.MF = b[6]&flagMF != 0
		q.Present |= Flags
	}
	if len(b) >= 8 {
		q.FragOffset = binary.BigEndian.Uint16(b[6:8]) & maskFrag * unitFrag
		q.Present |= FragOffset
	}
	if len(b) >= 9 {
		q.TTL = ip.TTL(b[8])
		q.Present |= TTL
	}
	if len(b) >= 10 {
		q.Proto = ip.Proto(b[9])
		q.Present |= Proto
	}
	if len(b) >= 12 {
		q.HeaderChecksum = binary.BigEndian.Uint16(b[10:12])
		q.Present |= HeaderChecksum
	}
	if len(b) >= 16 {
		q.Src = netip.AddrFrom4([4]byte(b[12:16]))
		q.Present |= Src
	}
}
