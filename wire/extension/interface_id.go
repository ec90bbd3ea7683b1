package extension

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire"
)

// InterfaceID is the interface identification object, by which an extended echo
// names the interface it asks about (RFC 8335 §2.1). CType says which of name,
// index and address it is; the fields of the others are zero.
type InterfaceID struct {
	CType CType // [CTypeName], [CTypeIndex] or [CTypeAddress]
	Name  []byte
	Index uint32 // ifIndex
	// Addr is an IPv4 or IPv6 address. An address of any other family, a MAC
	// address for one, is in AFI and Address: its address family number and as
	// many octets as its length says.
	Addr     netip.Addr
	AFI      uint16
	Address  []byte
	Reserved uint8 // the octet behind the address length; kept as it came
	// Padding is what stands behind name, index or address, where that is not
	// what a sender writes; nil where it is: zeros up to a whole word.
	Padding []byte
}

// IdentifyName returns the object that names an interface by its name.
func IdentifyName(name []byte) InterfaceID { return InterfaceID{CType: CTypeName, Name: name} }

// IdentifyIndex returns the object that names an interface by its index.
func IdentifyIndex(index uint32) InterfaceID { return InterfaceID{CType: CTypeIndex, Index: index} }

// IdentifyAddr returns the object that names an interface by an IP address.
func IdentifyAddr(a netip.Addr) InterfaceID { return InterfaceID{CType: CTypeAddress, Addr: a} }

// ParseInterfaceID reads an interface identification object. Name, Address and
// Padding alias it. An object of another class or with a sub-type that is not
// one of the three, and one that is too short for what it says, are a
// [*wire.ParseError]; the raw object is then all there is.
func ParseInterfaceID(o Object) (InterfaceID, error) {
	const name = "extension.InterfaceID"
	if err := o.check(name, ClassInterfaceID, o.CType); err != nil {
		return InterfaceID{}, err
	}
	i, p := InterfaceID{CType: o.CType}, o.Payload
	var end int // of the payload, without its padding
	switch o.CType {
	case CTypeName:
		i.Name = bytes.TrimRight(p, "\x00")
		end = len(i.Name)
	case CTypeIndex:
		if len(p) < 4 {
			return InterfaceID{}, o.fault(name, len(p), wire.Short)
		}
		i.Index = binary.BigEndian.Uint32(p)
		end = 4
	case CTypeAddress:
		if len(p) < 4 {
			return InterfaceID{}, o.fault(name, len(p), wire.Short)
		}
		end = 4 + int(p[2])
		if end > len(p) {
			return InterfaceID{}, o.fault(name, 2, wire.Length)
		}
		i.Reserved = p[3]
		i.setAddr(binary.BigEndian.Uint16(p), p[4:end:end])
	default:
		return InterfaceID{}, fault(name, o.Offset+3, wire.Value)
	}
	if pad := p[end:]; len(p) != wholeWords(end) || !bytes.Equal(pad, zeros[:len(pad)]) {
		i.Padding = pad
	}
	return i, nil
}

// setAddr takes an address in, as Addr where it is one.
func (i *InterfaceID) setAddr(afi uint16, a []byte) {
	switch {
	case afi == AFIIPv4 && len(a) == 4:
		i.Addr = netip.AddrFrom4([4]byte(a))
	case afi == AFIIPv6 && len(a) == 16:
		i.Addr = netip.AddrFrom16([16]byte(a))
	default:
		i.AFI, i.Address = afi, a
	}
}

// contentLen returns how many octets the payload has before its padding.
func (i *InterfaceID) contentLen() int {
	switch {
	case i.CType == CTypeName:
		return len(i.Name)
	case i.CType == CTypeIndex:
		return 4
	case i.Addr.IsValid():
		return 4 + i.Addr.BitLen()/8
	}
	return 4 + len(i.Address)
}

func (i *InterfaceID) payloadLen() int {
	if i.Padding != nil {
		return i.contentLen() + len(i.Padding)
	}
	return wholeWords(i.contentLen())
}

// Len returns how many octets AppendBinary appends.
func (i InterfaceID) Len() int { return ObjectHeaderLen + i.payloadLen() }

// check returns the error of the first field that does not fit.
func (i *InterfaceID) check() error {
	const name = "extension.InterfaceID"
	unwanted := func(field string) error {
		return &wire.FieldError{Type: name, Field: field, Want: "nothing beside what CType names"}
	}
	switch {
	case i.CType < CTypeName || i.CType > CTypeAddress:
		return &wire.FieldError{Type: name, Field: "CType", Want: "CTypeName, CTypeIndex or CTypeAddress"}
	case i.CType != CTypeName && len(i.Name) != 0:
		return unwanted("Name")
	case i.CType != CTypeIndex && i.Index != 0:
		return unwanted("Index")
	case i.CType != CTypeAddress && i.Addr.IsValid():
		return unwanted("Addr")
	case (i.CType != CTypeAddress || i.Addr.IsValid()) && i.AFI != 0:
		return unwanted("AFI")
	case (i.CType != CTypeAddress || i.Addr.IsValid()) && len(i.Address) != 0:
		return unwanted("Address")
	case i.CType != CTypeAddress && i.Reserved != 0:
		return unwanted("Reserved")
	case i.Addr.Zone() != "":
		return &wire.FieldError{Type: name, Field: "Addr", Want: "an address without a zone"}
	case len(i.Address) > 255:
		return tooLarge(name, "Address", len(i.Address), 255)
	case i.Padding == nil && len(i.Name) > maxPaddedName:
		return tooLarge(name, "Name", len(i.Name), maxPaddedName)
	case len(i.Name) > maxPayload:
		return tooLarge(name, "Name", len(i.Name), maxPayload)
	case i.payloadLen() > maxPayload:
		return tooLarge(name, "Padding", len(i.Padding), maxPayload-i.contentLen())
	}
	return nil
}

// maxPaddedName is the longest name that still has room for its padding, in
// octets.
const maxPaddedName = maxPayload / 4 * 4

// AppendBinary appends the object to b.
func (i InterfaceID) AppendBinary(b []byte) ([]byte, error) {
	if err := i.check(); err != nil {
		return b, err
	}
	b = appendObjectHeader(b, i.payloadLen(), ClassInterfaceID, i.CType)
	switch {
	case i.CType == CTypeName:
		b = append(b, i.Name...)
	case i.CType == CTypeIndex:
		b = binary.BigEndian.AppendUint32(b, i.Index)
	case i.Addr.IsValid():
		b = appendFamily(b, i.Addr)
		b = append(b, byte(i.Addr.BitLen()/8), i.Reserved)
		b = appendAddr(b, i.Addr)
	default:
		b = append(b, byte(i.AFI>>8), byte(i.AFI), byte(len(i.Address)), i.Reserved)
		b = append(b, i.Address...)
	}
	if i.Padding != nil {
		return append(b, i.Padding...), nil
	}
	n := i.contentLen()
	return append(b, zeros[:wholeWords(n)-n]...), nil
}

// String returns the object on one line, for people.
func (i InterfaceID) String() string {
	switch {
	case i.CType == CTypeName:
		return fmt.Sprintf("interface by name %q", i.Name)
	case i.CType == CTypeIndex:
		return fmt.Sprintf("interface by index %d", i.Index)
	case i.Addr.IsValid():
		return fmt.Sprintf("interface by address %v", i.Addr)
	}
	return fmt.Sprintf("interface by address %x of family %d", i.Address, i.AFI)
}
