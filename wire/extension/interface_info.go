package extension

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"github.com/sonde-net/sonde/wire"
)

// Address family numbers (IANA), as the objects that carry an address have
// them.
const (
	AFIIPv4  = 1
	AFIIPv6  = 2
	AFIMAC48 = 16389 // a 48-bit MAC address
	AFIMAC64 = 16390 // a 64-bit MAC address
)

// MaxName is the longest interface name in an [InterfaceInfo], in octets (RFC
// 5837 §4.3).
const MaxName = 63

// maxNameLen is the largest value of a name sub-object's length octet.
const maxNameLen = MaxName + 1

// Role says what an interface has to do with the datagram in question (RFC 5837
// §4.1): the two highest bits of the sub-type.
type Role uint8

// The registered roles.
const (
	RoleIncoming    Role = 0 // the IP interface that the datagram arrived on
	RoleIncomingSub Role = 1 // the sub-IP component of that interface, a member of a bundle for one
	RoleOutgoing    Role = 2 // the IP interface that the datagram would have left through
	RoleNextHop     Role = 3 // the IP next hop that the datagram would have been sent to
)

const maxRole = RoleNextHop

// Parts is a set of the sub-objects of an [InterfaceInfo]: the four lowest bits
// of the sub-type.
type Parts uint8

// The sub-objects.
const (
	PartMTU Parts = 1 << iota
	PartName
	PartAddr
	PartIndex
)

const (
	allParts      = PartMTU | PartName | PartAddr | PartIndex
	maxInfoUnused = 1<<2 - 1
)

// InterfaceInfo is the interface information object: an interface that a
// datagram came through or would have gone through (RFC 5837).
type InterfaceInfo struct {
	Role Role
	// Parts says which of the four that follow are there. Parse fills it in;
	// to build, it may stay 0: what is not zero is written all the same. So it
	// need only name an index, an empty name or an MTU that is there and zero.
	Parts Parts
	Index uint32     // ifIndex (RFC 2863)
	Addr  netip.Addr // an address of the interface, IPv4 or IPv6
	Name  []byte     // ifName or the like, UTF-8, at most [MaxName] octets
	MTU   uint32     // in octets

	// NameLen is the length octet of the name where it is not what a sender
	// computes, 0 where it is: one more than the name, rounded up to whole
	// words. Zeros between the end of the name and that length are padding.
	NameLen      uint8
	AddrReserved uint16 // the 16 bits behind the address family; kept as they came
	Reserved     uint8  // the two reserved bits of the sub-type; kept as they came
	Trailing     []byte // what stands behind the last part, to be ignored; kept as it came
}

// ParseInterfaceInfo reads an interface information object. Name and Trailing
// alias it. An object of another class, one that ends inside a part and an
// address family that is neither IPv4 nor IPv6 are a [*wire.ParseError]; the
// raw object is then all there is.
//
// Reading: RFC 5837 §4.3 lets the name sub-object be a multiple of four octets,
// at most 64. What follows a length that is no multiple of four is taken to
// begin at that length.
func ParseInterfaceInfo(o Object) (InterfaceInfo, error) {
	const name = "extension.InterfaceInfo"
	if err := o.check(name, ClassInterfaceInfo, o.CType); err != nil {
		return InterfaceInfo{}, err
	}
	i := InterfaceInfo{
		Role:     Role(o.CType >> 6),
		Reserved: uint8(o.CType>>4) & maxInfoUnused,
		Parts:    Parts(o.CType) & allParts,
	}
	p := o.Payload
	at := 0
	if i.Parts&PartIndex != 0 {
		if len(p) < 4 {
			return InterfaceInfo{}, o.fault(name, len(p), wire.Short)
		}
		i.Index = binary.BigEndian.Uint32(p)
		at = 4
	}
	if i.Parts&PartAddr != 0 {
		n, r := i.readAddr(p[at:])
		if r != 0 {
			return InterfaceInfo{}, o.fault(name, at+n, r)
		}
		at += n
	}
	if i.Parts&PartName != 0 {
		n, r := i.readName(p[at:])
		if r != 0 {
			return InterfaceInfo{}, o.fault(name, at+n, r)
		}
		at += n
	}
	if i.Parts&PartMTU != 0 {
		if len(p)-at < 4 {
			return InterfaceInfo{}, o.fault(name, len(p), wire.Short)
		}
		i.MTU = binary.BigEndian.Uint32(p[at:])
		at += 4
	}
	if at < len(p) {
		i.Trailing = p[at:]
	}
	return i, nil
}

