package ndp

import (
	"fmt"
	"iter"

	"github.com/sonde-net/sonde/wire"
)

// Sizes in octets.
const (
	HeaderLen = 2          // of an option: type, length
	Unit      = 8          // of the length: every option is a multiple of it
	maxLen    = 255 * Unit // the longest option
)

// An Option is one option, its body not yet read (RFC 4861 §4.6).
type Option struct {
	Type Type
	// Body is all behind the length: 6 octets, or 8, 16, … more. In a parsed
	// option it aliases the octets it was parsed from.
	Body []byte
	// Offset is where the option begins, in octets from the first option. It is
	// not written.
	Offset int
}

// Options yields the options that fill b. Octets that are no option end it with
// a [*wire.ParseError]: [wire.Short] when what is left has no length,
// [wire.Length] when the length is 0, for which a node must discard the whole
// message (RFC 4861 §4.6), or reaches past the end.
func Options(b []byte) iter.Seq2[Option, error] {
	return func(yield func(Option, error) bool) {
		for at := 0; at < len(b); {
			if len(b)-at < HeaderLen {
				yield(Option{}, fault("ndp.Option", len(b), wire.Short))
				return
			}
			n := int(b[at+1]) * Unit
			if n == 0 || n > len(b)-at {
				yield(Option{}, fault("ndp.Option", at+1, wire.Length))
				return
			}
			o := Option{Type: Type(b[at]), Body: b[at+HeaderLen : at+n : at+n], Offset: at}
			if !yield(o, nil) {
				return
			}
			at += n
		}
	}
}

// Len returns how many octets AppendBinary appends.
func (o Option) Len() int { return HeaderLen + len(o.Body) }

// AppendBinary appends the option to b. A Body that does not make the option a
// multiple of 8 octets, or makes it longer than 2040, is a [*wire.FieldError].
func (o Option) AppendBinary(b []byte) ([]byte, error) {
	if o.Len()%Unit != 0 {
		return b, &wire.FieldError{Type: "ndp.Option", Field: "Body", Want: "6 octets, or 8, 16, … more"}
	}
	if o.Len() > maxLen {
		return b, tooLong("ndp.Option", "Body", len(o.Body), maxLen-HeaderLen)
	}
	return append(appendHeader(b, o.Type, len(o.Body)), o.Body...), nil
}

// appendHeader appends the header of an option whose body, which is right, has n
// octets.
func appendHeader(b []byte, t Type, n int) []byte {
	return append(b, byte(t), byte((HeaderLen+n)/Unit))
}

// appendPadded appends an option of a fixed part and a variable one, padded with
// zeros to a multiple of 8 octets.
func appendPadded(b []byte, t Type, fixed, rest []byte) []byte {
	n := HeaderLen + len(fixed) + len(rest)
	pad := -n & (Unit - 1)
	b = appendHeader(b, t, n+pad-HeaderLen)
	b = append(b, fixed...)
	b = append(b, rest...)
	return append(b, make([]byte, pad)...)
}

// check returns the error of a function that reads options of another type than
// o's, or that finds a body of another length than min + k·step octets.
func (o *Option) check(name string, t Type, min, step int) error {
	if o.Type != t {
		return fault(name, o.Offset, wire.Mismatch)
	}
	if n := len(o.Body) - min; n < 0 || n != 0 && (step == 0 || n%step != 0) {
		return fault(name, o.Offset+1, wire.Length)
	}
	return nil
}

// fault returns the error at an octet of the body.
func (o *Option) fault(name string, at int, r wire.Reason) error {
	return fault(name, o.Offset+HeaderLen+at, r)
}

func fault(name string, offset int, r wire.Reason) error {
	return &wire.ParseError{Type: name, Offset: offset, Reason: r}
}

func tooLong(name, field string, n, limit int) error {
	return &wire.FieldError{Type: name, Field: field, Value: n, Limit: limit}
}

// String returns the option on one line, for people: what it says where this
// package knows its type and can read it, else its name and its size.
func (o Option) String() string {
	if s, err := o.read(); err == nil && s != nil {
		return s.String()
	}
	return fmt.Sprintf("%v, %d octets", o.Type, len(o.Body))
}

// read reads the option, nil for a type that this package does not know.
func (o Option) read() (fmt.Stringer, error) {
	switch o.Type {
	case TypeSourceLinkLayerAddress, TypeTargetLinkLayerAddress:
		return ParseLinkLayerAddress(o)
	case TypePrefixInformation:
		return ParsePrefixInformation(o)
	case TypeRedirectedHeader:
		return ParseRedirectedHeader(o)
	case TypeMTU:
		return ParseMTU(o)
	case TypeNonce:
		return ParseNonce(o)
	case TypeRouteInformation:
		return ParseRouteInformation(o)
	case TypeRDNSS:
		return ParseRDNSS(o)
	case TypeDNSSL:
		return ParseDNSSL(o)
	case TypePREF64:
		return ParsePREF64(o)
	}
	return nil, nil
}
