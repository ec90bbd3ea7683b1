package mib

import (
	"log/slog"
	"strconv"
)

// Drop is why a datagram went no further, or why an ICMP error was not sent.
// The zero value, [None], says that nothing was dropped.
type Drop uint8

// The reasons. What each stands for is its line in the table in reasons.go.
const (
	None Drop = iota

	// The IP header.
	HeaderShort      // fewer octets than the fixed header
	HeaderVersion    // neither version 4 nor 6, or not the one the link announced
	HeaderLength     // IHL below 5, or a header longer than the datagram
	TotalLength      // a total length below the header's
	Truncated        // fewer octets arrived than the header announces
	HeaderChecksum   // the IPv4 header checksum does not hold
	OptionFault      // a malformed or contradictory IP option
	OptionUnknown    // an unknown IPv6 option that asks for the datagram to be dropped
	ExtensionFault   // a malformed, misplaced or unknown IPv6 extension header
	HeaderChainSplit // a first fragment without the whole header chain (RFC 7112)
	NoNextHeader     // an IPv6 header chain that ends in 59, nothing

	// The addresses.
	MartianSource      // a source that may stand in no datagram from a link
	OwnSource          // a source that is this node's own address
	ReversePath        // a source whose route leaves through another interface
	MartianDestination // a destination that may stand in no datagram on a link
	NotMine            // for someone else, and this node does not forward
	NotJoined          // to a multicast group that this node is no member of
	LinkBroadcast      // to one host, in a frame to all (RFC 1122 §3.3.6)
	DirectedBroadcast  // to another network's broadcast address
	BeyondScope        // its source may not leave the link

	// Forwarding and sending.
	TTLExceeded         // nothing left of the TTL or hop limit
	NoRoute             // no route to forward by
	NoRouteOut          // no route for a datagram made here
	NoRouteTOS          // a route, and none for this type of service
	RejectRoute         // a route that says unreachable
	BlackholeRoute      // a route that says drop
	Unresolved          // the next hop does not answer
	TooBig              // larger than the MTU, and not to be fragmented
	SourceRouteOff      // a source route through a node that follows none
	SourceRouteFailed   // a source route that leads nowhere
	Filtered            // a filter rule
	PrecedenceViolation // a precedence that is not permitted here
	PrecedenceCutoff    // a precedence below the minimum in force
	QueueFull           // no room in an interface's queue
	IfaceDown           // the interface to leave by is down
	IfaceDownIn         // the interface to arrive by is down, or is none
	NoMemory            // no buffer left

	// Reassembly.
	FragmentLength    // not the last, and its length is no multiple of 8
	FragmentEmpty     // a fragment that carries nothing
	FragmentOversize  // ends behind octet 65,535 of the datagram
	FragmentOverlap   // covers octets that another has brought
	FragmentEnd       // two last fragments that disagree, or octets behind the last
	FragmentECN       // ECN fields that no sender gives one datagram (RFC 3168 §5.3)
	FragmentDuplicate // the very fragment again; the reassembly goes on
	FragmentLate      // of a datagram that was given up
	FragmentShare     // its source has its share of the memory already
	FragmentMemory    // given up to make room for a younger datagram
	FragmentTimeout   // given up because time ran out

	// Delivery.
	UnknownProtocol   // no upper layer has this protocol
	UnknownPort       // the transport has no listener
	TransportShort    // less than a transport header, or a length that contradicts it
	TransportChecksum // the transport's checksum does not hold
	EndpointFull      // no room in the upper layer's queue

	// ICMP messages received.
	ICMPShort          // less than the type requires
	ICMPChecksum       // the checksum does not hold
	ICMPUnknownType    // a type without meaning
	ICMPUnknownCode    // a code without meaning for the type
	ICMPNotServed      // a type that is known, and no business of this node
	ICMPUnclaimed      // a reply that nobody here waits for
	EchoOff            // an echo request, and echo is off
	EchoBroadcast      // an echo request to broadcast or multicast
	TimestampOff       // a timestamp request, and timestamp is off
	TimestampBroadcast // a timestamp request to broadcast or multicast
	MaskOff            // an address mask message, and this node is no authority
	InformationOff     // an information message, and information is off
	ProbeOff           // an extended echo request, and PROBE is off
	ProbeRefused       // an extended echo request that policy refuses
	RouterDiscoveryOff // a router advertisement or solicitation, and nobody here heeds it

	// Errors received, and not believed.
	QuoteUnreadable      // the quoted header cannot be read
	QuoteForeign         // the quoted datagram was not sent from here
	QuoteUnknownProtocol // the quoted protocol is nobody's here
	QuoteUnrecognised    // the transport does not know the quoted datagram
	PTBUnrecognised      // the same, of packet too big or fragmentation needed
	PTBNotLower          // an MTU that would not lower the estimate
	PTBTooLow            // an MTU below the protocol's minimum
	SourceQuenchIgnored  // a source quench, and nobody slows down
	RedirectIgnored      // a redirect, and policy heeds none
	RedirectToGateway    // a redirect to a node that forwards
	RedirectNotFirstHop  // not from the first-hop gateway of that destination
	RedirectOffLink      // names a gateway on no network of this node's
	RedirectOwnAddress   // names this node itself, as gateway or destination
	RedirectNotUnicast   // names a gateway that is no host, or redirects a group
	RedirectQuote        // quotes nothing that this node sent

	// Errors not sent.
	ErrorAboutError         // about an ICMP error
	ErrorAboutBroadcast     // about a datagram to broadcast or multicast
	ErrorAboutLinkBroadcast // about a datagram that came as link-layer broadcast or multicast
	ErrorAboutFragment      // about a fragment that is not the first
	ErrorAboutSource        // about a datagram whose source is not one host
	ErrorAboutHeader        // about a datagram whose header does not hold
	ErrorOff                // of a kind that this node does not send
	ErrorNoSource           // no address to send it from
	RateDestination         // over the limit for its destination
	RateGlobal              // over the limit for all
	RateEcho                // an echo reply over the limit

	// Address translation.
	NATUnmatched      // belongs to no translation
	NATFull           // no room for one more translation
	NATUntranslatable // cannot be translated

	numDrops
)

