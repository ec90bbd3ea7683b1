package extension

import (
	"encoding/binary"
	"strconv"

	"github.com/sonde-net/sonde/wire"
)

// ObjectHeaderLen is the size of an object's header in octets: length, class,
// sub-type (RFC 4884 §8).
const ObjectHeaderLen = 4

// maxPayload is the largest payload that an object's 16-bit length can say, in
// octets.
const maxPayload = 65535 - ObjectHeaderLen

// An Object is one extension object, its payload not yet read (RFC 4884 §8).
// What an object means depends on class and sub-type; one that nobody here
// knows is kept as it is.
type Object struct {
	Class Class
	CType CType
	// Payload is all behind the object's header. It should be whole 32-bit
	// words; it is read and written as it stands. In a parsed object it aliases
	// the octets it was parsed from.
	Payload []byte
	// Offset is where the object begins, in octets from the start of the
	// structure it was read from. It is not written.
	Offset int
}

// DecodeObject reads the object at the beginning of b; what is behind it stays
// unread. Offset is where b begins in its structure, in octets: errors count
// from there. [Structure.All] calls it for every object in turn.
func DecodeObject(b []byte, offset int) (Object, error) {
	if len(b) < ObjectHeaderLen {
		return Object{}, fault("extension.Object", offset+len(b), wire.Short)
	}
	n := int(binary.BigEndian.Uint16(b[0:2]))
	if n < ObjectHeaderLen || n > len(b) {
		return Object{}, fault("extension.Object", offset, wire.Length)
	}
	return Object{Class: Class(b[2]), CType: CType(b[3]), Payload: b[ObjectHeaderLen:n:n], Offset: offset}, nil
}

// Len returns how many octets AppendBinary appends.
func (o Object) Len() int { return ObjectHeaderLen + len(o.Payload) }

// AppendBinary appends the object to b, which becomes, or is to become, the
// Objects of a [Structure].
func (o Object) AppendBinary(b []byte) ([]byte, error) {
	if len(o.Payload) > maxPayload {
		return b, tooLarge("extension.Object", "Payload", len(o.Payload), maxPayload)
	}
	return o.append(b), nil
}

func (o *Object) append(b []byte) []byte {
	return append(appendObjectHeader(b, len(o.Payload), o.Class, o.CType), o.Payload...)
}

// appendObjectHeader appends the header of an object whose payload has n
// octets.
func appendObjectHeader(b []byte, n int, class Class, ctype CType) []byte {
	n += ObjectHeaderLen
	return append(b, byte(n>>8), byte(n), byte(class), byte(ctype))
}

// check returns the error of a function that reads objects of another class or
// sub-type than o.
func (o *Object) check(name string, class Class, ctype CType) error {
	switch {
	case o.Class != class:
		return fault(name, o.Offset+2, wire.Mismatch)
	case o.CType != ctype:
		return fault(name, o.Offset+3, wire.Mismatch)
	}
	return nil
}

// fault returns the error at an octet of the payload.
func (o *Object) fault(name string, at int, r wire.Reason) error {
	return fault(name, o.Offset+ObjectHeaderLen+at, r)
}

// String returns the object on one line, for people: what it says where this
// package knows its class and can read it, else its names and its size.
func (o Object) String() string {
	switch o.Class {
	case ClassMPLS:
		if s, ok := labelsString(o); ok {
			return s
		}
	case ClassInterfaceInfo:
		if i, err := ParseInterfaceInfo(o); err == nil {
			return i.String()
		}
	case ClassInterfaceID:
		if i, err := ParseInterfaceID(o); err == nil {
			return i.String()
		}
	case ClassExtendedInfo:
		if p, err := ParsePointer(o); err == nil {
			return "pointer " + strconv.FormatUint(uint64(p), 10)
		}
	}
	s := o.Class.String()
	if n := o.CType.Name(o.Class); n != "" {
		s += ": " + n
	} else {
		s += ": c-type " + strconv.Itoa(int(o.CType))
	}
	return s + ", " + strconv.Itoa(len(o.Payload)) + " octets"
}
