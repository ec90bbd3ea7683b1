package ndp

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/sonde-net/sonde/wire"
)

// LinkLayerAddress is a source link-layer address 1 or target link-layer address
// 2 (RFC 4861 §4.6.1).
type LinkLayerAddress struct {
	Target bool // of the target; else of the sender
	// Addr is the address as the link has it: 6 octets on Ethernet. A longer one
	// of another length than 14, 22, … is padded with zeros, which stay on it
	// when it is read.
	Addr []byte
}

// ParseLinkLayerAddress reads a source or target link-layer address.
func ParseLinkLayerAddress(o Option) (LinkLayerAddress, error) {
	t := TypeSourceLinkLayerAddress
	if o.Type == TypeTargetLinkLayerAddress {
		t = TypeTargetLinkLayerAddress
	}
	if err := o.check("ndp.LinkLayerAddress", t, 6, Unit); err != nil {
		return LinkLayerAddress{}, err
	}
	return LinkLayerAddress{Target: t == TypeTargetLinkLayerAddress, Addr: o.Body}, nil
}

// AppendBinary appends the option to b. Addr is limited to 2038 octets, and may
// not be empty.
func (l LinkLayerAddress) AppendBinary(b []byte) ([]byte, error) {
	t := TypeSourceLinkLayerAddress
	if l.Target {
		t = TypeTargetLinkLayerAddress
	}
	if len(l.Addr) == 0 {
		return b, &wire.FieldError{Type: "ndp.LinkLayerAddress", Field: "Addr", Want: "an address"}
	}
	if limit := maxLen - HeaderLen; len(l.Addr) > limit {
		return b, tooLong("ndp.LinkLayerAddress", "Addr", len(l.Addr), limit)
	}
	return appendPadded(b, t, nil, l.Addr), nil
}

// String returns the option on one line, for people.
func (l LinkLayerAddress) String() string {
	var s strings.Builder
	s.WriteString("source link-layer address ")
	if l.Target {
		s.Reset()
		s.WriteString("target link-layer address ")
	}
	for i, o := range l.Addr {
		if i > 0 {
			s.WriteByte(':')
		}
		fmt.Fprintf(&s, "%02x", o)
	}
	return s.String()
}

// RedirectedHeader is a redirected header 4 (RFC 4861 §4.6.3): the packet that
// caused a redirect.
type RedirectedHeader struct {
	Reserved [6]byte // octets 2 to 7; kept as they came
	// Quote is the IP header and the first octets of the packet; read it with
	// wire/quote. One that is no multiple of 8 octets is padded with zeros,
	// which stay on it when it is read.
	Quote []byte
}

// ParseRedirectedHeader reads a redirected header.
func ParseRedirectedHeader(o Option) (RedirectedHeader, error) {
	if err := o.check("ndp.RedirectedHeader", TypeRedirectedHeader, 6, Unit); err != nil {
		return RedirectedHeader{}, err
	}
	return RedirectedHeader{Reserved: [6]byte(o.Body[:6]), Quote: o.Body[6:]}, nil
}

// AppendBinary appends the option to b. Quote is limited to 2032 octets.
func (r RedirectedHeader) AppendBinary(b []byte) ([]byte, error) {
	if limit := maxLen - Unit; len(r.Quote) > limit {
		return b, tooLong("ndp.RedirectedHeader", "Quote", len(r.Quote), limit)
	}
	return appendPadded(b, TypeRedirectedHeader, r.Reserved[:], r.Quote), nil
}

// String returns the option on one line, for people.
func (r RedirectedHeader) String() string {
	return fmt.Sprintf("redirected header, quotes %d octets", len(r.Quote))
}

// MTU is an MTU option 5 (RFC 4861 §4.6.4).
type MTU struct {
	Reserved uint16 // octets 2 and 3; kept as they came
	MTU      uint32 // of the link, in octets
}

// ParseMTU reads an MTU option.
func ParseMTU(o Option) (MTU, error) {
	if err := o.check("ndp.MTU", TypeMTU, 6, 0); err != nil {
		return MTU{}, err
	}
	return MTU{Reserved: binary.BigEndian.Uint16(o.Body[0:2]), MTU: binary.BigEndian.Uint32(o.Body[2:6])}, nil
}

// AppendBinary appends the option to b. It returns no error.
func (m MTU) AppendBinary(b []byte) ([]byte, error) {
	b = binary.BigEndian.AppendUint16(appendHeader(b, TypeMTU, 6), m.Reserved)
	return binary.BigEndian.AppendUint32(b, m.MTU), nil
}

// String returns the option on one line, for people.
func (m MTU) String() string { return fmt.Sprintf("mtu %d", m.MTU) }

// Nonce is a nonce 14 (RFC 3971 §5.3.2), by which a solicitation's answer, or a
// probe that came back (RFC 7527), is known.
type Nonce struct {
	Value []byte // 6 octets, or 8, 16, … more
}

// ParseNonce reads a nonce.
func ParseNonce(o Option) (Nonce, error) {
	if err := o.check("ndp.Nonce", TypeNonce, 6, Unit); err != nil {
		return Nonce{}, err
	}
	return Nonce{Value: o.Body}, nil
}

// AppendBinary appends the option to b. A Value of another length than 6 octets,
// or 8, 16, … more, up to 2038, is a [*wire.FieldError].
func (n Nonce) AppendBinary(b []byte) ([]byte, error) {
	if (HeaderLen+len(n.Value))%Unit != 0 {
		return b, &wire.FieldError{Type: "ndp.Nonce", Field: "Value", Want: "6 octets, or 8, 16, … more"}
	}
	if limit := maxLen - HeaderLen; len(n.Value) > limit {
		return b, tooLong("ndp.Nonce", "Value", len(n.Value), limit)
	}
	return appendPadded(b, TypeNonce, nil, n.Value), nil
}

// String returns the option on one line, for people.
func (n Nonce) String() string { return fmt.Sprintf("nonce %x", n.Value) }
