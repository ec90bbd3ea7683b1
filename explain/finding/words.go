package finding

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/conversation"
)

// Words is what there is to say about a kind of finding.
type Words struct {
	Title   string // a few words
	Meaning string // what it is, in plain words
	Counter string // what to do about it
}

// FactName is what a fact is about.
type FactName uint8

// The facts.
const (
	FactSources        FactName = iota + 1 // number: that take part
	FactTargets                            // number: that were asked
	FactSilent                             // number: targets that did not answer
	FactReplies                            // number: replies to one request
	FactBroadcast                          // address
	FactUnseen                             // the quoted datagram was never seen
	FactOffLink                            // the gateway is on another network
	FactNotFirstHop                        // the sender is not the gateway that the host uses
	FactForwarded                          // the time to live has been counted down on the way
	FactNamesItself                        // the sender names itself, or the host
	FactNotItsOwn                          // the quote is of somebody else's datagram
	FactGateway                            // address: that it names
	FactAlive                              // number: datagrams that came from the allegedly unreachable side afterwards
	FactOutOfWindow                        // the quoted sequence number is not in flight
	FactNoConversation                     // number: quotes that fit no conversation
	FactQuoted                             // text: what is quoted
	FactMTU                                // number: octets that it claims
	FactTooLow                             // less than any link has
	FactFits                               // the quoted datagram fits into that MTU
	FactNoDF                               // the quoted datagram may be fragmented
	FactNeverLarge                         // number: the longest datagram that was sent
	FactSameDatagram                       // number: times that one datagram passed the same link
	FactAlternating                        // the same routers report in turn
	FactHopsLeft                           // number: the time to live with which the datagram left
	FactRouters                            // number
	FactRetransmitted                      // number: times
	FactLength                             // number: octets of the datagrams that vanish
	FactPassed                             // number: octets of the longest that passed
	FactIgnored                            // the sender was told, and does not listen
	FactShare                              // number: percent that were answered
	FactHop                                // number
	FactMACs                               // text: link addresses
	FactDAD                                // somebody answered who has the address already
	FactMark                               // text: the program whose mark it is
	FactInside                             // number: IP datagrams inside of echo data
	FactAltered                            // number: replies whose data is not that of the request
	FactChanging                           // number: requests whose data differs from that before
	FactEntropy                            // number: bits an octet
	FactEnd                                // number: octet at which the last fragment ends
	FactProtocol                           // text
	FactClasses                            // text: what was asked for
	FactUnknowns                           // number: interfaces asked about
	numFacts
)

var factNames = [numFacts]string{
	FactSources: "sources", FactTargets: "targets", FactSilent: "silent", FactReplies: "replies", FactBroadcast: "broadcast",
	FactUnseen: "unseen", FactOffLink: "off_link", FactNotFirstHop: "not_first_hop", FactForwarded: "forwarded",
	FactNamesItself: "names_itself", FactNotItsOwn: "not_its_own", FactGateway: "gateway", FactAlive: "alive",
	FactOutOfWindow: "out_of_window", FactNoConversation: "no_conversation", FactQuoted: "quoted", FactMTU: "mtu",
	FactTooLow: "too_low", FactFits: "fits", FactNoDF: "no_df", FactNeverLarge: "never_large",
	FactSameDatagram: "same_datagram", FactAlternating: "alternating", FactHopsLeft: "hops_left", FactRouters: "routers",
	FactRetransmitted: "retransmitted", FactLength: "length", FactPassed: "passed", FactIgnored: "ignored",
	FactShare: "share", FactHop: "hop", FactMACs: "macs", FactDAD: "dad", FactMark: "mark", FactInside: "inside",
	FactAltered: "altered", FactChanging: "changing", FactEntropy: "entropy", FactEnd: "end", FactProtocol: "protocol",
	FactClasses: "classes", FactUnknowns: "interfaces",
}

// FactNames returns all of them.
func FactNames() []FactName {
	var all []FactName
	for n := FactName(1); n < numFacts; n++ {
		all = append(all, n)
	}
	return all
}

// String returns the name of the fact, as it stands in JSON.
func (n FactName) String() string {
	if n >= numFacts || n == 0 {
		return "unknown"
	}
	return factNames[n]
}

// MarshalText implements [encoding.TextMarshaler].
func (n FactName) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

type catalogue struct {
	words      [numKinds]Words
	facts      [numFacts]string // with one %s for the value, or none
	severities [len(severities)]string
	comma      string // of numbers
}

func in(lang language.Tag) *catalogue {
	if base, _ := lang.Base(); base.String() == "fr" {
		return &french
	}
	return &english
}

// In returns what there is to say about the kind, in that language: French, or
// else English.
func (k Kind) In(lang language.Tag) Words {
	if k >= numKinds {
		k = 0
	}
	return in(lang).words[k]
}

// In returns the severity in words.
func (s Severity) In(lang language.Tag) string {
	return in(lang).severities[min(int(s), len(severities)-1)]
}

// Value returns the value of the fact as text; "": it has none.
func (f Fact) Value() string {
	switch {
	case f.Text != "":
		return f.Text
	case f.Addr.IsValid():
		return f.Addr.String()
	case f.Number == float64(int64(f.Number)):
		return strconv.FormatInt(int64(f.Number), 10)
	}
	return strconv.FormatFloat(f.Number, 'f', 1, 64)
}

// In returns the fact in words.
func (f Fact) In(lang language.Tag) string {
	if f.Name >= numFacts {
		return ""
	}
	c, value := in(lang), f.Value()
	switch {
	case f.Name == FactClasses:
		names := strings.Split(value, ", ")
		for i, n := range names {
			if class := conversation.ClassOf(n); class != conversation.NoClass {
				names[i] = class.In(lang)
			}
		}
		value = strings.Join(names, ", ")
	case f.Text == "" && !f.Addr.IsValid():
		value = strings.Replace(value, ".", c.comma, 1)
	}
	return fill(c.facts[f.Name], value)
}

func fill(pattern, value string) string {
	for i := range len(pattern) - 1 {
		if pattern[i] == '%' {
			return fmt.Sprintf(pattern, value)
		}
	}
	return pattern
}