// String returns the reason for people, in a few words that continue
// "dropped: ".
func (d Drop) String() string {
	if d >= numDrops {
		return "drop " + strconv.Itoa(int(d))
	}
	return reasons[d].text
}

// Name returns the reason for machines: a stable name of lower-case words with
// hyphens between them, "header-checksum"; empty for a number that is none.
func (d Drop) Name() string {
	if d >= numDrops {
		return ""
	}
	return reasons[d].name
}

// Rule returns the ID of the row of docs/requirements.md that the reason stands
// for, "E-06"; empty for [None] and for a number that is none.
func (d Drop) Rule() string {
	if d >= numDrops {
		return ""
	}
	return reasons[d].rule
}

// Counter returns the object of ipSystemStatsTable that counts the reason;
// false when none does: the IP module has done its work, or nothing is lost.
func (d Drop) Counter() (Counter, bool) {
	if d >= numDrops || reasons[d].group != ipStats {
		return 0, false
	}
	return reasons[d].counter, true
}

// LogValue implements [slog.LogValuer].
func (d Drop) LogValue() slog.Value { return slog.StringValue(d.Name()) }

// MarshalText implements [encoding.TextMarshaler]: the reason's Name. A number
// that is none is an [UnknownDropError].
func (d Drop) MarshalText() ([]byte, error) {
	if d >= numDrops {
		return nil, &UnknownDropError{Text: strconv.Itoa(int(d))}
	}
	return []byte(reasons[d].name), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. A text that is no
// reason's Name is an [UnknownDropError] and leaves d as it was.
func (d *Drop) UnmarshalText(text []byte) error {
	for i := range reasons {
		if reasons[i].name == string(text) {
			*d = Drop(i)
			return nil
		}
	}
	return &UnknownDropError{Text: string(text)}
}

// An UnknownDropError says that a text or a number is no reason.
type UnknownDropError struct {
	Text string // what stood where a reason's name was wanted
}

// Error implements error.
func (e *UnknownDropError) Error() string {
	return "mib.Drop: " + strconv.Quote(e.Text) + " is no reason"
}
