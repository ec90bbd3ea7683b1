package extension

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strings"

	"github.com/sonde-net/sonde/wire"
)

// LabelLen is the size of a label stack entry in octets (RFC 3032 §2.1).
const LabelLen = 4

// MaxLabel and MaxTC are the largest label and the largest traffic class.
const (
	MaxLabel = 1<<20 - 1
	MaxTC    = 1<<3 - 1
)

// maxLabels is how many entries an object holds.
const maxLabels = maxPayload / LabelLen

// A Label is one entry of an MPLS label stack (RFC 3032 §2.1), as the datagram
// carried it when it came to the router that reports it (RFC 4950).
type Label struct {
	Label  uint32 // at most [MaxLabel]
	TC     uint8  // traffic class, once called EXP (RFC 5462); at most [MaxTC]
	Bottom bool   // the S bit: the last entry of the stack
	TTL    uint8
}

// Labels iterates over the entries of an MPLS label stack object, the top of
// the stack first. It goes on behind a bottom of stack as long as there are
// octets. An object of another class or sub-type, and a payload that is not
// whole entries, end it with a [*wire.ParseError].
func Labels(o Object) iter.Seq2[Label, error] {
	return func(yield func(Label, error) bool) {
		if err := o.check("extension.Label", ClassMPLS, CTypeIncomingStack); err != nil {
			yield(Label{}, err)
			return
		}
		for at := 0; at < len(o.Payload); at += LabelLen {
			l, err := o.label(at)
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// label reads the entry that begins at an octet of the payload.
func (o *Object) label(at int) (Label, error) {
	if len(o.Payload)-at < LabelLen {
		return Label{}, o.fault("extension.Label", len(o.Payload), wire.Short)
	}
	w := binary.BigEndian.Uint32(o.Payload[at:])
	return Label{Label: w >> 12, TC: uint8(w>>9) & MaxTC, Bottom: w&(1<<8) != 0, TTL: uint8(w)}, nil
}

// AppendLabels appends an MPLS label stack object with these entries, the top
// of the stack first, to b. Bottom is written as it is: a sender sets it in the
// last entry and in no other.
func AppendLabels(b []byte, labels ...Label) ([]byte, error) {
	if len(labels) > maxLabels {
		return b, tooLarge("extension.Label", "Labels", len(labels), maxLabels)
	}
	for _, l := range labels {
		if l.Label > MaxLabel {
			return b, tooLarge("extension.Label", "Label", int(l.Label), MaxLabel)
		}
		if l.TC > MaxTC {
			return b, tooLarge("extension.Label", "TC", int(l.TC), MaxTC)
		}
	}
	b = appendObjectHeader(b, len(labels)*LabelLen, ClassMPLS, CTypeIncomingStack)
	for _, l := range labels {
		w := l.Label<<12 | uint32(l.TC)<<9 | uint32(l.TTL)
		if l.Bottom {
			w |= 1 << 8
		}
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b, nil
}

// String returns the entry on one line, for people: "label 16004, tc 0, ttl 1",
// with "bottom" behind the last of a stack.
func (l Label) String() string {
	s := fmt.Sprintf("label %d, tc %d, ttl %d", l.Label, l.TC, l.TTL)
	if l.Bottom {
		s += ", bottom"
	}
	return s
}

// labelsString returns a whole stack on one line.
func labelsString(o Object) (string, bool) {
	var w strings.Builder
	w.WriteString("mpls")
	for l, err := range Labels(o) {
		if err != nil {
			return "", false
		}
		fmt.Fprintf(&w, " [%v]", l)
	}
	return w.String(), true
}
