//go:build linux

package drive_test

import (
	"regexp"
	"slices"
	"testing"
)

// What the comparison found on the kernel that it was last measured on.
const (
	measuredOn   = "6.18"
	stimuliInAll = 3758
	stimuliEqual = 2572
)

// measured reports whether this is the kernel of the numbers. On another one
// they may differ; what is documented and what is not is held to all the same.
func measured(t *testing.T) bool { return release(t) == measuredOn }

// A difference is one that is documented: stimuli, what differs, who does what,
// and the paragraph that decides. The first that fits counts.
type difference struct {
	title   string
	stimuli *regexp.Regexp // full names
	aspects []string       // as aspects() has them
	kernel  string
	node    string
	decides string
	count   int // stimuli that show it
}

// is reports whether the row speaks of this aspect of this stimulus.
func (d *difference) is(name, aspect string) bool {
	return slices.Contains(d.aspects, aspect) && d.stimuli.MatchString(name)
}

func names(pattern string) *regexp.Regexp { return regexp.MustCompile("^(" + pattern + ")$") }

// goodRoutes are stimuli with a source route that is well formed.
const goodRoutes = `(loose|strict) route, (not spent|two stops left|spent, .*|no stops|next is .*|pointer 255)`

var differences = slices.Concat(optionDifferences, otherDifferences)

