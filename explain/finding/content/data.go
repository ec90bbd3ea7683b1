package content

import (
	"encoding/binary"
	"math"

	"github.com/sonde-net/sonde/wire/checksum"
)

// isIP reports whether data is an IP datagram, the whole of it: its length and,
// of IPv4, its checksum hold.
func isIP(data []byte) bool {
	if len(data) < 20 {
		return false
	}
	switch data[0] >> 4 {
	case 4:
		n := int(data[0]&0xf) * 4
		return n >= 20 && n <= len(data) && int(binary.BigEndian.Uint16(data[2:4])) == len(data) && checksum.Valid(data[:n])
	case 6:
		return len(data) >= 40 && int(binary.BigEndian.Uint16(data[4:6]))+40 == len(data)
	}
	return false
}

// entropy returns how many bits of information an octet of data has, by how
// often each value occurs: at most 8, and no more than the number of octets
// allows.
func entropy(data []byte) float64 {
	var count [256]int
	for _, c := range data {
		count[c]++
	}
	sum := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(data))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// fingerprint is FNV-1a over the first octets.
func fingerprint(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b[:min(len(b), 64)] {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}
