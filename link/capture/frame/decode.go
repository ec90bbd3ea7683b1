package frame

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/wire"
)

// Lengths in octets.
const (
	addrLen    = 6
	ethernet   = 14
	tagLen     = 4
	labelLen   = 4
	pppoeLen   = 6
	cooked1Len = 16
	cooked2Len = 20
	familyLen  = 4
)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// Decode finds the IP datagram in a frame. The errors are wire.Truncated for a
// frame that ends before the datagram begins, [ErrNotIP] and [ErrLinkType];
// Meta has what was read until there, with every one of them.
//
// The first four bits of the datagram are not looked at where the link says
// what it carries, so what is said to be IPv4 may not be: wire/ip tells.
func Decode(link LinkType, data []byte) (datagram []byte, m Meta, err error) {
	d := decoder{data: data}
	switch link {
	case Ethernet:
		err = d.ethernet()
	case LinuxCooked:
		err = d.cooked()
	case Cooked2:
		err = d.cooked2()
	case Raw, RawBSD, RawOpenBSD:
		err = d.version()
	case IPv4:
		err = d.carries(TypeIPv4)
	case IPv6:
		err = d.carries(TypeIPv6)
	case Null, Loop:
		err = d.family(link == Loop)
	case PPP, PPPSerial:
		err = d.ppp()
	case PPPEther:
		err = d.pppoe()
	default:
		err = ErrLinkType
	}
	if err == nil {
		datagram = data[d.m.Offset:]
	}
	return datagram, d.m, err
}

// A decoder reads a frame from the front; m.Offset is where it is.
type decoder struct {
	data []byte
	m    Meta
}

// take returns the next n octets without passing them, nil when there are
// fewer.
func (d *decoder) take(n int) []byte {
	if len(d.data)-d.m.Offset < n {
		return nil
	}
	return d.data[d.m.Offset:][:n]
}

// ethernet reads IEEE 802.3 §3.1.1: addresses, and the type, or the length of
// an LLC frame.
func (d *decoder) ethernet() error {
	b := d.take(2 * addrLen)
	if b == nil {
		return wire.Truncated
	}
	d.m.Dst, d.m.Src = MAC(b), MAC(b[addrLen:])
	d.m.Offset = 2 * addrLen
	return d.typed()
}

// typed reads a type and what it announces.
func (d *decoder) typed() error {
	b := d.take(2)
	if b == nil {
		return wire.Truncated
	}
	if t := EtherType(be16(b)); t.VLAN() {
		return d.tagged()
	}
	d.m.Offset += 2
	return d.carries(EtherType(be16(b)))
}

// tagged reads VLAN tags, as many as there are, and the type behind them.
func (d *decoder) tagged() error {
	begin := d.m.Offset
	for {
		b := d.take(2)
		if b == nil {
			return wire.Truncated
		}
		if !EtherType(be16(b)).VLAN() {
			break
		}
		if d.take(tagLen) == nil {
			return wire.Truncated
		}
		d.m.Offset += tagLen
		d.m.tags = d.data[begin:d.m.Offset]
	}
	return d.typed()
}

// carries goes on behind a type. Values below 0x600 are lengths of LLC frames
// (IEEE 802.3 §3.2.6).
func (d *decoder) carries(t EtherType) error {
	const lengths = 0x600
	if t < lengths {
		return d.llc()
	}
	d.m.Type = t
	switch t {
	case TypeIPv4, TypeIPv6:
		if d.take(1) == nil {
			return wire.Truncated
		}
		return nil
	case TypeMPLS, TypeMPLSMulticast:
		return d.mpls()
	case TypePPPoE:
		return d.pppoe()
	}
	return ErrNotIP
}

// llc reads an LLC header (IEEE 802.2), and a SNAP header behind it (RFC 1042).
func (d *decoder) llc() error {
	const (
		snap = 0xaa
		ip   = 0x06 // RFC 948
		ui   = 0x03 // unnumbered information
	)
	b := d.take(3)
	switch {
	case b == nil:
		return wire.Truncated
	case b[2] != ui:
		return ErrNotIP
	case b[0] == ip && b[1] == ip:
		d.m.Offset += 3
		return d.carries(TypeIPv4)
	case b[0] != snap || b[1] != snap:
		return ErrNotIP
	}
	b = d.take(8)
	switch {
	case b == nil:
		return wire.Truncated
	case b[3] != 0 || b[4] != 0 || b[5] != 0: // somebody's own numbers
		return ErrNotIP
	case be16(b[6:]) < 0x600:
		return ErrNotIP
	}
	d.m.Offset += 6
	return d.typed()
}

// mpls reads a label stack (RFC 3032 §2.1). What is below it does not say what
// it is; routers look at the first four bits, too (RFC 4928 §3).
func (d *decoder) mpls() error {
	begin := d.m.Offset
	for {
		b := d.take(labelLen)
		if b == nil {
			return wire.Truncated
		}
		d.m.Offset += labelLen
		d.m.labels = d.data[begin:d.m.Offset]
		if b[2]&1 != 0 {
			return d.version()
		}
	}
}

// version tells IPv4 and IPv6 by their first four bits.
func (d *decoder) version() error {
	b := d.take(1)
	switch {
	case b == nil:
		return wire.Truncated
	case b[0]>>4 == 4:
		d.m.Type = TypeIPv4
	case b[0]>>4 == 6:
		d.m.Type = TypeIPv6
	default:
		return ErrNotIP
	}
	return nil
}
