// Package claim reads the ICMP and ICMPv6 errors that come back to one who asks:
// who says what about which datagram. It believes nothing; that is for the
// prober, which knows what was sent (P-01).
//
//	var c claim.Claim
//	err := c.Read(from, to, message)
//	if err == nil && c.Quote.Has(quote.Ports) { … }
//
// Reading allocates nothing but its errors. Slices of a Claim alias the message.
package claim

import (
	"net/netip"

	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/quote"
)

// Claim is what an error says.
type Claim struct {
	From       netip.Addr // who says so; its family is that of the message
	Type, Code uint8
	MTU        int        // of fragmentation needed and packet too big, in octets; 0: none is said
	Pointer    uint32     // octet at fault, from the quoted IP header on: parameter problem
	Gateway    netip.Addr // the better first hop: redirect
	Quote      quote.Quote
	Ext        []byte // RFC 4884 extension structure; aliases the message
}

// Read reads the error m, which came from the address from and was sent to the
// address to, its checksum verified. It keeps nothing of what c was. The errors
// are [*wire.ParseError]s, those of the codec, [wire.Mismatch] for a message
// that is no error, and those of [quote.Parse] when it quotes nothing that can
// be read; and a [*wire.FieldError] when the addresses are not of one family.
func (c *Claim) Read(from, to netip.Addr, m []byte) error {
	var err error
	if from.Is4() {
		err = icmp4.Verify(m)
	} else {
		err = icmp6.Verify(m, from, to)
	}
	if err != nil {
		*c = Claim{}
		return err
	}
	return c.Decode(from, m)
}

// Decode is [Claim.Read] without the checksum.
func (c *Claim) Decode(from netip.Addr, m []byte) error {
	*c = Claim{From: from}
	if len(m) > 1 {
		c.Type, c.Code = m[0], m[1]
	}
	read := c.read6
	if from.Is4() {
		read = c.read4
	}
	q, err := read(m)
	if err != nil {
		return err
	}
	return c.Quote.Parse(q)
}

func (c *Claim) read4(m []byte) (quoted []byte, err error) {
	switch icmp4.Type(c.Type) {
	case icmp4.TypeSourceQuench:
		m, err := icmp4.DecodeSourceQuench(m)
		return m.Quote, err
	case icmp4.TypeRedirect:
		m, err := icmp4.DecodeRedirect(m)
		c.Gateway = m.Gateway
		return m.Quote, err
	case icmp4.TypeTimeExceeded:
		m, err := icmp4.DecodeTimeExceeded(m)
		c.Ext = m.Ext
		return m.Quote, err
	case icmp4.TypeParameterProblem:
		m, err := icmp4.DecodeParameterProblem(m)
		c.Pointer, c.Ext = uint32(m.Pointer), m.Ext
		return m.Quote, err
	}
	d, err := icmp4.DecodeDestUnreachable(m)
	c.Ext = d.Ext
	if d.Code == icmp4.CodeFragNeeded {
		c.MTU = int(d.MTU)
	}
	return d.Quote, err
}

// maxMTU bounds what a packet too big may say: more than a datagram has is all
// the same.
const maxMTU = 65535

func (c *Claim) read6(m []byte) (quoted []byte, err error) {
	switch t := icmp6.Type(c.Type); {
	case t == icmp6.TypePacketTooBig:
		m, err := icmp6.DecodePacketTooBig(m)
		c.MTU = int(min(m.MTU, maxMTU))
		return m.Quote, err
	case t == icmp6.TypeTimeExceeded:
		m, err := icmp6.DecodeTimeExceeded(m)
		c.Ext = m.Ext
		return m.Quote, err
	case t == icmp6.TypeParameterProblem:
		m, err := icmp6.DecodeParameterProblem(m)
		c.Pointer = m.Pointer
		return m.Quote, err
	case t == icmp6.TypeDestUnreachable || !t.IsError():
		m, err := icmp6.DecodeDestUnreachable(m)
		c.Ext = m.Ext
		return m.Quote, err
	case len(m) < icmp6.HeaderLen:
		return nil, &wire.ParseError{Type: "claim.Claim", Offset: len(m), Reason: wire.Short}
	}
	return m[icmp6.HeaderLen:], nil // RFC 4443 §2.4a: an error of a type to come
}

// Is reports whether messages of the type are errors that [Claim.Read] reads.
func Is(v6 bool, t uint8) bool {
	if v6 {
		return icmp6.Type(t).IsError()
	}
	switch icmp4.Type(t) {
	case icmp4.TypeDestUnreachable, icmp4.TypeSourceQuench, icmp4.TypeRedirect,
		icmp4.TypeTimeExceeded, icmp4.TypeParameterProblem:
		return true
	}
	return false
}

// Advice reports whether the datagram goes on all the same: a redirect and a
// source quench say only what to do another time.
func (c *Claim) Advice() bool {
	t := icmp4.Type(c.Type)
	return c.From.Is4() && (t == icmp4.TypeRedirect || t == icmp4.TypeSourceQuench)
}

// PortUnreachable reports whether the claim is that nobody listens on the port.
func (c *Claim) PortUnreachable() bool {
	if c.From.Is4() {
		return icmp4.Type(c.Type) == icmp4.TypeDestUnreachable && icmp4.Code(c.Code) == icmp4.CodePortUnreachable
	}
	return icmp6.Type(c.Type) == icmp6.TypeDestUnreachable && icmp6.Code(c.Code) == icmp6.CodePortUnreachable
}

// String returns type and code with the registry's names: "3/1 Destination
// Unreachable: Host Unreachable".
func (c *Claim) String() string {
	if c.From.Is4() {
		return icmp4.Kind{Type: icmp4.Type(c.Type), Code: icmp4.Code(c.Code)}.String()
	}
	return icmp6.Kind{Type: icmp6.Type(c.Type), Code: icmp6.Code(c.Code)}.String()
}
