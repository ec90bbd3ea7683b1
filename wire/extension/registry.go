package extension

import "strconv"

// RegistryDate is the day whose state of the IANA registry this package has:
// Internet Control Message Protocol (ICMP) Parameters, ICMP Extension Object
// Classes and Class Sub-types.
const RegistryDate = "2026-01-05"

// Class is the class of an object (Class-Num, RFC 4884 §8).
type Class uint8

// The registered classes. Those from ClassPrivate up are for private use.
const (
	ClassMPLS          Class = 1   // MPLS Label Stack Class (RFC 4950)
	ClassInterfaceInfo Class = 2   // Interface Information Object (RFC 5837)
	ClassInterfaceID   Class = 3   // Interface Identification Object (RFC 8335)
	ClassExtendedInfo  Class = 4   // Extended Information (RFC 8883)
	ClassNodeID        Class = 5   // Node Identification Object (draft-ietf-intarea-extended-icmp-nodeid)
	ClassPrivate       Class = 247 // the first of the classes for private use (RFC 4884 §10)
)

// CType is the sub-type of an object (C-Type, RFC 4884 §8). What it means
// depends on the class; in classes 2 and 5 it is a set of bits.
type CType uint8

// The registered sub-types of the classes whose sub-types are numbers.
const (
	CTypeIncomingStack CType = 1 // of ClassMPLS: the label stack that came in (RFC 4950)
	CTypeName          CType = 1 // of ClassInterfaceID: by name (RFC 8335 §2.1)
	CTypeIndex         CType = 2 // of ClassInterfaceID: by index
	CTypeAddress       CType = 3 // of ClassInterfaceID: by address
	CTypePointer       CType = 1 // of ClassExtendedInfo: pointer (RFC 8883 §3)
)

// String returns the registry's name, "Private Use 250", "Unassigned 6".
func (c Class) String() string {
	switch c {
	case ClassMPLS:
		return "MPLS Label Stack Class"
	case ClassInterfaceInfo:
		return "Interface Information Object"
	case ClassInterfaceID:
		return "Interface Identification Object"
	case ClassExtendedInfo:
		return "Extended Information"
	case ClassNodeID:
		return "Node Identification Object"
	case 0:
		return "Reserved 0"
	}
	if c >= ClassPrivate {
		return "Private Use " + strconv.Itoa(int(c))
	}
	return "Unassigned " + strconv.Itoa(int(c))
}

// Name returns the registry's name of the sub-type within a class, "" where the
// registry has none or where the sub-type is a set of bits.
func (t CType) Name(c Class) string {
	switch {
	case c == ClassMPLS && t == CTypeIncomingStack:
		return "Incoming MPLS Label Stack"
	case c == ClassInterfaceID && t == CTypeName:
		return "Identifies Interface by Name"
	case c == ClassInterfaceID && t == CTypeIndex:
		return "Identifies Interface by Index"
	case c == ClassInterfaceID && t == CTypeAddress:
		return "Identifies Interface by Address"
	case c == ClassExtendedInfo && t == CTypePointer:
		return "Pointer"
	}
	return ""
}
