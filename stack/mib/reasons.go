package mib

// group says in which table of the MIB a reason is counted.
type group uint8

const (
	nowhere group = iota // by reason alone
	ipStats              // ipSystemStatsTable, the object that counter names
	icmpIn               // icmpStatsInErrors
	icmpOut              // icmpStatsOutErrors
)

type reason struct {
	name    string
	text    string
	rule    string
	group   group
	counter Counter
}

// The table of reasons: name, words, row of docs/requirements.md, object.
//
// Reading: where RFC 4293 leaves a choice. A source address at fault counts
// under InAddrErrors like a destination; the object's text speaks of the
// destination alone, and there is no other for addresses. What policy drops
// has nothing wrong with it, so it counts under InDiscards. ReasmFails counts
// reassemblies, not fragments, so a fragment that fails none is not in it. An
// error that a rule forbids was never a message; one that the limiter holds
// back was, and is in icmpStatsOutErrors.
var reasons = [numDrops]reason{
	None: {"none", "not dropped", "", nowhere, 0},

	HeaderShort:      {"header-short", "shorter than an IP header", "E-06", ipStats, InHdrErrors},
	HeaderVersion:    {"header-version", "unknown IP version", "E-06", ipStats, InHdrErrors},
	HeaderLength:     {"header-length", "header length field is wrong", "E-06", ipStats, InHdrErrors},
	TotalLength:      {"total-length", "total length is less than the header", "E-06", ipStats, InHdrErrors},
	Truncated:        {"truncated", "fewer octets than the header announces", "E-06", ipStats, InTruncatedPkts},
	HeaderChecksum:   {"header-checksum", "header checksum does not hold", "E-06", ipStats, InHdrErrors},
	OptionFault:      {"option-fault", "malformed IP option", "H-11", ipStats, InHdrErrors},
	OptionUnknown:    {"option-unknown", "unknown option that asks to be dropped", "H-11", ipStats, InHdrErrors},
	ExtensionFault:   {"extension-fault", "malformed or unknown extension header", "H-11", ipStats, InHdrErrors},
	HeaderChainSplit: {"header-chain-split", "first fragment without the whole header chain", "H-11", ipStats, InHdrErrors},
	NoNextHeader:     {"no-next-header", "nothing follows the headers", "H-17", ipStats, InDiscards},

	MartianSource:      {"martian-source", "martian source address", "G-14", ipStats, InAddrErrors},
	OwnSource:          {"own-source", "source is this node's own address", "G-14", ipStats, InAddrErrors},
	ReversePath:        {"reverse-path", "source is routed through another interface", "G-14", ipStats, InAddrErrors},
	MartianDestination: {"martian-destination", "martian destination address", "G-14", ipStats, InAddrErrors},
	NotMine:            {"not-mine", "not for this node, which does not forward", "E-14", ipStats, InAddrErrors},
	NotJoined:          {"not-joined", "not a member of the multicast group", "E-14", ipStats, InAddrErrors},
	LinkBroadcast:      {"link-broadcast", "for one host, in a link-layer broadcast", "E-03", ipStats, InAddrErrors},
	DirectedBroadcast:  {"directed-broadcast", "directed broadcast", "G-10", ipStats, InAddrErrors},
	BeyondScope:        {"beyond-scope", "source address may not leave the link", "G-14", ipStats, InAddrErrors},

	TTLExceeded:         {"ttl-exceeded", "TTL exceeded in transit", "G-01", ipStats, InHdrErrors},
	NoRoute:             {"no-route", "no route", "G-02", ipStats, InNoRoutes},
	NoRouteOut:          {"no-route-out", "no route for a datagram of this node's", "G-02", ipStats, OutNoRoutes},
	NoRouteTOS:          {"no-route-tos", "no route for the type of service", "G-04", ipStats, InNoRoutes},
	RejectRoute:         {"reject-route", "the route says unreachable", "G-02", ipStats, InNoRoutes},
	BlackholeRoute:      {"blackhole-route", "the route says drop", "G-02", ipStats, InNoRoutes},
	Unresolved:          {"unresolved", "next hop does not answer", "G-02", ipStats, OutDiscards},
	TooBig:              {"too-big", "larger than the MTU and not to be fragmented", "G-03", ipStats, OutFragFails},
	SourceRouteOff:      {"source-route-off", "source routing is off", "E-15", ipStats, InDiscards},
	SourceRouteFailed:   {"source-route-failed", "source route cannot be followed", "G-04", ipStats, InNoRoutes},
	Filtered:            {"filtered", "filtered", "G-04", ipStats, InDiscards},
	PrecedenceViolation: {"precedence-violation", "precedence not permitted", "G-04", ipStats, InDiscards},
	PrecedenceCutoff:    {"precedence-cutoff", "precedence below the cutoff", "G-04", ipStats, InDiscards},
	QueueFull:           {"queue-full", "output queue is full", "G-06", ipStats, OutDiscards},
	IfaceDown:           {"iface-down", "interface is down", "E-14", ipStats, OutDiscards},
	IfaceDownIn:         {"iface-down-in", "interface that it came in by is down", "E-14", ipStats, InDiscards},
	NoMemory:            {"no-memory", "no buffer left", "E-14", ipStats, InDiscards},

	FragmentLength:    {"fragment-length", "fragment length is no multiple of 8", "H-10", ipStats, ReasmFails},
	FragmentEmpty:     {"fragment-empty", "fragment carries nothing", "H-10", ipStats, ReasmFails},
	FragmentOversize:  {"fragment-oversize", "fragment ends behind octet 65,535", "H-10", ipStats, ReasmFails},
	FragmentOverlap:   {"fragment-overlap", "fragment overlaps another", "H-10", ipStats, ReasmFails},
	FragmentEnd:       {"fragment-end", "fragments disagree about the end", "H-10", ipStats, ReasmFails},
	FragmentECN:       {"fragment-ecn", "fragments disagree about ECN", "H-10", ipStats, ReasmFails},
	FragmentDuplicate: {"fragment-duplicate", "fragment arrived before", "H-10", nowhere, 0},
	FragmentLate:      {"fragment-late", "fragment of a datagram that was given up", "H-10", nowhere, 0},
	FragmentShare:     {"fragment-share", "source has its share of reassembly memory", "H-10", ipStats, ReasmFails},
	FragmentMemory:    {"fragment-memory", "reassembly memory is used up", "H-10", ipStats, ReasmFails},
	FragmentTimeout:   {"fragment-timeout", "reassembly time exceeded", "H-10", ipStats, ReasmFails},

	UnknownProtocol:   {"unknown-protocol", "no such protocol here", "H-03", ipStats, InUnknownProtos},
	UnknownPort:       {"unknown-port", "no listener on the port", "H-03", nowhere, 0},
	TransportShort:    {"transport-short", "transport header is cut or contradicts its length", "E-14", nowhere, 0},
	TransportChecksum: {"transport-checksum", "transport checksum does not hold", "E-14", nowhere, 0},
	EndpointFull:      {"endpoint-full", "upper layer's queue is full", "E-14", ipStats, InDiscards},

	ICMPShort:          {"icmp-short", "ICMP message shorter than its type requires", "E-16", icmpIn, 0},
	ICMPChecksum:       {"icmp-checksum", "ICMP checksum does not hold", "E-16", icmpIn, 0},
	ICMPUnknownType:    {"icmp-unknown-type", "unknown ICMP type", "E-13", nowhere, 0},
	ICMPUnknownCode:    {"icmp-unknown-code", "unknown ICMP code", "E-13", nowhere, 0},
	ICMPNotServed:      {"icmp-not-served", "ICMP type that this node does not serve", "E-13", nowhere, 0},
	ICMPUnclaimed:      {"icmp-unclaimed", "ICMP reply that nobody waits for", "E-14", nowhere, 0},
	EchoOff:            {"echo-off", "echo is off", "H-01", nowhere, 0},
	EchoBroadcast:      {"echo-broadcast", "echo request to broadcast or multicast", "H-02", nowhere, 0},
	TimestampOff:       {"timestamp-off", "timestamp is off", "H-12", nowhere, 0},
	TimestampBroadcast: {"timestamp-broadcast", "timestamp request to broadcast or multicast", "H-02", nowhere, 0},
	MaskOff:            {"mask-off", "address mask is off", "H-13", nowhere, 0},
	InformationOff:     {"information-off", "information is off", "H-14", nowhere, 0},
	ProbeOff:           {"probe-off", "extended echo is off", "H-18", nowhere, 0},
	ProbeRefused:       {"probe-refused", "extended echo that policy refuses", "H-18", nowhere, 0},
	RouterDiscoveryOff: {"router-discovery-off", "router discovery is off", "G-09", nowhere, 0},

	QuoteUnreadable:      {"quote-unreadable", "quoted header cannot be read", "H-04", icmpIn, 0},
	QuoteForeign:         {"quote-foreign", "quoted datagram was not sent from here", "H-05", nowhere, 0},
	QuoteUnknownProtocol: {"quote-unknown-protocol", "quoted protocol is nobody's here", "H-04", nowhere, 0},
	QuoteUnrecognised:    {"quote-unrecognised", "quoted datagram is not recognised", "H-05", nowhere, 0},
	PTBUnrecognised:      {"ptb-unrecognised", "packet too big about a datagram that is not recognised", "H-16", nowhere, 0},
	PTBNotLower:          {"ptb-not-lower", "packet too big that would not lower the path MTU", "H-15", nowhere, 0},
	PTBTooLow:            {"ptb-too-low", "packet too big below the protocol's minimum", "H-15", nowhere, 0},
	SourceQuenchIgnored:  {"source-quench-ignored", "source quench is ignored", "H-09", nowhere, 0},
	RedirectIgnored:      {"redirect-ignored", "redirects are ignored", "H-07", nowhere, 0},
	RedirectToGateway:    {"redirect-to-gateway", "redirect to a gateway", "H-07", nowhere, 0},
	RedirectNotFirstHop:  {"redirect-not-first-hop", "redirect not from the first-hop gateway", "H-07", nowhere, 0},
	RedirectOffLink:      {"redirect-off-link", "redirect to a gateway on no connected network", "H-07", nowhere, 0},
	RedirectOwnAddress:   {"redirect-own-address", "redirect that names this node", "H-07", nowhere, 0},
	RedirectNotUnicast:   {"redirect-not-unicast", "redirect that names no one host", "H-07", nowhere, 0},
	RedirectQuote:        {"redirect-quote", "redirect about a datagram that was not sent from here", "H-07", nowhere, 0},

	ErrorAboutError:         {"error-about-error", "no error about an error", "E-01", nowhere, 0},
	ErrorAboutBroadcast:     {"error-about-broadcast", "no error about a broadcast or multicast", "E-02", nowhere, 0},
	ErrorAboutLinkBroadcast: {"error-about-link-broadcast", "no error about a link-layer broadcast", "E-03", nowhere, 0},
	ErrorAboutFragment:      {"error-about-fragment", "no error about a later fragment", "E-04", nowhere, 0},
	ErrorAboutSource:        {"error-about-source", "no error to a source that is not one host", "E-05", nowhere, 0},
	ErrorAboutHeader:        {"error-about-header", "no error about a header that does not hold", "E-06", nowhere, 0},
	ErrorOff:                {"error-off", "this node does not send this error", "G-04", nowhere, 0},
	ErrorNoSource:           {"error-no-source", "no address to send the error from", "E-10", icmpOut, 0},
	RateDestination:         {"rate-destination", "over the rate limit of the destination", "E-12", icmpOut, 0},
	RateGlobal:              {"rate-global", "over the global rate limit", "E-12", icmpOut, 0},
	RateEcho:                {"rate-echo", "over the rate limit of echo replies", "E-12", icmpOut, 0},

	NATUnmatched:      {"nat-unmatched", "no translation for it", "G-13", ipStats, InDiscards},
	NATFull:           {"nat-full", "translation table is full", "G-13", ipStats, InDiscards},
	NATUntranslatable: {"nat-untranslatable", "cannot be translated", "G-13", ipStats, InDiscards},
}
