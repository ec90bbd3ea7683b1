// Package event is what a prober tells of its probes: for people, for
// statistics, for the JSON of the commands.
package event

import (
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// Kind is what happened.
type Kind uint8

// The events.
const (
	Sent      Kind = iota + 1 // a probe has left; only with [probe.Config.Sent]
	Unsent                    // it could not; Err says why
	Reply                     // the first reply, in time
	Error                     // the first error, in time; Claim says which
	Advice                    // a redirect or source quench; the probe is still waited for
	Timeout                   // nothing came in time
	Late                      // a first reply or error, after the timeout
	Duplicate                 // another
	Rewritten                 // an error quotes the probe under another header; only with [probe.Config.Rewritten]
	numEvents
)

var kinds = [numEvents]string{
	"none", "sent", "unsent", "reply", "error", "advice", "timeout", "late", "duplicate", "rewritten",
}

// String returns the kind in a word.
func (k Kind) String() string {
	if k < numEvents {
		return kinds[k]
	}
	return "event " + strconv.Itoa(int(k))
}

// MarshalText implements [encoding.TextMarshaler].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Event is something that happened to a probe. Fields that do not apply are
// zero. It is what the commands print as JSON, too.
type Event struct {
	Kind   Kind            `json:"event"`
	Time   time.Time       `json:"time"` // of the arrival by its stamp, else of the call
	Target int             `json:"target"`
	Tag    uint64          `json:"tag,omitzero"`
	Handle question.Handle `json:"-"`
	Probe  question.Kind   `json:"probe"`
	Seq    uint16          `json:"seq"` // on the wire; UDP and TCP: which of its target's it is
	// SrcPort and DstPort are those of a probe that has some.
	SrcPort uint16 `json:"src_port,omitzero"`
	DstPort uint16 `json:"dst_port,omitzero"`

	From    netip.Addr     `json:"from,omitzero"` // who answered
	RTT     time.Duration  `json:"rtt_ns,omitzero"`
	Stamp   question.Stamp `json:"stamp"`               // who took the time of the arrival
	SentBy  question.Stamp `json:"sent_stamp"`          // … and of sending
	TTL     ip.TTL         `json:"ttl,omitzero"`        // of the arrival
	TOS     uint8          `json:"tos,omitzero"`        // of the arrival
	Size    int            `json:"size,omitzero"`       // of the arrival behind its IP header, in octets
	Options []byte         `json:"ip_options,omitzero"` // of the arrival, IPv4
	Largest int            `json:"-"`                   // octets of the largest fragment of the arrival with its IP header, or of the whole; 0: not known

	Reached   bool  `json:"reached,omitzero"`   // the target itself has answered
	Guessed   bool  `json:"guessed,omitzero"`   // of several in one flow the oldest is taken to be meant
	Reordered bool  `json:"reordered,omitzero"` // a later probe to the target was answered before
	Truncated bool  `json:"truncated,omitzero"` // there is less data than was sent
	Altered   bool  `json:"altered,omitzero"`   // there is other data than was sent, or more
	AlteredAt int   `json:"altered_at,omitzero"`
	Want      uint8 `json:"want,omitzero"` // the octet that was sent there
	Got       uint8 `json:"got,omitzero"`  // the octet that came

	Claim  Claim  `json:"claim,omitzero"`  // of errors, and of port unreachable as a reply
	Answer Answer `json:"answer,omitzero"` // of replies but echo
	// Message is the whole of a router advertisement.
	Message []byte `json:"message,omitzero"`
	// Shown is of rewritten, and of errors that quote another type of service.
	Shown *Shown `json:"shown,omitzero"`
	Err   error  `json:"-"`            // of unsent
	Why   string `json:"why,omitzero"` // likewise, in words
}

// Claim is what an error says.
type Claim struct {
	Present  bool       `json:"present"`
	V6       bool       `json:"-"`
	Type     uint8      `json:"type"`
	Code     uint8      `json:"code"`
	MTU      int        `json:"mtu,omitzero"`     // octets
	Pointer  uint32     `json:"pointer,omitzero"` // octet at fault, from the quoted IP header on
	Gateway  netip.Addr `json:"gateway,omitzero"` // of a redirect
	QuoteTTL ip.TTL     `json:"quote_ttl"`        // as the one who says so saw it
	QuoteTOS uint8      `json:"quote_tos,omitzero"`
	QuoteLen int        `json:"quote_len,omitzero"` // of the whole datagram, as it says itself
	Ext      []byte     `json:"ext,omitzero"`       // RFC 4884 extension structure
}

// Said is what an error says, as it is told. The octets of its extension are lent.
func Said(v6 bool, c *claim.Claim) Claim {
	q := &c.Quote
	return Claim{
		Present: true, V6: v6, Type: c.Type, Code: c.Code, MTU: c.MTU, Pointer: c.Pointer, Gateway: c.Gateway,
		QuoteTTL: q.TTL, QuoteTOS: q.TOS, QuoteLen: int(q.TotalLen), Ext: c.Ext,
	}
}

// Shown is what an error quotes of the header of a probe that is not as it was
// sent. What is as it was is zero.
type Shown struct {
	Src      netip.Addr `json:"src,omitzero"`
	Dst      netip.Addr `json:"dst,omitzero"`
	SrcPort  uint16     `json:"src_port,omitzero"`
	DstPort  uint16     `json:"dst_port,omitzero"`
	ID       bool       `json:"id,omitzero"`       // the ICMP identifier is another
	Checksum bool       `json:"checksum,omitzero"` // of the message
	// Unfit says that the checksum does not fit what is quoted of addresses, ports
	// and identifier: whoever has changed these has forgotten it, there or when he
	// turned the quote back. 0, which in UDP is none, always fits.
	Unfit bool `json:"unfit,omitzero"`
	IPID  bool `json:"ip_id,omitzero"` // the IP identification
	// TOS says that type of service or traffic class is another: [Claim.QuoteTOS].
	TOS bool `json:"tos,omitzero"`
}

// Translated reports whether more is another than the type of service.
func (s Shown) Translated() bool {
	s.TOS = false
	return s != Shown{}
}

// Expired reports whether the claim is that the time to live ran out on the way.
func (c Claim) Expired() bool {
	if c.V6 {
		return c.Present && icmp6.Type(c.Type) == icmp6.TypeTimeExceeded && c.Code == 0
	}
	return c.Present && icmp4.Type(c.Type) == icmp4.TypeTimeExceeded && c.Code == 0
}

// String returns type and code with the registry's names, "" without a claim.
func (c Claim) String() string {
	if !c.Present {
		return ""
	}
	x := claim.Claim{From: netip.IPv4Unspecified(), Type: c.Type, Code: c.Code}
	if c.V6 {
		x.From = netip.IPv6Unspecified()
	}
	return x.String()
}

// Answer is what replies other than echo replies say.
type Answer struct {
	Code      uint8              `json:"code,omitzero"` // extended echo
	Originate icmp4.Timestamp    `json:"originate,omitzero"`
	Receive   icmp4.Timestamp    `json:"receive,omitzero"`
	Transmit  icmp4.Timestamp    `json:"transmit,omitzero"`
	SentAt    time.Time          `json:"sent_at,omitzero"` // of a timestamp, or of a probe with IP options: our time of sending; see package offset
	Mask      icmp4.Mask         `json:"mask,omitzero"`
	State     uint8              `json:"state,omitzero"` // extended echo: of a remote interface
	Active    bool               `json:"active,omitzero"`
	IPv4      bool               `json:"ipv4,omitzero"`
	IPv6      bool               `json:"ipv6,omitzero"`
	Flags     transport.TCPFlags `json:"flags,omitzero"` // TCP: SYN and ACK, or RST
}

// Extended reads an extended echo reply, which is as long as it has to be.
func Extended(m []byte, v6 bool) Answer {
	if v6 {
		x, _ := icmp6.DecodeExtendedEchoReply(m)
		return Answer{Code: uint8(x.Code), State: uint8(x.State), Active: x.Active, IPv4: x.IPv4, IPv6: x.IPv6}
	}
	x, _ := icmp4.DecodeExtendedEchoReply(m)
	return Answer{Code: uint8(x.Code), State: uint8(x.State), Active: x.Active, IPv4: x.IPv4, IPv6: x.IPv6}
}

// LogValue implements [slog.LogValuer].
func (e Event) LogValue() slog.Value {
	a := []slog.Attr{
		slog.String("event", e.Kind.String()), slog.Int("target", e.Target),
		slog.String("probe", e.Probe.String()), slog.Int("seq", int(e.Seq)),
	}
	if e.From.IsValid() {
		a = append(a, slog.String("from", e.From.String()), slog.Duration("rtt", e.RTT), slog.String("stamp", e.Stamp.String()))
	}
	if e.Claim.Present {
		a = append(a, slog.String("claim", e.Claim.String()))
	}
	if e.Shown != nil {
		a = append(a, slog.Any("shown", *e.Shown))
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"reached", e.Reached},
		{"guessed", e.Guessed},
		{"reordered", e.Reordered},
		{"truncated", e.Truncated},
		{"altered", e.Altered},
	} {
		if f.set {
			a = append(a, slog.Bool(f.name, true))
		}
	}
	if e.Err != nil {
		a = append(a, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(a...)
}