// readAddr reads an IP address sub-object (RFC 5837 §4.2) and returns its size,
// or a reason and the octet at fault.
func (i *InterfaceInfo) readAddr(b []byte) (int, wire.Reason) {
	if len(b) < 4 {
		return len(b), wire.Short
	}
	i.AddrReserved = binary.BigEndian.Uint16(b[2:4])
	switch binary.BigEndian.Uint16(b[0:2]) {
	case AFIIPv4:
		if len(b) < 8 {
			return len(b), wire.Short
		}
		i.Addr = netip.AddrFrom4([4]byte(b[4:8]))
		return 8, 0
	case AFIIPv6:
		if len(b) < 20 {
			return len(b), wire.Short
		}
		i.Addr = netip.AddrFrom16([16]byte(b[4:20]))
		return 20, 0
	}
	return 0, wire.Value
}

// readName reads a name sub-object (RFC 5837 §4.3) and returns its size, or a
// reason and the octet at fault.
func (i *InterfaceInfo) readName(b []byte) (int, wire.Reason) {
	if len(b) == 0 {
		return 0, wire.Short
	}
	n := int(b[0])
	if n == 0 || n > maxNameLen || n > len(b) {
		return 0, wire.Length
	}
	i.Name = bytes.TrimRight(b[1:n:n], "\x00")
	if n != wholeWords(1+len(i.Name)) {
		i.NameLen = uint8(n)
	}
	return n, 0
}

// parts returns the sub-objects to write.
func (i *InterfaceInfo) parts() Parts {
	p := i.Parts & allParts
	if i.Index != 0 {
		p |= PartIndex
	}
	if i.Addr.IsValid() {
		p |= PartAddr
	}
	if len(i.Name) != 0 || i.NameLen != 0 {
		p |= PartName
	}
	if i.MTU != 0 {
		p |= PartMTU
	}
	return p
}

// Has reports whether all of these parts are there.
func (i InterfaceInfo) Has(p Parts) bool { return i.parts()&p == p }

// nameLen returns the length octet of the name sub-object to write.
func (i *InterfaceInfo) nameLen() int {
	if i.NameLen != 0 {
		return int(i.NameLen)
	}
	return wholeWords(1 + len(i.Name))
}

// Len returns how many octets AppendBinary appends.
func (i InterfaceInfo) Len() int { return ObjectHeaderLen + i.payloadLen() }

func (i *InterfaceInfo) payloadLen() int {
	p, n := i.parts(), len(i.Trailing)
	if p&PartIndex != 0 {
		n += 4
	}
	if p&PartAddr != 0 {
		n += 4 + i.Addr.BitLen()/8
	}
	if p&PartName != 0 {
		n += i.nameLen()
	}
	if p&PartMTU != 0 {
		n += 4
	}
	return n
}

