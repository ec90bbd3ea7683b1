package kernel

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// Unfinished reports whether the checksum of a packet of UDP or TCP is only that
// of its pseudo-header: what is sent to another party on this machine leaves the
// rest to a device that it never meets.
func Unfinished(p ip.Proto, from, to netip.Addr, packet []byte) bool {
	at, size := 6, uint32(len(packet))
	if p == ip.ProtoTCP {
		at = 16
	}
	if len(packet) < at+2 || !to.IsValid() {
		return false
	}
	var sum uint16
	if from.Is4() {
		sum = checksum.Pseudo4(from, to, uint8(p), uint16(size))
	} else {
		sum = checksum.Pseudo6(from.WithZone(""), to.WithZone(""), uint8(p), size)
	}
	return binary.BigEndian.Uint16(packet[at:]) == sum
}
