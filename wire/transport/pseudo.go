package transport

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

// PortsLen is how many octets the two ports take.
const PortsLen = 4

// ParsePorts reads the source and the destination port with which UDP,
// UDP-Lite, TCP, SCTP and DCCP begin. Fewer than four octets are a
// [wire.Short].
func ParsePorts(b []byte) (src, dst uint16, err error) {
	if len(b) < PortsLen {
		return 0, 0, fault("transport.Ports", len(b), wire.Short)
	}
	return binary.BigEndian.Uint16(b[0:2]), binary.BigEndian.Uint16(b[2:4]), nil
}

// HasPorts reports whether packets of p begin with a source and a destination
// port.
func HasPorts(p ip.Proto) bool {
	switch p {
	case ip.ProtoUDP, ip.ProtoUDPLite, ip.ProtoTCP, ip.ProtoSCTP, ip.ProtoDCCP:
		return true
	}
	return false
}

func fault(name string, offset int, r wire.Reason) error {
	return &wire.ParseError{Type: name, Offset: offset, Reason: r}
}

// pseudo returns the sum of the pseudo-header of the family that both addresses
// are of; ok is false when they are not of one.
func pseudo(src, dst netip.Addr, p ip.Proto, length int) (sum uint16, ok bool) {
	switch {
	case src.Is4() && dst.Is4():
		return checksum.Pseudo4(src, dst, uint8(p), uint16(length)), length <= ip.MaxLen
	case src.Is6() && dst.Is6():
		return checksum.Pseudo6(src, dst, uint8(p), uint32(length)), true
	}
	return 0, false
}

// checkAddrs returns the error of two addresses that have no pseudo-header in
// common.
func checkAddrs(name string, src, dst netip.Addr) error {
	switch {
	case !src.IsValid():
		return &wire.FieldError{Type: name, Field: "Src", Want: "an IPv4 or IPv6 address"}
	case src.BitLen() != dst.BitLen():
		return &wire.FieldError{Type: name, Field: "Dst", Want: "an address of the same family as Src"}
	}
	return nil
}

// maxLen returns the longest packet that a datagram between addresses of the
// family of src carries, in octets.
func maxLen(src netip.Addr) int {
	if src.Is4() {
		return ip.MaxLen - ip.MinHeaderLen4
	}
	return ip.MaxLen
}
