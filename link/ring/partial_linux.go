package ring

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire/checksum"
)

// Where the checksum stands in UDP and TCP, and what numbers these have.
const (
	protoTCP, protoUDP = 6, 17
	tcpSumAt, udpSumAt = 16, 6
	head6              = 40 // octets of an IPv6 header
)

// complete writes the checksum of UDP or TCP that a kernel beside this one, at the
// other end of a virtual cable, has left to a device that there is not: the field
// has the sum of the pseudo-header alone. What is no whole datagram is left as it
// is.
func complete(d []byte) {
	proto, segment := upper(d)
	at := 0
	switch proto {
	case protoTCP:
		at = tcpSumAt
	case protoUDP:
		at = udpSumAt
	}
	if at == 0 || len(segment) < at+2 {
		return
	}
	sum := checksum.Of(segment)
	if sum == 0 && proto == protoUDP {
		sum = 0xffff // 0 says that there is none
	}
	binary.BigEndian.PutUint16(segment[at:], sum)
}

// upper returns what a datagram carries; nothing of what is a fragment, or has
// extension headers.
func upper(d []byte) (proto byte, segment []byte) {
	const head4 = 20
	switch {
	case len(d) >= head6 && d[0]>>4 == 6:
		end := head6 + int(binary.BigEndian.Uint16(d[4:]))
		if end <= len(d) {
			return d[6], d[head6:end]
		}
	case len(d) >= head4 && d[0]>>4 == 4:
		begin, end := int(d[0]&0xf)*4, int(binary.BigEndian.Uint16(d[2:]))
		const fragment = 0x3fff // more fragments, and the offset
		if begin >= head4 && begin <= end && end <= len(d) && binary.BigEndian.Uint16(d[6:])&fragment == 0 {
			return d[9], d[begin:end]
		}
	}
	return 0, nil
}