// optionDifferences are those of TOS, quotes, options and source routes.
var optionDifferences = []difference{
	// TOS and quotes of errors.
	{
		title:   "TOS of a host's errors",
		stimuli: names("host.*"),
		aspects: []string{"tos"},
		kernel:  "precedence 6, and the TOS of the datagram",
		node:    "0",
		decides: "RFC 1122 §3.2.2: errors of a host should have normal TOS, zero. Linux follows RFC 1812 on hosts too.",
		count:   468,
	},
	{
		title:   "precedence of ICMPv6 errors of a gateway",
		stimuli: names("gateway, IPv6/.*"),
		aspects: []string{"tos"},
		kernel:  "0",
		node:    "precedence 6, class selector 6",
		decides: "RFC 1812 §4.3.2.5 for IPv4. No paragraph of IPv6 decides; the node treats both families alike.",
		count:   215,
	},
	{
		title:   "ECN bits in errors",
		stimuli: names("gateway/time to live/tos=03"),
		aspects: []string{"tos"},
		kernel:  "copies bit 0x02",
		node:    "leaves both ECN bits zero",
		decides: "RFC 3168 §5: the bit is ECN, no more TOS; an error is not ECN-capable.",
		count:   1,
	},
	{
		title:   "address beside a timestamp",
		stimuli: names("gateway/options/timestamp, form 1(, last slot of two)?"),
		aspects: []string{"options"},
		kernel:  "the address it would answer the sender from",
		node:    "the address of the interface the datagram leaves through, as in record route",
		decides: "RFC 791 §3.1: the address of the registering entity; both are its.",
		count:   2,
	},
	{
		title:   "quote of a redirect",
		stimuli: names("gateway/redirects/.*"),
		aspects: []string{"quote"},
		kernel:  "the TTL already counted down",
		node:    "the datagram as it came",
		decides: "RFC 1812 §4.3.2.3: the original datagram; both are read as that.",
		count:   14,
	},
	{
		title:   "quote of UDP with octets behind its length",
		stimuli: names("host/ports/trailing octets"),
		aspects: []string{"quote", "quoted octets"},
		kernel:  "cut at the UDP length",
		node:    "all of the datagram",
		decides: "RFC 1812 §4.3.2.3: as much of the datagram as fits.",
		count:   1,
	},
	{
		title:   "flags in the quote of what was put together",
		stimuli: names("host/fragments/flags 0 and DF|host/fragments/flags=[46], nobody's protocol"),
		aspects: []string{"quote"},
		kernel:  "DF set when one fragment had it, the reserved flag cleared",
		node:    "flags of the first fragment",
		decides: "RFC 791 §3.2: the header is that of fragment zero.",
		count:   3,
	},
	{
		title:   "an option that was worked on before the error",
		stimuli: names(".*(, twice|and the other kind|record route|record route, .*|timestamp|timestamp, .*|given up.*first fragments came)"),
		aspects: []string{"quote", "quoted octets"},
		kernel:  "quotes the option with its own entry, and less where its own options take the room",
		node:    "quotes what came",
		decides: "RFC 1812 §4.3.2.3, E-08: octets unchanged, apart from what forwarding had changed.",
		count:   42,
	},
	{
		title:   "quote of what came by a source route that leads here",
		stimuli: names("gateway, source routes/.*"),
		aspects: []string{"quote"},
		kernel:  "the source route as it came",
		node:    "as it is after the last stop, TTL counted down",
		decides: "E-08: what forwarding has changed is changed. The node passes the datagram on to itself.",
		count:   2,
	},

	// Options in answers.
	{
		title:   "options in errors",
		stimuli: names(".*(options of UDP|errors and options|redirects|given up).*"),
		aspects: []string{"options"},
		kernel:  "record route and timestamp go back in the error",
		node:    "no options in errors",
		decides: "RFC 1122 §3.2.2.6 asks for it in echo replies alone.",
		count:   47,
	},
	{
		title:   "options in parameter problems",
		stimuli: names(".*(, twice|and the other kind)"),
		aspects: []string{"destination", "options", "port", "source"},
		kernel:  "what could be read goes back, a spent source route reversed",
		node:    "no options in errors",
		decides: "RFC 1812 §4.3.2.6: no source route in a complaint about one.",
		count:   30,
	},
	{
		title:   "errors about what came by a source route",
		stimuli: names("gateway, source routes/.*"),
		aspects: []string{"destination", "options", "port"},
		kernel:  "go back by the route reversed",
		node:    "go back by the routing table",
		decides: "RFC 1812 §4.3.2.6 asks (SHOULD) for what Linux does. The node departs from it: RFC 7126 §4.3 keeps source routes from leading traffic.",
		count:   8,
	},
	{
		title:   "record route in echo replies",
		stimuli: names("host/options of echo/.*"),
		aspects: []string{"options"},
		kernel:  "enters itself twice, coming and going",
		node:    "enters itself once",
		decides: "RFC 1122 §3.2.2.6: updated to include the current host.",
		count:   9,
	},
	{
		title:   "options that are not copied into later fragments",
		stimuli: names("gateway/options of fragments/.*"),
		aspects: []string{"options"},
		kernel:  "no operations in their place; what follows the end of the list is cleared",
		node:    "the header is shorter",
		decides: "RFC 791 §3.1: both may be; no operation and end may be introduced and deleted.",
		count:   43,
	},
	{
		title:   "octets behind the end of the option list",
		stimuli: names(".*end, and anything behind"),
		aspects: []string{"options", "quote"},
		kernel:  "cleared",
		node:    "left as they are",
		decides: "RFC 791 §3.1: what follows the end is no option. E-08 for the quote.",
		count:   2,
	},

	// Faults in options.
	{
		title:   "pointer at an impossible option length",
		stimuli: names(".*(options|source routes|to the gateway|to others).*(length [0-9]|too long|behind the header's end|beyond the header|pointer [0-9]+)"),
		aspects: []string{"rest"},
		kernel:  "at the type of the option, or at the destination address",
		node:    "at the length octet",
		decides: "RFC 792 p. 8: the octet where the error was detected.",
		count:   98,
	},
	{
		title:   "route pointers into the middle of a slot",
		stimuli: names(".*(route, pointer [5-9]|route, length 6|pointer 6)"),
		aspects: []string{"kernel forwarded, node 12/0", "kernel fragment, node 12/0", "only the node: 12/0"},
		kernel:  "writes there, over parts of two addresses, or gives up in silence when it answers",
		node:    "12/0 at the pointer",
		decides: "RFC 791 §3.1: pointers point to the beginning of a slot; a datagram whose option cannot be read is in error (RFC 1812 §4.3.3.5).",
		count:   52,
	},
	{
		title:   "timestamp options of an unknown form",
		stimuli: names(".*timestamp, form (2|4|15)"),
		aspects: []string{"kernel 0/0, node 12/0", "kernel 3/3, node 12/0", "kernel forwarded, node 12/0", "kernel fragment, node 12/0"},
		kernel:  "passed over",
		node:    "12/0 at the form",
		decides: "RFC 791 §3.1 has the forms 0, 1 and 3.",
		count:   12,
	},
	{
		title:   "router alert longer than four octets",
		stimuli: names(".*router alert, length 5"),
		aspects: []string{"kernel 0/0, node 12/0", "kernel 3/3, node 12/0", "kernel forwarded, node 12/0", "kernel fragment, node 12/0"},
		kernel:  "accepted",
		node:    "12/0 at the length",
		decides: "RFC 2113 §2.1: the length is 4.",
		count:   4,
	},
	{
		title:   "bad options in a datagram for another host",
		stimuli: names("host/not for this host/with .*"),
		aspects: []string{"only the kernel: 12/0"},
		kernel:  "12/0",
		node:    "silence",
		decides: "RFC 1122 §3.2.1.3: what is not for the host is silently discarded.",
		count:   2,
	},

	// Source routes.
	{
		title:   "source routes, switched off, not spent",
		stimuli: names("(host/options of|gateway/source routes/).*route, (not spent|two stops left|next is .*)"),
		aspects: []string{"only the node: 3/5"},
		kernel:  "drops in silence",
		node:    "3/5",
		decides: "RFC 1812 §5.2.7.1, G-04: a source route that cannot be followed is reported.",
		count:   48,
	},
	{
		title:   "source routes, switched off, spent or of others",
		stimuli: names("gateway/errors and options/.*|gateway/redirects/a (spent )?source route.*|(host/options of|gateway/source routes).*(" + goodRoutes + "|record route and spent source route)"),
		aspects: []string{"only the node: 0/0", "only the node: 11/0", "only the node: 3/0", "only the node: 3/3", "only the node: 3/4", "only the node: forwarded"},
		kernel:  "drops every datagram with a source route",
		node:    "takes what has arrived at its end, and passes on what is for others as it is",
		decides: "RFC 1122 §3.2.1.8: a host takes a datagram whose source route is spent. RFC 7126 §4.3 keeps nodes from being stops.",
		count:   69,
	},
	{
		title:   "source routes that lead nowhere",
		stimuli: names("gateway, source routes/to the gateway/.*next is .*"),
		aspects: []string{"only the node: 3/5"},
		kernel:  "drops in silence",
		node:    "3/5",
		decides: "RFC 1812 §5.2.7.1, G-04.",
		count:   10,
	},
	{
		title:   "a strict route through a gateway that is no stop of it",
		stimuli: names("gateway, source routes/to others/strict.*"),
		aspects: []string{"kernel 12/0, node forwarded"},
		kernel:  "12/0 at the destination address",
		node:    "passed on to the destination address",
		decides: "RFC 791 §3.1: the destination is the next stop, and on a network of this gateway's. Who should have gone there without it is no business of the gateway.",
		count:   13,
	},
	{
		title:   "two stops of one node",
		stimuli: names("gateway, source routes/time to live and size/.*through itself twice"),
		aspects: []string{"ttl"},
		kernel:  "counts the TTL down once",
		node:    "once for each stop",
		decides: "RFC 791 §3.2: each internet module that processes the datagram counts it down.",
		count:   2,
	},
}
