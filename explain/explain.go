package explain

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/field"
)

// Form is what octets are.
type Form string

// The forms. Detect, the zero value, finds out.
const (
	Detect   Form = ""
	ICMPv4   Form = "icmp4"
	ICMPv6   Form = "icmp6"
	IPv4     Form = "ipv4"
	IPv6     Form = "ipv6"
	Ethernet Form = "ethernet"
)

// How says how octets are to be read. Its zero value finds out by itself.
type How struct {
	Form Form
	// Length is how many octets there were before a capture cut them; 0: as many
	// as there are. It matters to a bare message; a packet says so itself.
	Length int
	// Src and Dst are the addresses of a bare message, where they are known.
	Src, Dst netip.Addr
}

// State is what is known of a checksum.
type State string

// The states.
const (
	Right   State = "right"
	Wrong   State = "wrong"
	Unknown State = "unknown" // not all octets are there, or not the addresses
)

// An Explanation is what there is to say of one message.
type Explanation struct {
	Lang   string `json:"lang"` // en or fr
	Form   Form   `json:"form"` // what the octets were
	Family string `json:"family"`
	Type   uint8  `json:"type"`
	Code   uint8  `json:"code"`
	Title  string `json:"title"`
	// Text is what the catalogue says of this kind; the holes of its checks are
	// filled in.
	Text catalogue.Text `json:"text"`

	From netip.Addr `json:"from,omitzero"` // the zero Addr: not known
	To   netip.Addr `json:"to,omitzero"`

	Says  []string `json:"says,omitempty"`  // with the message's own numbers
	Who   []string `json:"who,omitempty"`   // who said it, and where that is
	About []string `json:"about,omitempty"` // about which conversation
	Do    []string `json:"do"`              // what to do about it

	Conversation *Conversation `json:"conversation,omitempty"` // as the quote has it
	Checksum     State         `json:"checksum"`
	Faults       []Fault       `json:"faults,omitempty"` // the checksum aside
	Fields       []Field       `json:"fields"`
}

// Kind returns family, type and code.
func (e *Explanation) Kind() catalogue.Kind {
	f := catalogue.ICMPv4
	if e.Family == catalogue.ICMPv6.String() {
		f = catalogue.ICMPv6
	}
	return catalogue.Kind{Family: f, Type: e.Type, Code: e.Code}
}

// Field is one field of the octets, Fault something that is wrong with them.
type (
	Field = field.Field
	Fault = field.Fault
)

// Conversation is what a quote lets see of the datagram that it is about. What
// is not quoted is zero, and named in Missing.
type Conversation struct {
	Protocol string     `json:"protocol"`
	Src      netip.Addr `json:"src,omitzero"`
	Dst      netip.Addr `json:"dst,omitzero"`
	SrcPort  uint16     `json:"src_port,omitempty"`
	DstPort  uint16     `json:"dst_port,omitempty"`
	ID       uint32     `json:"ip_id,omitempty"`
	TTL      uint8      `json:"ttl"`
	Octets   uint32     `json:"octets"` // header and payload, as it said itself
	DF       bool       `json:"df,omitempty"`
	TCPSeq   uint32     `json:"tcp_seq,omitempty"`
	ICMPType uint8      `json:"icmp_type,omitempty"`
	ICMPCode uint8      `json:"icmp_code,omitempty"`
	ICMPID   uint16     `json:"icmp_id,omitempty"`
	ICMPSeq  uint16     `json:"icmp_seq,omitempty"`
	Missing  []string   `json:"missing,omitempty"`
}

// An Error says why octets hold no ICMP message.
type Error struct {
	Octet int    // where that shows
	Text  string // why, in the language that was asked for
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("octet %d: %s", e.Octet, e.Text) }

// Message explains the message that octets hold. The error is an [*Error].
func Message(octets []byte, lang language.Tag, how How) (*Explanation, error) {
	base, _ := lang.Base()
	code := "en"
	if base.String() == "fr" {
		code = "fr"
	}
	x := &explainer{Page: field.New(lang), lang: lang, how: how, octets: octets, out: &Explanation{Lang: code}}
	if err := x.open(); err != nil {
		return nil, err
	}
	x.message()
	x.out.Fields, x.out.Faults = x.Fields, x.Faults
	return x.out, nil
}

// explainer is the work on one message.
type explainer struct {
	*field.Page
	lang   language.Tag
	how    How
	octets []byte
	out    *Explanation

	family  catalogue.Family
	msg     []byte // the message, as far as it is there
	at      int    // where it begins
	wireLen int    // how long it was
	whole   bool   // neither cut nor the first of several fragments
	ttl     int    // of the packet; -1: there is no IP header
}

func (x *explainer) says(key string, args ...string) {
	x.out.Says = append(x.out.Says, x.Say(key, args...))
}

func (x *explainer) who(key string, args ...string) {
	x.out.Who = append(x.out.Who, x.Say(key, args...))
}

func (x *explainer) about(key string, args ...string) {
	x.out.About = append(x.out.About, x.Say(key, args...))
}

func (x *explainer) todo(key string, args ...string) {
	x.out.Do = append(x.out.Do, x.Say(key, args...))
}

func (x *explainer) fail(octet int, key string, args ...string) error {
	return &Error{Octet: octet, Text: x.Say(key, args...)}
}

// kind is what the message is.
func (x *explainer) kind() catalogue.Kind {
	return catalogue.Kind{Family: x.family, Type: x.msg[0], Code: x.msg[1]}
}

// message explains x.msg, which has four octets at least.
func (x *explainer) message() {
	k := x.kind()
	x.out.Family, x.out.Type, x.out.Code = x.family.String(), k.Type, k.Code
	x.out.Text = catalogue.Of(k, x.lang)
	x.out.Title = x.out.Text.Title(x.lang)
	if !x.out.Text.KnownCode {
		x.Fault(x.at+1, "e.code")
	}
	x.checksum()
	if x.family == catalogue.ICMPv6 {
		x.message6()
	} else {
		x.message4()
	}
	x.sender()
	x.advice()
}

// advice says what to do: first what this message's own state calls for, then
// what the catalogue has.
func (x *explainer) advice() {
	if x.out.Checksum == Wrong {
		x.todo("d.checksum")
	}
	if x.kind().IsError() {
		x.todo("d.forged")
	}
	target, who := x.Say("d.target"), x.Say("d.who")
	if x.out.From.IsValid() {
		who = x.out.From.String()
	}
	switch c := x.out.Conversation; {
	case c != nil && c.Dst.IsValid():
		target = c.Dst.String()
	case c == nil && !x.kind().IsError() && x.out.To.IsValid():
		target = x.out.To.String()
	}
	fill := strings.NewReplacer("{target}", target, "{who}", who)
	checks := make([]string, len(x.out.Text.Checks))
	for i, c := range x.out.Text.Checks {
		checks[i] = fill.Replace(c)
	}
	x.out.Text.Checks = checks
	x.out.Do = append(x.out.Do, checks...)
}
