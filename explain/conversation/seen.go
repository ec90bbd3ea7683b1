package conversation

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/quote"
)

// Datagram is what was captured of one.
type Datagram struct {
	Time   time.Time
	Number int // of the packet in the capture, from 1
	// Octets are those of the IP datagram, padding of the link behind it
	// allowed. They are read, not kept.
	Octets []byte
	// Length is how many octets there were before the capture cut them; 0: as
	// many as there are.
	Length int
	Link   int // the interface that it was captured on
	// SrcMAC and DstMAC are the link's addresses; HasMAC says that it has some.
	SrcMAC, DstMAC [6]byte
	HasMAC         bool
	Group          bool // it was sent to all or a group on the link
	// Whole says that this was put together from fragments, which were given
	// before. Number and Time are those of the last.
	Whole bool
}

// Fault is what is wrong with a datagram: a set.
type Fault uint8

// The faults.
const (
	HeaderChecksum Fault = 1 << iota // of the IPv4 header
	Checksum                         // of the ICMP message
	Length                           // the header announces more than was sent, or less than itself
	Short                            // the ICMP message is less than eight octets
	Cut                              // the capture has cut it: nobody's fault
	NotIP                            // neither IPv4 nor IPv6
)

var faults = [...]string{"header checksum", "checksum", "length", "short", "cut", "not IP"}

// Names calls f for each fault of the set.
func (f Fault) Names(yield func(string) bool) {
	for i, n := range faults {
		if f&(1<<i) != 0 && !yield(n) {
			return
		}
	}
}

// Ref is a datagram of the capture. The zero Ref is none.
type Ref struct {
	Number int
	Time   time.Time
}

// Known reports whether there is one.
func (r Ref) Known() bool { return r.Number != 0 }

// Relation is how a reply belongs to a request, or a message to what was before.
type Relation uint8

// The relations.
const (
	Unrelated   Relation = iota
	Answers              // the first reply to a request
	AnswersToo           // a further reply to a request that several were asked: by broadcast
	Duplicate            // a further reply to a request that one was asked
	Unsolicited          // a reply, and the request was not seen
	Repeated             // a request that was seen before, and is not answered yet
	Caused               // an error, and the datagram was seen
	Quotes               // an error, and the conversation is known, but not the datagram
	Orphan               // an error, and nothing of what it quotes was seen
	SeenBefore           // the same datagram, at another place of its way
	numRelations
)

var relations = [numRelations]string{"", "answers", "answers too", "duplicate", "unsolicited", "repeated", "caused", "quotes", "orphan", "seen before"}

// String returns the name of the relation.
func (r Relation) String() string {
	if r >= numRelations {
		return "unknown"
	}
	return relations[r]
}

// MarshalText implements [encoding.TextMarshaler].
func (r Relation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Seen is a datagram and how it belongs to those before. It is valid until the
// next one is received; slices alias the octets of the datagram.
type Seen struct {
	Datagram
	// Header is the IP header and what there is of the upper layer's. Its
	// addresses are zero when Fault has NotIP.
	Header quote.Quote
	Fault  Fault
	// SrcAddr and DstAddr are the addresses of Header as words, for tables.
	SrcAddr, DstAddr table.Addr
	TotalLen         int  // of the datagram as it was sent, in octets
	Fragment         bool // a part; nothing behind the header was read

	ICMP       bool // it carries an ICMP message, of which Type and Code are there
	Type, Code uint8
	ID, Seq    uint16 // of the messages that have one
	Class      Class
	Role       Role
	Message    []byte     // as far as it was captured
	MessageLen int        // as it was sent, in octets
	Target     netip.Addr // of neighbour discovery and IPv6 redirects
	Gateway    netip.Addr // that a redirect names
	MTU        uint32     // that a 3/4 or a packet too big tells, in octets
	HasQuote   bool
	Quote      quote.Quote // of an error

	Relation Relation
	Request  Ref           // of a reply; the cause of an error; the first sighting of what was seen before
	Took     time.Duration // since Request
	Altered  bool          // a reply whose data is not that of the request
	Asked    int           // length of the request's datagram in octets
	SentTTL  uint8         // of Request, as it was captured
	ToMany   bool          // Request asked several by broadcast or multicast
	AskedAt  netip.Addr    // the address that Request was sent to
	// Hops is by how much the time to live has sunk since the first sighting;
	// SameLink tells that this was on the same interface.
	Hops     int
	SameLink bool

	// Flow is what the datagram is part of, or, in an error, what the quote is
	// part of; nil: unknown. FlowKey is its key. From is who of the two sent the
	// datagram, or what is quoted: 0 is the one who began.
	Flow    *Flow
	FlowKey table.Key
	From    int
	// NewFlow says that Flow begins with this datagram.
	NewFlow bool

	DataLen    int  // of a TCP segment
	Retransmit bool // TCP: all of its data was sent before
}

// IsError reports whether s is an ICMP error with a quote.
func (s *Seen) IsError() bool { return s.ICMP && s.Role == Error && s.HasQuote }