// check returns the error of the first field that does not fit.
func (i *InterfaceInfo) check() error {
	const name = "extension.InterfaceInfo"
	switch {
	case i.Role > maxRole:
		return tooLarge(name, "Role", int(i.Role), int(maxRole))
	case i.Reserved > maxInfoUnused:
		return tooLarge(name, "Reserved", int(i.Reserved), maxInfoUnused)
	case i.Parts > allParts:
		return tooLarge(name, "Parts", int(i.Parts), int(allParts))
	case i.Parts&PartAddr != 0 && !i.Addr.IsValid():
		return &wire.FieldError{Type: name, Field: "Addr", Want: "an address, as Parts has one"}
	case i.AddrReserved != 0 && !i.Addr.IsValid():
		return &wire.FieldError{Type: name, Field: "Addr", Want: "an address, as AddrReserved is set"}
	case i.Addr.Zone() != "":
		return &wire.FieldError{Type: name, Field: "Addr", Want: "an address without a zone"}
	case len(i.Name) > MaxName:
		return tooLarge(name, "Name", len(i.Name), MaxName)
	case i.NameLen > maxNameLen:
		return tooLarge(name, "NameLen", int(i.NameLen), maxNameLen)
	case i.NameLen != 0 && len(i.Name) >= int(i.NameLen):
		return tooLarge(name, "Name", len(i.Name), int(i.NameLen)-1)
	case i.payloadLen() > maxPayload:
		return tooLarge(name, "Trailing", len(i.Trailing), maxPayload-i.payloadLen()+len(i.Trailing))
	}
	return nil
}

// AppendBinary appends the object to b.
func (i InterfaceInfo) AppendBinary(b []byte) ([]byte, error) {
	if err := i.check(); err != nil {
		return b, err
	}
	p := i.parts()
	b = appendObjectHeader(b, i.payloadLen(), ClassInterfaceInfo, CType(i.Role)<<6|CType(i.Reserved)<<4|CType(p))
	if p&PartIndex != 0 {
		b = binary.BigEndian.AppendUint32(b, i.Index)
	}
	if p&PartAddr != 0 {
		b = appendFamily(b, i.Addr)
		b = binary.BigEndian.AppendUint16(b, i.AddrReserved)
		b = appendAddr(b, i.Addr)
	}
	if p&PartName != 0 {
		n := i.nameLen()
		b = append(b, byte(n))
		b = append(b, i.Name...)
		b = append(b, zeros[:n-1-len(i.Name)]...)
	}
	if p&PartMTU != 0 {
		b = binary.BigEndian.AppendUint32(b, i.MTU)
	}
	return append(b, i.Trailing...), nil
}

// appendFamily appends the address family number of a.
func appendFamily(b []byte, a netip.Addr) []byte {
	if a.Is4() {
		return append(b, 0, AFIIPv4)
	}
	return append(b, 0, AFIIPv6)
}

// appendAddr appends the octets of a.
func appendAddr(b []byte, a netip.Addr) []byte {
	if a.Is4() {
		v := a.As4()
		return append(b, v[:]...)
	}
	v := a.As16()
	return append(b, v[:]...)
}

// wholeWords rounds a number of octets up to whole 32-bit words.
func wholeWords(n int) int { return (n + 3) / 4 * 4 }

// String returns the role in words.
func (r Role) String() string {
	switch r {
	case RoleIncoming:
		return "incoming interface"
	case RoleIncomingSub:
		return "incoming sub-interface"
	case RoleOutgoing:
		return "outgoing interface"
	case RoleNextHop:
		return "next hop"
	}
	return fmt.Sprintf("role %d", uint8(r))
}

// String returns the object on one line, for people: "incoming interface:
// index 3, 192.0.2.1, eth0, mtu 1500".
func (i InterfaceInfo) String() string {
	var w strings.Builder
	w.WriteString(i.Role.String())
	p, sep := i.parts(), ": "
	say := func(part Parts, format string, v any) {
		if p&part != 0 {
			fmt.Fprintf(&w, sep+format, v)
			sep = ", "
		}
	}
	say(PartIndex, "index %d", i.Index)
	say(PartAddr, "%v", i.Addr)
	say(PartName, "%q", i.Name)
	say(PartMTU, "mtu %d", i.MTU)
	return w.String()
}
