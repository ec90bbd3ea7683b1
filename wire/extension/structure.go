package extension

import (
	"encoding/binary"
	"iter"
	"strings"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
)

// The header of the structure (RFC 4884 §7).
const (
	HeaderLen = 4 // octets: version, reserved bits, checksum
	Version   = 2
)

// maxReserved is the largest value of the twelve reserved bits.
const maxReserved = 1<<12 - 1

// A Structure is an extension structure: a header, and objects behind it (RFC
// 4884 §7). Its zero value with Objects filled in is what a sender writes.
type Structure struct {
	// Objects are the objects as they stand on the wire, one behind the other.
	// In a parsed structure they alias the octets it was parsed from. Read them
	// with [Structure.All], fill them with the AppendBinary methods of this
	// package.
	Objects []byte
	// Reserved are the twelve bits behind the version, which should be 0; kept
	// as they came.
	Reserved uint16
	// NoChecksum says that the checksum field is zero, which stands for a
	// checksum that was not transmitted. A sender leaves it false.
	NoChecksum bool
}

// Parse reads the structure that fills b, checksum verified where one was
// transmitted. What is wrong with an object is told by [Structure.All].
func Parse(b []byte) (Structure, error) {
	s, err := Decode(b)
	if err != nil {
		return Structure{}, err
	}
	if !s.NoChecksum && !checksum.Valid(b) {
		return Structure{}, fault("extension.Structure", 2, wire.Checksum)
	}
	return s, nil
}

// Decode is [Parse] without the checksum, for a structure that a capture has
// cut.
func Decode(b []byte) (Structure, error) {
	if len(b) < HeaderLen {
		return Structure{}, fault("extension.Structure", len(b), wire.Short)
	}
	if b[0]>>4 != Version {
		return Structure{}, fault("extension.Structure", 0, wire.Version)
	}
	return Structure{
		Objects:    b[HeaderLen:],
		Reserved:   binary.BigEndian.Uint16(b[0:2]) & maxReserved,
		NoChecksum: b[2] == 0 && b[3] == 0,
	}, nil
}

// Len returns how many octets AppendBinary appends.
func (s Structure) Len() int { return HeaderLen + len(s.Objects) }

// AppendBinary appends the structure, checksum filled in, to b. It does not
// look at the objects, and leaves it to the message that the structure goes
// into whether a datagram holds it.
//
// Reading: a checksum that computes to 0x0000 is written as 0xffff, the other
// zero of ones' complement arithmetic, because RFC 4884 §7 takes 0x0000 for no
// checksum at all. UDP does the same for the same reason.
func (s Structure) AppendBinary(b []byte) ([]byte, error) {
	if s.Reserved > maxReserved {
		return b, tooLarge("extension.Structure", "Reserved", int(s.Reserved), maxReserved)
	}
	start := len(b)
	b = append(b, Version<<4|byte(s.Reserved>>8), byte(s.Reserved), 0, 0)
	b = append(b, s.Objects...)
	s.seal(b[start:])
	return b, nil
}

// seal fills in the checksum of the structure b.
func (s *Structure) seal(b []byte) {
	if s.NoChecksum {
		return
	}
	c := checksum.Of(b)
	if c == 0 {
		c = 0xffff
	}
	binary.BigEndian.PutUint16(b[2:4], c)
}

// Append appends a structure of these objects, checksum filled in, to b.
func Append(b []byte, objects ...Object) ([]byte, error) {
	for _, o := range objects {
		if len(o.Payload) > maxPayload {
			return b, tooLarge("extension.Object", "Payload", len(o.Payload), maxPayload)
		}
	}
	start := len(b)
	b = append(b, Version<<4, 0, 0, 0)
	for _, o := range objects {
		b = o.append(b)
	}
	var s Structure
	s.seal(b[start:])
	return b, nil
}

// All iterates over the objects. Octets that are no object end it with a
// [*wire.ParseError] whose offset counts from the start of the structure:
// [wire.Length] when an object is shorter than its header or reaches past the
// end, [wire.Short] when what is left is too short for a header. In a structure
// that a capture has cut, either may be the cut.
func (s Structure) All() iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for rest, at := s.Objects, HeaderLen; len(rest) > 0; {
			o, err := DecodeObject(rest, at)
			if !yield(o, err) || err != nil {
				return
			}
			rest, at = rest[o.Len():], at+o.Len()
		}
	}
}

// String returns the objects on one line, for people.
func (s Structure) String() string {
	var w strings.Builder
	for o, err := range s.All() {
		if w.Len() > 0 {
			w.WriteString("; ")
		}
		if err != nil {
			w.WriteString(err.Error())
			break
		}
		w.WriteString(o.String())
	}
	if w.Len() == 0 {
		return "no objects"
	}
	return w.String()
}

func fault(name string, offset int, r wire.Reason) error {
	return &wire.ParseError{Type: name, Offset: offset, Reason: r}
}

func tooLarge(name, field string, n, limit int) error {
	return &wire.FieldError{Type: name, Field: field, Value: n, Limit: limit}
}
