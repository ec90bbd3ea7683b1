package ip

import (
	"iter"

	"github.com/sonde-net/sonde/wire"
)

// OptionType6 is the first octet of an option in a hop-by-hop or destination
// options header (RFC 8200 §4.2): two bits say what a node does that does not
// know it, one whether gateways may change the data.
type OptionType6 uint8

// Options of IPv6.
const (
	Opt6Pad1        OptionType6 = 0x00 // one octet of padding; no length octet
	Opt6PadN        OptionType6 = 0x01
	Opt6TunnelLimit OptionType6 = 0x04 // RFC 2473
	Opt6RouterAlert OptionType6 = 0x05 // RFC 2711
	Opt6Jumbo       OptionType6 = 0xc2 // RFC 2675
	Opt6HomeAddress OptionType6 = 0xc9 // RFC 6275
)

// OptionAction is what a node does with a datagram that has an option which it
// does not know.
type OptionAction uint8

// The actions. Report means a parameter problem of code 2, the pointer at the
// type octet.
const (
	ActionSkip          OptionAction = 0
	ActionDiscard       OptionAction = 1
	ActionReport        OptionAction = 2 // discard and report, multicast destination or not
	ActionReportUnicast OptionAction = 3 // discard, and report unless the destination is multicast
)

// Action returns what the two highest bits ask for.
func (t OptionType6) Action() OptionAction { return OptionAction(t >> 6) }

// Mutable reports whether the data may change on the way.
func (t OptionType6) Mutable() bool { return t&0x20 != 0 }

// Option6 is one option of a hop-by-hop or destination options header.
type Option6 struct {
	Offset int // where the type octet stands, from the beginning of the IPv6 header; not written
	Type   OptionType6
	Data   []byte // behind type and length; aliases the header
}

// Options walks the options of a hop-by-hop or destination options header,
// padding included. An option that does not fit in the header ends the walk
// with a [wire.Length] at its length octet, or at its type octet where there is
// no length octet behind it. Another header than those two is a [wire.Mismatch]
// at its first octet.
func (e Extension6) Options() iter.Seq2[Option6, error] {
	return func(yield func(Option6, error) bool) {
		if e.Type != ProtoHopByHop && e.Type != ProtoDestOpts {
			yield(Option6{}, &wire.ParseError{Type: "ip.Option6", Offset: e.Offset, Reason: wire.Mismatch})
			return
		}
		for at := optHeaderLen; at < len(e.Data); {
			o, n, err := option6(e.Data[at:], e.Offset+at)
			if !yield(o, err) || err != nil {
				return
			}
			at += n
		}
	}
}

// option6 reads the option at the beginning of b and returns its length with
// it.
func option6(b []byte, offset int) (Option6, int, error) {
	o := Option6{Offset: offset, Type: OptionType6(b[0])}
	if o.Type == Opt6Pad1 {
		return o, 1, nil
	}
	if len(b) < optHeaderLen {
		return Option6{}, 0, &wire.ParseError{Type: "ip.Option6", Offset: offset, Reason: wire.Length}
	}
	n := optHeaderLen + int(b[1])
	if n > len(b) {
		return Option6{}, 0, &wire.ParseError{Type: "ip.Option6", Offset: offset + 1, Reason: wire.Length}
	}
	o.Data = b[optHeaderLen:n:n]
	return o, n, nil
}

// Unrecognized returns the first option of a hop-by-hop or destination options
// header that known does not accept and that may not be skipped. Padding is
// known without asking. With no such option found is false. The errors are
// those of [Extension6.Options].
func (e Extension6) Unrecognized(known func(OptionType6) bool) (o Option6, found bool, err error) {
	for o, err := range e.Options() {
		if err != nil {
			return Option6{}, false, err
		}
		if o.Type.Action() != ActionSkip && !known(o.Type) {
			return o, true, nil
		}
	}
	return Option6{}, false, nil
}

// AppendBinary appends the option to b, its length octet computed. Data may
// have 255 octets, and none with [Opt6Pad1].
func (o Option6) AppendBinary(b []byte) ([]byte, error) {
	limit := 255
	if o.Type == Opt6Pad1 {
		limit = 0
	}
	if len(o.Data) > limit {
		return b, &wire.FieldError{Type: "ip.Option6", Field: "Data", Value: len(o.Data), Limit: limit}
	}
	b = append(b, byte(o.Type))
	if o.Type != Opt6Pad1 {
		b = append(b, byte(len(o.Data)))
	}
	return append(b, o.Data...), nil
}

// maxOptions6 is the most that a header of options holds behind its first two
// octets.
const maxOptions6 = 256*unitExtension - optHeaderLen

// AppendOptions6 appends a hop-by-hop or destination options header to b: the
// next header, the length, the options, and as much padding as brings it to a
// multiple of eight octets. The options may have 2,046 octets.
func AppendOptions6(b []byte, next Proto, options []byte) ([]byte, error) {
	if len(options) > maxOptions6 {
		return b, &wire.FieldError{Type: "ip.Extension6", Field: "Data", Value: len(options), Limit: maxOptions6}
	}
	units := (optHeaderLen + len(options) + unitExtension - 1) / unitExtension
	b = append(b, byte(next), byte(units-1))
	b = append(b, options...)
	pad := units*unitExtension - optHeaderLen - len(options)
	if pad == 1 {
		return append(b, byte(Opt6Pad1)), nil
	}
	if pad > 1 {
		var zeros [unitExtension]byte
		b = append(b, byte(Opt6PadN), byte(pad-optHeaderLen))
		b = append(b, zeros[:pad-optHeaderLen]...)
	}
	return b, nil
}
