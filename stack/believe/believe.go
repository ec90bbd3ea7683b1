// Package believe reads the ICMP errors that arrive and judges what they are
// worth. Anyone can forge an error; few can see what is in flight. So an error
// is acted on only when the datagram that it quotes was sent from here, and the
// transport knows it (RFC 1122 §3.2.2, RFC 5927).
//
// A program that carries IP packets asks it about each error it is about to
// pass on or act on:
//
//	c, err := believe.Read4(from, message) // checksum verified, fields and quote read
//	if err == nil && c.Judge(isMine, isInFlight) == mib.None {
//		// c.Severity says what it means, c.MTU how large is small enough
//	}
package believe

import (
	"net/netip"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/quote"
)

// Severity is what kind of trouble an error is to a transport (RFC 1122
// §4.2.3.9).
type Severity uint8

// The severities.
const (
	Soft     Severity = iota // may pass: 3/0, 3/1, 3/5, 11/0, 12, and all about synchronised connections
	Hard                     // will not pass: 3/2, 3/3
	TooBig                   // smaller datagrams will do; MTU says how small
	Slow                     // send slower: source quench (LEGACY)
	Rerouted                 // another first hop is to be used: redirect
)

var severities = [...]string{"soft", "hard", "too big", "slow down", "rerouted"}

// String returns the severity in words.
func (s Severity) String() string {
	if int(s) < len(severities) {
		return severities[s]
	}
	return "unknown"
}

// Standing is how a transport stands to a quoted header.
type Standing uint8

// The standings.
const (
	Unrecognised Standing = iota // nothing in flight fits it: the error is forged or very late
	InFlight                     // it fits something that was sent
	Synchronised                 // it fits, and belongs to a connection that only its peer may end (H-06)
)

// Claim is what a received error says.
type Claim struct {
	From       netip.Addr // who says so
	Type, Code uint8      // of the ICMP or ICMPv6 message
	Cause      report.Cause
	Severity   Severity
	// MTU is, with TooBig, what the error reports, in octets; 0: nothing. When a
	// node hands the claim on, it is that of the path from now on.
	MTU     int
	Pointer uint32       // octet at fault, from the quoted IP header on: parameter problem
	Gateway netip.Addr   // the better first hop: redirect
	Quote   *quote.Quote // what the error is about
	Ext     []byte       // RFC 4884 extension structure; aliases the message

	read quote.Quote
}

// Read4 reads the ICMPv4 error m, which came from the address from; its
// checksum is verified. A message that is no error is one with the reason
// [wire.Mismatch].
func Read4(from netip.Addr, m []byte) (*Claim, error) {
	if err := icmp4.Verify(m); err != nil {
		return nil, err
	}
	c := new(Claim)
	return c, c.Set4(from, m)
}

// Set4 is [Read4] into c, which keeps nothing of what it was, for those who
// have verified the checksum and want nothing allocated.
func (c *Claim) Set4(from netip.Addr, m []byte) error {
	*c = Claim{From: from}
	if len(m) >= icmp4.HeaderLen {
		c.Type, c.Code = m[0], m[1]
	}
	k := icmp4.Kind{Type: icmp4.Type(c.Type), Code: icmp4.Code(c.Code)}
	c.Cause, _ = report.Cause4(k)
	switch k.Type {
	case icmp4.TypeSourceQuench:
		m, err := icmp4.DecodeSourceQuench(m)
		c.Severity = Slow
		return c.quote(m.Quote, err)
	case icmp4.TypeRedirect:
		m, err := icmp4.DecodeRedirect(m)
		c.Severity, c.Gateway = Rerouted, m.Gateway
		return c.quote(m.Quote, err)
	case icmp4.TypeParameterProblem:
		m, err := icmp4.DecodeParameterProblem(m)
		c.Pointer, c.Ext = uint32(m.Pointer), m.Ext
		return c.quote(m.Quote, err)
	case icmp4.TypeTimeExceeded:
		m, err := icmp4.DecodeTimeExceeded(m)
		c.Ext = m.Ext
		return c.quote(m.Quote, err)
	}
	d, err := icmp4.DecodeDestUnreachable(m)
	c.Ext = d.Ext
	switch d.Code {
	case icmp4.CodeFragNeeded:
		c.Severity, c.MTU = TooBig, int(d.MTU)
	case icmp4.CodeProtocolUnreachable, icmp4.CodePortUnreachable:
		c.Severity = Hard
	}
	return c.quote(d.Quote, err)
}

