package narration

import (
	"fmt"
	"strings"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
)

// Lang is a language that is told in. The zero Lang is English.
type Lang uint8

// The languages.
const (
	English Lang = iota
	French
	numLangs
)

// Languages are the codes of the languages, in the order of [Lang].
var Languages = [numLangs]string{"en", "fr"}

// ParseLang reads the code of a language: en, fr.
func ParseLang(s string) (Lang, error) {
	for i, l := range Languages {
		if l == s {
			return Lang(i), nil
		}
	}
	return 0, fmt.Errorf("%q is no language that this speaks: it speaks %s", s, strings.Join(Languages[:], ", "))
}

// String returns the code of the language.
func (l Lang) String() string {
	if l >= numLangs {
		return "unknown"
	}
	return Languages[l]
}

// word is a fixed word or phrase of the narration.
type word uint8

const (
	wTime word = iota
	wDropped
	wWithheld
	wBelieved
	wRoute
	wNoRoute
	wPMTU
	wReassembled
	wReply
	wCopy
	wLate
	wCorrupt
	wLost
	wTooBig
	wCut
	wUnresolved
	wCrowded
	wMore
	wMoreAt
	wRate
	wEstablished
	wAborted
	wWaiting
	wLinkDown
	wLinkUp
	wNodeDown
	wNodeUp
	wSent
	wRefused
	wKnows
	wNothing
	wTook
	wOwners
	wGateways
	wNotReached
	wNoAnswer
	wAhead
	wBehind
	wRTT
	wSelf
	numWords
)

// words are the phrases, with the verbs of package fmt in the same order in
// every language.
var words = [numLangs]*[numWords]string{&english, &french}

// say fills a phrase in.
func (l Lang) say(w word, args ...any) string {
	if len(args) == 0 {
		return words[l][w]
	}
	return fmt.Sprintf(words[l][w], args...)
}

// cause says why an error was sent.
func (l Lang) cause(c report.Cause) string {
	if l == French && int(c) < len(causesFR) && causesFR[c] != "" {
		return causesFR[c]
	}
	return c.String()
}

// drop says why a datagram went no further, or an error was not sent.
func (l Lang) drop(d mib.Drop) string {
	if l == French && dropsFR[d] != "" {
		return dropsFR[d]
	}
	return d.String()
}

var english = [numWords]string{
	wTime:        "time",
	wDropped:     "dropped: %s",
	wWithheld:    "withheld: \"%s\": %s",
	wBelieved:    "%s: believed",
	wRoute:       "route to %v is now by %v",
	wNoRoute:     "there is no route to %v any more",
	wPMTU:        "path MTU to %v is now %d octets",
	wReassembled: "fragments put together: %d octets",
	wReply:       "reply",
	wCopy:        "copy made by the link",
	wLate:        "held back by the link",
	wCorrupt:     "one bit flipped by the link",
	wLost:        "lost by the link",
	wTooBig:      "over the MTU of the link, lost",
	wCut:         "the link is down",
	wUnresolved:  "nobody answers for the next hop",
	wCrowded:     "too much in flight",
	wMore:        "… and %d more from %s to %s: %s",
	wMoreAt:      "… and %d more at %s: %s",
	wRate:        "%s sends %s a second to %v: %s datagrams",
	wEstablished: "connection %v to %v is established, %d octets in a segment",
	wAborted:     "connection %v to %v is DEAD: %s",
	wWaiting:     "connection %v to %v: %s, %d octets in a segment",
	wLinkDown:    "link %s goes down",
	wLinkUp:      "link %s comes up",
	wNodeDown:    "interface of %s to %s goes down",
	wNodeUp:      "interface of %s to %s comes up",
	wSent:        "%s has sent %d to %v, the last of %d octets",
	wRefused:     "%d not taken by the node: %s",
	wKnows:       "%s, %s:",
	wNothing:     "nothing",
	wTook:        "ends after %s of virtual time",
	wOwners:      "owners on the path: %s",
	wGateways:    "%d gateways between source and target",
	wNotReached:  "target not reached within %d hops",
	wNoAnswer:    "%s of %v: no answer to %d of %d",
	wAhead:       "its clock is %s ahead",
	wBehind:      "its clock is %s behind",
	wRTT:         "%s from %v: %s; round trip %s",
	wSelf:        "the node itself: %s",
}
