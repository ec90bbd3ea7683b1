package report

import (
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// Cause is why a datagram got no further. The zero Cause is none.
type Cause uint8

// The causes, in the order of the ICMPv4 registry.
const (
	NoRoute             Cause = iota + 1 // no route to the destination
	HostUnreachable                      // the next hop or the host on a connected network does not answer
	ProtocolUnreachable                  // no protocol here claims the datagram
	PortUnreachable                      // the transport has no listener
	TooBig                               // over the next link's MTU, and not to be fragmented
	SourceRouteFailed                    // the source route cannot be followed
	NetUnknown                           // the destination network does not exist
	HostUnknown                          // the destination host does not exist
	NetProhibited                        // a filter keeps out the destination network
	HostProhibited                       // a filter keeps out the destination host
	NetTOS                               // there are routes to the network, none for this TOS
	HostTOS                              // there are routes to the host, none for this TOS
	AdminProhibited                      // a filter keeps out this traffic
	HostPrecedence                       // the precedence is not permitted for this host or use
	PrecedenceCutoff                     // the precedence is below what the network asks for
	Quench                               // the outgoing queue runs full (LEGACY)
	RedirectHost                         // there is a better first hop for this host
	RedirectTOSHost                      // … for this host and TOS
	TTLExceeded                          // the time to live ran out on the way
	ReassemblyTimeout                    // fragments are missing after the time for reassembly
	BadField                             // a header field or option is wrong, at the pointer
	MissingOption                        // a required option is missing
	BadLength                            // a length is wrong
	BeyondScope                          // IPv6: the source address's scope ends before the destination
	SourcePolicy                         // IPv6: the source address failed the policy
	RejectRoute                          // IPv6: the route to the destination rejects
	BadNextHeader                        // IPv6: unrecognised next header, at the pointer
	BadOption                            // IPv6: unrecognised option, at the pointer
	IncompleteChain                      // IPv6: a first fragment without the whole header chain
	TooManyHeaders                       // IPv6: more extension headers than are walked
	numCauses
)

// A row says how a cause reads in each family, and which rule of
// docs/requirements.md asks for the message.
type row struct {
	text string
	rule string
	k4   icmp4.Kind
	k6   icmp6.Kind
	in   family
}

type family uint8

const (
	in4  family = 1
	in6  family = 2
	both        = in4 | in6
)

func u4(c icmp4.Code) icmp4.Kind { return icmp4.Kind{Type: icmp4.TypeDestUnreachable, Code: c} }
func u6(c icmp6.Code) icmp6.Kind { return icmp6.Kind{Type: icmp6.TypeDestUnreachable, Code: c} }
func p6(c icmp6.Code) icmp6.Kind { return icmp6.Kind{Type: icmp6.TypeParameterProblem, Code: c} }

// The ICMPv6 column follows the translation of RFC 7915 §4.2 where RFC 4443
// names no counterpart of its own.
var table = [numCauses]row{
	NoRoute:             {"no route", "G-02", u4(icmp4.CodeNetUnreachable), u6(icmp6.CodeNoRoute), both},
	HostUnreachable:     {"host does not answer", "G-02", u4(icmp4.CodeHostUnreachable), u6(icmp6.CodeAddrUnreachable), both},
	ProtocolUnreachable: {"no such protocol here", "H-03", u4(icmp4.CodeProtocolUnreachable), p6(icmp6.CodeUnknownNextHeader), both},
	PortUnreachable:     {"no listener on the port", "H-03", u4(icmp4.CodePortUnreachable), u6(icmp6.CodePortUnreachable), both},
	TooBig:              {"too big for the next link", "G-03", u4(icmp4.CodeFragNeeded), icmp6.Kind{Type: icmp6.TypePacketTooBig}, both},
	SourceRouteFailed:   {"source route cannot be followed", "G-04", u4(icmp4.CodeSourceRouteFailed), u6(icmp6.CodeNoRoute), both},
	NetUnknown:          {"network unknown", "G-04", u4(icmp4.CodeNetUnknown), u6(icmp6.CodeNoRoute), both},
	HostUnknown:         {"host unknown", "G-04", u4(icmp4.CodeHostUnknown), u6(icmp6.CodeNoRoute), both},
	NetProhibited:       {"network prohibited by a filter", "G-04", u4(icmp4.CodeNetProhibited), u6(icmp6.CodeProhibited), both},
	HostProhibited:      {"host prohibited by a filter", "G-04", u4(icmp4.CodeHostProhibited), u6(icmp6.CodeProhibited), both},
	NetTOS:              {"no route to the network for this TOS", "G-04", u4(icmp4.CodeNetTOS), u6(icmp6.CodeNoRoute), both},
	HostTOS:             {"no route to the host for this TOS", "G-04", u4(icmp4.CodeHostTOS), u6(icmp6.CodeNoRoute), both},
	AdminProhibited:     {"prohibited by a filter", "G-04", u4(icmp4.CodeAdminProhibited), u6(icmp6.CodeProhibited), both},
	HostPrecedence:      {"precedence not permitted", "G-04", u4(icmp4.CodeHostPrecedence), u6(icmp6.CodeProhibited), both},
	PrecedenceCutoff:    {"precedence below the cutoff", "G-04", u4(icmp4.CodePrecedenceCutoff), u6(icmp6.CodeProhibited), both},
	Quench:              {"queue runs full", "G-06", icmp4.Kind{Type: icmp4.TypeSourceQuench}, icmp6.Kind{}, in4},
	RedirectHost:        {"better first hop", "G-05", icmp4.Kind{Type: icmp4.TypeRedirect, Code: icmp4.CodeRedirectHost}, icmp6.Kind{}, in4},
	RedirectTOSHost:     {"better first hop for this TOS", "G-05", icmp4.Kind{Type: icmp4.TypeRedirect, Code: icmp4.CodeRedirectTOSHost}, icmp6.Kind{}, in4},
	TTLExceeded:         {"time to live ran out", "G-01", icmp4.Kind{Type: icmp4.TypeTimeExceeded, Code: icmp4.CodeTTLExceeded}, icmp6.Kind{Type: icmp6.TypeTimeExceeded, Code: icmp6.CodeHopLimitExceeded}, both},
	ReassemblyTimeout:   {"fragments missing after the time for reassembly", "H-10", icmp4.Kind{Type: icmp4.TypeTimeExceeded, Code: icmp4.CodeReassembly}, icmp6.Kind{Type: icmp6.TypeTimeExceeded, Code: icmp6.CodeReassembly}, both},
	BadField:            {"bad header field or option", "H-11", icmp4.Kind{Type: icmp4.TypeParameterProblem, Code: icmp4.CodePointer}, p6(icmp6.CodeErroneousHeader), both},
	MissingOption:       {"required option missing", "H-11", icmp4.Kind{Type: icmp4.TypeParameterProblem, Code: icmp4.CodeMissingOption}, icmp6.Kind{}, in4},
	BadLength:           {"bad length", "H-11", icmp4.Kind{Type: icmp4.TypeParameterProblem, Code: icmp4.CodeBadLength}, icmp6.Kind{}, in4},
	BeyondScope:         {"beyond the scope of the source", "H-17", icmp4.Kind{}, u6(icmp6.CodeBeyondScope), in6},
	SourcePolicy:        {"source failed the policy", "H-17", icmp4.Kind{}, u6(icmp6.CodePolicyFailed), in6},
	RejectRoute:         {"route rejects", "H-17", icmp4.Kind{}, u6(icmp6.CodeRejectRoute), in6},
	BadNextHeader:       {"unrecognised next header", "H-17", icmp4.Kind{}, p6(icmp6.CodeUnknownNextHeader), in6},
	BadOption:           {"unrecognised option", "H-17", icmp4.Kind{}, p6(icmp6.CodeUnknownOption), in6},
	IncompleteChain:     {"first fragment without the whole header chain", "H-17", icmp4.Kind{}, p6(icmp6.CodeIncompleteChain), in6},
	TooManyHeaders:      {"too many extension headers", "H-17", icmp4.Kind{}, p6(icmp6.CodeTooManyExtensions), in6},
}

func (c Cause) row() row {
	if c >= numCauses {
		return row{}
	}
	return table[c]
}

// String says the cause in a few words.
func (c Cause) String() string {
	if r := c.row(); r.text != "" {
		return r.text
	}
	return "no cause"
}

// Rule returns the ID of the row of docs/requirements.md that asks for this
// message, "" for no cause.
func (c Cause) Rule() string { return c.row().rule }

// Kind4 returns the ICMPv4 type and code that report the cause; false: ICMPv4
// has none.
func (c Cause) Kind4() (icmp4.Kind, bool) { r := c.row(); return r.k4, r.in&in4 != 0 }

// Kind6 returns the ICMPv6 type and code that report the cause; false: ICMPv6
// has none.
func (c Cause) Kind6() (icmp6.Kind, bool) { r := c.row(); return r.k6, r.in&in6 != 0 }

// Cause4 returns the cause that an ICMPv4 error reports, for those who read
// errors; false: the kind is no error, or an unregistered one.
func Cause4(k icmp4.Kind) (Cause, bool) {
	switch k {
	case icmp4.Kind{Type: icmp4.TypeRedirect, Code: icmp4.CodeRedirectNet}:
		return RedirectHost, true // RFC 1122 §3.2.2.2: network redirects count as host redirects
	case icmp4.Kind{Type: icmp4.TypeRedirect, Code: icmp4.CodeRedirectTOSNet}:
		return RedirectTOSHost, true
	case u4(icmp4.CodeSourceIsolated):
		return NoRoute, true
	}
	for c := NoRoute; c < numCauses; c++ {
		if r := &table[c]; r.in&in4 != 0 && r.k4 == k {
			return c, true
		}
	}
	return 0, false
}

// Cause6 is [Cause4] for ICMPv6. Where several causes share a kind, it is the
// first of them.
func Cause6(k icmp6.Kind) (Cause, bool) {
	if k.Type == icmp6.TypePacketTooBig {
		return TooBig, true // its code means nothing (RFC 4443 §3.2)
	}
	for c := NoRoute; c < numCauses; c++ {
		if r := &table[c]; r.in&in6 != 0 && r.k6 == k {
			return c, true
		}
	}
	return 0, false
}
