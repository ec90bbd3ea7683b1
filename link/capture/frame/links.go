package frame

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire"
)

// cooked reads the header that Linux makes up for links of all kinds, version
// 1: direction, kind of device, sender's address, type.
func (d *decoder) cooked() error {
	b := d.take(cooked1Len)
	if b == nil {
		return wire.Truncated
	}
	d.m.Direction = direction(be16(b))
	d.sender(b[6:], int(be16(b[4:])))
	d.m.Offset = cooked1Len - 2
	if be16(b[14:]) == llcFrame {
		d.m.Offset += 2
		return d.llc()
	}
	if be16(b[14:]) < llcFrame { // frames of Novell, and others of no type
		return ErrNotIP
	}
	return d.typed()
}

// llcFrame is what Linux says instead of a type about an LLC frame
// (ETH_P_802_2).
const llcFrame = 4

// cooked2 is version 2: type, index of the interface, kind of device,
// direction, sender's address.
func (d *decoder) cooked2() error {
	b := d.take(cooked2Len)
	if b == nil {
		return wire.Truncated
	}
	d.m.Index = be32(b[4:])
	d.m.Direction = direction(uint16(b[10]))
	d.sender(b[12:], int(b[11]))
	d.m.Offset = cooked2Len
	t := EtherType(be16(b))
	switch {
	case t.VLAN():
		return d.cookedTag()
	case t == llcFrame:
		return d.llc()
	case t < llcFrame:
		return ErrNotIP
	}
	return d.carries(t)
}

// cookedTag reads a VLAN tag whose type stands at the front of a cooked header,
// version 2, and its contents behind that. Such a tag is not among
// [Meta.VLANs], for its octets are not together.
func (d *decoder) cookedTag() error {
	if d.take(2) == nil {
		return wire.Truncated
	}
	d.m.Offset += 2
	return d.typed()
}

// sender keeps an address of six octets; others have no room.
func (d *decoder) sender(b []byte, n int) {
	if n == addrLen {
		d.m.Src = MAC(b)
	}
}

// direction turns the packet type of Linux into ours.
func direction(t uint16) Direction {
	switch t {
	case 0:
		return Inbound
	case 1:
		return Broadcast
	case 2:
		return Multicast
	case 3:
		return Foreign
	case 4:
		return Outbound
	}
	return Unknown
}

// family reads the address family of BSD loopback. The number of IPv6 differs
// from system to system, and so does the order of the octets.
func (d *decoder) family(network bool) error {
	b := d.take(familyLen)
	if b == nil {
		return wire.Truncated
	}
	f := binary.BigEndian.Uint32(b)
	if !network && f > 0xffff {
		f = binary.LittleEndian.Uint32(b)
	}
	switch f {
	case 2:
		d.m.Offset = familyLen
		return d.carries(TypeIPv4)
	case 10, // Linux
		23, // Windows
		24, // NetBSD, OpenBSD
		28, // FreeBSD
		30: // macOS
		d.m.Offset = familyLen
		return d.carries(TypeIPv6)
	}
	return ErrNotIP
}

// pppoe reads the header of a PPPoE session (RFC 2516 §4).
func (d *decoder) pppoe() error {
	b := d.take(pppoeLen)
	if b == nil {
		return wire.Truncated
	}
	const versionType, session = 0x11, 0
	if b[0] != versionType || b[1] != session {
		return ErrNotIP
	}
	d.m.Session = be16(b[2:])
	d.m.Offset += pppoeLen
	return d.ppp()
}

// ppp reads the protocol of a PPP frame, behind address and control where they
// are there (RFC 1662 §3.1), in two octets or compressed to one (RFC 1661
// §6.5).
func (d *decoder) ppp() error {
	begin := d.m.Offset
	if b := d.take(2); b != nil && b[0] == 0xff && b[1] == 0x03 {
		d.m.Offset += 2
	}
	b := d.take(1)
	if b == nil || b[0] == 0xff && d.take(2) == nil {
		return wire.Truncated
	}
	p, n := uint16(b[0]), 1
	if p&1 == 0 {
		if b = d.take(2); b == nil {
			return wire.Truncated
		}
		p, n = be16(b), 2
	}
	var t EtherType
	switch p {
	case 0x0021:
		t = TypeIPv4
	case 0x0057:
		t = TypeIPv6
	case 0x0281:
		t = TypeMPLS
	case 0x0283:
		t = TypeMPLSMulticast
	default:
		d.m.Offset = begin
		d.m.Type = 0
		return ErrNotIP
	}
	d.m.Offset += n
	return d.carries(t)
}
