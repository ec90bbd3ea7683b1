package ip

import (
	"iter"
	"strconv"

	"github.com/sonde-net/sonde/wire"
)

// OptionType is the first octet of an IPv4 option: the copy flag, two bits of
// class, five bits of number (RFC 791 §3.1). The constants hold all three.
type OptionType uint8

// The options of IPv4.
const (
	OptEnd         OptionType = 0   // end of the list; no length octet
	OptNOP         OptionType = 1   // no operation; no length octet
	OptRecordRoute OptionType = 7   // RFC 791
	OptTimestamp   OptionType = 68  // RFC 791
	OptTraceroute  OptionType = 82  // RFC 1393, historic
	OptSecurity    OptionType = 130 // RFC 1108
	OptLSRR        OptionType = 131 // loose source and record route, RFC 791
	OptExtSecurity OptionType = 133 // extended security, RFC 1108
	OptCIPSO       OptionType = 134 // commercial security
	OptStreamID    OptionType = 136 // RFC 791, obsolete
	OptSSRR        OptionType = 137 // strict source and record route, RFC 791
	OptRouterAlert OptionType = 148 // RFC 2113
)

const (
	optHeaderLen = 2                            // type and length, in octets
	maxOptData   = MaxOptionsLen - optHeaderLen // the most that can follow them
)

// Copied reports whether the option goes into every fragment of a datagram, not
// only into the first.
func (t OptionType) Copied() bool { return t&0x80 != 0 }

// Class returns the class: 0 control, 2 debugging and measurement.
func (t OptionType) Class() uint8 { return uint8(t) >> 5 & 3 }

// Number returns the number within the class.
func (t OptionType) Number() uint8 { return uint8(t) & 0x1f }

// String returns the name, "option 30" where this package knows none.
func (t OptionType) String() string {
	switch t {
	case OptEnd:
		return "End of Options List"
	case OptNOP:
		return "No Operation"
	case OptRecordRoute:
		return "Record Route"
	case OptTimestamp:
		return "Time Stamp"
	case OptTraceroute:
		return "Traceroute"
	case OptSecurity:
		return "Security"
	case OptLSRR:
		return "Loose Source Route"
	case OptExtSecurity:
		return "Extended Security"
	case OptCIPSO:
		return "Commercial Security"
	case OptStreamID:
		return "Stream ID"
	case OptSSRR:
		return "Strict Source Route"
	case OptRouterAlert:
		return "Router Alert"
	}
	return "option " + strconv.Itoa(int(t))
}

// Option4 is one option of an IPv4 header, its content raw. Package
// wire/option reads the ones that say something to a gateway.
type Option4 struct {
	// Offset is where the type octet stands, counted from the beginning of the
	// IP header as the pointer of a parameter problem is (RFC 792 p. 8): 20 for
	// the first option. It is not written.
	Offset int
	Type   OptionType
	// Data are the octets behind type and length, and alias the header. No
	// operation has none. Behind the end of the list they are the padding.
	Data []byte
}

// Options4 walks the options of an IPv4 header, [Header4.Options]. It ends
// behind the end-of-list option, which it yields, or where the header ends. A
// length octet that cannot be true ends the walk with a [*wire.ParseError]
// whose offset, like those of the options, counts from the beginning of the IP
// header: that of the length octet, or that of the type octet where there is no
// length octet behind it.
func Options4(options []byte) iter.Seq2[Option4, error] {
	return func(yield func(Option4, error) bool) {
		for at := 0; at < len(options); {
			o, n, err := option4(options, at)
			if !yield(o, err) || err != nil {
				return
			}
			at += n
		}
	}
}

// option4 reads the option at options[at:] and returns its length with it.
func option4(options []byte, at int) (Option4, int, error) {
	b := options[at:]
	o := Option4{Offset: MinHeaderLen4 + at, Type: OptionType(b[0])}
	switch {
	case o.Type == OptEnd:
		o.Data = b[1:]
		return o, len(b), nil
	case o.Type == OptNOP:
		return o, 1, nil
	case len(b) < optHeaderLen:
		return Option4{}, 0, &wire.ParseError{Type: "ip.Option4", Offset: o.Offset, Reason: wire.Length}
	}
	n := int(b[1])
	if n < optHeaderLen || n > len(b) {
		return Option4{}, 0, &wire.ParseError{Type: "ip.Option4", Offset: o.Offset + 1, Reason: wire.Length}
	}
	o.Data = b[optHeaderLen:n:n]
	return o, n, nil
}

// Len returns how many octets AppendBinary appends.
func (o Option4) Len() int {
	switch o.Type {
	case OptEnd:
		return 1 + len(o.Data)
	case OptNOP:
		return 1
	}
	return optHeaderLen + len(o.Data)
}

// AppendBinary appends the option to b, its length octet computed. Data must
// leave room for type and length in the forty octets that options have, and be
// empty with no operation. It does not pad; [PadOptions] does.
func (o Option4) AppendBinary(b []byte) ([]byte, error) {
	limit := maxOptData
	switch o.Type {
	case OptEnd:
		limit = MaxOptionsLen - 1
	case OptNOP:
		limit = 0
	}
	if len(o.Data) > limit {
		return b, &wire.FieldError{Type: "ip.Option4", Field: "Data", Value: len(o.Data), Limit: limit}
	}
	b = append(b, byte(o.Type))
	if o.Type != OptEnd && o.Type != OptNOP {
		b = append(b, byte(o.Len()))
	}
	return append(b, o.Data...), nil
}

// PadOptions appends end-of-list octets to options, which begin where the
// options of the header begin, up to the next multiple of 4.
func PadOptions(options []byte) []byte {
	for len(options)%unitHeaderLen4 != 0 {
		options = append(options, byte(OptEnd))
	}
	return options
}