// Read6 is [Read4] for an ICMPv6 error that was sent to the address to. An
// error of a type that is not known is read all the same, as RFC 4443 §2.4a
// asks.
func Read6(from, to netip.Addr, m []byte) (*Claim, error) {
	if err := icmp6.Verify(m, from, to); err != nil {
		return nil, err
	}
	c := new(Claim)
	return c, c.Set6(from, m)
}

// Set6 is [Claim.Set4] for ICMPv6.
func (c *Claim) Set6(from netip.Addr, m []byte) error {
	*c = Claim{From: from}
	if len(m) >= icmp6.HeaderLen {
		c.Type, c.Code = m[0], m[1]
	}
	k := icmp6.Kind{Type: icmp6.Type(c.Type), Code: icmp6.Code(c.Code)}
	c.Cause, _ = report.Cause6(k)
	switch k.Type {
	case icmp6.TypeDestUnreachable:
		m, err := icmp6.DecodeDestUnreachable(m)
		c.Ext = m.Ext
		if m.Code == icmp6.CodePortUnreachable {
			c.Severity = Hard
		}
		return c.quote(m.Quote, err)
	case icmp6.TypePacketTooBig:
		m, err := icmp6.DecodePacketTooBig(m)
		c.Severity, c.MTU = TooBig, int(min(m.MTU, maxMTU))
		return c.quote(m.Quote, err)
	case icmp6.TypeTimeExceeded:
		m, err := icmp6.DecodeTimeExceeded(m)
		c.Ext = m.Ext
		return c.quote(m.Quote, err)
	case icmp6.TypeParameterProblem:
		m, err := icmp6.DecodeParameterProblem(m)
		c.Pointer = m.Pointer
		if m.Code == icmp6.CodeUnknownNextHeader {
			c.Severity = Hard
		}
		return c.quote(m.Quote, err)
	}
	if len(m) < icmp6.HeaderLen || !k.Type.IsError() {
		_, err := icmp6.DecodeDestUnreachable(m)
		return err
	}
	return c.quote(m[icmp6.HeaderLen:], nil)
}

// maxMTU bounds what a packet too big may report: more than a datagram has is
// all the same.
const maxMTU = 65535

// quote reads what the error is about. A quote that does not read leaves Quote
// nil, which [Claim.Judge] refuses.
func (c *Claim) quote(b []byte, err error) error {
	if err != nil {
		return err
	}
	if c.read.Parse(b) == nil && c.read.Has(quote.Addrs|quote.Proto) {
		c.Quote = &c.read
	}
	return nil
}

// Judge says whether the error may be acted on: [mib.None], or why not. mine
// reports whether an address is one that datagrams are sent from here;
// standing asks the transport about the quoted header. A hard error about a
// synchronised connection becomes a soft one: only its peer may end it (RFC
// 5927 §5, H-06).
func (c *Claim) Judge(mine func(netip.Addr) bool, standing func(*quote.Quote) Standing) mib.Drop {
	switch {
	case c.Quote == nil:
		return mib.QuoteUnreadable
	case !mine(c.Quote.Src):
		return mib.QuoteForeign
	}
	switch s := standing(c.Quote); {
	case s == Unrecognised && c.Severity == TooBig:
		return mib.PTBUnrecognised
	case s == Unrecognised:
		return mib.QuoteUnrecognised
	case s == Synchronised && c.Severity == Hard:
		c.Severity = Soft
	}
	return mib.None
}
