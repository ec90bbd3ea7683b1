// Package bench measures this codec beside its peers, in one process, with the
// same octets and the same work: golang.org/x/net/icmp, gopacket, and the
// header and checksum packages of gVisor.
//
// A [Contest] is one piece of work, done by several contestants, of which the
// first ones are ours. [Measure] interleaves them, A B C C B A, so that a slow
// moment of the machine meets all of them; what is told is the median over the
// rounds of ours / peer. Times of different runs are never compared.
//
// That all of them find the same values and build the same octets is tested:
// each contestant tells, by its Result, what it found.
package bench

// A Contestant does a piece of work in the way of one library.
type Contestant struct {
	Name string
	// Run does the work n times. What it finds stays in variables that the
	// compiler cannot drop, in the form that the library gives it.
	Run func(n int)
	// Result returns what the last time found, in the form of all: [Echo],
	// [Unreachable], [TimeExceeded], or the octets that were built.
	Result func() any
}

// A Pair is one comparison of a contest: the names of two contestants.
type Pair struct {
	Ours, Peer string
	// Verified says who verifies the checksum: "both", "neither", "ours"; empty
	// where there is nothing to verify.
	Verified string
}

// A Contest is one piece of work.
type Contest struct {
	Name        string
	Octets      int // of the message
	Contestants []Contestant
	Pairs       []Pair
}

// Names of contestants.
const (
	Sonde           = "sonde"
	SondeUnverified = "sonde, not verified"
	GVisor          = "gVisor view"
	GVisorVerified  = "gVisor view + verification"
	XNet            = "x/net"
	NewPacket       = "gopacket NewPacket"
	Parser          = "gopacket DecodingLayerParser"
	ParserVerified  = "gopacket DecodingLayerParser + VerifyChecksum"
	Serialize       = "gopacket SerializeLayers"
	SerializeReused = "gopacket SerializeLayers, buffer reused"
	GVisorSum       = "gVisor checksum"
	Plain           = "plain read"
)

// Contests returns all contests.
func Contests() []Contest {
	return []Contest{
		parseEcho(56), parseEcho(1400),
		buildEcho(56), buildEcho(1400),
		parseUnreachable(28), parseUnreachable(548), buildUnreachable(),
		parseTimeExceeded(), buildTimeExceeded(),
		sum(64), sum(1500), sum(65535),
	}
}

// parsePairs are the comparisons of a contest in which some verify.
var parsePairs = []Pair{
	{Sonde, GVisorVerified, "both"},
	{Sonde, ParserVerified, "both"},
	{Sonde, XNet, "ours"},
	{SondeUnverified, XNet, "neither"},
	{Sonde, Parser, "ours"},
	{SondeUnverified, Parser, "neither"},
	{SondeUnverified, NewPacket, "neither"},
	{SondeUnverified, GVisor, "neither"},
}

// buildPairs are the comparisons of a contest in which all fill in the checksum.
var buildPairs = []Pair{
	{Sonde, GVisor, ""},
	{Sonde, XNet, ""},
	{Sonde, SerializeReused, ""},
	{Sonde, Serialize, ""},
}
